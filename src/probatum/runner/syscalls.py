"""What code that nobody trusts may ask of the kernel: a list, and the filter that enforces it.

Everything that is not here is refused: sockets, new processes and threads,
programs, signals, traces, mounts, limits, files for writing. A refused call
returns an error, so Python raises `PermissionError` and goes on. The filter is
in force whatever the code does, in machine code too.
"""

from __future__ import annotations

import errno
import platform
import sys
from struct import pack

# Harmless with any arguments: they read, wait, or change this process alone. Numbers on x86_64 and on aarch64.
# fmt: off
HARMLESS: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67), "preadv": (295, 69),
    "close": (3, 57), "close_range": (436, 436), "lseek": (8, 62), "stat": (4, None), "lstat": (6, None), "fstat": (5, 80),
    "newfstatat": (262, 79), "statx": (332, 291), "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439),
    "readlink": (89, None), "readlinkat": (267, 78), "getcwd": (79, 17), "chdir": (80, 49), "getdents64": (217, 61),
    "fadvise64": (221, 223), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24), "pipe": (22, None), "pipe2": (293, 59),
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72), "epoll_create1": (291, 20),
    "epoll_ctl": (233, 21), "epoll_wait": (232, None), "epoll_pwait": (281, 22), "eventfd2": (290, 19), "mmap": (9, 222),
    "munmap": (11, 215), "mprotect": (10, 226), "mremap": (25, 216), "madvise": (28, 233), "brk": (12, 214),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "rt_sigpending": (127, 136),
    "rt_sigsuspend": (130, 133), "rt_sigtimedwait": (128, 137), "sigaltstack": (131, 132), "setitimer": (38, 103),
    "getitimer": (36, 102), "alarm": (37, None), "pause": (34, None), "nanosleep": (35, 101), "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "gettimeofday": (96, 169), "time": (201, None),
    "times": (100, 153), "getrusage": (98, 165), "getrlimit": (97, 163), "sysinfo": (99, 179), "uname": (63, 160),
    "umask": (95, 166), "getpid": (39, 172), "getppid": (110, 173), "gettid": (186, 178), "getpgid": (121, 155),
    "getpgrp": (111, None), "getsid": (124, 156), "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176),
    "getegid": (108, 177), "getresuid": (118, 148), "getresgid": (120, 150), "getgroups": (115, 158),
    "getpriority": (140, 141), "getrandom": (318, 278), "futex": (202, 98), "set_robust_list": (273, 99),
    "get_robust_list": (274, 100), "rseq": (334, 293), "membarrier": (324, 283), "set_tid_address": (218, 96),
    "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "getcpu": (309, 168), "restart_syscall": (219, 128),
    "exit": (60, 93), "exit_group": (231, 94),
}
# fmt: on
# Harmless with some arguments, or to be called absent.
WEIGHED: dict[str, tuple[int | None, int | None]] = {
    "open": (2, None),
    "openat": (257, 56),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "prlimit64": (302, 261),
    "openat2": (437, 437),
    "clone3": (435, 435),
}
_WRITING = 0o1 | 0o2 | 0o100 | 0o1000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC
# Duplicates and flags. Not who gets signals about a descriptor (F_SETOWN): that is a way to send them to others.
_FCNTL = (0, 1, 2, 3, 4, 1030)
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # is it a terminal, its size, bytes waiting; blocking; inheritance
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

# Of BPF: load a word, compare, test bits, return.
_LOAD, _EQUAL, _BITS, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # where they are in what the filter sees


def filter_for(machine: str | None = None) -> bytes | None:
    """Return the filter as an array of `struct sock_filter`; None where we have no list.

    Parameters
    ----------
    machine : str, optional
        As `uname -m` says it; default: this one.
    """
    machine = platform.machine() if machine is None else machine
    if machine not in _ARCHITECTURES or sys.byteorder != "little" or sys.maxsize < 2**32:
        return None
    column, audit = _ARCHITECTURES[machine]
    rows = [
        _row(_LOAD, _ARCHITECTURE),
        _row(_EQUAL, audit, yes=1),
        _row(_RETURN, _KILL),  # calls by another architecture's numbers
        _row(_LOAD, _NUMBER),
    ]
    for numbers in HARMLESS.values():
        if (number := numbers[column]) is not None:
            rows += [_row(_EQUAL, number, no=1), _row(_RETURN, _ALLOW)]
    for name, numbers in WEIGHED.items():
        if (number := numbers[column]) is not None:
            weighed = _weighed(name)
            rows += [_row(_EQUAL, number, no=len(weighed)), *weighed]
    rows.append(_row(_RETURN, _ERROR | errno.EPERM))
    return b"".join(rows)


def _weighed(name: str) -> list[bytes]:
    allow, refuse = _row(_RETURN, _ALLOW), _row(_RETURN, _ERROR | errno.EPERM)
    match name:
        case "open" | "openat":
            return [
                _argument(1 if name == "open" else 2),
                _row(_BITS, _WRITING, no=1),
                _row(_RETURN, _ERROR | errno.EACCES),
                allow,
            ]
        case "fcntl" | "ioctl":
            known = _FCNTL if name == "fcntl" else _IOCTL
            rows = [_argument(1)]
            for value in known:
                rows += [_row(_EQUAL, value, no=1), allow]
            return [*rows, refuse]
        case "prlimit64":  # reading limits: the new value is a null pointer
            return [
                *(_argument(0), _row(_EQUAL, 0, no=4)),
                *(_argument(2), _row(_EQUAL, 0, no=2), _argument(2, high=True), _row(_EQUAL, 0, yes=1)),
                refuse,
                allow,
            ]
    return [_row(_RETURN, _ERROR | errno.ENOSYS)]  # then the C library does it the old way, which can be weighed


def _argument(index: int, *, high: bool = False) -> bytes:
    return _row(_LOAD, _ARGUMENTS + 8 * index + 4 * high)


def _row(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return pack("<HBBI", code, yes, no, value)
