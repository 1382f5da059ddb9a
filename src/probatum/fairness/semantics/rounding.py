"""How far what a library computes may be from the sum that its model means."""

from __future__ import annotations

from probatum.fairness.artefacts.models.model import Linear, Link, Model, Network, TreeSum, leaves
from probatum.fairness.artefacts.twins import Domain, Output, Range, Values

_DOUBLE, _SINGLE = 2.0**-53, 2.0**-24


def rounding_of(model: Model, domain: Domain, output: Output) -> float:
    """Return by how much the score of one person may differ from the exact one, for anyone in a domain.

    Notes
    -----
    Summing n numbers one after the other is wrong by at most (n - 1) u times the sum of their sizes, to first order
    (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 4.2); doubled here. The logistic function has
    slope at most 1/4, and is computed to a few units in the last place.
    """
    if isinstance(model, TreeSum):
        unit = _SINGLE if model.single else _DOUBLE
        sizes = abs(model.base) + sum(max(abs(leaf.value) for leaf in leaves(tree)) for tree in model.trees)
        raw = 2 * unit * (len(model.trees) + 2) * sizes / model.divisor
    else:
        unit = _SINGLE if isinstance(model, Network) and model.single else _DOUBLE
        reach = [_largest(domain, name) for name in model.features]
        if isinstance(model, Linear):
            sizes = abs(model.intercept) + sum(abs(w) * r for w, r in zip(model.weights, reach, strict=True))
            raw = 2 * unit * (len(model.weights) + 2) * sizes
        else:
            raw = _of_network(model, reach)
    if output is Output.SCORE and model.link is Link.LOGISTIC:
        return raw / 4 + 8 * unit
    return raw


def _of_network(model: Network, reach: list[float]) -> float:
    """Carry sizes and errors through the layers; inputs of 32 bits are rounded first."""
    unit = _SINGLE if model.single else _DOUBLE
    wrong = [unit * r if model.single else 0.0 for r in reach]
    for weights, biases in model.layers:
        sizes = [
            sum(abs(w) * r for w, r in zip(line, reach, strict=True)) + abs(b) for line, b in zip(weights, biases, strict=True)
        ]
        carried = [sum(abs(w) * e for w, e in zip(line, wrong, strict=True)) for line in weights]
        wrong = [e + 2 * unit * (len(reach) + 2) * (s + e) for e, s in zip(carried, sizes, strict=True)]
        reach = sizes
    return wrong[0]


def _largest(domain: Domain, name: str) -> float:
    own = domain.features.get(name)
    if isinstance(own, Range):
        return max(abs(own.low), abs(own.high))
    if isinstance(own, Values):
        return max((abs(v) for v in own.values), default=0.0)
    return 1.0
