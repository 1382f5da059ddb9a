"""Columns whose numbers change their unit, or whose texts change their names, at some moment."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from probatum.fairness.semantics import drift
from probatum.fairness.semantics.columns import Column

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.fairness.artefacts.policy import Policy
    from probatum.fairness.semantics.relation import Relation

MOST_TEXTS = 40  # values of a column whose names are watched
FAR = 0.5  # distance of distributions from which on a change is looked at
_FEWEST_NUMBERS = 5  # different ones, below which a distribution says nothing of its unit
_SPLITS = 4  # of time, by each column

# One unit is so many of the other: what is so as counted, by definition, or by molar mass.
_SCALES: Mapping[float, str] = {
    10.0: "as centimetres and millimetres",
    100.0: "as fractions and per cent, or metres and centimetres",
    1000.0: "as kilograms and grams, or thousands and ones",
    1e6: "as millions and ones",
    2.20462262: "as kilograms and pounds",
    2.54: "as inches and centimetres",
    3.2808399: "as metres and feet",
    12.0: "as years and months, or feet and inches",
    1.609344: "as miles and kilometres",
    7.0: "as weeks and days",
    24.0: "as days and hours",
    30.4375: "as months and days",
    52.1786: "as years and weeks",
    60.0: "as hours and minutes",
    365.25: "as years and days",
    3600.0: "as hours and seconds",
    86400.0: "as days and seconds",
    28.349523: "as ounces and grams",
    35.273962: "as kilograms and ounces",
    453.59237: "as pounds and grams",
    4.184: "as kilocalories and kilojoules",
    18.016: "as glucose in mmol/l and mg/dl",
    38.67: "as cholesterol in mmol/l and mg/dl",
    88.42: "as creatinine in mg/dl and µmol/l",
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """How numbers of before become those of after: times `scale`, plus `shift`."""

    scale: float
    shift: float
    name: str


def conversions() -> tuple[Conversion, ...]:
    """Return all that are known, in both directions."""
    found = [Conversion(scale, 0.0, name) for scale, name in _SCALES.items()]
    found += [Conversion(1 / scale, 0.0, f"{name}, the other way") for scale, name in _SCALES.items()]
    found.append(Conversion(1.8, 32.0, "as degrees Celsius and Fahrenheit"))
    found.append(Conversion(1 / 1.8, -32 / 1.8, "as degrees Fahrenheit and Celsius"))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A column whose numbers are others from a moment on, and like those before once these are converted.

    Attributes
    ----------
    ends : three moments
        As in `drift.apart`.
    since : float
        The moment, as near as rows tell.
    raw, like : Apart
        As numbers are, and once those before are converted.
    log_chance : float
        Logarithm of the probability that chance sets any two stretches of any column so far apart.
    """

    column: str
    ends: tuple[float, float, float | None]
    since: float
    raw: drift.Apart
    like: drift.Apart
    conversion: Conversion
    log_chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """Texts that end, and texts that begin where they do, with about their share of rows."""

    column: str
    ended: tuple[str, ...]
    started: tuple[str, ...]
    since: float
    rows: tuple[int, int]
    whole: tuple[int, int]
    log_chance: float


def stretches() -> int:
    """Return how many pairs of adjacent stretches a grid has at most."""
    return math.comb(drift.STRETCHES + 1, 3)


def log_chance(distance: float, before: int, after: int) -> float:
    """Return the logarithm of a bound of the probability that two samples of one distribution are so far apart.

    Each is further from it than its part of the distance with a probability of at most 2 exp(-2 n e^2)
    (Dvoretzky, Kiefer, Wolfowitz 1956; Massart 1990), and parts are chosen such that both are equal.
    """
    return min(0.0, math.log(4) - 2 * (distance / (1 / math.sqrt(before) + 1 / math.sqrt(after))) ** 2)


def converted(
    policy: Policy, relation: Relation, clock: drift.Clock, column: Column, *, family: int, alpha: float, fewest: int
) -> Iterator[Converted]:
    """Yield the changes of unit of a column of numbers."""
    import numpy as np

    seen = drift.histogram(policy, relation, clock, column)
    if seen is None or len(seen.edges) < _FEWEST_NUMBERS:
        return
    limit = math.log(alpha) - math.log(family)
    total = np.concatenate([np.zeros((1, len(seen.edges))), seen.rows.cumsum(axis=0)])
    bounds = _split(total, limit, fewest)
    for start, middle, end in zip(bounds, bounds[1:], bounds[2:], strict=False):
        ends = (clock.begins[start], clock.begins[middle], clock.begins[end] if end < len(clock.begins) else None)
        raw = drift.apart(policy, relation, clock, column, ends)
        if raw.distance < FAR or log_chance(raw.distance, raw.before, raw.after) > limit:
            continue
        best = _best(policy, relation, clock, column, ends)
        if best is None:
            continue
        conversion, like = best
        around = (clock.begins[middle - 1], clock.begins[middle + 1] if middle + 1 < len(clock.begins) else None)
        yield Converted(
            column=column.name,
            ends=ends,
            since=drift.turning(policy, relation, clock, column, around, cut=raw.cut),
            raw=raw,
            like=like,
            conversion=conversion,
            log_chance=log_chance(raw.distance, raw.before, raw.after) + math.log(family),
        )


def _split(total: NDArray[np.float64], limit: float, fewest: int) -> list[int]:
    """Return the bounds of stretches whose numbers differ: each is cut where the difference is surest, while it is sure."""
    import numpy as np

    bounds = [0, len(total) - 1]
    while len(bounds) - 1 < _SPLITS:
        best: tuple[float, int] | None = None
        for start, end in pairwise(bounds):
            for at in range(start + 1, end):
                one, other = total[at] - total[start], total[end] - total[at]
                n, m = float(one.sum()), float(other.sum())
                if min(n, m) < fewest:
                    continue
                distance = float(np.abs(one.cumsum() / n - other.cumsum() / m).max())
                chance = log_chance(distance, int(n), int(m))
                if chance <= limit and (best is None or chance < best[0]):
                    best = chance, at
        if best is None:
            break
        bounds = sorted([*bounds, best[1]])
    return bounds


def _best(
    policy: Policy, relation: Relation, clock: drift.Clock, column: Column, ends: tuple[float, float, float | None]
) -> tuple[Conversion, drift.Apart] | None:
    """Return the conversion after which the stretches are alike, as far as samples of one distribution are; None if none does."""
    middles = [
        drift.median(policy, relation, clock, column, (ends[0], ends[1])),
        drift.median(policy, relation, clock, column, (ends[1], ends[2])),
    ]
    if middles[0] is None or middles[1] is None:
        return None
    found: list[tuple[float, Conversion, drift.Apart]] = []
    for one in conversions():
        told = middles[0] * one.scale + one.shift
        if told == 0 or not 0.5 < middles[1] / told < 2:  # medians of the same distribution are nearer
            continue
        like = drift.apart(policy, relation, clock, column, ends, scale=one.scale, shift=one.shift)
        usual = 1.36 * math.sqrt(1 / like.before + 1 / like.after)  # exceeded once in twenty times (Smirnov 1948)
        if like.distance <= max(0.1, usual) and like.distance <= FAR / 2:
            found.append((like.distance, one, like))
    return min(found, key=lambda each: each[0])[1:] if found else None


def renamed(
    policy: Policy, relation: Relation, clock: drift.Clock, column: Column, *, family: int, alpha: float, fewest: int
) -> Renamed | None:
    """Return the texts that took the place of others, where chance is no reason; None if there are none.

    Texts are looked at that were in use from near the beginning to the end of their time: those of a month end, too.
    """
    texts = drift.occurrences(policy, relation, clock, column, most=MOST_TEXTS)
    if len(texts) < 2:
        return None
    whole = (min(one.first for one in texts), max(one.last for one in texts))
    best: Renamed | None = None
    for moment in sorted({one.first for one in texts}):
        ended = [one for one in texts if one.last < moment]
        started = [one for one in texts if one.first >= moment]
        if not ended or not started or (len(ended) + len(started) == len(texts) and min(len(ended), len(started)) < 2):
            continue
        n, m = sum(one.rows for one in ended), sum(one.rows for one in started)
        before, after = drift.sizes(policy, relation, clock, column, moment)
        chance = -_log_choose(n + m, n) + len(texts) * math.log(3) + math.log(family)
        if min(n, m) < fewest or chance > math.log(alpha) or not _as_usual(n / before, m / after, before, after):
            continue
        edge = max(one.last for one in ended)
        if not all(_spans(one, whole[0], edge) for one in ended) or not all(_spans(one, moment, whole[1]) for one in started):
            continue
        if best is None or chance < best.log_chance:
            names = tuple(one.text for one in ended), tuple(one.text for one in started)
            best = Renamed(
                column=column.name,
                ended=names[0],
                started=names[1],
                since=moment,
                rows=(n, m),
                whole=(before, after),
                log_chance=chance,
            )
    return best


def _spans(one: drift.Occurs, start: float, end: float) -> bool:
    length = end - start
    return length > 0 and one.first <= start + length / 3 and one.last >= end - length / 3


def _as_usual(one: float, other: float, n: int, m: int) -> bool:
    """Whether two shares are as near as three standard errors, or five points."""
    spread = math.sqrt(max(1e-12, one * (1 - one) / n + other * (1 - other) / m))
    return abs(one - other) <= max(0.05, 3 * spread)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
