"""Reading programs: Boogie programs (`.bpl`), and modules of Python with contracts (`.py`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from probatum.code.artefacts.boogie import BoogieProgram
from probatum.code.artefacts.python import PythonModule
from probatum.source import Source

__all__ = ["Artefact", "BoogieProgram", "PythonModule", "imports", "inputs", "read"]

Artefact: TypeAlias = BoogieProgram | PythonModule


def read(source: Source, options: Mapping[str, Any]) -> tuple[Artefact, ...]:
    """Read a program: one artefact for each file.

    Raises
    ------
    UnreadableArtefact
        If it is not a program of its language; the first error is named.
    UnsupportedConstruct
        If a Boogie program uses the concurrency layer of the language.
    """
    from probatum.code.artefacts import boogie, python

    if source.path.lower().endswith(".py"):
        return (python.read(source, options),)
    return (boogie.read(source),)


def inputs(path: str, options: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of further files that a name tells: none, see `imports`."""
    del path, options
    return ()


def imports(
    path: str, options: Mapping[str, Any], read_bytes: Callable[[str], bytes | None], exists: Callable[[str], bool]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files that a Python file imports, and the packages that they are in; see `probatum.engine.imports`."""
    from probatum.code.artefacts.importing import imported, packages

    del options
    raw = read_bytes(path) if path.lower().endswith(".py") else None
    if raw is None:
        return (), ()
    return tuple(imported(path, raw, exists).found.values()), packages(path, exists)
