"""Files that others get: compiled policies, exports, prompts, training data; read as entries that can be taken out one by one."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probatum.dialogue.artefacts import SERVICE, beside, policies_of, served_by
from probatum.dialogue.artefacts.policy import Policy
from probatum.dialogue.artefacts.policy import Shared as Named
from probatum.dialogue.artefacts.records import Record, records
from probatum.dialogue.artefacts.shared_entries import Entry, entries_of, fragments_of, pair_of, phrases_in
from probatum.dialogue.artefacts.utterance import normalised
from probatum.errors import UnreadableArtefact
from probatum.source import DATA, Data, Location, Source, decode

LARGEST = 256 * 1024 * 1024  # bytes of one such file
_SQLITE = b"SQLite format 3\0"
_after = "after="
_digest_name = re.compile(r"[0-9a-f]{64}")
# What is written only from what was learnt from logs, by how it begins.
_TABLE = b"source\ttarget\trewrite\tusers\n"
_GLOSSARY = '"schema": "probatum-glossary/'


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFile:
    """One file that others get.

    Attributes
    ----------
    path : str
        Relative to the checked directory.
    digest : str
    entries : tuple of Entry
    learnt : bool
        Whether nothing is in it but what was learnt from logs: what nobody said there is no secret, and no such thing either.
    named : Named
        Where the policy names it.
    text : str or None
        Decoded; None where it cannot be changed as a text.
    """

    path: str
    digest: str
    entries: tuple[Entry, ...]
    learnt: bool
    named: Named
    text: str | None = None


def places_of(policy: Policy, inputs: Mapping[str, Source]) -> Iterator[tuple[Named, str]]:
    """Yield (where the policy names it, path) of each file that others get, the folder of a service beside the policy among them."""
    beside_policy = Named(path=SERVICE, location=policy.location)
    for named in (
        *policy.shared,
        *(() if any(one.path.rstrip("/") == SERVICE for one in policy.shared) else (beside_policy,)),
    ):
        place = beside(policy.location.path, named.path.rstrip("/"))
        pointer = inputs.get(DATA + served_by(place)) if place is not None else None
        if pointer is not None and place is not None:
            served = policies_of(served_by(place), _raw(pointer)[:100])
            yield named, served[0] if served else served_by(place)
        elif named is not beside_policy:
            yield named, place if place is not None else named.path


def read_shared(named: Named, path: str, inputs: Mapping[str, Source]) -> SharedFile:
    """Read one of them.

    Raises
    ------
    UnreadableArtefact
        If it is not there, is damaged, or is larger than `LARGEST`.
    """
    source = inputs.get(DATA + path)
    if source is None:
        raise UnreadableArtefact(
            f"`{path}` is shared, and is not there",
            help="name a file inside the checked directory, or the folder of a service that has a policy",
            location=named.location,
        )
    raw = _raw(source)
    if raw.startswith(_SQLITE):
        return SharedFile(path=path, digest=source.digest, entries=_compiled(path, raw), learnt=True, named=named)
    if path.lower().endswith(".parquet"):
        return SharedFile(path=path, digest=source.digest, entries=_table(path, raw), learnt=False, named=named)
    packed = raw.startswith(b"\x1f\x8b")
    if packed:
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error):
            raise _damaged(path, "its compression is broken") from None
    text = decode(raw, path).content
    entries = entries_of(text, path.removesuffix(".gz"))
    learnt = raw.startswith(_TABLE) or _GLOSSARY in text[:200]
    return SharedFile(path=path, digest=source.digest, entries=entries, learnt=learnt, named=named, text=None if packed else text)


def public_of(policy: Policy, inputs: Mapping[str, Source]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the phrases and the words that the policy says are no secret, normalised.

    Raises
    ------
    UnreadableArtefact
        If a file of them is not there or no text.
    """
    phrases: set[str] = set()
    words: set[str] = set()
    for named in policy.privacy.public:
        place = beside(policy.location.path, named.path)
        found = read_shared(named, place if place is not None else named.path, inputs)
        for entry in found.entries:
            phrases.update(entry.phrases)
            words.update(word for line in entry.lines for word in line.split())
    return frozenset(phrases), frozenset(words)


def _raw(source: Source) -> bytes:
    if not isinstance(source, Data):
        return source.raw
    path = Path(source.place)
    size = path.stat().st_size
    if size > LARGEST:
        raise UnreadableArtefact(
            f"`{source.path}` has {size:,} bytes, and {LARGEST:,} can be looked at",
            help="share it in parts",
            location=Location(source.path),
        )
    return path.read_bytes()


def _compiled(path: str, raw: bytes) -> tuple[Entry, ...]:
    """Read a policy that is served; see `service.serving.policy_file`."""
    stem = path.rpartition("/")[2].partition(".")[0]
    if _digest_name.fullmatch(stem) and hashlib.sha256(raw).hexdigest() != stem:
        raise _damaged(path, "its bytes are not those that its name is the digest of")
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(raw)
            database.execute("pragma trusted_schema = off")
            database.execute("pragma query_only = on")
            [(header,)] = database.execute("select json from header")
            schema = str(json.loads(header)["schema"])
            if not schema.startswith("probatum-rewrites/1"):
                raise _damaged(path, f"it is a `{schema[:40]}`")
            found = []
            for row, (text, lifts) in enumerate(database.execute("select text, lifts from texts order by text"), start=1):
                keys = [str(key) for key in json.loads(lifts)] if lifts else []
                before = [key.removeprefix(_after) for key in keys if key.startswith(_after)]
                fragments = fragments_of(str(text))
                phrases = dict.fromkeys(n for one in (*(() if fragments else (str(text),)), *before) if (n := normalised(one)))
                values = (key.partition("=")[2] for key in keys if not key.startswith(_after))
                lines = (*phrases, *fragments, *dict.fromkeys(n for one in values if (n := normalised(one))))
                found.append(Entry(place=f"text {row}", phrases=tuple(phrases), lines=lines, fragments=fragments))
            pairs = database.execute("select source, target from links order by source, target")
            for row, pair in enumerate(pairs, start=1):
                two, fragments = pair_of(str(pair[0]), str(pair[1]))
                found.append(
                    Entry(place=f"rewrite {row}", phrases=two or (), lines=two or fragments, pair=two, fragments=fragments)
                )
    except (sqlite3.Error, ValueError, LookupError, TypeError, AttributeError) as problem:
        raise _damaged(path, str(problem)) from None
    return tuple(found)


def _table(path: str, raw: bytes) -> tuple[Entry, ...]:
    found = []
    with tempfile.TemporaryDirectory(prefix="probatum-") as name:
        place = Path(name) / "shared.parquet"
        place.write_bytes(raw)
        for record in records(place, path):
            if isinstance(record, Record):
                rows = [line for text in _texts(record.value) for line in text.splitlines()]
                phrases = tuple(dict.fromkeys(phrase for row in rows for phrase in phrases_in(row)))
                lines = tuple(n for row in rows if (n := normalised(row)))
                found.append(Entry(place=f"row {record.line}", line=record.line, phrases=phrases, lines=lines))
    return tuple(found)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _damaged(path: str, why: str) -> UnreadableArtefact:
    return UnreadableArtefact(
        f"`{path}` is shared, and cannot be read ({why})",
        help="make it again",
        location=Location(path),
    )
