"""Tasks on this machine: threads that each own one guard."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterable, Iterator
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from probatum.runner import Json, Result
from probatum.runner.guard import Guard, Job, Sentinel

_AHEAD = 2  # tasks per worker that are under way or whose results wait to be taken


class LocalRunner:
    """A `Runner` whose tasks run in child processes of this one, started as they are needed and kept warm."""

    def __init__(self, workers: int | None = None) -> None:
        """Take the number of children; by default one for each processor that this process may use."""
        if workers is not None and workers < 1:
            raise ValueError(f"workers must be positive, not {workers}")
        self._pool = _Pool(workers or _processors())
        # Also without `with`: at collection and at the end of the interpreter.
        self._finalizer = weakref.finalize(self, self._pool.close)

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
        """Give one result per item, in order of completion; see `Runner.map`."""
        job = Job(
            function=function,
            timeout_s=timeout_s,
            memory_bytes=memory_bytes,
            retries=retries,
            setup=setup,
            setup_argument=setup_argument,
        )
        return self._pool.results(job, items, self)

    def close(self) -> None:
        """End every child; see `Runner.close`."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


_Answers = SimpleQueue["Result | BaseException | None"]


class _Pool:
    """What the threads share. Knows nothing of the runner, so that an abandoned runner can be collected."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.tasks: SimpleQueue[tuple[Job, _Answers, int, Json] | None] = SimpleQueue()
        self.lock = threading.Lock()  # holds for everything below
        self.sentinel: Sentinel | None = None
        self.guards: list[Guard] = []
        self.threads: list[threading.Thread] = []
        self.jobs: dict[Job, _Answers] = {}
        self.waiting = 0  # tasks handed out whose results have not been given
        self.closed = False
        self.owner = os.getpid()

    def results(self, job: Job, items: Iterable[Json], owner: object) -> Iterator[Result]:
        """Give the results; while they are taken, `owner` is not collected, so its children live."""
        answers: _Answers = SimpleQueue()
        source = enumerate(items)
        open_tasks = 0
        drawn = False
        try:
            with self.lock:
                if self.closed:
                    raise RuntimeError("the runner is closed")
                self.jobs[job] = answers
            while True:
                while not drawn and open_tasks < _AHEAD * self.workers:
                    try:
                        index, item = next(source)
                    except StopIteration:
                        drawn = True
                        break
                    self._hand_out(job, answers, index, item)
                    open_tasks += 1
                if not open_tasks:
                    return
                answer = answers.get()
                if isinstance(answer, BaseException):
                    raise answer
                open_tasks -= 1
                if answer is not None:
                    yield answer
        finally:
            # Also on Ctrl-C, on an error of the caller and when the iterator is closed early.
            job.stopped = True
            del owner
            with self.lock:
                self.jobs.pop(job, None)
                guards = list(self.guards)
            for guard in guards:
                guard.interrupt(job)

    def close(self) -> None:
        if os.getpid() != self.owner:  # a fork of this process ends; the children are not its own
            return
        with self.lock:
            if self.closed:
                return
            self.closed = True
            jobs, guards, threads = dict(self.jobs), list(self.guards), list(self.threads)
        for job, answers in jobs.items():
            job.stopped = True
            answers.put(RuntimeError("the runner was closed while results were still to come"))
            for guard in guards:
                guard.interrupt(job)
        for _ in threads:
            self.tasks.put(None)
        for thread in threads:
            if thread is not threading.current_thread():  # a collection may happen anywhere
                thread.join()
        if self.sentinel is not None:
            self.sentinel.close()

    def _hand_out(self, job: Job, answers: _Answers, index: int, item: Json) -> None:
        with self.lock:
            if self.closed:
                raise RuntimeError("the runner is closed")
            self.waiting += 1
            if self.waiting > len(self.threads) < self.workers:
                self.sentinel = self.sentinel or Sentinel()
                guard = Guard(self.sentinel)
                # A daemon, so that it cannot keep the interpreter from ending; the finalizer ends it before.
                thread = threading.Thread(target=self._work, args=(guard,), name="probatum-guard", daemon=True)
                thread.start()
                self.guards.append(guard)
                self.threads.append(thread)
        self.tasks.put((job, answers, index, item))

    def _work(self, guard: Guard) -> None:
        try:
            while (task := self.tasks.get()) is not None:
                job, answers, index, item = task
                answer: Result | BaseException | None
                try:
                    answer = guard.run(job, index, item)
                except BaseException as error:  # noqa: BLE001 - raised again where the results are taken
                    answer = error
                with self.lock:
                    self.waiting -= 1
                answers.put(answer)
                del task, item, answer  # results can be large, and the next task may be long in coming
        finally:
            guard.close()


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):  # Linux: containers and `taskset` grant fewer than there are
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
