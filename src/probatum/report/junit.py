"""JUnit XML: one test case per outcome, for dashboards that know nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from probatum.findings import Finding, Hidden, Outcome, Report, Undecided
from probatum.report import Look
from probatum.report.quoting import plain
from probatum.report.words import evidence_in_a_line, place


def render(report: Report, _look: Look) -> str:
    """Return the report as JUnit XML: a finding fails, a defect of ours is an error, what is undecided or hidden is skipped."""
    top = ET.Element("testsuites", name="probatum")
    rules = sorted({*report.rules, *(o.rule for o in report.outcomes), *(d.rule for d in report.defects)})
    rules += sorted({h.outcome.rule for h in report.hidden} - set(rules))
    for rule in rules:
        cases = list(_cases(rule, report))
        suite = ET.SubElement(top, "testsuite", {"name": plain(rule), "tests": str(len(cases)), **_counts(cases)})
        suite.extend(cases)
    for name in ("tests", "failures", "errors", "skipped"):
        top.set(name, str(sum(int(suite.get(name, "0")) for suite in top)))
    ET.indent(top)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(top, encoding="unicode")}\n'


def _counts(cases: Iterable[ET.Element]) -> dict[str, str]:
    kinds = [child.tag for case in cases for child in case]
    return {many: str(kinds.count(one)) for many, one in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))}


def _cases(rule: str, report: Report) -> Iterator[ET.Element]:
    for outcome in report.outcomes:
        if outcome.rule == rule:
            case = _case(outcome)
            if isinstance(outcome, Finding):
                failure = ET.SubElement(case, "failure", type=outcome.severity.value, message=plain(outcome.message))
                failure.text = "\n".join(_details(outcome))
            elif isinstance(outcome, Undecided):
                ET.SubElement(case, "skipped", message=f"undecided, {outcome.why.value}: {plain(outcome.reason)}")
            yield case
    for hidden in report.hidden:
        if hidden.outcome.rule == rule:
            case = _case(hidden.outcome)
            ET.SubElement(case, "skipped", message=_why_hidden(hidden))
            yield case
    for defect in report.defects:
        if defect.rule == rule:
            where = plain(str(defect.location))
            case = ET.Element("testcase", classname=plain(rule), name=f"{plain(defect.subject)} ({where})")
            error = ET.SubElement(case, "error", type="defect", message=plain(defect.message))
            error.text = "\n".join(plain(line) for line in defect.detail.split("\n"))
            yield case


def _case(outcome: Outcome) -> ET.Element:
    # The end of the fingerprint tells apart what is about the same subject at the same place.
    name = f"{plain(outcome.subject)} ({place(outcome)}) {outcome.fingerprint[:8]}".rstrip()
    case = ET.Element("testcase", classname=plain(outcome.rule), name=name, file=plain(outcome.location.path))
    if outcome.location.line is not None:
        case.set("line", str(outcome.location.line))
    return case


def _details(finding: Finding) -> Iterator[str]:
    yield f"{place(finding)}: {plain(finding.message)}"
    yield f"because {plain(finding.cause)}"
    yield f"evidence: {plain(evidence_in_a_line(finding.evidence))}"
    if summary := getattr(finding.evidence, "summary", ""):
        yield f"case: {plain(summary)}"
    yield from (f"assuming {plain(text)}" for text in finding.assumptions)
    if finding.repair is not None:
        yield f"repair: {plain(finding.repair.title)}"


def _why_hidden(hidden: Hidden) -> str:
    rest = ", ".join(
        plain(text) for text in (hidden.reason, hidden.owner, f"until {hidden.until}" if hidden.until else "") if text
    )
    return f"hidden by the {plain(hidden.by)}: {rest}" if rest else f"hidden by the {plain(hidden.by)}"
