"""What may have leaked into decisions: how a column ranks outcomes, what was known too late, and which rows are in both splits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.semantics.columns import Column, Sort, columns
from probatum.fairness.semantics.decisions import column_of
from probatum.fairness.semantics.relation import Relation, quoted
from probatum.fairness.semantics.slices import MANY, OUTCOME, Counts


def pairs(relation: Relation, counts: Counts, column: Column) -> tuple[float, int, int]:
    """Return how many pairs of a positive and a negative outcome a column puts in order, ties by half; and how many there are of each.

    Rows without a value are below all others. A text is ranked by its rate of positive outcomes in
    every second row, and counted in the others.
    """
    text = column.sort is Sort.TEXT
    rows = relation.sql(
        f"select v, h, sum(m * y) as k, sum(m * (1 - y)) as n from (select ({column.value}) as v, {OUTCOME} as y, {MANY} as m, "  # noqa: S608 - quoted
        f"{'row_number() over () % 2' if text else '1'} as h from {counts.rows}) group by v, h"
    )
    if text:
        rate = {row["v"]: (row["k"] + 0.5) / (row["k"] + row["n"] + 1) for row in rows if row["h"] == 0}
        ranked = [(rate.get(row["v"], 0.5), int(row["k"]), int(row["n"])) for row in rows if row["h"] == 1]
    else:
        ranked = [(float("-inf") if row["v"] is None else float(row["v"]), int(row["k"]), int(row["n"])) for row in rows]
    at: dict[float, tuple[int, int]] = {}
    for value, k, n in ranked:
        before = at.get(value, (0, 0))
        at[value] = (before[0] + k, before[1] + n)
    above, below = 0.0, 0
    for value in sorted(at):
        k, n = at[value]
        above += k * (below + n / 2)
        below += n
    return above, sum(k for k, _ in at.values()), below


def known_too_late(policy: Policy, relation: Relation, feature: str) -> tuple[int, int]:
    """Return in how many rows a feature was known after the decision, and in how many both moments are there.

    Raises
    ------
    UnreadableArtefact
        If the table has no such column.
    """
    prepared = policy.preparation
    assert prepared is not None  # noqa: S101 - who asks has read it there
    column_of(feature, relation, prepared.location)
    known, decided = (
        columns(relation)[name].value
        for name in (prepared.known_at[feature], prepared.decided_at)
        if column_of(name, relation, prepared.location)
    )
    [row] = relation.sql(
        f"select count(*) filter (({known}) > ({decided})) as late, count(({known}) + ({decided})) as n from {{table}}"  # noqa: S608 - quoted
    )
    return int(row["late"]), int(row["n"])


def in_both(policy: Policy, relation: Relation, by: Sequence[str]) -> dict[str, int]:
    """Count rows of the test split that are also in the training split, and rows of the training split that are there twice.

    Raises
    ------
    UnreadableArtefact
        If the table has no such column.
    """
    prepared = policy.preparation
    assert prepared is not None  # noqa: S101 - who asks has read it there
    split = f"trim(cast({column_of(prepared.split, relation, prepared.location)} as varchar))"
    key = ", ".join(f"coalesce(cast({quoted(name)} as varchar), chr(30))" for name in by)
    params: dict[str, Any] = {"train": prepared.train, "test": prepared.test}
    [row] = relation.sql(
        "select coalesce(sum(b), 0) as tested, coalesce(sum(a), 0) as trained, "  # noqa: S608 - names are quoted
        "coalesce(sum(b) filter (a > 0), 0) as shared, coalesce(sum(a) filter (a > 1), 0) as twice from "
        f"(select count(*) filter ({split} = $train) as a, count(*) filter ({split} = $test) as b from {{table}} group by {key})",
        **params,
    )
    return {name: int(row[name]) for name in ("tested", "trained", "shared", "twice")}
