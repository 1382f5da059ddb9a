"""How groups are named in messages: with their attribute where their own names do not tell it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SAYS_NOTHING = frozenset({"yes", "true", "false", "other", "others", "unknown", "missing", "none", "under", "over"})
_word = re.compile(r"[^\W\d_]{3,}")
_LONGEST = 24  # characters of a group's name
_ATTRIBUTE = 16  # characters of an attribute's name


def tells(name: str) -> bool:
    """Whether a group's name is understood without its attribute: each part has a word that is not yes or no."""
    return all(any(word.lower() not in _SAYS_NOTHING for word in _word.findall(part)) for part in name.split(", "))


def short(name: str) -> str:
    """Return a name that fits a line, in quotes."""
    return f"`{name}`" if len(name) <= _LONGEST else f"`{name[: _LONGEST - 1]}…`"


def by(over: Sequence[str]) -> str:
    """Return the attributes, and the word that goes before a group: `race` is; `race` and `sex` are."""
    return f"{' and '.join(f'`{name[:_ATTRIBUTE]}`' for name in over)} {'is' if len(over) == 1 else 'are'}"


def whom(more: str, less: str, over: Sequence[str]) -> str:
    """Return `for A than for B`, or `where race is 1 than where it is 0`."""
    if tells(more) and tells(less):
        return f"for {short(more)} than for {short(less)}"
    again = "it is" if len(over) == 1 else "they are"
    return f"where {by(over)} {short(more)} than where {again} {short(less)}"


def both(one: str, other: str, over: Sequence[str]) -> str:
    """Return `A and B`, or `those whose race is 1 and 0`."""
    named = f"{short(one)} and {short(other)}"
    return named if tells(one) and tells(other) else f"those whose {by(over)} {named}"


def less_than(one: str, other: str, over: Sequence[str]) -> str:
    """Return `A less B`, with the attribute where it is needed."""
    named = f"{short(one)} less {short(other)}"
    return named if tells(one) and tells(other) else f"{named} (by {' and '.join(f'`{name[:_ATTRIBUTE]}`' for name in over)})"


def of_group(name: str, other: str, over: Sequence[str], *, again: bool = False) -> str:
    """Return `of A`; `where race is 1` if the name, or that of the group it is compared with, does not tell; `where it is 0`."""
    if tells(name) and tells(other):
        return f"of {short(name)}"
    subject = ("it is" if len(over) == 1 else "they are") if again else by(over)
    return f"where {subject} {short(name)}"
