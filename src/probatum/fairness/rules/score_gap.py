"""Scores tell positives from negatives better in one group than in another, or are distributed otherwise, by more than allowed.

## What it finds
Two groups between which one of these differs by more than the policy's bound, whatever
chance did: the area under the ROC curve (`auc`), how often a positive of the one scores
above a negative of the other (`xauc`), the distribution of scores of all, of positives
or of negatives (`ks`, `ks_positive`, `ks_negative`).

## Why it matters
Rates at one threshold say nothing of the next one, nor of a queue that is served in
the order of scores.

## Evidence
`Estimate`: the largest difference, with bounds for all pairs of groups, quantities and
attributes of the requirement at once, and the numbers of rows from which they follow.

## Not found
Differences where rows have weights, or are not independent: these are undecided. With
`missing: bounds`, anything while rows lack the attribute.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from probatum.errors import UnreadableArtefact
from probatum.evidence import Estimate
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.scores import SCORE_METRICS, ScoresRequirement, family
from probatum.fairness.rules._names import both, of_group
from probatum.fairness.rules._tables import each_attribute
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.fairness.semantics.relation import Relation

RULE = "fairness/score-gap"
TITLES = {
    "auc": "AUC",
    "xauc": "cross-group AUC",
    "ks": "distribution of scores",
    "ks_positive": "distribution of scores of positives",
    "ks_negative": "distribution of scores of negatives",
}


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a verdict for each quantity and each attribute of each requirement."""
    for required, over, relation in each_attribute(policy, policy.of_kind(ScoresRequirement), tools):
        for metric in required.metrics:
            yield _verdict(policy, required, relation, metric, over)
            tools.deadline.check()


def _verdict(policy: Policy, required: ScoresRequirement, relation: Relation, metric: str, over: tuple[str, ...]) -> Outcome:
    from probatum.fairness.model.score_gaps import MOST_GROUPS, compare
    from probatum.fairness.semantics.exact_scores import exact_scores
    from probatum.fairness.semantics.unknown import lacking, reason

    table = policy.decision
    for column, name, what in ((table.score, "score", "scores"), (table.label, "label", "what turned out to be true")):
        if not column and (name == "score" or SCORE_METRICS[metric]):
            raise UnreadableArtefact(
                f"`{required.id}` needs {what}",
                help=f"name the column: `{name}: ...` under `decision`",
                location=required.location,
            )
    about: dict[str, Any] = {
        "rule": RULE,
        "subject": f"{policy.subject}: {required.id}",
        "location": required.location,
        "anchor": (required.id, metric, "*".join(over)),
    }
    if table.weight or table.cluster or table.unit:
        which = "weights" if table.weight else "clusters" if table.cluster else "people with several rows"
        return Undecided(
            **about, why=Why.UNSUPPORTED, reason=f"bounds of quantities of scores are for independent rows, and not for {which}"
        )
    lost = lacking(policy, relation, over)
    if lost:
        return Undecided(**about, why=Why.UNSUPPORTED, reason=reason(lost, over))
    found = exact_scores(policy, relation, over)
    usable = {name: own for name, own in found.items() if own.rows >= policy.min_cell}
    small = [f"`{name}` ({own.rows})" for name, own in found.items() if name not in usable]
    more = f" and {len(small) - 5:,} more" if len(small) > 5 else ""
    left = f"groups with fewer than {policy.min_cell} rows are not compared: {', '.join(small[:5])}{more}"
    assumptions = ("rows are independent", *((left,) if small else ()))
    by, title = " and ".join(over), TITLES[metric]
    if len(usable) > MOST_GROUPS:
        return Undecided(
            **about,
            why=Why.UNSUPPORTED,
            reason=f"{len(usable):,} groups of {by} are more than the {MOST_GROUPS} that are compared pair by pair; "
            "`min_cell` leaves out small ones",
            assumptions=assumptions,
        )
    claims = family(required)
    gap = compare(metric, usable, required.bound, alpha=policy.alpha, family=claims)
    if gap is None:
        needs = {"auc": ", with two positives and two negatives each,", "xauc": ", with two positives and two negatives each,"}
        return Undecided(
            **about,
            why=Why.TOO_FEW_SAMPLES,
            reason=f"fewer than two groups of {by}{needs.get(metric, '')} have {policy.min_cell} rows for the {title}",
            assumptions=assumptions,
        )
    evidence = Estimate(
        method="fairness/score-gap/1",
        quantity=f"largest difference of the {title} between groups of {by}",
        value=gap.value,
        low=gap.low,
        high=gap.high,
        confidence=1 - policy.alpha,
        family=claims * len(usable) * (len(usable) - 1) // 2,
        counts={
            "requirement": required.id,
            "metric": metric,
            "over": list(over),
            "verdict": gap.verdict,
            "pair": list(gap.pair),
            "groups": {
                name: [own.rows, round(float(own.positive.sum())), round(float(own.negative.sum()))]
                for name, own in usable.items()
            },
        },
        sampling="rows of the table",
    )
    sure = f"{1 - policy.alpha:.0%}"
    if gap.verdict == "violated":
        return Finding(
            **about,
            message=f"{_differs(metric, gap.pair, over)} by at least {gap.low:.3f} ({sure}; {gap.value:.3f} seen)"
            if metric != "xauc"
            else f"{_differs(metric, gap.pair, over)}, by at least {gap.low:.3f} ({sure})",
            evidence=evidence,
            cause=f"scores differ by {by} more than `{required.id}` allows ({required.bound:g})",
            assumptions=assumptions,
        )
    if gap.verdict == "satisfied":
        return Cleared(
            **about,
            message=f"the {title} differs between groups of {by} by at most {gap.high:.3f} ({sure})",
            strength=Strength.STATISTICAL,
            evidence=evidence,
            assumptions=assumptions,
        )
    need = f"; about {gap.needed:,} rows of each would decide" if gap.needed else ""
    return Undecided(
        **about,
        why=Why.TOO_FEW_SAMPLES,
        reason=f"the {title} of {both(*gap.pair, over)} may differ by more than allowed ({gap.value:.3f} seen){need}",
        assumptions=assumptions,
    )


def _differs(metric: str, pair: tuple[str, str], over: tuple[str, ...]) -> str:
    more, less = pair
    if metric == "auc":
        return f"the AUC {of_group(more, less, over)} is above that {of_group(less, more, over, again=True)}"
    if metric == "xauc":
        return f"positives {of_group(more, less, over)} outrank negatives {of_group(less, more, over, again=True)} more than the reverse"
    return f"the {TITLES[metric]} of {both(more, less, over)} differs"
