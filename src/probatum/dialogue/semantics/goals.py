"""Which requests are tries at one thing, and how likely each ended well: what `edges` counts.

A request belongs to the goal of the one before it if that was said again, in the
same or in similar words, in time; otherwise a new goal begins. Who says the same
thing in quite other words is taken to want something else, so of such rephrases
nothing is learnt here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from probatum.dialogue.semantics.judged import joined, judged
from probatum.dialogue.semantics.sessions import turn_number
from probatum.dialogue.semantics.signals import SIGNALS

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations

_AGAIN = ("repeated", "rephrased")


def goals(
    conversations: Conversations, failed: Mapping[int, float], *, gap_s: float, window_s: float, detector: str = "words"
) -> str:
    """Return the name of a table of turns, with the columns that `edges.visits` and `edges.sayings` need, `turn_id` and `session`.

    Parameters
    ----------
    conversations : Conversations
    failed : mapping of pattern to probability
        That a turn with these signals failed, for each pattern of `judged.patterns`; a turn of another one, or that the
        assistant is not made for, counts as one that did not end well.
    gap_s, window_s, detector
        As in `judged.judged`.
    """
    steps = joined(conversations, gap_s=gap_s)
    signals = judged(conversations, gap_s=gap_s, window_s=window_s, detector=detector)
    again = " or ".join(f"(j.pattern // {3 ** list(SIGNALS).index(name)}) % 3 = 1" for name in _AGAIN)
    table = conversations.free("goals")
    conversations.keep(
        table,
        f"""
        with known as (
          select unnest($patterns::integer[]) as pattern, unnest($failed::double[]) as failed
        ), tries as (
          select s.turn, s.session, s.step, not j.cannot as able, k.failed, {again} as again
          from {steps} s join {signals} j using (turn) left join known k using (pattern)
        ), counted as (
          -- In one order, from one row to the next; the goals of a session are then numbered from its first turn on.
          select *, count(*) filter (where step = 1 or not before) over (rows unbounded preceding) as every from (
            select *, coalesce(lag(again) over (), false) as before from (from tries order by session, step)
          )
        ), parted as (
          select *, every + 1 - max(case when step = 1 then every end) over (rows unbounded preceding) as part from counted
        )
        select t.turn_id, t.user_id, t.household_id, hash(p.session, p.part)::varchar as goal, p.session, p.step::bigint as position, t.asked_at, t.text_id,
               t.rewritten_id, t.rewrite, t.arm, t.propensity, t.domain, t.intent, t.slots,
               case when p.able then 1 - coalesce(p.failed, 1) else 0 end as p_good
        from {{turns}} t join parted p on p.turn = {turn_number("t.turn_id")}
        """,  # noqa: S608 - names of our own
        patterns=list(failed),
        failed=[failed[pattern] for pattern in failed],
    )
    return table
