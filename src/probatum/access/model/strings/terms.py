"""Terms: SMT-LIB text, simplified where that is obvious, so that what is easy also looks easy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from probatum.solve.text import string_literal

TRUE, FALSE = "true", "false"


def all_of(parts: Iterable[str]) -> str:
    """Return the conjunction."""
    kept = [p for p in dict.fromkeys(parts) if p != TRUE]
    if FALSE in kept:
        return FALSE
    return TRUE if not kept else kept[0] if len(kept) == 1 else f"(and {' '.join(kept)})"


def some_of(parts: Iterable[str]) -> str:
    """Return the disjunction."""
    kept = [p for p in dict.fromkeys(parts) if p != FALSE]
    if TRUE in kept:
        return TRUE
    return FALSE if not kept else kept[0] if len(kept) == 1 else f"(or {' '.join(kept)})"


def negation(part: str) -> str:
    """Return the negation."""
    return {TRUE: FALSE, FALSE: TRUE}.get(part, f"(not {part})")


def truth(value: bool) -> str:
    """Return a truth value."""
    return TRUE if value else FALSE


def if_then_else(condition: str, then: str, other: str) -> str:
    """Return one of two truths or texts."""
    if condition in (TRUE, FALSE) or then == other:
        return other if condition == FALSE else then
    if {then, other} <= {TRUE, FALSE}:
        return condition if then == TRUE else negation(condition)
    return f"(ite {condition} {then} {other})"


def concatenation(terms: Sequence[str]) -> str:
    """Return texts one after another."""
    kept = [t for t in terms if t != '""']
    return '""' if not kept else kept[0] if len(kept) == 1 else f"(str.++ {' '.join(kept)})"


def total(terms: Sequence[str]) -> str:
    """Return a sum."""
    kept = [t for t in terms if t != "0"]
    return "0" if not kept else kept[0] if len(kept) == 1 else f"(+ {' '.join(kept)})"


def among(text: str, values: Iterable[str]) -> str:
    """Say that a text is one of these."""
    return some_of(f"(= {text} {string_literal(v)})" for v in values)


def sequence(parts: Sequence[str]) -> str:
    """Return regular expressions one after another."""
    return parts[0] if len(parts) == 1 else f"(re.++ {' '.join(parts)})"


def signed(text: str, sign: bool) -> str:
    """Return a claim, or its negation where the sign is False."""
    return text if sign else negation(text)
