"""What happened to each user who first said a text after some moment: how it ended, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from probatum.dialogue.semantics.sessions import turn_number
from probatum.dialogue.semantics.templates import Templates

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """The first request of a user with a text, or with an instance of a template.

    Attributes
    ----------
    user : str
    source : str
        What was looked for.
    text : str
        Normalised, as it was said.
    became : str
        The text that was acted on instead; "" for none.
    rewrite, arm : str
        As they were logged; "" for none.
    propensity : float or None
    good : float
        Probability that this very request gave what was wanted: 0 if the user went on trying.
    ended : str
        The text at which the goal ended, and `ended_good`, the probability that it ended well.
    ended_good : float
    at : float
        Seconds since 1970.
    """

    user: str
    source: str
    text: str
    became: str
    rewrite: str
    arm: str
    propensity: float | None
    good: float
    ended: str
    ended_good: float
    at: float


def exposures(conversations: Conversations, table: str, since: Iterable[tuple[str, float]]) -> list[Exposure]:
    """Return the first request of each user with each text after a moment, in the order of time.

    Only the first counts, so that what a user did is the same at every later look.

    Parameters
    ----------
    conversations : Conversations
    table : str
        See `goals.goals`.
    since : iterable of (normalised text or template, seconds since 1970)
        Of a text that is an instance of several, the one with most words is meant, and itself if it is one of them.
    """
    looked_for = dict(since)
    if not looked_for:
        return []
    said = _said(conversations, looked_for)
    wanted = conversations.free("wanted")
    conversations.keep(
        wanted,
        "select unnest($said::ubigint[]) as text_id, unnest($sources::varchar[]) as source, unnest($since::double[]) as since",
        said=[number for number, _ in said],
        sources=[source for _, source in said],
        since=[float(looked_for[source]) for _, source in said],
    )
    rows = conversations.sql(
        f"""
        with every as (
            select turn, person, text_id, asked_at, position, p_good,
                   lead(position) over w is null as final, last_value(text_id) over whole as last_id, last_value(p_good) over whole as last_good
            from {table} where text_id is not null and person is not null
            window w as (partition by person, goal order by position),
                   whole as (partition by person, goal order by position rows between unbounded preceding and unbounded following)
        ), picked as (
            select e.*, n.source from every e join {wanted} n using (text_id)
            where e.asked_at is not null and epoch(e.asked_at) > n.since
            qualify row_number() over (partition by e.person, n.source order by e.asked_at, e.position) = 1
        )
        select t.user_id, e.source, x.normalised as text, coalesce(b.normalised, '') as became, coalesce(t.rewrite, '') as rewrite,
               coalesce(t.arm, '') as arm, t.propensity, case when e.final then e.p_good else 0 end as good,
               l.normalised as ended, e.last_good as ended_good, epoch(e.asked_at) as at
        from picked e join {{turns}} t on {turn_number("t.turn_id")} = e.turn join {{texts}} x on x.text_id = e.text_id
        join {{texts}} l on l.text_id = e.last_id left join {{texts}} b on b.text_id = t.rewritten_id
        order by e.asked_at, t.user_id, text
        """  # noqa: S608 - names of our own
    )
    return [
        Exposure(
            user=row["user_id"],
            source=row["source"],
            text=row["text"],
            became=row["became"],
            rewrite=row["rewrite"],
            arm=row["arm"],
            propensity=row["propensity"],
            good=float(row["good"]),
            ended=row["ended"],
            ended_good=float(row["ended_good"]),
            at=float(row["at"]),
        )
        for row in rows
    ]


def _said(conversations: Conversations, wanted: Mapping[str, float]) -> list[tuple[int, str]]:
    """Return the numbers of texts that were said, each with what it is looked for as."""
    templates = Templates(wanted)
    query = (
        "select text_id, normalised from {texts} where $every or list_contains($wanted::varchar[], normalised) order by text_id"
    )
    found = []
    for batch in conversations.stream(query, every=len(templates) > 0, wanted=list(wanted)):
        for row in batch:
            text = row["normalised"]
            at = (text, ()) if text in wanted else templates.owner(text)
            if at is not None:
                found.append((row["text_id"], at[0]))
    return found
