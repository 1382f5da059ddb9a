"""Code that nobody trusts can compute, and nothing else; each test runs it in a real child."""

import fcntl
import json
import os
import platform
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from probatum.runner import CannotStart, sandbox
from probatum.runner.sandbox import SandboxUnavailable, Stopped, spawn
from probatum.runner.syscalls import HARMLESS, WEIGHED, filter_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the means are Linux's")

LIMITS = {"cpu_s": 5, "memory_bytes": 2**28, "wall_s": 60}
HARNESS = Path(__file__).with_name("runner_harness.py")


@pytest.fixture(params=["filters", pytest.param("namespaces", marks=pytest.mark.slow)])
def means(request):
    """Every promise is kept by both."""
    try:
        spawn(["-c", ""], confinement=request.param, **LIMITS).kill()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    return request.param


def run(program, means, *arguments, **more):
    with spawn(["-c", program, *map(str, arguments)], confinement=means, **{**LIMITS, **more}) as child:
        return child.communicate(), child.attempts()


def ended_by(finished):
    """The last line of the traceback."""
    return finished.stderr.decode().strip().splitlines()[-1]


def test_a_program_computes_and_says_so(means):
    finished, attempts = run("import sys; print(sum(map(int, sys.argv[1:])))", means, 20, 22)

    assert (finished.status, finished.stdout, attempts) == (0, b"42\n", ())


def test_the_standard_library_can_be_imported(means):
    program = "import collections, ctypes, dataclasses, datetime, decimal, enum, hashlib, json, random, sqlite3, struct, typing"

    finished, attempts = run(program, means)

    assert (finished.status, finished.stderr, attempts) == (0, b"", ())


def test_a_file_that_was_given_can_be_read_and_not_written(means, tmp_path):
    given = tmp_path / "given.txt"
    given.write_text("content")

    finished, _ = run("import sys; print(open(sys.argv[1]).read()); open(sys.argv[1], 'a')", means, given, readable=[tmp_path])

    assert finished.stdout == b"content\n"
    assert re.match("PermissionError|OSError: .*Read-only", ended_by(finished))
    assert given.read_text() == "content"


@pytest.mark.parametrize("mode", ["w", "x", "r+"])
def test_no_file_can_be_written(means, tmp_path, mode):
    there = tmp_path / "there"
    name = there if mode == "r+" else tmp_path / "new"
    there.write_text("as it was")

    finished, attempts = run("import sys; open(*sys.argv[1:])", means, name, mode, readable=[tmp_path])

    assert ended_by(finished).startswith(("PermissionError", "OSError: [Errno 30]"))
    assert attempts == (f"write the file `{name}`",)
    assert [p.name for p in tmp_path.iterdir()] == ["there"]
    assert there.read_text() == "as it was"


def test_a_file_that_was_not_given_cannot_be_read(means, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    program = """
import os, sys
for way in (open, os.open), (os.open, os.open):
    try:
        os.open(sys.argv[1], os.O_RDONLY)
    except OSError as error:
        print(type(error).__name__)
open(sys.argv[1])
"""

    finished, _ = run(program, means, secret, readable=[HARNESS])

    assert set(finished.stdout.split()) <= {b"PermissionError", b"FileNotFoundError"}
    assert ended_by(finished).startswith(("PermissionError", "FileNotFoundError"))
    assert b"secret" not in finished.stdout


def test_what_was_tried_is_told_also_for_reading():
    finished, attempts = run("open('/etc/hosts')", "filters")

    assert finished.status == 1
    assert attempts == ("read the file `/etc/hosts`",)


FORBIDDEN = {
    "socket": ("import socket; socket.socket()", ("open a socket",)),
    "unix socket": ("import socket; socket.socket(socket.AF_UNIX)", ("open a socket",)),
    "socket pair": ("import socket; socket.socketpair()", ()),
    "fork": ("import os; os.fork()", ("start a process",)),
    "program": ("import subprocess; subprocess.run(['/bin/true'])", ("run `/bin/true`",)),
    "exec": ("import os; os.execv('/bin/true', ['true'])", ("run `/bin/true`",)),
    "shell": ("import os; assert os.system('true') == 0, PermissionError()", ("run `true`",)),
    "signal": ("import os; os.kill(os.getppid(), 0)", ("send a signal to a process",)),
    "own group": ("import os; os.kill(0, 9)", ("send a signal to a process",)),
    "remove": ("import os, sys; os.remove(sys.argv[1])", ("remove the file `{}`",)),
    "rename": ("import os, sys; os.rename(sys.argv[1], sys.argv[1] + '2')", ("rename the file `{}`",)),
    "permissions": ("import os, sys; os.chmod(sys.argv[1], 0)", ("change the permissions of `{}`",)),
    "directory": ("import os, sys; os.mkdir(sys.argv[1] + '2')", ("make the directory `{}2`",)),
    "link": ("import os, sys; os.symlink('/', sys.argv[1] + '2')", ("make the link `/`",)),
    "memory file": ("import os; os.memfd_create('x')", ()),
    "priority": ("import os; os.setpriority(os.PRIO_PROCESS, 0, 5)", ()),
    "thread": ("import threading; threading.Thread(target=print).start()", ()),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_it_can_do_nothing_but_compute(means, tmp_path, what):
    there = tmp_path / "there"
    there.write_text("as it was")
    program, expected = FORBIDDEN[what]

    finished, attempts = run(program, means, there, readable=[tmp_path])

    assert finished.status == 1
    assert ended_by(finished).startswith(("PermissionError", "AssertionError", "RuntimeError: can't start new thread"))
    if sys.version_info[:2] == (3, 11):  # later ones have more events
        assert attempts == tuple(one.format(there) for one in expected)
    assert [p.name for p in tmp_path.iterdir()] == ["there"]
    assert there.read_text() == "as it was"


def raw(number, *arguments):
    """A program that asks the kernel itself, past Python and its hooks."""
    return f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.syscall({number}, {", ".join(map(str, arguments))}), ctypes.get_errno())
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86_64")
@pytest.mark.parametrize(
    ("name", "number", "arguments"),
    [
        ("socket", 41, (1, 1, 0)),
        ("fork", 57, ()),
        ("vfork", 58, ()),
        ("clone", 56, (17, 0, 0, 0, 0)),
        ("execve", 59, ('b"/bin/true"', 0, 0)),
        ("kill the parent", 62, ("libc.getppid()", 0)),
        ("ptrace", 101, (16, "libc.getppid()", 0, 0)),
        ("open for writing", 2, ('b"/dev/null"', 1)),
        ("openat for writing", 257, (-100, 'b"/dev/null"', 2)),
        ("who gets signals", 72, (0, 8, "libc.getppid()")),
        ("raise a limit", 302, (0, 0, 'b"\\0" * 16', 0)),
        ("io_uring", 425, (8, "bytes(120)")),
        ("new users", 272, (0x10000000,)),
        ("parent's death", 157, (1, 0, 0, 0, 0)),
        ("numbers of x32", 0x40000000 + 41, (1, 1, 0)),
    ],
)
def test_the_kernel_refuses_whoever_asks(name, number, arguments):
    finished, _ = run(raw(number, *arguments), "filters")

    result, error = finished.stdout.split()
    assert result == b"-1", name
    assert error in (b"1", b"13"), name


def test_a_new_way_to_open_files_is_said_not_to_exist_because_its_arguments_cannot_be_weighed():
    finished, _ = run(raw(437, -100, 'b"/dev/null"', "bytes(24)", 24), "filters")

    assert finished.stdout.split() == [b"-1", b"38"]


def test_memory_is_limited(means):
    finished, _ = run("bytearray(2**30)", means)

    assert ended_by(finished) == "MemoryError"


@pytest.mark.slow
def test_processor_time_is_limited(means):
    finished, _ = run("while True: pass", means, cpu_s=1)

    assert finished.status in (-signal.SIGXCPU, -signal.SIGKILL)
    assert not finished.timed_out


@pytest.mark.slow
def test_it_is_killed_at_its_deadline(means):
    finished, _ = run("import time; time.sleep(600)", means, wall_s=1)

    assert (finished.status, finished.timed_out) == (-signal.SIGKILL, True)


@pytest.mark.slow
def test_the_deadline_comes_without_anyone_waiting():
    child = spawn(["-c", "import time; print('up', flush=True); time.sleep(600)"], **{**LIMITS, "wall_s": 1})
    ended = os.pidfd_open(child.pid)

    import select

    assert select.select([ended], [], [], 30)[0]
    os.close(ended)
    assert child.communicate().timed_out


def test_the_environment_and_descriptors_stay_outside(means, monkeypatch):
    monkeypatch.setenv("SECRET", "secret")
    ours = os.open(HARNESS, os.O_RDONLY)
    high = fcntl.fcntl(ours, fcntl.F_DUPFD, 50)  # the first from 50 on that nobody has
    os.set_inheritable(high, True)

    finished, _ = run(f"import os; print('SECRET' in os.environ)\ntry: os.fstat({high})\nexcept OSError: print('closed')", means)

    assert finished.stdout == b"False\nclosed\n"
    os.close(ours)
    os.close(high)


def test_a_persistent_child_answers_many_questions(means):
    with spawn([str(HARNESS)], confinement=means, **LIMITS) as child:
        answers = [json.loads(child.ask(json.dumps({"add": [i, 1]}).encode(), timeout_s=30)) for i in range(100)]
        noisy = json.loads(child.ask(b'{"print": "noise"}', timeout_s=30))
        raised = json.loads(child.ask(b'{"open": "/etc/new"}', timeout_s=30))
        quiet = json.loads(child.ask(b'{"add": [0, 0]}', timeout_s=30))
        told = child.attempts()

    assert [a["value"]["sum"] for a in answers] == list(range(1, 101))
    assert noisy["value"] == {"sum": None, "tried": []}
    assert raised["raised"][0] in ("PermissionError", "OSError", "FileNotFoundError")
    assert quiet["value"] == {"sum": 0, "tried": ["write the file `/etc/new`"]}
    assert told == ("write the file `/etc/new`",)


def test_a_question_that_is_larger_than_a_pipe_gets_its_answer():
    with spawn([str(HARNESS)], **LIMITS) as child:
        answer = json.loads(child.ask(json.dumps({"back": "x" * 2**20}).encode(), timeout_s=30))

    assert answer["value"]["back"] == "x" * 2**20


@pytest.mark.slow
def test_a_question_without_end_costs_the_child_its_life():
    with spawn([str(HARNESS)], **LIMITS) as child:
        with pytest.raises(Stopped) as stopped:
            child.ask(b'{"loop": true}', timeout_s=0.2)

        assert (stopped.value.timed_out, stopped.value.status) == (True, -signal.SIGKILL)


def test_a_child_that_ends_instead_of_answering_says_how():
    with spawn(["-c", "import sys; sys.stdin.readline(); sys.exit('no more')"], **LIMITS) as child:
        with pytest.raises(Stopped) as stopped:
            child.ask(b"{}", timeout_s=30)

        assert (stopped.value.timed_out, stopped.value.status, stopped.value.stderr) == (False, 1, b"no more\n")


@pytest.mark.slow
def test_output_without_end_does_not_fill_memory():
    with spawn(["-c", "while True: print('x' * 100000)"], **LIMITS) as child:
        finished = child.communicate(timeout_s=60)

    assert finished.status != 0
    assert len(finished.stdout) == sandbox.LARGEST


def test_nothing_runs_where_nothing_confines(monkeypatch):
    """What the child says on a system without the means is what a user reads."""
    monkeypatch.setattr(
        sandbox, "_start", lambda *rest, **more: ["the kernel has no Landlock", "this system refuses user namespaces"]
    )

    with pytest.raises(SandboxUnavailable) as refused:
        spawn(["-c", ""], **LIMITS)

    assert "no Landlock; this system refuses" in refused.value.message
    assert "--allow-unsandboxed" in refused.value.help


def test_without_a_list_of_system_calls_namespaces_confine(monkeypatch):
    """As on architectures that the filter does not know."""
    monkeypatch.setattr(sandbox, "filter_for", lambda: None)
    try:
        child = spawn(["-c", "import socket; socket.create_connection(('127.0.0.1', 22))"], **LIMITS)
    except SandboxUnavailable as error:
        pytest.skip(str(error))

    with child:
        finished = child.communicate()

    assert child.confinement == "namespaces"
    assert "Network is unreachable" in ended_by(finished) or "Connection refused" in ended_by(finished)


@pytest.mark.parametrize("what", ["socket", "fork", "remove", "program"])
def test_with_limits_alone_the_hook_refuses(tmp_path, what):
    there = tmp_path / "there"
    there.write_text("as it was")
    program, expected = FORBIDDEN[what]

    finished, attempts = run(program, "limits", there)

    assert ended_by(finished).startswith("PermissionError: [Errno 1] refused by the sandbox")
    assert attempts == tuple(one.format(there) for one in expected)
    assert there.exists()


def test_means_are_used_although_limits_alone_would_do():
    with spawn(["-c", ""], unsandboxed=True, **LIMITS) as child:
        assert child.confinement != "limits alone"


def test_limits_that_are_too_low_to_start_are_said():
    with pytest.raises(CannotStart, match=r"did not come up with 256 MiB of memory and 0\.001 s"):
        spawn(["-c", ""], **{**LIMITS, "wall_s": 0.001})


def test_a_child_that_was_killed_can_be_asked_and_says_so():
    with spawn([str(HARNESS)], **LIMITS) as child:
        child.kill()
        with pytest.raises(Stopped):
            child.ask(b"{}", timeout_s=1)

    assert child.communicate().status == -signal.SIGKILL


@pytest.mark.slow
def test_nothing_is_left_when_the_parent_dies():
    program = (
        "import os, sys\nfrom probatum.runner.sandbox import spawn\n"
        "child = spawn(['-c', 'import time; time.sleep(600)'], cpu_s=5, memory_bytes=2**28, wall_s=600)\n"
        "print(child.pid, flush=True)\nsys.stdin.read()"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    ended = os.pidfd_open(int(parent.stdout.readline()))

    parent.kill()
    parent.communicate()

    import select

    assert select.select([ended], [], [], 30)[0]
    os.close(ended)


@pytest.mark.parametrize(
    ("column", "header", "prefix"),
    [(0, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "__NR_"), (1, "/usr/include/asm-generic/unistd.h", "__NR(?:3264)?_")],
)
def test_numbers_of_system_calls_are_those_of_the_kernel(column, header, prefix):
    if not Path(header).exists():
        pytest.skip("headers of the kernel are not installed")
    found = dict(re.findall(rf"#define {prefix}(\w+) (\d+)", Path(header).read_text()))
    found["newfstatat"] = found.get("newfstatat", found.get("fstatat"))

    known = {name: numbers[column] for name, numbers in {**HARMLESS, **WEIGHED}.items() if numbers[column] is not None}

    assert {name: int(found[name]) for name in known} == known


def test_there_is_no_filter_for_machines_that_we_do_not_know():
    assert filter_for("riscv64") is None
    assert filter_for("x86_64")
    assert filter_for("aarch64")
