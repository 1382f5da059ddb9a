"""The span head: where among the tokens of later requests a rephrase begins and ends, on frozen vectors of tokens.

A window is one text, `request [SEP] answer [SEP] later [SEP] later ...`, so each token is seen in the context of all others. A token's two
scores are linear in its vector, in its product with the mean vector of the request, in its nearness to the nearest token of the
request, and in what `rephrase_features` says of the turn's context (place, times, signs): the encoder is frozen, so marks for these
could learn nothing. The null answer is scored on the mean vector of the request. On frozen vectors this head and the turn head share no
parameter, so fitting them jointly is fitting each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from probatum.dialogue.semantics.rephrase_features import CONTEXT, Features
from probatum.dialogue.semantics.rephrase_windows import Window
from probatum.infer.minilm import WIDTH, Encoder

_SEPARATOR = " [SEP] "
_DECAY = 1e-4


@dataclass(frozen=True)
class Read:
    """One window as the head sees it.

    Attributes
    ----------
    tokens : array of shape (n, 2 * 384 + 1 + len(CONTEXT))
        Of all later requests.
    turn : array of shape (n,)
        Which of them, of `many`.
    null : array of shape (384,)
    """

    tokens: Any
    turn: Any
    many: int
    null: Any


def read(windows: Sequence[Window], seen: Features, encoder: Encoder) -> list[Read]:
    """Return what the head sees of windows."""
    texts, places = [], []
    for window in windows:
        parts = [window.text, *([window.answer] if window.answer else []), *(later.text for later in window.later)]
        begins = np.cumsum([0, *(len(part) + len(_SEPARATOR) for part in parts)])[:-1]
        texts.append(_SEPARATOR.join(parts))
        places.append((len(window.text), begins[len(parts) - len(window.later) :], [len(later.text) for later in window.later]))
    found = []
    first = np.searchsorted(seen.of, np.arange(len(windows)))
    for number, ((vectors, offsets), (source, begins, lengths)) in enumerate(zip(encoder.tokens(texts), places, strict=True)):
        at = np.array([begin for begin, _ in offsets])
        own = vectors[at < source]
        mean = own.mean(axis=0) if len(own) else np.zeros(WIDTH, dtype=np.float32)
        unit = own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-9)
        tokens, turn = [], []
        for place, (begin, length) in enumerate(zip(begins, lengths, strict=True)):
            mine = vectors[(at >= begin) & (at < begin + length)]
            near = (mine / np.maximum(np.linalg.norm(mine, axis=1, keepdims=True), 1e-9)) @ unit.T
            context = np.broadcast_to(seen.context[first[number] + place], (len(mine), len(CONTEXT)))
            near = near.max(axis=1, keepdims=True) if unit.size else np.zeros((len(mine), 1))
            tokens.append(np.concatenate([mine, mine * mean, near * 3, context], axis=1).astype(np.float32))
            turn += [place] * len(mine)
        found.append(Read(np.concatenate(tokens), np.array(turn), len(begins), mean))
    return found


def fit(windows: Sequence[Read], gold: Sequence[Sequence[bool]]) -> Any:
    """Return weights that maximise the likelihood of the first and the last token of rephrases, or of the null answer."""
    tokens = np.concatenate([one.tokens for one in windows])
    ends = np.cumsum([len(one.tokens) for one in windows])
    begins = ends - [len(one.tokens) for one in windows]
    null = np.stack([one.null for one in windows])
    right = []  # for start and for end: weight of each token, and of null, in the truth
    for which in (0, 1):
        token, none = np.zeros(len(tokens)), np.zeros(len(windows))
        for number, (one, truth) in enumerate(zip(windows, gold, strict=True)):
            marks = [
                np.flatnonzero(one.turn == turn)[-which]
                for turn, is_one in enumerate(truth)
                if is_one and (one.turn == turn).any()
            ]
            for mark in marks:
                token[begins[number] + mark] = 1
            none[number] = not marks
        right.append((token, none))
    size, wide = tokens.shape[1], null.shape[1]

    def loss(exact: Any) -> tuple[float, Any]:
        weights = exact.astype(np.float32)
        total, gradient = 0.5 * _DECAY * float(weights @ weights) * len(windows), _DECAY * len(windows) * exact
        for which, (token, none) in enumerate(right):
            at = which * (size + wide + 1)
            w, v, shift = weights[at : at + size], weights[at + size : at + size + wide], weights[at + size + wide]
            s, zero = tokens @ w, null @ v + shift
            top = np.maximum(np.maximum.reduceat(s, begins), zero)
            counts = ends - begins
            e, e0 = np.exp(s - np.repeat(top, counts)), np.exp(zero - top)
            every, true = np.add.reduceat(e, begins) + e0, np.add.reduceat(e * token, begins) + e0 * none
            total += float((np.log(every) - np.log(true)).sum()) / 2
            ds = (e / np.repeat(every, counts) - e * token / np.repeat(true, counts)) / 2
            d0 = (e0 / every - e0 * none / true) / 2
            gradient[at : at + size] += tokens.T @ ds.astype(np.float32)
            gradient[at + size : at + size + wide] += null.T @ d0.astype(np.float32)
            gradient[at + size + wide] += d0.sum()
        return total, gradient

    start = np.zeros(2 * (size + wide + 1))
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 80}).x


def scores(windows: Sequence[Read], weights: Any) -> Any:
    """Return for each later request how much better its best span is than the null answer, snapped to the whole request."""
    half = len(weights) // 2
    size = half - WIDTH - 1
    out = []
    for one in windows:
        s, e = (one.tokens @ weights[at : at + size] for at in (0, half))
        zero = sum(float(one.null @ weights[at + size : at + size + WIDTH] + weights[at + size + WIDTH]) for at in (0, half))
        for turn in range(one.many):
            own = np.flatnonzero(one.turn == turn)
            # The best pair of a start and an end that is not before it.
            best = max((float(s[own[: k + 1]].max() + e[own[k]]) for k in range(len(own))), default=-np.inf)
            out.append(best - zero)
    return np.array(out)
