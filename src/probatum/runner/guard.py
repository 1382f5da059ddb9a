"""A warm child process that is killed at its deadline, with all that it started, and replaced.

The guard trusts nothing that happens in its child. A task may hang in C code,
fork, print, close descriptors, fill memory or corrupt it; each ends as one
`Result`, and the next task gets a fresh process. What comes back is JSON with
the number of its question, never a pickle.

Who kills whom:

- at its deadline, after a crash or on `interrupt`, the guard kills the child's
  process group;
- when the parent dies by itself or by `kill -9`, the kernel kills the child
  (Linux) and the `Sentinel` kills its group (everywhere).

Out of reach is a process that leaves its group on purpose: code that nobody
trusts belongs in a sandbox.
"""

from __future__ import annotations

import json
import math
import os
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import field
from pathlib import Path

from probatum.records import dataclass
from probatum.runner import CannotStart, Crashed, Done, Failed, Json, OutOfMemory, Result, TimedOut
from probatum.runner.child import HEADER, LARGEST

_SETUP_LIMIT_S = 120.0  # for imports and setup on a loaded machine; a task's own clock starts afterwards
_STARTS = 3  # how often a child may die in its setup before we give up on the job
_LAST_WORDS_S = 1.0  # from the end of a child's pipes to its status
_TAIL = 4096  # bytes of stderr worth showing
_HERE = Path(__file__).parent
# There is a child for each processor. Threads of libraries beside these make nothing faster, and each takes address space: with as many as a large
# machine has, a child is over its limit before it begins.
_ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """What the items of one `map` have in common."""

    function: str
    timeout_s: float
    memory_bytes: int | None = None
    retries: int = 0
    setup: str | None = None
    setup_argument: Json = None
    path: list[str] = field(default_factory=lambda: list(sys.path))
    stopped: bool = False  # set once, by whoever iterates; read by guards

    def __post_init__(self) -> None:
        if not self.timeout_s > 0:
            raise ValueError(f"timeout_s must be positive, not {self.timeout_s}")
        if self.memory_bytes is not None and self.memory_bytes <= 0:
            raise ValueError(f"memory_bytes must be positive, not {self.memory_bytes}")
        if self.retries < 0:
            raise ValueError(f"retries must not be negative, not {self.retries}")


class Sentinel:
    """A process that outlives this one by a moment and kills the groups that it left behind."""

    def __init__(self, *, detached: bool = False) -> None:
        """Start it; `detached` from this process's children where something else kills those, as Ray does."""
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-I", "-S", str(_HERE / "sentinel.py"), *(["detached"] if detached else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,  # closed at its end, which `close` waits for
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is not for it
            bufsize=0,
        )
        if detached:
            self._process.wait()  # what we started has only started the sentinel

    def watch(self, group: int) -> None:
        """Kill this process group when this process ends."""
        self._say(f"+{group}\n")

    def forget(self, group: int) -> None:
        """Call before the group's leader is reaped: afterwards its number may belong to somebody else."""
        self._say(f"-{group}\n")

    def close(self) -> None:
        """End the process; whatever it still watches is killed."""
        assert self._process.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
        assert self._process.stdout is not None  # noqa: S101 - as above
        self._process.stdin.close()
        self._process.stdout.read()
        self._process.stdout.close()
        self._process.wait()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None  # noqa: S101 - as above
        # A killed sentinel is no reason to stop: the kernel's signal still ends the children.
        with suppress(BrokenPipeError):
            self._process.stdin.write(line.encode())  # shorter than PIPE_BUF, so whole lines also between threads


class _Died(Exception):
    """The child can give no answer any more: it is about to end by itself, or it broke the protocol."""

    def __init__(self, *, dying: bool = True) -> None:
        super().__init__()
        self.dying = dying


class _Late(Exception):
    """The deadline has passed."""


class _Child:
    """One process and the three pipes to it. Used by one thread; `kill` may come from any."""

    def __init__(self, sentinel: Sentinel) -> None:
        descriptors: list[int] = []
        try:
            for _ in range(3):
                descriptors += os.pipe()
            tasks, self._tasks, self._answers, answers, self._errors, errors = descriptors
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
                [sys.executable, "-P", str(_HERE / "child.py"), str(os.getpid()), str(tasks), str(answers)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                pass_fds=(tasks, answers),
                start_new_session=True,
                env={**_ALONE, **os.environ, "PYTHONHASHSEED": "0"},  # the same input gives the same bytes, sets included
            )
        except BaseException:
            for descriptor in descriptors:
                os.close(descriptor)
            raise
        for descriptor in (tasks, answers, errors):
            os.close(descriptor)
        self._sentinel = sentinel
        self._group = self._process.pid
        sentinel.watch(self._group)
        self.job: Job | None = None  # for which it is prepared
        self.tail = b""
        self._number = 0
        self._oom_kills = _oom_kills()
        self._poll = select.poll()
        for descriptor in (self._tasks, self._answers, self._errors):
            os.set_blocking(descriptor, False)
        self._poll.register(self._answers, select.POLLIN)
        self._poll.register(self._errors, select.POLLIN)
        self._end = _end_of(self._group)
        if self._end >= 0:
            self._poll.register(self._end, select.POLLIN)

    def ask(self, question: bytes, limit_s: float) -> dict[str, Json]:
        """Send a question and wait for its answer; raises `_Late` or `_Died`, after which only `end` makes sense."""
        deadline = time.monotonic() + limit_s
        self._number += 1
        rest = memoryview(HEADER.pack(len(question), self._number) + question)
        rest = self._send(rest)
        answer = bytearray()
        while True:
            if rest:
                self._poll.register(self._tasks, select.POLLOUT)
            ready = dict(self._poll.poll(self._patience_ms(deadline)))
            if rest:
                self._poll.unregister(self._tasks)
                if self._tasks in ready:
                    rest = self._send(rest)
            if self._errors in ready:
                self._drain()
            if self._answers in ready:
                if not self._receive(answer):
                    raise _Died
                if (found := self._complete(answer)) is not None:
                    return found
            elif self._end in ready or (self._end < 0 and self.ended()):
                raise _Died
            if time.monotonic() >= deadline:
                raise _Late

    def ended(self) -> bool:
        """Whether the process is gone; does not reap it, so its group's number stays ours."""
        try:
            return os.waitid(os.P_PID, self._group, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:  # somebody ignores SIGCHLD, so the kernel reaps
            return True

    def _wait(self, limit_s: float) -> bool:
        deadline = time.monotonic() + limit_s
        if self._end >= 0:
            end = select.poll()
            end.register(self._end, select.POLLIN)
            end.poll(limit_s * 1000)
        while not self.ended():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def kill(self) -> None:
        """Kill the whole group."""
        # EPERM: macOS says so of a group of zombies.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._group, signal.SIGKILL)

    def end(self, *, dying: bool) -> int:
        """Kill, reap and close; return the status, negative for a signal, 0 if it was our kill.

        A dying child closes its pipes before it has a status: it gets a moment to have one.
        """
        by_itself = self.ended() if not dying else self._wait(_LAST_WORDS_S)
        self.kill()
        self._sentinel.forget(self._group)
        status = self._process.wait()
        self._drain()
        for descriptor in (self._tasks, self._answers, self._errors, self._end):
            if descriptor >= 0:
                os.close(descriptor)
        return status if by_itself else 0

    def out_of_memory(self, status: int) -> bool:
        """Whether a child that ended with this status ended for lack of memory, as far as anyone can tell."""
        if status == -signal.SIGKILL:  # not ours: `end` would say 0
            before, after = self._oom_kills, _oom_kills()
            return before is not None and after is not None and after > before
        # C and C++ libraries do not raise MemoryError: they say so and abort.
        said = self.tail.lower()
        return status == -signal.SIGABRT and (b"bad_alloc" in said or b"out of memory" in said or b"memory allocation of" in said)

    def _send(self, rest: memoryview) -> memoryview:
        try:
            return rest[os.write(self._tasks, rest) :]
        except BlockingIOError:
            return rest
        except BrokenPipeError:
            raise _Died from None

    def _receive(self, answer: bytearray) -> bool:
        try:
            chunk = os.read(self._answers, 2**20)
        except BlockingIOError:
            return True
        answer += chunk
        return bool(chunk)

    def _complete(self, answer: bytearray) -> dict[str, Json] | None:
        if len(answer) < HEADER.size:
            return None
        length, number = HEADER.unpack_from(answer)
        if number != self._number or length > LARGEST or len(answer) > HEADER.size + length:
            self.tail = b"it wrote to the descriptor of the runner"
            raise _Died(dying=False)
        if len(answer) < HEADER.size + length:
            return None
        try:
            found = json.loads(memoryview(answer)[HEADER.size :].tobytes())
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            self.tail = b"its answer was not JSON that can be read"
            raise _Died(dying=False)
        return found

    def _drain(self) -> None:
        # One read, not until it is empty: who writes faster than we read must not keep us from the deadline.
        with suppress(BlockingIOError):
            chunk = os.read(self._errors, 2**20)
            self.tail = (self.tail + chunk)[-_TAIL:]
            if not chunk:
                with suppress(KeyError):  # the child closed it; its end would be ready for ever
                    self._poll.unregister(self._errors)

    def _patience_ms(self, deadline: float) -> float | None:
        patience_s = deadline - time.monotonic()
        if self._end < 0:
            patience_s = min(patience_s, 0.1)
        if patience_s == math.inf:
            return None
        return min(math.ceil(max(0.0, patience_s) * 1000), 2**31 - 1)


class Guard:
    """Runs one task at a time in a child of its own; replaces the child whenever it has to.

    Belongs to the thread that makes it, which must live as long: the kernel's
    death signal follows the thread. Only `interrupt` may be called from others.
    """

    def __init__(self, sentinel: Sentinel) -> None:
        self._sentinel = sentinel
        self._child: _Child | None = None
        self._job: Job | None = None
        self._turn = threading.Condition()  # holds for _child, _job and Job.stopped

    def run(self, job: Job, index: int, item: Json) -> Result | None:
        """Run one task; None if the job was interrupted.

        Raises
        ------
        CannotStart
            If no child can be made ready for the job.
        """
        question = json.dumps({"item": item}, separators=(",", ":"), allow_nan=False).encode()
        with self._turn:
            if job.stopped:
                return None
            self._job = job
        try:
            result = self._attempt(job, index, question)
            for _ in range(job.retries):
                if not isinstance(result, Crashed):
                    break
                result = self._attempt(job, index, question)
            return result
        finally:
            with self._turn:
                self._job = None
                self._turn.notify_all()

    def interrupt(self, job: Job) -> None:
        """Stop working for this job, from any thread; returns when no process works for it."""
        with self._turn:
            job.stopped = True
            if self._job is job:
                if self._child is not None:
                    self._child.kill()
                self._turn.wait_for(lambda: self._job is not job, timeout=10)  # what ignores SIGKILL is in the kernel's hands

    def close(self) -> None:
        """End the child."""
        self._end()

    def _attempt(self, job: Job, index: int, question: bytes) -> Result | None:
        child = self._ready(job)
        if child is None:
            return None
        try:
            answer = child.ask(question, job.timeout_s)
        except _Late:
            self._end()
            return None if job.stopped else TimedOut(index, job.timeout_s)
        except _Died as death:
            status = self._end(dying=death.dying)
            if job.stopped:
                return None
            return OutOfMemory(index, job.memory_bytes) if child.out_of_memory(status) else Crashed(index, _how(child, status))
        match answer:
            case {"ok": value, "cpu_s": float() | int() as cpu_s}:
                return Done(index, value, float(cpu_s))
            case {"failed": [str() as error, str() as message, str() as traceback]}:
                return Failed(index, error, message, traceback)
            case {"memory": True}:
                self._end()  # what it still holds is unknown
                return OutOfMemory(index, job.memory_bytes)
        self._end()
        return Crashed(index, "its answer was not one of those that a child gives")

    def _ready(self, job: Job) -> _Child | None:
        """Return a living child that is prepared for the job; None if interrupted."""
        how = ""
        for _ in range(_STARTS):
            if self._child is not None and self._child.ended():  # between two tasks, so the fault of neither
                self._end()
            if job.stopped:
                return None
            if self._child is not None and self._child.job is job:
                return self._child
            try:
                child = self._child or self._start(job)
            except OSError as error:
                raise CannotStart(
                    f"no process can be started for tasks: {error.strerror}",
                    help="check the limits on processes, open files and memory (`ulimit -a`)",
                ) from error
            try:
                answer = child.ask(_order(job), _SETUP_LIMIT_S)
            except _Late:
                self._end()
                how = f"not ready after {_SETUP_LIMIT_S:g} s"
                continue
            except _Died as death:
                how = _how(child, self._end(dying=death.dying))
                continue
            match answer:
                case {"ok": _}:
                    child.job = job
                    continue  # INVARIANT: returned only above, after looking at `stopped`
                case {"failed": [str() as kind, str() as message, str()]}:
                    self._end()
                    raise _cannot_start(job, f"{kind}: {message}")
            self._end()
            how = "out of memory"
        if self._child is not None and self._child.job is job and not job.stopped:
            return self._child
        if job.stopped:
            return None
        raise _cannot_start(job, how)

    def _start(self, job: Job) -> _Child:
        child = _Child(self._sentinel)
        with self._turn:
            self._child = child
            if job.stopped:  # it could not be killed by `interrupt`, which came before it
                child.kill()
        return child

    def _end(self, *, dying: bool = False) -> int:
        with self._turn:  # nobody may kill a group whose number is free again
            child, self._child = self._child, None
        return child.end(dying=dying) if child is not None else 0


def _order(job: Job) -> bytes:
    return json.dumps(
        {
            "function": job.function,
            "setup": job.setup,
            "setup_argument": job.setup_argument,
            "memory_bytes": job.memory_bytes,
            "path": job.path,
        },
        allow_nan=False,
    ).encode()


def _cannot_start(job: Job, why: str) -> CannotStart:
    limit = "" if job.memory_bytes is None else f", with {job.memory_bytes // 2**20} MiB of memory"
    named = f"`{job.function}`" if job.setup is None else f"`{job.function}` after `{job.setup}`"
    return CannotStart(
        f"no task can run: {named} cannot be loaded{limit}: {why}",
        help="if it is memory, raise the limit; otherwise the installation is incomplete: `probatum doctor` lists what is missing",
    )


def _how(child: _Child, status: int) -> str:
    """Say in words how a process ended, then what it said last."""
    if status < 0:
        try:
            how = f"killed by {signal.Signals(-status).name}"
        except ValueError:
            how = f"killed by signal {-status}"
    elif status > 0:
        how = f"ended with exit status {status}"
    else:
        how = "ended without an answer"
    said = child.tail.decode(errors="replace").strip()
    return f"{how}\n{said}" if said else how


def _end_of(pid: int) -> int:
    """Return a descriptor that is ready when the process has ended; -1 where there is none.

    Then (not on Linux, or on an old one) its end is noticed by looking ten times a second.
    """
    if not hasattr(os, "pidfd_open"):
        return -1
    try:
        return os.pidfd_open(pid)
    except OSError:
        return -1


def _oom_kills() -> int | None:
    """How many processes the kernel has killed for lack of memory since it started; None where it does not say."""
    try:
        text = Path("/proc/vmstat").read_bytes()
    except OSError:
        return None
    _, found, rest = text.partition(b"\noom_kill ")
    return int(rest.split(maxsplit=1)[0]) if found else None
