"""What the queue says to whoever asks: a unit, that there is none now, that something was not taken in, how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from probatum.inspection.artefacts.annotations import Question
from probatum.records import dataclass

Refusal = Literal["nobody", "unknown", "taken", "said", "impossible", "nothing"]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something was not taken in: nothing was written.

    Attributes
    ----------
    kind : str
        For programs: `nobody` said who they are; the unit is `unknown`, is `taken` by others, or they have `said` something of it already;
        the answer is `impossible`; there is `nothing` to undo.
    why : str
        For people: lower case, one line.
    """

    kind: Refusal
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A unit that somebody has in hand.

    Attributes
    ----------
    question : Question
    until : datetime
        When others may be given it.
    second : bool
        Whether somebody has looked at it before; what they said is not told.
    """

    question: Question
    until: datetime
    second: bool

    @property
    def unit(self) -> str:
        """Which."""
        return self.question.unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """There is nothing for somebody now.

    Attributes
    ----------
    others : int
        Units that others have in hand, or that others must look at.
    """

    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the queue is.

    Attributes
    ----------
    units, done : int
        In the queue, and of those how many nobody needs to look at any more.
    begun : int
        Of which somebody said something, and somebody else is still asked.
    leased : int
        That somebody has in hand.
    damaged, sound, open : int
        Of those that are done; `open` where nobody can tell.
    contradicted : int
    annotators : mapping of str to int
        How many units each has said something of.
    per_hour : mapping of str to float
        How many in an hour of work; without those who said something of one only.
    stale : mapping of str to int
        Products whose references are out of date, by how many say so.
    notes : tuple of str
        What became of the journal, where that is not as it should be.
    """

    units: int
    done: int
    begun: int
    leased: int
    damaged: int
    sound: int
    open: int
    contradicted: int
    annotators: Mapping[str, int]
    per_hour: Mapping[str, float]
    stale: Mapping[str, int]
    notes: tuple[str, ...]
