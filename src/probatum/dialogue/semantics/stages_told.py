"""What the logs tell of the stages of the assistant: how often each said that it failed, each user counting once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations
    from probatum.runner.tables import Row


def stages_told(conversations: Conversations) -> list[Row]:
    """Return what is known of each stage, in the order of their names.

    A stage failed where it said so, or gave the code of an error; it counts where it said either, or that all went well.

    Returns
    -------
    list of dict
        `stage`; `units` (users, and conversations of which no user is known), `users` (of those), `turns`, `failed` (turns), `total` (the sum over units
        of the share of their turns that failed), `code` (the most frequent one, "" for none) and `coded` (turns with it).
    """
    return conversations.sql(
        """
        with told as (
          select coalesce(user_id, conversation_id) as unit, user_id is not null as known, s.name as stage, s.code as code, (s.ok = false or s.code <> '')::int as failed
          from (select user_id, conversation_id, unnest(stages) as s from {turns}) where s.ok is not null or s.code <> ''
        ), units as (select stage, unit, any_value(known) as known, round(1e12 * sum(failed) / count(*))::hugeint as p, count(*) as turns, sum(failed) as failed from told group by stage, unit),
        codes as (
          select stage, code, count(*) as coded from told where failed = 1 and code <> '' group by stage, code
          qualify row_number() over (partition by stage order by coded desc, code) = 1
        )
        select stage, count(*) as units, count(*) filter (known) as users, sum(turns)::bigint as turns, sum(failed)::bigint as failed, (sum(p) / 1e12)::double as total,
               coalesce(any_value(c.code), '') as code, coalesce(any_value(c.coded), 0) as coded
        from units left join codes c using (stage) group by stage order by stage
        """
    )
