"""What comes out of lowering: a Boogie program for one function, and what each of its assertions means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from probatum.python.program import Place, Problem
from probatum.records import dataclass


class Kind(Enum):
    """What an assertion claims; the value is what is said when it fails.

    `VACUOUS` and `REFUTABLE` are the other way round: the assertion is a probe, and fails to be proved if all is well.
    """

    POSTCONDITION = "the postcondition may not hold"
    PRECONDITION = "a precondition of the callee may not hold"
    ENTRY = "the loop invariant may not hold on entry"
    MAINTAINED = "the loop may not maintain its invariant"
    ASSERTION = "the assertion may fail"
    INDEX = "the index may be out of range"
    KEY = "the key may be missing"
    NONE = "the value may be None"
    DIVISION = "the divisor may be zero"
    UNPACKING = "the number of values to unpack may be wrong"
    ATTRIBUTE = "the attribute may be missing"
    TYPE = "the value may have the wrong type"
    VALUE = "an argument may have a value that the operation refuses"
    RANGE = "the integer may leave its range"
    TERMINATION = "it may not terminate"
    EXCEPTION = "an exception that is not declared may escape"
    RAISES = "what is declared of an exception may not hold"
    FRAME = "something may change that the contract does not allow to change"
    DEFINED = "the contract itself may raise"
    CLASS_INVARIANT = "the invariant of the class may not hold"
    OVERRIDE = "the contract may break that of the method it overrides"
    VACUOUS = "nothing can satisfy the contract"
    REFUTABLE = "what must not hold does"

    @property
    def is_probe(self) -> bool:
        """Whether all is well if it is not proved."""
        return self in (Kind.VACUOUS, Kind.REFUTABLE)


@dataclass(frozen=True, slots=True)
class Obligation:
    """One claim about a Python program.

    Attributes
    ----------
    kind : Kind
    place : Place
        Where it is claimed: the operation, the return, the call.
    text : str
        The expression that is claimed, as the author wrote it, or a description.
    clause : Place or None
        The clause of a contract that this is about, if it is elsewhere.
    exception : str
        The exception that a violation raises at run time, or "".
    path : str
        The file of `clause`, if it is another one.
    described : bool
        Whether `text` says what is missing, because there is no expression that could fail.
    """

    kind: Kind
    place: Place
    text: str
    clause: Place | None = None
    exception: str = ""
    path: str = ""
    described: bool = False


@dataclass(frozen=True, slots=True)
class Guess:
    """A condition that may hold whenever a round of a loop begins, though nobody wrote it.

    Attributes
    ----------
    place : Place
        Where the loop is.
    text : str
        In Python, with the words of `probatum.spec`.
    exact : bool
        Whether the text is an expression that an author can write there; else it only tells a person what is meant.
    count : str
        What the text calls the number of rounds that a `for` has done, which it does not count itself; "" if it needs none.
    """

    place: Place
    text: str
    exact: bool = True
    count: str = ""


@dataclass(frozen=True, slots=True)
class Lowered:
    """A function as a program of the Boogie language.

    Attributes
    ----------
    function : str
        Its qualified name.
    text : str
        The program; one assertion or clause a line.
    obligations : mapping of int to Obligation
        What is claimed on each line of `text` (an invariant is two obligations, told apart by how it fails).
    assumptions : tuple of str
        What a proof rests on besides the meaning of Python: library contracts used, trusted functions.
    rests_on : tuple of str
        Recursive functions whose definitions a proof uses: it is one only if they are proved to terminate.
    unsupported : Problem or None
        If there is one, there is no text.
    warnings : tuple of Problem
    guesses : mapping of str to Guess
        By the constant that inference sets.
    """

    function: str
    text: str
    obligations: Mapping[int, Obligation]
    assumptions: tuple[str, ...] = ()
    unsupported: Problem | None = None
    warnings: tuple[Problem, ...] = ()
    rests_on: tuple[str, ...] = ()
    guesses: Mapping[str, Guess] = field(default_factory=dict)
