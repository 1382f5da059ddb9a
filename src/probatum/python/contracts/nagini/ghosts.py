"""What is there for proofs alone may not reach what runs: Nagini's rules for ghost types, functions and classes.

A type is ghost if its name is marked (`MarkGhost`), if it is one of Nagini's (`GInt`, `PSeq`), a class marked as
`@Ghost`, or a collection of such. A value is ghost if it comes from a variable or function of a ghost type. What is
said here is certain: where a type is not known, nothing is said.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from probatum.python.contracts.nagini import vocabulary
from probatum.python.contracts.nagini.declarations import functions_in, words_of
from probatum.python.program import Problem
from probatum.python.scopes import Scope, walk

_unions = frozenset({"typing.Union", "typing.Optional"})
_tuples = frozenset({"typing.Tuple", "builtins.tuple"})
_deepest = 20  # levels of a type that are looked at


@dataclass
class Ghosts:
    """Finds mistakes in one module; `problems` name the function or class that they are in."""

    tree: ast.Module
    scope: Scope
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        top = self.tree.body
        self.classes = {s.name: s for s in top if isinstance(s, ast.ClassDef)}
        self.functions = {s.name: s for s in top if isinstance(s, ast.FunctionDef)}
        self.marked: set[str] = {n for n, c in self.classes.items() if "Ghost" in words_of(c, self.scope)}
        self.marks = [s for s in top if isinstance(s, ast.Expr) and vocabulary.called(self.scope, s.value) == "MarkGhost"]
        for mark in self.marks:
            assert isinstance(mark.value, ast.Call)  # noqa: S101 - what is called is a call
            self.marked |= {a.id for a in mark.value.args if isinstance(a, ast.Name)}
        self.variables = {
            s.target.id: self.ghost(s.annotation) for s in top if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
        }
        self.fields = self._fields()

    def check(self) -> list[Problem]:
        """Return the mistakes."""
        self._marks()
        for name, node in self.classes.items():
            own = [c for b in node.bases if isinstance(b, ast.Name) and (c := self.classes.get(b.id)) is not None]
            if any((c.name in self.marked) != (name in self.marked) for c in own):
                message = f"`{name}` derives from a class of which one is ghost and the other is not"
                self.mistake(node, name, message, "mark both as `@Ghost`, or none")
        for name, function, owner in functions_in(self.tree):
            ghost = "Ghost" in words_of(function, self.scope) or (owner is not None and owner.name in self.marked)
            if not ghost:
                self._annotations(name, function)
            _Body(self, name, function, owner, ghost).check()
        return self.problems

    def mistake(self, node: ast.AST, name: str, message: str, advice: str = "") -> None:
        """Note a mistake in what is called so in the module."""
        place = self.scope.place(node)
        self.problems.append(Problem(place, message, f"{self.scope.module}.{name}", unsupported=False, help=advice))

    def _marks(self) -> None:
        once: set[str] = set()
        for mark in self.marks:
            for given in mark.value.args if isinstance(mark.value, ast.Call) else ():
                name = given.id if isinstance(given, ast.Name) else ""
                if name in once:
                    self.problems.append(self.scope.mistake(mark, f"`{name}` is marked as ghost already", "mark it once"))
                elif name not in self.scope.constants and self._from_here(name):
                    advice = f"write `Name = {self.scope.shown(given)}` and `MarkGhost(Name)`"
                    self.problems.append(self.scope.mistake(mark, "`MarkGhost` takes an alias of a type", advice))
                once.add(name)

    def _from_here(self, name: str) -> bool:
        """Whether it is no name that another module may have defined as an alias."""
        return not name or name not in self.scope.imports

    def _fields(self) -> dict[str, bool | None]:
        """Return which attributes of regular objects are ghost, by their names: None if classes differ, or it is not known."""
        found: dict[str, bool | None] = {}
        for owner in self.classes.values():
            if owner.name in self.marked:
                continue
            own: dict[str, bool | None] = {}
            for node in walk(owner):
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute):
                    own[node.target.attr] = self.ghost(node.annotation)
                elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node in owner.body:
                    own[node.target.id] = self.ghost(node.annotation)
                elif isinstance(node, ast.Assign):
                    kind = False if isinstance(node.value, ast.Constant) and node.value.value is not None else None
                    for target in node.targets:
                        if isinstance(target, ast.Attribute):
                            own.setdefault(target.attr, kind)
            for name, kind in own.items():
                found[name] = kind if name not in found or found[name] == kind else None
        return found

    # Types

    def ghost(self, annotation: ast.expr | None, depth: int = 0) -> bool | None:
        """Whether a type is ghost; None: a part of it is, or it is not known."""
        annotation = _read(annotation)
        if annotation is None or depth > _deepest:
            return None
        if isinstance(annotation, ast.Constant):
            return False if annotation.value is None else None
        if isinstance(annotation, ast.Name | ast.Attribute):
            return self._named(annotation)
        parts = self.parts(annotation)
        if parts is None:
            return self._named(annotation.value) if isinstance(annotation, ast.Subscript) else None
        kinds = [self.ghost(part, depth + 1) for part in parts]
        if self.is_union(annotation):
            kinds = [k for part, k in zip(parts, kinds, strict=True) if not _is_none(part)]
        if None in kinds or not kinds:
            return None
        return kinds[0] if len(set(kinds)) == 1 else None

    def _named(self, annotation: ast.expr) -> bool | None:
        if isinstance(annotation, ast.Name) and annotation.id in self.marked:
            return True
        if not isinstance(annotation, ast.Name | ast.Attribute):
            return None
        word = vocabulary.of(self.scope, annotation)
        if word:
            return True if word in vocabulary.values or word in vocabulary.plain - {"MarkGhost"} else None
        name = self.scope.qualified(annotation) or ""
        module, _, own = name.rpartition(".")
        return False if module == "builtins" or (module == self.scope.module and own in self.classes) else None

    def is_union(self, annotation: ast.expr) -> bool:
        """Whether a type is a union of others."""
        if isinstance(annotation, ast.BinOp):
            return isinstance(annotation.op, ast.BitOr)
        return isinstance(annotation, ast.Subscript) and self.scope.qualified(annotation.value) in _unions

    def parts(self, annotation: ast.expr) -> list[ast.expr] | None:
        """Return the types of which a union or a collection consists; None if it is neither."""
        if isinstance(annotation, ast.BinOp):
            return [annotation.left, annotation.right] if isinstance(annotation.op, ast.BitOr) else None
        if not isinstance(annotation, ast.Subscript):
            return None
        module, _, _ = (self.scope.qualified(annotation.value) or "").rpartition(".")
        if module not in ("typing", "builtins"):
            return None
        return list(annotation.slice.elts) if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]

    def pair(self, returns: ast.expr | None) -> list[ast.expr] | None:
        """Return the two types of a result of which the first is regular and the second ghost; None if it is no such result."""
        parts = self.tuple_parts(returns)
        return parts if parts is not None and [self.ghost(p) for p in parts] == [False, True] else None

    def tuple_parts(self, annotation: ast.expr | None) -> list[ast.expr] | None:
        """Return the types of the components of a tuple."""
        annotation = _read(annotation)
        is_tuple = isinstance(annotation, ast.Subscript) and self.scope.qualified(annotation.value) in _tuples
        return self.parts(annotation) if is_tuple and annotation is not None else None

    def own_objects(self, annotation: ast.expr | None) -> bool:
        """Whether a type says by its class alone that a variable is ghost, or a part of it may: then no annotation is needed."""
        annotation = _read(annotation)
        for node in walk(annotation) if annotation is not None else []:
            if isinstance(node, ast.Name) and isinstance(alias := self.scope.constants.get(node.id), ast.Subscript):
                return any(self._ghost_class(inner) for inner in walk(alias))
            if self._ghost_class(node) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                return True
        return False

    def _ghost_class(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name) and node.id in self.classes:
            return node.id in self.marked
        return isinstance(node, ast.Name | ast.Attribute) and vocabulary.of(self.scope, node) in vocabulary.values

    def _annotations(self, name: str, node: ast.FunctionDef) -> None:
        """Refuse types that are ghost in part."""
        given = node.args
        for one in (given.vararg, given.kwarg):
            if one is not None and self.ghost(one.annotation):
                self.mistake(node, name, f"`*{one.arg}` of a ghost type", "what takes any number of arguments is regular")
        every = [a.annotation for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        for annotation in (*every, node.returns):
            read = _read(annotation)
            for part in walk(read) if read is not None else []:
                if not isinstance(part, ast.expr) or not self.is_union(part):
                    continue
                kinds = {self.ghost(inner) for inner in self.parts(part) or [] if not _is_none(inner)}
                if {True, False} <= kinds:
                    self.mistake(node, name, "a union of ghost and regular types", "let all of its types be ghost, or none")
                    return
        parts = self.tuple_parts(node.returns) or []
        kinds = {self.ghost(part) for part in parts}
        if {True, False} <= kinds and self.pair(node.returns) is None:
            message = "a result that is ghost in part must be a tuple of two, the second of them ghost"
            self.mistake(node, name, message, "write `Tuple[regular, ghost]`")


def _read(annotation: ast.expr | None) -> ast.expr | None:
    """Return a type that may be written as a text."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return None
    return annotation


def _is_none(annotation: ast.expr) -> bool:
    return isinstance(annotation, ast.Constant) and annotation.value is None


@dataclass(frozen=True)
class _Where:
    """What is around a statement: a ghost condition, and whether a loop that runs is outside of it."""

    ghost: bool = False
    leaves: bool = False


class _Body:
    """Walks the statements of one function; `kinds` are of its variables, None where that is not known."""

    def __init__(self, module: Ghosts, name: str, node: ast.FunctionDef, owner: ast.ClassDef | None, ghost: bool) -> None:
        self.module, self.name, self.node, self.owner, self.ghost = module, name, node, owner, ghost
        self.inside = module.scope.inside(node)
        given = node.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
        self.types = {a.arg: a.annotation for a in every}
        self.kinds = {a.arg: module.ghost(a.annotation) if a.annotation is not None else None for a in every}
        self.globals = {n for s in walk(node) if isinstance(s, ast.Global) for n in s.names}

    def check(self) -> None:
        if "Predicate" not in words_of(self.node, self.module.scope):
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
                ghost = not self.ghost and self.value(statement.test) is True
                inner = _Where(True, leaves=True) if ghost else around
            case ast.While():
                inner = _Where(around.ghost or self.value(statement.test) is True)
            case ast.For():
                inner = _Where(around.ghost or self.value(statement.iter) is True)
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
                if isinstance(target, ast.Name) and target.id in self.globals and not self.module.variables.get(target.id, True):
                    self._say(statement, f"ghost code assigns `{target.id}`, which is regular", "give it a ghost type")
        if isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return):
            self._pure_calls(statement, statement)

    def _pure_calls(self, root: ast.AST, statement: ast.stmt) -> None:
        """Refuse calls in ghost code of functions that do something."""
        for node in walk(root):
            called = self._function(node)
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
                kind = self.module.ghost(statement.annotation)
                if isinstance(statement.target, ast.Name):
                    self.kinds[statement.target.id] = kind
                    self.types[statement.target.id] = statement.annotation
                if statement.value is not None and kind is False and self.value(statement.value) is True:
                    self._leaks(statement, statement.target)
            case ast.AugAssign(target=ast.Name(id=name)) if self.kinds.get(name) is False:
                if where.ghost or self.value(statement.value) is True:
                    self._leaks(statement, statement.target)
            case ast.Return() if statement.value is not None:
                self._return(statement, statement.value, where)
            case ast.For():
                self._for(statement)
            case ast.Assert() if self.value(statement.test) is True:
                self._say(statement, "an `assert` of ghost values, which are not there when it runs", "write `Assert(...)`")
            case ast.Raise() if where.ghost:
                self._say(statement, "an exception that is raised under a ghost condition", "ghost code may not change what runs")
            case ast.Break() | ast.Continue() if where.leaves:
                self._say(statement, "a loop that is left under a ghost condition", "ghost code may not change what runs")
            case _:
                pass

    def _leaks(self, statement: ast.stmt, target: ast.expr) -> None:
        shown = self.module.scope.shown(target)
        message = f"a ghost value, or one under a ghost condition, is assigned to `{shown}`, which is regular"
        self._say(statement, message, "give it a ghost type (`GInt`)")

    def _assign(self, statement: ast.Assign, target: ast.expr, value: ast.expr, where: _Where) -> None:
        if isinstance(target, ast.Name):
            self._assign_name(statement, target, value, where)
        elif isinstance(target, ast.Attribute):
            regular = self.module.fields.get(target.attr) is False and self.value(target.value) is not True
            if regular and (where.ghost or self.value(value) is True):
                self._leaks(statement, target)
        elif isinstance(target, ast.Subscript):
            if self.value(value) is True or self.value(target.value) is True:
                self._say(statement, "a ghost value is stored in a list or dict, which is there when it runs")
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(statement, target, value)

    def _assign_name(self, statement: ast.Assign, target: ast.Name, value: ast.expr, where: _Where) -> None:
        name = target.id
        ghost = self.value(value)
        if name not in self.kinds:
            if name in self.globals:
                self.kinds[name] = self.module.variables.get(name)
            elif self._pair_of(value) is not None:
                self._say(statement, "a result that is ghost in part is assigned to one variable", "write `a, b = ...`")
                self.kinds[name] = None
            else:
                self.kinds[name] = self._kind_of_new(value) if ghost else (None if where.ghost else ghost)
        if self.kinds[name] is False and (where.ghost or ghost is True):
            self._leaks(statement, target)

    def _unpack(self, statement: ast.Assign, target: ast.Tuple | ast.List, value: ast.expr) -> None:
        names = [_names(element) for element in target.elts]
        pair = self._pair_of(value)
        if pair is not None:
            if len(names) != 2:
                return
            for name in names[1]:
                if name not in self.kinds:
                    self.kinds[name] = self.module.own_objects(pair[1])
                if self.kinds[name] is False:
                    self._leaks(statement, ast.Name(name, ast.Store(), **_place(target)))
                    return
            for name in names[0]:
                self.kinds.setdefault(name, False)
                if self.kinds[name]:
                    self._say(statement, f"the regular part of a result is assigned to `{name}`, which is ghost")
                    return
            return
        flat = [n for group in names for n in group]
        ghost = self.value(value)
        new = (None if ghost is None or not self._plain_parts(value) else False) if ghost is not False else False
        for name in flat:
            self.kinds.setdefault(name, new)
        kinds = {self.kinds[name] for name in flat}
        if ghost is True and False in kinds:
            self._leaks(statement, target)
        elif {True, False} <= kinds or (True in kinds and any(isinstance(e, ast.Subscript) for e in walk(target))):
            self._say(statement, "one assignment to ghost and regular variables", "assign them one after the other")

    def _plain_parts(self, value: ast.expr) -> bool:
        """Whether the parts of a value are of a type that is regular by itself."""
        if not isinstance(value, ast.Name) or self.types.get(value.id) is None:
            return False
        return not self.module.own_objects(self.types[value.id])

    def _return(self, statement: ast.Return, value: ast.expr, where: _Where) -> None:
        kind = self.module.ghost(self.node.returns)
        pair = self.module.pair(self.node.returns)
        if where.leaves:
            self._say(statement, "a `return` under a ghost condition", "ghost code may not change what runs")
        elif kind is False and self.value(value) is True:
            self._say(statement, "a ghost value is returned by a function whose result is regular", "declare a ghost result")
        elif pair is not None:
            called = self._function(value)
            first = value.elts[0] if isinstance(value, ast.Tuple) and len(value.elts) == 2 else None
            if first is not None and self.value(first) is True:
                self._say(statement, "a ghost value is returned as the part of the result that is regular")
            elif called is not None and called.returns is not None and self.module.ghost(called.returns) is False:
                self._say(statement, f"`{called.name}` has no ghost part, and the result that is declared has one")

    def _for(self, statement: ast.For) -> None:
        ghost = self.value(statement.iter)
        for name in _names(statement.target):
            if ghost is not True and self.kinds.get(name) is True:
                self._say(statement, f"a loop that runs assigns `{name}`, which is ghost", "take another variable")
                return
            self.kinds.setdefault(name, ghost)

    def _calls(self, statement: ast.stmt) -> None:
        """Refuse ghost values where regular ones are declared, and effects in contracts."""
        if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            return
        if isinstance(statement, ast.Expr) and vocabulary.called(self.inside, statement.value):
            if vocabulary.called(self.inside, statement.value) in vocabulary.statements:
                self._pure_calls(statement, statement)
            return
        for root in _expressions(statement):
            for node in walk(root):
                if isinstance(node, ast.Call) and self._call(node, statement):
                    return

    def _call(self, node: ast.Call, statement: ast.stmt) -> bool:
        called = self._function(node) or self._constructor(node)
        if called is not None:
            words = words_of(called, self.module.scope)
            if words & {"Ghost", "Pure", "Predicate"} or not self._given_wrong(node, called):
                return False
            self._say(statement, f"a ghost value is passed to `{called.name}`, which expects a regular one", "make it `@Pure`")
            return True
        if not isinstance(node.func, ast.Attribute):
            return False
        methods = self._methods(node.func.attr)
        receiver = node.func.value
        if isinstance(receiver, ast.Name) and len(self._classes_of(receiver.id)) > 1:
            among = {c.name for c in self._classes_of(receiver.id)}
            if len({self._is_ghost(m, c) for m, c in methods if c.name in among}) > 1:
                message = f"`{node.func.attr}` is ghost in one of the classes of `{receiver.id}`, and not in another"
                self._say(statement, message, "tell the classes apart with `isinstance`")
                return True
        changes = [m for m, c in methods if not self._is_ghost(m, c) and "Pure" not in words_of(m, self.module.scope)]
        if self.value(receiver) is True and methods and len(changes) == len(methods):
            message = f"`{node.func.attr}` may change something, and is called on a ghost value"
            self._say(statement, message, "mark it as `@Pure`, or its class as `@Ghost`")
            return True
        return False

    def _given_wrong(self, node: ast.Call, called: ast.FunctionDef) -> bool:
        given = called.args
        names = [*given.posonlyargs, *given.args]
        if self._constructor(node) is called:
            names = names[1:]
        regular = {a.arg for a in (*names, *given.kwonlyargs) if self.module.ghost(a.annotation) is False}
        for i, argument in enumerate(node.args):
            if self.value(argument) is not True:
                continue
            if isinstance(argument, ast.Starred):
                return bool(regular)
            if i >= len(names) or names[i].arg in regular:
                return True
        return any(k.arg in regular and self.value(k.value) is True for k in node.keywords)

    # What is called

    def _function(self, node: ast.AST) -> ast.FunctionDef | None:
        """Return the function of this module's top level that is called."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id in self.inside.hidden:
            return None
        return self.module.functions.get(node.func.id)

    def _class(self, node: ast.AST) -> ast.ClassDef | None:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id in self.inside.hidden:
            return None
        return self.module.classes.get(node.func.id)

    def _constructor(self, node: ast.AST) -> ast.FunctionDef | None:
        made = self._class(node)
        for _ in range(_deepest):
            if made is None or made.name in self.module.marked:
                return None
            own = [s for s in made.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"]
            if own:
                return own[-1]
            made = self.module.classes.get(made.bases[0].id) if made.bases and isinstance(made.bases[0], ast.Name) else None
        return None

    def _methods(self, name: str) -> list[tuple[ast.FunctionDef, ast.ClassDef]]:
        return [(s, c) for c in self.module.classes.values() for s in c.body if isinstance(s, ast.FunctionDef) and s.name == name]

    def _is_ghost(self, method: ast.FunctionDef, owner: ast.ClassDef) -> bool:
        return owner.name in self.module.marked or "Ghost" in words_of(method, self.module.scope)

    def _classes_of(self, name: str) -> list[ast.ClassDef]:
        """Return the classes of which a variable is declared to be one."""
        annotation = _read(self.types.get(name))
        if annotation is None or not self.module.is_union(annotation):
            return []
        parts = self.module.parts(annotation) or []
        return [c for p in parts if isinstance(p, ast.Name) and (c := self.module.classes.get(p.id)) is not None]

    def _pair_of(self, value: ast.expr) -> list[ast.expr] | None:
        called = self._function(value)
        ghost = called is not None and "Ghost" in words_of(called, self.module.scope)
        return self.module.pair(called.returns) if called is not None and not ghost else None

    # Values

    def _kind_of_new(self, value: ast.expr) -> bool | None:
        """Whether a variable that takes a ghost value is ghost without saying so: by the class of its values."""
        called = self._function(value)
        if called is not None:
            return self.module.own_objects(called.returns)
        if self._class(value) is not None or vocabulary.called(self.inside, value):
            return True
        match value:
            case ast.Name(id=name):
                return self.module.own_objects(self.types[name]) if self.types.get(name) is not None else None
            case ast.Subscript():
                whole = value.value
                return False if self.value(whole) is False or self._plain_elements(whole) else None
            case ast.Call(func=ast.Name(id="len" | "abs" | "bool" | "int")):
                return False
            case ast.Compare():
                return False
            case ast.BinOp() | ast.UnaryOp():
                parts = [e for e in ast.iter_child_nodes(value) if isinstance(e, ast.expr) and self.value(e) is not False]
                kinds = {self._kind_of_new(e) for e in parts}
                return kinds.pop() if len(kinds) == 1 else None
            case _:
                return None

    def _plain_elements(self, whole: ast.expr) -> bool:
        """Whether the elements of a collection are declared to be regular."""
        annotation = _read(self.types.get(whole.id)) if isinstance(whole, ast.Name) else None
        if not isinstance(annotation, ast.Subscript):
            return False
        parts = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        return all(self.module.ghost(part) is False for part in parts)

    def value(self, expression: ast.expr) -> bool | None:
        """Whether a value is ghost; None: it is not known."""
        if vocabulary.called(self.inside, expression):
            return (
                True if vocabulary.called(self.inside, expression) in {*vocabulary.values, "ToSeq", "ToMS", "ToByteSeq"} else None
            )
        match expression:
            case ast.Name(id=name):
                if name in self.kinds:
                    return self.kinds[name]
                return self.module.variables.get(name, False) if name not in self.inside.hidden else False
            case ast.Constant():
                return False
            case ast.Lambda() | ast.JoinedStr() | ast.Await() | ast.Yield():
                return None
            case ast.Attribute():
                whole = self.value(expression.value)
                return self.module.fields.get(expression.attr, whole) if whole is False else whole
            case ast.Call():
                return self._called(expression)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return None
        return self._any([e for e in ast.iter_child_nodes(expression) if isinstance(e, ast.expr)])

    def _any(self, parts: Sequence[ast.expr]) -> bool | None:
        kinds = {self.value(part) for part in parts}
        return True if True in kinds else None if None in kinds else False

    def _called(self, node: ast.Call) -> bool | None:
        arguments = [*node.args, *(k.value for k in node.keywords)]
        called, made = self._function(node), self._class(node)
        if called is not None:
            words = words_of(called, self.module.scope)
            if "Ghost" in words:
                return True
            declared = self.module.ghost(called.returns)
            return self._any(arguments) if "Pure" in words and declared is False else declared
        if made is not None:
            return made.name in self.module.marked
        if isinstance(node.func, ast.Attribute):
            methods = self._methods(node.func.attr)
            if methods and all(self._is_ghost(m, c) for m, c in methods):
                return True
            return True if self.value(node.func.value) is True else None
        if isinstance(node.func, ast.Name) and self.inside.qualified(node.func) == f"builtins.{node.func.id}":
            return self._any(arguments)
        return None


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
