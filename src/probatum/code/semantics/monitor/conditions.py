"""Conditions and measures, evaluated while contracts are not monitored."""

from __future__ import annotations

import re
from collections import deque

from .places import described, violated
from .progress import NotExecutable, Stop, clauses, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from .progress import Numbered, Test


_too_large = re.compile(r"index-sized|C ssize_t|too many digits|(?:is|are) too (?:long|large)|should not exceed")


def exhausts(error: BaseException) -> bool:
    """Whether an exception says that memory does not suffice: of a list that is too long to be counted, CPython says it so."""
    return isinstance(error, MemoryError) or (isinstance(error, OverflowError) and _too_large.search(str(error)) is not None)


def evaluate(test: Test, arguments: Sequence[Any]) -> Any:
    """Evaluate a condition, in which contracts are not monitored."""
    state.busy += 1
    try:
        return test(*arguments)
    except (RecursionError, MemoryError) as error:
        raise NotExecutable(f"evaluating it takes too much ({type(error).__name__})") from None
    except OverflowError as error:
        if exhausts(error):
            raise NotExecutable("evaluating it takes too much memory") from None
        raise
    finally:
        state.busy -= 1


def holds(number: int, test: Test, arguments: Sequence[Any], values: Mapping[str, Any] | None = None) -> bool:
    """Whether a condition holds. One that no run can evaluate is noted, and not taken for broken; one that raises ends the run."""
    try:
        return bool(evaluate(test, arguments))
    except NotExecutable:
        state.open_clauses.add(number)
        return True
    except Stop:
        raise
    except Exception as error:  # noqa: BLE001 - conditions are code of the program
        violated("DEFINED", number, values=values, text=f"{clauses[number]['text']} raises {described(error)}")
        raise AssertionError from None  # `violated` never returns


def measured(measures: Sequence[Numbered], values: Sequence[Any]) -> list[Any] | None:
    """Return the values of measures; None: they cannot be evaluated or compared."""
    found: list[Any] = []
    for number, test in measures:
        try:
            value = evaluate(test, values)
        except Stop:
            raise
        except Exception:  # noqa: BLE001 - conditions are code of the program
            state.open_clauses.add(number)
            return None
        if isinstance(value, list | str | bytes | tuple | dict | set | frozenset | deque):
            value = len(value)
        if not isinstance(value, int):
            state.open_clauses.add(number)
            return None
        found.append(value)
    return found


def compare(before: Sequence[Any], now: Sequence[Any], number: int, at: tuple[str, int, int] | None) -> None:
    """A measure must get smaller, in lexicographic order, in a part that was not negative."""
    for old, new in zip(before, now, strict=False):
        if new == old:
            continue
        if new < old and old >= 0:
            return
        break
    violated("TERMINATION", number, at=at, values={"measure before": before, "measure now": now})
