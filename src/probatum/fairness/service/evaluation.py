"""How decisions met outcomes in a table that a program has, as counts by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from probatum.errors import UsageError
from probatum.fairness.semantics.relation import Relation, opened, quoted
from probatum.fairness.service.outcomes import truth
from probatum.fairness.service.profile import GAP
from probatum.source import Source

Counts = dict[str, dict[str, dict[str, int]]]


def counted_by_group(source: Source, outcome: str, decision: str, protected: Mapping[str, str], words: Sequence[str]) -> Counts:
    """Count true and false positives and negatives: attribute ("" for everyone) -> group -> cell -> rows.

    Rows without an outcome or without a decision are in no cell.

    Raises
    ------
    UsageError
        If a column is absent, or it cannot be said which of its values are positive.
    """
    counts: Counts = {}
    with opened(source) as relation:
        happened, decided = _truth(relation, outcome, words), _truth(relation, decision, words)
        for attribute, column in (("", ""), *protected.items()):
            if column and column not in relation.columns:
                continue
            group = f"coalesce(nullif(trim(cast({quoted(column)} as varchar)), ''), '{GAP}')" if column else "''"
            rows = relation.sql(
                f"select {group} as probatum_g, {happened} as probatum_y, {decided} as probatum_d, "  # noqa: S608 - quoted
                "count(*) as probatum_n from {table} group by 1, 2, 3"
            )
            for row in rows:
                if row["probatum_y"] is None or row["probatum_d"] is None:
                    continue
                cell = ("t" if row["probatum_y"] == row["probatum_d"] else "f") + ("p" if row["probatum_d"] else "n")
                cells = counts.setdefault(attribute, {}).setdefault(row["probatum_g"], dict.fromkeys(("tp", "fp", "tn", "fn"), 0))
                cells[cell] += int(row["probatum_n"])
    return counts


def _truth(relation: Relation, column: str, words: Sequence[str]) -> str:
    if column not in relation.columns:
        raise UsageError(f"the table has no column `{column}`", help="name a column of the table")
    found, unknown = truth(relation, column, words)
    if unknown:
        raise UsageError(unknown, help='say it: `positive="yes"`, or a list where columns have words of their own')
    [seen] = relation.sql(f"select count({found}) as n, coalesce(sum({found}), 0) as hits from {{table}}")  # noqa: S608 - quoted
    if words and seen["n"] and not seen["hits"]:
        values = relation.sql(
            f"select distinct cast({quoted(column)} as varchar) as v from {{table}} where {quoted(column)} is not null order by v limit 5"  # noqa: S608 - quoted
        )
        known = [str(row["v"]).strip().lower() for row in values]
        if len(known) != 1 or known[0] not in ("0", "0.0", "false", "f"):  # a column of noughts is one without positives
            raise UsageError(
                f"no value of the column `{column}` is {' or '.join(f'`{one}`' for one in words)}",
                help=f"its values are {', '.join('`' + str(row['v']) + '`' for row in values)}",
            )
    return found
