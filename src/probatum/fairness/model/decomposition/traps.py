"""Ways in which a decomposition misleads, looked for in the data.

Each is said with the numbers that show it. That none is found does not mean that there is none:
what was not measured cannot be looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from probatum.fairness.artefacts.requirements.decomposition import Reference
from probatum.fairness.model.decomposition.fits import NoFit, likeliest, probability
from probatum.fairness.model.decomposition.kitagawa import kitagawa
from probatum.fairness.model.decomposition.oaxaca import twofold
from probatum.fairness.model.decomposition.reweighting import counterfactual
from probatum.fairness.model.decomposition.sample import Sample, without_dependent
from probatum.fairness.model.decomposition.sites import profiles_of

LEAST_EFFECTIVE = 0.1  # of decisions: below, few decisions stand for all others
FEW = 10  # events in a denominator: below, a ratio of rates is mostly noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """Something that makes a decomposition say what is not so.

    Attributes
    ----------
    name : str
    message : str
        One line, with the numbers that show it.
    facts : mapping
        JSON.
    """

    name: str
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the trap as JSON."""
        return {"name": self.name, "message": self.message, "facts": dict(self.facts)}


def traps(sample: Sample, *, confidence: float = 0.95) -> Iterator[Trap]:
    """Look for all that can be seen in a sample."""
    for look in (simpson, base_category, reference_group, overlap, small_denominators, odds_ratios, small_sites):
        try:
            yield from look(sample, confidence)
        except NoFit:  # what cannot be estimated cannot mislead this way
            continue


def simpson(sample: Sample, confidence: float) -> Iterator[Trap]:
    """The gap has the other sign within most strata."""
    splits = {}
    for covariate in dict.fromkeys(name for name in sample.covariates if name in sample.base):
        members = [at for at, name in enumerate(sample.covariates) if name == covariate]
        splits[covariate] = (sample.x[:, members] @ np.arange(1, len(members) + 1)).astype(np.int64)
    for at, name in enumerate(sample.covariates):
        if name not in sample.base and np.isin(sample.x[:, at], (0.0, 1.0)).all():
            splits[name] = sample.x[:, at].astype(np.int64)
    if sample.site is not None:
        splits["site"] = sample.site
    for name, codes in splits.items():
        try:
            found, strata = kitagawa(sample, codes, confidence=confidence)
        except NoFit:
            continue
        gap, inner = found["gap"], found["within strata"]
        if len(strata) < 2 or not gap.value or gap.value * inner.value >= 0:
            continue
        other = sum((one.rates[0] - one.rates[1]) * gap.value < 0 for one in strata)
        if 2 * other <= len(strata):
            continue
        sure = all(term.low is not None and term.high is not None and term.low * term.high > 0 for term in (gap, inner))
        yield Trap(
            name="simpson",
            message=f"the gap is {gap.value:.4g}, and {inner.value:.4g} within strata of `{name}`: "
            f"of the other sign in {other} of {len(strata)}" + ("" if sure else "; chance can do that"),
            facts={"by": name, "gap": gap.to_json(), "within": inner.to_json(), "beyond chance": sure},
        )


def base_category(sample: Sample, confidence: float) -> Iterator[Trap]:
    """A detail of the unexplained part changes its sign with the level that has no column."""
    plain = twofold(sample, reference=Reference.SECOND, confidence=confidence, normalise=False)
    even = twofold(sample, reference=Reference.SECOND, confidence=confidence)
    for block in dict.fromkeys(b for b, c in zip(sample.blocks, sample.covariates, strict=True) if c in sample.base):
        name = f"unexplained: {block}"
        one, two = plain[name].value, even[name].value
        if abs(one - two) > 0.25 * max(abs(even["unexplained"].value), even["unexplained"].se or 0.0):
            yield Trap(
                name="base-category",
                message=f"the unexplained part of `{block}` is {one:.4g} with the bases of its columns, "
                f"and {two:.4g} free of them: only the latter is to be read",
                facts={"block": block, "with base": one, "normalised": two},
            )


def reference_group(sample: Sample, confidence: float) -> Iterator[Trap]:
    """What is unexplained depends on whose coefficients are the reference."""
    found = {one.value: twofold(sample, reference=one, confidence=confidence) for one in Reference}
    parts = {name: split["unexplained"].value for name, split in found.items()}
    se = max(split["unexplained"].se or 0.0 for split in found.values())
    spread = max(parts.values()) - min(parts.values())
    if spread > se or min(parts.values()) * max(parts.values()) < 0:
        low, high = min(parts, key=parts.__getitem__), max(parts, key=parts.__getitem__)
        yield Trap(
            name="reference-group",
            message=f"the unexplained part is {parts[low]:.4g} with the reference `{low}`, and {parts[high]:.4g} with `{high}`",
            facts={"unexplained": parts},
        )


def overlap(sample: Sample, confidence: float) -> Iterator[Trap]:
    """One group has hardly anybody like those of the other: the model, not the data, says what is left."""
    del confidence
    for own in (sample, sample.swapped()):
        one, other = own.pair
        try:
            seen = counterfactual(without_dependent(own)).overlap
        except NoFit as problem:
            yield Trap(name="overlap", message=str(problem))
            return
        n = own.size(False)
        if seen.effective < LEAST_EFFECTIVE * n or seen.trimmed > 0.01:
            yield Trap(
                name="overlap",
                message=f"few of `{other}` are like those of `{one}`: {seen.effective:,.0f} of {n:,} count effectively, "
                f"and single decisions would carry {seen.trimmed:.1%} of the weight",
                facts={"group": other, "effective": seen.effective, "n": n, "trimmed": seen.trimmed},
            )


def small_denominators(sample: Sample, confidence: float) -> Iterator[Trap]:
    """A ratio of rates rests on a handful of events."""
    del confidence
    if not sample.binary:
        return
    for g, name in ((True, sample.pair[0]), (False, sample.pair[1])):
        events = round(float(sample.many[(sample.first == g) & (sample.y == 1)].sum()))
        if events < FEW:
            yield Trap(
                name="small-denominator",
                message=f"`{name}` has {events} of {sample.size(g):,}: do not divide by that rate, compare differences",
                facts={"group": name, "events": events, "n": sample.size(g)},
            )


def odds_ratios(sample: Sample, confidence: float) -> Iterator[Trap]:
    """An odds ratio moves when covariates are added, though nothing is explained by them."""
    del confidence
    if not sample.binary or not sample.x.shape[1]:
        return
    sample = without_dependent(sample)
    z = np.column_stack([sample.with_constant, sample.first])
    bare = float(likeliest(z[:, [0, -1]], sample.y, sample.weight, many=sample.many).b[-1])
    fit = likeliest(z, sample.y, sample.weight, many=sample.many)
    adjusted = float(fit.b[-1])
    # The same model, with everybody in the one group and in the other, averaged before odds are taken.
    rates = []
    for g in (1.0, 0.0):
        z[:, -1] = g
        rates.append(float(sample.weight @ probability(z @ fit.b, "logit") / sample.weight.sum()))
    standard = math.log(rates[0] / (1 - rates[0])) - math.log(rates[1] / (1 - rates[1]))
    apart = adjusted - standard
    if abs(apart) > 0.1 * max(abs(bare), abs(adjusted), 0.1):
        yield Trap(
            name="odds-ratio",
            message=f"the odds ratio goes from {math.exp(bare):.3g} to {math.exp(adjusted):.3g} with covariates, and to "
            f"{math.exp(standard):.3g} when averaged over the same people: the rest is arithmetic of odds",
            facts={"without": bare, "with": adjusted, "standardised": standard},
        )


def small_sites(sample: Sample, confidence: float) -> Iterator[Trap]:
    """Differences between sites are mostly chance."""
    if sample.site is None or not sample.binary:
        return
    found = profiles_of(sample, confidence=confidence)
    if found.reliability < 0.5 and len(found.sites) > 1:
        yield Trap(
            name="small-sites",
            message=f"{1 - found.reliability:.0%} of the variance between {len(found.sites)} sites is chance: "
            "do not rank them by their observed rates",
            facts={"reliability": found.reliability, "tau2": found.tau2, "sites": len(found.sites)},
        )


def missing_differs(
    complete: tuple[int, int], rows: tuple[int, int], pair: tuple[str, str], *, confidence: float
) -> Iterator[Trap]:
    """One group loses more rows to missing values than the other, by more than chance does."""
    from scipy import special

    lost = [all_rows - kept for kept, all_rows in zip(complete, rows, strict=True)]
    if min(rows) == 0 or not sum(lost):
        return
    shares = [one / n for one, n in zip(lost, rows, strict=True)]
    pooled = sum(lost) / sum(rows)
    se = math.sqrt(pooled * (1 - pooled) * (1 / rows[0] + 1 / rows[1]))
    if se == 0 or abs(shares[0] - shares[1]) / se <= float(special.ndtri(0.5 + confidence / 2)):
        return
    yield Trap(
        name="missing-differs",
        message=f"something is missing in {shares[0]:.1%} of `{pair[0]}` and in {shares[1]:.1%} of `{pair[1]}`: "
        "those who are left may not be like those who are not",
        facts={"missing": lost, "rows": list(rows)},
    )
