"""`probatum check`: find defects in a directory."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probatum.cli import asked, delivery
from probatum.cli.progress import Line
from probatum.report import render

if TYPE_CHECKING:
    from probatum.engine import CheckOptions
    from probatum.engine.workers import Warm


@click.command("check")
@asked.root_argument
@asked.format_option()
@asked.output_option
@click.option("--verbose", "-v", is_flag=True, help="List what is otherwise counted: everything cleared and undecided.")
@click.option("--quiet", "-q", is_flag=True, help="Print only the last line.")
@click.option(
    "--write-tests",
    "tests",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write a pytest file for every call that breaks a contract.",
)
@click.option("--watch", "-w", "watched", is_flag=True, help="Check again whenever a file changes, until interrupted.")
@asked.color_option
@asked.check_options
def command(
    *,
    root: Path,
    format: str,
    outputs: Sequence[asked.Output],
    verbose: bool,
    quiet: bool,
    tests: Path | None,
    watched: bool,
    no_color: bool,
    options: CheckOptions,
) -> int:
    """Find defects in PATH, by default the current directory.

    What is shown has been checked again by code that had no part in finding it.
    Formats: text, json, sarif, junit, github (annotations), html (one page).
    With -v, sarif lists what was cleared, too.
    """
    from probatum import engine

    asked.existing(root)
    base = engine.base_of(root)
    docs = {rule.id: rule.docstring for rule in engine.list_rules()}
    named = "" if root == Path() else str(root)
    color = delivery.wants_color(refused=no_color)

    def once(warm: Warm | None = None) -> int:
        report = engine.check(root, options, Line(), warm=warm)
        shown = functools.partial(
            render, report, root=base, verbose=verbose, hidden=options.show_suppressed, docs=docs, named=named
        )
        files = [(o.path, shown(o.format)) for o in outputs]
        if tests is not None:
            tests.mkdir(parents=True, exist_ok=True)
            files += [(tests / name, text) for name, text in delivery.tests_of(report)]
        written = delivery.write(files)
        delivery.say(shown(format, color=color, quiet=quiet, written=written))
        return report.exit_status if len(written) == len(files) else 2

    if not watched:
        return once()
    from probatum.cli.watching import look_at, watch
    from probatum.engine.workers import Warm

    own = [*(output.path.resolve() for output in outputs), *([tests.resolve()] if tests is not None else [])]
    with Warm() as warm:
        return watch(lambda: once(warm), lambda: look_at(base, engine.suffixes(), own), base)
