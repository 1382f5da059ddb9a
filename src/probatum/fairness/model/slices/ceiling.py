"""What no conjunction exceeds: an upper bound of the excess of each, in the confirming half.

That all are within a limit is established if, of each by itself, being beyond it
is rejected; their number needs no correction, since all must be rejected.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

from probatum.fairness.model.slices.confirm import Sums, excess_high
from probatum.fairness.model.slices.frame import Feature, Frame
from probatum.fairness.model.slices.lattice import Lattice
from probatum.fairness.model.slices.ratio import products
from probatum.fairness.semantics.items import CONFIRM, FIND

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.tools import Deadline


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
    frame: Frame, *, depth: int, min_rows: int, bound: float, alpha: float, exact: bool, deadline: Deadline | None = None
) -> Highest | None:
    """Return the highest upper bound of all conjunctions that have enough rows in the half that is not used for bounds.

    Parameters
    ----------
    min_rows : int
        Which conjunctions count is decided in the half in which slices are found: by all its rows, even where only some
        were searched.
    bound : float
        Once a conjunction may exceed this, the search ends.

    Returns
    -------
    Highest or None
        None if no conjunction has enough rows, or the half for bounds has none at all.
    """
    import numpy as np

    find, half = frame.half == FIND, frame.half == CONFIRM
    if not half.any():
        return None
    finding = Lattice(frame.features, frame.codes[:, find], frame.num[find], frame.den[find], deadline)
    codes, num, den, cluster = frame.codes[:, half], frame.num[half], frame.den[half], frame.cluster[half]
    here = Lattice(frame.features, codes, num, den)
    one_each = not frame.items.clustered
    bounds: Callable[[tuple[int, ...], NDArray[np.bool_]], NDArray[np.float64]]
    if exact:
        bounds = partial(_exact_high, here, alpha)
    elif one_each:
        bounds = partial(_row_high, here, _powers(frame.features, codes, num, den), alpha)
    else:
        bounds = partial(_cluster_high, here, (num, den, np.unique(cluster, return_inverse=True)[1]), alpha)
    most: Highest | None = None
    many = 0
    for chosen in finding.combinations(depth):
        counted = finding.tables(chosen)[0] >= min_rows
        if not counted.any():
            continue
        rows = here.tables(chosen)[0]
        many += int(counted.sum())
        high = bounds(chosen, counted)
        at = int(np.argmax(high))
        if most is None or high[at] > most.high:
            place = np.argwhere(counted)[at]
            conditions = tuple(frame.features[f].choices[int(n)][0] for f, n in zip(chosen, place, strict=True))
            most = Highest(float(high[at]), conditions, int(rows[tuple(place)]), many, whole=False)
        if most.high > bound:
            return Highest(most.high, most.conditions, most.rows, many, whole=False)
    return None if most is None else Highest(most.high, most.conditions, most.rows, many, whole=True)


def _exact_high(here: Lattice, alpha: float, chosen: tuple[int, ...], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return `confirm.excess_high` of many slices at once."""
    import numpy as np
    from scipy.special import betaincinv

    a, b = (table[counted] for table in here.tables(chosen)[1:])
    total, lost = here.totals.den, here.totals.num
    others, rest = total - b, lost - a
    with np.errstate(invalid="ignore", divide="ignore"):
        high = np.where(a < b, betaincinv(a + 1, np.maximum(b - a, 1e-9), 1 - alpha * 0.9), 1.0)
        low = np.where(rest > 0, betaincinv(np.maximum(rest, 1e-9), others - rest + 1, alpha * 0.1), 0.0)
    found = np.where(others > 0, (high - low) * others / total, 0.0)
    ends: NDArray[np.float64] = np.where(b > 0, found, np.inf)
    return ends


def _powers(
    features: Sequence[Feature], codes: NDArray[np.uint8], num: NDArray[np.float64], den: NDArray[np.float64]
) -> dict[str, Lattice]:
    """Return lattices that sum the products of two and three of each row's loss and count."""
    return {
        "".join(name): Lattice(features, codes, math.prod((num if x == "a" else den for x in name), start=num * 0 + 1), den)
        for order in (2, 3)
        for name in combinations_with_replacement("ab", order)
    }


def _row_high(
    here: Lattice, powers: Mapping[str, Lattice], alpha: float, chosen: tuple[int, ...], counted: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return upper bounds where each row is by itself: products of a row in the slice are those of the row."""
    import numpy as np

    rows, a, b = (table[counted] for table in here.tables(chosen))
    inside = {name: one.tables(chosen)[1][counted] for name, one in powers.items()}
    names = ["".join(one) for order in (2, 3) for one in combinations_with_replacement("abAB", order)]
    found = np.full(len(rows), np.inf)
    for n in range(len(rows)):
        sums = Sums(
            rows=int(rows[n]),
            a=float(a[n]),
            b=float(b[n]),
            all_a=here.totals.num,
            all_b=here.totals.den,
            products={
                name: powers[name.lower()].totals.num if name.isupper() else float(inside["".join(sorted(name.lower()))][n])
                for name in names
            },
            clusters=int(rows[n]),
            all_clusters=here.totals.rows,
            exact=False,
        )
        found[n] = excess_high(sums, alpha)
    return found


def _cluster_high(
    here: Lattice,
    rows: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]],
    alpha: float,
    chosen: tuple[int, ...],
    counted: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return upper bounds by clusters, one slice after the other; of rows there are loss, count and cluster."""
    import numpy as np

    num, den, cluster = rows
    size = int(cluster.max()) + 1
    every = [np.bincount(cluster, part, minlength=size) for part in (num, den)]
    found = np.full(int(counted.sum()), np.inf)
    for n, place in enumerate(np.argwhere(counted)):
        member = here.member(chosen, tuple(int(p) for p in place))
        own = cluster[member]
        a, b = (np.bincount(own, part[member], minlength=size) for part in (num, den))
        sums = Sums(
            rows=int(member.sum()),
            a=float(a.sum()),
            b=float(b.sum()),
            all_a=here.totals.num,
            all_b=here.totals.den,
            products=products(np.stack([a, b, *every])),
            clusters=len(np.unique(own)),
            all_clusters=size,
            exact=False,
        )
        found[n] = excess_high(sums, alpha)
    return found
