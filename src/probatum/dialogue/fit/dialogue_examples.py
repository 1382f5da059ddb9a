"""What dialogue models are fitted to: sessions, and what is known, or guessed, of their turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from probatum.dialogue.semantics.dialogue_inputs import Inputs
from probatum.dialogue.semantics.dialogue_network import OUTCOMES, TASKS


@dataclass(frozen=True, slots=True)
class Example:
    """A session of n turns.

    Attributes
    ----------
    session : Inputs
    group : str
        Whose it is: what is fitted and what the fit is judged by share no group.
    outcome : array of shape (n, 3)
        Probabilities, rows of nan where nothing is known.
    begins, success : arrays of shape (n,)
        Probabilities; nan where nothing is known.
    failing, intent : arrays of shape (n,)
        Places in `FAILING` and in the intents; -1 where not known.
    """

    session: Inputs
    group: str
    outcome: NDArray[np.float32]
    begins: NDArray[np.float32]
    success: NDArray[np.float32]
    failing: NDArray[np.int64]
    intent: NDArray[np.int64]

    def part(self, begin: int, end: int) -> Example:
        """Return some of its turns."""
        return replace(
            self,
            session=self.session.part(begin, end),
            **{name: getattr(self, name)[begin:end] for name in ("outcome", "begins", "success", "failing", "intent")},
        )


def unknown(session: Inputs, group: str) -> Example:
    """Return a session of which nothing is known."""
    n = len(session)
    return Example(
        session,
        group,
        np.full((n, len(OUTCOMES)), np.nan, dtype=np.float32),
        np.full(n, np.nan, dtype=np.float32),
        np.full(n, np.nan, dtype=np.float32),
        np.full(n, -1, dtype=np.int64),
        np.full(n, -1, dtype=np.int64),
    )


def parted(examples: Sequence[Example], random: np.random.Generator) -> tuple[list[Example], list[Example]]:
    """Return examples to fit to and those of a fifth of the groups, by which the fit is judged.

    Raises
    ------
    ValueError
        If there are fewer than ten groups.
    """
    groups = sorted({one.group for one in examples})
    if len(groups) < 10:
        raise ValueError(f"a dialogue model is fitted to ten users or more, and there are {len(groups)}")
    aside = {groups[at] for at in random.permutation(len(groups))[: len(groups) // 5]}
    return [one for one in examples if one.group not in aside], [one for one in examples if one.group in aside]


def scaling(examples: Sequence[Example]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return centre and scale of features, of turns of which they are known."""
    seen = np.concatenate([one.session.seen for one in examples])
    known = np.concatenate([one.session.known for one in examples])
    many = np.maximum(known.sum(axis=0), 1)
    centre = (seen * known).sum(axis=0) / many
    spread = np.sqrt((((seen - centre) ** 2) * known).sum(axis=0) / many)
    return centre.astype(np.float32), np.where(spread > 1e-3, 1 / np.maximum(spread, 1e-3), 0).astype(np.float32)


def columns(intents: int) -> dict[str, slice]:
    """Return where the logits of each task stand."""
    found, at = {}, 0
    for name, many in {**TASKS, "intent": intents}.items():
        found[name] = slice(at, at + many)
        at += many
    return found
