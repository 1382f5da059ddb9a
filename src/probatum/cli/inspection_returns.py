"""`probatum inspection returns`: what follows from units that customers sent back."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.inspection_judged import judged
from probatum.cli.inspection_lines import say_all
from probatum.report.words import count

if TYPE_CHECKING:
    from probatum.inspection.service.returning import Joined

_TOLD = 10


@click.command("returns")
@click.argument("policy", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--until", type=click.DateTime(), help="Until when, in UTC, TABLE has all returns; by default now.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(*, policy: Path, table: Path, until: datetime | None, as_json: bool) -> None:
    """Join TABLE, units that customers sent back, with what POLICY let pass.

    TABLE is CSV with the columns `capture_id`, `at` and `confirmed`, which says whether
    somebody looked and it was damaged when it was shipped. Returns come late, and not
    everything that is damaged comes back: so they bound from below how much was shipped
    damaged, and raise the lower end of what the queue bounds.
    """
    from probatum.inspection.artefacts.returned import read_returns
    from probatum.inspection.service.goods import goods_at
    from probatum.inspection.service.returning import join

    returns = read_returns(table)
    now = datetime.now(UTC) if until is None else until.replace(tzinfo=UTC)
    with goods_at(policy) as goods:
        decided = judged(goods)
    found = join(decided, returns, source=table, folder=policy.resolve().parent, now=now)
    if as_json:
        click.echo(json.dumps(_said(found), indent=2))
    else:
        say_all(_lines(found))


def _said(found: Joined) -> dict[str, Any]:
    told = found.returned
    return {
        "schema": "probatum-inspection-returns/1",
        "shipped": told.shipped,
        "confirmed": told.confirmed,
        "unconfirmed": told.unconfirmed,
        "share_at_least": told.share_at_least,
        "probability_at_least": told.at_least.low,
        "confidence": told.at_least.confidence,
        "shipped_damaged": None if found.shipped_damaged is None else list(found.shipped_damaged),
        "reported": None if found.reported is None else list(found.reported),
        "queue_confidence": found.confidence,
        "alone": found.alone,
        "delays": {"days": list(told.delays.days), "shares": list(told.delays.shares), "longest": told.delays.longest},
        "complete": dict(told.complete) if told.confirmed else {},
        "unknown": list(told.unknown),
        "put_aside": list(found.aside),
        "without_time": found.timeless,
        "assumptions": list(told.assumptions),
    }


def _lines(found: Joined) -> list[str]:
    told = found.returned
    low = told.at_least.low or 0.0
    back, least, sure = told.confirmed + told.unconfirmed, _share(told.share_at_least), f"{told.at_least.confidence:.0%}"
    lines = [
        f"{count(told.shipped, 'unit')} not put aside, {back:,} came back, {told.confirmed:,} of them damaged",
        f"at least {least} of them were shipped damaged, and each with a probability of at least {_share(low)} ({sure})",
    ]
    if found.shipped_damaged is not None and found.reported is not None:
        ends, share = found.shipped_damaged, found.reported
        lines.append(
            f"with the queue: between {_share(ends[0])} and {_share(ends[1])} were shipped damaged, and between {_share(share[0])} "
            f"and {_share(share[1])} of these came back ({found.confidence:.0%})"
        )
    else:
        lines.append(f"how many damaged units come back is not known: {found.alone}")
    young = [(week, share) for week, share in told.complete.items() if share < 1] if told.confirmed else []
    lines += [f"week of {week}: about {share:.0%} of its returns have come" for week, share in young[-_TOLD:]]
    if told.unknown:
        lines.append(f"{count(len(told.unknown), 'unit')} came back that were not judged here, such as `{told.unknown[0]}`")
    if found.aside:
        lines.append(f"{count(len(found.aside), 'unit')} came back that were put aside, such as `{found.aside[0]}`")
    if found.timeless:
        lines.append(f"{count(found.timeless, 'unit')} left out: nobody says when they were photographed (`at`)")
    return [*lines, "that a unit did not come back says nothing of it"]


def _share(share: float) -> str:
    """Return a share with three digits, in percent."""
    digits = 1 if share <= 0 else max(1, 1 - math.floor(math.log10(share)))
    return f"{share:.{min(digits, 8)}%}" if share < 0.1 else f"{share:.1%}"
