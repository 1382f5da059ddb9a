"""What the verbs that call an assistant have in common: which one, and logs that are imported or that a policy names."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from probatum.cli.dialogue_files import read
from probatum.errors import UsageError
from probatum.source import DATA, Data, Location, Source

if TYPE_CHECKING:
    from probatum.dialogue.artefacts.policy import Assistant, Policy
    from probatum.dialogue.semantics.conversations import Conversations

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The assistant that a command line names, and how it is called."""

    hassil: bool
    sentences: tuple[str, ...]
    lists: tuple[str, ...]
    language: str
    rasa: str
    command: str
    url: str
    stages: str
    timeout: float
    allow_unsandboxed: bool

    def assistant(self) -> Assistant | None:
        """Return it, or None if none is named.

        Raises
        ------
        click.UsageError
            If several are named, or what none of them has.
        """
        from probatum.dialogue.artefacts.policy import Assistant

        hassil = self.hassil or bool(self.sentences or self.lists or self.language)
        kinds = [
            kind
            for kind, value in (("hassil", hassil), ("rasa", self.rasa), ("command", self.command), ("url", self.url))
            if value
        ]
        if len(kinds) > 1:
            raise click.UsageError(f"one assistant can be called, not `{'` and `'.join(kinds)}`")
        if not kinds:
            return None
        options: dict[str, tuple[str, ...]] = {
            "sentences": self.sentences,
            "lists": self.lists,
            "language": (self.language,) if self.language else (),
            "url": tuple(one for one in (self.rasa, self.url) if one),
            "argv": tuple(shlex.split(self.command)),
            "stages": tuple(name.strip() for name in self.stages.split(",") if name.strip()),
        }
        own = options["stages"]
        if own and (len(own) < 4 or len(set(own)) < len(own) or (kinds[0] in ("hassil", "rasa") and len(own) != 5)):
            raise click.BadParameter(
                "name four different stages or more in their order (hassil and rasa: five), separated by commas",
                param_hint="--stages",
            )
        return Assistant(
            kind=kinds[0], options={name: value for name, value in options.items() if value}, location=Location("command line")
        )


def pipeline(function: F) -> F:
    """Add the options that name an assistant; the function gets them as `named`."""
    options = [
        click.option("--hassil", is_flag=True, help="The sentences of Home Assistant, or those of `--sentences`."),
        click.option("--sentences", multiple=True, help="File or folder of sentences for hassil; may be repeated."),
        click.option("--lists", multiple=True, help="File of lists for hassil: names and rooms. By default those of the logs."),
        click.option("--language", default="", help="Of Home Assistant's sentences."),
        click.option("--rasa", default="", metavar="URL", help="A Rasa server."),
        click.option("--command", default="", metavar="LINE", help="A Python program, a JSON line in and one out, in a sandbox."),
        click.option("--url", default="", metavar="URL", help="An address that takes and gives the same JSON."),
        click.option(
            "--stages", default="", metavar="NAMES", help="All stages in their order, where they are not the usual ones."
        ),
        click.option("--timeout", default=5.0, show_default=True, type=click.FloatRange(0.01), help="Seconds for each answer."),
        click.option("--allow-unsandboxed", is_flag=True, help="Run a program with limits alone where it cannot be confined."),
    ]

    def wrapped(**given: Any) -> Any:
        own = {name: given.pop(name) for name in Named.__dataclass_fields__}
        return function(named=Named(**own), **given)

    wrapped.__doc__ = function.__doc__
    wrapped.__name__ = function.__name__
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]  # a decorator of click keeps the name and not the type


@contextmanager
def logs(source: Path) -> Iterator[tuple[Conversations, Policy | None, Path]]:
    """Open imported conversations, or the logs that a policy names; with the policy, and the folder that its files are relative to.

    Raises
    ------
    UnreadableArtefact
        If it is neither.
    """
    from probatum.dialogue.semantics.conversations import opened, stored

    if source.is_dir():
        with stored(source) as conversations:
            yield conversations, None, Path()
        return
    policy = policy_at(source)
    with opened(policy, _inputs(policy, source.parent)) as conversations:
        yield conversations, policy, source.parent


def policy_at(source: Path) -> Policy:
    """Read a policy that a command line names."""
    from probatum.dialogue.artefacts.reader import read_policy

    if source.is_file() and source.suffix.lower() not in (".yaml", ".yml"):
        raise UsageError(
            f"`{source}` is no policy, which is a file of YAML",
            help=f"if it is a log, import it first: `probatum dialogue import {source} --to FOLDER`, and name the folder",
        )
    raw = read(source, help="name a folder into which logs were imported, or a policy that names logs")
    return read_policy(Source(source.name, raw).text())


def _inputs(policy: Policy, folder: Path) -> dict[str, Source]:
    from probatum.source import beside

    found: dict[str, Source] = {}
    for log in policy.logs:
        place = beside(policy.location.path, log.path)
        if place is not None and (folder / place).is_file():
            path = (folder / place).resolve()
            found[DATA + place] = Data(place, b"", place=str(path), known="")
    return found
