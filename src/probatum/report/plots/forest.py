"""Forest plot: one value of each group, with its bounds and how many it is of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from probatum.report.plots.shapes import Scale, Shape, fit, line, marker, percent, picture, ticks, words

_WIDTH, _LEFT, _RIGHT, _ROW = 640.0, 170.0, 450.0, 22.0


@dataclass(frozen=True, slots=True)
class Row:
    """A group: its value and bounds, None where there are none, and its number of cases."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int


def forest(
    rows: Sequence[Row],
    title: str,
    *,
    reference: float | None = None,
    shown: Callable[[float], str] = percent,
) -> Shape:
    """Draw a line of bounds and a mark for each group, with the numbers beside it.

    Parameters
    ----------
    rows : sequence of Row
        In the order in which they are drawn, downwards.
    reference : float, optional
        Where a dashed line is drawn: what holds for all.
    shown : callable
        How a number is written.
    """
    ends = [v for row in rows for v in (row.low, row.value, row.high) if v is not None]
    ends += [reference] if reference is not None else []
    at = ticks(min(ends), max(ends)) if ends else [0.0, 1.0]
    x = Scale(at[0], at[-1], _LEFT, _RIGHT)
    bottom = 24 + _ROW * len(rows)
    drawn = [line([(x(tick), 14), (x(tick), bottom)], width=1, faint=True) for tick in at]
    if reference is not None:
        drawn.append(line([(x(reference), 14), (x(reference), bottom)], dash="5 4"))
    for n, row in enumerate(rows):
        y = 28 + _ROW * n
        drawn.append(words(_LEFT - 10, y + 4, fit(row.name, _LEFT - 14), anchor="end"))
        if row.low is not None and row.high is not None:
            low, high = x(row.low), x(row.high)
            drawn += [line([(low, y), (high, y)]), line([(low, y - 4), (low, y + 4)]), line([(high, y - 4), (high, y + 4)])]
        if row.value is None:
            drawn.append(words(_LEFT + 6, y + 4, "nobody is in the denominator"))
        else:
            drawn.append(marker(1, x(row.value), y))
        told = "" if row.value is None else f"{shown(row.value)}, n={row.n:,}"
        drawn.append(words(_RIGHT + 12, y + 4, fit(told, _WIDTH - _RIGHT - 12)))
    drawn += [words(x(tick), bottom + 16, shown(tick), anchor="middle") for tick in at]
    what = f"{len(rows)} groups, each with a mark for its value and a line for its bounds"
    if reference is not None:
        what += f"; the dashed line is at {shown(reference)}"
    return picture(_WIDTH, bottom + 24, title, what, *drawn)
