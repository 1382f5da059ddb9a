"""What explaining a decision needs of a model: its score for a row, and what each feature adds to it, exactly."""

from __future__ import annotations

import importlib
import importlib.util
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from probatum.errors import UnsupportedConstruct
from probatum.source import Source

Row: TypeAlias = tuple[float, ...]
MOST_TOGETHER = 12  # features of a model of any other kind, whose sets are gone through one by one


class Scored(Protocol):
    """A model, as far as an explanation needs it.

    Attributes
    ----------
    features : tuple of str
        Columns, in the model's order.
    """

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the inputs."""

    def raw(self, row: Row) -> float:
        """Return the sum that attributions add up to."""

    def score(self, row: Row) -> float:
        """Return the score that is compared with the threshold."""

    def adds(self, row: Row, other: Row) -> tuple[float, ...] | None:
        """Return the Shapley value of each feature for taking `row` instead of `other`; None if it cannot be computed exactly."""


@dataclass(frozen=True, slots=True)
class Weighted:
    """A linear score."""

    features: tuple[str, ...]
    weights: tuple[float, ...]
    intercept: float
    logistic: bool

    def raw(self, row: Row) -> float:
        """Return the weighted sum."""
        return math.fsum((self.intercept, *(w * v for w, v in zip(self.weights, row, strict=True))))

    def score(self, row: Row) -> float:
        """Return the sum, or its logistic."""
        return _logistic(self.raw(row)) if self.logistic else self.raw(row)

    def adds(self, row: Row, other: Row) -> tuple[float, ...]:
        """Return weight times difference: the Shapley value of a sum is its term."""
        return tuple(w * (a - b) for w, a, b in zip(self.weights, row, other, strict=True))


@dataclass(frozen=True, slots=True)
class Trees:
    """A sum of trees, whose nodes have `value`, or `feature`, `left` and `right`.

    Attributes
    ----------
    left : callable
        From a node and a value to whether the value goes to the left side.
    sums : callable
        The sum for a row, in the arithmetic of the library.
    """

    features: tuple[str, ...]
    trees: Sequence[Any]
    divisor: float
    logistic: bool
    left: Callable[[Any, float], bool]
    sums: Callable[[Row], float]

    def raw(self, row: Row) -> float:
        """Return the sum."""
        return self.sums(row)

    def score(self, row: Row) -> float:
        """Return the sum, or its logistic."""
        return _logistic(self.raw(row)) if self.logistic else self.raw(row)

    def adds(self, row: Row, other: Row) -> tuple[float, ...]:
        """Return Shapley values of the game in which a set of features has the values of `row`, the rest those of `other`.

        A leaf is reached by exactly the sets that contain all features by which only `row` goes there
        (a of them) and none by which only `other` does (b of them): for each of the first, its value
        counts with (a-1)! b! / (a+b)!, for each of the second with -a! (b-1)! / (a+b)!
        (interventional TreeSHAP: Lundberg et al., Nature Machine Intelligence 2, 2020).
        """
        found = [0.0] * len(self.features)
        for tree in self.trees:
            self._walk(tree, row, other, {}, found)
        return tuple(one / self.divisor for one in found)

    def _walk(self, node: Any, row: Row, other: Row, taken: dict[int, bool], found: list[float]) -> None:
        """`taken`: for features at which the two have gone apart, whether the row's own side was taken."""
        if not hasattr(node, "feature"):
            mine = [f for f, own in taken.items() if own]
            theirs = [f for f, own in taken.items() if not own]
            a, b = len(mine), len(theirs)
            for f in mine:
                found[f] += node.value * _share(a - 1, b)
            for f in theirs:
                found[f] -= node.value * _share(a, b - 1)
            return
        f = node.feature
        one, two = self.left(node, row[f]), self.left(node, other[f])
        if f in taken:
            self._walk(node.left if (one if taken[f] else two) else node.right, row, other, taken, found)
        elif one == two:
            self._walk(node.left if one else node.right, row, other, taken, found)
        else:
            self._walk(node.left if one else node.right, row, other, taken | {f: True}, found)
            self._walk(node.left if two else node.right, row, other, taken | {f: False}, found)


@dataclass(frozen=True, slots=True)
class Whole:
    """A model of any other kind: a function of a row."""

    features: tuple[str, ...]
    sums: Callable[[Row], float]
    logistic: bool

    def raw(self, row: Row) -> float:
        """Return the sum."""
        return self.sums(row)

    def score(self, row: Row) -> float:
        """Return the sum, or its logistic."""
        return _logistic(self.raw(row)) if self.logistic else self.raw(row)

    def adds(self, row: Row, other: Row) -> tuple[float, ...] | None:
        """Return Shapley values over all sets of the features in which the rows differ; None if these are too many."""
        apart = [n for n, (a, b) in enumerate(zip(row, other, strict=True)) if not _same(a, b)]
        if len(apart) > MOST_TOGETHER:
            return None
        value = []
        for chosen in range(1 << len(apart)):
            mixed = list(other)
            for at, n in enumerate(apart):
                if chosen >> at & 1:
                    mixed[n] = row[n]
            value.append(self.sums(tuple(mixed)))
        found = [0.0] * len(row)
        for at, n in enumerate(apart):
            for chosen in range(1 << len(apart)):
                if not chosen >> at & 1:
                    size = chosen.bit_count()
                    found[n] += _share(size, len(apart) - size - 1) * (value[chosen | 1 << at] - value[chosen])
        return tuple(found)


def scored(source: Source) -> Scored:
    """Read a model, for explanation.

    Raises
    ------
    UnreadableArtefact
        If it is none that is known.
    UnsupportedConstruct
        If this version reads no models.
    """
    names = ("probatum.fairness.artefacts.models", "probatum.fairness.semantics.scoring")
    if not all(importlib.util.find_spec(name) for name in names):
        raise UnsupportedConstruct("this version reads no models", help="leave `--model` out")
    models, scoring = (importlib.import_module(name) for name in names)
    model = models.read_model(models.content_of(source))
    logistic = model.link.value == "logistic"

    def sums(row: Row) -> float:
        return float(scoring.raw_score(model, row))

    if hasattr(model, "weights"):
        return Weighted(model.features, model.weights, model.intercept, logistic)
    if hasattr(model, "trees"):

        def left(node: Any, value: float) -> bool:
            return bool(scoring.goes_left(node, value, model.rounding))

        return Trees(model.features, model.trees, model.divisor, logistic, left, sums)
    return Whole(model.features, sums, logistic)


def _share(before: int, after: int) -> float:
    """Share of orders of `before` + 1 + `after` things in which one comes just after the first and before the others."""
    return math.factorial(before) * math.factorial(after) / math.factorial(before + after + 1)


def _same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def _logistic(raw: float) -> float:
    return 1 / (1 + math.exp(-raw)) if raw >= 0 else math.exp(raw) / (1 + math.exp(raw))
