"""From logs to tables: records to events, events to the turns of one conversation at a time, turns to Parquet.

The events of a conversation may stand anywhere in any of the logs, so they are
first written to buckets by conversation, of which each fits in memory. The same
logs give the same tables, whatever their order; an event that occurs twice, as
when exports overlap, counts once.
"""

from __future__ import annotations

import json
import tempfile
import zlib
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, groupby, islice
from pathlib import Path
from typing import IO, Any

from probatum.dialogue.artefacts.importers import Broken, Event, Importer
from probatum.dialogue.artefacts.records import Record, Unread, records
from probatum.dialogue.artefacts.tables import QUARANTINE, TEXTS, TURNS, UNKNOWN, pseudonym, text_number
from probatum.dialogue.artefacts.turn import Turn
from probatum.dialogue.artefacts.utterance import normalised
from probatum.errors import UnreadableArtefact
from probatum.source import Location, digest

_SAMPLE = 200  # records that show what format a log is in
_BUCKET = 48 * 1024 * 1024  # bytes of logs for each bucket
_MOST_BUCKETS = 200  # files that are open at once
_LATEST = 7_258_118_400.0  # 2200-01-01: a later time is a mistake
_MEMORY = 1_000_000_000  # bytes that DuckDB may use
_times = ("asked_at", "answered_at", "at")


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
        rows = _Rows(work, stack, key)
        taking = _Taking(logs, importers, rows)
        size = sum(log.place.stat().st_size * (8 if log.path.endswith((".gz", ".parquet")) else 1) for log in logs)
        buckets = [work / f"events-{n:03}" for n in range(min(_MOST_BUCKETS, 1 + size // _BUCKET))]
        with ExitStack() as spooling:
            spool = _Spool([spooling.enter_context(path.open("w", encoding="utf-8")) for path in buckets])
            for number in range(len(logs)):
                taking.spool(number, spool)
        for path in buckets:
            taking.assemble(path)
            path.unlink()
        rows.close()
        _written(work, folder, rows.longest, taking.found.counts)
    return taking.found


class _Taking:
    """What is known while logs are read."""

    def __init__(self, logs: Sequence[LogFile], importers: Sequence[Importer], rows: _Rows) -> None:
        self._logs = logs
        self._importers = importers
        self._named = {importer.name: importer for importer in (*importers, *(log.importer for log in logs if log.importer))}
        self._rows = rows
        self.found = Intake()

    def spool(self, number: int, spool: _Spool) -> None:
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
                events = []
            for index, event in enumerate(events):
                at = event.at if event.at is not None and 0 < event.at < _LATEST else None
                counts["untimed"] += at is None
                latest = max(latest, at or 0.0)
                if not event.conversation or event.kind == "unknown":
                    read.unknown += 1
                    self._rows.unknown(event, at, log.path, record.line)
                else:
                    read.events += 1
                    # What has no time happened when what stands before it did.
                    order = latest if at is None else at
                    spool.add(event.conversation, [read.format, order, number, record.line, index, at, event.kind, event.payload])

    def assemble(self, path: Path) -> None:
        """Write the turns of the conversations in one bucket."""
        with path.open(encoding="utf-8") as file:
            spooled = [json.loads(line) for line in file]
        spooled.sort(key=lambda row: row[:6])
        for (conversation, name), group in groupby(spooled, key=lambda row: (row[0], row[1])):
            rows = [row[3:] for row in group]
            events = self._once(conversation, rows)
            self.found.counts["backwards"] += _backwards(rows)
            try:
                turns = list(self._named[name].turns([(line, event) for _, line, event in events]))
            except (LookupError, TypeError, ValueError, AttributeError, RecursionError, Broken) as problem:
                log, line, _ = events[0]
                reason = f"the conversation cannot be put together ({problem})"
                self._rows.quarantine(self._logs[log].path, Unread(line, reason, ""))
                continue
            self.found.counts["conversations"] += bool(turns)
            self.found.counts["turns"] += len(turns)
            stands = {line: log for log, line, _ in reversed(events)}
            for position, turn in enumerate(turns):
                self._rows.turn(turn, position, self._logs[stands.get(turn.line, events[0][0])])

    def _once(self, conversation: str, rows: Sequence[list[Any]]) -> list[tuple[int, int, Event]]:
        """Return the events of a conversation, each once, with their logs and lines.

        What occurs twice in one log without a time may have happened twice: people say `yes` again.
        """
        seen: dict[str, tuple[int, int]] = {}
        events: list[tuple[int, int, Event]] = []
        for log, line, _, at, kind, payload in rows:
            mark = digest(json.dumps([at, kind, payload], sort_keys=True))
            first = seen.setdefault(mark, (log, line))
            if first != (log, line) and (at is not None or first[0] != log):
                self.found.counts["duplicates"] += 1
            else:
                events.append((log, line, Event(conversation=conversation, kind=kind, at=at, payload=payload)))
        return events


def _backwards(rows: Sequence[list[Any]]) -> int:
    latest: dict[int, float] = {}
    many = 0
    for log, _, _, at, *_ in sorted(rows, key=lambda row: row[:3]):
        if at is not None:
            many += at < latest.get(log, at)
            latest[log] = max(at, latest.get(log, at))
    return many


def _events(record: Record | Unread, importer: Importer | None) -> list[Event] | Unread:
    if isinstance(record, Unread) or importer is None:
        return record if isinstance(record, Unread) else Unread(record.line, "it is of no known format", "")
    try:
        return list(importer.events(record.value))
    except Broken as problem:
        return Unread(record.line, str(problem), json.dumps(record.value, ensure_ascii=False)[:200])


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


class _Spool:
    """Events on their way, in one file for each part of the conversations."""

    def __init__(self, files: Sequence[IO[str]]) -> None:
        self._files = files

    def add(self, conversation: str, rest: list[Any]) -> None:
        bucket = zlib.crc32(conversation.encode("utf-8", "surrogatepass")) % len(self._files)
        self._files[bucket].write(json.dumps([conversation, *rest]) + "\n")


class _Rows:
    """Rows of the tables, written as JSON lines until they become Parquet."""

    def __init__(self, work: Path, stack: ExitStack, key: bytes) -> None:
        self._key = key
        self._files = {
            # JSON can name a lone surrogate, which UTF-8 cannot write: it becomes a question mark.
            name: stack.enter_context((work / f"{name}.jsonl").open("w", encoding="utf-8", errors="replace"))
            for name in ("turns", "texts", "unknown", "quarantine")
        }
        self._texts: set[int] = set()
        self.longest = 0  # bytes of a row, at most

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def quarantine(self, source: str, unread: Unread) -> None:
        row = {"source": source, "line": unread.line, "reason": unread.reason, "start": unread.start}
        self._write("quarantine", row)

    def unknown(self, event: Event, at: float | None, source: str, line: int) -> None:
        payload = json.dumps(event.payload, ensure_ascii=False)
        row = {"conversation_id": event.conversation or None, "at": _micro(at), "kind": event.kind, "payload": payload}
        self._write("unknown", row | {"source": source, "line": line})

    def turn(self, turn: Turn, position: int, log: LogFile) -> None:
        key = self._key
        conversation = pseudonym(turn.conversation, key, "conversation")
        self._write(
            "turns",
            {
                "turn_id": digest(f"{conversation}\0{position}")[:16],
                "conversation_id": conversation,
                "position": position,
                "user_id": pseudonym(turn.user, key, "user"),
                "household_id": pseudonym(turn.household, key, "household"),
                "device_id": pseudonym(turn.device, key, "device"),
                "asked_at": _micro(turn.asked_at),
                "answered_at": _micro(turn.answered_at),
                "text_id": self._text(turn.text),
                "hypotheses": [{"text_id": self._text(h.text), "score": h.score} for h in turn.hypotheses],
                "rewritten_id": self._text(turn.rewritten),
                "policy": turn.policy or None,
                "arm": turn.arm or None,
                "propensity": turn.propensity,
                "domain": turn.domain or None,
                "intent": turn.intent or None,
                "slots": [{"name": name, "value": value} for name, value in turn.slots],
                "response_id": self._text(turn.response),
                "interrupted_ms": turn.interrupted_ms,
                "stages": [
                    {"name": s.name, "ok": s.ok, "confidence": s.confidence, "code": s.code, "output": s.output}
                    for s in turn.stages
                ],
                "tools": [
                    {"name": t.name, "arguments": t.arguments, "result": t.result, "ok": t.ok, "error": t.error}
                    for t in turn.tools
                ],
                "signals": [{"kind": s.kind, "value": s.value, "source": s.source} for s in turn.signals],
                "context": [{"name": name, "value": value} for name, value in turn.context],
                "locale": turn.locale or log.locale or None,
                "channel": turn.channel or None,
                "source": log.path,
                "line": turn.line,
            },
        )

    def _text(self, text: str) -> int | None:
        if not text:
            return None
        normal = normalised(text)
        number = text_number(normal, self._key)
        if number not in self._texts:
            self._texts.add(number)
            self._write("texts", {"text_id": number, "text": text, "normalised": normal})
        return number

    def _write(self, table: str, row: dict[str, Any]) -> None:
        line = json.dumps(row, ensure_ascii=False) + "\n"
        self.longest = max(self.longest, 4 * len(line))
        self._files[table].write(line)


def _micro(at: float | None) -> int | None:
    return None if at is None or not 0 < at < _LATEST else round(at * 1_000_000)


def _written(work: Path, folder: Path, longest: int, counts: Counter[str]) -> None:
    from probatum.runner.tables import Tables

    with Tables(folder, memory_bytes=_MEMORY + 8 * longest, threads=1) as tables:
        for name, columns in (("turns", TURNS), ("texts", TEXTS), ("unknown", UNKNOWN), ("quarantine", QUARANTINE)):
            # INVARIANT: names and types are our own.
            typed = ", ".join(f"\"{column}\": '{'BIGINT' if column in _times else kind}'" for column, kind in columns.items())
            chosen = ", ".join(f'make_timestamp("{c}") as "{c}"' if c in _times else f'"{c}"' for c in columns)
            query = (
                f"select {chosen} from read_json($file, format = 'newline_delimited', "  # noqa: S608 - names of our own
                f"maximum_object_size = {longest + 1024}, columns = {{{typed}}})"
            )
            tables.write(folder / f"{name}.parquet", query, file=work / f"{name}.jsonl")
        counts["texts"] = tables.sql("select count(*) as n from read_parquet($file)", file=folder / "texts.parquet")[0]["n"]
