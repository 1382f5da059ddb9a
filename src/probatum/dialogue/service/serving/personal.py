"""What is known of each user, on disk: habits from logs, and what somebody taught, which goes before them.

All rows stand under the user's pseudonym, those of what a user taught for a household
too, so that forgetting somebody is deleting rows; the file overwrites what it deletes.
Changes are seen by the very next request. Each change is one transaction: whoever is
interrupted leaves what was there before.

Until version 1 of the file what was taught stood beside the habits, as pairs of texts; such a row is read, and
written anew when anything of its user changes.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from probatum.dialogue.model.habits import Habits, from_json
from probatum.dialogue.model.teaching.preference import Preference
from probatum.dialogue.model.teaching.taught import Taught, taught_of
from probatum.errors import StateError

PATIENCE_S = 10.0  # of what nobody waits for to be answered
# Counts of habits at hand, of all users: with a million, the collection of garbage stops the service for a quarter of a second.
_CACHED = 40_000


@dataclass(slots=True)
class Person:
    """What is known of one user.

    Attributes
    ----------
    habits : Habits
    taught : Taught
    asked : float
        When the user was last asked to teach something, in seconds since 1970.
    """

    habits: Habits = field(default_factory=Habits)
    taught: Taught = field(default_factory=Taught)
    asked: float = -math.inf


@dataclass(slots=True)
class Personal:
    """The store of all users.

    Parameters
    ----------
    path : Path
        An SQLite file, made, readable by its owner only, if it is not there.
    patience_s : float
        How long to wait for another process that writes: where requests are answered, hardly.

    Raises
    ------
    StateError
        If it cannot be opened, or is something else.
    """

    path: Path
    patience_s: float = 0.01
    _database: sqlite3.Connection = field(init=False)
    _cache: OrderedDict[str, tuple[Person, int]] = field(default_factory=OrderedDict, init=False)
    _held: int = field(default=0, init=False)
    _version: int = field(default=-1, init=False)

    def __post_init__(self) -> None:
        """Open the file."""
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            # One thread at a time.
            self._database = sqlite3.connect(self.path, timeout=self.patience_s, isolation_level=None, check_same_thread=False)
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma secure_delete = on")
            for statement in _TABLES:
                self._database.execute(statement)
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
            self._held = 0
            self._version = version
        found = self._cache.get(user)
        if found is not None:
            self._cache.move_to_end(user)
            return found[0]
        person = self._read(user)
        self._keep(user, person)
        return person

    def household(self, household: str, but: str = "") -> list[Taught]:
        """Return what the members of a household, but one, taught for all of them.

        Parameters
        ----------
        household : str
            Its pseudonym; "" for none.
        but : str
            Whose is left out.
        """
        if not household:
            return []
        rows = self._database.execute(
            "select user from members where household = ? and user <> ? order by user", (household, but)
        )
        return [self.get(user).taught for (user,) in rows.fetchall()]

    def put(self, user: str, person: Person, household: str = "") -> None:
        """Store what is known of a user, and that the user taught something for a household.

        Raises
        ------
        sqlite3.Error
            If it cannot be stored now; then what was known is read again.
        """
        self._drop(user)
        with self._changing():
            self._write(user, person)
            if household:
                self._database.execute("insert or ignore into members values (?, ?)", (household, user))
        self._keep(user, person)

    def put_habits(self, habits: Iterable[tuple[str, Habits]]) -> int:
        """Replace the habits of all users, and leave what they taught; return of how many users something is known."""
        with self._changing():
            # Of an earlier version of the file: what was taught goes where it belongs.
            for user, text in self._database.execute("select user, json from people").fetchall():
                if '"taught"' in text:
                    self._write(user, self._read(user))
            self._database.execute("delete from people")
            self._database.executemany("insert into people values (?, ?)", ((user, _habits_json(own)) for user, own in habits))
            [(count,)] = self._database.execute("select count(*) from (select user from people union select user from taught)")
        self._cache.clear()
        self._held = 0
        return int(count)

    def teach(self, user: str, preference: Preference, household: str = "") -> None:
        """Store what a user said that something means; the newest goes before what was taught earlier.

        Where it cannot be stored, nothing has changed, in memory neither.
        """
        person = self._copy(user)
        person.taught.expire(preference.created)
        person.taught.add(preference)
        self.put(user, person, household if preference.reach == "household" else "")

    def unteach(self, user: str, identifier: str, why: str = "") -> bool:
        """Forget a preference, or keep it as history where it is said why; return whether there was one."""
        person = self._copy(user)
        found = person.taught.drop(identifier, why) if why else person.taught.forget(identifier)
        if found:
            self.put(user, person)
        return found

    def unteach_about(self, user: str, text: str) -> int:
        """Forget what a user taught about the words of a normalised text, or all for ""; return how many preferences."""
        person = self._copy(user)
        if text:
            many, kept = person.taught.forget_about(text), person.taught
        else:
            many, kept = len(person.taught.current), Taught()
        self.put(user, Person(person.habits, kept, person.asked))
        return many

    def asked(self, user: str, at: float) -> None:
        """Store that a user was asked to teach something."""
        person = self._copy(user)
        person.asked = at
        self.put(user, person)

    def knows(self, user: str) -> bool:
        """Return whether anything is known of a user."""
        found = [
            self._database.execute(f"select 1 from {table} where user = ?", (user,)).fetchone()  # noqa: S608 - names of our own
            for table in _OF_USERS
        ]
        return any(found)

    def forget(self, user: str) -> bool:
        """Forget a user; return whether anything was known."""
        self._drop(user)
        with self._changing():
            gone = [
                self._database.execute(f"delete from {table} where user = ?", (user,)).rowcount  # noqa: S608 - names of our own
                for table in _OF_USERS
            ]
        self._database.execute("pragma wal_checkpoint(truncate)")
        return any(gone)

    def _keep(self, user: str, person: Person) -> None:
        self._drop(user)
        size = 1 + len(person.habits.uses) + sum(map(len, person.habits.became.values()))
        self._cache[user] = person, size
        self._held += size
        while self._held > _CACHED and len(self._cache) > 1:
            _, (_, size) = self._cache.popitem(last=False)
            self._held -= size

    def _drop(self, user: str) -> None:
        gone = self._cache.pop(user, None)
        if gone is not None:
            self._held -= gone[1]

    def _read(self, user: str) -> Person:
        row = self._database.execute("select json from people where user = ?", (user,)).fetchone()
        person = _person(row[0]) if row is not None else Person()
        row = self._database.execute("select json from taught where user = ?", (user,)).fetchone()
        if row is not None:
            person.taught, person.asked = _taught(row[0], person.taught)
        return person

    def _copy(self, user: str) -> Person:
        own = self.get(user)
        return Person(own.habits, Taught(list(own.taught.current), list(own.taught.past)), own.asked)

    def _write(self, user: str, person: Person) -> None:
        self._database.execute("insert or replace into people values (?, ?)", (user, _habits_json(person.habits)))
        if person.taught.current or person.taught.past or person.asked > -math.inf:
            self._database.execute("insert or replace into taught values (?, ?)", (user, _taught_json(person)))
        else:
            self._database.execute("delete from taught where user = ?", (user,))

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        self._database.execute("begin immediate")
        try:
            yield
            self._database.execute("commit")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # a full disk has rolled it back already; what was wrong is told below
                self._database.execute("rollback")
            raise


_OF_USERS = ("people", "taught", "members")
_TABLES = (
    "create table if not exists people (user text primary key, json text not null) without rowid",
    "create table if not exists taught (user text primary key, json text not null) without rowid",
    "create table if not exists members (household text not null, user text not null, primary key (household, user)) without rowid",
)


def _habits_json(habits: Habits) -> str:
    return json.dumps(habits.to_json(), sort_keys=True, separators=(",", ":"))


def _taught_json(person: Person) -> str:
    asked = person.asked if person.asked > -math.inf else None
    return json.dumps({**person.taught.to_json(), "asked": asked}, sort_keys=True, separators=(",", ":"))


def _person(text: str) -> Person:
    """Return what a row says; nothing of what is damaged."""
    try:
        stored = json.loads(text)
        earlier = Taught()
        for said, meant in stored.get("taught", {}).items():
            if said and meant:
                earlier.add(Preference(kind="alias", phrase=str(said), means=str(meant), created=0.0))
        return Person(from_json(stored), earlier)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Person()


def _taught(text: str, earlier: Taught) -> tuple[Taught, float]:
    try:
        stored = json.loads(text)
        found = taught_of(stored)
        asked = stored.get("asked")
    except (ValueError, TypeError, AttributeError, RecursionError):
        return earlier, -math.inf
    for one in found.current:
        earlier.add(one)
    earlier.past += found.past
    return earlier, float(asked) if isinstance(asked, (int, float)) else -math.inf
