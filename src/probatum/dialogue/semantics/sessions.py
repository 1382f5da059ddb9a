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
        f"having count(*) < {_LONE} * count(distinct conversation_id) "
        f"and bool_or({_PLACED})"
    )


def sessions(turns: str, *, gap_s: float, channels: Sequence[str | None]) -> str:
    """Return a SELECT of one row for each turn, with its session and its neighbours there.

    Columns: `turn` (see `turn_number`), `session` (a number), `step` (from 1), `steps` (of the session), `text_id`, `next_text`
    (null at the end), `since_s` and `until_s` (to the neighbours; null where a time is not known).

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
    ), parted as (
      select *, coalesce(lone and date_diff('microsecond', lag(asked_at) over w, asked_at) > {round(gap_s * 1e6)}, false) as parts
      from placed window w as (partition by stream, lone order by sorted, conversation, position)
    ), numbered as (
      select *, count(*) filter (where parts) over (
        partition by stream, lone order by sorted, conversation, position rows unbounded preceding) as part
      from parted
    )
    select turn, hash(stream, lone, part) as session,
           row_number() over w as step, count(*) over (partition by stream, lone, part) as steps, text_id,
           lead(text_id) over w as next_text,
           date_diff('microsecond', lag(asked_at) over w, asked_at) / 1e6 as since_s,
           date_diff('microsecond', asked_at, lead(asked_at) over w) / 1e6 as until_s
    from numbered window w as (partition by stream, lone, part order by sorted, conversation, position)
    """  # noqa: S608 - names of our own, and channels that are quoted


def turn_number(column: str) -> str:
    """Return SQL for the number that a `turn_id` writes in hexadecimal."""
    return f"cast('0x' || {column} as ubigint)"
