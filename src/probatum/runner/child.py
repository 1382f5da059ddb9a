"""The process in which tasks run. A script, not a module: it imports as little as Python lets it.

It is started as `python -P child.py PARENT TASKS ANSWERS`: the process that
must outlive it, and the descriptors on which frames come and go. A frame is a
header (length, number) and that many bytes of JSON; an answer has the number of
its question. Standard output goes nowhere, standard error to the guard.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import resource
import signal
import sys
from struct import Struct

TYPE_CHECKING = False  # as type checkers read it; importing typing would take a fifth of the start
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

HEADER = Struct(">QQ")  # length in bytes, number of the question
LARGEST = 2**30  # bytes of one frame: a compromised child must not fill its parent
_LONGEST_TEXT = 20_000  # characters of a message or a traceback


def main() -> None:
    """Answer frames until the parent closes its end."""
    gc.disable()  # until there is something to do: modules are made to stay, and looking for garbage among them takes a tenth
    parent, tasks, answers = (int(word) for word in sys.argv[1:4])
    die_with(parent)
    os.set_inheritable(tasks, False)
    os.set_inheritable(answers, False)
    faulthandler.enable()  # a segmentation fault says where
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    me = os.getpid()
    function: Callable[[Any], Any] = _nothing
    prepared: tuple[object, ...] = ()
    while (header := _read(tasks, HEADER.size)) is not None:
        length, number = HEADER.unpack(header)
        try:
            frame = _read(tasks, length)
            if frame is None:
                break
            order = json.loads(frame)
            del frame
            if "function" in order:
                function, prepared = _prepare(order, prepared)
                answer = _encode({"ok": None})
            else:
                before = _cpu_s()
                value = function(order["item"])
                if os.getpid() != me:
                    os._exit(0)  # a fork of the task came back: only the original may answer
                answer = _encode({"ok": value, "cpu_s": _cpu_s() - before})
                del value
        except SystemExit:
            raise
        except MemoryError:
            _limit(None)  # room for the answer; the guard replaces this process
            answer = b'{"memory":true}'
        except BaseException as error:  # noqa: BLE001 - whatever a task raises is its result
            if os.getpid() != me:
                os._exit(1)
            answer = _encode({"failed": _described(error)})
        _write(answers, HEADER.pack(len(answer), number) + answer)
        del answer
    os._exit(0)


def die_with(parent: int) -> None:
    """Make the kernel kill this process when its parent ends, however that ends (Linux).

    Strictly: when the parent's *thread* that started it ends, so guards belong to
    threads that live as long as they do.
    """
    if sys.platform == "linux":
        import ctypes

        PR_SET_PDEATHSIG = 1  # noqa: N806 - the kernel's name
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we could ask
        os._exit(1)


def _prepare(order: dict[str, Any], prepared: tuple[object, ...]) -> tuple[Callable[[Any], Any], tuple[object, ...]]:
    # Ours first: what the parent put in front must not shadow the standard library here.
    sys.path.extend(entry for entry in order["path"] if entry and entry not in sys.path)
    _limit(order["memory_bytes"])
    wanted = (order["setup"], json.dumps(order["setup_argument"], sort_keys=True))
    if order["setup"] is not None and wanted != prepared:
        _named(order["setup"])(order["setup_argument"])
    function = _named(order["function"])
    gc.freeze()
    gc.enable()
    return function, wanted


def _named(name: str) -> Callable[[Any], Any]:
    from importlib import import_module

    module, _, path = name.partition(":")
    found: Any = import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise TypeError(f"{name} cannot be called")
    return found  # type: ignore[no-any-return]  # callable() is all that can be known


def _limit(memory_bytes: int | None) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = hard if memory_bytes is None else memory_bytes
    if hard != resource.RLIM_INFINITY:
        soft = hard if soft == resource.RLIM_INFINITY else min(soft, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    except (ValueError, OSError):
        if sys.platform == "linux":  # elsewhere the limit is documented as absent
            raise


def _cpu_s() -> float:
    mine, waited = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + waited.ru_utime + waited.ru_stime


def _encode(answer: dict[str, Any]) -> bytes:
    frame = json.dumps(answer, separators=(",", ":"), allow_nan=False).encode()
    if len(frame) > LARGEST:
        raise ValueError(f"the result takes {len(frame)} bytes as JSON; at most {LARGEST} are carried, so write it to a file")
    return frame


def _described(error: BaseException) -> list[str]:
    import traceback

    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    try:
        message = str(error)
    except Exception as worse:  # noqa: BLE001 - an exception may be broken too
        message = f"(cannot be shown: {type(worse).__name__})"
    try:
        # The first frame is ours.
        trace = "".join(traceback.format_exception(kind, error, error.__traceback__ and error.__traceback__.tb_next))
    except Exception as worse:  # noqa: BLE001 - as above
        trace = f"(cannot be shown: {type(worse).__name__})"
    return [name, message[:_LONGEST_TEXT], trace[-_LONGEST_TEXT:]]


def _read(descriptor: int, length: int) -> bytes | None:
    chunk = os.read(descriptor, length) if length else b""
    if len(chunk) == length:
        return chunk
    whole = bytearray(chunk)
    while chunk and len(whole) < length:
        chunk = os.read(descriptor, min(length - len(whole), 2**20))
        whole += chunk
    return bytes(whole) if len(whole) == length else None  # None: the parent is gone or done


def _write(descriptor: int, frame: bytes) -> None:
    rest = memoryview(frame)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _nothing(_: object) -> None:
    raise RuntimeError("a task came before its function was named")


if __name__ == "__main__":
    main()
