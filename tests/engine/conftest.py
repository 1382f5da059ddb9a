import importlib
import json
import sys
import traceback
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def words(monkeypatch):
    """The table of systems has the system of words and no other."""
    from probatum.engine import systems
    from probatum.project.discover import Claim

    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.setattr(systems, "_table", {})
    systems.register(systems.SystemEntry("words", "words", Claim("words", (".txt",))))
    yield
    for name in [n for n in sys.modules if n == "words" or n.startswith("words.")]:
        del sys.modules[name]


class Here:
    """A runner without children, for what does not depend on them: starting one takes most of the time of a small check."""

    def map(self, function, items, *, timeout_s, memory_bytes=None, retries=0, setup=None, setup_argument=None):
        from probatum.runner import Done, Failed

        def named(name):
            module, _, attribute = name.partition(":")
            return getattr(importlib.import_module(module), attribute)

        if setup is not None:
            named(setup)(setup_argument)
        for index, item in enumerate(items):
            try:
                value = named(function)(json.loads(json.dumps(item)))
            except Exception as error:  # noqa: BLE001 - whatever a task raises is its result
                yield Failed(index, type(error).__name__, str(error), traceback.format_exc())
            else:
                yield Done(index, json.loads(json.dumps(value)), 0.0)

    def close(self):
        """Nothing was started."""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Tests neither read nor write what the user has."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(autouse=True)
def here(request, monkeypatch):
    """Work is done in this process, except in tests marked `slow`, which have real children."""
    from probatum.engine import workers
    from probatum.runner import runner_for

    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr(workers, "runner_for", lambda spec, count: Here() if spec == "local" else runner_for(spec, count))


@pytest.fixture
def project(tmp_path):
    """Write files into a new directory and return it."""
    base = tmp_path / "project"
    base.mkdir()

    def write(**files):
        for name, content in files.items():
            path = base / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return base

    return write


@pytest.fixture
def seen(tmp_path, monkeypatch):
    """Return a function that says which (rule, path) ran since it was last called."""
    place = tmp_path / "seen"
    monkeypatch.setenv("WORDS_SEEN", str(place))

    def since():
        lines = sorted(place.read_text(encoding="utf-8").splitlines()) if place.exists() else []
        place.unlink(missing_ok=True)
        return lines

    return since
