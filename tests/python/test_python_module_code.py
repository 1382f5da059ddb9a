"""What runs when a module is imported, as it is read, and the types of variables that code assigns in several places."""

import ast

import pytest

from probatum.python.program import Syntax
from probatum.python.reading import read_program
from probatum.python.types import BOOL, INT, STR, UNKNOWN, Collection


def module(text: str, **others: str):
    return read_program({"m.py": text, **{f"{name}.py": own for name, own in others.items()}}).modules["m"]


@pytest.mark.parametrize(
    "text",
    [
        '"""About it."""\nimport os\nfrom typing import TypeVar\nT = TypeVar("T")\nLIMIT = 3\nNAMES = ["a", "b"]\nPair = tuple[int, int]\n',
        "def f():\n    return 1\nclass C:\n    x = f()\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import os\n",
        "try:\n    import fast\nexcept ImportError:\n    fast = None\n",
        "from nagini_contracts.contracts import *\nG = int\nMarkGhost(G)\n",
    ],
    ids=["names", "definitions", "types", "imports", "marks"],
)
def test_a_module_that_only_names_things_has_no_code(text):
    assert module(text).code is None


@pytest.mark.parametrize(
    "text", ["print(1)\n", "x = int('1')\n", "x = 1 // 1\n", "if 1:\n    x = 2\n", "assert True\n", "x = [1][0]\n"]
)
def test_what_may_fail_or_choose_is_code(text):
    assert module(text).code is not None


def test_code_has_no_bodies_of_definitions_and_is_named_like_its_module():
    code = module("def f():\n    return 1 / 0\nclass C:\n    def m(self):\n        pass\nx = f()\n").code

    assert code.qualified == code.module == "m"
    assert "/" not in ast.unparse(ast.Module(list(code.body), []))
    assert [type(s).__name__ for s in code.body] == ["FunctionDef", "ClassDef", "Assign"]


def test_an_assert_at_the_top_level_is_no_contract():
    code = module("assert True\nx = int('1')\nassert x\n").code

    assert code.contract.syntax is Syntax.NONE
    assert sum(isinstance(s, ast.Assert) for s in code.body) == 2


def test_loops_and_checks_at_the_top_level_are_read():
    code = module(
        "from probatum.spec import *\ni = 0\nwhile i < 3:\n    invariant(i <= 3)\n    decreases(3 - i)\n    i += 1\ncheck(i == 3)\n"
    ).code

    [loop] = code.loops.values()
    assert [c.text for c in loop.invariants] == ["i <= 3"]
    assert ast.unparse(code.body[-1]) == "__check__(i == 3)"


def test_the_type_of_a_variable_is_the_one_that_it_has_wherever_it_is_assigned():
    text = """
count = 0
names = ["a"]
ready = False
mixed = 0
unpacked = 0
late = 0
declared: int = 0
def f(n: int, other):
    global count, names, ready, mixed, unpacked, late, declared
    count += n
    names = [*names, "b"] if ready else ["c"]
    ready = not ready
    mixed = "x"
    unpacked, late = other
    declared = other
"""

    variables = module(text.replace('[*names, "b"] if ready else ', "")).variables
    assert variables["count"] == INT
    assert variables["names"] == Collection("list", STR)
    assert variables["ready"] == BOOL
    assert variables["mixed"] == variables["unpacked"] == variables["late"] == UNKNOWN
    assert variables["declared"] == INT


def test_what_another_module_assigns_is_no_constant():
    other = "import m\nm.total = 4\n"

    assert set(module("total: int = 3\nfixed = 2\n", other=other).constants) == {"fixed"}
    assert module("total: int = 3\n", other=other).variables == {"total": INT}
    assert module("total = 3\n", other=other).variables == {"total": UNKNOWN}


def test_what_a_function_of_the_program_returns_is_the_type_of_a_variable():
    own = module(
        "from other import make\nx = make()\ny = make()\ny = make()\n", other="def make() -> list[int]:\n    return []\n"
    )

    assert own.constant_types["x"] == own.variables["y"] == Collection("list", INT)
