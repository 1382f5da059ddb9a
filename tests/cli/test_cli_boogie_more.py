"""`probatum boogie`: proofs that are examined, kept and certified, and what is said of limits of work."""

import json
import re
from pathlib import Path

import pytest

from probatum.cli import boogie_output, main
from probatum.cli.boogie_options import Settings
from probatum.cli.boogie_output import Answer
from probatum.ivl.blocks import Claim, Label
from probatum.ivl.outcomes import BodyResult, Outcome, Verdict, Verification
from probatum.ivl.stability import Stability
from probatum.ivl.syntax.tree import Position
from probatum.solve.obligations import Decision
from probatum.solve.prover import StabilityReport

PROGRAM = """function f(int): int;
axiom (forall i: int :: {f(i)} f(i) > i);
procedure P(a: int) returns (r: int)
  ensures r > a;
{
  r := f(a);
  assert r >= a + 1;
}
"""
RENAMED = """// An edit elsewhere.
function other(bool): bool;
function g(int): int;
axiom (forall j: int :: {g(j)} g(j) > j);
procedure Q(b: bool) { assert other(b) || !other(b); }
procedure P(x: int) returns (y: int)
  ensures y > x;
{
  y := g(x);
  assert y >= x + 1;
}
"""
ENDLESS = """function f(int, int): int;
axiom (forall x, y: int :: {f(x, y)} f(x, y) == f(y + 1, x + 1) + f(x + y, y));
procedure P(a: int, b: int) { assert f(a, b) == 7; }
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str = PROGRAM) -> str:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        return name

    return write


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    status = main(["boogie", "-j", "1", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


def obligations(out: str) -> list[dict]:
    return [row for program in json.loads(out)["programs"] for body in program["procedures"] for row in body["obligations"]]


# Stability and its gate


def test_stability_closes_with_how_many_are_fragile_and_what_it_cost(write, capsys) -> None:
    status, out, _ = run(capsys, write("a.bpl"), "--stability", "2")

    closing, line = out.splitlines()[-2:]
    assert closing == "Boogie program verifier finished with 1 verified, 0 errors"
    assert re.fullmatch(
        r"    stability: 2 obligations, each under 2 seeds and in 2 variants: 0 fragile; \d+ steps, \d+\.\d s", line
    )
    assert status == 0


def test_stability_says_everything_in_json(write, capsys) -> None:
    _, out, _ = run(capsys, write("a.bpl"), "--stability", "2", "-f", "json")

    [program] = json.loads(out)["programs"]
    for row in obligations(out):
        assert row["stability"]["verdicts"] == ["unsat"] * 5
        assert len(row["stability"]["efforts"]) == 5
        assert row["stability"]["fragile"] is False
    assert {name: program["stability"][name] for name in ("variations", "obligations", "fragile", "missed")} == {
        "variations": 4,
        "obligations": 2,
        "fragile": 0,
        "missed": 0,
    }


def shaky(*, lost: bool) -> Answer:
    label = Label(Claim.ASSERT, Position("a.bpl", 7, 3))
    outcome = Outcome(Verdict.PROVED, "P", label, key="k", effort=100)
    body = BodyResult("P", Position("a.bpl", 3, 11), (outcome,), ())
    good = Decision("unsat", None, "", "z3", "first", 100, 0.1)
    other = Decision("unknown", None, "z3 gave up", "z3", "first", 300, 0.1) if lost else good
    report = StabilityReport(decisions=(good, other), effort_mean=200.0, effort_cv=0.5, seconds=0.2)
    return Answer("a.bpl", verification=Verification((), (body,)), stability=Stability(1, {"k": report}))


def test_a_fragile_proof_is_named_with_its_place_and_is_still_a_proof() -> None:
    answer = shaky(lost=True)

    lines = boogie_output.text(answer, Settings(stability=1)).splitlines()

    assert lines[2:] == [
        "    a.bpl(7,3): fragile: this assertion holds: not proved in 1 of 2 ways (z3 gave up); 200 steps on average, give or take 50%",
        "    stability: 1 obligation, each under 1 seed and in 1 variant: 1 fragile; 400 steps, 0.2 s",
    ]
    assert boogie_output.exit_status([answer]) == 0


@pytest.mark.parametrize(
    ("lost", "limit", "closed"), [(True, 10**9, True), (False, 200, False), (False, 199, True), (True, None, False)]
)
def test_the_gate_closes_for_what_is_fragile_or_too_dear(lost: bool, limit: int | None, closed: bool) -> None:
    from probatum.cli import boogie_proofs

    assert boogie_proofs.gate([shaky(lost=lost)], Settings(max_cost=limit)) is closed


def test_a_proof_that_is_too_dear_ends_with_status_one(write, capsys) -> None:
    dear, out, _ = run(capsys, write("a.bpl"), "--max-cost", "1")
    cheap, _, _ = run(capsys, "a.bpl", "--max-cost", "100000000")

    assert (dear, cheap) == (1, 0)
    assert re.search(r"^    a\.bpl\(7,3\): too dear: this assertion holds: \d+ steps, more than 1$", out, re.MULTILINE)


# Cache


def test_decisions_are_kept_between_runs(write, capsys) -> None:
    _, first, _ = run(capsys, write("a.bpl"), "--cache", "kept", "-f", "json")
    _, second, _ = run(capsys, "a.bpl", "--cache", "kept", "-f", "json")

    assert [row["cached"] for row in obligations(first)] == [False, False]
    assert [row["cached"] for row in obligations(second)] == [True, True]
    assert [row["effort"] for row in obligations(first)] == [row["effort"] for row in obligations(second)]


def test_other_names_and_an_edit_elsewhere_find_what_was_kept(write, capsys) -> None:
    run(capsys, write("a.bpl"), "--cache", "kept")

    _, out, _ = run(capsys, write("b.bpl", RENAMED), "--cache", "kept", "-f", "json")

    [program] = json.loads(out)["programs"]
    cached = {body["name"]: [row["cached"] for row in body["obligations"]] for body in program["procedures"]}
    assert cached["P"] == [True, True]


def test_a_different_claim_is_not_found_in_the_cache(write, capsys) -> None:
    run(capsys, write("a.bpl"), "--cache", "kept")

    status, out, _ = run(capsys, write("b.bpl", PROGRAM.replace("a + 1", "a + 2")), "--cache", "kept", "-f", "json")

    assert [row["cached"] for row in obligations(out) if row["line"] == 7] == [False]
    assert status != 0


def test_a_cache_that_cannot_be_made_is_one_line(write, capsys) -> None:
    write("file", "")

    status, out, err = run(capsys, write("a.bpl"), "--cache", "file")

    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert "`file`" in err


# Certificates


@pytest.fixture
def certified(write, capsys):
    """A report with certificates, and what was said."""
    status, out, _ = run(capsys, write("a.bpl"), "--certify", "out.json")
    return status, out, Path("out.json")


def recheck(capsys, *arguments: str) -> tuple[int, str]:
    status = main(["recheck", *arguments])
    return status, capsys.readouterr().out


@pytest.mark.slow
def test_a_certified_run_is_confirmed(certified, capsys) -> None:
    status, out, path = certified

    assert status == 0
    assert out.splitlines()[-2:] == [
        "    certificates for 2 of 2 proved obligations",
        "    to check them again: probatum recheck out.json",
    ]
    report = json.loads(path.read_text())
    assert [o["evidence"]["method"] for o in report["outcomes"]] == ["solve/ground/1"] * 2
    assert recheck(capsys, str(path)) == (
        0,
        "note: 1 file written by probatum was not checked\n2 confirmed, 0 refuted, 0 could not be told\n",
    )


def leaves(value, path=()):
    """Yield the way to every number, text and truth value."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    elif value is not None:
        yield path


def altered(value):
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else value[:-1] + ("1" if value[-1:] != "1" else "2")


@pytest.mark.slow
def test_a_certificate_altered_in_one_place_is_rejected(certified, capsys) -> None:
    _, _, path = certified
    original = path.read_text()
    ways = list(leaves(json.loads(original)["outcomes"][0]["evidence"]["certificate"]))
    assert len(ways) > 4
    for way in ways:
        report = json.loads(original)
        place = report["outcomes"][0]["evidence"]["certificate"]
        for key in way[:-1]:
            place = place[key]
        place[way[-1]] = altered(place[way[-1]])
        path.write_text(json.dumps(report))
        status, out = recheck(capsys, str(path))
        assert status == 4, (way, out)


@pytest.mark.slow
def test_a_changed_program_is_not_confirmed(certified, write, capsys) -> None:
    _, _, path = certified
    write("a.bpl", PROGRAM + "\n")

    status, out = recheck(capsys, str(path))

    assert status == 3
    assert "`a.bpl` has changed since the report was made" in out


@pytest.mark.slow
def test_only_what_is_proved_is_cleared(write, capsys) -> None:
    text = PROGRAM + "procedure Q(a: int)\n{\n  assert a + 1 > a;\n  assert a > 0;\n}\n"

    status, _, _ = run(capsys, write("a.bpl", text), write("broken.bpl", "procedure"), "--certify", "out.json")

    report = json.loads(Path("out.json").read_text())
    kinds = [(o["subject"], o["kind"], o["location"]["line"]) for o in report["outcomes"]]
    assert kinds == [
        ("P", "cleared", 4),
        ("P", "cleared", 7),
        ("Q", "cleared", 11),
        ("Q", "undecided", 12),
        ("broken.bpl", "undecided", None),
    ]
    assert status == 1
    assert recheck(capsys, "out.json")[0] == 0


@pytest.mark.slow
def test_files_elsewhere_are_named_from_the_directory_that_contains_them(write, tmp_path, capsys, monkeypatch) -> None:
    write("programs/a.bpl")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    _, out, _ = run(capsys, "../programs/a.bpl", "--certify", "out.json")

    folder = str((tmp_path / "programs").resolve())
    assert out.splitlines()[-1] == f"    to check them again: probatum recheck out.json --root {folder}"
    assert recheck(capsys, "out.json", "--root", folder)[0] == 0


def test_an_option_that_changes_what_is_asked_is_an_assumption(write, capsys) -> None:
    run(capsys, write("a.bpl"), "--certify", "out.json", "-loopUnroll:3")

    report = json.loads(Path("out.json").read_text())
    assert all("it was verified with `loop_unroll` = 3" in o["assumptions"] for o in report["outcomes"])


def test_a_report_that_cannot_be_written_ends_with_status_two(write, capsys) -> None:
    status, _, err = run(capsys, write("a.bpl"), "--certify", "nowhere/out.json")

    assert status == 2
    assert err.startswith("error: cannot write `nowhere/out.json`")


# Limits of work


def test_work_that_is_used_up_is_said_as_boogie_says_it(write, capsys) -> None:
    status, out, _ = run(capsys, write("a.bpl", ENDLESS), "-rlimit:10000")

    assert out.splitlines() == [
        "a.bpl(3,11): Verification out of resource (P)",
        "    neither proved nor refuted: z3 did not decide within its limit",
        "",
        "Boogie program verifier finished with 0 verified, 0 errors, 1 out of resource",
    ]
    assert status == 3


def test_work_that_is_used_up_has_its_own_count_in_json(write, capsys) -> None:
    _, out, _ = run(capsys, write("a.bpl", ENDLESS), "-rlimit:10000", "-f", "json")

    [program] = json.loads(out)["programs"]
    assert (program["out_of_resource"], program["time_outs"]) == (1, 0)
    [row] = obligations(out)
    assert row["out_of_resource"] is True
    assert "timed_out" not in row
