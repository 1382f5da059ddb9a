"""Runs a program and says what it used, with all that it started."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """What a command said and used.

    `cpu_s` is of the command and of those of its descendants that were waited for; `mib` is the peak of resident
    memory of the largest of these processes. `ended`: it ended by itself before the limit.
    """

    status: int
    output: str
    error: str
    cpu_s: float
    wall_s: float
    mib: float
    ended: bool


def run(
    command: Sequence[str | os.PathLike[str]], *, limit_s: float, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Measured:
    """Run a command in a session of its own, which is killed as a whole when the time is over."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as error:
        begin = time.monotonic()
        process = subprocess.Popen(
            [os.fspath(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=error,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
        late = threading.Event()

        def stop() -> None:
            late.set()
            with contextlib.suppress(ProcessLookupError):  # it has ended in this very moment
                os.killpg(process.pid, signal.SIGKILL)

        timer = threading.Timer(limit_s, stop)
        timer.start()
        _, status, used = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)  # so that the object does not wait for it, too
        with contextlib.suppress(ProcessLookupError):  # what it left behind goes with it
            os.killpg(process.pid, signal.SIGKILL)
        output.seek(0)
        error.seek(0)
        return Measured(
            status=process.returncode,
            output=output.read().decode("utf-8", "replace"),
            error=error.read().decode("utf-8", "replace"),
            cpu_s=used.ru_utime + used.ru_stime,
            wall_s=time.monotonic() - begin,
            mib=used.ru_maxrss / 1024,
            ended=not late.is_set(),
        )
