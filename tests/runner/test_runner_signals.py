"""Nothing outlives a run, however it ends."""

import json
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from runner_processes import processes_marked, until

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc"), pytest.mark.slow]

PROGRAM = """
import sys
from probatum.runner import runner_for
sys.path.insert(0, sys.argv[1])
with runner_for(sys.argv[4]) as runner:
    for result in runner.map("runner_tasks:" + sys.argv[2], sys.argv[3].split(","), timeout_s=600):
        print(result, flush=True)
"""

KINDS = ["say_pid_and_hang", "start_process_and_hang", "fork_and_hang"]


def begin(tmp_path, task, spec="local:2", **more):
    """Start a run of two hanging tasks in a process of its own; return it and the mark that all its processes bear."""
    mark = secrets.token_hex(16)
    names = [str(tmp_path / "one"), str(tmp_path / "two")]
    run = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(Path(__file__).parent), task, ",".join(names), spec],
        env={**os.environ, "PROBATUM_TEST_MARK": mark},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        **more,
    )
    assert until(lambda: all(Path(name).exists() for name in names))
    assert len(processes_marked(mark)) >= 3 + (
        2 if task != "say_pid_and_hang" else 0
    )  # sentinel excepted: parent, children, theirs
    return run, mark


def nothing_left(mark):
    return until(lambda: not processes_marked(mark))


@pytest.mark.parametrize("task", KINDS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_a_run_that_is_ended_by_a_signal(tmp_path, task, number):
    run, mark = begin(tmp_path, task)

    run.send_signal(number)
    run.communicate(timeout=30)

    assert run.returncode == -number
    assert nothing_left(mark)


def test_children_are_dead_when_an_interrupted_run_has_ended(tmp_path):
    """Ctrl-C is handled by the parent, not by the kernel afterwards: it waits for its children."""
    run, mark = begin(tmp_path, "say_pid_and_hang")

    run.send_signal(signal.SIGINT)
    run.communicate(timeout=30)

    assert processes_marked(mark) == []


def test_interrupting_the_whole_terminal_does_not_reach_the_children(tmp_path):
    """They are in sessions of their own, so no task sees a KeyboardInterrupt that is not its own."""
    run, mark = begin(tmp_path, "say_pid_and_hang")

    os.killpg(run.pid, signal.SIGINT)
    out, _ = run.communicate(timeout=30)

    assert b"KeyboardInterrupt" not in out
    assert nothing_left(mark)


@pytest.mark.parametrize("task", KINDS[:1])
def test_children_die_with_their_parent_even_if_the_sentinel_died_before(tmp_path, task):
    run, mark = begin(tmp_path, task)
    for pid in processes_marked(mark):
        if "sentinel.py" in Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(pid, signal.SIGKILL)

    run.kill()
    run.communicate(timeout=30)

    assert nothing_left(mark)


LOOP = """
import sys
from probatum.runner import runner_for, resume
sys.path.insert(0, sys.argv[1])
from runner_store import Sqlite
items = [{"log": sys.argv[2], "n": n, "crash": n % 10 == 9} for n in range(200)]
with runner_for("local:2") as runner:
    for _ in resume(runner, "runner_tasks:record", items, key=lambda item: str(item["n"]), results=Sqlite(sys.argv[3]), timeout_s=60):
        pass
"""


def test_a_run_killed_midway_and_started_again_repeats_only_what_was_not_done(tmp_path):
    log, store = tmp_path / "log", tmp_path / "store"
    command = [sys.executable, "-c", LOOP, str(Path(__file__).parent), str(log), str(store)]
    run = subprocess.Popen(command)
    assert until(lambda: log.exists() and len(log.read_text().splitlines()) > 60)
    run.kill()
    run.wait()
    from runner_store import Sqlite

    done_before = set(Sqlite(str(store)).get_many([str(n) for n in range(200)]))
    first = log.read_text().splitlines()

    subprocess.run(command, check=True, timeout=60)
    second = log.read_text().splitlines()[len(first) :]

    assert done_before
    assert done_before.isdisjoint(second)
    assert set(second) >= {str(n) for n in range(200)} - done_before
    assert json.loads(json.dumps(Sqlite(str(store)).get_many(["0", "198"]))) == {"0": 0, "198": 1980}
