"""The libraries that a program may add: `base`, `node` and `set_size`.

Their texts are files of this package. Each is parsed once in a process; every
program gets its own copy of the tree, because checking writes into it.
"""

from __future__ import annotations

import functools
import pickle
from collections.abc import Sequence
from importlib import resources

from probatum.errors import UsageError
from probatum.ivl.syntax import tree

NAMES = ("base", "node", "set_size")


def text(name: str) -> str:
    """Return the text of a library.

    Raises
    ------
    UsageError
        If there is none of this name.
    """
    if name not in NAMES:
        raise UsageError(f"there is no library `{name}`", help=f"there are {', '.join(NAMES)}")
    return (resources.files("probatum.ivl") / "library" / f"{name}.bpl").read_text(encoding="utf-8")


def extended(program: tree.Program, names: Sequence[str]) -> tree.Program:
    """Return a program with the declarations of libraries behind its own, each library once.

    Raises
    ------
    UsageError
        If there is no library of a name.
    """
    added = [declaration for name in dict.fromkeys(names) for declaration in _declarations(name)]
    return tree.Program([*program.declarations, *added]) if added else program


def _declarations(name: str) -> list[tree.Declaration]:
    # The bytes are our own, made a moment ago from our own text.
    copy: list[tree.Declaration] = pickle.loads(_pickled(name))  # noqa: S301 - as above
    return copy


@functools.cache
def _pickled(name: str) -> bytes:
    from probatum.ivl.syntax.parser import parse

    program, errors = parse(text(name), f"{name}.bpl")
    if errors:
        raise AssertionError(f"library {name}: {errors[0].position}: {errors[0].message}")
    return pickle.dumps(program.declarations)
