"""Fitting the dialogue model without a network: a logistic regression for each task, by L-BFGS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.dialogue.fit.dialogue_examples import Example, columns, parted
from probatum.dialogue.semantics.dialogue_logistic import FAR, DialogueLogistic, rows
from probatum.dialogue.semantics.dialogue_network import TASKS

_DECAYS = (1e-3, 1e-2, 1e-1)


def fit(
    examples: Sequence[Example], *, intents: Sequence[str], vectors: str, seed: int, card: Mapping[str, Any] | None = None
) -> DialogueLogistic:
    """Fit all tasks; the weight of the sum of squares is the best of three for each, on a fifth of the groups, which are then fitted to as well.

    Parameters and errors are those of `dialogue_network.fit`.
    """
    rest, aside = parted(examples, np.random.default_rng(seed))
    every = [*rest, *aside]
    x = np.concatenate([rows(one.session) for one in every])
    many = sum(len(one.session) for one in rest)
    centre = x.mean(axis=0)
    spread = x.std(axis=0)
    scale = np.where(spread > 1e-4, 1 / np.maximum(spread, 1e-4), 0).astype(np.float32)
    x = np.clip((x - centre) * scale, np.float32(-FAR), np.float32(FAR))
    where = columns(len(intents))
    width = max(one.stop for one in where.values())
    weight, bias = np.zeros((x.shape[1], width), dtype=np.float32), np.zeros(width, dtype=np.float32)
    told: dict[str, Any] = {}
    for name, part in where.items():
        known, true = _targets(every, name, part.stop - part.start)
        fitted, judged = known & (np.arange(len(x)) < many), known & (np.arange(len(x)) >= many)
        if fitted.sum() < 10:
            continue
        losses = {}
        for decay in _DECAYS:
            own = _fitted(x[fitted], true[fitted], decay)
            losses[decay] = _loss(own, x[judged], true[judged]) if judged.any() else decay
        chosen = min(losses, key=lambda decay: losses[decay])
        weight[:, part], bias[part] = _fitted(x[known], true[known], chosen)
        told[name] = {"decay": chosen, "turns": int(known.sum())}
    said = {**(card or {}), "sessions": len(examples), "turns": len(x), "seed": seed, "tasks": told}
    arrays = {"centre": centre.astype(np.float32), "scale": scale, "weight": weight, "bias": bias}
    return DialogueLogistic(arrays, tuple(intents), vectors, said)


def _targets(examples: Sequence[Example], name: str, width: int) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Return which turns something is known of, and probabilities of shape (n, width), or (n, 1) for one logit."""
    true = np.concatenate([getattr(one, name) for one in examples])
    if name == "outcome":
        known = np.isfinite(true).all(axis=1)
        return known, np.nan_to_num(true).astype(np.float32)
    if name in TASKS and width == 1:
        known = np.isfinite(true)
        return known, np.nan_to_num(true).astype(np.float32)[:, None]
    return true >= 0, np.eye(max(1, width), dtype=np.float32)[np.maximum(true, 0)][:, :width]


def _fitted(x: NDArray[np.float32], true: NDArray[np.float32], decay: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    from scipy.optimize import minimize

    k, width = x.shape[1], true.shape[1]

    def value(packed: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w = packed[: k * width].reshape(k, width).astype(np.float32)
        b = packed[k * width :].astype(np.float32)
        z = x @ w + b
        p = _probabilities(z)
        loss = _mean_loss(z, true) + 0.5 * decay * float((w.astype(np.float64) ** 2).sum())
        wrong = (p - true) / np.float32(len(x))
        gradient = np.concatenate([(x.T @ wrong + np.float32(decay) * w).ravel(), wrong.sum(axis=0)])
        return loss, gradient.astype(np.float64)

    begin = np.zeros((k + 1) * width)
    found = minimize(value, begin, jac=True, method="L-BFGS-B", options={"maxiter": 80, "maxcor": 10}).x.astype(np.float32)
    return found[: k * width].reshape(k, width), found[k * width :]


def _loss(own: tuple[NDArray[np.float32], NDArray[np.float32]], x: NDArray[np.float32], true: NDArray[np.float32]) -> float:
    return _mean_loss(x @ own[0] + own[1], true)


def _probabilities(z: NDArray[np.float32]) -> NDArray[np.float32]:
    if z.shape[1] == 1:
        return np.asarray(1 / (1 + np.exp(-np.clip(z, -60, 60))))
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _mean_loss(z: NDArray[np.float32], true: NDArray[np.float32]) -> float:
    wide = z.astype(np.float64)
    if z.shape[1] == 1:
        return float((np.logaddexp(0, wide) - true * wide).mean())
    highest = wide.max(axis=1, keepdims=True)
    log = wide - highest - np.log(np.exp(wide - highest).sum(axis=1, keepdims=True))
    return float(-(true * log).sum(axis=1).mean())
