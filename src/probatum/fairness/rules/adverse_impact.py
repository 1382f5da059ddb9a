"""A group is selected at less than four fifths of the highest rate, and chance does not explain it.

## What it finds
A group whose selection rate is below a share (four fifths) of that of the group with
the highest rate, where the two rates differ significantly: Fisher's exact test,
corrected for all pairs of groups, attributes and requirements of this kind.

## Why it matters
This is what 29 CFR 1607.4D takes as evidence of adverse impact, and the ratios are
those that 6 RCNY 5-301 (New York City's Local Law 144) asks for by sex, race and both.

## Evidence
`Estimate`: the smallest ratio that was seen, an interval for the smallest there is
from exact bounds of each rate, and selected and all people of each group.

## Not found
Whether a ratio below four fifths is justified by the job. Small differences, which
may be significant in practice too (see `fairness/group-gap`). Groups with less than
2 % of the people: they are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from probatum.evidence import Estimate
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.adverse_impact import AdverseImpactRequirement, family
from probatum.fairness.rules._about import About
from probatum.fairness.rules._tables import each_attribute
from probatum.findings import Outcome, Strength, Why
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.fairness.model.adverse_impact import Impact
    from probatum.fairness.semantics.selection import Selected

RULE = "fairness/adverse-impact"
_NAMED = 5  # groups that an assumption names
_LONGEST = 20  # characters of a name in a message


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a verdict for each attribute of each requirement."""
    for required, over, relation in each_attribute(policy, policy.of_kind(AdverseImpactRequirement), tools):
        yield _verdict(policy, required, relation, over)


def _verdict(policy: Policy, required: AdverseImpactRequirement, relation: Any, over: tuple[str, ...]) -> Outcome:
    from probatum.fairness.model.adverse_impact import judge
    from probatum.fairness.model.gaps import Verdict
    from probatum.fairness.semantics.selection import individually, selected, shares

    about = About(
        rule=RULE,
        subject=f"{policy.subject}: {required.id}",
        location=required.location,
        anchor=(required.id, "*".join(over)),
    )
    by = " and ".join(over)
    if not individually(policy, relation):
        return about.undecided(
            "the four-fifths rule counts people, each once: with weights, clusters or several rows of one person, "
            "require a ratio of `kind: group`",
            why=Why.UNSUPPORTED,
        )
    found = selected(policy, relation, over)
    groups, small = shares(found, required.least_share, policy.min_cell)
    about = about.assuming(
        "people are selected independently of each other",
        *((f"selected are those whose score is above the median, {found.above:g}",) if found.above is not None else ()),
        *((f"{found.unknown:,} people whose {by} is not known are in no group",) if found.unknown else ()),
        *(
            (f"groups of fewer than {policy.min_cell} people or {required.least_share:.0%} are not compared: {_some(small)}",)
            if small
            else ()
        ),
    )
    if len(groups) < 2 or not any(hits for hits, _ in groups.values()):
        reason = (
            f"fewer than two groups of {by} are large enough to be compared"
            if len(groups) < 2
            else f"nobody of the groups of {by} was selected, so there is no highest rate"
        )
        return about.undecided(reason)
    claims = family(policy.of_kind(AdverseImpactRequirement))
    impact = judge(groups, required.at_least, alpha=policy.alpha, claims=claims)
    own = impact.ratios[impact.worst]
    rates = ", ".join(f"{hits} of {people}" for hits, people in (groups[impact.worst], groups[impact.reference]))
    worst, best = _short(impact.worst), _short(impact.reference)
    seen = f"{worst} is selected at {float(own.ratio):.0%} of the rate of {best} ({rates}; Fisher p = {own.p:.2g}"
    evidence = _evidence(policy, required, over, found, impact)
    match impact.verdict:
        case Verdict.VIOLATED:
            return about.found(
                f"{seen}, {own.deviations:.1f} deviations)",
                evidence=evidence,
                cause=f"selection rates by {by} differ by more than the {required.at_least:.0%} of `{required.id}`, and more than by chance",
            )
        case Verdict.SATISFIED:
            sure = impact.low >= required.at_least
            less = "smaller differences that are significant may count where they matter in practice (29 CFR 1607.4D)"
            return about.assuming(*((less,) if own.p <= policy.alpha else ())).cleared(
                f"no adverse impact is established: the smallest ratio seen is {float(own.ratio):.0%} ({worst} by {best}; "
                f"in truth {impact.low:.0%} to {impact.high:.0%}, {1 - policy.alpha:.0%})",
                evidence=evidence,
                strength=Strength.STATISTICAL if sure else Strength.TESTED,
            )
        case _:
            need = f"; about {impact.needed} of {worst} would tell" if impact.needed else ""
            if not own.testable:
                need = "; so few can never tell"
            return about.undecided(f"{seen}), maybe by chance{need}")


def _evidence(
    policy: Policy, required: AdverseImpactRequirement, over: tuple[str, ...], found: Selected, impact: Impact
) -> Estimate:
    """Return the smallest ratio with its interval, and the counts from which all follows."""
    from probatum.fairness.semantics.selection import shares

    groups, small = shares(found, required.least_share, policy.min_cell)
    claims = family(policy.of_kind(AdverseImpactRequirement))
    return Estimate(
        method="fairness/adverse-impact/1",
        quantity=f"smallest ratio of the selection rate of a group of {' and '.join(over)} to the highest",
        value=float(min(one.ratio for one in impact.ratios.values())),
        low=impact.low,
        high=impact.high,
        confidence=1 - policy.alpha,
        family=claims * len(groups),
        counts={
            "requirement": required.id,
            "verdict": impact.verdict.value,
            "over": list(over),
            "claims": claims,
            "groups": {name: list(counts) for name, counts in groups.items()},
            "small": {name: list(counts) for name, counts in small.items()},
            "unknown": found.unknown,
            "reference": impact.reference,
            "group": impact.worst,
            "ratios": {
                name: {"ratio": float(one.ratio), "p": one.p, "deviations": one.deviations} for name, one in impact.ratios.items()
            },
        },
        sampling="rows of the table",
    )


def _some(groups: dict[str, tuple[int, int]]) -> str:
    named = ", ".join(f"`{name}` ({hits} of {people})" for name, (hits, people) in list(groups.items())[:_NAMED])
    return named + (f" and {len(groups) - _NAMED:,} more" if len(groups) > _NAMED else "")


def _short(name: str) -> str:
    return f"`{name}`" if len(name) <= _LONGEST else f"`{name[: _LONGEST - 1]}…`"
