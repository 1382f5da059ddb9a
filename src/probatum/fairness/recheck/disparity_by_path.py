"""A part of a disparity by mediators: does it follow from the graph and the table? Estimated again, by code of its own.

Nuisance functions are fitted by a general optimiser here, the standard error of
weighting is that of stacked estimating equations with derivatives by
differences. Nothing of this is fast, and all of it is short.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import NormalDist
from typing import TYPE_CHECKING

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.causal import CausalRequirement, Estimator
from probatum.fairness.recheck.fitted import RIDGE, Chooser, regression
from probatum.fairness.semantics.causal_rows import CausalRows, rows_of
from probatum.fairness.semantics.causal_sample import folds
from probatum.fairness.semantics.paths import adjustment
from probatum.fairness.semantics.relation import opened
from probatum.source import DATA, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_CAP = 50.0  # part of the method: the most that a row stands for
_NEAR = 2e-3  # of the interval's width: what two optimisers may differ by


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute a part of a disparity."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "a part of a disparity is an estimate")
    claimed = evidence.counts
    required = next((r for r in policy.of_kind(CausalRequirement) if r.id == claimed["requirement"]), None)
    if required is None or (required.part.value, required.estimator.value) != (claimed["part"], claimed["estimator"]):
        return Recheck("refuted", f"the policy does not require what `{claimed['requirement']}` is said to")
    if not _follows(claimed["verdict"], evidence, required.bound):
        return Recheck("refuted", f"the interval does not say that `{required.id}` is {claimed['verdict']}")
    if abs(evidence.confidence - (1 - policy.alpha)) > 1e-12:
        return Recheck("refuted", f"the policy asks for {1 - policy.alpha:g} confidence, not {evidence.confidence:g}")
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    sets = {some: _adjusted(policy, required, some) for some in _subsets(required.through)}
    if None in sets.values():
        return Recheck("refuted", "by the policy's graph no such claim is possible")
    used = {name for one in sets.values() for names in one or () for name in names}
    with opened(source) as relation:
        rows = rows_of(policy, required, sorted(used), relation)
    now = sets[required.through] or ()
    if required.estimator is Estimator.DOUBLY_ROBUST:
        value, error = _by_influence(rows, now[0], required.part.value, int(claimed["folds"]), evidence.seed or 0)
    else:
        value, error = _by_weights(rows, required.through, now, required.part.value)
    factor = _factor(rows, evidence.confidence)
    width = 2 * factor * error
    found = (value, value - factor * error, value + factor * error)
    for name, again, said in zip(("value", "low", "high"), found, (evidence.value, evidence.low, evidence.high), strict=True):
        if said is None or not abs(again - said) <= _NEAR * width:
            return Recheck("refuted", f"the {name} is {again:.6g}, and the evidence says {said}")
    return CONFIRMED


def _follows(verdict: str, evidence: Estimate, bound: float) -> bool:
    if evidence.low is None or evidence.high is None:
        return False
    if verdict == "violated":
        return evidence.low > bound or evidence.high < -bound
    return verdict == "satisfied" and -bound <= evidence.low and evidence.high <= bound


def _subsets(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [some for count in range(1, len(names) + 1) for some in combinations(names, count)]


def _adjusted(policy: Policy, required: CausalRequirement, some: tuple[str, ...]) -> tuple[tuple[str, ...], ...] | None:
    """Return what the graph says must be known for a set of mediators, or None if it says that nothing is enough."""
    graph = required.graph
    others = [name for name in required.through if name not in some]
    found = adjustment(
        graph,
        group=required.group,
        outcome=required.outcome,
        mediators=some,
        allowed=required.allow,
        chosen=None if required.adjust is None else [*required.adjust, *others],
        accepted=required.accept,
        conditioned=[n for n, v in graph.variables.items() if v.column in policy.decision.where and n != required.group],
    )
    return None if found.problem else found.sets


def _factor(rows: CausalRows, confidence: float) -> float:
    if rows.clusters is None:
        return NormalDist().inv_cdf((1 + confidence) / 2)
    from scipy.stats import t

    return float(t.ppf((1 + confidence) / 2, len(set(rows.clusters.tolist())) - 1))


def _by_influence(rows: CausalRows, confounders: Sequence[str], part: str, count: int, seed: int) -> tuple[float, float]:
    """The doubly robust estimate: the mean of its influence function, and the error of that mean."""
    import numpy as np

    sample = rows.sample(0, confounders)
    r, y, m, c = sample.group, sample.outcome, sample.mediator, sample.baseline
    n, p1, levels = len(y), r.mean(), len(sample.levels)
    known = np.column_stack([sample.confounders, c])
    placed = folds(sample, count, seed)
    terms = {name: np.zeros(n) for name in ("mean", "would", "compared")}
    for fold in range(count):
        test = placed == fold
        g1, g0 = (placed != fold) & (r == 1), (placed != fold) & (r == 0)
        if not test.any():
            continue
        seen = np.eye(levels)[m]
        mu = regression(np.column_stack([seen[g1][:, 1:], known[g1]]), y[g1], event=sample.binary)
        first = Chooser(known[g1], seen[g1])(known[test])
        other = Chooser(c[g0], seen[g0])(c[test])
        chance = Chooser(c[placed != fold], np.eye(2)[r[placed != fold]])(c[test])[:, 1]
        at, nu = np.zeros((test.sum(), levels)), np.zeros((test.sum(), levels))
        for k in range(levels):
            as_k = np.tile(np.eye(levels)[k, 1:], (n, 1))
            at[:, k] = mu(np.column_stack([as_k[test], known[test]]))
            nu[:, k] = regression(c[g1], mu(np.column_stack([as_k[g1], known[g1]])), event=sample.binary)(c[test])
        own = (np.arange(test.sum()), m[test])
        one = (r[test] == 1) / p1
        zero = (r[test] == 0) / p1 * np.minimum(chance / (1 - chance), _CAP * p1 / (1 - p1))
        ratio = np.minimum(other[own] / first[own], _CAP)
        plain = regression(c[g0], y[g0], event=sample.binary)(c[test])
        terms["mean"][test] = one * y[test]
        terms["would"][test] = one * (ratio * (y[test] - at[own]) + (other * at).sum(1)) + zero * (nu[own] - (other * nu).sum(1))
        terms["compared"][test] = one * plain + zero * (y[test] - plain)
    more, less = _ends(part)
    chosen = terms[more] - terms[less]
    value = float(chosen.mean())
    return value, _error(chosen - (r == 1) / p1 * value, rows)


def _ends(part: str) -> tuple[str, str]:
    return {"initial": ("mean", "compared"), "reduction": ("mean", "would"), "remaining": ("would", "compared")}[part]


def _error(influence: Array, rows: CausalRows) -> float:
    import numpy as np

    influence = influence - influence.mean()
    n = len(influence)
    if rows.clusters is None:
        return math.sqrt(float((influence**2).sum())) / n
    sums = np.array([influence[rows.clusters == one].sum() for one in np.unique(rows.clusters)])
    return math.sqrt(float((sums**2).sum()) * len(sums) / (len(sums) - 1)) / n


def _by_weights(rows: CausalRows, some: Sequence[str], sets: Sequence[Sequence[str]], part: str) -> tuple[float, float]:
    """The weighted estimate, and its error by stacked estimating equations."""
    import numpy as np

    one, y = rows.group == 1, rows.outcome
    models: list[tuple[Chooser, Array, Array, NDArray[np.bool_], int]] = []  # features, indicators, rows, sign in the weight
    for at, used in enumerate(sets):
        seen = np.eye(len(rows.levels[at]))[rows.mediators[at]]
        drawn = np.column_stack([rows.baseline, rows.known(some[:at])])
        given = np.column_stack([drawn, rows.known(used)])
        models.append((Chooser(given[one], seen[one]), given, seen, one, -1))
        models.append((Chooser(drawn[~one], seen[~one]), drawn, seen, ~one, 1))
    sides = np.eye(2)[rows.group]
    everyone = np.ones(len(y), dtype=bool)
    models.append((Chooser(rows.baseline, sides), rows.baseline, sides, everyone, 0))
    sizes = [model.beta.size for model, *_ in models]

    def equations(at: Array) -> Array:
        """What is 0 on average at the estimates: scores of all models, and the three weighted means."""
        means, coefficients = at[-3:], np.split(at[:-3], np.cumsum(sizes)[:-1])
        weight, columns = one.astype(float), []
        odds = np.zeros(len(y))
        for (model, features, seen, mine, sign), flat in zip(models, coefficients, strict=True):
            beta = flat.reshape(model.beta.shape)
            chance = model(features, beta)
            penalty = RIDGE * flat / len(y)
            columns.append(np.where(mine[:, None], model.scores(features, seen, beta), 0.0) - penalty)
            if sign:
                weight = weight * (chance * seen).sum(axis=1) ** sign
            else:
                odds = np.where(one, 0.0, chance[:, 1] / chance[:, 0])
        ends = [one * (y - means[0]), weight * (y - means[1]), odds * (y - means[2])]
        return np.column_stack([*columns, *ends])

    start = np.concatenate([*(model.beta.ravel() for model, *_ in models), np.zeros(3)])
    weights, zero = [], equations(start)[:, -3:].mean(axis=0)
    for k in range(3):
        moved = start.copy()
        moved[-3 + k] = 1.0
        weights.append(zero[k] - equations(moved)[:, -3 + k].mean())
    start[-3:] = zero / np.array(weights)
    slope = np.zeros((len(start), len(start)))
    for k in range(len(start)):
        step = 1e-5 * max(1.0, abs(start[k]))
        up, down = start.copy(), start.copy()
        up[k] += step
        down[k] -= step
        slope[:, k] = (equations(up).mean(axis=0) - equations(down).mean(axis=0)) / (2 * step)
    influence = -equations(start) @ np.linalg.inv(slope).T
    places = {"mean": -3, "would": -2, "compared": -1}
    more, less = (places[end] for end in _ends(part))
    return float(start[more] - start[less]), _error(influence[:, more] - influence[:, less], rows)
