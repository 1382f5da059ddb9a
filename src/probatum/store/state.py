"""What a project remembers between checks: `.probatum/state.db`.

Everything in it can be made again: results under the digest of all that they
depend on, whether their evidence was confirmed, and the checks that used them.
What people decide (baseline, suppressions) is in files of their own, never here.
So damage costs time and nothing else: a database that is not one is moved aside,
a row that is not what was written is not there.

One connection, one thread; other processes may use the same directory.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, Self

from probatum.errors import StateError
from probatum.records import dataclass
from probatum.source import digest
from probatum.store.objects import Objects

APPLICATION_ID = 0x70726F62  # "prob"
VERSION = 2
BUSY_TIMEOUT_MS = 10_000

_plain, _packed, _object = 0, 1, 2  # how a value is stored
_pack_from = 512  # bytes; smaller values gain nothing
_object_from = 65_536  # bytes packed; larger ones would make the database slow to copy and check
_at_once = 500  # keys a question; SQLite allows 999 parameters even in old builds

_schema = """
CREATE TABLE results (
    key TEXT PRIMARY KEY,
    form INTEGER NOT NULL,
    value BLOB NOT NULL,
    texts_form INTEGER NOT NULL,
    texts BLOB NOT NULL,              -- what belongs to the value and is seldom read
    mark BLOB NOT NULL                -- of all of these: a flipped bit must not become an answer
);
CREATE TABLE status (                 -- apart, so that a check that changes nothing writes little
    key TEXT PRIMARY KEY,
    confirmed INTEGER NOT NULL,
    last_run INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    summary TEXT NOT NULL
);
"""
_tables = ("results", "status", "runs")

_select = """
SELECT key, form, value, texts_form, texts, mark, COALESCE(confirmed, 0)
FROM results LEFT JOIN status USING (key) WHERE key IN ({})
"""

_damaged = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """What a collection removed and kept."""

    removed_results: int
    removed_objects: int
    freed_bytes: int
    kept_results: int
    kept_objects: int


@dataclass(frozen=True, slots=True)
class Remembered:
    """A stored result, and whether the evidence of its findings has been confirmed.

    `texts` reads the texts that were stored with it; they are verified already,
    and only unpacked then.
    """

    value: Any
    confirmed: bool
    texts: Callable[[], list[str]] = field(default=list, compare=False)


@dataclass(slots=True)
class State:
    """The open state directory of a project. A context manager.

    Also a store of results for `runner.resume`.

    Attributes
    ----------
    notes : list of str
        What a reader must know: a damaged database was moved aside.
    """

    directory: Path
    notes: list[str] = field(default_factory=list)
    _connection: sqlite3.Connection | None = None
    _inode: int = 0
    _dropped: int = 0  # rows that were not what was written

    @staticmethod
    def open(directory: Path) -> State:
        """Open a state directory, making it if need be.

        Raises
        ------
        StateError
            If it cannot be used: unwritable, full, a link, made by a newer version.
        """
        state = State(directory)
        if directory.is_symlink() or (directory / "state.db").is_symlink():
            raise StateError(f"the state directory `{directory.name}`, or the database in it, is a link", help="remove the link")
        try:
            directory.mkdir(exist_ok=True)
            ignore = directory / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="ascii")
        except OSError as error:
            raise _unusable(directory, error) from None
        with state._guarded():
            state._connect()
        return state

    @property
    def objects(self) -> Objects:
        """What is too large for a row."""
        return Objects(self.directory / "objects")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; closing twice is once."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):  # nothing is lost: every write was a transaction of its own
                self._connection.close()
            self._connection = None

    # --- results ---------------------------------------------------------------

    def look_up(self, keys: Iterable[str]) -> dict[str, Remembered]:
        """Return the results under those keys that are there and undamaged.

        Raises
        ------
        StateError
            If the database cannot be read.
        """
        wanted = list(keys)
        found: dict[str, Remembered] = {}
        bad: list[str] = []
        with self._guarded():
            for part in _parts(wanted):
                marks = ",".join("?" * len(part))
                rows = self._run(_select.format(marks), part)
                for key, form, value, texts_form, texts, mark, confirmed in rows:
                    content = self._value(key, form, value, texts_form=texts_form, texts=texts, mark=mark)
                    attached = self._content(texts_form, texts)
                    if content is None or attached is None:
                        bad.append(key)
                    else:
                        found[key] = Remembered(content, bool(confirmed), _Texts(attached, texts_form))
            for part in _parts(bad):
                self._run(f"DELETE FROM results WHERE key IN ({','.join('?' * len(part))})", part)  # noqa: S608 - only question marks
        if bad:
            self._dropped += len(bad)
            self._note_dropped()
        return found

    def get_many(self, keys: Sequence[str]) -> Mapping[str, Any]:
        """Return the values of those keys that are there."""
        return {key: remembered.value for key, remembered in self.look_up(keys).items()}

    def put(self, key: str, value: Any) -> None:
        """Keep a value; it survives the death of this process when this returns."""
        self.put_many([(key, value, [])])

    def put_many(self, items: Iterable[tuple[str, Any, list[str]]]) -> None:
        """Keep values and the texts that belong to them, all or none; their evidence counts as unconfirmed.

        Raises
        ------
        StateError
            If they cannot be written.
        """
        rows: list[tuple[str, int, bytes, int, bytes, bytes]] = []
        for key, value, texts in items:
            form, content = self._pack(value)
            texts_form, attached = self._pack(texts)
            rows.append((key, form, content, texts_form, attached, _mark(key, form, content, texts_form, attached)))
        with self._guarded(), self._transaction():
            connection = self._connected()
            connection.executemany(
                "INSERT OR REPLACE INTO results (key, form, value, texts_form, texts, mark) VALUES (?, ?, ?, ?, ?, ?)", rows
            )
            connection.executemany(
                "INSERT OR REPLACE INTO status (key, confirmed, last_run) VALUES (?, 0, (SELECT COALESCE(MAX(id), 0) FROM runs))",
                [(row[0],) for row in rows],
            )

    def confirm(self, keys: Iterable[str]) -> None:
        """Remember that the evidence of the findings of these results was confirmed."""
        with self._guarded(), self._transaction():
            self._connected().executemany("UPDATE status SET confirmed = 1 WHERE key = ?", [(key,) for key in keys])

    # --- runs and garbage ------------------------------------------------------

    def begin_run(self, summary: Mapping[str, Any]) -> int:
        """Record that a check begins; return its number."""
        with self._guarded(), self._transaction():
            cursor = self._connected().execute("INSERT INTO runs (summary) VALUES (?)", (json.dumps(summary, sort_keys=True),))
            return cursor.lastrowid or 0
        raise AssertionError  # pragma: no cover - the guard raises or the block returns

    def end_run(self, run: int, used: Iterable[str], summary: Mapping[str, Any]) -> None:
        """Record what a check used and how it ended; what is used stays when garbage is collected."""
        with self._guarded(), self._transaction():
            connection = self._connected()
            for part in _parts(list(used)):
                marks = ",".join("?" * len(part))
                connection.execute(f"UPDATE status SET last_run = ? WHERE key IN ({marks}) AND last_run < ?", (run, *part, run))  # noqa: S608 - only question marks
            connection.execute("UPDATE runs SET summary = ? WHERE id = ?", (json.dumps(summary, sort_keys=True), run))

    def runs(self) -> tuple[tuple[int, Mapping[str, Any]], ...]:
        """Numbers and summaries of the checks that are remembered, oldest first."""
        with self._guarded():
            return tuple((number, json.loads(text)) for number, text in self._run("SELECT id, summary FROM runs ORDER BY id", ()))
        raise AssertionError  # pragma: no cover - the guard raises or the block returns

    def collect(self, keep_runs: int = 10) -> Garbage:
        """Remove what none of the last `keep_runs` checks used."""
        with self._guarded():
            with self._transaction():
                connection = self._connected()
                [(first,)] = connection.execute(
                    "SELECT COALESCE(MIN(id), 0) FROM (SELECT id FROM runs ORDER BY id DESC LIMIT ?)", (max(keep_runs, 1),)
                )
                connection.execute("DELETE FROM status WHERE last_run < ?", (first,))
                removed = connection.execute("DELETE FROM results WHERE key NOT IN (SELECT key FROM status)").rowcount
                connection.execute("DELETE FROM runs WHERE id < ?", (first,))
                [(kept,)] = connection.execute("SELECT COUNT(*) FROM results")
                named = connection.execute(
                    "SELECT value FROM results WHERE form = ?1 UNION SELECT texts FROM results WHERE texts_form = ?1", (_object,)
                )
                reachable = {bytes(name).decode("ascii") for (name,) in named}
            before = self._size()
            objects, freed, kept_objects = self.objects.sweep(reachable)
            self._run("VACUUM", ())
            self._run("PRAGMA wal_checkpoint(TRUNCATE)", ())
            return Garbage(
                removed_results=removed,
                removed_objects=objects,
                freed_bytes=freed + max(0, before - self._size()),
                kept_results=kept,
                kept_objects=kept_objects,
            )
        raise AssertionError  # pragma: no cover - the guard raises or the block returns

    def clear(self) -> Garbage:
        """Remove all results and all checks that are remembered."""
        with self._guarded():
            with self._transaction():
                removed = self._connected().execute("DELETE FROM results").rowcount
                for table in ("status", "runs"):
                    self._connected().execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
            return dataclasses.replace(self.collect(), removed_results=removed)
        raise AssertionError  # pragma: no cover - the guard raises or the block returns

    def _size(self) -> int:
        places = (self._place, self._place.with_name("state.db-wal"))
        return sum(place.stat().st_size for place in places if place.exists())

    # --- rows ------------------------------------------------------------------

    def _pack(self, value: Any) -> tuple[int, bytes]:
        form, content = _plain, json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode("ascii")
        if len(content) >= _pack_from:
            form, content = _packed, zlib.compress(content, 1)
        if len(content) >= _object_from:
            form, content = _object, self.objects.put(content).encode("ascii")
        return form, content

    def _value(self, key: str, form: int, value: bytes, *, texts_form: int, texts: bytes, mark: bytes) -> Any:
        """Return the value of a row, or None if any of it is damaged. No result of ours is JSON's null."""
        try:
            if _mark(key, form, value, texts_form, texts) != mark:
                return None
            content = self._content(form, value)
            return None if content is None else _unpacked(content, form)
        except (zlib.error, ValueError, TypeError):
            return None

    def _content(self, form: int, stored: bytes) -> bytes | None:
        """Bytes of a row, or of the object that it names; None if that is missing or damaged."""
        return self.objects.get(stored.decode("ascii")) if form == _object else stored

    def _note_dropped(self) -> None:
        self.notes = [note for note in self.notes if "results were damaged" not in note]
        self.notes.append(f"{self._dropped:,} stored results were damaged and have been made again")

    # --- the database ----------------------------------------------------------

    @property
    def _place(self) -> Path:
        return self.directory / "state.db"

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StateError("the state directory is closed")
        return self._connection

    def _run(self, sql: str, arguments: Sequence[object]) -> list[Any]:
        return self._connected().execute(sql, arguments).fetchall()

    def _connect(self) -> None:
        """Open the database, moving aside what is none of ours; sqlite3.Error if even a new one does not open."""
        try:
            self._try_to_connect()
        except sqlite3.DatabaseError as error:
            if _code(error) not in _damaged:
                raise
            self._move_aside("damaged")
            self._try_to_connect()

    def _try_to_connect(self) -> None:
        self.close()
        # Autocommit: every statement outside `_transaction` is a transaction of its own.
        connection = sqlite3.connect(self._place, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self._inode = self._place.stat().st_ino

    def _prepare(self, connection: sqlite3.Connection) -> None:
        if _header(connection) != (APPLICATION_ID, VERSION):
            # One process at a time: between two looks another one may have made the tables, and WAL mode is entered alone or not at all.
            with (self.directory / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._begin(connection)
        # In WAL mode this loses at most the last transactions when the power fails, never consistency.
        connection.execute("PRAGMA synchronous = NORMAL")

    def _begin(self, connection: sqlite3.Connection) -> None:
        """Make the database one of ours."""
        application, version = _header(connection)
        [(tables,)] = connection.execute("SELECT COUNT(*) FROM sqlite_master")
        if application != APPLICATION_ID and tables:
            raise _foreign()
        if version > VERSION:
            raise StateError(
                f"`{self._place.name}` was written by a newer version of probatum", help="use that version, or remove the file"
            )
        connection.execute("PRAGMA journal_mode = WAL")
        if (application, version) != (APPLICATION_ID, VERSION):
            self._lay_out(connection)

    def _lay_out(self, connection: sqlite3.Connection) -> None:
        """Make the tables, unless another process has made them since we looked."""
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA user_version").fetchall() != [(VERSION,)]:
            # What an older version remembered has other keys: nothing of it could be used.
            for table in _tables:
                connection.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in _schema.split(";")[:-1]:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")

    def _move_aside(self, what: str) -> None:
        """Rename the database and its companions, unless another process has done so already."""
        self.close()
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._place.exists() or (self._inode and self._place.stat().st_ino != self._inode):
                return
            number = 1
            while (aside := self._place.with_name(f"state.db.damaged-{number}")).exists():
                number += 1
            # The journal first: a new database must never meet the old one's journal.
            for suffix in ("-wal", "-shm"):
                companion = self._place.with_name(f"state.db{suffix}")
                if companion.exists():
                    os.replace(companion, aside.with_name(aside.name + suffix))  # noqa: PTH105 - as below
            os.replace(self._place, aside)  # noqa: PTH105 - atomic on every system
        self._inode = 0
        self.notes.append(
            f"the stored results were {what} and are made again; the old file is `{self.directory.name}/{aside.name}`"
        )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        connection = self._connected()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # a full disk has rolled it back already
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn every trouble of the database into a StateError, and begin anew if it is damaged."""
        try:
            yield
        except sqlite3.Error as error:
            if _code(error) not in _damaged:
                raise _unusable(self.directory, error) from None
            try:
                self._move_aside("damaged")
                self._try_to_connect()
            except (OSError, sqlite3.Error) as again:
                raise _unusable(self.directory, again) from None
            raise Renewed from None
        except OSError as error:
            raise _unusable(self.directory, error) from None


class Renewed(StateError):
    """The database was damaged and has been replaced by an empty one: what was asked can be asked again."""

    def __init__(self) -> None:
        super().__init__("the stored results were damaged", help="ask again")


def _header(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return the application and the version that a database says it is of."""
    [(application,)] = connection.execute("PRAGMA application_id")
    [(version,)] = connection.execute("PRAGMA user_version")
    return application, version


def _foreign() -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError("not a database of ours")
    error.sqlite_errorcode = sqlite3.SQLITE_NOTADB
    return error


def _code(error: sqlite3.Error) -> int:
    """Primary code of an error: the low byte of the extended one."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def _mark(key: str, form: int, value: bytes, texts_form: int, texts: bytes) -> bytes:
    sizes = f"{key} {form} {len(value)} {texts_form} {len(texts)}\n".encode()
    return bytes.fromhex(digest(sizes + value + texts)[:16])


def _unpacked(content: bytes, form: int) -> Any:
    return json.loads(content if form == _plain else zlib.decompress(content))


class _Texts:
    """The texts of a row, unpacked when they are wanted: most never are."""

    __slots__ = ("_content", "_form", "_texts")

    def __init__(self, content: bytes, form: int) -> None:
        self._content = content
        self._form = form
        self._texts: list[str] | None = None

    def __call__(self) -> list[str]:
        if self._texts is None:
            self._texts = list(_unpacked(self._content, self._form))
        return self._texts


def _parts(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _at_once):
        yield keys[start : start + _at_once]


def _unusable(directory: Path, error: Exception) -> StateError:
    said = getattr(error, "strerror", None) or str(error)
    return StateError(
        f"results cannot be kept in `{directory.name}`: {said[:1].lower()}{said[1:]}",
        help="make room, or make the directory writable",
    )
