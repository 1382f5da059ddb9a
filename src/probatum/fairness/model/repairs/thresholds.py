"""Thresholds of a score: one for all, one for each group, or a lottery between two; and a band that is left to people.

Errors are counted where truth is known; where it is not, decisions that change.
One threshold for each group needs the group when deciding, which may be unlawful
or impossible; one for all does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from probatum.fairness.artefacts.requirements.group import Compare, GroupRequirement
from probatum.fairness.model.repairs.people import FIT, People
from probatum.fairness.model.repairs.safety import ABSTAIN, cells

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_GRID = 200  # thresholds of a group that are tried, at quantiles of its scores
_WINDOWS = 3600  # places of windows of rates, where several rates must be alike at once


@dataclass(frozen=True, slots=True)
class Curve:
    """What each threshold of a group does, on the fitting half.

    Attributes
    ----------
    thresholds : array of shape (t,)
        Positive from here on; the last one is above all scores.
    rates : array of shape (metrics, t)
        NaN where there is no trial.
    cost : array of shape (t,)
        Errors, or changed decisions.
    """

    thresholds: NDArray[np.float64]
    rates: NDArray[np.float64]
    cost: NDArray[np.float64]


def curves(people: People, required: GroupRequirement) -> dict[str, Curve]:
    """Return the curve of each group that has a score in the fitting half."""
    import numpy as np

    found = {}
    for g, name in enumerate(people.names):
        inside = (people.half == FIT) & (people.group == g) & ~np.isnan(people.score)
        if not inside.any():
            continue
        score, label, before = people.score[inside], people.label[inside], people.decision[inside]
        at = np.unique(np.quantile(score, np.linspace(0, 1, _GRID), method="lower"))
        at = np.append(at, np.nextafter(at[-1], np.inf))
        rates = np.full((len(required.metrics), len(at)), np.nan)
        cost = np.zeros(len(at))
        for n, threshold in enumerate(at):
            decided = (score >= threshold).astype(np.int8)
            for m, metric in enumerate(required.metrics):
                hit, trial = cells(metric, label, decided)
                if trial.any():
                    rates[m, n] = hit.sum() / trial.sum()
            known = label >= 0
            cost[n] = float((decided[known] != label[known]).sum()) if known.any() else float((decided != before).sum())
        found[name] = Curve(at, rates, cost)
    return found


def by_group(groups: Mapping[str, Curve], required: GroupRequirement, bound: float) -> dict[str, float] | None:
    """Return the thresholds with the least cost whose rates are within a bound of each other, or None.

    Notes
    -----
    Exact among the thresholds of the curves, for one quantity: the smallest rate is that of some
    threshold, and given it, each group takes its cheapest threshold in the window above it. For
    several quantities, windows begin at quantiles of the rates, so a cheaper choice may be missed.
    """
    import numpy as np

    if not groups:
        return None
    starts = []
    for m in range(len(required.metrics)):
        rates = np.concatenate([curve.rates[m] for curve in groups.values()])
        rates = np.unique(rates[~np.isnan(rates)])
        most = round(_WINDOWS ** (1 / len(required.metrics)))
        if len(required.metrics) > 1 and len(rates) > most:
            rates = np.unique(np.quantile(rates, np.linspace(0, 1, most), method="lower"))
        starts.append(rates)
    if any(not len(start) for start in starts):
        return None
    best: tuple[float, dict[str, float]] | None = None
    for window in _product(starts):
        total, chosen = 0.0, {}
        for name, curve in groups.items():
            within = np.ones(len(curve.cost), bool)
            for m, low in enumerate(window):
                high = low + bound if required.compare is Compare.DIFFERENCE else (low / bound if bound > 0 else np.inf)
                rate = curve.rates[m]
                with np.errstate(invalid="ignore"):
                    within &= np.isnan(rate) | ((rate >= low) & (rate <= high + 1e-12))
            if not within.any():
                break
            at = int(np.argmin(np.where(within, curve.cost, np.inf)))
            total += float(curve.cost[at])
            chosen[name] = float(curve.thresholds[at])
            if best is not None and total >= best[0]:
                break
        else:
            if best is None or total < best[0]:
                best = (total, chosen)
    return None if best is None else best[1]


def _product(starts: list[NDArray[np.float64]]) -> list[tuple[float, ...]]:
    import itertools

    return list(itertools.product(*(map(float, start) for start in starts)))


def lottery(
    groups: Mapping[str, Curve], required: GroupRequirement, bound: float
) -> dict[str, tuple[tuple[float, float], ...]] | None:
    """Return, for each group, thresholds and the probabilities of deciding by each; None if none is feasible or needed.

    Notes
    -----
    A linear program over mixtures of the thresholds of each group, whose rates are the hulls of
    the curves [1]_: exact for rates whose trials do not depend on the decision.

    References
    ----------
    .. [1] Hardt, Price, Srebro. "Equality of Opportunity in Supervised Learning." NeurIPS 2016.
    """
    import numpy as np
    from scipy.optimize import linprog

    if (
        not groups
        or required.compare is not Compare.DIFFERENCE
        or not set(required.metrics) <= {"selection_rate", "tpr", "fnr", "fpr", "tnr", "accuracy", "error_rate"}
    ):
        return None
    names = list(groups)
    offsets = np.cumsum([0, *(len(groups[name].cost) for name in names)])
    size, levels = int(offsets[-1]), len(required.metrics)
    cost = np.concatenate([*(groups[name].cost for name in names), np.zeros(levels)])
    upper, limits = [], []
    for i, name in enumerate(names):
        for m in range(levels):
            rate = groups[name].rates[m]
            if np.isnan(rate).any():
                continue
            # low_m <= rate <= low_m + bound
            row = np.zeros(size + levels)
            row[offsets[i] : offsets[i + 1]] = rate
            row[size + m] = -1
            upper += [row, -row]
            limits += [bound, 0.0]
    equal = np.zeros((len(names), size + levels))
    for i in range(len(names)):
        equal[i, offsets[i] : offsets[i + 1]] = 1
    solved = linprog(
        cost,
        A_ub=np.array(upper) if upper else None,
        b_ub=limits or None,
        A_eq=equal,
        b_eq=np.ones(len(names)),
        bounds=(0, 1),
        method="highs",
    )
    if solved.status != 0:
        return None
    found = {}
    for i, name in enumerate(names):
        share = solved.x[offsets[i] : offsets[i + 1]]
        parts = [(float(t), float(p)) for t, p in zip(groups[name].thresholds, share, strict=True) if p > 1e-9]
        total = sum(p for _, p in parts)
        found[name] = tuple((t, p / total) for t, p in parts)
    return found


def decided(people: People, thresholds: Mapping[str, float]) -> NDArray[np.int8]:
    """Return decisions by a threshold for each group; who has no score, or is in another group, is decided as before."""
    import numpy as np

    found = people.decision.copy()
    for g, name in enumerate(people.names):
        if name in thresholds:
            inside = (people.group == g) & ~np.isnan(people.score)
            found[inside] = (people.score[inside] >= thresholds[name]).astype(np.int8)
    return found


def drawn(people: People, mixture: Mapping[str, tuple[tuple[float, float], ...]], *, seed: int) -> NDArray[np.int8]:
    """Return decisions by a lottery of thresholds, drawn by seeded chance."""
    import numpy as np

    found = people.decision.copy()
    rng = np.random.default_rng(seed)
    draw = rng.random(len(found))
    for g, name in enumerate(people.names):
        if name in mixture:
            inside = (people.group == g) & ~np.isnan(people.score)
            ends = np.cumsum([p for _, p in mixture[name]])
            which = np.minimum(np.searchsorted(ends, draw[inside], side="right"), len(ends) - 1)
            found[inside] = (people.score[inside] >= np.array([t for t, _ in mixture[name]])[which]).astype(np.int8)
    return found


def one_for_all(people: People, required: GroupRequirement, bound: float) -> float | None:
    """Return the one threshold with the least cost at which all groups are within a bound of each other, or None."""
    import numpy as np

    inside = (people.half == FIT) & ~np.isnan(people.score)
    if not inside.any():
        return None
    best: tuple[float, float] | None = None
    known = inside & (people.label >= 0)
    values = np.unique(np.quantile(people.score[inside], np.linspace(0, 1, _GRID), method="lower"))
    for threshold in [*values, np.nextafter(values[-1], np.inf)]:
        decision = (people.score >= threshold).astype(np.int8)
        if decision[inside].all() or not decision[inside].any():
            continue  # deciding alike on everyone is no decision
        if all(_alike(people, decision, metric, required, bound) for metric in required.metrics):
            cost = float(
                (decision[known] != people.label[known]).sum()
                if known.any()
                else (decision[inside] != people.decision[inside]).sum()
            )
            if best is None or cost < best[0]:
                best = (cost, float(threshold))
    return None if best is None else best[1]


def _alike(people: People, decision: NDArray[np.int8], metric: str, required: GroupRequirement, bound: float) -> bool:
    import numpy as np

    hit, trial = cells(metric, people.label, decision)
    inside = (people.half == FIT) & ~np.isnan(people.score)
    many = len(people.names)
    trials = np.bincount(people.group[trial & inside], minlength=many)
    hits = np.bincount(people.group[hit & inside], minlength=many)
    rates = hits[trials > 0] / trials[trials > 0]
    if len(rates) < 2:
        return False
    if required.compare is Compare.DIFFERENCE:
        return bool(rates.max() - rates.min() <= bound)
    return bool(rates.min() >= bound * rates.max())


def band(people: People, threshold: float, required: GroupRequirement, bound: float) -> float | None:
    """Return the narrowest half width of a band around a threshold such that, of those outside it, groups are alike; or None."""
    import numpy as np

    inside = (people.half == FIT) & ~np.isnan(people.score)
    if not inside.any():
        return None
    far = np.abs(people.score[inside] - threshold)
    for width in np.unique(np.quantile(far, np.linspace(0, 0.5, 50), method="lower")):  # at most half are left to people
        if all(_alike(people, outside(people, threshold, float(width)), metric, required, bound) for metric in required.metrics):
            return float(width)
    return None


def outside(people: People, threshold: float, width: float) -> NDArray[np.int8]:
    """Return decisions of which those nearer to the threshold than a width are left to people."""
    import numpy as np

    decision = np.where(people.score >= threshold, 1, 0).astype(np.int8)
    decision[np.abs(people.score - threshold) < width] = ABSTAIN
    return np.where(np.isnan(people.score), people.decision, decision).astype(np.int8)
