"""What only a cluster can do: lose a machine."""

import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import alive, processes_marked, until

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
def test_a_machine_lost_midway_costs_no_result(cluster, on_ray, tmp_path):
    on_ray.close()  # the processors are needed; the next test that wants it finds it closed, so this one is last
    node = cluster.add_node(num_cpus=2)
    cluster.wait_for_nodes()
    log = tmp_path / "log"
    with runner_for("ray", workers=4) as runner:
        results = runner.map("runner_tasks:record_slowly", ({"log": str(log), "n": n} for n in range(60)), timeout_s=60)
        found = [next(results)]
        assert until(lambda: len(log.read_text().splitlines()) >= 8)
        cluster.remove_node(node, allow_graceful=False)
        found += results

    assert {type(result) for result in found} == {Done}
    assert {result.index: result.value for result in found} == {n: n * 10 for n in range(60)}


@pytest.mark.slow
def test_children_of_a_closed_runner_are_gone(cluster, tmp_path):
    said = tmp_path / "pid"
    runner = runner_for("ray", workers=1)
    results = runner.map("runner_tasks:square_or_hang", [{"square": 1}, {"hang": str(said)}], timeout_s=600)
    assert next(results).value == 1
    assert until(said.exists)

    runner.close()

    assert until(lambda: not alive(int(said.read_text())))


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
    assert until(lambda: not processes_marked(mark), limit_s=60)


@pytest.mark.slow
def test_a_cluster_that_is_not_there_is_said():
    program = "from probatum.runner import runner_for; runner_for('ray://127.0.0.1:1')"

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=110)

    assert CannotStart.__name__ in run.stderr
    assert "`ray://127.0.0.1:1` cannot be reached" in run.stderr
