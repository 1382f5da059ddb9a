"""An organisation's artefacts in one directory: which files there are, and what the configuration says."""

from __future__ import annotations

from pathlib import Path


def base_of(root: Path) -> Path:
    """Return the directory to which the paths of a report are relative."""
    raise NotImplementedError(root)
