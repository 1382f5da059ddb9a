"""Seeded bug: a frame with the number of the one before it is accepted."""

from __future__ import annotations

from probatum.spec import ensures, forall, invariant


def in_order(numbers: tuple[int, ...]) -> bool:
    """Whether frames are numbered from 1, one after the other."""
    ensures(lambda r: r == forall(range(len(numbers)), lambda i: numbers[i] == i + 1))
    expected = 1
    for i in range(len(numbers)):
        invariant(expected == i + 1, forall(range(i), lambda k: numbers[k] == k + 1))
        number = numbers[i]
        if number != expected and number != expected - 1:
            return False
        expected = number + 1
    return True
