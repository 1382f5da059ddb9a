"""How often requests fail, each user counting once, given what a pattern of signals means."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from probatum.dialogue.semantics.sessions import turn_number

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations
    from probatum.runner.tables import Row


def request_rates(
    conversations: Conversations, table: str, chances: Mapping[int, float], *, signs: Collection[int], fewest: int
) -> list[Row]:
    """Return what is known of each request that enough units made, in the order of their numbers.

    Turns that the assistant is not made for do not count, nor do requests that only say how an earlier one went.

    Parameters
    ----------
    conversations : Conversations
    table : str
        Of signals; see `judged.judged`.
    chances : mapping of int to float
        Probability that a turn of a pattern failed; patterns that are not named do not count.
    signs : collection of int
        Those of the patterns that show a sign that something went wrong; see `signals.NO_SIGNS`.
    fewest : int
        Units, of which a request needs so many.

    Returns
    -------
    list of dict
        `text_id`; `units`, `users` and `households` (distinct; users and households as far as they are logged), `turns`,
        `total` (the sum over units of their mean probability) and `shown` (the same, if turns without a sign had not failed), `source`, `line` and `turn` of the first such turn.
    """
    query = f"""
    with chances as (select unnest($patterns::bigint[]) as pattern, unnest($values::bigint[]) as p, unnest($signs::boolean[]) as sign),
    turns_of as (
      select j.text_id, j.unit, j.known, t.turn_id, c.p, c.sign, t.household_id, t.source, t.line, t.position
      from {table} j join chances c using (pattern) join {{turns}} t on j.turn = {turn_number("t.turn_id")}
      where not j.cannot and j.said = 0 and j.text_id is not null
    ), units_of as (
      select text_id, unit, round(sum(p) / count(*))::hugeint as p,
             round(coalesce(sum(p) filter (sign), 0) / count(*))::hugeint as shown, count(*) as turns from turns_of group by text_id, unit
    ), about as (
      select text_id, count(distinct unit) filter (where known) as users, count(distinct household_id) as households, min(struct_pack(source, line, position, turn_id)) as place
      from turns_of group by text_id
    )
    select text_id, count(*) as units, any_value(users) as users, any_value(households) as households,
           sum(turns)::bigint as turns, (sum(p) / 1e12)::double as total, (sum(shown) / 1e12)::double as shown,
           any_value(place).source as source, any_value(place).line as line, any_value(place).turn_id as turn
    from units_of join about using (text_id)
    group by text_id having count(*) >= $fewest order by text_id
    """  # noqa: S608 - a name of our own
    # Whole numbers, so that the order in which they are added does not show.
    whole = [round(p * 1e12) for p in chances.values()]
    return conversations.sql(
        query, patterns=list(chances), values=whole, signs=[pattern in signs for pattern in chances], fewest=fewest
    )
