"""Bounds of a network on boxes of inputs: by intervals, and by lines above and below each ReLU.

Intervals of both twins and of their difference are carried forward (Paulsen, Wang, Wang, "ReluDiff", ICSE 2020). Where a
sum can be on both sides of 0, ReLU lies between two parallel lines, and what is asked becomes a linear function of the
inputs, whose largest value on a box is at a corner (Weng et al., "Towards fast computation of certified robustness for
ReLU networks", ICML 2018); so does the difference of two ReLU, between lines of the difference of what they are given
(Paulsen, Wang, Wang, Wang, "NeuroDiff", ASE 2020). Of all bounds the best one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Interval: TypeAlias = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """Many boxes of pairs of people.

    Attributes
    ----------
    first, second : pair of arrays of shape (boxes, features)
        Least and most that a feature can be.
    gap : pair of arrays of shape (boxes, features)
        Least and most by which the first can be above the second.
    groups : sequence of (columns, bool)
        Features of which exactly one is 1; whether it is the same of both.
    """

    first: Interval
    second: Interval
    gap: Interval
    groups: Sequence[tuple[NDArray[np.int64], bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What is known of each box.

    Attributes
    ----------
    gap, first, second : arrays of shape (boxes,)
        The first's sum is above the second's by at most `gap`, and at most `first`; the second's is at least `second`.
    plain : array of shape (boxes,), bool
        No product or sum anywhere is larger for the first where that could make its result larger; then the result is
        not, however numbers are rounded.
    of_first, of_second : arrays of shape (boxes, features)
        Coefficients of a linear bound on the gap: where it is largest is a pair that is worth a try.
    """

    gap: Floats
    first: Floats
    second: Floats
    plain: NDArray[np.bool_]
    of_first: Floats
    of_second: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """What the sums of each layer can be: of the first, of the second, and the first's less the second's.

    Each is a list, by layer, of pairs of arrays of shape (boxes, units). `same`: both twins' ReLU lets everything through.
    """

    first: list[Interval]
    second: list[Interval]
    gap: list[Interval]
    same: list[NDArray[np.bool_]]
    plain: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One side of a split: a sum of the first (1) or second (2) is at most, or at least, a number."""

    layer: int
    unit: int
    side: int
    at: float
    above: bool


class Relaxation:
    """The bounds of one network.

    Parameters
    ----------
    layers : sequence of (weights, biases)
    rectified : sequence of bool
        Whether ReLU stands after each.
    near : float
        How near to 0 a number is too near to tell its sign, for the rounding of what is computed here.
    """

    def __init__(self, layers: Sequence[tuple[Floats, Floats]], rectified: Sequence[bool], near: float) -> None:
        self._layers = layers
        self._rectified = rectified
        self._near = near

    def bounds(self, boxes: Boxes, clips: Sequence[Clip] = ()) -> Bounds:
        """Bound many boxes; of all of them, what was split is on the same side."""
        return self.bounds_of(boxes, self.ranges(boxes, clips))

    def bounds_of(self, boxes: Boxes, ranges: Ranges) -> Bounds:
        """Bound many boxes, of which is known what the sums can be."""
        one = np.ones((len(boxes.gap[0]), 1, 1))
        end = len(self._layers) - 1
        (of_first, plus), (of_second, minus) = self._lines(one, end, ranges.first), self._lines(-one, end, ranges.second)
        gap = largest_gap(of_first[:, 0], of_second[:, 0], boxes) + plus[:, 0] + minus[:, 0]
        return Bounds(
            gap=np.minimum(np.minimum(ranges.gap[-1][1][:, 0], gap), self._of_changes(ranges, boxes)),
            first=ranges.first[-1][1][:, 0],
            second=ranges.second[-1][0][:, 0],
            plain=ranges.plain,
            of_first=of_first[:, 0],
            of_second=of_second[:, 0],
        )

    def ranges(self, boxes: Boxes, clips: Sequence[Clip] = ()) -> Ranges:
        """Carry intervals through the layers."""
        first, second = boxes.first, boxes.second
        least, most = boxes.gap
        above, below = most > 0, least < 0
        found = Ranges(first=[], second=[], gap=[], same=[], plain=np.zeros(len(least), dtype=bool))
        for at, (weights, biases) in enumerate(self._layers):
            up, down = np.maximum(weights, 0).T, np.minimum(weights, 0).T
            first, second = (
                self._tightened((low @ up + high @ down + biases, high @ up + low @ down + biases), at, side, sums, boxes)
                for (low, high), side, sums in ((first, boxes.first, found.first), (second, boxes.second, found.second))
            )
            first, second = _clipped(first, at, 1, clips), _clipped(second, at, 2, clips)
            found.first.append(first)
            found.second.append(second)
            least, most = least @ up + most @ down, most @ up + least @ down
            rises, falls = (up > 0).astype(float), (down < 0).astype(float)
            above, below = (above @ rises + below @ falls) > 0, (below @ rises + above @ falls) > 0
            least, most = np.maximum(least, first[0] - second[1]), np.minimum(most, first[1] - second[0])
            found.gap.append((least, most))
            active = np.ones(least.shape, dtype=bool)
            if self._rectified[at]:
                active = (first[0] >= self._near) & (second[0] >= self._near)
                least = np.where(active, least, np.minimum(least, 0))
                most = np.where(active, most, np.maximum(most, 0))
                first, second = ((np.maximum(low, 0), np.maximum(high, 0)) for low, high in (first, second))
                least, most = np.maximum(least, first[0] - second[1]), np.minimum(most, first[1] - second[0])
            found.same.append(active)
        return replace(found, plain=~above[:, 0])

    def _of_changes(self, ranges: Ranges, boxes: Boxes) -> Floats:
        """Bound the gap by a linear function of the differences of the inputs."""
        wanted, added = np.ones((len(boxes.gap[0]), 1)), np.zeros(len(boxes.gap[0]))
        for layer in range(len(self._layers) - 1, -1, -1):
            wanted = wanted @ self._layers[layer][0]
            if layer:
                (least, most), same = ranges.gap[layer - 1], ranges.same[layer - 1]
                low, high = np.minimum(least, 0), np.maximum(most, 0)
                width = np.where(high > low, high - low, 1.0)
                # Of the line above, then of the line below; both go through the ends of the range.
                slope = np.where(wanted > 0, high, -low) / width
                rise = np.where(wanted > 0, -low * high, low * high) / width
                added = added + np.where(same, 0.0, wanted * rise).sum(axis=1)
                wanted = wanted * np.where(same, 1.0, slope)
        ends = np.maximum(wanted * boxes.gap[0], wanted * boxes.gap[1])
        for columns, _ in boxes.groups:
            ends[:, columns] = 0.0
        found = ends.sum(axis=1) + added
        for columns, alike in boxes.groups:
            if not alike:
                own, can1, can2 = wanted[:, columns], boxes.first[1][:, columns] > 0, boxes.second[1][:, columns] > 0
                found += np.where(can1, own, -np.inf).max(axis=1) - np.where(can2, own, np.inf).min(axis=1)
        return np.asarray(found)

    def _tightened(self, plain: Interval, at: int, side: Interval, sums: Sequence[Interval], boxes: Boxes) -> Interval:
        """Take the better of an interval and the lines' bound, where there is a layer below."""
        if at == 0:
            return plain
        width = len(self._layers[at][1])
        unit = np.broadcast_to(np.eye(width), (len(plain[0]), width, width))
        high_lines, high_added = self._lines(unit, at, sums)
        low_lines, low_added = self._lines(-unit, at, sums)
        high = self._largest(high_lines, side, boxes) + high_added
        low = -(self._largest(low_lines, side, boxes) + low_added)
        return np.maximum(plain[0], low), np.minimum(plain[1], high)

    def _lines(self, wanted: Floats, at: int, sums: Sequence[Interval]) -> tuple[Floats, Floats]:
        """Return a linear function of the inputs above `wanted` times the sums of layer `at`: coefficients and constant."""
        added = np.zeros(wanted.shape[:2])
        for layer in range(at, -1, -1):
            weights, biases = self._layers[layer]
            added = added + wanted @ biases
            wanted = wanted @ weights
            if layer and self._rectified[layer - 1]:
                slope, rise = _line(*sums[layer - 1])
                added = added + (np.maximum(wanted, 0) * rise[:, None, :]).sum(axis=2)
                wanted = wanted * slope[:, None, :]
        return wanted, added

    @staticmethod
    def _largest(lines: Floats, side: Interval, boxes: Boxes) -> Floats:
        low, high = side[0][:, None, :], side[1][:, None, :]
        ends = np.maximum(lines * low, lines * high)
        for columns, _ in boxes.groups:
            ends[:, :, columns] = 0.0
        found = ends.sum(axis=2)
        for columns, _ in boxes.groups:
            found += np.where(high[:, :, columns] > 0, lines[:, :, columns], -np.inf).max(axis=2)
        return np.asarray(found)


def largest_gap(one: Floats, two: Floats, boxes: Boxes) -> Floats:
    """Return the largest value on boxes of a linear function of both twins: coefficients of shape (boxes, features)."""
    (low1, high1), (low2, high2), (least, most) = boxes.first, boxes.second, boxes.gap
    both = one + two
    apart = np.maximum(one * low1, one * high1) + np.maximum(two * low2, two * high2)
    # The second is the first less the gap, and the first is the second and the gap.
    by_first = np.maximum(both * low1, both * high1) + np.maximum(-two * least, -two * most)
    by_second = np.maximum(both * low2, both * high2) + np.maximum(one * least, one * most)
    ends = np.minimum(apart, np.minimum(by_first, by_second))
    for columns, _ in boxes.groups:
        ends[:, columns] = 0.0
    found = ends.sum(axis=1)
    for columns, alike in boxes.groups:
        can1, can2 = high1[:, columns] > 0, high2[:, columns] > 0
        if alike:
            found += np.where(can1, both[:, columns], -np.inf).max(axis=1)
        else:
            found += np.where(can1, one[:, columns], -np.inf).max(axis=1)
            found += np.where(can2, two[:, columns], -np.inf).max(axis=1)
    return np.asarray(found)


def _clipped(sums: Interval, layer: int, side: int, clips: Sequence[Clip]) -> Interval:
    own = [clip for clip in clips if clip.layer == layer and clip.side == side]
    if not own:
        return sums
    low, high = sums[0].copy(), sums[1].copy()
    for clip in own:
        if clip.above:
            low[:, clip.unit] = np.maximum(low[:, clip.unit], clip.at)
        else:
            high[:, clip.unit] = np.minimum(high[:, clip.unit], clip.at)
    return low, high


def _line(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return slope and rise: ReLU is at least `slope * z`, and at most that and `rise`."""
    across = (low < 0) & (high > 0)
    slope = np.where(across, high / np.where(across, high - low, 1.0), (low >= 0).astype(float))
    return slope, np.where(across, np.maximum(-slope * low, high - slope * high), 0.0)
