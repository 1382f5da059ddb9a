"""How loops go: what is written at their ends and between their rounds, and what is remembered of one under way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field

from probatum.lower.heap import Part
from probatum.lower.lowered import Obligation
from probatum.lower.terms import Term
from probatum.python.program import Clause
from probatum.records import dataclass


@dataclass(slots=True)
class Loop:
    """A loop that is being written."""

    again: str
    out: str
    depth: int  # of cleanups around it
    head: int  # the number of the line where it begins
    before: str  # the snapshot of the state before
    writes: list[Part] = field(default_factory=list)
    created: set[str] = field(default_factory=set)  # objects that its iterations create
    ends: list[set[str]] = field(default_factory=list)  # what is assigned on the ways out


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How one kind of loop goes.

    Attributes
    ----------
    test : callable
        Is given the block of the body and the one behind the loop, and writes which is next.
    begin, step : callable
        Write what is done at the start and at the end of each iteration.
    bound : callable
        What names mean at the head, other than what their variables hold.
    known : callable
        What holds at the head without being claimed.
    seen : callable or None
        How many items the loop went over, and which, if they are a sequence.
    claimed : callable or None
        What must hold at the head besides what the author claims.
    measures : sequence of Clause
    guessed : bool
        Nobody wrote the measures.
    ends : bool
        That the loop ends is known without a measure.
    """

    test: Callable[[str, str], None]
    begin: Callable[[], None]
    step: Callable[[], None] = _nothing
    bound: Callable[[], dict[str, Term]] = dict
    known: Callable[[], str] = lambda: "true"
    claimed: Callable[[], tuple[str, Obligation]] | None = None
    seen: Callable[[], tuple[Term, Term]] | None = None
    measures: Sequence[Clause] = ()
    guessed: bool = True
    ends: bool = False
