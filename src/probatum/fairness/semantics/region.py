"""What share of a region some people are: each feature by itself, evenly over its range or as the table has it.

A region is the product of its features' ranges, cut into cells. Features are drawn independently of each other: evenly
(`UNIFORM`: length of a range, number of whole numbers or of values), or as often as the table has them (`TABLE`, the product
of its margins). Real people are not drawn so; a share says how large a set is, and not how many will be met.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction

from probatum.errors import UsageError
from probatum.fairness.artefacts.requirements.individual import Over
from probatum.fairness.artefacts.twins import Domain, Range
from probatum.fairness.semantics.relation import Relation, quoted

Cell = tuple[float, float]  # both ends belong to it; NaN twice: missing


def weights(name: str, cells: Sequence[Cell], domain: Domain, over: Over, relation: Relation | None) -> tuple[Fraction, ...]:
    """Return how likely each cell of a feature, or of a group of which one is 1, is; they add up to 1.

    Raises
    ------
    ValueError
        If the cells are not the whole range, each value once.
    UsageError
        If the table says nothing of the feature.
    """
    group = domain.one_hot.get(name)
    if group is not None:
        if list(cells) != [(float(n), float(n)) for n in range(len(group))]:
            raise ValueError(f"the cells of `{name}` are not its features")
        if over is Over.UNIFORM:
            return (Fraction(1, len(group)),) * len(group)
        return _shared(name, [sum(n for value, n in _seen(column, relation) if value == 1) for column in group])
    own = domain.features[name]
    real = [cell for cell in cells if not math.isnan(cell[0])]
    if len(cells) - len(real) != int(own.missing):
        raise ValueError(f"the cells of `{name}` do not say once whether it is missing")
    if isinstance(own, Range):
        _whole_range(name, real, own)
    elif real != [(value, value) for value in own.values]:
        raise ValueError(f"the cells of `{name}` are not its values")
    if over is Over.UNIFORM:
        sizes = iter(_lengths(real, own) if isinstance(own, Range) else [Fraction(1)] * len(real))
        return _shared(name, [Fraction(0) if math.isnan(cell[0]) else next(sizes) for cell in cells])
    lows, counts, missing = [low for low, _ in real], [0] * len(real), 0
    for value, n in _seen(name, relation):
        if math.isnan(value):
            missing += n
        elif value in own:
            counts[bisect_right(lows, value) - 1] += n
    told = iter(counts)
    return _shared(name, [missing if math.isnan(cell[0]) else next(told) for cell in cells])


def _whole_range(name: str, cells: Sequence[Cell], own: Range) -> None:
    """Check that cells follow each other from one end to the other."""
    step = (lambda value: value + 1) if own.whole else (lambda value: math.nextafter(value, math.inf))
    first, last = (math.ceil(own.low), math.floor(own.high)) if own.whole else (own.low, own.high)
    ends = bool(cells) and cells[0][0] == first and cells[-1][1] == last and all(low <= high for low, high in cells)
    if not ends or any(step(high) != low for (_, high), (low, _) in itertools.pairwise(cells)):
        raise ValueError(f"the cells of `{name}` are not its whole range")


def _lengths(cells: Sequence[Cell], own: Range) -> list[Fraction]:
    if own.whole:
        return [Fraction(high) - Fraction(low) + 1 for low, high in cells]
    ends = [*(Fraction(low) for low, _ in cells), Fraction(own.high)]
    if own.low == own.high:
        return [Fraction(1)]
    return [after - before for before, after in itertools.pairwise(ends)]


def _shared(name: str, sizes: Sequence[Fraction | int]) -> tuple[Fraction, ...]:
    total = sum(sizes)
    if not total:
        raise UsageError(f"no row of the table has a value of `{name}` in its range", help="name a table that has, or `uniform`")
    return tuple(Fraction(size) / Fraction(total) for size in sizes)


def _seen(column: str, relation: Relation | None) -> list[tuple[float, int]]:
    """Return the values of a column with how many rows have each; NaN for none."""
    if relation is None or column not in relation.columns:
        raise UsageError(
            f"no table says how often `{column}` has which value", help="name a table with that column, or `uniform`"
        )
    rows = relation.sql(f"select try_cast({quoted(column)} as double) as v, count(*) as n from {{table}} group by v")  # noqa: S608 - quoted
    return [(math.nan if row["v"] is None else float(row["v"]), int(row["n"])) for row in rows]
