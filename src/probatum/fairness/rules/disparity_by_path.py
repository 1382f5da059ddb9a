"""A part of a disparity that goes through something is larger than the policy allows.

## What it finds
A disparity between two groups of which a part, such as what would go if both
met hospitals alike, is beyond the policy's bound whatever chance did, given the
causal graph that the policy draws.

## Why it matters
What a disparity goes through says where it can be ended, and by whom.

## Evidence
`Estimate`: the part with its interval (from the influence function of a doubly
robust estimator, or of weighting), the graph's adjustment, and what the
interval was computed from.

## Not found
Whether the graph is right. What it says is not measured is not guessed: such a
requirement stays undecided. Parts by rules that need no graph: see
`probatum fairness decompose`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from probatum.evidence import Estimate
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.causal import CausalRequirement, Estimator, Part
from probatum.fairness.rules._tables import relation_of
from probatum.fairness.semantics.paths import Adjustment
from probatum.fairness.semantics.relation import Relation
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.tools import Tools

RULE = "fairness/disparity-by-path"

MOST_UNSUPPORTED = 0.05  # of group 0, left out because group 1 never has their value of the mediator


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a verdict for each causal requirement."""
    wanted = policy.of_kind(CausalRequirement)
    if not wanted:
        return
    with relation_of(policy, tools) as relation:
        for required in wanted:
            yield _verdict(policy, required, relation, tools)
            tools.deadline.check()


def _undecided(policy: Policy, required: CausalRequirement, why: Why, reason: str, notes: tuple[str, ...] = ()) -> Undecided:
    return Undecided(
        rule=RULE,
        subject=f"{policy.subject}: {required.id}",
        location=required.location,
        why=why,
        reason=reason,
        anchor=(required.id,),
        assumptions=notes,
    )


def _verdict(policy: Policy, required: CausalRequirement, relation: Relation, tools: Tools) -> Outcome:
    from probatum.fairness.model.causal.division import FOLDS, divide, sets_of, unusable
    from probatum.fairness.semantics.causal_rows import rows_of

    sets = sets_of(required, conditioned(policy, required))
    for adjusted in sets.values():
        if adjusted.problem:
            return _undecided(policy, required, Why.UNSUPPORTED, adjusted.problem)
    from probatum.fairness.semantics.unknown import lacking, reason

    lost = lacking(policy, relation, (required.group,))
    if lost:
        return _undecided(policy, required, Why.UNSUPPORTED, reason(lost, (required.group,)))
    names = {name for adjusted in sets.values() for one in adjusted.sets for name in one}
    rows = rows_of(policy, required, sorted(names), relation)
    tools.deadline.check()
    ones = int(rows.group.sum())
    size, zeros = len(rows.outcome), len(rows.outcome) - ones
    notes = notes_of(policy, required, sets, rows.incomplete, rows.unsupported)
    least = max(policy.min_cell, 2 * FOLDS)
    for side, count in ((required.of, ones), (required.against, zeros)):
        if count < least:
            return _undecided(
                policy,
                required,
                Why.TOO_FEW_SAMPLES,
                f"`{side}` has {count} complete rows, and at least {least} are needed",
                notes,
            )
    if rows.clusters is not None and len(set(rows.clusters.tolist())) < least:
        return _undecided(
            policy,
            required,
            Why.TOO_FEW_SAMPLES,
            f"fewer than {least} clusters `{policy.decision.cluster or policy.decision.unit}`",
            notes,
        )
    if sum(rows.unsupported) > MOST_UNSUPPORTED * (zeros + sum(rows.unsupported)):
        return _undecided(
            policy,
            required,
            Why.UNSUPPORTED,
            f"{sum(rows.unsupported):,} rows of `{required.against}` have values of the mediator that `{required.of}` never has",
            notes,
        )
    confidence = 1 - policy.alpha
    division = divide(required, rows, sets, seed=0, confidence=confidence)
    if problem := unusable(division, rows):
        return _undecided(policy, required, Why.UNSUPPORTED, problem, notes)
    part = getattr(division.parts, required.part.value)
    low, high = part.interval(confidence)
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return _undecided(policy, required, Why.TOO_FEW_SAMPLES, "the outcome does not vary enough for an interval", notes)
    verdict = "violated" if low > required.bound or high < -required.bound else "open"
    verdict = "satisfied" if -required.bound <= low and high <= required.bound else verdict
    needed = 0
    if verdict == "open":
        # What would decide if the estimate stayed: half the interval shrinks with the root of the rows.
        margin = abs(abs(part.value) - required.bound)
        needed = math.ceil(size * ((high - low) / 2 / margin) ** 2) if margin > 0 else 0
        more = f"; about {needed:,} rows would decide" if 0 < needed < 10**9 else ""
        return _undecided(
            policy,
            required,
            Why.TOO_FEW_SAMPLES,
            f"{phrase(required)} is between {low:.2%} and {high:.2%} of {size:,} rows{more}"
            if _binary(rows.outcome)
            else f"{phrase(required)} is between {low:.4g} and {high:.4g} of {size:,} rows{more}",
            notes,
        )
    strength = division.e_values[required.part.value]
    evidence = Estimate(
        method="fairness/disparity-by-path/1",
        quantity=f"{phrase(required)}, `{required.of}` less `{required.against}`",
        value=part.value,
        low=low,
        high=high,
        confidence=confidence,
        seed=0,
        counts={
            "requirement": required.id,
            "part": required.part.value,
            "verdict": verdict,
            "estimator": required.estimator.value,
            "folds": FOLDS,
            "rows": [ones, zeros],
            "adjusted": [list(one) for one in sets[required.through].sets],
            "parts": {name.value: getattr(division.parts, name.value).value for name in Part},
            "waterfall": [[name.value, getattr(division.parts, name.value).value] for name in Part],
            "crude": division.parts.crude.value,
            "effective_rows": division.parts.overlap.effective,
            "largest_weight": division.parts.overlap.largest,
            "e_value": None if strength is None else [strength.point, strength.limit],
            "robustness": None if division.robustness is None else division.robustness.value(),
        },
        sampling="rows of the table",
    )
    return _outcome(policy, required, evidence, notes, percent=_binary(rows.outcome))


def conditioned(policy: Policy, required: CausalRequirement) -> tuple[str, ...]:
    """Names of nodes of whose columns the policy's table holds only some values."""
    return tuple(
        name
        for name, variable in required.graph.variables.items()
        if variable.column in policy.decision.where and name != required.group
    )


def _binary(outcome: object) -> bool:
    return bool(((outcome == 0) | (outcome == 1)).all())  # type: ignore[attr-defined]  # an array, whose library is loaded late


def phrase(required: CausalRequirement) -> str:
    """Return what a part is called: in messages, and in what is shown."""
    by = " and ".join(f"`{name}`" for name in required.through)
    match required.part:
        case Part.INITIAL:
            return f"the disparity in `{required.outcome}`"
        case Part.REDUCTION:
            return f"the disparity in `{required.outcome}` through {by}"
        case Part.REMAINING:
            return f"the disparity in `{required.outcome}` not through {by}"


def notes_of(
    policy: Policy,
    required: CausalRequirement,
    sets: Mapping[tuple[str, ...], Adjustment],
    incomplete: int,
    unsupported: tuple[int, ...],
) -> tuple[str, ...]:
    """Return what the verdict rests on."""
    notes = ["the causal graph of the policy is right", *sets[required.through].notes]
    baseline = ", ".join(f"`{name}`" for name in required.allow)
    notes.append(f"groups are compared given {baseline}" if baseline else "groups are compared as they are")
    cluster = policy.decision.cluster or policy.decision.unit
    rows = f"rows of different `{cluster}`" if cluster else "rows"
    notes.append(f"{rows} are independent")
    if required.estimator is Estimator.DOUBLY_ROBUST:
        notes.append(
            "of the regressions of the outcome, of the mediator in each group and of the group, at most one is badly wrong"
        )
    else:
        notes.append("the regressions of the mediator and of the group are about right")
    if incomplete:
        notes.append(f"{incomplete:,} rows with a missing value are left out")
    notes += [
        f"{count:,} rows of `{required.against}` are left out whose `{name}` never occurs in `{required.of}`"
        for name, count in zip(required.through, unsupported, strict=True)
        if count
    ]
    if policy.protected[required.group].proxy:
        notes.append(f"`{required.group}` is guessed from something else, and taken for true")
    return tuple(notes)


def _outcome(
    policy: Policy, required: CausalRequirement, evidence: Estimate, notes: tuple[str, ...], *, percent: bool
) -> Outcome:
    assert evidence.low is not None  # noqa: S101 - both ends were finite
    assert evidence.high is not None  # noqa: S101 - both ends were finite

    def shown(number: float) -> str:
        return f"{number:.2%}" if percent else f"{number:.4g}"

    sure = f"{evidence.confidence:.0%}"
    ones, zeros = evidence.counts["rows"]
    subject = f"{policy.subject}: {required.id}"
    if evidence.counts["verdict"] == "satisfied":
        most = max(abs(evidence.low), abs(evidence.high))
        return Cleared(
            rule=RULE,
            subject=subject,
            location=required.location,
            message=f"{phrase(required)} is at most {shown(most)} ({sure}, n={ones + zeros:,})",
            strength=Strength.STATISTICAL,
            evidence=evidence,
            assumptions=notes,
            anchor=(required.id,),
        )
    more, less = (required.of, required.against) if evidence.value > 0 else (required.against, required.of)
    least = min(abs(evidence.low), abs(evidence.high))
    return Finding(
        rule=RULE,
        subject=subject,
        location=required.location,
        message=f"{phrase(required)} is at least {shown(least)} more for `{more}` than `{less}` ({sure}, n={ones + zeros:,})",
        evidence=evidence,
        cause=f"by the policy's graph, more goes this way than `{required.id}` allows ({required.bound:g})",
        anchor=(required.id,),
        assumptions=notes,
    )
