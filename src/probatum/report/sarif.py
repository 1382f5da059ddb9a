"""SARIF 2.1.0: for code scanning, editors and whatever else reads results of analysers.

One run per system, and a run with every rule also when nothing was found, so
that alerts close. A finding is of kind `fail` and an undecided outcome `open`;
cleared ones (`pass`) are listed when asked for, because some services show
every result as an alert.

`primaryLocationLineHash` is left to the service for places in text, which
computes it better than we could without the file; where it would be the same
for all findings of a file (images, tables, conversations) we give our own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from probatum.evidence import Counterexample, Evidence, Exemplars
from probatum.findings import Cleared, Defect, Finding, Hidden, Outcome, Repair, Report, Severity, Undecided
from probatum.report import Look
from probatum.report.quoting import plain
from probatum.report.words import system_of
from probatum.source import Location

_schema = "https://json.schemastore.org/sarif-2.1.0.json"
_level = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}

# What the largest service accepts: beyond these it refuses the file or drops what it likes.
_most_results = 25_000
_most_steps = 10_000

Json = dict[str, Any]


def render(report: Report, look: Look) -> str:
    """Return the report as one SARIF log."""
    rules = {*report.rules, *(o.rule for o in report.outcomes), *(h.outcome.rule for h in report.hidden)}
    rules |= {defect.rule for defect in report.defects}
    systems = sorted({system_of(rule) for rule in rules}) or ["probatum"]
    log = {
        "$schema": _schema,
        "version": "2.1.0",
        "runs": [_run(report, system, sorted(r for r in rules if system_of(r) == system), look) for system in systems],
    }
    return json.dumps(log, indent=2, allow_nan=False) + "\n"


def _run(report: Report, system: str, rules: list[str], look: Look) -> Json:
    index = {rule: place for place, rule in enumerate(rules)}
    own = [o for o in report.outcomes if o.rule in index]
    told = [o for o in own if not isinstance(o, Cleared)]
    passed = [o for o in own if isinstance(o, Cleared)] if look.verbose else []
    results = [_result(o, index, look) for o in told]
    results += [_hidden(h, index, look) for h in report.hidden if h.outcome.rule in index]
    left = max(0, _most_results - len(results))
    results += [_result(o, index, look) for o in passed[:left]]
    notes = list(report.notes)
    if len(passed) > left:
        notes.append(
            f"{len(passed) - left:,} cleared outcomes are left out, because a run holds at most {_most_results:,} results"
        )
    defects = [d for d in report.defects if d.rule in index]
    return {
        "tool": {
            "driver": {
                "name": "probatum",
                "version": report.tool_version,
                "semanticVersion": report.tool_version,
                "rules": [_rule(rule, report, look) for rule in rules],
            }
        },
        "automationDetails": {"id": f"probatum/{system}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not defects,
                "exitCode": report.exit_status,
                "toolExecutionNotifications": [*(_defect(d) for d in defects), *(_note(text) for text in notes)],
            }
        ],
        "artifacts": [
            {"location": _artifact(path), "hashes": {"sha-256": digest}}
            for path, digest in sorted(report.inputs.items())
            if not path.startswith("git:")  # a file of another revision has no address here
        ],
        "results": results,
        "properties": {"summary": report.summary()},
    }


def _rule(rule: str, report: Report, look: Look) -> Json:
    title = report.rules.get(rule) or rule
    document = look.docs.get(rule, "").strip() or title  # services refuse a rule without a description
    return {
        "id": rule,
        "name": _pascal(rule),
        "shortDescription": {"text": _message(title)},
        "fullDescription": {"text": _message(document[:1000])},
        "help": {"text": _message(document)},
    }


def _pascal(rule: str) -> str:
    return "".join(word.capitalize() for word in re.split(r"[^0-9A-Za-z]+", rule.partition("/")[2] or rule))


def _result(outcome: Outcome, index: Mapping[str, int], look: Look) -> Json:
    result: Json = {"ruleId": outcome.rule, "ruleIndex": index[outcome.rule]}
    properties: Json = {"subject": plain(outcome.subject), "assumptions": [plain(a) for a in outcome.assumptions]}
    match outcome:
        case Finding():
            result["kind"] = "fail"
            result["level"] = _level[outcome.severity]
            result["message"] = {"text": _message(f"{outcome.message}\nbecause {outcome.cause}")}
            properties["cause"] = plain(outcome.cause)
        case Cleared():
            result["kind"] = "pass"
            result["level"] = "none"
            result["message"] = {"text": _message(outcome.message)}
            properties["strength"] = outcome.strength.value
        case Undecided():
            result["kind"] = "open"
            result["level"] = "none"
            result["message"] = {"text": _message(f"undecided: {outcome.reason}")}
            properties["why"] = outcome.why.value
    result["locations"] = [_place(outcome.location)]
    result["partialFingerprints"] = _fingerprints(outcome)
    evidence = None if isinstance(outcome, Undecided) else outcome.evidence
    if evidence is not None:
        properties["evidence"] = {"kind": evidence.kind, "method": evidence.method, "digest": evidence.digest}
    if isinstance(outcome, Finding):
        result |= _parts(outcome, look)
        if isinstance(evidence, Counterexample):
            properties["evidence"] |= {"observed": plain(evidence.observed), "expected": plain(evidence.expected)}
            if evidence.summary:
                properties["evidence"]["summary"] = plain(evidence.summary)
    result["properties"] = properties
    return result


def _parts(finding: Finding, look: Look) -> Json:
    parts: Json = {}
    if finding.related:
        parts["relatedLocations"] = [
            _place(where) | {"id": number, "message": {"text": _message(note)}}
            for number, (where, note) in enumerate(finding.related, start=1)
        ]
    steps = _steps(finding.evidence)
    if steps:
        parts["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if finding.repair is not None and finding.repair.edits:
        parts["fixes"] = [_fix(finding.repair, look)]
    return parts


def _steps(evidence: Evidence) -> list[Json]:
    match evidence:
        case Counterexample(flow=flow):
            steps = flow
        case Exemplars(items=items):
            steps = items
        case _:
            steps = ()
    return [
        {"executionOrder": number, "location": _place(where) | {"message": {"text": _message(note)}}}
        for number, (where, note) in enumerate(steps[:_most_steps], start=1)
    ]


def _hidden(hidden: Hidden, index: Mapping[str, int], look: Look) -> Json:
    why = hidden.reason or f"in the {hidden.by}"
    owner = f", {hidden.owner}" if hidden.owner else ""
    until = f", until {hidden.until}" if hidden.until else ""
    suppression = {"kind": "external", "status": "accepted", "justification": plain(f"{hidden.by}: {why}{owner}{until}")}
    return _result(hidden.outcome, index, look) | {"suppressions": [suppression]}


def _place(where: Location) -> Json:
    region: Json = {"startLine": where.line or 1}  # services show nothing of a place without a line
    if where.line is not None:
        if where.column is not None:
            region["startColumn"] = where.column
        if where.end_line is not None and where.end_line >= where.line:
            region["endLine"] = where.end_line
            if where.end_column is not None:
                region["endColumn"] = where.end_column
    place: Json = {"physicalLocation": {"artifactLocation": _artifact(where.path), "region": region}}
    if where.pointer:
        place["logicalLocations"] = [{"fullyQualifiedName": plain(where.pointer), "kind": "value"}]
    if where.kind != "text":
        place["properties"] = {"place": where.to_json()}
    return place


def _artifact(path: str) -> Json:
    try:
        raw = path.encode("utf-8", "surrogateescape")  # the bytes that the file system has
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "surrogatepass")
    return {"uri": quote(raw, safe="/"), "uriBaseId": "%SRCROOT%"}


def _fingerprints(outcome: Outcome) -> Json:
    prints = {"probatum/v1": outcome.fingerprint}
    if outcome.location.kind != "text" or outcome.location.line is None:
        prints["primaryLocationLineHash"] = f"{outcome.fingerprint[:16]}:1"
    return prints


def _fix(repair: Repair, look: Look) -> Json:
    files: dict[str, list[Json]] = {}
    for edit in sorted(repair.edits, key=lambda e: (e.path, e.start)):
        region: Json = {"charOffset": edit.start, "charLength": edit.end - edit.start}
        text = look.texts.get(edit.path)
        if text is not None:
            region = _region(text, edit.start, edit.end)
        files.setdefault(edit.path, []).append({"deletedRegion": region, "insertedContent": {"text": edit.new}})
    verified = "" if repair.verified is not None else " (a suggestion, not verified)"
    return {
        "description": {"text": _message(repair.title + verified)},
        "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": edits} for path, edits in files.items()],
    }


def _region(text: str, start: int, end: int) -> Json:
    def position(offset: int) -> tuple[int, int]:
        return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)

    (line, column), (end_line, end_column) = position(start), position(end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _defect(defect: Defect) -> Json:
    return {
        "level": "error",
        "message": {"text": _message(f"defect of probatum: {defect.message}")},
        "associatedRule": {"id": defect.rule},
        "locations": [_place(defect.location)],
    }


def _note(text: str) -> Json:
    return {"level": "note", "message": {"text": _message(text)}}


def _message(text: str) -> str:
    r"""Return the text so that nothing in it is taken for a link or a placeholder.

    >>> _message("see [here](https://example.org) {0}")
    'see \\[here\\](https://example.org) {{0}}'
    """
    lines = "\n".join(plain(line) for line in text.split("\n"))
    return re.sub(r"\{(\d+)\}", r"{{\1}}", re.sub(r"([\[\]\\])", r"\\\1", lines))
