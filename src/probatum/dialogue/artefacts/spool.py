"""Events on their way from logs to conversations: written to files by conversation, of which each fits in memory."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Self

from probatum.dialogue.artefacts.importers import Event

_encoded = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode  # ASCII, and no tab or newline as such
_FIELDS = 9


@dataclass(frozen=True, slots=True)
class Spooled:
    """An event that waits.

    Attributes
    ----------
    log, line, index : int
        The log, the line of the record in it, and the place of the event in that.
    at : str
        Its time, as text; "" for none.
    kind, payload : str
        As JSON: two events are the same if these and their times are.
    row : list of str
        As it stands in the file.
    """

    log: int
    line: int
    index: int
    at: str
    kind: str
    payload: str
    row: list[str]

    def event(self, conversation: str) -> Event:
        """Return it as it was."""
        at = float(self.at) if self.at else None
        return Event(conversation=conversation, kind=json.loads(self.kind), at=at, payload=json.loads(self.payload))


class Spool:
    """Files of events, each of some conversations. A context manager: what was added can be read when it has ended."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._stack = ExitStack()
        self._files = [self._stack.enter_context(path.open("w", encoding="ascii")) for path in paths]

    def add(self, event: Event, at: float | None, name: str, order: float, place: tuple[int, int, int]) -> None:
        """Write an event.

        Parameters
        ----------
        event : Event
        at : float or None
            Its time, if that is possible.
        name : str
            Of its importer.
        order : float
            Its time, or what stands for it: events are sorted by it.
        place : (log, line, index)
        """
        log, line, index = place
        time = "" if at is None else repr(at)
        conversation, payload = _encoded(event.conversation), _encoded(event.payload)
        self._write(
            conversation,
            f"{conversation}\t{name}\t{order!r}\t{log}\t{line}\t{index}\t{time}\t{_encoded(event.kind)}\t{payload}\n",
        )

    def move(self, spooled: Spooled, conversation: str) -> None:
        """Write an event of another spool, under another conversation."""
        named = _encoded(conversation)
        self._write(named, "\t".join((named, *spooled.row[1:])) + "\n")

    def _write(self, conversation: str, line: str) -> None:
        self._files[zlib.crc32(conversation.encode("ascii")) % len(self._files)].write(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()


def groups(path: Path) -> Iterator[tuple[str, str, list[Spooled]]]:
    """Yield (conversation, name of the importer, events in their order) of one file."""
    with path.open(encoding="ascii") as file:
        rows = [line[:-1].split("\t", _FIELDS - 1) for line in file]
    rows.sort(key=lambda row: (row[0], row[1], float(row[2]), int(row[3]), int(row[4]), int(row[5])))
    for (conversation, name), group in groupby(rows, key=lambda row: (row[0], row[1])):
        spooled = [Spooled(int(row[3]), int(row[4]), int(row[5]), row[6], row[7], row[8], row) for row in group]
        yield json.loads(conversation), name, spooled
