"""What is known of Python's values, in the Boogie language.

Each file beside this one declares types and functions of one kind of value, with
axioms whose triggers say when a solver uses them. A program that is lowered
takes what it needs of them:

    text = prelude.reduced({"Seq_len", "Bytes_to_int"}) + program

Every axiom is a fact about CPython's values, tested as one; see `tests/lower`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from probatum.lower.prelude.reduction import Reduction

_NAMES = (
    "reference",
    "integer",
    "bits",
    "sequence",
    "membership",
    "making",
    "editing",
    "bag",
    "numbers",
    "set",
    "map",
    "searching",
    "trimming",
    "counting",
    "bytes",
    "bytes_text",
    "text",
    "letters",
    "patterns",
    "ordering",
    "widths",
    "floating",
    "splitting",
    "remainders",
    "choosing",
)
"""Every file, after those it depends on."""

_comment = re.compile(r"//.*")
_declared = re.compile(r"^(?:type|const|function)(?:\s+unique)?(?:\s+\{:[^}]*\})*\s+([A-Za-z_]\w*)", re.MULTILINE)
_word = re.compile(r"[A-Za-z_]\w*")


def files() -> tuple[str, ...]:
    """Return the names of all files, each after those it depends on."""
    return _NAMES


@functools.cache
def functions() -> Mapping[str, str]:
    """Return the name of every type, constant and function with the file that declares it."""
    return MappingProxyType({name: file for file in _NAMES for name in _declared.findall(_source(file))})


def text(files: Iterable[str]) -> str:
    """Return the text of files, each once, in an order in which each comes after those it depends on.

    Raises
    ------
    KeyError
        If there is no file of a name.
    """
    wanted = set(files)
    if unknown := wanted.difference(_NAMES):
        raise KeyError(f"the prelude has no file {', '.join(f'`{name}`' for name in sorted(unknown))}")
    return "\n".join(_source(name) for name in _NAMES if name in wanted)


def needed(names: Iterable[str]) -> tuple[str, ...]:
    """Return the files that declare names, and all that these depend on; names that no file declares are passed over.

    Parameters
    ----------
    names : iterable of str
        Any words: those of a program, for example.
    """
    found: set[str] = set()
    for name in names:
        if (file := functions().get(name)) is not None:
            found |= _closed(file)
    return tuple(name for name in _NAMES if name in found)


def needed_by(program: str) -> tuple[str, ...]:
    """Return the files that the text of a program needs."""
    return needed(set(_word.findall(program)))


def reduced(names: Iterable[str]) -> str:
    """Return the declarations that are of use to a program, of the files that it needs.

    Parameters
    ----------
    names : iterable of str
        Any words: those of the program.
    """
    return _reduced(frozenset(name for name in names if name in functions()))


@functools.lru_cache(maxsize=256)
def _reduced(names: frozenset[str]) -> str:
    return _reduction().text(names, frozenset(needed(names)))


@functools.cache
def _reduction() -> Reduction:
    from probatum.lower.prelude.reduction import Reduction

    return Reduction((name, _source(name)) for name in _NAMES)


@functools.cache
def _closed(file: str) -> frozenset[str]:
    """A file and all that it depends on."""
    words = set(_word.findall(_comment.sub("", _source(file))))
    direct = {functions()[word] for word in words if word in functions()} - {file}
    return frozenset({file}).union(*map(_closed, direct))


@functools.cache
def _source(name: str) -> str:
    return (resources.files(__name__) / f"{name}.bpl").read_text(encoding="utf-8")
