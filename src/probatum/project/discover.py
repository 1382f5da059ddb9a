"""Which files belong to which system, without importing the systems."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """Which files are artefacts of one system."""

    system: str
    suffixes: tuple[str, ...]


access_claim = Claim("access", (".json",))
