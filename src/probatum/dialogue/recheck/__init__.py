"""Check evidence about conversations again, by code that had no part in finding it.

Each method has a module of its own here; what they share is how logs are read.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping

from probatum.dialogue.artefacts import Policy
from probatum.errors import ProbatumError
from probatum.evidence import Evidence, Recheck
from probatum.source import Source

# Method -> the module that checks it.
_modules = {
    "dialogue/log-complete/1": "log_incomplete",
    "dialogue/log-incomplete/1": "log_incomplete",
    "dialogue/private-phrase-leaks/1": "private_phrase_leaks",
    "dialogue/private-phrase-removed/1": "private_phrase_leaks",
    "dialogue/private-phrases-absent/1": "private_phrase_leaks",
    "dialogue/request-fails/1": "request_fails",
    "dialogue/rewrite-harms/1": "rewrite_harms",
    "dialogue/stage-fails/1": "stage_fails",
    "dialogue/stage-replayed/1": "stage_replayed",
}


def recheck(artefact: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute evidence about conversations; see `probatum.evidence.Recheck`."""
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
