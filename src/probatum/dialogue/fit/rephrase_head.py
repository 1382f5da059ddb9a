"""Fitting the turn head to windows whose rephrases are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from probatum.dialogue.semantics.rephrase_features import ALIKE, CONTEXT, Features
from probatum.dialogue.semantics.rephrase_head import TurnHead, inputs

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RATE = 3e-3
_BATCH = 256
_TIMES = [n for n, name in enumerate(CONTEXT) if name.startswith("within_") or name == "later_than_that"]
_NO_TIME = CONTEXT.index("no_time")
_SIGNS = [CONTEXT.index(name) for name in ("interrupted", "stopped", "unanswered", "no_sign")]
_NO_SIGNS = CONTEXT.index("signs_unknown")


def fit(
    seen: Features,
    gold: Sequence[bool],
    *,
    vectors: str,
    seed: int,
    dense: bool = False,
    hidden: int = 32,
    epochs: int = 30,
    decay: float = 1e-2,
    blind: float = 0.35,
    card: Mapping[str, Any] | None = None,
) -> TurnHead:
    """Fit a head, two networks whose logits are averaged, by stochastic gradient descent with Adam [1]_ on the log loss of each later request.

    Thresholds are those of the best F1 on a fifth of the windows, on which the weights are not fitted; they come from the epoch with
    the least loss there.

    Parameters
    ----------
    seen : Features
    gold : sequence of bool
        Whether each later request is a rephrase.
    vectors : str
        Digest of what made the vectors.
    seed : int
        The same input and seed give the same weights.
    dense : bool
        Whether the head sees the vectors, and not only how near they are.
    hidden, epochs, decay : int, int, float
        Width of the hidden layers together; passes; the weight of the sum of squares of weights.
    blind : float in [0, 1)
        Share of windows, at each pass, whose times and, apart from that, whose signs are not shown, as many logs do not have them.
    card : mapping, optional
        Kept with the weights.

    References
    ----------
    .. [1] Kingma, Ba. "Adam: A Method for Stochastic Optimization." ICLR 2015.
    """
    random = np.random.default_rng(seed)
    windows = int(seen.of.max()) + 1 if len(seen.of) else 0
    if windows < 10 or len(set(gold)) < 2:
        raise ValueError("there are fewer than ten windows, or all later requests are alike")
    y = np.asarray(gold, dtype=np.float32)
    x = inputs(seen, dense=dense)
    plain = len(ALIKE) + len(CONTEXT)
    centre = x.mean(axis=0)
    spread = x.std(axis=0)
    scale = np.where(spread > 1e-6, 1 / np.maximum(spread, 1e-6), 0).astype(np.float32)
    # So that seven hundred small numbers weigh about as much as the others together.
    scale[plain:] *= np.float32(0.25)
    test = np.isin(seen.of, random.permutation(windows)[: windows // 5])
    # What is judged, is judged half with times and signs and half without.
    every = np.ones(int(test.sum()), dtype=bool)
    shown = (np.concatenate([x[test], hide(x[test], every, every)]) - centre) * scale
    right = np.concatenate([y[test], y[test]])
    rows = _Rows(seen.of[~test], x[~test], y[~test], centre, scale)
    # The second network does not see the vectors: it errs elsewhere, and most where texts are of a kind that was not fitted to.
    members = [
        _network(random, rows, shown[:, :k], right, width=hidden // 2, epochs=epochs, decay=decay, blind=blind)
        for k in (x.shape[1], plain)
    ]
    share = np.float32(1 / len(members))
    weights: dict[str, NDArray[np.float32]] = {
        "hidden": np.concatenate(
            [np.pad(own["hidden"], ((0, x.shape[1] - len(own["hidden"])), (0, 0))) for own in members], axis=1
        ),
        "bend": np.concatenate([own["bend"] for own in members]),
        "out": np.concatenate([own["out"] * share for own in members]),
        "shift": np.stack([own["shift"] * share for own in members]).sum(axis=0),
    }
    p = 1 / (1 + np.exp(-_logits(weights, shown).astype(np.float64)))
    half = len(p) // 2
    return TurnHead(
        centre=centre,
        scale=scale,
        hidden=weights["hidden"],
        bend=weights["bend"],
        out=weights["out"],
        shift=float(weights["shift"][0]),
        threshold=best_threshold(p[:half], right[:half] > 0),
        blind_threshold=best_threshold(p[half:], right[half:] > 0),
        vectors=vectors,
        dense=dense,
        card=dict(card or {}),
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """What weights are fitted to: windows, inputs, truth, and how inputs are scaled."""

    of: NDArray[np.int64]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    centre: NDArray[np.float32]
    scale: NDArray[np.float32]


def _network(
    random: np.random.Generator,
    rows: _Rows,
    shown: NDArray[np.float32],
    right: NDArray[np.float32],
    *,
    width: int,
    epochs: int,
    decay: float,
    blind: float,
) -> dict[str, NDArray[np.float32]]:
    """Return the weights of one network, which sees as many of the first inputs as `shown` has."""
    k = shown.shape[1]
    weights = {
        "hidden": (random.normal(size=(k, width)) / np.sqrt(k)).astype(np.float32),
        "bend": np.zeros(width, dtype=np.float32),
        "out": (random.normal(size=width) / np.sqrt(width)).astype(np.float32),
        "shift": np.zeros(1, dtype=np.float32),
    }
    moments = {name: (np.zeros_like(value), np.zeros_like(value)) for name, value in weights.items()}
    best = (np.inf, weights)
    last = int(rows.of.max()) + 1
    step = 0
    for _ in range(epochs):
        times, signs = (random.random(last)[rows.of] < blind for _ in range(2))
        drawn = ((hide(rows.x, times, signs) - rows.centre) * rows.scale)[:, :k]
        order = random.permutation(len(drawn))
        for begin in range(0, len(order), _BATCH):
            batch = order[begin : begin + _BATCH]
            step += 1
            for name, gradient in _gradients(weights, drawn[batch], rows.y[batch], decay).items():
                first, second = moments[name]
                first += 0.1 * (gradient - first)
                second += 0.001 * (gradient**2 - second)
                weights[name] -= _RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        loss = _loss(_logits(weights, shown), right)
        if loss < best[0]:
            best = (loss, {name: value.copy() for name, value in weights.items()})
    return best[1]


def best_threshold(p: NDArray[np.float64], gold: NDArray[np.bool_]) -> float:
    """Return the value from which on F1 is best if all above count as found: the middle of a gap between values."""
    order = np.argsort(-p, kind="stable")
    found = np.cumsum(gold[order])
    f1 = 2 * found / (np.arange(1, len(p) + 1) + gold.sum())
    # Equal values are found together.
    last = np.append(p[order][:-1] != p[order][1:], [True])
    at = int(np.argmax(np.where(last, f1, -1)))
    below = p[order][at + 1] if at + 1 < len(p) else p[order][at]
    return float((p[order][at] + below) / 2)


def hide(x: NDArray[np.float32], times: NDArray[np.bool_], signs: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return inputs in which the times, and the signs, of some rows are not known."""
    out = x.copy()
    begin = len(ALIKE)
    for rows, columns, unknown in ((times, _TIMES, _NO_TIME), (signs, _SIGNS, _NO_SIGNS)):
        for column in columns:
            out[rows, begin + column] = 0
        out[rows, begin + unknown] = 1
    return out


def _logits(weights: Mapping[str, NDArray[np.float32]], x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.tanh(x @ weights["hidden"] + weights["bend"]) @ weights["out"] + weights["shift"], dtype=np.float32)


def _loss(z: NDArray[np.float32], y: NDArray[np.float32]) -> float:
    return float(np.mean(np.logaddexp(0, z.astype(np.float64)) - y * z))


def _gradients(
    weights: Mapping[str, NDArray[np.float32]], x: NDArray[np.float32], y: NDArray[np.float32], decay: float
) -> dict[str, NDArray[np.float32]]:
    bent = np.tanh(x @ weights["hidden"] + weights["bend"])  # (B, h)
    z = bent @ weights["out"] + weights["shift"]  # (B,)
    wrong = (1 / (1 + np.exp(-z)) - y) / len(y)  # (B,)
    back = wrong[:, None] * weights["out"] * (1 - bent**2)  # (B, h)
    return {
        "hidden": x.T @ back + np.float32(decay) * weights["hidden"],
        "bend": back.sum(axis=0),
        "out": bent.T @ wrong + np.float32(decay) * weights["out"],
        "shift": wrong.sum(keepdims=True),
    }
