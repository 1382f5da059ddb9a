"""A stage that fails, or does not: counted turn by turn, and the bounds put into Hoeffding's inequality."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping

from probatum.dialogue.artefacts import Policy
from probatum.dialogue.artefacts.requirements.stage_fails import StageFailsRequirement
from probatum.dialogue.semantics.conversations import opened
from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.source import Source

_NEAR = 1e-9


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute in which share of turns a stage failed."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "how often a stage fails is an estimate")
    counts = evidence.counts
    requirement = next((r for r in policy.of_kind(StageFailsRequirement) if r.id == counts["requirement"]), None)
    if requirement is None or requirement.stage not in ("", counts["stage"]):
        return Recheck("refuted", "the policy does not require it")
    failed: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    stages: set[str] = set()
    turns = 0
    with opened(policy, inputs) as conversations:
        for batch in conversations.stream(
            "select coalesce(user_id, conversation_id) as unit, stages from {turns} where len(stages) > 0"
        ):
            for row in batch:
                for stage in row["stages"]:
                    if stage["ok"] is None and not stage["code"]:
                        continue
                    stages.add(stage["name"])
                    if stage["name"] == counts["stage"]:
                        turns += 1
                        own = failed[row["unit"]]
                        own[0] += stage["ok"] is False or bool(stage["code"])
                        own[1] += 1
    total = math.fsum(bad / every for bad, every in failed.values())
    if (len(failed), turns) != (counts["units"], counts["turns"]) or abs(total - counts["total"]) > 1e-6:
        return Recheck("refuted", f"it is told of by {len(failed)} in {turns} turns, and failed for {total:.6f}")
    mean = total / len(failed)
    family = 1 if requirement.stage else len(stages)
    if abs(mean - evidence.value) > _NEAR or evidence.family != family or abs(evidence.confidence - (1 - policy.alpha)) > _NEAR:
        return Recheck("refuted", f"the mean is {mean:.6f}, for {family} stages together")
    if evidence.low is None or evidence.high is None or not 0 <= evidence.low <= mean <= evidence.high <= 1:
        return Recheck("refuted", "the bounds are not beside the mean")
    if evidence.low <= requirement.bound < evidence.high:
        return Recheck("refuted", "the bounds do not show what is claimed")
    needed = math.log(2 * family / policy.alpha) - 1e-6
    for end in (evidence.low, evidence.high):
        d = sum(p * math.log(p / q) for p, q in ((mean, end), (1 - mean, 1 - end)) if p > 0 and 0 < end < 1)
        if 0 < end < 1 and len(failed) * d < needed:
            return Recheck("refuted", f"the bound {end:.6f} is too near to the mean")
    return CONFIRMED
