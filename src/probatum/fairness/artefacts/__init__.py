"""Reading fairness policies: YAML that says which decisions must not differ between whom, and by how much.

What reads them is loaded when it is first named: the engine asks only for `imports`, once in every check.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from probatum.source import DATA, Source, beside

if TYPE_CHECKING:
    from probatum.fairness.artefacts.policy import Policy

__all__ = ["Policy", "beside", "imports", "inputs", "read"]

# A line that names a file: the table of decisions, pairs, a model. What it is, the reader decides.
_named = re.compile(
    rb"^[ \t]*(?:-[ \t]*\{?[ \t]*)?.*?\b(?:table|file|model|record)[ \t]*:[ \t]*([^\s,#{}\[\]]+|\"[^\"\n]+\"|'[^'\n]+')",
    re.MULTILINE,
)


def __getattr__(name: str) -> Any:
    if name != "Policy":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("probatum.fairness.artefacts.policy"), name)


def read(source: Source, options: Mapping[str, Any]) -> tuple[Policy, ...]:
    """Read the policy in a file.

    Raises
    ------
    UnreadableArtefact
        At the first thing that is wrong, with what to write instead.
    MissingExtra
        If PyYAML is not installed.
    """
    from probatum.fairness.artefacts.reader import read_policy

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
    found: dict[str, None] = {}
    for match in _named.finditer(raw):
        place = beside(path, match[1].strip(b"\"'").decode("utf-8", "replace"))
        if place is not None and exists(place):
            found[DATA + place] = None
            found |= dict.fromkeys(DATA + file for file in _recorded(place, read_bytes) if exists(file))
    return (), tuple(found)


def _recorded(path: str, read_bytes: Callable[[str], bytes | None]) -> tuple[str, ...]:
    """Return the files that a record names, if this is one."""
    raw = read_bytes(path) if path.endswith(".json") else None
    if raw is None or b"probatum-record/" not in raw:
        return ()
    from probatum.errors import UnreadableArtefact
    from probatum.fairness.artefacts.record import read_record

    try:
        places = (beside(path, name) for name, _ in read_record(raw, path).files())
        return tuple(place for place in places if place is not None)
    except UnreadableArtefact:
        return ()  # the rule that reads it says so
