"""From a directory to a report: plan, run, confirm, settle.

`check` is the straight line; every other function here is one part of it on its
own. A plan has one task for every rule and artefact, keyed by the digest of
everything its answer depends on, so that a second check repeats nothing and a
killed one goes on where it stopped. Nothing a rule says is shown before its
evidence has been checked again (`confirm`), and nothing that was left out is
passed over in silence: what could not be read, run or decided is an outcome.

Start reading at `checking.py`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # type checkers see plain imports; Python loads a name on first use
    from probatum.engine.additions import AdditionReport as AdditionReport
    from probatum.engine.additions import complete as complete
    from probatum.engine.baseline import BaselineChange as BaselineChange
    from probatum.engine.baseline import update_baseline as update_baseline
    from probatum.engine.checking import check as check
    from probatum.engine.options import CheckOptions as CheckOptions
    from probatum.engine.options import Progress as Progress
    from probatum.engine.probes import Probe as Probe
    from probatum.engine.probes import doctor as doctor
    from probatum.engine.rechecking import Rechecked as Rechecked
    from probatum.engine.rechecking import RecheckReport as RecheckReport
    from probatum.engine.rechecking import recheck as recheck
    from probatum.engine.repairs import RepairReport as RepairReport
    from probatum.engine.repairs import repair as repair
    from probatum.engine.rules import RuleInfo as RuleInfo
    from probatum.engine.rules import built_in_rules as built_in_rules
    from probatum.engine.rules import list_rules as list_rules
    from probatum.engine.state import collect_garbage as collect_garbage
    from probatum.engine.suppress import PruneReport as PruneReport
    from probatum.engine.suppress import Suppression as Suppression
    from probatum.engine.suppress import add_suppression as add_suppression
    from probatum.engine.suppress import prune_suppressions as prune_suppressions
    from probatum.engine.systems import suffixes as suffixes
    from probatum.project import base_of as base_of
    from probatum.store import Garbage as Garbage

# INVARIANT: no module of this package has the name of a function that it offers
# here, or importing the module would hide the function.
_home = {
    "AdditionReport": "probatum.engine.additions",
    "BaselineChange": "probatum.engine.baseline",
    "CheckOptions": "probatum.engine.options",
    "Garbage": "probatum.store",
    "Probe": "probatum.engine.probes",
    "Progress": "probatum.engine.options",
    "PruneReport": "probatum.engine.suppress",
    "RecheckReport": "probatum.engine.rechecking",
    "Rechecked": "probatum.engine.rechecking",
    "RepairReport": "probatum.engine.repairs",
    "RuleInfo": "probatum.engine.rules",
    "Suppression": "probatum.engine.suppress",
    "add_suppression": "probatum.engine.suppress",
    "base_of": "probatum.project",
    "built_in_rules": "probatum.engine.rules",
    "check": "probatum.engine.checking",
    "complete": "probatum.engine.additions",
    "collect_garbage": "probatum.engine.state",
    "doctor": "probatum.engine.probes",
    "list_rules": "probatum.engine.rules",
    "prune_suppressions": "probatum.engine.suppress",
    "recheck": "probatum.engine.rechecking",
    "repair": "probatum.engine.repairs",
    "suffixes": "probatum.engine.systems",
    "update_baseline": "probatum.engine.baseline",
}
__all__ = sorted(_home)  # noqa: PLE0605 - a sorted list of literal names, as the type checker sees


def __getattr__(name: str) -> object:
    if name not in _home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_home[name]), name)
