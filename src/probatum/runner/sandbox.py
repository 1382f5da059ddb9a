"""A process in which code runs that nobody trusts, such as the code that is being checked.

It reads the standard library and what it was given, writes nowhere, opens no
socket, starts no process and sends no signal; its time and memory are limited.
The kernel enforces that: Landlock and seccomp, or namespaces where those are
missing. Where neither can be had nothing runs, unless somebody said that limits
alone will do. `jail.py` is what runs inside; `syscalls.py` is the filter.

    with spawn(["harness.py"], readable=[folder], cpu_s=10, memory_bytes=2**29, wall_s=30) as child:
        line = child.ask(b'{"x": 1}', timeout_s=2)
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeAlias

from probatum.errors import ProbatumError
from probatum.runner import CannotStart
from probatum.runner.syscalls import filter_for

Confinement: TypeAlias = Literal["any", "filters", "namespaces", "limits"]

LARGEST = 2**26  # bytes that are taken of one answer, and of one output
_TAIL = 20_000  # bytes kept of what goes to standard error
_STARTED_S = 30.0  # a process that has not given up its rights by then will not
_IN_WORDS = {
    "filters": "Landlock and seccomp",
    "namespaces": "namespaces",
    "limits": "limits alone",
}


class SandboxUnavailable(ProbatumError):
    """There are no means here to confine a process, and nobody said that limits alone will do."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a sandboxed process ended.

    Attributes
    ----------
    status : int
        Its exit status; negative: the signal that killed it.
    stdout, stderr : bytes
        What it wrote: the first 64 MiB, the last 20,000 bytes.
    timed_out : bool
        It was killed at a deadline.
    """

    status: int
    stdout: bytes
    stderr: bytes
    timed_out: bool


class Stopped(Exception):
    """The process ended, or was killed at a deadline, before it answered.

    Attributes
    ----------
    timed_out : bool
    status : int
        As in `Finished`.
    stderr : bytes
        The last that it said.
    """

    def __init__(self, *, timed_out: bool, status: int, stderr: bytes) -> None:
        super().__init__(f"the process {'was killed at its deadline' if timed_out else f'ended with status {status}'}")
        self.timed_out = timed_out
        self.status = status
        self.stderr = stderr


def spawn(
    arguments: Sequence[str],
    *,
    readable: Sequence[Path] = (),
    path: Sequence[Path] = (),
    cpu_s: float,
    memory_bytes: int,
    wall_s: float,
    unsandboxed: bool = False,
    confinement: Confinement = "any",
) -> Sandboxed:
    """Start a Python program in a sandbox, and return when it has given up its rights.

    Parameters
    ----------
    arguments : sequence of str
        A script and its arguments, or `-c`, a program and its arguments. It runs as `__main__` of this interpreter,
        isolated (`-I -S -B`), with an empty environment. It may import `probatum.runner.jail` for `serve`.
    readable : sequence of Path
        Files and folders that it may read, besides the standard library and shared libraries.
    path : sequence of Path
        Folders that it may read and import from; in front of `sys.path`.
    cpu_s : float
        Processor seconds, rounded up to whole ones.
    memory_bytes : int
        Address space, the interpreter's own 30 MB or so included. Not enforced where the system ignores it (macOS).
    wall_s : float
        Seconds from now until it is killed.
    unsandboxed : bool
        Run with limits alone if the system cannot confine it: then only an audit hook refuses, which code can evade.
    confinement : str
        `any`, or one means by its name.

    Raises
    ------
    SandboxUnavailable
    CannotStart
        If the interpreter does not come up within these limits.
    """
    script = list(arguments)
    if script[0] != "-c":
        script[0] = os.path.abspath(script[0])  # noqa: PTH100 - does not follow links
    how: Confinement = confinement
    missing: list[str] = []
    while True:
        started = _start(
            script,
            readable=readable,
            path=path,
            cpu_s=cpu_s,
            memory_bytes=memory_bytes,
            wall_s=wall_s,
            how=how,
        )
        if isinstance(started, Sandboxed):
            return started
        missing += started
        if not unsandboxed or how == "limits":
            break
        how = "limits"
    raise SandboxUnavailable(
        f"code that is not trusted cannot be run here: {'; '.join(missing)}",
        help="run it on Linux 5.13 or later with Landlock, or allow user namespaces; "
        "`--allow-unsandboxed` runs it with limits on time and memory alone, `--no-replay` does not run it",
    )


def _start(
    script: list[str],
    *,
    readable: Sequence[Path],
    path: Sequence[Path],
    cpu_s: float,
    memory_bytes: int,
    wall_s: float,
    how: Confinement,
) -> Sandboxed | list[str]:
    program = filter_for()
    reading, writing = os.pipe()
    try:
        order = {
            "report": writing,
            "parent": os.getpid(),
            "how": how,
            "readable": [*map(os.path.abspath, readable), *([] if script[0] == "-c" else script[:1])],
            "path": [*map(os.path.abspath, path)],
            "cpu_s": max(1, -int(-cpu_s // 1)),
            "memory_bytes": memory_bytes,
            "filter": None if program is None else program.hex(),
        }
        jail = str(Path(__file__).with_name("jail.py"))
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own script
            [sys.executable, "-I", "-S", "-B", "-X", "utf8", jail, json.dumps(order), *script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={},
            cwd="/",
            pass_fds=(writing,),
            start_new_session=True,
        )
    except OSError as error:
        os.close(reading)
        os.close(writing)
        raise CannotStart(
            f"no process can be started: {error.strerror}", help="look at the limits on processes and memory (`ulimit -a`)"
        ) from error
    os.close(writing)
    child = Sandboxed(process, reading, wall_s)
    try:
        said = child._first(min(_STARTED_S, wall_s))  # noqa: SLF001 - the same part
    except Stopped as stopped:
        last = stopped.stderr.decode(errors="replace").strip().splitlines()[-1:] or [str(stopped)]
        raise CannotStart(
            f"the sandbox did not come up with {memory_bytes // 2**20} MiB of memory and {wall_s:g} s: {last[0]}",
            help="raise the limits; the interpreter alone needs about 30 MiB",
        ) from stopped
    if "ready" in said:
        child.confinement = _IN_WORDS[str(said["ready"])]
        return child
    child.kill()
    why = said.get("missing")
    return [str(one) for one in why] if isinstance(why, list) else ["the sandbox gave no reason"]


class Sandboxed:
    """A process in a sandbox; a context manager that kills it. For one thread at a time.

    Attributes
    ----------
    confinement : str
        What confines it: `Landlock and seccomp`, `namespaces`, `limits alone`.
    pid : int
    """

    def __init__(self, process: subprocess.Popen[bytes], report: int, wall_s: float) -> None:
        self.confinement = ""
        self.pid = process.pid
        self._process = process
        self._report = report
        self._heard = bytearray()  # of the report, not yet understood
        self._attempts: list[str] = []
        self._out = bytearray()
        self._tail = bytearray()
        self._late = False
        self._closed = False
        self._deadline = time.monotonic() + wall_s
        assert process.stdin is not None  # noqa: S101 - for the type checker: they are pipes
        assert process.stdout is not None  # noqa: S101 - as above
        assert process.stderr is not None  # noqa: S101 - as above
        self._stdin, self._stdout, self._stderr = process.stdin, process.stdout, process.stderr
        self._poll = select.poll()
        for stream in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(stream.fileno(), False)
        os.set_blocking(report, False)
        for readable in (self._stdout, self._stderr):
            self._poll.register(readable, select.POLLIN)
        self._timer: threading.Timer | None = None
        if wall_s < threading.TIMEOUT_MAX:
            self._timer = threading.Timer(wall_s, self._too_late)
            self._timer.daemon = True
            self._timer.start()

    def ask(self, line: bytes, *, timeout_s: float) -> bytes:
        """Send one line, and return the next one that comes back, without its end; kill the process at the deadline.

        Raises
        ------
        Stopped
            The process is dead: it ended by itself, at this deadline, at that of `spawn`, or because its
            answer was longer than 64 MiB.
        """
        if self._closed:
            raise self._stopped()
        deadline = time.monotonic() + timeout_s
        rest = memoryview(line + b"\n")
        start = 0
        while True:
            rest = self._feed(rest)
            if (end := self._out.find(b"\n", start)) >= 0 and not rest:
                answer = bytes(self._out[:end])
                del self._out[: end + 1]
                return answer
            start = len(self._out) if end < 0 else start
            if not self._wait(deadline, writing=bool(rest)):
                raise self._stopped()

    def communicate(self, given: bytes = b"", *, timeout_s: float = float("inf")) -> Finished:
        """Send all of this and an end, and wait until the process has ended; it is killed at the deadline."""
        deadline = time.monotonic() + timeout_s
        rest = memoryview(given)
        alive = not self._closed
        while alive and rest:
            rest = self._feed(rest)
            alive = self._wait(deadline, writing=True) if rest else alive
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()
        while alive and self._wait(deadline, writing=False):
            pass
        if not self._late and len(self._out) <= LARGEST:  # it closed its output, and may go on
            left = min(deadline, self._deadline) - time.monotonic()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(None if left == float("inf") else max(0.0, left))
            if self._process.poll() is None:
                self._late = True
        stopped = self._stopped()
        return Finished(stopped.status, bytes(self._out[:LARGEST]), stopped.stderr, stopped.timed_out)

    def attempts(self) -> tuple[str, ...]:
        """Return what the code has tried so far and was refused, in words: `open a socket`. Also after its end."""
        self._listen()
        return tuple(self._attempts)

    def kill(self) -> None:
        """End it, with everything that it may have started; twice is once."""
        if not self._closed:
            self._end()
            self._stopped()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()

    def _first(self, timeout_s: float) -> dict[str, object]:
        """Return the first thing that it reports, which is whether it is confined."""
        deadline = time.monotonic() + timeout_s
        waiting = select.poll()
        waiting.register(self._report, select.POLLIN)
        while b"\n" not in self._heard:
            if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
                self._late = True
                raise self._stopped()
            chunk = os.read(self._report, 2**16)
            if not chunk:
                raise self._stopped()
            self._heard += chunk
        first, _, self._heard = self._heard.partition(b"\n")
        said = json.loads(first)
        return said if isinstance(said, dict) else {}

    def _feed(self, rest: memoryview) -> memoryview:
        try:
            return rest[self._stdin.write(rest) or 0 :] if rest else rest
        except BrokenPipeError:
            return rest[:0]  # it does not listen any more; whether it still answers is seen on the other pipes

    def _wait(self, deadline: float, *, writing: bool) -> bool:
        """Take what comes next; False when the time is over or the process has closed its ends."""
        left = min(deadline, self._deadline) - time.monotonic()
        if left <= 0:
            self._late = True
            return False
        if writing:
            self._poll.register(self._stdin, select.POLLOUT)
        ready = self._poll.poll(None if left == float("inf") else left * 1000 + 1)
        if writing:
            self._poll.unregister(self._stdin)
        open_ends = True
        for descriptor, _ in ready:
            if descriptor == self._stdout.fileno():
                chunk = os.read(descriptor, 2**16)
                self._out += chunk
                open_ends = open_ends and bool(chunk) and len(self._out) <= LARGEST
            elif descriptor == self._stderr.fileno():
                chunk = os.read(descriptor, 2**16)
                self._tail += chunk
                del self._tail[:-_TAIL]
                if not chunk:
                    self._poll.unregister(descriptor)
        return open_ends

    def _listen(self) -> None:
        while not self._closed:
            try:
                chunk = os.read(self._report, 2**16)
            except BlockingIOError:
                break
            if not chunk:
                break
            self._heard += chunk
        *lines, rest = self._heard.split(b"\n")
        self._heard = rest
        for line in lines:
            # The code can write here too: what it says is a text and nothing more.
            with contextlib.suppress(ValueError):
                said = json.loads(line)
                if isinstance(said, dict) and isinstance(what := said.get("tried"), str) and what not in self._attempts:
                    self._attempts.append(what[:1000])
        del self._attempts[1000:]

    def _too_late(self) -> None:
        self._late = True
        self._end()

    def _end(self) -> None:
        # `poll` first: a group whose number is free again must not be killed.
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def _stopped(self) -> Stopped:
        if not self._closed:
            if self._late or self._process.poll() is None:
                # An end that closed its output is about to be over by itself: its status is of interest.
                if not self._late:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self._process.wait(0.05)
                self._end()
            self._process.wait()
            if self._timer is not None:
                self._timer.cancel()
            with contextlib.suppress(BlockingIOError):
                while chunk := os.read(self._stderr.fileno(), 2**16):
                    self._tail += chunk
                    del self._tail[:-_TAIL]
            self._listen()
            self._closed = True
            for stream in (self._stdin, self._stdout, self._stderr):
                with contextlib.suppress(OSError):
                    stream.close()
            os.close(self._report)
        return Stopped(timed_out=self._late, status=self._process.returncode, stderr=bytes(self._tail))
