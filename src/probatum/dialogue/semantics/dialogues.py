"""What a dialogue model is shown: the turns of a session in their order, each with its words, its answer, and what the log tells of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from probatum.dialogue.artefacts.turn import STAGES
from probatum.dialogue.semantics.judged import digits, joined, judged
from probatum.dialogue.semantics.sessions import turn_number
from probatum.dialogue.semantics.signals import EXPLICIT, SIGNALS, UNSEEN
from probatum.dialogue.semantics.sounds import apart

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations
    from probatum.runner.tables import Row

MOST_TURNS = 16  # that a model sees at once
# What users said outright is no feature: it is what a model is judged by.
IMPLICIT = tuple(name for name in SIGNALS if name not in EXPLICIT)
FEATURES = (
    "since", "until", "words", "first", "cannot",
    *(f"sure_{stage}" for stage in STAGES), *(f"failed_{stage}" for stage in STAGES), *IMPLICIT,
    "understood", "same_intent", "same_slots", "letters_before", "sound_before", "letters_after", "sound_after",
)  # fmt: skip  # a list of names
_BATCH = 10_000
_LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class Said:
    """One turn, as a model is shown it.

    Attributes
    ----------
    turn, user : str
        As in `turn_id` and `user_id`; the user is the conversation where users are not told apart.
    text, answer : str
        In normal form; "" for none.
    intent : str
        That it was understood as; "" for none.
    slots : tuple of (str, str)
    seen : tuple of (float or None)
        In the order of `FEATURES`; None for what the log does not tell.
    pattern : int
        Of signals; see `judged.judged`.
    household : str
    """

    turn: str
    user: str
    text: str
    answer: str
    intent: str = ""
    slots: tuple[tuple[str, str], ...] = ()
    seen: tuple[float | None, ...] = (None,) * len(FEATURES)
    pattern: int = 0
    household: str = ""


def dialogues(conversations: Conversations, *, gap_s: float, window_s: float, detector: str = "words") -> Iterator[list[Said]]:
    """Yield the turns of each session in their order.

    Parameters
    ----------
    conversations : Conversations
    gap_s, window_s, detector
        See `artefacts.policy.SessionRule`.
    """
    steps = joined(conversations, gap_s=gap_s)
    table = judged(conversations, gap_s=gap_s, window_s=window_s, detector=detector)
    query = f"""
        select s.session, s.since_s, s.until_s, t.turn_id as turn, coalesce(t.user_id, t.conversation_id) as user,
               coalesce(t.household_id, '') as household, coalesce(x.normalised, '') as text, coalesce(a.normalised, '') as answer, coalesce(t.intent, '') as intent,
               t.slots, t.stages, j.pattern, j.cannot
        from {steps} s join {table} j using (turn) join {{turns}} t on s.turn = {turn_number("t.turn_id")}
        left join {{texts}} x on x.text_id = s.text_id left join {{texts}} a on a.text_id = t.response_id
        order by s.session, s.step"""  # noqa: S608 - names of our own
    session: list[Row] = []
    for batch in conversations.stream(query, size=_BATCH):
        for row in batch:
            if session and row["session"] != session[0]["session"]:
                yield _shown(session)
                session = []
            session.append(row)
    if session:
        yield _shown(session)


def stretches(turns: int) -> list[tuple[int, int, int, int]]:
    """Return what a model sees at once of a session of so many turns: begin and end, and begin and end of what it then says.

    Longer sessions are seen in stretches that overlap by half, so that what is said of a turn is said with turns on both sides.
    """
    if turns <= MOST_TURNS:
        return [(0, turns, 0, turns)] if turns else []
    half, quarter = MOST_TURNS // 2, MOST_TURNS // 4
    begins = [*range(0, turns - MOST_TURNS, half), turns - MOST_TURNS]
    ends = [*(begin + half + quarter for begin in begins[:-1]), turns]
    return [(b, b + MOST_TURNS, ends[at - 1] if at else 0, ends[at]) for at, b in enumerate(begins)]


def _shown(rows: Sequence[Row]) -> list[Said]:
    intents = any(row["intent"] for row in rows)
    slots = [tuple(sorted((one["name"], one["value"]) for one in row["slots"] or ())) for row in rows]
    alike = [_alike(one["text"], other["text"]) for one, other in pairwise(rows)]
    found = []
    for at, row in enumerate(rows):
        stages = {one["name"]: one for one in row["stages"] or ()}
        codes = dict(zip(SIGNALS, digits(row["pattern"]), strict=True))
        before = rows[at - 1] if at else None
        known = before is not None and row["intent"] and before["intent"]
        seen: list[float | None] = [
            _log(row["since_s"]),
            _log(row["until_s"]),
            math.log1p(len(row["text"].split())) / 3,
            float(not at),
            float(row["cannot"]),
            *(stages[name]["confidence"] if name in stages else None for name in STAGES),
            *(_failed(stages.get(name)) for name in STAGES),
            *(None if codes[name] == UNSEEN else float(codes[name]) for name in IMPLICIT),
            float(bool(row["intent"])) if intents else None,
            float(row["intent"] == before["intent"]) if known and before else None,
            float(slots[at] == slots[at - 1]) if known else None,
            *(alike[at - 1] if at else (None, None)),
            *(alike[at] if at < len(alike) else (None, None)),
        ]
        found.append(
            Said(
                row["turn"],
                row["user"],
                row["text"],
                row["answer"],
                row["intent"],
                slots[at],
                tuple(seen),
                row["pattern"],
                row["household"],
            )
        )
    return found


def _alike(one: str, other: str) -> tuple[float, float]:
    from rapidfuzz.distance import Indel

    return float(Indel.normalized_similarity(one, other)), 1 - apart(one, other)


def _log(seconds: float | None) -> float | None:
    return None if seconds is None else math.log1p(min(max(seconds, 0.0), _LONGEST_S)) / 8


def _failed(stage: Row | None) -> float | None:
    if stage is None or (stage["ok"] is None and not stage["code"]):
        return None
    return float(stage["ok"] is False or bool(stage["code"]))
