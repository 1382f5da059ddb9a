"""Rows counted by group, score and truth in one pass: what every quantity of scores is computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.semantics.decisions import MISSING, condition_of, group_of, number_of, score_of, truth_of
from probatum.fairness.semantics.relation import Relation, quoted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST = 65_536  # different scores that are kept apart; more fall into as many bins of equal width


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The scores of one group, ascending, each with how many rows (or what weight) have it.

    Attributes
    ----------
    score : ndarray of float, (k,)
    positive, negative, unknown : ndarray of float, (k,)
        Sums of weights of the rows whose truth is positive, negative, not known.
    rows : int
        Number of rows, whatever they weigh.
    total : tuple of float
        Sums of weight times score, exact also where scores are binned: of positive, of negative,
        of unknown rows.
    exact : bool
        False: scores were so many that they are middles of bins.
    """

    score: NDArray[np.float64]
    positive: NDArray[np.float64]
    negative: NDArray[np.float64]
    unknown: NDArray[np.float64]
    rows: int
    total: tuple[float, float, float]
    exact: bool = True

    @property
    def all(self) -> NDArray[np.float64]:
        """Weight of every score, whatever turned out to be true."""
        return self.positive + self.negative + self.unknown


def score_counts(policy: Policy, relation: Relation, over: tuple[str, ...], *, most: int = MOST) -> Mapping[str, Scores]:
    """Count scores by the groups of one attribute, or of an intersection.

    Rows without a score are left out. Groups are named as in `decisions.groups`.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist, or holds what it cannot mean.
    """
    table = policy.decision
    score = score_of(table, relation)
    rows = f"from (select * from {{table}} {condition_of(table, relation)})"  # noqa: S608 - quoted
    [span] = relation.sql(
        f"select min(s) as low, max(s) as high, (select count(*) from (select distinct {score} as s {rows} "  # noqa: S608 - quoted
        f"where {score} is not null limit {most + 1})) as different from (select {score} as s {rows}) where isfinite(s)"
    )
    if span["low"] is None:
        return {}
    exact = span["different"] <= most
    width = (span["high"] - span["low"]) / most
    binned = "s" if exact else f"least({most - 1}, greatest(0, floor((s - {span['low']!r}) / {width!r})))"
    truth = truth_of(table.label, table, relation) if table.label else "null"
    weight = number_of(table.weight, relation, table.location, "a weight") if table.weight else "1"
    many = f"cast({number_of(table.count, relation, table.location, 'a number of rows')} as bigint)" if table.count else "1"
    names = [quoted(f"g{n}") for n in range(len(over))]
    columns = ", ".join(f"{group_of(policy.protected[name], relation)} as {own}" for name, own in zip(over, names, strict=True))
    found = relation.sql(
        f"select {', '.join(names)}, {binned} as b, y, sum(m) as n, sum(m * w) as w, sum(m * w * s) as ws "  # noqa: S608 - quoted
        f"from (select {columns}, {score} as s, {truth} as y, {weight} as w, {many} as m {rows}) "
        f"where isfinite(s) group by all order by b"
    )
    cells: dict[str, dict[float, list[float]]] = {}
    sums: dict[str, list[float]] = {}
    for row in found:
        parts = [row[f"g{n}"] for n in range(len(over))]
        if policy.missing is Missing.EXCLUDE and any(part is None for part in parts):
            continue
        if row["w"] is None or row["n"] is None or not 0 <= row["w"] < float("inf") or row["n"] < 0:
            raise UnreadableArtefact(
                f"`{relation.path}` holds a weight or a number of rows that is negative or missing",
                help="weights and numbers of rows are at least 0",
                location=table.location,
            )
        name = ", ".join(MISSING if part is None else str(part) for part in parts)
        at = row["b"] if exact else span["low"] + (row["b"] + 0.5) * width
        kind = 2 if row["y"] is None else 1 - row["y"]
        cells.setdefault(name, {}).setdefault(at, [0.0, 0.0, 0.0])[kind] += row["w"]
        total = sums.setdefault(name, [0.0, 0.0, 0.0, 0])
        total[kind] += row["ws"]
        total[3] += row["n"]
    return {name: _scores(cells[name], sums[name], exact=exact) for name in sorted(cells)}


def _scores(cells: Mapping[float, list[float]], sums: list[Any], *, exact: bool) -> Scores:
    import numpy as np

    score = np.array(sorted(cells), dtype=float)
    weights = np.array([cells[s] for s in score.tolist()], dtype=float).reshape(-1, 3)
    return Scores(
        score=score,
        positive=weights[:, 0],
        negative=weights[:, 1],
        unknown=weights[:, 2],
        rows=int(sums[3]),
        total=(sums[0], sums[1], sums[2]),
        exact=exact,
    )
