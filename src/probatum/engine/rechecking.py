"""Check the evidence of a stored report again, without any search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probatum.engine.options import CheckOptions, Progress
from probatum.evidence import Recheck
from probatum.findings import Cleared, Finding

Rechecked = tuple[Finding | Cleared, Recheck]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckReport:
    """What became of every piece of evidence, each in the order of the report."""

    confirmed: tuple[Rechecked, ...] = ()
    refuted: tuple[Rechecked, ...] = ()
    cannot: tuple[Rechecked, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def exit_status(self) -> int:
        """Return 4 if anything was refuted, else 3 if anything could not be told or there was nothing, else 0."""
        if self.refuted:
            return 4
        return 3 if self.cannot or not self.confirmed else 0


def recheck(
    report: Mapping[str, Any], root: Path, options: CheckOptions | None = None, progress: Progress | None = None
) -> RecheckReport:
    """Check the evidence of every finding and cleared outcome of a report again.

    Parameters
    ----------
    report : mapping
        What ``--format json`` wrote, parsed.
    root : Path
        The checked directory as it is now.

    Raises
    ------
    EvidenceError
        If it is not a report.
    """
    raise NotImplementedError(report, root, options, progress)
