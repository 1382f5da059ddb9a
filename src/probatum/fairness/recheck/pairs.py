"""A share of pairs that break a requirement: are the pairs such pairs, are the counts right, and does the bound follow?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.pairs import PairsRequirement
from probatum.fairness.semantics.pairs import by_key, kept, listed_kept, listed_pairs, meant, rows_of, words_of
from probatum.fairness.semantics.relation import opened
from probatum.source import DATA, Source
from probatum.stats import recheck as bounds


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute a share of pairs."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "a share of pairs is an estimate")
    claimed = evidence.counts
    required = next((r for r in policy.of_kind(PairsRequirement) if r.id == claimed["requirement"]), None)
    if required is None:
        return Recheck("refuted", f"the policy has no requirement `{claimed['requirement']}`")
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    if evidence.low is None or evidence.high is None or evidence.confidence < 1 - min(0.5, 2 * policy.alpha) - 1e-12:
        return Recheck("refuted", "the bound does not hold with the confidence that the policy asks for")
    limit = required.at_most
    if not (evidence.low > limit if claimed["verdict"] == "violated" else evidence.high <= limit):
        return Recheck("refuted", f"the bounds do not say that `{required.id}` is {claimed['verdict']}")
    if required.pattern is None:
        counted = _of_file(policy, required, source, inputs)
    else:
        counted = _of_pattern(policy, required, source, claimed["chosen"])
    if isinstance(counted, Recheck):
        return counted
    if counted != (claimed["successes"], claimed["trials"]):
        return Recheck(
            "refuted", f"{counted[0]} of {counted[1]} pairs break `{required.id}`, which is not what the evidence says"
        )
    plain = {"successes": counted[0], "trials": counted[1]}
    return bounds.recheck(replace(evidence, method="stats/clopper-pearson/1", counts=plain)) if counted[1] else CONFIRMED


def _of_pattern(policy: Policy, required: PairsRequirement, source: Source, chosen: list[list[int]]) -> tuple[int, int] | Recheck:
    with opened(source) as relation:
        rows = rows_of(policy, required, relation)
    pattern = required.pattern
    used = [number for pair in chosen for number in pair]
    if pattern is None or len(set(used)) != len(used) or not all(0 <= number < len(rows.rows) for number in used):
        return Recheck("refuted", "a row is in two of the pairs, or not in the table")
    broken = 0
    for i, j in chosen:
        one, other = rows.rows[i], rows.rows[j]
        if one.output is None or other.output is None or not meant(pattern, rows, one, other):
            return Recheck("refuted", f"rows {i + 1} and {j + 1} are no pair that `{required.id}` means")
        broken += not kept(pattern.must, pattern.value, one.output, other.output)
    return broken, len(chosen)


def _of_file(
    policy: Policy, required: PairsRequirement, source: Source, inputs: Mapping[str, Source]
) -> tuple[int, int] | Recheck:
    file = inputs.get(DATA + (beside(policy.location.path, required.file) or ""))
    if file is None:
        return Recheck("cannot", f"the file of pairs `{required.file}` is not there")
    with opened(source) as relation:
        known = by_key(rows_of(policy, required, relation), required, relation)
        words = words_of(policy, required, relation)
    broken = judged = 0
    with opened(file) as listed:
        for pair in listed_pairs(listed, required, words):
            outputs = [known[k].output if k in known else None for k in (pair.left, pair.right) if k is not None]
            if None not in outputs:
                judged += 1
                first = outputs[0]
                second = outputs[1] if len(outputs) > 1 else None
                broken += first is not None and not listed_kept(pair, first, second)
    return broken, judged
