"""That no slice loses more than everyone by more than is allowed: every slice is counted and bounded again.

The evidence says of which values slices were made. What they would have had to be
made of is read from the policy and the table; rows are put into cells of these
values once more, and sums over ranges of cells are differences of running sums.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from typing import TYPE_CHECKING, Any

from probatum.evidence import CONFIRMED, Estimate, Recheck
from probatum.fairness.artefacts import Policy
from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
from probatum.fairness.recheck.excess import lowest
from probatum.fairness.semantics.items import FIND, Items, features_of, items_of, literal, number_or_none, text_of
from probatum.fairness.semantics.relation import Relation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ROOM = 1e-6


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows as cells: the code of each by each feature, and what each feature's slices are, as ranges of codes."""

    codes: list[NDArray[np.int64]]
    ranges: list[list[tuple[int, int]]]
    find: NDArray[np.bool_]
    num: NDArray[np.float64]
    den: NDArray[np.float64]
    cluster: NDArray[np.int64]


def of_all(policy: Policy, required: SlicesRequirement, evidence: Estimate, relation: Relation) -> Recheck:
    """Confirm or refute an upper bound of the excess of all slices."""
    import numpy as np

    claimed = evidence.counts
    if "searched" not in claimed:
        return Recheck("cannot", "the evidence does not say of which values slices were made")
    if evidence.high is None or evidence.high > required.bound:
        return Recheck("refuted", f"an excess of up to {evidence.high} is not within {required.bound:g}")
    names = [str(one["feature"]) for one in claimed["searched"]]
    untold = [name for name in features_of(policy, required, relation) if name not in names and name not in claimed["skipped"]]
    if untold:
        return Recheck("refuted", f"there may be slices by `{untold[0]}`, of which the evidence says nothing")
    items = items_of(policy, required, relation)
    table = _read(policy, required, claimed["searched"], items, relation)
    least = required.min_rows or max(policy.min_cell, math.ceil(int(table.find.sum()) / 100))
    if claimed["least"] != least:
        return Recheck("refuted", f"slices have at least {least} rows, and the evidence says {claimed['least']}")
    many, most = 0, -math.inf
    of = _Bounds(table, policy.alpha, rate=items.rate)
    for size in range(1, required.depth + 1):
        for chosen in combinations(range(len(names)), size):
            counted = of.over(chosen, table.find) >= least
            if counted.any():
                many += int(counted.sum())
                most = max(most, float(np.max(of.highest(chosen, counted))))
    if many != claimed["slices"]:
        return Recheck("refuted", f"there are {many:,} slices, and the evidence says {claimed['slices']:,}")
    if not math.isclose(most, evidence.high, rel_tol=_ROOM, abs_tol=1e-9):
        return Recheck("refuted", f"the highest upper bound of all slices is {most}")
    return CONFIRMED


def _read(
    policy: Policy, required: SlicesRequirement, searched: Sequence[Mapping[str, Any]], items: Items, relation: Relation
) -> _Table:
    import numpy as np

    columns = ["pb_num", "pb_den", "pb_half", *(["hash(pb_cluster) as cluster"] if items.clustered else [])]
    for n, one in enumerate(searched):
        name = str(one["feature"])
        if "texts" in one:
            known = ", ".join(literal(str(text)) for text in one["texts"])
            text = text_of(name, policy, required, relation)
            # From 1 on; 0 for another text.
            columns.append(f"case when {text} is not null then coalesce(list_position([{known}], {text}), 0) end as v{n}")
        else:
            columns.append(f"cast({number_or_none(name, policy, required, relation) or 'null'} as double) as v{n}")
    read = relation.arrays(f"select {', '.join(columns)} from {items.source}")  # noqa: S608 - quoted
    codes, ranges = [], []
    for n, one in enumerate(searched):
        gone = np.ma.getmaskarray(read[f"v{n}"])
        value = np.ma.filled(read[f"v{n}"].astype(np.float64), 0.0)
        if "texts" in one:
            last = len(one["texts"])
            code = np.where(value == 0, last + 1, value - 1)
            own = [(k, k + 1) for k in range(last)]
        else:
            ends = [float(end) for end in one["ends"]]
            last = len(ends) + 1
            code = np.searchsorted(ends, value, side="right").astype(np.float64)
            own = [(k, m) for k in range(last) for m in range(k + 1, last + 1) if (k, m) != (0, last)]
        codes.append(np.where(gone, last, code).astype(np.int64))
        ranges.append([*own, (last, last + 1)])
    rows = len(read["pb_num"])
    num, den = (np.asarray(read[name], np.float64) for name in ("pb_num", "pb_den"))
    cluster = np.unique(read["cluster"], return_inverse=True)[1] if items.clustered else np.arange(rows)
    return _Table(codes, ranges, np.asarray(read["pb_half"]) == FIND, num, den, cluster)


class _Bounds:
    """Upper bounds of the excess of slices, in the half in which they are confirmed."""

    def __init__(self, table: _Table, alpha: float, *, rate: bool) -> None:
        import numpy as np

        self._table, self._alpha = table, alpha
        self._here = ~table.find
        own = table.cluster[self._here]
        self._own = np.unique(own, return_inverse=True)[1]
        self._alone = len(np.unique(own)) == len(own)
        everyone = len(np.unique(table.cluster)) == len(table.cluster)
        self._exact = rate and everyone
        num, den = table.num[self._here], table.den[self._here]
        size = int(self._own.max()) + 1 if len(own) else 0
        self._every = {"A": np.bincount(self._own, num, minlength=size), "B": np.bincount(self._own, den, minlength=size)}

    def over(
        self, chosen: tuple[int, ...], where: NDArray[np.bool_], weight: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Return the rows, or their weights, of each slice by some features, among some rows."""
        import numpy as np

        shape = [max(end for _, end in self._table.ranges[f]) + 1 for f in chosen]
        cells = np.zeros(int(where.sum()), np.int64)
        for f, width in zip(chosen, shape, strict=True):
            cells = cells * width + self._table.codes[f][where]
        sums = np.bincount(cells, None if weight is None else weight[where], minlength=math.prod(shape))
        table: NDArray[np.float64] = sums.astype(np.float64).reshape(shape)
        for axis, f in enumerate(chosen):
            running = np.concatenate([np.zeros_like(table.take([0], axis)), table.cumsum(axis)], axis)
            first, end = (np.array([one[n] for one in self._table.ranges[f]]) for n in (0, 1))
            table = running.take(end, axis) - running.take(first, axis)
        return table

    def highest(self, chosen: tuple[int, ...], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the upper bounds of the slices that count."""
        import numpy as np

        if self._exact:
            return self._of_rates(chosen, counted)
        names = ["".join(name) for order in (1, 2, 3) for name in combinations_with_replacement("abAB", order)]
        found = []
        rows = self.over(chosen, self._here)[counted]
        alone = self._moments(chosen, counted) if self._alone else {}
        for n, place in enumerate(np.argwhere(counted)):
            if self._alone:
                every = {name: float(alone[name][n]) for name in names} | {"clusters": float(rows[n])}
            else:
                every = self._by_clusters(chosen, place, names)
            found.append(-lowest(every | {"all": float(len(self._every["A"]))}, self._alpha, exact=False, upper=True))
        return np.array(found)

    def _of_rates(self, chosen: tuple[int, ...], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
        import numpy as np
        from scipy.special import bdtri

        a, b = (
            np.round(self.over(chosen, self._here, part)[counted]).astype(np.int64) for part in (self._table.num, self._table.den)
        )
        lost, total = (round(float(self._every[name].sum())) for name in ("A", "B"))
        rest, others = lost - a, total - b
        with np.errstate(invalid="ignore", divide="ignore"):
            # P(X <= a) is the level at the upper end, and P(X < rest) is one less it at the lower one.
            high = np.where(a < b, bdtri(a.astype(float), b, self._alpha * 0.9), 1.0)
            low = np.where(rest > 0, bdtri(rest - 1.0, others, 1 - self._alpha * 0.1), 0.0)
        ends: NDArray[np.float64] = np.where(b > 0, np.where(others > 0, (high - low) * others / total, 0.0), np.inf)
        return ends

    def _moments(self, chosen: tuple[int, ...], counted: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
        """Return sums of products where each row is by itself: with a part in the slice, it is as much of everyone."""
        import numpy as np

        part = {"a": self._table.num, "b": self._table.den}
        found = {}
        for order in (1, 2, 3):
            for name in combinations_with_replacement("abAB", order):
                weight = math.prod((part[x.lower()] for x in name), start=np.ones(len(self._table.num)))
                if any(x.islower() for x in name):
                    found["".join(name)] = self.over(chosen, self._here, weight)[counted]
                else:
                    found["".join(name)] = np.full(int(counted.sum()), weight[self._here].sum())
        return found

    def _by_clusters(self, chosen: tuple[int, ...], place: NDArray[np.int64], names: Sequence[str]) -> dict[str, float]:
        import numpy as np

        inside = self._here.copy()
        for f, n in zip(chosen, place, strict=True):
            first, end = self._table.ranges[f][int(n)]
            inside &= (self._table.codes[f] >= first) & (self._table.codes[f] < end)
        member = inside[self._here]
        size = len(self._every["A"])
        parts = self._every | {
            "a": np.bincount(self._own[member], self._table.num[inside], minlength=size),
            "b": np.bincount(self._own[member], self._table.den[inside], minlength=size),
        }
        found = {name: float(math.prod((parts[x] for x in name), start=np.ones(size)).sum()) for name in names}
        return found | {"clusters": float(len(np.unique(self._own[member])))}
