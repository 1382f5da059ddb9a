"""A gap of a quantity made of two columns: are the bounds of the groups those of the table, and does the verdict follow?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.group import Compare
from probatum.fairness.artefacts.requirements.measure import MeasureRequirement, family
from probatum.fairness.semantics.measures import Sums, sums
from probatum.fairness.semantics.relation import opened
from probatum.source import DATA, Source


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute a gap."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "a gap is an estimate")
    claimed = evidence.counts
    required = next((r for r in policy.of_kind(MeasureRequirement) if r.id == claimed["requirement"]), None)
    if required is None or tuple(claimed["over"]) not in required.over:
        return Recheck("refuted", f"the policy does not require `{claimed['requirement']}` over {claimed['over']}")
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    with opened(source) as relation:
        found = sums(policy, required, relation, tuple(claimed["over"]))
    groups = claimed["groups"]
    share = policy.alpha / len(groups) / family(required)
    for name, told in groups.items():
        wrong = _wrong(found.get(name), told, share)
        if wrong:
            return Recheck("refuted", f"`{name}` {wrong}")
    wrong = _misstated(required, evidence, {name: found[name] for name in groups}, policy.alpha)
    if wrong:
        return Recheck("refuted", wrong)
    if claimed["verdict"] == "violated":
        a, b = claimed["pair"]
        return _violated(required, groups[a]["low"], groups[b]["high"])
    return _satisfied(required, {name: found[name] for name in groups}, policy.alpha)


def _misstated(required: MeasureRequirement, evidence: Estimate, found: Mapping[str, Sums], alpha: float) -> str:
    """Return what is said of all groups together and does not follow from the bounds of each; nothing if all does."""
    groups = evidence.counts["groups"]
    if evidence.family != family(required) * len(groups):
        return "the comparisons are of another number"
    if evidence.low is None or evidence.high is None:
        return "a gap has two bounds"
    values = [own.top / own.bottom for own in found.values()]
    ends = [_ends(own, alpha) for own in found.values()]
    value = _gap(required, max(values), min(values))
    sure = _gap(required, max(own["low"] for own in groups.values()), min(own["high"] for own in groups.values()))
    room = 1e-6 * max(1.0, abs(value), *(abs(end) for own in ends for end in own))
    if abs(value - evidence.value) > room:
        return f"the gap that was seen is {value!r}, and the evidence says {evidence.value!r}"
    if required.compare is Compare.DIFFERENCE:
        low, high = max(0.0, sure), max(_between(required, ends))
    else:
        low, high = min(_between(required, ends)), min(1.0, sure)
    return (
        ""
        if abs(evidence.low - low) <= room and abs(evidence.high - high) <= room
        else "the bounds of the gap do not follow from those of the groups"
    )


def _between(required: MeasureRequirement, ends: Sequence[tuple[float, float]]) -> list[float]:
    """Return how far the upper end of a group is above the lower end of another, for the pairs of which it can be farthest."""
    high = sorted(range(len(ends)), key=lambda n: ends[n][1])[-2:]
    low = sorted(range(len(ends)), key=lambda n: ends[n][0])[:2]
    return [_gap(required, ends[a][1], ends[b][0]) for a in high for b in low if a != b]


def _gap(required: MeasureRequirement, more: float, less: float) -> float:
    if required.compare is Compare.DIFFERENCE:
        return more - less
    return max(0.0, less) / more if more > 0 else 1.0


def _violated(required: MeasureRequirement, more: float, less: float) -> Recheck:
    if required.compare is Compare.DIFFERENCE:
        holds = more - less > required.bound
    else:
        holds = more > 0 and max(0.0, less) < required.bound * more
    return CONFIRMED if holds else Recheck("refuted", f"the bounds do not say that `{required.id}` is violated")


def _satisfied(required: MeasureRequirement, groups: Mapping[str, Sums], alpha: float) -> Recheck:
    """Ask for each pair whether it could be further apart: is the end of each group's own interval inside the bound?"""
    ends = {name: _ends(own, alpha) for name, own in groups.items()}
    for a in ends:
        for b in ends:
            high, low = ends[a][1], ends[b][0]
            apart = high - low > required.bound if required.compare is Compare.DIFFERENCE else low < required.bound * high
            if a != b and apart and not math.isclose(high, low, rel_tol=1e-9):
                return Recheck("refuted", f"`{a}` and `{b}` may differ by more")
    return CONFIRMED


def _ends(own: Sums, alpha: float) -> tuple[float, float]:
    from scipy import stats

    value = own.top / own.bottom
    if own.counts:
        low = stats.beta.ppf(alpha / 2, own.top, own.bottom - own.top + 1) if own.top else 0.0
        high = stats.beta.isf(alpha / 2, own.top + 1, own.bottom - own.top) if own.top < own.bottom else 1.0
        return float(low), float(high)
    reach = float(stats.t.isf(alpha / 2, own.units - 1)) * _error(own)
    return value - reach, value + reach


def _error(own: Sums) -> float:
    """Return the standard error of the ratio, from the variances and the covariance of numerators and denominators."""
    n, ratio = own.units, own.top / own.bottom
    top, bottom = own.top / n, own.bottom / n
    spread = own.top_squares / n - top * top
    both = own.products / n - top * bottom
    width = own.bottom_squares / n - bottom * bottom
    return math.sqrt(max(0.0, spread - 2 * ratio * both + ratio * ratio * width) / (n - 1)) / bottom


def _wrong(own: Sums | None, told: Mapping[str, Any], share: float) -> str:
    if own is None or own.bottom <= 0 or own.units != told["units"]:
        return "is not so large in the table"
    if not math.isclose(own.top / own.bottom, told["value"], rel_tol=1e-9, abs_tol=1e-12):
        return f"has {own.top / own.bottom!r} in the table, not {told['value']!r}"
    low, high = _ends(own, share)
    room = 1e-6 * (high - low) + 1e-12
    if abs(told["low"] - low) > room or abs(told["high"] - high) > room:
        return f"is between {low!r} and {high!r}, not between {told['low']!r} and {told['high']!r}"
    return ""
