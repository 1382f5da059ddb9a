"""How well the columns of a table tell a group: each alone, and all together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from probatum.fairness.semantics.columns import Column, Sort, columns
from probatum.fairness.semantics.relation import Relation, quoted

_MOST_LEVELS = 30  # of a text, in the model of all columns together; rarer ones are one level
_MOST_ROWS = 50_000  # of that model
_RIDGE = 1.0
_STEPS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """How often a column, or all, rank a member of a group above a non-member; 0.5 tells nothing.

    Attributes
    ----------
    auc, low, high : float
        The area under the curve, oriented so that it is at least 0.5 where it is not estimated on
        other rows; and bounds.
    inside, outside : int
        Rows of the group, and of all others, from which it is computed.
    """

    auc: float
    low: float
    high: float
    inside: int
    outside: int

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"auc": self.auc, "low": self.low, "high": self.high, "inside": self.inside, "outside": self.outside}


def strength(counts: Iterable[tuple[float, int, int]], *, alpha: float, oriented: bool) -> Strength | None:
    """Return the area from counts of members and others at each value, ascending.

    Parameters
    ----------
    counts : iterable of (value, members, others)
    alpha : float
        Probability that the bounds do not hold.
    oriented : bool
        Whether the direction was fixed on other rows. If not, the larger of both directions is
        returned, whose bounds are those of two statements.

    Notes
    -----
    A two-sample U-statistic with a kernel in [0, 1] is further than t from its mean with
    probability at most ``2 exp(-2 min(n, m) t^2)`` [1]_. Rows must be independent.

    References
    ----------
    .. [1] Hoeffding. "Probability inequalities for sums of bounded random variables." Journal of
       the American Statistical Association 58 (1963), section 5b.

    Examples
    --------
    >>> round(strength([(1.0, 0, 50), (2.0, 50, 50), (3.0, 50, 0)], alpha=0.05, oriented=True).auc, 3)
    0.875
    """
    above = 0.0  # pairs in which the member is above, ties by half
    inside = outside = 0
    for _, members, others in sorted(counts, key=lambda one: one[0]):
        above += members * (outside + others / 2)
        inside, outside = inside + members, outside + others
    if not inside or not outside:
        return None
    auc = above / (inside * outside)
    reach = math.sqrt(math.log((2 if oriented else 4) / alpha) / (2 * min(inside, outside)))
    if not oriented:
        auc = max(auc, 1 - auc)
    return Strength(auc=auc, low=max(0.0, auc - reach), high=min(1.0, auc + reach), inside=inside, outside=outside)


def proxies(
    relation: Relation, features: Sequence[str], attribute: str, *, alpha: float = 0.05
) -> dict[str, dict[str, Strength]]:
    """Return for each group of a column how well each feature tells it; all together under "*".

    Parameters
    ----------
    attribute : str
        The column of the groups, which is left out of the features.
    alpha : float
        Of all bounds for the attribute together.
    """
    known = {name: one for name, one in columns(relation, without=(attribute,)).items() if name in features}
    group = f"nullif(trim(cast({quoted(attribute)} as varchar)), '')"
    rows = relation.sql(f"select {group} as g, count(*) as n from {{table}} where {group} is not null group by g order by g")  # noqa: S608 - quoted
    groups = [row["g"] for row in rows if row["n"] > 1]
    if len(groups) < 2:
        return {}
    level = alpha / (len(groups) * (len(known) + 1))
    found: dict[str, dict[str, Strength]] = {name: {} for name in groups}
    for name, column in known.items():
        for one, own in _alone(relation, column, group, groups, level).items():
            if own is not None:
                found[one][name] = own
    for one, own in _together(relation, list(known.values()), group, groups, level).items():
        if own is not None:
            found[one]["*"] = own
    return found


def _alone(relation: Relation, column: Column, group: str, groups: Sequence[str], level: float) -> dict[str, Strength | None]:
    rows = relation.sql(
        "select v, h, g, count(*) as n from "  # noqa: S608 - names are quoted
        f"(select ({column.value}) as v, {group} as g, row_number() over () % 2 as h from {{table}}) "
        "where g is not null group by v, h, g"
    )
    found: dict[str, Strength | None] = {}
    text = column.sort is Sort.TEXT
    for one in groups:
        counts: dict[tuple[Any, int], list[int]] = {}
        for row in rows:
            counts.setdefault((row["v"], row["h"] if text else 0), [0, 0])[row["g"] != one] += row["n"]
        if not text:
            # Rows without a value are together at one end: that they lack it may tell the group as well.
            found[one] = strength(
                ((-math.inf if v is None else float(v), n[0], n[1]) for (v, _), n in counts.items()), alpha=level, oriented=False
            )
            continue
        rate = {v: (n[0] + 0.5) / (sum(n) + 1) for (v, half), n in counts.items() if half == 0}
        usual = 0.5
        found[one] = strength(
            ((rate.get(v, usual), n[0], n[1]) for (v, half), n in counts.items() if half == 1), alpha=level, oriented=True
        )
    return found


def _together(
    relation: Relation, own: Sequence[Column], group: str, groups: Sequence[str], level: float
) -> dict[str, Strength | None]:
    import numpy as np

    if not own:
        return {}
    asked = ", ".join(f"({column.value}) as c{n}" for n, column in enumerate(own))
    rows = relation.sql(f"select {group} as g, {asked} from {{table}} where {group} is not null limit {_MOST_ROWS}")  # noqa: S608 - quoted
    fitted = np.arange(len(rows)) % 2 == 0
    parts = [np.ones((len(rows), 1))]
    for n, column in enumerate(own):
        values = [row[f"c{n}"] for row in rows]
        if column.sort is Sort.TEXT:
            often: dict[Any, int] = {}
            for value in values:
                often[value] = often.get(value, 0) + 1
            levels = sorted(often, key=lambda v: (-often[v], str(v)))[:_MOST_LEVELS]
            parts.append(np.array([[float(value == one) for one in levels] for value in values]).reshape(len(rows), -1))
            continue
        numbers = np.array([np.nan if value is None else float(value) for value in values])
        lacks = np.isnan(numbers)
        seen = numbers[fitted & ~lacks]
        centre, spread = (float(seen.mean()), float(seen.std()) or 1.0) if len(seen) else (0.0, 1.0)
        parts += [np.where(lacks, 0.0, (numbers - centre) / spread)[:, None], lacks[:, None].astype(float)]
    design = np.clip(np.hstack(parts), -1e6, 1e6)
    found: dict[str, Strength | None] = {}
    for one in groups:
        truth = np.array([float(row["g"] == one) for row in rows])
        score = design[~fitted] @ _logistic(design[fitted], truth[fitted])
        found[one] = (
            strength(
                ((float(s), int(t), int(1 - t)) for s, t in zip(score, truth[~fitted], strict=True)), alpha=level, oriented=True
            )
            if len(score)
            else None
        )
    return found


def _logistic(design: Any, truth: Any) -> Any:
    """Fit a ridge-penalised logistic regression by Newton's method; the penalty makes every step solvable."""
    import numpy as np

    weights = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (truth - chance) - _RIDGE * weights
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + _RIDGE * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-8:
            break
    return weights
