"""Reading logs of conversations: any format to turns, turns to tables, and the policy that names them.

What reads them is loaded when it is first named: the engine asks only for `imports`, once in every check.
"""

from __future__ import annotations

import importlib
import posixpath
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from probatum.source import DATA, Source, beside

if TYPE_CHECKING:
    from probatum.dialogue.artefacts.policy import Policy

__all__ = ["Policy", "beside", "imports", "inputs", "read"]

# What looks like the name of a file, as an item of a list or after a key. What it is, the reader decides.
_named = re.compile(rb"[^\s,#{}\[\]:\"']+\.[A-Za-z0-9_.]+|\"[^\"\n]+\"|'[^'\n]+'")
_word = re.compile(rb"[A-Za-z0-9_./-]+")
_digest = re.compile(rb"[0-9a-f]{64}")


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
    """Return the files that a policy names; they are data, read in place. See `probatum.engine.imports`."""
    del options
    raw = read_bytes(path) if path.lower().endswith((".yaml", ".yml")) else None
    if raw is None:
        return (), ()
    places = [beside(path, match[0].strip(b"\"'").decode("utf-8", "replace")) for match in _named.finditer(raw)]
    words = (
        [beside(path, match[0].decode("utf-8", "replace").rstrip("/")) for match in _word.finditer(raw)]
        if b"shared" in raw
        else []
    )
    found = [place for place in places if place is not None and exists(place)]
    for place in dict.fromkeys(word for word in words if word is not None):
        pointer = served_by(place)
        if exists(pointer):
            found += [pointer, *(name for name in policies_of(pointer, read_bytes(pointer) or b"") if exists(name))]
    return (), tuple(dict.fromkeys(DATA + place for place in found))


def served_by(folder: str) -> str:
    """Return the path of the file that says which policy a service serves, given the service's folder."""
    return posixpath.join(folder, "policies", "current")


def policies_of(pointer: str, raw: bytes) -> tuple[str, ...]:
    """Return the path of the policy that such a file names; empty if it names none."""
    digest = raw.strip()
    if _digest.fullmatch(digest) is None:
        return ()
    return (posixpath.join(posixpath.dirname(pointer), digest.decode("ascii") + ".policy"),)
