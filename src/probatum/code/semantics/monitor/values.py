"""How values are shown, and copied as they are now."""

from __future__ import annotations

import re
from collections import deque
from copy import deepcopy
from enum import Enum

from .progress import NotExecutable, Stop, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

SHOWN = 160  # characters of a value that are worth showing
_address = re.compile(r" at 0x[0-9a-fA-F]+")  # differs from run to run
ATOMS = (int, float, str, bytes, bool, complex, type(None), type(Ellipsis))


def show(value: object) -> str:
    """Return a value for a person; code of the program may run, and fail."""
    state.busy += 1
    try:
        text = _fields(value) if type(value).__repr__ is object.__repr__ else repr(value)
    except Stop:
        raise
    except Exception as error:  # noqa: BLE001 - `__repr__` is code of the program
        text = f"<{type(value).__name__} whose repr raises {type(error).__name__}>"
    finally:
        state.busy -= 1
    text = _address.sub("", text)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


def _fields(value: object) -> str:
    own = getattr(value, "__dict__", {})
    return f"{type(value).__name__}({', '.join(f'{k}={v!r}' for k, v in own.items() if v is not value)})"


def _by_identity(value: object) -> bool:
    return type(value).__eq__ is object.__eq__


def snapshot(value: Any) -> Any:
    """Return a value as it is now. What compares by identity stays itself: a copy would be a different one."""
    return _copied(value, {}, {})


def _copied(value: Any, originals: Mapping[int, Any], memo: dict[int, Any]) -> Any:
    """Copy containers and what compares by value; `originals` are what copies of objects stand for."""
    if isinstance(value, ATOMS) and type(value) in ATOMS:
        return value
    if id(value) in memo:
        return memo[id(value)][0]
    kind = type(value)
    if kind is list:
        made: Any = []
        memo[id(value)] = (made, value)
        made.extend(_copied(v, originals, memo) for v in value)
    elif kind is dict:
        made = {}
        memo[id(value)] = (made, value)
        made.update((_copied(k, originals, memo), _copied(v, originals, memo)) for k, v in value.items())
    elif kind is tuple:
        made = tuple(_copied(v, originals, memo) for v in value)
        memo[id(value)] = (made, value)
    elif kind in (set, frozenset):
        made = kind(_copied(v, originals, memo) for v in value)
        memo[id(value)] = (made, value)
    elif kind is deque:
        made = deque((_copied(v, originals, memo) for v in value), value.maxlen)
        memo[id(value)] = (made, value)
    elif isinstance(value, type | Enum) or callable(value):
        made = value
    elif _by_identity(value):
        made = originals.get(id(value), value)
    else:
        try:
            made = deepcopy(value)
        except Stop:
            raise
        except Exception as error:  # noqa: BLE001 - copying may run code of the program
            raise NotExecutable(f"`{kind.__name__}` cannot be copied: {type(error).__name__}") from None
        memo[id(value)] = (made, value)
    return made


class Entry:
    """The parameters as they were at entry, copied as one, for conditions about then."""

    def __init__(self, names: Sequence[str], values: Sequence[Any]) -> None:
        memo: dict[int, Any] = {}
        try:
            self.values = dict(zip(names, deepcopy(list(values), memo), strict=True))
        except Stop:
            raise
        except Exception as error:  # noqa: BLE001 - copying may run code of the program
            raise NotExecutable(f"the arguments cannot be copied: {type(error).__name__}") from None
        kept = {id(one): one for one in memo.get(id(memo), [])}  # deepcopy keeps what it copied alive there
        self.originals = {id(copy): kept[key] for key, copy in memo.items() if key in kept}

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


class NoEntry(Entry):
    """In place of parameters that cannot be copied: no condition about then can be evaluated."""

    def __init__(self) -> None:
        self.originals = {}

    def __getitem__(self, name: str) -> Any:
        raise NotExecutable("the arguments cannot be copied")


def at_entry(entry: Entry, value: Any) -> Any:
    """Return a value computed from copies, with the objects themselves in place of the copies of objects."""
    return _copied(value, entry.originals, {})


def object_at_entry(entry: Entry, value: Any) -> Any:
    """Return the object itself that a value computed from copies is a copy of, or is: for comparisons of identity."""
    return entry.originals.get(id(value), value)
