"""What twins have in common and what they differ in, as variables with finitely many cells that a model cannot see into."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from probatum.fairness.artefacts.models.model import Missing, Rounding, Split, TreeSum, splits
from probatum.fairness.artefacts.models.single import single
from probatum.fairness.artefacts.twins import Domain, Range, Twins, Values
from probatum.fairness.semantics.scoring import goes_left

_NEARLY_ZERO = single(1e-35)

BOTH, FIRST, SECOND = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Cell:
    """Values among which no test of the model tells a difference.

    Attributes
    ----------
    low, high : float
        Both belong to it. NaN: missing.
    values : tuple of float
        The values, where the variable has a list of them.
    """

    low: float
    high: float
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One thing that can be chosen about a pair of twins.

    Attributes
    ----------
    name : str
        Of a feature, or of a group of which one is 1.
    side : int
        BOTH, FIRST or SECOND: whose it is.
    cells : tuple of Cell
    ordered : bool
        Cells are ranges, in their order; a missing value comes last.
    columns : tuple of int
        Features whose values it decides; of several, the one at the place that is its value is 1.
    """

    name: str
    side: int
    cells: tuple[Cell, ...]
    ordered: bool
    columns: tuple[int, ...]

    @property
    def full(self) -> int:
        """All cells, as bits."""
        return (1 << len(self.cells)) - 1

    def value(self, column: int, cell: Cell) -> float:
        """Return what a feature is in a cell: some value of it."""
        if len(self.columns) == 1:
            return cell.high
        return 1.0 if self.columns[int(cell.high)] == column else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Between the first's and the second's value of one feature: `least <= second - first <= most`."""

    first: int
    second: int
    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """All variables of a question.

    Attributes
    ----------
    of_first, of_second : mapping of int to int
        The variable that decides a feature of the first and of the second twin.
    """

    all: tuple[Variable, ...]
    of_first: Mapping[int, int]
    of_second: Mapping[int, int]
    relations: tuple[Relation, ...]


@lru_cache(maxsize=100_000)
def change_points(threshold: float, strict: bool, missing: Missing, rounding: Rounding) -> tuple[float, ...]:
    """Largest values before which a test of a number says something else than after."""
    if rounding is Rounding.SINGLE:
        # Values round to 32 bits, ties to even: what goes left is what rounds to the last number on that side.
        last = single(threshold)
        if (strict and last >= threshold) or (not strict and last > threshold):
            last = _next_single(last, -math.inf)
        above = _next_single(last, math.inf)
        middle = last / 2 + above / 2
        points = {middle if single(middle) == last else math.nextafter(middle, -math.inf)}
    else:
        last = math.nextafter(threshold, -math.inf) if strict else threshold
        if rounding is Rounding.NEAR_ZERO and -_NEARLY_ZERO <= last < 0:
            last = math.nextafter(-_NEARLY_ZERO, -math.inf)
        elif rounding is Rounding.NEAR_ZERO and 0 <= last < _NEARLY_ZERO:
            last = _NEARLY_ZERO
        points = {last}
    if missing is Missing.ZERO_IS_MISSING:
        points |= {math.nextafter(-_NEARLY_ZERO, -math.inf), _NEARLY_ZERO}
    return tuple(sorted(points))


def _next_single(value: float, towards: float) -> float:
    """Return the next number of 32 bits."""
    import struct

    if value == 0.0:
        return math.copysign(2.0**-149, towards)
    [bits] = struct.unpack("<i", struct.pack("<f", value))
    bits += 1 if (towards > value) == (value > 0) else -1
    found: float = struct.unpack("<f", struct.pack("<i", bits))[0]
    return found


def variables_of(model: TreeSum, domain: Domain, twins: Twins) -> Variables:
    """Return the variables of a question about a sum of trees."""
    tests: dict[int, list[Split]] = {}
    for tree in model.trees:
        for split in splits(tree):
            tests.setdefault(split.feature, []).append(split)
    found: list[Variable] = []
    of_first: dict[int, int] = {}
    of_second: dict[int, int] = {}
    relations: list[Relation] = []
    place = {name: n for n, name in enumerate(model.features)}
    for name, columns in [*((n, (n,)) for n in domain.features), *domain.one_hot.items()]:
        own = tuple(place[column] for column in columns)
        relevant = [split for column in own for split in tests.get(column, ())]
        cells, ordered = _cells(domain, name, own, relevant, model.rounding)
        sides = (FIRST, SECOND) if name in twins.differing() and relevant else (BOTH,)
        for side in sides:
            number = len(found)
            found.append(Variable(name=name, side=side, cells=cells, ordered=ordered, columns=own))
            for column in own:
                if side != SECOND:
                    of_first[column] = number
                if side != FIRST:
                    of_second[column] = number
        if len(sides) == 2 and name not in twins.vary:
            width = twins.tolerance.get(name, math.inf)
            sign = twins.more.get(name, 0)
            least, most = (0.0, math.inf) if sign > 0 else (-math.inf, 0.0) if sign < 0 else (-width, width)
            relations.append(Relation(first=len(found) - 2, second=len(found) - 1, least=least, most=most))
    return Variables(all=tuple(found), of_first=of_first, of_second=of_second, relations=tuple(relations))


def _cells(
    domain: Domain, name: str, columns: tuple[int, ...], tests: Iterable[Split], rounding: Rounding
) -> tuple[tuple[Cell, ...], bool]:
    if len(columns) > 1:
        return tuple(Cell(float(n), float(n), (float(n),)) for n in range(len(columns))), False
    own = domain.features[name]
    if isinstance(own, Values):
        alike: dict[tuple[bool, ...], list[float]] = {}
        for value in (*own.values, *((math.nan,) if own.missing else ())):
            alike.setdefault(tuple(goes_left(split, value, rounding) for split in tests), []).append(value)
        return tuple(Cell(values[-1], values[-1], tuple(values)) for values in alike.values()), False
    return _ranges(own, tests, rounding), True


def _ranges(own: Range, tests: Iterable[Split], rounding: Rounding) -> tuple[Cell, ...]:
    points: set[float] = set()
    for split in tests:
        if split.categories is not None:
            points.update(_category_ends(split.categories))
        else:
            points.update(change_points(split.threshold, split.strict, split.missing, rounding))
    cells: list[Cell] = []
    low = own.low
    for point in [*sorted(p for p in points if own.low <= p < own.high), own.high]:
        ends = (math.ceil(low), math.floor(point)) if own.whole else (low, point)
        if ends[0] <= ends[1]:
            cells.append(Cell(float(ends[0]), float(ends[1])))
        low = math.nextafter(point, math.inf)
    if own.missing:
        cells.append(Cell(math.nan, math.nan))
    return tuple(cells)


def _category_ends(categories: frozenset[int]) -> set[float]:
    """Where being one of some categories changes, for values that are rounded towards zero."""
    found: set[float] = set()
    for one in categories:
        found.add(math.nextafter(float(one), -math.inf) if one else -1.0)
        found.add(math.nextafter(float(one + 1), -math.inf))
    return found
