"""What provers are asked, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from probatum.findings import Why
from probatum.records import dataclass
from probatum.solve.ladder import Ladder


@dataclass(frozen=True, slots=True)
class Obligation:
    """Something to prove.

    Attributes
    ----------
    text : str
        SMT-LIB that declares, defines and asserts, and does nothing else; proved
        if unsatisfiable. Its encoder has normalised the names: equal texts are
        one obligation.
    values : tuple of str
        Terms whose values are wanted if there is a model, or a candidate for one.
    rlimit : int, optional
        Limit of the work for the whole ladder, in z3's units, instead of the ladder's own. Other solvers are asked
        only if z3 cannot read the text: their work is not what this limits.
    timeout_s : float, optional
        Wall-clock seconds after which the worker is killed, for the whole ladder.
    ends : float, optional
        The moment of `time.monotonic` at which it is killed at the latest: a question may wait for others.
    options : tuple of (str, str)
        Options of z3 that the program asks for, such as ``("smt.arith.solver", "2")``.
    ladder : Ladder, optional
        What is tried, instead of what the prover tries.
    """

    text: str
    values: tuple[str, ...] = ()
    rlimit: int | None = None
    timeout_s: float | None = None
    options: tuple[tuple[str, str], ...] = ()
    ladder: Ladder | None = None
    ends: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is known about an obligation. Only `unsat` means proved.

    Attributes
    ----------
    answer : str
        `unsat`, `sat` or `unknown`.
    why : Why or None
        For `unknown`, in a word for tools.
    reason : str
        For `unknown`, one line for a person; otherwise empty.
    solver, rung : str
        Who answered, with version, and which strategy of the ladder that was.
    effort : int
        Work of all rungs, in z3's units; the same on every machine unless a worker was killed.
    seconds : float
        Processor seconds of all rungs, without those that were killed.
    values : mapping of str to str
        SMT-LIB text of the obligation's `values` by their text; terms that the
        solver cannot read are not there.
    candidate : bool
        Whether `values` are from a model that satisfies all but perhaps some quantified facts.
    cached : bool
        Whether this was decided before.
    repeatable : bool
        Whether the same obligation gets the same decision: no clock, crash or memory limit had a part in it.
    """

    answer: Literal["unsat", "sat", "unknown"]
    why: Why | None
    reason: str
    solver: str
    rung: str
    effort: int
    seconds: float
    values: Mapping[str, str] = field(default_factory=dict)
    candidate: bool = False
    cached: bool = False
    repeatable: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON; `cached` is for the reader to set."""
        return {
            "answer": self.answer,
            "why": self.why.value if self.why is not None else None,
            "reason": self.reason,
            "solver": self.solver,
            "rung": self.rung,
            "effort": self.effort,
            "seconds": self.seconds,
            "values": dict(self.values),
            "candidate": self.candidate,
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Decision:
        """Rebuild a decision that was kept.

        Raises
        ------
        KeyError, TypeError, ValueError
            If the value is not one.
        """
        answer, why = value["answer"], value["why"]
        if answer not in ("unsat", "sat", "unknown"):
            raise ValueError(f"`{answer}` is not an answer")
        return Decision(
            answer,
            Why(why) if why is not None else None,
            value["reason"],
            value["solver"],
            value["rung"],
            value["effort"],
            value["seconds"],
            value["values"],
            value["candidate"],
            cached=True,
        )
