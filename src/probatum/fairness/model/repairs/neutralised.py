"""A model without an attribute: for everyone the mean of what it says for each value that the attribute may have.

Nobody's score then depends on what they have there, which is proved of the new model as of any other. The mean
is taken of the sum before the link, so that a sum of trees stays one, and a linear score.

References
----------
Pope, Sydnor. "Implementing anti-discrimination policies in statistical profiling models." American Economic Journal:
Economic Policy 3 (2011): the model is fitted with the attribute, and its mean is used without.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from probatum.errors import UnsupportedConstruct
from probatum.fairness.artefacts.models.model import Leaf, Linear, Model, Node, Split, TreeSum
from probatum.fairness.semantics.scoring import goes_left

_MOST_NODES = 2_000_000


def neutralised(model: Model, features: Sequence[str], shares: Mapping[tuple[float, ...], float]) -> Linear | TreeSum:
    """Return a model that never looks at some features.

    Parameters
    ----------
    model : Linear or TreeSum
    features : sequence of str
        Of the model: those that say what must not count. They stay inputs, which nothing tests.
    shares : mapping of tuple of float to float
        Values of these features, in their order, and how often people have them; NaN is a value that is missing.

    Raises
    ------
    UnsupportedConstruct
        If the model is of another kind, or would become too large.
    """
    total = math.fsum(shares.values())
    weighed = {values: share / total for values, share in shares.items() if share > 0}
    places = {model.features.index(name): at for at, name in enumerate(features)}
    if isinstance(model, Linear):
        added = [
            share * math.fsum(model.weights[place] * values[at] for place, at in places.items())
            for values, share in weighed.items()
        ]
        weights = tuple(0.0 if place in places else weight for place, weight in enumerate(model.weights))
        return replace(model, weights=weights, intercept=math.fsum([model.intercept, *added]), source=_source(model.source))
    if not isinstance(model, TreeSum):
        raise UnsupportedConstruct(
            "the mean of a network over values of an attribute is no network of the same shape",
            help="train it without the attribute",
        )
    trees: list[Node] = []
    nodes = 0
    for tree in model.trees:
        if not _tests(tree, places.keys()):
            trees.append(tree)
            continue
        for values, share in weighed.items():
            fixed = {place: values[at] for place, at in places.items()}
            trees.append(_fixed(tree, fixed, share, model))
            nodes += _size(trees[-1])
            if nodes > _MOST_NODES:
                raise UnsupportedConstruct(
                    f"the mean over {len(weighed):,} values has more than {_MOST_NODES:,} nodes", help="band the attribute first"
                )
    # The sum of 64 bits: a mean is none of 32.
    return replace(model, trees=tuple(trees), single=False, source=_source(model.source))


def _source(source: str) -> str:
    return f"{source}, neutralised" if source else "neutralised"


def _tests(node: Node, features: Any) -> bool:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Split):
            if one.feature in features:
                return True
            waiting += (one.left, one.right)
    return False


def _size(node: Node) -> int:
    waiting, size = [node], 0
    while waiting:
        one = waiting.pop()
        size += 1
        if isinstance(one, Split):
            waiting += (one.left, one.right)
    return size


def _fixed(node: Node, fixed: Mapping[int, float], share: float, model: TreeSum) -> Node:
    """Return a tree for people with these values, whose leaves count for their share."""
    if isinstance(node, Leaf):
        return Leaf(node.value * share)
    if node.feature in fixed:
        left = goes_left(node, fixed[node.feature], model.rounding)
        return _fixed(node.left if left else node.right, fixed, share, model)
    return replace(node, left=_fixed(node.left, fixed, share, model), right=_fixed(node.right, fixed, share, model))
