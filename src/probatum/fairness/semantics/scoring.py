"""What a model says of one person, in the arithmetic of its library. Short on purpose: this is trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping

from probatum.errors import ProbatumError
from probatum.fairness.artefacts.models.model import Leaf, Linear, Link, Missing, Model, Network, Node, Rounding, Split, TreeSum
from probatum.fairness.artefacts.models.single import single

_NEARLY_ZERO = single(1e-35)  # LightGBM's `kZeroThreshold`


class MissingValue(ProbatumError):
    """A model was asked about someone of whom it does not know enough, and has no rule for that."""


def goes_left(split: Split, value: float, rounding: Rounding) -> bool:
    """Whether a value goes to the left side of a test.

    Raises
    ------
    MissingValue
        If it is NaN, and the test has no side for that.
    """
    if math.isnan(value):
        if split.missing is Missing.NEVER:
            raise MissingValue("the model takes no missing values", help="give every feature a value")
        if split.missing is not Missing.AS_ZERO:
            return split.missing_left
        value = 0.0
    if split.categories is not None:
        # Towards zero, as a cast of C does; what is negative is no category.
        return math.isfinite(value) and int(value) >= 0 and int(value) in split.categories
    if split.missing is Missing.ZERO_IS_MISSING and -_NEARLY_ZERO <= value <= _NEARLY_ZERO:
        return split.missing_left
    if rounding is Rounding.SINGLE:
        value = single(value)
    elif rounding is Rounding.NEAR_ZERO and -_NEARLY_ZERO <= value <= _NEARLY_ZERO:
        value = 0.0
    return value < split.threshold if split.strict else value <= split.threshold


def leaf(tree: Node, row: tuple[float, ...], rounding: Rounding) -> float:
    """Return what a tree adds for a row."""
    while isinstance(tree, Split):
        tree = tree.left if goes_left(tree, row[tree.feature], rounding) else tree.right
    return tree.value


def raw_score(model: Model, row: tuple[float, ...]) -> float:
    """Return the sum that a model makes for a row, before its link."""
    match model:
        case TreeSum():
            total = model.base
            for tree in model.trees:
                total += leaf(tree, row, model.rounding)
                if model.single:
                    total = single(total)
            return single(total / model.divisor) if model.single else total / model.divisor
        case Linear():
            return math.fsum(w * v for w, v in zip(model.weights, row, strict=True)) + model.intercept
        case Network():
            values: tuple[float, ...] = tuple(map(single, row)) if model.single else row
            for at, (weights, biases) in enumerate(model.layers):
                sums = [
                    math.fsum((*(w * v for w, v in zip(line, values, strict=True)), b))
                    for line, b in zip(weights, biases, strict=True)
                ]
                if model.single:
                    sums = list(map(single, sums))
                values = tuple(max(0.0, v) for v in sums) if model.rectified(at) else tuple(sums)
            return values[0]


def linked(link: Link, raw: float) -> float:
    """Return the score: a probability, where the model's sum is the logit of one."""
    if link is Link.IDENTITY:
        return raw
    return 1.0 / (1.0 + math.exp(-raw)) if raw >= 0 else math.exp(raw) / (1.0 + math.exp(raw))


def reads(model: Model) -> frozenset[int]:
    """Which features a model's score can depend on."""
    match model:
        case TreeSum():
            found: set[int] = set()

            def gather(node: Node) -> None:
                if not isinstance(node, Leaf):
                    found.add(node.feature)
                    gather(node.left)
                    gather(node.right)

            for tree in model.trees:
                gather(tree)
            return frozenset(found)
        case Linear():
            return frozenset(n for n, w in enumerate(model.weights) if w)
        case Network():
            first = model.layers[0][0]
            return frozenset(n for n in range(len(model.features)) if any(line[n] for line in first))


def row_of(model: Model, values: Mapping[str, float]) -> tuple[float, ...]:
    """Return a row in the model's order from values by name."""
    return tuple(values[name] for name in model.features)
