"""Lines above what pairs of ReLU add, with the slopes that a cover gives: any slopes prove something.

A unit's sums are `z1` of the first and `z2` of the second twin, each between two numbers, and so is their difference.
On the polygon of these pairs, `a relu(z1) + b relu(z2) - m1 z1 - m2 z2` is largest at a corner, or where a side crosses 0, or at
both 0: it is linear between these. That largest value is all that a slope needs to be put to use.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from probatum.fairness.recheck.boxes import Disproved

if TYPE_CHECKING:
    from probatum.fairness.recheck.layers import Exact

    Interval = tuple[Exact, Exact]


@dataclass(frozen=True, slots=True)
class Line:
    """A number above `end[0]` times the first's sum and `end[1]` times the second's; and what these sums can be."""

    most: Fraction
    end: tuple[Fraction, Fraction]
    first: tuple[Fraction, Fraction]
    second: tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Clip:
    """One side of a split of a sum: that of the first (1) or the second (2) is at most, or at least, a number."""

    layer: int
    unit: int
    whose: int
    at: Fraction
    above: bool


def clips_of(entry: Mapping[str, Any], widths: Sequence[int]) -> tuple[Clip, Clip]:
    """Return both sides of a split: whatever it splits, nobody is on neither.

    Raises
    ------
    Disproved
        If there is no such sum.
    """
    layer, unit, whose = (_place(entry.get(name)) for name in ("layer", "unit", "whose"))
    if whose not in (1, 2) or not 0 <= layer < len(widths) or not 0 <= unit < widths[layer]:
        raise Disproved("the cover splits a sum that the model does not make")
    at = _fraction(entry.get("at"))
    one, two = (Clip(layer, unit, whose, at, above) for above in (False, True))
    return one, two


def clipped(sums: Interval, clips: Sequence[Clip]) -> Interval:
    """Cut what sums can be to the sides on which a box is."""
    from probatum.fairness.recheck.layers import Exact

    for clip in clips:
        at = Exact.of([clip.at])
        low, high = sums
        bits = max(low.bits, high.bits, at.bits)
        least, most, [cut] = low.at(bits), high.at(bits), at.at(bits).tolist()
        if clip.above:
            least[clip.unit] = max(least[clip.unit], cut)
        else:
            most[clip.unit] = min(most[clip.unit], cut)
        sums = (Exact(least, bits), Exact(most, bits))
    return sums


def empty(sums: Interval) -> bool:
    """Whether some sum can be nothing at all."""
    bits = max(sums[0].bits, sums[1].bits)
    return bool((sums[0].at(bits) > sums[1].at(bits)).any())


def stated_of(entry: Mapping[str, Any]) -> float:
    """Return the bound that is written on a box.

    Raises
    ------
    Disproved
        If it is no number.
    """
    _fraction(entry.get("at_most"))
    return float(entry["at_most"])


def slopes_of(entry: Mapping[str, Any], widths: Sequence[int]) -> tuple[tuple[Fraction, Fraction], list[tuple[Exact, Exact]]]:
    """Return the slopes of the outputs, and of the sums of each layer with ReLU.

    Raises
    ------
    Disproved
        If there is not one for each.
    """
    from probatum.fairness.recheck.layers import Exact

    end, given = entry.get("end"), entry.get("slopes")
    if not isinstance(end, list) or len(end) != 2 or not isinstance(given, list) or len(given) != len(widths):
        raise Disproved("the cover does not give slopes for each layer")
    found = []
    for layer, width in zip(given, widths, strict=True):
        if not isinstance(layer, list) or len(layer) != 2 or any(not isinstance(v, list) or len(v) != width for v in layer):
            raise Disproved("the cover does not give a slope for each sum")
        one, two = (Exact.of([_fraction(v) for v in side]) for side in layer)
        found.append((one, two))
    return (_fraction(end[0]), _fraction(end[1])), found


def rises(wanted: Interval, slopes: Interval, first: Interval, second: Interval, gap: Interval) -> list[Fraction] | None:
    """Return for each unit by how much it can be above its line; None if some pair of sums cannot be.

    Parameters
    ----------
    wanted : pair of Exact
        What the first's and the second's ReLU are multiplied by.
    """
    bits = max(x.bits for x in (*first, *second, *gap))
    places = [x.at(bits).tolist() for x in (*first, *second, *gap)]
    scale = max(x.bits for x in (*wanted, *slopes))
    factors = [x.at(scale).tolist() for x in (*wanted, *slopes)]
    found = []
    for low1, high1, low2, high2, least, most, a, b, m1, m2 in zip(*places, *factors, strict=True):
        cuts1, cuts2 = {low1, high1, 0}, {low2, high2, 0}
        tried = {(z1, z2) for z1 in cuts1 for z2 in cuts2}
        tried |= {(z1, z1 - g) for z1 in cuts1 for g in (least, most)} | {(z2 + g, z2) for z2 in cuts2 for g in (least, most)}
        values = [
            a * max(z1, 0) + b * max(z2, 0) - m1 * z1 - m2 * z2
            for z1, z2 in tried
            if low1 <= z1 <= high1 and low2 <= z2 <= high2 and least <= z1 - z2 <= most
        ]
        if not values:
            return None
        found.append(Fraction(max(values), 1 << bits + scale))
    return found


def logistic_rise(low: Fraction, high: Fraction, slope: Fraction) -> float:
    """Return what logistic(s) less `slope` times s is at most, for s from `low` to `high`, in 64 bits and a little more."""
    least, most, steep = float(low), float(high), float(slope)
    tried = [least, most]
    if 0 < steep < 0.25:
        far = 2 * math.atanh(math.sqrt(1 - 4 * steep))
        # Where the slopes are the same, or just outside.
        tried += [min(max(s, least), most) for s in (far, -far)]
    wrong = 1e-13 * (1.0 + abs(steep) * (abs(least) + abs(most)))
    return max(_logistic(s) - steep * s for s in tried) + wrong


def _logistic(raw: float) -> float:
    return 1.0 / (1.0 + math.exp(-raw)) if raw >= 0 else math.exp(raw) / (1.0 + math.exp(raw))


def _fraction(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Disproved("the cover has something else where a number must be")
    return Fraction(value)


def _place(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
