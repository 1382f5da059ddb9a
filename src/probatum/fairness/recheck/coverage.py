"""Groups and their rows: are they what the table says now?"""

from __future__ import annotations

from collections.abc import Mapping

from probatum.evidence import CONFIRMED, Counterexample, Evidence, Proof, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
from probatum.fairness.semantics.coverage import coverage
from probatum.fairness.semantics.decisions import count
from probatum.fairness.semantics.relation import opened
from probatum.source import DATA, Source


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute that groups have few rows, or that none has."""
    claimed = (
        evidence.given if isinstance(evidence, Counterexample) else evidence.certificate if isinstance(evidence, Proof) else {}
    )
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    required = next((r for r in policy.of_kind(SlicesRequirement) if r.id == claimed["requirement"]), None)
    if required is None:
        return Recheck("refuted", f"the policy has no requirement `{claimed['requirement']}`")
    with opened(source) as relation:
        rows = coverage(policy, count(policy, relation).cube, required.depth)
    wanted = {name: many for name, many in rows.items() if many < policy.min_cell}
    if isinstance(evidence, Proof):
        if wanted or dict(claimed["groups"]) != dict(rows):
            return Recheck("refuted", "the groups do not have these rows")
        return CONFIRMED
    if not claimed["groups"] or dict(claimed["groups"]) != wanted:
        return Recheck("refuted", f"{len(wanted)} groups have fewer than {policy.min_cell} rows, and the evidence names others")
    return CONFIRMED
