"""A model could see at training, or at the decision, what it will not know when it counts.

## What it finds
A feature that all but tells the outcome; a feature that was known only after the
decision; people, or copies of rows, in both the training and the test split; a
threshold chosen on the rows on which it is evaluated.

## Why it matters
Errors that are measured then are not those of the decisions that will be made, and
the groups for which more was known in advance look better than they fare.

## Evidence
`Estimate`: the area under the curve of the feature, with a bound that holds for all
columns together; or `Counterexample`: the rows, counted.

## Not found
Leaks that several columns make together. Of a label that is a number, leaks that do
not tell whether it is above its median. Which columns are features, unless the
policy says so under `preparation`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from probatum.evidence import Counterexample, Estimate
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.preparation import Preparation
from probatum.fairness.rules._tables import relation_of
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.tools import Tools

RULE = "fairness/leakage"
TELLS = 0.95  # of the area under the curve, that a feature is shown to have


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each leak, or one outcome that says what was looked at."""
    if not policy.decision.label:
        return
    prepared = policy.preparation or Preparation(location=policy.decision.location)
    found: list[Outcome] = []
    looked: list[str] = []
    with relation_of(policy, tools) as relation:
        found += _telling(policy, prepared, relation, tools, looked)
        found += _late(policy, prepared, relation, looked)
        tools.deadline.check()
        found += _shared(policy, prepared, relation, looked)
    if prepared.threshold_from:
        looked.append("the rows of the threshold")
        if prepared.threshold_from == prepared.test:
            message = f"the threshold was chosen on `{_short(prepared.test)}`, the rows on which decisions are evaluated"
            found.append(_finding(policy, prepared, message, {"what": "threshold", "split": prepared.test}, ("threshold",)))
    yield from found
    if not found:
        yield Cleared(
            rule=RULE,
            subject=policy.subject,
            location=prepared.location,
            message="nothing leaked, as far as the policy says where to look",
            strength=Strength.TESTED,
            assumptions=(f"looked at: {'; '.join(looked)}",),
            anchor=("leakage",),
        )


def _telling(policy: Policy, prepared: Preparation, relation: Any, tools: Tools, looked: list[str]) -> Iterator[Outcome]:
    from probatum.fairness.semantics.decisions import column_of
    from probatum.fairness.semantics.leaks import pairs
    from probatum.fairness.semantics.slices import numbers_of, outcomes, searched

    number = numbers_of(policy, relation) is not None
    told = f"whether `{_short(policy.decision.label)}` is above its median" if number else "the outcome"
    counts = outcomes(policy, relation)
    columns = searched(policy, relation)
    for name in prepared.features:
        column_of(name, relation, prepared.location)
    wanted = [columns[name] for name in prepared.features if name in columns] or list(columns.values())
    suspects: list[str] = []
    for column in wanted:
        tools.deadline.check()
        above, positive, negative = pairs(relation, counts, column)
        if not positive or not negative:
            continue
        auc = above / (positive * negative)
        auc = max(auc, 1 - auc)
        low = auc - math.sqrt(math.log(4 * len(wanted) / policy.alpha) / (2 * min(positive, negative)))
        if low < TELLS and not (auc == 1 and min(positive, negative) >= policy.min_cell):
            continue
        suspects.append(column.name)
        if not prepared.features:
            continue
        yield Finding(
            rule=RULE,
            subject=policy.subject,
            location=prepared.location,
            message=f"the feature `{_short(column.name)}` all but tells {told}: it ranks {auc:.1%} of all pairs rightly",
            evidence=Estimate(
                method="fairness/leakage/1",
                quantity=f"area under the curve of `{column.name}` for the outcome",
                value=auc,
                low=max(0.0, low),
                high=1.0,
                confidence=1 - policy.alpha,
                family=len(wanted),
                counts={"what": "feature", "column": column.name, "above": above, "positive": positive, "negative": negative},
                sampling="rows of the table",
            ),
            cause="such a column is as a rule recorded with the outcome, or made from it, and not known when the decision is made",
            anchor=("feature", column.name),
            assumptions=("rows are independent",),
        )
    looked.append(f"{len(wanted)} {'features' if prepared.features else 'columns'}, none of which tells {told}")
    if suspects and not prepared.features:
        names = ", ".join(f"`{_short(name)}`" for name in suspects[:3]) + (" and others" if len(suspects) > 3 else "")
        yield Undecided(
            rule=RULE,
            subject=policy.subject,
            location=prepared.location,
            why=Why.MISSING_INPUT,
            reason=f"{names[:90]} all but tell {told}; say under `preparation` which columns are `features`",
            anchor=("features",),
        )


def _late(policy: Policy, prepared: Preparation, relation: Any, looked: list[str]) -> Iterator[Outcome]:
    from probatum.fairness.semantics.leaks import known_too_late

    for feature in prepared.known_at:
        late, both = known_too_late(policy, relation, feature)
        looked.append(f"when `{_short(feature)}` was known ({both:,} rows)")
        if late:
            message = f"in {late:,} of {both:,} rows `{_short(feature)}` was known only after the decision"
            given = {"what": "late", "feature": feature, "late": late, "both": both}
            yield _finding(policy, prepared, message, given, ("late", feature))


def _shared(policy: Policy, prepared: Preparation, relation: Any, looked: list[str]) -> Iterator[Outcome]:
    from probatum.fairness.semantics.leaks import in_both
    from probatum.stats.bounds import clopper_pearson

    if not prepared.split:
        return
    unit = policy.decision.unit
    if unit:
        counted = in_both(policy, relation, (unit,))
        looked.append("people in both splits")
        if counted["shared"]:
            message = f"{counted['shared']:,} of {counted['tested']:,} test rows are of people whom the model was trained on"
            yield _finding(policy, prepared, message, {"what": "unit", "by": [unit], **counted}, ("unit", unit))
            return
    by = tuple(name for name in relation.columns if name != prepared.split)
    counted = in_both(policy, relation, by)
    looked.append("copies of rows in both splits")
    if not counted["tested"] or not counted["trained"]:
        raise _no_split(prepared)
    # Rows may be alike by chance: then as many are alike within the training split.
    between = clopper_pearson(counted["shared"], counted["tested"], confidence=1 - policy.alpha, side="lower", family=2)
    within = clopper_pearson(counted["twice"], counted["trained"], confidence=1 - policy.alpha, side="upper", family=2)
    if (between.low or 0.0) > (within.high or 1.0):
        message = (
            f"{counted['shared']:,} of {counted['tested']:,} test rows are copies of training rows, "
            f"of which only {counted['twice']:,} of {counted['trained']:,} are alike"
        )
        yield _finding(policy, prepared, message, {"what": "copies", "by": list(by), **counted}, ("copies",))


def _no_split(prepared: Preparation) -> Exception:
    from probatum.errors import UnreadableArtefact

    return UnreadableArtefact(
        f"the column `{prepared.split}` has no row `{prepared.train}`, or none `{prepared.test}`",
        help="say which values it has: `train: ...` and `test: ...` under `preparation`",
        location=prepared.location,
    )


def _finding(policy: Policy, prepared: Preparation, message: str, given: dict[str, Any], anchor: tuple[str, ...]) -> Finding:
    return Finding(
        rule=RULE,
        subject=policy.subject,
        location=prepared.location,
        message=message,
        evidence=Counterexample(
            method="fairness/leakage/1",
            given=given,
            observed=message,
            expected="what is evaluated was not seen before, and what decides is known by then",
            summary=message,
        ),
        cause="errors measured like this are not those of decisions about people who were not seen",
        anchor=anchor,
    )


def _short(name: str) -> str:
    kept = "".join(c if c.isprintable() and c != "`" else "?" for c in name)
    return kept if len(kept) <= 40 else f"{kept[:39]}…"
