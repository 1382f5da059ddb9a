"""Who was decided on, as arrays: score, truth, decision, group, half."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.semantics.decisions import (
    MISSING,
    column_of,
    condition_of,
    decision_of,
    group_of,
    number_of,
    score_of,
    truth_of,
)
from probatum.fairness.semantics.relation import Relation
from probatum.fairness.semantics.unknown import refuse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIT, SAFETY = 0, 1  # the halves


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Rows of a table.

    Attributes
    ----------
    score : array of shape (n,), float64
        NaN where there is none.
    label, decision : array of shape (n,), int8
        1, 0, or -1 where it is unknown.
    group : array of shape (n,), int64
        Number of the group, into `names`.
    names : tuple of str
    half : array of shape (n,), int8
    cluster : array of shape (n,), int64
    clustered : bool
        Whether several rows have one cluster.
    """

    score: NDArray[np.float64]
    label: NDArray[np.int8]
    decision: NDArray[np.int8]
    group: NDArray[np.int64]
    names: tuple[str, ...]
    half: NDArray[np.int8]
    cluster: NDArray[np.int64]
    clustered: bool


def people_of(policy: Policy, relation: Relation, over: tuple[str, ...], *, seed: int = 0) -> People:
    """Read the rows of a policy's table.

    Parameters
    ----------
    over : tuple of str
        Attributes whose intersection are the groups.
    seed : int
        Of the division into halves, by units or clusters where there are any.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist or holds what it cannot mean, or no row is left.
    """
    import numpy as np

    read = relation.arrays(query_of(policy, relation, over, seed=seed))
    rows = len(read["half"])
    if not rows:
        raise UnreadableArtefact(
            f"`{relation.path}` has no row that the policy means",
            help="check `where` of the policy",
            location=policy.decision.location,
        )

    def known(name: str) -> Any:
        return np.ma.filled(np.ma.asarray(read[name]).astype(np.float64), -1).astype(np.int8)

    names, group = np.unique(np.ma.filled(read["grp"], MISSING).astype(str), return_inverse=True)
    cluster = np.unique(read["cluster"], return_inverse=True)[1].astype(np.int64)
    return People(
        score=np.ma.filled(np.ma.asarray(read["score"]).astype(np.float64), np.nan),
        label=known("label"),
        decision=known("decision"),
        group=group.astype(np.int64),
        names=tuple(str(name) for name in names),
        half=np.asarray(read["half"], np.int8),
        cluster=cluster,
        clustered=int(cluster.max()) + 1 < rows,
    )


def query_of(policy: Policy, relation: Relation, over: tuple[str, ...], *, seed: int, more: tuple[str, ...] = ()) -> str:
    """Return the query of rows, with further expressions as columns, in the order of the table."""
    table = policy.decision
    if table.weight:
        raise UnreadableArtefact(
            "repairs of weighted tables are not known", help="give each decision a row of its own", location=table.location
        )
    refuse(policy, relation, over)
    groups = [f"coalesce({group_of(policy.protected[name], relation)}, '{MISSING}')" for name in over]
    grp = " || ', ' || ".join(groups)
    label = truth_of(table.label, table, relation) if table.label else "null"
    copies = ""
    key = "cast(pb_row as varchar)"
    if table.count:
        many = number_of(table.count, relation, table.location, "a number of rows")
        copies = f", unnest(range(cast({many} as bigint))) as pb_copy"
        key += " || '/' || cast(pb_copy as varchar)"
    own = table.cluster or table.unit
    if own:
        key = f"coalesce('c' || cast({column_of(own, relation, table.location)} as varchar), 'r' || {key})"
    wheres = [condition_of(table, relation).removeprefix("where ")]
    if policy.missing is Missing.EXCLUDE:
        wheres += [f"{group_of(attribute, relation)} is not null" for attribute in policy.protected.values()]
    let = " and ".join(part for part in wheres if part) or "true"
    score = score_of(table, relation) if table.score else "null"
    extra = "".join(f", {expression} as x{n}" for n, expression in enumerate(more))
    return (
        f"select {grp} as grp, {label} as label, {decision_of(table, relation) or 'null'} as decision, {score} as score, "  # noqa: S608 - quoted
        f"hash({key}) as cluster, cast(md5_number_lower('{int(seed)}:' || {key}) % 2 as integer) as half{extra} "
        f"from (select *{copies} from (select *, row_number() over () as pb_row from {{table}}) where {let})"
    )
