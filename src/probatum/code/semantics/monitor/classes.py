"""What classes keep."""

from __future__ import annotations

import functools
from enum import Enum

from .conditions import holds
from .places import caller, violated
from .progress import end, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .progress import Numbered

tests_of: dict[type, Sequence[Numbered]] = {}
ranges_of: dict[type, Sequence[tuple[str, int | None, int | None]]] = {}

filled_of: dict[type, Sequence[str]] = {}


def class_(
    tests: Sequence[Numbered], ranges: Sequence[tuple[str, int | None, int | None]], filled: Sequence[str] = ()
) -> Callable[[type], type]:
    """Return a decorator that checks what a class keeps, when an instance has been made.

    `filled` are fields that are None after some constructor, and never by their types: such an instance is no input.
    """

    def decorate(own: type) -> type:
        if issubclass(own, Enum):
            return own
        if tests or ranges:
            tests_of[own], ranges_of[own] = tests, ranges
        if filled:
            filled_of[own] = filled
        if not any(c in tests_of or c in filled_of for c in own.__mro__):
            return own
        made: Callable[..., None] = own.__init__

        @functools.wraps(made)
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            made(self, *args, **kwargs)
            if state.making:
                empty = [name for c in own.__mro__ for name in filled_of.get(c, ()) if getattr(self, name, own) is None]
                if empty:
                    end("arguments", kind=f"the constructor leaves None in `{empty[0]}`, against its type")
            if type(self) is own and not state.busy:
                check_class(self)

        setattr(own, "__init__", init)  # noqa: B010 - type checkers refuse an assignment to a method
        return own

    return decorate


def check_class(value: Any, *, tested: bool = False, by: str = "") -> None:
    """End the run if an object does not keep what its class does; as input of what is `tested`, it does not count."""
    for own in type(value).__mro__:
        for number, test in tests_of.get(own, ()):
            if not holds(number, test, (value,), {"self": value}):
                if tested:
                    end("precondition", clause=number, satisfied=0)
                violated(
                    "CLASS_INVARIANT", number, by=by or f"{own.__module__}.{own.__qualname__}.__init__", values={"self": value}
                )
        for name, low, high in ranges_of.get(own, ()):
            part = getattr(value, name, None)
            if isinstance(part, int) and ((low is not None and part < low) or (high is not None and part > high)):
                if tested:
                    end("precondition", clause=-1, satisfied=0)
                violated("RANGE", -1, at=caller(), by=by, values={"self": value}, text=f"`{name}` is between {low} and {high}")
