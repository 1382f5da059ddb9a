"""From interpretations back to words: what to say in order to be understood so.

A chain over interpretations pools all ways to ask for the same, so it knows more
about each; but what a rewrite needs is a text. Of those that mean the target
nearly always and that work, the most usual one is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from probatum.dialogue.model.chain import Chain
from probatum.dialogue.model.push import LEAST, reach
from probatum.dialogue.semantics.edges import Sayings, States

Floats: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = NDArray[np.uint64]

UNAMBIGUOUS = 0.95
WORKING = 0.8


def spoken(
    sayings: Sayings, utterances: States, *, fewest_users: int, unambiguous: float = UNAMBIGUOUS, working: float = WORKING
) -> dict[int, int]:
    """Return for each interpretation the text by which to ask for it.

    Parameters
    ----------
    sayings, utterances
        Counts of the same window; `utterances` are states that are texts.
    fewest_users : int
        Who must have said the text.
    unambiguous : float
        Least share of its users who were understood so.
    working : float
        Least share of its uses that end well at once, over users.

    Returns
    -------
    dict of interpretation to text
        Without those that no text qualifies for. Of texts of as many users, the one with the smaller number.
    """
    texts, of = np.unique(sayings.text, return_inverse=True)
    meant = sayings.users / np.bincount(of, sayings.users, len(texts))[of]
    at = np.minimum(np.searchsorted(utterances.state, sayings.text), max(0, len(utterances.state) - 1))
    if len(utterances.state) == 0:
        return {}
    known = (utterances.state[at] == sayings.text) & (utterances.tried[at] > 0)
    works = utterances.direct[at] >= working * utterances.tried[at]
    fits = known & works & (meant >= unambiguous) & (utterances.users[at] >= fewest_users)
    which = np.flatnonzero(fits)
    order = which[np.lexsort((sayings.text[which], -sayings.users[which], sayings.interpretation[which]))]
    interpretation, first = np.unique(sayings.interpretation[order], return_index=True)
    return dict(zip(interpretation.tolist(), sayings.text[order[first]].tolist(), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Reworded:
    """For texts the texts at whose meaning their goals succeed: arrays of shape (pairs,), by source, best first.

    Attributes
    ----------
    source, target : uint64
        Numbers of texts; never equal.
    success : float64
        Probability that a goal that begins with `source` ends well at the meaning of `target`, from below.
    aside : float64
        What it lacks at most.
    """

    source: Numbers
    target: Numbers
    success: Floats
    aside: Floats


def reworded(
    chain: Chain, sayings: Sayings, say: dict[int, int], texts: Numbers, *, count: int = 1, least: float = LEAST
) -> Reworded:
    """Follow texts through the chain of what they are understood as, and say where they lead in words.

    Parameters
    ----------
    chain : Chain
        Of interpretations.
    sayings : Sayings
    say : mapping of interpretation to text
        As `spoken` gives it.
    texts : array of texts, different
    count : int
        How many targets of each text are wanted, at most.
    least : float
        As in `push.reach`.

    Notes
    -----
    A text starts at each of its interpretations with the share of its users who were understood so.
    """
    sources = np.unique(texts)
    meaning = chain.places(sayings.interpretation)
    row = np.searchsorted(sources, sayings.text)
    row[row == len(sources)] = 0
    used = (meaning >= 0) & (sources[row] == sayings.text) if len(sources) else np.zeros(len(sayings.text), dtype=bool)
    starts, column = np.unique(meaning[used], return_inverse=True)
    share = csr_matrix((sayings.users[used].astype(float), (row[used], column)), shape=(len(sources), len(starts)))
    total = np.asarray(share.sum(axis=1)).ravel()
    share = csr_matrix(share.multiply((1 / np.maximum(total, 1.0))[:, None]))
    found = reach(chain, starts, least=least)
    success, aside = (share @ found.success).tocoo(), share @ found.aside
    target = np.array([say.get(name, 0) for name in chain.states[success.col].tolist()], dtype=np.uint64)
    worded = np.array([name in say for name in chain.states[success.col].tolist()], dtype=bool)
    kept = worded & (target != sources[success.row]) & (success.data > 0)
    row, target, value = success.row[kept], target[kept], success.data[kept]
    order = np.lexsort((target, -value, row))
    row, target, value = row[order], target[order], value[order]
    rank = np.arange(len(row)) - np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(sources)))])[row]
    top = rank < count
    return Reworded(sources[row[top]], target[top], value[top], aside[row[top]])
