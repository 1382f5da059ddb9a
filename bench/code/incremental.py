"""A module of a thousand lines, checked, checked again, and checked after one of its functions was edited.

    python bench/code/incremental.py [--functions N] [--repeat N] [--write FILE]

The module is made: functions with contracts, of six kinds (arithmetic, a loop over
numbers, maximum, search, a list that is built, and a call of the others), all
provable, no two alike. An edit changes the body of one function in the middle.
Unit: seconds of CPU of the command and all that it started, and of wall time; the
least of `--repeat` runs, because the least is what the machine's other work
disturbs least.

`--watch` keeps `probatum check --watch` running instead, and measures from the
write of an edit to its end of the check: CPU of the processes that stay.
"""

import argparse
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import _measuring
import _ours

HEAD = '''"""Functions of six kinds, with their contracts."""

from probatum.spec import decreases, ensures, exists, forall, implies, invariant, requires
'''
KINDS = (
    '''
def blend_{n}(a: int, b: int, weight: int) -> int:
    """Return a mean of two numbers, with weights out of {k}."""
    requires(0 <= weight <= {k})
    requires(a <= b)
    ensures(lambda r: a * {k} <= r <= b * {k})
    low = a * ({k} - weight)
    high = b * weight
    if weight == 0:
        return a * {k}
    if weight == {k}:
        return b * {k}
    gap = b - a
    step = gap * weight
    assert low + high == a * {k} + step
    return a * {k} + step
''',
    '''
def total_{n}(limit: int) -> int:
    """Return the sum of {k} times every number below a limit."""
    requires(limit >= 0)
    ensures(lambda r: 2 * r == {k} * limit * (limit - 1))
    found = 0
    i = 0
    while i < limit:
        invariant(0 <= i <= limit)
        invariant(2 * found == {k} * i * (i - 1))
        decreases(limit - i)
        found += {k} * i
        i += 1
    assert i == limit
    return found
''',
    '''
def highest_{n}(xs: list[int]) -> int:
    """Return the largest item, or {k} if that is larger."""
    ensures(lambda r: r >= {k})
    ensures(lambda r: forall(range(len(xs)), lambda i: xs[i] <= r))
    found = {k}
    i = 0
    while i < len(xs):
        invariant(0 <= i <= len(xs), found >= {k})
        invariant(forall(range(i), lambda j: xs[j] <= found))
        decreases(len(xs) - i)
        if xs[i] > found:
            found = xs[i]
        i += 1
    return found
''',
    '''
def place_{n}(xs: list[int], key: int) -> int:
    """Return where {k} more than a key stands, or -1."""
    ensures(lambda r: -1 <= r < len(xs))
    ensures(lambda r: implies(r >= 0, xs[r] == key + {k}))
    ensures(lambda r: implies(r < 0, forall(range(len(xs)), lambda i: xs[i] != key + {k})))
    i = 0
    while i < len(xs):
        invariant(0 <= i <= len(xs))
        invariant(forall(range(i), lambda j: xs[j] != key + {k}))
        decreases(len(xs) - i)
        if xs[i] == key + {k}:
            return i
        i += 1
    return -1
''',
    '''
def raised_{n}(xs: list[int]) -> list[int]:
    """Return the items, each with {k} more."""
    ensures(lambda r: len(r) == len(xs))
    ensures(lambda r: forall(range(len(xs)), lambda i: r[i] == xs[i] + {k}))
    found: list[int] = []
    i = 0
    while i < len(xs):
        invariant(0 <= i <= len(xs), len(found) == i)
        invariant(forall(range(i), lambda j: found[j] == xs[j] + {k}))
        decreases(len(xs) - i)
        found.append(xs[i] + {k})
        i += 1
    assert i == len(xs)
    return found
''',
    '''
def over_{n}(xs: list[int], limit: int) -> bool:
    """Return whether an item, raised by {j}, is over a limit that is at least {j}."""
    requires(limit >= {j})
    ensures(lambda r: r == exists(range(len(xs)), lambda i: xs[i] + {j} > limit))
    raised = raised_{m}(xs)
    assert len(raised) == len(xs)
    top = highest_{h}(raised)
    assert top >= {t}
    i = 0
    while i < len(raised):
        invariant(0 <= i <= len(raised))
        invariant(forall(range(i), lambda j: raised[j] <= limit))
        decreases(len(raised) - i)
        if raised[i] > limit:
            return True
        i += 1
    return False
''',
)


def module(functions: int) -> str:
    """Return the text of the module."""
    parts = [HEAD]
    for n in range(functions):
        kind = n % len(KINDS)
        before = n - kind
        # A call is to functions of its own round; what they use as `k` is their number and two.
        values = {"n": n, "k": n + 2, "m": before + 4, "j": before + 6, "h": before + 2, "t": before + 4}
        parts.append("\n" + KINDS[kind].format(**values))
    return "".join(parts)


def edited(text: str, functions: int, times: int) -> str:
    """Return the text with a step more in the body of one function in the middle; its contract stays."""
    n = functions // 2 - (functions // 2) % len(KINDS) + 2
    head = f"def highest_{n}("
    start = text.index(head)
    place = text.index("    i = 0\n", start)
    return text[:place] + "".join(f"    spare{t} = {t}\n    assert spare{t} >= 0\n" for t in range(1, times + 1)) + text[place:]


def checked(here: Path) -> tuple[_measuring.Measured, dict]:
    """Check a folder as users do, with what earlier checks left."""
    command = [sys.executable, "-m", "probatum", "check", ".", "--select", "code", "--format", "json"]
    done = _measuring.run(command, limit_s=900, cwd=here, env={"PYTHONPATH": _ours.search_path()})
    return done, json.loads(done.output)


def said(report: dict) -> str:
    """Return how many functions are proved."""
    own = [o for o in report["outcomes"] if o["rule"] == "code/function"]
    return f"{sum(o['kind'] == 'cleared' for o in own)} of {len(own)} functions proved"


def by_command(functions: int, repeat: int) -> None:
    """Measure single commands."""
    text = module(functions)
    print(f"{text.count(chr(10))} lines, {functions} functions")
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "module.py"
        path.write_text(text, encoding="utf-8")
        done, report = checked(path.parent)
        print(
            f"cold             {done.cpu_s:6.2f} s CPU  {done.wall_s:6.2f} s wall  {done.mib:4.0f} MiB  {said(report)}",
            flush=True,
        )
        for title in ("unchanged", "one edited"):
            rows = []
            for n in range(1, repeat + 1):
                if title == "one edited":
                    path.write_text(edited(text, functions, n), encoding="utf-8")
                done, report = checked(path.parent)
                rows.append((done.cpu_s, done.wall_s, done.mib, said(report)))
            cpu_s, wall_s, mib, last = min(rows)
            print(f"{title:16s} {cpu_s:6.2f} s CPU  {wall_s:6.2f} s wall  {mib:4.0f} MiB  {last}", flush=True)


def by_watch(functions: int, repeat: int) -> None:
    """Measure what a check that watches needs for an edit."""
    text = module(functions)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "module.py"
        path.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "probatum", "check", ".", "--select", "code", "--watch"]
        environment = {**os.environ, "PYTHONPATH": _ours.search_path(), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            command, cwd=name, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )
        try:
            _until(process, "watching")
            rows = []
            for n in range(1, repeat + 1):
                before, begin = _used(process.pid), time.monotonic()
                path.write_text(edited(text, functions, n), encoding="utf-8")
                _until(process, "watching")
                wall_s = time.monotonic() - begin
                rows.append((_used(process.pid) - before, wall_s))
            cpu_s, wall_s = min(rows)
            print(f"one edited, watched {cpu_s:.2f} s CPU, {wall_s:.2f} s wall", flush=True)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _until(process: subprocess.Popen, word: str) -> None:
    """Read what a process says until a line holds a word."""
    found = b""
    while word.encode() not in found:
        ready, _, _ = select.select([process.stderr], [], [], 600)
        more = os.read(process.stderr.fileno(), 65536) if ready else b""
        if not more:
            raise SystemExit(f"error: it stopped watching: {found.decode(errors='replace')[-500:]}")
        found += more


def _used(pid: int) -> float:
    """Return processor seconds of a process and of all its descendants, those that it has waited for too."""
    total, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            waiting += [int(c) for t in Path(f"/proc/{one}/task").iterdir() for c in (t / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended, and its parent counts it
        total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure checks of a long module before and after an edit.")
    parser.add_argument("--functions", type=int, default=60)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--watch", action="store_true")
    parser.add_argument("--write", type=Path, metavar="FILE", help="leave the module there and run nothing")
    given = parser.parse_args()
    if given.write:
        given.write.write_text(module(given.functions), encoding="utf-8")
        return 0
    (by_watch if given.watch else by_command)(given.functions, given.repeat)
    return 0


if __name__ == "__main__":
    sys.exit(main())
