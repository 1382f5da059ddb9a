"""Reading programs: Boogie programs (`.bpl`), and modules of Python with contracts (`.py`).

What reads them is loaded when it is first named: the engine asks only for
`imports`, once in every check.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from probatum.source import Source

if TYPE_CHECKING:
    from typing import TypeAlias

    from probatum.code.artefacts.boogie import BoogieProgram
    from probatum.code.artefacts.python import PythonModule

    Artefact: TypeAlias = BoogieProgram | PythonModule

__all__ = ["Artefact", "BoogieProgram", "PythonModule", "imports", "inputs", "read"]

_home = {"BoogieProgram": "boogie", "PythonModule": "python"}


def __getattr__(name: str) -> Any:
    if name == "Artefact":
        return __getattr__("BoogieProgram") | __getattr__("PythonModule")
    if name not in _home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_home[name]}"), name)


def read(source: Source, options: Mapping[str, Any]) -> tuple[Artefact, ...]:
    """Read a program: one artefact for each file.

    Raises
    ------
    UnreadableArtefact
        If it is not a program of its language; the first error is named.
    UnsupportedConstruct
        If a Boogie program uses the concurrency layer of the language.
    """
    if source.path.lower().endswith(".py"):
        from probatum.code.artefacts import python

        return (python.read(source, options),)
    from probatum.code.artefacts import boogie

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
