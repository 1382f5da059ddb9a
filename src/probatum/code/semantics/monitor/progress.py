"""The run in progress: what it may still do, and how it ended; the program that it is a run of."""

from __future__ import annotations

TYPE_CHECKING = False  # as type checkers read it; what it guards takes longer to import than a run takes
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    from .activations import Activation

    Test: TypeAlias = Callable[..., Any]
    Numbered: TypeAlias = tuple[int, Test]  # a clause, by its number in `clauses`, and how to evaluate it


class Stop(BaseException):
    """Ends the run; how it ended is in `state`."""


class NotExecutable(Exception):
    """A condition that no run can evaluate, such as one about all integers."""


class State:
    """The run in progress."""

    def __init__(self) -> None:
        self.steps = 0  # left
        self.busy = 0  # how many conditions are being evaluated: contracts are not monitored inside contracts
        self.depth = 0  # calls inside each other
        self.deepest = 0  # how many there may be
        self.ended: dict[str, Any] | None = None
        self.target = -1  # the function under test, until it is entered
        self.making = False  # arguments, before the run
        self.open_clauses: set[int] = set()  # that could not be evaluated
        self.satisfied = 0  # conditions on the input that held, before the first that did not
        self.active: dict[int, list[Activation]] = {}


state = State()
clauses: list[Mapping[str, Any]] = []
functions: list[Mapping[str, Any]] = []
wrappers: dict[int, Callable[..., Any]] = {}
paths: set[str] = set()  # files of the program
columns: dict[str, list[str]] = {}  # their lines, where these are not ASCII


def begin(*, steps: int, depth: int = 400) -> None:
    """Forget the last run."""
    state.deepest = depth
    state.steps, state.busy, state.depth, state.ended = steps, 0, 0, None
    state.target, state.satisfied, state.making = -1, 0, False
    state.open_clauses.clear()
    state.active.clear()


def end(status: str, **more: Any) -> None:
    """End the run. Whatever ended it first counts."""
    if state.ended is None:
        state.ended = {"status": status, **more}
    raise Stop


def bodiless(name: str) -> None:
    """Stop where a function is called whose contract alone is known: what it would return, no run can say."""
    reason = f"`{name}` has no body"
    if state.busy:
        raise NotExecutable(reason)
    end("unknown", reason=reason)
