"""A reference does not look like its product.

## What it finds
References that are stranger, against the other references of their product, than pristine units of it are: one that is damaged, or shows
another product.

## Why it matters
Damage that a reference shows is taken for how the product should be, and is not found on any unit. Of the references of a large public
set a fifth is said to show damage.

## Evidence
`Exemplars`: the reference, its score and those of the units that it was ranked among, which are computed again. Of all references that
are named, at most a tenth is as it should be, on average. Where there are 150 references or more, they are compared among themselves, and
as many as are far less strange than the middle one are taken to be wrong among those as far above it.

## Not found
Products with one reference; where there are few references, products of which fewer than three pristine units calibrated; a product whose
references are all damaged alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from probatum.evidence import Exemplars
from probatum.findings import Cleared, Finding, Outcome, Severity, Strength, Undecided, Why
from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.policy import Policy
from probatum.inspection.model.contamination import Contamination, LeftOut, Suspect, contamination
from probatum.inspection.model.odd_references import CHANNEL, MANY, Odd, odd
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.semantics.left_out import Ranked, left_out, usual_units
from probatum.inspection.semantics.opened import opened
from probatum.source import ImageRegion, digest
from probatum.tools import OutOfTime, Tools

RULE = "inspection/gallery-contaminated"
RATE = 0.1  # of those named that are as they should be


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each reference that does not look like its product."""
    with opened(policy, tools.inputs) as goods:
        named = policy.gallery or policy.references or policy.captures
        about: dict[str, Any] = {"rule": RULE, "subject": policy.subject, "location": named.location}
        ranked: dict[str, list[Ranked]] = {}
        untested: dict[str, str] = {}
        many = sum(len(goods.references.confirmed(product)) for product in goods.references.products) >= MANY
        for at, product in enumerate(goods.references.products):
            try:
                tools.deadline.check()
            except OutOfTime:
                left = len(goods.references.products) - at
                reason = f"references of {left:,} products were not compared in time: check again, what was done is kept"
                yield Undecided(**about, why=Why.TIME_LIMIT, reason=reason, anchor=("time",))
                return
            found = _ranked(goods, product, () if many else usual_units(goods, product), tools)
            if found:
                ranked[product] = found
            else:
                untested[product] = "it has one reference, or none that can be compared"
        named_among, tested = 0, 0
        if many:
            found_odd = odd(_cases(ranked), rate=RATE)
            yield from (_odd(policy, goods, one, found_odd) for one in found_odd.named)
            named_among, tested = len(found_odd.named), found_odd.tested
        else:
            told = contamination(_cases(ranked), rate=RATE, untested=untested)
            yield from (_finding(policy, goods, one, told, ranked) for one in told.suspects)
            named_among, tested, untested = len(told.suspects), told.tested, dict(told.untested)
        if untested:
            product, why = next(iter(sorted(untested.items())))
            reason = f"nothing can be said of references of {len(untested):,} products, first of `{product[:40]}`: {why}"
            yield Undecided(**about, why=Why.TOO_FEW_SAMPLES, reason=reason, anchor=("untested",))
        if tested > named_among:
            fine = tested - named_among
            yield Cleared(
                **about,
                message=f"{fine:,} references are not seen to be stranger than {'others' if many else 'units of their product'}",
                strength=Strength.TESTED,
                anchor=("fine",),
                assumptions=("what was not seen is not excluded",),
            )


def _ranked(goods: Goods, product: str, units: Sequence[Capture], tools: Tools) -> list[Ranked]:
    """Return scores of the references of a product, each left out, and of units: as they were kept, or computed."""
    parts = [goods.scorer.digest, goods.references.digest(product), *(unit.capture_id for unit in units)]
    key = digest("\n".join(["left-out", *parts, *(goods.key(unit) for unit in units)]))
    if key not in tools.kept:
        found = left_out(goods, product, units)
        tools.kept[key] = [[one.capture_id, one.scores, list(one.units)] for one in found]
    return [Ranked(capture_id=name, scores=scores, units=tuple(rest)) for name, scores, rest in tools.kept[key]]


def _cases(ranked: dict[str, list[Ranked]]) -> list[LeftOut]:
    return [
        LeftOut(product=product, capture_id=one.capture_id, scores=one.scores, units=one.units)
        for product, found in ranked.items()
        for one in found
    ]


def _finding(policy: Policy, goods: Goods, one: Suspect, told: Contamination, ranked: dict[str, list[Ranked]]) -> Finding:
    own = next(case for case in ranked[one.product] if case.capture_id == one.capture_id)
    units = [unit[one.channel] for unit in own.units]
    return _named(
        policy,
        goods,
        claim=f"{one.above:,} of {one.among:,} units of all products are as strange, each on the scale of its product",
        shown=f"scores {own.scores[one.channel]:.4g} by {one.channel}; units up to {max(units):.4g}",
        facts={
            "product": one.product,
            "capture_id": one.capture_id,
            "channel": one.channel,
            "score": own.scores[one.channel],
            "units": units,
            "above": one.above,
            "among": one.among,
            "p": one.p,
            "tested": told.tested,
            "named": len(told.suspects),
            "rate": told.rate,
        },
        assumes="references were photographed as units are",
    )


def _odd(policy: Policy, goods: Goods, one: LeftOut, told: Odd) -> Finding:
    score = one.scores[CHANNEL]
    return _named(
        policy,
        goods,
        claim=f"{len(told.named):,} of {told.tested:,} references are at least as strange as {told.cut:.4g}; {told.below:,} are as far below the middle",
        shown=f"scores {score:.4g} by {CHANNEL}, against the other references of its product",
        facts={
            "product": one.product,
            "capture_id": one.capture_id,
            "channel": CHANNEL,
            "score": score,
            "middle": told.middle,
            "cut": told.cut,
            "below": told.below,
            "tested": told.tested,
            "named": len(told.named),
            "rate": told.rate,
        },
        assumes="sound references are seldom further above the middle than others are below it",
    )


def _named(policy: Policy, goods: Goods, *, claim: str, shown: str, facts: dict[str, Any], assumes: str) -> Finding:
    """Return the finding about a reference, by whichever test it was named."""
    product, name, channel = facts["product"], facts["capture_id"], facts["channel"]
    picture = goods.references.picture(product, name)
    return Finding(
        rule=RULE,
        subject=product,
        location=(policy.gallery or policy.references or policy.captures).location,
        message=f"the reference `{name[-40:]}` does not look like `{product[:40]}`, by {channel}",
        evidence=Exemplars(
            method="inspection/gallery-contaminated/1", claim=claim, items=((ImageRegion(picture), shown),), facts=facts
        ),
        cause="it shows damage or another product: look at it, and propose a version of the product without it",
        severity=Severity.WARNING,
        anchor=(product, name),
        assumptions=(
            assumes,
            f"of {facts['named']:,} references named among {facts['tested']:,}, at most {facts['rate']:.0%} is as it should be, on average",
        ),
        related=((ImageRegion(picture), "the reference"),),
    )
