"""Obligations of a program, decided by solvers in warm workers.

An obligation is SMT-LIB text that is unsatisfiable if what it stands for holds.
`Prover.decide` takes any number of them and gives a `Decision` for each as it
is made. What can go wrong with a solver (it hangs, crashes, eats memory, cannot
read the text) becomes an `unknown` that says so; the next obligation gets a
fresh worker.

Each obligation climbs a `Ladder`: see there for who is asked when. Answers, and
the work that they took, depend on the obligation, the ladder and the seed, and
on nothing else, unless a worker had to be killed; such decisions are marked as
not `repeatable` and never kept in a `Cache`.

Start reading at `Prover.decide`; what happens in a worker is in `prover_worker.py`.
"""

from __future__ import annotations

import os
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Hashable, Iterable, Mapping
from dataclasses import replace
from itertools import islice
from math import sqrt
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from probatum.records import dataclass
from probatum.solve.ladder import DEFAULT, Ladder
from probatum.solve.obligations import Decision, Obligation

if TYPE_CHECKING:
    from probatum.solve.prover_cache import Cache

__all__ = ["Decision", "Obligation", "Prover", "StabilityReport", "stability"]

Key = TypeVar("Key", bound=Hashable)

_AHEAD = 3  # obligations per worker that are under way or whose decisions wait to be taken
_LOOKED_UP_AT_ONCE = 64  # obligations in one question to a cache
_REMEMBERED = 4096  # decisions that a prover keeps in memory


class Prover:
    """Solvers in guarded children, started at the first use and kept warm. A context manager."""

    def __init__(
        self,
        *,
        workers: int | None = None,
        memory_bytes: int = 2 * 2**30,
        ladder: Ladder = DEFAULT,
        cache: Cache | None = None,
        seed: int = 0,
    ) -> None:
        """Take the limits.

        Parameters
        ----------
        workers : int, optional
            How many children at most; by default one for each processor that this process may use.
        memory_bytes : int
            Address space of each child, its libraries included; see `Runner.map`.
        ladder : Ladder
            What is tried for each obligation.
        cache : Cache, optional
            Where repeatable decisions are kept; used in the thread that iterates.
        seed : int
            Of the solvers' own choices; 0 leaves them theirs.
        """
        if workers is not None and workers < 1:
            raise ValueError(f"workers must be positive, not {workers}")
        if memory_bytes <= 0:
            raise ValueError(f"memory_bytes must be positive, not {memory_bytes}")
        if not 0 <= seed < 2**31:
            raise ValueError(f"seed must be in 0..2**31-1, not {seed}")
        self._ladder = ladder
        self._cache = cache
        self._seed = seed
        self._remembered: OrderedDict[str, Decision] = OrderedDict()
        from probatum.solve.prover_pool import Pool  # brings processes and pipes, which few who name an obligation need

        self._pool = Pool(workers or _processors(), ladder, memory_bytes)
        # Also without `with`: at collection and at the end of the interpreter.
        self._finalizer = weakref.finalize(self, self._pool.close)

    def decide(self, obligations: Iterable[tuple[Key, Obligation]]) -> Generator[tuple[Key, Decision], None, None]:
        """Give one decision per obligation, in order of completion.

        Obligations are drawn in the caller's thread, a few more than there are
        workers ahead of the decisions taken, so neither side piles up. Equal
        obligations are decided once. Closing the iterator kills what is under
        way. Several iterations may be under way, in one thread or in several.

        Parameters
        ----------
        obligations : iterable of (key, Obligation)
            The key comes back with the decision; it need not be unique.

        Raises
        ------
        CannotStart
            While iterating, if no worker can be started.
        """
        return self._decide((key, obligation, self._seed) for key, obligation in obligations)

    def close(self) -> None:
        """End every child; an iteration still open raises. Closing twice is once."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _decide(self, tasks: Iterable[tuple[Key, Obligation, int]]) -> Generator[tuple[Key, Decision], None, None]:
        from probatum.solve.prover_cache import digest_of, read
        from probatum.solve.prover_pool import Call, Task

        salt = self._ladder.text()
        if self._cache is not None:  # it may be used by others, or later
            from probatum.solve.versions import versions

            salt = f"{versions()} {salt}"
        source = iter(tasks)
        drawn = False
        open_here: dict[str, list[Key]] = {}  # digest -> who waits for it
        ready: deque[tuple[Key, Decision]] = deque()  # known without asking
        call = Call()
        try:
            self._pool.enter(call)
            while True:
                while not drawn and not ready and len(open_here) < _AHEAD * self._pool.workers:
                    # A cache is asked about many at once, and then as many may be under way.
                    at_once = 1 if self._cache is None else _LOOKED_UP_AT_ONCE
                    batch = [(key, own, seed, digest_of(own, seed, salt)) for key, own, seed in islice(source, at_once)]
                    if not batch:
                        drawn = True
                        break
                    known: Mapping[str, Any] = {}
                    if self._cache is not None:
                        known = self._cache.get_many([d for _, _, _, d in batch if d not in self._remembered])
                    for key, own, seed, name in batch:
                        waiting = open_here.get(name)
                        found = self._remembered.get(name) or read(known.get(name))
                        if waiting is not None:
                            waiting.append(key)
                        elif found is not None:
                            self._remember(name, found)
                            ready.append((key, found if found.cached else replace(found, cached=True)))
                        else:
                            open_here[name] = [key]
                            self._pool.hand_out(Task(call, name, own, seed))
                while ready:
                    yield ready.popleft()
                if not open_here:
                    if drawn:
                        return
                    continue
                answer = call.answers.get()
                if isinstance(answer, BaseException):
                    raise answer
                name, decision = answer
                if decision.repeatable:
                    self._remember(name, decision)
                    if self._cache is not None:
                        self._cache.put(name, decision.to_json())
                first, *others = open_here.pop(name)
                yield first, decision
                for other in others:
                    yield other, replace(decision, cached=True)
        finally:
            # Also on Ctrl-C, on an error of the caller and when the iterator is closed early.
            self._pool.leave(call)
            if self._cache is not None:
                self._cache.flush()

    def _remember(self, name: str, decision: Decision) -> None:
        self._remembered[name] = decision
        self._remembered.move_to_end(name)
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityReport:
    """How much the proof of an obligation depends on what it should not depend on.

    Attributes
    ----------
    decisions : tuple of Decision
        First of the obligation as it is, then under each seed, then of each variant.
    effort_mean, effort_cv : float
        Of the work of all: mean in z3's units, and standard deviation over mean.
    seconds : float
        Processor seconds that this report took.
    """

    decisions: tuple[Decision, ...]
    effort_mean: float
    effort_cv: float
    seconds: float

    @property
    def verdicts(self) -> tuple[str, ...]:
        """The answers, in the order of `decisions`."""
        return tuple(decision.answer for decision in self.decisions)

    @property
    def fragile(self) -> bool:
        """Whether some variation is not proved, or the work varies by more than half of its mean."""
        return any(answer != "unsat" for answer in self.verdicts) or self.effort_cv > 0.5


def stability(
    prover: Prover, obligation: Obligation, n: int, variant: Callable[[Obligation, int], Obligation] | None = None
) -> StabilityReport:
    """Decide an obligation again under other seeds and in other words.

    Parameters
    ----------
    prover : Prover
        Where; its cache answers what it knows.
    obligation : Obligation
    n : int, at least 1
        How many seeds, and how many variants.
    variant : callable, optional
        Given the obligation and a number in 1..n, says the same with other
        names or in another order.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
    tasks = [(0, obligation, prover._seed)]  # noqa: SLF001 - same module
    tasks += [(k, obligation, (prover._seed + k) % 2**31) for k in range(1, n + 1)]  # noqa: SLF001 - as above
    if variant is not None:
        tasks += [(n + k, variant(obligation, k), prover._seed) for k in range(1, n + 1)]  # noqa: SLF001 - as above
    found = dict(prover._decide(tasks))  # noqa: SLF001 - as above
    decisions = tuple(found[position] for position in range(len(tasks)))
    work = [decision.effort for decision in decisions]
    mean = sum(work) / len(work)
    deviation = sqrt(sum((effort - mean) ** 2 for effort in work) / len(work))
    return StabilityReport(
        decisions=decisions,
        effort_mean=mean,
        effort_cv=deviation / mean if mean else 0.0,
        seconds=sum(decision.seconds for decision in decisions if not decision.cached),
    )


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):  # Linux: containers and `taskset` grant fewer than there are
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
