"""References that do not look like their product: damaged ones, or of another product, found with a controlled share of false ones.

A reference is left out, and scored against the other references of its product, as a unit would be. So are units of the same product that came past and had
nothing. If the reference is as it should be, it is one of them, and may have any rank among them; a reference that is damaged is stranger
than most. To be named among thousands takes more units than one product has, so scores are put on the scale of their product and ranked
among those of all. What is named is proposed for removal to a person, and never removed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probatum.stats.exchangeability import p_values

# Channels that compare with the other references. What lies beside an item is compared with its tray, and another tray would make every
# reference taken on it suspicious.
COMPARING = ("appearance", "relief", "pieces")
_FEWEST = 3  # usual units of a product, with which it can be put on a scale


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A reference, and units that had nothing, all scored against the other references of the product.

    Attributes
    ----------
    product, capture_id : str
    scores : mapping of str to float
        By channel, of which those in `COMPARING` count; higher is worse.
    units : sequence of mapping of str to float
        The same for each unit. They must be units that nobody chose for their scores: any that came past, where few are damaged.
    """

    product: str
    capture_id: str
    scores: Mapping[str, float]
    units: Sequence[Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A reference that is proposed for removal.

    Attributes
    ----------
    product, capture_id : str
    channel : str
        In which it is strangest.
    above : int
        How many of `among` units of all products are at least as strange there, each on the scale of its product.
    among : int
    p : float
        Of all channels together.
    """

    product: str
    capture_id: str
    channel: str
    above: int
    among: int
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contamination:
    """What was found out about the references.

    Attributes
    ----------
    suspects : tuple of Suspect
        The strangest first.
    rate : float
        At most this share of them is as it should be, on average over what might have happened.
    tested : int
    untested : mapping of str to str
        Products of which nothing can be said, and why.
    """

    suspects: tuple[Suspect, ...]
    rate: float
    tested: int
    untested: Mapping[str, str]


def contamination(cases: Sequence[LeftOut], *, rate: float = 0.1, untested: Mapping[str, str] | None = None) -> Contamination:
    """Name references that do not look like their product.

    Parameters
    ----------
    cases : sequence of LeftOut
        Every reference of every product that can be tested.
    rate : float in (0, 1)
        Largest share of wrongly named among the named, on average.
    untested : mapping of str to str, optional
        Products that have no case, and why.

    Notes
    -----
    A score becomes its difference to the median of its product, in units of the mean absolute deviation from it, where the reference itself is
    one of those that both are taken of: so none of them is treated otherwise, and if it is as it should be, its rank is uniform [1]_. The deviation is averaged with
    that of all products, or few units would make it too small by chance. Of several channels that one counts in which a score is rarest among
    all units, for units as for references: ranks of that are ranks. Then Benjamini and Hochberg's procedure, which holds for ranks among units that all share, since these depend on each other positively [2]_.

    Assumes that a reference is taken as units are: that neither camera, light nor station set it apart. So only `COMPARING` count. If products differ in the shape of their
    distribution after scaling, a p-value is right on average over products, and not for each.

    References
    ----------
    .. [1] Vovk, Gammerman, Shafer. "Algorithmic Learning in a Random World." Springer (2005), chapter 2.
    .. [2] Bates, Candes, Lei, Romano, Sesia. "Testing for outliers with conformal p-values." Annals of Statistics 51 (2023), arXiv:2104.08279.
    """
    if not 0 < rate < 1:
        raise ValueError(f"{rate:g} is not a rate of false discoveries")
    missing = dict(untested or {})
    usable = []
    for case in cases:
        if len(case.units) < _FEWEST:
            missing.setdefault(case.product, f"{len(case.units)} units had nothing; {_FEWEST} are needed")
        elif not all(math.isfinite(score) for one in (case.scores, *case.units) for score in one.values()):
            missing.setdefault(case.product, f"`{case.capture_id}` or a unit could not be compared")
        else:
            usable.append(case)
    if not usable:
        return Contamination(suspects=(), rate=rate, tested=0, untested=missing)
    channels = sorted(set(COMPARING).intersection(*(set(case.scores).intersection(*case.units) for case in usable)))
    if not channels:
        return Contamination(
            suspects=(), rate=rate, tested=0, untested=missing | {c.product: "no channel is in all" for c in usable}
        )
    own, among = _on_scales(usable, channels)
    total = len(among) + 1
    # How rare each score is in its channel, and which channel is the rarest: for units as for references, so that one rank remains.
    rare = np.stack([total - np.searchsorted(np.sort(among[:, at]), own[:, at]) for at in range(len(channels))], axis=1)
    usual = np.stack([total - 1 - np.searchsorted(np.sort(among[:, at]), among[:, at]) for at in range(len(channels))], axis=1)
    p = p_values(-usual.min(axis=1), -rare.min(axis=1))
    suspects = []
    for at in sorted(_step_up(p, rate), key=lambda one: (p[one], -own[one].max())):
        strangest = int(np.lexsort((-own[at], rare[at]))[0])
        case = usable[at]
        suspects.append(
            Suspect(
                product=case.product,
                capture_id=case.capture_id,
                channel=channels[strangest],
                above=int(rare[at, strangest]) - 1,
                among=len(among),
                p=float(p[at]),
            )
        )
    return Contamination(suspects=tuple(suspects), rate=rate, tested=len(usable), untested=missing)


def left_out(
    product: str,
    references: Sequence[str],
    units: Sequence[str],
    against: Callable[[str, Sequence[str]], Mapping[str, float]],
) -> list[LeftOut] | str:
    """Leave out each reference of a product in turn, and score it and the units against the others.

    Parameters
    ----------
    product : str
    references, units : sequence of str
        Names; units that came past, of which few are damaged.
    against : callable
        Scores a unit against units as references, by name, in each channel.

    Returns
    -------
    list of LeftOut, or str
        Why nothing can be said: a reference alone has no other to be compared with.
    """
    if len(references) < 2:
        return "it has one reference, and none to compare it with"
    found = []
    for name in references:
        others = [other for other in references if other != name]
        scored = tuple(against(unit, others) for unit in units)
        found.append(LeftOut(product=product, capture_id=name, scores=against(name, others), units=scored))
    return found


def _on_scales(cases: Sequence[LeftOut], channels: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return references (cases, channels) and units (all, channels), each on the scale of its product."""
    raw = [np.array([[one[name] for name in channels] for one in (case.scores, *case.units)], dtype=np.float64) for case in cases]
    # Medians of everything together, the reference included: symmetric in all of them.
    middles = [np.median(values, axis=0) for values in raw]
    spreads = [np.abs(values - middle).mean(axis=0) for values, middle in zip(raw, middles, strict=True)]
    typical = np.median(np.array(spreads), axis=0)
    scaled = [
        (values - middle) / np.maximum((spread + typical) / 2, math.ulp(1.0))
        for values, middle, spread in zip(raw, middles, spreads, strict=True)
    ]
    return np.array([values[0] for values in scaled]), np.concatenate([values[1:] for values in scaled])


def _step_up(p: NDArray[np.float64], rate: float) -> list[int]:
    """Benjamini and Hochberg: the k smallest, for the largest k of which the largest is at most ``rate k / n``."""
    order = np.argsort(p, kind="stable")
    passed = np.flatnonzero(p[order] <= rate * np.arange(1, len(p) + 1) / len(p))
    return order[: passed[-1] + 1].tolist() if len(passed) else []
