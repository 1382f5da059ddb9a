"""What a person sees at a terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import made_reports as made
import pytest

from probatum.errors import UsageError
from probatum.evidence import Counterexample
from probatum.findings import Report, Why
from probatum.report import excerpts, render, text


def test_a_finding_says_where_what_why_how_sure_and_what_to_do() -> None:
    shown = render(made.make(made.public()), "text")

    assert shown == (
        "access/public-access  policies/reports-bucket.json:5:5\n"
        "  anyone on the internet can read `fulfilment-reports/monthly/`\n"
        "  because the statement `PartnersRead` trusts the `Referer` header, which the caller writes\n"
        "  evidence: a case that gives `allow` where `deny` is expected (replayed)   probatum explain 1\n"
        "  case: kind anonymous, action s3:GetObject, resource arn:aws:s3:::fulfilment-reports/monthly/a\n"
        "  repair: name the partner account instead of everyone   probatum repair 1\n"
        "  assuming no organisation policy stands above the account (and 2 more)\n"
        "\n"
        "1 finding, 0 cleared\n"
    )


def instructed(summary: str = "") -> Report:
    """A finding whose case instructs its checker, and has a field without a value."""
    request = {"principal": {"kind": "anonymous", "name": ""}, "action": "s3:GetObject", "resource_account": "111122223333"}
    given = {"claim": {"a": {"is": "policy"}}, "request": request, "arn_mode": "segments"}
    finding = made.public()
    case = Counterexample(method="access/request/1", given=given, observed="allowed", expected="denied", summary=summary)
    return made.make(replace(finding, evidence=case))


def test_the_line_about_a_case_says_what_happens_and_not_what_its_checker_is_told() -> None:
    assert "  case: kind anonymous, action s3:GetObject, resource account 111122223333\n" in render(instructed(), "text")


@pytest.mark.parametrize("rendering", ["text", "github", "junit", "html", "sarif", "json"])
def test_a_case_that_speaks_for_itself_is_told_in_its_own_words(rendering: str) -> None:
    shown = render(instructed("anyone uses it without asking"), rendering)

    assert "anyone uses it without asking" in shown
    assert "case: kind anonymous" not in shown


def test_an_explanation_tells_the_case_first_and_what_its_checker_is_told_last() -> None:
    [finding] = instructed("anyone uses it").findings

    shown = text.explain(finding, {})

    assert "The case\n  anyone uses it\n  principal.kind" in shown
    assert "principal.name" not in shown
    assert shown.index("resource account") < shown.index("What the checker is told besides") < shown.index("arn mode")


def test_suggested_commands_name_what_was_checked() -> None:
    shown = render(made.make(made.public()), "text", named="my shop")

    assert "probatum explain 1 --root 'my shop'\n" in shown
    assert "probatum repair 1 --root 'my shop'\n" in shown


def test_a_repair_that_was_not_verified_is_called_a_suggestion() -> None:
    assert "repair: a suggestion, not verified: require" in render(made.make(made.deputy()), "text")


def test_cleared_outcomes_are_counted_and_listed_on_request() -> None:
    report = made.make(made.cleared(1), made.cleared(2))

    assert render(report, "text") == "0 findings, 2 cleared\n"
    assert "proved: policy `2` does not give" in render(report, "text", verbose=True)


def test_undecided_outcomes_are_listed_with_their_reasons() -> None:
    shown = render(made.make(made.undecided()), "text")

    assert "access/deny-never-applies  policies/wide/1.json:3:1  time-limit\n    the answer took longer" in shown
    assert shown.endswith("0 findings, 0 cleared, 1 undecided\n")


def test_many_undecided_outcomes_are_grouped_and_none_is_lost() -> None:
    report = made.make(*(made.undecided(n) for n in range(1000)))

    assert "1,000 times time-limit; the first is policies/wide/0.json:3:1" in render(report, "text")
    assert render(report, "text", verbose=True).count("the answer took longer") == 1000


def test_a_missing_library_is_told_once_for_all_rules_that_it_stops() -> None:
    reason = "networks are run by `onnxruntime`, which is not installed: pip install 'probatum[inspection]'"
    stopped = [
        replace(made.undecided(1, Why.MISSING_EXTRA), rule=f"inspection/{name}", reason=reason)
        for name in ("damaged-unit", "wrong-product", "set-incomplete")
    ]
    other = replace(made.undecided(2, Why.MISSING_EXTRA), reason=reason)

    shown = render(made.make(*stopped, other), "text")

    assert "  inspection  policies/wide/1.json:3:1  missing-extra, for 3 rules  -v lists all\n    networks are run by" in shown
    assert "  access/deny-never-applies  policies/wide/2.json:3:1  missing-extra\n" in shown
    assert shown.count(reason) == 2
    assert shown.endswith("0 findings, 0 cleared, 4 undecided\n")
    assert render(made.make(*stopped, other), "text", verbose=True).count(reason) == 4


def test_nothing_checked_is_said() -> None:
    assert render(Report(outcomes=()), "text").endswith("nothing was checked\n")


def test_hidden_findings_are_always_counted_and_listed_with_their_reason_on_request() -> None:
    report = made.typical()

    assert "1 suppressed" in render(report, "text")
    assert "press kit" not in render(report, "text")
    assert "suppression: the press kit is meant for everyone, ines, until 2027-01-31" in render(report, "text", hidden=True)


def test_a_defect_of_ours_is_called_one() -> None:
    shown = render(made.everything(), "text")

    assert "defect of probatum  access/public-access  policies/x.json:2:3" in shown
    assert "1 defect of probatum" in shown.splitlines()[-1]


def test_quiet_leaves_the_last_line() -> None:
    assert render(made.typical(), "text", quiet=True) == "2 findings, 35 cleared, 1 undecided, 1 suppressed\n"


def test_files_that_were_written_are_named_on_the_last_line() -> None:
    assert render(made.typical(), "text", quiet=True, written=("a.json", "b.html")).endswith("   a.json, b.html written\n")


def test_colour_changes_no_word() -> None:
    report = made.everything()

    colored = render(report, "text", color=True, verbose=True, hidden=True)

    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render(report, "text", verbose=True, hidden=True)


@pytest.mark.parametrize("rendering", ["text", "github"])
def test_hostile_names_cannot_act_on_a_terminal(rendering) -> None:
    shown = render(made.hostile(), rendering, verbose=True, hidden=True)

    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]", shown)
    assert not [line for line in shown.splitlines() if line.startswith("##[")]


def test_explain_shows_the_source_the_case_the_steps_and_the_repair(tmp_path: Path) -> None:
    report = made.make(made.public())

    shown = text.explain(report.findings[0], excerpts.read(report, made.write_project(tmp_path)))

    assert '>  8 │       "Principal": "*",' in shown
    assert "context.aws:Referer          https://partners.example.com/" in shown
    assert "3. the deny does not apply: the request uses TLS  policies/reports-bucket.json:13:5" in shown
    assert '+      "Principal": {"AWS": "arn:aws:iam::210987654321:root"},' in shown
    assert "- block public access is off for the bucket" in shown
    assert report.findings[0].fingerprint in shown


def test_every_kind_of_outcome_can_be_explained() -> None:
    report = made.everything()

    shown = [text.explain(outcome, {}) for outcome in report.outcomes]

    assert all(outcome.rule in words for outcome, words in zip(report.outcomes, shown, strict=True))


def test_a_file_that_changed_since_the_check_is_not_quoted(tmp_path: Path) -> None:
    report = made.make(made.public())
    made.write_project(tmp_path)
    (tmp_path / "policies/reports-bucket.json").write_text(made.BUCKET.replace("monthly", "yearly"))

    assert excerpts.read(report, tmp_path) == {}


def test_a_file_outside_the_directory_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text(made.BUCKET)
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.json").symlink_to(tmp_path / "secret.json")
    for path in ("../secret.json", str(tmp_path / "secret.json"), "link.json"):
        own = replace(made.public(), location=replace(made.public().location, path=path))
        report = made.make(own, inputs={path: made.digest(made.BUCKET)})

        assert path not in excerpts.read(report, root)


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="`yaml` is not a format") as caught:
        render(made.typical(), "yaml")

    assert "sarif" in caught.value.help
