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
    """List the rules of all systems, or of those named; `probatum` are those about the check itself."""
    from probatum.engine import list_rules
    from probatum.engine.rules import built_in
    from probatum.errors import UsageError

    rules = [(rule.id, rule.system, rule.title, rule.docstring) for rule in list_rules()]
    rules += [(rule, "probatum", title, "") for rule, title in sorted(built_in.items())]
    known = sorted({system for _, system, _, _ in rules})
    for system in systems:
        if system not in known:
            raise UsageError(f"there are no rules of `{system}`", help=f"there are rules of {', '.join(known)}")
    chosen = [rule for rule in rules if not systems or rule[1] in systems]
    if format == "json":
        rows = [dict(zip(("id", "system", "title", "docstring"), rule, strict=True)) for rule in chosen]
        delivery.say(json.dumps({"schema": "probatum-rules/1", "rules": rows}, indent=2) + "\n")
        return 0
    pen = Pen(delivery.wants_color(refused=no_color))
    width = max((len(name) for name, *_ in chosen), default=0)
    lines = [f"{pen(name, 'bold')}{' ' * (width - len(name))}  {plain(title)}" for name, _, title, _ in chosen]
    delivery.say(
        "\n".join([*lines, "", f"{len(chosen)} rules   `probatum explain RULE` says what one finds and why it matters"]) + "\n"
    )
    return 0
