"""The workers of a prover: threads that each own one guarded child, and one obligation at a time.

The same guard as for tasks, but a `Runner` gives all items one deadline and one
attempt; here each rung of a ladder has its own, and what one rung did to its
child must not keep the next from being tried.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import field
from queue import SimpleQueue
from typing import Literal

from probatum.findings import Why
from probatum.records import dataclass
from probatum.runner import Crashed, Done, Failed, OutOfMemory, Result, TimedOut
from probatum.runner.guard import Guard, Job, Sentinel
from probatum.solve.ladder import NOT_ASKED, Ladder, Rung
from probatum.solve.obligations import Decision, Obligation
from probatum.solve.stops import Stop

_RENEWED_AFTER = 20_000  # questions; solvers never forget a name that they have read
_SWOLLEN_S = 1.5  # after a question that took so long: solvers keep memory, and a new process costs a tenth of that

_ANSWERS: dict[str, Literal["unsat", "sat"]] = {"unsat": "unsat", "sat": "sat"}


_whys = {
    Stop.LIMIT: Why.TIME_LIMIT,
    Stop.QUANTIFIERS: Why.SOLVER_GAVE_UP,
    Stop.GAVE_UP: Why.SOLVER_GAVE_UP,
    Stop.CLOCK: Why.TIME_LIMIT,
    Stop.MEMORY: Why.MEMORY_LIMIT,
    Stop.CRASHED: Why.CRASHED,
    Stop.UNREADABLE: Why.UNREADABLE,
    Stop.OPTION: Why.UNSUPPORTED,
    Stop.MISSING: Why.MISSING_EXTRA,
}

_unrepeatable = frozenset({Stop.CLOCK, Stop.MEMORY, Stop.CRASHED, Stop.MISSING})


@dataclass(slots=True, eq=False)
class Call:
    """One iteration of decisions."""

    answers: SimpleQueue[tuple[str, Decision] | BaseException] = field(default_factory=SimpleQueue)
    stopped: bool = False  # set once, by whoever iterates; read by workers


@dataclass(slots=True, eq=False)
class Task:
    """One obligation of a call; `name` is its digest."""

    call: Call
    name: str
    obligation: Obligation
    seed: int


class Pool:
    """Threads that each own a guard. Knows nothing of the prover, so that an abandoned one can be collected."""

    def __init__(self, workers: int, ladder: Ladder, memory_bytes: int) -> None:
        self.workers = workers
        self.ladder = ladder
        self.memory_bytes = memory_bytes
        self.tasks: SimpleQueue[Task | None] = SimpleQueue()
        self.lock = threading.Lock()  # holds for everything below
        self.sentinel: Sentinel | None = None
        self.crew: list[Worker] = []
        self.calls: set[Call] = set()
        self.waiting = 0  # tasks handed out that are not decided
        self.closed = False
        self.owner = os.getpid()

    def enter(self, call: Call) -> None:
        """Begin a call."""
        with self.lock:
            if self.closed:
                raise RuntimeError("the prover is closed")
            self.calls.add(call)

    def leave(self, call: Call) -> None:
        """Kill what is under way for a call."""
        call.stopped = True
        with self.lock:
            self.calls.discard(call)
            crew = [worker for worker in self.crew if worker.call is call]
        for worker in crew:
            worker.interrupt()

    def hand_out(self, task: Task) -> None:
        """Let some worker decide an obligation; starts one if all may be busy and there may be more."""
        with self.lock:
            if self.closed:
                raise RuntimeError("the prover is closed")
            self.waiting += 1
            if self.waiting > len(self.crew) < self.workers:
                self.sentinel = self.sentinel or Sentinel()
                worker = Worker(self)
                self.crew.append(worker)
                worker.thread.start()
        self.tasks.put(task)

    def close(self) -> None:
        """End every child and thread."""
        if os.getpid() != self.owner:  # a fork of this process ends; the children are not its own
            return
        with self.lock:
            if self.closed:
                return
            self.closed = True
            calls, crew = set(self.calls), list(self.crew)
        for call in calls:
            call.stopped = True
            call.answers.put(RuntimeError("the prover was closed while decisions were still to come"))
        for worker in crew:
            worker.interrupt()
            self.tasks.put(None)
        for worker in crew:
            if worker.thread is not threading.current_thread():  # a collection may happen anywhere
                worker.thread.join()
        if self.sentinel is not None:
            self.sentinel.close()


class Worker:
    """One thread, one guard, one obligation at a time."""

    def __init__(self, pool: Pool) -> None:
        assert pool.sentinel is not None  # noqa: S101 - for the type checker: made before the first worker
        self.pool = pool
        self.guard: Guard = Guard(pool.sentinel)
        self.job: Job = self._new_job()
        self.call: Call | None = None  # for which it works
        self.asked = 0
        self.swollen = False  # its process may hold much memory of a question that is answered
        # A daemon, so that it cannot keep the interpreter from ending; the finalizer ends it before.
        self.thread = threading.Thread(target=self._work, name="probatum-prover", daemon=True)

    def interrupt(self) -> None:
        """End what is under way; from any thread. If that was for another call by then, it is asked again."""
        self.guard.interrupt(self.job)

    def _new_job(self) -> Job:
        return Job(
            function="probatum.solve.prover_worker:attempt",
            timeout_s=1.0,  # set before each question
            memory_bytes=self.pool.memory_bytes,
            setup="probatum.solve.prover_worker:prepare",
            setup_argument={"memory_bytes": self.pool.memory_bytes},
        )

    def _work(self) -> None:
        try:
            while (task := self.pool.tasks.get()) is not None:
                self.call = task.call
                answer: tuple[str, Decision] | BaseException | None = None
                if not task.call.stopped:
                    try:
                        decision = self._decide(task)
                        answer = None if decision is None else (task.name, decision)
                    except BaseException as error:  # noqa: BLE001 - raised again where the decisions are taken
                        answer = error
                self.call = None
                with self.pool.lock:
                    self.pool.waiting -= 1
                if answer is not None:
                    task.call.answers.put(answer)
                del task, answer  # texts can be large, and the next task may be long in coming
        finally:
            self.guard.close()

    def _decide(self, task: Task) -> Decision | None:
        """Climb the ladder; None if nobody waits for the decision any more."""
        obligation = task.obligation
        ends = None if obligation.timeout_s is None else time.monotonic() + obligation.timeout_s
        if obligation.ends is not None:
            ends = obligation.ends if ends is None else min(ends, obligation.ends)
        # A limit that is given counts the work of the first solver. One that counts otherwise, and does not always look
        # at its count, is then asked only where the first cannot read the question.
        ladder = obligation.ladder or self.pool.ladder
        counting = ladder.rungs[0].solver if obligation.rlimit is not None else None
        climb = Climb()
        for rung, effort in ladder.shares(obligation.rlimit):
            if not climb.next_is(rung) or (counting not in (None, rung.solver) and climb.was_asked):
                continue
            limit_s = rung.wall_s if ends is None else min(rung.wall_s, ends - time.monotonic())
            if limit_s <= 0:
                climb.out_of_time(obligation.timeout_s if ends != obligation.ends else None)
                break
            result = self._ask(task, rung, effort, limit_s)
            if result is None:
                return None
            if climb.decided_by(rung, result):
                break
        return climb.decision()

    def _ask(self, task: Task, rung: Rung, effort: int, limit_s: float) -> Result | None:
        own = task.obligation
        item = [rung.solver, own.text, own.values, effort, task.seed, rung.options, own.options]
        while not task.call.stopped:
            if self.job.stopped:
                self.job = self._new_job()
            self.asked += 1
            if self.asked % _RENEWED_AFTER == 0 or self.swollen:
                self.guard.close()
                self.swollen = False
            self.job.timeout_s = limit_s
            result = self.guard.run(self.job, 0, item)
            if result is not None:
                self.swollen = not isinstance(result, Done) or result.cpu_s > _SWOLLEN_S
                return result
        return None


class Climb:
    """What the rungs of one ladder have said about one obligation."""

    def __init__(self) -> None:
        self._said: list[tuple[Stop, str, str, str]] = []  # stop, line, solver, rung
        self._stops: set[Stop] = set()
        self._effort = 0
        self._seconds = 0.0
        self._candidate: tuple[Mapping[str, str], str, str] | None = None
        self._final: Decision | None = None

    def next_is(self, rung: Rung) -> bool:
        """Whether this rung is to be tried now.

        Once the triggers are exhausted, the question is not hard: only who finds
        instances without them can help.
        """
        if not self._stops:
            return True
        return bool(rung.after & ({Stop.QUANTIFIERS} if Stop.QUANTIFIERS in self._stops else self._stops))

    @property
    def was_asked(self) -> bool:
        """Whether a rung looked at the question."""
        return bool(self._stops - NOT_ASKED)

    def out_of_time(self, limit_s: float | None) -> None:
        """Note that the time of the obligation ended before this rung; None: that of all obligations did."""
        self._note(Stop.CLOCK, "not decided in time" if limit_s is None else f"not decided within {limit_s:g} s", "", "")

    def decided_by(self, rung: Rung, result: Result) -> bool:
        """Take what a rung said; whether that decides."""
        match result:
            case Done(_, [str() as what, str() as line, str() as solver, int() as effort, values], cpu_s):
                self._effort += effort
                self._seconds += cpu_s
                if what in _ANSWERS:
                    self._final = Decision(
                        _ANSWERS[what], None, "", solver, rung.name, self._effort, self._seconds, values or {},
                        repeatable=not (self._stops & _unrepeatable),
                    )  # fmt: skip
                    return True
                stop = Stop(what)
                if values and stop is Stop.QUANTIFIERS and self._candidate is None:
                    self._candidate = values, solver, rung.name
                self._note(stop, line, solver, rung.name)
                return stop is Stop.OPTION
            case TimedOut(_, limit_s):
                self._note(Stop.CLOCK, f"{rung.solver} was stopped after {limit_s:g} s", rung.solver, rung.name)
            case OutOfMemory(_, limit_bytes):
                line = f"{rung.solver} needs more than {(limit_bytes or 0) // 2**20:,} MiB of memory"
                self._note(Stop.MEMORY, line, rung.solver, rung.name)
            case Crashed(_, detail):
                self._note(Stop.CRASHED, f"{rung.solver} crashed: {_first_line(detail)}", rung.solver, rung.name)
            case Failed(_, error, message, _):
                self._note(Stop.CRASHED, f"{rung.solver} failed: {error}: {_first_line(message)}", rung.solver, rung.name)
            case _:
                self._note(Stop.CRASHED, f"{rung.solver} gave an answer that is none", rung.solver, rung.name)
        return False

    def decision(self) -> Decision:
        """Return the decision; `unknown` unless a rung decided."""
        if self._final is not None:
            return self._final
        if not self._said:
            return Decision("unknown", Why.TIME_LIMIT, "no work was allowed", "", "", 0, 0.0)
        # A candidate says more than a limit; that a second solver cannot read the text says nothing.
        asked = [one for one in self._said if one[0] not in NOT_ASKED] or self._said
        order = [Stop.OPTION, Stop.QUANTIFIERS, Stop.LIMIT, Stop.CLOCK, Stop.MEMORY, Stop.CRASHED, Stop.GAVE_UP]
        order += [Stop.UNREADABLE, Stop.MISSING]
        stop, line, solver, rung = min(asked, key=lambda one: order.index(one[0]))
        lines = [line, *dict.fromkeys(other for other_stop, other, _, _ in asked if other_stop is not stop)]
        values: Mapping[str, str] = {}
        if self._candidate is not None and stop is Stop.QUANTIFIERS:
            values, solver, rung = self._candidate
        return Decision(
            "unknown", _whys[stop], "; ".join(lines), solver, rung, self._effort, self._seconds, values,
            candidate=stop is Stop.QUANTIFIERS, repeatable=not (self._stops & _unrepeatable),
        )  # fmt: skip

    def _note(self, stop: Stop, line: str, solver: str, rung: str) -> None:
        self._said.append((stop, line, solver, rung))
        self._stops.add(stop)


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "no reason given")[:300]
