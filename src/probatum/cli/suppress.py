"""`probatum suppress`: answer for single findings, with a reason, an owner and an end."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probatum.cli import asked, delivery
from probatum.cli.progress import Line
from probatum.errors import UsageError
from probatum.report.quoting import plain
from probatum.report.words import count, place

if TYPE_CHECKING:
    from probatum.engine import CheckOptions, Suppression

_categories = ("false-positive", "accepted-risk", "fix-scheduled", "test-data")


@click.group("suppress")
def group() -> None:
    """Answer for single findings, with a reason, an owner and an end."""


@group.command("add")
@click.argument("what", metavar="NUMBER|FINGERPRINT|RULE")
@click.option("--category", required=True, type=click.Choice(_categories), help="Why it is not to be fixed now.")
@click.option("--reason", required=True, help="In words that convince a colleague.")
@click.option("--owner", required=True, help="Who answers for it.")
@click.option(
    "--until",
    metavar="DAY",
    type=asked.DayType(),
    help="The last day it holds; default: 90 days from now, none for a false positive.",
)
@click.option("--subject", metavar="GLOB", default="", help="With a RULE: what it is about.")
@asked.root_option
@asked.check_options
def add(
    *, what: str, category: str, reason: str, owner: str, until: date | None, subject: str, root: Path, options: CheckOptions
) -> int:
    """Suppress one finding, or what a RULE says about the subjects that --subject matches."""
    from probatum import engine
    from probatum.cli.explain import wanted

    target = {"rule": what, "subject": subject} if "/" in what else {}
    if target and not subject:
        raise UsageError("a rule alone would hide all it ever finds", help="say about what with `--subject`, a glob")
    if not target:
        report = engine.check(asked.existing(root), options, Line())
        target = {"fingerprint": wanted(what, report.findings, [h.outcome for h in report.hidden]).fingerprint}
    entry = engine.add_suppression(
        asked.existing(root), category=category, reason=reason, owner=owner, until=until, today=options.today, **target
    )
    delivery.say(f"{plain(entry.path)}:{entry.line}: {_in_a_line(entry)}\n")
    return 0


@group.command("prune")
@asked.root_argument
@asked.check_options
def prune(*, root: Path, options: CheckOptions) -> int:
    """Remove the entries that no finding in PATH needs any more."""
    from probatum import engine

    result = engine.prune_suppressions(asked.existing(root), options, Line())
    lines = [f"- {_in_a_line(entry)}" for entry in result.removed]
    lines.append(f"{plain(str(result.path))}: {len(result.removed):,} removed, {result.kept:,} kept")
    delivery.say("\n".join(lines) + "\n")
    return 0


@group.command("list")
@asked.root_argument
@asked.check_options
def show(*, root: Path, options: CheckOptions) -> int:
    """List the findings in PATH that are suppressed, why, by whom and until when."""
    from probatum import engine

    report = engine.check(asked.existing(root), options, Line())
    hidden = [item for item in report.hidden if item.by == "suppression"]
    lines = []
    for item in hidden:
        until = f", until {plain(item.until)}" if item.until else ""
        lines.append(f"{plain(item.outcome.rule)}  {place(item.outcome)}  {plain(item.outcome.message)}")
        lines.append(f"  {plain(item.reason)}, {plain(item.owner)}{until}")
    lines.append(f"{count(len(hidden), 'finding')} suppressed")
    delivery.say("\n".join(lines) + "\n")
    return 0


def _in_a_line(entry: Suppression) -> str:
    what = f"{entry.rule} {entry.subject}" if entry.rule else entry.fingerprint
    until = f", until {entry.until}" if entry.until else ""
    return plain(f"{what} {entry.category}: {entry.reason} ({entry.owner}{until})")
