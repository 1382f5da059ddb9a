"""Decisions in the order in which they were made, counted by group in each window of time or of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.artefacts.requirements.stream import StreamRequirement
from probatum.fairness.semantics.columns import Column, Sort, columns
from probatum.fairness.semantics.cube import Count, Cube, Key
from probatum.fairness.semantics.decisions import MISSING, condition_of, decision_of, group_of, number_of, truth_of
from probatum.fairness.semantics.metrics import RATES, Confusion
from probatum.fairness.semantics.relation import Relation
from probatum.project.document import suggestion

_LABELS = {"hour": "%Y-%m-%d %H:00", "day": "%Y-%m-%d", "week": "week of %Y-%m-%d", "month": "%Y-%m", "year": "%Y"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Decisions between two moments.

    Attributes
    ----------
    name : str
        Such as `2024-03`, or `rows 501 to 1,000`; "" if it is all there is.
    over : bool
        Whether no decision can come that belongs to it.
    groups : mapping of str to (int, int)
        How often the quantity's event happened, and among how many; groups in which it could, in the order in
        which they first occur in the whole table.
    """

    name: str
    over: bool
    groups: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Windows in their order, without those in which nobody was decided on, and all groups in the order of their first row."""

    windows: tuple[Window, ...]
    order: tuple[str, ...]


def stream(policy: Policy, relation: Relation, required: StreamRequirement, over: tuple[str, ...]) -> Stream:
    """Count decisions by window and group.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist or holds what it cannot mean, a row has no time, or times go back though rows are
        said to be in the order in which they came.
    """
    table, rate = policy.decision, RATES[required.metric]
    time = _time(policy, relation, required)
    if time is not None:
        _in_order(policy, relation, required, time)
    many = number_of(table.count, relation, table.location, "a number of rows") if table.count else "1"
    if table.count and isinstance(required.window, int) and required.window:
        raise UnreadableArtefact(
            f"a row of `{relation.path}` stands for several decisions (`{table.count}`), so that rows are no measure of a window",
            help="give each decision a row, or write a part of the calendar, as in `window: month`",
            location=required.location,
        )
    decided = decision_of(table, relation) or "null"
    truth = truth_of(table.label, table, relation) if table.label else "null"
    parts = [f"{group_of(policy.protected[name], relation)} as g{n}" for n, name in enumerate(over)]
    keys = ", ".join(f"g{n}" for n in range(len(over)))
    found = relation.sql(
        f"with r as (select row_number() over () as i, {', '.join(parts)}, {decided} as d, {truth} as y, "  # noqa: S608 - quoted
        f"{time.value if time else '0'} as t, cast({many} as bigint) as m from {{table}} {condition_of(table, relation)}), "
        f"s as (select *, row_number() over (order by t, i) as place from r), "
        f"p as (select *, {_place(required)} as p from s) "
        f"select p, {keys}, d, y, sum(m) as n, min(m) as least, min(place) as first from p group by all order by p, first"
    )
    cells: dict[float, dict[str, dict[Key, Count]]] = {}
    seen: dict[str, int] = {}
    for row in found:
        names = [row[f"g{n}"] for n in range(len(over))]
        if row["n"] is None or row["least"] is None or row["least"] < 0:
            raise UnreadableArtefact(
                f"the column `{table.count}` of `{relation.path}` is negative or missing in some row",
                help="a row stands for at least 0 decisions",
                location=table.location,
            )
        if policy.missing is Missing.EXCLUDE and any(part is None for part in names):
            continue
        name = ", ".join(MISSING if part is None else str(part) for part in names)
        seen[name] = min(seen.get(name, row["first"]), row["first"])
        cells.setdefault(row["p"], {}).setdefault(name, {})[row["y"], row["d"]] = Count(row["n"], row["n"], row["n"])
    order = sorted(seen, key=lambda name: seen[name])
    full = sum(count.rows for own in cells[max(cells)].values() for count in own.values()) if cells else 0
    windows = []
    for at in sorted(cells):
        confusions = {name: Confusion.of(Cube(("label", "decision"), cells[at][name])) for name in order if name in cells[at]}
        events = {name: rate.of(own) for name, own in confusions.items()}
        last = at == max(cells)
        # Rows that are left out make the last window look emptier than it is, never fuller.
        closed = full >= required.window if isinstance(required.window, int) and required.window else False
        groups = {name: (int(hits), int(trials)) for name, (hits, trials) in events.items() if trials}
        windows.append(Window(name=_name(required, at), over=not last or closed, groups=groups))
    return Stream(windows=tuple(windows), order=tuple(order))


def _time(policy: Policy, relation: Relation, required: StreamRequirement) -> Column | None:
    """Return the column of times, as seconds or numbers."""
    if not required.time:
        return None
    if required.time not in relation.columns:
        raise UnreadableArtefact(
            f"`{relation.path}` has no column `{required.time}`",
            help=suggestion(required.time, list(relation.columns)),
            location=required.location,
        )
    found = columns(relation, without=[name for name in relation.columns if name != required.time]).get(required.time)
    calendar = isinstance(required.window, str)
    if found is None or found.sort is Sort.TEXT or (calendar and found.sort is not Sort.TIME):
        what = "numbers" if found is not None and found.sort is Sort.NUMBER else "something that is no time"
        raise UnreadableArtefact(
            f"the column `{required.time}` of `{relation.path}` holds {what}{_strange(relation, found)}, "
            f"and `{required.id}` needs {'dates' if calendar else 'dates or numbers'}",
            help="write every time alike, as in 2026-01-31 or 2026-01-31 14:30:00",
            location=required.location,
        )
    [row] = relation.sql(
        f"select count(*) filter ({found.value} is null) as n from (select * from {{table}} "  # noqa: S608 - quoted
        f"{condition_of(policy.decision, relation)})"
    )
    if row["n"]:
        raise UnreadableArtefact(
            f"{row['n']:,} row{'s' if row['n'] > 1 else ''} of `{relation.path}` {'have' if row['n'] > 1 else 'has'} no time "
            f"in `{required.time}`, so that nobody knows when the decision was made",
            help="fill them in, or keep only rows that have one with `where` under `decision`",
            location=required.location,
        )
    return found


def _strange(relation: Relation, found: Column | None) -> str:
    """Return an example of a text that is no time."""
    if found is None or found.sort is not Sort.TEXT:
        return ""
    rows = relation.sql(
        f"select {found.value} as v from {{table}} where {found.value} is not null "  # noqa: S608 - quoted
        f"and try_cast({found.value} as timestamp) is null limit 1"
    )
    return f" (`{rows[0]['v']}`)" if rows else ""


def _in_order(policy: Policy, relation: Relation, required: StreamRequirement, time: Column) -> None:
    if required.sort:
        return
    back = relation.sql(
        f"select i, t, before from (select i, t, lag(t) over (order by i) as before from (select row_number() over () as i, "  # noqa: S608 - quoted
        f"{time.value} as t from {{table}} {condition_of(policy.decision, relation)})) where t < before order by i limit 1"
    )
    if back:
        row = back[0]
        raise UnreadableArtefact(
            f"the times in `{required.time}` of `{relation.path}` go back: row {row['i']:,} has {time.shown(row['t'])}, "
            f"and the one before it {time.shown(row['before'])}",
            help="sort the table by it, or write `order: time` if rows are only stored in another order than they came",
            location=required.location,
        )


def _place(required: StreamRequirement) -> str:
    if isinstance(required.window, str):
        return f"epoch(date_trunc('{required.window}', make_timestamp(cast(t * 1000000 as bigint))))"  # a word of our own
    return f"cast((place - 1) // {required.window} as bigint)" if required.window else "0"


def _name(required: StreamRequirement, at: float) -> str:
    if isinstance(required.window, int):
        first = int(at) * required.window + 1
        return f"rows {first:,} to {first + required.window - 1:,}" if required.window else ""
    begins = datetime.fromtimestamp(at, UTC)
    if required.window == "quarter":
        return f"{begins.year}-Q{(begins.month + 2) // 3}"
    return begins.strftime(_LABELS[required.window])
