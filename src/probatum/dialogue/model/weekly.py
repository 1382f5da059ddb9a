"""How often requests fail, week by week, for all users and for those who were drawn to get a rewrite or not to.

Each user counts once in a week, whatever they ask how often. A rate of all time would mean nothing once it changes, and users who
come back are not new ones: so each whole week has an interval of its own, and the errors of all weeks there will ever be add
up to what is promised.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from probatum.dialogue.semantics.goals import whole
from probatum.stats.sequences import MeanSequence

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations

CONFIDENCE = 0.95  # of all intervals together
ARMS = ("", "treated", "holdout")  # all requests, and those of which it was drawn whether they get a rewrite


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """A week of one arm.

    Attributes
    ----------
    begins : str
        Its Monday, UTC.
    arm : str
        One of `ARMS`.
    users : int
        Each of whom counts once.
    rate, low, high : float
        Share of a user's requests that did not end well, over users; see `weekly`.
    """

    begins: str
    arm: str
    users: int
    rate: float
    low: float
    high: float


def weekly(conversations: Conversations, goals: str, until: str) -> list[Week]:
    """Return the weeks that are over, in their order, with the arms of each; see `bounded`.

    Parameters
    ----------
    conversations : Conversations
    goals : str
        See `semantics.goals`. A request fails as far as it did not give what was wanted at once.
    until : str
        ISO 8601 date; a week that is not over by then is not counted, as its users may say more.
    """
    rows = conversations.sql(
        f"""
        with every as (
            select user_id, asked_at, coalesce(arm, '') as arm,
                   1 - case when lead(position) over (partition by person, goal order by position) is null then p_good else 0 end as failed
            from {whole(goals)} where user_id is not null and asked_at is not null
        )
        select strftime(date_trunc('week', asked_at), '%Y-%m-%d') as week, arm, user_id, sum(failed) as failed, count(*) as requests from every
        where date_trunc('week', asked_at) + interval 7 day <= $until::timestamp
        group by all order by week, user_id, arm
        """,  # noqa: S608 - names of our own
        until=until,
    )
    shares: list[tuple[str, str, float]] = []
    for (week, _), own in groupby(rows, key=lambda row: (row["week"], row["user_id"])):
        parts = [(row["arm"], float(row["failed"]), int(row["requests"])) for row in own]
        shares.append((week, "", math.fsum(failed for _, failed, _ in parts) / sum(n for *_, n in parts)))
        shares += [(week, arm, failed / n) for arm, failed, n in parts if arm in ARMS[1:]]
    return bounded(shares)


def bounded(shares: Iterable[tuple[str, str, float]], *, confidence: float = CONFIDENCE) -> list[Week]:
    """Return the mean of each week and arm, bounded.

    Parameters
    ----------
    shares : iterable of (week, arm, share)
        Of each user: the Monday, one of `ARMS`, and the share of the user's requests in that week that failed, from 0 to 1; users in an
        order that has nothing to do with their shares, such as that of their pseudonyms.
    confidence : float in (0, 1)
        Probability that none of all intervals misses its mean, of all arms together, in however many weeks.

    Notes
    -----
    Each is a confidence sequence of a mean (`stats.sequences`) over the users of that week, who are taken to be independent. Of the
    error, the k-th week since the first has the share ``6 / (pi^2 k^2)``, in equal parts for the arms; these add up to one over all k.
    The means are of users such as those who were there in that week. What is not counted: outcomes are judged by a model that is
    fitted anew at each look, and are taken as they are.
    """
    by_week: dict[tuple[str, str], list[float]] = {}
    for week, arm, share in shares:
        by_week.setdefault((week, arm), []).append(share)
    if not by_week:
        return []
    first = date.fromisoformat(min(week for week, _ in by_week))
    found = []
    for (week, arm), own in sorted(by_week.items(), key=lambda one: (one[0][0], ARMS.index(one[0][1]))):
        number = (date.fromisoformat(week) - first) // timedelta(days=7) + 1
        mean = MeanSequence(confidence=1 - (1 - confidence) * 6 / (math.pi * number) ** 2 / len(ARMS))
        for share in own:
            mean.add(min(1.0, max(0.0, share)))
        bound = mean.bound()
        found.append(
            Week(
                begins=week,
                arm=arm,
                users=len(own),
                rate=bound.value,
                low=bound.low or 0.0,
                high=1.0 if bound.high is None else bound.high,
            )
        )
    return found


def risen(weeks: Sequence[Week]) -> list[tuple[str, str]]:
    """Return the weeks in which more failed for certain than in an earlier one, each with the best of these; of all requests."""
    found = []
    best: Week | None = None
    for week in (one for one in weeks if not one.arm):
        if best is not None and week.low > best.high:
            found.append((week.begins, best.begins))
        if best is None or week.high < best.high:
            best = week
    return found
