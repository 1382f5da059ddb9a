"""probatum: find what is wrong with what you ship, with evidence you can check again.

    report = probatum.check(Path("shop"))
    for finding in report.findings:
        print(finding.location, finding.message)

What is listed in `__all__` is public, and loaded when it is first used.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False  # as type checkers read it; importing typing would take longer than all that programs with contracts load
if TYPE_CHECKING:  # type checkers see plain imports; Python loads a name on first use
    from probatum.engine import CheckOptions as CheckOptions
    from probatum.engine import RecheckReport as RecheckReport
    from probatum.engine import check as check
    from probatum.engine import recheck as recheck
    from probatum.errors import ProbatumError as ProbatumError
    from probatum.evidence import Counterexample as Counterexample
    from probatum.evidence import Estimate as Estimate
    from probatum.evidence import Exemplars as Exemplars
    from probatum.evidence import Proof as Proof
    from probatum.evidence import Recheck as Recheck
    from probatum.findings import Cleared as Cleared
    from probatum.findings import Edit as Edit
    from probatum.findings import Finding as Finding
    from probatum.findings import Repair as Repair
    from probatum.findings import Report as Report
    from probatum.findings import Severity as Severity
    from probatum.findings import Strength as Strength
    from probatum.findings import Undecided as Undecided
    from probatum.findings import Why as Why
    from probatum.source import Location as Location
    from probatum.source import Source as Source
    from probatum.tools import Tools as Tools

__version__ = "0.1.0"

_home = {
    "CheckOptions": "engine",
    "Cleared": "findings",
    "Counterexample": "evidence",
    "Edit": "findings",
    "Estimate": "evidence",
    "Exemplars": "evidence",
    "Finding": "findings",
    "Location": "source",
    "ProbatumError": "errors",
    "Proof": "evidence",
    "Recheck": "evidence",
    "RecheckReport": "engine",
    "Repair": "findings",
    "Report": "findings",
    "Severity": "findings",
    "Source": "source",
    "Strength": "findings",
    "Tools": "tools",
    "Undecided": "findings",
    "Why": "findings",
    "check": "engine",
    "recheck": "engine",
}
__all__ = sorted(_home)  # noqa: PLE0605 - a sorted list of literal names, as the type checker sees


def __getattr__(name: str) -> object:
    if name not in _home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_home[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_home])
