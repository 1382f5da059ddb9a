"""In what circumstances something is said: names that are counted for texts, and found again for a single request.

A circumstance is a pair `name=value` of what a turn's context says (its device,
screen, room, application, place, activity), the time of day in four parts, and
what was asked just before. Those that few users were ever in are not told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from probatum.dialogue.semantics.edges import Database

AFTER = "after"
HOUR = "hour"
PARTS_OF_DAY = ("night", "morning", "afternoon", "evening")  # six hours each, from midnight
_PRIOR = 10.0  # users, as if seen with each text in the proportions of all
_LONGEST = 64  # characters of a value; longer ones are texts, not circumstances


def keys(context: Mapping[str, str], *, before: str = "", hour: int | None = None) -> tuple[str, ...]:
    """Return the circumstances of a request.

    Parameters
    ----------
    context : mapping of str to str
        As in a turn. An `hour` in it, 0 to 23, is that of the user, and goes before the other.
    before : str
        Normalised text of the request before it in the same session; "" for none.
    hour : int or None
        0 to 23, of the time when it was asked.
    """
    own = context.get(HOUR, "")
    local = int(own) if own.isdecimal() and int(own) < 24 else hour
    found = [f"{name}={value}" for name, value in context.items() if name != HOUR and 0 < len(value) <= _LONGEST]
    if local is not None:
        found.append(f"{HOUR}={PARTS_OF_DAY[local // 6]}")
    if before:
        found.append(f"{AFTER}={before}")
    return tuple(sorted(found))


def lifts(tables: Database, said: str, texts: Iterable[int], *, users: int) -> dict[int, dict[str, float]]:
    """Return, for each text, how a circumstance goes with it: the logarithm of how many times likelier it is with the text.

    Parameters
    ----------
    tables : Database
    said : str
        SQL in parentheses, or the name of a table, with the columns `user_id`, `text_id` and `key`: that a user said a text
        with success in a circumstance, in any number.
    texts : iterable of int
    users : int
        Circumstances of fewer users are left out; where fewer users said the text in one, it is counted as if half as many
        as that had, if that is fewer than expected, and else left out: no number below this one can be told from the answer.
    """
    found: dict[int, dict[str, float]] = {}
    rows = tables.sql(_counted.format(said=said), texts=list(texts), users=users, prior=_PRIOR)
    for row in rows:
        found.setdefault(row["text_id"], {})[row["key"]] = round(row["lift"], 3)
    return found


_counted = """
with once as (
    select distinct user_id, text_id, key from {said} where user_id is not null
), spoken as (
    select text_id, count(distinct user_id) as n from once group by text_id
), whole as (
    select key, count(*)::double / (select count(*) from (select distinct user_id, text_id from once)) as share,
        count(distinct user_id) as people from once group by key
), wanted as (
    select unnest($texts::ubigint[]) as text_id
), counted as (
    select text_id, key, count(*) as n from once group by text_id, key
), told as (
    -- What was asked before has too many values to look at those that were never seen with a text.
    select w.text_id, s.n, k.key, k.share, coalesce(c.n, 0) as seen
    from wanted w join spoken s using (text_id) cross join whole k
    left join counted c on c.text_id = w.text_id and c.key = k.key
    where k.people >= $users and s.n >= $users and not starts_with(k.key, 'after=')
    union all
    select w.text_id, s.n, k.key, k.share, c.n as seen
    from wanted w join spoken s using (text_id) join counted c on c.text_id = w.text_id join whole k using (key)
    where k.people >= $users and c.n >= $users and starts_with(k.key, 'after=')
), coarse as (
    select *, case when seen >= $users then seen else $users / 2.0 end as shown from told
)
select text_id, key, ln((shown + $prior * share) / (n + $prior) / share) as lift from coarse
where seen >= $users or $users / 2.0 < n * share
order by text_id, key
"""
