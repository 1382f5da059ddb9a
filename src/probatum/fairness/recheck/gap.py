"""A gap between groups: are the counts those of the table, and do the bounds follow from them?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.group import Compare, GroupRequirement, family
from probatum.fairness.recheck import apart
from probatum.fairness.semantics.decisions import count
from probatum.fairness.semantics.metrics import RATES
from probatum.fairness.semantics.relation import opened
from probatum.fairness.semantics.samples import Sample, Stratum, strata
from probatum.source import DATA, Source

_EXACT = 1e-9  # relative: sums of weights in another order


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute a gap."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "a gap is an estimate")
    claimed = evidence.counts
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    required = next((r for r in policy.of_kind(GroupRequirement) if r.id == claimed["requirement"]), None)
    if required is None:
        return Recheck("refuted", f"the policy has no requirement `{claimed['requirement']}`")
    over = tuple(claimed["over"])
    if claimed["metric"] not in required.metrics or claimed["compare"] != required.compare.value or over not in required.over:
        return Recheck("refuted", f"`{required.id}` does not require that")
    if not _follows(claimed["verdict"], evidence, required):
        return Recheck("refuted", f"the bounds do not say that `{required.id}` is {claimed['verdict']}")
    with opened(source) as relation:
        cube = count(policy, relation, given=required.given).cube
        counted = strata(policy, relation, cube, RATES[claimed["metric"]], over=over, given=required.given)
    compared = [_large_enough(stratum, policy.min_cell) for stratum in counted]
    compared = [stratum for stratum in compared if len(stratum.groups) >= 2]
    wrong = _other_counts(compared, claimed["strata"]) or _wrong_value(compared, evidence, required.compare)
    if wrong:
        return Recheck("refuted", wrong)
    ends = (evidence.low, evidence.high) if required.compare is Compare.DIFFERENCE else (evidence.high, evidence.low)
    for end, found in zip(ends, (claimed["least"], claimed["most"]), strict=True):
        if found["value"] != end or not 0 <= found.get("stratum", 0) < len(compared):
            return Recheck("refuted", "a bound is another than the one that is shown")
    claims = family(required)
    if claimed["claims"] != claims or evidence.family != claims * sum(len(stratum.groups) for stratum in compared):
        return Recheck("refuted", "the policy makes another number of comparisons")
    error = policy.alpha / claims / len(compared)
    if not _at_least(compared, evidence, required.compare, error):
        return Recheck("refuted", "it does not follow from the counts that groups are so far apart")
    if not _at_most(compared, evidence, required.compare, policy.alpha):
        return Recheck("refuted", "it does not follow from the counts that groups are no further apart")
    return CONFIRMED


def _follows(verdict: str, evidence: Estimate, required: GroupRequirement) -> bool:
    if evidence.low is None or evidence.high is None:
        return False
    difference = required.compare is Compare.DIFFERENCE
    if verdict == "violated":
        return evidence.low > required.bound if difference else evidence.high < required.bound
    return verdict == "satisfied" and (evidence.high <= required.bound if difference else evidence.low >= required.bound)


def _large_enough(stratum: Stratum, least: int) -> Stratum:
    own = {name: sample for name, sample in stratum.groups.items() if sample.rows >= least}
    return Stratum(where=stratum.where, groups=own, unknown=stratum.unknown, shared=stratum.shared)


def _other_counts(compared: list[Stratum], claimed: list[Mapping[str, Any]]) -> str:
    """Return how the counts differ from those of the table; nothing if they do not."""
    if [dict(stratum.where) for stratum in compared] != [one["where"] for one in claimed]:
        return "the evidence is about other strata than the table has"
    for stratum, one in zip(compared, claimed, strict=True):
        if set(stratum.groups) != set(one["groups"]) or stratum.shared != one["shared"]:
            return "the evidence is about other groups than the table has"
        if not _same(one["unknown"], stratum.unknown):
            return f"what is not known of the group are {stratum.unknown}, and the evidence says {one['unknown']}"
        for name, sample in stratum.groups.items():
            own = (sample.hits, sample.trials, sample.mass, sample.degrees)
            told = one["groups"][name]
            if not _same(told, own[: len(told)]) or len(told) != (4 if sample.degrees else 2):
                return f"`{name}` has {sample.hits:g} of {sample.trials:g}, and the evidence says {told}"
    return ""


def _same(told: Any, own: tuple[float, ...]) -> bool:
    return len(told) == len(own) and all(abs(a - b) <= _EXACT * max(1.0, abs(b)) for a, b in zip(told, own, strict=True))


def _wrong_value(compared: list[Stratum], evidence: Estimate, compare: Compare) -> str:
    gaps = []
    for stratum in compared:
        rates = [sample.hits / sample.trials for sample in stratum.groups.values()]
        high, low = max(rates), min(rates)
        gaps.append(high - low if compare is Compare.DIFFERENCE else low / high if high else 1.0)
    value = max(gaps) if compare is Compare.DIFFERENCE else min(gaps)
    return (
        ""
        if abs(value - evidence.value) <= _EXACT
        else f"the gap that was seen is {value:g}, and the evidence says {evidence.value:g}"
    )


def _rows(stratum: Stratum, levels: Mapping[str, float | None]) -> dict[str, list[float]]:
    """Return hits, trials, and what may belong to the group besides; fewer where variances are estimated (Korn and Graubard)."""
    from scipy.special import ndtr, stdtrit

    z = min(float(levels[name] or 0.0) for name in ("pairs", "alone") if levels[name] is not None)

    def of(sample: Sample) -> list[float]:
        known = float((z / stdtrit(sample.degrees, ndtr(-z))) ** 2) if sample.degrees else 1.0
        unknown = [mass * sample.trials * known / sample.mass for mass in stratum.unknown]
        return [sample.hits * known, sample.trials * known, *unknown]

    return {name: of(sample) for name, sample in stratum.groups.items()}


def _at_least(compared: list[Stratum], evidence: Estimate, compare: Compare, error: float) -> bool:
    """Whether some pair, or a group and all others, are at least so far apart."""
    found = evidence.counts["least"]
    by = evidence.low if compare is Compare.DIFFERENCE else evidence.high
    if by is None or not 0 <= by <= 1:
        return False
    if by == (0.0 if compare is Compare.DIFFERENCE else 1.0):
        return bool(found["stratum"] == 0)  # nothing is claimed, of the first as of any other
    stratum, levels = compared[found["stratum"]], found["levels"]
    if apart.too_likely(levels, len(stratum.groups), independent=not stratum.shared) > error * (1 + 1e-6):
        return False
    rows = _rows(stratum, levels)
    sides = []
    for name, other in (found["pair"], found["pair"][::-1]):
        if name is not None:
            sides.append(rows[name])
            continue
        rest = [row for key, row in rows.items() if key != other]
        sides.append(
            [*(sum(row[at] for row in rest) for at in (0, 1)), *(max(row[at] for row in rows.values()) for at in (2, 3))]
        )
    if found["pair"][0] == found["pair"][1]:
        return False
    more, less = (apart.table([side]) for side in sides)
    key = "others" if None in found["pair"] else "pairs"
    if compare is Compare.DIFFERENCE:
        return apart.apart(more, less, by, ratio=False, levels=levels, key=key)
    return by > 0 and apart.apart(more, less, 1 / by, ratio=True, levels=levels, key=key)


def _at_most(compared: list[Stratum], evidence: Estimate, compare: Compare, error: float) -> bool:
    """Whether no pair is further apart: each pair is tried at the whole probability of error (intersection-union)."""
    levels = evidence.counts["most"]["levels"]
    ratio = compare is Compare.RATIO
    by = evidence.low if ratio else evidence.high
    if by is None or apart.too_likely_for_a_pair(levels) > error * (1 + 1e-6):
        return False
    for stratum in compared:
        rows = apart.table(list(_rows(stratum, levels).values()))
        if levels["pairs"] is None:
            if not apart.within(rows, by, ratio=ratio, levels=levels):
                return False
            continue
        order = [(a, b) for a in range(len(rows)) for b in range(len(rows)) if a != b]
        more, less = rows[[b for _, b in order]], rows[[a for a, _ in order]]
        if not apart.apart(more, less, by if ratio else -by, ratio=ratio, levels=levels, key="pairs"):
            return False
    return True
