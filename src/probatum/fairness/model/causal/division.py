"""A disparity divided as a requirement asks: by the graph what is known, by the estimator how much, with its limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from probatum.fairness.artefacts.requirements.causal import CausalRequirement, Estimator
from probatum.fairness.model.causal.estimates import Influenced
from probatum.fairness.model.causal.linear import linear_reduction
from probatum.fairness.model.causal.nuisances import LARGEST_WEIGHT
from probatum.fairness.model.causal.orders import Shares, shared
from probatum.fairness.model.causal.reduction import Overlap, Reduction, doubly_robust
from probatum.fairness.model.causal.sensitivity import EValue, Robustness, e_values
from probatum.fairness.model.causal.weighting import Stage, comparison, counterfactual, mean_of
from probatum.fairness.semantics.causal_rows import CausalRows
from probatum.fairness.semantics.paths import Adjustment, adjustment

FOLDS = 5
MOST_TRIMMED = 0.02  # of rows: beyond, what is estimated is no longer what was asked
LEAST_EFFECTIVE = 0.1  # of the rows of group 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """All that is said about one disparity.

    Attributes
    ----------
    parts : Reduction
    shares : Shares or None
        By mediator, where there are several.
    e_values : mapping of str to EValue or None
        By part.
    robustness : Robustness or None
        Of the reduction by linear models; None where there are several mediators.
    """

    parts: Reduction
    shares: Shares | None
    e_values: Mapping[str, EValue | None]
    robustness: Robustness | None


def sets_of(required: CausalRequirement, conditioned: Collection[str]) -> Mapping[tuple[str, ...], Adjustment]:
    """Return what each set of mediators, in causal order, must be adjusted for; one set if there is one mediator."""
    found = {}
    for count in range(len(required.through), 0, -1):
        for some in combinations(required.through, count):
            others = [name for name in required.through if name not in some]
            found[some] = adjustment(
                required.graph,
                group=required.group,
                outcome=required.outcome,
                mediators=some,
                allowed=required.allow,
                chosen=None if required.adjust is None else [*required.adjust, *others],
                accepted=required.accept,
                conditioned=conditioned,
            )
    return found


def divide(
    required: CausalRequirement,
    rows: CausalRows,
    sets: Mapping[tuple[str, ...], Adjustment],
    *,
    seed: int,
    confidence: float,
) -> Division:
    """Estimate."""
    shares = None
    if required.estimator is Estimator.DOUBLY_ROBUST:
        parts = doubly_robust(rows.sample(0, sets[required.through].sets[0]), count=FOLDS, seed=seed)
    else:
        means: dict[frozenset[str], Influenced] = {frozenset(): mean_of(rows.group, rows.outcome, 1, rows.clusters)}
        weights = np.ones(len(rows.outcome))
        for some, adjusted in sets.items():
            means[frozenset(some)], used = counterfactual(
                rows.group, rows.outcome, stages(required, rows, some, adjusted.sets), rows.clusters
            )
            weights = used if some == required.through else weights
        parts = _weighted(rows, means[frozenset()], means[frozenset(required.through)], weights)
        shares = shared(required.through, means.__getitem__) if len(required.through) > 1 else None
    binary = bool(((rows.outcome == 0) | (rows.outcome == 1)).all())
    deviation = None if binary else float(rows.outcome.std())
    pairs = {
        "initial": (parts.mean, parts.comparison),
        "reduction": (parts.mean, parts.counterfactual),
        "remaining": (parts.counterfactual, parts.comparison),
    }
    single = len(required.through) == 1
    return Division(
        parts=parts,
        shares=shares,
        e_values={name: e_values(*pair, confidence=confidence, deviation=deviation) for name, pair in pairs.items()},
        robustness=Robustness.of(linear_reduction(rows.sample(0, sets[required.through].sets[0]))) if single else None,
    )


def stages(required: CausalRequirement, rows: CausalRows, some: Sequence[str], sets: Sequence[Sequence[str]]) -> list[Stage]:
    """Return the mediators of a set as weighting takes them, one after the other."""
    found = []
    for at, (name, used) in enumerate(zip(some, sets, strict=True)):
        place = required.through.index(name)
        drawn = np.column_stack([rows.baseline, rows.known(some[:at])])
        found.append(
            Stage(
                codes=rows.mediators[place],
                levels=len(rows.levels[place]),
                before=np.column_stack([drawn, rows.known(used)]),
                drawn_given=drawn,
            )
        )
    return found


def _weighted(rows: CausalRows, mean: Influenced, would: Influenced, weights: np.ndarray) -> Reduction:
    one = rows.group == 1
    used = weights[one] / weights[one].mean()
    return Reduction(
        mean=mean,
        counterfactual=would,
        comparison=comparison(rows.group, rows.outcome, rows.baseline, rows.clusters),
        crude=mean - mean_of(rows.group, rows.outcome, 0, rows.clusters),
        overlap=Overlap(
            unsupported=0.0,
            trimmed=float((used > LARGEST_WEIGHT).mean()),
            largest=float(used.max()),
            effective=float(used.sum() ** 2 / (used @ used)),
        ),
    )


def unusable(division: Division, rows: CausalRows) -> str:
    """Say why the data cannot carry the claim; "" if they can."""
    overlap, ones = division.parts.overlap, int((rows.group == 1).sum())
    if overlap.trimmed > MOST_TRIMMED:
        return f"{overlap.trimmed:.1%} of the rows stand for more than {LARGEST_WEIGHT:g} others each: the groups hardly overlap"
    if overlap.effective < LEAST_EFFECTIVE * ones:
        return f"the weighted rows say as much as {overlap.effective:,.0f} of {ones:,}: the groups hardly overlap"
    return ""
