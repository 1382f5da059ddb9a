"""`probatum rules`: list the rules, from their files, importing none."""

from __future__ import annotations

import json

import click

from probatum.cli import asked, delivery
from probatum.report.quoting import Pen, plain


@click.command("rules")
@click.argument("systems", metavar="[SYSTEM]...", nargs=-1)
@asked.format_option("text", "json")
@asked.color_option
def command(*, systems: tuple[str, ...], format: str, no_color: bool) -> int:
    """List the rules of all systems, or of those named."""
    from probatum.engine import list_rules
    from probatum.errors import UsageError

    rules = list_rules()
    known = sorted({rule.system for rule in rules})
    for system in systems:
        if system not in known:
            raise UsageError(f"there are no rules of `{system}`", help=f"there are rules of {', '.join(known)}")
    chosen = [rule for rule in rules if not systems or rule.system in systems]
    if format == "json":
        rows = [{"id": r.id, "system": r.system, "title": r.title, "docstring": r.docstring} for r in chosen]
        delivery.say(json.dumps({"schema": "probatum-rules/1", "rules": rows}, indent=2) + "\n")
        return 0
    pen = Pen(delivery.wants_color(refused=no_color))
    width = max((len(rule.id) for rule in chosen), default=0)
    lines = [f"{pen(rule.id, 'bold')}{' ' * (width - len(rule.id))}  {plain(rule.title)}" for rule in chosen]
    delivery.say(
        "\n".join([*lines, "", f"{len(chosen)} rules   `probatum explain RULE` says what one finds and why it matters"]) + "\n"
    )
    return 0
