"""`probatum fairness audit`: every quantity of every group, with bounds that hold for all of them at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from probatum.cli import asked


@click.command("audit")
@click.argument("policy", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--over", metavar="ATTRIBUTES", multiple=True, help="Attributes, or an intersection such as `race*sex`; default: all."
)
@asked.format_option("text", "json")
def command(*, policy: Path, over: tuple[str, ...], format: str) -> int:
    """Show how each group of a policy's table fares.

    POLICY is a fairness policy; what it requires is not asked here, see `probatum check`.
    """
    from probatum.cli.fairness_files import policy_at, table_of
    from probatum.fairness.semantics.decisions import count, groups
    from probatum.fairness.semantics.metrics import RATES, Confusion
    from probatum.fairness.semantics.relation import opened
    from probatum.stats.bounds import clopper_pearson

    read = policy_at(policy)
    with opened(table_of(read, policy)) as relation:
        cube = count(read, relation).cube
    rows: list[dict[str, Any]] = []
    for one in over or tuple(read.protected):
        parts = {name: Confusion.of(part, rows=True) for name, part in groups(cube, tuple(one.split("*"))).items()}
        for rate in RATES.values():
            if rate.needs_label and not read.decision.label:
                continue
            seen = {name: rate.of(confusion) for name, confusion in parts.items()}
            for name, (hits, trials) in seen.items():
                row: dict[str, Any] = {"over": one, "group": name, "metric": rate.name, "hits": hits, "trials": trials}
                if trials:
                    bound = clopper_pearson(int(hits), int(trials), confidence=1 - read.alpha, family=len(seen))
                    row |= {"value": bound.value, "low": bound.low, "high": bound.high}
                rows.append(row)
    if format == "json":
        click.echo(json.dumps({"confidence": 1 - read.alpha, "rows": rows}, indent=2))
        return 0
    for row in rows:
        much = f"{row['value']:7.1%}  [{row['low']:.1%}, {row['high']:.1%}]" if "value" in row else "      -"
        click.echo(f"{row['metric']:15} {row['over']:12} {row['group']:28} {much:30} {int(row['trials']):>9,}")
    return 0
