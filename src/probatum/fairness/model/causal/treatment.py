"""Disparities through a treatment: who gets it, whom it helps, and whether those get it whom it helps.

The decompositions of Yu and Elwert (2023, "Nonparametric causal decomposition of
group disparities"), by pseudo-outcomes that are right if the outcome model or
the treatment model is (AIPW), with standard errors of their influence functions.
Outcome models are linear with the treatment's effect varying by everything else,
the treatment model logistic; both are fitted once on all rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from probatum.fairness.artefacts.requirements.treatment import Part
from probatum.fairness.model.causal.estimates import Influenced
from probatum.fairness.model.causal.regressions import Array, linear, logistic
from probatum.fairness.semantics.treatment_rows import TreatmentSample

LEAST_EFFECTIVE = 0.1  # of the rows of a group that were treated, or were not
CERTAIN, MOST_CERTAIN = 0.99, 0.02  # a chance, and the share of rows that may have one beyond it
_NAMES = {
    Part.PREVALENCE: "conditional prevalence",
    Part.EFFECT: "conditional effect",
    Part.SELECTION: "conditional selection",
    Part.DISTRIBUTION: "Q distribution",
    Part.REDUCTION: "conditional Jackson reduction",
}


def parts_of(sample: TreatmentSample) -> Mapping[Part, Influenced]:
    """Decompose, given the conditions if there are any."""
    if sample.conditions.shape[1]:
        found = conditional(sample)
        return {part: found[_NAMES.get(part, part.value)] for part in Part}
    found = unconditional(sample)
    return {part: found[part.value] for part in Part if part.value in found}


@dataclass(frozen=True, slots=True)
class Support:
    """How far treated and untreated can be compared.

    Attributes
    ----------
    effective : float
        How much weighted rows say, by their number, in the group and treatment where that is least; 0 if one is empty.
    certain : float
        Share of rows that are, by the model, treated or not treated with a chance above 99 %.
    """

    effective: float
    certain: float

    @property
    def problem(self) -> str:
        """Why nothing can be said; "" if something can."""
        if self.certain > MOST_CERTAIN:
            return (
                f"{self.certain:.1%} of the rows are all but certain to be treated, or not to be: nobody like them is the other"
            )
        if self.effective < LEAST_EFFECTIVE:
            return f"treated and untreated hardly overlap: weighted rows of one kind say as much as {self.effective:.1%} of their number"
        return ""


def support(sample: TreatmentSample) -> Support:
    """Say how far treated and untreated overlap, by the model of treatment."""
    known = np.column_stack([sample.group, sample.confounders, sample.conditions]).astype(np.float64)
    chance = logistic(known, sample.treated.astype(np.float64))(known)
    shares = []
    for side in (0, 1):
        for dose in (0, 1):
            rows = (sample.group == side) & (sample.treated == dose)
            weight = 1 / np.maximum(chance if dose else 1 - chance, 1e-300)[rows]
            shares.append(float(weight.sum() ** 2 / (weight @ weight) / rows.sum()) if rows.any() else 0.0)
    return Support(min(shares), float((np.minimum(chance, 1 - chance) < 1 - CERTAIN).mean()))


class _Fits:
    """Pseudo-outcomes for each group and treatment, and what both decompositions are made of."""

    def __init__(self, sample: TreatmentSample) -> None:
        self.sample = sample
        self.group = sample.group.astype(np.float64)
        self.treated = sample.treated.astype(np.float64)
        known = np.column_stack([self.group, sample.confounders, sample.conditions])
        d = self.treated[:, None]
        outcome = linear(np.column_stack([d, known, d * known]), sample.outcome)
        chance = logistic(known, self.treated)(known)
        self.pseudo: dict[int, Array] = {}  # Y_0 and Y_1 of each row in its own group
        self.expected: dict[int, Array] = {}
        for dose in (0, 1):
            at = np.full((len(d), 1), float(dose))
            fitted = outcome(np.column_stack([at, known, at * known]))
            got = self.treated if dose else 1 - self.treated
            weight = got / np.maximum(chance if dose else 1 - chance, 1e-300)
            # Weights have mean 1 in the population, and are made to have it here.
            self.pseudo[dose] = weight / weight.mean() * (sample.outcome - fitted) + fitted
            self.expected[dose] = fitted

    def inside(self, side: int) -> Array:
        """Indicator of a group by its share."""
        mine = (self.group == side).astype(np.float64)
        found: Array = mine / mine.mean()
        return found

    def mean(self, values: Array, side: int) -> Influenced:
        """Mean of a value in one group."""
        inside = self.inside(side)
        value = float((inside * values).mean())
        return Influenced(value, inside * (values - value), self.sample.clusters)


def _times(one: Influenced, other: Influenced) -> Influenced:
    return Influenced(one.value * other.value, one.influence * other.value + other.influence * one.value, one.clusters)


def unconditional(sample: TreatmentSample) -> Mapping[str, Influenced]:
    """Decompose the difference of mean outcomes: total = baseline + prevalence + effect + selection.

    Returns
    -------
    mapping of str to Influenced
        `baseline`: without treatment they would differ. `prevalence`: one gets it more often.
        `effect`: it does more for one. `selection`: in one it goes more to those it helps.
    """
    fits = _Fits(sample)
    effect = fits.pseudo[1] - fits.pseudo[0]
    total = fits.mean(sample.outcome, 1) - fits.mean(sample.outcome, 0)
    baseline = fits.mean(fits.pseudo[0], 1) - fits.mean(fits.pseudo[0], 0)
    given = {side: fits.mean(fits.treated, side) for side in (0, 1)}
    helps = {side: fits.mean(effect, side) for side in (0, 1)}
    prevalence = _times(helps[0], given[1] - given[0])
    differs = _times(given[1], helps[1] - helps[0])
    return {
        "total": total,
        "baseline": baseline,
        "prevalence": prevalence,
        "effect": differs,
        "selection": total - baseline - prevalence - differs,
    }


def conditional(sample: TreatmentSample) -> Mapping[str, Influenced]:
    """Decompose with treatment compared among people with the same conditions Q.

    Returns
    -------
    mapping of str to Influenced
        `total` = `baseline` + `conditional prevalence` + `conditional effect` +
        `conditional selection` + `Q distribution`; and `conditional Jackson reduction`: what
        giving group b the treatment of group a given Q would add to its mean.
    """
    fits = _Fits(sample)
    group, q = fits.group, sample.conditions

    def by_group(features_group: Array) -> Array:
        g = features_group[:, None]
        return np.column_stack([g, q, g * q])

    sides = {side: np.full(len(group), float(side)) for side in (0, 1)}
    helped = {}
    for dose in (0, 1):
        fit = linear(by_group(group), fits.pseudo[dose])
        helped[dose] = {side: fit(by_group(sides[side])) for side in (0, 1)}
    treat = logistic(by_group(group), fits.treated)
    given = {side: treat(by_group(sides[side])) for side in (0, 1)}
    of_one = logistic(q, group)(q) if q.shape[1] else np.full(len(group), group.mean())
    chance = {1: of_one, 0: 1 - of_one}

    def part(dose: int, outcome_of: int, treatment_of: int, over: int) -> Influenced:
        """E[ E[Y_dose | Q, g1] E[D | Q, g2] ] over Q in group g3."""
        share = float((group == over).mean())
        y, d = helped[dose][outcome_of], given[treatment_of]
        inside = (group == over) / share

        def weight(side: int) -> Array:
            raw = (group == side) / share * chance[over] / chance[side]
            found: Array = raw / raw.mean()
            return found

        corrections = weight(outcome_of) * (fits.pseudo[dose] - y) * d + weight(treatment_of) * (fits.treated - d) * y
        value = float((inside * y * d + corrections).mean())
        return Influenced(value, inside * (y * d - value) + corrections, sample.clusters)

    def gain(outcome_of: int, treatment_of: int, over: int) -> Influenced:
        return part(1, outcome_of, treatment_of, over) - part(0, outcome_of, treatment_of, over)

    mean = {side: fits.mean(sample.outcome, side) for side in (0, 1)}
    untreated = {side: fits.mean(fits.pseudo[0], side) for side in (0, 1)}
    total, baseline = mean[1] - mean[0], untreated[1] - untreated[0]
    prevalence = gain(0, 1, 0) - gain(0, 0, 0)
    effect = gain(1, 1, 1) - gain(0, 1, 1)
    distribution = gain(0, 1, 1) - gain(0, 1, 0)
    return {
        "total": total,
        "baseline": baseline,
        "conditional prevalence": prevalence,
        "conditional effect": effect,
        "conditional selection": total - baseline - prevalence - effect - distribution,
        "Q distribution": distribution,
        "conditional Jackson reduction": untreated[0] + gain(0, 1, 0) - mean[0],
    }
