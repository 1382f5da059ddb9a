"""How tasks fare when some of them hang and some crash, what a task costs, and what survives `kill -9`.

Corpus: made here. N trivial tasks (a square root), of which HANG never return
and CRASH end their process, spread evenly. Unit: milliseconds of processor time
per task, of this process and all that it started, from `getrusage`.
Rivals, on the same tasks without those that hang or crash:
`concurrent.futures.ProcessPoolExecutor`, which cannot end a task, and pebble,
if it is installed; pebble also runs all of them.

    python bench/runner.py [--tasks 10000] [--hang 50] [--crash 50] [--timeout 2] [--workers 2] [--ray]
"""

import math
import os
import sys
import time

if __name__ == "__main__":  # children import this file for its tasks only
    import argparse
    import collections
    import json
    import platform
    import resource
    import secrets
    import sqlite3
    import subprocess
    import tempfile
    from concurrent.futures import ProcessPoolExecutor
    from pathlib import Path

    from probatum.runner import resume, runner_for


def task(item):
    """What every contender runs: trivial, hanging or crashing."""
    match item[0]:
        case "hang":
            time.sleep(3600)
        case "crash":
            os._exit(1)
    return math.sqrt(item[1])


def logged(item):
    """As `task`, and leaves a line in a file, so that a second execution shows."""
    descriptor = os.open(item[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{item[1]}\n".encode())
    os.close(descriptor)
    return task(item)


def made(n, hang, crash):
    """Return N items with the bad ones spread evenly."""
    items = [["fine", i] for i in range(n)]
    for kind, count, offset in (("hang", hang, 1), ("crash", crash, 2)):
        for k in range(count):
            items[k * n // count + offset][0] = kind
    return items


def cpu_s():
    mine, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + others.ru_utime + others.ru_stime


def left(mark):
    """How many living processes inherited the mark in their environment, this one and its parents excepted."""
    count = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            marked = mark.encode() in (entry / "environ").read_bytes()
            count += marked and (entry / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            continue
    return count


def measured(name, n, run):
    cpu, wall = cpu_s(), time.monotonic()
    counts = run()
    cpu, wall = cpu_s() - cpu, time.monotonic() - wall
    shown = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    print(f"{name:<52} {wall:7.1f} s wall  {1000 * cpu / n:6.3f} ms CPU/task   {shown}", flush=True)


def ours(spec, items, timeout_s):
    def run():
        with runner_for(spec) as runner:
            return collections.Counter(
                type(result).__name__ for result in runner.map("runner_bench:task", items, timeout_s=timeout_s)
            )

    return run


def pool(items, workers):
    def run():
        with ProcessPoolExecutor(workers) as executor:
            return collections.Counter("Done" for _ in executor.map(task, items))

    return run


def pebble_pool(items, workers, timeout_s):
    from pebble import ProcessExpired, ProcessPool

    def run():
        counts = collections.Counter()
        with ProcessPool(max_workers=workers) as executor:
            results = executor.map(task, items, timeout=timeout_s).result()
            while True:
                try:
                    next(results)
                    counts["Done"] += 1
                except StopIteration:
                    return counts
                except TimeoutError:
                    counts["TimedOut"] += 1
                except ProcessExpired:
                    counts["Crashed"] += 1

    return run


class Store:
    """A store as plain as possible."""

    def __init__(self, path):
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.execute("pragma journal_mode = wal")
        self.database.execute("pragma synchronous = normal")
        self.database.execute("create table if not exists results (key text primary key, value text)")

    def get_many(self, keys):
        found = {}
        for key in keys:
            for (value,) in self.database.execute("select value from results where key = ?", (key,)):
                found[key] = json.loads(value)
        return found

    def put(self, key, value):
        self.database.execute("insert or replace into results values (?, ?)", (key, json.dumps(value)))


def resumable(arguments, log, store):
    items = [[*item, log] for item in made(arguments.tasks, arguments.hang, arguments.crash)]
    with runner_for(f"local:{arguments.workers}") as runner:
        results = resume(
            runner, "runner_bench:logged", items, key=lambda item: str(item[1]), results=Store(store), timeout_s=arguments.timeout
        )
        print(json.dumps(collections.Counter(type(result).__name__ for result in results)))


def killed_and_resumed(arguments, mark):
    with tempfile.TemporaryDirectory() as folder:
        log, store = Path(folder, "log"), Path(folder, "store")
        command = [sys.executable, __file__, *sys.argv[1:], "--resumable", str(log), str(store)]
        first = subprocess.Popen(command, stdout=subprocess.PIPE)
        while not log.exists() or len(log.read_bytes().splitlines()) < arguments.tasks // 2:
            time.sleep(0.05)
        first.kill()
        first.communicate()
        deadline = time.monotonic() + 10
        while (remaining := left(mark)) and time.monotonic() < deadline:
            time.sleep(0.01)
        done = {int(key) for (key,) in Store(store).database.execute("select key from results")}
        begun = log.read_text().splitlines()
        second = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        again = log.read_text().splitlines()[len(begun) :]
        repeated = done & {int(number) for number in again}
        print(f"killed with -9 after {len(begun)} tasks had begun: {len(done)} stored, {remaining} processes left")
        print(
            f"second run: {len(again)} tasks run, {len(repeated)} of the stored ones repeated; results {second.stdout.decode().strip()}"
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--hang", type=int, default=50)
    parser.add_argument("--crash", type=int, default=50)
    parser.add_argument("--timeout", type=float, default=2.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--ray", action="store_true", help="also on a Ray cluster of this machine")
    parser.add_argument("--resumable", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    # A child imports its task by name; this file's own name is taken by the standard layout of benchmarks.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "runner_bench.py").symlink_to(Path(__file__).resolve())
        sys.path.append(folder)
        if arguments.resumable:
            resumable(arguments, *arguments.resumable)
            return
        mark = secrets.token_hex(16)
        os.environ["PROBATUM_BENCH_MARK"] = mark
        n, workers = arguments.tasks, arguments.workers
        bad, good = made(n, arguments.hang, arguments.crash), made(n, 0, 0)
        print(
            f"{n} tasks, {arguments.hang} hang, {arguments.crash} crash, timeout {arguments.timeout:g} s, {workers} workers, ",
            end="",
        )
        print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors")
        measured("probatum, all tasks", n, ours(f"local:{workers}", bad, arguments.timeout))
        print(f"{'':<52} {left(mark)} processes left")
        measured("probatum, without the bad ones", n, ours(f"local:{workers}", good, arguments.timeout))
        measured("ProcessPoolExecutor, without the bad ones", n, pool(good, workers))
        try:
            measured("pebble, without the bad ones", n, pebble_pool(good, workers, arguments.timeout))
            measured("pebble, all tasks", n, pebble_pool(bad, workers, arguments.timeout))
        except ImportError:
            print("pebble is not installed")
        if arguments.ray:
            measured("probatum on Ray, without the bad ones", n, ours("ray", good, arguments.timeout))
        killed_and_resumed(arguments, mark)
        print(f"{left(mark)} processes left at the end")


if __name__ == "__main__":
    main()
