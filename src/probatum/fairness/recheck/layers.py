"""Does a cover prove how much a network, or a linear score, may tell twins apart? Intervals of exact fractions.

On each box intervals are carried through the layers for the first, for the second and for their difference; between
layers, what is below 0 becomes 0, which moves two numbers no further apart and keeps their order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from probatum.fairness.artefacts.models.model import Linear, Network
from probatum.fairness.artefacts.twins import Domain, Twins
from probatum.fairness.recheck.boxes import Bounds, Box, Boxes, Disproved

Interval = tuple[Fraction, Fraction]
_NOTHING = Fraction(0)


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
    written = (((model.weights,), (model.intercept,)),) if isinstance(model, Linear) else model.layers
    layers = [([[Fraction(w) for w in line] for line in weights], [Fraction(b) for b in biases]) for weights, biases in written]
    entries: Iterator[Any] = iter(cover)
    end: Any = object()

    def below(box: Box | None) -> Iterator[tuple[float | None, Bounds | None]]:
        entry = next(entries, end)
        if entry is end:
            raise Disproved("the cover ends before every box has a bound")
        box = None if box is None else boxes.related(box)
        if isinstance(entry, list):
            for half in boxes.halves(box, entry):
                yield from below(half)
        else:
            yield entry, None if box is None else _bound(model, boxes, layers, box)

    yield from below(boxes.whole_domain())
    if next(entries, end) is not end:
        raise Disproved("the cover goes on after every box has a bound")


def _bound(model: Linear | Network, boxes: Boxes, layers: list[tuple[list[list[Fraction]], list[Fraction]]], box: Box) -> Bounds:
    groups = {column: (name, n) for name, group in boxes.domain.one_hot.items() for n, column in enumerate(group)}
    first: list[Interval] = []
    second: list[Interval] = []
    gap: list[Interval] = []
    for feature in model.features:
        name, place = groups.get(feature, (feature, -1))
        sides = (1, 2) if name in boxes.differing else (0, 0)
        one, two = (_hull(box[name, side], place) for side in sides)
        low, high = one[0] - two[1], one[1] - two[0]
        if sides == (0, 0):
            low = high = _NOTHING
        elif name not in boxes.twins.vary:
            least, most = boxes.between(name)
            low = low if math.isinf(most) else max(low, -Fraction(most))
            high = high if math.isinf(least) else min(high, -Fraction(least))
        first.append(one)
        second.append(two)
        gap.append((low, high))
    for at, (weights, biases) in enumerate(layers):
        gap = [_combined(line, gap, _NOTHING) for line in weights]
        first, second = ([_combined(line, side, b) for line, b in zip(weights, biases, strict=True)] for side in (first, second))
        if at + 1 < len(layers):
            gap = [
                g if one[0] >= 0 and two[0] >= 0 else (min(g[0], _NOTHING), max(g[1], _NOTHING))
                for g, one, two in zip(gap, first, second, strict=True)
            ]
            first, second = ([(max(low, _NOTHING), max(high, _NOTHING)) for low, high in side] for side in (first, second))
        gap = [(max(g[0], one[0] - two[1]), min(g[1], one[1] - two[0])) for g, one, two in zip(gap, first, second, strict=True)]
    return Bounds(gap[0][1], first[0][1], second[0][0], plain=False)


def _hull(parts: tuple[tuple[float, float], ...], place: int) -> Interval:
    if place >= 0:
        ones = [part[0] == place for part in parts]
        return Fraction(all(ones)), Fraction(any(ones))
    return Fraction(min(low for low, _ in parts)), Fraction(max(high for _, high in parts))


def _combined(line: list[Fraction], values: list[Interval], bias: Fraction) -> Interval:
    low = high = bias
    for weight, (least, most) in zip(line, values, strict=True):
        low += weight * (least if weight >= 0 else most)
        high += weight * (most if weight >= 0 else least)
    return low, high
