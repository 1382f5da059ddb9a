"""`check`: from a directory to a report."""

from __future__ import annotations

from pathlib import Path

from probatum.engine.options import CheckOptions, Progress
from probatum.findings import Report


def check(root: Path, options: CheckOptions | None = None, progress: Progress | None = None) -> Report:
    """Check a directory, or one file.

    Paths in the report are relative to `base_of(root)`.

    Raises
    ------
    UsageError
        If there is nothing at `root`, an option or the configuration is wrong,
        or a selected rule does not exist.
    """
    raise NotImplementedError(root, options, progress)
