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

LOOPS = """
def summed(xs: list[int]) -> int:
    ensures(lambda r: r == r)
    i = t = 0
    while i < len(xs):
        invariant(t >= 0)
        t += xs[i]
        i += 1
    return t


def counted(n: int) -> int:
    ensures(lambda r: r == r)
    c = 0
    for i in range(n):
        invariant(c == i)
        c += 2 if i == 1 else 1
    return c


def begun(n: int) -> int:
    ensures(lambda r: r == r)
    c = n
    for i in range(n):
        invariant(c == n + i - 1)
        c += 1
    return c


def refilled(xs: list[int], item: int) -> None:
    modifies(xs)
    ensures(len(xs) >= 0)
    for x in [item, 4]:
        invariant(len(xs) == old(len(xs)))
        xs.append(x)
"""

HEAD = "from probatum.spec import ensures, invariant, modifies, old, raises\n"
PROGRAM = HEAD + INHERITED + INVARIANT + CALLEE + RAISES + LOOPS

CASES = [
    ("Derived.get", {"self": "Derived()", "y": "0"}, "y - 1", "y"),
    ("Account.take", {"self": "Account(0)", "k": "1"}, "self.n -= k", "self.n += k"),
    ("Old.__init__", {"self": "object.__new__(Old)"}, "self.n = -1", "self.n = 1"),
    ("caller", {"x": "0"}, "x - 1", "abs(x)"),
    ("maker", {"x": "1"}, "Box(x)", "Box(x, x + 1)"),
    ("pick", {"xs": "[1]", "n": "-1"}, "    return xs[n]", "    if n < 0:\n        raise ValueError\n    return xs[n]"),
    ("summed", {"xs": "[-1]"}, "t += xs[i]", "t += abs(xs[i])"),
    ("counted", {"n": "3"}, "c += 2 if i == 1 else 1", "c += 1"),
    ("begun", {"n": "1"}, "c = n\n", "c = n - 1\n"),
    ("refilled", {"xs": "[]", "item": "0"}, "xs.append(x)", "xs.count(x)"),
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
    assert outcome(test, PROGRAM, tmp_path / "wrong", monkeypatch) in ("AssertionError", "IndexError", "ContractViolation")
    assert outcome(test, PROGRAM.replace(wrong, right), tmp_path / "right", monkeypatch) == ""
