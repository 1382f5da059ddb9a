"""HTML: one self-contained page, for people who read at leisure.

The page is three files of `templates/` and the report as JSON, put together
here. All that strangers wrote travels in that JSON and becomes text nodes in
`report.js`; nothing of it is ever markup. The page may run its own script and
style, named by their hashes, and may load nothing.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from probatum.evidence import Counterexample, Estimate, Evidence, Exemplars, Proof
from probatum.findings import Cleared, Finding, Hidden, Outcome, Report, Severity, Undecided
from probatum.report import Look, excerpts, text
from probatum.report.plots.evidence import drawing
from probatum.report.quoting import harmless, plain, shorten
from probatum.report.words import (
    case_and_instructions,
    count,
    estimate_in_a_line,
    evidence_in_a_line,
    flatten,
    label,
    leaf,
    totals,
)
from probatum.source import Location

_templates = Path(__file__).parent / "templates"

# A page is for reading: beyond these, the whole is in the JSON rendering.
_longest_value = 4_000
_longest_line = 2_000
_longest_tree = 400
_most_leaves = 12
_empty: tuple[Any, ...] = (None, "", [], {})

Json = dict[str, Any]


def render(report: Report, look: Look) -> str:
    """Return the page."""
    style = (_templates / "report.css").read_text(encoding="utf-8")
    script = (_templates / "report.js").read_text(encoding="utf-8")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        )
    )
    parts = {
        "policy": policy,
        "style": style,
        "title": escape(f"{totals(report)} · probatum"),
        "plain": escape(text.render(report, Look())),
        "data": _inert(_page(report, look)),
        "script": script,
    }
    page = (_templates / "report.html").read_text(encoding="utf-8")
    # One pass: what is put in is not searched for places to put more.
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], page)


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _inert(value: Any) -> str:
    """Return JSON in which nothing can end the element that it stands in."""
    dumped = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return dumped.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _page(report: Report, look: Look) -> Json:
    summary = report.summary()
    page = {
        "version": report.tool_version,
        "summary": summary,
        "exit": report.exit_status,
        "headline": _headline(report),
        "findings": [_finding(f, n, look) for n, f in enumerate(report.findings, start=1)],
        "undecided": [_undecided(o) for o in report.undecided],
        "cleared": _cleared(report),
        "hidden": [_hidden(h) for h in report.hidden],
        "defects": [d.to_json() | {"where": str(d.location)} for d in report.defects],
        "notes": list(report.notes),
        "rules": _rules(report, look),
        "inputs": [[path, digest] for path, digest in sorted(report.inputs.items())],
    }
    shown: Json = harmless(page)
    return shown


def _headline(report: Report) -> list[str]:
    """Return what a reader must take away, and the sentence below it."""
    have = report.summary()
    by_severity = [
        count(n, severity.value) for severity in Severity if (n := sum(f.severity is severity for f in report.findings))
    ]
    open_ones = f"{count(have['undecided'], 'question')} {'is' if have['undecided'] == 1 else 'are'} open"
    if report.findings:
        top = count(have["findings"], "finding")
        below = ", ".join(by_severity) + (f"; {open_ones}" if have["undecided"] else "")
    elif report.defects:
        top = f"{count(have['defects'], 'defect')} of probatum"
        below = "a claim whose evidence does not hold is not shown; nothing here says that all is well"
    elif have["undecided"]:
        top = "Nothing found, but not everything decided"
        below = f"{open_ones}, and an open question is not a good answer"
    elif not report.outcomes and not report.hidden:
        top = "Nothing was checked"
        below = "no rule applied to any file, so this says nothing about the project"
    else:
        top = "Nothing found, everything decided"
        below = f"{have['cleared']:,} cleared"
    return [top, below]


def _place(where: Location) -> Json:
    return {"path": where.path, "line": where.line, "where": str(where), "pointer": where.pointer} | _elsewhere(where)


def _elsewhere(where: Location) -> Json:
    """Return what tells a place apart that is not in a text."""
    if where.kind == "text":
        return {}
    own = {
        name: value
        for name, value in where.to_json().items()
        if name not in Location("").to_json() and value not in (None, "", [])
    }
    return {"place": [[name.replace("_", " "), text] for name, text in flatten(own)]}


def _finding(finding: Finding, number: int, look: Look) -> Json:
    repair = finding.repair
    return {
        "n": number,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "subject": finding.subject,
        "message": finding.message,
        "cause": finding.cause,
        "fingerprint": finding.fingerprint,
        "assumptions": list(finding.assumptions),
        "evidence": _evidence(finding.evidence),
        "related": [_place(where) | {"note": note} for where, note in finding.related],
        "excerpts": _excerpts(finding, look),
        "repair": None
        if repair is None
        else {
            "title": repair.title,
            "verified": repair.verified is not None,
            "how": _verified(repair.verified),
            "edits": bool(repair.edits),
            "diff": excerpts.diff(repair, look.texts).rstrip("\n"),
        },
    } | _place(finding.location)


def _verified(evidence: Evidence | None) -> str:
    return evidence.claim if isinstance(evidence, Proof | Exemplars) else ""


def _evidence(evidence: Evidence) -> Json:
    shown: Json = {
        "kind": evidence.kind,
        "line": evidence_in_a_line(evidence),
        "method": evidence.method,
        "digest": evidence.digest,
    }
    match evidence:
        case Counterexample():
            case, instructions = case_and_instructions(evidence.given)
            shown["summary"], shown["given"], shown["besides"] = evidence.summary, _table(case), _table(instructions)
            shown["observed"], shown["expected"] = evidence.observed, evidence.expected
            shown["flow"] = [_place(where) | {"note": note} for where, note in evidence.flow]
        case Proof():
            shown["claim"] = evidence.claim
            shown["facts"] = _table(evidence.certificate)
        case Estimate():
            shown["claim"] = estimate_in_a_line(evidence)
            shown["facts"] = _table(evidence.counts)
            bounds = {"low": evidence.low, "value": evidence.value, "high": evidence.high, "confidence": evidence.confidence}
            shown |= {"bounds": bounds, "unit": evidence.unit, "quantity": evidence.quantity, "sampling": evidence.sampling}
            plot = drawing(evidence)
            shown |= {} if plot is None else {"plot": plot.to_json()}
        case Exemplars():
            shown["claim"] = evidence.claim
            shown["facts"] = _table(evidence.facts)
            shown["flow"] = [_place(where) | {"note": note} for where, note in evidence.items]
    return shown


def _table(value: Mapping[str, Any]) -> list[list[Any]]:
    """Return (group, name, values): what stands alone first, then by the outermost name."""
    alone, grouped = [], []
    for key, part in value.items():
        if part in _empty:
            continue
        if isinstance(part, Mapping):
            grouped += [[label(str(key)), label(str(name)), _values(part, name)] for name in part if part[name] not in _empty]
        else:
            alone.append(["", label(str(key)), _values(value, key)])
    return alone + grouped


def _values(part: Mapping[str, Any], name: str) -> list[str]:
    value = part[name]
    if isinstance(value, list | tuple) and not any(isinstance(item, Mapping | list | tuple) for item in value):
        return [shorten(leaf(item), _longest_value) for item in value]
    if isinstance(value, Mapping | list | tuple):
        leaves = [f"{inner}: {words}" for inner, words in itertools.islice(flatten(value), _most_leaves + 1)]
        if len(leaves) > _most_leaves:  # such as the tree of a proof, which nobody reads leaf by leaf
            return [shorten(json.dumps(value, separators=(",", ":"), ensure_ascii=False), _longest_tree)]
        return [shorten(line, _longest_value) for line in leaves]
    return [shorten(leaf(value), _longest_value)]


def _excerpts(finding: Finding, look: Look) -> list[Json]:
    shown = []
    main = finding.location
    flow = getattr(finding.evidence, "flow", ())
    for path, lines in excerpts.lines_around(finding, look.texts).items():
        marks: Json = {}
        if path == main.path and main.line is not None:
            last = main.end_line or main.line
            marks = {"from": main.line, "to": last - 1 if main.end_column == 1 and last > main.line else last}
            whole = lines.get(main.line, "")
            # Columns are true only for what is shown as it is.
            if last == main.line and main.column and main.end_column and harmless(whole) == whole and len(whole) <= _longest_line:
                marks |= {"start": main.column - 1, "end": main.end_column - 1}
        steps: dict[int, list[int]] = {}
        for number, (where, _) in enumerate(flow, start=1):
            if where.path == path and where.line is not None:
                steps.setdefault(where.line, []).append(number)
        shown.append(
            {
                "path": path,
                "lines": [[number, shorten(line, _longest_line), steps.get(number, [])] for number, line in lines.items()],
                "marks": marks,
            }
        )
    return shown


def _undecided(outcome: Undecided) -> Json:
    return {
        "rule": outcome.rule,
        "subject": outcome.subject,
        "why": outcome.why.value,
        "reason": outcome.reason,
    } | _place(outcome.location)


def _cleared(report: Report) -> list[Json]:
    groups: dict[tuple[str, str], list[Cleared]] = {}
    for outcome in report.cleared:
        groups.setdefault((outcome.rule, outcome.strength.value), []).append(outcome)
    return [
        {"rule": rule, "strength": strength, "items": [[o.subject, str(o.location), o.message] for o in members]}
        for (rule, strength), members in sorted(groups.items())
    ]


def _hidden(hidden: Hidden) -> Json:
    return {
        "rule": hidden.outcome.rule,
        "message": hidden.outcome.message,
        "by": hidden.by,
        "reason": hidden.reason,
        "owner": hidden.owner,
        "until": hidden.until,
    } | _place(hidden.outcome.location)


def _rules(report: Report, look: Look) -> list[Json]:
    outcomes: tuple[Outcome, ...] = report.outcomes
    names = sorted({*report.rules, *(o.rule for o in outcomes)})
    counts = {name: {"finding": 0, "cleared": 0, "undecided": 0} for name in names}
    for outcome in outcomes:
        counts[outcome.rule][outcome.kind] += 1
    return [
        {"id": plain(name), "title": report.rules.get(name, ""), "doc": look.docs.get(name, ""), "counts": counts[name]}
        for name in names
    ]
