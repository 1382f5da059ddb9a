"""What the tables of a log show of turns that bears on the stage they failed at; see `stage_signs`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from probatum.dialogue.artefacts.turn import Stage
from probatum.dialogue.semantics.judged import digits, joined, judged
from probatum.dialogue.semantics.phrases import answered
from probatum.dialogue.semantics.sessions import turn_number
from probatum.dialogue.semantics.signals import SIGNALS, UNSEEN
from probatum.dialogue.semantics.stage_counts import Counts
from probatum.dialogue.semantics.stage_signs import Next, Seen

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations

# What only says how sure the stages were is seen stage by stage.
_SHOWN = tuple(name for name in SIGNALS if name not in ("unsure", "broken"))


def stages_seen(
    conversations: Conversations, *, gap_s: float, window_s: float, detector: str = "words", turns: Collection[str] | None = None
) -> Iterator[tuple[str, Seen]]:
    """Yield turns, all or those that are named, in the order of their numbers, with what is shown of each.

    Parameters
    ----------
    conversations : Conversations
    gap_s, window_s, detector
        As in `judged.judged`; what is said later than the window is not the same request's.
    turns : collection of str, optional
    """
    steps = joined(conversations, gap_s=gap_s)
    signals = judged(conversations, gap_s=gap_s, window_s=window_s, detector=detector)
    texts = {row["text_id"]: row["normalised"] for row in conversations.sql("select text_id, normalised from {texts}")}
    # What a text was understood as most often, wherever it was heard.
    meanings = {
        row["text_id"]: (row["intent"] or "", _slots(row["slots"]))
        for row in conversations.sql(
            "select text_id, intent, slots from (select text_id, intent, slots, count(*) as many from {turns} "
            "where text_id is not null group by text_id, intent, slots) "
            "qualify row_number() over (partition by text_id order by many desc, intent nulls last, slots::varchar) = 1"
        )
    }
    counts = _counts(conversations, texts)
    query = f"""
        with placed as (
          select turn, until_s, lead(turn) over (partition by session order by step) as next from {steps}
        )
        select t.turn_id, t.text_id, t.intent, t.slots, t.stages, t.hypotheses, t.response_id, t.context, j.pattern,
               p.until_s, n.text_id as next_text, n.intent as next_intent, n.slots as next_slots
        from {{turns}} t join {signals} j on j.turn = {turn_number("t.turn_id")} join placed p on p.turn = j.turn
        left join {{turns}} n on {turn_number("n.turn_id")} = p.next and (p.until_s is null or p.until_s <= $window)
        {"" if turns is None else "where list_contains($named::varchar[], t.turn_id)"} order by t.turn_id
    """  # noqa: S608 - names of our own
    given: dict[str, Any] = {"window": window_s} | ({} if turns is None else {"named": sorted(turns)})
    for batch in conversations.stream(query, **given):
        for row in batch:
            yield row["turn_id"], _seen(row, texts, meanings, counts)


def _counts(conversations: Conversations, texts: dict[int, str]) -> Counts:
    said = conversations.sql("select text_id, count(*) as many from {turns} where text_id is not null group by text_id")
    meant = conversations.sql("select intent, slots, count(*) as many from {turns} group by intent, slots")
    return Counts(
        ((texts.get(row["text_id"], ""), row["many"]) for row in said),
        ((row["intent"] or "", _slots(row["slots"]), row["many"]) for row in meant),
    )


def _seen(
    row: dict[str, Any], texts: dict[int, str], meanings: dict[int, tuple[str, tuple[tuple[str, str], ...]]], counts: Counts
) -> Seen:
    codes = dict(zip(SIGNALS, digits(row["pattern"]), strict=True))
    after = None
    if row["next_text"] is not None and row["next_text"] in texts:
        after = Next(
            text=texts[row["next_text"]],
            intent=row["next_intent"] or "",
            slots=_slots(row["next_slots"]),
            since_s=row["until_s"],
        )
    text, intent, slots = texts.get(row["text_id"], ""), row["intent"] or "", _slots(row["slots"])
    hypotheses = tuple((texts.get(one["text_id"], ""), one["score"]) for one in row["hypotheses"] or ())
    return Seen(
        text=text,
        intent=intent,
        slots=slots,
        stages=tuple(
            Stage(
                name=one["name"], ok=one["ok"], confidence=one["confidence"], code=one["code"] or "", output=one["output"] or ""
            )
            for one in row["stages"] or ()
        ),
        hypotheses=hypotheses,
        others=tuple(
            meanings[one["text_id"]]
            for one in row["hypotheses"] or ()
            if one["text_id"] in meanings and one["text_id"] != row["text_id"]
        ),
        answered=answered(texts.get(row["response_id"], "")).value,
        signals={name: codes[name] for name in _SHOWN if codes[name] != UNSEEN},
        next=after,
        context={one["name"]: one["value"] for one in row["context"] or ()},
        usual=counts.usual(
            text, intent, slots, hypotheses=[other for other, _ in hypotheses], after=None if after is None else after.text
        ),
    )


def _slots(found: Any) -> tuple[tuple[str, str], ...]:
    return tuple((one["name"], one["value"]) for one in found or ())
