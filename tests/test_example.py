"""The example organisation shows what its readme says: these findings, proofs of all else, and nothing undecided."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from probatum.engine import check, recheck, repair
from probatum.engine.options import CheckOptions
from probatum.findings import Report, Strength
from probatum.report import render

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "fulfilment"
README = EXAMPLE / "README.md"
GOLDEN = Path(__file__).resolve().parent / "golden" / "fulfilment.txt"
ACCEPT = "PROBATUM_ACCEPT" in os.environ

# While its suppressions hold; the demonstration uses the day it is run on.
OPTIONS = CheckOptions(today=date(2026, 11, 21), use_cache=False, jobs=2)

_said = re.compile(
    r"^((?:access|code|dialogue|fairness|inspection)/[a-z0-9-]+)  ((?:access|assistance|assistant|booth|packets|shop)/\S+)\n  (.+)$",
    re.MULTILINE,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, because a check remembers what it did beside what it checked."""
    copy = tmp_path_factory.mktemp("example") / "fulfilment"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns(".probatum"))
    return copy


@pytest.fixture(scope="module")
def report(place: Path) -> Report:
    return check(place, OPTIONS)


def test_the_readme_tells_every_finding_and_no_other(report: Report) -> None:
    found = {(f.rule, f.location.path): f.message for f in report.findings}
    if ACCEPT:
        renewed = _said.sub(lambda m: f"{m[1]}  {m[2]}\n  {found.get((m[1], m[2]), m[3])}", README.read_text(encoding="utf-8"))
        README.write_text(renewed, encoding="utf-8")

    said = _said.findall(README.read_text(encoding="utf-8"))

    assert sorted(said) == sorted((rule, path, message) for (rule, path), message in found.items())
    assert len(report.findings) == len(found)
    assert report.exit_status == 1


def test_all_else_is_proved_or_established_as_far_as_data_can(report: Report) -> None:
    assert report.undecided == ()
    assert report.defects == ()
    proved = [o.strength for o in report.cleared if not o.rule.startswith(("dialogue/stage-fails", "fairness/", "inspection/"))]
    assert set(proved) == {Strength.PROVED}
    assert {o.strength for o in report.cleared if o.rule == "dialogue/stage-fails"} == {Strength.STATISTICAL}
    assert {o.strength for o in report.cleared if o.rule == "fairness/group-gap"} == {Strength.STATISTICAL}


def test_every_file_was_judged(report: Report) -> None:
    judged = {outcome.location.path for outcome in report.outcomes} | {h.outcome.location.path for h in report.hidden}

    files = [
        *(EXAMPLE / "access").rglob("*.json"),
        *(EXAMPLE / "packets").rglob("*.bpl"),
        *(EXAMPLE / "shop").rglob("*.py"),
        EXAMPLE / "assistance/transport.fairness.yaml",
        EXAMPLE / "assistant/break-rooms.dialogue.yaml",
        EXAMPLE / "booth/inspection.yaml",
    ]
    assert judged == {p.relative_to(EXAMPLE).as_posix() for p in files}


def test_every_rule_about_access_has_something_to_show(report: Report) -> None:
    assert {f.rule for f in report.findings} >= {rule for rule in report.rules if rule.startswith("access/")}


def test_the_function_that_is_wrong_is_repaired_with_a_proof(place: Path) -> None:
    report = repair(place, replace(OPTIONS, select=("code/function",)), (), write=False)

    [mended] = report.repaired
    assert report.failed == ()
    assert mended.repair is not None
    assert mended.repair.title.startswith("line 21: `WINDOW` instead of `WINDOW - 1`; then ")
    assert list(report.diffs) == ["shop/returns.py"]


def test_functions_of_the_shop_are_proved(report: Report) -> None:
    proved = {o.subject for o in report.cleared if o.rule == "code/function"}

    assert {s.rpartition(".")[2] for s in proved} == {
        "weight", "boxes", "next_box", "heaviest", "discounted", "shares", "postage", "last_day", "refund",
    }  # fmt: skip  # as they stand in the files


def test_what_is_hidden_is_what_the_readme_says(report: Report) -> None:
    assert sorted((h.by, h.outcome.rule, h.outcome.location.path) for h in report.hidden) == [
        ("baseline", "access/outside-access", "access/trust/label-printing.json"),
        ("suppression", "access/outside-access", "access/buckets/web-assets.json"),
        ("suppression", "access/public-access", "access/buckets/web-assets.json"),
    ]


def test_the_report_for_a_terminal_is_the_one_that_was_read_and_accepted(report: Report) -> None:
    shown = render(report, "text")
    if ACCEPT:
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(shown, encoding="utf-8")

    assert shown == GOLDEN.read_text(encoding="utf-8")


def test_the_readme_of_the_repository_shows_a_part_of_it(report: Report) -> None:
    """Each paragraph between the command and the end is one of the report, whole."""
    page = ROOT / "README.md"
    real = {p.split("\n", 1)[0]: p for p in render(report, "text", named="examples/fulfilment").rstrip("\n").split("\n\n")}
    total = list(real)[-1]

    def renewed(found: re.Match[str]) -> str:
        heads = [p.split("\n", 1)[0] for p in found["shown"].split("\n\n")]
        return found["command"] + "\n\n".join([*(real.get(head, head) for head in heads[:-1]), total]) + "\n```"

    before = page.read_text(encoding="utf-8")
    after, count = re.subn(
        r"(?P<command>^```console\n\$ python3 dev\.py demo\n)(?P<shown>.*?)\n```", renewed, before, flags=re.DOTALL | re.MULTILINE
    )
    if ACCEPT:
        page.write_text(after, encoding="utf-8")

    assert count == 1
    assert page.read_text(encoding="utf-8") == after


@pytest.mark.slow  # a hundred pieces of evidence, one by one
def test_an_auditor_confirms_all_of_it(report: Report, place: Path) -> None:
    """Findings and proofs, from the report and the files alone; what was only tested left nothing to confirm, and that is said."""
    answer = recheck(report.to_json(), place, OPTIONS)

    tested = [o for o in report.cleared if o.strength is Strength.TESTED]
    assert (answer.exit_status, len(answer.refuted), len(answer.cannot)) == (3, 0, len(tested))
    looked = {"capture-unusable", "damaged-unit", "gallery-contaminated", "gallery-stale", "set-incomplete", "wrong-product"}
    said = {"fairness/leakage", "fairness/outcome-decided-by-preparation", *(f"inspection/{name}" for name in looked)}
    assert {o.rule for o in tested} == said
    assert len(answer.confirmed) >= len(report.findings) + len(report.cleared) - len(tested)
