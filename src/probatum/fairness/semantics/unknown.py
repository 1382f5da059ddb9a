"""Rows that lack a protected attribute, where the policy says that a verdict must hold wherever they belong."""

from __future__ import annotations

from collections.abc import Iterable

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
from probatum.fairness.semantics.decisions import condition_of, group_of, number_of
from probatum.fairness.semantics.relation import Relation


def lacking(policy: Policy, relation: Relation, over: Iterable[str]) -> int:
    """Return how many rows that the policy means lack one of some attributes; 0 unless the policy asks for bounds.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist.
    """
    groups = [group_of(policy.protected[name], relation) for name in dict.fromkeys(over)]
    if policy.missing is not Missing.BOUNDS or not groups:
        return 0
    table = policy.decision
    many = number_of(table.count, relation, table.location, "a number of rows") if table.count else "1"
    absent = " or ".join(f"({group}) is null" for group in groups)
    [row] = relation.sql(
        f"select coalesce(sum(m) filter (lost), 0) as n from "  # noqa: S608 - quoted
        f"(select {many} as m, {absent} as lost from {{table}} {condition_of(table, relation)})"
    )
    return int(row["n"])


def sliced_by(policy: Policy, required: SlicesRequirement) -> tuple[str, ...]:
    """Return the protected attributes by which slices are made."""
    columns = {*required.features, *(column for pair in required.pairs for column in pair)}
    return tuple(
        name for name, one in policy.protected.items() if not required.features or name in columns or one.column in columns
    )


def reason(rows: int, over: Iterable[str]) -> str:
    """Return in words why nothing is said that should hold wherever some rows belong."""
    names = " or ".join(f"`{name[:24]}`" for name in dict.fromkeys(over))
    return f"{rows:,} rows lack {names}, and what holds wherever they belong (`missing: bounds`) is not known here"


def refuse(policy: Policy, relation: Relation, over: Iterable[str]) -> None:
    """Refuse what cannot be said wherever rows belong.

    Raises
    ------
    UnreadableArtefact
        If the policy asks for bounds, and rows lack one of the attributes.
    """
    names = tuple(over)
    rows = lacking(policy, relation, names)
    if rows:
        raise UnreadableArtefact(
            reason(rows, names),
            help="write `missing: own-group` or `missing: exclude` to look at the others",
            location=policy.location,
        )
