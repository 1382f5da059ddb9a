"""Fit a head of slots to tagged texts: a softmax over tags of each word, by gradients that are scaled by what went before [1]_.

References
----------
.. [1] Duchi, Hazan, Singer. "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization." JMLR 12 (2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probatum.dialogue.semantics.slot_head import OUTSIDE, ROWS, SlotHead, places

_PASSES = 6
_BATCH = 128  # words
_STEP = 0.3


@dataclass(frozen=True, slots=True)
class Tagged:
    """A text, in normal form, the tags of its words, and the answer before it."""

    text: str
    tags: Sequence[str]
    before: str = ""


def fit(examples: Sequence[Tagged], *, seed: int = 0) -> SlotHead:
    """Fit a head.

    Raises
    ------
    ValueError
        If a text has another number of words than tags, or no word has a slot.
    """
    if any(len(one.text.split()) != len(one.tags) for one in examples):
        raise ValueError("a text has another number of words than tags")
    names = {tag[2:] for one in examples for tag in one.tags if tag != OUTSIDE}
    if not names:
        raise ValueError("no word has a slot")
    tags = (OUTSIDE, *(f"{part}-{name}" for name in sorted(names) for part in "BI"))
    number = {tag: at for at, tag in enumerate(tags)}
    rows: list[list[int]] = []
    true: list[int] = []
    for one in examples:
        words, before = one.text.split(), one.before.split()
        rows += [places(words, at, before) for at in range(len(words))]
        true += [number[tag] for tag in one.tags]
    longest = max(len(own) for own in rows)
    # Words have different numbers of features: what is missing is a row that stays zero.
    features = np.array([own + [ROWS] * (longest - len(own)) for own in rows])
    goal = np.array(true)
    weights = np.zeros((ROWS + 1, len(tags)), dtype=np.float32)
    square = np.full_like(weights, 1e-6)
    random = np.random.default_rng(seed)
    for _ in range(_PASSES):
        order = random.permutation(len(goal))
        for begin in range(0, len(order), _BATCH):
            own = order[begin : begin + _BATCH]
            scores = weights[features[own]].sum(axis=1)
            slope = np.exp(scores - scores.max(axis=1, keepdims=True))
            slope /= slope.sum(axis=1, keepdims=True)
            slope[np.arange(len(own)), goal[own]] -= 1
            used, place = np.unique(features[own], return_inverse=True)
            # One row of counts for each feature: their product with the slopes adds up what falls on the same feature.
            counts = np.zeros((len(used), len(own)), dtype=np.float32)
            np.add.at(counts, (place.reshape(len(own), longest), np.arange(len(own))[:, None]), 1.0)
            change = counts @ slope
            square[used] += change**2
            weights[used] -= _STEP * change / np.sqrt(square[used])
            weights[ROWS] = 0.0
    return SlotHead(tags, weights[:ROWS])
