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
from probatum.fairness.artefacts.twins import Domain, Twins
from probatum.fairness.recheck.boxes import Bounds, Box, Boxes, Disproved, Parts
from probatum.fairness.semantics.scoring import goes_left

_NEARLY_ZERO = single(1e-35)


class Walk:
    """Walks the cover of one model."""

    def __init__(self, model: TreeSum, domain: Domain, twins: Twins) -> None:
        self.model = model
        self.boxes = Boxes(domain, twins)
        self.name_of: dict[int, tuple[str, int]] = {}  # feature -> variable, and its place in a group
        groups = {column: (name, n) for name, group in domain.one_hot.items() for n, column in enumerate(group)}
        for n, feature in enumerate(model.features):
            self.name_of[n] = groups.get(feature, (feature, -1))
        self._last: dict[tuple[Any, ...], float] = {}

    def bounds(self, cover: list[Any]) -> Iterator[tuple[float | None, Bounds | None]]:
        """Yield what is written on each box, and what the trees say; None where a box has nobody in it.

        Raises
        ------
        Disproved
            If the list is no cover.
        """
        entries: Iterator[Any] = iter(cover)
        end: Any = object()

        def below(
            box: Box | None, forest: list[Node], settled: tuple[Fraction, Fraction]
        ) -> Iterator[tuple[float | None, Bounds | None]]:
            entry = next(entries, end)
            if entry is end:
                raise Disproved("the cover ends before every box has a bound")
            if box is not None:
                box = self.boxes.related(box)
            if box is not None:
                forest, settled = self._narrowed(forest, box, settled)
            if isinstance(entry, list):
                halves = self.boxes.halves(box, entry)
                for half in halves:
                    yield from below(half, forest, settled)
            else:
                yield entry, None if box is None else self._bound(forest, box, settled)

        yield from below(self.boxes.whole_domain(), list(self.model.trees), (Fraction(0), Fraction(0)))
        if next(entries, end) is not end:
            raise Disproved("the cover goes on after every box has a bound")

    def _narrowed(
        self, forest: list[Node], box: Box, settled: tuple[Fraction, Fraction]
    ) -> tuple[list[Node], tuple[Fraction, Fraction]]:
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
        return name, whose if name in self.boxes.differing else 0

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
                sides = {goes_left(split, end, self.model.rounding) for end in (low, high)}
                if len(sides) > 1:
                    raise Disproved("a test does not say one thing between two of its changes")
                (left if sides == {True} else right).append((low, high))
        name = self.name_of[split.feature][0]
        return self.boxes.kept(name, tuple(left)), self.boxes.kept(name, tuple(right))

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
            # Apart from what is nearly zero, it is a test of order.
            beside = self._boundary(replace(split, missing=Missing.SIDE))
            ends |= {math.nextafter(-_NEARLY_ZERO, -math.inf), _NEARLY_ZERO, beside}
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
        # Trees that were added up gave the same to both: only what both pass alike was dropped.
        gap, first, second, plain = Fraction(0), settled[0], settled[1], True
        for tree in forest:
            reached = [(Fraction(one), Fraction(two)) for one, two in self._pairs(tree, tree, box)]
            if not reached:
                return None
            most = max(one - two for one, two in reached)
            gap += most
            plain = plain and most <= 0
            first += max(one for one, _ in reached)
            second += min(two for _, two in reached)
        base, divisor = Fraction(self.model.base), self.model.divisor
        return Bounds(gap / divisor, (first + base) / divisor, (second + base) / divisor, plain=plain)

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
            if key[1] and key[0] not in self.boxes.twins.vary:
                narrowed = self.boxes.related(narrowed or box)
            if narrowed is None:
                continue
            if together:
                yield from self._pairs(child, child, narrowed)
            elif whose == 1:
                yield from self._pairs(child, second, narrowed)
            else:
                yield from self._pairs(first, child, narrowed)


def _place(value: float) -> int:
    """Return where a number stands in the order of all numbers of 64 bits."""
    [bits] = struct.unpack("<q", struct.pack("<d", value))
    return int(bits) if bits >= 0 else -(int(bits) & 0x7FFFFFFFFFFFFFFF)


def _number(place: int) -> float:
    bits = place if place >= 0 else -place | -0x8000000000000000
    found: float = struct.unpack("<d", struct.pack("<q", bits))[0]
    return found
