"""SARIF: what the schema demands, and what its readers rely on."""

from __future__ import annotations

import json
from pathlib import Path

import made_reports as made
import pytest
from jsonschema import Draft7Validator

from probatum.findings import Report
from probatum.report import render, sarif


def log(report, **look):
    return json.loads(render(report, "sarif", **look))


def results(report, **look):
    return [result for run in log(report, **look)["runs"] for result in run["results"]]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["typical", "everything", "hostile", "nothing"])
def test_the_published_schema_accepts_it(name, published, tmp_path: Path) -> None:
    schema = json.loads(published("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json").read_text())
    report = Report(outcomes=()) if name == "nothing" else getattr(made, name)()

    errors = list(Draft7Validator(schema).iter_errors(log(report, root=made.write_project(tmp_path), verbose=True, hidden=True)))

    assert not errors


def test_every_rule_is_listed_also_the_silent_ones_so_that_alerts_close() -> None:
    [run] = log(made.make(made.cleared(1)))["runs"]

    assert run["results"] == []
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == sorted(made.make().rules)


def test_a_report_of_nothing_still_has_a_run() -> None:
    assert [run["results"] for run in log(Report(outcomes=()))["runs"]] == [[]]


def test_each_system_has_one_run() -> None:
    runs = log(made.everything())["runs"]

    assert [run["automationDetails"]["id"] for run in runs] == [
        f"probatum/{system}/" for system in ("access", "dialogue", "fairness", "inspection")
    ]


def test_kinds_and_levels_say_what_an_outcome_is() -> None:
    report = made.make(made.public(), made.deputy(), made.undecided(), made.cleared(1))

    found = {(r["kind"], r["level"]) for r in results(report, verbose=True)}

    assert found == {("fail", "error"), ("fail", "warning"), ("open", "none"), ("pass", "none")}


def test_cleared_outcomes_are_left_out_unless_asked_for_because_services_alert_on_every_result() -> None:
    report = made.make(made.cleared(1))

    assert results(report) == []
    assert len(results(report, verbose=True)) == 1


def test_steps_become_a_code_flow_and_repairs_become_fixes(tmp_path: Path) -> None:
    [result] = results(made.make(made.public()), root=made.write_project(tmp_path))

    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [s["location"]["physicalLocation"]["region"]["startLine"] for s in steps] == [8, 11, 13, 7]
    [change] = result["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 8, "startColumn": 7, "endLine": 8, "endColumn": 23},
            "insertedContent": {"text": '"Principal": {"AWS": "arn:aws:iam::210987654321:root"}'},
        }
    ]


def test_without_the_file_a_fix_counts_characters() -> None:
    [result] = results(made.make(made.public()))

    [replacement] = result["fixes"][0]["artifactChanges"][0]["replacements"]
    start = made.BUCKET.index('"Principal": "*"')
    assert replacement["deletedRegion"] == {"charOffset": start, "charLength": 16}


def test_a_place_in_a_text_leaves_the_line_hash_to_the_service_and_others_bring_their_own() -> None:
    report = made.everything()

    prints = {r["ruleId"]: r["partialFingerprints"] for r in results(report)}

    assert "primaryLocationLineHash" not in prints["access/public-access"]
    assert prints["inspection/damaged-unit"]["primaryLocationLineHash"].endswith(":1")
    assert {p["probatum/v1"] for p in prints.values()} <= {
        o.fingerprint for o in (*report.outcomes, *(h.outcome for h in report.hidden))
    }


def test_hidden_findings_are_suppressed_results_with_their_reason() -> None:
    [result] = [r for r in results(made.typical()) if "suppressions" in r]

    [suppression] = result["suppressions"]
    assert suppression["kind"] == "external"
    assert suppression["justification"] == "suppression: the press kit is meant for everyone, ines, until 2027-01-31"


def test_a_defect_of_ours_makes_the_execution_unsuccessful() -> None:
    runs = log(made.everything())["runs"]

    assert [run["invocations"][0]["executionSuccessful"] for run in runs] == [False, True, True, True]


def test_a_run_holds_no_more_results_than_services_accept_and_says_what_is_left_out(monkeypatch) -> None:
    monkeypatch.setattr(sarif, "_most_results", 25)
    report = Report(outcomes=(*(made.cleared(n) for n in range(26)), made.public()))

    [run] = log(report, verbose=True)["runs"]

    assert len(run["results"]) == 25
    assert run["results"][0]["kind"] == "fail"
    assert "2 cleared outcomes are left out" in json.dumps(run["invocations"])


def test_a_quoted_name_is_no_link_and_a_path_is_an_address() -> None:
    shown = results(made.hostile())

    assert not [r for r in shown if "[click](" in r["message"]["text"].replace("\\[click\\](", "")]
    uris = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in shown]
    assert all(uri.isascii() and not set(uri) & set(' <>"\\^`{|}') for uri in uris)
