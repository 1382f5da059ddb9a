"""Which requests are tries at one thing, and how likely each ended well: what `edges` counts.

A request belongs to the goal of the one before it if that was said again, in the
same or in similar words, in time; otherwise a new goal begins. Who says the same
thing in quite other words is taken to want something else, so of such rephrases
nothing is learnt here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from probatum.dialogue.semantics.edges import IMPORTANCE
from probatum.dialogue.semantics.judged import judged
from probatum.dialogue.semantics.sessions import turn_number
from probatum.dialogue.semantics.signals import SIGNALS

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations

_AGAIN = ("repeated", "rephrased")


def goals(
    conversations: Conversations, failed: Mapping[int, float], *, gap_s: float, window_s: float, detector: str = "words"
) -> str:
    """Return the name of a table of turns, which is narrow, for there may be many: `whole` has all that is known of them.

    Its columns are `turn` (see `sessions.turn_number`), `session`, `person` and `home` (numbers for user and household), `rewritten`
    (whether a rewrite answered it), and those of `edges.VISITS` (see `walks`), of which `state` is `text_id` here.

    Parameters
    ----------
    conversations : Conversations
    failed : mapping of pattern to probability
        That a turn with these signals failed, for each pattern of `judged.patterns`; a turn of another one, or that the
        assistant is not made for, counts as one that did not end well.
    gap_s, window_s, detector
        As in `judged.judged`.
    """
    signals = judged(conversations, gap_s=gap_s, window_s=window_s, detector=detector)
    again = " or ".join(f"(j.pattern // {3 ** list(SIGNALS).index(name)}) % 3 = 1" for name in _AGAIN)
    table = conversations.free("goals")
    conversations.keep(
        table,
        f"""
        with known as (
          select unnest($patterns::integer[]) as pattern, unnest($failed::double[]) as failed
        ), homes as (
          -- Of different ones, because digests take time. Which of several is taken for a user must not depend on the database.
          select household_id, md5_number_upper(household_id) as home from (select distinct household_id from {{turns}})
        ), tries as (
          select j.turn, j.session, j.step, not j.cannot as able, k.failed, {again} as again
          from {signals} j left join known k using (pattern)
        ), counted as (
          -- In one order, from one row to the next; the goals of a session are then numbered from its first turn on.
          select *, count(*) filter (where step = 1 or not before) over (rows unbounded preceding) as every from (
            select *, coalesce(lag(again) over (), false) as before from (from tries order by session, step)
          )
        ), parted as (
          select *, every + 1 - max(case when step = 1 then every end) over (rows unbounded preceding) as part from counted
        )
        select p.turn, p.session, case when t.user_id is not null then hash(t.user_id) end as person, h.home, hash(p.session, p.part) as goal,
               p.step::bigint as position, t.asked_at, t.text_id, t.rewritten_id is not null or coalesce(t.arm, '') = 'treated' as rewritten,
               {IMPORTANCE} as importance, case when p.able then 1 - coalesce(p.failed, 1) else 0 end as p_good
        from {{turns}} t join parted p on p.turn = {turn_number("t.turn_id")} left join homes h using (household_id)
        """,  # noqa: S608 - names of our own
        patterns=list(failed),
        failed=[failed[pattern] for pattern in failed],
    )
    return table


def walks(table: str) -> str:
    """Return a SELECT of the columns of `edges.VISITS` from a table of goals: what was said is the state."""
    return f"select person, home, goal, position, asked_at, text_id as state, p_good, importance from {table}"  # noqa: S608 - our own


def whole(table: str) -> str:
    """Return SQL for a table of goals with all columns of their turns; only where they are needed, as it joins the two."""
    return f"""(
        select t.* exclude (position), g.turn, g.session, g.person, g.home, g.goal, g.position, g.rewritten, g.importance, g.p_good
        from {table} g join {{turns}} t on g.turn = {turn_number("t.turn_id")}
    )"""  # noqa: S608 - names of our own
