"""What a decomposition compares: outcome, groups and characteristics of a row, as expressions that a database evaluates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.artefacts.requirements.decomposition import DecompositionRequirement, Method
from probatum.fairness.semantics.decisions import (
    MISSING,
    column_of,
    condition_of,
    decision_of,
    group_of,
    number_of,
    truth_of,
)
from probatum.fairness.semantics.relation import Relation
from probatum.project.document import suggestion
from probatum.source import Location

MOST_LEVELS = 100  # of one covariate: beyond that it is an identifier


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a regression.

    Attributes
    ----------
    name : str
        `age`, or `job=clerk`.
    block, covariate : str
        Which block of the policy it belongs to, and which column of the table it is made from.
    sql : str
        A number, or null where it is missing.
    """

    name: str
    block: str
    covariate: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What a decomposition compares, as SQL.

    Attributes
    ----------
    outcome_name : str
    outcome : str
        A number, or null.
    group : str
        A text, or null.
    columns : tuple of Column
        Without a constant. A covariate with L levels has L - 1 columns.
    levels : mapping of str to tuple of str
        Of each covariate whose values are names; the first is the one without a column, its base.
    cluster, site, mass, many : str
        Empty if there is none; `mass` is the weight of one decision, `many` for how many decisions a row stands.
    where : str
        A condition: which rows the policy means, with a group.
    complete : str
        A condition: nothing that is needed is missing.
    """

    outcome_name: str
    outcome: str
    group: str
    columns: tuple[Column, ...]
    levels: Mapping[str, tuple[str, ...]]
    cluster: str
    site: str
    mass: str
    many: str
    where: str
    complete: str

    def rows(self, pair: tuple[str, str]) -> str:
        """Return the condition of the rows of two groups that are complete."""
        return f"{self.where} and {self.complete} and {self.group} in ({literal(pair[0])}, {literal(pair[1])})"


def design_of(policy: Policy, required: DecompositionRequirement, relation: Relation) -> Design:
    """Return what a requirement compares.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist, or holds what it cannot mean.
    """
    table, where = policy.decision, required.location
    name, outcome = _outcome(policy, required, relation)
    parts = [group_of(policy.protected[attribute], relation) for attribute in required.over]
    if policy.missing is Missing.OWN_GROUP:
        parts = [f"coalesce({part}, '{MISSING}')" for part in parts]
    group = f"({' || {} || '.format(literal(', ')).join(parts)})"
    meant = condition_of(table, relation).removeprefix("where ") or "true"
    columns: list[Column] = []
    levels: dict[str, tuple[str, ...]] = {}
    present = [f"({outcome}) is not null", f"isfinite(({outcome})::double)"]
    for block, covariates in required.covariates.items():
        for covariate in covariates:
            number = _number(covariate, required, relation, where)
            if number is not None:
                columns.append(Column(covariate, block, covariate, number))
                present += [f"({number}) is not null", f"isfinite({number})"]
                continue
            text = f"nullif(trim(cast({column_of(covariate, relation, where)} as varchar)), '')"
            levels[covariate] = _levels(covariate, text, meant, relation, where)
            columns += [
                Column(f"{covariate}={level}", block, covariate, f"case when {text} = {literal(level)} then 1.0 else 0.0 end")
                for level in levels[covariate][1:]
            ]
            present.append(f"{text} is not null")
    cluster = table.cluster or table.unit or required.site
    mass = number_of(table.weight, relation, table.location, "a weight") if table.weight else ""
    many = number_of(table.count, relation, table.location, "a number of rows") if table.count else ""
    present += [f"{expression} > 0" for expression in (mass, many) if expression]
    texts = {key: f"cast({column_of(key, relation, where)} as varchar)" for key in (cluster, required.site) if key}
    present += [f"{text} is not null" for text in texts.values()]
    return Design(
        outcome_name=name,
        outcome=f"({outcome})::double",
        group=group,
        columns=tuple(columns),
        levels=levels,
        cluster=texts.get(cluster, ""),
        site=texts.get(required.site, ""),
        mass=mass,
        many=many,
        where=f"({meant}) and {group} is not null",
        complete=f"({' and '.join(dict.fromkeys(present))})",
    )


def _outcome(policy: Policy, required: DecompositionRequirement, relation: Relation) -> tuple[str, str]:
    table, where = policy.decision, required.location
    if not required.outcome:
        decided = decision_of(table, relation)
        if decided is not None:
            return table.decision or f"{table.score} of at least {table.threshold:g}", decided
        if not table.label:
            raise UnreadableArtefact(
                f"`{required.id}` names no `outcome`, and the table holds no decisions",
                help="add `outcome: ...` with a column",
                location=where,
            )
        return table.label, truth_of(table.label, table, relation)
    if required.outcome in (table.decision, table.label):
        return required.outcome, truth_of(required.outcome, table, relation)
    column = column_of(required.outcome, relation, where)
    if required.positive is not None:
        wanted = str(required.positive).lower() if isinstance(required.positive, bool) else str(required.positive)
        text = f"nullif(trim(cast({column} as varchar)), '')"
        [seen] = relation.sql(f"select count(*) filter ({text} = {literal(wanted)}) as hits from {{table}}")  # noqa: S608 - quoted
        if not seen["hits"]:
            raise UnreadableArtefact(
                f"no value of the column `{required.outcome}` of `{relation.path}` is `{wanted}`",
                help="correct `positive`",
                location=where,
            )
        return required.outcome, f"case when {text} is null then null when {text} = {literal(wanted)} then 1 else 0 end"
    if relation.columns[required.outcome] == "BOOLEAN":
        return required.outcome, f"cast({column} as integer)"
    return required.outcome, number_of(
        required.outcome, relation, where, "a number; say which value counts as 1 with `positive: ...`"
    )


def _number(covariate: str, required: DecompositionRequirement, relation: Relation, where: Location) -> str | None:
    """Return a covariate as a number, or None if its values are names."""
    column_of(covariate, relation, where)
    if covariate in required.categorical or required.method is Method.KITAGAWA:
        return None
    kind = relation.columns[covariate]
    if kind == "BOOLEAN":
        return f"cast({column_of(covariate, relation, where)} as double)"
    try:
        return number_of(covariate, relation, where, "a number")
    except UnreadableArtefact:
        if kind != "VARCHAR":
            raise
        return None  # texts that are not all numbers are names


def _levels(covariate: str, text: str, meant: str, relation: Relation, where: Location) -> tuple[str, ...]:
    rows = relation.sql(
        f"select {text} as v from {{table}} where ({meant}) and {text} is not null group by v order by v limit {MOST_LEVELS + 1}"  # noqa: S608 - quoted
    )
    if len(rows) > MOST_LEVELS:
        raise UnreadableArtefact(
            f"the covariate `{covariate}` of `{relation.path}` has more than {MOST_LEVELS} different values",
            help="make fewer of them, or name it as `site` if it is where people were decided on",
            location=where,
        )
    return tuple(str(row["v"]) for row in rows)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many decisions of a group there are, and how many of them are complete."""

    rows: int
    complete: int


def sizes(design: Design, relation: Relation) -> Mapping[str, Counted]:
    """Return how many decisions each group has, by their names."""
    many = f"cast({design.many} as bigint)" if design.many else "1"
    rows = relation.sql(
        f"select {design.group} as g, sum({many}) as n, sum(case when {design.complete} then {many} else 0 end) as c "  # noqa: S608 - quoted
        f"from {{table}} where {design.where} group by g order by g"
    )
    return {str(row["g"]): Counted(int(row["n"] or 0), int(row["c"] or 0)) for row in rows}


def pairs_of(required: DecompositionRequirement, counted: Mapping[str, Counted], *, at_least: int) -> tuple[tuple[str, str], ...]:
    """Return which groups are compared: those that are named, or the largest with each other one that is large enough.

    Raises
    ------
    UnreadableArtefact
        If the policy names a group that does not occur.
    """
    for name in required.between:
        if name not in counted:
            raise UnreadableArtefact(
                f"no row is of the group `{name}`", help=suggestion(name, list(counted)[:20]), location=required.location
            )
    if required.between:
        return ((required.between[0], required.between[1]),)
    large = [name for name in counted if counted[name].complete >= at_least]
    if len(large) < 2:
        return ()
    first = max(large, key=lambda name: (counted[name].complete, name))
    return tuple((first, name) for name in large if name != first)


def literal(text: str) -> str:
    """Return a text as SQL."""
    return "'" + text.replace("'", "''") + "'"
