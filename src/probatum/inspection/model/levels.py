"""How columns lie in each other: which say the same, and which are finer than others, as deliveries are finer than vendors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from probatum.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns that say something.

    Attributes
    ----------
    levels : mapping of str to tuple of str
        Of each column.
    same : mapping of str to str
        Columns that are left out because they say the same as another one, and which.
    finer : frozenset of (str, str)
        Column, and one in which it lies: each of its levels occurs with one level of that only.
    """

    levels: Mapping[str, tuple[str, ...]]
    same: Mapping[str, str]
    finer: frozenset[tuple[str, str]]

    def within(self, column: str, other: str) -> bool:
        """Whether a column lies in another one."""
        return (column, other) in self.finer

    def around(self, column: str) -> str:
        """Return the finest column in which one lies; "" if there is none."""
        wider = [other for other in self.levels if self.within(column, other)]
        return max(wider, key=lambda name: len(self.levels[name]), default="")

    def layers(self, column: str, *, units: int, fewest: int) -> tuple[str, ...]:
        """Return columns in which units are to be alike when levels of a column are compared.

        Those that are finer than it are none; those in which it lies stay; of the others the ones with most levels are given up until a
        layer has `fewest` units, on average.
        """
        wider = [other for other in self.levels if self.within(column, other)]
        beside = [other for other in self.levels if other != column and other not in wider and not self.within(other, column)]
        beside.sort(key=lambda name: len(self.levels[name]))
        many = len(self.levels[self.around(column)]) if wider else 1
        kept = []
        for name in beside:
            many *= len(self.levels[name])
            if units < fewest * many:
                break
            kept.append(name)
        return (*wider, *kept)


def columns_of(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> Columns:
    """Look at the levels of columns: those with one level only are left out, and of those that say the same all but the first."""
    levels = {name: tuple(sorted({row.get(name, "") for row in rows})) for name in columns}
    levels = {name: own for name, own in levels.items() if len(own) > 1}
    together = {
        (one, other): len({(row.get(one, ""), row.get(other, "")) for row in rows})
        for one in levels
        for other in levels
        if one != other
    }
    finer = {pair for pair, many in together.items() if many == len(levels[pair[0]])}
    same: dict[str, str] = {}
    for at, name in enumerate(levels):
        first = next((other for other in [*levels][:at] if other not in same and {(name, other), (other, name)} <= finer), None)
        if first is not None:
            same[name] = first
    kept = {name: own for name, own in levels.items() if name not in same}
    return Columns(levels=kept, same=same, finer=frozenset((one, other) for one, other in finer if one in kept and other in kept))
