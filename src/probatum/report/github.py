"""Workflow commands: annotations on the lines of a pull request, where code scanning is not licensed."""

from __future__ import annotations

from collections.abc import Iterator

from probatum.findings import Report, Severity
from probatum.report import Look
from probatum.report.quoting import plain
from probatum.report.words import evidence_in_a_line, totals
from probatum.source import Location

_command = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report, _look: Look) -> str:
    """Return one command per finding, undecided outcome and defect, the worst first, and a summary.

    The worst come first because only the first ten of a kind are shown on the page of a run.
    """
    return "".join(f"{line}\n" for line in (*_lines(report), f"probatum: {totals(report)}"))


def _lines(report: Report) -> Iterator[str]:
    for defect in report.defects:
        yield _annotation("error", defect.location, f"defect of probatum in {defect.rule}", [defect.message])
    for severity in Severity:
        for finding in report.findings:
            if finding.severity is severity:
                rest = [f"because {finding.cause}", f"evidence: {evidence_in_a_line(finding.evidence)}"]
                if summary := getattr(finding.evidence, "summary", ""):
                    rest.append(f"case: {summary}")
                if finding.repair is not None:
                    rest.append(f"repair: {finding.repair.title}")
                yield _annotation(_command[severity], finding.location, finding.rule, [finding.message, *rest])
    for outcome in report.undecided:
        yield _annotation("warning", outcome.location, f"{outcome.rule} is undecided ({outcome.why.value})", [outcome.reason])


def _annotation(command: str, where: Location, title: str, lines: list[str]) -> str:
    properties = {"file": where.path, "line": where.line, "endLine": where.end_line, "col": where.column}
    if where.end_line == where.line:  # columns are only accepted within one line
        properties["endColumn"] = where.end_column
    shown = [f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None]
    return f"::{command} {','.join([*shown, f'title={_property(title)}'])}::{'%0A'.join(_data(line) for line in lines)}"


def _data(text: str) -> str:
    """Escape a message; what is `plain` has no line break that could start a command of its own."""
    return plain(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
