"""What answers: the version of this code and those of the solvers. Only who keeps answers has to know."""

from __future__ import annotations

from functools import lru_cache
from importlib import metadata

VERSION = "probatum/prover/1"  # another whenever decisions of an older one must not be used


@lru_cache(maxsize=1)
def versions() -> str:
    """Name what answers: the version of this code and those of the solvers."""
    return " ".join([VERSION, *(f"{name} {_version(name)}" for name in ("z3-solver", "cvc5"))])


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"
