"""Funnel plot: rates of sites by their size, between limits that chance alone would leave rarely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from probatum.report.plots.shapes import Scale, Shape, frame, line, marker, number, percent, picture, ticks, words


@dataclass(frozen=True, slots=True)
class Site:
    """A site: its cases, its rate, the limits for its own size, and whether it is outside those for all sites at once."""

    cases: int
    rate: float
    low: float
    high: float
    outside: bool


def funnel(sites: Sequence[Site], overall: float, title: str, names: tuple[str, str]) -> Shape:
    """Draw sites as rings, those outside as squares, and limits as dashed lines between the sizes that occur."""
    across = ticks(0, max(site.cases for site in sites))
    up = ticks(min(min(site.rate, site.low) for site in sites), max(max(site.rate, site.high) for site in sites))
    x, y = Scale(across[0], across[-1], 56, 600), Scale(up[0], up[-1], 284, 26)
    drawn = frame(x, y, across, up, names, (number, percent))
    drawn.append(line([(x(across[0]), y(overall)), (x(across[-1]), y(overall))], width=1))
    sized = sorted(sites, key=lambda site: site.cases)
    for end in ("low", "high"):
        drawn.append(line([(x(s.cases), y(getattr(s, end))) for s in sized], dash="5 4"))
    drawn += [marker(1 if site.outside else 4, x(site.cases), y(site.rate), 3.5) for site in sites]
    out = sum(site.outside for site in sites)
    drawn += [
        marker(4, 64, 338),
        words(76, 342, "site"),
        marker(1, 124, 338),
        words(136, 342, "outside the limits for all sites at once"),
    ]
    what = f"{len(sites)} sites, {out} outside the limits for all sites at once; the line is at {percent(overall)}, dashed lines are each site's own limits"
    return picture(640, 352, title, what, *drawn)
