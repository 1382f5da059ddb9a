"""A slice with one outcome only: are these its rows, and is chance so small?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.semantics.columns import Column, Slice
from probatum.fairness.semantics.relation import Relation, opened
from probatum.fairness.semantics.slices import Counts, counts_of, distinct_values, outcomes, searched, shares, slices_of
from probatum.source import DATA, Source

_NEAR = 1e-6  # of logarithms: they are sums of many terms


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute that all rows of a slice have one outcome, and how likely that is."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "a slice is an estimate")
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    if not policy.decision.label:
        return Recheck("refuted", "the policy names no outcome")
    claimed = evidence.counts
    with opened(source) as relation:
        counts = outcomes(policy, relation)
        columns = searched(policy, relation)
        for part in ({"slice": claimed["slice"], "rows": claimed["rows"], "outcome": claimed["outcome"]}, *claimed["also"]):
            problem = _one_outcome(part, columns, relation, counts)
            if problem:
                return Recheck("refuted", problem)
        where = Slice.from_json(claimed["slice"])
        column = columns[where.column]
        if list(counts_of(relation, counts)) != claimed["whole"]:
            return Recheck("refuted", "the table has other rows")
        family = slices_of(columns.values(), distinct_values(relation, counts, columns.values()))
        if family != evidence.family:
            return Recheck("refuted", f"there are {family} slices, and the evidence says {evidence.family}")
        problem = _chance(policy, evidence, where, column, relation, counts)
        if problem:
            return Recheck("refuted", problem)
        parts = shares(policy, relation, counts, where, column)
    again = {
        name: {group: [[s.rows, s.positive, s.selected, s.right] for s in pair] for group, pair in own.items()}
        for name, own in parts.items()
    }
    return CONFIRMED if again == claimed["groups"] else Recheck("refuted", "the groups have other rows with the slice or without")


def _one_outcome(part: Mapping[str, Any], columns: Mapping[str, Column], relation: Relation, counts: Counts) -> str:
    where = Slice.from_json(part["slice"])
    if part["outcome"] not in (0, 1):
        return f"there is no outcome {part['outcome']}"
    if where.column not in columns:
        return f"the table has no column `{where.column}`"
    rows, hits = counts_of(relation, counts, where, columns[where.column])
    if rows != part["rows"] or hits != (rows if part["outcome"] else 0):
        return f"of {rows} rows of the slice by `{where.column}` {hits} have a positive outcome"
    return ""


def _chance(  # noqa: PLR0917 - a claim, and all that it is about
    policy: Policy, evidence: Estimate, where: Slice, column: Column, relation: Relation, counts: Counts
) -> str:
    claimed = evidence.counts
    rows, outcome = claimed["rows"], claimed["outcome"]
    whole, hits = claimed["whole"]
    logs = [_alike(rows, whole, hits if outcome else whole - hits)]
    if claimed["around"] is not None:
        low, high = claimed["around"]
        n, k = counts_of(relation, counts, Slice(column=where.column, low=low, high=high), column)
        other = n - k if outcome else k
        if not all(counts_of(relation, counts, Slice(column=where.column, low=end, high=end), column)[0] for end in (low, high)):
            return "no row is where the rows beside the slice are said to end"
        if where.low is None or where.high is None or not (low <= where.low and where.high <= high):
            return "the rows beside the slice are not beside it"
        if [other, n - rows] != claimed["beside"]:
            return f"of {n - rows} rows beside the slice {other} have the other outcome"
        logs.append(_alike(rows, n, n - other))
    elif where.low is not None:
        return "the rows beside the slice are not named"
    log10 = min(0.0, (max(logs) + math.log(evidence.family)) / math.log(10))
    if abs(log10 - claimed["log10"]) > _NEAR * max(1.0, abs(log10)):
        return f"the probability is 10 to the power {log10:.3f}"
    written = max(10 ** claimed["log10"], 5e-324)  # the smallest number that can be written, where it is less
    if evidence.low is not None or not all(math.isclose(one or 0.0, written) for one in (evidence.value, evidence.high)):
        return "the bound is another than the probability"
    return "" if log10 < math.log10(policy.alpha) else "chance may be the reason"


def _alike(drawn: int, rows: int, same: int) -> float:
    """Logarithm of the probability that `drawn` of `rows` rows all are among the `same`: factor by factor."""
    if drawn > same:
        return -math.inf
    # Of the two equal products, (same)_drawn / (rows)_drawn and (rows - drawn)_other / (rows)_other, the shorter one.
    other = rows - same
    if drawn <= other:
        return math.fsum(math.log((same - i) / (rows - i)) for i in range(drawn))
    return math.fsum(math.log((rows - drawn - i) / (rows - i)) for i in range(other))
