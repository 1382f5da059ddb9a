"""Rows of the stored tables, written as JSON lines until they become Parquet."""

from __future__ import annotations

import json
import math
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from probatum.dialogue.artefacts.encoding import encoding, text_of
from probatum.dialogue.artefacts.importers import Event
from probatum.dialogue.artefacts.records import Unread
from probatum.dialogue.artefacts.redaction import redacted, redacted_numbers
from probatum.dialogue.artefacts.tables import QUARANTINE, TEXTS, TURNS, UNKNOWN, pseudonym, text_number
from probatum.dialogue.artefacts.turn import ASKED, Signal, Turn
from probatum.dialogue.artefacts.utterance import asks, normalised
from probatum.source import digest

LATEST = 7_258_118_400.0  # 2200-01-01: a later time is a mistake
_MEMORY = 1_000_000_000  # bytes that DuckDB may use
_KNOWN = 100_000  # texts and identifiers that are remembered
_SHORT = 200  # characters of those
_moments = ("asked_at", "answered_at")  # of a turn
_times = (*_moments, "at")
_identifiers = (("user_id", "user"), ("household_id", "household"), ("device_id", "device"))
_encoded = encoding()


class Rows:
    """Takes rows, in files of a folder.

    Attributes
    ----------
    longest : int
        Bytes of a row, at most.
    """

    def __init__(self, work: Path, stack: ExitStack, key: bytes, parts: int) -> None:
        """Open the files; texts are written to so many `parts`, of which each fits in memory."""
        self._work = work
        self._key = key
        names = ("turns", "unknown", "quarantine", *(f"texts-{part:03}" for part in range(parts)))
        # JSON can name a lone surrogate, which UTF-8 cannot write: it becomes a question mark.
        self._files = {
            name: stack.enter_context((work / f"{name}.jsonl").open("w", encoding="utf-8", errors="replace")) for name in names
        }
        self._parts = [self._files[f"texts-{part:03}"] for part in range(parts)]
        self._texts: dict[str, int] = {}
        self._pseudonyms: dict[tuple[str, str], str | None] = {}
        self.longest = 0

    def quarantine(self, source: str, unread: Unread) -> None:
        """Write what could not be read."""
        self._write("quarantine", {"source": source, "line": unread.line, "reason": unread.reason, "start": unread.start})

    def unknown(self, event: Event, at: float | None, source: str, line: int) -> None:
        """Write an event that no importer has a word for."""
        payload = json.dumps(event.payload, ensure_ascii=False)
        conversation = self._pseudonym(event.conversation, "conversation")
        row = {"conversation_id": conversation, "at": _micro(at), "kind": event.kind, "payload": payload}
        self._write("unknown", row | {"source": source, "line": line})

    def turn(self, turn: Turn, position: int, source: str, locale: str) -> None:
        """Write a turn that is at `position`, of a log in which turns that do not say are of `locale`."""
        conversation = self._pseudonym(turn.conversation, "conversation")
        # What is empty is not written: reading it again takes time.
        row: dict[str, Any] = {
            "turn_id": digest(f"{conversation}\0{position}")[:16],
            "conversation_id": conversation,
            "position": position,
        }
        for name, kind in _identifiers:
            if (known := self._pseudonym(getattr(turn, kind), kind)) is not None:
                row[name] = known
        for name in _moments:
            if (at := _micro(getattr(turn, name))) is not None:
                row[name] = at
        for name, said in (("text_id", turn.text), ("rewritten_id", turn.rewritten), ("response_id", turn.response)):
            if (number := self._text(said)) is not None:
                row[name] = number
        for name in ("rewrite", "policy", "arm", "domain", "intent", "channel"):
            if text := getattr(turn, name):
                row[name] = text
        for name in ("propensity", "interrupted_ms"):
            if (value := _finite(getattr(turn, name))) is not None:
                row[name] = value
        if spoken := turn.locale or locale:
            row["locale"] = spoken
        row |= {"source": source, "line": turn.line}
        if turn.hypotheses:
            row["hypotheses"] = [{"text_id": self._text(h.text), "score": _finite(h.score)} for h in turn.hypotheses]
        if turn.slots:
            row["slots"] = [{"name": name, "value": redacted(value)} for name, value in turn.slots]
        if turn.stages:
            row["stages"] = [
                {"name": s.name, "ok": s.ok, "confidence": _finite(s.confidence), "code": s.code, "output": redacted(s.output)}
                for s in turn.stages
            ]
        if turn.tools:
            row["tools"] = [
                {"name": t.name, "arguments": redacted(t.arguments), "result": redacted(t.result), "ok": t.ok, "error": t.error}
                for t in turn.tools
            ]
        signals = (*turn.signals, Signal(kind=ASKED, source="rule")) if asks(turn.response) else turn.signals
        if signals:
            row["signals"] = [{"kind": s.kind, "value": _finite(s.value) or 0.0, "source": s.source} for s in signals]
        if turn.context:
            row["context"] = [{"name": name, "value": value} for name, value in turn.context]
        self._write("turns", row)

    def close(self) -> None:
        """Close the files, and put the parts of the texts together: each number once."""
        for file in self._files.values():
            file.close()
        with (self._work / "texts.jsonl").open("w", encoding="utf-8") as together:
            for part in range(len(self._parts)):
                seen: set[str] = set()
                path = self._work / f"texts-{part:03}.jsonl"
                with path.open(encoding="utf-8") as file:
                    for line in file:
                        number, _, row = line.partition("\t")
                        if number not in seen:
                            seen.add(number)
                            together.write(row)
                path.unlink()

    def _pseudonym(self, identifier: str, kind: str) -> str | None:
        if not identifier:
            return None
        name = (kind, identifier)
        if name not in self._pseudonyms:
            if len(self._pseudonyms) >= _KNOWN:
                self._pseudonyms.clear()
            self._pseudonyms[name] = pseudonym(identifier, self._key, kind)
        return self._pseudonyms[name]

    def _text(self, text: str) -> int | None:
        if not text:
            return None
        number = self._texts.get(text)
        if number is None:
            normal = redacted_numbers(normalised(redacted(text)))
            if not normal:
                return None
            number = text_number(normal, self._key)
            line = f'{number}\t{{"text_id":{number},"normalised":{text_of(normal)}}}\n'
            self.longest = max(self.longest, 4 * len(line))
            self._parts[number % len(self._parts)].write(line)
            if len(text) <= _SHORT:
                if len(self._texts) >= _KNOWN:
                    self._texts.clear()
                self._texts[text] = number
        return number

    def _write(self, table: str, row: dict[str, Any]) -> None:
        line = _encoded(row) + "\n"
        self.longest = max(self.longest, 4 * len(line))
        self._files[table].write(line)


def written(work: Path, folder: Path, longest: int, counts: Counter[str]) -> None:
    """Write the rows in `work` as Parquet files of `folder`, and count the texts."""
    from probatum.runner.tables import Tables

    with Tables(folder, memory_bytes=_MEMORY + 8 * longest, threads=1) as tables:
        for name, columns in (("turns", TURNS), ("texts", TEXTS), ("unknown", UNKNOWN), ("quarantine", QUARANTINE)):
            # INVARIANT: names and types are our own.
            typed = ", ".join(f"\"{column}\": '{'BIGINT' if column in _times else kind}'" for column, kind in columns.items())
            chosen = ", ".join(_chosen(column, kind) for column, kind in columns.items())
            query = (
                f"select {chosen} from read_json($file, format = 'newline_delimited', "  # noqa: S608 - names of our own
                f"maximum_object_size = {longest + 1024}, columns = {{{typed}}})"
            )
            tables.write(folder / f"{name}.parquet", query, file=work / f"{name}.jsonl")
        counts["texts"] = tables.sql("select count(*) as n from read_parquet($file)", file=folder / "texts.parquet")[0]["n"]


def _chosen(column: str, kind: str) -> str:
    if column in _times:
        return f'make_timestamp("{column}") as "{column}"'
    return f'coalesce("{column}", []) as "{column}"' if kind.endswith("[]") else f'"{column}"'


def _micro(at: float | None) -> int | None:
    return None if at is None or not 0 < at < LATEST else round(at * 1_000_000)


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value
