"""Loops that make progress only in some rounds, in a pattern of remainders.

`while n > 0: ...; if x % 2 == 0: n -= 1` ends if between two rounds that decrease
`n` there are only so many others, which the remainders of some variables tell
apart. Small runs show how remainders follow each other; where that has no cycle
but through progress, the length of the way to it decreases. What comes of it is a
guess: the measure is proved like any other, and the remainders that occur are a guess of an invariant.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MODULI = range(2, 7)
_STATES = 24  # combinations of remainders that are told apart
_TOGETHER = 2  # variables whose remainders are looked at

Round = tuple[Mapping[str, Any], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Why a loop ends, and what that rests on.

    Attributes
    ----------
    measures : tuple of ast.expr
        They decrease in lexicographic order.
    reached : ast.expr
        Which remainders occur at the head.
    """

    measures: tuple[ast.expr, ast.expr]
    reached: ast.expr


def pattern(
    loop: ast.While,
    rounds: Sequence[Round],
    counters: Sequence[str],
    options: Sequence[ast.expr],
    value: Callable[[ast.expr, Mapping[str, Any]], Any],
) -> Pattern | None:
    """Return why a loop ends whose progress depends on remainders; None if small runs show nothing of the kind.

    Parameters
    ----------
    loop : ast.While
    rounds : sequence of Round
        The values of variables at the head before and after a round.
    counters : sequence of str
        Integers that the loop assigns.
    options : sequence of ast.expr
        What may decrease, the likeliest first.
    value : callable
        Gives the value of an expression, or raises what is derived from `Exception`.
    """
    moduli = sorted({m for m in _divisors(loop) if m in _MODULI})
    if not moduli or not rounds:
        return None
    for option in options:
        waiting = _waiting(option, rounds, value)
        if waiting is None:
            continue
        mentioned = {n.id for n in ast.walk(option) if isinstance(n, ast.Name)}
        usual = [c for c in counters if c not in mentioned]
        for modulus, count in itertools.product(moduli, range(1, _TOGETHER + 1)):
            for names in itertools.combinations(usual, count):
                found = _ranked(rounds, waiting, names, modulus)
                if found is not None:
                    ranks, states = found
                    return Pattern((option, _rank(ranks, names, modulus)), _reached(states, names, modulus))
    return None


def _divisors(loop: ast.While) -> Iterator[int]:
    for node in ast.walk(loop):
        match node:
            case ast.BinOp(op=ast.Mod() | ast.FloorDiv(), right=ast.Constant(value=int() as divisor)):
                yield divisor


def _waiting(
    option: ast.expr, rounds: Sequence[Round], value: Callable[[ast.expr, Mapping[str, Any]], Any]
) -> list[Round] | None:
    """Return the rounds that leave a measure as it is; None if one makes it more, or if it never becomes less."""
    waiting = []
    for before, after in rounds:
        try:
            old, new = value(option, before), value(option, after)
        except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
            return None
        if not isinstance(old, int) or not isinstance(new, int) or old < 0 or new > old:
            return None
        if new == old:
            waiting.append((before, after))
    return waiting if 0 < len(waiting) < len(rounds) else None


def _ranked(
    rounds: Sequence[Round], waiting: Sequence[Round], names: Sequence[str], modulus: int
) -> tuple[dict[tuple[int, ...], int], list[tuple[int, ...]]] | None:
    """Return how many rounds without progress follow on some remainders, at most, and all remainders that occur."""

    def state(values: Mapping[str, Any]) -> tuple[int, ...]:
        return tuple(values[n] % modulus for n in names)

    if not all(type(values.get(n)) is int for one in rounds for values in one for n in names):
        return None
    states = sorted({state(values) for one in rounds for values in one})
    follows: dict[tuple[int, ...], set[tuple[int, ...]]] = {}
    for before, after in waiting:
        follows.setdefault(state(before), set()).add(state(after))
    if len(states) > _STATES:
        return None
    ranks = dict.fromkeys(states, 0)
    for _ in states:  # a way without a cycle is no longer
        longer = {s: max((ranks[after] + 1 for after in follows.get(s, ())), default=0) for s in states}
        if longer == ranks:
            return ranks, states
        ranks = longer
    return None


def _rank(ranks: Mapping[tuple[int, ...], int], names: Sequence[str], modulus: int) -> ast.expr:
    result: ast.expr = ast.Constant(0)
    for rank, states in _grouped(ranks):
        if rank:
            result = ast.IfExp(_any_of(states, names, modulus), ast.Constant(rank), result)
    return result


def _grouped(ranks: Mapping[tuple[int, ...], int]) -> Iterator[tuple[int, list[tuple[int, ...]]]]:
    ordered = sorted(ranks, key=lambda s: (ranks[s], s))
    for rank, states in itertools.groupby(ordered, key=lambda s: ranks[s]):
        yield rank, list(states)


def _reached(states: Sequence[tuple[int, ...]], names: Sequence[str], modulus: int) -> ast.expr:
    return ast.Constant(True) if len(states) == modulus ** len(names) else _any_of(states, names, modulus)


def _any_of(states: Sequence[tuple[int, ...]], names: Sequence[str], modulus: int) -> ast.expr:
    options = [_all_of([_remainder(n, modulus, r) for n, r in zip(names, state, strict=True)]) for state in states]
    return options[0] if len(options) == 1 else ast.BoolOp(ast.Or(), options)


def _all_of(parts: list[ast.expr]) -> ast.expr:
    return parts[0] if len(parts) == 1 else ast.BoolOp(ast.And(), parts)


def _remainder(name: str, modulus: int, remainder: int) -> ast.expr:
    own = ast.BinOp(ast.Name(name, ast.Load()), ast.Mod(), ast.Constant(modulus))
    return ast.Compare(own, [ast.Eq()], [ast.Constant(remainder)])
