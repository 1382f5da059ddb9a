"""The process in which code runs that nobody trusts. A script, not a module: it imports as little as Python lets it.

It is started as `python -I -S -B jail.py ORDER ARGUMENTS...` by `sandbox`. It
gives up what it does not need, says so on the descriptor in the order, and then
runs the script that the arguments name (or `-c PROGRAM`) as `__main__`. That
script may import this module by its name, `probatum.runner.jail`, for `serve`
and `take_attempts`, wherever probatum is.

The kernel refuses; the audit hook only remembers what was tried, so that a
report can say it, and refuses itself where no kernel does. Code that means to
can hide from the hook, and not from the kernel.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys

TYPE_CHECKING = False  # as type checkers read it; importing typing would take a fifth of the start
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_MOST_ATTEMPTS = 100  # remembered, so that a loop of attempts does not fill memory
_LONGEST = 200  # characters of a name in an attempt

_attempts: list[str] = []
_seen: set[str] = set()

# Events of Python's audit hooks, and what they mean in words. `{}` is the first argument.
_FORBIDDEN = {
    "os.system": "run `{}`",
    "os.exec": "run `{}`",
    "os.posix_spawn": "run `{}`",
    "os.spawn": "run `{}`",
    "subprocess.Popen": "run `{}`",
    "pty.spawn": "run a program",
    "os.startfile": "open `{}` with a program",
    "webbrowser.open": "open `{}` in a browser",
    "os.fork": "start a process",
    "os.forkpty": "start a process",
    "os.kill": "send a signal to a process",
    "os.killpg": "send a signal to a process",
    "signal.pthread_kill": "send a signal to a thread",
    "_thread.start_new_thread": "start a thread",
    "_thread.start_joinable_thread": "start a thread",
    "os.remove": "remove the file `{}`",
    "os.rename": "rename the file `{}`",
    "os.rmdir": "remove the directory `{}`",
    "os.mkdir": "make the directory `{}`",
    "os.link": "make the link `{}`",
    "os.symlink": "make the link `{}`",
    "os.truncate": "write to the file `{}`",
    "os.chmod": "change the permissions of `{}`",
    "os.chown": "change the owner of `{}`",
    "os.lchown": "change the owner of `{}`",
    "os.utime": "change the times of `{}`",
    "os.setxattr": "change the attributes of `{}`",
    "os.removexattr": "change the attributes of `{}`",
    "os.chflags": "change the flags of `{}`",
    "resource.setrlimit": "change its limits",
    "resource.prlimit": "change its limits",
}


def main() -> None:
    """Give up what is not needed, then run what was asked for."""
    order = json.loads(sys.argv[1])
    report = order["report"]
    os.set_inheritable(report, False)
    os.set_blocking(report, False)
    _die_with(order["parent"])
    from importlib.machinery import SourceFileLoader  # noqa: F401 - loaded before anything is given up

    _limit(order)
    how = order["how"]
    missing: list[str] = []
    readable = [*order["readable"], *order["path"], *_needed_to_run()]
    try:
        if how in ("any", "filters") and not (missing := _missing_for_filters(order)):
            how = "filters"
            _see_only(readable)
            _filter(order["filter"])
        elif how in ("any", "namespaces") and not (why := _enter_namespaces(readable)):
            how = "namespaces"
            if order["filter"] and not _missing_for_filters({**order, "landlock": False}):
                _filter(order["filter"])
            else:  # then what it starts is confined as it is, and ends when it ends
                resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        elif how == "limits":
            pass
        else:
            if how != "filters":
                missing.append(why)
            _say(report, {"missing": missing})
            os._exit(0)
    except OSError as error:
        _say(report, {"missing": [f"{error.strerror} ({how})"]})
        os._exit(0)
    _say(report, {"ready": how})
    sys.addaudithook(_hook(readable, report, refuse=how == "limits"))
    _become(sys.argv[2:], order["path"])


def take_attempts() -> list[str]:
    """Return what was tried and refused since the last call, in words: `["open a socket"]`; each is remembered once."""
    taken = _attempts[:]
    _attempts.clear()
    _seen.clear()
    return taken


def serve(handle: Callable[[Any], Any]) -> None:
    """Answer JSON values, one a line, until the parent closes its end.

    What the code prints goes to standard error, and standard input is empty to it.
    The answer to a question that raised is `{"raised": [class, message]}`; other
    answers are `{"value": ...}`.
    """
    questions, answers = os.dup(0), os.dup(1)
    empty, other = os.pipe()
    os.close(other)
    os.dup2(empty, 0)
    os.dup2(2, 1)
    pending = bytearray()
    while True:
        line, found, rest = pending.partition(b"\n")
        if not found:
            chunk = os.read(questions, 2**16)
            if not chunk:
                return
            pending += chunk
            continue
        pending = rest
        try:
            answer = json.dumps({"value": handle(json.loads(line))}, separators=(",", ":"))
        except BaseException as error:  # noqa: BLE001 - whatever the code raises is its result
            answer = json.dumps({"raised": [type(error).__qualname__, _text(error)]})
        left = memoryview(answer.encode() + b"\n")
        while left:
            left = left[os.write(answers, left) :]


def _text(value: object) -> str:
    try:
        return str(value)[:2000]
    except BaseException as worse:  # noqa: BLE001 - text of untrusted objects may do anything
        return f"(cannot be shown: {type(worse).__name__})"


def _become(arguments: list[str], path: list[str]) -> None:
    from types import ModuleType

    sys.modules["probatum.runner.jail"] = sys.modules["__main__"]
    sys.path[:0] = path
    module = ModuleType("__main__")
    module.__dict__["__builtins__"] = __builtins__
    if arguments[0] == "-c":
        name, text = "<string>", arguments[1].encode()
        sys.argv = ["-c", *arguments[2:]]
    else:
        name = arguments[0]
        sys.argv = arguments
        module.__file__ = name
        with open(name, "rb") as stream:  # noqa: PTH123 - pathlib takes longer to import than all the rest
            text = stream.read()
    sys.modules["__main__"] = module
    exec(compile(text, name, "exec"), module.__dict__)  # noqa: S102 - that is what it is for


# What is given up.


def _limit(order: dict[str, Any]) -> None:
    seconds = order["cpu_s"]
    for which, wanted in (
        ("RLIMIT_CORE", 0),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_NOFILE", 64),
        ("RLIMIT_CPU", seconds),
        ("RLIMIT_AS", order["memory_bytes"]),
    ):
        number = getattr(resource, which)
        _, hard = resource.getrlimit(number)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            # A second later than the signal that can be caught comes the one that cannot.
            resource.setrlimit(number, (value, value if which != "RLIMIT_CPU" or value == hard else value + 1))
        except (ValueError, OSError):
            if sys.platform == "linux":  # elsewhere a limit on address space may be ignored
                raise


def _needed_to_run() -> list[str]:
    """Return the folders of the standard library and of shared libraries."""
    found = {entry for entry in sys.path if entry and os.path.exists(entry)}  # noqa: PTH110 - as above
    found.add(os.path.dirname(os.__file__))  # noqa: PTH120 - as above
    found.add(os.path.abspath(__file__))  # noqa: PTH100 - as above
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:  # noqa: PTH123 - as above
            mapped = {line.split(maxsplit=5)[5].rstrip("\n") for line in maps if line.count(" ") >= 5 and "/" in line}
    except (OSError, IndexError):
        mapped = set()
    found |= {os.path.dirname(name) for name in mapped if ".so" in os.path.basename(name)}  # noqa: PTH119, PTH120 - as above
    found |= {name for name in ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache") if os.path.exists(name)}  # noqa: PTH110 - as above
    return sorted(found)


def _die_with(parent: int) -> None:
    """Make the kernel kill this process when the thread of its parent that started it ends (Linux)."""
    if sys.platform == "linux":
        _libc().prctl(1, int(signal.SIGKILL), 0, 0, 0)  # PR_SET_PDEATHSIG
    if parent and os.getppid() != parent:
        os._exit(1)


def _libc() -> Any:
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    import ctypes

    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _missing_for_filters(order: dict[str, Any]) -> list[str]:
    if sys.platform != "linux":
        return ["Landlock and seccomp exist on Linux alone"]
    missing = []
    if order.get("landlock", True) and _landlock_version() < 1:
        missing.append("the kernel has no Landlock")
    if not order["filter"]:
        missing.append(f"there is no list of system calls for `{os.uname().machine}`")
    elif _libc().prctl(21, 0, 0, 0, 0) < 0:  # PR_GET_SECCOMP
        missing.append("the kernel has no seccomp")
    return missing


_CREATE, _ADD, _RESTRICT = 444, 445, 446  # of Landlock; the same numbers everywhere but on Alpha


def _landlock_version() -> int:
    return int(_libc().syscall(_CREATE, None, 0, 1))


def _see_only(readable: list[str]) -> None:
    """Let Landlock refuse all files but these for reading, all writing, connections, and signals to others."""
    import ctypes
    from struct import pack

    libc, version = _libc(), _landlock_version()
    files = (1 << (13 if version == 1 else 14 if version == 2 else 15 if version < 5 else 16)) - 1
    fields = [files, *([3] if version >= 4 else []), *([3] if version >= 6 else [])]  # files, TCP, sockets and signals
    attributes = pack(f"={len(fields)}Q", *fields)
    rules = _checked(libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0), "Landlock")
    for name in readable:
        try:
            descriptor = os.open(name, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        directory = os.path.isdir(name)  # noqa: PTH112 - as above
        rule = pack("=Qi", (4 | 8) if directory else 4, descriptor)  # read files, read directories
        _checked(libc.syscall(_ADD, rules, 1, rule, 0), "Landlock")
        os.close(descriptor)
    _checked(libc.prctl(38, 1, 0, 0, 0), "no new privileges")  # PR_SET_NO_NEW_PRIVS
    _checked(libc.syscall(_RESTRICT, rules, 0), "Landlock")
    os.close(rules)


def _filter(program: str) -> None:
    """Let seccomp refuse what is not in the list of system calls."""
    import ctypes

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("rows", ctypes.c_void_p))

    libc, rows = _libc(), bytes.fromhex(program)
    kept = ctypes.create_string_buffer(rows, len(rows))
    whole = Program(len(rows) // 8, ctypes.cast(kept, ctypes.c_void_p).value)
    _checked(libc.prctl(38, 1, 0, 0, 0), "no new privileges")
    _checked(libc.prctl(22, 2, ctypes.byref(whole), 0, 0), "seccomp")  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def _enter_namespaces(readable: list[str]) -> str:
    """Move to a root that holds these paths alone, without network and other processes; return why that cannot be done, or ""."""
    if sys.platform != "linux":
        return "namespaces exist on Linux alone"
    import ctypes

    libc = _libc()
    user, group = os.getuid(), os.getgid()
    # New users, mounts, processes, network, messages.
    if libc.unshare(0x10000000 | 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000) < 0:
        return f"this system refuses user namespaces: {os.strerror(ctypes.get_errno())}"
    try:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
            os.write(descriptor, text.encode())
            os.close(descriptor)
    except OSError as error:
        return f"this system refuses user namespaces: {error.strerror}"
    _move_root(libc, _outermost(readable))
    child = os.fork()
    if child:  # stays outside to carry the exit status; its end is the child's end
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.signal(-code, signal.SIG_DFL) if -code not in (signal.SIGKILL, signal.SIGSTOP) else None
            os.kill(os.getpid(), -code)
        os._exit(code if code >= 0 else 128 - code)
    libc.prctl(1, int(signal.SIGKILL), 0, 0, 0)
    for capability in range(64):
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP; numbers that do not exist are refused
    header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    _checked(libc.prctl(38, 1, 0, 0, 0), "no new privileges")
    _checked(libc.capset(ctypes.byref(header), ctypes.byref(none)), "capabilities")
    return ""


def _outermost(names: list[str]) -> list[str]:
    """Return the names that exist and are not within another one."""
    whole: list[str] = []
    for name in sorted({os.path.abspath(one) for one in names if os.path.exists(one)}):  # noqa: PTH100, PTH110 - as above
        if not any(name == other or name.startswith(other.rstrip("/") + "/") for other in whole):
            whole.append(name)
    return whole


def _move_root(libc: Any, names: list[str]) -> None:
    read_only, bind, recursive, private, remount, move = 1, 4096, 16384, 1 << 18, 32, 8192
    _checked(libc.mount(b"none", b"/", None, recursive | private, None), "private mounts")
    # Open before something is mounted in front of them.
    sources = [(name, os.path.isdir(name), os.open(name, os.O_PATH)) for name in names]  # noqa: PTH112 - as above
    root = "/tmp"  # noqa: S108 - only a place to mount on, in this process's own view
    _checked(libc.mount(b"none", root.encode(), b"tmpfs", 2 | 4, b"size=1m,mode=755"), "a root of its own")
    for name, directory, descriptor in sources:
        target = root + name
        os.makedirs(target if directory else os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120 - as above
        if not directory:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
        _checked(
            libc.mount(f"/proc/self/fd/{descriptor}".encode(), os.fsencode(target), None, bind | recursive, None),
            f"bind `{name}`",
        )
        os.close(descriptor)
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as mounts:  # noqa: PTH123 - as above
        points = [line.split(" ")[4].encode(errors="surrogateescape").decode("unicode_escape") for line in mounts]
    kept = {
        os.ST_NOSUID: 2,
        os.ST_NODEV: 4,
        os.ST_NOEXEC: 8,
        os.ST_NOATIME: 1024,
        os.ST_NODIRATIME: 2048,
        os.ST_RELATIME: 1 << 21,
    }
    for point in points:
        if point.startswith(root + "/"):
            had = os.statvfs(point).f_flag
            flags = sum(flag for seen, flag in kept.items() if had & seen) | 2
            _checked(libc.mount(None, os.fsencode(point), None, bind | remount | read_only | flags, None), f"`{point}` read-only")
    os.chdir(root)
    _checked(libc.mount(None, root.encode(), None, bind | remount | read_only | 2 | 4, None), "a root that is read-only")
    _checked(libc.mount(root.encode(), b"/", None, move, None), "a root of its own")
    _checked(libc.chroot(b"."), "a root of its own")
    os.chdir("/")


# What was tried.


def _hook(readable: list[str], report: int, *, refuse: bool) -> Callable[[str, tuple[Any, ...]], None]:
    write_flags = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
    forbidden = _FORBIDDEN
    folders = tuple({os.path.join(os.path.realpath(name), "") for name in readable})  # noqa: PTH118 - as above
    files = {folder[:-1] for folder in folders}
    busy = False

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal busy
        if event == "open":
            name, _, flags = arguments
            if type(flags) is int and flags & write_flags:
                what = f"write the file `{_name(name)}`"
            else:
                if busy or not isinstance(name, (str, bytes)) or "/" not in os.fsdecode(name):  # tracebacks look for `sys`
                    return
                busy = True
                try:
                    real = os.path.realpath(os.fsdecode(name))
                    if real in files or real.startswith(folders) or not os.path.exists(real):  # noqa: PTH110 - as above
                        return
                finally:
                    busy = False
                what = f"read the file `{_name(name)}`"
        elif event.startswith("socket."):
            if event in ("socket.gethostname", "socket.getservbyname", "socket.getservbyport"):
                return
            what = "open a socket" if event == "socket.__new__" else f"use the network (`{event}`)"
        elif event in forbidden:
            what = forbidden[event].replace("{}", _name(arguments[0]) if arguments else "")
        else:
            return
        if what not in _seen and len(_seen) < _MOST_ATTEMPTS:
            _seen.add(what)
            _attempts.append(what)
            _say(report, {"tried": what})
        if refuse:
            raise PermissionError(1, f"refused by the sandbox: {what}")

    return hook


def _name(value: object) -> str:
    if isinstance(value, bytes):
        value = os.fsdecode(value)
    return value[:_LONGEST] if isinstance(value, str) else f"({type(value).__name__})"


def _say(report: int, what: dict[str, object]) -> None:
    try:
        os.write(report, json.dumps(what).encode() + b"\n")  # shorter than what a pipe takes at once
    except (BlockingIOError, BrokenPipeError):
        return  # the parent does not listen; the kernel refuses all the same


if __name__ == "__main__":
    main()
