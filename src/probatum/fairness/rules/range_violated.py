"""In a range of inputs, errors or gaps between groups are larger than the policy allows.

## What it finds
A box of inputs (age from 18 to below 25, and two priors or more) in which the error
rate, or the gap of a rate between groups, is above its bound, whatever chance did.
Boxes are found in one half of the people and tested in the other.

## Why it matters
A system that is good enough on the whole is used for those for whom it is not.

## Evidence
`Estimate`: the rate or the gap in the box, with a bound that holds for all boxes and
bounds that were tested together, and all counts of the testing half.

## Not found
Breaches in parts of a box that are not boxes of their own; in inputs outside the range
of the data, where nothing is said at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from probatum.evidence import Estimate
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.ranges import RangesRequirement
from probatum.fairness.rules._tables import relation_of
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.fairness.model.ranges import Ranges, Tested

RULE = "fairness/range-violated"
_SHOWN = 20  # boxes with a breach that are reported, those of the most rows first


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield what is shown of the boxes of each requirement."""
    wanted = policy.of_kind(RangesRequirement)
    if not wanted:
        return
    from probatum.fairness.model.ranges import ranges_of

    with relation_of(policy, tools) as relation:
        for required in wanted:
            tools.deadline.check()
            yield from _outcomes(policy, required, ranges_of(policy, required, relation))


def _outcomes(policy: Policy, required: RangesRequirement, found: Ranges) -> Iterator[Outcome]:
    from probatum.fairness.model.ranges import BROKEN, CERTIFIED, bound_of, rows_of
    from probatum.fairness.semantics.ranges import said

    where: dict[str, Any] = {"rule": RULE, "subject": policy.subject, "location": required.location}
    cluster = policy.decision.cluster or policy.decision.unit
    assumptions = (
        f"rows with different `{cluster}` are independent, and one of each counts in a box"
        if cluster
        else "rows are independent",
        "nothing is said of inputs outside the range of the data" + (f" ({found.outside:,} rows)" if found.outside else ""),
        *(
            (f"groups with fewer than {policy.min_cell} rows in a box are not compared there",)
            if required.gap_at_most is not None
            else ()
        ),
    )
    sure = f"{1 - policy.alpha:.0%}"
    broken = sorted(
        (n for n, box in enumerate(found.boxes) if box.verdict == BROKEN), key=lambda n: -rows_of(found.boxes[n].counts)
    )
    for n in broken[:_SHOWN]:
        box = found.boxes[n]
        for claim, _ in box.broken:
            low, bound = _ends(box, claim)[0], bound_of(required, claim)
            yield Finding(
                **where,
                message=f"where {said(box.sides)}, {_title(required, claim)} is at least {low:.1%} "
                f"({sure}; {rows_of(box.counts):,} rows)",
                evidence=_evidence(policy, required, found, n, claim),
                cause=f"`{required.id}` allows {bound:g}",
                anchor=(required.id, claim, said(box.sides)),
                assumptions=assumptions,
            )
    if broken:
        return
    if found.boxes and all(box.verdict == CERTIFIED for box in found.boxes):
        each = [f"{_title(required, claim)} is at most {bound_of(required, claim):g}" for claim in found.claims]
        yield Cleared(
            **where,
            message=f"in each of {len(found.boxes)} boxes of inputs, {' and '.join(each)} ({sure}; {found.rows:,} rows)",
            strength=Strength.STATISTICAL,
            evidence=_all_certified(policy, required, found),
            assumptions=assumptions,
            anchor=(required.id,),
        )
        return
    unknown = max((box for box in found.boxes if box.verdict != CERTIFIED), key=lambda box: rows_of(box.counts))
    many = sum(box.verdict != CERTIFIED for box in found.boxes)
    need = f"; about {unknown.needed:,} rows in the testing half would decide" if unknown.needed else ""
    yield Undecided(
        **where,
        why=Why.TOO_FEW_SAMPLES,
        reason=f"{many} of {len(found.boxes)} boxes are neither certified nor shown to break a bound: where {said(unknown.sides)} "
        f"({rows_of(unknown.counts):,} rows){need}",
        assumptions=assumptions,
        anchor=(required.id,),
    )


def _title(required: RangesRequirement, claim: str) -> str:
    from probatum.fairness.model.ranges import ERROR
    from probatum.fairness.semantics.items import TITLES

    return "the error rate" if claim == ERROR else f"the gap of the {TITLES[required.metric]} by {claim.removeprefix('gap:')}"


def _ends(box: Tested, claim: str) -> tuple[float, float]:
    from probatum.fairness.model.ranges import ERROR

    return box.error if claim == ERROR else box.gaps[claim]


def _seen(box: Tested, claim: str) -> float:
    from probatum.fairness.model.ranges import ERROR

    if claim == ERROR:
        return box.counts.errors / box.counts.rows if box.counts.rows else 0.0
    rates = [x / n for x, n in box.counts.groups[claim.removeprefix("gap:")].values()]
    return max(rates, default=0.0) - min(rates, default=0.0)


def _evidence(policy: Policy, required: RangesRequirement, found: Ranges, at: int, claim: str) -> Estimate:
    from probatum.fairness.model.ranges import ERROR, witness

    rejected = [
        {"box": n, "claim": one, "level": level} | ({} if one == ERROR else witness(box.counts, one, level))
        for n, box in enumerate(found.boxes)
        for one, level in box.broken
    ]
    box = found.boxes[at]
    return Estimate(
        method="fairness/range/1",
        quantity=_title(required, claim).removeprefix("the ") + " in a box of inputs",
        value=_seen(box, claim),
        low=_ends(box, claim)[0],
        high=None,
        confidence=1 - policy.alpha,
        family=len(found.boxes) * len(found.claims),
        counts={
            "requirement": required.id,
            "boxes": [_written(one) for one in found.boxes],
            "box": at,
            "claim": claim,
            "rejected": rejected,
        },
        sampling="rows of the table",
        seed=required.seed,
    )


def _all_certified(policy: Policy, required: RangesRequirement, found: Ranges) -> Estimate:
    from probatum.fairness.model.ranges import ERROR, allowance, bound_of

    ends = [(_seen(box, claim) - bound_of(required, claim), box, claim) for box in found.boxes for claim in found.claims]
    _, box, claim = max(ends, key=lambda one: one[0])
    certified = [
        {
            "box": n,
            "level": one.level,
            "levels": {name: allowance(one.counts, name, one.level) for name in found.claims if name != ERROR},
        }
        for n, one in enumerate(found.boxes)
    ]
    return Estimate(
        method="fairness/ranges/1",
        quantity=_title(required, claim).removeprefix("the ") + " in the box in which it comes closest to its bound",
        value=_seen(box, claim),
        low=None,
        high=bound_of(required, claim),
        confidence=1 - policy.alpha,
        family=len(found.boxes),
        counts={"requirement": required.id, "boxes": [_written(one) for one in found.boxes], "certified": certified},
        sampling="rows of the table",
        seed=required.seed,
    )


def _written(box: Tested) -> dict[str, Any]:
    counts = box.counts
    return {
        "sides": [dict(side) for side in box.sides],
        "errors": [counts.errors, counts.rows],
        "groups": {name: {group: list(pair) for group, pair in own.items()} for name, own in counts.groups.items()},
        "unknown": {name: list(pair) for name, pair in counts.unknown.items()},
    }
