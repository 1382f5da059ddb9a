"""Importers: from the log of one kind of assistant to turns.

A log is read in two steps, so that it may be larger than memory and in any
order. First each record becomes events of a conversation, which are written
down; then the events of one conversation at a time, in the order of their
times, become its turns. What an importer does not know is an event of kind
`unknown`, kept as it is; what cannot be read at all is `Broken`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from probatum.dialogue.artefacts.turn import Turn
from probatum.source import digest_of


@dataclass(slots=True, kw_only=True)  # not frozen: as many are made as a log has events, and that would take thrice as long
class Event:
    """One thing that happened in a conversation, which nobody changes.

    Attributes
    ----------
    conversation : str
        "" if the record does not say: then it belongs to no conversation, and is kept as unknown.
    kind : str
        In the importer's own words; `unknown` for what it has no word for.
    at : float or None
        Seconds since 1970, UTC.
    payload : mapping
        What the record says, as JSON.
    """

    conversation: str
    kind: str
    at: float | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


_BY_CONTENT = "content "


def by_content(value: Any) -> str:
    """Return the conversation of a record that does not name one: another export of it has the same, and so has one that is equal by chance.

    The n-th of equal records in each log is one conversation; see `intake`.
    """
    return f"{_BY_CONTENT}{digest_of(value)[:16]}"


def is_by_content(conversation: str) -> bool:
    """Whether a conversation has such a name."""
    return conversation.startswith(_BY_CONTENT)


class Broken(Exception):
    """A record that cannot be read: its message is the reason, in lower case, as it stands in the quarantine."""


def some(events: Iterable[Event], otherwise: str) -> Iterator[Event]:
    """Yield the events of one record.

    Raises
    ------
    Broken
        If there are none, for the reason `otherwise`.
    """
    empty = True
    for event in events:
        empty = False
        yield event
    if empty:
        raise Broken(otherwise)


class Importer(Protocol):
    """What reads one format. Stateless: the same record gives the same events."""

    name: str  # as in `format: ...`

    def recognises(self, record: Any) -> bool:
        """Whether a record, as JSON, looks like one of this format."""
        ...

    def events(self, record: Any) -> Iterable[Event]:
        """Return the events of one record.

        Raises
        ------
        Broken
            If it cannot be read.
        """
        ...

    def turns(self, events: Sequence[tuple[int, Event]]) -> Iterator[Turn]:
        """Yield the turns of one conversation.

        Parameters
        ----------
        events : sequence of (line, Event)
            In the order of their times, then of their lines; each only once.
        """
        ...


@runtime_checkable
class Regrouping(Importer, Protocol):
    """An importer whose records do not say to which conversation they belong, but to which trace, or run.

    Only all events of a trace together tell the conversation. So `events` names the trace, and
    `regrouped` is asked of each trace before `turns` is of each conversation.
    """

    def regrouped(self, events: Sequence[Event]) -> Sequence[str]:
        """Return the conversation of each of the events of one trace, which are in the order of their times."""
        ...
