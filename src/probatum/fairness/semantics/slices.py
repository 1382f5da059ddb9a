"""Outcomes in a slice of a table: how many rows, how many of them positive; and how many slices there are to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.semantics.columns import Column, Slice, Sort, columns
from probatum.fairness.semantics.decisions import column_of, condition_of, decision_of, group_of, number_of, truth_of
from probatum.fairness.semantics.relation import Relation

# Names that no column of a table has.
OUTCOME, MANY, _GROUP, _DECIDED = (f'"probatum: {word}"' for word in ("outcome", "how many", "group", "decision"))
_CLASSES = 10  # distinct numbers at most that may be names of classes


@dataclass(frozen=True, slots=True)
class Counts:
    """Where the outcomes of a policy's table are.

    Attributes
    ----------
    rows : str
        SQL: a relation with all columns of the table, `OUTCOME` (0 or 1) and `MANY` (how
        many decisions a row stands for); only rows that the policy means and whose outcome is known.
    """

    rows: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """A label that is a number, and not one of a few classes: how it is read, its median, and its most frequent value."""

    value: str
    median: float
    commonest: float
    rows: int  # that have the most frequent value


def numbers_of(policy: Policy, relation: Relation) -> Numbers | None:
    """Return the label as numbers; None if the policy says which value is positive, or its values are few or no numbers.

    Raises
    ------
    UnreadableArtefact
        If its column is not there.
    """
    table = policy.decision
    if table.positive is not None or not table.label:
        return None
    text = f"nullif(trim(cast({column_of(table.label, relation, table.location)} as varchar)), '')"
    value = f"case when isfinite(try_cast({text} as double)) then try_cast({text} as double) end"
    [seen] = relation.sql(
        f"select count(distinct v) as d, count(v) as n, count(t) as m, median(v) as middle from "  # noqa: S608 - names are quoted
        f"(select {value} as v, {text} as t from {{table}}) where t is null or lower(t) not in ('nan', 'null', 'na')"
    )
    if seen["d"] <= _CLASSES or seen["n"] < seen["m"]:
        return None
    many = "1" if not table.count else number_of(table.count, relation, table.location, "a number of rows")
    [most] = relation.sql(
        f"select {value} as v, sum({many}) as n from {{table}} where ({value}) is not null group by v order by n desc, v limit 1"  # noqa: S608 - quoted
    )
    return Numbers(value, float(seen["middle"]), float(most["v"]), int(most["n"] or 0))


def outcomes(policy: Policy, relation: Relation) -> Counts:
    """Return the outcomes of a policy's table; of a label that is a number, whether it is above its median.

    Raises
    ------
    UnreadableArtefact
        If its columns are not there, or hold no truth values.
    """
    table = policy.decision
    numbers = numbers_of(policy, relation)
    truth = (
        truth_of(table.label, table, relation)
        if numbers is None
        else f"case when ({numbers.value}) > {numbers.median!r} then 1 when ({numbers.value}) is not null then 0 end"
    )
    many = "1" if not table.count else f"cast({number_of(table.count, relation, table.location, 'a number of rows')} as bigint)"
    return Counts(
        f"(select * from (select *, {truth} as {OUTCOME}, coalesce({many}, 0) as {MANY} from {{table}} "  # noqa: S608 - names are quoted
        f"{condition_of(table, relation)}) where {OUTCOME} is not null and {MANY} > 0)"
    )


def counts_of(relation: Relation, counts: Counts, where: Slice | None = None, column: Column | None = None) -> tuple[int, int]:
    """Return rows and positive outcomes, of a slice or of the whole table."""
    chosen = "true"
    params: dict[str, Any] = {}
    if where is not None and column is not None:
        chosen, params = where.condition(column)
    [row] = relation.sql(
        f"select coalesce(sum({MANY}), 0) as n, coalesce(sum({MANY} * {OUTCOME}), 0) as k from {counts.rows} where {chosen}",  # noqa: S608 - quoted
        **params,
    )
    return int(row["n"]), int(row["k"])


def overlap(relation: Relation, counts: Counts, one: tuple[Slice, Column], other: tuple[Slice, Column]) -> int:
    """Return how many rows are in both of two slices."""
    parts: list[str] = []
    params: dict[str, Any] = {}
    for prefix, (where, column) in (("a", one), ("b", other)):
        text, own = where.condition(column)
        parts.append(text.replace("$slice_", f"${prefix}_slice_"))
        params |= {f"{prefix}_{key}": value for key, value in own.items()}
    [row] = relation.sql(
        f"select coalesce(sum({MANY}), 0) as n from {counts.rows} where ({parts[0]}) and ({parts[1]})",  # noqa: S608 - quoted
        **params,
    )
    return int(row["n"])


def distinct_values(relation: Relation, counts: Counts, columns: Iterable[Column]) -> dict[str, int]:
    """Return how many values each column has, in rows whose outcome is known."""
    own = list(columns)
    asked = ", ".join(f"count(distinct ({column.value})) as d{n}" for n, column in enumerate(own))
    [row] = relation.sql(f"select {asked or '1'} from {counts.rows}") if own else [{}]  # noqa: S608 - names are quoted
    return {column.name: int(row[f"d{n}"]) for n, column in enumerate(own)}


def slices_of(columns: Iterable[Column], distinct: Mapping[str, int]) -> int:
    """Return how many slices there are: intervals between values, texts, and rows without a value; each for both outcomes."""
    total = 0
    for column in columns:
        d = distinct[column.name]
        total += 1 + (d if column.sort is Sort.TEXT else d * (d + 1) // 2)
    return max(1, 2 * total)


def searched(policy: Policy, relation: Relation) -> dict[str, Column]:
    """Return the columns by which rows may have been chosen: all but outcome, decision, score and numbers of rows."""
    table = policy.decision
    return columns(relation, without=(table.label, table.decision, table.score, table.count, table.weight))


@dataclass(frozen=True, slots=True)
class Share:
    """Rows of a group, or of all: how many, how many with a positive outcome, a positive decision, and both."""

    rows: int
    positive: int
    selected: int
    right: int

    def base_rate(self) -> float | None:
        """How many have a positive outcome."""
        return self.positive / self.rows if self.rows else None

    def ppv(self) -> float | None:
        """How many of those with a positive decision have a positive outcome."""
        return self.right / self.selected if self.selected else None


def shares(
    policy: Policy, relation: Relation, counts: Counts, where: Slice, column: Column
) -> dict[str, dict[str, tuple[Share, Share]]]:
    """Return, for each attribute and group, the rows with a slice and without it; for everyone under ""."""
    chosen, params = where.condition(column)
    decided = decision_of(policy.decision, relation) or "null"
    found: dict[str, dict[str, tuple[Share, Share]]] = {}
    for name, group in (("", "''"), *((name, group_of(one, relation)) for name, one in policy.protected.items())):
        found[name] = {}
        each = ", ".join(
            f"coalesce(sum({MANY} * {factor}) filter ({rows}), 0) as {key}{n}"
            for n, rows in enumerate(("true", f"not ({chosen})"))
            for key, factor in (
                ("n", "1"),
                ("k", OUTCOME),
                ("s", f"coalesce({_DECIDED}, 0)"),
                ("r", f"coalesce({_DECIDED}, 0) * {OUTCOME}"),
            )
        )
        for row in relation.sql(
            f"select {_GROUP} as g, {each} from "  # noqa: S608 - quoted
            f"(select *, coalesce({group}, '(missing)') as {_GROUP}, {decided} as {_DECIDED} from {counts.rows}) "
            f"group by {_GROUP} order by g",
            **params,
        ):
            own = [Share(*(int(row[f"{key}{n}"]) for key in "nksr")) for n in (0, 1)]
            found[name][row["g"]] = (own[0], own[1])
    return found
