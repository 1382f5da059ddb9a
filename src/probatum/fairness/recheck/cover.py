"""Does a cover prove how much a sum of trees may tell twins apart? Exact arithmetic, and no search.

A cover is a list that stands for a tree of boxes: a split `[feature, whose, where]` is followed by its two halves, a
number is the bound on a box, and null says that nobody is in it. The two halves of a box make up the box, whatever the
split is; so the boxes cover the domain. On each, the bound is made again from the trees, and must not be above what is
written.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from probatum.fairness.artefacts.models.model import Leaf, Missing, Node, Split, TreeSum
from probatum.fairness.artefacts.models.single import single
from probatum.fairness.artefacts.twins import Domain, Range, Twins
from probatum.fairness.semantics.scoring import goes_left

# What a feature can be in a box: closed ranges, single values and NaN, all as pairs; of a group, the places that can be 1.
Parts = tuple[tuple[float, float], ...]
Box = dict[tuple[str, int], Parts]  # by name, and whose it is: 0 both, 1 the first's, 2 the second's

_NEARLY_ZERO = single(1e-35)


class Disproved(Exception):
    """The cover does not prove what it says."""


class Bounds:
    """Bounds on one box: of the gap, the first's sum and the second's, exactly."""

    def __init__(self, gap: Fraction, first: Fraction, second: Fraction) -> None:
        self.gap, self.first, self.second = gap, first, second


class Walk:
    """Walks the cover of one model."""

    def __init__(self, model: TreeSum, domain: Domain, twins: Twins) -> None:
        self.model = model
        self.domain = domain
        self.twins = twins
        self.differing = frozenset(twins.differing())
        self.name_of: dict[int, tuple[str, int]] = {}  # feature -> variable, and its place in a group
        groups = {column: (name, n) for name, group in domain.one_hot.items() for n, column in enumerate(group)}
        for n, feature in enumerate(model.features):
            self.name_of[n] = groups.get(feature, (feature, -1))
        self._last: dict[tuple[Any, ...], float] = {}

    def whole_domain(self) -> Box:
        """Return the box of everyone."""
        box: Box = {}
        for name, own in self.domain.features.items():
            parts = ((own.low, own.high),) if isinstance(own, Range) else tuple((v, v) for v in own.values)
            if own.missing:
                parts = (*parts, (math.nan, math.nan))
            self._put(box, name, parts)
        for name, group in self.domain.one_hot.items():
            self._put(box, name, tuple((float(n), float(n)) for n in range(len(group))))
        return box

    def _put(self, box: Box, name: str, parts: Parts) -> None:
        own = self.domain.features.get(name)
        if isinstance(own, Range) and own.whole:
            parts = _whole(parts)
        for side in (1, 2) if name in self.differing else (0,):
            box[name, side] = parts

    def bounds(self, cover: list[Any]) -> Iterator[tuple[float | None, Bounds | None]]:
        """Yield what is written on each box, and what the trees say; None where a box has nobody in it.

        Raises
        ------
        Disproved
            If the list is no cover.
        """
        entries = iter(cover)

        def below(box: Box | None, forest: list[Node], settled: tuple[Fraction, Fraction]) -> Iterator[tuple[float | None, Bounds | None]]:
            entry = next(entries, self)
            if entry is self:
                raise Disproved("the cover ends before every box has a bound")
            if box is not None:
                box = self.related(box)
            if box is not None:
                forest, settled = self._narrowed(forest, box, settled)
            if isinstance(entry, list):
                halves = self._halves(box, entry)
                for half in halves:
                    yield from below(half, forest, settled)
            else:
                yield entry, None if box is None else self._bound(forest, box, settled)

        yield from below(self.whole_domain(), list(self.model.trees), (Fraction(0), Fraction(0)))
        if next(entries, self) is not self:
            raise Disproved("the cover goes on after every box has a bound")

    def _halves(self, box: Box | None, entry: list[Any]) -> tuple[Box | None, Box | None]:
        name, side, at = entry
        if box is None:
            return None, None
        parts = box.get((name, side))
        if parts is None:
            raise Disproved(f"the cover splits `{name}`, which is no such variable")
        left: Parts
        if isinstance(at, list):
            chosen = {math.inf if v is None else float(v) for v in at}
            left = tuple(p for p in parts if p[0] == p[1] and p[0] in chosen or math.isnan(p[0]) and math.inf in chosen)
            right = tuple(p for p in parts if p not in left)
        else:
            left = tuple((low, min(high, at)) for low, high in parts if low <= at)
            right = tuple((p[0], p[1]) if math.isnan(p[0]) else (max(p[0], math.nextafter(at, math.inf)), p[1]) for p in parts if not p[1] <= at)
        own = self.domain.features.get(name)
        if isinstance(own, Range) and own.whole:
            left, right = _whole(left), _whole(right)
        one, two = ({**box, (name, side): half} if half else None for half in (left, right))
        return one, two

    def related(self, box: Box) -> Box | None:
        """Take from a box what no twins can be, who may differ in a feature only so much; None if nobody is left."""
        for name in (*self.twins.tolerance, *self.twins.more):
            sign = self.twins.more.get(name, 0)
            width = self.twins.tolerance.get(name, math.inf)
            least, most = (0.0, math.inf) if sign > 0 else (-math.inf, 0.0) if sign < 0 else (-width, width)
            one, two = box[name, 1], box[name, 2]
            two = _within(two, _sum(one[0][0], least), _sum(one[-1][1], most))
            if two:
                one = _within(one, _sum(two[0][0], -most), _sum(two[-1][1], -least))
            if not one or not two:
                return None
            own = self.domain.features[name]
            if isinstance(own, Range) and own.whole:
                one, two = _whole(one), _whole(two)
                if not one or not two:
                    return None
            box = {**box, (name, 1): one, (name, 2): two}
        return box

    def _narrowed(self, forest: list[Node], box: Box, settled: tuple[Fraction, Fraction]) -> tuple[list[Node], tuple[Fraction, Fraction]]:
        """Drop tests that both twins pass alike, and add up trees without tests."""
        left: list[Node] = []
        first, second = settled
        for tree in forest:
            short = self._short(tree, box)
            if isinstance(short, Leaf):
                value = Fraction(short.value)
                first, second = first + value, second + value
            else:
                left.append(short)
        return left, (first, second)

    def _short(self, node: Node, box: Box) -> Node:
        if isinstance(node, Leaf):
            return node
        sides = {self._side(node, box, whose) for whose in (1, 2)}
        if sides == {"left"}:
            return self._short(node.left, box)
        if sides == {"right"}:
            return self._short(node.right, box)
        one, two = self._short(node.left, box), self._short(node.right, box)
        return node if one is node.left and two is node.right else replace(node, left=one, right=two)

    def _side(self, split: Split, box: Box, whose: int) -> str:
        left, right = self._split(split, box, whose)
        return "both" if left and right else "left" if left else "right"

    def _key(self, feature: int, whose: int) -> tuple[str, int]:
        name = self.name_of[feature][0]
        return name, whose if name in self.differing else 0

    def _split(self, split: Split, box: Box, whose: int) -> tuple[Parts, Parts]:
        """Return what of a feature's values goes left, and what right."""
        parts = box[self._key(split.feature, whose)]
        place = self.name_of[split.feature][1]
        left: list[tuple[float, float]] = []
        right: list[tuple[float, float]] = []
        for part in parts:
            if place >= 0:
                (left if goes_left(split, float(part[0] == place), self.model.rounding) else right).append(part)
                continue
            for low, high in self._alike(split, part):
                (left if goes_left(split, low, self.model.rounding) else right).append((low, high))
        own = self.domain.features.get(self.name_of[split.feature][0])
        if isinstance(own, Range) and own.whole:
            return _whole(tuple(left)), _whole(tuple(right))
        return tuple(left), tuple(right)

    def _alike(self, split: Split, part: tuple[float, float]) -> Iterator[tuple[float, float]]:
        """Cut a range into ranges on which a test says one thing."""
        low, high = part
        if math.isnan(low) or low == high:
            yield part
            return
        ends: set[float] = set()
        if split.categories is not None:
            for one in split.categories:
                ends |= {math.nextafter(float(one), -math.inf) if one else -1.0, math.nextafter(float(one + 1), -math.inf)}
        elif split.missing is Missing.ZERO_IS_MISSING:
            ends |= {math.nextafter(-_NEARLY_ZERO, -math.inf), _NEARLY_ZERO, split.threshold}
        else:
            ends.add(self._boundary(split))
        for end in sorted(end for end in ends if low <= end < high):
            yield low, end
            low = math.nextafter(end, math.inf)
        yield low, high

    def _boundary(self, split: Split) -> float:
        """Return the largest number that goes left, by bisection among all numbers."""
        key = (split.threshold, split.strict, split.missing_left)
        if key not in self._last:
            low, high = _place(-math.inf), _place(math.inf)  # goes left, does not
            while high - low > 1:
                middle = (low + high) // 2
                if goes_left(split, _number(middle), self.model.rounding):
                    low = middle
                else:
                    high = middle
            self._last[key] = _number(low)
        return self._last[key]

    def _bound(self, forest: list[Node], box: Box, settled: tuple[Fraction, Fraction]) -> Bounds | None:
        """Add up the largest gap, the largest first and the smallest second that each tree has in a box; None: nobody is there."""
        gap, first, second = settled[0] - settled[1], settled[0], settled[1]
        for tree in forest:
            reached = [(Fraction(one), Fraction(two)) for one, two in self._pairs(tree, tree, box)]
            if not reached:
                return None
            gap += max(one - two for one, two in reached)
            first += max(one for one, _ in reached)
            second += min(two for _, two in reached)
        base, divisor = Fraction(self.model.base), self.model.divisor
        return Bounds(gap / divisor, (first + base) / divisor, (second + base) / divisor)

    def _pairs(self, first: Node, second: Node, box: Box) -> Iterator[tuple[float, float]]:
        """Every pair of values that a tree can give to twins in a box."""
        node, whose = (first, 1) if isinstance(first, Split) else (second, 2)
        if isinstance(node, Leaf):
            assert isinstance(first, Leaf)  # noqa: S101 - the first is walked before the second
            assert isinstance(second, Leaf)  # noqa: S101 - as above
            yield first.value, second.value
            return
        key = self._key(node.feature, whose)
        together = first is second and key[1] == 0
        for parts, child in zip(self._split(node, box, whose), (node.left, node.right), strict=True):
            if not parts:
                continue
            narrowed: Box | None = {**box, key: parts}
            if key[1] and key[0] not in self.twins.vary:
                narrowed = self.related(narrowed or box)
            if narrowed is None:
                continue
            if together:
                yield from self._pairs(child, child, narrowed)
            elif whose == 1:
                yield from self._pairs(child, second, narrowed)
            else:
                yield from self._pairs(first, child, narrowed)


def _whole(parts: Parts) -> Parts:
    found = []
    for low, high in parts:
        if math.isnan(low):
            found.append((low, high))
        elif math.ceil(low) <= math.floor(high):
            found.append((float(math.ceil(low)), float(math.floor(high))))
    return tuple(found)


def _within(parts: Parts, low: Fraction | float, high: Fraction | float) -> Parts:
    """Cut parts to a range whose ends may be no floating-point numbers; what is kept is never too little."""
    found = []
    for one, two in parts:
        below = one if one >= low else _down(low)
        above = two if two <= high else _up(high)
        if two >= low and one <= high:
            found.append((below, above))
    return tuple(found)


def _sum(value: float, step: float) -> Fraction | float:
    return value + step if math.isinf(step) else Fraction(value) + Fraction(step)


def _down(value: Fraction | float) -> float:
    near = float(value)
    return near if near <= value else math.nextafter(near, -math.inf)


def _up(value: Fraction | float) -> float:
    near = float(value)
    return near if near >= value else math.nextafter(near, math.inf)


def _place(value: float) -> int:
    """Return where a number stands in the order of all numbers of 64 bits."""
    [bits] = struct.unpack("<q", struct.pack("<d", value))
    return int(bits) if bits >= 0 else -(int(bits) & 0x7FFFFFFFFFFFFFFF)


def _number(place: int) -> float:
    bits = place if place >= 0 else -place | -0x8000000000000000
    found: float = struct.unpack("<d", struct.pack("<q", bits))[0]
    return found

