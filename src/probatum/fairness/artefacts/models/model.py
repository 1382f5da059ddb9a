"""What a model is, once it is read: sums of trees, linear scores, small networks, with the exact tests that their library makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias


class Link(str, Enum):
    """What becomes of the sum."""

    IDENTITY = "identity"  # it is the score
    LOGISTIC = "logistic"  # the score is 1 / (1 + exp(-sum)), a probability


class Rounding(str, Enum):
    """What becomes of an input before it is tested."""

    NONE = "none"
    SINGLE = "single"  # it is rounded to 32 bits
    NEAR_ZERO = "near-zero"  # it is 0 if it is as near to 0 as 1e-35


class Missing(str, Enum):
    """What a test does with a value that is missing (NaN)."""

    SIDE = "side"  # it goes to the side that the test names
    ZERO_IS_MISSING = "zero-is-missing"  # so do values that are nearly zero
    AS_ZERO = "as-zero"  # it is taken for 0
    NEVER = "never"  # the library refuses it


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a tree adds."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A test of one feature.

    Attributes
    ----------
    feature : int
        Its place among the model's features.
    threshold : float
        Of tests of numbers.
    strict : bool
        The left side has values below the threshold, and not the threshold itself.
    categories : frozenset of int or None
        Of tests of categories: those of the left side. A value is rounded towards zero to become one.
    missing : Missing
    missing_left : bool
        Where a missing value goes, if the test has a side for it.
    """

    feature: int
    threshold: float = 0.0
    strict: bool = False
    categories: frozenset[int] | None = None
    missing: Missing = Missing.NEVER
    missing_left: bool = False
    left: Node
    right: Node


Node: TypeAlias = Leaf | Split


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeSum:
    """A sum of trees: boosting, forests, single trees, additive models.

    Attributes
    ----------
    features : tuple of str
        Names of the inputs, in the model's order.
    trees : tuple of Node
    base : float
        Added before the trees.
    divisor : int
        By which the sum is divided: the number of trees of a forest.
    single : bool
        The sum is made in numbers of 32 bits, in the order of the trees.
    rounding : Rounding
        Of inputs.
    link : Link
    source : str
        Library and version that wrote it.
    ranges : mapping of str to (float, float)
        Ends of the range in which a feature was in training, where the file says so.
    categories : mapping of str to tuple of int
        Categories that a feature had in training, where the file says so.
    names : mapping of str to tuple of str
        Names of categories, where the file has them.
    """

    features: tuple[str, ...]
    trees: tuple[Node, ...]
    base: float = 0.0
    divisor: int = 1
    single: bool = False
    rounding: Rounding = Rounding.NONE
    link: Link = Link.IDENTITY
    source: str = ""
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    categories: dict[str, tuple[int, ...]] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """A weighted sum: linear and logistic regression."""

    features: tuple[str, ...]
    weights: tuple[float, ...]
    intercept: float
    link: Link = Link.IDENTITY
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network of layers, each a matrix and a vector, with ReLU between them and none after the last.

    Attributes
    ----------
    layers : tuple of (weights, biases)
        Weights by output and input; the last layer has one output.
    plain : frozenset of int
        Layers after which there is no ReLU, besides the last.
    single : bool
        Inputs, products and sums are numbers of 32 bits; in which order sums are made is not known.
    """

    features: tuple[str, ...]
    layers: tuple[tuple[tuple[tuple[float, ...], ...], tuple[float, ...]], ...]
    plain: frozenset[int] = frozenset()
    single: bool = False
    link: Link = Link.IDENTITY
    source: str = ""

    def rectified(self, at: int) -> bool:
        """Whether ReLU stands after a layer."""
        return at + 1 < len(self.layers) and at not in self.plain


Model: TypeAlias = TreeSum | Linear | Network


def splits(node: Node) -> Iterator[Split]:
    """Every test of a tree, the upper before the lower."""
    if isinstance(node, Split):
        yield node
        yield from splits(node.left)
        yield from splits(node.right)


def leaves(node: Node) -> Iterator[Leaf]:
    """Every leaf of a tree, from the left."""
    if isinstance(node, Split):
        yield from leaves(node.left)
        yield from leaves(node.right)
    else:
        yield node
