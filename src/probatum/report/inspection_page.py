"""The page of `probatum inspection inspect --html`: one file, without scripts, that loads nothing.

Each unit that was not passed is shown with its pictures, where they differ, the nearest reference, and a profile of its depth. What
strangers wrote passes `_text` and nothing else on its way into the page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from probatum.report.quoting import plain

_WIDE, _HIGH = 448, 96  # of a profile


@dataclass(frozen=True, slots=True)
class Profile:
    """Heights along one line across a cutout, in millimetres above the tray; None where depth is missing."""

    unit: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One view of a unit: pictures are JPEG."""

    name: str
    picture: bytes
    heat: bytes
    channel: str
    reference: bytes | None
    reference_name: str
    profile: Profile | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A unit on the page."""

    unit: str
    product: str
    verdict: str
    why: str
    score: str
    channels: Sequence[tuple[str, str]]
    sides: Sequence[Side]
    to_do: str = ""


def page(subject: str, summary: str, cases: Sequence[Case], left_out: int) -> str:
    """Return the page as HTML."""
    style = (Path(__file__).parent / "templates" / "audit.css").read_text(encoding="utf-8")
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">',
        f"<title>{_text(subject)}: inspection · probatum</title><style>{style}</style></head><body>",
        '<a class="skip" href="#main">Skip to the content</a>',
        f'<main id="main"><h1>Units that were not passed: {_text(subject)}</h1><p>{_text(summary)}</p>',
        '<p class="quiet">Colours are on one scale for all units, and not on one for each: the same colour is the same difference everywhere.</p>',
    ]
    for case in cases:
        parts += _case(case)
    if left_out:
        parts.append(f"<p>{left_out:,} more units are not shown here; all are in the file of decisions.</p>")
    if not cases:
        parts.append("<p>None.</p>")
    return "\n".join([*parts, "</main></body></html>", ""])


def _case(case: Case) -> Iterator[str]:
    yield f"<section><h2>{_text(case.unit)}</h2><p>{_text(case.product)}: {_text(case.verdict)}. {_text(case.why)}</p>"
    if case.to_do:
        yield f"<p>To be done: {_text(case.to_do)}</p>"
    for side in case.sides:
        alt = f"{case.unit}, {side.name}"
        yield f"<h3>{_text(side.name)}</h3><p>"
        yield _image(side.picture, alt)
        yield _image(side.heat, f"where {alt} differs, by {side.channel}")
        if side.reference is not None:
            yield _image(side.reference, f"the nearest reference, {side.reference_name}")
        yield f'</p><p class="quiet">left: the unit; middle: {_text(side.channel)}; right: {_text(side.reference_name or "no reference")}</p>'
        if side.profile is not None:
            yield _profile(side.profile)
    if case.channels:
        yield "<table><thead><tr><th>channel</th><th>value</th></tr></thead><tbody>"
        yield from (f"<tr><td>{_text(name)}</td><td>{_text(value)}</td></tr>" for name, value in case.channels)
        yield f"<tr><td>score</td><td>{_text(case.score)}</td></tr></tbody></table>"
    yield "</section>"


def _image(raw: bytes, alt: str) -> str:
    return f'<img alt="{_text(alt)}" width="224" height="224" src="data:image/jpeg;base64,{base64.b64encode(raw).decode()}">'


def _profile(profile: Profile) -> str:
    values = [value for line in (profile.unit, profile.low, profile.high) for value in line if value is not None]
    top = max([*values, 1.0]) * 1.05
    told = [value for value in profile.unit if value is not None]
    words = f"depth along the dotted row: the unit reaches {max(told, default=0.0):.0f} mm, references {max([v for v in profile.high if v is not None], default=0.0):.0f} mm"
    lines = [
        f'<polyline fill="none" stroke="{colour}" stroke-width="{wide}" points="{points}"/>'
        for line, colour, wide in ((profile.low, "#888", 1), (profile.high, "#888", 1), (profile.unit, "#b00", 2))
        for points in _points(line, top)
    ]
    return (
        f'<svg role="img" aria-label="{_text(words)}" width="{_WIDE}" height="{_HIGH}" viewBox="0 0 {_WIDE} {_HIGH}">'
        f'{"".join(lines)}</svg><p class="quiet">{_text(words)}</p>'
    )


def _points(line: Sequence[float | None], top: float) -> Iterator[str]:
    """Yield the points of each unbroken part of a line."""
    part: list[str] = []
    for at, value in enumerate([*line, None]):
        if value is not None:
            part.append(f"{at * _WIDE / max(len(line) - 1, 1):.1f},{_HIGH * (1 - max(value, 0.0) / top):.1f}")
        elif part:
            if len(part) > 1:
                yield " ".join(part)
            part = []


def _text(text: str) -> str:
    return escape(plain(text), quote=True)
