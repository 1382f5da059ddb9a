"""Which stage a request failed at: two definitions, for stage outputs that were seen and those that would have been right.

Short on purpose: this is trusted. The first definition is what annotators do [1]_: the stage at which the unbroken run of wrong
outputs begins that reaches the result, so an error that a later stage made good is passed over. The second is what a repair needs:
the first stage that, with all before it, need be right for the rest to come out right. Where they differ, there are two
independent faults: mending the first alone would not have helped.

References
----------
.. [1] Khaziev, Shahid, Roding, Chada, Kapanci, Natarajan. "FPI: Failure Point Isolation in Large-scale Conversational
   Assistants." NAACL 2022, Industry Track.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

# What is said instead of a stage. Neither of the last two is a defect of a stage.
CORRECT, INCAPABLE, UNKNOWN = "correct", "out of capability", "unknown"


def first_unrepaired(stages: Sequence[str], wrong: Mapping[str, bool | None]) -> str:
    """Return definition A for a request that failed.

    Parameters
    ----------
    stages : sequence of str
        In the order of the pipeline; the last is the result, which was wrong.
    wrong : mapping of str to bool or None
        Whether the output of a stage was not what it should have been; None, or no entry, if that is not known.

    Returns
    -------
    str
        A stage; `UNKNOWN` if it turns on an output of which nothing is known.
    """
    found = stages[-1]
    for stage in reversed(stages[:-1]):
        if wrong.get(stage) is None:
            return UNKNOWN
        if not wrong[stage]:
            break
        found = stage
    return found


def least_repair(stages: Sequence[str], repaired: Callable[[str], bool | None]) -> str:
    """Return definition B for a request that failed.

    Parameters
    ----------
    stages : sequence of str
        As in `first_unrepaired`.
    repaired : callable of a stage
        Whether the outcome is right when the outputs of this stage and of all before it are; None if that cannot be tried. It
        is not asked of the last stage.
    """
    for stage in stages[:-1]:
        helps = repaired(stage)
        if helps is None:
            return UNKNOWN
        if helps:
            return stage
    return stages[-1]
