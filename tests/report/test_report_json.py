"""The JSON rendering keeps the published schema, and the schema means something."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import made_reports as made
import pytest
from jsonschema import Draft202012Validator

from probatum.engine.payload import Payload
from probatum.evidence import Proof
from probatum.findings import SCHEMA, Report, outcome_from_json
from probatum.report import render, schema

validator = Draft202012Validator(schema())

REPORTS = {
    "typical": made.typical(),
    "everything": made.everything(),
    "hostile": made.hostile(),
    "nothing": Report(outcomes=()),
}


def test_the_schema_is_a_schema_of_the_version_that_reports_name() -> None:
    Draft202012Validator.check_schema(schema())

    assert schema()["properties"]["schema"]["const"] == SCHEMA


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_keeps_the_schema(name) -> None:
    assert list(validator.iter_errors(json.loads(render(REPORTS[name], "json")))) == []


def test_every_outcome_survives_the_way_through_json() -> None:
    report = made.everything()

    stored = json.loads(render(report, "json"))

    assert tuple(outcome_from_json(o) for o in stored["outcomes"]) == report.outcomes


def changes():
    """Yield a name and a change that makes a report wrong."""
    yield "a finding without evidence", lambda r: r["outcomes"][0].update(evidence=None)
    yield "a finding without a severity", lambda r: r["outcomes"][0].update(severity=None)
    yield "a cleared outcome with a cause", lambda r: r["outcomes"][1].update(cause="x")
    yield "an undecided outcome without a reason", lambda r: r["outcomes"][-1].update(reason=None)
    yield "an unknown kind", lambda r: r["outcomes"][0].update(kind="violation")
    yield "an unknown key", lambda r: r["outcomes"][0].update(colour="red")
    yield "an unknown key at the top", lambda r: r.update(time="now")
    yield "an unknown key of a place", lambda r: r["outcomes"][0]["location"].update(x=1)
    yield "a line before the first", lambda r: r["outcomes"][0]["location"].update(line=0)
    yield "a negative count", lambda r: r["summary"].update(findings=-1)
    yield "a status of another program", lambda r: r.update(exit_status=2)
    yield "an unknown kind of evidence", lambda r: r["outcomes"][0]["evidence"].update(kind="rumour")
    yield "a hidden finding without a reason why", lambda r: r["hidden"][0].pop("hidden")
    yield "a digest that is none", lambda r: r["inputs"].update(x="sha1")
    yield "another version", lambda r: r.update(schema="probatum-report/2")


@pytest.mark.parametrize(("name", "change"), list(changes()), ids=lambda value: value if isinstance(value, str) else "")
def test_the_schema_refuses(name, change) -> None:
    # In this order: a finding, something cleared, something undecided.
    report = json.loads(
        json.dumps(made.make(made.public(), made.cleared(1), made.undecided(), hidden=made.typical().hidden).to_json())
    )
    report["outcomes"].sort(key=lambda o: ["finding", "cleared", "undecided"].index(o["kind"]))
    altered = copy.deepcopy(report)
    change(altered)

    assert validator.is_valid(report)
    assert not validator.is_valid(altered), name


def test_the_rendering_is_ascii_so_that_nothing_in_it_acts_on_a_terminal() -> None:
    shown = render(made.hostile(), "json")

    assert shown.isascii()
    assert "\x1b" not in shown


@pytest.mark.parametrize("name", REPORTS)
def test_it_is_what_the_report_says_with_one_value_a_line(name) -> None:
    shown = render(REPORTS[name], "json")

    assert json.loads(shown) == json.loads(json.dumps(REPORTS[name].to_json()))
    without_proofs = [o for o in REPORTS[name].outcomes if o.kind != "cleared"]
    report = made.make(*without_proofs)
    assert render(report, "json") == json.dumps(report.to_json(), indent=2) + "\n"


@pytest.mark.parametrize(
    "kept", ['{"smtlib":"(assert false)","n":[1,{"a":null}]}', '{"smtlib":\n "\u00e9"}', '{"smtlib": "\u2028"}']
)
def test_a_certificate_that_is_kept_as_text_is_written_on_one_line_of_ascii(kept) -> None:
    proof = Proof(method="solve/smtlib/1", claim="it holds", certificate=Payload(lambda: kept))
    report = made.make(replace(made.cleared(1), evidence=proof))

    shown = render(report, "json")

    [line] = [line for line in shown.splitlines() if '"certificate"' in line]
    assert shown.isascii()
    assert json.loads("{" + line + "}") == {"certificate": json.loads(kept)}
    assert json.loads(shown)["outcomes"][0]["evidence"]["certificate"] == json.loads(kept)
