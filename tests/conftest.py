"""What holds for all tests."""

import pytest


def pytest_collection_modifyitems(items):
    """Keep all tests on a cluster in one worker: there is one cluster to a machine."""
    for item in items:
        if "cluster" in item.fixturenames or "on_ray" in item.name or "_ray" in item.path.stem or "ray" in item.name.split("_"):
            item.add_marker(pytest.mark.xdist_group("ray"))
        if "browser" in item.fixturenames or "html" in item.path.stem:
            item.add_marker(pytest.mark.xdist_group("browser"))
