"""How many rows of each group, and of each outcome, a recorded step let through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from probatum.fairness.artefacts.record import Record

OUTCOME = "(outcome)"  # in place of an attribute


@dataclass(frozen=True, slots=True)
class Flow:
    """A step that leaves rows out.

    Attributes
    ----------
    key : str
        Digest of the step.
    name : str
    by : str
        A protected attribute, or `OUTCOME`.
    rows : mapping of str to (int, int)
        By group: rows before, and rows after, at most as many.
    """

    key: str
    name: str
    by: str
    rows: Mapping[str, tuple[int, int]]

    @property
    def lost(self) -> Mapping[str, tuple[int, int]]:
        """By group: rows that were lost, of how many."""
        return {name: (before - after, before) for name, (before, after) in self.rows.items()}


def flows(record: Record) -> Iterator[Flow]:
    """Yield, for each step whose tables were counted, what became of the rows of each group; from the tables, not from the step.

    Steps after which a group has more rows than before, or none of any, are no filters and are left out; so are
    steps that divide a table into several, which have all of its rows between them.
    """
    for key, own in record.of_kind("step"):
        before, after = (next(_counted(record, own.get(side)), None) for side in ("inputs", "outputs"))
        if before is None or after is None or before is after:
            continue
        parts_of_all = [int(one["rows"]) for one in _counted(record, own.get("outputs"))]
        if len(parts_of_all) > 1 and sum(parts_of_all) == int(before["rows"]):
            continue
        name = str(own.get("name", "step"))
        parts = {
            attribute: (groups, _mapping(after["groups"]).get(attribute))
            for attribute, groups in _mapping(before["groups"]).items()
        }
        for by, (was, now) in parts.items():
            if isinstance(was, Mapping) and isinstance(now, Mapping):
                rows = {str(group): (_rows(was[group]), _rows(now.get(group, {}))) for group in sorted(was)}
                if set(now) <= set(was):
                    yield from _filter(Flow(key, name, by, rows))
        if "positive" in before and "positive" in after:
            yes = (int(before["positive"]), int(after["positive"]))
            no = (int(before["rows"]) - yes[0], int(after["rows"]) - yes[1])
            yield from _filter(Flow(key, name, OUTCOME, {"positive": yes, "negative": no}))


def _filter(flow: Flow) -> Iterator[Flow]:
    counts = list(flow.rows.values())
    if (
        all(0 <= after <= before for before, after in counts)
        and any(after for _, after in counts)
        and any(a < b for b, a in counts)
    ):
        yield flow


def _counted(record: Record, keys: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the tables, of those that are named, whose groups were counted."""
    for key in keys if isinstance(keys, list) else ():
        own = record.objects.get(key) if isinstance(key, str) else None
        if own is not None and isinstance(own.get("groups"), Mapping) and isinstance(own.get("rows"), int):
            yield own


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _rows(group: Any) -> int:
    found = group.get("rows", 0) if isinstance(group, Mapping) else 0
    return found if isinstance(found, int) else 0
