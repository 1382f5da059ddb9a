"""What only a cluster can do: lose a machine."""

import secrets
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from runner_processes import alive, processes_marked, until

from probatum.errors import MissingExtra
from probatum.runner import CannotStart, Done, runner_for


def test_without_ray_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)

    with pytest.raises(MissingExtra) as raised:
        runner_for("ray")

    assert raised.value.help == "pip install 'probatum[ray]'"


@pytest.mark.slow
def test_tasks_run_on_every_machine(cluster):
    """Four workers on two processors: two actors never come up, and nobody waits for them."""
    with runner_for("ray", workers=4) as runner:
        pids = {result.value for result in runner.map("runner_tasks:nap", [0.05] * 40, timeout_s=60)}

    assert len(pids) == 2


@pytest.mark.slow
def test_a_machine_lost_midway_costs_no_result(cluster):
    node = cluster.add_node(num_cpus=2)
    cluster.wait_for_nodes()
    found, lost_at = [], None

    def items():
        while lost_at is None or len(found) < lost_at + 40 or len(recent()) > 2:
            yield 0.05

    def recent():
        return {result.value for result in found[-20:]}

    with runner_for("ray", workers=4) as runner:
        for result in runner.map("runner_tasks:nap", items(), timeout_s=60):
            found.append(result)
            if lost_at is None and len({one.value for one in found}) == 4:  # the machine has its two children, at work
                cluster.remove_node(node, allow_graceful=False)
                lost_at = len(found)

    assert {type(result) for result in found} == {Done}
    assert sorted(result.index for result in found) == list(range(len(found)))
    assert len(recent()) == 2  # the machine is really gone


@pytest.mark.slow
def test_closing_the_runner_ends_an_open_iterator_and_its_children(cluster, tmp_path):
    said = tmp_path / "pid"
    runner = runner_for("ray", workers=1)
    results = runner.map("runner_tasks:say_pid_and_hang", [str(said)], timeout_s=600)
    closing = threading.Thread(target=lambda: (until(said.exists), runner.close()))
    closing.start()

    with pytest.raises(RuntimeError, match="closed"):
        next(results)

    closing.join()
    assert until(lambda: not alive(int(said.read_text())))


def is_ours(pid):
    """Ray's own agents take longer to notice that their cluster is gone."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes()
    return b"child.py" in words or b"sentinel.py" in words or b"sleep" in words


PROGRAM = """
import sys
from probatum.runner import runner_for
sys.path.insert(0, sys.argv[1])
with runner_for("ray", workers=1) as runner:
    for result in runner.map("runner_tasks:start_process_and_hang", [sys.argv[2]], timeout_s=600):
        print(result, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("home", ["/nonexistent", ""])
def test_a_cluster_of_our_own_needs_no_home_and_dies_with_its_run(tmp_path, home):
    mark = secrets.token_hex(16)
    said = tmp_path / "pid"
    environment = {"PATH": "/usr/bin:/bin", "HOME": home, "PROBATUM_TEST_MARK": mark}
    run = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(Path(__file__).parent), str(said)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert until(said.exists, limit_s=90)

    run.kill()
    run.wait()

    assert until(lambda: not alive(int(said.read_text())), limit_s=60)
    assert until(lambda: not [pid for pid in processes_marked(mark) if is_ours(pid)], limit_s=60)


@pytest.mark.slow
def test_a_cluster_that_is_not_there_is_said():
    program = "from probatum.runner import runner_for; runner_for('ray://127.0.0.1:1')"

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=110)

    assert CannotStart.__name__ in run.stderr
    assert "`ray://127.0.0.1:1` cannot be reached" in run.stderr
