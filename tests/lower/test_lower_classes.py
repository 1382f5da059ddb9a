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
