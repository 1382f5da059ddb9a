"""A quantity of a table that grows differs between groups by more than the policy allows.

## What it finds
Two groups whose average rates so far, or in some window of time or of rows, differ by
more than the policy's bound, whatever chance did, and however often the table was looked
at while it grew.

## Why it matters
Who looks every day finds a gap on some day by chance, unless bounds hold on all days together.

## Evidence
`Estimate`: the gap, with bounds that hold at every moment and for all windows, and the counts from which they follow.

## Not found
Without `window`, a gap that is new: averages are over all decisions so far, and it shows
late in them. A gap that is shorter than a window, and one in a window that has fewer
than `min_cell` decisions of a group.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from probatum.errors import UnreadableArtefact
from probatum.evidence import Estimate
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.artefacts.requirements.stream import StreamRequirement, family
from probatum.fairness.rules._names import both, of_group
from probatum.fairness.rules._tables import each_attribute
from probatum.fairness.semantics.metrics import RATES
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.fairness.model.streams import Watched
    from probatum.fairness.semantics.relation import Relation
    from probatum.fairness.semantics.windows import Stream

RULE = "fairness/gap-over-time"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a verdict for each attribute of each requirement."""
    for required, over, relation in each_attribute(policy, policy.of_kind(StreamRequirement), tools):
        yield _verdict(policy, required, relation, over)


def _verdict(policy: Policy, required: StreamRequirement, relation: Relation, over: tuple[str, ...]) -> Outcome:
    from probatum.fairness.model.streams import watch
    from probatum.fairness.semantics.windows import stream

    rate = RATES[required.metric]
    if rate.needs_label and not policy.decision.label:
        raise UnreadableArtefact(
            f"the {rate.title} needs to be compared with what turned out to be true",
            help="name the column: `label: ...` under `decision`",
            location=required.location,
        )
    about: dict[str, Any] = {
        "rule": RULE,
        "subject": f"{policy.subject}: {required.id}",
        "location": required.location,
        "anchor": (required.id, "*".join(over)),
    }
    if policy.missing is Missing.BOUNDS or policy.decision.weight or policy.decision.cluster or policy.decision.unit:
        return Undecided(
            **about,
            why=Why.UNSUPPORTED,
            reason="bounds at every moment are for rows that count alike, without weights, clusters or `missing: bounds`",
        )
    seen = stream(policy, relation, required, over)
    claims = family(policy.of_kind(StreamRequirement))
    windowed = bool(required.window)
    found = watch(seen, required.bound, alpha=policy.alpha / claims, min_cell=policy.min_cell, windowed=windowed)
    assumptions = [
        "each decision depends on those before only through its rate, which may drift",
        f"decisions came in the order of {f'`{required.time}`' if required.time else 'the rows'}, and the table only ever grew",
    ]
    if found is None:
        least = f"fewer than two groups of {' and '.join(over)} have {policy.min_cell} decisions with a {rate.title}"
        return Undecided(
            **about,
            why=Why.TOO_FEW_SAMPLES,
            reason=f"{least}{' in any window' if windowed else ''}",
            assumptions=tuple(assumptions),
        )
    if found.left_out:
        more = f" and {len(found.left_out) - 5:,} more" if len(found.left_out) > 5 else ""
        least = f"fewer than {policy.min_cell} decisions of a group are not compared, nor is a window that is not over"
        assumptions.append(f"{least if windowed else least.split(',')[0]}: {'; '.join(found.left_out[:5])}{more}")
    where = f"in {seen.windows[found.window].name}" if windowed else "so far"
    ends = {"low": found.low, "high": found.high}
    evidence = _evidence(policy, required, over, seen, found)
    if found.verdict == "violated":
        more_, less = found.pair
        one, other = of_group(more_, less, over), of_group(less, more_, over, again=True)
        return Finding(
            **about,
            message=f"{where}, the {rate.title} {one} is above that {other} by at least {ends['low']:.1%}, at any look",
            evidence=evidence,
            cause=f"decisions differ by {' and '.join(over)} more than `{required.id}` allows ({required.bound:g})",
            assumptions=tuple(assumptions),
        )
    if found.verdict == "satisfied":
        place = f"in each of {len(seen.windows):,} windows" if windowed else "so far"
        return Cleared(
            **about,
            message=f"{place}, the {rate.title} differs between groups by at most {ends['high']:.1%}, at any look",
            strength=Strength.STATISTICAL,
            evidence=evidence,
            assumptions=tuple(assumptions),
        )
    counts = seen.windows[found.window].groups
    shown = ", ".join(f"{counts[name][0] / counts[name][1]:.1%}" for name in found.pair)
    need = f"; about {found.needed:,} decisions of each would decide" if found.needed else ""
    return Undecided(
        **about,
        why=Why.TOO_FEW_SAMPLES,
        reason=f"{where}, the {rate.title} of {both(*found.pair, over)} may differ by more than allowed ({shown}){need}",
        assumptions=tuple(assumptions),
    )


def _evidence(policy: Policy, required: StreamRequirement, over: tuple[str, ...], seen: Stream, found: Watched) -> Estimate:
    """Return the gap with its bounds, and what they follow from."""
    at = seen.windows[found.window]
    place = "in any window" if required.window else "so far"
    return Estimate(
        method="fairness/gap-over-time/2",
        quantity=f"largest difference of the {RATES[required.metric].title} {place} between groups of {' and '.join(over)}",
        value=found.value,
        low=found.low,
        high=found.high,
        confidence=1 - policy.alpha,
        family=family(policy.of_kind(StreamRequirement)) * len(seen.order),
        counts={
            "requirement": required.id,
            "over": list(over),
            "verdict": found.verdict,
            "windows": len(seen.windows),
            "window": found.window,
            "name": at.name,
            "pair": list(found.pair),
            "order": list(seen.order),
            "groups": {name: list(own) for name, own in at.groups.items()},
        },
        sampling="rows of the table, as they arrive",
    )
