"""The command line: parse, import the one command that was asked for, call, render, return.

This module imports nothing but click, so that `--help` is there at once; the
words about each command stand in the table below for the same reason. What can
go wrong ends here too: one line that says what, why and what to do, and an exit
status that never says success when there was none.

Start reading at `check.py`.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from gc import get_threshold, set_threshold  # `gc` is one of our commands
from typing import Any

import click
from click.shell_completion import CompletionItem

from probatum import __version__
from probatum.errors import EvidenceError, ProbatumError

_EXTRAS = ("access", "fairness", "dialogue", "inspection")  # of the commands that are called the same
_OBJECTS_BETWEEN_SEARCHES = 20_000  # for garbage in cycles

# Name -> (where the command is, what it does in a line), in the order of `--help`.
COMMANDS = {
    "check": ("probatum.cli.check:command", "Find defects in a directory; the evidence of each is checked again first."),
    "explain": ("probatum.cli.explain:command", "Explain a rule, or everything about one finding."),
    "repair": ("probatum.cli.repair:command", "Show or write repairs that were tried: the finding goes, no other comes."),
    "recheck": ("probatum.cli.rechecking:command", "Check the evidence in a report again, without any search."),
    "rules": ("probatum.cli.rules:command", "List the rules."),
    "access": ("probatum.cli.access:group", "Who can do what: compare, decide, matrix, who-can."),
    "fairness": ("probatum.cli.fairness:group", "Decisions about people: how groups fare, why, and what would be fair."),
    "dialogue": ("probatum.cli.dialogue:group", "Conversations: import logs, and rewrite what fails."),
    "inspection": ("probatum.cli.inspection:group", "Goods in pictures: damaged units, under a budget of false alarms."),
    "boogie": ("probatum.cli.boogie:command", "Verify programs of the Boogie language, as Boogie does."),
    "baseline": ("probatum.cli.baseline:group", "Accept what is found today, to see only what is new."),
    "suppress": ("probatum.cli.suppress:group", "Answer for single findings, with a reason, an owner and an end."),
    "init": ("probatum.cli.init:command", "Write a configuration with every option explained."),
    "doctor": ("probatum.cli.doctor:command", "Say what this machine has, and what is not checked without the rest."),
    "gc": ("probatum.cli.gc:command", "Free the disk of what no recent check needs."),
    "completion": ("probatum.cli.completion:command", "Print a script that completes commands in your shell."),
}


class Commands(click.Group):
    """A group whose commands are imported when they are run, and not when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(importlib.import_module(module), attribute)
        return found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise click.UsageError(f"`{args[0]}` is not a command{_meant(args[0], COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table, without importing what it names."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete from the table."""
        own = [CompletionItem(name, help=words) for name, (_, words) in COMMANDS.items() if name.startswith(incomplete)]
        return own or click.Command.shell_complete(self, ctx, incomplete)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def program() -> None:
    """Find the defects in what an organisation ships, with evidence that anyone can check again.

    Exit status: 0 nothing found and everything decided, 1 findings, 2 usage or
    configuration, 3 no finding but something undecided or nothing checked, 4 a
    defect of probatum or evidence that does not re-check, 130 interrupted.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; `arguments` default to those of the process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    before = get_threshold()
    # Most of what a command makes lives to its end; looking for garbage among it every few hundred objects takes a tenth.
    set_threshold(_OBJECTS_BETWEEN_SEARCHES, *before[1:])
    try:
        return _run(given)
    finally:
        set_threshold(*before)


def _run(given: list[str]) -> int:
    if sys.stdout is None:  # closed by who called us, and so not missed
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open to the end of the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - as above
    # A name that the terminal's encoding does not have must not end a check.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = program.main(args=given, prog_name="probatum", standalone_mode=False)
        # What is still buffered may fail to be written; better here than in the interpreter's last breath.
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.ClickException as error:
        return _refuse(error)
    except (KeyboardInterrupt, click.Abort):
        complain("interrupted")
        return 130
    except BrokenPipeError:
        close_stdout()
        return 0
    except ProbatumError as error:
        where = f"{error.location}: " if error.location is not None else ""
        complain(f"error: {where}{error.message}", error.help)
        return 4 if isinstance(error, EvidenceError) else 2
    except OSError as error:
        if error.filename is None:
            return _defect(error, given)
        # What it could not open was named by the user, and is theirs to put right.
        complain(
            f"error: cannot use `{error.filename}`: {(error.strerror or str(error)).lower()}",
            "check that it exists and is permitted",
        )
        return 2
    except ModuleNotFoundError as error:
        if (error.name or "probatum").partition(".")[0] == "probatum":
            return _defect(error, given)
        extra = given[0] if given[:1] and given[0] in _EXTRAS else "all"
        complain(f"error: the library `{error.name}` is not installed", f"pip install 'probatum[{extra}]'")
        return 2
    except Exception as error:  # noqa: BLE001 - the last place; whatever arrives here is a defect of ours
        return _defect(error, given)
    return status if isinstance(status, int) else 0


def complain(message: str, advice: str = "") -> None:
    """Write a message to standard error, harmless; `advice` becomes the help line."""
    from probatum.report.quoting import plain_lines

    lines = [
        *plain_lines(message),
        *(f"  help: {line}" if n == 0 else f"        {line}" for n, line in enumerate(plain_lines(advice)) if advice),
    ]
    try:
        click.echo("\n".join(lines), err=True)
    except OSError:
        return  # nobody listens on standard error; the exit status still tells


def close_stdout() -> None:
    """Forget standard output after its reader has gone, so that the interpreter does not complain at its end."""
    void = os.open(os.devnull, os.O_WRONLY)
    os.dup2(void, sys.stdout.fileno())
    os.close(void)


def _refuse(error: click.ClickException) -> int:
    words = error.format_message().rstrip(".")
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx is not None else "probatum"
    complain(f"error: {words[:1].lower()}{words[1:]}", f"`{command} --help` lists what can be asked for")
    return 2


def _defect(error: Exception, given: Sequence[str]) -> int:
    import traceback

    complain(f"error: this is a defect of probatum: {type(error).__name__}: {error}")
    if os.environ.get("PROBATUM_DEBUG") or any(g == "--verbose" or g.startswith("-v") for g in given):
        complain("".join(traceback.format_exception(error)))
    else:
        complain("  help: run it again with PROBATUM_DEBUG=1 in the environment, and report what it prints")
    return 4


def _meant(word: str, known: Any) -> str:
    import difflib

    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""
