"""`probatum gc`: free the disk of what no recent check needs."""

from __future__ import annotations

from pathlib import Path

import click

from probatum.cli import asked, delivery
from probatum.report.words import count


@click.command("gc")
@asked.root_argument
@click.option(
    "--keep", metavar="N", type=click.IntRange(min=0), default=10, help="How many checks to keep everything of; default 10."
)
def command(*, root: Path, keep: int) -> int:
    """Remove stored results that none of the last checks of PATH used."""
    from probatum import engine

    freed = engine.collect_garbage(asked.existing(root), keep_runs=keep)
    delivery.say(
        f"{count(freed.removed_results, 'result')} and {count(freed.removed_objects, 'object')} removed, "
        f"{freed.freed_bytes / 1e6:,.1f} MB freed; {freed.kept_results:,} and {freed.kept_objects:,} kept\n"
    )
    return 0
