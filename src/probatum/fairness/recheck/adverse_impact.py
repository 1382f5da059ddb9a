"""The four-fifths rule: are the people those of the table, and do ratios, test and interval follow from them?"""

from __future__ import annotations

from collections.abc import Mapping

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.adverse_impact import AdverseImpactRequirement, family
from probatum.fairness.semantics.relation import opened
from probatum.fairness.semantics.selection import individually, selected, shares
from probatum.source import DATA, Source

_NEAR = 1e-6  # relative: probabilities that are computed in another way


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute what the rule says of one attribute."""
    from scipy.stats import beta

    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "a ratio is an estimate")
    told = evidence.counts
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    requirements = policy.of_kind(AdverseImpactRequirement)
    required = next((one for one in requirements if one.id == told["requirement"] and tuple(told["over"]) in one.over), None)
    if required is None:
        return Recheck("refuted", f"the policy does not require `{told['requirement']}` of that")
    with opened(source) as relation:
        if not individually(policy, relation):
            return Recheck("refuted", "rows are not people who are counted alike, each once")
        found = selected(policy, relation, tuple(told["over"]))
    groups, small = shares(found, required.least_share, policy.min_cell)
    if told["groups"] != {k: list(v) for k, v in groups.items()} or told["small"] != {k: list(v) for k, v in small.items()}:
        return Recheck("refuted", "the evidence counts other people than the table has")
    if told["unknown"] != found.unknown or told["claims"] != family(requirements):
        return Recheck("refuted", "the evidence counts other people or claims than there are")
    rates = {name: hits / people for name, (hits, people) in groups.items()}
    best, alpha = max(rates.values()), policy.alpha / family(requirements)
    if rates[told["reference"]] != best or set(told["ratios"]) != set(groups) - {told["reference"]}:
        return Recheck("refuted", f"`{told['reference']}` is not the group with the highest rate")
    hit, all_ = groups[told["reference"]]
    level = alpha / (len(groups) * (len(groups) - 1) / 2)
    found_below = significant = False
    blind = False  # whether the test could not tell of some group
    for name, (hits, people) in groups.items():
        if name == told["reference"]:
            continue
        said, p = told["ratios"][name], _fisher(hits, people, hit, all_)
        if not _near(said["ratio"], rates[name] / best) or not _near(said["p"], p):
            return Recheck("refuted", f"the ratio of `{name}` is {rates[name] / best:g} with p = {p:g}")
        pooled = (hits + hit) / (people + all_)
        spread = (pooled * (1 - pooled) * (1 / people + 1 / all_)) ** 0.5
        if not _near(said["deviations"], (best - rates[name]) / spread if spread else 0.0):
            return Recheck("refuted", f"the rate of `{name}` is another number of standard deviations below the highest")
        # Rates are whole numbers by whole numbers: compared as such where they are equal but for rounding.
        below = hits * all_ < required.at_least * people * hit * (1 - 1e-12)
        found_below |= below
        significant |= below and p <= level * (1 + _NEAR) and name == told["group"]
        blind |= _fisher(0, people, hit, all_) > level * (1 + _NEAR)
    follows = significant if told["verdict"] == "violated" else told["verdict"] == "satisfied" and not found_below and not blind
    if not follows:
        return Recheck("refuted", f"it does not follow from the counts that `{required.id}` is {told['verdict']}")
    tail = alpha / len(groups) / 2
    low = {name: float(beta.ppf(tail, k, n - k + 1)) if k else 0.0 for name, (k, n) in groups.items()}
    high = {name: float(beta.isf(tail, k + 1, n - k)) if k < n else 1.0 for name, (k, n) in groups.items()}
    ends = min(low.values()) / max(high.values()), min(1.0, min(high.values()) / max(low.values())) if max(low.values()) else 1.0
    if evidence.low is None or evidence.high is None or evidence.family != family(requirements) * len(groups):
        return Recheck("refuted", "the interval is not that of the policy")
    if not _near(evidence.low, ends[0]) or not _near(evidence.high, ends[1]):
        return Recheck("refuted", f"the smallest ratio may be between {ends[0]:g} and {ends[1]:g}")
    if not _near(evidence.value, min(rates.values()) / best):
        return Recheck("refuted", f"the smallest ratio is {min(rates.values()) / best:g}")
    return CONFIRMED


def _fisher(hits: int, people: int, others_hits: int, others: int) -> float:
    from scipy.stats import fisher_exact

    table = [[hits, people - hits], [others_hits, others - others_hits]]
    return float(fisher_exact(table)[1])


def _near(said: float, own: float) -> bool:
    return abs(said - own) <= _NEAR * max(abs(own), 1e-300)
