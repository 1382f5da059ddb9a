"""Which rows of a table a policy means, what their groups are, and what was decided: from columns to a cube."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.policy import DecisionTable, Missing, Policy
from probatum.fairness.semantics.cube import Count, Cube, Key
from probatum.fairness.semantics.relation import Relation, quoted
from probatum.project.document import suggestion
from probatum.source import Location

MISSING = "(missing)"
_SHOWN = 5  # values that a message names
_FLOATS = ("FLOAT", "DOUBLE")
_NOTHING = ("", "nan", "<na>", "null")  # `none` is a category in many tables
_YES, _NO = ("1", "1.0", "true", "t"), ("0", "0.0", "false", "f")


@dataclass(frozen=True, slots=True)
class Counted:
    """A table as counted for a policy.

    Attributes
    ----------
    cube : Cube
        By all protected attributes, all strata that were asked for, `label` and `decision`
        where the table has them, and `bin` if scores were asked for.
    rows : int
        Of the table, before any were left out.
    excluded : int
        Rows left out because an attribute is missing and the policy excludes them.
    """

    cube: Cube
    rows: int
    excluded: int


def count(policy: Policy, relation: Relation, *, given: Iterable[str] = (), bins: int = 0) -> Counted:
    """Count the table of a policy in one pass.

    Parameters
    ----------
    given : iterable of str
        Columns whose values are further dimensions, under their names.
    bins : int
        Number of equal bins of a score between 0 and 1; 0 for none.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist, or holds what it cannot mean.
    """
    table, given = policy.decision, tuple(given)
    dimensions = {name: group_of(attribute, relation) for name, attribute in policy.protected.items()}
    for column in given:
        dimensions.setdefault(column, f"cast({column_of(column, relation, table.location)} as varchar)")
    if table.label:
        dimensions["label"] = truth_of(table.label, table, relation)
    decided = decision_of(table, relation)
    if decided is not None:
        dimensions["decision"] = decided
    if bins:
        score = score_of(table, relation)
        dimensions["bin"] = f"cast(least({bins - 1}, greatest(0, floor({score} * {bins}))) as bigint)"
    many = "1" if not table.count else f"cast({number_of(table.count, relation, table.location, 'a number of rows')} as bigint)"
    weight = "1" if not table.weight else number_of(table.weight, relation, table.location, "a weight")
    query = _summed(relation, dimensions, _plain(policy, given), where=condition_of(table, relation), many=many, weight=weight)
    counts: dict[Key, Count] = {}
    total = excluded = 0
    names = tuple(dimensions)
    protected = [names.index(name) for name in policy.protected]
    for row in relation.sql(query):
        *key, rows, mass, squares = row.values()
        if rows is None or rows < 0:
            raise UnreadableArtefact(
                f"the column `{table.count}` of `{relation.path}` is negative or missing in some row",
                help="a row stands for at least 0 decisions",
                location=table.location,
            )
        total += rows
        if policy.missing is Missing.EXCLUDE and any(key[at] is None for at in protected):
            excluded += rows
            continue
        if mass is None or not (0 <= mass < float("inf")):
            raise UnreadableArtefact(
                f"the column `{table.weight}` of `{relation.path}` holds a weight that is negative or missing",
                help="weights are numbers of at least 0",
                location=table.location,
            )
        cell = tuple(MISSING if value is None and at in protected else value for at, value in enumerate(key))
        counts[cell] = counts[cell] + Count(rows, mass, squares) if cell in counts else Count(rows, mass, squares)
    if not total:
        raise UnreadableArtefact(
            f"`{relation.path}` has no row" + (" that `where` lets through" if table.where else ""),
            help="check the table, and `where` of the policy",
            location=table.location,
        )
    return Counted(Cube(names, counts, bool(table.weight)), total, excluded)


def _plain(policy: Policy, given: Iterable[str]) -> dict[str, str]:
    """Return the dimensions whose column has hardly more values than they have, and that column."""
    table = policy.decision
    found = {name: attribute.column for name, attribute in policy.protected.items() if not attribute.bands}
    for column in given:
        found.setdefault(column, column)
    if table.positive is None:  # otherwise such a column may hold any number of values
        found |= {name: column for name, column in (("label", table.label), ("decision", table.decision)) if column}
    return found


def _summed(
    relation: Relation, dimensions: Mapping[str, str], plain: Mapping[str, str], *, where: str, many: str, weight: str
) -> str:
    """Return a SELECT that counts rows by dimensions: first by columns as they are, so that few texts are looked at."""
    own = "d"
    while any(name.lower().startswith(own) for name in relation.columns):  # names are compared without case
        own += "d"
    raw = dict.fromkeys(quoted(plain[name]) for name in dimensions if name in plain)
    computed = [f"{expression} as {own}{n}" for n, (name, expression) in enumerate(dimensions.items()) if name not in plain]
    sums = (
        ["count(*)"]
        if many == weight == "1"
        else [f"sum({what})" for what in (many, f"{many} * {weight}", f"{many} * {weight} * {weight}")]
    )
    first = ", ".join([*raw, *computed, *(f"{one} as {own}_{n}" for n, one in enumerate(sums))])
    keys = [f"{expression if name in plain else f'{own}{n}'} as k{n}" for n, (name, expression) in enumerate(dimensions.items())]
    totals = [f"sum({own}_{min(n, len(sums) - 1)}) as {name}" for n, name in enumerate(("rows", "weight", "squares"))]
    counted = f"select {first} from {{table}} {where} group by all"  # noqa: S608 - names are quoted
    return f"select {', '.join([*keys, *totals])} from ({counted}) group by all"  # noqa: S608 - names are quoted


def column_of(name: str, relation: Relation, where: Location) -> str:
    """Return a column as SQL.

    Raises
    ------
    UnreadableArtefact
        If the table has none of that name, with the nearest one.
    """
    if name not in relation.columns:
        raise UnreadableArtefact(
            f"`{relation.path}` has no column `{name}`", help=suggestion(name, list(relation.columns)), location=where
        )
    return quoted(name)


def group_of(attribute: Attribute, relation: Relation) -> str:
    """Return the group of a row, as SQL: a text, or null where it is missing."""
    column = column_of(attribute.column, relation, attribute.location)
    if not attribute.bands:
        return _text(column, relation.columns[attribute.column])
    value = number_of(attribute.column, relation, attribute.location, "a number")
    cases = []
    ends = attribute.bands
    for low, high in pairwise(ends):
        last = high == ends[-1]
        label = f"{low:g}-{high:g}"
        cases.append(f"when {value} >= {low!r} and {value} {'<=' if last else '<'} {high!r} then '{label}'")
    outside = f"when {value} < {ends[0]!r} then 'under {ends[0]:g}' when {value} > {ends[-1]!r} then 'over {ends[-1]:g}'"
    return f"case {' '.join(cases)} {outside} end"


def truth_of(name: str, table: DecisionTable, relation: Relation) -> str:
    """Return whether a column has the positive value, as SQL: 1, 0, or null where it is missing.

    Raises
    ------
    UnreadableArtefact
        If its values are no truth values, and the policy does not say which one is positive.
    """
    column = column_of(name, relation, table.location)
    kind = relation.columns[name]
    text = _text(column, kind)
    if table.positive is None:
        low = f"lower({text})"
        others = relation.sql(
            f"select distinct {text} as v from {{table}} where {low} not in {(*_YES, *_NO)} order by v limit {_SHOWN}"  # noqa: S608 - quoted
        )
        if others:
            shown = ", ".join(f"`{row['v']}`" for row in others)
            raise UnreadableArtefact(
                f"the column `{name}` of `{relation.path}` holds {shown}, and the policy does not say which value is positive",
                help="add `positive: ...` under `decision`; a list, where label and decision have different words",
                location=table.location,
            )
        return f"case when {low} in {_YES} then 1 when {low} in {_NO} then 0 end"
    wanted = [_written(value, kind) for value in table.positive]
    literals = ", ".join("'" + value.replace("'", "''") + "'" for value in wanted)
    meant = f"{text} in ({literals})"
    if spelt := [value for value in wanted if value in ("true", "false")]:  # `True` and `TRUE` in text files
        meant = f"({meant} or lower({text}) in ({', '.join(map(repr, spelt))}))"
    [seen] = relation.sql(f"select count(*) filter ({meant}) as hits, count({text}) as n from {{table}}")  # noqa: S608 - quoted
    if seen["n"] and not seen["hits"]:
        values = relation.sql(f"select distinct {text} as v from {{table}} where {text} is not null order by v limit {_SHOWN}")  # noqa: S608 - quoted
        raise UnreadableArtefact(
            f"no value of the column `{name}` of `{relation.path}` is {' or '.join(f'`{value}`' for value in wanted)}",
            help=f"its values are {', '.join('`' + str(row['v']) + '`' for row in values)}; "
            "where columns have different words, `positive: [..., ...]` names all",
            location=table.location,
        )
    return f"case when {text} is null then null when {meant} then 1 else 0 end"


def _written(value: str | float | bool, kind: str) -> str:
    """Return a value as DuckDB writes it in a column of a kind."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(float(value)) if kind in _FLOATS and isinstance(value, int | float) else str(value)


def _text(column: str, kind: str) -> str:
    """Return a value as a text without spaces around it, as SQL; null where it is missing, or what programs write for that."""
    value = f"nullif({column}, 'nan'::double)" if kind in _FLOATS else column
    text = f"trim(cast({value} as varchar))"
    return f"case when lower({text}) in {_NOTHING} then null else {text} end"


def decision_of(table: DecisionTable, relation: Relation) -> str | None:
    """Return whether a decision was positive, as SQL; None if the table holds no decisions."""
    if table.decision:
        return truth_of(table.decision, table, relation)
    if table.threshold is None:
        return None
    score = score_of(table, relation)
    return f"case when {score} >= {table.threshold!r} then 1 when {score} < {table.threshold!r} then 0 end"


def score_of(table: DecisionTable, relation: Relation) -> str:
    """Return the score as SQL: a number, or null where it is missing or not a number."""
    return number_of(table.score, relation, table.location, "a score")


def number_of(name: str, relation: Relation, where: Location, what: str) -> str:
    """Return a column as a number, as SQL; null where it is missing or NaN.

    Raises
    ------
    UnreadableArtefact
        If it holds a text that is no number.
    """
    column = column_of(name, relation, where)
    if relation.columns[name] != "VARCHAR":
        return f"nullif(cast({column} as double), 'nan'::double)"
    text = f"nullif(trim({column}), '')"
    missing = "('na', 'nan', 'null', 'none')"
    wrong = relation.sql(
        f"select {text} as v from {{table}} where {text} is not null and try_cast({text} as double) is null "  # noqa: S608 - quoted
        f"and lower({text}) not in {missing} limit 1"
    )
    if wrong:
        raise UnreadableArtefact(
            f"the column `{name}` of `{relation.path}` holds `{wrong[0]['v']}`, which is not {what}",
            help="correct the table, or name another column",
            location=where,
        )
    return f"nullif(try_cast({text} as double), 'nan'::double)"


def condition_of(table: DecisionTable, relation: Relation) -> str:
    """Return which rows the policy means, as SQL: a `where` clause, or nothing."""
    parts = []
    for name, values in table.where.items():
        column = f"trim(cast({column_of(name, relation, table.location)} as varchar))"
        parts.append(f"{column} in ({', '.join(_literal(value) for value in values)})")
    return f"where {' and '.join(parts)}" if parts else ""


def _literal(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return "'" + text.replace("'", "''") + "'"


def groups(cube: Cube, attributes: tuple[str, ...]) -> Mapping[str, Cube]:
    """Return the counts of each group: of one attribute, or of an intersection, whose names are joined by `, `."""
    own = cube.over(*attributes, *(d for d in cube.dimensions if d not in attributes))
    width = len(attributes)
    found: dict[str, dict[Key, Count]] = {}
    for key, cell in own.counts.items():
        found.setdefault(", ".join(str(part) for part in key[:width]), {})[key[width:]] = cell
    rest = own.dimensions[width:]
    return {name: Cube(rest, found[name], cube.weighted) for name in sorted(found)}
