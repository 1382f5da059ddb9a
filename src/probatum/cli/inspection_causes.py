"""`probatum inspection causes`: where more is damaged than elsewhere."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.report.words import count

if TYPE_CHECKING:
    from probatum.inspection.model.contrasts import Cause
    from probatum.inspection.service.causes import Causes

COLUMNS = ("station", "shift", "vendor", "lot", "camera")


@click.command("causes")
@click.argument("policy", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--column",
    "columns",
    multiple=True,
    type=click.Choice(COLUMNS),
    help="Only this column; may be repeated. Units are not held alike in others then.",
)
@click.option("--labels", is_flag=True, help="Use labels of the manifest, though there is a queue.")
@click.option("--no-pairs", is_flag=True, help="Compare no pairs, such as one vendor at one station.")
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="That nothing at all is named by accident.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(*, policy: Path, columns: tuple[str, ...], labels: bool, no_pairs: bool, confidence: float, as_json: bool) -> None:
    """Say where more of the units of POLICY are damaged than elsewhere.

    By what people said of units that `queue draw` picked, or else by labels of the
    manifest. A level of a column is compared with the others among units that are
    alike in the other columns. It says where to look, and proves no cause. Where what
    is known could show no difference at all, that is said instead.
    """
    from probatum.inspection.service.causes import causes
    from probatum.inspection.service.goods import goods_at

    with goods_at(policy) as goods:
        found = causes(
            goods,
            policy.resolve().parent,
            columns=columns or COLUMNS,
            labels=labels,
            pairs=not no_pairs,
            confidence=confidence,
        )
    if as_json:
        click.echo(json.dumps(_said(found), indent=2))
    else:
        click.echo("\n".join(_lines(found)))


def _said(found: Causes) -> dict[str, Any]:
    told = found.found
    return {
        "schema": "probatum-inspection-causes/1",
        "source": found.source,
        "part_of_queue": found.part,
        "looked": found.looked,
        "damaged": found.damaged,
        "comparisons": told.comparisons,
        "confidence": told.confidence,
        "exact": told.exact,
        "found": [_cause(one) for one in told.found],
        "others": [_cause(one) for one in told.others],
        "same": dict(told.same),
        "assumptions": list(told.assumptions),
        "notes": list(told.notes),
    }


def _cause(one: Cause) -> dict[str, Any]:
    return asdict(one) | {"levels": dict(one.levels), "explained_by": dict(one.explained_by)}


def _lines(found: Causes) -> list[str]:
    told = found.found
    by = f"by {found.part:.0%} of the queue" if found.source == "queue" else "by labels of the manifest"
    sure = f"{told.comparisons:,} comparisons, {told.confidence:.0%} sure that nothing is named by accident"
    lines = [f"{found.damaged:,} of {count(found.looked, 'unit')} damaged, {by}; {sure}"]
    for one in told.found:
        within = f"; among units alike in {', '.join(one.within)}" if one.within else ""
        lines.append(f"{one}{within}")
        if one.explained_by:
            lines.append("  explained by " + ", ".join(f"{column} `{level}`" for column, level in one.explained_by))
    if not told.found:
        lines.append("no difference is too large for an accident; smaller ones may be there")
    lines += [f"`{name}` says the same as `{other}`: it may be either" for name, other in told.same.items()]
    return [*lines, *told.notes, told.assumptions[-1]]
