"""How far people who judge the same things agree beyond chance: Krippendorff's alpha, with an interval."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_DRAWS = 1000
FEWEST = 10  # units with two judgements, below which no interval is given


@dataclass(frozen=True, slots=True)
class Agreement:
    """Krippendorff's alpha for categories.

    Attributes
    ----------
    alpha : float or None
        1 for perfect agreement, 0 for that of chance; None where only one category was ever given, or nothing was judged twice.
    low, high : float or None
        By resampling groups of units (a percentile bootstrap); None for fewer than ten units with two judgements.
    units : int
        That two or more judged.
    """

    alpha: float | None
    low: float | None
    high: float | None
    units: int


def krippendorff(
    units: Sequence[Sequence[str]], groups: Sequence[str] = (), *, confidence: float = 0.95, seed: int = 0
) -> Agreement:
    """Return the agreement.

    Parameters
    ----------
    units : sequence of sequences of str
        The judgements of each unit, by whomever; units with fewer than two say nothing.
    groups : sequence of str, of the same length, or empty
        What is resampled together: the user of each unit.
    confidence : float in (0, 1)
    seed : int

    Notes
    -----
    ``1 - D_o / D_e`` for nominal data, with coincidences weighted by ``1 / (m - 1)`` for a unit of m judgements [1]_.

    References
    ----------
    .. [1] Krippendorff. "Computing Krippendorff's alpha-reliability." University of Pennsylvania (2011).
    """
    judged = [(list(unit), groups[at] if groups else str(at)) for at, unit in enumerate(units) if len(unit) >= 2]
    value = _alpha([unit for unit, _ in judged])
    if len(judged) < FEWEST or value is None:
        return Agreement(value, None, None, len(judged))
    parts: dict[str, list[list[str]]] = {}
    for unit, group in judged:
        parts.setdefault(group, []).append(unit)
    names, rng = sorted(parts), random.Random(seed)  # noqa: S311 - a bootstrap
    drawn = (_alpha([unit for name in rng.choices(names, k=len(names)) for unit in parts[name]]) for _ in range(_DRAWS))
    found = sorted(one for one in drawn if one is not None)
    tail = (1 - confidence) / 2
    return Agreement(value, found[int(tail * len(found))], found[min(len(found) - 1, int((1 - tail) * len(found)))], len(judged))


def _alpha(units: Sequence[Sequence[str]]) -> float | None:
    totals: Counter[str] = Counter()
    apart = 0.0
    for unit in units:
        counts = Counter(unit)
        totals += counts
        m = len(unit)
        apart += (m * m - sum(many * many for many in counts.values())) / (m - 1)
    n = sum(totals.values())
    chance = n * n - sum(many * many for many in totals.values())
    return 1 - (n - 1) * apart / chance if chance else None
