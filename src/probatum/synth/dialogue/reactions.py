"""What users do about an answer."""

from __future__ import annotations

import random
from dataclasses import dataclass

from probatum.synth.dialogue.parameters import Reactions
from probatum.synth.dialogue.truth import BAD, CANNOT, GOOD

# What a user can do after a turn.
SAME, OTHER_WORDS, CORRECT, STOP, UNDO, GIVE_UP, SETTLE = "repeat", "rephrase", "correct", "stop", "undo", "give up", "settle"
THANK, BROWSE, FOLLOW, DONE = "thank", "alternative", "follow", "done"


@dataclass(slots=True)
class Reaction:
    """What a user does.

    Attributes
    ----------
    kind : str
    interrupted_ms : float or None
        How far into the answer the user speaks over it.
    thumb : float
        1, -1, or 0 for none.
    """

    kind: str
    interrupted_ms: float | None = None
    thumb: float = 0.0


def react(
    outcome: str, *, acted: bool, playing: bool, patience: float, settles: bool, reactions: Reactions, rng: random.Random
) -> Reaction:
    """Draw what a user does.

    Parameters
    ----------
    outcome : str
        `good`, `bad` or `out of capability`.
    acted : bool
        Whether the assistant did something that can be taken back.
    playing : bool
        Whether it is a song that was played.
    patience : float
        Of the user.
    settles : bool
        Whether there is something that the user could ask for instead.
    reactions : Reactions
    rng : random.Random
    """
    failed = outcome != GOOD and rng.random() >= reactions.overlooked
    place = 0 if failed else 1
    thumb = (-1.0 if failed else 1.0) if rng.random() < reactions.thumbs[place] else 0.0
    cut = round(rng.uniform(200.0, 2500.0)) * 1.0 if rng.random() < reactions.interrupted[place] else None
    if rng.random() < reactions.thanked[place]:
        return Reaction(THANK, cut, thumb)
    if not failed:
        if playing and rng.random() < reactions.browsed:
            return Reaction(BROWSE, cut, thumb)
        return Reaction(FOLLOW if rng.random() < reactions.followed else DONE, cut, thumb)
    if outcome == CANNOT and settles and rng.random() < reactions.settled:
        return Reaction(SETTLE, cut, thumb)
    if outcome == BAD and acted and rng.random() < reactions.undone:
        return Reaction(UNDO, cut, thumb)
    if rng.random() < reactions.stopped:
        return Reaction(STOP, cut, thumb)
    if rng.random() >= patience:
        return Reaction(GIVE_UP, cut, thumb)
    draw = rng.random()
    if draw < reactions.corrected:
        return Reaction(CORRECT, cut, thumb)
    return Reaction(SAME if draw < reactions.corrected + reactions.said_again else OTHER_WORDS, cut, thumb)
