"""What happened to each user who first said a text after some moment: how it ended, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """The first request of a user with a text.

    Attributes
    ----------
    user : str
    text : str
        Normalised, as it was said.
    became : str
        The text that was acted on instead; "" for none.
    arm : str
        As it was logged; "" for none.
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
    text: str
    became: str
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
    since : iterable of (normalised text, seconds since 1970)
    """
    wanted = list(since)
    if not wanted:
        return []
    rows = conversations.sql(
        f"""
        with wanted as (
            select unnest($said::varchar[]) as text, unnest($since::double[]) as since
        ), every as (
            select *, lead(position) over w is null as final, last_value(text_id) over whole as last_id,
                   last_value(p_good) over whole as last_good
            from {table} where text_id is not null and user_id is not null
            window w as (partition by user_id, goal order by position),
                   whole as (partition by user_id, goal order by position rows between unbounded preceding and unbounded following)
        )
        select e.user_id, x.normalised as text, coalesce(b.normalised, '') as became, coalesce(e.arm, '') as arm, e.propensity,
               case when e.final then e.p_good else 0 end as good, l.normalised as ended, e.last_good as ended_good,
               epoch(e.asked_at) as at
        from every e join {{texts}} x on x.text_id = e.text_id join wanted n on n.text = x.normalised
        join {{texts}} l on l.text_id = e.last_id left join {{texts}} b on b.text_id = e.rewritten_id
        where e.asked_at is not null and epoch(e.asked_at) > n.since
        qualify row_number() over (partition by e.user_id, x.normalised order by e.asked_at, e.position) = 1
        order by e.asked_at, e.user_id, text
        """,  # noqa: S608 - names of our own
        said=[text for text, _ in wanted],
        since=[float(at) for _, at in wanted],
    )
    return [
        Exposure(
            user=row["user_id"],
            text=row["text"],
            became=row["became"],
            arm=row["arm"],
            propensity=row["propensity"],
            good=float(row["good"]),
            ended=row["ended"],
            ended_good=float(row["ended_good"]),
            at=float(row["at"]),
        )
        for row in rows
    ]
