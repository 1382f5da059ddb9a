"""The page of `probatum fairness audit --html`: one file, without scripts, that loads nothing.

Every picture is followed by the table of its numbers. What strangers wrote (names
of columns and groups) passes `_text` and nothing else on its way into the page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from probatum.report.plots.curves import Interval, calibration, several, square
from probatum.report.plots.forest import Row, forest
from probatum.report.plots.funnel import Site, funnel
from probatum.report.plots.shapes import Shape
from probatum.report.quoting import plain

if TYPE_CHECKING:
    from probatum.fairness.model.audit import Audit, Cell, Line
    from probatum.fairness.model.curves import Curves
    from probatum.fairness.model.decomposition.sites import Profiles

_MOST_ROWS = 60  # groups in a picture and its table; all are in the JSON
_MOST_PANELS = 12
_MOST_SITES = 400  # in a table; all are in the picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What the page shows besides the audit itself.

    Attributes
    ----------
    subject : str
        What the policy calls itself.
    titles : mapping of str to str
        What quantities are called in full.
    curves : mapping of str to Curves
        By attribute; empty where there is no score.
    bands : mapping of (attribute, group) to outline
    sites : mapping of (column, quantity) to Profiles
    """

    subject: str
    titles: Mapping[str, str]
    curves: Mapping[str, Curves]
    bands: Mapping[tuple[str, str], Sequence[tuple[float, float]]]
    sites: Mapping[tuple[str, str], Profiles]


def page(found: Audit, drawn: Drawn) -> str:
    """Return the page as HTML."""
    style = (Path(__file__).parent / "templates" / "audit.css").read_text(encoding="utf-8")
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    overs = list(dict.fromkeys(cell.over for cell in found.cells))
    out = f", {found.excluded:,} left out because an attribute is missing" if found.excluded else ""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">',
        f"<title>{_text(drawn.subject)}: audit · probatum</title><style>{style}</style></head><body>",
        '<a class="skip" href="#main">Skip to the content</a>',
        f'<main id="main"><h1>How groups fare: {_text(drawn.subject)}</h1>',
        f"<p>{found.rows:,} rows{out}. The {found.family:,} bounds of rates hold together with {found.confidence:.1%} confidence.</p>",
        *(f'<p class="quiet">Assumed: {_text(one)}.</p>' for one in found.assumptions),
        '<nav aria-label="Attributes"><ul>',
        *(f'<li><a href="#by-{n}">by {_named(over)}</a></li>' for n, over in enumerate(overs)),
        '<li><a href="#sites">by site</a></li>' if drawn.sites else "",
        "</ul></nav>",
    ]
    for n, over in enumerate(overs):
        parts.append(f'<section><h2 id="by-{n}">By {_named(over)}</h2>')
        parts += _definitions([line for line in found.lines if line.over == over])
        parts += _conflicts(found, over)
        parts += _frontier(found, over)
        parts += _measured(found, over)
        parts += _rates([cell for cell in found.cells if cell.over == over], drawn)
        if over in drawn.curves:
            parts += _roc(found, over, drawn)
            parts += _calibration(found, drawn.curves[over])
        parts.append("</section>")
    parts += _sites(found, drawn)
    parts.append("</main></body></html>\n")
    return "\n".join(part for part in parts if part)


def _text(value: str) -> str:
    return escape(plain(value))


def _named(over: str) -> str:
    return _text(over.replace("*", " and "))


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.2%}"


def _decimal(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"


def _figure(shape: Shape) -> str:
    label = escape(str(shape.attributes["aria-label"]).split(". ")[0])
    return f'<figure class="scroll" tabindex="0" role="group" aria-label="{label}">{shape.markup()}</figure>'


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose first column names rows; texts are escaped here."""
    top = "".join(f'<th scope="col"{" class=n" if at else ""}>{_text(cell)}</th>' for at, cell in enumerate(head))
    body = "".join(
        f'<tr><th scope="row">{_text(first)}</th>{"".join(f"<td class=n>{_text(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{_text(caption)}"><table><caption>{_text(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _definitions(lines: Sequence[Line]) -> Iterator[str]:
    """Which definitions hold: as far as bounds tell, and never by the value alone."""
    if not lines:
        return
    yield "<h3>Definitions side by side</h3>"
    yield "<p>A definition fails where its bounds exclude the ideal. No data show that one holds exactly; how far it can be off at most is the far bound.</p>"
    yield _table(
        "Definitions of fairness: value, bounds, ideal",
        ("definition", "value", "low", "high", "ideal", "what the data say", "between"),
        (
            (
                line.title,
                _decimal(line.value),
                _decimal(line.low),
                _decimal(line.high),
                f"{line.ideal:g}",
                _standing(line),
                " and ".join(line.pair),
            )
            for line in lines
        ),
    )


def _standing(line: Line) -> str:
    if line.value is None:
        return "✕ cannot be told"
    if line.low is None or line.high is None:
        return "? no bounds"
    if line.low > line.ideal or line.high < line.ideal:
        return "≠ does not hold"
    return f"≈ not excluded; off by at most {max(line.high - line.ideal, line.ideal - line.low):.3f}"


def _conflicts(found: Audit, over: str) -> Iterator[str]:
    own = found.conflicts.get(over, ())
    if not own:
        return
    yield "<h3>What cannot hold together</h3>"
    names = list(dict.fromkeys(name for conflict in own for name in conflict.definitions))
    yield _table(
        "Each column is a set of definitions that cannot all hold for these counts",
        ("definition", *(f"set {n}" for n in range(1, len(own) + 1))),
        ((name, *("● in it" if name in conflict.definitions else "" for conflict in own)) for name in names),
    )
    yield "<ol>" + "".join(f"<li>{_text(conflict.reason)}</li>" for conflict in own) + "</ol>"
    identity = found.identity.get(over, {})
    if identity:
        yield _table(
            "False positive rate = p / (1 - p) × (1 - PPV) / PPV × (1 - FNR), for each group",
            ("group", "base rate p", "PPV", "FNR", "follows", "is seen"),
            (
                (name, *(_decimal(value) for value in (one.base_rate, one.ppv, one.fnr, one.implied, one.observed)))
                for name, one in list(identity.items())[:_MOST_ROWS]
            ),
        )


def _frontier(found: Audit, over: str) -> Iterator[str]:
    curves = {name: points for name, points in found.frontier.get(over, {}).items() if points}
    if not curves:
        return
    yield "<h3>What remains possible</h3>"
    yield "<p>The least share of wrong decisions, with thresholds for each group and mixtures of them, if groups may differ by so much. It is computed for this table; for other data it is an estimate without bounds.</p>"
    widest = 0.2  # beyond, lines are level or nearly so, and the table has the rest
    yield _figure(
        several(
            f"Least error by allowed difference, by {over.replace('*', ' and ')}",
            {name: [(p.gap, p.error) for p in points if p.gap <= widest] for name, points in curves.items()},
            ("allowed difference between groups", "least error"),
        )
    )
    gaps = sorted({p.gap for points in curves.values() for p in points})
    yield _table(
        "Least error by allowed difference",
        ("definition", *(f"{gap:g}" for gap in gaps), "as decided now"),
        (
            (name, *(_share({p.gap: p.error for p in points}.get(gap)) for gap in gaps), _now(found, over, name))
            for name, points in curves.items()
        ),
    )


def _now(found: Audit, over: str, definition: str) -> str:
    seen = found.seen.get(over, {}).get(definition)
    return "" if seen is None else f"{seen.error:.2%} at {seen.gap:.3g}"


def _measured(found: Audit, over: str) -> Iterator[str]:
    rows = list(found.measured.get(over, ()))
    if found.alike is not None:
        rows += found.alike.measured.get(over, ())
    if not rows:
        return
    yield "<h3>Scores, rankings and people who are alike</h3>"
    by = (
        ""
        if found.alike is None
        else f" People are alike in {', '.join(found.alike.features)}, and compared with their nearest five."
    )
    yield f"<p>As seen in this table: these have no bounds, and say nothing of other tables.{_text(by)}</p>"
    yield _table(
        "Quantities without bounds, and of how many people",
        ("quantity", "of", "value", "n"),
        (
            (one.quantity.replace("_", " "), ", ".join(one.groups) or "all", _decimal(one.value), f"{one.n:,}")
            for one in rows[:_MOST_ROWS]
        ),
    )
    if len(rows) > _MOST_ROWS:
        yield f"<p>{len(rows) - _MOST_ROWS:,} more are in <code>--format json</code>.</p>"


def _rates(cells: Sequence[Cell], drawn: Drawn) -> Iterator[str]:
    sizes: dict[str, int] = {}
    for cell in cells:
        sizes[cell.group] = max(sizes.get(cell.group, 0), cell.rows)
    kept = set(sorted(sizes, key=lambda name: (-sizes[name], name))[:_MOST_ROWS])
    if len(sizes) > len(kept):
        yield f"<p>Shown are the {len(kept)} largest of {len(sizes):,} groups; <code>--format json</code> has all.</p>"
    for metric in dict.fromkeys(cell.metric for cell in cells):
        own = [cell for cell in cells if cell.metric == metric]
        hits, trials = sum(c.hits for c in own), sum(c.trials for c in own)
        shown = [cell for cell in own if cell.group in kept]
        title = drawn.titles.get(metric, metric)
        overall = hits / trials if trials else None
        yield f"<h3>{_text(title[:1].upper() + title[1:])}</h3>"
        if overall is not None:
            yield f'<p class="quiet">The dashed line is at {overall:.2%}, the rate of all these groups together.</p>'
        yield _figure(
            forest([Row(c.group, c.value, c.low, c.high, c.rows) for c in shown], f"{title} by group", reference=overall)
        )
        yield _table(
            f"{title}: value, bounds and number of people",
            ("group", "value", "low", "high", "n"),
            ((c.group, _share(c.value), _share(c.low), _share(c.high), f"{c.rows:,}") for c in shown),
        )


def _roc(found: Audit, over: str, drawn: Drawn) -> Iterator[str]:
    curves = drawn.curves[over].roc
    if not curves:
        return
    yield "<h3>ROC curves</h3>"
    names = list(curves)[:_MOST_PANELS]
    if drawn.bands:
        yield f"<p>The bands of these groups hold together with {found.confidence:.1%} confidence at every threshold, whatever the distribution of scores (Dvoretzky, Kiefer, Wolfowitz, Massart).</p>"
    else:
        yield "<p>Rows are weighted, so there are no bands.</p>"
    yield '<div class="panels">'
    for name in names:
        others = [curves[other].points for other in names if other != name]
        shape = square(
            f"ROC curve of {name}",
            curves[name].points,
            others,
            ("false positive rate", "true positive rate"),
            band=drawn.bands.get((over, name), ()),
        )
        yield f"<div><h4>{_text(name)}</h4>{_figure(shape)}</div>"
    yield "</div>"
    scores = found.scores.get(over, {})
    yield _table(
        "Area under each curve, how far each rate may be off at most, and number of people",
        ("group", "area", "standard error", "false positive rate ±", "true positive rate ±", "negatives", "positives"),
        (
            (
                name,
                _decimal(scores.get(name, {}).get("auc")),
                _decimal(scores.get(name, {}).get("auc_standard_error")),
                _decimal(curve.across),
                _decimal(curve.up),
                f"{curve.negatives:,.6g}",
                f"{curve.positives:,.6g}",
            )
            for name, curve in list(curves.items())[:_MOST_ROWS]
        ),
    )
    yield from _panels_left(len(curves))


def _panels_left(many: int) -> Iterator[str]:
    if many > _MOST_PANELS:
        yield f'<p class="quiet">Drawn are the {_MOST_PANELS} largest of {many} groups.</p>'


def _calibration(found: Audit, own: Curves) -> Iterator[str]:
    groups = {name: bins for name, bins in own.calibration.items() if bins}
    if not groups:
        return
    yield "<h3>Calibration</h3>"
    yield f"<p>How often the truth was positive among people of similar scores. The bounds of these groups hold together with {found.confidence:.1%} confidence.</p>"
    if not own.unit:
        yield "<p>Scores are not between 0 and 1, so they are no probabilities, and groups are compared only with each other.</p>"
    yield '<div class="panels">'
    names = list(groups)[:_MOST_PANELS]
    for name in names:
        shape = calibration(
            f"Calibration of {name}",
            [
                Interval(b.score, b.positive, b.positive if b.low is None else b.low, b.positive if b.high is None else b.high)
                for b in groups[name]
            ],
            [[(b.score, b.positive) for b in groups[other]] for other in names if other != name],
            own.span,
            ("mean score", "share of positive truth"),
            diagonal=own.unit,
        )
        yield f"<div><h4>{_text(name)}</h4>{_figure(shape)}</div>"
    yield "</div>"
    yield _table(
        "Share of positive truth by score",
        ("group", "mean score", "share", "low", "high", "n"),
        (
            (name, f"{b.score:.4g}", _share(b.positive), _share(b.low), _share(b.high), f"{b.rows:,.6g}")
            for name in names
            for b in groups[name]
        ),
    )
    yield from _panels_left(len(groups))


def _sites(found: Audit, drawn: Drawn) -> Iterator[str]:
    if not drawn.sites:
        return
    yield '<section><h2 id="sites">By site</h2>'
    yield f"<p>Limits are those that a site of its size leaves by chance with a probability of at most {1 - found.confidence:.1%} if it is like all others. Sites differ in whom they serve, which is not accounted for here: see <code>probatum fairness decompose</code>.</p>"
    for (column, metric), own in drawn.sites.items():
        title = f"{drawn.titles.get(metric, metric)} by {column}"
        yield f"<h3>{_text(title[:1].upper() + title[1:])}</h3>"
        yield f"<p>{len(own.sites):,} sites; at most {own.by_chance:.1f} are expected outside their own limits by chance.</p>"
        seen = [Site(s.cases, s.events / s.cases, *s.funnel, bool(s.outside_all)) for s in own.sites]
        yield _figure(funnel(seen, own.overall, title, ("number of cases", "rate")))
        told = sorted(own.sites, key=lambda s: (not s.outside_all, not s.outside, -s.cases))[:_MOST_SITES]
        yield _table(
            f"{title}: rate, limits and number of cases",
            ("site", "rate", "limit below", "limit above", "n", "outside its limits", "outside those for all sites"),
            (
                (
                    s.site,
                    _share(s.events / s.cases),
                    _share(s.funnel[0]),
                    _share(s.funnel[1]),
                    f"{s.cases:,}",
                    s.outside,
                    s.outside_all,
                )
                for s in told
            ),
        )
    yield "</section>"
