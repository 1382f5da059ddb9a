"""Runs a program and says what it used, with all that it started.

A process of a program may outlive the one that was started, and be reaped by
nobody who counts. So a small process of ours stands between (this file, as a
program): orphans become its children (Linux), and it waits for every one.
"""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
GRACE_S = 10.0  # for what a program leaves behind


@dataclass(frozen=True)
class Measured:
    """What a command said and used.

    `cpu_s` is of the command and all its descendants; `mib` is the peak of resident memory of the largest of these
    processes. `ended`: it ended by itself before the limit.
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
    """Run a command; when the time is over, it and all its descendants are killed."""
    with tempfile.TemporaryDirectory() as name:
        output, error, used = (Path(name) / part for part in ("output", "error", "used.json"))
        own = [sys.executable, "-S", __file__, str(used), str(limit_s), *(os.fspath(part) for part in command)]
        with output.open("wb") as out, error.open("wb") as err:
            subprocess.run(
                own, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=cwd, env={**os.environ, **(env or {})}, check=True
            )
        return Measured(
            output=output.read_text("utf-8", "replace"),
            error=error.read_text("utf-8", "replace"),
            **json.loads(used.read_text("utf-8")),
        )


def _between(used: str, limit_s: float, command: list[str]) -> None:
    """Run a command as the parent of all that it leaves behind, and write down what they used."""
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise SystemExit("error: orphans cannot be waited for here, so what they use cannot be counted")
    begin = time.monotonic()
    main = subprocess.Popen(command, start_new_session=True)
    late = threading.Event()

    def stop() -> None:
        late.set()
        _kill_children()

    timers = [threading.Timer(limit_s, stop)]
    timers[0].start()
    cpu_s, mib, status, wall_s = 0.0, 0.0, 0, 0.0
    while True:
        try:
            pid, how, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        cpu_s += usage.ru_utime + usage.ru_stime
        mib = max(mib, usage.ru_maxrss / 1024)
        if pid == main.pid:
            status, wall_s = os.waitstatus_to_exitcode(how), time.monotonic() - begin
            main.returncode = status  # so that the object does not wait for it, too
            timers.append(threading.Timer(GRACE_S, _kill_children))
            timers[-1].start()
        if late.is_set():
            _kill_children()  # those that became ours when their parent was killed
    for timer in timers:
        timer.cancel()
    found = {"status": status, "cpu_s": cpu_s, "wall_s": wall_s, "mib": mib, "ended": not late.is_set()}
    Path(used).write_text(json.dumps(found), "utf-8")


def _kill_children() -> None:
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text().split():
            with contextlib.suppress(ProcessLookupError):  # it has ended in this very moment
                os.kill(int(pid), signal.SIGKILL)


if __name__ == "__main__":
    _between(sys.argv[1], float(sys.argv[2]), sys.argv[3:])
