"""Whether what somebody teaches can be done: by the assistant itself, by a catalogue, or by what is known to work for others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from probatum.dialogue.artefacts.teaching import Catalogue
from probatum.dialogue.model.teaching.preference import Grounded
from probatum.dialogue.model.teaching.proposals import Check, Found
from probatum.dialogue.model.teaching.taught import key_of

# What an assistant understands a text as, in a context: an intent and its slots; None for nothing.
Understands: TypeAlias = Callable[[str, Mapping[str, str]], tuple[str, Sequence[tuple[str, str]]] | None]


class Checker(Protocol):
    """Tells what a normalised text would do, or a name stand for; None for nothing."""

    def request(self, text: str, context: Mapping[str, str]) -> Grounded | None:
        """Return what a request would do."""
        ...

    def name(self, text: str) -> Grounded | None:
        """Return what a name stands for."""
        ...


@dataclass(frozen=True, slots=True)
class Pipeline:
    """An assistant that can be called."""

    understands: Understands

    def request(self, text: str, context: Mapping[str, str]) -> Grounded | None:
        """Return what the assistant understands."""
        found = self.understands(text, context)
        return Grounded("pipeline", found[0], tuple((str(name), str(value)) for name, value in found[1])) if found else None

    def name(self, text: str) -> Grounded | None:  # noqa: ARG002 - an assistant is asked by requests only
        """Return None."""
        return None


@dataclass(frozen=True, slots=True)
class Listed:
    """A catalogue; articles make no difference."""

    catalogue: Catalogue

    def request(self, text: str, context: Mapping[str, str]) -> Grounded | None:  # noqa: ARG002 - it is the same everywhere
        """Return the listed request that a text is, with the name in it."""
        requests = {key_of(request): request for request in self.catalogue.requests}
        words = key_of(text)
        if words in requests:
            return Grounded("catalogue", requests[words])
        for name in sorted(self.catalogue.names, key=lambda one: (-len(one), one)):
            own = key_of(name)
            for at in range(len(words) - len(own) + 1):
                pattern = (*words[:at], "{name}", *words[at + len(own) :])
                if words[at : at + len(own)] == own and pattern in requests:
                    return Grounded("catalogue", requests[pattern], (("name", name),))
        return None

    def name(self, text: str) -> Grounded | None:
        """Return a name that is listed."""
        names = {key_of(name): name for name in self.catalogue.names}
        found = names.get(key_of(text))
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


@dataclass(frozen=True, slots=True)
class FirstOf:
    """Several, asked in this order."""

    checkers: tuple[Checker, ...]

    def request(self, text: str, context: Mapping[str, str]) -> Grounded | None:
        """Return what the first that knows says."""
        return next((found for one in self.checkers if (found := one.request(text, context)) is not None), None)

    def name(self, text: str) -> Grounded | None:
        """Return what the first that knows says."""
        return next((found for one in self.checkers if (found := one.name(text)) is not None), None)


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
