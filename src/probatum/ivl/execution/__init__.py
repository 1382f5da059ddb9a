"""Run a program for real: one start, one choice at each fork, one value per variable.

This is what a program *means*, in a form that has nothing to do with logic: no
elaboration, no conditions, no solver. It replays counterexamples and it tells
whether a mutant really violates its contract. What it cannot decide (a
quantifier over all integers, an uninterpreted function) is `Undetermined`, with
the reason, and never a guess.

`values` are what variables hold, `evaluation` is expressions, `running`
statements; start at `running.run`.
"""

from probatum.ivl.execution.evaluation import Interpretation, Undetermined
from probatum.ivl.execution.running import Choices, Ended, RandomChoices, RecordedChoices, Run, run
from probatum.ivl.execution.values import Value, default, from_json, random_value, to_json

__all__ = [
    "Choices",
    "Ended",
    "Interpretation",
    "RandomChoices",
    "RecordedChoices",
    "Run",
    "Undetermined",
    "Value",
    "default",
    "from_json",
    "random_value",
    "run",
    "to_json",
]
