"""Repairs that were tried before they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from probatum.engine.options import CheckOptions, Progress
from probatum.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairReport:
    """What was repaired.

    Attributes
    ----------
    repaired : tuple of Finding
        Each with the repair that clears it, `repair.verified` set.
    failed : tuple of (Finding, str)
        Findings without such a repair, and why.
    diffs : mapping of path to text
        Unified diff of every file that changes.
    written : bool
        Whether the files were written.
    """

    repaired: tuple[Finding, ...] = ()
    failed: tuple[tuple[Finding, str], ...] = ()
    diffs: Mapping[str, str] = field(default_factory=dict)
    written: bool = False

    @property
    def exit_status(self) -> int:
        """Return 0 if every wanted finding has a repair, else 1."""
        return 1 if self.failed else 0


def repair(
    root: Path,
    options: CheckOptions | None,
    wanted: Sequence[str],
    *,
    write: bool,
    progress: Progress | None = None,
) -> RepairReport:
    """Find repairs that clear findings and add none; on request, write them.

    Parameters
    ----------
    wanted : sequence of str
        Beginnings of fingerprints, or numbers from 1 of the findings in the
        order in which `check` lists them; empty for all.

    Raises
    ------
    UsageError
        If a wanted finding does not exist, or a beginning fits several.
    """
    raise NotImplementedError(root, options, wanted, write, progress)
