"""Why a solver did not decide. Apart from the ladder, so that a worker of a prover starts with little to import."""

from __future__ import annotations

from enum import Enum

MOST_EFFORT = 2**32 - 1  # z3 counts its limit in 32 bits


class Stop(str, Enum):
    """Why a rung did not decide."""

    LIMIT = "limit"  # its own count of its work is used up: again the same tomorrow
    QUANTIFIERS = "quantifiers"  # all triggers are exhausted and a candidate model is left
    GAVE_UP = "gave-up"  # a theory that it cannot decide, or a claim of its own that does not hold
    CLOCK = "clock"  # killed
    MEMORY = "memory"
    CRASHED = "crashed"
    UNREADABLE = "unreadable"  # it cannot read the text, which another may
    OPTION = "option"  # it has no such option, or not that value
    MISSING = "missing"  # it is not installed
