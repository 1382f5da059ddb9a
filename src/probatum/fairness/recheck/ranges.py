"""Boxes of inputs: counted again in the half in which they are tested, and the bounds tried again on these counts.

No bound is computed here: that an error rate is above (below) a number is the binomial's own tail at that number,
and that groups are so far apart is tried rate by rate (`recheck.apart`). That boxes are tested together is Holm's
order: what is rejected at a level has so many before it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.ranges import RangesRequirement
from probatum.fairness.recheck import apart
from probatum.fairness.semantics.decisions import number_of
from probatum.fairness.semantics.ranges import Counts, count_boxes
from probatum.fairness.semantics.relation import Relation, opened
from probatum.source import DATA, Source

_ENDS = ("from", "below", "to")
_SLACK = 1e-6  # relative: two ways to compute one tail


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute that a bound is broken in a box, or that all boxes keep theirs."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "ranges are shown by an estimate")
    claimed = evidence.counts
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    wanted = policy.of_kind(RangesRequirement)
    required = next((r for r in wanted if r.id == claimed["requirement"]), None)
    if required is None:
        return Recheck("refuted", f"the policy has no requirement `{claimed['requirement']}`")
    if evidence.seed != required.seed or policy.decision.weight:
        return Recheck("refuted", "the halves are those of another seed, or rows have weights")
    with opened(source) as relation:
        counted, _ = count_boxes([one["sides"] for one in claimed["boxes"]], policy, required, relation)
        adrift = _adrift([side for one in claimed["boxes"] for side in one["sides"]], required, relation)
    if adrift:
        return Recheck("refuted", adrift)
    for n, (own, told) in enumerate(zip(counted, claimed["boxes"], strict=True)):
        if _plain(own) != {key: told[key] for key in ("errors", "groups", "unknown")}:
            return Recheck("refuted", f"box {n} has {_plain(own)}")
    alpha = policy.alpha / len(wanted)
    wrong = (
        _broken(required, evidence, counted, alpha)
        if evidence.method == "fairness/range/1"
        else _certified(required, evidence, counted, alpha)
    )
    return Recheck("refuted", wrong) if wrong else CONFIRMED


def _adrift(sides: Sequence[Mapping[str, Any]], required: RangesRequirement, relation: Relation) -> str:
    """Return which box ends where nothing was ever seen; nothing if none does. Ends are values of the table."""
    for name in dict.fromkeys(side["feature"] for side in sides):
        ends = {float(side[key]) for side in sides if side["feature"] == name for key in _ENDS if side.get(key) is not None}
        if not ends:
            continue
        value = number_of(name, relation, required.location, "a number")
        listed = ", ".join(f"{end!r}::double" for end in sorted(ends))
        seen = relation.sql(f"select distinct ({value})::double as v from {{table}} where {value} in ({listed})")  # noqa: S608 - quoted names, numbers
        if {row["v"] for row in seen} != ends:
            return f"a box ends at a value of `{name}` that no row has"
    return ""


def _plain(own: Counts) -> dict[str, Any]:
    return {
        "errors": [own.errors, own.rows],
        "groups": {name: {group: list(pair) for group, pair in groups.items()} for name, groups in own.groups.items()},
        "unknown": {name: list(pair) for name, pair in own.unknown.items()},
    }


def _bounds(required: RangesRequirement) -> dict[str, float]:
    found = {"error": required.error_at_most} | {f"gap:{name}": required.gap_at_most for name in required.over}
    return {claim: bound for claim, bound in found.items() if bound is not None}


def _out_of_turn(levels: Sequence[float], many: int, alpha: float) -> bool:
    """Whether some level is another than alpha by what is left once all with lower ones are rejected."""
    return not all(math.isclose(level, alpha / (many - sum(other < level for other in levels))) for level in levels)


def _broken(required: RangesRequirement, evidence: Estimate, counted: Sequence[Counts], alpha: float) -> str:
    bounds, claimed = _bounds(required), evidence.counts
    rejected = claimed["rejected"]
    many = len(counted) * len(bounds)
    keys = {(one["box"], one["claim"]) for one in rejected}
    if len(keys) != len(rejected) or (claimed["box"], claimed["claim"]) not in keys or evidence.family != many:
        return "the box is not among those that are said to break a bound, once"
    if _out_of_turn([one["level"] for one in rejected], many, alpha):
        return "the levels are not those of Holm's procedure"
    for one in rejected:
        bound = bounds[one["claim"]]
        if (one["box"], one["claim"]) == (claimed["box"], claimed["claim"]):
            if evidence.low is None or not evidence.low > bound:
                return f"{evidence.low} is not above {bound:g}"
            if abs(_seen(counted[one["box"]], one["claim"]) - evidence.value) > 1e-9:
                return "another rate or gap was seen"
            bound = evidence.low
        if not _above(counted[one["box"]], one, bound):
            return f"it does not follow from the counts of box {one['box']} that `{one['claim']}` is above {bound:g}"
    return ""


def _above(own: Counts, one: Mapping[str, Any], bound: float) -> bool:
    from scipy.special import bdtrc

    if one["claim"] == "error":
        return own.errors > 0 and bdtrc(own.errors - 1, own.rows, bound) <= one["level"] * (1 + _SLACK)
    rows = _table(own, one["claim"])
    if len(rows) < 2 or apart.too_likely(one["levels"], len(rows), independent=True) > one["level"] * (1 + _SLACK):
        return False
    more, less = one["pair"]
    if more == less:
        return False
    sides = [apart.table([_side(rows, name, other)]) for name, other in ((more, less), (less, more))]
    key = "others" if None in one["pair"] else "pairs"
    return apart.apart(sides[0], sides[1], bound, ratio=False, levels=one["levels"], key=key)


def _side(rows: Mapping[str, Sequence[float]], name: str | None, other: str | None) -> list[float]:
    if name is not None:
        return list(rows[name])
    rest = [row for key, row in rows.items() if key != other]
    return [*(sum(row[at] for row in rest) for at in (0, 1)), *(max(row[at] for row in rest) for at in (2, 3))]


def _certified(required: RangesRequirement, evidence: Estimate, counted: Sequence[Counts], alpha: float) -> str:
    bounds, certified = _bounds(required), evidence.counts["certified"]
    if sorted(one["box"] for one in certified) != list(range(len(counted))) or not counted or evidence.family != len(counted):
        return "not every box is certified"
    if _out_of_turn([one["level"] for one in certified], len(counted), alpha):
        return "the levels are not those of Holm's procedure"
    gaps = [(_seen(own, claim) - bound, _seen(own, claim), bound) for own in counted for claim, bound in bounds.items()]
    _, value, bound = max(gaps)
    if abs(value - evidence.value) > 1e-9 or evidence.high is None or abs(evidence.high - bound) > 1e-12:
        return "another box comes closest to its bound"
    for one in certified:
        for claim, most in bounds.items():
            if not _below(counted[one["box"]], claim, one, most):
                return f"it does not follow from the counts of box {one['box']} that `{claim}` is at most {most:g}"
    return ""


def _below(own: Counts, claim: str, one: Mapping[str, Any], bound: float) -> bool:
    from scipy.special import bdtr

    if bound >= 1:
        return True
    if claim == "error":
        return own.rows > 0 and bdtr(own.errors, own.rows, bound) <= one["level"] * (1 + _SLACK)
    levels = one["levels"][claim]
    rows = apart.table(list(_table(own, claim).values()))
    if len(rows) < 2 or apart.too_likely_for_a_pair(levels) > one["level"] * (1 + _SLACK):
        return False
    if levels["pairs"] is None:
        return apart.within(rows, bound, ratio=False, levels=levels)
    order = [(a, b) for a in range(len(rows)) for b in range(len(rows)) if a != b]
    more, less = rows[[b for _, b in order]], rows[[a for a, _ in order]]
    return apart.apart(more, less, -bound, ratio=False, levels=levels, key="pairs")


def _table(own: Counts, claim: str) -> dict[str, list[float]]:
    name = claim.removeprefix("gap:")
    return {group: [*map(float, (*pair, *own.unknown[name]))] for group, pair in own.groups[name].items()}


def _seen(own: Counts, claim: str) -> float:
    if claim == "error":
        return own.errors / own.rows if own.rows else 0.0
    rates = [hits / n for hits, n in own.groups[claim.removeprefix("gap:")].values()]
    return max(rates, default=0.0) - min(rates, default=0.0)
