"""The picture of an estimate, by the shape of its counts, whatever rule they come from: rates of groups, or parts of a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from probatum.evidence import Estimate
from probatum.report.plots.forest import Row, forest
from probatum.report.plots.shapes import Shape, number
from probatum.report.plots.waterfall import Part, waterfall
from probatum.stats.bounds import clopper_pearson

_MOST = 40


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture, what has to be said of it, and its numbers: a head and rows of text."""

    shape: Shape
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """Return what the script of a page builds it from."""
        return {"shape": self.shape.to_json(), "note": self.note, "head": list(self.head), "rows": [list(r) for r in self.rows]}


def drawing(evidence: Estimate) -> Drawing | None:
    """Draw the parts of a number, if counts have a `waterfall`, or the rates of groups, if they have `groups` of ``name -> [hits, trials, ...]``, or `strata` of these.

    More than two numbers of a group mean that hits and trials are effective ones: bounds would rest on
    estimated variances, and are left to the evidence. The same holds where rows may belong to any group.
    """
    parts = _parts(evidence)
    if parts:
        return _sum(parts, evidence)
    rows = list(_groups(evidence))
    if len(rows) < 2:
        return None
    largest = sorted(sorted(range(len(rows)), key=lambda at: -rows[at].trials)[:_MOST])
    kept = [_row(rows[at], evidence) for at in largest]
    notes = [f"Shown are the {len(kept)} largest of {len(rows):,} groups."] if len(rows) > len(kept) else []
    if any(row.low is not None for row in kept):
        notes.append(
            f"Bounds of rates are those of Clopper and Pearson, corrected for {evidence.family:,} statements "
            f"({evidence.confidence:.1%}); those of the estimate itself are stated above."
        )
    if any(row.low is None for row in kept):
        notes.append(
            "Where rows do not count alike, or are not independent, only the rate is shown, and n is what rows are worth."
        )
    return Drawing(
        forest(kept, "Rate of each group"),
        " ".join(notes),
        ("group", "rate", "low", "high", "n"),
        tuple((row.name, _share(row.value), _share(row.low), _share(row.high), f"{row.n:,}") for row in kept),
    )


def _parts(evidence: Estimate) -> list[Part]:
    """Return the whole and its parts, if counts have them as ``[[name, value], ...]``, the whole first and the sum of the others."""
    told = evidence.counts.get("waterfall")
    if not isinstance(told, list | tuple) or not 3 <= len(told) <= _MOST:
        return []
    found: list[Part] = []
    for one in told:
        if not isinstance(one, list | tuple) or len(one) != 2 or isinstance(one[1], bool) or not isinstance(one[1], int | float):
            return []
        own = float(one[1])
        bounded = own == evidence.value
        found.append(Part(str(one[0]), own, evidence.low if bounded else None, evidence.high if bounded else None))
    rest = sum(part.value for part in found[1:])
    most = max(abs(part.value) for part in found)
    if not (most < float("inf") and abs(rest - found[0].value) <= 1e-6 * max(most, 1e-300)):
        return []
    return [found[0], *(part for part in found[1:] if abs(part.value) > 1e-9 * most or part.low is not None)]


def _sum(parts: list[Part], evidence: Estimate) -> Drawing:
    note = (
        f"The first bar is the sum of the others. Bounds are of the estimate ({evidence.confidence:.1%}); "
        "the other parts are as seen, without bounds. Filled bars add, hollow ones take away."
    )
    rows = [(p.name, number(p.value), *("none" if end is None else number(end) for end in (p.low, p.high))) for p in parts]
    return Drawing(waterfall(parts[0], parts[1:], "Parts of a difference"), note, ("part", "value", "low", "high"), tuple(rows))


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.2%}"


@dataclass(frozen=True, slots=True)
class _Group:
    """The counts of a group; `exact`: whole numbers of independent trials."""

    name: str
    hits: float
    trials: float
    exact: bool


def _row(group: _Group, evidence: Estimate) -> Row:
    low = high = None
    if group.exact:
        bound = clopper_pearson(int(group.hits), int(group.trials), confidence=evidence.confidence, family=evidence.family)
        low, high = bound.low, bound.high
    return Row(group.name, group.hits / group.trials, low, high, round(group.trials))


def _groups(evidence: Estimate) -> Iterator[_Group]:
    strata = evidence.counts.get("strata")
    parts = strata if isinstance(strata, list | tuple) else [evidence.counts]
    for part in parts:
        groups = part.get("groups") if isinstance(part, Mapping) else None
        if not isinstance(groups, Mapping):
            continue
        where = part.get("where")
        place = ", ".join(str(value) for value in where.values()) if isinstance(where, Mapping) else ""
        unknown = part.get("unknown")
        known = not (isinstance(unknown, list | tuple) and any(unknown))
        for name, counts in groups.items():
            if not _pair(counts):
                continue
            hits, trials = counts[0], counts[1]
            whole = len(counts) == 2 and known and float(hits).is_integer() and float(trials).is_integer()
            yield _Group(f"{place}: {name}" if place else str(name), hits, trials, whole)


def _pair(counts: Any) -> bool:
    """Whether the first two numbers are hits among trials."""
    if not isinstance(counts, list | tuple) or len(counts) < 2:
        return False
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in counts[:2]):
        return False
    return bool(0 <= counts[0] <= counts[1] < float("inf") and counts[1] > 0)
