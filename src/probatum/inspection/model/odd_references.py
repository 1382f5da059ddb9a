"""References that are odd among references: what units that came past cannot say, for a sticker or a gleam makes many of them as strange.

A reference is left out and compared with the others of its product. Sound ones are as often far below what is usual as far above it, on
a scale of logarithms; damage and other products only add to those above. So as many as are far below are expected to be wrong among those
as far above: how far is far enough follows from the share of wrong ones that may be among the named. Nothing is said of few references.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probatum.inspection.model.contamination import LeftOut

CHANNEL = "appearance"  # a logarithm
MANY = (
    150  # references, from which on this says more than ranks among units do; which of the two is asked may not depend on scores
)
HEAVIER = 1.5  # times as many sound ones may be far above as are far below


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """What was found out about references.

    Attributes
    ----------
    named : tuple of LeftOut
        Proposed for removal, the strangest first.
    rate : float
        At most this share of them is as it should be, on average, if sound ones are as often far below the middle as far above it, or
        at most `HEAVIER` times as often.
    tested : int
    middle, cut : float
        The median of all scores, and from which score on a reference is named; infinite if none is.
    below : int
        How many are as far below the middle as `cut` is above it.
    """

    named: tuple[LeftOut, ...]
    rate: float
    tested: int
    middle: float
    cut: float
    below: int


def odd(cases: Sequence[LeftOut], *, rate: float = 0.1) -> Odd:
    """Name references that are odd among all.

    Parameters
    ----------
    cases : sequence of LeftOut
        Every reference that can be tested, of all products; their units are not asked.
    rate : float in (0, 1)
        Largest share of wrongly named among the named, on average.

    Notes
    -----
    The lowest cut at which `HEAVIER (1 + below) / named` is at most the rate: so fewer than `HEAVIER / rate` are never named [1]_. The
    middle is that of all, which damaged ones only raise: more seem far below then, and fewer are named.

    References
    ----------
    .. [1] Barber, Candes. "Controlling the false discovery rate via knockoffs." Annals of Statistics 43 (2015), section 3 (SeqStep+).
    """
    if not 0 < rate < 1:
        raise ValueError(f"{rate:g} is not a rate of false discoveries")
    usable = [case for case in cases if math.isfinite(case.scores.get(CHANNEL, math.nan))]
    scores = np.sort([case.scores[CHANNEL] for case in usable])
    middle = float(np.median(scores)) if len(scores) else math.nan
    for cut in scores[scores > middle]:
        below = int(np.searchsorted(scores, 2 * middle - cut, side="right"))
        above = len(scores) - int(np.searchsorted(scores, cut))
        if HEAVIER * (1 + below) <= rate * above:
            named = sorted((case for case in usable if case.scores[CHANNEL] >= cut), key=lambda case: -case.scores[CHANNEL])
            return Odd(named=tuple(named), rate=rate, tested=len(usable), middle=middle, cut=float(cut), below=below)
    return Odd(named=(), rate=rate, tested=len(usable), middle=middle, cut=math.inf, below=0)
