"""A question to a solver, and its three answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from fractions import Fraction
from typing import Any

from probatum.findings import Why
from probatum.records import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A value that Python has no type for (an array, a sequence, an irrational number), as SMT-LIB text."""

    text: str


Value = bool | int | Fraction | str | Term
"""Bool, Int and bit-vectors (unsigned), Real, String (unescaped), and anything else."""


@dataclass(frozen=True, slots=True)
class Question:
    """Is there an assignment under which all assertions hold?

    Attributes
    ----------
    smtlib : str
        SMT-LIB 2.6 that declares, defines and asserts; `check-sat` and all that
        follows it is ours to say. Assertions named with `:named` can be part of
        an unsatisfiable core.
    report : tuple of str
        Terms whose values are wanted if there is such an assignment; empty
        means every declared constant.
    """

    smtlib: str
    report: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unsat:
    """There is none.

    `core` names assertions that cannot hold together: all of them that have
    names and are needed for this argument, not necessarily the fewest.
    """

    smtlib: str
    solver: str  # with its version: "z3 4.13.0"
    seconds: float
    core: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sat:
    """There is one; `values` are those of the terms in the question's `report`, by their text."""

    values: Mapping[str, Value]
    solver: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not decided; `reason` is one line for a person and `why` a word for tools."""

    reason: str
    solver: str
    why: Why = field(default=Why.SOLVER_GAVE_UP)


Answer = Unsat | Sat | Unknown


def milliseconds(timeout_s: float) -> int:
    """Return a limit as solvers take it: whole, at least 1, and a number even where there is no limit."""
    return max(1, int(min(timeout_s, 1e6) * 1000))


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as JSON, for the way back from a guarded child."""
    match answer:
        case Unsat():
            core = list(answer.core)
            return {"is": "unsat", "smtlib": answer.smtlib, "solver": answer.solver, "seconds": answer.seconds, "core": core}
        case Sat():
            values = {name: _value_to_json(value) for name, value in answer.values.items()}
            return {"is": "sat", "values": values, "solver": answer.solver, "seconds": answer.seconds}
        case Unknown():
            return {"is": "unknown", "reason": answer.reason, "solver": answer.solver, "why": answer.why.value}


def answer_from_json(value: Mapping[str, Any]) -> Answer:
    """Rebuild an answer."""
    match value["is"]:
        case "unsat":
            return Unsat(value["smtlib"], value["solver"], value["seconds"], tuple(value["core"]))
        case "sat":
            values = {name: _value_from_json(own) for name, own in value["values"].items()}
            return Sat(values, value["solver"], value["seconds"])
        case _:
            return Unknown(value["reason"], value["solver"], Why(value["why"]))


def _value_to_json(value: Value) -> Any:
    match value:
        case bool() | str():
            return value
        case int():
            return {"int": str(value)}  # JSON readers elsewhere may round large numbers
        case Fraction():
            return {"real": str(value)}
        case Term():
            return {"term": value.text}


def _value_from_json(value: Any) -> Value:
    match value:
        case {"int": digits}:
            return int(digits)
        case {"real": digits}:
            return Fraction(digits)
        case {"term": text}:
            return Term(text)
        case bool() | str():
            return value
    raise ValueError(f"`{value}` is not a value of an answer")
