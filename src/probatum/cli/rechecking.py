"""`probatum recheck`: is what a report says still true? Without search, training or network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli import asked, delivery
from probatum.cli.explain import read_report
from probatum.cli.progress import Line
from probatum.report.quoting import Pen, plain
from probatum.report.words import place

if TYPE_CHECKING:
    from probatum.engine import Rechecked, RecheckReport

_marks = {"refuted": "red", "cannot": "yellow", "confirmed": "green"}


@click.command("recheck")
@click.argument("report_file", metavar="REPORT", type=click.Path(path_type=Path))
@asked.root_option
@asked.format_option("text", "json")
@click.option("--verbose", "-v", is_flag=True, help="List what is confirmed, too.")
@asked.color_option
@asked.check_options
def command(*, report_file: Path, root: Path, format: str, verbose: bool, no_color: bool, options: Any) -> int:
    """Check the evidence in REPORT, which `check --format json` wrote, against the files as they are now.

    Exit status: 0 all confirmed, 4 something refuted, 3 something could not be told.
    """
    from probatum import engine

    stored = read_report(report_file)
    result = engine.recheck(stored, asked.existing(root), options, Line())
    if format == "json":
        delivery.say(json.dumps(_to_json(result), indent=2) + "\n")
    else:
        delivery.say("\n".join(_lines(result, verbose=verbose, pen=Pen(delivery.wants_color(refused=no_color)))) + "\n")
    return result.exit_status


def _groups(result: RecheckReport) -> dict[str, tuple[Rechecked, ...]]:
    return {"refuted": result.refuted, "cannot": result.cannot, "confirmed": result.confirmed}


def _lines(result: RecheckReport, *, verbose: bool, pen: Pen) -> Iterator[str]:
    for status, members in _groups(result).items():
        if status == "confirmed" and not verbose:
            continue
        for outcome, answer in members:
            yield f"{pen(status, 'bold', _marks[status])}  {plain(outcome.rule)}  {place(outcome)}"
            yield f"  {plain(outcome.message)}"
            if answer.reason:
                yield f"  {plain(answer.reason)}"
    yield from (f"note: {plain(note)}" for note in result.notes)
    yield f"{len(result.confirmed):,} confirmed, {len(result.refuted):,} refuted, {len(result.cannot):,} could not be told"


def _to_json(result: RecheckReport) -> dict[str, Any]:
    rows = [
        {
            "status": status,
            "reason": answer.reason,
            "kind": outcome.kind,
            "rule": outcome.rule,
            "location": outcome.location.to_json(),
            "message": outcome.message,
            "fingerprint": outcome.fingerprint,
            "evidence": outcome.evidence.digest if outcome.evidence is not None else None,
        }
        for status, members in _groups(result).items()
        for outcome, answer in members
    ]
    summary = {status: len(members) for status, members in _groups(result).items()}
    return {
        "schema": "probatum-recheck/1",
        "rechecked": rows,
        "notes": list(result.notes),
        "summary": summary,
        "exit_status": result.exit_status,
    }
