"""Does a cover prove how much a network, or a linear score, may tell twins apart? Whole numbers, and no search.

On each box intervals are carried through the layers for the first, for the second and for their difference; between
layers, what is below 0 becomes 0, which moves two numbers no further apart and keeps their order. Besides, ReLU of a number
between `low` and `high` is at least `s z` and at most `s z + r`, for any s from 0 to 1 and r = max(-s low, (1 - s) high); with
these the sums are bounded by linear functions of the inputs. The difference of two ReLU is between 0 and the difference of
what they are given, so between two lines again. Whichever bound is best is taken: all hold. Covers split sums, too, of which
one side is at most and the other at least a number; and may give slopes of lines that prove more (`lines`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.fairness.artefacts.models.model import Linear, Network
from probatum.fairness.artefacts.twins import Domain, Twins
from probatum.fairness.recheck.boxes import Bounds, Box, Boxes, Disproved
from probatum.fairness.recheck.lines import Clip, Line, clipped, clips_of, empty, slopes_of, stated_of
from probatum.fairness.recheck.lines import rises as rises_of

Whole = NDArray[np.object_]  # of int: numpy multiplies them without a limit to their size
_SLOPE = 40  # bits of a slope; any slope will do, and the nearest ones are best


@dataclass(frozen=True, slots=True)
class Exact:
    """Numbers whose denominator is a power of two: `ints / 2**bits`."""

    ints: Whole
    bits: int

    @staticmethod
    def of(values: Any) -> Exact:
        """Return finite numbers of 64 bits, or fractions with such denominators, as they are."""
        pairs = [Fraction(v).as_integer_ratio() for v in np.ravel(np.array(values, dtype=object)).tolist()]
        bits = max((d.bit_length() - 1 for _, d in pairs), default=0)
        if any(d & (d - 1) for _, d in pairs):
            raise Disproved("a number of the model or the box is no number of 64 bits")
        ints = np.array([n << bits - (d.bit_length() - 1) for n, d in pairs], dtype=object)
        return Exact(ints.reshape(np.shape(np.array(values, dtype=object))), bits)

    def at(self, bits: int) -> Whole:
        """Return the numerators over `2**bits`, which must not be less."""
        return _whole(self.ints * (1 << bits - self.bits))

    def __add__(self, other: Exact) -> Exact:
        bits = max(self.bits, other.bits)
        return Exact(_whole(self.at(bits) + other.at(bits)), bits)

    def __sub__(self, other: Exact) -> Exact:
        return self + -other

    def __neg__(self) -> Exact:
        return Exact(_whole(-self.ints), self.bits)

    def __mul__(self, other: Exact) -> Exact:
        return Exact(_whole(self.ints * other.ints), self.bits + other.bits)

    def __matmul__(self, other: Exact) -> Exact:
        return Exact(_whole(self.ints.dot(other.ints)), self.bits + other.bits)

    def above(self) -> Exact:
        """Return what is above 0, and 0 for the rest."""
        return Exact(_whole(np.maximum(self.ints, 0)), self.bits)

    def below(self) -> Exact:
        """Return what is below 0, and 0 for the rest."""
        return Exact(_whole(np.minimum(self.ints, 0)), self.bits)

    def largest(self, other: Exact) -> Exact:
        """Return the larger of two, one by one."""
        bits = max(self.bits, other.bits)
        return Exact(_whole(np.maximum(self.at(bits), other.at(bits))), bits)

    def least(self, other: Exact) -> Exact:
        """Return the smaller of two, one by one."""
        return -((-self).largest(-other))

    def part(self, chosen: Any) -> Exact:
        """Return some of them."""
        return Exact(_whole(self.ints[..., chosen]), self.bits)

    def total(self) -> Exact:
        """Return sums over the last axis."""
        return Exact(_whole(self.ints.sum(axis=-1)), self.bits)

    def fraction(self) -> Fraction:
        """Return a single one as a fraction."""
        return Fraction(int(self.ints.reshape(-1)[0]), 1 << self.bits)


def _whole(values: Any) -> Whole:
    """Return numbers as they are; of a single one numpy would make one of 64 bits, which overflows."""
    return np.array(values, dtype=object)


Interval = tuple[Exact, Exact]


@dataclass(frozen=True, slots=True)
class _Side:
    """What the features of one of the two can be; of a group of which one is 1, the places that can be."""

    low: Exact
    high: Exact
    places: tuple[list[int], ...]


def bounds_of_layers(
    model: Linear | Network, domain: Domain, twins: Twins, cover: list[Any]
) -> Iterator[tuple[float | None, Bounds | None]]:
    """Yield what is written on each box, and what the layers say; None where a box has nobody in it.

    Raises
    ------
    Disproved
        If the list is no cover.
    """
    boxes = Boxes(domain, twins)
    layers = _Layers(model, boxes)
    entries: Iterator[Any] = iter(cover)
    end: Any = object()

    def below(box: Box | None, clips: tuple[Clip, ...]) -> Iterator[tuple[float | None, Bounds | None]]:
        entry = next(entries, end)
        if entry is end:
            raise Disproved("the cover ends before every box has a bound")
        box = None if box is None else boxes.related(box)
        if isinstance(entry, list):
            for half in boxes.halves(box, entry):
                yield from below(half, clips)
        elif isinstance(entry, dict) and "layer" in entry:
            for clip in clips_of(entry, layers.widths):
                yield from below(box, (*clips, clip))
        elif isinstance(entry, dict):
            yield stated_of(entry), None if box is None else layers.bound(box, clips, entry)
        else:
            yield entry, None if box is None else layers.bound(box, clips, None)

    yield from below(boxes.whole_domain(), ())
    if next(entries, end) is not end:
        raise Disproved("the cover goes on after every box has a bound")


class _Layers:
    def __init__(self, model: Linear | Network, boxes: Boxes) -> None:
        self._boxes = boxes
        self._features = model.features
        written = (((model.weights,), (model.intercept,)),) if isinstance(model, Linear) else model.layers
        self._layers = [(Exact.of(weights), Exact.of(biases)) for weights, biases in written]
        self.widths = [len(biases) for _, biases in written]
        self._rectified = [isinstance(model, Network) and model.rectified(at) for at in range(len(written))]
        place = {name: n for n, name in enumerate(model.features)}
        self._groups = {name: [place[column] for column in columns] for name, columns in boxes.domain.one_hot.items()}
        grouped = {column for columns in self._groups.values() for column in columns}
        self._alone = [n for n in range(len(model.features)) if n not in grouped]

    def bound(self, box: Box, clips: Sequence[Clip], slopes: Mapping[str, Any] | None) -> Bounds | None:
        """Bound the gap, the first's sum and the second's on one box, some of whose sums are cut; None: nobody is there."""
        one, two = self._side(box, 1), self._side(box, 2)
        gap = self._apart(one, two)
        rises: Any = gap[1].ints > 0
        falls: Any = gap[0].ints < 0
        sides = (one, two)
        values: list[Interval] = [(side.low, side.high) for side in sides]
        sums: tuple[list[Interval], list[Interval]] = ([], [])
        apart = gap
        changes: list[tuple[Exact, Exact, Any]] = []
        for at, (weights, biases) in enumerate(self._layers):
            values = [
                self._better(_combined(weights, value, biases), at, side, own)
                for value, side, own in zip(values, sides, sums, strict=True)
            ]
            values = [
                clipped(value, [clip for clip in clips if (clip.layer, clip.whose) == (at, whose)])
                for whose, value in enumerate(values, 1)
            ]
            if any(map(empty, values)):
                return None
            for own, value in zip(sums, values, strict=True):
                own.append(value)
            apart = _combined(weights, apart, None)
            up, down = weights.ints > 0, weights.ints < 0
            rises, falls = (up & rises | down & falls).any(axis=1), (up & falls | down & rises).any(axis=1)
            (low1, high1), (low2, high2) = values
            apart = (apart[0].largest(low1 - high2), apart[1].least(high1 - low2))
            if empty(apart):
                return None
            changes.append((*apart, None))
            if self._rectified[at]:
                active = (values[0][0].ints >= 0) & (values[1][0].ints >= 0)
                changes[-1] = (*apart, active)
                apart = (_unless(active, apart[0], apart[0].below()), _unless(active, apart[1], apart[1].above()))
                values = [(low.above(), high.above()) for low, high in values]
            (low1, high1), (low2, high2) = values
            apart = (apart[0].largest(low1 - high2), apart[1].least(high1 - low2))
        last = len(self._layers) - 1
        forward, backward = self._lines(Exact.of([[1]]), last, sums[0]), self._lines(Exact.of([[-1]]), last, sums[1])
        linear = self._largest_gap(forward[0], backward[0], sides, gap) + forward[1] + backward[1]
        most = min(apart[1].fraction(), linear.fraction(), self._of_changes(changes, sides, gap).fraction())
        line = None
        if slopes is not None:
            line = self._line(slopes, sums, changes, sides, gap)
            if line is None:
                return None
        return Bounds(most, values[0][1].fraction(), values[1][0].fraction(), plain=not rises[0], line=line)

    def _line(
        self,
        entry: Mapping[str, Any],
        sums: tuple[list[Interval], list[Interval]],
        changes: Sequence[tuple[Exact, Exact, Any]],
        sides: tuple[_Side, _Side],
        gap: Interval,
    ) -> Line | None:
        """Put lines with given slopes into each other, from the last layer to the first; None if nobody is there."""
        hidden = [at for at, rectified in enumerate(self._rectified) if rectified]
        end, slopes = slopes_of(entry, [self.widths[at] for at in hidden])
        one, two = Exact.of([end[0]]), Exact.of([end[1]])
        added = Fraction(0)
        for layer in range(len(self._layers) - 1, -1, -1):
            weights, biases = self._layers[layer]
            added += ((one + two) @ biases).fraction()
            one, two = one @ weights, two @ weights
            if layer and self._rectified[layer - 1]:
                own = slopes.pop()
                above = rises_of((one, two), own, sums[0][layer - 1], sums[1][layer - 1], changes[layer - 1][:2])
                if above is None:
                    return None
                added += sum(above)
                one, two = own
        most = added + self._largest_gap(one, two, sides, gap).fraction()
        first, second = ((own[-1][0].fraction(), own[-1][1].fraction()) for own in sums)
        return Line(most, end, first, second)

    def _of_changes(self, changes: Sequence[tuple[Exact, Exact, Any]], sides: tuple[_Side, _Side], gap: Interval) -> Exact:
        """Bound the gap by a linear function of how far the inputs are apart."""
        wanted, added = Exact.of([1]), Exact.of([0])
        for layer in range(len(self._layers) - 1, -1, -1):
            wanted = wanted @ self._layers[layer][0]
            if layer and changes[layer - 1][2] is not None:
                least, most, same = changes[layer - 1]
                slope, rise = _line_of_change(least, most, same, wanted)
                added = added + (wanted * rise).total()
                wanted = wanted * slope
        ends = (wanted * gap[0]).largest(wanted * gap[1])
        found = added + ends.part(self._alone).total()
        for n, (name, columns) in enumerate(self._groups.items()):
            if name in self._boxes.differing:
                can1, can2 = ([columns[rank] for rank in side.places[n]] for side in sides)
                found = found + _most(wanted.part(can1)) + _most(-wanted.part(can2))
        return found

    def _side(self, box: Box, whose: int) -> _Side:
        low: list[Any] = [0] * len(self._features)
        high: list[Any] = [0] * len(self._features)
        places = []
        for n in self._alone:
            parts = box[self._key(self._features[n], whose)]
            low[n], high[n] = min(a for a, _ in parts), max(b for _, b in parts)
        for name, columns in self._groups.items():
            can = sorted({int(a) for a, _ in box[self._key(name, whose)]})
            places.append(can)
            for rank, column in enumerate(columns):
                low[column], high[column] = int(can == [rank]), int(rank in can)
        return _Side(Exact.of(low), Exact.of(high), tuple(places))

    def _key(self, name: str, whose: int) -> tuple[str, int]:
        return name, whose if name in self._boxes.differing else 0

    def _apart(self, one: _Side, two: _Side) -> Interval:
        """Return by how much the first's features can be above the second's."""
        low, high = (one.low - two.high), (one.high - two.low)
        least, most = ([Fraction(int(v), 1 << x.bits) for v in x.ints] for x in (low, high))
        names = list(self._features)
        for name, columns in self._groups.items():
            for column in columns:
                names[column] = name
        for n, name in enumerate(names):
            if name not in self._boxes.differing:
                least[n] = most[n] = Fraction(0)
            elif name not in self._boxes.twins.vary:
                down, up = self._boxes.between(name)
                least[n] = least[n] if math.isinf(up) else max(least[n], -Fraction(up))
                most[n] = most[n] if math.isinf(down) else min(most[n], -Fraction(down))
        return Exact.of(least), Exact.of(most)

    def _better(self, plain: Interval, at: int, side: _Side, sums: Sequence[Interval]) -> Interval:
        if at == 0:
            return plain
        width = len(plain[0].ints)
        unit = Exact.of(np.eye(width).tolist())
        lines, added = self._lines(unit, at, sums)
        other, subtracted = self._lines(-unit, at, sums)
        high = self._largest(lines, side) + added
        low = -(self._largest(other, side) + subtracted)
        return plain[0].largest(low), plain[1].least(high)

    def _lines(self, wanted: Exact, at: int, sums: Sequence[Interval]) -> tuple[Exact, Exact]:
        """Return a linear function of the inputs that is nowhere below `wanted` times the sums of a layer."""
        added = Exact.of([0] * len(wanted.ints))
        for layer in range(at, -1, -1):
            weights, biases = self._layers[layer]
            added = added + wanted @ biases
            wanted = wanted @ weights
            if layer and self._rectified[layer - 1]:
                slope, rise = _line(*sums[layer - 1])
                added = added + (wanted.above() * rise).total()
                wanted = wanted * slope
        return wanted, added

    def _largest(self, lines: Exact, side: _Side) -> Exact:
        ends = (lines * side.low).largest(lines * side.high)
        found = ends.part(self._alone).total()
        for columns, can in zip(self._groups.values(), side.places, strict=True):
            found = found + _most(lines.part([columns[rank] for rank in can]))
        return found

    def _largest_gap(self, one: Exact, two: Exact, sides: tuple[_Side, _Side], gap: Interval) -> Exact:
        first, second = sides
        both = one + two
        apart = (one * first.low).largest(one * first.high) + (two * second.low).largest(two * second.high)
        # The second is the first less the gap; the first is the second and the gap.
        by_first = (both * first.low).largest(both * first.high) + (-two * gap[0]).largest(-two * gap[1])
        by_second = (both * second.low).largest(both * second.high) + (one * gap[0]).largest(one * gap[1])
        found = apart.least(by_first.least(by_second)).part(self._alone).total()
        for n, (name, columns) in enumerate(self._groups.items()):
            can1, can2 = ([columns[rank] for rank in side.places[n]] for side in sides)
            if name in self._boxes.differing:
                found = found + _most(one.part(can1)) + _most(two.part(can2))
            else:
                found = found + _most(both.part(can1))
        return found


def _combined(weights: Exact, values: Interval, biases: Exact | None) -> Interval:
    up, down = weights.above(), weights.below()
    low = up @ values[0] + down @ values[1]
    high = up @ values[1] + down @ values[0]
    return (low, high) if biases is None else (low + biases, high + biases)


def _unless(kept: Any, one: Exact, other: Exact) -> Exact:
    return Exact(_whole(np.where(kept, one.ints, other.ints)), one.bits)


def _most(values: Exact) -> Exact:
    return Exact(_whole(values.ints.max(axis=-1)), values.bits)


def _line(low: Exact, high: Exact) -> tuple[Exact, Exact]:
    """Return slope and rise of two lines between which ReLU is, for each number."""
    bits = max(low.bits, high.bits)
    slopes, rises = [], []
    for least, most in zip(low.at(bits).tolist(), high.at(bits).tolist(), strict=True):
        if least >= 0:
            slope = 1 << _SLOPE
        elif most <= 0:
            slope = 0
        else:
            slope = (most << _SLOPE) // (most - least)
        slopes.append(slope)
        rises.append(0 if least >= 0 or most <= 0 else max(-slope * least, ((1 << _SLOPE) - slope) * most))
    return Exact(np.array(slopes, dtype=object), _SLOPE), Exact(np.array(rises, dtype=object), bits + _SLOPE)


def _line_of_change(least: Exact, most: Exact, same: Any, wanted: Exact) -> tuple[Exact, Exact]:
    """Return slope s and rise r: what ReLU leaves of a difference d is at most `s d + r` where it is wanted, else at least.

    Above is the line with s from 0 to 1 that is nowhere below max(d, 0), below the one that is nowhere above min(d, 0);
    where both ReLU let everything through, it is d.
    """
    bits = max(least.bits, most.bits)
    slopes, rises = [], []
    rows = zip(least.at(bits).tolist(), most.at(bits).tolist(), list(same), wanted.ints.tolist(), strict=True)
    for lowest, highest, alike, sign in rows:
        low, high = min(lowest, 0), max(highest, 0)
        if alike or high == low:
            slopes.append(1 << _SLOPE)
            rises.append(0)
            continue
        slope = ((high if sign > 0 else -low) << _SLOPE) // (high - low)
        rest = (1 << _SLOPE) - slope
        slopes.append(slope)
        rises.append(max(-slope * low, rest * high) if sign > 0 else min(rest * low, -slope * high))
    return Exact(np.array(slopes, dtype=object), _SLOPE), Exact(np.array(rises, dtype=object), bits + _SLOPE)
