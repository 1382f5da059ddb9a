"""On which share of a region do twins get different decisions? Boxes are divided until each is all alike or all different.

The largest box that is neither is divided first, so that both bounds are valid whenever the search ends: what is
known to differ is the lower one, and all but what is known to be alike the upper one. Of trees the answer is exact if
the search ends by itself; of a weighted sum the region is cut into finitely many cells, and a few stay open.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from probatum.errors import UsageError
from probatum.fairness.artefacts.models.model import Leaf, Linear, Node, TreeSum
from probatum.fairness.artefacts.requirements.individual import Over
from probatum.fairness.artefacts.twins import Domain, Output, Range, Twins
from probatum.fairness.model.certify.answer import Question
from probatum.fairness.model.certify.variables import variables_of
from probatum.fairness.semantics.region import Cell, weights
from probatum.fairness.semantics.relation import Relation
from probatum.fairness.semantics.rounding import rounding_of
from probatum.fairness.semantics.scoring import goes_left, linked, raw_score
from probatum.source import digest_of

SCHEMA = "probatum-share/1"

_STEPS = 256  # cells of a range of a weighted sum
_MOST_TWINS = 4096  # ways in which a person and all twins can be
_LINK = 1e-13  # what computing a logistic function can make wrong, many times over

Ranges = tuple[tuple[int, int], ...]  # of each axis, the first cell and one after the last
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Axis:
    """A feature, or a group of which one is 1, by its columns in the model and its cells."""

    name: str
    columns: tuple[int, ...]
    cells: tuple[Cell, ...]

    def values(self, cell: int) -> Mapping[int, float]:
        """Return what the columns are in a cell."""
        if len(self.columns) == 1:
            return {self.columns[0]: self.cells[cell][1]}
        return {column: float(place == cell) for place, column in enumerate(self.columns)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The share is between `lower` and `upper`; `parts` boxes were looked at, and `certificate` proves it."""

    lower: float
    upper: float
    parts: int
    certificate: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A box, and the leaves that someone in it reaches; of a weighted sum none."""

    box: Ranges
    alive: NDArray[np.int64]

    def within(self, axis: int, ends: tuple[int, int]) -> Ranges:
        """Return the box with another range of one axis."""
        return (*self.box[:axis], ends, *self.box[axis + 1 :])


class _Scores(Protocol):
    """Bounds of the raw score of each twin in a box, and where to divide it."""

    def bounds(self, part: Part) -> tuple[Floats, Floats]: ...

    def split(self, part: Part) -> tuple[int, int] | None: ...

    def narrowed(self, part: Part, axis: int, ends: tuple[int, int]) -> Part: ...

    @property
    def everything(self) -> Part: ...


def share(
    question: Question,
    over: Over,
    relation: Relation | None,
    *,
    enough: Callable[[float, float], bool],
    most_parts: int,
    tick: Callable[[], None] = lambda: None,
) -> Share:
    """Bound the share of a region in which a decision depends on what twins may differ in.

    Parameters
    ----------
    relation : Relation or None
        The table whose margins are meant; not needed for `Over.UNIFORM`.
    enough : function of (lower, upper)

    Raises
    ------
    UsageError
        If the model is no sum of trees or weighted sum, twins differ in another way than any, or there are too many.
    """
    model, twins = question.model, question.twins
    if not isinstance(model, TreeSum | Linear):
        raise UsageError("shares are known of sums of trees and of weighted sums", help="ask for the largest gap instead")
    if twins.tolerance or twins.more:
        raise UsageError("a share is asked of twins who may differ in any way", help="name what they differ in with `vary`")
    axes, free = _axes(model, question.domain, twins)
    options = list(itertools.product(*(range(len(axis.cells)) for axis in free)))
    if len(options) > _MOST_TWINS:
        raise UsageError(
            f"a person has {len(options):,} twins", help=f"let them differ in less: at most {_MOST_TWINS:,} are tried"
        )
    sizes = [weights(axis.name, axis.cells, question.domain, over, relation) for axis in axes]
    made = _Trees(model, axes, free, options) if isinstance(model, TreeSum) else _Sum(model, axes, free, options)
    found = _Search(question, axes, free, options, sizes, made).run(enough, most_parts, tick)
    lower, upper, parts, tree = found
    body = {
        "schema": SCHEMA,
        "model": question.digest,
        "domain": question.domain.to_json(),
        "twins": twins.to_json(),
        "threshold": question.threshold,
        "over": over.value,
        "axes": [{"name": a.name, "cells": [[None if math.isnan(e) else e for e in c] for c in a.cells]} for a in axes],
        "free": [{"name": a.name, "cells": [[None if math.isnan(e) else e for e in c] for c in a.cells]} for a in free],
        "boxes": tree,
        "lower": [str(lower.numerator), str(lower.denominator)],
        "upper": [str(upper.numerator), str(upper.denominator)],
    }
    return Share(lower=float(lower), upper=float(upper), parts=parts, certificate={**body, "digest": digest_of(body)})


class _Search:
    def __init__(  # noqa: PLR0917 - a question, and what is made of it
        self,
        question: Question,
        axes: Sequence[Axis],
        free: Sequence[Axis],
        options: Sequence[tuple[int, ...]],
        sizes: Sequence[Sequence[Fraction]],
        scores: _Scores,
    ) -> None:
        self._question, self._axes, self._free, self._options, self._scores = question, axes, free, options, scores
        self._sums = [[Fraction(0), *itertools.accumulate(own)] for own in sizes]
        self._slack = rounding_of(question.model, question.domain, Output.RAW)

    def run(
        self, enough: Callable[[float, float], bool], most_parts: int, tick: Callable[[], None]
    ) -> tuple[Fraction, Fraction, int, list[Any]]:
        differ, open_, stuck, parts = Fraction(0), Fraction(1), Fraction(0), 0
        said: dict[int, Any] = {}
        heap: list[tuple[float, int, Part, Fraction]] = [(-1.0, 0, self._scores.everything, Fraction(1))]
        serial = 0
        while heap:
            if enough(float(differ), float(differ + open_)) or parts >= most_parts:
                break
            tick()
            _, number, part, size = heapq.heappop(heap)
            parts += 1
            label = self._label(part)
            if label != "open":
                said[number] = label
                open_ -= size
                differ += size if label == "differ" else 0
                continue
            place = self._scores.split(part)
            if place is None:
                said[number] = "open"
                stuck += size
                continue
            axis, cut = place
            halves = []
            for ends in ((part.box[axis][0], cut), (cut, part.box[axis][1])):
                serial += 1
                halves.append(serial)
                half = self._scores.narrowed(part, axis, ends)
                inside = self._size(half.box)
                heapq.heappush(heap, (-float(inside), serial, half, inside))
            said[number] = (axis, cut, *halves)
        return differ, differ + open_, parts, _written(said)

    def _size(self, box: Ranges) -> Fraction:
        return math.prod((own[end] - own[first] for own, (first, end) in zip(self._sums, box, strict=True)), start=Fraction(1))

    def _label(self, part: Part) -> str:
        low, high = self._scores.bounds(part)
        link, threshold = self._question.model.link, self._question.threshold
        if (low == high).all():  # one leaf of each tree: what the library computes is known
            sides = {linked(link, self._at(part.box, option)) >= threshold for option in self._options}
            return "differ" if len(sides) > 1 else "alike"
        least = [linked(link, float(one) - self._slack) - _LINK for one in low]
        most = [linked(link, float(one) + self._slack) + _LINK for one in high]
        above, below = [one >= threshold for one in least], [one < threshold for one in most]
        if any(above) and any(below):
            return "differ"
        return "alike" if all(above) or all(below) else "open"

    def _at(self, box: Ranges, option: tuple[int, ...]) -> float:
        row = [0.0] * len(self._question.model.features)
        for axis, (first, _) in zip(self._axes, box, strict=True):
            for column, value in axis.values(first).items():
                row[column] = value
        for axis, cell in zip(self._free, option, strict=True):
            for column, value in axis.values(cell).items():
                row[column] = value
        return raw_score(self._question.model, tuple(row))


def _written(said: Mapping[int, Any]) -> list[Any]:
    """Return the division in preorder: an axis and a cell before which it is cut, or what is known of a box."""
    found: list[Any] = []
    todo = [0]
    while todo:
        own = said.get(todo.pop(), "open")
        if isinstance(own, str):
            found.append(own)
            continue
        found.append([own[0], own[1]])
        todo += [own[3], own[2]]
    return found


def _axes(model: TreeSum | Linear, domain: Domain, twins: Twins) -> tuple[list[Axis], list[Axis]]:
    """Return what a person is, and what twins differ in, as axes; of features that the model reads."""
    place = {name: n for n, name in enumerate(model.features)}
    cut = {v.name: v.cells for v in variables_of(model, domain, twins).all} if isinstance(model, TreeSum) else {}
    axes: list[Axis] = []
    free: list[Axis] = []
    for name, columns in [*((n, (n,)) for n in domain.features), *domain.one_hot.items()]:
        own = domain.features.get(name)
        if own is None:
            cells = tuple((float(n), float(n)) for n in range(len(columns)))
        elif not isinstance(own, Range):
            cells = (*((value, value) for value in own.values), *(((math.nan, math.nan),) if own.missing else ()))
        elif isinstance(model, TreeSum):
            cells = tuple((cell.low, cell.high) for cell in cut[name])
        else:
            cells = _steps(own) if name not in twins.vary else tuple(dict.fromkeys(((own.low,) * 2, (own.high,) * 2)))
        (free if name in twins.vary else axes).append(Axis(name, tuple(place[column] for column in columns), cells))
    return axes, free


def _steps(own: Range) -> tuple[Cell, ...]:
    """Cut a range into cells of about the same length."""
    ends = [own.low + (own.high - own.low) * n / _STEPS for n in range(1, _STEPS)]
    low, high = (math.ceil(own.low), math.floor(own.high)) if own.whole else (own.low, own.high)
    points = sorted({float(math.floor(end)) if own.whole else end for end in ends if low <= end < high})
    cells: list[Cell] = []
    first = float(low)
    for point in [*(point for point in points if low <= point < high), float(high)]:
        cells.append((first, point))
        first = point + 1 if own.whole else math.nextafter(point, math.inf)
    return tuple(cells)


class _Trees:
    """Leaves as arrays: which cells of each axis lead to each, for which twins."""

    def __init__(self, model: TreeSum, axes: Sequence[Axis], free: Sequence[Axis], options: Sequence[tuple[int, ...]]) -> None:
        self._model = model
        both = [*axes, *free]
        at = {column: n for n, axis in enumerate(both) for column in axis.columns}
        trees, values, masks = [], [], []
        for n, tree in enumerate(model.trees):
            for value, own in _leaves(tree, [np.ones(len(axis.cells), dtype=bool) for axis in both], both, at, model):
                trees.append(n)
                values.append(value)
                masks.append(own)
        self._tree, self._value = np.array(trees), np.array(values)
        # Of each axis: how many cells before one lead to a leaf; so many are in a range.
        self._before = [
            np.concatenate([np.zeros((len(masks), 1), int), np.cumsum([own[n] for own in masks], axis=1)], axis=1)
            for n in range(len(axes))
        ]
        allowed = [np.array([own[len(axes) + n] for own in masks]) for n in range(len(free))]
        self._own = np.ones((len(masks), len(options)), dtype=bool)
        for k, option in enumerate(options):
            for mask, cell in zip(allowed, option, strict=True):
                self._own[:, k] &= mask[:, cell]

    @property
    def everything(self) -> Part:
        return Part(tuple((0, own.shape[1] - 1) for own in self._before), np.arange(len(self._value)))

    def narrowed(self, part: Part, axis: int, ends: tuple[int, int]) -> Part:
        before, alive = self._before[axis], part.alive
        return Part(part.within(axis, ends), alive[before[alive, ends[1]] > before[alive, ends[0]]])

    def _ends(self, alive: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats, Floats]:
        trees = self._tree[alive]
        starts = np.flatnonzero(np.r_[True, trees[1:] != trees[:-1]])
        own, value = self._own[alive], self._value[alive][:, None]
        low = np.minimum.reduceat(np.where(own, value, np.inf), starts, axis=0)
        return starts, low, np.maximum.reduceat(np.where(own, value, -np.inf), starts, axis=0)

    def bounds(self, part: Part) -> tuple[Floats, Floats]:
        _, low, high = self._ends(part.alive)
        base, divisor = self._model.base, self._model.divisor
        if (low == high).all():
            same = (base + low.sum(axis=0)) / divisor
            return same, same
        return (base + low.sum(axis=0)) / divisor, np.nextafter((base + high.sum(axis=0)) / divisor, np.inf)

    def split(self, part: Part) -> tuple[int, int] | None:
        alive = part.alive
        starts, low, high = self._ends(alive)
        spread = np.repeat((high - low).sum(axis=1), np.diff(np.r_[starts, len(alive)]))
        best, found = 0.0, None
        for axis, (first, end) in enumerate(part.box):
            if end - first < 2:
                continue
            steps = np.diff(self._before[axis][alive, first : end + 1], axis=1)  # 1 where a cell leads to the leaf
            changes = (np.diff(steps, axis=1) != 0) * spread[:, None]
            gathered = changes.sum(axis=0)
            place = int(gathered.argmax())
            if gathered[place] > best:
                best, found = float(gathered[place]), (axis, first + place + 1)
        return found


def _leaves(
    node: Node, masks: list[NDArray[np.bool_]], axes: Sequence[Axis], at: Mapping[int, int], model: TreeSum
) -> list[tuple[float, list[NDArray[np.bool_]]]]:
    if isinstance(node, Leaf):
        return [(node.value, masks)]
    n = at[node.feature]
    left = np.array(
        [goes_left(node, axes[n].values(cell)[node.feature], model.rounding) if on else False for cell, on in enumerate(masks[n])]
    )
    found = []
    for child, side in ((node.left, masks[n] & left), (node.right, masks[n] & ~left)):
        if side.any():
            found += _leaves(child, [*masks[:n], side, *masks[n + 1 :]], axes, at, model)
    return found


class _Sum:
    """A weighted sum: what each cell of each axis adds, at least and at most."""

    def __init__(self, model: Linear, axes: Sequence[Axis], free: Sequence[Axis], options: Sequence[tuple[int, ...]]) -> None:
        self._least, self._most = [], []
        for axis in axes:
            ends = np.array([[_added(model, axis, n, end) for end in (0, 1)] for n in range(len(axis.cells))])
            self._least.append(ends.min(axis=1))
            self._most.append(ends.max(axis=1))
        self._own = np.array(
            [
                model.intercept + sum(_added(model, axis, cell, 0) for axis, cell in zip(free, option, strict=True))
                for option in options
            ]
        )

    @property
    def everything(self) -> Part:
        return Part(tuple((0, len(own)) for own in self._least), np.zeros(0, dtype=np.int64))

    def narrowed(self, part: Part, axis: int, ends: tuple[int, int]) -> Part:
        return Part(part.within(axis, ends), part.alive)

    def bounds(self, part: Part) -> tuple[Floats, Floats]:
        low = sum(float(own[a:b].min()) for own, (a, b) in zip(self._least, part.box, strict=True))
        high = sum(float(own[a:b].max()) for own, (a, b) in zip(self._most, part.box, strict=True))
        return self._own + low, np.nextafter(self._own + high, np.inf)

    def split(self, part: Part) -> tuple[int, int] | None:
        best, found = 0.0, None
        for axis, (a, b) in enumerate(part.box):
            wide = float(self._most[axis][a:b].max() - self._least[axis][a:b].min())
            if b - a > 1 and wide > best:
                best, found = wide, (axis, (a + b) // 2)
        return found


def _added(model: Linear, axis: Axis, cell: int, end: int) -> float:
    if len(axis.columns) > 1:
        return model.weights[axis.columns[cell]]
    value = axis.cells[cell][end]
    if math.isnan(value):
        raise UsageError("a weighted sum has no rule for missing values", help="name a domain without `missing`")
    return model.weights[axis.columns[0]] * value
