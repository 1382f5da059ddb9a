"""What is known of each user, on disk: habits from logs, and what somebody taught, which goes before them.

One row a user, under the user's pseudonym, so that forgetting somebody is
deleting a row; the file overwrites what it deletes. Changes are seen by the very
next request.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from probatum.dialogue.model.habits import Habits, from_json
from probatum.errors import StateError

_CACHED = 10_000  # users


@dataclass(slots=True)
class Person:
    """What is known of one user.

    Attributes
    ----------
    habits : Habits
    taught : dict of text to text
        Normalised: what the user said that it means.
    """

    habits: Habits = field(default_factory=Habits)
    taught: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Personal:
    """The store of all users.

    Parameters
    ----------
    path : Path
        An SQLite file, made, readable by its owner only, if it is not there.

    Raises
    ------
    StateError
        If it cannot be opened, or is something else.
    """

    path: Path
    _database: sqlite3.Connection = field(init=False)
    _cache: OrderedDict[str, Person] = field(default_factory=OrderedDict, init=False)
    _version: int = field(default=-1, init=False)

    def __post_init__(self) -> None:
        """Open the file."""
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            # One thread at a time; a request does not wait longer than this for somebody who writes.
            self._database = sqlite3.connect(self.path, timeout=0.01, isolation_level=None, check_same_thread=False)
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma secure_delete = on")
            self._database.execute("create table if not exists people (user text primary key, json text not null) without rowid")
        except (OSError, sqlite3.Error) as problem:
            raise StateError(f"`{self.path}` cannot be used: {problem}", help="name another file, or make it writable") from None

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def get(self, user: str) -> Person:
        """Return what is known of a user; nothing, if the file is damaged there.

        Raises
        ------
        sqlite3.Error
            If the file cannot be read now.
        """
        # What another process wrote: the number is in memory that they share, so asking is cheap.
        [(version,)] = self._database.execute("pragma data_version")
        if version != self._version:
            self._cache.clear()
            self._version = version
        found = self._cache.get(user)
        if found is None:
            row = self._database.execute("select json from people where user = ?", (user,)).fetchone()
            found = _person(row[0]) if row is not None else Person()
            self._cache[user] = found
            if len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        else:
            self._cache.move_to_end(user)
        return found

    def put(self, user: str, person: Person) -> None:
        """Store what is known of a user."""
        self._database.execute("insert or replace into people values (?, ?)", (user, _json(person)))
        self._cache[user] = person

    def put_habits(self, habits: Iterable[tuple[str, Habits]]) -> int:
        """Replace the habits of all users, and leave what they taught; return of how many."""
        taught = {
            user: found.taught
            for user, text in self._database.execute("select user, json from people")
            if (found := _person(text)).taught
        }
        self._database.execute("begin immediate")
        try:
            self._database.execute("delete from people")
            people = {user: Person(own, taught.pop(user, {})) for user, own in habits}
            people.update((user, Person(taught=own)) for user, own in taught.items())
            self._database.executemany(
                "insert into people values (?, ?)", ((user, _json(person)) for user, person in people.items())
            )
            self._database.execute("commit")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # a full disk has rolled it back already; what was wrong is told below
                self._database.execute("rollback")
            raise
        self._cache.clear()
        return len(people)

    def teach(self, user: str, said: str, meant: str) -> None:
        """Store that a user said what something means; the newest goes before what was taught earlier."""
        person = self.get(user)
        person.taught[said] = meant
        self.put(user, person)

    def unteach(self, user: str, said: str) -> bool:
        """Forget what a user said that something means; return whether there was anything."""
        person = self.get(user)
        found = person.taught.pop(said, None) is not None
        if found:
            self.put(user, person)
        return found

    def forget(self, user: str) -> bool:
        """Forget a user; return whether anything was known."""
        self._cache.pop(user, None)
        gone = self._database.execute("delete from people where user = ?", (user,)).rowcount > 0
        self._database.execute("pragma wal_checkpoint(truncate)")
        return gone


def _json(person: Person) -> str:
    return json.dumps({**person.habits.to_json(), "taught": person.taught}, sort_keys=True, separators=(",", ":"))


def _person(text: str) -> Person:
    try:
        stored = json.loads(text)
        taught = {str(said): str(meant) for said, meant in stored["taught"].items()}
        return Person(from_json(stored), taught)
    except (ValueError, LookupError, TypeError, AttributeError):
        return Person()
