"""Simulated worlds that differ in what is an assumption: how people react, how well a recogniser hears, and what is asked for."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Literal

from probatum.synth.dialogue.parameters import Parameters, Reactions
from probatum.synth.dialogue.recognition import Channel


def varied(usual: Parameters) -> Parameters:
    """Return a world in which these are drawn, within what a reader would still call a voice assistant at home."""
    rng = random.Random(usual.seed)
    drawn = rng.uniform
    reactions = Reactions(
        patience=(drawn(1.5, 6), drawn(1.5, 4)), said_again=drawn(0.2, 0.7), corrected=drawn(0, 0.15), stopped=drawn(0.02, 0.15),
        undone=drawn(0.1, 0.5), interrupted=(drawn(0.05, 0.35), drawn(0.005, 0.05)), thumbs=(drawn(0, 0.12), drawn(0, 0.05)),
        thanked=(drawn(0, 0.02), drawn(0, 0.06)), overlooked=drawn(0, 0.1), renamed=drawn(0.3, 0.9), plainer=drawn(0.3, 0.9),
        again_s=(drawn(4, 12), drawn(0.3, 0.7)), next_s=(drawn(25, 120), drawn(0.7, 1.3)), followed=drawn(0.05, 0.35),
        browsed=drawn(0.03, 0.25), settled=drawn(0.2, 0.6),
    )  # fmt: skip  # a table
    channel = Channel(
        level=drawn(0.15, 0.6),
        spread=drawn(2, 10),
        tail=drawn(0.3, 0.7),
        sharpness=drawn(0.06, 0.13),
        hypotheses=rng.choice((1, 3, 5)),
    )
    conversations: tuple[Literal["request", "session"], ...] = ("request", "session")
    return replace(
        usual, reactions=reactions, channel=channel, cannot=drawn(0.02, 0.15), false_wakes=drawn(0.005, 0.08), broken=drawn(0.003, 0.05),
        unlearnt=drawn(0.03, 0.2), habitual=drawn(0.5, 0.9), favour=drawn(0.2, 0.6), nicknames=drawn(0.2, 0.6),
        conversation=rng.choice(conversations),
    )  # fmt: skip  # as above
