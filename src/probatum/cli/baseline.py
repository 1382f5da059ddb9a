"""`probatum baseline`: accept what is found today, to see only what is new."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probatum.cli import asked, delivery
from probatum.cli.progress import Line
from probatum.report.quoting import plain
from probatum.report.words import count, place

if TYPE_CHECKING:
    from probatum.engine import CheckOptions


@click.group("baseline")
def group() -> None:
    """Accept what is found today, to see only what is new."""


@group.command("update")
@asked.root_argument
@click.option("--shrink-only", is_flag=True, help="Forget what is gone, accept nothing new.")
@asked.check_options
def update(*, root: Path, shrink_only: bool, options: CheckOptions) -> int:
    """Accept every finding there is now in PATH, and forget those that are gone."""
    from probatum import engine

    change = engine.update_baseline(asked.existing(root), options, Line(), shrink_only=shrink_only)
    lines = [f"+ {plain(finding.rule)}  {place(finding)}  {plain(finding.message)}" for finding in change.added]
    lines += [f"- {plain(text)}" for text in change.removed]
    lines.append(
        f"{plain(str(change.path))}: {len(change.added):,} accepted, {len(change.removed):,} forgotten, {change.kept:,} as before"
    )
    delivery.say("\n".join(lines) + "\n")
    return 0


@group.command("show")
@asked.root_argument
@asked.check_options
def show(*, root: Path, options: CheckOptions) -> int:
    """List the findings in PATH that the baseline hides, as they are now."""
    from probatum import engine

    report = engine.check(asked.existing(root), dataclasses.replace(options, use_baseline=True), Line())
    hidden = [item.outcome for item in report.hidden if item.by == "baseline"]
    lines = [f"{plain(f.rule)}  {place(f)}  {plain(f.message)}  {f.fingerprint[:12]}" for f in hidden]
    lines.append(f"{count(len(hidden), 'finding')} hidden by the baseline")
    delivery.say("\n".join(lines) + "\n")
    return 0
