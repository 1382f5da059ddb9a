"""Contracts written with icontract: decorators that take conditions as functions of the arguments.

    @icontract.require(lambda xs: len(xs) > 0)
    @icontract.snapshot(lambda xs: xs[:], name="before")
    @icontract.ensure(lambda xs, result, OLD: xs == OLD.before and result in xs)
    def smallest_first(xs: list[int]) -> int: ...

A condition gets arguments by the names that it asks for, also those with default
values. Decorators apply from the last to the first, so that is the order in which
conditions are evaluated. A snapshot is a value taken at entry: of an object that
is not copied it is a reference, and shows what the object is at exit. The library
has no way to say which exceptions escape, so any may.

Classes derived from `DBC` inherit contracts: preconditions are alternatives,
all else adds up. `__init__` inherits nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from probatum.python import forms
from probatum.python.contracts.adapters import ClassReading, FunctionReading
from probatum.python.contracts.conditions import Binding, Unreadable, argument, error_name, let_bound, plain_body, resolved
from probatum.python.program import Clause, Contract, Problem, Syntax
from probatum.python.scopes import Scope, register_exports

library = "icontract"

_function_words = frozenset({"require", "ensure", "snapshot"})
_referring = ast.Name | ast.Attribute | ast.Subscript | ast.IfExp | ast.BoolOp  # these make nothing new
_events = {f"{library}.InvariantCheckEvent.{e}": e for e in ("CALL", "SETATTR", "ALL")}
_refused = {"_ARGS": "all positional arguments of the call", "_KWARGS": "all named arguments of the call"}

register_exports(
    library,
    ["require", "ensure", "snapshot", "invariant", "DBC", "DBCMeta", "InvariantCheckEvent", "ViolationError", "SLOW", "aRepr"],
)


def _word(scope: Scope, expression: ast.expr) -> str:
    name = scope.qualified(expression) or ""
    if not name.startswith(f"{library}."):
        return ""
    return name.removeprefix(f"{library}.").removeprefix("_decorators.").removeprefix("_metaclass.")


def _is_slice(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Subscript) and isinstance(expression.slice, ast.Slice)


@dataclass
class _Reading:
    """Takes the contract of one function."""

    scope: Scope
    parameters: frozenset[str]
    derived: bool = False
    problems: list[Problem] = field(default_factory=list)
    requires: list[Clause] = field(default_factory=list)
    ensures: list[Clause] = field(default_factory=list)
    snapshots: dict[str, ast.expr] = field(default_factory=dict)

    def enabled(self, call: ast.Call, position: int) -> bool:
        """Whether a decorator counts: the library leaves out those that are disabled when the module is loaded."""
        switch = argument(call, position, "enabled")
        if switch is None or (isinstance(switch, ast.Name) and switch.id == "__debug__") or _word(self.scope, switch) == "SLOW":
            return True
        if isinstance(switch, ast.Constant) and isinstance(switch.value, bool):
            return switch.value
        self.problems.append(
            self.scope.unsupported(switch, f"whether `{self.scope.source(switch)}` holds is known only at run time")
        )
        return False

    def condition(self, call: ast.Call, binding: Binding, name: str = "condition") -> tuple[ast.expr, ast.expr]:
        """Return a condition in normal form, and what the author wrote."""
        wrote = argument(call, 0, name)
        if wrote is None or isinstance(wrote, ast.Starred):
            raise Unreadable(self.scope.mistake(call, f"`{self.scope.source(call.func)}` takes a condition", "write a lambda"))
        read = binding.read(wrote)
        if isinstance(wrote, ast.Lambda):
            self.problems.extend(forms.effects(let_bound(wrote.body), self.scope.inside(wrote)))
            return read, wrote.body
        return read, wrote

    def binding(self, *, exit_: bool = False, called: str = "the condition") -> Binding:
        values: dict[str, ast.expr | str] = {p: p for p in sorted(self.parameters)}
        if exit_:
            values |= {"result": forms.RESULT, "OLD": "OLD"}
        return Binding(self.scope, values, self.parameters, called=called, refused=_refused)

    def take(self, word: str, call: ast.Call) -> None:
        """Read one decorator."""
        if word == "snapshot":
            if not self.enabled(call, 2):
                return
            value, _ = self.condition(call, self.binding(called="the snapshot"), "capture")
            name = self._snapshot_name(call)
            if name in self.snapshots:
                raise Unreadable(self.scope.mistake(call, f"two snapshots are called `{name}`", "give one of them another name"))
            word = forms.CAPTURED if isinstance(value, _referring) and not _is_slice(value) else forms.OLD
            self.snapshots[name] = forms.call(word, [value], value)
        elif self.enabled(call, 3):
            at_exit = word == "ensure"
            value, wrote = self.condition(call, self.binding(exit_=at_exit))
            clause = self.scope.clause(value, wrote=wrote, error=error_name(argument(call, 4, "error")))
            (self.ensures if at_exit else self.requires).append(clause)

    def _snapshot_name(self, call: ast.Call) -> str:
        given = argument(call, 1, "name")
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            return given.value
        capture = argument(call, 0, "capture")
        if given is None and isinstance(capture, ast.Lambda):
            names = [a.arg for a in (*capture.args.posonlyargs, *capture.args.args, *capture.args.kwonlyargs)]
            if len(names) == 1:
                return names[0]
        advice = 'add `name="..."`, as a literal'
        raise Unreadable(self.scope.mistake(call, "a snapshot of anything but one parameter needs a name", advice))

    def with_snapshots(self, clause: Clause) -> Clause:
        """Put what snapshots captured in the place of `OLD.name`."""
        return Clause(
            _old(clause.expression, self.snapshots, self.scope, derived=self.derived), clause.place, clause.text, clause.error
        )


def _old(expression: ast.expr, snapshots: Mapping[str, ast.expr], scope: Scope, *, derived: bool) -> ast.expr:
    marks: dict[str, str] = {}

    def change(node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "OLD":
            if node.attr not in snapshots and derived:
                raise Unreadable(
                    scope.unsupported(node, f"the snapshot `{node.attr}` of an overridden method", "repeat the snapshot")
                )
            if node.attr not in snapshots:
                known = ", ".join(f"`{s}`" for s in snapshots) or "nothing"
                message = f"no snapshot is called `{node.attr}`"
                raise Unreadable(scope.mistake(node, message, f"snapshots of this function: {known}"))
            mark = marks.setdefault(node.attr, f"OLD.{node.attr}")
            return forms.name(mark, node)
        return node

    marked = forms.rebuilt(expression, change)
    if "OLD" in forms.free_names(marked):
        raise Unreadable(scope.unsupported(expression, "`OLD` is used as a whole", "write `OLD.name`"))
    binding = Binding(scope, {}, frozenset())
    return binding.substituted(marked, {mark: snapshots[name] for name, mark in marks.items()}, expression)


class Icontract:
    """The adapter for icontract."""

    syntax: ClassVar[Syntax] = Syntax.ICONTRACT

    def function(self, node: ast.FunctionDef, scope: Scope, owner: ast.ClassDef | None, /) -> FunctionReading | None:
        """Read the decorators of a function; None if none is of this library."""
        if library not in scope.libraries:
            return None
        decorators = [resolved(d, scope) for d in node.decorator_list]
        words = [(_word(scope, d.func if isinstance(d, ast.Call) else d), d) for d in decorators]
        words = [(w, d) for w, d in words if w]
        if not words:
            return None
        own = _Reading(scope, forms.parameter_names(node), derived=owner is not None and bool(owner.bases))
        for word, decorator in reversed(words):
            if word not in _function_words or not isinstance(decorator, ast.Call):
                own.problems.append(scope.mistake(decorator, f"`{scope.source(decorator)}` is no contract of a function"))
                continue
            try:
                own.take(word, decorator)
            except Unreadable as stop:
                own.problems.append(stop.problem)
        ensures: list[Clause] = []
        for clause in own.ensures:
            try:
                ensures.append(own.with_snapshots(clause))
            except Unreadable as stop:
                own.problems.append(stop.problem)
        contract = Contract(
            Syntax.ICONTRACT,
            requires=tuple(own.requires),
            ensures=tuple(ensures),
            any_raise=True,
            place=scope.place(node.decorator_list[0]),
        )
        return FunctionReading(contract, plain_body(node), problems=tuple(own.problems))

    def class_(self, node: ast.ClassDef, scope: Scope, /) -> ClassReading | None:
        """Read `@invariant` and derivation from `DBC`; None if there is neither."""
        if library not in scope.libraries:
            return None
        own = _Reading(scope, frozenset({"self"}))
        clauses: list[Clause] = []
        always = False
        used = False
        for decorator in reversed([resolved(d, scope) for d in node.decorator_list]):
            if not isinstance(decorator, ast.Call) or _word(scope, decorator.func) != "invariant":
                continue
            used = True
            if not own.enabled(decorator, 3):
                continue
            try:
                always |= self._at_assignments(decorator, scope)
                value, wrote = own.condition(decorator, own.binding(called="the invariant"))
            except Unreadable as stop:
                own.problems.append(stop.problem)
                continue
            clauses.append(scope.clause(value, wrote=wrote, error=error_name(argument(decorator, 4, "error"))))
        inherits = any(_word(scope, b) == "DBC" for b in node.bases) or any(
            k.arg == "metaclass" and _word(scope, k.value) == "DBCMeta" for k in node.keywords
        )
        if not used and not inherits:
            return None
        return ClassReading(
            Syntax.ICONTRACT,
            tuple(clauses),
            problems=tuple(own.problems),
            inherits="weaken" if inherits else "",
            invariants_at_assignments=always,
        )

    def _at_assignments(self, decorator: ast.Call, scope: Scope) -> bool:
        event = argument(decorator, 5, "check_on")
        if event is None:
            return False
        match _events.get(scope.qualified(event) or ""):
            case "CALL":
                return False
            case "ALL":
                return True
            case _:
                source = scope.source(event)
                advice = "use `InvariantCheckEvent.CALL` or `InvariantCheckEvent.ALL`"
                raise Unreadable(scope.unsupported(event, f"an invariant that is checked on `{source}` and not at calls", advice))


adapter = Icontract()
