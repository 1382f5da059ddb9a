"""Objects that can change: those that arguments reach, and what of them has changed."""

from __future__ import annotations

from collections import deque
from enum import Enum

from .values import ATOMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .progress import Test

_REACHED = 20_000  # objects that a frame is compared on


def reachable(roots: Iterable[Any]) -> dict[int, tuple[Any, Any]]:
    """Return every object that can change and is reached from these, with its parts as they are now."""
    found: dict[int, tuple[Any, Any]] = {}
    pending = list(roots)
    while pending and len(found) < _REACHED:
        one = pending.pop()
        if id(one) in found or isinstance(one, (*ATOMS, type)):
            continue
        parts = parts_of(one)
        if parts is None:
            continue
        found[id(one)] = (one, parts)
        pending.extend(parts.values() if isinstance(parts, dict) else (p for p in parts if not isinstance(p, int)))
        if isinstance(one, dict):
            pending.extend(one)
    return found


def everything(root: Any) -> list[tuple[Any, str]]:
    """Return all that can be reached, as what may change."""
    return [(one, "") for one, _ in reachable([root]).values()]


def each_of(domain: Iterable[Any], targets: Test) -> list[tuple[Any, str]]:
    """Return what may change for each member."""
    return [pair for one in domain for pair in targets(one)]


def parts_of(one: Any) -> Any:
    """Return items or fields; None: an object that is not looked into."""
    if isinstance(one, list | deque | tuple):
        return list(one)
    if isinstance(one, dict):
        return dict(one)
    if isinstance(one, set | frozenset):
        return list(one)
    if isinstance(one, bytearray):
        return bytes(one)
    if callable(one) or isinstance(one, Enum):
        return None
    found = dict(getattr(one, "__dict__", {}))
    for class_ in type(one).__mro__:
        slots = class_.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(one, name):
                found[name] = getattr(one, name)
    return found


def _same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and isinstance(a, ATOMS) and a == b)


def changed(before: Any, now: Any) -> list[str] | None:
    """Return the fields that differ; None: nothing does; [] means the items of a collection."""
    if isinstance(before, dict):
        names = [k for k in {**before, **now} if k not in before or k not in now or not _same(before[k], now[k])]
        return [n if isinstance(n, str) else "" for n in names] or None
    if isinstance(before, bytes):
        return None if before == now else []
    return None if len(before) == len(now) and all(map(_same, before, now)) else []
