"""Contracts of libraries: files beside this package, read when a module that is checked imports the library.

Each is named after its module, has its functions with contracts in `probatum.spec`
and `...` for bodies, and is data: nothing imports it. What it says is taken for
true, and named among the assumptions of the proofs that use it.
"""

from __future__ import annotations

import functools
import re
from importlib import resources

from probatum.python.program import Module

_word = re.compile(r"\w+")


@functools.cache
def names() -> tuple[str, ...]:
    """Return the names of the libraries that have contracts."""
    return tuple(sorted(f.name.removesuffix(".pyi") for f in _folder().iterdir() if f.name.endswith(".pyi")))


@functools.cache
def library(name: str) -> Module | None:
    """Return what is known of a library, by its dotted name; None if nothing is."""
    if name not in names():
        return None
    from probatum.python.reading import read_module

    text = (_folder() / f"{name}.pyi").read_text(encoding="utf-8")
    return read_module(text, f"probatum/code/stubs/{name}.pyi", name, library=True)


def libraries_in(text: str) -> tuple[str, ...]:
    """Return the names of libraries that a text may import: of those with contracts, the ones whose names are words of it."""
    words = set(_word.findall(text))
    return tuple(name for name in names() if words.issuperset(name.split(".")))


def _folder() -> resources.abc.Traversable:
    return resources.files("probatum.code") / "stubs"
