"""Sites of care, or of decision: who goes where, what happens there, and which differences are noise.

References
----------
.. [1] DerSimonian, Laird. "Meta-analysis in clinical trials." Controlled Clinical Trials 7 (1986).
.. [2] Spiegelhalter. "Funnel plots for comparing institutional performance." Statistics in Medicine 24 (2005).
.. [3] Mundlak. "On the pooling of time series and cross section data." Econometrica 46 (1978).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from probatum.fairness.model.decomposition.fits import NoFit, Spread, least_squares
from probatum.fairness.model.decomposition.kitagawa import kitagawa
from probatum.fairness.model.decomposition.sample import Floats, Sample, independent, without_dependent
from probatum.fairness.model.decomposition.terms import NOT_CAUSAL, Split, terms_of


def between_and_within(sample: Sample, *, confidence: float = 0.95) -> Split:
    """Split a gap into going to different sites, and different outcomes at the same site.

    Returns
    -------
    Split
        Terms `gap`, `between sites`, `within sites`, and what is at sites that only one group has.

    Raises
    ------
    NoFit
        If there are no sites, or none with both groups.
    """
    if sample.site is None:
        raise NoFit("no site is known")
    found, _ = kitagawa(sample, sample.site, sample.sites, confidence=confidence)
    names = {"composition": "between sites", "within strata": "within sites"}
    return replace(
        found,
        method="sites",
        terms=tuple(replace(term, name=names.get(term.name, term.name)) for term in found.terms),
        notes=tuple(note.replace("strata", "sites") for note in found.notes),
    )


def mundlak(sample: Sample, *, confidence: float = 0.95) -> Split:
    """Tell being of a group from being at a site with many of the group.

    Returns
    -------
    Split
        Terms `same site` (coefficient of the group) and `share at the site` (coefficient of the
        share of the first group among a site's decisions), with site means of all characteristics.

    Raises
    ------
    NoFit
        If there are no sites, or too few.
    """
    if sample.site is None:
        raise NoFit("no site is known")
    site = sample.site
    sample = without_dependent(sample)
    own = np.column_stack([sample.first, sample.x])
    total = np.bincount(site, weights=sample.weight)
    total[total == 0] = 1.0
    means = np.column_stack([np.bincount(site, weights=sample.weight * own[:, at]) / total for at in range(own.shape[1])])[
        sample.site
    ]
    z = np.column_stack([own, np.ones(len(sample.y)), means])
    place = own.shape[1] + 1
    if place not in independent(z[:, : place + 1]):
        raise NoFit("the group's share is the same at all sites")
    fit = least_squares(z, sample.y, sample.weight, many=sample.many)
    spread = Spread(sample.many, sample.cluster if sample.cluster is not None else site)
    spread.add(fit.influence(z)[:, [0, place]])
    cov, free = spread.covariance(coefficients=len(fit.kept))
    return Split(
        method="mundlak",
        title="coefficients of the group, and of its share at the site",
        terms=terms_of(("same site", "share at the site"), fit.b[[0, place]], cov, free=free, confidence=confidence),
        n=(sample.size(True), sample.size(False)),
        units=spread.units,
        confidence=confidence,
        assumptions=(NOT_CAUSAL, "sites are independent", "means are linear in characteristics and their means at sites"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one site compares with what its cases let expect.

    Attributes
    ----------
    site : str
    cases, events : int
    expected : float
        Rate that its cases let expect.
    adjusted : float
        Observed by expected rate, times the rate of all: the risk-adjusted rate.
    low, high : float
        Exact interval of the adjusted rate.
    shrunk : float
        Adjusted rate drawn towards that of all, as far as it is noise.
    funnel : tuple of two float
        Limits of the observed rate if the expected one is true, at the confidence that was asked for.
    funnel_all : tuple of two float
        The same with limits that hold for all sites at once (Bonferroni).
    outside : str
        `above`, `below` or "".
    outside_all : str
        The same with limits that hold for all sites at once.
    """

    site: str
    cases: int
    events: int
    expected: float
    adjusted: float
    low: float
    high: float
    shrunk: float
    funnel: tuple[float, float]
    funnel_all: tuple[float, float]
    outside: str
    outside_all: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """All sites.

    Attributes
    ----------
    overall : float
        Rate of all cases.
    tau2 : float
        Variance of true rates between sites, beyond chance (DerSimonian-Laird).
    reliability : float
        Share of the variance of observed rates that is not chance, for a site of mean size.
    sites : tuple of Profile
    by_chance : float
        How many sites would be outside of their own limits if all were alike.
    """

    overall: float
    tau2: float
    reliability: float
    sites: tuple[Profile, ...]
    by_chance: float


def profiles(
    names: Sequence[str],
    cases: Sequence[int],
    events: Sequence[int],
    expected: Sequence[float] | None = None,
    *,
    confidence: float = 0.95,
) -> Profiles:
    """Profile sites from their counts.

    Parameters
    ----------
    expected : sequence of float, optional
        Rate that each site's cases let expect; by default that of all.

    Raises
    ------
    ValueError
        If counts are no counts, or nobody or everybody had an event.

    Notes
    -----
    Funnel limits are quantiles of the binomial distribution of a site's own number of cases, so
    they hold for small sites. An expected rate is taken as known.
    """
    from scipy import special, stats

    n, hits = np.asarray(cases, float), np.asarray(events, float)
    if (n < 1).any() or (hits < 0).any() or (hits > n).any():
        raise ValueError("events are not counts among cases")
    overall = float(hits.sum() / n.sum())
    if not 0 < overall < 1:
        raise ValueError("nobody or everybody had an event, so sites cannot be compared")
    rate = np.full(len(n), overall) if expected is None else np.asarray(expected, float)
    if not ((rate > 0) & (rate < 1)).all():
        raise ValueError("an expected rate is not between 0 and 1")
    adjusted = hits / n / rate * overall
    # Chance of the adjusted rate if the site is like all others.
    noise = rate * (1 - rate) / n * (overall / rate) ** 2
    tau2, centre = dersimonian_laird(adjusted, noise)
    shrunk = centre + tau2 / (tau2 + noise) * (adjusted - centre)
    alpha = 1 - confidence
    found = []
    for at, name in enumerate(names):
        k, size = hits[at], n[at]
        low = float(special.betaincinv(k, size - k + 1, alpha / 2)) if k > 0 else 0.0
        high = float(special.betaincinv(k + 1, size - k, 1 - alpha / 2)) if k < size else 1.0
        scale = overall / rate[at]
        limits = stats.binom.ppf([alpha / 2, 1 - alpha / 2], size, rate[at])
        both = stats.binom.ppf([alpha / 2 / len(n), 1 - alpha / 2 / len(n)], size, rate[at])
        found.append(
            Profile(
                site=str(name),
                cases=int(size),
                events=int(k),
                expected=float(rate[at]),
                adjusted=float(adjusted[at]),
                low=low * scale,
                high=high * scale,
                shrunk=float(shrunk[at]),
                funnel=(float(limits[0] / size), float(limits[1] / size)),
                funnel_all=(float(both[0] / size), float(both[1] / size)),
                outside=_outside(k, limits),
                outside_all=_outside(k, both),
            )
        )
    typical = float(np.mean(noise))
    return Profiles(
        overall=overall,
        tau2=tau2,
        reliability=tau2 / (tau2 + typical) if tau2 + typical > 0 else 0.0,
        sites=tuple(found),
        by_chance=alpha * len(n),
    )


def _outside(count: float, limits: Floats) -> str:
    return "above" if count > limits[1] else "below" if count < limits[0] else ""


def dersimonian_laird(values: Floats, variances: Floats) -> tuple[float, float]:
    """Return the variance between sites beyond chance, and their mean.

    Parameters
    ----------
    values, variances : arrays of shape (k,)
        Estimates, and the variances of their errors, positive.
    """
    weight = 1 / variances
    fixed = float(weight @ values / weight.sum())
    excess = float(weight @ (values - fixed) ** 2) - (len(values) - 1)
    scale = float(weight.sum() - (weight**2).sum() / weight.sum())
    tau2 = max(0.0, excess / scale) if scale > 0 else 0.0
    weight = 1 / (variances + tau2)
    return tau2, float(weight @ values / weight.sum())


def funnel(expected: float, cases: int, *, spread: float = 1.0, reach: float = 1.959963984540054) -> tuple[float, float]:
    """Return the usual approximate funnel limits, for drawing: `expected` and `reach` standard errors to each side."""
    half = reach * math.sqrt(spread * expected * (1 - expected) / cases)
    return expected - half, expected + half


def profiles_of(sample: Sample, *, confidence: float = 0.95) -> Profiles:
    """Profile the sites of a sample whose outcome is 0 or 1, expecting what characteristics let expect.

    Raises
    ------
    NoFit
        If there are no sites, outcomes are not 0 or 1, or have no model.
    """
    from probatum.fairness.model.decomposition.fits import likeliest, probability

    if sample.site is None:
        raise NoFit("no site is known")
    if not sample.binary:
        raise NoFit("sites are profiled by outcomes that are 0 or 1")
    site = sample.site
    sample = without_dependent(sample)
    fit = likeliest(sample.with_constant, sample.y, sample.many)
    chance = probability(sample.with_constant @ fit.b, "logit")
    n = np.bincount(site, weights=sample.many)
    events = np.bincount(site, weights=sample.many * sample.y)
    expected = np.bincount(site, weights=sample.many * chance)
    seen = np.flatnonzero(n > 0)
    if len(seen) < 2:
        raise NoFit("there is one site only")
    return profiles(
        [sample.sites[at] for at in seen],
        [round(float(n[at])) for at in seen],
        [round(float(events[at])) for at in seen],
        [float(np.clip(expected[at] / n[at], 1e-12, 1 - 1e-12)) for at in seen],
        confidence=confidence,
    )
