"""Check evidence about decisions again, by code that had no part in finding it.

Each method has a module of its own here; what they share is what counts and
quantities mean (`semantics`).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping

from probatum.errors import ProbatumError
from probatum.evidence import Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy
from probatum.source import Source

# Method -> the module that checks it.
_modules = {
    "fairness/adverse-impact/1": "adverse_impact",
    "fairness/allocation/1": "allocation",
    "fairness/gap-over-time/2": "gap_over_time",
    "fairness/gap/1": "gap",
    "fairness/disparity-by-path/1": "disparity_by_path",
    "fairness/disparity-by-treatment/1": "disparity_by_treatment",
    "fairness/measure/2": "measure",
    "fairness/pair/1": "pair",
    "fairness/pairs/1": "pairs",
    "fairness/decided-slice/1": "decided_slice",
    "fairness/decomposition/1": "decomposition",
    "fairness/leakage/1": "leakage",
    "fairness/record/1": "record",
    "fairness/rows-lost/1": "rows_lost",
    "fairness/range/1": "ranges",
    "fairness/ranges/1": "ranges",
    "fairness/score-gap/1": "score_gap",
    "fairness/slice/1": "slices",
    "fairness/no-slice/1": "slices",
    "fairness/uncovered/1": "coverage",
    "fairness/coverage/1": "coverage",
    "fairness/twins-share/1": "share",
    "fairness/twins/1": "twins",
    "fairness/unit-drift/1": "unit_drift",
}


_ROUNDED = 1e-12  # of a confidence
_OWN_CONFIDENCE = ("fairness/pairs/1",)  # one-sided: twice the policy's error on both sides


def recheck(artefact: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute evidence about decisions; see `probatum.evidence.Recheck`."""
    if evidence.method not in _modules:
        return Recheck("cannot", f"`{evidence.method}` is not a method that this version can check")
    if isinstance(evidence, Estimate) and evidence.method not in _OWN_CONFIDENCE:
        wanted = 1 - artefact.alpha
        if not abs(evidence.confidence - wanted) <= _ROUNDED:
            return Recheck("refuted", f"the policy asks for {wanted:g}, and not for {evidence.confidence:g}")
    checker: Callable[[Policy, Evidence, Mapping[str, Source]], Recheck] = importlib.import_module(
        f"{__name__}.{_modules[evidence.method]}"
    ).recheck
    try:
        return checker(artefact, evidence, inputs)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as problem:
        return Recheck("refuted", f"the evidence is malformed ({problem!r})")
    except ProbatumError as problem:
        return Recheck("cannot", problem.message)
