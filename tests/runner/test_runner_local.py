"""What only the local runner promises."""

import gc
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from runner_processes import alive, processes_marked, until

from probatum.errors import UsageError
from probatum.runner import Crashed, Done, TimedOut, runner_for


@pytest.mark.parametrize("spec", ["", "lokal", "local:0", "local:-1", "local:two", "rays://somewhere", "ray:1"])
def test_a_runner_that_does_not_exist_is_a_usage_error(spec):
    with pytest.raises(UsageError) as raised:
        runner_for(spec)

    assert raised.value.help


@pytest.mark.parametrize(
    "wrong", [{"timeout_s": 0}, {"timeout_s": float("nan")}, {"timeout_s": 1, "retries": -1}, {"timeout_s": 1, "memory_bytes": 0}]
)
def test_limits_that_mean_nothing_are_refused_at_once(local, wrong):
    with pytest.raises(ValueError, match="must"):
        local.map("runner_tasks:square", [], **wrong)


def test_no_process_starts_before_the_first_result_is_asked_for(monkeypatch):
    monkeypatch.setenv("PROBATUM_TEST_MARK", mark := f"idle-{os.getpid()}")
    with runner_for("local:2") as runner:
        results = runner.map("runner_tasks:square", [1], timeout_s=30)
        before = processes_marked(mark)
        list(results)
        during = processes_marked(mark)
    assert (len(before), len(during)) == (0, 2)  # one child for one task, and the sentinel
    assert processes_marked(mark) == []


def test_a_closed_runner_refuses_and_closing_twice_is_once():
    runner = runner_for("local:1")
    assert len(list(runner.map("runner_tasks:square", [1], timeout_s=30))) == 1
    runner.close()
    runner.close()

    with pytest.raises(RuntimeError, match="closed"):
        list(runner.map("runner_tasks:square", [1], timeout_s=30))


def test_closing_the_runner_ends_an_open_iterator(tmp_path):
    said = tmp_path / "pid"
    runner = runner_for("local:1")
    results = runner.map("runner_tasks:say_pid_and_hang", [str(said)], timeout_s=600)
    closing = threading.Thread(target=lambda: (until(said.exists), runner.close()))
    closing.start()

    with pytest.raises(RuntimeError, match="closed"):
        next(results)

    closing.join()
    assert not alive(int(said.read_text()))


def test_an_abandoned_runner_ends_its_children():
    runner = runner_for("local:1")
    [result] = runner.map("runner_tasks:pid", [None], timeout_s=30)

    del runner
    gc.collect()

    assert until(lambda: not alive(result.value))


def test_an_iterator_keeps_its_runner():
    assert [result.value for result in runner_for("local:1").map("runner_tasks:square", [3], timeout_s=30)] == [9]


def test_two_maps_may_run_at_once_and_one_may_be_closed(local, tmp_path):
    said = tmp_path / "pid"
    hanging = local.map("runner_tasks:square_or_hang", [{"square": 1}, {"hang": str(said)}], timeout_s=600)
    assert next(hanging).value == 1
    other = local.map("runner_tasks:square", range(20), timeout_s=30)
    first = next(other)
    assert until(said.exists)

    hanging.close()

    assert sorted([first.value, *(result.value for result in other)]) == [n * n for n in range(20)]
    assert not alive(int(said.read_text()))


def test_children_are_warm_and_no_more_than_workers(local):
    pids = {result.value for result in local.map("runner_tasks:pid", range(100), timeout_s=30)}

    assert len(pids) <= 2


def test_a_child_that_dies_between_tasks_is_replaced_without_a_result(tmp_path):
    with runner_for("local:1") as runner:
        [first] = runner.map("runner_tasks:pid", [None], timeout_s=30)
        os.kill(first.value, 9)
        assert until(lambda: not alive(first.value))
        [second] = runner.map("runner_tasks:pid", [None], timeout_s=30)

    assert second.value != first.value


def test_a_child_inherits_nothing_that_is_open(local, tmp_path):
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        [result] = local.map("os:listdir", ["/proc/self/fd"], timeout_s=30)

    assert len(result.value) <= 6  # 0, 1, 2, tasks, answers, and the directory itself


def descriptors():
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_the_runner_leaves_no_descriptor_open():
    before = descriptors()
    with runner_for("local:2") as runner:
        list(runner.map("runner_tasks:end", ["exit", "fine", "exit", "fine"], timeout_s=30))
    assert descriptors() == before


def test_without_descriptors_for_processes_every_end_is_still_noticed(monkeypatch, tmp_path):
    """As on macOS."""
    monkeypatch.delattr(os, "pidfd_open")
    said = tmp_path / "pid"
    with runner_for("local:1") as runner:
        ends = [type(result) for result in runner.map("runner_tasks:end", ["exit", "fine", "segfault"], timeout_s=30)]
        [late] = runner.map("runner_tasks:nap", [60], timeout_s=0.1)
        [crashed] = runner.map("runner_tasks:fork_and_die", [str(said)], timeout_s=30)

    assert ends == [Crashed, Done, Crashed]
    assert late == TimedOut(0, 0.1)
    assert crashed.detail.startswith("ended with exit status 7")
    assert until(lambda: not alive(int(said.read_text())))


def test_a_child_starts_with_little():
    """Its start is the price of every crash and timeout."""
    with runner_for("local:1") as runner:
        [result] = runner.map("builtins:eval", ["sorted(__import__('sys').modules)"], timeout_s=30)

    assert not {"typing", "dataclasses", "subprocess", "threading", "inspect", "probatum"} & set(result.value)


def test_the_runner_loads_nothing_heavy():
    program = (
        "import sys, probatum.runner.local; print({'ray', 'duckdb', 'numpy', 'asyncio', 'multiprocessing'} & set(sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_a_fork_of_the_parent_that_ends_leaves_the_children_alone():
    run = subprocess.run([sys.executable, "-c", FORKS, str(Path(__file__).parent)], capture_output=True, text=True, check=True)

    assert run.stdout.split() == ["same"]


FORKS = """
import os, sys
from probatum.runner import Crashed, Done, TimedOut, runner_for
sys.path.insert(0, sys.argv[1])
with runner_for("local:1") as runner:
    [first] = runner.map("runner_tasks:pid", [None], timeout_s=30)
    if not (forked := os.fork()):
        sys.exit()
    os.waitpid(forked, 0)
    [second] = runner.map("runner_tasks:pid", [None], timeout_s=30)
    print("same" if first.value == second.value else "another")
"""
