"""Reading logs of conversations: any format to turns, turns to tables, and the policy that names them.

What reads them is loaded when it is first named: the engine asks only for `imports`, once in every check.
"""

from __future__ import annotations

import importlib
import json
import posixpath
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from probatum.source import DATA, Source, beside

if TYPE_CHECKING:
    from probatum.dialogue.artefacts.policy import Policy

__all__ = ["Policy", "beside", "imports", "inputs", "read"]

# What may be the name of a file or a folder, as an item of a list or after a key. What it is, the reader decides.
_named = re.compile(rb"[^\s,#{}\[\]:\"']+|\"[^\"\n]+\"|'[^'\n]+'")
_MOST_NAMES = 10_000  # that are looked for
_digest = re.compile(rb"[0-9a-f]{64}")
SERVICE = "rewrites"  # the folder of a service, beside the policy, of which what is served is always looked into
MANIFEST = "manifest.json"  # of a folder into which logs were imported
FORGETTING = "forgetting.jsonl"  # in it, while a user is being forgotten; see `unfinished`
TABLES = ("turns", "texts", "unknown", "quarantine")


def __getattr__(name: str) -> Any:
    if name != "Policy":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("probatum.dialogue.artefacts.policy"), name)


def read(source: Source, options: Mapping[str, Any]) -> tuple[Policy, ...]:
    """Read the policy in a file.

    Raises
    ------
    UnreadableArtefact
        At the first thing that is wrong, with what to write instead.
    MissingExtra
        If PyYAML is not installed.
    """
    from probatum.dialogue.artefacts.reader import read_policy

    del options
    return (read_policy(source.text()),)


def inputs(path: str, options: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of further files that a name tells: none, see `imports`."""
    del path, options
    return ()


def imports(
    path: str, options: Mapping[str, Any], read_bytes: Callable[[str], bytes | None], exists: Callable[[str], bool]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files that a policy names, and those of folders of imported logs; they are data, read in place.

    See `probatum.engine.imports`.
    """
    del options
    raw = read_bytes(path) if path.lower().endswith((".yaml", ".yml")) else None
    if raw is None:
        return (), ()
    named = dict.fromkeys(match[0].strip(b"\"'").decode("utf-8", "replace") for match in _named.finditer(raw))
    needed: dict[str, None] = {}
    for name in [*[*named][:_MOST_NAMES], SERVICE]:
        place = beside(path, name.rstrip("/"))
        if place is not None and exists(place):
            needed[DATA + place] = None
        elif place is not None and exists(f"{place}/{MANIFEST}"):
            needed |= dict.fromkeys(DATA + file for file in _stored(place, read_bytes))
            if exists(begun := f"{place}/{FORGETTING}"):
                needed[DATA + begun] = None  # what was found before holds no more
        if place is not None and (b"shared" in raw or name == SERVICE) and exists(pointer := served_by(place)):
            more = (pointer, *(file for file in policies_of(pointer, read_bytes(pointer) or b"") if exists(file)))
            needed |= dict.fromkeys(DATA + file for file in more)
    return (), tuple(needed)


def served_by(folder: str) -> str:
    """Return the path of the file that says which policy a service serves, given the service's folder."""
    return posixpath.join(folder, "policies", "current")


def policies_of(pointer: str, raw: bytes) -> tuple[str, ...]:
    """Return the path of the policy that such a file names; empty if it names none."""
    digest = raw.strip()
    if _digest.fullmatch(digest) is None:
        return ()
    return (posixpath.join(posixpath.dirname(pointer), digest.decode("ascii") + ".policy"),)


def _stored(folder: str, read_bytes: Callable[[str], bytes | None]) -> tuple[str, ...]:
    """Return the files of a folder into which logs were imported, as its manifest names them."""
    manifest = f"{folder}/{MANIFEST}"
    try:
        tables = json.loads(read_bytes(manifest) or b"")["tables"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return (manifest,)
    if not isinstance(tables, str) or "/" in tables or tables in {".", ".."}:
        return (manifest,)
    return (manifest, *(f"{folder}/{tables}/{name}.parquet" for name in TABLES))
