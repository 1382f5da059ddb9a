"""Curves in a square: ROC and calibration of one group before those of the others, and frontiers of several definitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from probatum.report.plots.shapes import DASHES, Scale, Shape, area, frame, line, marker, percent, picture, ticks, words

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A point of a curve whose height is bounded."""

    x: float
    y: float
    low: float
    high: float


def square(
    title: str,
    curve: Points,
    others: Sequence[Points],
    names: tuple[str, str],
    *,
    band: Points = (),
    diagonal: bool = True,
) -> Shape:
    """Draw a curve of rates, those of others faintly behind it, and a band as a surface with dashed edges."""
    x, y = Scale(0, 1, 44, 254), Scale(0, 1, 234, 24)
    at = [0, 0.25, 0.5, 0.75, 1]
    drawn = frame(x, y, [0, 0.5, 1], at, names)
    if diagonal:
        drawn.append(line([(x(0), y(0)), (x(1), y(1))], width=1, dash="2 4"))
    if band:
        edge = [(x(a), y(b)) for a, b in band]
        drawn += [area(edge), line([*edge, edge[0]], width=1, dash="4 3")]
    drawn += [line([(x(a), y(b)) for a, b in other], width=1, faint=True) for other in others]
    drawn.append(line([(x(a), y(b)) for a, b in curve], width=2))
    what = "the thick line is this group, faint lines are the others"
    return picture(264, 278, title, f"{what}; the shaded surface is the band of this group" if band else what, *drawn)


def calibration(
    title: str,
    points: Sequence[Interval],
    others: Sequence[Points],
    span: tuple[float, float],
    names: tuple[str, str],
    *,
    diagonal: bool,
) -> Shape:
    """Draw how often those with a score turned out positive, with bounds, before the same of others."""
    across = ticks(*span, 4)
    x, y = Scale(across[0], across[-1], 44, 254), Scale(0, 1, 234, 24)
    drawn = frame(x, y, across, [0, 0.25, 0.5, 0.75, 1], names)
    if diagonal:
        drawn.append(line([(x(0), y(0)), (x(1), y(1))], width=1, dash="2 4"))
    drawn += [line([(x(a), y(b)) for a, b in other], width=1, faint=True) for other in others]
    drawn.append(line([(x(p.x), y(p.y)) for p in points], width=1))
    for p in points:
        drawn += [line([(x(p.x), y(p.low)), (x(p.x), y(p.high))]), marker(0, x(p.x), y(p.y), 3.5)]
        drawn += [line([(x(p.x) - 3, y(end)), (x(p.x) + 3, y(end))]) for end in (p.low, p.high)]
    what = "marks with bounds are this group, faint lines are the others"
    return picture(264, 278, title, f"{what}; the dotted diagonal is where scores are right" if diagonal else what, *drawn)


def several(
    title: str,
    curves: Mapping[str, Points],
    names: tuple[str, str],
    *,
    shown: tuple[Callable[[float], str], Callable[[float], str]] = (percent, percent),
) -> Shape:
    """Draw up to six curves, told apart by dash and mark, with a legend."""
    kept = {name: list(points) for name, points in list(curves.items())[: len(DASHES)] if points}
    flat = [p for points in kept.values() for p in points] or [(0.0, 0.0)]
    across, up = (ticks(min(p[n] for p in flat), max(p[n] for p in flat)) for n in (0, 1))
    bottom = 244.0
    x, y = Scale(across[0], across[-1], 56, 600), Scale(up[0], up[-1], bottom, 26)
    drawn = frame(x, y, across, up, names, shown)
    for n, (name, points) in enumerate(kept.items()):
        own = [(x(a), y(b)) for a, b in points]
        below = bottom + 58 + 20 * n
        drawn += [line(own, dash=DASHES[n], width=1.8), line([(56, below - 4), (110, below - 4)], dash=DASHES[n], width=1.8)]
        drawn += [marker(n, *at) for at in own]
        drawn += [marker(n, 83, below - 4), words(120, below, name)]
    return picture(640, bottom + 58 + 20 * len(kept), title, f"{len(kept)} curves: {'; '.join(kept)}", *drawn)
