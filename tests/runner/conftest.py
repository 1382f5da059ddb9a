"""Runners under test: children here, and actors on a real cluster of two machines."""

import os

import pytest

from probatum.runner import runner_for


@pytest.fixture(scope="session")
def local():
    with runner_for("local", workers=2) as runner:
        yield runner


@pytest.fixture(scope="session")
def cluster():
    """Two raylets with one processor each, and this process connected to them."""
    before = dict(os.environ)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray = pytest.importorskip("ray")  # reads the environment when it is loaded
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    ray.init(address=cluster.address, log_to_driver=False, logging_level="error")
    yield cluster
    ray.shutdown()
    cluster.shutdown()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")  # its actors hold processors that other modules need
def on_ray(cluster):
    with runner_for("ray") as runner:
        yield runner


@pytest.fixture(params=["local", pytest.param("on_ray", marks=pytest.mark.slow)])
def runner(request):
    """Every test of the contract runs on both."""
    return request.getfixturevalue(request.param)
