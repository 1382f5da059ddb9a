"""What is there for proofs alone may not reach what runs: Nagini's rules for ghost types, functions and classes.

A type is ghost if its name is marked (`MarkGhost`), if it is one of Nagini's (`GInt`, `PSeq`), a class marked as
`@Ghost`, or a collection of such. A value is ghost if it comes from a variable or function of a ghost type. What is
said here is certain: where a type is not known, nothing is said.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import field

from probatum.python.contracts.nagini import vocabulary
from probatum.python.contracts.nagini.declarations import functions_in, words_of
from probatum.python.contracts.nagini.ghost_types import GhostTypes, is_none, read_type
from probatum.python.contracts.nagini.ghost_values import GhostValues
from probatum.python.program import Problem
from probatum.python.scopes import walk
from probatum.records import dataclass


@dataclass
class Ghosts:
    """Finds mistakes in one module; `problems` name the function or class that they are in."""

    types: GhostTypes
    problems: list[Problem] = field(default_factory=list)

    def check(self) -> list[Problem]:
        """Return the mistakes."""
        self._marks()
        for name, node in self.types.classes.items():
            own = [c for b in node.bases if isinstance(b, ast.Name) and (c := self.types.classes.get(b.id)) is not None]
            if any((c.name in self.types.marked) != (name in self.types.marked) for c in own):
                message = f"`{name}` derives from a class of which one is ghost and the other is not"
                self.mistake(node, name, message, "mark both as `@Ghost`, or none")
        for name, function, owner in functions_in(self.types.tree):
            ghost = "Ghost" in words_of(function, self.types.scope) or (owner is not None and owner.name in self.types.marked)
            if not ghost:
                self._annotations(name, function)
            _Body(self, name, function, owner, ghost).check()
        return self.problems

    def mistake(self, node: ast.AST, name: str, message: str, advice: str = "") -> None:
        """Note a mistake in what is called so in the module."""
        place = self.types.scope.place(node)
        self.problems.append(Problem(place, message, f"{self.types.scope.module}.{name}", unsupported=False, help=advice))

    def _marks(self) -> None:
        once: set[str] = set()
        for mark in self.types.marks:
            for given in mark.value.args if isinstance(mark.value, ast.Call) else ():
                name = given.id if isinstance(given, ast.Name) else ""
                if name in once:
                    self.problems.append(self.types.scope.mistake(mark, f"`{name}` is marked as ghost already", "mark it once"))
                elif name not in self.types.scope.constants and self._from_here(name):
                    advice = f"write `Name = {self.types.scope.shown(given)}` and `MarkGhost(Name)`"
                    self.problems.append(self.types.scope.mistake(mark, "`MarkGhost` takes an alias of a type", advice))
                once.add(name)

    def _from_here(self, name: str) -> bool:
        """Whether it is no name that another module may have defined as an alias."""
        return not name or name not in self.types.scope.imports

    def _annotations(self, name: str, node: ast.FunctionDef) -> None:
        """Refuse types that are ghost in part."""
        given = node.args
        for one in (given.vararg, given.kwarg):
            if one is not None and self.types.ghost(one.annotation):
                self.mistake(node, name, f"`*{one.arg}` of a ghost type", "what takes any number of arguments is regular")
        every = [a.annotation for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        for annotation in (*every, node.returns):
            read = read_type(annotation)
            for part in walk(read) if read is not None else []:
                if not isinstance(part, ast.expr) or not self.types.is_union(part):
                    continue
                kinds = {self.types.ghost(inner) for inner in self.types.parts(part) or [] if not is_none(inner)}
                if {True, False} <= kinds:
                    self.mistake(node, name, "a union of ghost and regular types", "let all of its types be ghost, or none")
                    return
        parts = self.types.tuple_parts(node.returns) or []
        kinds = {self.types.ghost(part) for part in parts}
        if {True, False} <= kinds and self.types.pair(node.returns) is None:
            message = "a result that is ghost in part must be a tuple of two, the second of them ghost"
            self.mistake(node, name, message, "write `Tuple[regular, ghost]`")


@dataclass(frozen=True)
class _Where:
    """What is around a statement: a ghost condition, and whether a loop that runs is outside of it."""

    ghost: bool = False
    leaves: bool = False


class _Body:
    """Walks the statements of one function."""

    def __init__(self, module: Ghosts, name: str, node: ast.FunctionDef, owner: ast.ClassDef | None, ghost: bool) -> None:
        self.module, self.name, self.node, self.owner, self.ghost = module, name, node, owner, ghost
        self.types = module.types
        self.values = GhostValues(module.types, node)

    def check(self) -> None:
        if "Predicate" not in words_of(self.node, self.types.scope):
            self._block(self.node.body, _Where())

    def _say(self, node: ast.AST, message: str, advice: str = "") -> None:
        self.module.mistake(node, self.name, message, advice)

    def _block(self, body: Sequence[ast.stmt], where: _Where) -> None:
        waiting = [(s, where) for s in reversed(body)]
        while waiting:
            statement, around = waiting.pop()
            before = len(self.module.problems)
            if self.ghost:
                self._in_ghost(statement)
            else:
                self._calls(statement)
                if len(self.module.problems) == before:
                    self._in_regular(statement, around)
            waiting += reversed(self._within(statement, around))

    def _within(self, statement: ast.stmt, around: _Where) -> list[tuple[ast.stmt, _Where]]:
        """Return the statements of which one consists, and what is around them."""
        match statement:
            case ast.If():
                ghost = not self.ghost and self.values.of(statement.test) is True
                inner = _Where(True, leaves=True) if ghost else around
            case ast.While():
                inner = _Where(around.ghost or self.values.of(statement.test) is True)
            case ast.For():
                inner = _Where(around.ghost or self.values.of(statement.iter) is True)
            case _:
                inner = around
        bodies = [getattr(statement, part, []) for part in ("body", "orelse", "finalbody")]
        bodies += [handler.body for handler in getattr(statement, "handlers", [])]
        bodies += [case.body for case in getattr(statement, "cases", [])]
        if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            return []
        return [(s, inner) for body in bodies for s in body]

    # Ghost code

    def _in_ghost(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Assert):
            self._say(statement, "an `assert` in ghost code, which does not run", "write `Assert(...)`")
        elif isinstance(statement, ast.Try):
            self._say(statement, "exceptions are not handled in ghost code", "leave the `try` out, or `@Ghost`")
        elif isinstance(statement, ast.Delete):
            self._say(statement, "`del` in ghost code, which does not run", "leave it, or `@Ghost`, out")
        elif isinstance(statement, ast.Assign | ast.AugAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                if (
                    isinstance(target, ast.Name)
                    and target.id in self.values.globals
                    and not self.types.variables.get(target.id, True)
                ):
                    self._say(statement, f"ghost code assigns `{target.id}`, which is regular", "give it a ghost type")
        if isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return):
            self._pure_calls(statement, statement)

    def _pure_calls(self, root: ast.AST, statement: ast.stmt) -> None:
        """Refuse calls in ghost code of functions that do something."""
        for node in walk(root):
            called = self.values.function(node)
            if called is not None and not called.decorator_list:
                message = f"ghost code calls `{called.name}`, which may change something"
                self._say(statement, message, "mark it as `@Pure` or `@Ghost`")
                return

    # Code that runs

    def _in_regular(self, statement: ast.stmt, where: _Where) -> None:
        match statement:
            case ast.Assign():
                for target in statement.targets:
                    self._assign(statement, target, statement.value, where)
            case ast.AnnAssign():
                kind = self.types.ghost(statement.annotation)
                if isinstance(statement.target, ast.Name):
                    self.values.kinds[statement.target.id] = kind
                    self.values.types[statement.target.id] = statement.annotation
                if statement.value is not None and kind is False and self.values.of(statement.value) is True:
                    self._leaks(statement, statement.target)
            case ast.AugAssign(target=ast.Name(id=name)) if self.values.kinds.get(name) is False:
                if where.ghost or self.values.of(statement.value) is True:
                    self._leaks(statement, statement.target)
            case ast.Return() if statement.value is not None:
                self._return(statement, statement.value, where)
            case ast.For():
                self._for(statement)
            case ast.Assert() if self.values.of(statement.test) is True:
                self._say(statement, "an `assert` of ghost values, which are not there when it runs", "write `Assert(...)`")
            case ast.Raise() if where.ghost:
                self._say(statement, "an exception that is raised under a ghost condition", "ghost code may not change what runs")
            case ast.Break() | ast.Continue() if where.leaves:
                self._say(statement, "a loop that is left under a ghost condition", "ghost code may not change what runs")
            case _:
                pass

    def _leaks(self, statement: ast.stmt, target: ast.expr) -> None:
        shown = self.types.scope.shown(target)
        message = f"a ghost value, or one under a ghost condition, is assigned to `{shown}`, which is regular"
        self._say(statement, message, "give it a ghost type (`GInt`)")

    def _assign(self, statement: ast.Assign, target: ast.expr, value: ast.expr, where: _Where) -> None:
        if isinstance(target, ast.Name):
            self._assign_name(statement, target, value, where)
        elif isinstance(target, ast.Attribute):
            regular = self.types.fields.get(target.attr) is False and self.values.of(target.value) is not True
            if regular and (where.ghost or self.values.of(value) is True):
                self._leaks(statement, target)
        elif isinstance(target, ast.Subscript):
            if self.values.of(value) is True or self.values.of(target.value) is True:
                self._say(statement, "a ghost value is stored in a list or dict, which is there when it runs")
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(statement, target, value)

    def _assign_name(self, statement: ast.Assign, target: ast.Name, value: ast.expr, where: _Where) -> None:
        name = target.id
        ghost = self.values.of(value)
        if name not in self.values.kinds:
            if name in self.values.globals:
                self.values.kinds[name] = self.types.variables.get(name)
            elif self.values.pair_of(value) is not None:
                self._say(statement, "a result that is ghost in part is assigned to one variable", "write `a, b = ...`")
                self.values.kinds[name] = None
            else:
                self.values.kinds[name] = self.values.kind_of_new(value) if ghost else (None if where.ghost else ghost)
        if self.values.kinds[name] is False and (where.ghost or ghost is True):
            self._leaks(statement, target)

    def _unpack(self, statement: ast.Assign, target: ast.Tuple | ast.List, value: ast.expr) -> None:
        names = [_names(element) for element in target.elts]
        pair = self.values.pair_of(value)
        if pair is not None:
            if len(names) != 2:
                return
            for name in names[1]:
                if name not in self.values.kinds:
                    self.values.kinds[name] = self.types.own_objects(pair[1])
                if self.values.kinds[name] is False:
                    self._leaks(statement, ast.Name(name, ast.Store(), **_place(target)))
                    return
            for name in names[0]:
                self.values.kinds.setdefault(name, False)
                if self.values.kinds[name]:
                    self._say(statement, f"the regular part of a result is assigned to `{name}`, which is ghost")
                    return
            return
        flat = [n for group in names for n in group]
        ghost = self.values.of(value)
        new = (None if ghost is None or not self._plain_parts(value) else False) if ghost is not False else False
        for name in flat:
            self.values.kinds.setdefault(name, new)
        kinds = {self.values.kinds[name] for name in flat}
        if ghost is True and False in kinds:
            self._leaks(statement, target)
        elif {True, False} <= kinds or (True in kinds and any(isinstance(e, ast.Subscript) for e in walk(target))):
            self._say(statement, "one assignment to ghost and regular variables", "assign them one after the other")

    def _plain_parts(self, value: ast.expr) -> bool:
        """Whether the parts of a value are of a type that is regular by itself."""
        if not isinstance(value, ast.Name) or self.values.types.get(value.id) is None:
            return False
        return not self.types.own_objects(self.values.types[value.id])

    def _return(self, statement: ast.Return, value: ast.expr, where: _Where) -> None:
        kind = self.types.ghost(self.node.returns)
        pair = self.types.pair(self.node.returns)
        if where.leaves:
            self._say(statement, "a `return` under a ghost condition", "ghost code may not change what runs")
        elif kind is False and self.values.of(value) is True:
            self._say(statement, "a ghost value is returned by a function whose result is regular", "declare a ghost result")
        elif pair is not None:
            called = self.values.function(value)
            first = value.elts[0] if isinstance(value, ast.Tuple) and len(value.elts) == 2 else None
            if first is not None and self.values.of(first) is True:
                self._say(statement, "a ghost value is returned as the part of the result that is regular")
            elif called is not None and called.returns is not None and self.types.ghost(called.returns) is False:
                self._say(statement, f"`{called.name}` has no ghost part, and the result that is declared has one")

    def _for(self, statement: ast.For) -> None:
        ghost = self.values.of(statement.iter)
        for name in _names(statement.target):
            if ghost is not True and self.values.kinds.get(name) is True:
                self._say(statement, f"a loop that runs assigns `{name}`, which is ghost", "take another variable")
                return
            self.values.kinds.setdefault(name, ghost)

    def _calls(self, statement: ast.stmt) -> None:
        """Refuse ghost values where regular ones are declared, and effects in contracts."""
        if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            return
        if isinstance(statement, ast.Expr) and vocabulary.called(self.values.inside, statement.value):
            if vocabulary.called(self.values.inside, statement.value) in vocabulary.statements:
                self._pure_calls(statement, statement)
            return
        for root in _expressions(statement):
            for node in walk(root):
                if isinstance(node, ast.Call) and self._call(node, statement):
                    return

    def _call(self, node: ast.Call, statement: ast.stmt) -> bool:
        called = self.values.function(node) or self.values.constructor(node)
        if called is not None:
            words = words_of(called, self.types.scope)
            if words & {"Ghost", "Pure", "Predicate"} or not self._given_wrong(node, called):
                return False
            self._say(statement, f"a ghost value is passed to `{called.name}`, which expects a regular one", "make it `@Pure`")
            return True
        if not isinstance(node.func, ast.Attribute):
            return False
        methods = self.values.methods(node.func.attr)
        receiver = node.func.value
        if isinstance(receiver, ast.Name) and len(self.values.classes_of(receiver.id)) > 1:
            among = {c.name for c in self.values.classes_of(receiver.id)}
            if len({self.values.is_ghost(m, c) for m, c in methods if c.name in among}) > 1:
                message = f"`{node.func.attr}` is ghost in one of the classes of `{receiver.id}`, and not in another"
                self._say(statement, message, "tell the classes apart with `isinstance`")
                return True
        changes = [m for m, c in methods if not self.values.is_ghost(m, c) and "Pure" not in words_of(m, self.types.scope)]
        if self.values.of(receiver) is True and methods and len(changes) == len(methods):
            message = f"`{node.func.attr}` may change something, and is called on a ghost value"
            self._say(statement, message, "mark it as `@Pure`, or its class as `@Ghost`")
            return True
        return False

    def _given_wrong(self, node: ast.Call, called: ast.FunctionDef) -> bool:
        given = called.args
        names = [*given.posonlyargs, *given.args]
        if self.values.constructor(node) is called:
            names = names[1:]
        regular = {a.arg for a in (*names, *given.kwonlyargs) if self.types.ghost(a.annotation) is False}
        for i, argument in enumerate(node.args):
            if self.values.of(argument) is not True:
                continue
            if isinstance(argument, ast.Starred):
                return bool(regular)
            if i >= len(names) or names[i].arg in regular:
                return True
        return any(k.arg in regular and self.values.of(k.value) is True for k in node.keywords)


def _expressions(statement: ast.stmt) -> list[ast.expr]:
    """Return the expressions of a statement that are not those of statements in it."""
    return [node for node in ast.iter_child_nodes(statement) if isinstance(node, ast.expr)]


def _names(target: ast.expr) -> list[str]:
    return [n.id for n in walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def _place(node: ast.expr) -> dict[str, int]:
    return {
        "lineno": node.lineno,
        "col_offset": node.col_offset,
        "end_lineno": node.end_lineno or node.lineno,
        "end_col_offset": node.end_col_offset or node.col_offset,
    }
