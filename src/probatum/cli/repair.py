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
@click.argument("wanted", metavar="[NUMBER|FINGERPRINT|FUNCTION]...", nargs=-1)
@click.option(
    "--invariants",
    is_flag=True,
    help="Write down the invariants of loops that proofs had to guess; what is named are functions.",
)
@click.option("--write", is_flag=True, help="Write the files; without it, only the diff is printed.")
@asked.root_option
@asked.color_option
@asked.check_options
def command(*, wanted: tuple[str, ...], invariants: bool, write: bool, root: Path, no_color: bool, options: CheckOptions) -> int:
    """Show repairs of the findings named, or of all, as a unified diff.

    Each was tried: afterwards the rule finds nothing there, and no rule finds
    anything new. Exit status: 0 every finding has a repair, 1 some have none.

    With `--invariants`: for functions in which nothing was found, that are
    proved only with invariants that nobody wrote. As few as suffice are written
    into their loops, and they are proved as they then are.
    """
    from probatum import engine

    if invariants:
        return _complete(asked.existing(root), options, wanted, write=write, no_color=no_color)
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


def _complete(root: Path, options: CheckOptions, wanted: tuple[str, ...], *, write: bool, no_color: bool) -> int:
    """Show, and on request write, what loops keep."""
    from probatum import engine

    result = engine.complete(root, options, wanted, write=write, progress=Line())
    pen = Pen(delivery.wants_color(refused=no_color))
    lines = []
    for text in result.diffs.values():
        lines += [diff_line(line, pen) for line in plain_lines(text.rstrip("\n"))]
    for one in result.added:
        said = ", ".join(f"`{text}`" for _, text in one.texts)
        lines.append(f"# {plain(one.subject)}  {plain(str(one.location))}: proved without a guess, with {plain(said)}")
    for one in result.failed:
        lines.append(
            f"# {pen('nothing added', 'bold', 'yellow')}  {plain(one.subject)}  {plain(str(one.location))}: {plain(one.reason)}"
        )
    done = "" if not result.added else "; written" if result.written else "; `--write` writes them"
    number = sum(len(one.texts) for one in result.added)
    lines.append(
        f"# {count(number, 'invariant')} for {count(len(result.added), 'function')}, none for {len(result.failed)}{done}"
    )
    delivery.say("\n".join(lines) + "\n")
    return result.exit_status
