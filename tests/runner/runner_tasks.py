"""Tasks for the tests of the runner: well-behaved, hanging, crashing, greedy, noisy and prolific ones."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def square(n):
    return n * n


def echo(item):
    return item


def pid(_):
    return os.getpid()


def say_pid_and_hang(path):
    _write_pid(path, os.getpid())
    time.sleep(600)


def square_or_hang(item):
    return say_pid_and_hang(item["hang"]) if "hang" in item else square(item["square"])


def hang_without_python(_):
    """Holds the interpreter's lock: no signal handler and no thread of ours could run."""
    return len(str(7 ** (10**8)))


def start_process_and_hang(path):
    _write_pid(path, subprocess.Popen(["sleep", "600"]).pid)
    time.sleep(600)


def fork_and_hang(path):
    if (forked := os.fork()) == 0:
        time.sleep(600)
    _write_pid(path, forked)
    time.sleep(600)


def fork_and_die(path):
    """What is forked holds copies of every pipe."""
    if (forked := os.fork()) == 0:
        time.sleep(600)
    _write_pid(path, forked)
    os._exit(7)


def fork_and_both_return(_):
    return "parent" if os.fork() else "child"


def end(how):
    match how:
        case "exit":
            os._exit(3)
        case "sys.exit":
            sys.exit("so long")
        case "segfault":
            ctypes.string_at(0)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "abort":
            os.abort()
        case "stack":
            overflow = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 1 + overflow())
            sys.setrecursionlimit(10**9)
            overflow()
        case "close":
            os.closerange(3, 1024)
            time.sleep(600)
        case "forge":
            for descriptor in range(3, 1024):
                try:
                    os.write(descriptor, b"\0" * 40)
                except OSError:
                    continue
            time.sleep(600)
    return how


def end_unless(item):
    """Ends the process, but only if a file is not there; makes the file."""
    if not Path(item).exists():
        Path(item).touch()
        os._exit(1)
    return "second time"


class Peculiar(Exception):
    def __str__(self):
        raise ValueError("not even this")


def fail(how):
    match how:
        case "value":
            raise ValueError("a bad `value`")
        case "peculiar":
            raise Peculiar
        case "set":
            return {1, 2}
        case "nan":
            return float("nan")
        case "recursion":
            return fail("recursion")
        case "interrupt":
            raise KeyboardInterrupt


def allocate(n_bytes):
    return len(bytearray(n_bytes))


def abort_like_cpp(_):
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.abort()


def text_of(n):
    return "é" * n


def shout(n):
    for _ in range(n):
        sys.stdout.write("x" * 1000 + "\n")
        sys.stderr.write("y" * 1000 + "\n")
    os.write(1, b"\0\0\0\0\0\0\0\1{}")
    os.write(2, b"\0\0\0\0\0\0\0\1{}")
    return n


def print_forever(_):
    while True:
        os.write(2, b"y" * 65536)


def close_output(_):
    os.close(1)
    os.close(2)
    return "closed"


_loaded = []


def load(argument):
    _loaded.append(argument)


def loads(_):
    return list(_loaded)


def slow_load(argument):
    time.sleep(argument)


def record(item):
    """Leaves a line in a file for every time that it runs."""
    with Path(item["log"]).open("a") as log:
        log.write(f"{item['n']}\n")
    if item.get("crash"):
        os._exit(1)
    return item["n"] * 10


def wait_for_file(path):
    while not Path(path).exists():
        time.sleep(0.01)
    return "came"


def nap(seconds):
    time.sleep(seconds)
    return os.getpid()


def _write_pid(path, number):
    # Renamed into place, so that a reader sees all of it or nothing.
    Path(path + ".new").write_text(str(number))
    Path(path + ".new").replace(path)


def record_slowly(item):
    time.sleep(0.1)
    return record(item)
