"""Where strange units come from: a station, a shift, a lot that has more of them than the rest, exactly tested."""

from __future__ import annotations

import math
from collections.abc import Sequence

from probatum.inspection.model.drift import Scored
from probatum.records import dataclass

FACTORS = ("station", "camera", "shift", "vendor", "lot")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """One place, time or source against the others.

    Attributes
    ----------
    factor : str
        Of `FACTORS`.
    level : str
        As the manifest calls it: `S2`.
    inside, outside : (int, int)
        How many are strange, of how many.
    p : float
        Fisher's exact test, one-sided, times the number of contrasts that were looked at (Holm).
    """

    factor: str
    level: str
    inside: tuple[int, int]
    outside: tuple[int, int]
    p: float

    def __str__(self) -> str:
        within, without = (f"{strange} of {units}" for strange, units in (self.inside, self.outside))
        return f"{self.factor} `{self.level}` has {within}, all others {without}"


def contrasts(units: Sequence[Scored], strange: Sequence[bool], *, factors: Sequence[str] = FACTORS) -> tuple[Contrast, ...]:
    """Return every place, time or source against the others, the clearest first.

    Parameters
    ----------
    units : sequence of Scored
    strange : sequence of bool
        One for each.
    factors : sequence of str

    Returns
    -------
    tuple of Contrast
        With p-values adjusted for all of them: the probability that any p is at most a level is at most that level, if strange units are
        spread by chance alone [1]_.

    References
    ----------
    .. [1] Holm. "A simple sequentially rejective multiple test procedure." Scandinavian Journal of Statistics 6 (1979).
    """
    found: list[tuple[float, Contrast]] = []
    for factor in factors:
        levels = sorted({getattr(unit, factor) for unit in units} - {""})
        if len(levels) < 2:
            continue
        for level in levels:
            here = [odd for unit, odd in zip(units, strange, strict=True) if getattr(unit, factor) == level]
            there = [odd for unit, odd in zip(units, strange, strict=True) if getattr(unit, factor) not in (level, "")]
            inside, outside = (sum(here), len(here)), (sum(there), len(there))
            p = _fisher(inside, outside)
            found.append((p, Contrast(factor=factor, level=level, inside=inside, outside=outside, p=p)))
    found.sort(key=lambda one: (one[0], one[1].factor, one[1].level))
    adjusted, least = [], 0.0
    for at, (p, own) in enumerate(found):
        least = max(least, min(1.0, p * (len(found) - at)))
        adjusted.append(Contrast(factor=own.factor, level=own.level, inside=own.inside, outside=own.outside, p=least))
    return tuple(adjusted)


def _fisher(inside: tuple[int, int], outside: tuple[int, int]) -> float:
    """P(as many inside, or more), if the strange ones are any of all with equal probability."""
    (k, n), (others, m) = inside, outside
    total = k + others
    ways = math.comb(n + m, total)
    return min(1.0, sum(math.comb(n, at) * math.comb(m, total - at) for at in range(k, min(n, total) + 1)) / ways)
