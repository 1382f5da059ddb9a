"""Whether what somebody teaches can be done: by the assistant itself, by a catalogue, or by what is known to work for others."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from probatum.dialogue.artefacts.teaching import Catalogue
from probatum.dialogue.model.teaching.preference import Grounded
from probatum.dialogue.model.teaching.proposals import Check, Found
from probatum.dialogue.model.teaching.taught import key_of
from probatum.dialogue.semantics.pipelines import Asked, Pipeline, Unanswered


class Checker(Protocol):
    """Tells what a normalised text would do, or a name stand for; None for nothing."""

    def request(self, text: str, context: Mapping[str, str]) -> Grounded | None:
        """Return what a request would do."""
        ...

    def name(self, text: str) -> Grounded | None:
        """Return what a name stands for."""
        ...


@dataclass(frozen=True, slots=True)
class Called:
    """An assistant that can be called, one request at a time: understood is what it says went well."""

    pipeline: Pipeline
    _one: Lock = field(default_factory=Lock, init=False, compare=False)

    def request(self, text: str, context: Mapping[str, str]) -> Grounded | None:
        """Return what the assistant understands."""
        with self._one:
            try:
                run = self.pipeline.run(Asked(text=text, context=context))
            except Unanswered:
                return None
        if not run.done or not run.outputs:
            return None
        return Grounded("pipeline", run.outputs[0].value, _slots(run.outputs[-1].value))

    def name(self, text: str) -> Grounded | None:  # noqa: ARG002 - an assistant is asked by requests only
        """Return None."""
        return None


@dataclass(slots=True)
class Listed:
    """A catalogue; articles make no difference."""

    catalogue: Catalogue
    _requests: dict[tuple[str, ...], str] = field(init=False)
    _names: dict[tuple[str, ...], str] = field(init=False)

    def __post_init__(self) -> None:
        """Make the tables."""
        self._requests = {key_of(request): request for request in sorted(self.catalogue.requests)}
        self._names = {key_of(name): name for name in sorted(self.catalogue.names | self.catalogue.rooms)}

    def request(self, text: str, context: Mapping[str, str]) -> Grounded | None:  # noqa: ARG002 - it is the same everywhere
        """Return the listed request that a text is, with the name in it."""
        words = key_of(text)
        if words in self._requests:
            return Grounded("catalogue", self._requests[words])
        for length in range(len(words), 0, -1):
            for at in range(len(words) - length + 1):
                name = self._names.get(words[at : at + length])
                pattern = (*words[:at], "{name}", *words[at + length :])
                if name is not None and pattern in self._requests:
                    return Grounded("catalogue", self._requests[pattern], (("name", name),))
        return None

    def name(self, text: str) -> Grounded | None:
        """Return a name that is listed."""
        found = self._names.get(key_of(text))
        return Grounded("catalogue", "", (("name", found),)) if found is not None else None


@dataclass(frozen=True, slots=True)
class Working:
    """Requests that are known to work for most; `works` tells of a normalised text."""

    works: Callable[[str], bool]

    def request(self, text: str, context: Mapping[str, str]) -> Grounded | None:  # noqa: ARG002 - it is the same everywhere
        """Return that a request works."""
        return Grounded("requests that work") if self.works(text) else None

    def name(self, text: str) -> Grounded | None:  # noqa: ARG002 - names are not known here
        """Return None."""
        return None


def carry_out(checks: Sequence[Check], checker: Checker, context: Mapping[str, str]) -> list[Found | None]:
    """Carry out checks, up to the first that succeeds; return what was found, None for the others.

    A checker that fails, an assistant that cannot be reached, say, has found nothing.
    """
    found: list[Found | None] = [None] * len(checks)
    for at, check in enumerate(checks):
        found[at] = _carried_out(check, checker, context)
        if found[at] is not None:
            break
    return found


def _carried_out(check: Check, checker: Checker, context: Mapping[str, str]) -> Found | None:
    try:
        for number, way in enumerate(check.ways):
            parts = [checker.request(text, context) for text in way]
            told = [part for part in parts if part is not None]
            if told and len(told) == len(parts):
                intents = [part.intent for part in told if part.intent]
                return Found(
                    Grounded(told[0].by, " + ".join(intents), tuple(slot for part in told for slot in part.slots)), number
                )
        named = checker.name(check.name) if check.name else None
    except Exception:  # noqa: BLE001 - whatever an assistant does, nothing is stored then
        return None
    return Found(named, -1) if named is not None else None


def _slots(value: str) -> tuple[tuple[str, str], ...]:
    try:
        found = json.loads(value)
    except ValueError:
        return ()
    return tuple((str(name), str(one)) for name, one in sorted(found.items())) if isinstance(found, dict) else ()
