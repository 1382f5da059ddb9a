"""Scores of each group as they are, however many different ones there are: for quantities that depend on their order."""

from __future__ import annotations

from collections.abc import Mapping

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.semantics.decisions import MISSING, condition_of, group_of, number_of, score_of, truth_of
from probatum.fairness.semantics.relation import Relation
from probatum.fairness.semantics.score_counts import Scores


def exact_scores(policy: Policy, relation: Relation, over: tuple[str, ...]) -> Mapping[str, Scores]:
    """Count rows by group and score; those without a score are left out, and weights are not looked at.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist, or holds what it cannot mean.
    """
    import numpy as np

    table = policy.decision
    score = score_of(table, relation)
    truth = truth_of(table.label, table, relation) if table.label else "null"
    many = f"cast({number_of(table.count, relation, table.location, 'a number of rows')} as bigint)" if table.count else "1"
    keys = [f"g{n}" for n in range(len(over))]
    groups = ", ".join(f"{group_of(policy.protected[name], relation)} as {own}" for name, own in zip(over, keys, strict=True))
    listed = ", ".join(keys)
    rows = (
        f"select * from (select {groups}, {score} as s, {truth} as y, {many} as m from {{table}} "  # noqa: S608 - quoted
        f"{condition_of(table, relation)}) where isfinite(s)"
    )
    known = relation.sql(
        f"select {listed}, count(*) filter (m is null or m < 0) as wrong from ({rows}) group by all order by {listed}"  # noqa: S608 - names of our own
    )
    if any(row["wrong"] for row in known):
        raise UnreadableArtefact(
            f"the column `{table.count}` of `{relation.path}` is negative or missing in some row",
            help="a row stands for at least 0 decisions",
            location=table.location,
        )
    same = " and ".join(f"r.{key} is not distinct from n.{key}" for key in keys)
    read = relation.arrays(
        f"with r as ({rows}), n as (select {listed}, row_number() over (order by {listed}) - 1 as c "  # noqa: S608 - names of our own
        f"from (select distinct {listed} from r)) "
        f"select c, s, cast(coalesce(sum(m) filter (y = 1), 0) as double) as p, "
        f"cast(coalesce(sum(m) filter (y = 0), 0) as double) as q, cast(coalesce(sum(m) filter (y is null), 0) as double) as u "
        f"from r join n on {same} group by c, s order by c, s"
    )
    columns = {name: np.ma.getdata(values) for name, values in read.items()}
    found = {}
    for code, row in enumerate(known):
        parts = [row[key] for key in keys]
        if policy.missing is Missing.EXCLUDE and any(part is None for part in parts):
            continue
        low, high = np.searchsorted(columns["c"], [code, code + 1])
        s, p, q, u = (columns[name][low:high].astype(float) for name in ("s", "p", "q", "u"))
        kept = p + q + u > 0
        s, p, q, u = s[kept], p[kept], q[kept], u[kept]
        if len(s):
            name = ", ".join(MISSING if part is None else str(part) for part in parts)
            total = (float(p @ s), float(q @ s), float(u @ s))
            rows_ = int((p + q + u).sum())
            found[name] = Scores(score=s, positive=p, negative=q, unknown=u, rows=rows_, total=total)
    return found
