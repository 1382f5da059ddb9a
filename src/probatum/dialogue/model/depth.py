"""Guard 7: rewrites of depth one. What a rewrite leads to is never rewritten itself.

Without that, a rewrite could be undone by another, or lead further than anybody
has tested; with it, rewriting twice is rewriting once, which can be checked by
looking at every pair.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T", int, str)


@dataclass(frozen=True, slots=True)
class Flattened(Generic[T]):
    """Rewrites of depth one.

    Attributes
    ----------
    rewrites : mapping of source to target
    dropped : mapping of source to reason
    """

    rewrites: Mapping[T, T]
    dropped: Mapping[T, str]


def flatten(rewrites: Mapping[T, tuple[T, float]], passes: Callable[[T, T], bool]) -> Flattened[T]:
    """Return rewrites without cycles and chains.

    Parameters
    ----------
    rewrites : mapping of source to (target, lower bound of how well it works)
    passes : callable of source and target
        Whether a pair that nobody proposed would pass all guards by itself.

    Returns
    -------
    Flattened
        Of a cycle, the pair with the lowest bound is dropped, and of equal ones the smallest source. A pair whose target
        is rewritten itself leads to where that leads, if it passes as such; otherwise it is dropped.
    """
    target = {source: to for source, (to, _) in rewrites.items() if source != to}
    dropped: dict[T, str] = {source: "it leads to itself" for source, (to, _) in rewrites.items() if source == to}
    done: set[T] = set()
    for start in sorted(target):
        path: list[T] = []
        at, own = start, set[T]()
        while at in target and at not in done and at not in own:
            path.append(at)
            own.add(at)
            at = target[at]
        if at in own:
            weakest = min(path[path.index(at) :], key=lambda source: (rewrites[source][1], source))
            del target[weakest]
            dropped[weakest] = "it closes a cycle, in which it is the weakest"
        done.update(own)
    flat: dict[T, T] = {}
    for source in sorted(target, key=lambda source: (_steps(source, target), source)):
        # INVARIANT: what the target leads to was settled before, for it is nearer to the end.
        to = target[source]
        end = flat.get(to, to)
        if end == to or passes(source, end):
            flat[source] = end
        else:
            dropped[source] = "its target is rewritten itself, and the end of that chain does not pass"
    return Flattened(flat, dropped)


def _steps(source: T, target: Mapping[T, T]) -> int:
    steps = 0
    while source in target:
        source, steps = target[source], steps + 1
    return steps


def idempotent(rewrites: Mapping[T, T]) -> bool:
    """Return whether rewriting twice is rewriting once."""
    return all(rewrites.get(to, to) == to for to in rewrites.values())
