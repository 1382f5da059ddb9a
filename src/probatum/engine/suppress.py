"""Findings that someone answers for: `suppressions.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from probatum.engine.options import CheckOptions, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One entry of the file.

    Either `fingerprint`, or `rule` and `subject` (a glob), says what is meant.
    """

    category: str  # false-positive, accepted-risk, fix-scheduled, test-data
    reason: str
    owner: str
    created: date
    until: date | None = None  # last day on which it holds; None only for a false positive
    fingerprint: str = ""
    rule: str = ""
    subject: str = ""
    path: str = "suppressions.toml"
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneReport:
    """Entries that were taken out because no finding needs them, and how many stayed."""

    path: Path
    removed: tuple[Suppression, ...]
    kept: int


def add_suppression(
    root: Path,
    *,
    category: str,
    reason: str,
    owner: str,
    fingerprint: str = "",
    rule: str = "",
    subject: str = "",
    until: date | None = None,
    today: date | None = None,
) -> Suppression:
    """Write one more entry; without `until`, 90 days from now unless it is a false positive."""
    raise NotImplementedError(root, category, reason, owner, fingerprint, rule, subject, until, today)


def prune_suppressions(root: Path, options: CheckOptions | None = None, progress: Progress | None = None) -> PruneReport:
    """Take out the entries that no finding needs."""
    raise NotImplementedError(root, options, progress)
