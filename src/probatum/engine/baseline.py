"""Findings that were accepted when probatum came into the house."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from probatum.engine.options import CheckOptions, Progress
from probatum.findings import Finding, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineChange:
    """What an update did to the file of accepted findings.

    Attributes
    ----------
    path : Path
        The file.
    added : tuple of Finding
        Accepted from now on.
    removed : tuple of str
        One line for each entry that no longer has a finding.
    kept : int
        Entries that stayed.
    report : Report
        The check that the update rests on.
    """

    path: Path
    added: tuple[Finding, ...]
    removed: tuple[str, ...]
    kept: int
    report: Report


def update_baseline(
    root: Path, options: CheckOptions | None = None, progress: Progress | None = None, *, shrink_only: bool = False
) -> BaselineChange:
    """Accept every finding there is now, and forget those that are gone."""
    raise NotImplementedError(root, options, progress, shrink_only)
