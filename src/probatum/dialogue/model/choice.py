"""Which of several texts somebody means, by what is known of each: conditional logit.

One model weighs what all users do, what this user does, the circumstances and how
alike two texts are, and "keep what was said" is one of the choices, with weights
of its own. So a probability is always one among the choices that there are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats: TypeAlias = NDArray[np.float64]

RIDGE = 1.0  # as if each weight had been drawn from a normal distribution with a variance of one over it


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices that were made: rows are options, consecutive rows of one number belong to one choice.

    Attributes
    ----------
    options : float64 of shape (rows, features)
    choice : int64 of shape (rows,)
        Number of the choice, from 0, in order.
    taken : int64 of shape (choices,)
        Row that was taken.
    weight : float64 of shape (choices,)
        How much each counts, at least 0.
    """

    options: Floats
    choice: NDArray[np.int64]
    taken: NDArray[np.int64]
    weight: Floats

    def __len__(self) -> int:
        return len(self.taken)

    def some(self, which: NDArray[np.bool_]) -> Choices:
        """Return those choices for which an array of shape (choices,) is true."""
        rows = which[self.choice]
        place = np.cumsum(rows) - 1
        return Choices(
            self.options[rows], (np.cumsum(which) - 1)[self.choice[rows]], place[self.taken[which]], self.weight[which]
        )


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights of features, and how well they tell what is taken.

    Attributes
    ----------
    names : tuple of str
    weights : tuple of float
    choices : int
        That they were fitted to.
    loss, even_loss : float
        Mean of minus the logarithm of the probability of what was taken, in nats, and that of guessing evenly.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...]
    choices: int
    loss: float
    even_loss: float


def fit(seen: Choices, names: Sequence[str], *, rising: Collection[str] = (), ridge: float = RIDGE) -> Fitted:
    """Fit the weights by penalised maximum likelihood.

    Parameters
    ----------
    seen : Choices
    names : sequence of str
        Of the features, in the order of the columns.
    rising : collection of str
        Features whose weights are not below zero: what speaks for an option never counts against it, whatever a small
        or strange log says.
    ridge : float, at least 0
        Times half the sum of squares of the weights, added to the weighted sum of losses.

    Raises
    ------
    ValueError
        If there is no choice, or the arrays do not fit together.

    Notes
    -----
    The probability of an option is ``exp(w . x)`` over the sum of the same for all options of its choice [1]_; with the
    penalty the objective is strictly convex, so the maximum is one, wherever the search begins.

    References
    ----------
    .. [1] McFadden. "Conditional logit analysis of qualitative choice behavior." Frontiers in Econometrics (1974).
    """
    if not len(seen) or seen.options.shape[1] != len(names) or len(seen.weight) != len(seen):
        raise ValueError(f"{len(seen)} choices of {seen.options.shape[1:]} features cannot be fitted for {len(names)} names")
    starts = np.flatnonzero(np.diff(seen.choice, prepend=-1))
    taken = seen.options[seen.taken].T @ seen.weight

    def objective(weights: Floats) -> tuple[float, Floats]:
        chances, loss = _chances(seen.options @ weights, seen, starts)
        gradient = seen.options.T @ (chances * seen.weight[seen.choice]) - taken
        return float(loss @ seen.weight + ridge / 2 * weights @ weights), gradient + ridge * weights

    found = minimize(
        objective,
        np.zeros(len(names)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None) if name in rising else (None, None) for name in names],
        options={"maxiter": 1000, "ftol": 1e-12, "gtol": 1e-8},
    )
    loss = losses(seen, found.x)
    sizes = np.bincount(seen.choice, minlength=len(seen))
    total = max(float(seen.weight.sum()), np.finfo(float).tiny)
    return Fitted(
        names=tuple(names),
        weights=tuple(map(float, found.x)),
        choices=len(seen),
        loss=float(loss @ seen.weight) / total,
        even_loss=float(np.log(sizes) @ seen.weight) / total,
    )


def chances(seen: Choices, weights: Sequence[float] | Floats) -> Floats:
    """Return the probability of each row among those of its choice."""
    starts = np.flatnonzero(np.diff(seen.choice, prepend=-1))
    return _chances(seen.options @ np.asarray(weights, dtype=float), seen, starts)[0]


def losses(seen: Choices, weights: Sequence[float] | Floats) -> Floats:
    """Return minus the logarithm of the probability of what was taken, of shape (choices,)."""
    starts = np.flatnonzero(np.diff(seen.choice, prepend=-1))
    return _chances(seen.options @ np.asarray(weights, dtype=float), seen, starts)[1]


def _chances(score: Floats, seen: Choices, starts: NDArray[np.int64]) -> tuple[Floats, Floats]:
    highest = np.maximum.reduceat(score, starts)
    above = np.exp(score - highest[seen.choice])
    total = np.add.reduceat(above, starts)
    return above / total[seen.choice], np.log(total) + highest - score[seen.taken]
