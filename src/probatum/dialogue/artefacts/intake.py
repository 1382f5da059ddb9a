"""From logs to tables: records to events, events to the turns of one conversation at a time, turns to Parquet.

The events of a conversation may stand anywhere in any of the logs, so they are
first written to buckets by conversation, of which each fits in memory. The same
logs give the same tables, whatever their order; an event that occurs twice, as
when exports overlap, counts once.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, islice
from operator import attrgetter
from pathlib import Path

from probatum.dialogue.artefacts.importers import Broken, Event, Importer, Regrouping, is_by_content
from probatum.dialogue.artefacts.records import Record, Unread, records
from probatum.dialogue.artefacts.rows import LATEST, Rows, written
from probatum.dialogue.artefacts.spool import Spool, Spooled, groups
from probatum.errors import UnreadableArtefact
from probatum.source import Location

_SAMPLE = 200  # records that show what format a log is in
_BUCKET = 32 * 1024 * 1024  # bytes of logs for each bucket
_MOST_BUCKETS = 200  # files that are open at once
_odd = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError, Broken)  # what JSON can do


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log that is to be read.

    Attributes
    ----------
    path : str
        What the log is called.
    place : Path
        Where it is.
    importer : Importer or None
        None: the one that recognises most of the first records.
    locale : str
        Of turns that do not say.
    """

    path: str
    place: Path
    importer: Importer | None = None
    locale: str = ""


@dataclass(slots=True)
class Read:
    """What became of one log."""

    path: str
    format: str
    records: int = 0
    unread: int = 0
    unknown: int = 0
    events: int = 0


@dataclass(slots=True)
class Intake:
    """What became of all of them.

    Attributes
    ----------
    logs : list of Read
    counts : Counter
        `turns`, `conversations`, `texts`, `duplicates` (events that were there already),
        `untimed` (events without a time, or with an impossible one) and `backwards` (that stand after later ones
        of their conversation in the same log).
    """

    logs: list[Read] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def intake(logs: Sequence[LogFile], folder: Path, importers: Sequence[Importer], *, key: bytes = b"") -> Intake:
    """Read logs and write the tables `turns`, `texts`, `unknown` and `quarantine`.

    Parameters
    ----------
    logs : sequence of LogFile
    folder : Path
        Exists, and takes `turns.parquet` and the others.
    importers : sequence of Importer
        Among which the format of a log is recognised, the first before others.
    key : bytes
        Of pseudonyms; b"" only where the tables are seen by nobody and soon removed.

    Raises
    ------
    UnreadableArtefact
        If a log as a whole cannot be read, or is of no known format.
    """
    with tempfile.TemporaryDirectory(prefix="probatum-", dir=folder) as name, ExitStack() as stack:
        work = Path(name)
        size = sum(log.place.stat().st_size * (8 if log.path.endswith((".gz", ".parquet")) else 1) for log in logs)
        parts = min(_MOST_BUCKETS, 1 + size // _BUCKET)
        rows = Rows(work, stack, key, parts)
        taking = _Taking(logs, importers, rows)
        with Spool([work / f"events-{n:03}" for n in range(parts)]) as spool:
            for number in range(len(logs)):
                taking.spool(number, spool)
        with Spool([work / f"regrouped-{n:03}" for n in range(parts)]) as again:
            for path in spool.paths:
                taking.assemble(path, again)
                path.unlink()
        for path in again.paths:
            taking.assemble(path, None)
            path.unlink()
        rows.close()
        written(work, folder, rows.longest, taking.found.counts)
    return taking.found


class _Taking:
    """What is known while logs are read."""

    def __init__(self, logs: Sequence[LogFile], importers: Sequence[Importer], rows: Rows) -> None:
        self._logs = logs
        self._importers = importers
        self._named = {importer.name: importer for importer in (*importers, *(log.importer for log in logs if log.importer))}
        self._regrouping = {name: one for name, one in self._named.items() if isinstance(one, Regrouping)}
        self._rows = rows
        self.found = Intake()

    def spool(self, number: int, spool: Spool) -> None:
        """Write the events of one log to their buckets."""
        log, counts = self._logs[number], self.found.counts
        stream = records(log.place, log.path)
        first = list(islice(stream, _SAMPLE))
        importer = log.importer or _recognised(first, log.path, self._importers)
        read = Read(log.path, "" if importer is None else importer.name)
        self.found.logs.append(read)
        latest = 0.0
        for record in chain(first, stream):
            events = _events(record, importer)
            read.records += isinstance(record, Record)
            if isinstance(events, Unread):
                read.unread += 1
                self._rows.quarantine(log.path, events)
                continue
            for index, event in enumerate(events):
                at = event.at if event.at is not None and 0 < event.at < LATEST else None
                counts["untimed"] += at is None
                latest = max(latest, at or 0.0)
                if not event.conversation or event.kind == "unknown":
                    read.unknown += 1
                    self._rows.unknown(event, at, log.path, record.line)
                else:
                    read.events += 1
                    # What has no time happened when what stands before it did.
                    spool.add(event, at, read.format, latest if at is None else at, (number, record.line, index))

    def assemble(self, path: Path, again: Spool | None) -> None:
        """Write the turns of the conversations in one bucket; those that are found only now go to `again`."""
        before, stands = "", 0
        for conversation, name, spooled in _told_apart(groups(path)):
            regrouping = self._regrouping.get(name) if again is not None else None
            try:
                if again is None or regrouping is None:
                    # Two formats may have conversations of one name: their turns are counted on.
                    stands = stands if conversation == before else 0
                    stands += self._conversation(conversation, self._named[name], spooled, stands)
                    before = conversation
                else:
                    names = regrouping.regrouped([one.event(conversation) for one in spooled])
                    for one, other in zip(spooled, names, strict=True):
                        again.move(one, other)
            except _odd as problem:
                reason = f"the conversation cannot be put together ({problem})"
                self._rows.quarantine(self._logs[spooled[0].log].path, Unread(spooled[0].line, reason, ""))

    def _conversation(self, conversation: str, importer: Importer, spooled: Sequence[Spooled], first: int) -> int:
        """Write the turns of a conversation, from the position `first` on, and return how many there are."""
        counts = self.found.counts
        counts["backwards"] += _backwards(spooled)
        events = self._once(spooled)
        turns = list(importer.turns([(one.line, one.event(conversation)) for one in events]))
        counts["conversations"] += bool(turns)
        counts["turns"] += len(turns)
        stands = {one.line: one.log for one in reversed(events)}
        for position, turn in enumerate(turns, start=first):
            log = self._logs[stands.get(turn.line, events[0].log)]
            self._rows.turn(turn, position, log.path, log.locale)
        return len(turns)

    def _once(self, spooled: Sequence[Spooled]) -> list[Spooled]:
        """Return the events of a conversation, each once.

        What occurs twice in one log without a time may have happened twice: people say `yes` again.
        """
        seen: dict[tuple[str, str, str], Spooled] = {}
        events: list[Spooled] = []
        for one in spooled:
            first = seen.setdefault((one.at, one.kind, one.payload), one)
            if first.log == one.log and (first.line == one.line or not one.at):
                events.append(one)
            else:
                self.found.counts["duplicates"] += 1
        return events


def _told_apart(found: Iterable[tuple[str, str, list[Spooled]]]) -> Iterator[tuple[str, str, list[Spooled]]]:
    """Yield each conversation by itself where equal records without a name, or a time, became one of the same name."""
    for conversation, name, spooled in found:
        if not is_by_content(conversation) or any(one.at for one in spooled):
            yield conversation, name, spooled
            continue
        lines: dict[int, list[int]] = {}
        parts: dict[int, list[Spooled]] = {}
        for one in spooled:
            own = lines.setdefault(one.log, [])
            if not own or own[-1] != one.line:
                own.append(one.line)
            parts.setdefault(len(own), []).append(one)
        for number, part in parts.items():
            yield conversation if number == 1 else f"{conversation} {number}", name, part


def _backwards(spooled: Sequence[Spooled]) -> int:
    latest: dict[int, float] = {}
    many = 0
    for one in sorted(spooled, key=attrgetter("log", "line", "nth")):
        if one.at:
            at = float(one.at)
            many += at < latest.get(one.log, at)
            latest[one.log] = max(at, latest.get(one.log, at))
    return many


def _events(record: Record | Unread, importer: Importer | None) -> list[Event] | Unread:
    if isinstance(record, Unread) or importer is None:
        return record if isinstance(record, Unread) else Unread(record.line, "it is of no known format", "")
    try:
        return list(importer.events(record.value))
    except _odd as problem:
        reason = str(problem) if isinstance(problem, Broken) else f"it is not as its format says ({problem})"
        return Unread(record.line, reason, json.dumps(record.value, ensure_ascii=False)[:200])


def _recognised(first: Sequence[Record | Unread], path: str, importers: Sequence[Importer]) -> Importer | None:
    values = [record.value for record in first if isinstance(record, Record)]
    if not values:
        return None
    votes = [(sum(importer.recognises(value) for value in values), importer) for importer in importers]
    most = max((count for count, _ in votes), default=0)
    if not most:
        raise UnreadableArtefact(
            f"`{path}` is in no format that is recognised",
            help="say which columns hold what: `mapping: {text: ..., user: ..., asked_at: ...}`",
            location=Location(path),
        )
    return next(importer for count, importer in votes if count == most)
