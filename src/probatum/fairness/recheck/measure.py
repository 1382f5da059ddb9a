"""A gap of a quantity made of two columns: are the bounds of the groups those of the table, and does the verdict follow?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.group import Compare
from probatum.fairness.artefacts.requirements.measure import MeasureRequirement, family
from probatum.fairness.semantics.measures import Sums, sums
from probatum.fairness.semantics.relation import opened
from probatum.source import DATA, Source

_FEWEST, _MOST_SKEWED = 30, 0.65


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
    own = {name: found[name] for name in groups}
    ends = _outermost(own, groups, policy.alpha)
    wrong = _misstated(required, evidence, own, ends)
    if wrong:
        return Recheck("refuted", wrong)
    if claimed["verdict"] == "violated":
        a, b = claimed["pair"]
        return _violated(required, _low(groups[a]), _high(groups[b]))
    return _satisfied(required, ends)


def _outermost(found: Mapping[str, Sums], groups: Mapping[str, Any], alpha: float) -> dict[str, tuple[float, float]]:
    """Return the intervals at alpha, each by itself, of the groups with the two highest and the two lowest ends.

    Such an interval lies within the one for all groups at once, which is known: beyond the end of that of
    the next group there is nothing to look for.
    """
    ends: dict[str, tuple[float, float]] = {}
    for side, sign in ((1, -1), (0, 1)):  # the upper ends from above, the lower from below
        reach = {name: sign * (_high(told) if side else _low(told)) for name, told in groups.items()}
        best: list[float] = []
        for name in sorted(reach, key=reach.__getitem__):
            if len(best) > 1 and reach[name] > best[1]:
                break
            if name not in ends:
                ends[name] = _ends(found[name], alpha)
            best = sorted([*best, sign * ends[name][side]])[:2]
    return ends


def _misstated(
    required: MeasureRequirement, evidence: Estimate, found: Mapping[str, Sums], alone: Mapping[str, tuple[float, float]]
) -> str:
    """Return what is said of all groups together and does not follow from the bounds of each; nothing if all does."""
    groups = evidence.counts["groups"]
    if evidence.family != family(required) * len(groups):
        return "the comparisons are of another number"
    values = [_value(own) for own in found.values()]
    ends = list(alone.values())
    value = _gap(required, max(values), min(values))
    sure = _gap(required, max(_low(own) for own in groups.values()), min(_high(own) for own in groups.values()))
    room = 1e-6 * max(1.0, abs(value), *(abs(end) for own in ends for end in own if math.isfinite(end)))
    if abs(value - evidence.value) > room:
        return f"the gap that was seen is {value!r}, and the evidence says {evidence.value!r}"
    if required.compare is Compare.DIFFERENCE:
        low, high = max(0.0, sure), max(_between(required, ends))
    else:
        low, high = min(_between(required, ends)), min(1.0, sure)
    return (
        ""
        if _same(evidence.low, low, room) and _same(evidence.high, high, room)
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


def _satisfied(required: MeasureRequirement, ends: Mapping[str, tuple[float, float]]) -> Recheck:
    """Ask for each pair whether it could be further apart: is the end of each group's own interval inside the bound?"""
    for a in sorted(ends, key=lambda name: ends[name][1])[-2:]:
        for b in sorted(ends, key=lambda name: ends[name][0])[:2]:
            high, low = ends[a][1], ends[b][0]
            apart = high - low > required.bound if required.compare is Compare.DIFFERENCE else low < required.bound * high
            if a != b and apart and not math.isclose(high, low, rel_tol=1e-9):
                return Recheck("refuted", f"`{a}` and `{b}` may differ by more")
    return CONFIRMED


def _low(told: Mapping[str, Any]) -> float:
    return -math.inf if told["low"] is None else float(told["low"])


def _high(told: Mapping[str, Any]) -> float:
    return math.inf if told["high"] is None else float(told["high"])


def _same(told: float | None, own: float, room: float) -> bool:
    return math.isinf(own) if told is None else abs(told - own) <= room


def _value(own: Sums) -> float:
    if not own.median or own.points is None:
        return own.top / own.bottom
    import numpy as np

    return float(np.median(np.repeat(own.points.value, own.points.times.astype(int))))


def _ends(own: Sums, alpha: float) -> tuple[float, float]:
    from scipy import special, stats

    if own.median:
        return _middle(own, alpha)
    value = own.top / own.bottom
    if own.counts:
        low = stats.beta.ppf(alpha / 2, own.top, own.bottom - own.top + 1) if own.top else 0.0
        high = stats.beta.isf(alpha / 2, own.top + 1, own.bottom - own.top) if own.top < own.bottom else 1.0
        return float(low), float(high)
    if own.span is not None and own.points is not None:
        return _won(own, alpha)
    skewed = (own.cubes / own.units) / (own.squares / own.units) ** 1.5 / math.sqrt(own.units) if own.squares > 0 else 1.0
    z = -float(special.stdtrit(max(1, own.units - 1), alpha / 2))
    if own.units < _FEWEST or abs(skewed) * z > _MOST_SKEWED:
        return -math.inf, math.inf
    error = math.sqrt(own.squares / (1 - 1 / own.units)) / own.bottom
    far = [_straight(side * z, skewed) for side in (1, -1)]
    return value - error * max(z, far[0]), value - error * min(-z, far[1])


def _straight(z: float, skewed: float) -> float:
    """Return the statistic that Hall's polynomial takes to z: it rises everywhere, so there is one."""
    from scipy.optimize import brentq

    def beyond(t: float) -> float:
        return t + skewed * t * t / 3 + skewed**2 * t**3 / 27 + skewed / 6 - z

    reach = 10.0
    while beyond(reach) < 0 or beyond(-reach) > 0:
        reach *= 2
    return float(brentq(beyond, -reach, reach, xtol=1e-13))


def _middle(own: Sums, alpha: float) -> tuple[float, float]:
    """Return the values between which the median is: so many are on either side only by rare chance."""
    import numpy as np
    from scipy import stats

    low, high = own.span or (-math.inf, math.inf)
    if own.points is None:
        return low, high
    values = np.repeat(own.points.value, own.points.times.astype(int))
    fewest = int(stats.binom.ppf(alpha / 2, len(values), 0.5))  # the first number that is not too rare
    fewest += int(stats.binom.cdf(fewest, len(values), 0.5) <= alpha / 2)
    return (float(values[fewest - 1]), float(values[-fewest])) if fewest else (low, high)


def _won(own: Sums, alpha: float) -> tuple[float, float]:
    """Return the means against which the mixture of bets has not won, of values and of what they lack to the highest."""
    from scipy.optimize import brentq

    def least(x: Any) -> float:
        won = _bet(own, x, alpha)
        mean = _mean(own, x)
        return float(brentq(won, 1e-12, mean, xtol=1e-12)) if mean > 1e-12 and won(1e-12) > 0 else 0.0

    low, width, ratio = _scaled(own)
    return low + width * least(ratio), low + width - width * least(1 - ratio)


def _loses(own: Sums, told: tuple[float, float], alpha: float, room: float) -> bool:
    """Whether the mixture of bets wins against means a little outside of `told`, and not against those a little inside."""
    low, width, ratio = _scaled(own)
    room = max(room / width, 2e-9)
    for x, end in ((ratio, (told[0] - low) / width), (1 - ratio, (low + width - told[1]) / width)):
        won = _bet(own, x, alpha)
        if end + room < _mean(own, x) and won(end + room) > 0:
            return False
        if end > _mean(own, x) or (end - room > 0 and won(end - room) < 0):
            return False
    return True


def _scaled(own: Sums) -> tuple[float, float, Any]:
    """Return the lowest value, the width of the range, and the values as shares of it."""
    if own.points is None or own.span is None:
        raise ValueError("there is no range")
    low, high = own.span
    return low, high - low, (own.points.value - low) / (high - low)


def _mean(own: Sums, x: Any) -> float:
    import numpy as np

    return 0.0 if own.points is None else float(np.average(x, weights=own.points.times * own.points.size))


def _bet(own: Sums, x: Any, alpha: float) -> Callable[[float], float]:
    """Return by how much, in logarithms, the bets against a mean win more than chance would let them."""
    import numpy as np

    if own.points is None:
        raise ValueError("there are no units")
    share, times = own.points.size / own.points.size.max(), own.points.times
    bets = 0.95 * 0.5 ** np.arange(3 + int(np.log2(max(4.0, times.sum())) / 2))
    fair = math.log(2 * len(bets) / alpha)

    def won(m: float) -> float:
        gains = share * (x - m) / m
        return float(np.logaddexp.reduce(np.log1p(bets[:, None] * gains) @ times)) - fair

    return won


def _wrong(own: Sums | None, told: Mapping[str, Any], share: float) -> str:
    if own is None or own.bottom <= 0 or own.units != told["units"]:
        return "is not so large in the table"
    if not math.isclose(_value(own), told["value"], rel_tol=1e-9, abs_tol=1e-12):
        return f"has {_value(own)!r} in the table, not {told['value']!r}"
    if own.points is not None and own.span is not None and not (own.median or own.counts):
        ends = _low(told), _high(told)
        stands = ends[0] <= ends[1] and _loses(own, ends, share, 1e-6 * (ends[1] - ends[0]))
        return "" if stands else f"is not between {told['low']!r} and {told['high']!r}"
    low, high = _ends(own, share)
    room = 1e-6 * (high - low) + 1e-12 if math.isfinite(high - low) else 1e-12
    if not (_same(told["low"], low, room) and _same(told["high"], high, room)):
        return f"is between {low!r} and {high!r}, not between {told['low']!r} and {told['high']!r}"
    return ""
