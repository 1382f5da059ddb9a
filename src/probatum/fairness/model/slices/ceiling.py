"""What no conjunction exceeds: an upper bound of the excess of each, in the confirming half.

That all are within a limit is established if, of each by itself, being beyond it
is rejected; their number needs no correction, since all must be rejected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.fairness.model.slices.confirm import Sums, excess_high
from probatum.fairness.model.slices.frame import Frame
from probatum.fairness.model.slices.lattice import Lattice
from probatum.fairness.semantics.items import CONFIRM

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Highest:
    """The conjunction of which the most cannot be excluded.

    Attributes
    ----------
    high : float
        Upper bound of its excess; inf if nothing is known of it.
    conditions : tuple of mapping
    rows : int
        In the confirming half.
    many : int
        How many conjunctions were bounded before, and with, this one.
    whole : bool
        Whether all were bounded; if not, the first that may be worse than allowed ended it.
    """

    high: float
    conditions: tuple[Any, ...]
    rows: int
    many: int
    whole: bool


def highest(
    frame: Frame, finding: Lattice, *, depth: int, min_rows: int, bound: float, alpha: float, exact: bool
) -> Highest | None:
    """Return the highest upper bound of all conjunctions that have enough rows in the half that is not used for bounds.

    Parameters
    ----------
    finding : Lattice
        Of the other half: which conjunctions count is decided there.
    bound : float
        Once a conjunction may exceed this, the search ends.

    Returns
    -------
    Highest or None
        None if no conjunction has enough rows, or the half for bounds has none at all.
    """
    import numpy as np

    half = frame.half == CONFIRM
    if not half.any():
        return None
    codes, num, den, cluster = frame.codes[:, half], frame.num[half], frame.den[half], frame.cluster[half]
    here = Lattice(frame.features, codes, num, den)
    sure = _Everyone(num, den, np.unique(cluster, return_inverse=True)[1], frame.items.clustered, exact)
    most: Highest | None = None
    many = 0
    for chosen in finding.combinations(depth):
        counted = finding.tables(chosen)[0] >= min_rows
        if not counted.any():
            continue
        rows = here.tables(chosen)[0]
        many += int(counted.sum())
        bounds = _exact_high if exact else _ratio_high
        high = bounds(here, chosen, counted, sure, alpha)
        at = int(np.argmax(high))
        if most is None or high[at] > most.high:
            place = np.argwhere(counted)[at]
            conditions = tuple(frame.features[f].choices[int(n)][0] for f, n in zip(chosen, place, strict=True))
            most = Highest(float(high[at]), conditions, int(rows[tuple(place)]), many, whole=False)
        if most.high > bound:
            return most
    return None if most is None else Highest(most.high, most.conditions, most.rows, many, whole=True)


@dataclass(frozen=True, slots=True)
class _Everyone:
    num: NDArray[np.float64]
    den: NDArray[np.float64]
    cluster: NDArray[np.int64]
    clustered: bool
    exact: bool


def _exact_high(
    here: Lattice, chosen: tuple[int, ...], counted: NDArray[np.bool_], of: _Everyone, alpha: float
) -> NDArray[np.float64]:
    """Return `confirm.excess_high` of many slices at once."""
    import numpy as np
    from scipy.special import betaincinv

    a, b = (table[counted] for table in here.tables(chosen)[1:])
    total, lost = float(of.den.sum()), float(of.num.sum())
    others, rest = total - b, lost - a
    with np.errstate(invalid="ignore", divide="ignore"):
        high = np.where(a < b, betaincinv(a + 1, np.maximum(b - a, 1e-9), 1 - alpha * 0.9), 1.0)
        low = np.where(rest > 0, betaincinv(np.maximum(rest, 1e-9), others - rest + 1, alpha * 0.1), 0.0)
    found = np.where(others > 0, (high - low) * others / total, 0.0)
    ends: NDArray[np.float64] = np.where(b > 0, found, np.inf)
    return ends


def _ratio_high(
    here: Lattice, chosen: tuple[int, ...], counted: NDArray[np.bool_], of: _Everyone, alpha: float
) -> NDArray[np.float64]:
    """Return upper bounds by clusters, one slice after the other."""
    import numpy as np

    size = int(of.cluster.max()) + 1
    every = {"A": np.bincount(of.cluster, of.num, minlength=size), "B": np.bincount(of.cluster, of.den, minlength=size)}
    found = np.full(int(counted.sum()), np.inf)
    for n, place in enumerate(np.argwhere(counted)):
        member = here.member(chosen, tuple(int(p) for p in place))
        own = of.cluster[member]
        parts = every | {
            "a": np.bincount(own, of.num[member], minlength=size),
            "b": np.bincount(own, of.den[member], minlength=size),
        }
        names = ("a", "b", "A", "B")
        sums = Sums(
            rows=int(member.sum()),
            a=float(parts["a"].sum()),
            b=float(parts["b"].sum()),
            all_a=float(parts["A"].sum()),
            all_b=float(parts["B"].sum()),
            products={x + y: float(parts[x] @ parts[y]) for i, x in enumerate(names) for y in names[i:]},
            clusters=len(np.unique(own)),
            all_clusters=size,
            exact=False,
        )
        found[n] = excess_high(sums, alpha)
    return found
