"""`probatum dialogue`: what is done with logs of conversations, beyond what rules ask.

Each verb stands in a module of its own, `dialogue_<verb>`, which is imported
when it is asked for.
"""

from __future__ import annotations

import importlib

import click

# Name -> what it does in a line, in the order of `--help`.
VERBS: dict[str, str] = {
    "import": "Read logs of any format into one folder of tables, and say what they can support.",
}


class Verbs(click.Group):
    """A group whose verbs are imported when they are run, and not when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the table."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb."""
        del ctx
        if cmd_name not in VERBS:
            return None
        found: click.Command = importlib.import_module(f"probatum.cli.dialogue_{cmd_name.replace('-', '_')}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table, without importing what it names."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group("dialogue", cls=Verbs)
def group() -> None:
    """Conversations: import logs, and see what they can support.

    Exit status: 0 done, 2 something that was named cannot be read or used, 4 a
    defect of probatum.
    """
