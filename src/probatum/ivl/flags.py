"""Attributes as the pairs of text that commands carry: `{:subsumption 0}` is `("subsumption", "0")`."""

from __future__ import annotations

from typing import TypeAlias

from probatum.ivl.options import Options
from probatum.ivl.syntax import tree
from probatum.ivl.terms import Term

Flags: TypeAlias = tuple[tuple[str, str], ...]


def flags(attributes: tree.Attributes) -> Flags:
    """Return attributes with the text of their first value; "" if it has none, or one that is no literal."""
    return tuple((one.key, _text(one.values[0]) if one.values else "") for one in attributes)


def text(of: Flags, key: str) -> str:
    """Return the text of the first flag with this key, "" if there is none."""
    return next((value for name, value in of if name == key), "")


def number(of: Flags, key: str) -> int | None:
    """Return the number that the first flag with this key has."""
    value = text(of, key)
    return int(value) if value.isdecimal() else None


def on(of: Flags, key: str) -> bool:
    """Whether there is such a flag and the last one is not `false`."""
    answer = False
    for name, value in of:
        if name == key:
            answer = value != "false"
    return answer


def count(attributes: tree.Attributes, key: str) -> int | None:
    """Return the natural number of the last attribute with this key that has one."""
    found = None
    for one in attributes:
        if one.key == key and len(one.values) == 1:
            value = one.values[0]
            if isinstance(value, tree.Literal) and isinstance(value.value, int) and not isinstance(value.value, bool):
                found = value.value
    return found


def known_afterwards(term: Term, of: Flags, options: Options) -> bool:
    """Whether an assertion may be used once it is made: `{:subsumption n}`, otherwise the option."""
    level = number(of, "subsumption")
    match level if level in {0, 1, 2} else options.subsumption:
        case 0:
            return False
        case 1:
            return term.kind not in {"forall", "exists"}
        case _:
            return True


def _text(value: tree.Expression | str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, tree.Literal):
        return str(value.value).lower() if isinstance(value.value, bool) else value.text
    return value.name if isinstance(value, tree.Identifier) else ""
