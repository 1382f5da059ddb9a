"""Decisions about people: which groups they treat differently, by how much at least, and why.

A policy (`artefacts`) says what a table of decisions must keep: which quantity
may differ between which groups, and how much. `semantics` counts the table once
and says what each quantity is for one table of counts. `model` bounds what these
say about everyone who could have been decided on. `recheck` counts again, by
other means, and never looks at `model`.

Programs ask with `FairnessAudit(policy).fit(X, y, groups=...)`, decide with
`RepairedClassifier(estimator, policy)`, and record how they decide with `record` and `step` (`service`). Start reading at
`rules/group_gap.py`.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probatum.fairness.service.audit import FairnessAudit as FairnessAudit
    from probatum.fairness.service.record import record as record
    from probatum.fairness.service.record import step as step
    from probatum.fairness.service.repaired import RepairedClassifier as RepairedClassifier
    from probatum.fairness.service.scorers import GroupValue as GroupValue
    from probatum.fairness.service.scorers import by_group as by_group
    from probatum.fairness.service.scorers import definitions as definitions
    from probatum.fairness.service.scorers import fairness_metric as fairness_metric
    from probatum.fairness.service.scorers import fairness_scorer as fairness_scorer

# Public names, loaded when they are first used, and where they live.
_home = {
    "FairnessAudit": "service.audit",
    "GroupValue": "service.scorers",
    "RepairedClassifier": "service.repaired",
    "by_group": "service.scorers",
    "definitions": "service.scorers",
    "fairness_metric": "service.scorers",
    "fairness_scorer": "service.scorers",
    "record": "service.record",
    "step": "service.record",
}
__all__ = sorted(_home)  # noqa: PLE0605 - a sorted list of literal names, as the type checker sees


def __getattr__(name: str) -> object:
    if name not in _home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_home[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_home])
