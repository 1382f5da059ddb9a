"""A gap of scores: are the rows those of the table, and do bounds that are computed otherwise say the same?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import permutations
from typing import TYPE_CHECKING, Any

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.scores import ScoresRequirement, family
from probatum.fairness.semantics.exact_scores import exact_scores
from probatum.fairness.semantics.relation import opened
from probatum.fairness.semantics.score_counts import Scores
from probatum.source import DATA, Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROOM = 1e-6
_FEWEST = 8  # of the smaller class, misplaced or well placed


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute a gap of scores."""
    if not isinstance(evidence, Estimate) or evidence.low is None or evidence.high is None:
        return Recheck("refuted", "a gap is an estimate with two bounds")
    told = evidence.counts
    required = next((r for r in policy.of_kind(ScoresRequirement) if r.id == told["requirement"]), None)
    metric, over = told["metric"], tuple(told["over"])
    if required is None or metric not in required.metrics or over not in required.over:
        return Recheck("refuted", "the policy does not require that")
    table = policy.decision
    if table.weight or table.cluster or table.unit:
        return Recheck("refuted", "rows are not independent, or do not count alike")
    source = inputs.get(DATA + (beside(policy.location.path, table.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{table.table}` is not there")
    with opened(source) as relation:
        groups = {name: own for name, own in exact_scores(policy, relation, over).items() if own.rows >= policy.min_cell}
    sizes = {name: [own.rows, round(sum(own.positive)), round(sum(own.negative))] for name, own in groups.items()}
    if told["groups"] != sizes:
        return Recheck("refuted", "the evidence counts other rows than the table has")
    if evidence.family != family(required) * math.comb(len(groups), 2):
        return Recheck("refuted", "the policy makes another number of comparisons")
    judged = _Judged(metric, groups, policy.alpha, family(required))
    own = judged.value, judged.low, judged.high
    if any(not abs(a - b) <= _ROOM for a, b in zip(own, (evidence.value, evidence.low, evidence.high), strict=True)):
        return Recheck("refuted", f"the gap that was seen is {own[0]:g}, and it is between {own[1]:g} and {own[2]:g}")
    pair = tuple(told["pair"])
    if told["verdict"] == "violated" and evidence.low > required.bound:
        named = abs(judged.lows.get(pair, -1.0) - evidence.low) <= _ROOM
        return CONFIRMED if named else Recheck("refuted", f"{' and '.join(pair)} are not so far apart")
    if told["verdict"] == "satisfied" and evidence.high <= required.bound and pair in judged.lows:
        return CONFIRMED
    return Recheck("refuted", "the verdict does not follow from the bounds")


class _Judged:
    """Bounds of the largest gap."""

    def __init__(self, metric: str, groups: Mapping[str, Scores], alpha: float, family: int) -> None:
        self.lows: dict[tuple[Any, ...], float] = {}
        values, highs = [], []
        if metric.startswith("ks"):
            own = {name: part for name, scores in groups.items() if sum(part := _weights(metric, scores)) > 0}
            sizes = {name: sum(part) for name, part in own.items()}
            near = {name: math.sqrt(math.log(2 * family * len(own) / alpha) / 2 / n) for name, n in sizes.items()}
            far = {name: math.sqrt(math.log(4 / alpha) / 2 / n) for name, n in sizes.items()}
            for a, b in permutations(own, 2):
                apart = _furthest((groups[a].score, own[a]), (groups[b].score, own[b]))
                values.append(apart)
                self.lows[a, b] = apart - near[a] - near[b]
                highs.append(apart + far[a] + far[b])
        else:
            crossed = metric == "xauc"
            known = {(a, b): _ranks(groups[a], groups[b]) for a in groups for b in (groups if crossed else [a])}
            sides = {(a, b): ((a, b), (b, a)) if crossed else ((a, a), (b, b)) for a, b in permutations(groups, 2)}
            sides = {pair: both for pair, both in sides.items() if all(known[one] is not None for one in both)}
            error = alpha / family / max(1, len(sides) // 2)
            for pair, (one, other) in sides.items():
                first, second = known[one], known[other]
                if first is None or second is None:
                    continue
                values.append(first[0] - second[0])
                self.lows[pair] = _apart(first, second, error)
                highs.append(-_apart(second, first, 2 * alpha))
        self.value, self.low, self.high = max(values), max(0.0, *self.lows.values()), min(1.0, max(highs))


def _weights(metric: str, own: Scores) -> NDArray[Any]:
    return own.all if metric == "ks" else own.positive if metric == "ks_positive" else own.negative


def _furthest(one: tuple[NDArray[Any], NDArray[Any]], other: tuple[NDArray[Any], NDArray[Any]]) -> float:
    """Return the largest distance of two distributions: of the steps of both in the order of scores."""
    import numpy as np

    score = np.concatenate([one[0], other[0]])
    step = np.concatenate([one[1] / one[1].sum(), -other[1] / other[1].sum()])
    order = np.argsort(score, kind="stable")
    last = np.append(np.diff(score[order]) > 0, True)  # only after all rows of a score
    return float(np.abs(np.cumsum(step[order])[last]).max())


def _ranks(one: Scores, other: Scores) -> tuple[float, float, float, float, float] | None:
    """Return how often positives of the one outrank negatives of the other, both variances and both sizes, from middle ranks.

    Sun and Xu (IEEE Signal Processing Letters 21, 2014): a placement is a rank among all less the rank among one's own.
    """
    import numpy as np

    m, n = float(sum(one.positive)), float(sum(other.negative))
    if m < 2 or n < 2:
        return None
    score = np.concatenate([one.score, other.score])
    mass = np.stack([np.concatenate([one.positive, 0 * other.negative]), np.concatenate([0 * one.positive, other.negative])])
    grid, at = np.unique(score, return_inverse=True)
    own = np.stack([np.bincount(at, row, len(grid)) for row in mass])
    ranks = np.cumsum(own, axis=1) - own / 2
    won, lost = ranks[1] / n, 1 - ranks[0] / m  # of a positive, and of a negative, with this score
    value = float((own[0] * won).sum() / m)
    spread = float((own[0] * won**2).sum() / m - value**2) / (m - 1), float((own[1] * lost**2).sum() / n - value**2) / (n - 1)
    return min(1.0, max(0.0, value)), max(0.0, spread[0]), max(0.0, spread[1]), m, n


def _apart(one: tuple[float, ...], other: tuple[float, ...], error: float) -> float:
    """Return the lower bound of the one less the other."""
    sharp = all(own[1] + own[2] > 1e-18 and min(own[3], own[4]) * min(own[0], 1 - own[0]) >= _FEWEST for own in (one, other))
    if not sharp:
        return _ends(one, error / 2)[0] - _ends(other, error / 2)[1]
    low, high = _ends(one, error)[0], _ends(other, error)[1]
    return one[0] - other[0] - math.sqrt((one[0] - low) ** 2 + (high - other[0]) ** 2)


def _ends(own: tuple[float, ...], error: float) -> tuple[float, float]:
    from scipy import optimize, stats

    value, first, second, m, n = own
    if first + second > 1e-18 and min(m, n) * min(value, 1 - value) >= _FEWEST:
        degrees = (first + second) ** 2 / (first**2 / (m - 1) + second**2 / (n - 1))
        reach = stats.t.isf(error / 2, degrees) * math.sqrt(first + second) / value / (1 - value)
        odds = value / (1 - value)
        low, high = odds * math.exp(-reach), odds * math.exp(reach)
        return low / (1 + low), 1 - 1 / (1 + high)
    least = math.log(2 / error) / math.floor(max(1, min(m, n)))

    def beyond(q: float) -> float:
        own = (
            value * math.log(value / q) if value > 0 else 0.0,
            (1 - value) * math.log((1 - value) / (1 - q)) if value < 1 else 0.0,
        )
        return sum(own) - least

    tiny = 1e-15
    below = 0.0 if value <= tiny else optimize.brentq(beyond, 1e-300, value, xtol=1e-15) if beyond(1e-300) > 0 else 0.0
    above = 1.0 if value >= 1 - tiny else optimize.brentq(beyond, value, 1 - tiny, xtol=1e-15) if beyond(1 - tiny) > 0 else 1.0
    return float(below), float(above)
