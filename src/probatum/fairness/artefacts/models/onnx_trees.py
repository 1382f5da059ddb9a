"""Sums of trees in ONNX files: `TreeEnsembleClassifier`, `TreeEnsembleRegressor` and the newer `TreeEnsemble`.

A test compares a column with a number: `BRANCH_LEQ`, `BRANCH_LT`, `BRANCH_GTE`, `BRANCH_GT`, `BRANCH_EQ`, `BRANCH_NEQ`, or
asks whether it is one of several numbers (`BRANCH_MEMBER`). What is missing fails every comparison but `BRANCH_NEQ`, unless
the test says that it goes with what holds. Each becomes tests of order of the feature that the column is made of; what a
test above has decided is left out.

Source: "ONNX Operator Schemas", domain `ai.onnx.ml`. Where these are silent, what ONNX Runtime computes: of votes for one
class out of two, the sum is that of the second class, its negative that of the first, and `LOGISTIC` is taken of the sum
(`core/providers/cpu/ml/tree_ensemble_aggregator.h`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.models.model import Leaf, Missing, Node, Split
from probatum.fairness.artefacts.models.onnx_columns import Column, last_where
from probatum.fairness.artefacts.models.onnx_graph import Operator

_MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER")
_TRANSFORMS = ("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT")
_MOST_NODES = 2_000_000
_DEEPEST = 400
_LARGEST = 1.7976931348623157e308

Refused = Callable[[str, str], UnreadableArtefact]
Key = tuple[int, int]  # a tree, and a node of it
Ends = tuple[float, float, bool]  # what is left of a feature on a path: lowest, highest, and whether it may be missing


@dataclass(frozen=True, slots=True)
class _Test:
    column: int
    mode: str
    number: float
    members: frozenset[float]
    missing_holds: bool
    where_true: Key
    where_false: Key

    def holds(self, value: float) -> bool:
        if math.isnan(value):
            return self.missing_holds or self.mode == "BRANCH_NEQ"
        match self.mode:
            case "BRANCH_LEQ":
                return value <= self.number
            case "BRANCH_LT":
                return value < self.number
            case "BRANCH_GTE":
                return value >= self.number
            case "BRANCH_GT":
                return value > self.number
            case "BRANCH_EQ":
                return value == self.number
            case "BRANCH_NEQ":
                return value != self.number
        return value in self.members


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """What an operator computes: for each output, one tree after the other; then `transform`.

    Attributes
    ----------
    outputs : mapping of int to tuple of Node
        Trees whose leaves add to an output, by its number.
    everywhere : frozenset of int
        Outputs that get something for every row.
    base : list of float
    divisor : int
    transform : str
    positive : bool
        No leaf is below 0.
    """

    outputs: dict[int, tuple[Node, ...]]
    everywhere: frozenset[int]
    base: list[float]
    divisor: int
    transform: str
    positive: bool


@dataclass(slots=True)
class _Forest:
    """Tests and leaves, by tree and node."""

    roots: list[Key] = field(default_factory=list)
    tests: dict[Key, _Test] = field(default_factory=dict)
    votes: dict[Key, dict[int, float]] = field(default_factory=dict)


def ensemble_of(operator: Operator, columns: Sequence[Column], refused: Refused) -> Ensemble:
    """Read the trees of an operator on columns of features.

    Raises
    ------
    UnreadableArtefact
        If it is no forest, or made in a way that is not understood exactly.
    """
    newer = operator.op == "TreeEnsemble"
    try:
        forest = _newer(operator, refused) if newer else _older(operator, refused)
    except (IndexError, ValueError) as problem:
        raise refused(f"holds trees that are damaged ({problem})", "export it again") from None
    if any(not 0 <= test.column < len(columns) for test in forest.tests.values()):
        raise refused(f"tests a column beyond the {len(columns)} that its trees are given", "export it again")
    values = [w for votes in forest.votes.values() for w in votes.values()]
    numbers = [test.number for test in forest.tests.values() if test.mode != "BRANCH_MEMBER"]
    if not all(map(math.isfinite, values)) or any(map(math.isnan, numbers)):
        raise refused("holds a tree with a number that is not finite", "train it again")
    builder = _Builder(forest, columns, refused)
    whole = [builder.tree(root) for root in forest.roots]
    ids = sorted({one for votes in forest.votes.values() for one in votes})
    said = operator.attributes.get("aggregate_function", 1 if newer else "SUM")
    if said not in ("SUM", 1, "AVERAGE", 0):
        raise refused(f"puts its trees together by `{said}`", "train one whose trees are added up")
    transform = operator.attributes.get("post_transform", 0 if newer else "NONE")
    if isinstance(transform, int):
        transform = _TRANSFORMS[transform] if 0 <= transform < len(_TRANSFORMS) else f"number {transform}"
    return Ensemble(
        outputs={one: tuple(_valued(tree, forest.votes, one) for tree in whole) for one in ids},
        everywhere=frozenset(one for one in ids if any(_always(tree, forest.votes, one) for tree in whole)),
        base=operator.numbers("base_values"),
        divisor=len(whole) if said in ("AVERAGE", 0) else 1,
        transform=str(transform),
        positive=all(w >= 0 for w in values),
    )


def _older(operator: Operator, refused: Refused) -> _Forest:
    prefix = "class" if operator.op == "TreeEnsembleClassifier" else "target"
    trees, nodes, features, when_true, when_false = (
        operator.places(f"nodes_{name}") for name in ("treeids", "nodeids", "featureids", "truenodeids", "falsenodeids")
    )
    modes = operator.attributes.get("nodes_modes") or []
    numbers = operator.numbers("nodes_values")
    missing = operator.places("nodes_missing_value_tracks_true") or [0] * len(nodes)
    lengths = {len(part) for part in (trees, nodes, features, when_true, when_false, modes, numbers, missing)}
    if len(lengths) != 1 or not trees:
        raise refused("holds trees whose lists of nodes are not equally long", "export it again")
    forest = _Forest()
    reached: set[Key] = set()
    leaves: set[Key] = set()
    for tree, node, column, mode, number, yes, no, tracks in zip(
        trees, nodes, features, modes, numbers, when_true, when_false, missing, strict=True
    ):
        key = (tree, node)
        if key in forest.tests or key in leaves:
            raise refused("holds a tree in which a node is there twice", "export it again")
        if mode == "LEAF":
            leaves.add(key)
            continue
        if mode not in _MODES[:-1]:
            raise refused(f"holds trees with tests `{mode}`", "export it with the tests of `ai.onnx.ml`")
        forest.tests[key] = _Test(column, mode, number, frozenset(), bool(tracks), (tree, yes), (tree, no))
        reached |= {(tree, yes), (tree, no)}
    first: dict[int, Key] = {}
    for key in zip(trees, nodes, strict=True):
        if first.setdefault(key[0], key) in reached:
            raise refused("holds a tree whose first node is not its root", "export it again")
    forest.roots = list(first.values())
    forest.votes = {key: {} for key in leaves}
    lists = [operator.places(f"{prefix}_{name}") for name in ("treeids", "nodeids", "ids")]
    for tree, node, output, weight in zip(*lists, operator.numbers(f"{prefix}_weights"), strict=True):
        if (tree, node) not in leaves:
            raise refused("gives a value to a node that is no leaf", "export it again")
        own = forest.votes[tree, node]
        own[output] = own.get(output, 0.0) + weight
    return forest


def _newer(operator: Operator, refused: Refused) -> _Forest:
    def sides(name: str) -> list[Key]:
        # Leaves and tests are counted apart.
        places, are_leaves = operator.places(f"nodes_{name}nodeids"), operator.places(f"nodes_{name}leafs")
        return [(int(leaf), place) for place, leaf in zip(places, are_leaves, strict=True)]

    columns, modes, numbers = (
        operator.places("nodes_featureids"),
        operator.places("nodes_modes"),
        operator.numbers("nodes_splits"),
    )
    missing = operator.places("nodes_missing_value_tracks_true") or [0] * len(columns)
    members: list[frozenset[float]] = []
    run: list[float] = []
    for value in operator.numbers("membership_values"):
        if math.isnan(value):
            members.append(frozenset(run))
            run = []
        else:
            run.append(value)
    members += [frozenset(run)] if run else []
    sets: Iterator[frozenset[float]] = iter(members)
    forest = _Forest()
    lists = zip(columns, modes, numbers, missing, sides("true"), sides("false"), strict=True)
    for at, (column, mode, number, tracks, yes, no) in enumerate(lists):
        if not 0 <= mode < len(_MODES):
            raise refused(f"holds trees with tests of the mode {mode}", "export it with the tests of `ai.onnx.ml`")
        chosen = next(sets, None) if _MODES[mode] == "BRANCH_MEMBER" else frozenset()
        if chosen is None:
            raise refused("asks for members of a list that is not there", "export it again")
        forest.tests[0, at] = _Test(column, _MODES[mode], number, chosen, bool(tracks), yes, no)
    for at, (output, weight) in enumerate(zip(operator.places("leaf_targetids"), operator.numbers("leaf_weights"), strict=True)):
        forest.votes[1, at] = {output: weight}
    forest.roots = [
        (1, forest.tests[0, at].where_true[1]) if _is_leaf(forest.tests.get((0, at))) else (0, at)
        for at in operator.places("tree_roots")
    ]
    return forest


def _is_leaf(test: _Test | None) -> bool:
    """Whether both sides of a test are the same leaf: so a tree of one leaf is written."""
    return test is not None and test.where_true == test.where_false and test.where_true[0] == 1


@dataclass(frozen=True, slots=True)
class _Place(Leaf):
    """A leaf, before it is known which of its values is asked for."""

    key: Key = (0, 0)


class _Builder:
    """Makes trees of tests of order, each of one feature."""

    def __init__(self, forest: _Forest, columns: Sequence[Column], refused: Refused) -> None:
        self._forest = forest
        self._columns = columns
        self._refused = refused
        self._made = 0
        self._known: dict[tuple[Column, str, float, frozenset[float]], list[tuple[float, bool]]] = {}

    def tree(self, root: Key) -> Node:
        return self._node(root, {}, 0)

    def _node(self, key: Key, path: dict[int, Ends], depth: int) -> Node:
        self._made += 1
        if self._made > _MOST_NODES:
            raise self._refused(f"has trees of more than {_MOST_NODES:,} nodes", "name a smaller model")
        if depth > _DEEPEST:
            raise self._refused(f"holds a tree deeper than {_DEEPEST} tests", "train shallower trees")
        if key in self._forest.votes:
            return _Place(0.0, key)
        test = self._forest.tests.get(key)
        if test is None:
            raise self._refused("holds a tree with a node that is not there", "export it again")
        column = self._columns[test.column]
        low, high, may_miss = path.get(column.feature, (-math.inf, _LARGEST, True))
        missing = test.holds(column.value(math.nan))
        if high == -math.inf:  # only what is missing comes here
            return self._node(test.where_true if missing else test.where_false, path, depth + 1)
        parts = [(end, holds) for end, holds in self._parts(column, test) if end > low]
        # What begins above the highest value is left out.
        kept = [parts[0], *(one for before, one in pairwise(parts) if before[0] < high)]

        def child(holds: bool, ends: Ends) -> Node:
            return self._node(test.where_true if holds else test.where_false, path | {column.feature: ends}, depth + 1)

        def among(first: int, last: int, low: float, missing_here: bool) -> Node:
            end, holds = kept[last]
            end = min(end, high)
            if first == last:
                if not missing_here or holds == missing:
                    return child(holds, (low, end, missing_here))
                alone = child(missing, (math.inf, -math.inf, True))
                return self._split(column.feature, _LARGEST, False, child(holds, (low, end, False)), alone)
            middle = (first + last) // 2
            there = any(holds == missing for _, holds in kept[first : middle + 1])
            left = missing_here and there
            cut = kept[middle][0]
            return self._split(
                column.feature,
                cut,
                left if missing_here else False,
                among(first, middle, low, left),
                among(middle + 1, last, cut, missing_here and not there),
            )

        return among(0, len(kept) - 1, low, may_miss)

    def _split(self, feature: int, threshold: float, missing_left: bool, left: Node, right: Node) -> Split:
        return Split(
            feature=feature, threshold=threshold, missing=Missing.SIDE, missing_left=missing_left, left=left, right=right
        )

    def _parts(self, column: Column, test: _Test) -> list[tuple[float, bool]]:
        """Cut all numbers where a test changes: the largest of each part, and whether it holds there."""
        key = (column, test.mode, test.number, test.members)
        if key not in self._known:
            numbers = test.members if test.mode == "BRANCH_MEMBER" else {test.number}
            sign = 1.0 if column.value(_LARGEST) >= column.value(-_LARGEST) else -1.0

            def below(number: float, value: float) -> bool:
                return sign * column.value(value) < sign * number

            def at_most(number: float, value: float) -> bool:
                return sign * column.value(value) <= sign * number

            ends = {_LARGEST, *(last_where(partial(side, number)) for number in numbers for side in (below, at_most))}
            found: list[tuple[float, bool]] = []
            for end in sorted(end for end in ends if end > -math.inf):
                holds = test.holds(column.value(end))
                if found and found[-1][1] == holds:
                    found.pop()
                found.append((end, holds))
            self._known[key] = found
        return self._known[key]


def _valued(node: Node, votes: dict[Key, dict[int, float]], output: int) -> Node:
    if isinstance(node, _Place):
        return Leaf(votes[node.key].get(output, 0.0))
    assert isinstance(node, Split)  # noqa: S101 - there is nothing else
    return Split(
        feature=node.feature,
        threshold=node.threshold,
        missing=node.missing,
        missing_left=node.missing_left,
        left=_valued(node.left, votes, output),
        right=_valued(node.right, votes, output),
    )


def _always(node: Node, votes: dict[Key, dict[int, float]], output: int) -> bool:
    if isinstance(node, _Place):
        return output in votes[node.key]
    assert isinstance(node, Split)  # noqa: S101 - as above
    return _always(node.left, votes, output) and _always(node.right, votes, output)
