"""Fitting the stage head to turns whose stage is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from probatum.dialogue.fit.stage_trees import boosted
from probatum.dialogue.semantics.stage_head import StageHead, places, softmax
from probatum.dialogue.semantics.stage_numbers import numbers
from probatum.dialogue.semantics.stage_signs import Seen, signs
from probatum.stats.bounds import clopper_pearson

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEWEST = 10  # turns of a label, for it to be one
_STEPS = 60
_SMALL = 7  # leaves of trees beside words: of 7 and 15 the better in development


def fit(
    seen: Sequence[Seen],
    labels: Sequence[str],
    groups: Sequence[str],
    *,
    portable: bool,
    decay: float = 15.0,
    size: int = 2**13,
    precision: float = 0.7,
    card: Mapping[str, Any] | None = None,
) -> StageHead:
    """Fit a head: trees and, unless it is portable, a multinomial logistic regression of signs; all labels weigh the same together.

    Sharpness and threshold come from a quarter of the groups, to which the rest is not fitted: the threshold is the least at which the
    share of right labels among those that are given is at least `precision`, by the lower end of a 95% interval.

    Parameters
    ----------
    seen, labels, groups : sequences of the same length
        Turns of one group (a sentence, a user) are never on both sides.
    portable : bool
        Whether only what means the same for any assistant is used.
    decay : float
        Weight of half the sum of squares of weights, where the weights of turns are one on average.
    size : int
        Places of signs.
    precision : float
    card : mapping, optional
        Kept with the weights.

    Raises
    ------
    ValueError
        If there are fewer than two labels with ten turns.
    """
    names = sorted({label for label in labels if list(labels).count(label) >= _FEWEST})
    if len(names) < 2:
        raise ValueError("there are fewer than two labels with ten turns each")
    kept = [at for at, label in enumerate(labels) if label in names]
    y = np.array([names.index(labels[at]) for at in kept])
    ordered = {group: n for n, group in enumerate(sorted({groups[at] for at in kept}))}
    drawn = np.random.default_rng(0).permutation(len(ordered)) < max(1, len(ordered) // 4)
    test = drawn[[ordered[groups[at]] for at in kept]]
    if len(np.unique(y[~test])) < len(names) or not test.any():
        raise ValueError("there are too few groups with each label")
    prior = np.bincount(y, minlength=len(names)) / len(y)
    x = numbers([seen[at] for at in kept])
    matrix = None if portable else _matrix([places(signs(seen[at]), size) for at in kept], size)

    def fitted(rows: NDArray[np.bool_]) -> StageHead:
        weights, shift = np.zeros((0, len(names))), np.zeros(len(names))
        if matrix is not None:
            weights, shift = _regressed(matrix[rows], y[rows], len(names), decay)
        return StageHead(
            labels=tuple(names),
            trees=boosted(x[rows], y[rows], len(names), leaves=15 if portable else _SMALL),
            weights=weights.astype(np.float16).astype(np.float32),
            shift=shift.astype(np.float32),
            prior=prior.astype(np.float32),
            sharpness=1.0,
            threshold=1.0,
            card={**(card or {}), **({} if portable else {"decay": decay})},
        )

    scores = fitted(~test).evidence([seen[at] for at, out in zip(kept, test, strict=True) if out])
    sharpness = _sharpness(scores, y[test], prior)
    threshold = _threshold(scores, y[test], prior, sharpness, precision)
    return replace(fitted(np.ones(len(y), dtype=bool)), sharpness=sharpness, threshold=threshold)


def _matrix(rows: Sequence[Sequence[int]], size: int) -> Any:
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *map(len, rows)])
    at = np.concatenate([np.asarray(row, dtype=np.int64) for row in rows])
    return csr_matrix((np.ones(len(at)), at, ends), shape=(len(rows), size))


def _regressed(x: Any, y: NDArray[np.int64], many: int, decay: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from scipy.optimize import minimize

    turns, size = x.shape
    weight = turns / (many * np.maximum(np.bincount(y, minlength=many), 1))[y]
    target = np.eye(many)[y]
    across = x.T.tocsr()

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w, b = flat[: size * many].reshape(size, many), flat[size * many :]
        p = softmax(x @ w + b)
        value = -float(weight @ np.log(np.maximum(p[np.arange(turns), y], 1e-300))) + decay / 2 * float((w * w).sum())
        slope = (p - target) * weight[:, None]
        return value, np.concatenate([(across @ slope + decay * w).ravel(), slope.sum(axis=0)])

    found = minimize(loss, np.zeros(size * many + many), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    return found[: size * many].reshape(size, many), found[size * many :]


def _sharpness(scores: NDArray[np.float64], y: NDArray[np.int64], prior: NDArray[np.float64]) -> float:
    from scipy.optimize import minimize_scalar

    def loss(log_s: float) -> float:
        p = softmax(np.exp(log_s) * scores + np.log(prior))
        return -float(np.log(np.maximum(p[np.arange(len(y)), y], 1e-300)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def _threshold(
    scores: NDArray[np.float64], y: NDArray[np.int64], prior: NDArray[np.float64], sharpness: float, precision: float
) -> float:
    chosen = scores.argmax(axis=1)
    p = softmax(sharpness * scores + np.log(prior))[np.arange(len(y)), chosen]
    for threshold in np.arange(0.0, 1.0, 0.02):
        given = p >= threshold
        if given.any():
            low = clopper_pearson(int((chosen[given] == y[given]).sum()), int(given.sum())).low
            if low is not None and low >= precision:
                return float(round(threshold, 2))
    return 1.0
