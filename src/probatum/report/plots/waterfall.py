"""Waterfall plot: a number as the sum of its parts, each from where the one before it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from probatum.report.plots.shapes import INK, Scale, Shape, area, fit, line, number, picture, ticks, words

_WIDTH, _LEFT, _RIGHT, _ROW, _HALF = 640.0, 190.0, 470.0, 26.0, 8.0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a number, with bounds where there are any."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


def waterfall(whole: Part, parts: Sequence[Part], title: str, *, shown: Callable[[float], str] = number) -> Shape:
    """Draw the whole as a bar from nought, and below it each part from the end of the one before.

    What adds is a filled bar, what takes away a hollow one with dashed edges; bounds of a part are a line with ends at
    the place of its bar, so that they are read against where the part begins.
    """
    begins = [0.0, 0.0]
    for part in parts:
        begins.append(begins[-1] + part.value)
    rows = [whole, *parts]
    ends = [0.0]
    for begin, row in zip(begins, rows, strict=False):
        ends += [begin, begin + row.value, *(begin + end for end in (row.low, row.high) if end is not None)]
    at = ticks(min(ends), max(ends))
    x = Scale(at[0], at[-1], _LEFT, _RIGHT)
    bottom = 20 + _ROW * len(rows)
    drawn = [line([(x(tick), 14), (x(tick), bottom)], width=1, faint=True) for tick in at]
    drawn.append(line([(x(0), 14), (x(0), bottom)], width=1))
    for n, (begin, row) in enumerate(zip(begins, rows, strict=False)):
        y = 30 + _ROW * n
        drawn.append(words(_LEFT - 10, y + 4, fit(row.name, _LEFT - 14), anchor="end"))
        drawn += _bar(x(begin), x(begin + row.value), y, adds=row.value >= 0)
        if row.low is not None and row.high is not None:
            low, high = x(begin + row.low), x(begin + row.high)
            drawn += [line([(low, y), (high, y)]), line([(low, y - 4), (low, y + 4)]), line([(high, y - 4), (high, y + 4)])]
        if 0 < n < len(rows) - 1:  # from the end of a part to the beginning of the next
            drawn.append(line([(x(begin + row.value), y), (x(begin + row.value), y + _ROW)], width=1, dash="2 2"))
        told = shown(row.value) if n == 0 else f"{'+' if row.value >= 0 else '−'}{shown(abs(row.value))}"
        drawn.append(words(_RIGHT + 12, y + 4, fit(told, _WIDTH - _RIGHT - 12)))
    drawn += [words(x(tick), bottom + 16, shown(tick), anchor="middle") for tick in at]
    listed = "; ".join(f"{part.name} {shown(part.value)}" for part in parts)
    what = f"{whole.name} {shown(whole.value)} is the sum of {listed}; filled bars add, hollow ones take away"
    return picture(_WIDTH, bottom + 24, title, what, *drawn)


def _bar(start: float, end: float, y: float, *, adds: bool) -> list[Shape]:
    low, high = min(start, end), max(start, end)
    corners = [(low, y - _HALF), (high, y - _HALF), (high, y + _HALF), (low, y + _HALF)]
    if adds:
        size = {"x": low, "y": y - _HALF, "width": max(high - low, 1.0), "height": 2 * _HALF}
        return [Shape("rect", {**size, "fill": INK, "fill-opacity": "0.45", "stroke": INK, "stroke-width": 1.0})]
    return [area(corners), line([*corners, corners[0]], width=1.2, dash="4 2")]
