"""What holds for all tests."""

import os
import secrets

import pytest

# Ray reads its token once in a process, so all tests of one process share one.
os.environ.setdefault("RAY_AUTH_MODE", "token")
os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))


def pytest_collection_modifyitems(items):
    """Keep all tests on a cluster, and all with a browser, in one worker each: a machine has room for one."""
    for item in items:
        if item.get_closest_marker("long") is not None:
            item.add_marker(pytest.mark.timeout(1800))
        of_people = item.path.parent.name in ("fairness", "stats", "synth")  # their clusters are of rows
        if (
            "cluster" in item.fixturenames
            or "on_ray" in item.name
            or "_ray" in item.path.stem
            or ("cluster" in item.name and not of_people)
        ):
            item.add_marker(pytest.mark.xdist_group("ray"))
        if "browser" in item.path.stem:
            item.add_marker(pytest.mark.xdist_group("browser"))
