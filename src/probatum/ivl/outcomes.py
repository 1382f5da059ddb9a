"""What is known of a program in the end: one result per obligation, and the words for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from probatum.ivl.blocks import Claim, Label
from probatum.ivl.syntax.tree import Position
from probatum.records import dataclass


class Verdict(Enum):
    """Proved; refuted: there is a model; not proved: for a reason; unsupported: a construct that is not handled."""

    PROVED = "proved"
    REFUTED = "refuted"
    NOT_PROVED = "not proved"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class StaticError:
    """An error or warning found before any proof.

    `phase` is one of parse, resolution, type; `kind` error or warning.
    `hint` is more for a person: what was expected, what to write instead.
    """

    position: Position
    message: str
    phase: str
    kind: str = "error"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One block of a trace: where it is, and values that changed there, in the source's names."""

    block: str
    position: Position
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trace:
    """A path through the blocks to the assertion that fails.

    Attributes
    ----------
    steps : tuple of Step
    initial : mapping
        Values of parameters and globals at entry.
    final : mapping
        Values of all variables where the assertion fails.
    candidate : bool
        The solver did not confirm the values (it gave up on quantifiers): they may be no counterexample at all.
    return_position : Position or None
        Where the path returns, for a postcondition.
    """

    steps: tuple[Step, ...]
    initial: Mapping[str, str]
    final: Mapping[str, str]
    candidate: bool
    return_position: Position | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one obligation.

    `text` is the obligation in SMT-LIB (unsatisfiable: proved), `key` its digest;
    `effort` is the solver's own count of its work and does not depend on the machine;
    `exhausted` if a limit of that work, which somebody asked for, was used up.
    """

    verdict: Verdict
    body: str
    label: Label
    reason: str = ""  # why not proved, or what is unsupported
    trace: Trace | None = None
    timed_out: bool = False
    text: str = ""
    key: str = ""
    solver: str = ""
    effort: int = 0
    seconds: float = 0.0
    cached: bool = False
    exhausted: bool = False


@dataclass(frozen=True, slots=True)
class BodyResult:
    """Everything about one implementation.

    `verified` if all its obligations are proved; `inconclusive` if Boogie would
    say so (out of resources); `outcomes` in the order of the source, and
    `reported` those that count as errors, cut at the error limit.
    """

    name: str
    position: Position
    outcomes: tuple[Outcome, ...]
    reported: tuple[Outcome, ...]
    note: str = ""

    @property
    def verified(self) -> bool:
        """Whether every obligation is proved."""
        return all(outcome.verdict is Verdict.PROVED for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Verification:
    """The result for one program.

    Attributes
    ----------
    static : tuple of StaticError
        If one of them is an error, nothing was verified.
    bodies : tuple of BodyResult
    assignment : mapping or None
        What invariant inference kept, by the name of its constant.
    warnings : tuple of StaticError
        Found on the way to the conditions.
    """

    static: tuple[StaticError, ...]
    bodies: tuple[BodyResult, ...]
    assignment: Mapping[str, bool] | None = None
    warnings: tuple[StaticError, ...] = ()


__all__ = ["BodyResult", "Claim", "Label", "Outcome", "StaticError", "Step", "Trace", "Verdict", "Verification"]
