"""`probatum doctor`: what this machine has, and what is not checked without the rest."""

from __future__ import annotations

import json
from pathlib import Path

import click

from probatum.cli import asked, delivery
from probatum.report.quoting import Pen, plain


@click.command("doctor")
@asked.root_argument
@asked.format_option("text", "json")
@asked.color_option
def command(*, root: Path, format: str, no_color: bool) -> int:
    """Say what this machine has, and what does not work without the rest. Ends with status 0."""
    from probatum.engine import doctor

    probes = doctor(asked.existing(root))
    if format == "json":
        rows = [{"name": p.name, "ok": p.ok, "detail": p.detail, "consequence": p.consequence} for p in probes]
        delivery.say(json.dumps({"schema": "probatum-doctor/1", "probes": rows}, indent=2) + "\n")
        return 0
    pen = Pen(delivery.wants_color(refused=no_color))
    width = max((len(p.name) for p in probes), default=0)
    lines = []
    for probe in probes:
        mark = pen("ok     ", "green") if probe.ok else pen("missing", "bold", "yellow")
        lines.append(f"{mark}  {plain(probe.name):<{width}}  {plain(probe.detail)}".rstrip())
        if probe.consequence:
            lines.append(f"{'':<{width + 11}}{plain(probe.consequence)}")
    delivery.say("\n".join(lines) + "\n")
    return 0
