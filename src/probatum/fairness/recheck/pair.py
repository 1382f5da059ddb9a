"""A pair of rows whose outputs do not compare as a requirement says: are they there, are they such a pair, and do they differ?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probatum.evidence import CONFIRMED, Counterexample, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.pairs import Must, PairsRequirement
from probatum.fairness.semantics.pairs import Listed, Rows, by_key, kept, listed_kept, listed_pairs, meant, rows_of, words_of
from probatum.fairness.semantics.relation import Relation, opened
from probatum.source import DATA, Source


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute a pair."""
    if not isinstance(evidence, Counterexample):
        return Recheck("refuted", "a pair is a counterexample")
    claim = evidence.given["claim"]
    required = next((r for r in policy.of_kind(PairsRequirement) if r.id == claim["requirement"]), None)
    if required is None or required.at_most > 0:
        return Recheck("refuted", f"the policy does not require that no pair breaks `{claim['requirement']}`")
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    with opened(source) as relation:
        rows = rows_of(policy, required, relation)
        if required.pattern is None:
            return _listed(policy, required, claim, evidence, rows=rows, relation=relation, inputs=inputs)
    i, j = claim["rows"]
    if not (0 <= i < len(rows.rows) and 0 <= j < len(rows.rows) and i != j):
        return Recheck("refuted", f"the table has no rows {i + 1} and {j + 1}")
    one, other = rows.rows[i], rows.rows[j]
    for told, row in ((evidence.given["left"], one), (evidence.given["right"], other)):
        names, values = (*rows.same, *rows.apart, *rows.numbers), (*row.same, *row.apart, *row.numbers)
        if told != dict(zip(names, values, strict=True)) | {"output": row.output}:
            return Recheck("refuted", "a row of the table is not what the evidence says")
    if one.output is None or other.output is None or not meant(required.pattern, rows, one, other):
        return Recheck("refuted", f"the rows are no pair that `{required.id}` means")
    if kept(required.pattern.must, required.pattern.value, one.output, other.output):
        return Recheck("refuted", f"the outputs compare as `{required.id}` says")
    return CONFIRMED


def _listed(
    policy: Policy,
    required: PairsRequirement,
    claim: Mapping[str, Any],
    evidence: Counterexample,
    *,
    rows: Rows,
    relation: Relation,
    inputs: Mapping[str, Source],
) -> Recheck:
    file = inputs.get(DATA + (beside(policy.location.path, required.file) or ""))
    if file is None:
        return Recheck("cannot", f"the file of pairs `{required.file}` is not there")
    known = by_key(rows, required, relation)
    left, right = evidence.given["left"], evidence.given["right"]
    pair = Listed(left[required.key], right.get(required.key), Must(claim["must"]), claim["low"], claim["high"])
    with opened(file) as listed:
        if pair not in set(listed_pairs(listed, required, words_of(policy, required, relation))):
            return Recheck("refuted", f"`{required.file}` lists no such pair")
    one = known[pair.left].output
    other = known[pair.right].output if pair.right is not None else None
    if one is None or (pair.right is not None and other is None) or left["output"] != one or right.get("output") != other:
        return Recheck("refuted", "the outputs of the table are not those of the evidence")
    return Recheck("refuted", "the outputs compare as they must") if listed_kept(pair, one, other) else CONFIRMED
