"""Requests of a log that failed, as far as it shows, and the words of the same user that then worked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.dialogue.artefacts.policy import SessionRule
from probatum.dialogue.model.learning import judged_goals
from probatum.dialogue.model.requests import window
from probatum.dialogue.semantics.goals import whole
from probatum.dialogue.semantics.judged import judged

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations
    from probatum.runner.tables import Row

# What is said before a request is said again, and is no part of it.
_before = re.compile(r"^(?:no|nope|i said|i meant|nein|ich sagte|ich meinte|non|j'ai dit|he dicho|dije)\s+(?=\S+\s+\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A request that failed.

    Attributes
    ----------
    turn, unit : str
        Number of the turn; its user, or its conversation where users are not told apart.
    heard : str
        In normal form; "" if nothing was.
    right_turn, right : str
        The last request for the same goal that went well, and its words, without what corrects ("no ..."); "" if there is none.
    hypotheses : tuple of str
        Other ways to hear it.
    intent : str
        What the log says it was understood as; "" if it does not say.
    context : mapping of str to str
    unable : bool
        Whether the assistant said that it is not made for that.
    spoken : bool
        Whether speech was recognised, so that it may have been misheard.
    """

    turn: str
    unit: str
    heard: str
    right_turn: str = ""
    right: str = ""
    hypotheses: tuple[str, ...] = ()
    intent: str = ""
    context: Mapping[str, str]
    unable: bool = False
    spoken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How many turns there are, and which of them failed.

    Attributes
    ----------
    turns, users : int
        Requests; turns that only say how another one went are none.
    failures : tuple of Failure
        In the order of `turn`.
    users_known : bool
        Whether users are told apart in most turns.
    """

    turns: int
    users: int
    failures: tuple[Failure, ...]
    users_known: bool


def failures(conversations: Conversations, sessions: SessionRule) -> Failures:
    """Return the requests of a log that failed more likely than not, by the model of outcomes."""
    goals, _ = judged_goals(conversations, sessions=sessions)
    window_s = window(conversations, sessions)
    signals = judged(conversations, gap_s=sessions.gap_s, window_s=window_s, detector=sessions.detector)
    tries = (
        "select t.goal, t.position, t.p_good, j.cannot, t.turn_id, coalesce(t.user_id, t.conversation_id) as unit, t.user_id is not null as known, "  # noqa: S608 - names of our own
        "t.channel = 'voice' or list_contains([s.name for s in coalesce(t.stages, [])], 'recognition') as spoken, "
        "x.normalised as text, t.intent, t.context, [h.text_id for h in coalesce(t.hypotheses, [])] as heard_too "
        f"from {whole(goals)} t join {signals} j using (turn) "
        "left join {texts} x on x.text_id = t.text_id where j.said = 0"
    )
    [counted] = conversations.sql(
        f"select count(*) as turns, count(distinct unit) as units, count(*) filter (known) * 2 > count(*) as known from ({tries})"  # noqa: S608 - as above
    )
    wanted = f"with tries as ({tries}) select * from tries where goal in (select goal from tries where p_good < 0.5) order by goal, position"  # noqa: S608 - as above
    found: list[Failure] = []
    others: list[tuple[int, list[int]]] = []
    goal: list[Row] = []

    def take() -> None:
        for failure, numbers in _of(goal):
            others.append((len(found), numbers))
            found.append(failure)

    for batch in conversations.stream(wanted):
        for row in batch:
            if goal and row["goal"] != goal[0]["goal"]:
                take()
                goal = []
            goal.append(row)
    take()
    texts = _texts(conversations, {number for _, numbers in others for number in numbers})
    complete = [
        _with(found[at], tuple(dict.fromkeys(texts[n] for n in numbers if n in texts and texts[n] != found[at].heard)))
        for at, numbers in others
    ]
    complete.sort(key=lambda one: one.turn)
    return Failures(turns=counted["turns"], users=counted["units"], failures=tuple(complete), users_known=bool(counted["known"]))


def _of(goal: list[Row]) -> Iterator[tuple[Failure, list[int]]]:
    """Yield the tries at one goal that failed."""
    for at, row in enumerate(goal):
        if row["p_good"] >= 0.5:
            continue
        later = next((one for one in reversed(goal[at + 1 :]) if one["p_good"] >= 0.5 and one["text"]), None)
        yield (
            Failure(
                turn=row["turn_id"],
                unit=row["unit"],
                heard=row["text"] or "",
                right_turn=later["turn_id"] if later is not None else "",
                right=_before.sub("", later["text"]) if later is not None else "",
                intent=row["intent"] or "",
                context={one["name"]: one["value"] for one in row["context"] or ()},
                unable=bool(row["cannot"]),
                spoken=bool(row["spoken"]),
            ),
            list(row["heard_too"]),
        )


def _with(failure: Failure, hypotheses: tuple[str, ...]) -> Failure:
    from dataclasses import replace

    return replace(failure, hypotheses=hypotheses)


def _texts(conversations: Conversations, numbers: set[int]) -> dict[int, str]:
    query = "select text_id, normalised from {texts} where list_contains($ids::ubigint[], text_id)"
    return {row["text_id"]: row["normalised"] for row in conversations.sql(query, ids=sorted(numbers))}


def names(conversations: Conversations) -> dict[str, list[str]]:
    """Return the names of things and rooms that requests were understood to be about: slots called `name`, `area` and `floor`."""
    query = (
        "select lower(s.name) as kind, s.value as value from (select unnest(slots) as s from {turns}) "
        "where lower(s.name) in ('name', 'area', 'floor') and s.value <> '' and not contains(s.value, '/') group by all order by all"
    )
    rows: list[dict[str, Any]] = conversations.sql(query)
    return {kind: [row["value"] for row in rows if row["kind"] == kind] for kind in ("name", "area", "floor")}
