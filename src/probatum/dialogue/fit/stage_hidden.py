"""Turns as other logs would show them: what a head is fitted to must not rest on what many logs lack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from probatum.dialogue.artefacts.turn import Stage
from probatum.dialogue.semantics.stage_signs import Seen

Meaning = tuple[str, tuple[tuple[str, str], ...]]
_KINDS: tuple[dict[str, Any], ...] = (
    {"stages": ()}, {"text": None, "hypotheses": (), "next": None}, {"hypotheses": ()}, {"others": ()},
    {"signals": {}, "answered": 0}, {"next": None}, {"usual": {}},
)  # fmt: skip  # one kind each
_COUNTED = {
    "text": ("text", "spoken", "pair", "pairs", "heard", "heard pairs", "next"), "hypotheses": ("heard", "heard pairs"),
    "next": ("next",),
}  # fmt: skip  # what is not counted where something is left out
_MEANT = ("meaning", "slots", "intent", "kinds", "value", "word")


def hidden(seen: Sequence[Seen], *, seed: int) -> list[Seen]:
    """Return turns with kinds of signs left out, each with a probability that is drawn for each turn.

    Stages that say nothing of themselves, or not how sure they are, or all but understanding; no texts, and so nothing that texts tell; no
    other ways to hear it, or what these were understood as; no signals; nothing after it; no counts.
    """
    random = np.random.default_rng(seed)
    found = []
    for one in seen:
        left_out: dict[str, Any] = {}
        share = random.random()
        for drawn, kind in zip(random.random(len(_KINDS)) < share, _KINDS, strict=True):
            left_out |= kind if drawn else {}
        if "usual" not in left_out:
            gone = {name for kind in left_out for name in _COUNTED.get(kind, ())}
            left_out["usual"] = {name: many for name, many in one.usual.items() if name not in gone}
        some, alone = random.random(2) < (0.6, 0.5)
        if "stages" in left_out and some:
            left_out["stages"] = tuple(
                replace(stage, confidence=None) for stage in one.stages if not alone or stage.name == "understanding"
            )
        found.append(replace(one, **left_out))
    return found


def meanings(seen: Sequence[Seen], again: Sequence[Meaning | None], *, seed: int, share: float = 0.8) -> list[Seen]:
    """Return turns as a log without texts shows them that has only what was understood.

    Parameters
    ----------
    seen : sequence of Seen
    again : sequence of (intent, slots) or None
        What another device that heard the same would have understood.
    seed : int
    share : float
        Of turns that another device heard.
    """
    random = np.random.default_rng(seed)
    return [
        Seen(
            text=None,
            intent=one.intent,
            slots=one.slots,
            stages=(Stage(name="understanding", ok=bool(one.intent), output=one.intent),),
            others=() if other is None or drawn >= share else (other,),
            context=one.context,
            usual={name: many for name, many in one.usual.items() if name in _MEANT},
        )
        for one, other, drawn in zip(seen, again, random.random(len(seen)), strict=True)
    ]
