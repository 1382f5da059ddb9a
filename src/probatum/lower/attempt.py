"""What every part of lowering shares: the function under way, names, the state that is meant, and what is demanded.

The parts are classes, each of which extends the one before: `Attempt`, `Values`,
`Heap`, `Operators`, `Builtins`, `Calls`, `Classes`, `Constructors`, `Records`, `Instances`, `Derived`, `Reflection`, `Lacking`,
`Expressions`, `Pure`, `Reserved`, `Exceptions`, `Statements`, `Unions`, `Loops`, `Trees`, `Overriding`,
`ModuleState`, `Closures`, `Lowerer`. What a lower one needs of a higher one is an abstract method here.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import field
from typing import Any

from probatum.lower import terms
from probatum.lower.lowered import Guess, Kind, Obligation
from probatum.lower.sorts import Sorts, mangled
from probatum.lower.terms import Term
from probatum.lower.unsupported import Unsupported
from probatum.lower.writing import Writer
from probatum.python import types as t
from probatum.python.program import Class, Clause, Function, Module, Place, Problem, Program
from probatum.records import dataclass


class Restart(Exception):
    """Something was learnt (the type of a local variable) that changes what was written already."""


@dataclass(slots=True)
class Learnt:
    """What earlier attempts at the same function found out.

    Attributes
    ----------
    types : dict of str to Type
        Of local variables.
    unset : set of str
        Local variables that may be read before they are assigned.
    mixed : bool
        A bool is put where an integer is declared.
    rearranged : bool
        Sets are changed, and with them the orders of their members.
    """

    types: dict[str, t.Type] = field(default_factory=dict)
    unset: set[str] = field(default_factory=set)
    mixed: bool = False
    rearranged: bool = False
    rounds: int = 0


@dataclass(slots=True)
class Handler:
    """Where an exception goes: the classes that are caught there (None: all), and the block."""

    classes: tuple[str, ...] | None
    block: str


@dataclass(frozen=True, slots=True)
class Demand:
    """A condition under which an expression has a value."""

    condition: str
    obligation: Obligation


class Attempt(ABC):
    """The state of lowering one function."""

    def __init__(self, program: Program, function: Function, learnt: Learnt, symbols: Symbols) -> None:
        self.program = program
        self.function = function
        self.learnt = learnt
        self.symbols = symbols
        self.sorts = symbols.sorts
        self.writer = Writer()
        self.names: dict[str, Term] = {}  # what names mean: parameters, bound variables
        self.locals: dict[str, t.Type] = {}  # Python's local variables
        self.bound: frozenset[str] = frozenset()  # names that the body assigns somewhere, which are local before that, too
        self.assigned: set[str] = set()  # of them, those that certainly have a value here
        self.narrowed: dict[str, t.Type] = {}  # types that conditions on the way here imply, by the text of the expression
        self.lows: dict[str, int] = {}
        self.guards: list[str] = []  # conditions under which the expression under way is evaluated at all
        self.binders: list[tuple[str, str]] = []  # variables that are bound around it: `x: int`, and what is known of them
        self.demands: list[Demand] | None = None  # None: code, which may have effects; else what a contract's expression needs
        self.view = ""  # the state that is read: "" the current one, else the prefix of a snapshot
        self.old_view = ""  # what `old` means
        self.heaps: dict[str, str] = {}  # maps of the heap that are mentioned, with their sorts
        self.snapshots: set[str] = set()
        self.warnings: list[Problem] = []
        self.module: Module = program.modules[function.module]

    # --- what higher parts do -----------------------------------------------------

    @abstractmethod
    def evaluate(self, node: ast.expr, expected: t.Type | None = None) -> Term:
        """Return the value of an expression, writing what its evaluation does."""

    @abstractmethod
    def block(self, statements: Sequence[ast.stmt]) -> None:
        """Write statements."""

    origins: dict[str, Term]  # what local variables that stand for an object hold, under a name that does not change

    @abstractmethod
    def merge(
        self,
        ends: Sequence[tuple[set[str], dict[str, t.Type], dict[str, Term]]],
        assigned: set[str],
        narrowed: dict[str, t.Type],
        origins: dict[str, Term],
    ) -> None:
        """Know behind a choice what is known on every way there."""

    @abstractmethod
    def coerce(self, term: Term, type_: t.Type, node: ast.AST) -> Term:
        """Return a value as one of another type, demanding that it is one."""

    @abstractmethod
    def raise_builtin(self, name: str, condition: str) -> bool:
        """Write that a built-in exception is raised under a condition, if something here expects that; else return False."""

    @abstractmethod
    def call_function(
        self, function: Function, arguments: Mapping[str, Term], node: ast.AST, variables: Mapping[str, t.Type]
    ) -> Term:
        """Return what a call returns, writing what it does."""

    # --- demands ------------------------------------------------------------------

    @property
    def in_contract(self) -> bool:
        """Whether the expression under way is part of a contract, so that nothing may be written."""
        return self.demands is not None

    def demand(self, condition: str, kind: Kind, node: ast.AST, text: str, exception: str = "") -> None:
        """Demand a condition, without which the operation raises an exception."""
        condition = terms.implication(terms.conjunction(*self.guards), condition)
        if condition == "true":
            return
        if self.demands is not None:
            for variables, known in reversed(self.binders):
                condition = f"(forall {variables} :: {terms.implication(known, condition)})"
            self.demands.append(Demand(condition, Obligation(Kind.DEFINED, self.place(node), text, exception=exception)))
            return
        if exception and self.raise_builtin(exception, terms.negation(condition)):
            return
        self.writer.claim(condition, Obligation(kind, self.place(node), text, exception=exception))

    @contextmanager
    def guarded(self, condition: str) -> Iterator[None]:
        """Evaluate what follows only under a condition."""
        self.guards.append(condition)
        try:
            yield
        finally:
            self.guards.pop()

    @contextmanager
    def contract_of(self, names: Mapping[str, Term], *, view: str, old_view: str, module: Module) -> Iterator[list[Demand]]:
        """Evaluate expressions of a contract: no effects, names as given, in the states given."""
        saved = (
            self.names, self.demands, self.view, self.old_view, self.module, self.guards, self.narrowed, self.locals, self.lows,
            self.bound,
        )  # fmt: skip
        self.names, self.demands, self.view, self.old_view, self.module = dict(names), [], view, old_view, module
        self.guards, self.narrowed, self.locals, self.lows, self.bound = [], {}, {}, {}, frozenset()
        try:
            yield self.demands
        finally:
            (
                self.names, self.demands, self.view, self.old_view, self.module, self.guards, self.narrowed, self.locals,
                self.lows, self.bound,
            ) = saved  # fmt: skip

    # --- places -------------------------------------------------------------------

    def place(self, node: ast.AST) -> Place:
        """Return where a node is."""
        line = getattr(node, "lineno", 0) or self.function.place.line
        column = getattr(node, "col_offset", 0) + 1
        return Place(line, column, getattr(node, "end_lineno", 0) or line, (getattr(node, "end_col_offset", 0) or column) + 1)

    # --- names --------------------------------------------------------------------

    def qualified(self, node: ast.expr) -> str | None:
        """Return the qualified name that a name or dotted name stands for outside of this function; None if it is a value."""
        if isinstance(node, ast.Name):
            if node.id in self.names or node.id in self.locals or node.id in self.bound:
                return None
            if node.id in self.module.imports:
                return self.module.imports[node.id]
            module = self.module
            if any(node.id in known for known in (module.functions, module.classes, module.constants, module.variables)):
                return f"{self.module.name}.{node.id}"
            return f"builtins.{node.id}"
        if isinstance(node, ast.Attribute):
            owner = self.qualified(node.value)
            return None if owner is None else f"{owner}.{node.attr}"
        return None

    def class_of(self, type_: t.Type) -> Class | None:
        """Return the class of an instance, if it was read."""
        return self.program.class_(type_.name) if isinstance(type_, t.Instance) else None

    # --- states -------------------------------------------------------------------

    def heap(self, name: str, sort: str) -> str:
        """Return a map of the heap in the state that is meant."""
        self.heaps.setdefault(name, sort)
        return self.view + name if self.view else name

    def snapshot(self, stem: str) -> str:
        """Remember the current state, and return the prefix under which it is read."""
        prefix = self.writer.fresh(stem) + "'"
        self.snapshots.add(prefix)
        self.writer.line(lambda: " ".join(f"{prefix}{name} := {name};" for name in sorted(self.heaps)) or "assume true;")
        return prefix

    def state_of(self, term: Term) -> AbstractContextManager[None]:
        """Read what a value refers to in the state in which it is meant."""
        return self.in_state(term.state) if term.state else nullcontext()

    @contextmanager
    def in_state(self, view: str) -> Iterator[None]:
        """Read another state."""
        saved, self.view = self.view, view
        try:
            yield
        finally:
            self.view = saved


@dataclass(slots=True)
class Symbols:
    """What lowering one function declares besides its procedure: classes, enumerations, pure functions, constants.

    Attributes
    ----------
    sorts : Sorts
    declarations : dict of str to str
        Text by name, in the order of need.
    assumptions : dict of str to None
        What a proof rests on.
    """

    sorts: Sorts
    declarations: dict[str, str] = field(default_factory=dict)
    assumptions: dict[str, None] = field(default_factory=dict)
    classes: dict[str, None] = field(default_factory=dict)
    pure: dict[str, Any] = field(default_factory=dict)  # `pure.Symbol` by the qualified name of the function
    rests_on: dict[str, None] = field(default_factory=dict)  # functions whose definitions are meaningless unless they terminate
    groups: dict[str, int] = field(default_factory=dict)  # how many a regular expression has, by its constant
    computing: dict[str, bool] = field(default_factory=dict)
    boxes: dict[str, str] = field(default_factory=dict)  # by the sort: what puts other values than plain ones into `Any`
    apart: dict[tuple[str, str], None] = field(default_factory=dict)  # pairs of classes that no class is derived from
    depths: dict[str, None] = field(default_factory=dict)  # sorts of which the depth is asked for
    guesses: dict[str, Guess] = field(default_factory=dict)  # by the constant that inference sets
    frozen_fields: dict[str, tuple[str, str]] = field(default_factory=dict)  # maps: the constant of the class, and the sort

    def class_name(self, qualified: str) -> str:
        """Return the constant that stands for a class."""
        self.classes[qualified] = None
        return "C'" + mangled(qualified)


def problem(error: Unsupported, function: Function) -> Problem:
    """Return what a person is told."""
    node = error.node
    place = function.place
    if isinstance(node, ast.expr | ast.stmt | ast.pattern | ast.ExceptHandler):
        place = Place(node.lineno, node.col_offset + 1, node.end_lineno or 0, (node.end_col_offset or 0) + 1)
    return Problem(place, f"{error.construct} is not supported", function.name)


def clauses_text(clauses: Sequence[Clause]) -> str:
    """Return clauses on one line."""
    return ", ".join(c.text for c in clauses)
