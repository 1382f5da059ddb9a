"""Reports made by hand, for commands whose work is what happens around a check."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "report"))


@pytest.fixture
def found(monkeypatch):
    """Let every check end with this report, or in this error; return what it was asked."""
    from probatum import engine

    asked = []

    def end_with(result):
        def check(root, options=None, progress=None, *, warm=None):
            del progress, warm
            asked.append((root, options))
            if isinstance(result, BaseException):
                raise result
            return result

        monkeypatch.setattr(engine, "check", check, raising=False)
        monkeypatch.setattr(engine, "base_of", Path, raising=False)
        return asked

    return end_with


@pytest.fixture
def probatum(capsys):
    """Run the command line in this process; return (status, standard output, standard error)."""
    from probatum.cli import main

    def run(*arguments):
        status = main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run
