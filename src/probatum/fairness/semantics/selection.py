"""Who was selected: people of each group, and how many of them had what people want."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.semantics.decisions import column_of, condition_of, decision_of, group_of, number_of, score_of
from probatum.fairness.semantics.relation import Relation, quoted


@dataclass(frozen=True, slots=True)
class Selected:
    """How many were selected.

    Attributes
    ----------
    groups : mapping of str to (int, int)
        Selected, and all with a known outcome, of each group; names of intersections are joined by `, `.
    unknown : int
        People of whom an attribute is not known. They are in no group.
    above : float or None
        Where there are scores and no decisions: the median, above which a score counts as selected
        (the scoring rate of 6 RCNY 5-300).
    """

    groups: Mapping[str, tuple[int, int]]
    unknown: int
    above: float | None = None


def selected(policy: Policy, relation: Relation, over: tuple[str, ...]) -> Selected:
    """Count who was selected.

    Raises
    ------
    UnreadableArtefact
        If there is neither a decision nor a score, or a column holds what it cannot mean.
    """
    table = policy.decision
    decided, above = decision_of(table, relation), None
    if decided is None and not table.score:
        raise UnreadableArtefact(
            "there is no decision to compare selection rates of",
            help="name the column under `decision`: `decision: ...`, or `score: ...` to count scores above the median",
            location=table.location,
        )
    many = "1" if not table.count else f"cast({number_of(table.count, relation, table.location, 'a number of rows')} as bigint)"
    where = condition_of(table, relation)
    if decided is None:
        above = _median(relation, score_of(table, relation), many, where)
        decided = (
            f"case when {score_of(table, relation)} > {above!r} then 1 when {score_of(table, relation)} is not null then 0 end"
        )
    wanted = 1 if table.favourable else 0
    names = [quoted(f"g{at}") for at in range(len(over))]
    columns = ", ".join(f"{group_of(policy.protected[name], relation)} as {own}" for name, own in zip(over, names, strict=True))
    groups: dict[str, tuple[int, int]] = {}
    unknown = 0
    for row in relation.sql(
        f"select {', '.join(names)}, sum(m) filter (d = {wanted}) as hits, sum(m) as people "  # noqa: S608 - names are quoted
        f"from (select {columns}, {decided} as d, {many} as m from {{table}} {where}) where d is not null group by {', '.join(names)}"
    ):
        *key, hits, people = row.values()
        if people is None or people < 0 or (hits or 0) < 0:
            raise UnreadableArtefact(
                f"the column `{table.count}` of `{relation.path}` is negative or missing in some row",
                help="a row stands for at least 0 decisions",
                location=table.location,
            )
        if any(part is None for part in key):
            unknown += int(people)
        elif people:
            groups[", ".join(str(part) for part in key)] = (int(hits or 0), int(people))
    return Selected(dict(sorted(groups.items())), unknown, above)


def shares(found: Selected, least_share: float, least: int) -> tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]]:
    """Return the groups that are large enough to be compared, and the others."""
    people = sum(n for _, n in found.groups.values())
    large = {name: own for name, own in found.groups.items() if own[1] >= least and own[1] >= least_share * people}
    return large, {name: own for name, own in found.groups.items() if name not in large}


def individually(policy: Policy, relation: Relation) -> bool:
    """Whether each row stands for people who are counted alike, each once."""
    table = policy.decision
    if table.weight or table.cluster:
        return False
    if not table.unit:
        return True
    unit = column_of(table.unit, relation, table.location)
    [seen] = relation.sql(
        f"select count(*) as n, count(distinct {unit}) as people from {{table}} {condition_of(table, relation)}"  # noqa: S608 - quoted
    )
    return bool(seen["n"] == seen["people"])


def _median(relation: Relation, score: str, many: str, where: str) -> float:
    """Return the median score; of an even number the mean of the two in the middle."""
    rows = relation.sql(
        f"select s, sum(m) as n from (select {score} as s, {many} as m from {{table}} {where}) where s is not null group by s order by s"  # noqa: S608 - quoted
    )
    total, passed = sum(row["n"] or 0 for row in rows), 0
    middle: list[float] = []
    for row in rows:
        before, passed = passed, passed + (row["n"] or 0)
        middle += [row["s"] for at in {(total - 1) // 2, total // 2} if before <= at < passed]
    return sum(middle) / len(middle) if middle else 0.0
