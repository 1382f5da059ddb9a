"""Classes as they are lowered: small programs that must be proved, and programs whose claims are wrong.

Each wrong program has a `claim` that promises to return True, and a `witness`, for which CPython
does not return True. So some function of it must not be proved.
"""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from verdicts import open_claims

from probatum.python.program import Function, Module
from probatum.python.reading import read_program

_folder = Path(__file__).parent / "class_claims"
_header = """from __future__ import annotations
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace, InitVar
from enum import Enum, IntEnum, StrEnum, auto
from functools import total_ordering, cached_property
from typing import ClassVar, Generic, NamedTuple, Protocol, TypeVar
from probatum.spec import class_invariant, requires, ensures, modifies, invariant, decreases, pure, old, raises
from probatum.spec import forall, exists, implies, fresh, result, check, UInt8
T = TypeVar("T")
"""
_contract = {"requires", "ensures", "modifies", "raises", "decreases", "invariant", "check", "reads"}


def _programs(name: str) -> dict[str, str]:
    parts = (_folder / name).read_text(encoding="utf-8").split("#### ")[1:]
    return {part.partition("\n")[0].strip(): part.partition("\n")[2] for part in parts}


wrong, right = _programs("wrong.txt"), _programs("right.txt")


def _claiming(module: Module) -> Iterator[Function]:
    for function in module.every_function():
        owner = module.classes.get(function.owner)
        loops = any(loop.invariants or loop.decreases for loop in function.loops.values())
        if not function.stub and (function.contract.says_something or loops or (owner is not None and owner.invariants)):
            yield function


def _open(text: str) -> Iterator[str]:
    """Yield what is not proved of a program."""
    program = read_program({"m.py": _header + text})
    module = program.modules["m"]
    yield from (problem.message for problem in module.problems)
    for function in _claiming(module):
        yield from (f"{function.name}: {kind.name}: {claim}" for kind, claim in open_claims(program, function))


class _WithoutContracts(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        if isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name) and node.value.func.id in _contract:
            return ast.copy_location(ast.Pass(), node)
        return node


def _run(text: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run the witness of a program in CPython; return whether the claim holds of it."""
    module = types.ModuleType("class_program")
    monkeypatch.setitem(sys.modules, "class_program", module)
    tree = ast.fix_missing_locations(_WithoutContracts().visit(ast.parse(_header + text)))
    try:
        exec(compile(tree, "class_program.py", "exec"), module.__dict__)  # noqa: S102 - a program of this folder
        return bool(module.__dict__["witness"]())
    except Exception:  # noqa: BLE001 - what raises does not return True
        return False


@pytest.mark.parametrize("name", wrong)
def test_a_wrong_claim_about_objects_is_not_proved(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not _run(wrong[name], monkeypatch), "CPython says that the claim is right"
    assert next(_open(wrong[name]), None) is not None


@pytest.mark.parametrize("name", right)
def test_a_right_claim_about_objects_is_proved(name: str) -> None:
    assert list(_open(right[name])) == []


def _kinds(text: str) -> dict[str, set[str]]:
    program = read_program({"m.py": text})
    functions = program.modules["m"].every_function()
    return {f.name: {kind.name for kind, _ in open_claims(program, f)} for f in functions}


def test_preconditions_of_icontract_are_alternatives_and_postconditions_add_up() -> None:
    assert _kinds("""
import icontract
from icontract import require, ensure, DBC
class A(DBC):
    @require(lambda x: x > 0)
    @ensure(lambda result: result >= 0)
    def f(self, x: int) -> int:
        return x
class B(A):
    @require(lambda x: x == 0)
    @ensure(lambda result, x: result >= x)
    def f(self, x: int) -> int:
        return x
class C(A):
    @require(lambda x: x == 0)
    def f(self, x: int) -> int:
        return -1
class D(A):
    def f(self, x: int) -> int:
        return -x
class E(A):
    def f(self, x: int) -> int:
        return x + 1
@ensure(lambda result: result >= 0)
def use(a: A) -> int:
    return a.f(3)
""") == {
        "A.f": set(),
        "B.f": set(),
        "C.f": {"POSTCONDITION"},
        "D.f": {"POSTCONDITION"},
        "E.f": set(),
        "use": set(),
    }


def test_without_a_base_that_passes_contracts_on_an_override_must_not_ask_for_more() -> None:
    assert _kinds("""
from icontract import require, ensure
class A:
    @require(lambda x: x > 0)
    @ensure(lambda result: result >= 0)
    def f(self, x: int) -> int:
        return x
class B(A):
    @require(lambda x: x > 5)
    @ensure(lambda result: result >= 0)
    def f(self, x: int) -> int:
        return x - 5
@ensure(lambda result: result >= 0)
def use(a: A) -> int:
    return a.f(3)
""") == {"A.f": set(), "B.f": {"OVERRIDE"}, "use": set()}


def test_an_override_that_deal_does_not_let_inherit_breaks_what_callers_rely_on() -> None:
    kinds = _kinds("""
import deal
class A:
    @deal.pre(lambda self, x: x > 0)
    @deal.post(lambda result: result >= 0)
    def f(self, x: int) -> int:
        return x
class B(A):
    @deal.inherit
    def f(self, x: int) -> int:
        return x + 1
class C(A):
    def f(self, x: int) -> int:
        return -1
@deal.post(lambda result: result >= 0)
def use(a: A) -> int:
    return a.f(3)
""")
    assert kinds.pop("use")  # it cannot rely on the contract
    assert kinds == {"A.f": set(), "B.f": set(), "C.f": {"OVERRIDE"}}


def test_overrides_in_docstrings_keep_the_preconditions_unless_they_have_their_own() -> None:
    assert _kinds("""
class A:
    def f(self, x: int) -> int:
        '''
        pre: x > 0
        post: __return__ >= 0
        '''
        return x
class B(A):
    def f(self, x: int) -> int:
        '''
        post: __return__ >= 1
        '''
        return x
class C(A):
    def f(self, x: int) -> int:
        '''
        pre: x > 5
        post: __return__ >= 0
        '''
        return x - 5
def use(a: A) -> int:
    '''
    post: __return__ >= 0
    '''
    return a.f(3)
""") == {"A.f": set(), "B.f": set(), "C.f": {"OVERRIDE"}, "use": set()}


def test_a_contract_that_is_inherited_from_another_module_means_what_it_meant_there() -> None:
    base = "from probatum.spec import ensures\nLIMIT = 3\nclass A:\n    def f(self) -> int:\n"
    base += "        ensures(lambda r: r == LIMIT)\n        return LIMIT\n"
    here = "from base import A\nLIMIT = 4\nclass B(A):\n    def f(self) -> int:\n        return LIMIT\n"
    program = read_program({"base.py": base, "here.py": here})
    (function,) = program.modules["here"].every_function()
    assert open_claims(program, function)
