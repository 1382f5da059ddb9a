"""`probatum fairness audit`: every quantity of every group, with bounds that hold for all of them at once."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli import asked
from probatum.errors import UsageError

if TYPE_CHECKING:
    from probatum.fairness.artefacts.policy import Policy
    from probatum.fairness.model.audit import Audit, Cell, Line
    from probatum.fairness.model.audit_scores import Measured
    from probatum.fairness.semantics.relation import Relation

_PAIRS = 6  # between which a quantity is shown; of more only the worst is
_SHOWN = 40  # groups of one attribute that are printed; all are in the JSON


@click.command("audit")
@click.argument("policy", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--over", metavar="ATTRIBUTES", multiple=True, help="Attributes, or an intersection such as `race*sex`; default: all."
)
@click.option("--given", metavar="COLUMN", multiple=True, help="Also compare people who have the same value in this column.")
@click.option(
    "--feature",
    "features",
    metavar="COLUMN",
    multiple=True,
    help="Compare people who are alike in these columns; default: `features` of the policy's `preparation`.",
)
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Also write a page with plots.")
@asked.format_option("text", "json")
def command(
    *, policy: Path, over: tuple[str, ...], given: tuple[str, ...], features: tuple[str, ...], html: Path | None, format: str
) -> int:
    """Show how each group of a policy's table fares, by every definition side by side.

    POLICY is a fairness policy; what it requires is not asked here, see `probatum check`.
    Shown too: which definitions cannot hold together for these counts, and what error
    remains possible when groups may differ only so much.
    """
    from probatum.cli.fairness_files import policy_at, table_of
    from probatum.fairness.model.audit import audit
    from probatum.fairness.semantics.relation import opened

    read = policy_at(policy)
    with opened(table_of(read, policy)) as relation:
        found = audit(read, relation, over=over, given=given, features=features)
        page = "" if html is None else _page(found, read, relation)
    if html is not None:
        _write(html, page)
    if format == "json":
        click.echo(json.dumps(_finite(asdict(found)), indent=2))
        return 0
    for line in described(found):
        click.echo(line)
    return 0


def _page(found: Audit, policy: Policy, relation: Relation) -> str:
    """Return a page with plots; what it shows besides the audit is counted here."""
    from probatum.fairness.model.curves import band, curves
    from probatum.fairness.model.sites_seen import sites_seen
    from probatum.fairness.semantics.metrics import RATES
    from probatum.report.fairness_audit import Drawn, page

    scored = bool(policy.decision.score and policy.decision.label)
    overs = dict.fromkeys(cell.over for cell in found.cells)
    own = {over: curves(policy, relation, over) for over in overs} if scored else {}
    outlines = {(over, name): band(one) for over, part in own.items() for name, one in part.roc.items()}
    drawn = Drawn(
        subject=policy.subject,
        titles={name: rate.title for name, rate in RATES.items()},
        curves=own,
        bands={key: outline for key, outline in outlines.items() if outline},
        sites=sites_seen(policy, relation),
    )
    return page(found, drawn)


def _write(place: Path, page: str) -> None:
    try:
        place.write_text(page, encoding="utf-8")
    except OSError as wrong:
        raise UsageError(
            f"`{place}` cannot be written: {wrong.strerror}", help="name a file in a folder that exists and is yours"
        ) from wrong


def described(found: Audit) -> Iterator[str]:
    """Yield an audit as lines of text."""
    out = f", {found.excluded:,} left out because an attribute is missing" if found.excluded else ""
    sure = f"{found.family} bounds that hold together with {found.confidence:.1%} confidence" if found.cells else "no bounds"
    yield f"{found.rows:,} rows{out}; {sure}"
    yield from (f"  assuming that {one}" for one in found.assumptions)
    for over in dict.fromkeys([*(cell.over for cell in found.cells), *found.measured]):
        cells = [cell for cell in found.cells if cell.over == over]
        yield ""
        yield f"by {over.replace('*', ' and ')}"
        yield from _rates(cells)
        yield ""
        yield from (_definition(line) for line in found.lines if line.over == over)
        yield from _scores(found, over)
        yield from _measured(found, over)
        yield from _together(found, over)


def _rates(cells: list[Cell]) -> Iterator[str]:
    names = list(dict.fromkeys(cell.group for cell in cells))
    width = max([8, *(len(name) for name in names[:_SHOWN])])
    for metric in dict.fromkeys(cell.metric for cell in cells):
        yield f"  {metric}"
        for cell in cells:
            if cell.metric == metric and cell.group in names[:_SHOWN]:
                if cell.value is None or cell.low is None or cell.high is None:
                    yield f"    {cell.group:{width}}  nobody is in the denominator"
                else:
                    yield f"    {cell.group:{width}}  {cell.value:7.2%}  [{cell.low:.2%}, {cell.high:.2%}]  of {cell.rows:,}"
    if len(names) > _SHOWN:
        yield f"  and {len(names) - _SHOWN:,} more groups, which `--format json` shows"


def _definition(line: Line) -> str:
    if line.value is None:
        why = f": nobody is in the denominator in {len(line.absent):,} groups" if line.absent else ""
        return f"  {line.definition:44} cannot be told{why}"
    bounds = f"[{line.low:.4f}, {line.high:.4f}]" if line.low is not None and line.high is not None else "no bounds"
    pair = f"  `{line.pair[0]}` and `{line.pair[-1]}`" if line.pair else ""
    out = f"  (without {len(line.absent):,} groups that have none)" if line.absent else ""
    return f"  {line.definition:44} {line.value:8.4f}  {bounds:20}{pair}{out}"


def _scores(found: Audit, over: str) -> Iterator[str]:
    rows = found.scores.get(over, {})
    if not rows:
        return
    yield ""
    yield "  scores"
    for name, row in list(rows.items())[:_SHOWN]:
        told = ", ".join(
            f"{what.replace('_', ' ')} {value:.4f}" for what, value in row.items() if what != "n" and value is not None
        )
        yield f"    `{name}` (n={row['n']:,}): {told}"


def _measured(found: Audit, over: str) -> Iterator[str]:
    rows = found.measured.get(over, ())
    if rows:
        yield ""
        yield "  of scores and predictions, as seen: without bounds"
        yield from _listed(rows)
    if found.alike is None:
        return
    yield ""
    by = ", ".join(f"`{name}`" for name in found.alike.features)
    if found.alike.why_not:
        yield f"  people alike in {by} are not compared: {found.alike.why_not}"
        return
    out = f"; {found.alike.left_out:,} rows lack something" if found.alike.left_out else ""
    yield f"  of people alike in {by}, with their nearest five, as seen: without bounds{out}"
    yield from _listed(found.alike.measured.get(over, ()))


def _listed(rows: Sequence[Measured]) -> Iterator[str]:
    """Yield each quantity; of those between two groups, where they are many, only the one that is furthest from what is ideal."""
    from probatum.fairness.model.audit_scores import PAIRWISE

    shown = 0
    for quantity in dict.fromkeys(one.quantity for one in rows):
        own = [one for one in rows if one.quantity == quantity]
        total = len(own)
        paired = total > _PAIRS and all(len(one.groups) == 2 for one in own)
        if paired:
            own = [min(own, key=lambda one: one.value) if quantity == PAIRWISE else max(own, key=lambda one: one.value)]
        for one in own[:_SHOWN]:
            who = (" over " if quantity == PAIRWISE else " and ").join(f"`{name}`" for name in one.groups) or "all"
            worst = f", the worst of {total} pairs" if paired else ""
            yield f"    {one.quantity:24} {one.value:10.4f}  {who} (n={one.n:,}){worst}"
            shown += 1
    if shown < len(rows):
        yield f"    and {len(rows) - shown:,} more, which `--format json` shows"


def _together(found: Audit, over: str) -> Iterator[str]:
    for conflict in found.conflicts.get(over, ()):
        yield ""
        yield f"  cannot hold together: {', '.join(conflict.definitions)}"
        yield f"    {conflict.reason}"
    identity = found.identity.get(over, {})
    if identity and found.conflicts.get(over):
        yield ""
        yield "  false positive rate = p / (1 - p) * (1 - PPV) / PPV * (1 - FNR)"
        for name, one in list(identity.items())[:_SHOWN]:
            yield f"    `{name}`: p {one.base_rate:.4f}, PPV {one.ppv:.4f}, FNR {one.fnr:.4f} give {one.implied:.4f}; {one.observed:.4f} is seen"
    for definition, points in found.frontier.get(over, {}).items():
        shown = ", ".join(f"{point.error:.2%} at {point.gap:g}" for point in points)
        yield ""
        yield f"  least error in this table if {definition} may be missed by so much, with thresholds for each group:"
        yield f"    {shown}"
        seen = found.seen.get(over, {}).get(definition)
        if seen is not None:
            yield f"    as decided now: {seen.error:.2%} at {seen.gap:.3g}"


def _finite(value: Any) -> Any:
    """Return JSON without infinities, which it cannot hold."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list | tuple) else value
