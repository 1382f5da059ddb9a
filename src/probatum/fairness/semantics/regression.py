"""Errors of predicted numbers by group, from sums that one pass makes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.semantics.decisions import MISSING, condition_of, group_of, number_of
from probatum.fairness.semantics.relation import Relation, quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Predicted less true numbers of one group, as weighted means.

    Attributes
    ----------
    rows : int
        That have both numbers.
    weight : float
    mean : float
        Of the errors: positive where predictions are too high.
    absolute, square : float
        Means of the errors' sizes and squares.
    spread : float
        Standard deviation of the errors (divisor: the weight).
    covered : float
        Fraction of true numbers that are at most the prediction: of a predicted quantile, its level.
    r2 : float or None
        One less the squared error by the variance of the true numbers; None if these do not vary.
    """

    rows: int
    weight: float
    mean: float
    absolute: float
    square: float
    spread: float
    covered: float
    r2: float | None


def errors(policy: Policy, relation: Relation, over: tuple[str, ...]) -> Mapping[str, Errors]:
    """Return the errors of `score` as a prediction of `label`, by group; rows that lack either are left out.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist, or holds what is no number.
    """
    table = policy.decision
    if not table.label or not table.score:
        missing = "label" if not table.label else "score"
        raise UnreadableArtefact(
            f"errors of predictions need the column `{missing}`",
            help=f"add `{missing}: ...` under `decision`",
            location=table.location,
        )
    truth = number_of(table.label, relation, table.location, "a number")
    prediction = number_of(table.score, relation, table.location, "a number")
    weight = number_of(table.weight, relation, table.location, "a weight") if table.weight else "1"
    many = number_of(table.count, relation, table.location, "a number of rows") if table.count else "1"
    names = [quoted(f"g{n}") for n in range(len(over))]
    groups = ", ".join(f"{group_of(policy.protected[name], relation)} as {own}" for name, own in zip(over, names, strict=True))
    # Two steps: the variance of what is true is taken around its mean, so that large numbers do not cancel.
    found = relation.sql(
        f"with t as (select {groups}, {truth} as y, {prediction} as p, {weight} as w, {many} as m from {{table}} "  # noqa: S608 - quoted
        f"{condition_of(table, relation)}), u as (select * from t where isfinite(y) and isfinite(p) and w > 0 and m > 0), "
        f"v as (select *, p - y as e, m * w as mw, y - (sum(m * w * y) over g / sum(m * w) over g) as c from u "
        f"window g as (partition by {', '.join(names)})) "
        f"select {', '.join(names)}, sum(m) as n, sum(mw) as w, sum(mw * e) as e, sum(mw * abs(e)) as a, sum(mw * e * e) as s, "
        f"sum(mw) filter (y <= p) as k, sum(mw * c * c) as v from v group by all"
    )
    answer: dict[str, Errors] = {}
    for row in found:
        parts = [row[f"g{n}"] for n in range(len(over))]
        if policy.missing is Missing.EXCLUDE and any(part is None for part in parts):
            continue
        w = row["w"]
        mean, square = row["e"] / w, row["s"] / w
        answer[", ".join(MISSING if part is None else str(part) for part in parts)] = Errors(
            rows=int(row["n"]),
            weight=w,
            mean=mean,
            absolute=row["a"] / w,
            square=square,
            spread=math.sqrt(max(0.0, square - mean * mean)),
            covered=(row["k"] or 0.0) / w,
            r2=1 - row["s"] / row["v"] if row["v"] else None,
        )
    return dict(sorted(answer.items()))


def bounded_group_loss(groups: Mapping[str, Errors], *, loss: str = "square") -> tuple[str, float] | None:
    """Return the group with the largest mean loss (`square` or `absolute`), and that loss; None if there is none.

    References
    ----------
    .. [1] Agarwal, Dudik, Wu. "Fair regression: quantitative definitions and reduction-based
       algorithms." ICML 2019, arXiv:1905.12843.
    """
    if not groups:
        return None
    worst = max(groups, key=lambda name: getattr(groups[name], loss))
    return worst, float(getattr(groups[worst], loss))
