"""Slices of a table in which the outcome never varies, although beside them it does: every interval, value and gap of every column.

The search is free to look everywhere, because what it reports is corrected for
everything it could have reported: all intervals of all ordered columns, all
values of all others, and all rows without a value, for both outcomes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from probatum.fairness.semantics.columns import Column, Slice, Sort
from probatum.fairness.semantics.relation import Relation
from probatum.fairness.semantics.slices import MANY, OUTCOME, Counts, counts_of, distinct_values, slices_of
from probatum.tools import Deadline

_Value: TypeAlias = tuple[str | None, int, int]  # a text or None for no value, rows, positive outcomes

# Beside a slice at least this share of rows must have the other outcome: what thins out by and by is no edge.
VARIES = 0.1
# A column that tells so much of what guessing leaves open is recorded with the outcome, or is made from it.
KNOWN = 0.75
_TOGETHER = 40  # columns that are counted in one pass
_FEW = 1
_MOST_STEPS = 20_000  # values of a column that are looked at one by one; more are joined to so many blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A slice whose rows all have one outcome.

    Attributes
    ----------
    outcome : int
        0 or 1.
    rows : int
    beside : tuple of int
        Of as many rows beside it (for a text: in the values with the nearest rates), how many
        have the other outcome, and how many there are.
    chance : float
        Natural logarithm of the larger of two probabilities that so many rows are all alike, if
        outcomes were dealt to them and (a) the rows beside them, (b) all rows by chance; not corrected.
    around : tuple of float or None
        Ends of the rows beside an interval, both included.
    """

    where: Slice
    outcome: int
    rows: int
    beside: tuple[int, int]
    chance: float
    around: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search found.

    Attributes
    ----------
    found : tuple of Decided
    family : int
        How many slices there were to choose from, for both outcomes.
    whole : tuple of int
        Rows and positive outcomes of the table.
    knows : mapping of str to float
        For each column, how much of what guessing leaves open it tells; see `KNOWN`.
    """

    found: tuple[Decided, ...]
    family: int
    whole: tuple[int, int]
    knows: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Step:
    low: float
    high: float
    rows: int
    hits: int


def log_chance(alike: int, rows: int, same: int) -> float:
    """Logarithm of the probability that `alike` rows, drawn from `rows` of which `same` have an outcome, all have it."""
    if alike > same:
        return -math.inf
    lg = math.lgamma
    return min(0.0, lg(rows - alike + 1) - lg(same - alike + 1) + lg(same + 1) - lg(rows + 1))


def search(
    relation: Relation,
    columns: Sequence[Column],
    counts: Counts,
    *,
    fewest: int,
    alpha: float,
    deadline: Deadline,
) -> Searched:
    """Search all columns for slices of at least `fewest` rows that chance does not explain, at level `alpha` for all of them together."""
    distinct = distinct_values(relation, counts, columns)
    family = slices_of(columns, distinct)
    log_limit = math.log(alpha / family)
    whole = counts_of(relation, counts)
    found: list[Decided] = []
    knows: dict[str, float] = {}
    for column, steps, values in _grouped(relation, columns, counts, distinct, deadline):
        knows[column.name] = _knows(steps, values, whole)
        found += _in_column(column, steps, values, whole, fewest, log_limit)
    return Searched(tuple(found), family, whole, knows)


def _in_column(  # noqa: PLR0917 - a column, and what is asked of all
    column: Column, steps: Sequence[_Step], values: Sequence[_Value], whole: tuple[int, int], fewest: int, log_limit: float
) -> Iterator[Decided]:
    rows, hits = whole
    for outcome in (0, 1):
        same = hits if outcome else rows - hits
        for text, n, k in values:
            if n < fewest or k != (n if outcome else 0):
                continue
            beside = _nearest(values, steps, outcome, n)
            chance = log_chance(n, rows, same)
            if chance < log_limit and beside[1] and beside[0] >= VARIES * beside[1]:
                where = Slice(column=column.name, text=text)
                yield Decided(where=where, outcome=outcome, rows=n, beside=beside, chance=chance)
        for first, last in _runs(steps, outcome):
            n = sum(s.rows for s in steps[first : last + 1])
            if n < fewest:
                continue
            other, near, around = _neighbours(steps, first, last, outcome, n)
            if not near or other < VARIES * near:
                continue
            chance = max(log_chance(n, rows, same), log_chance(n, n + near, n + near - other))
            if chance < log_limit:
                where = Slice(column=column.name, low=steps[first].low, high=steps[last].high)
                yield Decided(where=where, outcome=outcome, rows=n, beside=(other, near), chance=chance, around=around)


def _grouped(
    relation: Relation, columns: Sequence[Column], counts: Counts, distinct: Mapping[str, int], deadline: Deadline
) -> Iterator[tuple[Column, list[_Step], list[_Value]]]:
    """Yield each column with its counts at each value, ascending; rows without a value are the text None."""
    small = [c for c in columns if distinct[c.name] <= _MOST_STEPS]
    for texts in (False, True):
        own = [c for c in small if (c.sort is Sort.TEXT) is texts]
        for begin in range(0, len(own), _TOGETHER):
            deadline.check()
            some = own[begin : begin + _TOGETHER]
            found: dict[int, list[tuple[Any, int, int]]] = {n: [] for n in range(len(some))}
            listed = ", ".join(f"({column.value})" for column in some)
            for row in relation.sql(
                "select i, v, sum(m) as n, sum(m * y) as k from "  # noqa: S608 - names are quoted
                f"(select unnest(range({len(some)})) as i, unnest([{listed}]) as v, {MANY} as m, {OUTCOME} as y from {counts.rows}) group by i, v order by i, v"
            ):
                found[row["i"]].append((row["v"], int(row["n"]), int(row["k"])))
            for n, column in enumerate(some):
                yield _split(column, found[n])
    for column in columns:
        if distinct[column.name] <= _MOST_STEPS:
            continue
        deadline.check()
        each = f"(select ({column.value}) as v, sum({MANY}) as n, sum({MANY} * {OUTCOME}) as k from {counts.rows} group by v)"  # noqa: S608 - quoted
        if column.sort is Sort.TEXT:  # values that few rows have cannot be slices
            rows = relation.sql(f"select v, n, k from {each} order by n desc, v limit {_MOST_STEPS}")  # noqa: S608 - as above
            yield _split(column, [(r["v"], int(r["n"]), int(r["k"])) for r in rows])
            continue
        rows = relation.sql(
            "select min(v) as low, max(v) as high, sum(n) as n, sum(k) as k from "  # noqa: S608 - as above
            f"(select v, n, k, case when v is null then 0 else ntile({_MOST_STEPS}) over (order by v nulls last) end as b from {each}) "
            "group by b order by low"
        )
        steps = [_Step(float(r["low"]), float(r["high"]), int(r["n"]), int(r["k"])) for r in rows if r["low"] is not None]
        yield column, steps, [(None, int(r["n"]), int(r["k"])) for r in rows if r["low"] is None]


def _split(column: Column, rows: Sequence[tuple[Any, int, int]]) -> tuple[Column, list[_Step], list[_Value]]:
    if column.sort is Sort.TEXT:
        return column, [], list(rows)
    steps = [_Step(float(v), float(v), n, k) for v, n, k in rows if v is not None]
    return column, steps, [(None, n, k) for v, n, k in rows if v is None]


def _knows(steps: Sequence[_Step], values: Sequence[_Value], whole: tuple[int, int]) -> float:
    """Return how much of what guessing leaves open a column tells: 0 for nothing, 1 for a copy of the outcome.

    By its values where they are few, else by the best single threshold; or, where some rows have no
    value, by how alike the outcomes of those are that have one.
    """
    rows, hits = whole
    guess = max(hits, rows - hits)
    if rows == guess:
        return 0.0
    sums = [(n, k) for _, n, k in values]
    if len(steps) + len(sums) <= 50:
        told = sum(max(k, n - k) for n, k in [*sums, *((s.rows, s.hits) for s in steps)])
    else:
        told = sum(max(k, n - k) for n, k in sums if n > _FEW) + sum(max(k, n - k) for n, k in _halves(steps))
    share = (told - guess) / (rows - guess)
    gap = next(((n, k) for text, n, k in values if text is None), (0, 0))
    n, k = rows - gap[0], hits - gap[1]
    if gap[0] > rows / 2 and n:
        apart = max(k, n - k) / n  # of those that have a value
        common = (k / n if 2 * k > n else 1 - k / n) if n else 0.0
        usual = hits / rows if 2 * k > n else 1 - hits / rows
        if common > usual and usual < 1:
            share = max(share, (apart - usual) / (1 - usual))
    return max(0.0, share)


def _runs(steps: Sequence[_Step], outcome: int) -> Iterator[tuple[int, int]]:
    """Yield first and last of each longest run of steps that have one outcome only, but not of all steps."""
    begin: int | None = None
    for at, step in enumerate(steps):
        if step.hits == (step.rows if outcome else 0):
            begin = at if begin is None else begin
        elif begin is not None:
            yield begin, at - 1
            begin = None
    if begin:
        yield begin, len(steps) - 1


def _neighbours(steps: Sequence[_Step], first: int, last: int, outcome: int, wanted: int) -> tuple[int, int, tuple[float, float]]:
    """Count, on both sides, up to `wanted` rows each that are nearest: with the other outcome, in all; and where they end."""
    other = near = 0
    low, high = steps[first].low, steps[last].high
    for side in (range(first - 1, -1, -1), range(last + 1, len(steps))):
        taken = 0
        for at in side:
            if taken >= wanted:
                break
            taken += steps[at].rows
            other += steps[at].rows - steps[at].hits if outcome else steps[at].hits
            low, high = min(low, steps[at].low), max(high, steps[at].high)
        near += taken
    return other, near, (low, high)


def _nearest(values: Sequence[_Value], steps: Sequence[_Step], outcome: int, wanted: int) -> tuple[int, int]:
    """Count the other outcome in the values whose rates are nearest, until there are as many rows; and all of these."""
    others = [((n - k) if outcome else k, n) for _, n, k in values if k != (n if outcome else 0)]
    if steps:
        others.append((sum(s.rows - s.hits if outcome else s.hits for s in steps), sum(s.rows for s in steps)))
    other = near = 0
    for odd, n in sorted(others, key=lambda pair: pair[0] / pair[1]):
        if near >= wanted:
            break
        other, near = other + odd, near + n
    return other, near


def _halves(steps: Sequence[_Step]) -> list[tuple[int, int]]:
    """Rows and hits below and above the threshold that tells most."""
    rows, hits = sum(s.rows for s in steps), sum(s.hits for s in steps)
    best, parts = max(hits, rows - hits), [(rows, hits)]
    n = k = 0
    for step in steps:
        n, k = n + step.rows, k + step.hits
        told = max(k, n - k) + max(hits - k, rows - n - hits + k)
        if told > best:
            best, parts = told, [(n, k), (rows - n, hits - k)]
    return parts
