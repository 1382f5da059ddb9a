"""How probable it is that a unit is damaged, given its score: from units whose labels are known, at the share of damaged ones that is stated.

What is said is an interval. Its ends are what isotonic regression of labels on scores says of the unit if it is added to those that are known as
a sound one, and as a damaged one. With the label that it really has, it is one of them, so one end is calibrated: of units of which it says
p, a share p is damaged (Vovk, Petej and Fedorova, "Large-scale probabilistic predictors with and without guarantees of validity", NIPS 2015,
arXiv:1511.00213). Where damage is rarer than among units that are known, each label counts for as much more or less: that assumes that
damaged units have the scores that damaged ones have there, and sound ones those of sound ones. Shares of labels among known units stand for
those from which they came: with ten of a label that may be a quarter wrong. The share itself lies between two: the lower end is of
the lower one, the upper end of the upper one, as both rise with it.

`stats/venn_abers.py` prepares the same for many scores at once; this is the definition, for one.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from probatum.inspection.artefacts.calibration import Calibration

FEWEST = 10  # units of each label: with fewer, the ends are so far apart that nothing follows


@dataclass(frozen=True, slots=True)
class _Block:
    """Neighbours in the order of scores: what they weigh together, and how much of that is damaged."""

    weight: float
    damaged: float

    @property
    def share(self) -> float:
        return self.damaged / self.weight

    def __add__(self, other: _Block) -> _Block:
        return _Block(self.weight + other.weight, self.damaged + other.damaged)


class Chances:
    """Units that are known."""

    def __init__(self, sound: Iterable[float], damaged: Iterable[float]) -> None:
        """Sort them.

        Parameters
        ----------
        sound, damaged : iterable of float
            Scores, higher is worse; those that are NaN are left out.

        Raises
        ------
        ValueError
            If there are fewer than `FEWEST` of one of them.
        """
        known = [(score, bad) for bad, scores in enumerate((sound, damaged)) for score in scores if not math.isnan(score)]
        self.damaged = sum(bad for _, bad in known)
        self.sound = len(known) - self.damaged
        if min(self.sound, self.damaged) < FEWEST:
            raise ValueError(
                f"{self.damaged:,} damaged and {self.sound:,} pristine units tell too little of how probable damage is: {FEWEST} of each are needed"
            )
        self._scores: list[float] = []
        self._before: list[tuple[int, int]] = [(0, 0)]  # sound and damaged ones below each score
        for score, bad in sorted(known):
            told = self._before[-1]
            if not self._scores or score > self._scores[-1]:
                self._scores.append(score)
                self._before.append(told)
            self._before[-1] = (told[0] + 1 - bad, told[1] + bad)
        # Isotonic regression of all scores before a place, and of all from it on: where the block next to it ends. Beyond that end
        # is what would be there without the block, so these numbers say all blocks.
        last = len(self._scores)
        self._below = [0] * (last + 1)
        for at in range(last):
            edge = at
            while edge > 0 and self._rises(self._below[edge], edge, at + 1) <= 0:
                edge = self._below[edge]
            self._below[at + 1] = edge
        self._above = [last] * (last + 1)
        for at in reversed(range(last)):
            edge = at + 1
            while edge < last and self._rises(at, edge, self._above[edge]) <= 0:
                edge = self._above[edge]
            self._above[at] = edge

    def interval(self, score: float, *, prevalence: tuple[float, float]) -> tuple[float, float]:
        """Return both ends of the probability that a unit with a score is damaged.

        Parameters
        ----------
        score : float
        prevalence : (float, float)
            Between which the share of damaged units lies, in (0, 1).
        """
        low, high = self._share(score, 0, prevalence[0]), self._share(score, 1, prevalence[1])
        return min(low, high), high  # equal ones may differ in the last digit

    def _share(self, score: float, damaged: int, prevalence: float) -> float:
        """Return what isotonic regression says at a score if a unit with it is added."""
        among = self.damaged / (self.sound + self.damaged)
        weights = (1 - prevalence) / (1 - among), prevalence / among
        at = bisect_left(self._scores, score)
        tied = at < len(self._scores) and self._scores[at] == score
        own = _Block(weights[damaged], weights[1] * damaged)
        if tied:
            own += self._block(at, at + 1, weights)
        start, end = at, at + tied
        while True:
            if start > 0 and (left := self._block(self._below[start], start, weights)).share >= own.share:
                own, start = own + left, self._below[start]
            elif end < len(self._scores) and (right := self._block(end, self._above[end], weights)).share <= own.share:
                own, end = own + right, self._above[end]
            else:
                return min(1.0, own.share)

    def _rises(self, start: int, middle: int, end: int) -> int:
        """Return above 0 if a larger share is damaged from the middle on than before it, whatever labels weigh."""
        (s0, d0), (s1, d1), (s2, d2) = self._before[start], self._before[middle], self._before[end]
        return (d2 - d1) * (s1 - s0) - (d1 - d0) * (s2 - s1)

    def _block(self, start: int, end: int, weights: tuple[float, float]) -> _Block:
        sound, damaged = (self._before[end][side] - self._before[start][side] for side in (0, 1))
        return _Block(sound * weights[0] + damaged * weights[1], damaged * weights[1])


def chances_of(calibration: Calibration | None, *, judged: Collection[str], fitted: Collection[str]) -> Chances | str:
    """Return what a calibration knows of damaged and sound units, or why that is nothing.

    Parameters
    ----------
    calibration : Calibration or None
    judged, fitted : collection of str
        Units that are judged, and those that made the score: of neither may anything be known.
    """
    if calibration is None or not calibration.damaged:
        return (
            "no labelled damaged unit was scored with the thresholds: calibrate again with ten or more in the split `calibration`"
        )
    for names, why in ((judged, "is judged, too"), (fitted, "made the score, too")):
        both = sorted({one.capture_id for one in calibration.damaged} & set(names))
        if both:
            return f"how probable damage is cannot be told: `{both[0][:40]}`, from which that would follow, {why}"
    try:
        # Nobody said of those without a label that they are sound: they count for thresholds only, where that is safe.
        return Chances(
            (one.score for one in calibration.scores if one.capture_id not in calibration.unlabelled),
            (one.score for one in calibration.damaged),
        )
    except ValueError as problem:
        return str(problem)
