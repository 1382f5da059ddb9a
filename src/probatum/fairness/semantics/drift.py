"""Values of a column over time: how often each occurs in each stretch of a fixed grid, and how far two stretches are apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.semantics.columns import Column, Sort, columns
from probatum.fairness.semantics.decisions import condition_of, number_of
from probatum.fairness.semantics.relation import Relation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STRETCHES = 64  # into which time is divided, whatever the values are
_EDGES = 200  # of numbers, between which they are counted


@dataclass(frozen=True, slots=True)
class Clock:
    """The moments of a table: their column, and where stretches begin (seconds since 1970, ascending, the first is the earliest)."""

    column: Column
    begins: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many rows have a number of at least `edges[j]`, and less than the next, in stretch i: `rows[i, j]`."""

    edges: tuple[float, ...]
    rows: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Occurs:
    """A text, how many rows have it, and its first and last moment."""

    text: str
    rows: int
    first: float
    last: float


def clock_of(policy: Policy, relation: Relation) -> Clock | None:
    """Return the moments of a table: of decisions, if the policy says where they are, or those that most rows have; None without any."""
    known = columns(relation)
    moments = {name: one for name, one in known.items() if one.sort is Sort.TIME}
    named = policy.preparation.decided_at if policy.preparation else ""
    if not moments or (named and named not in moments):
        return None
    asked = ", ".join(f"count({one.value}) as n{n}" for n, one in enumerate(moments.values()))
    [filled] = relation.sql(f"select {asked} from {{table}}")  # noqa: S608 - quoted
    rows = {name: filled[f"n{n}"] for n, name in enumerate(moments)}
    column = moments[named or max(moments, key=lambda name: rows[name])]
    [row] = relation.sql(
        f"select list_sort(list_distinct(quantile_disc(t, $at))) as b from (select {column.value} as t from {{table}} "  # noqa: S608 - quoted
        f"{condition_of(policy.decision, relation)}) where t is not null",
        at=[k / STRETCHES for k in range(STRETCHES)],
    )
    return Clock(column, tuple(float(b) for b in row["b"])) if row["b"] else None


def watched(policy: Policy, relation: Relation) -> dict[str, Column]:
    """Return the columns whose values are watched over time: all but moments, weights and numbers of rows."""
    table = policy.decision
    found = columns(relation, without=(table.count, table.weight, table.unit))
    return {name: one for name, one in found.items() if one.sort is not Sort.TIME}


def _rows(policy: Policy, relation: Relation, clock: Clock, column: Column) -> str:
    table = policy.decision
    many = number_of(table.count, relation, table.location, "a number of rows") if table.count else "1"
    return (
        f"(select t, v, m from (select {clock.column.value} as t, {column.value} as v, coalesce({many}, 0) as m from {{table}} "  # noqa: S608 - quoted
        f"{condition_of(table, relation)}) where t is not null and v is not null and m > 0)"
    )


def histogram(policy: Policy, relation: Relation, clock: Clock, column: Column) -> Histogram | None:
    """Count numbers by stretches and by about 200 ranges; None if there are none."""
    import numpy as np

    rows = _rows(policy, relation, clock, column)
    [ends] = relation.sql(
        f"select list_sort(list_distinct(quantile_disc(v, $at))) as e from {rows}",  # noqa: S608 - quoted
        at=[k / _EDGES for k in range(_EDGES)],
    )
    if not ends["e"]:
        return None
    edges = tuple(float(e) for e in ends["e"])
    counts = np.zeros((len(clock.begins), len(edges)))
    places = {value: at for at, value in enumerate(clock.begins)}, {value: at for at, value in enumerate(edges)}
    for row in relation.sql(
        f"select b, e, sum(m) as n from {rows} r asof join (select unnest($begins) as b) on r.t >= b "  # noqa: S608 - quoted
        "asof join (select unnest($edges) as e) on r.v >= e group by b, e order by b, e",
        begins=list(clock.begins),
        edges=list(edges),
    ):
        counts[places[0][row["b"]], places[1][row["e"]]] = row["n"]
    return Histogram(edges, counts)


def occurrences(policy: Policy, relation: Relation, clock: Clock, column: Column, *, most: int) -> list[Occurs]:
    """Return the texts of a column with their first and last moment; empty if there are more than `most`."""
    found = relation.sql(
        f"select cast(v as varchar) as v, sum(m) as n, min(t) as a, max(t) as z from {_rows(policy, relation, clock, column)} "  # noqa: S608 - quoted
        f"group by v order by v limit {most + 1}"
    )
    if len(found) > most:
        return []
    return [Occurs(row["v"], int(row["n"]), float(row["a"]), float(row["z"])) for row in found]


def sizes(policy: Policy, relation: Relation, clock: Clock, column: Column, moment: float) -> tuple[int, int]:
    """Return how many rows with a value are before a moment, and how many from then on."""
    rows = _rows(policy, relation, clock, column)
    [row] = relation.sql(
        f"select coalesce(sum(m) filter (t < {moment!r}), 0) as a, coalesce(sum(m) filter (t >= {moment!r}), 0) as z from {rows}"  # noqa: S608 - a number
    )
    return int(row["a"]), int(row["z"])


@dataclass(frozen=True, slots=True)
class Apart:
    """Two stretches: their rows, the largest distance of their distributions, and the number up to which it is."""

    before: int
    after: int
    distance: float
    cut: float


def apart(
    policy: Policy,
    relation: Relation,
    clock: Clock,
    column: Column,
    ends: Sequence[float | None],
    *,
    scale: float = 1.0,
    shift: float = 0.0,
) -> Apart:
    """Return how far numbers of one stretch, times `scale` plus `shift`, are from those of the next (Kolmogorov and Smirnov).

    Parameters
    ----------
    ends : three moments
        Where the first begins, where it ends and the second begins, and where that ends; None for the end of all.
    """
    start, middle, end = ends
    until = "" if end is None else f"where t < {end!r}"
    [row] = relation.sql(
        f"with r as (select t < {middle!r} as old, case when t < {middle!r} then v * {scale!r} + {shift!r} else v end as v, m "  # noqa: S608 - numbers
        f"from (select * from {_rows(policy, relation, clock, column)} where t >= {start!r}) {until}), "
        "n as (select coalesce(sum(m) filter (old), 0) as a, coalesce(sum(m) filter (not old), 0) as z from r), "
        "g as (select v, coalesce(sum(m) filter (old), 0) as a, coalesce(sum(m) filter (not old), 0) as z from r group by v), "
        "c as (select v, sum(a) over (order by v) as a, sum(z) over (order by v) as z from g) "
        "select n.a as before, n.z as after, max(abs(c.a / n.a - c.z / n.z)) as d, arg_max(v, row(abs(c.a / n.a - c.z / n.z), -v)) as cut "
        "from c, n group by n.a, n.z"
    ) or [{"before": 0, "after": 0, "d": None, "cut": None}]
    if not row["before"] or not row["after"]:
        return Apart(int(row["before"]), int(row["after"]), 0.0, 0.0)
    return Apart(int(row["before"]), int(row["after"]), float(row["d"]), float(row["cut"]))


def median(policy: Policy, relation: Relation, clock: Clock, column: Column, span: tuple[float, float | None]) -> float | None:
    """Return the median of the numbers of a stretch."""
    start, end = span
    until = "" if end is None else f" and t < {end!r}"
    [row] = relation.sql(
        f"select quantile_disc(v, 0.5) as q from {_rows(policy, relation, clock, column)} where t >= {start!r}{until}"  # noqa: S608 - numbers
    )
    return None if row["q"] is None else float(row["q"])


def turning(
    policy: Policy, relation: Relation, clock: Clock, column: Column, span: tuple[float, float | None], *, cut: float
) -> float:
    """Return the moment within a span from which on numbers are best told from those before by being beyond a cut."""
    start, end = span
    until = "" if end is None else f" and t < {end!r}"
    rows = relation.sql(
        f"select t, sum(case when v <= {cut!r} then m else -m end) as d from {_rows(policy, relation, clock, column)} "  # noqa: S608 - numbers
        f"where t >= {start!r}{until} group by t order by t"
    )
    best, at, total = 0.0, start, 0.0
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        total += row["d"]
        if following is not None and abs(total) > best:
            best, at = abs(total), float(following["t"])
    return at
