"""The words that all renderings share: counts, totals, evidence and cases in one line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from probatum.evidence import Counterexample, Estimate, Evidence, Exemplars, Proof
from probatum.findings import Outcome, Report
from probatum.report.quoting import plain, shorten


def count(number: int, one: str, many: str = "") -> str:
    """Return `1 finding`, `2 findings`, `1,582 findings`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def totals(report: Report) -> str:
    """Return the summary in one line; what is nought and not expected is left out."""
    have = report.summary()
    parts = [count(have["findings"], "finding"), f"{have['cleared']:,} cleared"]
    parts += [f"{have[name]:,} {name}" for name in ("undecided", "baselined", "suppressed") if have[name]]
    if have["defects"]:
        parts.append(count(have["defects"], "defect") + " of probatum")
    if not report.outcomes and not report.hidden:
        parts.append("nothing was checked")
    return ", ".join(parts)


def flatten(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the leaves of a JSON value as (name with dots, text), in its order; nothing for null and empty parts."""
    match value:
        case Mapping():
            for key, part in value.items():
                yield from flatten(part, f"{name}.{key}" if name else str(key))
        case list() | tuple() if all(not isinstance(part, Mapping | list | tuple) for part in value):
            if value:
                yield name, ", ".join(leaf(part) for part in value)
        case list() | tuple():
            for place, part in enumerate(value):
                yield from flatten(part, f"{name}[{place}]")
        case None | "":
            return
        case _:
            yield name, leaf(value)


def leaf(value: Any) -> str:
    """Return one JSON leaf as people write it."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.6g}"
        case _:
            return str(value)


def evidence_in_a_line(evidence: Evidence) -> str:
    """Return what supports a finding, and that it was checked again, in one line."""
    match evidence:
        case Counterexample(observed=observed, expected=expected):
            return f"a case that gives `{observed}` where `{expected}` is expected (replayed)"
        case Proof(claim=claim):
            return f"a proof that {claim} (checked again)"
        case Estimate():
            return estimate_in_a_line(evidence) + " (recomputed)"
        case Exemplars(claim=claim, items=items):
            return f"{claim}, in {count(len(items), 'example')} (looked at again)"


def estimate_in_a_line(estimate: Estimate) -> str:
    """Return the number with its bounds and confidence: a number without them is not shown."""
    unit = f" {estimate.unit}" if estimate.unit else ""
    low = "-∞" if estimate.low is None else f"{estimate.low:.4g}"
    high = "∞" if estimate.high is None else f"{estimate.high:.4g}"
    return f"{estimate.quantity} {estimate.value:.4g}{unit}, between {low} and {high} at {estimate.confidence:.4%}".replace(
        ".0000%", "%"
    )


def case_and_instructions(given: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Split what a counterexample gives: what happens in it, and what only instructs its checker."""
    if "claim" not in given:
        return given, {}
    parts = {name: part for name, part in given.items() if name != "claim" and isinstance(part, Mapping | list | tuple)}
    case = next(iter(parts.values())) if len(parts) == 1 else parts
    return case if isinstance(case, Mapping) else parts, {name: part for name, part in given.items() if name not in parts}


def label(name: str) -> str:
    """Return a field's name as people write it; names that are not ours are left alone."""
    return name.replace("_", " ") if re.fullmatch(r"[a-z]+(?:_[a-z]+)+", name) else name


def case_in_a_line(evidence: Evidence, limit: int = 100) -> str:
    """Return what happens in a counterexample: its own words, else its most telling leaves; nothing for other evidence."""
    if not isinstance(evidence, Counterexample):
        return ""
    if evidence.summary:
        return evidence.summary
    shown, used = [], 0
    for name, text in flatten(case_and_instructions(evidence.given)[0]):
        part = f"{label(name.rpartition('.')[2])} {shorten(text, 60)}"
        if used + len(part) > limit:
            break
        shown.append(part)
        used += len(part) + 2
    return ", ".join(shown)


def system_of(rule: str) -> str:
    """Return the system that owns a rule."""
    return rule.partition("/")[0]


def place(outcome: Outcome) -> str:
    """Return path, line and column of an outcome, harmless."""
    return plain(str(outcome.location))
