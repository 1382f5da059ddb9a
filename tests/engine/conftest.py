import sys
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
