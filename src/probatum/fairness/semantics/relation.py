"""A table that is read where it is: Parquet, CSV, JSON lines, Arrow, a database, or what a program has in memory."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.semantics.formats import ARROW, DATABASE, Database, arrow_table
from probatum.fairness.semantics.header import wrong_start
from probatum.fairness.semantics.memory import Held, Memory
from probatum.runner import Json
from probatum.runner.tables import QueryFailed, Row, Tables
from probatum.sharing import Shared
from probatum.source import Data, Location, Source

_REMEMBERED = 100_000  # rows of all answers together: what is asked again after that is counted again
_MEMORY = 1_000_000_000  # bytes that DuckDB may use: counting needs a fraction of it
_KEPT = 30_000_000  # bytes of a text file that is parsed once and kept: larger ones are parsed for each question

# How a file is read, by the end of its name. Everything in text files is text until a policy says what it means:
# a postcode keeps its zeros.
_readers = {
    ".parquet": "read_parquet($file)",
    ".csv": "read_csv($file, all_varchar = true, header = true)",
    ".tsv": "read_csv($file, all_varchar = true, header = true, delim = '\t')",
    ".csv.gz": "read_csv($file, all_varchar = true, header = true)",
    ".jsonl": "read_json($file, format = 'newline_delimited')",
    ".ndjson": "read_json($file, format = 'newline_delimited')",
}

_quoted_or_table = re.compile(r"""\"(?:[^"]|"")*"|'(?:[^']|'')*'|\{table\}""")


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, and the database that reads it.

    Attributes
    ----------
    path : str
        What messages call it.
    columns : mapping of str to str
        Names, as the table spells them, to DuckDB's types.
    """

    path: str
    columns: Mapping[str, str]
    _tables: Tables
    _source: str
    _params: Mapping[str, Json | Path]
    _answered: dict[str, list[Row]] = field(default_factory=dict, compare=False)

    def sql(self, query: str, **params: Json) -> list[Row]:
        """Answer one SELECT in which `{table}` stands for the table; a question that was answered before is not asked again.

        Raises
        ------
        UnreadableArtefact
            If it cannot be answered: the table is damaged, or a value is not what it should be.
        """
        asked = json.dumps([query, params], sort_keys=True, default=str)
        if asked not in self._answered:
            placed = self._placed(query)
            try:
                rows = self._tables.sql(placed, **self._wanted(query, placed), **params)
            except QueryFailed as problem:
                raise unreadable(self.path, problem.message.removeprefix("the query cannot be answered: ")) from None
            if len(rows) + sum(len(answer) for answer in self._answered.values()) > _REMEMBERED:
                return rows
            self._answered[asked] = rows
        return [dict(row) for row in self._answered[asked]]

    def arrays(self, query: str, **params: Json) -> dict[str, Any]:
        """Answer one SELECT with a NumPy array for each column, in the order of the table's rows; see `sql`."""
        placed = self._placed(query)
        try:
            return self._tables.arrays(placed, **self._wanted(query, placed), **params)
        except QueryFailed as problem:
            raise unreadable(self.path, problem.message.removeprefix("the query cannot be answered: ")) from None

    def _wanted(self, query: str, placed: str) -> dict[str, Any]:
        """Return the parameters of the table, if it is asked for: DuckDB refuses those that a query has no place for."""
        return {} if placed == query else {name: value for name, value in self._params.items() if f"${name}" in self._source}

    def _placed(self, query: str) -> str:
        # Columns and values may be called anything, `{table}` too.
        return _quoted_or_table.sub(lambda found: self._source if found[0] == "{table}" else found[0], query)


_shared: Shared[Relation] = Shared("relations")
sharing = _shared.sharing


@contextmanager
def opened(source: Source) -> Iterator[Relation]:
    """Open a table for as long as the context lasts.

    Parameters
    ----------
    source : Source
        A file in place (`Data`), its bytes, or what a program has in memory (`Held`).

    Raises
    ------
    UnreadableArtefact
        If it is not a table of a format that is read.
    MissingExtra
        If DuckDB is not installed.
    """
    with _shared.opened(id(source), lambda stack: stack.enter_context(_opened(source)), keep=source) as relation:
        yield relation


@contextmanager
def _opened(source: Source) -> Iterator[Relation]:
    if isinstance(source, Held):
        with Memory(source, memory_bytes=_MEMORY) as tables:
            yield _relation(source.path, tables, tables.source(source), {})
        return
    if source.path.lower().endswith(ARROW):
        held = Held(source.path, b"", arrow_table(source))
        with Memory(held, memory_bytes=_MEMORY) as tables:
            yield _relation(source.path, tables, tables.source(held), {})
        return
    if source.path.lower().endswith(DATABASE):
        with _file_of(source, DATABASE[0]) as place, Database(place, source.path, memory_bytes=_MEMORY) as tables:
            yield _relation(source.path, tables, tables.source, {})
        return
    ending = next((ending for ending in _readers if source.path.lower().endswith(ending)), None)
    if ending is None:
        raise UnreadableArtefact(
            f"`{source.path}` is not a table that can be read",
            help=f"write it as one of {', '.join((*_readers, *ARROW, *DATABASE))}",
            location=Location(source.path),
        )
    with _file_of(source, ending) as place, Tables(place.parent, memory_bytes=_MEMORY) as tables:
        yield _relation(source.path, tables, _readers[ending], {"file": place})


@contextmanager
def _file_of(source: Source, ending: str) -> Iterator[Path]:
    """Yield where a file is: in place, or written for as long as the context lasts."""
    if isinstance(source, Data):
        yield Path(source.place)
        return
    with tempfile.TemporaryDirectory(prefix="probatum-") as folder:
        place = Path(folder) / f"table{ending}"
        place.write_bytes(source.raw)
        yield place


def _relation(path: str, tables: Tables, reader: str, params: Mapping[str, Any]) -> Relation:
    place, text = params.get("file"), reader.startswith("read_csv")
    try:
        if place is not None and not reader.startswith("read_parquet") and place.stat().st_size < _KEPT:
            tables.keep("kept", f"select * from {reader}", **params)  # noqa: S608 - a reader of our own
            reader, params = "kept", {}
        described = tables.sql(f"select column_name, column_type from (describe select * from {reader})", **params)  # noqa: S608 - a reader of our own
    except QueryFailed as problem:
        reason = (wrong_start(place, []) if text and place is not None else None) or problem.message
        raise unreadable(path, reason.removeprefix("the query cannot be answered: ").replace(str(place), path)) from None
    columns = {row["column_name"]: row["column_type"] for row in described}
    wrong = wrong_start(place, list(columns)) if text and place is not None else None
    if wrong is not None:
        raise unreadable(path, wrong)
    return Relation(path, columns, tables, reader, params)


def unreadable(path: str, reason: str) -> UnreadableArtefact:
    """Return the error about a table as a whole."""
    return UnreadableArtefact(f"`{path}` cannot be read ({reason})", help="correct the table", location=Location(path))


def quoted(name: str) -> str:
    """Return a column's name as SQL."""
    return '"' + name.replace('"', '""') + '"'
