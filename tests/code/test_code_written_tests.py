"""Tests that are written for counterexamples fail while a contract is broken, and pass once the code is right."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from probatum.code.model.pytests import pytest_file
from probatum.code.semantics.python import Case, Runner
from probatum.python.program import Program
from probatum.python.reading import read_program

INHERITED = '''
class Base:
    def get(self, x: int) -> int:
        """
        post: __return__ >= x
        """
        return x


class Derived(Base):
    def get(self, y: int) -> int:
        return y - 1
'''

INVARIANT = '''
class Account:
    """
    inv: self.n >= 0
    """

    def __init__(self, n: int) -> None:
        """
        pre: n >= 0
        """
        self.n = n

    def take(self, k: int) -> None:
        """
        pre: k >= 0
        """
        self.n -= k


class Old(Account):
    def __init__(self) -> None:
        self.n = -1
'''

CALLEE = '''
class Box:
    def __init__(self, low: int, high: int = 1) -> None:
        """
        pre: low < high
        """
        self.low = low


def root(x: int) -> int:
    """
    pre: x >= 0
    """
    return x


def caller(x: int) -> int:
    """
    post: True
    """
    return root(x - 1)


def maker(x: int) -> Box:
    """
    post: True
    """
    return Box(x)
'''

RAISES = """
def pick(xs: list[int], n: int) -> int:
    raises(ValueError, when=n < 0)
    return xs[n]


def first(xs: list[int]) -> int:
    raises(ValueError)
    ensures(lambda r: r == r)
    return xs[0]
"""

PROGRAM = "from probatum.spec import ensures, raises\n" + INHERITED + INVARIANT + CALLEE + RAISES

CASES = [
    ("Derived.get", {"self": "Derived()", "y": "0"}, "y - 1", "y"),
    ("Account.take", {"self": "Account(0)", "k": "1"}, "self.n -= k", "self.n += k"),
    ("Old.__init__", {"self": "object.__new__(Old)"}, "self.n = -1", "self.n = 1"),
    ("caller", {"x": "0"}, "x - 1", "abs(x)"),
    ("maker", {"x": "1"}, "Box(x)", "Box(x, x + 1)"),
    ("pick", {"xs": "[1]", "n": "-1"}, "    return xs[n]", "    if n < 0:\n        raise ValueError\n    return xs[n]"),
    ("first", {"xs": "[]"}, "return xs[0]", "return sorted(xs, key=int)[0] if xs else int('none')"),
]


@pytest.fixture(scope="module")
def program() -> Program:
    return read_program({"m.py": PROGRAM})


@pytest.fixture(scope="module")
def runner(program: Program) -> Iterator[Runner]:
    with Runner(program) as made:
        yield made


def outcome(test: str, text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of what a test raises where the module `m` has a text; "" if it passes."""
    folder.mkdir()
    (folder / "m.py").write_text(text)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    monkeypatch.delitem(sys.modules, "m", raising=False)
    importlib.invalidate_caches()
    names: dict[str, object] = {}
    exec(compile(test, "test_m.py", "exec"), names)  # noqa: S102 - what was written is to be run
    [made] = [value for name, value in names.items() if name.startswith("test_")]
    assert inspect.isfunction(made)
    try:
        with monkeypatch.context() as own:
            made(*([own] if inspect.signature(made).parameters else []))
    except Exception as error:  # noqa: BLE001 - whatever a test raises, it fails
        return type(error).__name__
    finally:
        monkeypatch.delitem(sys.modules, "m", raising=False)
    return ""


@pytest.mark.parametrize("known", CASES, ids=lambda known: known[0])
def test_it_fails_on_the_wrong_code_alone(
    known: tuple[str, dict[str, str], str, str],
    program: Program,
    runner: Runner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name, arguments, wrong, right = known
    function = program.function(f"m.{name}")
    assert function is not None
    case = Case(arguments)
    run = runner.run(function.qualified, case)
    assert run.violation is not None

    test = pytest_file(program, function, case, run.violation)

    assert PROGRAM.count(wrong) == 1
    assert outcome(test, PROGRAM, tmp_path / "wrong", monkeypatch) in ("AssertionError", "IndexError")
    assert outcome(test, PROGRAM.replace(wrong, right), tmp_path / "right", monkeypatch) == ""
