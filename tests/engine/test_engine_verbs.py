"""Re-checking, repairing, what has changed, which rules there are, what the machine has."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from probatum.engine import CheckOptions, built_in_rules, check, doctor, list_rules, recheck, repair, systems
from probatum.errors import ConfigurationError, EvidenceError, UsageError

from test_engine_triage import entry, git  # isort: skip


def stored(base, **options):
    return json.loads(json.dumps(check(base, CheckOptions(**options)).to_json()))


# --- recheck ----------------------------------------------------------------------


def test_a_report_is_confirmed_hidden_findings_included(project):
    base = project(a_txt="bad ugly", b_txt="good", suppressions_toml=entry())

    again = recheck(stored(base, today=date(2026, 3, 1)), base)

    assert len(again.confirmed) == 4
    assert again.exit_status == 0


def test_findings_about_suppressions_are_confirmed_as_well(project):
    base = project(a_txt="bad", suppressions_toml=entry() + entry(subject='"z*"'))

    for today, rule in ((date(2026, 3, 1), "unused"), (date(2026, 5, 1), "expired")):
        report = stored(base, today=today)
        assert any(rule in o["rule"] for o in report["outcomes"])
        assert recheck(report, base).exit_status == 0
    unused = next(o for o in stored(base, today=date(2026, 3, 1))["outcomes"] if "unused" in o["rule"])
    report["outcomes"].append(json.loads(json.dumps(unused).replace("words/bad-word on z*", "words/bad-word on a*")))
    assert recheck(report, base).exit_status == 4


def altered(report, number, **changes):
    report["outcomes"][number]["evidence"] |= changes
    return report


def test_altered_evidence_is_refuted(project):
    base = project(a_txt="bad", b_txt="good")
    report = altered(stored(base), 1, given={"word": "worse"})

    again = recheck(report, base)

    assert [(o.rule, r.reason) for o, r in again.refuted] == [("words/bad-word", "`worse` is not there")]
    assert again.exit_status == 4


def test_a_claim_of_absence_is_checked_too(project):
    base = project(a_txt="bad", b_txt="good")
    report = altered(stored(base), 2, certificate={"word": "good"})

    assert [r.reason for _, r in recheck(report, base).refuted] == ["`good` is there"]


def test_what_has_changed_cannot_be_confirmed_or_refuted(project):
    base = project(a_txt="bad", b_txt="good", c_txt="good", probatum_toml="")
    report = stored(base)

    (base / "a.txt").write_text("good")
    (base / "b.txt").unlink()
    (base / "probatum.toml").write_text("[check]\nexclude = ['c.txt']\n")
    again = recheck(report, base)

    assert {r.reason for _, r in again.cannot} == {
        "`a.txt` has changed since the report was made",
        "`b.txt` is not there any more",
        "`c.txt` is not checked any more",
    }
    assert again.exit_status == 3
    assert "`probatum.toml` has changed since the report was made" in again.notes


@pytest.mark.parametrize(
    "report",
    [
        [],
        {},
        {"schema": "probatum-report/1"},
        {"schema": "probatum-report/1", "outcomes": [{"kind": "finding"}], "hidden": [], "inputs": {}},
        {"schema": "probatum-report/1", "outcomes": [], "hidden": [], "inputs": {"a": 1}},
        {"schema": "probatum-report/1", "outcomes": ["x"], "hidden": [], "inputs": {}},
    ],
)
def test_what_is_no_report_is_refused(project, report):
    with pytest.raises(EvidenceError):
        recheck(report, project(a_txt="good"))


def test_a_report_about_other_files_opens_none_of_them(project, tmp_path):
    (tmp_path / "secret.txt").write_text("bad")
    base = project(a_txt="bad")
    report = json.loads(json.dumps(stored(base)).replace("a.txt", "../secret.txt"))

    assert {r.reason for _, r in recheck(report, base).cannot} == {"`../secret.txt` is not checked any more"}


# --- repair -----------------------------------------------------------------------


def test_a_repair_is_tried_and_the_ones_that_do_not_do_are_passed_over(project):
    base = project(a_txt="so bad", b_txt="ugly")

    report = repair(base, None, ["1"], write=False)

    [finding] = report.repaired
    # `bad` would leave it as it is, `ugly` would please one rule and displease another, `lies` comes with a false proof.
    assert finding.repair.title == "write `good`"
    assert finding.repair.verified is not None
    assert report.diffs == {
        "a.txt": "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-so bad\n\\ No newline at end of file\n+so good\n\\ No newline at end of file\n"
    }
    assert (base / "a.txt").read_text() == "so bad"


def test_repairs_are_written_in_the_encoding_of_the_file(project):
    base = project()
    (base / "a.txt").write_bytes("\ufeffä bad\r\nbad ugly\r\n".encode("utf-16-be"))

    report = repair(base, None, [], write=True)

    assert (len(report.repaired), report.failed, report.written) == (3, (), True)
    assert (base / "a.txt").read_bytes() == "\ufeffä good\r\ngood good\r\n".encode("utf-16-be")
    assert check(base).exit_status == 0


def test_findings_are_named_by_the_beginning_of_their_fingerprints(project):
    base = project(a_txt="bad", b_txt="bad")
    second = check(base).findings[1]

    assert list(repair(base, None, [second.fingerprint[:10]], write=False).diffs) == ["b.txt"]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("3", "there is no finding number 3: there are 2"),
        ("0", "no finding number 0"),
        ("xyz", "no findings have"),
        ("", "2 findings have"),
    ],
)
def test_a_finding_that_is_not_there_cannot_be_repaired(project, wanted, message):
    with pytest.raises(UsageError, match=message):
        repair(project(a_txt="bad", b_txt="bad"), None, [wanted], write=False)


def test_what_cannot_be_repaired_says_why(project):
    base = project(a_txt="good", suppressions_toml=entry(created="2026-11-01", until="2027-01-01"))

    report = repair(base, CheckOptions(today=date(2026, 12, 1)), [], write=True)

    [(finding, why)] = report.failed
    assert finding.rule == "probatum/unused-suppression"
    assert "suppress prune" in why
    assert (report.exit_status, report.written) == (1, False)


# --- what has changed ---------------------------------------------------------------


def test_only_files_that_differ_from_a_revision_are_checked(project):
    base = project(same_txt="bad", edited_txt="good", d__staged_txt="good", gone_txt="bad", **{"with space_txt": "good"})
    git(base, "init", "-q")
    git(base, "add", ".")
    git(base, "commit", "-qm", "x")

    (base / "edited.txt").write_text("bad")
    (base / "untracked.txt").write_text("bad")
    (base / "with space.txt").write_text("bad")
    (base / "gone.txt").unlink()
    (base / "d" / "staged.txt").write_text("bad")
    git(base, "add", "d")
    report = check(base, CheckOptions(changed_since="HEAD"))

    assert [f.location.path for f in report.findings] == ["d/staged.txt", "edited.txt", "untracked.txt", "with space.txt"]
    assert report.notes == ("1 file has not changed since `HEAD`, and no outcome here",)
    part = check(base / "d", CheckOptions(changed_since="HEAD"))
    assert [f.location.path for f in part.findings] == ["staged.txt"]


def test_no_change_is_nothing_checked(project):
    base = project(a_txt="bad")
    git(base, "init", "-q")
    git(base, "add", ".")
    git(base, "commit", "-qm", "x")

    report = check(base, CheckOptions(changed_since="HEAD"))

    assert report.exit_status == 3
    assert report.undecided[0].reason == "nothing that is checked has changed since `HEAD`, so nothing was checked"


@pytest.mark.parametrize("revision", ["nowhere", "--output=canary", "HEAD..HEAD"])
def test_a_revision_that_does_not_exist_is_a_usage_error(project, revision):
    base = project(a_txt="bad")
    git(base, "init", "-q")

    with pytest.raises(UsageError, match="git knows no revision"):
        check(base, CheckOptions(changed_since=revision))
    assert not (base / "canary").exists()


def test_an_older_revision_is_an_input(project, seen):
    base = project(a_git_txt="ugly", b_git_txt="good")
    git(base, "init", "-q")
    git(base, "add", "a.git.txt")
    git(base, "commit", "-qm", "x")
    (base / "b.git.txt").write_text("ugly")

    report = check(base)

    # It was ugly before: that is how this rule forgives. The other file did not exist then.
    assert [f.location.path for f in report.findings] == ["b.git.txt"]
    assert [name for name in report.inputs if name.startswith("git:")] == ["git:HEAD:a.git.txt"]
    seen()
    git(base, "add", "b.git.txt")
    git(base, "commit", "-qm", "y")
    assert check(base).findings == ()
    assert seen() == ["words/bad-word b.git.txt", "words/ugly-word b.git.txt"]


def test_a_revision_outside_a_repository_is_a_configuration_error(project):
    with pytest.raises(ConfigurationError, match="not in a git repository"):
        check(project(a_git_txt="ugly"))


# --- rules and the machine ------------------------------------------------------------


def test_rules_are_listed_without_importing_them():
    for name in [n for n in sys.modules if n.startswith("words")]:
        del sys.modules[name]

    rules = list_rules()

    assert [(r.id, r.system, r.title, r.module) for r in rules] == [
        ("words/bad-word", "words", "A text says `bad`", "bad_word"),
        ("words/ugly-word", "words", "A text says `ugly`", "ugly_word"),
    ]
    assert "## Why it matters" in rules[0].docstring
    assert not [n for n in sys.modules if n.startswith("words")]


def test_what_is_said_about_the_check_itself_is_explained_like_any_rule():
    for rule in built_in_rules():
        assert rule.id.startswith("probatum/")
        assert all(f"\n## {part}\n" in rule.docstring for part in ("What it finds", "Why it matters", "Evidence", "Not found"))


def test_versions_of_libraries_are_what_their_distributions_say():
    from importlib.metadata import version

    from probatum.engine.keys import _version

    for name in ("click", "pytest", "pytest-timeout"):
        assert _version(name) == version(name)
    assert _version("no-such-distribution") == "absent"


def test_the_table_of_systems_costs_no_heavy_import():
    program = "import sys; from probatum.engine import list_rules, CheckOptions; list_rules(); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert not {"numpy", "z3", "cvc5", "duckdb", "ray", "sqlite3", "probatum.access.rules"} & set(eval(done.stdout))  # noqa: S307 - our own output


@pytest.mark.slow
def test_the_doctor_looks_at_everything_and_changes_nothing(project):
    base = project(a_txt="bad", probatum_toml="[check]\nsede = 1\n")
    systems.register(systems.SystemEntry("odd", "words", systems.systems()[0].claim, "odd", ("no-such-distribution",)))

    probes = {p.name: p for p in doctor(base)}

    assert {"python", "git", "child processes", "memory limit", "state directory", "configuration", "duckdb", "ray"} <= set(
        probes
    )
    assert probes["child processes"].ok
    assert not probes["configuration"].ok
    assert "pip install 'probatum[odd]'" in probes["no-such-distribution"].consequence
    assert all(bool(p.consequence) != p.ok for p in probes.values())
    assert not (Path(base) / ".probatum").exists()
