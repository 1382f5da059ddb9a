"""The verbs of a system's command: each in a module of its own, which is imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class Verbs(click.Group):
    """A group whose verbs are imported when they are run, and not when they are named."""

    def __init__(self, *args: Any, verbs: Mapping[str, str], **kwargs: Any) -> None:
        """Make the group.

        Parameters
        ----------
        verbs : mapping of str to str
            Name -> what it does in a line, in the order of `--help`. The verb `v` of the group `g` is the
            `command` of the module `probatum.cli.g_v`.
        """
        super().__init__(*args, **kwargs)
        self._verbs = verbs

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the table."""
        del ctx
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb."""
        del ctx
        if cmd_name not in self._verbs:
            return None
        module = f"probatum.cli.{self.name}_{cmd_name.replace('-', '_')}"
        found: click.Command = importlib.import_module(module).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table, without importing what it names."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(self._verbs.items()))
