"""Expressions of the Boogie language as they are put together: a text, and the Python type that it has."""

from __future__ import annotations

from dataclasses import dataclass, replace

from probatum.python.types import BOOL, INT, Type


@dataclass(frozen=True, slots=True)
class Term:
    """A value.

    Attributes
    ----------
    text : str
        Can stand anywhere: it is a name, an application, or in parentheses.
    type : Type
    content : bool
        For types whose values are references (lists, dicts, sets): the text is what the object holds, and there may
        be no object at all.
    state : str
        The snapshot in which what it refers to is meant (`old(x).a`); "": the state that is meant where it is used.
    exact : bool
        A number of type `float` in it is an instance of `float`, and no integer in the place of one.
    """

    text: str
    type: Type
    content: bool = False
    state: str = ""
    exact: bool = False

    def typed(self, type_: Type) -> Term:
        """Return the same value under another type of the same sort."""
        return replace(self, type=type_)


TRUE, FALSE = Term("true", BOOL), Term("false", BOOL)


def number(value: int) -> Term:
    """Return an integer."""
    return Term(str(value) if value >= 0 else f"(-{-value})", INT)


def is_number(text: str) -> bool:
    """Whether a term is a literal."""
    return text.strip("(-)").isdigit()


def apply(function: str, *arguments: str) -> str:
    """Return an application."""
    return f"{function}({', '.join(arguments)})"


def conjunction(*parts: str) -> str:
    """Return the conjunction; of nothing: true."""
    own = [p for p in parts if p != "true"]
    if "false" in own:
        return "false"
    return "true" if not own else own[0] if len(own) == 1 else f"({' && '.join(own)})"


def disjunction(*parts: str) -> str:
    """Return the disjunction; of nothing: false."""
    own = [p for p in parts if p != "false"]
    if "true" in own:
        return "true"
    return "false" if not own else own[0] if len(own) == 1 else f"({' || '.join(own)})"


def negation(part: str) -> str:
    """Return the negation."""
    return {"true": "false", "false": "true"}.get(part) or f"(!{part})"


def implication(premise: str, conclusion: str) -> str:
    """Return the implication."""
    if premise == "true" or conclusion == "true":
        return conclusion
    return negation(premise) if conclusion == "false" else f"({premise} ==> {conclusion})"


def conditional(condition: str, then: str, other: str) -> str:
    """Return one of two values."""
    if condition in ("true", "false"):
        return then if condition == "true" else other
    return then if then == other else f"(if {condition} then {then} else {other})"


def equal(left: str, right: str) -> str:
    """Return whether two values of one sort are the same."""
    return "true" if left == right else f"({left} == {right})"


def split_arguments(text: str) -> list[str]:
    """Return the arguments of an application, split at the commas that are outside of parentheses."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(text):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:place].strip())
            start = place + 1
    return [*parts, text[start:].strip()]
