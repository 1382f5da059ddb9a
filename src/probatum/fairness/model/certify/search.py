"""Best-first search for the largest difference: parts of the domain, the most promising first, each with a bound.

The bound on a part is made of the largest that each tree can add there. It is attained where the pieces that add it have
a point in common; where they have none, the part is split between two of them, at the place that lowers the bound most.

The reduction to trees that twins can part in follows from what is asked; search by bounds on boxes is due to Land and
Doig (1960), and for ensembles of trees to Chen, Zhang, Si, Li, Boning, Hsieh, "Robustness verification of tree-based
models", NeurIPS 2019.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from probatum.fairness.model.certify.pieces import Pieces, words_of
from probatum.fairness.model.certify.variables import Variables

_CANDIDATES = 12  # places at which a split is tried, before one is made

Floats = NDArray[np.float64]


class Objective(Protocol):
    """What is to be as large as possible.

    `columns` are sums of which upper bounds are known on a part: of the gap, and if there are three of the first's sum and
    of the second's with its sign changed. `bound` turns rows of them into bounds on what is asked; it never falls when one
    of them rises. `ordered`: there is nothing to be found where the first's sum cannot be above the second's.
    """

    ordered: ClassVar[bool]

    def columns(self, pieces: Pieces) -> Floats: ...  # noqa: D102 - described above
    def bound(self, sums: Floats) -> Floats: ...  # noqa: D102 - described above


@dataclass(slots=True)
class Part:
    """A part of the domain.

    Attributes
    ----------
    masks : tuple of int
        Cells of each variable, as bits.
    alive : array of int
        Pieces that reach into it, of trees that have several.
    settled : array of shape (columns,)
        Sum over trees that have one.
    level : bool
        None of these adds more to the first than to the second.
    bound : float
    plain : bool
        No tree can add more to the first than to the second; then rounding, which keeps order, cannot either.
    """

    masks: tuple[int, ...]
    alive: NDArray[np.int64]
    settled: Floats
    level: bool
    bound: float
    plain: bool


@dataclass(slots=True)
class Cover:
    """How the domain was split: for each part that was, the variable, the cells of its first half, and the halves."""

    split: dict[int, tuple[int, int, int, int]] = field(default_factory=dict)
    bound: dict[int, float] = field(default_factory=dict)  # of parts that were not split
    plain: set[int] = field(default_factory=set)  # of these, the ones where no tree adds more to the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What a search found.

    Attributes
    ----------
    lower, upper : float
        Between these is the largest value; `lower` is -inf if no point was found.
    point : tuple of int or None
        The cell of each variable where `lower` is.
    parts : int
        That were looked at.
    """

    lower: float
    upper: float
    point: tuple[int, ...] | None
    parts: int
    cover: Cover


def search(
    pieces: Pieces,
    variables: Variables,
    objective: Objective,
    *,
    enough: Callable[[float, float], bool],
    most_parts: int,
    tick: Callable[[], None] = lambda: None,
) -> Searched:
    """Search until lower and upper bound are the same, or `enough`, or so many parts were looked at.

    Parameters
    ----------
    enough : function of (lower, upper)
    tick : function
        Called once for each part; may raise.
    """
    return _Search(pieces, variables, objective).run(enough, most_parts, tick)


class _Search:
    def __init__(self, pieces: Pieces, variables: Variables, objective: Objective) -> None:
        self._pieces = pieces
        self._variables = variables
        self._objective = objective
        self._columns = objective.columns(pieces)  # (n, columns)
        # First and last cell of each piece, for places to split at.
        self._ends = [_ends(cells) for cells in pieces.cells]
        self._slack = 1e-13 * (1.0 + float(np.abs(self._columns).sum()))

    def run(self, enough: Callable[[float, float], bool], most_parts: int, tick: Callable[[], None]) -> Searched:
        cover = Cover()
        masks = tuple(v.full for v in self._variables.all)
        root = self._part(masks, np.arange(len(self._columns)), np.zeros(self._columns.shape[1]), level=True)
        heap: list[tuple[float, int, Part]] = [(-root.bound, 0, root)]
        serial, parts, lower, point = 0, 0, -math.inf, None
        while heap:
            upper = -heap[0][0]
            if lower >= upper - self._slack or enough(lower, upper) or parts >= most_parts:
                break
            tick()
            _, number, part = heapq.heappop(heap)
            parts += 1
            found, value, choice = self._look(part)
            if value > lower:
                lower, point = value, found
            if value >= part.bound - self._slack:
                heapq.heappush(heap, (-part.bound, number, part))  # attained: nothing else can be larger
                break
            if choice is None:  # cannot be split, and its bound is what there is
                heapq.heappush(heap, (-part.bound, number, part))
                break
            variable, left = choice
            halves = []
            for side in (part.masks[variable] & left, part.masks[variable] & ~left):
                serial += 1
                halves.append(serial)
                child = self._child(part, variable, side)
                if child is None:
                    cover.bound[serial] = -math.inf
                else:
                    heapq.heappush(heap, (-child.bound, serial, child))
            cover.split[number] = (variable, left, halves[0], halves[1])
        upper = max((part.bound for _, _, part in heap), default=-math.inf)
        for _, number, part in heap:
            cover.bound[number] = part.bound
            if part.plain:
                cover.plain.add(number)
        return Searched(lower=lower, upper=upper, point=point, parts=parts, cover=cover)

    def _child(self, part: Part, variable: int, mask: int) -> Part | None:
        masks = list(part.masks)
        masks[variable] = mask
        narrowed = self._narrowed(masks, variable)
        if narrowed is None:
            return None
        alive = part.alive
        for v in narrowed:
            words = self._pieces.cells[v].shape[1]
            own = self._pieces.cells[v][alive]
            bits = np.array(words_of(masks[v], words), dtype=np.uint64)
            alive = alive[((own & bits) != 0).any(axis=1)]
        return self._part(tuple(masks), alive, part.settled, level=part.level)

    def _narrowed(self, masks: list[int], variable: int) -> list[int] | None:
        """Take from related variables what cannot be any more; the variables that changed, or None if nothing is left."""
        changed = [variable]
        if not masks[variable]:
            return None
        for relation in self._variables.relations:
            if variable not in (relation.first, relation.second):
                continue
            one, two = self._variables.all[relation.first].cells, self._variables.all[relation.second].cells
            mine, theirs = masks[relation.first], masks[relation.second]
            low, high = one[_lowest(mine)].low, one[_highest(mine)].high
            least, most = two[_lowest(theirs)].low, two[_highest(theirs)].high
            if variable == relation.first:
                other, cells, kept = relation.second, two, theirs
                inside = (low + relation.least, high + relation.most)
            else:
                other, cells, kept = relation.first, one, mine
                inside = (least - relation.most, most - relation.least)
            for n, cell in enumerate(cells):
                if kept >> n & 1 and (cell.high < inside[0] or cell.low > inside[1]):
                    kept &= ~(1 << n)
            if not kept:
                return None
            if kept != masks[other]:
                masks[other] = kept
                changed.append(other)
        return changed

    def _part(self, masks: tuple[int, ...], alive: NDArray[np.int64], settled: Floats, *, level: bool) -> Part:
        trees = self._pieces.tree[alive]
        if len(trees):
            starts = np.flatnonzero(np.r_[True, trees[1:] != trees[:-1]])
            counts = np.diff(np.r_[starts, len(trees)])
            alone = counts == 1
            if alone.any():
                sure = self._columns[alive[starts[alone]]]
                settled = settled + sure.sum(axis=0)
                level = level and bool((sure[:, 0] <= 0).all())
                alive = alive[np.repeat(~alone, counts)]
        sums, plain = settled.copy(), level
        if len(alive):
            trees = self._pieces.tree[alive]
            starts = np.flatnonzero(np.r_[True, trees[1:] != trees[:-1]])
            most = np.maximum.reduceat(self._columns[alive], starts, axis=0)
            sums = sums + most.sum(axis=0)
            plain = level and bool((most[:, 0] <= 0).all())
        bound = -math.inf if plain and self._objective.ordered else self._bound(sums)
        return Part(masks, alive, settled, level, bound, plain)

    def _bound(self, sums: Floats) -> float:
        return float(self._objective.bound(sums[None, :])[0])

    def _look(self, part: Part) -> tuple[tuple[int, ...] | None, float, tuple[int, int] | None]:
        """A point of a part, the value there, and where to split: a variable and the cells of one half."""
        alive = part.alive
        if not len(alive):
            return self._settled_point(list(part.masks)), part.bound, None
        trees = self._pieces.tree[alive]
        starts = np.flatnonzero(np.r_[True, trees[1:] != trees[:-1]])
        values = self._columns[alive]
        best = np.maximum.reduceat(values, starts, axis=0)  # (trees, columns)
        counts = np.diff(np.r_[starts, len(alive)])
        # The first piece of each tree that adds most to the first column.
        reaching = np.flatnonzero(values[:, 0] == np.repeat(best[:, 0], counts))
        owner = np.repeat(np.arange(len(starts)), counts)[reaching]
        top = reaching[np.r_[True, owner[1:] != owner[:-1]]]
        regret = best[:, 0] - np.add.reduceat(values[:, 0], starts) / counts
        order = np.argsort(-regret, kind="stable")
        point = self._greedy(part, alive, top, order)
        value = self._value_at(part, alive, starts, point)
        tops = [top]
        for column in range(1, values.shape[1]):
            reaching = np.flatnonzero(values[:, column] == np.repeat(best[:, column], counts))
            owner = np.repeat(np.arange(len(starts)), counts)[reaching]
            tops.append(reaching[np.r_[True, owner[1:] != owner[:-1]]])
        return point, value, self._choice(part, starts, tops, regret)

    def _settled_point(self, masks: list[int]) -> tuple[int, ...]:
        """Choose a cell of each variable, so that related ones go together."""
        for relation in self._variables.relations:
            self._took(masks, relation.first, 1 << _lowest(masks[relation.first]))
        return tuple(_lowest(mask) for mask in masks)

    def _greedy(self, part: Part, alive: NDArray[np.int64], top: NDArray[np.int64], order: NDArray[np.int64]) -> tuple[int, ...]:
        """Walk into the best piece of one tree after the other, where that is still possible."""
        masks = list(part.masks)
        ranked = alive[top[order]]
        for v, cells in enumerate(self._pieces.cells):
            own = cells[ranked]
            full = _int(np.bitwise_and.reduce(own, axis=0)) & masks[v]
            if full and self._took(masks, v, full):
                continue
            for line in own:
                both = masks[v] & _int(line)
                if both and both != masks[v]:
                    self._took(masks, v, both)
        return self._settled_point(masks)

    def _took(self, masks: list[int], variable: int, mask: int) -> bool:
        """Narrow a variable, if its relations leave something of the others."""
        kept = list(masks)
        masks[variable] = mask
        if self._narrowed(masks, variable) is None:
            masks[:] = kept
            return False
        return True

    def _value_at(self, part: Part, alive: NDArray[np.int64], starts: NDArray[np.int64], point: tuple[int, ...]) -> float:
        inside = np.ones(len(alive), dtype=bool)
        for v, cell in enumerate(point):
            word = self._pieces.cells[v][alive, cell >> 6]
            inside &= (word >> np.uint64(cell & 63) & np.uint64(1)).astype(bool)
        if inside.sum() != len(starts):
            return -math.inf  # related variables whose ends go together, and whose cells do not
        sums = part.settled + self._columns[alive[inside]].sum(axis=0)
        return float(self._objective.bound(sums[None, :])[0])

    def _choice(
        self, part: Part, starts: NDArray[np.int64], tops: Sequence[NDArray[np.int64]], regret: Floats
    ) -> tuple[int, int] | None:
        alive = part.alive
        places: list[tuple[float, int, int]] = []  # weight, variable, cells of one half
        chosen = alive[np.concatenate(tops)]
        weights = np.tile(regret + 1e-12, len(tops))
        for v, variable in enumerate(self._variables.all):
            mask = part.masks[v]
            if not mask & (mask - 1):
                continue
            if variable.ordered:
                low, high = _lowest(mask), _highest(mask)
                first, last = self._ends[v]
                gathered = np.zeros(high + 1)
                before, after = first[chosen] - 1, last[chosen]
                for ends in (before, after):
                    ok = (ends >= low) & (ends < high)
                    np.add.at(gathered, ends[ok], weights[ok])
                for place in np.flatnonzero(gathered):
                    left = mask & ((1 << int(place) + 1) - 1)
                    if left and left != mask:
                        places.append((-float(gathered[place]), v, left))
            else:
                seen: dict[int, float] = {}
                for line, weight in zip(self._pieces.cells[v][chosen], weights, strict=True):
                    left = _int(line) & mask
                    if left and left != mask:
                        seen[left] = seen.get(left, 0.0) + float(weight)
                places.extend((-weight, v, left) for left, weight in seen.items())
        if not places:
            return self._first_split(part)
        places.sort()
        places = places[:_CANDIDATES]
        worst = math.inf, math.inf
        best: tuple[int, int] | None = None
        bounds = self._bounds(part, starts, places)
        for (_, v, left), (one, two) in zip(places, bounds, strict=True):
            score = (max(one, two), one + two)
            if score < worst:
                worst, best = score, (v, left)
        return best

    def _first_split(self, part: Part) -> tuple[int, int] | None:
        """Halve the first variable that can be."""
        for v, mask in enumerate(part.masks):
            if mask & (mask - 1):
                cells = [n for n in range(mask.bit_length()) if mask >> n & 1]
                return v, sum(1 << n for n in cells[: len(cells) // 2])
        return None

    def _bounds(self, part: Part, starts: NDArray[np.int64], places: list[tuple[float, int, int]]) -> list[tuple[float, float]]:
        alive = part.alive
        values = self._columns[alive]
        many = len(places)
        reached = np.empty((2 * many, len(alive)), dtype=bool)
        for n, (_, v, left) in enumerate(places):
            own = self._pieces.cells[v][alive]
            words = own.shape[1]
            for k, side in enumerate((left, part.masks[v] & ~left)):
                bits = np.array(words_of(side, words), dtype=np.uint64)
                hit = (own & bits) != 0
                reached[2 * n + k] = hit[:, 0] if words == 1 else hit.any(axis=1)
        sums = np.empty((2 * many, values.shape[1]))
        for column in range(values.shape[1]):
            spread = np.where(reached, values[:, column], -np.inf)
            sums[:, column] = np.maximum.reduceat(spread, starts, axis=1).sum(axis=1) + part.settled[column]
        found = self._objective.bound(sums).reshape(many, 2)
        return [(float(one), float(two)) for one, two in found]


def _ends(cells: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last cell of each piece."""
    if not len(cells):
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty
    bits = np.unpackbits(cells.astype("<u8").view(np.uint8).reshape(len(cells), -1), axis=1, bitorder="little")
    first = bits.argmax(axis=1)
    last = bits.shape[1] - 1 - bits[:, ::-1].argmax(axis=1)
    return first.astype(np.int64), last.astype(np.int64)


def _int(words: NDArray[np.uint64]) -> int:
    mask = 0
    for n, word in enumerate(words):
        mask |= int(word) << 64 * n
    return mask


def _lowest(mask: int) -> int:
    return (mask & -mask).bit_length() - 1


def _highest(mask: int) -> int:
    return mask.bit_length() - 1
