"""A part of a disparity that goes with who is treated is larger than the policy allows.

## What it finds
A disparity between two groups of which a part, such as what comes of treating one of
them less often, is beyond the policy's bound whatever chance did, given the causal
graph that the policy draws (Yu and Elwert's decomposition; with `given`, among people
alike in what makes treatment justified).

## Why it matters
That a group is treated less often, that treatment does less for it, and that those are
treated whom it does least for, are three defects with three owners.

## Evidence
`Estimate`: the part with its interval from the influence function of an estimator that
is right if the model of the outcome or that of the treatment is, all other parts, and
what the graph says must be known.

## Not found
Whether the graph is right. What it says is not measured is not guessed: such a
requirement stays undecided.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from probatum.evidence import Estimate
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.treatment import Part, TreatmentRequirement
from probatum.fairness.rules._tables import relation_of
from probatum.fairness.rules.disparity_by_path import conditioned
from probatum.fairness.semantics.relation import Relation
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.fairness.model.causal.estimates import Influenced

RULE = "fairness/disparity-by-treatment"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a verdict for each requirement about a treatment."""
    wanted = policy.of_kind(TreatmentRequirement)
    if not wanted:
        return
    with relation_of(policy, tools) as relation:
        for required in wanted:
            yield _verdict(policy, required, relation)
            tools.deadline.check()


class _Shown:
    """What of a part is said: which rows, given what, all parts; or why nothing is."""

    def __init__(self, policy: Policy, required: TreatmentRequirement, relation: Relation) -> None:
        from probatum.fairness.model.causal.treatment import parts_of, support
        from probatum.fairness.semantics.causal_rows import rows_of
        from probatum.fairness.semantics.paths import adjustment
        from probatum.fairness.semantics.treatment_rows import treated_rows
        from probatum.fairness.semantics.unknown import lacking, reason

        asked = required.asked
        self.why, self.problem = Why.UNSUPPORTED, ""
        self.parts: Mapping[Part, Influenced] = {}
        self.sides: tuple[int, int] = (0, 0)
        self.treated: tuple[int, int] = (0, 0)
        self.notes: tuple[str, ...] = ()
        self.adjusted: tuple[str, ...] = ()
        self.binary = False
        found = adjustment(
            asked.graph,
            group=asked.group,
            outcome=asked.outcome,
            mediators=asked.through,
            allowed=asked.allow,
            chosen=asked.adjust,
            accepted=asked.accept,
            conditioned=conditioned(policy, asked),
        )
        self.problem = found.problem
        if self.problem:
            return
        lost = lacking(policy, relation, (asked.group,))
        if lost:
            self.problem = reason(lost, (asked.group,))
            return
        self.adjusted = found.sets[0]
        rows = rows_of(policy, asked, self.adjusted, relation)
        sample = treated_rows(required, rows, self.adjusted)
        one = sample.group == 1
        self.sides = (int(one.sum()), int((~one).sum()))
        self.treated = (int(sample.treated[one].sum()), int(sample.treated[~one].sum()))
        self.binary = bool(((sample.outcome == 0) | (sample.outcome == 1)).all())
        self.notes = (*_notes(policy, required, rows.incomplete), *found.notes)
        if any(rows.unsupported):
            self.problem = f"nobody of `{asked.of}` has a value of `{required.treatment}` that others have"
            return
        self.why = Why.TOO_FEW_SAMPLES
        cells = [
            (many, f"{'' if dose else 'not '}treated in `{name}`")
            for name, size, treated in zip((asked.of, asked.against), self.sides, self.treated, strict=True)
            for dose, many in ((1, treated), (0, size - treated))
        ]
        few = next((cell for cell in cells if cell[0] < policy.min_cell), None)
        if few is not None:
            self.problem = f"{few[0]} complete rows are {few[1]}, and {policy.min_cell} are needed"
            return
        if rows.clusters is not None and len(set(rows.clusters.tolist())) < 10:
            self.problem = f"fewer than 10 clusters `{policy.decision.cluster or policy.decision.unit}`"
            return
        self.problem = support(sample).problem
        if self.problem:
            self.why = Why.UNSUPPORTED
            return
        self.parts = parts_of(sample)


def _verdict(policy: Policy, required: TreatmentRequirement, relation: Relation) -> Outcome:
    shown = _Shown(policy, required, relation)
    if shown.problem:
        return _undecided(policy, required, shown.why, shown.problem, shown.notes)
    confidence, asked = 1 - policy.alpha, required.asked
    part = shown.parts[required.part]
    low, high = part.interval(confidence)
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return _undecided(policy, required, Why.TOO_FEW_SAMPLES, "the outcome does not vary enough for an interval", shown.notes)
    size = sum(shown.sides)
    if not (low > required.bound or high < -required.bound or (-required.bound <= low and high <= required.bound)):
        margin = abs(abs(part.value) - required.bound)
        needed = math.ceil(size * ((high - low) / 2 / margin) ** 2) if margin > 0 else 0
        more = f"; about {needed:,} rows would decide" if 0 < needed < 10**9 else ""
        between = f"{low:.2%} and {high:.2%}" if shown.binary else f"{low:.4g} and {high:.4g}"
        reason = f"{phrase(required)} is between {between} of {size:,} rows{more}"
        return _undecided(policy, required, Why.TOO_FEW_SAMPLES, reason, shown.notes)
    verdict = "violated" if low > required.bound or high < -required.bound else "satisfied"
    evidence = Estimate(
        method="fairness/disparity-by-treatment/1",
        quantity=f"{phrase(required)}, `{asked.of}` less `{asked.against}`",
        value=part.value,
        low=low,
        high=high,
        confidence=confidence,
        counts={
            "requirement": required.id,
            "part": required.part.value,
            "verdict": verdict,
            "rows": list(shown.sides),
            "treated": list(shown.treated),
            "adjusted": list(shown.adjusted),
            "parts": {name.value: one.value for name, one in shown.parts.items()},
            "waterfall": [[name.value, one.value] for name, one in shown.parts.items() if name is not Part.REDUCTION],
        },
        sampling="rows of the table",
    )
    return _outcome(policy, required, evidence, shown)


def described(policy: Policy, required: TreatmentRequirement, relation: Relation) -> dict[str, object]:
    """Return every part with its interval as JSON; see `probatum fairness causal`."""
    shown, asked = _Shown(policy, required, relation), required.asked
    confidence = 1 - policy.alpha
    found: dict[str, object] = {
        "id": required.id,
        "of": asked.of,
        "against": asked.against,
        "through": [required.treatment],
        "given": list(required.given),
        "rows": dict(zip((asked.of, asked.against), shown.sides, strict=True)),
        "treated": dict(zip((asked.of, asked.against), shown.treated, strict=True)),
        "assumptions": list(shown.notes),
        "problem": shown.problem,
    }
    if not shown.parts:
        return found
    parts = {}
    for name, part in shown.parts.items():
        low, high = part.interval(confidence)
        parts[name.value] = {"value": part.value, "error": part.error, "low": low, "high": high}
    return found | {"parts": parts}


def phrase(required: TreatmentRequirement) -> str:
    """Return what a part is called: in messages, and in what is shown."""
    gap, by = f"the disparity in `{required.asked.outcome}`", f"`{required.treatment}`"
    of = f"{gap} that comes of"
    match required.part:
        case Part.TOTAL:
            return gap
        case Part.BASELINE:
            return f"{gap} if {by} went to nobody"
        case Part.PREVALENCE:
            return f"{of} who gets {by}"
        case Part.EFFECT:
            return f"{of} what {by} does"
        case Part.SELECTION:
            return f"{of} whom {by} goes to within groups"
        case Part.DISTRIBUTION:
            return f"{of} what justifies {by}"
        case Part.REDUCTION:
            return f"{gap} that would go if {by} went by what justifies it"


def _notes(policy: Policy, required: TreatmentRequirement, incomplete: int) -> Iterator[str]:
    yield "the causal graph of the policy is right"
    if required.given:
        yield f"differences of treatment by {', '.join(f'`{name}`' for name in required.given)} are justified"
    cluster = policy.decision.cluster or policy.decision.unit
    yield f"rows of different `{cluster}` are independent" if cluster else "rows are independent"
    yield "the model of the outcome is right, or that of the treatment; where one is badly wrong, intervals are too short"
    yield "whether one is treated does nothing to others"
    if incomplete:
        yield f"{incomplete:,} rows with a missing value are left out"
    if policy.protected[required.asked.group].proxy:
        yield f"`{required.asked.group}` is guessed from something else, and taken for true"


def _undecided(policy: Policy, required: TreatmentRequirement, why: Why, reason: str, notes: tuple[str, ...]) -> Undecided:
    return Undecided(
        rule=RULE,
        subject=f"{policy.subject}: {required.id}",
        location=required.location,
        why=why,
        reason=reason,
        anchor=(required.id,),
        assumptions=notes,
    )


def _outcome(policy: Policy, required: TreatmentRequirement, evidence: Estimate, shown: _Shown) -> Outcome:
    low, high = evidence.low or 0.0, evidence.high or 0.0

    def amount(number: float) -> str:
        return f"{number:.2%}" if shown.binary else f"{number:.4g}"

    sure, size = f"{evidence.confidence:.0%}", sum(shown.sides)
    subject = f"{policy.subject}: {required.id}"
    if evidence.counts["verdict"] == "satisfied":
        return Cleared(
            rule=RULE,
            subject=subject,
            location=required.location,
            message=f"{phrase(required)} is at most {amount(max(abs(low), abs(high)))} ({sure}, n={size:,})",
            strength=Strength.STATISTICAL,
            evidence=evidence,
            assumptions=shown.notes,
            anchor=(required.id,),
        )
    asked = required.asked
    more, less = (asked.of, asked.against) if evidence.value > 0 else (asked.against, asked.of)
    return Finding(
        rule=RULE,
        subject=subject,
        location=required.location,
        message=f"{phrase(required)} is at least {amount(min(abs(low), abs(high)))} more for `{more}` than `{less}` "
        f"({sure}, n={size:,})",
        evidence=evidence,
        cause=f"by the policy's graph, more goes with `{required.treatment}` than `{required.id}` allows ({required.bound:g})",
        anchor=(required.id,),
        assumptions=shown.notes,
    )
