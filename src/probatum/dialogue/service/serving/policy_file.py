"""What is served: one file that never changes, named by its digest, and a pointer that is swapped at once.

A policy is an SQLite database, read whole into memory when it is taken up, after
its digest was compared: what happens to the file later does not matter. A file
that is damaged, or of a later version, is not taken up, and what was served
before stays.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from probatum.dialogue.artefacts.utterance import GAP
from probatum.dialogue.model.options import CAREFUL_WEIGHTS, FEATURES, Known, Link, known_of, links_of, words_of
from probatum.dialogue.model.recovery.released import Recovery, from_json
from probatum.dialogue.semantics.templates import Templates
from probatum.dialogue.service.serving import nearest as nearest_texts
from probatum.dialogue.service.serving.nearest import Nearest
from probatum.errors import UnreadableArtefact
from probatum.source import Location

SCHEMA = "probatum-rewrites/1.1"
CURRENT = "current"  # file that holds the name of the policy that is served
SUFFIX = ".policy"
_INDEX = ".nearest"
_CACHED = 10_000  # texts whose rows are kept as values


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When a policy acts.

    Attributes
    ----------
    margin : float
        By how much the likeliest option must be likelier than what was said.
    ask_margin : float
        From which it is asked about, if it may be; at most `margin`.
    asks : int
        Questions in a session.
    personal_uses : int
        Fewest times that a user meant an option by what was said, or said it, before it is taken for what they mean.
    served_uses : int
        Fewest times that a user meant an option by what was said, where that works well for nearly everybody.
    """

    margin: float = 0.5
    ask_margin: float = 0.2
    asks: int = 1
    personal_uses: int = 2
    served_uses: int = 5


@dataclass(frozen=True, slots=True)
class Recovering:
    """What weighs requests that an assistant refused, the rewrite that it is in the registry, and its state there."""

    weighed: Recovery
    identifier: str
    state: str


@dataclass(slots=True)
class Policy:
    """A policy that is served; a `model.options.Table`.

    Attributes
    ----------
    digest : str
        SHA-256 of the file.
    weights : tuple of float
        Of `model.options.FEATURES`.
    rules : Rules
    about : dict
        What it was made from.
    nearest : Nearest or None
        Looks for texts like one that is not known; None where there is no index, which is no reason not to serve.
    offered : int
        Texts that it should look for.
    recovery : Recovering or None
        None where refused requests are left.
    """

    digest: str
    weights: tuple[float, ...]
    rules: Rules
    about: dict[str, Any]
    nearest: Nearest | None
    offered: int
    recovery: Recovering | None
    _database: sqlite3.Connection
    _known: Any = field(init=False)
    _links: Any = field(init=False)
    _works_with: Any = field(init=False)

    def __post_init__(self) -> None:
        """Make the caches, and find the templates."""
        texts, sources = (Templates(text for (text,) in self._database.execute(query)) for query in _WITH_GAPS)
        self._known = lru_cache(_CACHED)(lambda text: known_of(text, self._read_known, texts))
        self._links = lru_cache(_CACHED)(lambda text: links_of(text, self._read_links, sources))
        self._works_with = lru_cache(_CACHED)(self._read_word)

    @property
    def trouble(self) -> str:
        """What is wrong with it, although it can be served; "" if nothing is."""
        if self.nearest is not None or not self.offered:
            return ""
        return (
            "the index of the policy is missing or damaged, or faiss is missing, so texts like one that is unknown are not found"
        )

    def known(self, text: str) -> Known | None:
        """Return what is known of a normalised text."""
        found: Known | None = self._known(text)
        return found

    def links(self, text: str) -> tuple[Link, ...]:
        """Return what it may be rewritten to."""
        found: tuple[Link, ...] = self._links(text)
        return found

    def works_with(self, word: str) -> bool:
        """Whether a word is in a text that works for most."""
        found: bool = self._works_with(word)
        return found

    def __len__(self) -> int:
        """How many rewrites there are."""
        [(count,)] = self._database.execute("select count(*) from links")
        return int(count)

    def _read_known(self, text: str) -> Known | None:
        row = self._database.execute("select direct, tried, lifts from texts where text = ?", (text,)).fetchone()
        return Known(row[0], row[1], json.loads(row[2]) if row[2] else {}) if row is not None else None

    def _read_word(self, word: str) -> bool:
        return self._database.execute("select 1 from words where word = ?", (word,)).fetchone() is not None

    def _read_links(self, text: str) -> tuple[Link, ...]:
        query = "select target, share, identifier, state from links where source = ? order by share desc, target"
        return tuple(Link(*row) for row in self._database.execute(query, (text,)))


def write(
    folder: Path,
    *,
    texts: Iterable[tuple[str, Known]],
    links: Iterable[tuple[str, Link]],
    weights: tuple[float, ...] = CAREFUL_WEIGHTS,
    rules: Rules | None = None,
    recovery: Recovering | None = None,
    about: Mapping[str, Any] | None = None,
) -> str:
    """Write a policy into a folder, and an index if it has many texts; return its digest. The same content gives the same policy.

    Parameters
    ----------
    folder : Path
        Made if need be.
    texts, links
        In any order.
    weights, rules, recovery, about
        See `Policy`; `about` is JSON.
    """
    if len(weights) != len(FEATURES):
        raise ValueError(f"{len(weights)} weights for {len(FEATURES)} features")
    folder.mkdir(parents=True, exist_ok=True)
    rules = rules or Rules()
    own = {name: getattr(rules, name) for name in Rules.__slots__}
    database = sqlite3.connect(":memory:")
    with contextlib.closing(database):
        database.executescript(_TABLES)
        rows = sorted(
            (text, k.direct, k.tried, json.dumps(dict(k.lifts), sort_keys=True) if k.lifts else "") for text, k in texts
        )
        database.executemany("insert into texts values (?, ?, ?, ?)", rows)
        pairs = sorted((source, link.target, link.share, link.identifier, link.state) for source, link in links)
        database.executemany("insert into links values (?, ?, ?, ?, ?)", pairs)
        words = words_of(text for (text,) in database.execute(_WORKING_OR_GAPS))
        database.executemany("insert into words values (?)", ((word,) for word in sorted(words)))
        working = [text for (text,) in database.execute(_WORKING)]
        header: dict[str, Any] = {
            "schema": SCHEMA,
            "features": FEATURES,
            "weights": weights,
            "rules": own,
            "about": dict(about or {}),
        }
        header["recovery"] = _stored(recovery)
        header["offered"] = {"texts": len(working), "digest": nearest_texts.digest_of(working)}
        database.execute("insert into header values (?)", (json.dumps(header, sort_keys=True),))
        database.commit()
        raw = database.serialize()
    digest = hashlib.sha256(raw).hexdigest()
    _place(folder / (digest + SUFFIX), raw)
    nearest_texts.build(working, folder / (digest + _INDEX))
    return digest


def serve(folder: Path, digest: str) -> None:
    """Make a policy the one that is served, at once: a reader sees the old name or the new one."""
    read(folder, digest)
    _place(folder / CURRENT, digest.encode() + b"\n")


def remove_others(folder: Path, digest: str) -> None:
    """Remove all policies of a folder but one."""
    for suffix in (SUFFIX, _INDEX):
        for path in folder.glob(f"*{suffix}"):
            if path.name != digest + suffix:
                path.unlink(missing_ok=True)


def current(folder: Path) -> str | None:
    """Return the digest of the policy that is to be served, or None if there is none."""
    try:
        return (folder / CURRENT).read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as problem:
        raise _unreadable(folder / CURRENT, str(problem)) from None


def read(folder: Path, digest: str) -> Policy:
    """Read a policy into memory.

    Raises
    ------
    UnreadableArtefact
        If it is not there, is not what was written, or is of another version.
    """
    path = folder / (digest + SUFFIX)
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise _unreadable(path, (problem.strerror or str(problem)).lower()) from None
    if hashlib.sha256(raw).hexdigest() != digest:
        raise _unreadable(path, "its bytes are not those that its name is the digest of")
    if not raw:  # of which SQLite says that memory is short
        raise _unreadable(path, "it is empty")
    # Another thread may read it than the one that opened it, never both at the same time.
    database = sqlite3.connect(":memory:", check_same_thread=False)
    try:
        database.deserialize(raw)
        [(header,)] = database.execute("select json from header")
        found = json.loads(header)
        if found["schema"] != SCHEMA or tuple(found["features"]) != FEATURES:
            raise _unreadable(path, f"it is a `{found['schema']}` for other features, and `{SCHEMA}` is known")
        offered = int(found["offered"]["texts"])
        if offered > nearest_texts.FEW:
            nearest = nearest_texts.read(found["offered"]["digest"], folder / (digest + _INDEX))
        else:
            nearest = nearest_texts.compared([text for (text,) in database.execute(_WORKING)])
        weights, rules = tuple(map(float, found["weights"])), Rules(**found["rules"])
        return Policy(digest, weights, rules, found["about"], nearest, offered, _recovering(found.get("recovery")), database)
    except (sqlite3.Error, ValueError, LookupError, TypeError) as problem:
        database.close()
        raise _unreadable(path, str(problem)) from None


def _stored(recovery: Recovering | None) -> dict[str, Any] | None:
    if recovery is None:
        return None
    return {"weighed": recovery.weighed.to_json(), "identifier": recovery.identifier, "state": recovery.state}


def _recovering(stored: Any) -> Recovering | None:
    if stored is None:
        return None
    return Recovering(from_json(stored["weighed"]), str(stored["identifier"]), str(stored["state"]))


# Texts that work for most, which alone are worth to be offered.
_WORKING = f"select text from texts where 2 * direct > tried and instr(text, '{GAP}') = 0 order by text"  # noqa: S608 - our own
_WORKING_OR_GAPS = "select text from texts where 2 * direct > tried"
_WITH_GAPS = (
    f"select text from texts where instr(text, '{GAP}') > 0",  # noqa: S608 - our own
    f"select distinct source from links where instr(source, '{GAP}') > 0",  # noqa: S608 - our own
)
_TABLES = """
create table header (json text not null);
create table words (word text primary key) without rowid;
create table texts (text text primary key, direct real not null, tried integer not null, lifts text not null) without rowid;
create table links (source text not null, target text not null, share real not null, identifier text not null, state text not null,
    primary key (source, target)) without rowid;
"""


def _place(path: Path, raw: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(raw)
            file.flush()
            os.fsync(handle)
        Path(temporary).replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def _unreadable(path: Path, why: str) -> UnreadableArtefact:
    return UnreadableArtefact(
        f"the policy `{path}` cannot be used ({why})",
        help="make it again with `probatum dialogue rewrites compile`",
        location=Location(path.as_posix()),
    )
