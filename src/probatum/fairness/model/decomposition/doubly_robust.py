"""Oaxaca-Blinder on a reweighted group: right if the regressions are, or the odds of the group, and it says which is not.

With the second group reweighted to the characteristics of the first (C), and coefficients of each by least squares,

    gap = (xC - xB)'bB + xC'(bC - bB) + xA'(bA - bC) + (xA - xC)'bC:

composition, the error of a linear specification, structure, and the error of reweighting [1]_.

References
----------
.. [1] Firpo, Fortin, Lemieux. "Decomposing wage distributions using recentered influence function regressions."
   Econometrics 6 (2018), section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from probatum.fairness.model.decomposition.fits import NoFit, Spread
from probatum.fairness.model.decomposition.reweighting import counterfactual
from probatum.fairness.model.decomposition.sample import Floats, Sample, independent, without_dependent
from probatum.fairness.model.decomposition.terms import NOT_CAUSAL, Split, terms_of


@dataclass(frozen=True, slots=True)
class _Side:
    """Mean characteristics and coefficients of a group, and how each decision moves them, of shape (n, p)."""

    x: Floats
    b: Floats
    dx: Floats
    db: Floats


def doubly_robust(sample: Sample, *, confidence: float = 0.95) -> Split:
    """Split a gap between means into composition, structure, and the errors of both models.

    Returns
    -------
    Split
        Terms `gap`, `composition`, `structure`, `specification error`, `reweighting error`; details of the first two by blocks.

    Raises
    ------
    NoFit
        If the groups do not overlap, or one has too few decisions for its coefficients.
    """
    sample = without_dependent(sample)
    weights = counterfactual(sample)
    z, first = sample.with_constant, sample.first
    one = _side(sample, z, np.where(first, sample.mass, 0.0))
    other = _side(sample, z, np.where(first, 0.0, sample.mass))
    between = _side(sample, z, weights.factor * sample.mass, weights.moves)
    products = {
        "composition": _product(between.x - other.x, between.dx - other.dx, other.b, other.db),
        "structure": _product(one.x, one.dx, one.b - between.b, one.db - between.db),
        "specification error": _product(between.x, between.dx, between.b - other.b, between.db - other.db),
        "reweighting error": _product(one.x - between.x, one.dx - between.dx, between.b, between.db),
    }
    names, values, moves = ["gap", *products], [0.0], [np.zeros(len(z))]
    for value, move in products.values():
        values.append(float(value.sum()))
        moves.append(move.sum(axis=1))
    values[0], moves[0] = sum(values[1:]), np.sum(moves[1:], axis=0)
    for what in ("composition", "structure"):
        value, move = products[what]
        for block in dict.fromkeys(("", *sample.blocks)):
            members = [0] if not block else [at + 1 for at, own in enumerate(sample.blocks) if own == block]
            names.append(f"{what}: {block or '(constant)'}")
            values.append(float(value[members].sum()))
            moves.append(move[:, members].sum(axis=1))
    spread = Spread(sample.many, sample.cluster)
    spread.add(np.column_stack(moves))
    cov, free = spread.covariance(coefficients=3 * z.shape[1])
    terms = terms_of(names, np.array(values), cov, free=free, confidence=confidence)
    return Split(
        method="oaxaca-blinder, reweighted",
        title=f"mean of `{sample.pair[0]}` less mean of `{sample.pair[1]}`",
        terms=terms[:5],
        details=terms[5:],
        n=(sample.size(True), sample.size(False)),
        units=spread.units,
        confidence=confidence,
        assumptions=(
            NOT_CAUSAL,
            "means are linear, or the odds of the group follow a logit model, in the characteristics",
            "trimming is fixed",
        ),
        notes=(f"{weights.overlap.trimmed:.1%} of the weight is trimmed",) if weights.overlap.trimmed else (),
    )


def _side(sample: Sample, z: Floats, mass: Floats, moves: Floats | None = None) -> _Side:
    """Return means and coefficients under weights of single decisions; `moves`: how decisions move the odds of these weights."""
    weight = mass * sample.many
    used = weight > 0
    total = float(weight.sum())
    x = weight @ z / total
    square = z.T @ (weight[:, None] * z)
    scale = np.sqrt(np.diag(square))
    if (scale == 0).any() or len(independent(z[used] * np.sqrt(weight[used])[:, None])) < z.shape[1]:
        raise NoFit("a characteristic does not vary in one of the groups")
    inverse = np.linalg.inv(square / np.outer(scale, scale)) / np.outer(scale, scale)
    b = inverse @ (z.T @ (weight * sample.y))
    left = sample.y - z @ b
    dx = mass[:, None] * (z - x) / total
    scores = (mass * left)[:, None] * z
    if moves is not None:  # odds are estimated: what they move, they move through every weight
        dx = dx + moves @ (z.T @ (weight[:, None] * (z - x))) / total
        scores = scores + moves @ (z.T @ ((weight * left)[:, None] * z))
    return _Side(x, b, dx, scores @ inverse)


def _product(x: Floats, dx: Floats, b: Floats, db: Floats) -> tuple[Floats, Floats]:
    return x * b, dx * b + db * x
