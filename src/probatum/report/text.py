"""Text: what a person sees at a terminal, and `explain` with everything about one outcome."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from probatum.evidence import Counterexample, Estimate, Exemplars, Proof
from probatum.findings import Cleared, Defect, Finding, Hidden, Outcome, Report, Severity, Undecided, Why
from probatum.report import Look, excerpts
from probatum.report.quoting import Pen, plain, plain_lines, shorten
from probatum.report.words import (
    case_and_instructions,
    case_in_a_line,
    count,
    estimate_in_a_line,
    evidence_in_a_line,
    flatten,
    label,
    place,
    totals,
)

# More undecided outcomes than this are counted by rule and reason, unless all are asked for.
_most_undecided = 20

_hue = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}


def render(report: Report, look: Look) -> str:
    """Return the report for a terminal; the last line is the summary."""
    pen = Pen(look.color)
    blocks: list[str] = []
    if not look.quiet:
        blocks += [_finding(finding, number, look, pen) for number, finding in enumerate(report.findings, start=1)]
        blocks += [_defect(defect, pen) for defect in report.defects]
        if report.undecided:
            blocks.append("\n".join(_undecided(report.undecided, look, pen)))
        if look.hidden and report.hidden:
            blocks.append("\n".join(_hidden(report.hidden, pen)))
        if look.verbose and report.cleared:
            blocks.append("\n".join(_cleared(report.cleared, pen)))
        if report.notes:
            blocks.append("\n".join(f"{pen('note:', 'bold')} {plain(note)}" for note in report.notes))
    blocks.append(_summary(report, look, pen))
    return "\n\n".join(blocks) + "\n"


def _summary(report: Report, look: Look, pen: Pen) -> str:
    hue = {0: "green", 1: "red", 3: "yellow"}.get(report.exit_status, "red")
    written = f"   {', '.join(plain(name) for name in look.written)} written" if look.written else ""
    return pen(totals(report), "bold", hue) + pen(written, "dim")


def _finding(finding: Finding, number: int, look: Look, pen: Pen) -> str:
    severity = "" if finding.severity is Severity.ERROR else f"  {finding.severity.value}"
    lines = [
        f"{pen(plain(finding.rule), 'bold', _hue[finding.severity])}  {place(finding)}{severity}",
        f"  {pen(plain(finding.message), 'bold')}",
        f"  because {plain(finding.cause)}",
    ]
    again = f" --root {plain(shlex.quote(look.named))}" if look.named else ""
    hint = pen(f"probatum explain {number}{again}", "dim")
    lines.append(f"  evidence: {plain(evidence_in_a_line(finding.evidence))}   {hint}")
    case = case_in_a_line(finding.evidence)
    if case:
        lines.append(f"  case: {plain(case)}")
    if finding.repair is not None:
        sure = "" if finding.repair.verified is not None else "a suggestion, not verified: "
        how = pen(f"probatum repair {number}{again}", "dim") if finding.repair.edits else ""
        lines.append(f"  repair: {sure}{plain(finding.repair.title)}   {how}".rstrip())
    if finding.assumptions:
        more = f" (and {len(finding.assumptions) - 1} more)" if len(finding.assumptions) > 1 else ""
        lines.append(pen(f"  assuming {plain(shorten(finding.assumptions[0], 100))}{more}", "dim"))
    return "\n".join(lines)


def _defect(defect: Defect, pen: Pen) -> str:
    where = plain(str(defect.location))
    lines = [
        f"{pen('defect of probatum', 'bold', 'red')}  {plain(defect.rule)}  {where}",
        f"  {plain(defect.message)}",
    ]
    if defect.detail:
        lines += [f"  {line}" for line in plain_lines(defect.detail.rstrip())[-3:]]
    lines.append("  help: the claim is not shown, because its evidence does not hold; please report this with the file")
    return "\n".join(lines)


def _undecided(outcomes: tuple[Undecided, ...], look: Look, pen: Pen) -> Iterator[str]:
    yield pen("undecided", "bold", "yellow")
    if not look.verbose:
        lacking, outcomes = _for_want_of_libraries(outcomes)
        for members in lacking:
            first = members[0]
            system = plain(first.rule.partition("/")[0])
            yield f"  {system}  {place(first)}  {first.why.value}, for {len(members):,} rules  {pen('-v lists all', 'dim')}"
            yield f"    {plain(first.reason)}"
    if look.verbose or len(outcomes) <= _most_undecided:
        for outcome in outcomes:
            yield f"  {plain(outcome.rule)}  {place(outcome)}  {outcome.why.value}"
            yield f"    {plain(outcome.reason)}"
        return
    groups: dict[tuple[str, str], list[Undecided]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.rule, outcome.why.value), []).append(outcome)
    for (rule, why), members in sorted(groups.items()):
        first = members[0]
        if len(members) == 1:
            yield f"  {plain(rule)}  {place(first)}  {why}"
        else:
            yield f"  {plain(rule)}  {len(members):,} times {why}; the first is {place(first)}  {pen('-v lists all', 'dim')}"
        yield f"    {plain(first.reason)}"


def _for_want_of_libraries(outcomes: tuple[Undecided, ...]) -> tuple[list[list[Undecided]], tuple[Undecided, ...]]:
    """Return rules of one system that the same missing library stops in one place, together; and all else."""
    groups: dict[tuple[str, str, str], list[Undecided]] = {}
    for outcome in outcomes:
        if outcome.why is Why.MISSING_EXTRA:
            groups.setdefault((outcome.rule.partition("/")[0], place(outcome), outcome.reason), []).append(outcome)
    several = [members for members in groups.values() if len(members) > 1]
    told = {id(outcome) for members in several for outcome in members}
    return several, tuple(outcome for outcome in outcomes if id(outcome) not in told)


def _hidden(hidden: tuple[Hidden, ...], pen: Pen) -> Iterator[str]:
    yield pen("hidden", "bold")
    for item in hidden:
        yield f"  {plain(item.outcome.rule)}  {place(item.outcome)}  {plain(item.outcome.message)}"
        owner = f", {plain(item.owner)}" if item.owner else ""
        until = f", until {plain(item.until)}" if item.until else ""
        yield f"    {plain(item.by)}: {plain(item.reason) or 'no reason given'}{owner}{until}"


def _cleared(outcomes: tuple[Cleared, ...], pen: Pen) -> Iterator[str]:
    yield pen("cleared", "bold", "green")
    for outcome in outcomes:
        yield f"  {plain(outcome.rule)}  {place(outcome)}  {outcome.strength.value}: {plain(outcome.message)}"


def explain(outcome: Outcome, texts: Mapping[str, str], *, color: bool = False) -> str:
    """Return everything about one outcome: the claim, the case, the steps, what it rests on, the repair."""
    pen = Pen(color)
    hue = _hue[outcome.severity] if isinstance(outcome, Finding) else "green" if isinstance(outcome, Cleared) else "yellow"
    lines = [
        f"{pen(plain(outcome.rule), 'bold', hue)}  {place(outcome)}",
        f"  {pen(plain(outcome.message), 'bold')}",
    ]
    if isinstance(outcome, Finding):
        lines.append(f"  because {plain(outcome.cause)}")
        lines += _source(outcome, texts, pen)
    lines += _evidence(outcome, pen)
    if isinstance(outcome, Finding) and outcome.related:
        lines += ["", pen("Also involved", "bold"), *(f"  {plain(str(where))}  {plain(note)}" for where, note in outcome.related)]
    if outcome.assumptions:
        lines += ["", pen("What this rests on", "bold"), *(f"  - {plain(text)}" for text in outcome.assumptions)]
    if isinstance(outcome, Finding) and outcome.repair is not None:
        lines += ["", pen("Repair", "bold"), f"  {plain(outcome.repair.title)}"]
        verified = outcome.repair.verified is not None
        lines.append("  verified: the rule clears afterwards" if verified else "  a suggestion: not verified")
        lines += [f"  {diff_line(line, pen)}" for line in plain_lines(excerpts.diff(outcome.repair, texts).rstrip("\n")) if line]
    lines += ["", f"{pen('fingerprint', 'dim')} {outcome.fingerprint}"]
    lines.append(f"{pen('about the rule', 'dim')} probatum explain {plain(outcome.rule)}")
    return "\n".join(lines) + "\n"


def _source(finding: Finding, texts: Mapping[str, str], pen: Pen) -> Iterator[str]:
    for path, quoted in excerpts.lines_around(finding, texts).items():
        yield ""
        yield pen(plain(path), "bold")
        own = [where for where in excerpts.places(finding)[:1] if where.path == path and where.line is not None]
        marked = {n for w in own for n in range(w.line or 0, (w.end_line or w.line or 0) + 1)}
        width, before = len(str(max(quoted))), 0
        for number, text in quoted.items():
            if before and number != before + 1:
                yield pen(f"  {'·' * width}", "dim")
            mark = pen(">", "bold", "red") if number in marked else " "
            yield f"{mark} {pen(f'{number:>{width}} │', 'dim')} {plain(shorten(text.expandtabs(4), 160))}"
            before = number


def _evidence(outcome: Outcome, pen: Pen) -> Iterator[str]:
    if isinstance(outcome, Undecided) or outcome.evidence is None:
        return
    evidence = outcome.evidence
    yield ""
    match evidence:
        case Counterexample():
            yield pen("The case", "bold")
            case, instructions = case_and_instructions(evidence.given)
            if evidence.summary:
                yield f"  {plain(evidence.summary)}"
            yield from _rows(case, pen)
            yield f"  {pen('observed', 'bold')} {plain(evidence.observed)}, {pen('expected', 'bold')} {plain(evidence.expected)}"
            if evidence.flow:
                yield ""
                yield pen("How it comes about", "bold")
                for number, (where, note) in enumerate(evidence.flow, start=1):
                    yield f"  {number}. {plain(note)}  {pen(plain(str(where)), 'dim')}"
            if instructions:
                yield ""
                yield pen("What the checker is told besides", "bold")
                yield from _rows(instructions, pen)
        case Proof():
            yield pen("Proof", "bold")
            yield f"  {plain(evidence.claim)}"
        case Estimate():
            yield pen("Estimate", "bold")
            yield f"  {plain(estimate_in_a_line(evidence))}"
            yield f"  from {', '.join(f'{plain(name)} {plain(text)}' for name, text in flatten(evidence.counts))}"
        case Exemplars():
            yield pen(f"{count(len(evidence.items), 'example')}", "bold")
            yield f"  {plain(evidence.claim)}"
            yield from (f"  {plain(str(where))}  {plain(note)}" for where, note in evidence.items)
    yield f"  {pen('checked by', 'dim')} {plain(evidence.method)}  {pen('digest', 'dim')} {evidence.digest}"


def _rows(case: Mapping[str, Any], pen: Pen) -> Iterator[str]:
    rows = [(plain(label(name)), plain(text)) for name, text in flatten(case)]
    width = min(40, max((len(name) for name, _ in rows), default=0))
    return (f"  {pen(f'{name:<{width}}', 'cyan')}  {text}" for name, text in rows)


def diff_line(line: str, pen: Pen) -> str:
    """Return one line of a unified diff, in its colour."""
    if line.startswith("+"):
        return pen(line, "green")
    if line.startswith("-"):
        return pen(line, "red")
    return pen(line, "dim") if line.startswith("@@") else line
