"""State that survives: results and runs in SQLite, evidence under its digest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """What a collection removed and kept."""

    removed_results: int
    removed_objects: int
    freed_bytes: int
    kept_results: int
    kept_objects: int
