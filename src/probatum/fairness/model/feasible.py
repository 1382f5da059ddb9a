"""Which definitions of fairness cannot hold together, and what remains possible with the scores there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.fairness.semantics.disparities import Groups, pooled
from probatum.fairness.semantics.scores import Roc

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """FPR = p / (1 - p) * (1 - PPV) / PPV * (1 - FNR), for the counts of one group.

    Attributes
    ----------
    observed : float
        The false positive rate.
    implied : float
        The right-hand side; the same number, up to rounding.
    at_common : float or None
        What the false positive rate would be at this group's base rate, if it had the
        predictive value and the false negative rate of all groups together. Above 1: it cannot.

    References
    ----------
    .. [1] Chouldechova. "Fair prediction with disparate impact." Big Data 5(2), 2017, arXiv:1703.00056.
    """

    base_rate: float
    ppv: float
    fnr: float
    observed: float
    implied: float
    at_common: float | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Definitions that cannot all hold for these counts, and why: the last that would fail, were the others true."""

    definitions: tuple[str, ...]
    reason: str


def identities(groups: Groups) -> Mapping[str, Identity]:
    """Return the identity for each group that has both classes and selects somebody rightly."""
    everyone = pooled(groups)
    common = _odds_of(everyone.fp, everyone.tp), everyone.tp / (everyone.tp + everyone.fn) if everyone.tp else 0.0
    found = {}
    for name, c in groups.items():
        if not c.tp or not c.fp + c.tn:
            continue
        positive, negative = c.tp + c.fn, c.fp + c.tn
        base, ppv, fnr = positive / (positive + negative), c.tp / (c.tp + c.fp), c.fn / positive
        found[name] = Identity(
            base_rate=base,
            ppv=ppv,
            fnr=fnr,
            observed=c.fp / negative,
            implied=base / (1 - base) * (1 - ppv) / ppv * (1 - fnr),
            at_common=None if common[0] is None else positive / negative * common[0] * common[1],
        )
    return found


def _odds_of(hits: float, others: float) -> float | None:
    return hits / others if others else None


def conflicts(groups: Groups, bounds: Mapping[str, tuple[float, float]] | None = None) -> tuple[Conflict, ...]:
    """Return what cannot hold together in this table, by arithmetic alone.

    Only groups with both classes are looked at. With equal base rates, or without any error, nothing is
    impossible.

    Parameters
    ----------
    bounds : mapping of str to (low, high), optional
        Of base rates, all at once: the two groups that are named are those whose base rates are surest to
        differ, and it is said where chance alone might be why they do.
    """
    usable = {name: c for name, c in groups.items() if c.tp + c.fn and c.fp + c.tn}
    rates = {name: (c.tp + c.fn) / (c.tp + c.fn + c.fp + c.tn) for name, c in usable.items()}
    everyone = pooled(usable)
    if len(rates) < 2 or max(rates.values()) - min(rates.values()) < 1e-12 or not everyone.fp + everyone.fn:
        return ()
    high, low, sure = _furthest(rates, bounds or {})
    differ = f"base rates differ ({rates[high]:.1%} of `{high}`, {rates[low]:.1%} of `{low}`)"
    if bounds and not sure:
        differ = f"in this table, perhaps by chance, {differ}"
    found = [
        Conflict(
            ("calibration within groups", "balance for the positive class", "balance for the negative class"),
            f"{differ}; only scores that tell the classes apart without error have all three (Kleinberg, Mullainathan, Raghavan 2016)",
        )
    ]
    identity = identities(usable)
    if high in identity and low in identity and identity[high].at_common is not None and everyone.fp:
        apart = (identity[high].at_common or 0.0) - (identity[low].at_common or 0.0)
        found.insert(
            0,
            Conflict(
                ("predictive parity", "equal false positive rates", "equal false negative rates"),
                f"{differ} and decisions are not without error: with one predictive value and one false negative rate for all, the false positive rate of `{high}` "
                f"would be {100 * apart:.1f} points above that of `{low}` (Chouldechova 2017)",
            ),
        )
    if everyone.selected and everyone.rejected:
        found.append(
            Conflict(
                ("demographic parity", "predictive parity", "equal negative predictive values"),
                f"{differ}: a base rate is the mean of PPV and 1 - NPV, weighted by the selection rate",
            )
        )
    return tuple(found)


def _furthest(rates: Mapping[str, float], bounds: Mapping[str, tuple[float, float]]) -> tuple[str, str, bool]:
    """Return the groups with the highest and the lowest rate that are surely different; those that are seen, if none are."""
    known = {name: bounds[name] for name in rates if name in bounds}
    if len(known) > 1:
        high, low = max(known, key=lambda g: known[g][0]), min(known, key=lambda g: known[g][1])
        if known[high][0] > known[low][1]:
            return high, low, True
    return max(rates, key=lambda g: rates[g]), min(rates, key=lambda g: rates[g]), False


@dataclass(frozen=True, slots=True)
class Point:
    """The least error among all thresholds, and mixtures of them, under which the rates differ by at most `gap`.

    Attributes
    ----------
    gap : float
        Largest difference that is allowed.
    error : float
        Share of wrong decisions among all whose truth is known.
    rates : mapping of str to (fpr, tpr)
        Where each group then stands.
    """

    gap: float
    error: float
    rates: Mapping[str, tuple[float, float]]


def standing(groups: Groups) -> Mapping[str, Point]:
    """Return where decisions are now, among rows whose truth is known: their error, and how far each definition is missed."""
    usable = {name: c for name, c in groups.items() if c.tp + c.fn and c.fp + c.tn}
    if len(usable) < 2:
        return {}
    total = sum(c.tp + c.fn + c.fp + c.tn for c in usable.values())
    error = sum(c.fp + c.fn for c in usable.values()) / total
    rates: dict[str, dict[str, float]] = {"selection": {}, "tpr": {}, "fpr": {}}
    for name, c in usable.items():
        rates["selection"][name] = (c.tp + c.fp) / (c.tp + c.fn + c.fp + c.tn)
        rates["tpr"][name], rates["fpr"][name] = c.tp / (c.tp + c.fn), c.fp / (c.fp + c.tn)
    stand = {name: (rates["fpr"][name], rates["tpr"][name]) for name in usable}
    apart = {rate: max(own.values()) - min(own.values()) for rate, own in rates.items()}
    return {definition: Point(max(apart[rate] for rate in of), error, stand) for definition, of in RATES_OF.items()}


def hull(curve: Roc) -> NDArray[np.float64]:
    """Return the corners (fpr, tpr) of the upper convex hull of a ROC curve: what mixtures of thresholds reach."""
    import numpy as np

    corners: list[tuple[float, float]] = []
    for point in zip(curve.fpr.tolist(), curve.tpr.tolist(), strict=True):
        while len(corners) > 1 and _turn(corners[-2], corners[-1], point) >= 0:
            corners.pop()
        corners.append(point)
    return np.array(corners, dtype=float)


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


RATES_OF: Mapping[str, tuple[str, ...]] = {
    "demographic parity": ("selection",),
    "equal opportunity": ("tpr",),
    "predictive equality": ("fpr",),
    "equalised odds": ("tpr", "fpr"),
}


def frontier(
    curves: Mapping[str, Roc], definition: str, gaps: Sequence[float] = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 1.0)
) -> tuple[Point, ...]:
    """Return the price of a definition: the least error for each gap that is allowed, by linear programming.

    Parameters
    ----------
    curves : mapping of str to Roc
        At least one; groups of one class have none and take no part.
    definition : str
        One of `RATES_OF`.

    Notes
    -----
    The points that a group can reach by thresholds and mixtures of them are the convex hull of its ROC curve
    (Hardt, Price, Srebro 2016, arXiv:1610.02413); rates and error are linear in them. It is the frontier of this
    table: what other data would give is not bounded here.
    """
    import numpy as np
    from scipy.optimize import linprog

    wanted = RATES_OF[definition]
    names = list(curves)
    corners = [hull(curves[name]) for name in names]
    positives = np.array([curves[name].positives for name in names])
    negatives = np.array([curves[name].negatives for name in names])
    total = float((positives + negatives).sum())
    offsets = np.cumsum([0, *(len(c) for c in corners)])
    width = int(offsets[-1]) + len(wanted)  # shares of corners, then the least of each rate
    cost = np.zeros(width)
    ones: list[Any] = []
    rates = {rate: np.zeros((len(names), width)) for rate in wanted}
    for n, points in enumerate(corners):
        here = slice(int(offsets[n]), int(offsets[n + 1]))
        cost[here] = (negatives[n] * points[:, 0] - positives[n] * points[:, 1]) / total
        one = np.zeros(width)
        one[here] = 1.0
        ones.append(one)
        base = positives[n] / (positives[n] + negatives[n])
        of = {"fpr": points[:, 0], "tpr": points[:, 1], "selection": base * points[:, 1] + (1 - base) * points[:, 0]}
        for rate in wanted:
            rates[rate][n, here] = of[rate]
    above, below = [], []
    for n, rate in enumerate(wanted):
        least = np.zeros(width)
        least[int(offsets[-1]) + n] = 1.0
        above.append(rates[rate] - least)  # at most the gap
        below.append(least - rates[rate])  # at most nought
    found = []
    for gap in gaps:
        solved = linprog(
            cost,
            A_ub=np.vstack([*above, *below]),
            b_ub=np.concatenate([np.full(len(names) * len(wanted), gap), np.zeros(len(names) * len(wanted))]),
            A_eq=np.array(ones),
            b_eq=np.ones(len(names)),
            bounds=(0, 1),
            method="highs",
        )
        if not solved.success:  # nobody or everybody selected is always possible, so this is the solver's failure
            continue
        stand = {}
        for n, name in enumerate(names):
            share = solved.x[int(offsets[n]) : int(offsets[n + 1])]
            stand[name] = (float(share @ corners[n][:, 0]), float(share @ corners[n][:, 1]))
        found.append(Point(gap, float(solved.fun) + float(positives.sum()) / total, stand))
    return tuple(found)
