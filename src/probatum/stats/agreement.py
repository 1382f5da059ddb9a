"""How far people who judge the same things agree beyond chance: Krippendorff's alpha, with an interval."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Scale = Literal["nominal", "ordinal", "interval"]
_DRAWS = 1000
FEWEST = 10  # units with two judgements, below which no interval is given


@dataclass(frozen=True, slots=True)
class Agreement:
    """Krippendorff's alpha.

    Attributes
    ----------
    alpha : float or None
        1 for perfect agreement, 0 for that of chance; None where only one value was ever given, or nothing was judged twice.
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
    units: Sequence[Sequence[str | float]],
    groups: Sequence[str] = (),
    *,
    scale: Scale = "nominal",
    confidence: float = 0.95,
    seed: int = 0,
) -> Agreement:
    """Return the agreement.

    Parameters
    ----------
    units : sequence of sequences of str or of float
        The judgements of each unit, by whomever; units with fewer than two say nothing.
    groups : sequence of str, of the same length, or empty
        What is resampled together: the user of each unit.
    scale : {"nominal", "ordinal", "interval"}
        What a difference of two values is: none or all; how many of all judgements lie between both; or their distance, squared.
    confidence : float in (0, 1)
    seed : int

    Raises
    ------
    ValueError
        If values of an ordinal or interval scale are not finite numbers.

    Notes
    -----
    ``1 - D_o / D_e`` with coincidences weighted by ``1 / (m - 1)`` for a unit of m judgements [1]_. O(units * values), where the values
    of an interval scale do not count.

    References
    ----------
    .. [1] Krippendorff. "Computing Krippendorff's alpha-reliability." University of Pennsylvania (2011).

    Examples
    --------
    >>> round(krippendorff([[1, 1], [2, 3], [3, 3], [4, 4]], scale="interval").alpha, 3)
    0.911
    """
    judged = [(list(unit), groups[at] if groups else str(at)) for at, unit in enumerate(units) if len(unit) >= 2]
    if not judged:
        return Agreement(None, None, None, 0)
    if scale != "nominal" and not all(isinstance(one, int | float) and math.isfinite(one) for unit, _ in judged for one in unit):
        raise ValueError(f"values of the scale `{scale}` must be numbers")
    names = sorted({group for _, group in judged})
    place = {name: at for at, name in enumerate(names)}
    alpha = _Alpha([unit for unit, _ in judged], [place[group] for _, group in judged], scale)
    value = alpha.of([1] * len(names))
    if len(judged) < FEWEST or value is None:
        return Agreement(value, None, None, len(judged))
    rng = random.Random(seed)  # noqa: S311 - a bootstrap
    counted = (Counter(rng.choices(range(len(names)), k=len(names))) for _ in range(_DRAWS))
    found = sorted(one for times in counted if (one := alpha.of([times[at] for at in range(len(names))])) is not None)
    tail = (1 - confidence) / 2
    return Agreement(value, found[int(tail * len(found))], found[min(len(found) - 1, int((1 - tail) * len(found)))], len(judged))


class _Alpha:
    """What alpha is if each group of units is there so and so often."""

    def __init__(self, units: Sequence[Sequence[str | float]], groups: Sequence[int], scale: Scale) -> None:
        import numpy as np

        values, at = np.unique([one for unit in units for one in unit], return_inverse=True)
        self._at = at.ravel()  # of each judgement
        self._unit = np.repeat(np.arange(len(units)), [len(unit) for unit in units])
        self._group = np.array(groups)
        self._many = np.array([len(unit) for unit in units], np.float64)
        self._scale = scale
        self._values = values if scale == "interval" else None
        if scale == "nominal":
            counts = [sum(many * many for many in Counter(unit).values()) for unit in units]
            self._apart = (self._many**2 - np.array(counts)) / (self._many - 1)

    def of(self, times: Sequence[int]) -> float | None:
        import numpy as np

        weights = np.array(times, np.float64)[self._group]
        totals = np.bincount(self._at, weights=weights[self._unit]).astype(np.float64)
        n = float(totals.sum())
        if self._scale == "nominal":
            apart, chance = float(weights @ self._apart), n * n - float((totals**2).sum())
        else:
            x = self._places(totals)
            x = x - float(totals @ x) / max(n, 1.0)
            own = x[self._at]
            sums, squares = (np.bincount(self._unit, weights=own**power) for power in (1, 2))
            apart = 2 * float(weights @ ((self._many * squares - sums**2) / (self._many - 1)))
            chance = 2 * (n * float(totals @ x**2) - float(totals @ x) ** 2)
        return 1 - (n - 1) * apart / chance if chance > 0 else None

    def _places(self, totals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where each value stands: itself, or in the middle of all judgements that are equal, of all in their order."""
        import numpy as np

        return np.asarray(self._values, np.float64) if self._values is not None else np.cumsum(totals) - totals / 2
