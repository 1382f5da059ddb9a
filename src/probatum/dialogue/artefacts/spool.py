"""Events on their way from logs to conversations: written to files by conversation, of which each fits in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from probatum.dialogue.artefacts.encoding import decode, encoding
from probatum.dialogue.artefacts.importers import Event

_encoded = encoding(ascii_only=True, sort_keys=True)  # no tab or newline as such
_FIELDS = 9
_few = lru_cache(64)(_encoded)  # kinds, and the conversation at hand
_kind = lru_cache(64)(decode)


class Spooled(NamedTuple):
    """An event that waits.

    Attributes
    ----------
    log, line, nth : int
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
    nth: int
    at: str
    kind: str
    payload: str
    row: list[str]

    def event(self, conversation: str) -> Event:
        """Return it as it was."""
        at = float(self.at) if self.at else None
        return Event(conversation=conversation, kind=_kind(self.kind), at=at, payload=decode(self.payload))


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
        conversation, payload = _few(event.conversation), _encoded(event.payload)
        self._write(
            conversation,
            f"{conversation}\t{name}\t{order!r}\t{log}\t{line}\t{index}\t{time}\t{_few(event.kind)}\t{payload}\n",
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
        split = [line[:-1].split("\t", _FIELDS - 1) for line in file]
    # INVARIANT: no two events have the same place, so that rows as such are never compared.
    rows = sorted((row[0], row[1], float(row[2]), int(row[3]), int(row[4]), int(row[5]), row) for row in split)
    for (conversation, name), group in groupby(rows, key=itemgetter(0, 1)):
        spooled = [Spooled(log, line, nth, row[6], row[7], row[8], row) for _, _, _, log, line, nth, row in group]
        yield decode(conversation), name, spooled
