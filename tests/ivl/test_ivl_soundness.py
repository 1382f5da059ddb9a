"""What must never be verified: programs made to mislead, runs that contradict a proof, and `false` where a run passes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ivl_mutants import HERE, PROGRAMS, planted, verified, violations
from ivl_random import Writer, fixed

from probatum.ivl import compile_text, verify
from probatum.ivl.options import Options
from probatum.solve.prover import Prover


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with Prover(workers=1) as opened:
        yield opened


def failing(text: str, prover: Prover) -> list[int]:
    """Return the lines of claims that are not proved."""
    result = verify(text, Options(timeout_s=10.0, error_limit=0), prover=prover)
    assert not [e for e in result.static if e.kind == "error"], result.static
    return sorted(
        {
            (o.label.related if o.label.related.line else o.label.position).line
            for b in result.bodies
            for o in b.outcomes
            if o.verdict.value != "proved"
        }
    )


CASES = {
    "labels like those of inlining": """
procedure {:inline 1} Jump() { goto Return; Return: assert false; } // wrong
procedure {:inline 1} Enter() { goto Entry; Entry: assert false; } // wrong
procedure {:inline 1} Nothing() { }
procedure P() { call Jump(); }
procedure Q() { call Enter(); }
procedure R() {
  L: call Nothing(); assert false; goto M; // wrong
  L$1: return;
  M: goto L$1;
}
procedure {:inline 1} Keep(n: int) returns (x: int) {
  var k: int;
  k := n; goto Return;
  Return: x := k; assert x > 0; // wrong
}
procedure S() { var x: int; call x := Keep(1); assert x == 1; call x := Keep(-1); }
""",
    "labels like those of entry and exit": """
procedure P() returns (x: int)
  ensures x == 0; // wrong
{
  x := 0; goto GeneratedUnifiedExit, B;
  GeneratedUnifiedExit: x := 1; return;
  B: return;
}
procedure Q() requires true; {
  goto PreconditionGeneratedEntry;
  PreconditionGeneratedEntry: assert false; return; // wrong
}
""",
    "labels like those of copied loops": """
procedure P() {
  goto a, b;
  a: goto b;
  b: goto a, c;
  a#1: assert false; return; // wrong
  c: goto a#1, b#1;
  b#1: assert false; return; // wrong
}
""",
    "a local that has the name of a global": """
var g: int;
procedure T() modifies g; ensures g == 1; { g := 1; }
procedure P() modifies g; {
  var g: int;
  g := 2;
  call T();
  assert g == 2;
  assert g == 1; // wrong
}
procedure {:inline 1} S() returns (x: int) { var g: int; g := 7; x := g; }
procedure Q() modifies g; {
  var x: int;
  g := 1;
  call x := S();
  assert x == 7 && g == 1;
  assert g == 7; // wrong
}
""",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_what_is_wrong_is_not_proved(text: str, prover: Prover) -> None:
    expected = sorted({row for row, line in enumerate(text.splitlines(), 1) if re.search(r"// wrong$", line)})

    assert failing(text, prover) == expected


TRAPS = sorted((HERE / "traps").glob("*.bpl"))


@pytest.mark.slow
@pytest.mark.parametrize("path", TRAPS, ids=lambda path: path.stem)
def test_of_many_misleading_claims_exactly_those_that_hold_are_proved(path, prover: Prover) -> None:
    text = path.read_text(encoding="utf-8")
    expected = sorted(row for row, line in enumerate(text.splitlines(), 1) if line.endswith("// wrong"))

    assert failing(text, prover) == expected


# Random programs


def known_end(seed: int, prover: Prover) -> tuple[bool, bool]:
    """Return whether what a run gave is proved, and whether something else is."""
    made = fixed(seed)
    if made is None:
        return True, False
    program, errors = compile_text(made.text, "r.bpl")
    assert program is not None, errors
    proved, _ = verified(program, prover)
    return proved["Right#1"], proved["Wrong#1"]


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_the_end_of_a_run_is_proved_and_nothing_else(seed: int, prover: Prover) -> None:
    assert known_end(seed, prover) == (True, False)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(10, 110, 20))
def test_the_ends_of_many_runs_are_proved_and_nothing_else(first: int, prover: Prover) -> None:
    answers = [known_end(seed, prover) for seed in range(first, first + 20)]

    assert not any(wrong for _, wrong in answers)
    assert sum(right for right, _ in answers) >= 16  # a quantifier may be too much for the solvers


def contradictions(seed: int, prover: Prover) -> list[str]:
    """Return the implementations of a random program that are proved although a run violates them."""
    program, errors = compile_text(Writer(seed).wild_program(), "r.bpl")
    assert program is not None, errors
    violated = violations(program, runs=20, steps=300)
    through = violations(program, runs=10, steps=300, follow_calls=True)
    if not violated and not through:
        return []
    proved, _ = verified(program, prover, Options(timeout_s=3.0))
    found = [name for name in violated if proved.get(name, False)]
    return found + (sorted(through) if through and all(proved.values()) else [])


@pytest.mark.parametrize("seed", [1, 2])
def test_no_run_contradicts_a_proof(seed: int, prover: Prover) -> None:
    assert contradictions(seed, prover) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(10, 110, 20))
def test_no_run_of_many_programs_contradicts_a_proof(first: int, prover: Prover) -> None:
    assert [seed for seed in range(first, first + 20) if contradictions(seed, prover)] == []


# `assert false`


def has_default_options(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    return "// options:" not in text and re.search(r"^// expect: (?!verified)", text, re.MULTILINE) is None


OURS = [pytest.param(p, id=f"programs-{p.stem}", marks=pytest.mark.slow) for p in PROGRAMS]
MISLEADING = [pytest.param(p, id=f"traps-{p.stem}", marks=pytest.mark.slow) for p in TRAPS]
CASE_FILES = [pytest.param(p, id=f"cases-{p.stem}") for p in sorted((HERE / "cases").glob("*.bpl")) if has_default_options(p)]
# Points that no execution reaches, in bodies that are verified.
DEAD = {
    "cases/assume_commands": 2,
    "cases/break_statements": 1,
    "traps/assumed": 11,
    "traps/attributes": 3,
    "traps/code": 2,
    "traps/inlined": 2,
}


@pytest.mark.parametrize("path", [*OURS, *MISLEADING, *CASE_FILES])
def test_false_is_proved_only_where_no_execution_comes_by(path: Path, prover: Prover) -> None:
    text = path.read_text(encoding="utf-8")
    program, _ = compile_text(text, "m.bpl")
    right, _ = verified(program, prover)

    proved = [one for one in planted(text) if right.get(one.body, False) and one.answer(prover) == "proved"]

    assert [one for one in proved if one.reached] == []
    assert len(proved) == DEAD.get(f"{path.parent.name}/{path.stem}", 0)


@pytest.mark.slow
@pytest.mark.parametrize("path", OURS)
def test_runs_reach_every_point_of_our_programs(path: Path) -> None:
    assert [one.number for one in planted(path.read_text(encoding="utf-8")) if not one.reached] == []


def test_false_is_refuted_at_every_point_of_a_program(prover: Prover) -> None:
    text = """
procedure P(n: int) returns (r: int) requires n < 4; {
  var i: int;
  i := 0;
  while (i < n) invariant i <= n || n < 0; { i := i + 1; if (i == 2) { r := 5; } else { } }
  goto a, b;
  a: assume n > 0; r := 1; return;
  b: assume n <= 0; r := 2;
  if (r == 2) { }
}
"""
    points = list(planted(text))

    assert len(points) == 17
    assert all(one.reached and one.answer(prover) == "refuted" for one in points)


def test_false_is_proved_at_points_that_no_execution_reaches(prover: Prover) -> None:
    text = "procedure P(n: int) { if (n < 0) { assume n > 0; } else if (n >= 0) { return; } else { } }"

    points = [(one.reached, one.answer(prover)) for one in planted(text)]

    assert points.count((True, "refuted")) == 3
    assert points.count((False, "proved")) == 3
    assert len(points) == 6
