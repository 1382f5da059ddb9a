"""`probatum dialogue findings`: what `probatum check` finds in conversations, less what is not asked for."""

from __future__ import annotations

import dataclasses
import functools
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli import asked, delivery
from probatum.cli.progress import Line
from probatum.findings import Finding
from probatum.report.quoting import plain
from probatum.report.words import count

if TYPE_CHECKING:
    from probatum.engine import CheckOptions
    from probatum.findings import Report

_SYSTEM = "dialogue"
FORMATS = ("table", "json", "sarif", "html")


@click.command("findings")
@asked.root_argument
@click.option("--rule", "rules", metavar="RULE", multiple=True, help="Only these rules, as `request-fails`; may be repeated.")
@click.option("--stage", metavar="NAME", help="Only what is about this stage: `recognition`, `understanding` ...")
@click.option("--user-count", "fewest", metavar="N", type=click.IntRange(1), default=1, help="Only what N users or more show.")
@click.option("--only", metavar="FINGERPRINT", default="", help="Only the finding whose fingerprint begins so.")
@asked.format_option(*FORMATS)
@asked.output_option
@asked.color_option
@asked.check_options
def command(
    *,
    root: Path,
    rules: Sequence[str],
    stage: str | None,
    fewest: int,
    only: str,
    format: str,
    outputs: Sequence[asked.Output],
    no_color: bool,
    options: CheckOptions,
) -> int:
    """List findings about the conversations of PATH, with the command that checks each again.

    Everything is decided by `probatum check`, and read from its cache where it was
    decided before. The table is for people; `json` and `sarif` are the report of
    `check`, and `probatum recheck` reads the former. Exit status: as of `check`,
    of what is listed.
    """
    from probatum import engine
    from probatum.report import render

    asked.existing(root)
    known = {rule.id: rule.docstring for rule in engine.list_rules() if rule.id.startswith(f"{_SYSTEM}/")}
    wanted = [name if name.startswith(f"{_SYSTEM}/") else f"{_SYSTEM}/{name}" for name in rules]
    for name in wanted:
        if name not in known:
            there = ", ".join(rule.partition("/")[2] for rule in sorted(known))
            raise click.BadParameter(f"there is no rule `{name}` about conversations; there are {there}", param_hint="--rule")
    chosen = dataclasses.replace(options, select=tuple(options.select) or tuple(wanted) or (_SYSTEM,))
    report = filtered(engine.check(root, chosen, Line()), rules=wanted, stage=stage, fewest=fewest, only=only)
    shown = functools.partial(render, report, root=engine.base_of(root), docs=known, named="" if root == Path() else str(root))
    written = delivery.write([(output.path, shown(output.format)) for output in outputs])
    if format == "table":
        delivery.say(table(report, root))
    else:
        delivery.say(shown(format, color=delivery.wants_color(refused=no_color)))
    return report.exit_status if len(written) == len(outputs) else 2


def filtered(report: Report, *, rules: Sequence[str] = (), stage: str | None = None, fewest: int = 1, only: str = "") -> Report:
    """Return a report with those findings that are asked for, and of other outcomes those of the same rules.

    What is undecided is left out by its rule alone, or where one finding is named: nobody knows which stage or how many users it
    would be about.
    """
    kept = tuple(
        outcome
        for outcome in report.outcomes
        if (not rules or outcome.rule in rules)
        and (
            (not isinstance(outcome, Finding) and not only)
            or (
                isinstance(outcome, Finding)
                and (stage is None or stage in _stages(outcome))
                and (fewest <= 1 or users_of(outcome) >= fewest)
                and outcome.fingerprint.startswith(only)
            )
        )
    )
    return dataclasses.replace(report, outcomes=kept)


def _told(outcome: Finding) -> Mapping[str, Any]:
    """Return the numbers of the evidence."""
    evidence = outcome.evidence
    for name in ("counts", "given", "certificate"):
        found = getattr(evidence, name, None)
        if isinstance(found, Mapping):
            return found
    return {}


def _stages(outcome: Finding) -> tuple[str, ...]:
    counts = _told(outcome)
    return tuple(str(counts[name]) for name in ("stage", "failing_stage") if counts.get(name))


def users_of(finding: Finding) -> int:
    """Return how many users, or conversations where users are not told apart, the evidence of a finding counts."""
    counts = _told(finding)
    if isinstance(counts.get("units"), int):
        return int(counts["units"])
    strata = [one for name in ("treated", "held_out") for one in counts.get(name) or () if isinstance(one, Sequence)]
    return sum(int(one[1]) for one in strata)


def table(report: Report, root: Path) -> str:
    """Return findings as lines: number, rule, users, bounds, and the message; then how to check each again, and why others are undecided."""
    rows = [("", "rule", "users", "shown", "finding")]
    for number, one in enumerate(report.findings, start=1):
        low, high = (getattr(one.evidence, name, None) for name in ("low", "high"))
        shown = f"{low:.0%} to {high:.0%}" if low is not None and high is not None else "counted"
        users = users_of(one)
        rows.append((str(number), one.rule.partition("/")[2], f"{users:,}" if users else "", shown, plain(one.message)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]).rstrip() for row in rows]
    found = count(len(report.findings), "finding")
    undecided = f", {len(report.undecided)} undecided" if report.undecided else ""
    place = shlex.quote(str(root))
    again = [
        f"{number}  probatum dialogue findings {place} --only {one.fingerprint[:12]} --format json > finding.json; "
        f"probatum recheck finding.json --root {place}"
        for number, one in enumerate(report.findings, start=1)
    ]
    return "\n".join([*(lines if report.findings else []), f"{found}{undecided}", *again, *_reasons(report, root)]) + "\n"


def _reasons(report: Report, root: Path) -> Iterator[str]:
    """Yield why rules are undecided, each reason once, and how a folder is checked for which there is no policy."""
    from probatum.dialogue.artefacts import MANIFEST
    from probatum.engine.rules import NOTHING_CHECKED

    often = Counter((one.rule, one.reason) for one in report.undecided)
    for (rule, reason), many in often.items():
        times = f", {many:,} times" if many > 1 else ""
        yield f"undecided{times}: {plain(rule.removeprefix(f'{_SYSTEM}/'))}: {plain(reason)}"
    if any(rule == NOTHING_CHECKED for rule, _ in often):
        imported = (root / MANIFEST).is_file()
        logs, where = (root.resolve().name, f"beside `{root}`") if imported else ("FOLDER", f"in `{root}`")
        yield f"write a policy, `dialogue.yaml` {where}, with the line `logs: [{logs}]`, and name its folder here"
