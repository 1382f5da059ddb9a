"""What logs can support, and what they cannot: how many turns lack what an answer would need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from probatum.dialogue.semantics.conversations import Conversations
from probatum.dialogue.semantics.judged import detector_of
from probatum.dialogue.semantics.sessions import spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Counts over all logs of a policy.

    Attributes
    ----------
    turns, conversations, users : int
    records : int
        That could be read, and `unread`, that could not.
    first_unread : tuple of (str, int, str) or None
        Log, line and reason of the first of them.
    unknown : mapping of str to int
        Events that no importer has a word for, by kind.
    no_user, no_time, no_response : int
        Turns without.
    no_confidence : int
        Turns of which stages are logged, and no confidence of any.
    answered_early : int
        Turns that were answered before they were asked: clocks that disagree.
    backwards : int
        Events that stand after later ones of their conversation.
    duplicates : int
        Events that were there already.
    single : int
        Conversations of one turn, less those that are single requests of a session; see `semantics.sessions`.
    locales : mapping of str to int
        Turns by locale; "" for those that do not say.
    detector : str
        What tells rephrases in these logs where nothing else is asked for; see `semantics.rephrases`.
    """

    turns: int
    conversations: int
    users: int
    records: int
    unread: int
    first_unread: tuple[str, int, str] | None
    unknown: Mapping[str, int]
    no_user: int
    no_time: int
    no_response: int
    no_confidence: int
    answered_early: int
    backwards: int
    duplicates: int
    single: int
    locales: Mapping[str, int]
    detector: str


def coverage(conversations: Conversations) -> Coverage:
    """Count what the logs have."""
    [counts] = conversations.sql("""
        select count(*) as turns, count(distinct conversation_id) as conversations, count(distinct user_id) as users,
          count(*) filter (user_id is null) as no_user, count(*) filter (asked_at is null) as no_time,
          count(*) filter (response_id is null) as no_response,
          count(*) filter (answered_at < asked_at) as answered_early,
          count(*) filter (len(stages) > 0 and len(list_filter(stages, lambda s: s.confidence is not null)) = 0) as no_confidence
        from {turns}""")
    [single] = conversations.sql(
        "with alone as (select any_value(channel) as channel, "  # noqa: S608 - names of our own
        "bool_and(asked_at is not null and coalesce(user_id, device_id) is not null) as placed "
        f"from {{turns}} group by conversation_id having count(*) = 1), spoken as ({spoken('{turns}')}) "
        "select count(*) as n from alone "
        "where not (placed and exists (select 1 from spoken where spoken.channel is not distinct from alone.channel))"
    )
    first = conversations.sql("select source, line, reason from {quarantine} order by source, line limit 1")
    kinds = conversations.sql("select kind, count(*) as n from {unknown} group by kind order by kind")
    locales = conversations.sql("select coalesce(locale, '') as name, count(*) as n from {turns} group by name order by name")
    taken = conversations.taken
    return Coverage(
        **counts,
        records=sum(log.records for log in taken.logs),
        unread=sum(row["n"] for row in conversations.sql("select count(*) as n from {quarantine}")),
        first_unread=next(((row["source"], row["line"], row["reason"]) for row in first), None),
        unknown={row["kind"]: row["n"] for row in kinds},
        backwards=taken.counts["backwards"],
        duplicates=taken.counts["duplicates"],
        single=single["n"],
        locales={row["name"]: row["n"] for row in locales},
        detector=detector_of(conversations),
    )
