"""Steps counted with noise: what is learnt for all users rests on a release of pairs that keeps each user's part private.

Only that release is differentially private: which pairs there are, and how many users made them. How often texts work, who was in
how many households, and how options are weighed is counted as without noise, of these pairs alone. So for a pair that is
learnt it holds that what one user alone said is among them with a probability of at most delta, whatever is counted after.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from random import Random, SystemRandom
from typing import TYPE_CHECKING

import numpy as np

from probatum.dialogue.semantics.edges import Counted, States, Steps
from probatum.stats.private_counts import Noise, bounded, release

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations

# What `edges.count` kept. Each step once, whoever made it how often.
_OWN = "select distinct person, state, next from dialogue_walks where next is not null and next <> state order by person, state, next"


def noised(
    conversations: Conversations, counted: Counted, noise: Noise, *, least: int, generator: Random | None = None
) -> Counted:
    """Return what was counted, of pairs that are told with noise alone, with that many users.

    Parameters
    ----------
    conversations : Conversations
        Of which `edges.count` was asked last.
    counted : Counted
    noise : Noise
    least : int
        Users, with noise, below which no pair is told.
    generator : Random or None
        None: of the operating system, as it must be if anybody sees the result.
    """
    drawn = SystemRandom() if generator is None else generator

    def users() -> Iterator[tuple[int, list[tuple[int, int]]]]:
        rows = (row for batch in conversations.stream(_OWN, size=50_000) for row in batch)
        for user, own in groupby(rows, key=lambda row: row["person"]):
            yield user, [(row["state"], row["next"]) for row in own]

    told = release(bounded(users(), noise.most, drawn), noise, least=least, generator=drawn)
    steps, states = counted.steps, counted.states
    many = [told.get(pair, 0) for pair in zip(steps.source.tolist(), steps.target.tolist(), strict=True)]
    users_told = np.array(many, dtype=np.int64)
    left = users_told > 0
    kept = Steps(
        source=steps.source[left],
        target=steps.target[left],
        users=users_told[left],
        households=steps.households[left],
        weight=steps.weight[left],
        weeks=steps.weeks[left],
        hours=steps.hours[left],
    )
    there = np.isin(states.state, np.concatenate([kept.source, kept.target]))
    return replace(
        counted,
        states=States(**{name: getattr(states, name)[there] for name in States.__slots__}),
        steps=kept,
    )
