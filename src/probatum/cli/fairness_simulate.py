"""`probatum fairness simulate`: write a made table whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path

import click

from probatum.cli import asked


@click.command("simulate")
@click.argument("cohort", type=click.Choice(["cardiac"]))
@click.option("--rows", type=click.IntRange(100, 10_000_000), default=20_000, show_default=True, help="How many patients.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all chance.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("simulated-cardiac.parquet"),
    show_default=True,
    help="Where to; ends in `.parquet` or `.csv`.",
)
@asked.format_option("text", "json")
def command(*, cohort: str, rows: int, seed: int, out: Path, format: str) -> int:
    """Write a SIMULATED table, and say what is true of the population it is drawn from.

    COHORT is `cardiac`: patients of cardiac surgery, with race, age, sex, socioeconomic
    status, clinical risk, hospital and death within 30 days.
    """
    from probatum.synth.cardiac import COLUMNS, MEDIATORS, NOTICE, Population
    from probatum.synth.tables import write

    population = Population()
    how = {"command": f"probatum fairness simulate {cohort} --rows {rows} --seed {seed}"}
    beside = write(population.draw(rows, seed), out, notice=NOTICE, described=COLUMNS, made_by=how)
    truth = {name: population.truth([name]) for name in MEDIATORS}
    if format == "json":
        parts = {name: {"initial": t.initial, "reduction": t.reduction, "remaining": t.remaining} for name, t in truth.items()}
        click.echo(json.dumps({"notice": NOTICE, "table": str(out), "description": str(beside), "truth": parts}, indent=2))
        return 0
    click.echo(f"{out}: {rows:,} rows. {NOTICE}.")
    click.echo(f"30-day mortality in the population: black {population.mortality(1):.2%}, white {population.mortality(0):.2%}")
    for name, one in truth.items():
        click.echo(
            f"given age and sex: disparity {one.initial:.3%}, through {name} {one.reduction:.3%}, not through it {one.remaining:.3%}"
        )
    return 0
