"""`probatum repair`: edits that were tried, as a diff or in the files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from probatum.cli import asked, delivery
from probatum.cli.progress import Line
from probatum.report.quoting import Pen, plain, plain_lines
from probatum.report.text import diff_line
from probatum.report.words import count, place

if TYPE_CHECKING:
    from probatum.engine import CheckOptions


@click.command("repair")
@click.argument("wanted", metavar="[NUMBER|FINGERPRINT]...", nargs=-1)
@click.option("--write", is_flag=True, help="Write the files; without it, only the diff is printed.")
@asked.root_option
@asked.color_option
@asked.check_options
def command(*, wanted: tuple[str, ...], write: bool, root: Path, no_color: bool, options: CheckOptions) -> int:
    """Show repairs of the findings named, or of all, as a unified diff.

    Each was tried: afterwards the rule finds nothing there, and no rule finds
    anything new. Exit status: 0 every finding has a repair, 1 some have none.
    """
    from probatum import engine

    result = engine.repair(asked.existing(root), options, wanted, write=write, progress=Line())
    pen = Pen(delivery.wants_color(refused=no_color))
    lines = []
    for text in result.diffs.values():
        lines += [diff_line(line, pen) for line in plain_lines(text.rstrip("\n"))]
    for finding in result.repaired:
        title = finding.repair.title if finding.repair is not None else ""
        lines.append(f"# {plain(finding.rule)}  {place(finding)}: {plain(title)}")
    for finding, reason in result.failed:
        lines.append(f"# {pen('no repair', 'bold', 'yellow')}  {plain(finding.rule)}  {place(finding)}: {plain(reason)}")
    done = "" if not result.repaired else "; written" if result.written else "; `--write` writes them"
    lines.append(f"# {count(len(result.repaired), 'repair')}, {count(len(result.failed), 'finding')} without{done}")
    delivery.say("\n".join(lines) + "\n")
    return result.exit_status
