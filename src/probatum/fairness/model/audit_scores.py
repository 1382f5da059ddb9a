"""What scores say of groups beside rates: distances of their distributions, places in the ranking, errors of predicted numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.semantics import scores as score_metrics
from probatum.fairness.semantics.decisions import MISSING, condition_of, number_of
from probatum.fairness.semantics.regression import bounded_group_loss, errors
from probatum.fairness.semantics.relation import Relation
from probatum.fairness.semantics.score_counts import Scores

_MOST_GROUPS = 20  # that are compared pair by pair
_TOP = 0.1  # share of all that is at the top


@dataclass(frozen=True, slots=True)
class Measured:
    """A quantity without bounds: what it is, of whom, and from how many rows."""

    quantity: str
    groups: tuple[str, ...]
    value: float
    n: int


def predicts_numbers(policy: Policy, relation: Relation) -> bool:
    """Return whether scores predict numbers: there is no decision, and the label has more than two values, all numbers."""
    table = policy.decision
    if not (table.label and table.score) or table.decision or table.threshold is not None or table.positive is not None:
        return False
    if relation.columns.get(table.label, "VARCHAR") in ("VARCHAR", "BOOLEAN"):
        return False
    truth = number_of(table.label, relation, table.location, "a number")
    [row] = relation.sql(
        f"select count(*) filter (isfinite(y) and y not in (0, 1)) as n from "  # noqa: S608 - quoted
        f"(select {truth} as y from {{table}} {condition_of(table, relation)})"
    )
    return bool(row["n"])


def of_scores(own: Mapping[str, Scores]) -> tuple[Measured, ...]:
    """Return distances between the scores of groups, and who is at the top; each pair once, for the first 20 groups."""
    found: list[Measured] = []
    for one, other in combinations(list(own)[:_MOST_GROUPS], 2):
        a, b = own[one], own[other]
        values = {
            "kolmogorov_smirnov": score_metrics.kolmogorov_smirnov(a, b),
            "wasserstein": score_metrics.wasserstein(a, b),
            "abroca": score_metrics.abroca(a, b),
        }
        found += [Measured(name, (one, other), float(v), a.rows + b.rows) for name, v in values.items() if v is not None]
    total = sum(float(part.all.sum()) for part in own.values())
    if len(own) > 1 and total > 0:
        chosen = score_metrics.top_selected(dict(own), _TOP * total)
        found += [Measured(f"selected_in_top_{_TOP:.0%}", (name,), float(v), own[name].rows) for name, v in chosen.items()]
        found += [Measured("exposure_of_ranking", (name,), v, own[name].rows) for name, v in exposures(own).items()]
    return tuple(found)


def exposures(own: Mapping[str, Scores]) -> Mapping[str, float]:
    """Return the mean exposure of each group's members where the highest score comes first, and position i is seen with 1 / log2(1 + i).

    Equal scores share the exposure of the places that they fill. Empty if rows are weighted, or scores so many that they are binned.
    """
    masses = [part.all for part in own.values()]
    if any(not part.exact or part.rows != part.all.sum() for part in own.values()):
        return {}
    grid = np.unique(np.concatenate([part.score for part in own.values()]))[::-1]
    each = np.zeros((len(own), len(grid)))
    for at, (part, mass) in enumerate(zip(own.values(), masses, strict=True)):
        np.add.at(each[at], np.searchsorted(-grid, -part.score), mass)
    places = np.concatenate([[0], np.cumsum(each.sum(axis=0))]).astype(np.int64)
    seen = np.concatenate([[0.0], np.cumsum(1 / np.log2(2 + np.arange(places[-1])))])
    mean = np.diff(seen[places]) / np.diff(places)
    return {name: float(each[at] @ mean / each[at].sum()) for at, name in enumerate(own) if each[at].sum() > 0}


def of_predictions(policy: Policy, relation: Relation, over: tuple[str, ...]) -> tuple[Measured, ...]:
    """Return the errors of predicted numbers of each group, and the largest mean loss of any.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist, or holds what is no number.
    """
    groups = errors(policy, relation, over)
    if policy.missing is Missing.BOUNDS:
        groups = {name: own for name, own in groups.items() if MISSING not in name.split(", ")}
    found: list[Measured] = []
    for name, own in groups.items():
        values = {"mean_error": own.mean, "mean_absolute_error": own.absolute, "mean_squared_error": own.square, "r2": own.r2}
        found += [Measured(what, (name,), value, own.rows) for what, value in values.items() if value is not None]
    worst = bounded_group_loss(groups)
    if worst is not None:
        found.append(Measured("bounded_group_loss", (worst[0],), worst[1], groups[worst[0]].rows))
    return tuple(found)
