"""What an answer depends on, as one digest: the name under which it is remembered."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from probatum.engine.systems import SystemEntry
from probatum.source import digest, digest_of

# What takes part in an answer besides the system's own package; an absent one has no files.
_floors = ("solve", "stats", "lower", "python", "ivl", "learn", "infer", "spec", "runner")


@cache
def code_digest(entry: SystemEntry) -> str:
    """Digest of everything of ours that can change an answer of a system, and of the libraries it uses.

    Reading a hundred small files takes milliseconds, so nothing is remembered
    about them that could be out of date.
    """
    ours = Path(__file__).parent.parent
    whole = hashlib.sha256()
    for name, place in _files(ours, entry.folder()):
        whole.update(f"{name}\0{digest(place.read_bytes())}\n".encode())
    for distribution in entry.distributions:
        whole.update(f"{distribution}\0{_version(distribution)}\n".encode())
    return whole.hexdigest()


def _files(ours: Path, system: Path) -> Iterator[tuple[str, Path]]:
    for place in sorted(ours.glob("*.py")):
        yield place.name, place
    for name in ("engine/work.py", "engine/payload.py"):  # how answers are made, and in what shape they are kept
        yield name, ours / name
    for folder in (*(ours / name for name in _floors), system):
        own: dict[str, Path] = {}
        for above, folders, files in os.walk(folder):  # in a fifth of the time of `Path.rglob`
            folders[:] = [name for name in folders if name != "__pycache__"]
            start = above[len(str(folder)) :].replace(os.sep, "/").lstrip("/")
            own |= {f"{folder.name}/{start}{'/' if start else ''}{name}": Path(above, name) for name in files}
        yield from sorted(own.items())


def _version(distribution: str) -> str:
    """Version of an installed distribution, from the name of its directory: `importlib.metadata` takes longer to load than a check."""
    wanted = distribution.replace("-", "_").lower() + "-"
    for folder in sys.path:
        try:
            names = [entry.name for entry in os.scandir(folder)] if folder else []
        except OSError:  # an archive, or a folder that is not there
            continue
        for name in names:
            if name.endswith(".dist-info") and name.lower().startswith(wanted):
                return name[len(wanted) : -len(".dist-info")]
    return "absent"


def artefact_key(
    entry: SystemEntry,
    path: str,
    content: str,
    *,
    options: Mapping[str, Any],
    inputs: Mapping[str, str | None],
    seed: int,
    secret: str,
) -> str:
    """Digest of what all rules on an artefact have in common.

    Parameters
    ----------
    content : str
        Digest of the artefact's bytes.
    inputs : mapping of str to str or None
        Further inputs to their digests; None for one that does not exist.
    secret : str
        Known to this user alone: nobody else can make results that will be found.
    """
    return digest_of(["task/1", secret, entry.name, code_digest(entry), path, content, dict(options), dict(inputs), seed])


def kept_key(entry: SystemEntry, path: str, *, secret: str) -> str:
    """Name of what checks of a file leave for later checks of it, whatever its content and options are by then."""
    return digest_of(["kept/1", secret, entry.name, code_digest(entry), path])


def task_key(artefact: str, rule: str) -> str:
    """Name of the result of one rule on one artefact."""
    return digest(f"{artefact}\0{rule}")
