"""`probatum inspection causes`: where more is damaged than elsewhere."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.inspection_judged import judged
from probatum.cli.inspection_lines import say_all
from probatum.errors import UsageError
from probatum.report.words import count

if TYPE_CHECKING:
    from probatum.inspection.model.contrasts import Cause
    from probatum.inspection.semantics.goods import Goods
    from probatum.inspection.service.causes import Causes
    from probatum.inspection.service.returning import FollowedUp

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
@click.option(
    "--returns",
    "table",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Compare what customers sent back, by a table as for `returns`, instead of what people here said.",
)
@click.option(
    "--within",
    "days",
    type=click.IntRange(1, 3650),
    default=30,
    show_default=True,
    help="Days for which each shipped unit is watched, with `--returns`.",
)
@click.option("--until", type=click.DateTime(), help="Until when, in UTC, that table has all returns; by default now.")
@click.option("--no-pairs", is_flag=True, help="Compare no pairs, such as one vendor at one station.")
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="That nothing at all is named by accident.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(
    *,
    policy: Path,
    columns: tuple[str, ...],
    labels: bool,
    table: Path | None,
    days: int,
    until: datetime | None,
    no_pairs: bool,
    confidence: float,
    as_json: bool,
) -> None:
    """Say where more of the units of POLICY are damaged than elsewhere.

    By what people said of units that `queue draw` picked, or else by labels of the
    manifest. A level of a column is compared with the others among units that are
    alike in the other columns. It says where to look, and proves no cause. Where what
    is known could show no difference at all, that is said instead. With `--returns`,
    units count as damaged that came back so: not all do, and that is told.
    """
    from probatum.inspection.service.causes import causes, causes_of_returns
    from probatum.inspection.service.goods import goods_at

    if labels and table is not None:
        raise UsageError("`--labels` and `--returns` exclude each other", help="name one of them: they say different things")
    with goods_at(policy) as goods:
        if table is not None:
            watched = _watched(goods, table, days, datetime.now(UTC) if until is None else until.replace(tzinfo=UTC))
            found = causes_of_returns(watched, columns=columns or COLUMNS, pairs=not no_pairs, confidence=confidence)
        else:
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
        say_all(_lines(found))


def _watched(goods: Goods, table: Path, days: int, now: datetime) -> FollowedUp:
    from probatum.inspection.artefacts.returned import read_returns
    from probatum.inspection.service.returning import followed_up

    returns = read_returns(table)
    return followed_up(judged(goods), returns, source=table, now=now, days=days)


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
    by = {"queue": f"by {found.part:.0%} of the queue", "labels": "by labels of the manifest"}.get(
        found.source, "by what came back"
    )
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
