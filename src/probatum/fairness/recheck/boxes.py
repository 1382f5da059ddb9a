"""Boxes of people: what each feature can be, how a cover cuts them, and what twins leave of them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from probatum.fairness.artefacts.twins import Domain, Range, Twins

if TYPE_CHECKING:
    from probatum.fairness.recheck.lines import Line

# What a feature can be in a box: closed ranges, single values and NaN, all as pairs; of a group, the places that can be 1.
Parts = tuple[tuple[float, float], ...]
Box = dict[tuple[str, int], Parts]  # by name, and whose it is: 0 both, 1 the first's, 2 the second's


class Disproved(Exception):
    """The cover does not prove what it says."""


class Bounds:
    """Bounds on one box: of the gap, the first's sum and the second's, exactly."""

    def __init__(self, gap: Fraction, first: Fraction, second: Fraction, *, plain: bool, line: Line | None = None) -> None:
        self.gap, self.first, self.second = gap, first, second
        self.line = line  # a bound by slopes that the cover gives
        self.plain = plain  # no part of the sum is larger for the first: then neither is the sum, however it is rounded


class Boxes:
    """The boxes of one question."""

    def __init__(self, domain: Domain, twins: Twins) -> None:
        self.domain = domain
        self.twins = twins
        self.differing = frozenset(twins.differing())

    def whole_domain(self) -> Box:
        """Return the box of everyone."""
        box: Box = {}
        for name, own in self.domain.features.items():
            parts = ((own.low, own.high),) if isinstance(own, Range) else tuple((v, v) for v in own.values)
            if own.missing:
                parts = (*parts, (math.nan, math.nan))
            self._put(box, name, self.kept(name, parts))
        for name, group in self.domain.one_hot.items():
            self._put(box, name, tuple((float(n), float(n)) for n in range(len(group))))
        return box

    def _put(self, box: Box, name: str, parts: Parts) -> None:
        for side in (1, 2) if name in self.differing else (0,):
            box[name, side] = parts

    def kept(self, name: str, parts: Parts) -> Parts:
        """Cut ranges of a feature to its whole numbers, if these are all it has."""
        own = self.domain.features.get(name)
        if not isinstance(own, Range) or not own.whole:
            return parts
        found = []
        for low, high in parts:
            if math.isnan(low):
                found.append((low, high))
            elif math.ceil(low) <= math.floor(high):
                found.append((float(math.ceil(low)), float(math.floor(high))))
        return tuple(found)

    def halves(self, box: Box | None, entry: list[Any]) -> tuple[Box | None, Box | None]:
        """Cut a box in two, which make it up together; None is a half with nobody in it.

        Raises
        ------
        Disproved
            If it is no split of a variable that there is.
        """
        name, side, at = entry
        if (name, side) not in self.whole_domain():
            raise Disproved(f"the cover splits `{name}`, which is no such variable")
        if box is None:
            return None, None
        parts = box[name, side]
        left: Parts
        right: Parts
        if isinstance(at, list):
            chosen = {math.inf if v is None else float(v) for v in at}
            left = tuple(p for p in parts if (p[0] == p[1] and p[0] in chosen) or (math.isnan(p[0]) and math.inf in chosen))
            right = tuple(p for p in parts if p not in left)
        else:
            above = math.nextafter(at, math.inf)
            left = tuple((low, min(high, at)) for low, high in parts if low <= at)
            right = tuple((p[0], p[1]) if math.isnan(p[0]) else (max(p[0], above), p[1]) for p in parts if not p[1] <= at)
        left, right = self.kept(name, left), self.kept(name, right)
        one, two = ({**box, (name, side): half} if half else None for half in (left, right))
        return one, two

    def related(self, box: Box) -> Box | None:
        """Take from a box what no twins can be, who may differ in a feature only so much; None if nobody is left."""
        for name in (*self.twins.tolerance, *self.twins.more):
            least, most = self.between(name)
            one, two = box[name, 1], box[name, 2]
            two = self.kept(name, _within(two, _sum(one[0][0], least), _sum(one[-1][1], most)))
            if two:
                one = self.kept(name, _within(one, _sum(two[0][0], -most), _sum(two[-1][1], -least)))
            if not one or not two:
                return None
            box = {**box, (name, 1): one, (name, 2): two}
        return box

    def between(self, name: str) -> tuple[float, float]:
        """Return the least and the most by which the second can be above the first in a feature."""
        if name in self.twins.more:
            return (0.0, math.inf) if self.twins.more[name] > 0 else (-math.inf, 0.0)
        width = self.twins.tolerance.get(name, math.inf)
        return -width, width


def _within(parts: Parts, low: Fraction | float, high: Fraction | float) -> Parts:
    """Cut parts to a range whose ends may be no floating-point numbers; what is kept is never too little."""
    found = []
    for one, two in parts:
        if two >= low and one <= high:
            found.append((one if one >= low else _down(low), two if two <= high else _up(high)))
    return tuple(found)


def _sum(value: float, step: float) -> Fraction | float:
    return value + step if math.isinf(step) else Fraction(value) + Fraction(step)


def _down(value: Fraction | float) -> float:
    near = float(value)
    return near if near <= value else math.nextafter(near, -math.inf)


def _up(value: Fraction | float) -> float:
    near = float(value)
    return near if near >= value else math.nextafter(near, math.inf)
