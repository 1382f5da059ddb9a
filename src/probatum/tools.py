"""What a rule may use besides its artefact: time, options, other inputs, seeded chance.

A rule is a function of an artefact and of these. It reads no file, no clock and
no environment; whatever varies comes in here and is part of the task's key.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from probatum.records import dataclass
from probatum.source import Source


class OutOfTime(Exception):
    """The deadline of a task has passed; the engine reports the task as undecided."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment after which an answer is of no use. `Deadline.never()` has none."""

    at: float  # of time.monotonic()

    @staticmethod
    def after(seconds: float) -> Deadline:
        """Return the deadline that many seconds from now."""
        return Deadline(time.monotonic() + seconds)

    @staticmethod
    def never() -> Deadline:
        """Return a deadline that does not come."""
        return Deadline(float("inf"))

    def remaining(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self.at - time.monotonic())

    def check(self) -> None:
        """Raise `OutOfTime` if the deadline has passed; cheap enough for inner loops that do real work."""
        if time.monotonic() > self.at:
            raise OutOfTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the engine lends to a rule.

    Attributes
    ----------
    deadline : Deadline
        Soft limit of this task; the runner's hard limit stands behind it.
    options : mapping
        The checked options of the rule's system.
    inputs : mapping of str to Source
        The further inputs that the system's `artefacts.inputs` named for this
        artefact: reference documents, an older revision. Absent keys are files
        that do not exist.
    seed : int
        Seed of all chance; an input like any other.
    kept : dict of JSON
        What earlier checks of the same file left here, and what later ones get;
        lost without notice. Nothing but time may depend on it, so an entry is
        named by the digest of all that it depends on. Our own code and the
        versions of libraries need no part in that.
    """

    deadline: Deadline = field(default_factory=Deadline.never)
    options: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Source] = field(default_factory=dict)
    seed: int = 0
    kept: dict[str, Any] = field(default_factory=dict)

    def generator(self) -> random.Random:
        """Return a new generator with this task's seed."""
        return random.Random(self.seed)  # noqa: S311 - reproducibility is the point; nothing secret is drawn
