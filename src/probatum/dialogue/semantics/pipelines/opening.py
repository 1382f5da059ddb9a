"""From what a policy, or a command line, says of an assistant to a pipeline that can be called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from probatum.dialogue.artefacts.policy import Assistant
from probatum.dialogue.artefacts.turn import STAGES
from probatum.dialogue.semantics.pipelines import Pipeline
from probatum.dialogue.semantics.pipelines.addressed import Addressed, Rasa
from probatum.dialogue.semantics.pipelines.command import Command
from probatum.dialogue.semantics.pipelines.grammar import Grammar
from probatum.errors import UnreadableArtefact
from probatum.source import Location, Source

TIMEOUT_S = 5.0


def stages_of(assistant: Assistant) -> tuple[str, ...]:
    """Return all stages of an assistant in their order: activation, input, what it tells of, and the result."""
    return assistant.options.get("stages", STAGES)


@contextmanager
def calling(
    assistant: Assistant,
    folder: Path,
    *,
    timeout_s: float = TIMEOUT_S,
    names: Mapping[str, Sequence[str]] | None = None,
    unsandboxed: bool = False,
) -> Iterator[Pipeline]:
    """Open a pipeline for as long as the context lasts.

    Parameters
    ----------
    assistant : Assistant
    folder : Path
        That its files are relative to.
    timeout_s : float
        For each answer.
    names : mapping of str to sequence of str, optional
        Lists for `hassil` where the assistant names none: names of things and rooms that the logs have.
    unsandboxed : bool
        See `command.Command`.

    Raises
    ------
    ProbatumError
        If it names something that is not there or cannot be used.
    """
    found = _made(assistant, folder, timeout_s, names or {}, unsandboxed=unsandboxed)
    try:
        yield found
    finally:
        found.close()


def _made(
    assistant: Assistant, folder: Path, timeout_s: float, names: Mapping[str, Sequence[str]], *, unsandboxed: bool
) -> Pipeline:
    options = assistant.options
    inner = stages_of(assistant)[2:-1]
    match assistant.kind:
        case "hassil":
            lists = [_yaml(place) for name in options.get("lists", ()) for place in _files(folder / name)]
            unwrapped = [one.get("lists", one) for one in lists]
            sentences = [_yaml(place) for name in options.get("sentences", ()) for place in _files(folder / name)]
            language = options.get("language", ("" if sentences else "en",))[0]
            return Grammar(sentences, unwrapped or [dict(names)], language=language)
        case "rasa":
            return Rasa(_only(assistant, "url"), timeout_s=timeout_s)
        case "url":
            return Addressed(_only(assistant, "url"), inner, timeout_s=timeout_s)
        case _:
            argv = list(options.get("argv", ()))
            place = next((n for n, word in enumerate(argv) if word.endswith(".py")), None)
            if place is not None:
                argv[place] = str(folder / argv[place])
            path = [folder / name for name in options.get("path", ())]
            return Command(argv, inner, path=path, timeout_s=timeout_s, unsandboxed=unsandboxed)


def _only(assistant: Assistant, name: str) -> str:
    values = assistant.options.get(name, ())
    if len(values) != 1:
        raise UnreadableArtefact(
            f"the assistant of kind `{assistant.kind}` names no `{name}`",
            help=f"add `{name}: ...` to `assistant:`",
            location=assistant.location,
        )
    return values[0]


def _files(place: Path) -> list[Path]:
    if place.is_dir():
        return sorted(file for file in place.rglob("*") if file.suffix in (".yaml", ".yml"))
    return [place]


def _yaml(place: Path) -> dict[str, Any]:
    from probatum.project.document import parse

    try:
        text = Source(place.as_posix(), place.read_bytes()).text()
    except OSError as error:
        raise UnreadableArtefact(
            f"`{place}` cannot be read ({(error.strerror or str(error)).lower()})",
            help="name a file of sentences or lists, as Home Assistant's custom sentences have them",
            location=Location(place.as_posix()),
        ) from None
    found = parse(text, extra="dialogue").plain()
    if not isinstance(found, dict):
        raise UnreadableArtefact(
            f"`{place}` is no file of sentences or lists",
            help="write `intents:` or `lists:`",
            location=Location(place.as_posix()),
        )
    return found
