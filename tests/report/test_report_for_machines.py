"""JUnit and workflow commands: counts that add up, and quotations that stay quotations."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import made_reports as made
import pytest

from probatum.report import render


def suites(report):
    return ET.fromstring(render(report, "junit").encode())  # noqa: S314 - our own document


def cases(report):
    return list(suites(report).iter("testcase"))


def test_there_is_one_test_case_per_outcome_hidden_finding_and_defect() -> None:
    report = made.everything()

    found = [case[0].tag if len(case) else "passed" for case in cases(report)]

    assert found.count("failure") == len(report.findings)
    assert found.count("skipped") == len(report.undecided) + len(report.hidden)
    assert found.count("error") == len(report.defects)
    assert found.count("passed") == len(report.cleared)


def test_the_counts_of_suites_add_up() -> None:
    top = suites(made.everything())

    for name in ("tests", "failures", "errors", "skipped"):
        assert int(top.get(name)) == sum(int(suite.get(name)) for suite in top)
    assert int(top.get("tests")) == len(list(top.iter("testcase")))


def test_a_suite_without_cases_shows_that_its_rule_was_asked() -> None:
    names = {suite.get("name") for suite in suites(made.make(made.cleared(1)))}

    assert names == set(made.make().rules)


def test_names_of_test_cases_are_unique_so_that_dashboards_keep_them_apart() -> None:
    names = [(case.get("classname"), case.get("name")) for case in cases(made.typical())]

    assert len(set(names)) == len(names)


def test_hostile_names_leave_the_document_well_formed() -> None:
    assert len(cases(made.hostile())) == 3 * len(made.HOSTILE) + 2


def test_an_annotation_names_place_title_and_message() -> None:
    [line, summary] = render(made.make(made.deputy()), "github").splitlines()

    assert line.startswith(
        "::warning file=policies/roles/booth-notifier.json,line=6,endLine=6,col=7,endColumn=52,title=access/confused-deputy::a service may"
    )
    assert summary == "probatum: 1 finding, 0 cleared"


def test_the_worst_annotations_come_first() -> None:
    commands = [line.split(" ")[0] for line in render(made.everything(), "github").splitlines()[:-1]]

    assert commands == ["::error"] * 5 + ["::warning", "::notice"] + ["::warning"] * 11


def test_columns_are_left_out_of_a_region_over_several_lines() -> None:
    [line, _] = render(made.make(made.public()), "github").splitlines()

    assert "endColumn" not in line


@pytest.mark.parametrize("text", made.HOSTILE)
def test_a_hostile_name_makes_no_second_command(text) -> None:
    report = made.hostile()

    lines = render(report, "github").split("\n")[:-1]

    assert len(lines) == len(report.findings) + len(report.undecided) + len(report.defects) + 1
    for line in lines[:-1]:
        properties = line.split("::")[1].partition(" ")[2]
        assert {p.partition("=")[0] for p in properties.split(",")} <= {"file", "line", "endLine", "col", "endColumn", "title"}, (
            text
        )
