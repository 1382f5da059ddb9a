"""Requests that were rewritten for some users, drawn at random, and not for others: how the first one of each user went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probatum.dialogue.semantics.sessions import turn_number
from probatum.dialogue.semantics.signals import SIGNALS

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations
    from probatum.runner.tables import Row

# What is seen of a failure without a model; `interrupted` and `unsure` are not, for both happen where all is well.
FAILURES = ("blamed", "repeated", "rephrased", "stopped", "undone", "escalated", "unanswered", "broken")


def failed(column: str) -> str:
    """Return SQL for whether a pattern of signals has a failure in it."""
    places = [list(SIGNALS).index(name) for name in FAILURES]
    return "(" + " or ".join(f"({column} // {3**place}) % 3 = 1" for place in places) + ")"


def drawn(conversations: Conversations, table: str) -> list[Row]:
    """Return, for each rewrite that answered a request of somebody, how it went for those who were drawn.

    A rewrite is what the log names, or a text that was rewritten where it names none; those that it names and that only one user
    was drawn for are one together: what is done for single users. Only the first such request of each user counts, so that what a
    user did does not depend on how often they came back. Users are only compared with those who were drawn with the same
    probability: when half of all got a rewrite, other things may have failed than later, when nearly all did.

    Parameters
    ----------
    conversations : Conversations
    table : str
        Of signals; see `judged.judged`.

    Returns
    -------
    list of dict
        In the order of `key` (16 hexadecimal digits of the text, or `rewrite:` and its name, or `alone`): `text_id` (null where there are
        several), `treated` and `held_out` (users), `strata` (of each probability with which users of both kinds were
        drawn, `treated`, `treated_failed`, `held_out` and `held_out_failed`), `rewritten` (turns),
        `undrawn` (turns that were rewritten and do not say that they were drawn), `users` and `households` (distinct, of all who said it),
        `source`, `line` and `turn` of the first turn that was rewritten.
    """
    return conversations.sql(
        f"""
        with named as (
          select rewrite, count(distinct user_id) as users from {{turns}} where rewrite <> '' group by rewrite
        ), every as (
          select case when coalesce(t.rewrite, '') = '' then printf('%016x', t.text_id)
                      when n.users > 1 then 'rewrite:' || t.rewrite else 'alone' end as key,
                 t.text_id, t.user_id, t.household_id, coalesce(t.arm, '') as arm, t.propensity, t.rewritten_id, t.asked_at,
                 t.source, t.line, t.position, t.turn_id
          from {{turns}} t left join named n using (rewrite) where t.text_id is not null
        ), said as (
          select e.*, {failed("j.pattern")} as failed from every e join {table} j on j.turn = {turn_number("e.turn_id")}
          where key in (select key from every where rewritten_id is not null)
        ), first as (
          select * from said where user_id is not null and arm in ('treated', 'holdout') and propensity > 0 and propensity < 1
          qualify row_number() over (partition by key, user_id order by asked_at, turn_id) = 1
        ), constant as (
          -- Where there are more arms than two, the probabilities of these do not add up to one; where both never changed, they need not.
          select key from first group by key
          having count(distinct propensity) filter (arm = 'treated') <= 1 and count(distinct propensity) filter (arm = 'holdout') <= 1
        ), strata as (
          select key,
                 case when key in (from constant) then 0 else round(if(arm = 'treated', propensity, 1 - propensity), 6) end as share,
                 count(*) filter (arm = 'treated') as treated, count(*) filter (arm = 'holdout') as held_out,
                 count(*) filter (arm = 'treated' and failed) as treated_failed, count(*) filter (arm = 'holdout' and failed) as held_out_failed
          from first group by all
        ), counted as (
          select key, sum(treated)::bigint as treated, sum(held_out)::bigint as held_out,
                 coalesce(list(struct_pack(treated, treated_failed, held_out, held_out_failed) order by share)
                   filter (treated > 0 and held_out > 0), []) as strata
          from strata group by key
        )
        select s.key, case when count(distinct s.text_id) = 1 then any_value(s.text_id) end as text_id,
               coalesce(any_value(c.treated), 0) as treated, coalesce(any_value(c.held_out), 0) as held_out,
               coalesce(any_value(c.strata), []) as strata,
               count(*) filter (s.rewritten_id is not null) as rewritten,
               count(*) filter (s.rewritten_id is not null and (s.arm <> 'treated' or s.propensity is null)) as undrawn,
               count(distinct s.user_id) as users, count(distinct s.household_id) as households,
               min(struct_pack(source := s.source, line := s.line, position := s.position, turn := s.turn_id))
                 filter (s.rewritten_id is not null) as place
        from said s left join counted c using (key) group by s.key order by s.key
        """  # noqa: S608 - names of our own
    )
