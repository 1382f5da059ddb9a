"""A gap between groups: are the counts those of the table, and does the bound follow from them?"""

from __future__ import annotations

from collections.abc import Mapping

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.group import Compare, GroupRequirement
from probatum.fairness.semantics.decisions import count, groups
from probatum.fairness.semantics.metrics import RATES, Confusion
from probatum.fairness.semantics.relation import opened
from probatum.source import DATA, Source


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute a gap."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "a gap is an estimate")
    claimed = evidence.counts
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    with opened(source) as relation:
        cube = count(policy, relation).cube
    required = next((r for r in policy.of_kind(GroupRequirement) if r.id == claimed["requirement"]), None)
    if required is None:
        return Recheck("refuted", f"the policy has no requirement `{claimed['requirement']}`")
    if claimed["metric"] not in required.metrics or claimed["compare"] != required.compare.value:
        return Recheck("refuted", f"`{required.id}` does not require that")
    if not _follows(claimed["verdict"], evidence, required):
        return Recheck("refuted", f"the bounds do not say that `{required.id}` is {claimed['verdict']}")
    rate = RATES[claimed["metric"]]
    for name, part in groups(cube, tuple(claimed["over"])).items():
        hits, trials = rate.of(Confusion.of(part, rows=True))
        if name in claimed["groups"] and claimed["groups"][name] != [hits, trials]:
            return Recheck("refuted", f"`{name}` has {hits} of {trials}, and the evidence says {claimed['groups'][name]}")
    return CONFIRMED


def _follows(verdict: str, evidence: Estimate, required: GroupRequirement) -> bool:
    if evidence.low is None or evidence.high is None:
        return False
    difference = required.compare is Compare.DIFFERENCE
    if verdict == "violated":
        return evidence.low > required.bound if difference else evidence.high < required.bound
    return evidence.high <= required.bound if difference else evidence.low >= required.bound
