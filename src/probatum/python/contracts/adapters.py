"""What an adapter for one syntax of contracts is asked, and what it answers.

An adapter sees one function or one class, with a `Scope` that says what names
stand for. It answers None if its syntax is not used there. Otherwise it takes
the contract out of the body, and returns both in the normal form of `program`.
Nodes it was given stay as they are: bodies are copies (`forms.copied`).
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Protocol

from probatum.python.program import Clause, Contract, LoopContract, Problem, Syntax
from probatum.python.scopes import Scope
from probatum.records import dataclass


@dataclass(frozen=True, slots=True)
class FunctionReading:
    """A function in normal form.

    Attributes
    ----------
    body : sequence of ast.stmt
        Copies, without docstring and contract; empty if nothing is left.
    loops : mapping
        Contracts of loops, by the nodes in `body`.
    stub : bool
        The contract is trusted and the body is not looked at.
    problems : tuple of Problem
        Their `function` is filled in by whoever asked.
    """

    contract: Contract
    body: Sequence[ast.stmt]
    loops: Mapping[ast.stmt, LoopContract] = field(default_factory=dict)
    pure: bool = False
    ghost: bool = False
    lemma: bool = False
    opaque: bool = False
    abstract: bool = False
    stub: bool = False
    inline: bool = False  # without a contract, verified where it is called
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassReading:
    """What holds of every instance of a class, between calls of its methods."""

    syntax: Syntax
    invariants: tuple[Clause, ...] = ()
    methods: frozenset[str] = frozenset()  # names of methods that are a part of the contract and no methods
    problems: tuple[Problem, ...] = ()
    inherits: str = ""  # as in `program.Class`
    invariants_at_assignments: bool = False


class Adapter(Protocol):
    """Reads one syntax."""

    def function(self, node: ast.FunctionDef, scope: Scope, owner: ast.ClassDef | None, /) -> FunctionReading | None:
        """Read a function; None: it uses no contract of this syntax.

        `scope` is the one around the function, which is where decorators and defaults
        are evaluated; `scope.inside(node)` is the one of its body.
        """
        ...

    def class_(self, node: ast.ClassDef, scope: Scope, /) -> ClassReading | None:
        """Read what a class itself promises; None: nothing in this syntax."""
        ...
