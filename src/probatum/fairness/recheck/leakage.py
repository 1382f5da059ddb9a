"""A leak: does the feature rank outcomes so well, and are the rows as many?"""

from __future__ import annotations

import math
from collections.abc import Mapping

from probatum.evidence import CONFIRMED, Counterexample, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.semantics.leaks import in_both, known_too_late, pairs
from probatum.fairness.semantics.relation import opened
from probatum.fairness.semantics.slices import outcomes, searched
from probatum.source import DATA, Source

_NEAR = 1e-9


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute a leak."""
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    prepared = policy.preparation
    if prepared is None:
        return Recheck("refuted", "the policy says nothing of the preparation")
    if isinstance(evidence, Estimate):
        return _telling(policy, evidence, source)
    if not isinstance(evidence, Counterexample):
        return Recheck("refuted", "a leak is an estimate or a counterexample")
    given = evidence.given
    if given["what"] == "threshold":
        same = prepared.threshold_from == prepared.test == given["split"]
        return CONFIRMED if same else Recheck("refuted", "the threshold was chosen on other rows")
    with opened(source) as relation:
        if given["what"] == "late":
            if given["feature"] not in prepared.known_at:
                return Recheck("refuted", "the policy does not say when the feature was known")
            found = known_too_late(policy, relation, given["feature"])
            true = found == (given["late"], given["both"]) and found[0] > 0
        else:
            if given["what"] == "unit" and given["by"] != [policy.decision.unit]:
                return Recheck("refuted", "people are named by another column")
            if not prepared.split or not set(given["by"]) <= set(relation.columns) - {prepared.split}:
                return Recheck("refuted", "the table has no such columns")
            counted = in_both(policy, relation, given["by"])
            true = all(counted[name] == given[name] for name in counted) and counted["shared"] > 0
    return CONFIRMED if true else Recheck("refuted", "the table has other rows")


def _telling(policy: Policy, evidence: Estimate, source: Source) -> Recheck:
    claimed = evidence.counts
    if policy.preparation is None or claimed["column"] not in policy.preparation.features:
        return Recheck("refuted", f"`{claimed['column']}` is not a feature")
    with opened(source) as relation:
        columns = searched(policy, relation)
        counts = outcomes(policy, relation)
        above, positive, negative = pairs(relation, counts, columns[claimed["column"]])
    if (above, positive, negative) != (claimed["above"], claimed["positive"], claimed["negative"]):
        return Recheck("refuted", f"the column puts {above:g} of {positive * negative} pairs in order")
    share = above / (positive * negative)
    auc = max(share, 1 - share)
    reach = math.sqrt(math.log(4 * evidence.family / policy.alpha) / 2 / min(positive, negative))
    if evidence.family < sum(name in columns for name in policy.preparation.features):
        return Recheck("refuted", "more features were looked at")
    ends = max(0.0, auc - reach), 1.0  # nothing is said of how much less than perfect it is
    if (
        evidence.low is None
        or evidence.high != ends[1]
        or abs(auc - evidence.value) > _NEAR
        or abs(evidence.low - ends[0]) > _NEAR
    ):
        return Recheck("refuted", f"the area is {auc:.6f}, and at least {auc - reach:.6f}")
    return CONFIRMED
