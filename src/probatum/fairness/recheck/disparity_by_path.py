"""A part of a disparity by mediators: does it follow from the graph and the table? Estimated again, by code of its own.

Nuisance functions are fitted by a general optimiser here, and standard errors
are those of stacked estimating equations with derivatives by differences. Nothing of this is fast, and all of it is short.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.causal import CausalRequirement, Estimator
from probatum.fairness.recheck.fitted import RIDGE, Chooser
from probatum.fairness.recheck.robust import Ends, error_of, misstated, robustness
from probatum.fairness.recheck.stacked import Choice, Event, Line, Piece, moved_by
from probatum.fairness.semantics.causal_rows import CausalRows, rows_of
from probatum.fairness.semantics.causal_sample import CausalSample, folds
from probatum.fairness.semantics.paths import adjustment
from probatum.fairness.semantics.relation import opened
from probatum.source import DATA, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_CAP = 50.0  # part of the method: the most that a row stands for
_FOLDS, _SEED = 5, 0  # as are these: a seed is not chosen for what it gives
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
    if (evidence.family, evidence.seed, claimed["folds"]) != (1, _SEED, _FOLDS):
        return Recheck("refuted", "the interval is one by itself, and folds and their seed belong to the method")
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
    ones = int((rows.group == 1).sum())
    if claimed["rows"] != [ones, len(rows.group) - ones] or claimed["adjusted"] != [list(one) for one in now]:
        return Recheck("refuted", "the evidence is of other rows than the table has, or adjusts for other variables")
    more, less = _ENDS[required.part.value]
    if required.estimator is Estimator.DOUBLY_ROBUST:
        ends = _by_influence(rows, now[0], more, less)
    else:
        ends = _by_weights(rows, required.through, now)
    means = ends.means
    parts = {name: means[one] - means[other] for name, (one, other) in _ENDS.items()}
    value = parts[required.part.value]
    factor = _factor(rows, evidence.confidence)
    width = 2 * factor * error_of(ends.influence[more] - ends.influence[less], rows)
    found = (value, value - width / 2, value + width / 2)
    for name, again, said in zip(("value", "low", "high"), found, (evidence.value, evidence.low, evidence.high), strict=True):
        if said is None or not abs(again - said) <= _NEAR * width:
            return Recheck("refuted", f"the {name} is {again:.6g}, and the evidence says {said}")
    for part, own in parts.items():
        told = claimed["parts"].get(part)
        if told is None or not abs(own - told) <= _NEAR * width:
            return Recheck("refuted", f"the part `{part}` is {own:.6g}, and the evidence says {told}")
    if claimed["waterfall"] != [[part, claimed["parts"][part]] for part in parts]:
        return Recheck("refuted", "the parts that add up are others than those that are stated")
    wrong = misstated(rows, claimed, ends, (more, less), factor) or _without_robustness(rows, now, claimed)
    return Recheck("refuted", wrong) if wrong else CONFIRMED


def _without_robustness(rows: CausalRows, now: Sequence[Sequence[str]], claimed: Mapping[str, Any]) -> str:
    own = None if len(rows.mediators) > 1 else robustness(rows.sample(0, now[0]))
    said = claimed["robustness"]
    if (own is None) != (said is None) or (own is not None and not math.isclose(own, said, rel_tol=1e-6, abs_tol=1e-9)):
        return f"the robustness is {own}, and the evidence says {said}"
    return ""


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


def _by_influence(rows: CausalRows, confounders: Sequence[str], more: str, less: str) -> Ends:
    """The doubly robust estimate of all means, and what each row moves two of them by, fitting included."""
    import numpy as np

    sample = rows.sample(0, confounders)
    placed = folds(sample, _FOLDS, _SEED)
    terms = {name: np.zeros(sample.size) for name in ("mean", "would", "compared", "ratio", "odds")}
    fitting = {name: np.zeros(sample.size) for name in (more, less)}
    for fold in range(_FOLDS):
        test = placed == fold
        if test.any():
            own, moved = _fold(sample, test, (more, less))
            for name, values in moved.items():
                fitting[name] += values
            for name, values in own.items():
                terms[name][test] = values
    means = {name: float(terms[name].mean()) for name in ("mean", "would", "compared")}
    share = (sample.group == 1) / sample.group.mean()
    one = sample.group == 1
    return Ends(
        means=means,
        influence={name: terms[name] - share * means[name] + fitting[name] for name in (more, less)},
        weights=np.minimum(terms["ratio"][one], _CAP),
        largest=float(max(terms["ratio"][one].max(), terms["odds"][~one].max())),
    )


def _fold(sample: CausalSample, test: NDArray[np.bool_], asked: Sequence[str]) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return the terms of one fold's rows for each mean, with their weights, and what all other rows move the sums by."""
    import numpy as np

    r, y, m, c = sample.group, sample.outcome, sample.mediator, sample.baseline
    p1, levels = r.mean(), len(sample.levels)
    known = np.column_stack([sample.confounders, c])
    seen, sides = np.eye(levels)[m], np.eye(2)[r]
    g1, g0 = ~test & (r == 1), ~test & (r == 0)
    regression: type[Event | Line] = Event if sample.binary else Line

    def as_k(k: int, which: NDArray[np.bool_]) -> Array:
        return np.column_stack([np.tile(np.eye(levels)[k, 1:], (int(which.sum()), 1)), known[which]])

    mu = regression(np.column_stack([seen[g1][:, 1:], known[g1]]), y[g1])
    levelled = [as_k(k, g1) for k in range(levels)]
    pieces = [
        Piece(mu, g1, y[g1]),
        Piece(Choice(known[g1], seen[g1]), g1, seen[g1]),
        Piece(Choice(c[g0], seen[g0]), g0, seen[g0]),
        Piece(Choice(c[~test], sides[~test]), ~test, sides[~test]),
        Piece(regression(c[g0], y[g0]), g0, y[g0]),
        *(Piece(regression(c[g1], mu(features)), g1, partial(mu, features)) for features in levelled),
    ]
    said = [piece.model for piece in pieces]
    tested, own = [as_k(k, test) for k in range(levels)], (np.arange(test.sum()), m[test])
    one, zero = (r[test] == 1) / p1, (r[test] == 0) / p1

    def terms(betas: Sequence[Array]) -> dict[str, Array]:
        """The terms of the rows of the fold, with these coefficients."""
        at = np.column_stack([said[0](features, betas[0]) for features in tested])
        first, other = said[1](known[test], betas[1]), said[2](c[test], betas[2])
        chance = said[3](c[test], betas[3])[:, 1]
        odds = chance / (1 - chance)
        tilt = zero * np.minimum(odds, _CAP * p1 / (1 - p1))
        plain = said[4](c[test], betas[4])
        nu = np.column_stack([model(c[test], beta) for model, beta in zip(said[5:], betas[5:], strict=True)])
        weight = other[own] / first[own]
        ratio = np.minimum(weight, _CAP)
        return {
            "mean": one * y[test],
            "would": one * (ratio * (y[test] - at[own]) + (other * at).sum(1)) + tilt * (nu[own] - (other * nu).sum(1)),
            "compared": one * plain + tilt * (y[test] - plain),
            "ratio": weight,
            "odds": odds * (1 - p1) / p1,
        }

    def total(betas: Sequence[Array]) -> Array:
        own = terms(betas)
        return np.array([own[name].sum() for name in asked])

    moved = moved_by(pieces, total, len(y))
    return terms([model.beta for model in said]), dict(zip(asked, moved, strict=True))


_ENDS = {"initial": ("mean", "compared"), "reduction": ("mean", "would"), "remaining": ("would", "compared")}


def _by_weights(rows: CausalRows, some: Sequence[str], sets: Sequence[Sequence[str]]) -> Ends:
    """The weighted estimates, and what each row moves them by, from stacked estimating equations."""
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
    worth = np.ones(int(one.sum()))
    for model, features, seen, _, sign in models[:-1]:
        worth = worth * (model(features[one], model.beta) * seen[one]).sum(axis=1) ** sign
    return Ends(
        means={name: float(start[at]) for name, at in places.items()},
        influence={name: influence[:, at] for name, at in places.items()},
        weights=worth,
        largest=float((worth / worth.mean()).max()),
    )
