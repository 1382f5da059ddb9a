"""Who said what after what: visits of states and steps between them, each user counted once.

What somebody said next, and how it ended, becomes numbers that do not depend on
how often one person did it: of each user the most recent step from one state to
another counts, less the older it is. Counting is by SQL over a relation of
*visits*, which `visits` makes of turns. All sums are of whole numbers, so they
are the same in any order and on any machine, and a user who is deleted leaves
exactly the numbers of a log without them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from probatum.runner import Json
    from probatum.runner.tables import Row

Level = Literal["utterance", "interpretation"]

UNIT = 1 << 20  # weights are counted in whole parts of this
WINDOW_DAYS = 90
HALF_LIFE_DAYS = 30
_AT_ONCE = 2_000_000  # visits whose users are told apart at one time: what needs memory

# What `count` reads: any relation with these columns, one row for each request.
VISITS = {
    "person": "UBIGINT",  # a number for the user; requests without one are left out: nobody could be counted once
    "home": "UBIGINT",  # a number for the household; of several of a user the least is taken, so it must not depend on the database
    "goal": "UBIGINT",  # steps are between consecutive requests of one user in one goal
    "position": "BIGINT",
    "asked_at": "TIMESTAMP",
    "state": "UBIGINT",  # null for a request without words, which is passed over
    "p_good": "DOUBLE",  # probability that the user got what they wanted, if this is the last request of the goal
    "importance": "DOUBLE",  # how many requests it stands for; null if a rewrite answered it
}

# How many requests one stands for; see `visits`.
IMPORTANCE = """case when rewritten_id is not null or arm = 'treated' then null
    when arm = 'holdout' and propensity > 0 then 1 / propensity else 1.0 end"""

# A request that was not understood is its own interpretation: there is nothing that it could share with another.
_interpretation = """md5_number_upper(case when intent is null or intent = '' then 'text|' || text_id::varchar
    else 'meaning|' || coalesce(domain, '') || '|' || intent || '|'
        || coalesce(array_to_string(list_sort(list_transform(slots, lambda s: s.name || '=' || s.value)), '|'), '') end)"""


class Database(Protocol):
    """What is asked: `runner.tables.Tables`, or `semantics.conversations.Conversations`, which describes the methods."""

    def sql(self, query: str, **params: Json) -> list[Row]:
        """Answer one SELECT."""
        ...

    def arrays(self, query: str, **params: Json) -> dict[str, Any]:
        """Answer one SELECT with an array for each column."""
        ...

    def keep(self, name: str, query: str, **params: Json) -> None:
        """Keep the answer to one SELECT as a table of that name."""
        ...


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps between states: arrays of shape (steps,), in the order of source and target.

    Attributes
    ----------
    source, target : uint64
        Numbers of states; never equal.
    users, households : int64
        Different ones who made the step.
    weight : float64
        Sum over users of the weight of the latest step of each.
    weeks, hours : int64
        In how many weeks of the window somebody made it, and in at least how many different hours.
    """

    source: NDArray[np.uint64]
    target: NDArray[np.uint64]
    users: NDArray[np.int64]
    households: NDArray[np.int64]
    weight: NDArray[np.float64]
    weeks: NDArray[np.int64]
    hours: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class States:
    """States and how goals ended in them: arrays of shape (states,), in the order of `state`.

    Attributes
    ----------
    state : uint64
    users, households, visits, repeats : int64
        Repeats: visits after which the user said the same again at once.
    good, bad : float64
        Weights of goals that ended here, well and badly.
    direct : float64
        Sum over users of the share of their visits that ended the goal well, repeats apart.
    tried : int64
        Users with a visit that was not repeated: `direct` is of so many.
    """

    state: NDArray[np.uint64]
    users: NDArray[np.int64]
    households: NDArray[np.int64]
    visits: NDArray[np.int64]
    repeats: NDArray[np.int64]
    good: NDArray[np.float64]
    bad: NDArray[np.float64]
    direct: NDArray[np.float64]
    tried: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a log says about steps.

    Attributes
    ----------
    states, steps
    weeks : int
        Weeks of the window in which anything was asked.
    without_user : int
        Requests that could not be counted, because the log does not say whose they are.
    """

    states: States
    steps: Steps
    weeks: int
    without_user: int


def visits(turns: str, level: Level = "utterance") -> str:
    """Return a SELECT of the columns of `VISITS` from turns.

    Parameters
    ----------
    turns : str
        A relation with the columns of `artefacts.tables.TURNS`, and `goal` and `p_good`.
    level : {"utterance", "interpretation"}
        Whether a state is what was said, or what it was understood as.

    Notes
    -----
    A request that a rewrite answered says how the rewrite does, and nothing about what was said: it ends the walk
    and has no outcome here. One that was held out, at random, stands for all that could have been: it counts by one
    over the probability with which it was.
    """
    state = "text_id" if level == "utterance" else f"case when text_id is not null then {_interpretation} end"
    # The relation and the expressions are our own text.
    return f"""select case when user_id is not null then hash(user_id) end as person, md5_number_upper(household_id) as home,
        hash(goal) as goal, position::bigint as position, asked_at, {state} as state, p_good, {IMPORTANCE} as importance
    from {turns}"""  # noqa: S608 - no text of anybody's data


def count(tables: Database, relation: str, *, until: str) -> Counted:
    """Count states and steps.

    Parameters
    ----------
    tables : Database
        In which `dialogue_walks` is made.
    relation : str
        SQL with the columns of `VISITS`: a SELECT in parentheses, or the name of a table.
    until : str
        ISO 8601, UTC: the end of the window of `WINDOW_DAYS` days. Not taken from the log, so that a log without
        some of its users has the same window.

    Notes
    -----
    A request without time is taken to be as old as the window. Later requests than `until` are left out.
    """
    tables.keep(
        "dialogue_walks", _walks.replace("RELATION", relation), until=until, unit=UNIT, days=WINDOW_DAYS, half_life=HALF_LIFE_DAYS
    )
    [seen] = tables.sql(_seen)
    # Whatever is counted is of one state that was left: shares by states can be counted one after the other.
    shares = 1 + int(seen["visits"]) // _AT_ONCE
    parts = [tables.arrays(_steps, share=share, shares=shares) for share in range(shares)]
    steps = _joined(parts, "source", "target")
    parts = [tables.arrays(_states, share=share, shares=shares, unit=UNIT) for share in range(shares)]
    states = _joined(parts, "state")
    [absent] = tables.sql(f"select count(*) filter (person is null) as n from {relation}")  # noqa: S608 - our own text
    return Counted(
        States(
            state=_column(states, "state", np.uint64),
            users=_column(states, "users", np.int64),
            households=_column(states, "households", np.int64),
            visits=_column(states, "visits", np.int64),
            repeats=_column(states, "repeats", np.int64),
            good=_column(states, "good", np.float64) / UNIT,
            bad=_column(states, "bad", np.float64) / UNIT,
            direct=_column(states, "direct", np.float64) / UNIT,
            tried=_column(states, "tried", np.int64),
        ),
        Steps(
            source=_column(steps, "source", np.uint64),
            target=_column(steps, "target", np.uint64),
            users=_column(steps, "users", np.int64),
            households=_column(steps, "households", np.int64),
            weight=_column(steps, "weight", np.float64) / UNIT,
            weeks=_column(steps, "weeks", np.int64),
            hours=_column(steps, "hours", np.int64),
        ),
        int(seen["weeks"]),
        int(absent["n"]),
    )


@dataclass(frozen=True, slots=True)
class Sayings:
    """Which texts were understood as what: arrays of shape (pairs,), in the order of interpretation and text.

    Attributes
    ----------
    interpretation, text : uint64
    users : int64
        Different ones who said the text and were understood so.
    """

    interpretation: NDArray[np.uint64]
    text: NDArray[np.uint64]
    users: NDArray[np.int64]


def sayings(tables: Database, turns: str, *, until: str) -> Sayings:
    """Count which texts were understood as what, in the window of `count`; turns as in `visits`."""
    found = tables.arrays(
        f"""select interpretation, text_id as text, count(*) as users from (
            select distinct user_id, text_id, {_interpretation} as interpretation from {turns}
            where user_id is not null and text_id is not null and rewritten_id is null and coalesce(arm, '') <> 'treated'
              and (asked_at is null or (asked_at <= $until::timestamp
                   and asked_at > $until::timestamp - to_days($days::integer)))
        ) group by all order by interpretation, text""",  # noqa: S608 - our own text
        until=until,
        days=WINDOW_DAYS,
    )
    return Sayings(
        _column(found, "interpretation", np.uint64), _column(found, "text", np.uint64), _column(found, "users", np.int64)
    )


_walks = """
with placed as (
    select person, home, state, p_good, importance, asked_at, position, hash(person, goal) as walk
    from RELATION where person is not null and state is not null
      and (asked_at is null or (asked_at <= $until::timestamp and asked_at > $until::timestamp - to_days($days::integer)))
), seen as (
    -- Sorted once and told from one row to the next, in that order: a window for each walk would take several times as long.
    select person, home, state, p_good, importance, asked_at,
        case when lead(walk) over () = walk then lead(state) over () end as next
    from (from placed order by walk, asked_at nulls first, position)
), aged as (
    select *, coalesce(epoch($until::timestamp) - epoch(asked_at), $days * 86400) as age from seen
    where importance is not null
)
select person, home, state, next,
    round($unit * least(1.0, greatest(0.0, coalesce(p_good, 0.0))))::bigint as good,
    round($unit * importance * pow(2, -age / ($half_life * 86400.0)))::bigint as weight,
    (age // (7 * 86400))::integer as week,
    (age // 3600)::integer as hour,
    asked_at is not null as timed
from aged
"""

# Weeks as bits: the window has thirteen and a part of one. Hours as bits of their remainder by 61: two hours may
# fall together, and then there are fewer, never more.
_steps = """
with once as (
    select person, min(home) as home, state, next, max(weight) as weight,
        bit_or(case when timed then 1 << week else 0 end) as weeks,
        bit_or(case when timed then (1::bigint) << (hour % 61) else 0 end) as hours
    from dialogue_walks where next is not null and next <> state and hash(state) % $shares::ubigint = $share::ubigint
    group by person, state, next
)
select state as source, next as target, count(*) as users, count(distinct home) as households,
    sum(weight)::bigint as weight, bit_count(bit_or(weeks))::bigint as weeks, bit_count(bit_or(hours))::bigint as hours
from once group by state, next
"""

_states = """
with once as (
    select person, min(home) as home, state, count(*) as visits,
        count(*) filter (next = state) as repeats,
        count(*) filter (next is null) as ends,
        coalesce(sum(good) filter (next is null), 0)::bigint as good,
        coalesce(max(weight) filter (next is null), 0) as weight
    from dialogue_walks where hash(state) % $shares::ubigint = $share::ubigint group by person, state
), shared as (
    -- In 64 bits where they suffice, which is nearly always: division of larger numbers takes ten times as long.
    select *, case when ends = 0 then 0
        when weight < 4294967296 and good < 1073741824 then weight * good // (ends * $unit)
        else (weight::hugeint * good // (ends * $unit))::bigint end as well from once
)
select state, count(*) as users, count(distinct home) as households, sum(visits)::bigint as visits,
    sum(repeats)::bigint as repeats, sum(well)::bigint as good, sum(weight - well)::bigint as bad,
    coalesce(sum(good // greatest(1, visits - repeats)) filter (visits > repeats), 0)::bigint as direct,
    count(*) filter (visits > repeats) as tried
from shared group by state
"""

_seen = "select count(distinct week) filter (timed) as weeks, count(*) as visits from dialogue_walks"


def _joined(parts: list[dict[str, Any]], *keys: str) -> dict[str, Any]:
    """Return parts of one table together, in the order of their keys."""
    whole = {name: np.concatenate([np.ma.getdata(part[name]) for part in parts]) for name in parts[0]}
    order = np.lexsort([whole[key] for key in reversed(keys)])
    return {name: values[order] for name, values in whole.items()}


def _column(found: dict[str, Any], name: str, kind: Any) -> Any:
    return np.ma.getdata(found[name]).astype(kind, copy=False)
