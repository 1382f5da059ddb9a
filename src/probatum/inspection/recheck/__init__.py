"""Evidence and artefact: is the claim still true? Computed again from the files, without the rules that found it.

What makes a score is shared with them (`semantics`); what they remember is not used.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping

from probatum.errors import ProbatumError
from probatum.evidence import Evidence, Recheck
from probatum.inspection.artefacts import Policy
from probatum.source import Source

# Method -> the module that checks it.
_modules = {
    "inspection/capture-unusable/1": "capture",
    "inspection/damaged-unit/1": "alarm",
    "inspection/gallery-contaminated/1": "contaminated",
    "inspection/gallery-stale/1": "stale",
    "inspection/rows-unread/1": "capture",
    "inspection/set-incomplete/1": "alarm",
    "inspection/band-looked/1": "band",
    "inspection/band-passed/1": "band",
    "inspection/threshold-certified/1": "threshold",
    "inspection/threshold-uncertified/1": "threshold",
    "inspection/wrong-barcode/1": "label",
    "inspection/wrong-product/1": "alarm",
}


def recheck(artefact: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute evidence about goods; see `probatum.evidence.Recheck`."""
    if evidence.method not in _modules:
        return Recheck("cannot", f"`{evidence.method}` is not a method that this version can check")
    checker: Callable[[Policy, Evidence, Mapping[str, Source]], Recheck] = importlib.import_module(
        f"{__name__}.{_modules[evidence.method]}"
    ).recheck
    try:
        return checker(artefact, evidence, inputs)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as problem:
        return Recheck("refuted", f"the evidence is malformed ({problem!r})")
    except ProbatumError as problem:
        return Recheck("cannot", problem.message)
