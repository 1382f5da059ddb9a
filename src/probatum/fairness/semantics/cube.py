"""Counts of rows by what distinguishes them: made once, added up as often as wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = str | int | None  # None: missing
Key: TypeAlias = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are, the sum of their weights, and the sum of the squares of these.

    Without weights each row weighs 1.
    """

    rows: int
    weight: float
    squares: float

    def __add__(self, other: Count) -> Count:
        return Count(self.rows + other.rows, self.weight + other.weight, self.squares + other.squares)


NOTHING = Count(0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Cube:
    """Rows counted by some dimensions.

    Attributes
    ----------
    dimensions : tuple of str
        `label` and `decision` have the values 0, 1 and None; `bin` a whole number;
        all others (attributes, strata) texts, or None where the table has nothing.
    counts : mapping of tuple to Count
        Combinations that occur.
    weighted : bool
        Whether rows have weights; if not, `Count.weight` is `Count.rows`.
    """

    dimensions: tuple[str, ...]
    counts: Mapping[Key, Count]
    weighted: bool = False

    def over(self, *dimensions: str) -> Cube:
        """Return the counts by fewer dimensions, in the order given.

        Raises
        ------
        KeyError
            If a dimension is not one of the cube's.
        """
        places = [self._place(name) for name in dimensions]
        return Cube(dimensions, _summed((tuple(key[at] for at in places), c) for key, c in self.counts.items()), self.weighted)

    def where(self, dimension: str, wanted: Callable[[Value], bool]) -> Cube:
        """Return only the counts whose value of a dimension is wanted."""
        at = self._place(dimension)
        return Cube(self.dimensions, {key: c for key, c in self.counts.items() if wanted(key[at])}, self.weighted)

    def merged(self, other: Cube) -> Cube:
        """Return the counts of both: of two partitions of a table, or of two days.

        Raises
        ------
        ValueError
            If they have different dimensions.
        """
        if (self.dimensions, self.weighted) != (other.dimensions, other.weighted):
            raise ValueError(f"counts by {self.dimensions} and by {other.dimensions} cannot be merged")
        return Cube(self.dimensions, _summed([*self.counts.items(), *other.counts.items()]), self.weighted)

    @property
    def total(self) -> Count:
        """All rows."""
        return sum(self.counts.values(), NOTHING)

    def _place(self, name: str) -> int:
        if name not in self.dimensions:
            raise KeyError(name)
        return self.dimensions.index(name)


def _summed(items: Iterable[tuple[Key, Count]]) -> dict[Key, Count]:
    sums: dict[Key, Count] = {}
    for key, count in items:
        known = sums.get(key)
        sums[key] = count if known is None else known + count
    return sums
