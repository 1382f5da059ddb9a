"""What is opened once for all who ask within some time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from probatum.sharing import Shared

_log: list[str] = []


@pytest.fixture(autouse=True)
def _empty() -> None:
    _log.clear()


@contextmanager
def _thing(name: str) -> Iterator[list[str]]:
    _log.append(f"open {name}")
    try:
        yield [name]
    finally:
        _log.append(f"close {name}")


def _enter(name: str, stack: ExitStack) -> list[str]:
    return stack.enter_context(_thing(name))


def test_while_sharing_lasts_a_thing_is_opened_once_and_closed_at_its_end() -> None:
    things: Shared[list[str]] = Shared("things")
    with things.sharing():
        with things.opened("a", lambda stack: _enter("a", stack)) as first:
            pass
        with things.opened("a", lambda stack: _enter("a", stack)) as second, things.opened("b", lambda stack: _enter("b", stack)):
            assert second is first
        assert _log == ["open a", "open b"]
    assert _log == ["open a", "open b", "close b", "close a"]


def test_otherwise_it_is_closed_by_who_opened_it() -> None:
    things: Shared[list[str]] = Shared("things")
    for _ in range(2):
        with things.opened("a", lambda stack: _enter("a", stack)):
            pass
    assert _log == ["open a", "close a"] * 2


def test_what_cannot_be_opened_is_not_kept() -> None:
    things: Shared[list[str]] = Shared("things")

    def fails(stack: ExitStack) -> list[str]:
        raise OSError("not now")

    with things.sharing():
        with pytest.raises(OSError, match="not now"), things.opened("a", fails):
            pass
        with things.opened("a", lambda stack: _enter("a", stack)) as thing:
            assert thing == ["a"]
