"""The conjunctions with the best score, exactly: every one is scored, or cannot be among the best.

The score is SliceLine's [1]_: how much worse a slice is than everyone, weighed
against how small it is. What a conjunction can score is bounded by the sizes and
losses of the shorter ones it is made of; whole combinations of features whose
best bound is below what was found are never counted.

References
----------
.. [1] Sagadeeva, Boehm. "SliceLine: Fast, Linear-Algebra-based Slice Finding for
   ML Model Debugging." SIGMOD 2021, equations 1 and 3.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from probatum.fairness.model.slices.frame import Feature

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.tools import Deadline

_CLEAR = 3.5  # standard errors by which a condition must make a difference: it was chosen among very many
_MOST_CELLS = 4_000_000  # of one combination of features, kept at a time


@dataclass(frozen=True, slots=True, order=True)
class Scored:
    """A conjunction and its score.

    Attributes
    ----------
    score : float
    choice : tuple of (int, int)
        Number of a feature, and of one of its choices; ascending by feature.
    rows : int
    num, den : float
    """

    score: float
    choice: tuple[tuple[int, int], ...]
    rows: int = field(compare=False)
    num: float = field(compare=False)
    den: float = field(compare=False)


@dataclass(frozen=True, slots=True)
class Totals:
    """What scores are relative to: rows, and the sums of both parts of the loss, of everyone."""

    rows: int
    num: float
    den: float


def score(num: NDArray[np.float64], den: NDArray[np.float64], of: Totals, alpha: float) -> NDArray[np.float64]:
    """Return SliceLine's score of slices with some sums; -inf where nothing counts."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        found = alpha * (num / den * (of.den / of.num) - 1) - (1 - alpha) * (of.den / den - 1)
    return np.where(den > 0, found, -np.inf)


def bound(
    num: NDArray[np.float64], den: NDArray[np.float64], worst: NDArray[np.float64], *, least: float, of: Totals, alpha: float
) -> NDArray[np.float64]:
    """Return the best score of any part of slices.

    Parameters
    ----------
    num, den : arrays
        Sums that a part cannot exceed.
    worst : array
        Largest loss of one row, which no mean of rows exceeds.
    least : float
        Smallest sum of `den` of a part that counts.

    Notes
    -----
    With size m, a part loses at most min(num, m worst). Below num / worst the score rises
    with m; above, it is monotone in 1 / m; so the best is at one of three sizes.
    """
    import numpy as np

    least = max(least, 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = np.clip(np.where(worst > 0, num / worst, least), least, np.maximum(den, least))
    best = np.full(np.shape(num), -np.inf)
    for size in (np.full_like(middle, least), middle, np.maximum(den, least)):
        with np.errstate(invalid="ignore"):
            lost = np.minimum(num, size * worst)
        best = np.maximum(best, score(lost, size, of, alpha))
    return np.where(den >= least, best, -np.inf)


class Lattice:
    """All conjunctions of some features over some rows; sums of single and paired choices are kept."""

    def __init__(
        self,
        features: Sequence[Feature],
        codes: NDArray[np.uint8],
        num: NDArray[np.float64],
        den: NDArray[np.float64],
        deadline: Deadline | None = None,
        *,
        cluster: NDArray[np.int64] | None = None,
    ) -> None:
        """Begin, with the rows of one half.

        Parameters
        ----------
        codes : array of shape (n_features, n_rows)
        num, den : array of shape (n_rows,), at least 0
        cluster : array of shape (n_rows,), from 0 on
            What is independent of what, where rows are not.
        """
        import numpy as np

        self._cluster = cluster

        self._features = features
        self._codes = codes
        self._num, self._den = num, den
        self._deadline = deadline
        self._matrices = [feature.matrix() for feature in features]
        self._known: dict[tuple[int, ...], tuple[NDArray[np.float64], ...]] = {}
        self._ones = bool(np.all(den == 1.0))
        self.totals = Totals(len(num), float(num.sum()), float(den.sum()))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(num > 0, num / den, 0.0)
        self._worst = float(ratio.max()) if len(ratio) else 0.0

    def tables(self, chosen: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return rows, num and den of every conjunction of choices of some features: each of shape (choices, ...)."""
        import numpy as np

        if chosen in self._known:
            return self._known[chosen]  # type: ignore[return-value]  # of three arrays
        if self._deadline is not None:
            self._deadline.check()
        widths = [self._features[f].width for f in chosen]
        cell = np.zeros(len(self._num), np.int64)
        for f, width in zip(chosen, widths, strict=True):
            cell = cell * width + self._codes[f]
        size = int(np.prod(widths))
        rows = np.bincount(cell, minlength=size).astype(np.float64)
        num = np.bincount(cell, self._num, minlength=size).astype(np.float64)
        den = rows if self._ones else np.bincount(cell, self._den, minlength=size).astype(np.float64)
        found = tuple(self._over(table.reshape(widths), chosen) for table in (rows, num, den))
        if len(chosen) < 3 and found[0].size <= _MOST_CELLS:
            self._known[chosen] = found
        return found[0], found[1], found[2]

    def _over(self, table: NDArray[np.float64], chosen: tuple[int, ...]) -> NDArray[np.float64]:
        """Sum cells into choices, along each axis."""
        import numpy as np

        for axis, f in enumerate(chosen):
            table = np.moveaxis(np.tensordot(self._matrices[f], table, axes=(1, axis)), 0, axis)
        return table

    def member(self, chosen: tuple[int, ...], places: tuple[int, ...]) -> NDArray[np.bool_]:
        """Return which rows are in the conjunction of one choice of each of some features."""
        import numpy as np

        found = np.ones(len(self._num), bool)
        for f, place in zip(chosen, places, strict=True):
            _, first, end = self._features[f].choices[place]
            found &= (self._codes[f] >= first) & (self._codes[f] < end)
        return found

    def simplest(self, choice: tuple[tuple[int, int], ...], *, excess: float) -> tuple[tuple[int, int], ...]:
        """Return a conjunction without the conditions that make no clear difference.

        A condition goes if the rows that it takes away lose as much as those that it leaves, but for
        what chance does, and the conjunction without it still exceeds everyone by enough.
        """
        mean = self.totals.num / self.totals.den
        while len(choice) > 1:
            inside = self.member(*self._split(choice))
            best: tuple[float, tuple[tuple[int, int], ...]] | None = None
            for n in range(len(choice)):
                shorter = choice[:n] + choice[n + 1 :]
                wide = self.member(*self._split(shorter))
                gone = wide & ~inside
                if self._den[gone].sum() <= 0 or self._num[wide].sum() / self._den[wide].sum() - mean <= excess:
                    continue
                far = self._apart(inside, gone)
                if far < _CLEAR and (best is None or far < best[0]):
                    best = (float(far), shorter)
            if best is None:
                break
            choice = best[1]
        return choice

    def _apart(self, inside: NDArray[np.bool_], gone: NDArray[np.bool_]) -> float:
        """Return by how many standard errors, by clusters where there are some, one part loses more than another."""
        import numpy as np

        rates, moves = [], np.zeros(len(self._num))
        for part, sign in ((inside, 1.0), (gone, -1.0)):
            num, den = self._num[part], self._den[part]
            rates.append(float(num.sum() / den.sum()))
            moves[part] = sign * (num - rates[-1] * den) / den.sum()
        sums = moves if self._cluster is None else np.bincount(self._cluster, moves)
        # One case more of each kind: no small part is sure of itself.
        more = sum((self._den[part].mean() / self._den[part].sum()) ** 2 for part in (inside, gone))
        return float((rates[0] - rates[1]) / np.sqrt(sums @ sums + more))

    @staticmethod
    def _split(choice: tuple[tuple[int, int], ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return tuple(f for f, _ in choice), tuple(n for _, n in choice)

    def combinations(self, depth: int) -> list[tuple[int, ...]]:
        """Return all combinations of features, shortest first."""
        return [c for size in range(1, depth + 1) for c in combinations(range(len(self._features)), size)]

    def best(self, k: int, *, depth: int, min_rows: int, excess: float, alpha: float = 0.95) -> list[Scored]:
        """Return the conjunctions with the best scores, the best first.

        Parameters
        ----------
        k : int
            How many.
        depth : int
            Most conditions of a conjunction.
        min_rows : int
            Fewest rows of it.
        excess : float
            Only those whose loss is above that of everyone by more than this.
        alpha : float in (0, 1)
            How much being worse weighs against being small.

        Notes
        -----
        Exact: what is not returned scores no better, or is equal in all that counts to what is.
        Of conjunctions with equal scores, the one with the smaller choices is returned. Scores
        count only above 0, where a slice is worse than everyone by more than its size takes away.
        """
        import numpy as np

        of = self.totals
        if of.num <= 0 or of.den <= 0:
            return []
        mean = of.num / of.den
        kept: list[tuple[float, tuple[tuple[int, int], ...], Scored]] = []
        least_den = self._least(min_rows)
        for size in range(1, depth + 1):
            waiting = []
            for chosen in combinations(range(len(self._features)), size):
                waiting.append((self._most(chosen, min_rows, least_den, alpha), chosen))
                if self._deadline is not None:
                    self._deadline.check()
            for most, chosen in sorted(waiting, key=lambda pair: (-pair[0], pair[1])):
                floor = max(0.0, kept[0][0]) if len(kept) == k else 0.0
                if most < floor or most == -np.inf:
                    break
                rows, num, den = self.tables(chosen)
                value = score(num, den, of, alpha)
                with np.errstate(divide="ignore", invalid="ignore"):
                    good = (rows >= min_rows) & (den > 0) & (num / den - mean > excess) & (value > 0) & (value >= floor)
                for at in np.argwhere(good):
                    place = tuple(int(n) for n in at)
                    choice = tuple(zip(chosen, place, strict=True))
                    one = Scored(float(value[place]), choice, int(rows[place]), float(num[place]), float(den[place]))
                    entry = (one.score, tuple((-a, -b) for a, b in choice), one)
                    if len(kept) < k:
                        heapq.heappush(kept, entry)
                    elif entry[:2] > kept[0][:2]:
                        heapq.heapreplace(kept, entry)
        return [entry[2] for entry in sorted(kept, key=lambda entry: entry[:2], reverse=True)]

    def _least(self, min_rows: int) -> float:
        """Return the smallest sum of `den` that so many rows can have."""
        import numpy as np

        if self._ones:
            return float(min_rows)
        few = min(min_rows, len(self._den))
        return float(np.partition(self._den, few - 1)[:few].sum()) if few else 0.0

    def _most(self, chosen: tuple[int, ...], min_rows: int, least_den: float, alpha: float) -> float:
        """Return a score that no conjunction of choices of these features exceeds."""
        import numpy as np

        if len(chosen) == 1:
            return float(np.inf)
        rows = num = den = None
        for parent in combinations(range(len(chosen)), len(chosen) - 1):
            shape = [slice(None) if n in parent else None for n in range(len(chosen))]
            tables = [table[tuple(shape)] for table in self.tables(tuple(chosen[n] for n in parent))]
            rows = tables[0] if rows is None else np.minimum(rows, tables[0])
            num = tables[1] if num is None else np.minimum(num, tables[1])
            den = tables[2] if den is None else np.minimum(den, tables[2])
        assert rows is not None  # noqa: S101 - there are at least two parents
        assert num is not None  # noqa: S101 - as above
        assert den is not None  # noqa: S101 - as above
        able = rows >= min_rows
        if not able.any():
            return float(-np.inf)
        best = bound(num[able], den[able], np.full(int(able.sum()), self._worst), least=least_den, of=self.totals, alpha=alpha)
        return float(best.max()) * (1 + 1e-12) + 1e-12  # sums in another order differ in the last places
