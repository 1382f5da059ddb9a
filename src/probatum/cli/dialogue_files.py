"""What verbs about conversations have in common: their options, the files they read and write, and moments of time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from probatum.cli.delivery import refuse_unwritable
from probatum.errors import UnreadableArtefact, UsageError
from probatum.source import Location

if TYPE_CHECKING:
    from probatum.cli.dialogue_pipelines import Named
    from probatum.dialogue.artefacts.policy import Privacy
    from probatum.dialogue.artefacts.teaching import TeachingRules
    from probatum.dialogue.model.learning import Learnt
    from probatum.dialogue.semantics.conversations import Conversations
    from probatum.dialogue.service.registry import Registry
    from probatum.dialogue.service.serving.personal import Personal
    from probatum.dialogue.service.serving.teacher import Teacher
    from probatum.dialogue.service.spending import Spent

F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(path_type=Path, dir_okay=False)
CONVERSATIONS = click.argument("conversations", type=click.Path(path_type=Path, file_okay=False))
_KNOWN = "Folder of the registry, the policies and what is known of users"


def _there(context: click.Context, parameter: click.Parameter, service: Path) -> Path:
    """Refuse a folder that was named and is not there; a service need not have been begun where none was named."""
    named = context.get_parameter_source(str(parameter.name)) is not ParameterSource.DEFAULT
    if named and not service.is_dir():
        raise click.BadParameter(f"there is no folder `{service}`", ctx=context, param=parameter)
    return service


def _service(more: str = "", *, exists: bool = False, callback: Callable[..., Path] | None = None) -> Callable[[F], F]:
    kind = click.Path(path_type=Path, file_okay=False, exists=exists)
    return click.option(
        "--service", type=kind, default=Path("rewrites"), show_default=True, callback=callback, help=f"{_KNOWN}{more}."
    )


SERVICE = _service("; made if need be")
SERVICE_IF_ANY = _service("; it need not be there if it is not named", callback=_there)
SERVICE_THERE = _service(exists=True)
UNTIL = click.option(
    "--until",
    default="",
    metavar="DATE",
    help="ISO 8601, UTC: where the 90 days that are learnt from end. By default the end of the log's last day.",
)


AS_JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


def _writable(context: click.Context, _parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a file that cannot be written before anything is done for it."""
    if path is not None and not context.resilient_parsing:
        refuse_unwritable(path)
    return path


def target(*names: str, help: str, required: bool = False) -> Callable[[F], F]:
    """Return the option that says where something is written."""
    return click.option(*names, required=required, type=FILE, callback=_writable, help=help)


TO = target("--to", "path", help="Write here instead of standard output.")


def to(what: str) -> Callable[[F], F]:
    """Return the option that says where something is written, which has to be said."""
    return target("--to", "path", required=True, help=f"Write {what} there.")


def words_by(option: str, what: str) -> Callable[[F], F]:
    """Return the option that says by what words are compared."""
    by = "by meaning, with the weights of a package, or by letters and sounds"
    kinds = click.Choice(("auto", "minilm", "letters"))
    return click.option(option, type=kinds, default="auto", show_default=True, help=f"{what}: {by}.")


PRIVACY = click.option(
    "--policy",
    type=FILE,
    help="A policy whose `privacy` holds, its noise too, instead of `--users` and `--households`.",
)


def thresholds(function: F) -> F:
    """Add the options that say how many people something must come from."""
    households = click.option("--households", default=5, show_default=True, type=click.IntRange(1), help="And fewest households.")
    users = click.option(
        "--users", default=20, show_default=True, type=click.IntRange(1), help="Fewest users of what all users are to get."
    )
    return users(households(function))


def privacy_of(users: int, households: int, policy: Path | None = None) -> Privacy:
    """Return the thresholds; those of a policy if one is named."""
    from probatum.dialogue.artefacts.policy import Privacy

    if policy is not None:
        from probatum.cli.dialogue_pipelines import policy_at

        return policy_at(policy).privacy
    return Privacy(users=users, households=households, shareable=users >= 10)


def spend_for(service: Path, privacy: Privacy, what: str, until: str) -> Spent | None:
    """Write down that users are counted with noise once more; None without noise.

    Raises
    ------
    UsageError
        As `keep_noise` does.
    """
    from probatum.dialogue.service.spending import spend

    keep_noise(service, privacy)
    return None if privacy.noise is None else spend(service, privacy.noise, what, until)


def keep_noise(service: Path, privacy: Privacy) -> None:
    """Refuse to count users without noise where they were counted with it: what that hid would be told.

    Raises
    ------
    UsageError
    """
    from probatum.dialogue.service.spending import spent

    if privacy.noise is None and spent(service).releases:
        raise UsageError(
            f"what `{service}` has for all users was counted with noise, and would now be counted without",
            help="name the policy that asks for noise with `--policy`, or another folder with `--service`",
        )


def read(path: Path, *, help: str = "name a file that exists and may be read") -> bytes:
    """Read a file that a command line names.

    Raises
    ------
    UnreadableArtefact
        If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableArtefact(
            f"`{path}` cannot be read ({(error.strerror or str(error)).lower()})", help=help, location=Location(path.as_posix())
        ) from None


def json_lines(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as JSON, one a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def say_unfinished(folder: Path) -> None:
    """Say, where errors are told, that forgetting a user was interrupted in a folder, if it was."""
    from probatum.dialogue.artefacts.unfinished import unfinished

    problem = unfinished(folder)
    if problem is not None:
        click.echo(f"{problem.message}; {problem.help}", err=True)


def keep_unchanged(conversations: Path) -> None:
    """Let nobody change conversations until this command has ended, which makes something of them that lasts.

    Raises
    ------
    StateError
        If another process changes them now.
    """
    from probatum.dialogue.artefacts.unfinished import unchanged

    click.get_current_context().with_resource(unchanged(conversations))


def registry_of(service: Path) -> Registry:
    """Open the registry of a folder; say so if forgetting a user was interrupted there."""
    from probatum.dialogue.service.registry import Registry

    say_unfinished(service)
    return Registry(service / "registry.jsonl")


def teaching_rules(path: Path | None) -> TeachingRules:
    """Read the rules of teaching from a file; the usual ones for None."""
    from probatum.dialogue.artefacts.teaching import TeachingRules, read_teaching
    from probatum.source import Source

    return TeachingRules() if path is None else read_teaching(Source(path.as_posix(), read(path)).text())


@contextmanager
def teacher_of(people: Personal, rules: TeachingRules, named: Named, works: Callable[[str], bool] | None) -> Iterator[Teacher]:
    """Make a teacher that checks against the assistant that a command line names, for as long as the context lasts."""
    from probatum.dialogue.model.teaching.checking import Called
    from probatum.dialogue.semantics.pipelines.opening import calling
    from probatum.dialogue.service.serving.teacher import Teacher

    assistant = named.assistant()
    if assistant is None:
        yield Teacher(people, rules, works=works)
        return
    known = rules.catalogue
    names = {"name": sorted(known.names), "area": sorted(known.rooms)} if known is not None else {}
    with calling(assistant, Path(), timeout_s=named.timeout, names=names, unsandboxed=named.allow_unsandboxed) as pipeline:
        yield Teacher(people, rules, Called(pipeline), works)


def learnt(conversations: Conversations, privacy: Privacy, until: str) -> Learnt:
    """Learn from imported conversations, with sessions as usual and all guards that need no catalogue and no pipeline."""
    from probatum.dialogue.artefacts.policy import SessionRule
    from probatum.dialogue.model.guards import Asked
    from probatum.dialogue.model.learning import learn
    from probatum.dialogue.semantics.sounds import apart

    return learn(conversations, sessions=SessionRule(), privacy=privacy, asked=Asked(phonetic=apart), until=until)


def moment(text: str) -> float:
    """Return seconds since 1970 of an ISO 8601 date or time, UTC.

    Raises
    ------
    click.BadParameter
        If it is something else.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"`{text}` is not a date, write 2026-01-31", param_hint="--until") from None
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()
