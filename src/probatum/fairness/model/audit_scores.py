"""What scores say of groups beside rates: distances of their distributions, places in the ranking, errors of predicted numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.semantics import scores as score_metrics
from probatum.fairness.semantics.decisions import MISSING, condition_of, group_of, number_of
from probatum.fairness.semantics.ranking import exposure, exposure_ratio, pairwise_accuracy, prefix_disparity, ranking_of
from probatum.fairness.semantics.regression import Errors, bounded_group_loss, errors
from probatum.fairness.semantics.relation import Relation
from probatum.fairness.semantics.score_counts import Scores

PREFIXES: tuple[Literal["rND", "rKL", "rRD"], ...] = ("rND", "rKL", "rRD")
PAIRWISE = "pairwise_accuracy"  # of ordered pairs: how often one of the first who deserves more scores above one of the second
_MOST_PAIRED = 10_000  # rows of which each is compared with each
_MOST_GROUPS = 20  # that are compared pair by pair
_TOP = 0.1  # share of all that is at the top


@dataclass(frozen=True, slots=True)
class Measured:
    """A quantity without bounds: what it is, of whom (nobody: of all together), and from how many rows."""

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
        for ordered in ((one, other), (other, one)):
            right = score_metrics.auc_between(own[ordered[0]], own[ordered[1]])
            if right is not None:
                found.append(Measured(PAIRWISE, ordered, right, a.rows + b.rows))
    total = sum(float(part.all.sum()) for part in own.values())
    if len(own) > 1 and total > 0:
        chosen = score_metrics.top_selected(dict(own), _TOP * total)
        found += [Measured(f"selected_in_top_{_TOP:.0%}", (name,), float(v), own[name].rows) for name, v in chosen.items()]
        found += _of_ranking(own)
    return tuple(found)


def _of_ranking(own: Mapping[str, Scores]) -> list[Measured]:
    """Return who is seen, and how far the first places are from the shares of groups; nothing where rows are weighted."""
    order = ranking_of(own)
    if order is None:
        return []
    found = [Measured("exposure_of_ranking", (name,), v, own[name].rows) for name, v in exposure(order).items()]
    apart = exposure_ratio(order)
    if apart is not None:
        found.append(Measured("exposure_ratio", (), apart, sum(part.rows for part in own.values())))
    for name in list(own)[:_MOST_GROUPS]:
        for of in PREFIXES:
            far = prefix_disparity(order, name, of=of)
            if far is not None:
                found.append(Measured(of, (name,), far, own[name].rows))
    return found


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
        values = {
            "mean_error": own.mean,
            "mean_absolute_error": own.absolute,
            "mean_squared_error": own.square,
            "r2": own.r2,
            "at_most_the_prediction": own.covered,
        }
        found += [Measured(what, (name,), value, own.rows) for what, value in values.items() if value is not None]
    worst = bounded_group_loss(groups)
    if worst is not None:
        found.append(Measured("bounded_group_loss", (worst[0],), worst[1], groups[worst[0]].rows))
    return (*found, *_pairwise(policy, relation, over, groups))


def _pairwise(policy: Policy, relation: Relation, over: tuple[str, ...], groups: Mapping[str, Errors]) -> list[Measured]:
    """Return how often the one of two rows with the larger number is predicted to have it; nothing of weighted or too many rows."""
    table = policy.decision
    sizes = {name: own.rows for name, own in groups.items()}
    if table.weight or table.count or sum(sizes.values()) > _MOST_PAIRED or len(sizes) > _MOST_GROUPS:
        return []
    parts = ", ".join(f"{group_of(policy.protected[name], relation)} as g{n}" for n, name in enumerate(over))
    numbers = [number_of(name, relation, table.location, "a number") for name in (table.label, table.score)]
    rows = relation.sql(
        f"select {parts}, {numbers[0]} as y, {numbers[1]} as p from {{table}} {condition_of(table, relation)}"  # noqa: S608 - quoted
    )
    names = [", ".join(MISSING if row[f"g{n}"] is None else str(row[f"g{n}"]) for n in range(len(over))) for row in rows]
    kept = [(name, row) for name, row in zip(names, rows, strict=True) if name in sizes and None not in (row["y"], row["p"])]
    found = pairwise_accuracy([name for name, _ in kept], [row["p"] for _, row in kept], [row["y"] for _, row in kept])
    return [Measured(PAIRWISE, (a, b), v, sizes[a] + sizes[b] * (a != b)) for (a, b), v in found.items()]
