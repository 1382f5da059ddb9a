"""Which requests belong together: sessions, and what was asked before and after in each.

Requests to a voice assistant come one by one, each with an identifier of its own: the session of a
user at a device lasts until a silence. A chat is a session as it is: people come back to it,
and have several at once. Which of the two a channel is, the log shows (`spoken`). Nobody's request follows
another one's: where several take part in a conversation, or its identifier was used again, each has a session of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

_LONE = 1.5  # turns of a conversation on average, below which conversations are single requests
# Whose turn, and when: where a log does not say, it stays in its own conversation.
_PLACED = "asked_at is not null and coalesce(user_id, device_id) is not null"


def spoken(turns: str) -> str:
    """Return a SELECT of the channels in which a conversation is a single request, as `channel` (null for none).

    Parameters
    ----------
    turns : str
        SQL of a table with the columns of `artefacts.tables.TURNS`.
    """
    return (
        f"select channel from {turns} group by channel "  # noqa: S608 - names of our own
        f"having count(*) < {_LONE} * count(distinct hash(conversation_id)) "
        f"and bool_or({_PLACED})"
    )


def sessions(turns: str, *, gap_s: float, channels: Sequence[str | None]) -> str:
    """Return a SELECT of one row for each turn, with its session and its neighbours there.

    Columns: `turn` (see `turn_number`), `session` (a number), `step` (from 1), `final` (nothing follows in the session), `text_id`,
    `next_text` and `next_turn` (null at the end), `since_s` and `until_s` (to the neighbours; null where a time is not known).

    Parameters
    ----------
    turns : str
        SQL of a table with the columns of `artefacts.tables.TURNS`.
    gap_s : float
        A longer silence ends a session in the `channels`.
    channels : sequence of str or None
        In which conversations are single requests; None for turns without a channel.
    """
    named = ", ".join("'" + name.replace("'", "''") + "'" for name in channels if name is not None)
    lone = " or ".join([*([f"channel in ({named})"] if named else []), *(["channel is null"] if None in channels else [])])
    # Numbers instead of texts, for memory. They are hashes of 64 bits, which nothing outside of this database sees.
    lone = f"coalesce({lone}, false) and {_PLACED}" if lone else "false"
    gap = round(gap_s * 1e6)
    return f"""
    with shared as (
      select conversation_id from {turns} where not ({lone}) group by conversation_id having min(user_id) < max(user_id)
    ), placed as (
      select {turn_number("turn_id")} as turn, text_id, hash(conversation_id) as conversation, position, asked_at, {lone} as lone,
             -- In a conversation, what has no time still has its place.
             case when {lone} then asked_at end as sorted,
             case when {lone} then hash(user_id, device_id)
                  when conversation_id in (from shared) then hash(conversation_id, user_id) else hash(conversation_id) end as stream
      from {turns}
    ), neighbours as (
      -- Sorting is what takes time and memory: once, and all that follows is told from one row to the next, in that order.
      select turn, stream, lone, text_id, row_number() over () as n, lead(text_id) over () as then_text, lead(turn) over () as then_turn,
             coalesce(lag(stream) over () = stream and lag(lone) over () = lone, false) as goes_on,
             date_diff('microsecond', lag(asked_at) over (), asked_at) as since,
             date_diff('microsecond', asked_at, lead(asked_at) over ()) as until
      from (from placed order by stream, lone, sorted, conversation, position)
    ), cut as (
      select *, coalesce(goes_on and lone and since > {gap}, false) as parts from neighbours
    ), counted as (
      select *, count(*) filter (where parts) over (rows unbounded preceding) as every,
             max(case when parts or not goes_on then n end) over (rows unbounded preceding) as first,
             lead(goes_on and not parts, 1, false) over () as followed
      from cut
    ), numbered as (
      select *, every - max(case when not goes_on then every end) over (rows unbounded preceding) as part from counted
    )
    select turn, hash(stream, lone, part) as session, n - first + 1 as step, not followed as final, text_id,
           case when followed then then_text end as next_text, case when followed then then_turn end as next_turn,
           case when n > first then since / 1e6 end as since_s, case when followed then until / 1e6 end as until_s
    from numbered
    """  # noqa: S608 - names of our own, and channels that are quoted


def turn_number(column: str) -> str:
    """Return SQL for the number that a `turn_id` writes in hexadecimal."""
    return f"cast('0x' || {column} as ubigint)"
