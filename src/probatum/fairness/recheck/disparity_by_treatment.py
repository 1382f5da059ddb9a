"""A part of a disparity by who is treated: does it follow from the graph and the table? Estimated again, by code of its own.

Every part is a function of a few means; the error of the function is had by moving each mean a little. Regressions are
fitted by a general optimiser and by the pseudo-inverse.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import NormalDist
from typing import TYPE_CHECKING

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.treatment import Part, TreatmentRequirement
from probatum.fairness.recheck.fitted import regression
from probatum.fairness.semantics.causal_rows import rows_of
from probatum.fairness.semantics.paths import adjustment
from probatum.fairness.semantics.relation import opened
from probatum.fairness.semantics.treatment_rows import TreatmentSample, treated_rows
from probatum.source import DATA, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_NEAR = 2e-3  # of the interval's width: what two optimisers may differ by


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute a part of a disparity."""
    if not isinstance(evidence, Estimate) or evidence.low is None or evidence.high is None:
        return Recheck("refuted", "a part of a disparity is an estimate with two bounds")
    claimed, low, high = evidence.counts, evidence.low, evidence.high
    required = next((r for r in policy.of_kind(TreatmentRequirement) if r.id == claimed["requirement"]), None)
    if required is None or required.part.value != claimed["part"]:
        return Recheck("refuted", f"the policy does not require what `{claimed['requirement']}` is said to")
    beyond = low > required.bound or high < -required.bound
    within = -required.bound <= low and high <= required.bound
    if not {"violated": beyond, "satisfied": within}.get(claimed["verdict"], False):
        return Recheck("refuted", f"the interval does not say that `{required.id}` is {claimed['verdict']}")
    if evidence.family != 1:
        return Recheck("refuted", "the interval is one by itself")
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    asked = required.asked
    known = adjustment(
        asked.graph,
        group=asked.group,
        outcome=asked.outcome,
        mediators=asked.through,
        allowed=asked.allow,
        chosen=asked.adjust,
        accepted=asked.accept,
        conditioned=[n for n, v in asked.graph.variables.items() if v.column in policy.decision.where and n != asked.group],
    )
    if known.problem:
        return Recheck("refuted", "by the policy's graph no such claim is possible")
    with opened(source) as relation:
        rows = rows_of(policy, asked, known.sets[0], relation)
    sample = treated_rows(required, rows, known.sets[0])
    one = sample.group == 1
    if claimed["rows"] != [int(one.sum()), int((~one).sum())] or claimed["treated"] != [
        int(sample.treated[one].sum()),
        int(sample.treated[~one].sum()),
    ]:
        return Recheck("refuted", "the evidence counts other rows than the table has")
    parts, means, moves = _given(sample) if sample.conditions.shape[1] else _plain(sample)
    factor = _factor(sample, evidence.confidence)
    for name, part in parts.items():
        value = part(means)
        error = _error(_slope(part, means) @ moves, sample)
        again = {"value": value, "low": value - factor * error, "high": value + factor * error}
        said = {"value": claimed["parts"].get(name.value)}
        if name is required.part:
            if said["value"] != evidence.value:
                return Recheck("refuted", "the evidence has two values of the part")
            said |= {"low": low, "high": high}
        for which, told in said.items():
            if told is None or not abs(again[which] - told) <= _NEAR * 2 * factor * error + 1e-12:
                return Recheck("refuted", f"the {which} of `{name.value}` is {again[which]:.6g}, and the evidence says {told}")
    if set(claimed["parts"]) != {name.value for name in parts}:
        return Recheck("refuted", "the evidence has other parts than there are")
    if claimed["waterfall"] != [[name.value, claimed["parts"][name.value]] for name in parts if name is not Part.REDUCTION]:
        return Recheck("refuted", "the parts that add up are others than those that are stated")
    return CONFIRMED


def _factor(sample: TreatmentSample, confidence: float) -> float:
    if sample.clusters is None:
        return NormalDist().inv_cdf((1 + confidence) / 2)
    from scipy.stats import t

    return float(t.ppf((1 + confidence) / 2, len(set(sample.clusters.tolist())) - 1))


def _error(influence: Array, sample: TreatmentSample) -> float:
    import numpy as np

    influence = influence - influence.mean()
    n = len(influence)
    if sample.clusters is None:
        return math.sqrt(float((influence**2).sum())) / n
    sums = np.array([influence[sample.clusters == one].sum() for one in np.unique(sample.clusters)])
    return math.sqrt(float((sums**2).sum()) * len(sums) / (len(sums) - 1)) / n


def _slope(part: Callable[[Array], float], means: Array) -> Array:
    import numpy as np

    found = np.zeros(len(means))
    for at in range(len(means)):
        step = 1e-4 * max(1.0, abs(means[at]))
        up, down = means.copy(), means.copy()
        up[at] += step
        down[at] -= step
        found[at] = (part(up) - part(down)) / (2 * step)
    return found


def _unobserved(sample: TreatmentSample) -> tuple[Array, Array]:
    """What each row would have untreated, and treated: its model's, and by weight how far the outcome is from that."""
    import numpy as np

    d = sample.treated.astype(float)
    known = np.column_stack([sample.group, sample.confounders, sample.conditions]).astype(float)
    model = regression(np.column_stack([d, known, d[:, None] * known]), sample.outcome, event=False)
    chance = regression(known, d, event=True)(known)
    found = []
    for dose in (0.0, 1.0):
        at = np.full(len(d), dose)
        fitted = model(np.column_stack([at, known, dose * known]))
        weight = (d == dose) / np.where(dose == 1, chance, 1 - chance)
        found.append(fitted + weight / weight.mean() * (sample.outcome - fitted))
    return found[0], found[1]


def _plain(sample: TreatmentSample) -> tuple[Mapping[Part, Callable[[Array], float]], Array, Array]:
    """Parts as functions of means; means of outcome, treatment, and both unobserved outcomes, in each group; their influences."""
    import numpy as np

    without, with_ = _unobserved(sample)
    means, moves = [], []
    for side in (1, 0):
        own = (sample.group == side) / (sample.group == side).mean()
        for value in (sample.outcome, sample.treated, without, with_):
            means.append(float((own * value).mean()))
            moves.append(own * (value - means[-1]))

    def selection(m: Array) -> float:
        # Covariance of treatment and effect: E[D tau] - E[D] E[tau], where E[D tau] is the mean less that of the untreated.
        one, other = (m[at] - m[at + 2] - m[at + 1] * (m[at + 3] - m[at + 2]) for at in (0, 4))
        return float(one - other)

    parts: dict[Part, Callable[[Array], float]] = {
        Part.TOTAL: lambda m: float(m[0] - m[4]),
        Part.BASELINE: lambda m: float(m[2] - m[6]),
        Part.PREVALENCE: lambda m: float((m[1] - m[5]) * (m[7] - m[6])),
        Part.EFFECT: lambda m: float(m[1] * ((m[3] - m[2]) - (m[7] - m[6]))),
        Part.SELECTION: selection,
    }
    return parts, np.array(means), np.array(moves)


def _given(sample: TreatmentSample) -> tuple[Mapping[Part, Callable[[Array], float]], Array, Array]:
    """The same given what justifies treatment: besides, means over Q in one group of effects in another by treatment in a third."""
    import numpy as np

    without, with_ = _unobserved(sample)
    q, group, d = sample.conditions, sample.group.astype(float), sample.treated.astype(float)

    def features(side: Array) -> Array:
        return np.column_stack([side, q, side[:, None] * q])

    both = {side: features(np.full(len(group), float(side))) for side in (0, 1)}
    helped: dict[tuple[int, int], Array] = {}
    for dose, own in ((0, without), (1, with_)):
        model = regression(features(group), own, event=False)
        helped |= {(dose, side): model(both[side]) for side in (0, 1)}
    treat = regression(features(group), d, event=True)
    given = {side: treat(both[side]) for side in (0, 1)}
    of_one = regression(q, group, event=True)(q)
    chance = {1: of_one, 0: 1 - of_one}
    means, moves = [], []

    def added(value: float, move: Array) -> None:
        means.append(value)
        moves.append(move)

    for side in (1, 0):
        own = (group == side) / (group == side).mean()
        for one in (sample.outcome, without):
            added(float((own * one).mean()), own * (one - (own * one).mean()))
    for outcome_of, treatment_of, over in ((0, 1, 0), (0, 0, 0), (1, 1, 1), (0, 1, 1)):
        here = (group == over) / (group == over).mean()
        weights = []
        for side in (outcome_of, treatment_of):
            raw = (group == side) * chance[over] / chance[side]
            weights.append(raw / raw.mean())
        value, move = 0.0, np.zeros(len(group))
        for sign, dose, own in ((1, 1, with_), (-1, 0, without)):
            y = helped[dose, outcome_of]
            fixed = weights[0] * (own - y) * given[treatment_of] + weights[1] * (d - given[treatment_of]) * y
            mean = float((here * y * given[treatment_of] + fixed).mean())
            value += sign * mean
            move += sign * (here * (y * given[treatment_of] - mean) + fixed)
        added(value, move)
    # Means: Y and Y_0 of group 1, of group 0; then the four gains.
    parts: dict[Part, Callable[[Array], float]] = {
        Part.TOTAL: lambda m: float(m[0] - m[2]),
        Part.BASELINE: lambda m: float(m[1] - m[3]),
        Part.PREVALENCE: lambda m: float(m[4] - m[5]),
        Part.EFFECT: lambda m: float(m[6] - m[7]),
        Part.SELECTION: lambda m: float(m[0] - m[2] - (m[1] - m[3]) - (m[4] - m[5]) - (m[6] - m[4])),
        Part.DISTRIBUTION: lambda m: float(m[7] - m[4]),
        Part.REDUCTION: lambda m: float(m[3] + m[4] - m[2]),
    }
    return parts, np.array(means), np.array(moves)
