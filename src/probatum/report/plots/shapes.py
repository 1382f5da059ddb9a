"""SVG as a tree of values: written as text for one page, or built by the script of another."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from probatum.report.quoting import plain

INK = "currentColor"
LETTER = 6.7  # mean width of a letter of 12 units of height, rather too much than too little


@dataclass(frozen=True, slots=True)
class Shape:
    """An element: its tag, its attributes, and what stands in it. Text in it is never markup."""

    tag: str
    attributes: Mapping[str, str | float] = field(default_factory=dict)
    inside: tuple[Shape | str, ...] = ()

    def markup(self) -> str:
        """Return the element as text."""
        own = "".join(f' {name}="{escape(written(value))}"' for name, value in self.attributes.items())
        within = "".join(escape(plain(part)) if isinstance(part, str) else part.markup() for part in self.inside)
        return f"<{self.tag}{own}>{within}</{self.tag}>"

    def to_json(self) -> list[Any]:
        """Return ``[tag, attributes, *inside]``."""
        own = {name: written(value) for name, value in self.attributes.items()}
        return [self.tag, own, *(plain(part) if isinstance(part, str) else part.to_json() for part in self.inside)]


def written(value: str | float) -> str:
    """Return an attribute as text; lengths to a tenth."""
    return plain(value) if isinstance(value, str) else f"{round(value, 1):g}"


def picture(width: float, height: float, title: str, description: str, *inside: Shape) -> Shape:
    """Return a drawing of so many units, with what is read out in its place."""
    named = (Shape("title", {}, (title,)), Shape("desc", {}, (description,)))
    size: dict[str, str | float] = {
        "viewBox": f"0 0 {width:g} {height:g}",
        "width": width,
        "height": height,
        "role": "img",
        "aria-label": f"{title}. {description}",
        "font-size": 12.0,
        "fill": INK,
    }
    return Shape("svg", {"xmlns": "http://www.w3.org/2000/svg"} | size, (*named, *inside))


def words(x: float, y: float, text: str, *, anchor: str = "start") -> Shape:
    """Return a line of text."""
    placed: dict[str, str | float] = {"x": x, "y": y, "text-anchor": anchor}
    return Shape("text", placed, (text,))


def line(points: Sequence[tuple[float, float]], *, width: float = 1.5, dash: str = "", faint: bool = False) -> Shape:
    """Return a line through points."""
    drawn: dict[str, str | float] = {"points": _points(points), "fill": "none", "stroke": INK, "stroke-width": width}
    if dash:
        drawn["stroke-dasharray"] = dash
    if faint:
        drawn["stroke-opacity"] = "0.35"
    return Shape("polyline", drawn)


def area(points: Sequence[tuple[float, float]]) -> Shape:
    """Return a filled surface, light enough for lines on it to be seen."""
    return Shape("polygon", {"points": _points(points), "fill": INK, "fill-opacity": "0.13"})


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{round(x, 1):g},{round(y, 1):g}" for x, y in points)


def marker(kind: int, x: float, y: float, size: float = 4) -> Shape:
    """Return one of six marks that differ by shape: disc, square, triangle, diamond, ring, cross."""
    s = size
    match kind % 6:
        case 0:
            return Shape("circle", {"cx": x, "cy": y, "r": s, "fill": INK})
        case 1:
            return Shape("rect", {"x": x - s, "y": y - s, "width": 2 * s, "height": 2 * s, "fill": INK})
        case 2:
            corners = [(x, y - s * 1.2), (x + s * 1.1, y + s), (x - s * 1.1, y + s)]
        case 3:
            corners = [(x, y - s * 1.3), (x + s * 1.3, y), (x, y + s * 1.3), (x - s * 1.3, y)]
        case 4:
            return Shape("circle", {"cx": x, "cy": y, "r": s, "fill": "none", "stroke": INK, "stroke-width": 1.6})
        case _:
            drawn = f"M{x - s:.1f} {y - s:.1f}L{x + s:.1f} {y + s:.1f}M{x - s:.1f} {y + s:.1f}L{x + s:.1f} {y - s:.1f}"
            return Shape("path", {"d": drawn, "stroke": INK, "stroke-width": 1.8, "fill": "none"})
    return Shape("polygon", {"points": _points(corners), "fill": INK})


DASHES = ("", "7 4", "2 3", "9 3 2 3", "14 4", "4 2 1 2")  # as many as there are marks


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a value between `low` and `high` lies between `start` and `end`; what is beyond is drawn at the end."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers from at most `low` to at least `high`, about so many.

    Raises
    ------
    ValueError
        If the ends are not finite.
    """
    if not math.isfinite(low) or not math.isfinite(high):
        raise ValueError("an axis needs finite ends")
    largest = max(abs(low), abs(high))
    if high - low <= 1e-9 * max(largest, 1.0):  # as good as one number
        half = largest / 2 if largest > 1e-6 else 0.5
        low, high = low - half, high + half
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 12) for n in range(first, last + 1)]


def percent(value: float) -> str:
    """Return a share for an axis."""
    return f"{value * 100:.4g}%"


def number(value: float) -> str:
    """Return a number for an axis."""
    return f"{value:,.0f}" if abs(value) >= 1000 and value == round(value) else f"{value:.4g}"


def frame(  # noqa: PLR0917 - two axes, each with its numbers, words and style
    x: Scale,
    y: Scale,
    across: Sequence[float],
    up: Sequence[float],
    names: tuple[str, str],
    shown: tuple[Callable[[float], str], Callable[[float], str]] = (number, number),
) -> list[Shape]:
    """Return two axes with ticks and their names, around what is drawn between them."""
    drawn = [line([(x.start, y.end), (x.start, y.start), (x.end, y.start)], width=1)]
    for tick in across:
        drawn += [
            line([(x(tick), y.start), (x(tick), y.start + 4)], width=1),
            words(x(tick), y.start + 17, shown[0](tick), anchor="middle"),
        ]
    for tick in up:
        drawn += [
            line([(x.start - 4, y(tick)), (x.start, y(tick))], width=1),
            words(x.start - 7, y(tick) + 4, shown[1](tick), anchor="end"),
        ]
    drawn += [words((x.start + x.end) / 2, y.start + 34, names[0], anchor="middle"), words(4, y.end - 10, names[1])]
    return drawn


def fit(text: str, width: float) -> str:
    """Return a text that fits into so many units, with its end left out."""
    most = max(2, int(width / LETTER))
    text = plain(text)
    return text if len(text) <= most else text[: most - 1] + "…"
