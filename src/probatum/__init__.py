"""probatum: find what is wrong with what you ship, with evidence you can check again."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # type checkers see plain imports; Python loads a name on first use
    from probatum.engine import CheckOptions as CheckOptions
    from probatum.engine import check as check
    from probatum.engine import recheck as recheck
    from probatum.engine import repair as repair
    from probatum.errors import ProbatumError as ProbatumError
    from probatum.evidence import Counterexample as Counterexample
    from probatum.evidence import Estimate as Estimate
    from probatum.evidence import Exemplars as Exemplars
    from probatum.evidence import Proof as Proof
    from probatum.findings import Cleared as Cleared
    from probatum.findings import Finding as Finding
    from probatum.findings import Report as Report
    from probatum.findings import Severity as Severity
    from probatum.findings import Strength as Strength
    from probatum.findings import Undecided as Undecided
    from probatum.report import render as render
    from probatum.source import Location as Location

__version__ = "0.1.0"

_home = {
    "CheckOptions": "engine",
    "Cleared": "findings",
    "Counterexample": "evidence",
    "Estimate": "evidence",
    "Exemplars": "evidence",
    "Finding": "findings",
    "Location": "source",
    "ProbatumError": "errors",
    "Proof": "evidence",
    "Report": "findings",
    "Severity": "findings",
    "Strength": "findings",
    "Undecided": "findings",
    "check": "engine",
    "recheck": "engine",
    "render": "report",
    "repair": "engine",
}
__all__ = sorted(_home)  # noqa: PLE0605 - the names of the table, sorted


def __getattr__(name: str) -> object:
    if name not in _home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_home[name]}"), name)
