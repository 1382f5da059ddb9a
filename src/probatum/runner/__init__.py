"""Tasks under deadlines, in processes that may crash; tables too large for one query.

Two words are enough: a *task* is a function named `module:name` and one JSON
item; a *table* is a set of files that DuckDB reads (`probatum.runner.tables`).
A `Runner` maps a function over items and gives every item exactly one result,
whatever the task does to the process that it runs in. `local` keeps that
process on this machine, `ray` on a cluster; both use the same `guard`.

Start reading at `guard.py`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias

from probatum.errors import ProbatumError, UsageError
from probatum.records import dataclass

Json: TypeAlias = Any  # None, bool, int, finite float, str, list and dict with str keys, of these

_LOOKED_UP_AT_ONCE = 256  # keys in one question to a store


@dataclass(frozen=True, slots=True)
class Done:
    """The task returned.

    Attributes
    ----------
    index : int
        Which item: its position in `items`, from 0. So in every result.
    value : JSON
        What the function returned.
    cpu_s : float
        Processor seconds of the task and of the processes that it waited for;
        0.0 for a result that `resume` found in the store.
    """

    index: int
    value: Json
    cpu_s: float


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The task was killed at its deadline, with every process in its group."""

    index: int
    limit_s: float


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """The task asked for more memory than it may have, or the system killed it for lack of memory.

    `limit_bytes` is None when there was no limit of ours and the whole machine ran out.
    """

    index: int
    limit_bytes: int | None


@dataclass(frozen=True, slots=True)
class Crashed:
    """The process of the task ended without an answer; `detail` says how, then what it last wrote to stderr."""

    index: int
    detail: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The task raised.

    Attributes
    ----------
    error : str
        Qualified name of the exception's class; without module if built in.
    message : str
        The exception as text.
    traceback : str
        As Python prints it, without the frames of the runner.
    """

    index: int
    error: str
    message: str
    traceback: str


Result: TypeAlias = Done | TimedOut | OutOfMemory | Crashed | Failed


class CannotStart(ProbatumError):
    """No task can run: its function or its setup cannot be loaded, or processes cannot be started."""


class Runner(Protocol):
    """Where tasks run. A context manager; leaving it ends every process that it started."""

    def map(
        self,
        function: str,
        items: Iterable[Json],
        *,
        timeout_s: float,
        memory_bytes: int | None = None,
        retries: int = 0,
        setup: str | None = None,
        setup_argument: Json = None,
    ) -> Iterator[Result]:
        """Give one result per item, in order of completion.

        Items are drawn in the caller's thread, a few more than there are
        workers ahead of the results taken, so neither side piles up. Closing
        the iterator kills the tasks under way and returns when they are dead.

        Parameters
        ----------
        function : str
            `module:name` of a function of one JSON value that returns JSON.
            It is imported in the child before the first task's clock starts.
        items : iterable of JSON
        timeout_s : float
            Wall-clock seconds per task, from its start; may be infinite.
        memory_bytes : int, optional
            Address space that the child may use, its libraries included.
            Enforced by the kernel on Linux; systems that ignore `RLIMIT_AS`
            (macOS) run without the limit.
        retries : int
            How often a task that crashed is tried again. A task that ran out of
            time or memory, or raised, is not: it would again.
        setup, setup_argument
            `module:name` of a function called with the argument once per child
            before its first task, on its own clock: loads models, opens tables.

        Raises
        ------
        CannotStart
            While iterating, if function or setup cannot be loaded.
        """
        ...

    def close(self) -> None:
        """End every process; an iterator still open raises. Closing twice is once."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class ResultStore(Protocol):
    """Where `resume` keeps what is done. Values are JSON; both calls come from the caller's thread."""

    def get_many(self, keys: Sequence[str]) -> Mapping[str, Json]:
        """Return the values of those keys that are there."""
        ...

    def put(self, key: str, value: Json) -> None:
        """Keep a value so that it survives the death of this process."""
        ...


def runner_for(spec: str, workers: int | None = None) -> Runner:
    """Return the runner that a user named.

    Parameters
    ----------
    spec : str
        `local`, `local:N` with N workers, `ray` (the cluster of this process or
        of `RAY_ADDRESS`, else one started here), or `ray://HOST:PORT`.
    workers : int, optional
        Default: the processors available here, or those of the cluster.

    Raises
    ------
    UsageError
        If the name means nothing.
    MissingExtra
        If it needs a library that is not installed.

    Examples
    --------
    >>> with runner_for("local", workers=1) as runner:
    ...     [result] = runner.map("math:factorial", [5], timeout_s=60)
    >>> result.value
    120
    """
    kind, _, rest = spec.partition(":")
    if kind == "local":
        from probatum.runner.local import LocalRunner

        if rest and not (rest.isascii() and rest.isdigit() and int(rest) > 0):
            raise UsageError(f"`{spec}` is not a number of local workers", help="write `local` or, say, `local:4`")
        return LocalRunner(int(rest) if rest else workers)
    if spec == "ray" or spec.startswith("ray://"):
        from probatum.runner.ray import RayRunner

        return RayRunner(None if spec == "ray" else spec, workers)
    raise UsageError(f"there is no runner `{spec}`", help="use `local`, `local:N`, `ray` or `ray://HOST:PORT`")


def resume(
    runner: Runner,
    function: str,
    items: Iterable[Json],
    *,
    key: Callable[[Json], str],
    results: ResultStore,
    timeout_s: float,
    memory_bytes: int | None = None,
    retries: int = 0,
    setup: str | None = None,
    setup_argument: Json = None,
) -> Iterator[Result]:
    """Map, but never repeat what is done: `Done` values are stored as they arrive and looked up first.

    `key` names everything that the value depends on: the item, the function and
    the version of both. Only `Done` is kept; what timed out or crashed is tried
    again by the next run. The rest is as in `Runner.map`.
    """
    keys: dict[int, str] = {}  # of the tasks under way
    positions: list[int] = []  # position among the missing -> position among the items
    found: deque[tuple[int, str]] = deque()  # keys, not values: a long row of hits must not fill memory

    def missing() -> Iterator[Json]:
        numbered = enumerate(items)
        while batch := [(index, key(item), item) for index, item in islice(numbered, _LOOKED_UP_AT_ONCE)]:
            known = results.get_many([name for _, name, _ in batch])
            for index, name, item in batch:
                if name in known:
                    found.append((index, name))
                else:
                    keys[len(positions)] = name
                    positions.append(index)
                    yield item

    def hits() -> Iterator[Done]:
        while found:
            batch = [found.popleft() for _ in range(min(len(found), _LOOKED_UP_AT_ONCE))]
            values = results.get_many([name for _, name in batch])
            for index, name in batch:
                yield Done(index, values[name], 0.0)

    fresh = runner.map(
        function,
        missing(),
        timeout_s=timeout_s,
        memory_bytes=memory_bytes,
        retries=retries,
        setup=setup,
        setup_argument=setup_argument,
    )
    try:
        for result in fresh:
            name = keys.pop(result.index)
            if isinstance(result, Done):
                results.put(name, result.value)
            yield from hits()
            yield _at(result, positions[result.index])
        yield from hits()
    finally:
        close = getattr(fresh, "close", None)  # a generator's: kills what is under way, now and not at collection
        if close is not None:
            close()


def _at(result: Result, index: int) -> Result:
    match result:
        case Done(_, value, cpu_s):
            return Done(index, value, cpu_s)
        case TimedOut(_, limit_s):
            return TimedOut(index, limit_s)
        case OutOfMemory(_, limit_bytes):
            return OutOfMemory(index, limit_bytes)
        case Crashed(_, detail):
            return Crashed(index, detail)
        case Failed(_, error, message, traceback):
            return Failed(index, error, message, traceback)
