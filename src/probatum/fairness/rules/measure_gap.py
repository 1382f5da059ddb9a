"""A quantity of one's own, one column by another, differs between groups by more than the policy allows.

## What it finds
Two groups whose sums of one column by another (word errors by words, days by
cases, costs by people) differ by more than the policy's bound, whatever chance did.

## Why it matters
Harm has other units than favourable decisions: waiting, prices, errors of speech.

## Evidence
`Estimate`: the gap, with bounds for all groups at once and what they follow from: exact
if the columns hold 0 and 1, and for a median; valid for any number of units if the
policy declares the `range` of values; otherwise by linearisation over units, corrected for
skewness.

## Not found
Without a `range`, differences in groups with fewer than 30 units, and in groups whose values
are too skewed for their number or do not vary. With `missing: bounds`, anything while
rows lack the attribute.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from probatum.evidence import Estimate
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.group import Compare
from probatum.fairness.artefacts.requirements.measure import MeasureRequirement, family
from probatum.fairness.rules._names import both, of_group
from probatum.fairness.rules._tables import each_attribute
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.fairness.model.measures import Compared
    from probatum.fairness.semantics.measures import Sums

RULE = "fairness/measure-gap"
_NAMED = 10  # groups at most that are named


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a verdict for each attribute of each requirement."""
    for required, over, relation in each_attribute(policy, policy.of_kind(MeasureRequirement), tools):
        yield _verdict(policy, required, relation, over)


def _verdict(policy: Policy, required: MeasureRequirement, relation: Any, over: tuple[str, ...]) -> Outcome:
    from probatum.fairness.model.measures import FEWEST, compare
    from probatum.fairness.semantics.measures import sums
    from probatum.fairness.semantics.unknown import lacking, reason

    about: dict[str, Any] = {
        "rule": RULE,
        "subject": f"{policy.subject}: {required.id}",
        "location": required.location,
        "anchor": (required.id, "*".join(over)),
    }
    lost = lacking(policy, relation, over)
    if lost:
        return Undecided(**about, why=Why.UNSUPPORTED, reason=reason(lost, over))
    table = policy.decision
    if required.median and (table.weight or table.cluster or table.unit):
        return Undecided(
            **about, why=Why.UNSUPPORTED, reason="bounds of a median are for independent rows that count alike, without weights"
        )
    found = sums(policy, required, relation, over)
    usable = {
        name: own for name, own in found.items() if own.bottom > 0 and own.units >= (policy.min_cell if _exact(own) else FEWEST)
    }
    by = " and ".join(over)
    small = [f"`{name}` ({own.units})" for name, own in found.items() if name not in usable]
    more = f" and {len(small) - _NAMED:,} more" if len(small) > _NAMED else ""
    own_unit = table.cluster or table.unit
    assumptions = (
        f"rows with different `{own_unit}` are independent" if own_unit else "rows are independent",
        *_rests_on(required, usable),
        *((f"groups that are too small are not compared: {', '.join(small[:_NAMED])}{more}",) if small else ()),
    )
    if len(usable) < 2:
        return Undecided(
            **about,
            why=Why.TOO_FEW_SAMPLES,
            reason=f"fewer than two groups of {by} are large enough for `{required.id}`: frequencies, medians and values with a "
            f"`range` need {policy.min_cell} units, others {FEWEST}",
            assumptions=assumptions,
        )
    result = compare(usable, required.compare, required.bound, alpha=policy.alpha, family=family(required))
    more, less = result.pair
    seen = " and ".join(f"{usable[name].value:.4g} of {usable[name].units:,}" for name in result.pair)
    evidence = _evidence(policy, required, over, usable, result)
    sure = f"{1 - policy.alpha:.0%}"
    difference = required.compare is Compare.DIFFERENCE
    if result.verdict == "violated":
        first, second = (more, less) if difference else (less, more)
        one, other = of_group(first, second, over), of_group(second, first, over, again=True)
        much = f"above that {other} by at least {result.low:.4g}" if difference else f"at most {result.high:.0%} of that {other}"
        return Finding(
            **about,
            message=f"`{required.id}` {one} is {much} ({sure}; {seen})",
            evidence=evidence,
            cause=f"groups by {by} differ more than `{required.id}` allows ({required.bound:g})",
            assumptions=assumptions,
        )
    if result.verdict == "satisfied":
        most = f"at most {result.high:.4g}" if difference else f"at least {result.low:.0%}"
        return Cleared(
            **about,
            message=f"the {required.compare.value} of `{required.id}` between groups of {by} is {most} ({sure})",
            strength=Strength.STATISTICAL,
            evidence=evidence,
            assumptions=assumptions,
        )
    return Undecided(
        **about, why=Why.TOO_FEW_SAMPLES, reason=_open(required, usable, result, over, seen), assumptions=assumptions
    )


def _exact(own: Sums) -> bool:
    """Whether bounds hold for any number of units."""
    return own.counts or own.points is not None


def _rests_on(required: MeasureRequirement, usable: Mapping[str, Sums]) -> tuple[str, ...]:
    if required.median or all(own.counts for own in usable.values()):
        return ()
    if required.span is not None:
        taken = "; denominators are taken as they are" if required.denominator else ""
        return (f"no value can be outside [{required.span[0]:g}, {required.span[1]:g}]{taken}",)
    return ("no value of which there is none in the table is so large and so frequent that it moves a mean",)


def _open(
    required: MeasureRequirement,
    usable: Mapping[str, Sums],
    result: Compared,
    over: tuple[str, ...],
    seen: str,
) -> str:
    """Return why nothing is known, and what would decide."""
    unknown = [name for name, (low, _) in result.bounds.items() if not _exact(usable[name]) and math.isinf(low)]
    if unknown:
        [first] = unknown[:1]
        what = "hardly vary or not at all" if usable[first].squares <= 0 else "are too skewed"
        fix = "declare their `range`, or ask for `statistic: median`" if not required.denominator else "declare their `range`"
        return (
            f"values of `{required.id}` {of_group(first, next(n for n in usable if n != first), over)} {what} for a mean; {fix}"
        )
    need = f"; about {result.needed:,} units of each would decide" if result.needed else ""
    return f"`{required.id}` of {both(*result.pair, over)} may or may not differ by more than allowed ({seen}){need}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _evidence(
    policy: Policy, required: MeasureRequirement, over: tuple[str, ...], usable: Mapping[str, Sums], result: Compared
) -> Estimate:
    """Return the gap with its bounds, and what they follow from."""
    return Estimate(
        method="fairness/measure/2",
        quantity=f"largest {required.compare.value} of `{required.id}` between groups of {' and '.join(over)}",
        value=result.value,
        low=_finite(result.low),
        high=_finite(result.high),
        confidence=1 - policy.alpha,
        family=family(required) * len(usable),
        counts={
            "requirement": required.id,
            "verdict": result.verdict,
            "over": list(over),
            "pair": list(result.pair),
            "groups": {
                name: {
                    "value": own.value,
                    "low": _finite(result.bounds[name][0]),
                    "high": _finite(result.bounds[name][1]),
                    "units": own.units,
                }
                for name, own in usable.items()
            },
        },
        sampling="rows of the table",
    )
