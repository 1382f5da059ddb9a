"""What is claimed within bodies: checks, assumptions, asserts, loops."""

from __future__ import annotations

from .conditions import compare, holds, measured
from .places import violated
from .progress import end, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from .progress import Test


def check(number: int, test: Test, kind: str = "ASSERTION") -> None:
    """Check a condition in a body."""
    if state.busy or holds(number, test, ()):
        return
    violated(kind, number)


def assume(number: int, test: Test) -> None:
    """End the run, without blame, if what the author takes for true is not."""
    if not state.busy and not holds(number, test, ()):
        end("assumption", clause=number)


def failed(number: int, message: Test | None) -> None:
    """Raise for an `assert` that failed."""
    del number
    error = AssertionError(*(() if message is None else (message(),)))
    error.__probatum_assertion__ = True  # type: ignore[attr-defined]  # told apart from `raise AssertionError`
    raise error


class Loop:
    """One execution of a loop with a contract."""

    def __init__(self, numbers: Sequence[int], measures: Sequence[int]) -> None:
        self.numbers, self.measures = numbers, measures
        self.measure: list[Any] | None = None
        self.rounds = 0

    def head(self, tests: Sequence[Test], measures: Sequence[Test] = (), shown: Test | None = None) -> bool:
        """Check what the loop keeps, and that its measure went down."""
        if state.busy:
            return True
        kind = "MAINTAINED" if self.rounds else "ENTRY"
        self.rounds += 1
        for number, test in zip(self.numbers, tests, strict=True):
            if not holds(number, test, ()):
                violated(kind, number, values=_local(shown))
        if measures:
            now = measured(list(zip(self.measures, measures, strict=True)), ())
            if self.measure is not None and now is not None:
                compare(self.measure, now, self.measures[0], None)
            self.measure = now
        return True

    def each(self, items: Iterable[Any], tests: Sequence[Test]) -> Iterator[Any]:
        """Yield the items, and check what the loop keeps after the last."""
        yield from items
        self.head(tests)


def _local(shown: Test | None) -> dict[str, Any]:
    if shown is None:
        return {}
    try:
        return dict(shown())
    except Exception:  # noqa: BLE001 - a variable that has no value yet is not shown
        return {}
