"""What is opened once for all who ask for it within some time: tables, logs, pictures that rules and checks of evidence read one after the other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Things of one kind, of which those that are open already are handed out again while `sharing` lasts.

    Parameters
    ----------
    name : str
        For who debugs.
    """

    def __init__(self, name: str) -> None:
        self._open: ContextVar[tuple[ExitStack, dict[Hashable, tuple[object, T]]] | None] = ContextVar(name, default=None)

    @contextmanager
    def sharing(self) -> Iterator[None]:
        """Let what is opened again be what is open already, until the context ends.

        For the time in which no file changes: rules about one artefact, or claims about it that are checked.
        """
        with ExitStack() as stack:
            token = self._open.set((stack, {}))
            stack.callback(self._open.reset, token)
            yield

    @contextmanager
    def opened(self, key: Hashable, enter: Callable[[ExitStack], T], *, keep: object = None) -> Iterator[T]:
        """Open something for as long as the context lasts, or hand out what is open under the same key.

        Parameters
        ----------
        key : hashable
            Of all that it depends on.
        enter : callable
            Opens it; what must be closed goes onto the stack that it gets.
        keep : object
            Kept as long as it is open: things whose `id` the key has, so that these are no others'.
        """
        shared = self._open.get()
        if shared is None:
            with ExitStack() as stack:
                yield enter(stack)
            return
        stack, known = shared
        if key not in known:
            known[key] = (keep, enter(stack))
        yield known[key][1]
