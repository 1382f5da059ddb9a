"""An understanding that keeps what it made of texts in a file, for worlds that are made again and again."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from probatum.synth.dialogue.frames import Frame, Parse, Understanding

_EACH = 500  # texts after which what is new is written down


@dataclass(eq=False)
class Remembered:
    """An understanding and its memory.

    Attributes
    ----------
    inner : Understanding
    path : Path
        A file that may be there already.
    version : str
        Of all that the inner one depends on: what another version made of a text is not remembered.
    """

    inner: Understanding
    path: Path
    version: str
    _known: dict[str, tuple[Parse, ...]] = field(default_factory=dict, init=False)
    _fresh: list[tuple[str, str, str]] = field(default_factory=list, init=False)

    @property
    def name(self) -> str:
        """That of the inner one."""
        return self.inner.name

    def parses(self, text: str) -> tuple[Parse, ...]:
        """Return the ways to understand a text."""
        found = self._known.get(text)
        if found is None:
            kept = self._kept.get(text)
            found = _read(kept) if kept is not None else self.inner.parses(text)
            self._known[text] = found
            if kept is None:
                self._fresh.append((self.version, text, json.dumps([asdict(parse) for parse in found])))
                if len(self._fresh) >= _EACH:
                    self.keep()
        return found

    def keep(self) -> None:
        """Write down what is new."""
        with closing(self._opened()) as database, database:
            database.executemany("insert or replace into memory values (?, ?, ?)", self._fresh)
        self._fresh.clear()

    @cached_property
    def _kept(self) -> dict[str, str]:
        with closing(self._opened()) as database:
            return dict(database.execute("select text, parses from memory where version = ?", (self.version,)))

    def _opened(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path)
        database.execute(
            "create table if not exists memory (version text, text text, parses text, primary key (version, text)) without rowid"
        )
        return database


def _read(text: str) -> tuple[Parse, ...]:
    return tuple(
        Parse(
            Frame(**one["frame"]),
            tuple((name, domain) for name, domain in one["names"]),
            tuple(one["areas"]),
            tuple(one["order"]),
            one["confidence"],
        )
        for one in json.loads(text)
    )
