"""Pipelines that can be called: text in, what each stage makes of it out.

`opening` makes one of what a policy or a command line names. Whatever keeps a pipeline from answering is `Unanswered`,
and never an answer: nothing is inferred from a time-out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request to a pipeline.

    Attributes
    ----------
    text : str
        As it was heard, or is to be.
    context : mapping of str to str
        State of the device, room ...: that of the turn.
    given : mapping of str to str
        Stage -> the output that is put in instead of its own; what comes after is run.
    """

    text: str
    context: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What one stage made of a request.

    Attributes
    ----------
    stage : str
    value : str
        Equal values are equal outputs.
    ok : bool
        Whether the stage says that it succeeded.
    mentions : tuple of str, or None
        Words of the request that it took for names of things, sorted: a mention that was not said is a wrong output. None if it
        does not tell, and then `value` is all there is.
    confidence : float or None
    """

    stage: str
    value: str
    ok: bool = True
    mentions: tuple[str, ...] | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a pipeline made of a request.

    Attributes
    ----------
    outputs : tuple of Output
        In the order of its stages. A stage that was not reached has none.
    done : bool
        Whether all went well, as far as the pipeline can tell.
    """

    outputs: tuple[Output, ...]
    done: bool

    def of(self, stage: str) -> Output | None:
        """Return the output of a stage, or None if it was not reached."""
        return next((one for one in self.outputs if one.stage == stage), None)


class Unanswered(Exception):
    """A pipeline did not answer, or not in a way that can be read: a clause that says why."""


class Pipeline(Protocol):
    """What can be called."""

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages that it tells of, in their order."""
        ...

    @property
    def digest(self) -> str:
        """Of all that decides what it answers, as far as is known here; "" where that is elsewhere."""
        ...

    def run(self, asked: Asked) -> Run:
        """Run a request.

        Raises
        ------
        Unanswered
            Also where something is given, and the pipeline cannot begin in its middle.
        """
        ...

    def close(self) -> None:
        """End what was started for it."""
        ...
