"""From a module with contracts to code that says when they are broken.

Contracts are taken out of the text and come back as calls of `monitor`: around
each function (`function`), at the head of each loop, where something is checked.
Every position stays that of what the author wrote, so tracebacks mean the
author's text. Nothing is run here: the result are code objects for the child.
"""

from __future__ import annotations

import ast
import base64
import marshal
from collections.abc import Sequence
from typing import Any, TypeVar

from probatum.code.semantics.conditions import MONITOR, Where, constant, executable, tuple_of
from probatum.errors import UnsupportedConstruct
from probatum.python.forms import (
    ASSUME,
    CHECK,
    EXISTS,
    FORALL,
    GHOST,
    IMPLIES,
    REFUTE,
    RESULT,
    REVEAL,
    conjunction,
    free_names,
    placed,
    target_names,
)
from probatum.python.program import Class, Clause, Function, LoopContract, Module, Program, Syntax
from probatum.python.scopes import Positions
from probatum.python.types import NONE, OBJECT, UNKNOWN, Collection, Instance, Mapping, Plain, Ranged, Tuple, Type, Union
from probatum.source import Location

COVER = "__pb_cover__"
LIBRARIES = ("probatum.spec", "icontract", "deal", "nagini_contracts", "crosshair")
"""Their names are inert in the child: what they say has been read."""

Node = TypeVar("Node", bound=ast.AST)

_quiet = {"__init__", "__new__", "__del__", "__repr__", "__setattr__", "__getattribute__", "__getattr__", "__post_init__"}


class Instrumented:
    """All modules of a program as code, with what their numbers mean."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.clauses: list[dict[str, Any]] = []
        self.functions: list[dict[str, Any]] = []
        self.numbers: dict[str, int] = {}  # of functions, by qualified name
        self.branches = 0
        self.modules: dict[str, dict[str, Any]] = {}
        self.refused: dict[str, str] = {}  # modules that cannot be compiled, and why
        for name, module in program.modules.items():
            if _library(module):
                continue
            try:
                tree = _Instrumenter(self, module).module()
                code = compile(tree, module.path, "exec", dont_inherit=True)
            except (RecursionError, MemoryError):
                self.refused[name] = f"`{module.path}` is nested too deeply to be run"
                continue
            except (SyntaxError, ValueError) as problem:
                self.refused[name] = f"`{module.path}` cannot be compiled: {problem}"
                continue
            self.modules[name] = {
                "path": module.path,
                "code": base64.b64encode(marshal.dumps(code)).decode("ascii"),
                "lines": None if module.text.isascii() else Positions(module.text).lines,
                "package": module.path.endswith("__init__.py") or any(m.startswith(f"{name}.") for m in program.modules if name),
            }

    def to_json(self) -> dict[str, Any]:
        """Return what the child needs."""
        return {
            "modules": self.modules,
            "clauses": self.clauses,
            "functions": self.functions,
            "branches": self.branches,
            "inert": list(LIBRARIES),
        }

    def number(self, function: str) -> int:
        """Return the number of a function.

        Raises
        ------
        LookupError
            If there is none of this name.
        UnsupportedConstruct
            If it cannot be run with its contract.
        """
        found = self.find(function)
        if found is None:
            raise LookupError(f"function `{function}`")
        if found.abstract or any(ast.unparse(d).rpartition(".")[2] == "abstractmethod" for d in found.node.decorator_list):
            raise UnsupportedConstruct(f"`{found.name}` is abstract: what overrides it is run", location=self._location(found))
        if found.module in self.refused:
            raise UnsupportedConstruct(self.refused[found.module], location=self._location(found))
        number = self.numbers.get(found.qualified)
        if number is None:
            why = "it has no body" if found.stub else "it is a generator, which yields before its contract can be checked"
            raise UnsupportedConstruct(f"`{found.name}` cannot be run with its contract: {why}", location=self._location(found))
        return number

    def find(self, function: str) -> Function | None:
        """Return a function by its qualified name, setters (`C.x.setter`) too."""
        found = self.program.function(function)
        if found is None:
            every = (f for m in self.program.modules.values() for f in m.every_function())
            found = next((f for f in every if f.qualified == function), None)
        return found

    def _location(self, function: Function) -> Location:
        return Location(self.program.modules[function.module].path, function.place.line, function.place.column)


class _Instrumenter(ast.NodeTransformer):
    """Makes new nodes; those of the program stay as they are."""

    def __init__(self, whole: Instrumented, module: Module) -> None:
        self.whole, self.own = whole, module
        self.positions = Positions(module.text)
        self.functions = {id(f.node): f for f in module.every_function()}
        self.classes = {id(c.node): c for c in module.classes.values()}
        self.function: Function | None = None
        self.where: Where | None = None
        self.loops = 0

    def module(self) -> ast.Module:
        tree = self.generic_visit(self.own.tree)
        assert isinstance(tree, ast.Module)  # noqa: S101 - for the type checker: a node keeps its kind
        return tree

    def generic_visit(self, node: ast.AST) -> ast.AST:
        new = type(node)()
        for key, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                setattr(new, key, self.visit(value))
            elif isinstance(value, list):
                setattr(new, key, self._list(value))
            else:
                setattr(new, key, value)
        for attribute in node._attributes:  # noqa: SLF001 - public, in spite of its name
            if hasattr(node, attribute):
                setattr(new, attribute, getattr(node, attribute))
        return new

    def _list(self, items: Sequence[Any]) -> list[Any]:
        made: list[Any] = []
        for item in items:
            new = self.visit(item) if isinstance(item, ast.AST) else item
            if isinstance(new, list):
                made.extend(new)
            else:
                made.append(new)
        return made

    # Definitions

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        function = self.functions.get(id(node))
        if function is None or self.function is not None:
            return self._nested(node)
        arguments, returns = self.visit(node.args), None if node.returns is None else self.visit(node.returns)
        decorators = [self.visit(d) for d in node.decorator_list if not self._of_contract(d)]
        body: list[ast.stmt] = list(function.run[0])
        generator = any(isinstance(n, ast.Yield | ast.YieldFrom) for n in _own_nodes(body))
        if function.stub and not _hollow(node.body):
            return self._nested(node)  # it is trusted: its contract is not watched, and its body is what runs
        if function.stub or generator:
            self.function = function
            stop = self._call_statement("bodiless", [constant(function.name)], node)
            plain: list[ast.stmt] = [stop] if function.stub else self._suite(body, node)
            self.function = None
            return self._defined(node, ast.FunctionDef(node.name, arguments, plain, decorators, returns))
        key = len(self.whole.functions)
        names = [p.name for p in function.parameters]
        self.whole.functions.append({})
        self.whole.numbers[function.qualified] = key
        assigned = frozenset(n.id for n in _own_nodes(body) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
        outside = {n for one in _own_nodes(body) if isinstance(one, ast.Global) for n in one.names}  # these have one
        late = (assigned - outside - set(names)) | {RESULT, "__exception__"}
        around = Where(key, names, late, inside=False)
        parts = self._contract(function, around)
        self.function, self.where = function, Where(key, names, late, inside=True)
        self.where.olds = around.olds
        suite = self._suite(body, node)
        inside = self.where
        self.function = self.where = None
        olds = [self._lambda(names, e, e) for e in around.olds]
        keywords = [ast.keyword("olds", tuple_of(olds)), *(ast.keyword(k, v) for k, v in parts.items())]
        wrap = self._call("function", [constant(key), tuple_of([constant(n) for n in names])], node)
        wrap.keywords = keywords
        # The positions of a decorator are where calls of the function are seen to come from: they are the function's own.
        new = ast.FunctionDef(node.name, arguments, suite, [*decorators, placed(wrap, node)], returns)
        self.whole.functions[key] = self._about(function, around, inside)
        return self._defined(node, new)

    def _defined(self, node: ast.FunctionDef, new: ast.FunctionDef) -> ast.FunctionDef:
        if hasattr(node, "type_params"):  # from Python 3.12 on
            vars(new)["type_params"] = self._list(node.type_params)
        return ast.copy_location(new, node)

    def _about(self, function: Function, around: Where, inside: Where) -> dict[str, Any]:
        contract, own = function.contract, function.name.rpartition(".")[2]
        ranged = [(p.name, _bounds(p.type)) for p in function.parameters]
        owner = self.own.classes.get(function.owner)
        method = function.kind in ("method", "property", "setter")
        return {
            "name": function.qualified,
            "path": self.own.path,
            "line": function.node.lineno,
            "column": function.place.column,
            "end_line": function.node.end_lineno,
            "ranges": [(name, *bounds) for name, bounds in ranged if bounds is not None],
            "result_range": _bounds(function.returns),
            "any_raise": contract.any_raise,
            "claims": contract.says_something,
            "inherits": contract.inherits or (owner.inherits if owner is not None and own != "__init__" else ""),
            "method": method,
            "public": (not own.startswith("_") or own.endswith("__")) and own not in _quiet,
            "needs_entry": around.needs_entry or inside.needs_entry,
            "needs_reached": around.needs_reached or inside.needs_reached,
        }

    def _nested(self, node: ast.FunctionDef) -> ast.AST:
        new = self.generic_visit(node)
        assert isinstance(new, ast.FunctionDef)  # noqa: S101 - for the type checker: a node keeps its kind
        if self.function is not None:
            new.body.insert(0, self._call_statement("tick", [], node))
        return new

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        outer, self.function = self.function, None if id(node) in self.classes else self.function
        new = self.generic_visit(node)
        self.function = outer
        assert isinstance(new, ast.ClassDef)  # noqa: S101 - for the type checker: a node keeps its kind
        new.decorator_list = [self.visit(d) for d in node.decorator_list if not self._of_contract(d)]
        if not new.body:
            new.body = [placed(ast.Pass(), node)]
        class_ = self.classes.get(id(node))
        if class_ is not None and class_.kind not in ("enum", "intenum", "protocol", "exception"):
            tests = [self._numbered(c, ["self"], None, class_.qualified) for c in class_.invariants]
            bounds = ((name, _bounds(f.type)) for name, f in class_.fields.items())
            ranges = [tuple_of([constant(n), constant(b[0]), constant(b[1])]) for n, b in bounds if b is not None]
            filled = tuple_of([constant(name) for name in _emptied(class_)])
            new.decorator_list.insert(0, self._call("class_", [tuple_of(tests), tuple_of(ranges), filled], node))
        return new

    def _of_contract(self, decorator: ast.expr) -> bool:
        names: list[str] = []
        target: ast.expr = decorator
        while isinstance(target, ast.Attribute | ast.Call):
            if isinstance(target, ast.Call):
                target = target.func
            else:
                names.append(target.attr)
                target = target.value
        if not isinstance(target, ast.Name):
            return False
        qualified = ".".join([self.own.imports.get(target.id, target.id), *reversed(names)])
        return any(qualified == library or qualified.startswith(f"{library}.") for library in LIBRARIES)

    # Contracts

    def _contract(self, function: Function, where: Where) -> dict[str, ast.expr]:
        contract, names = function.contract, list(where.names and [p.name for p in function.parameters])
        late = [*names, RESULT, "__olds__", "__refs__", "__entry__"]
        thrown = [*names, "__exception__", "__olds__", "__refs__", "__entry__"]
        own = function.qualified
        parts: dict[str, ast.expr] = {}
        if contract.requires:
            parts["requires"] = tuple_of([self._numbered(c, names, where, own) for c in contract.requires])
        if function.implied:
            parts["implied"] = tuple_of([self._numbered(c, names, where, own) for c in function.implied])
        if contract.ensures:
            parts["ensures"] = tuple_of([self._numbered(c, late, where, own) for c in contract.ensures])
        if contract.raises:
            parts["raises"] = tuple_of([self._raises(r, names, thrown, where, own) for r in contract.raises])
        if contract.decreases:
            parts["decreases"] = tuple_of([self._numbered(c, names, where, own) for c in contract.decreases])
        if contract.modifies is not None and contract.syntax in _FRAMED:
            parts["modifies"] = tuple_of([self._owned(c, names, where, own) for c in contract.modifies])
        return parts

    def _raises(self, raises: Any, names: Sequence[str], thrown: Sequence[str], where: Where, own: str) -> ast.expr:
        shown = Clause(raises.exception, raises.place, f"raises {ast.unparse(raises.exception)}")
        number = self._clause(shown, own)
        when = constant(None) if raises.when is None else self._numbered(raises.when, names, where, own)
        ensures = tuple_of([self._numbered(c, thrown, where, own) for c in raises.ensures])
        return placed(
            tuple_of([constant(number), self._lambda(names, raises.exception, raises.exception), when, ensures]), raises.exception
        )

    def _owned(self, clause: Clause, names: Sequence[str], where: Where, own: str) -> ast.expr:
        """Return a test whose value are the objects that may change, each with a field or, for all of it, "".

        A field that may change may also be an object that may change: to say less would blame what is allowed.
        """
        number = self._clause(clause, own)
        pairs = self._targets(clause.expression, where)
        return placed(tuple_of([constant(number), self._thunk(names, pairs, clause.expression)]), clause.expression)

    def _targets(self, target: ast.expr, where: Where) -> ast.expr:
        """Return an iterable of objects, each with a field or, for all of it, ""."""
        match target:
            case ast.Call(func=ast.Name(id="__variable__")):
                return tuple_of([])
            case ast.Call(func=ast.Name(id="__reach__"), args=[one]):
                return self._call("everything", [executable(one, where)], target)
            case ast.Call(func=ast.Name(id="__items__"), args=[one]):
                return tuple_of([tuple_of([executable(one, where), constant("")])])
            case ast.Call(func=ast.Name(id="__implies__"), args=[given, one]):
                return ast.IfExp(executable(given, where), self._targets(one, where), tuple_of([]))
            case ast.Call(func=ast.Name(id="__forall__"), args=[domain, ast.Lambda(args=arguments, body=one)]):
                each = ast.Lambda(arguments, self._targets(one, where))
                return self._call("each_of", [executable(domain, where), each], target)
        pairs = [tuple_of([executable(target, where), constant("")])]
        if isinstance(target, ast.Attribute):
            pairs.append(tuple_of([executable(target.value, where), constant(target.attr)]))
        return tuple_of(pairs)

    def _clause(self, clause: Clause, function: str) -> int:
        self.whole.clauses.append(
            {
                "function": function,
                "path": self.own.path,
                "line": clause.place.line,
                "column": clause.place.column,
                "end_line": clause.place.end_line,
                "end_column": clause.place.end_column,
                "text": clause.text,
            }
        )
        return len(self.whole.clauses) - 1

    def _numbered(self, clause: Clause, names: Sequence[str], where: Where | None, function: str) -> ast.expr:
        test = executable(clause.expression, where)
        pair = tuple_of([constant(self._clause(clause, function)), self._thunk(names, test, clause.expression)])
        return placed(pair, clause.expression)

    def _lambda(self, names: Sequence[str], body: ast.expr, at: ast.AST) -> ast.expr:
        return self._thunk(names, executable(body, None), at)

    def _thunk(self, names: Sequence[str], body: ast.expr, at: ast.AST) -> ast.expr:
        arguments = ast.arguments(posonlyargs=[], args=[ast.arg(n) for n in names], kwonlyargs=[], kw_defaults=[], defaults=[])
        return placed(ast.Lambda(arguments, body), at)

    # Bodies

    def _suite(self, body: Sequence[ast.stmt], at: ast.AST) -> list[ast.stmt]:
        """Return statements, with the note that they were reached in front."""
        if self.function is None:
            return self._list(body)
        number = self.whole.branches
        self.whole.branches += 1
        target = ast.Subscript(ast.Name(COVER, ast.Load()), constant(number), ast.Store())
        return [placed(ast.Assign([target], constant(1)), _start(body[0] if body else at)), *self._list(body)]

    def _call(self, name: str, arguments: Sequence[ast.expr], at: ast.AST) -> ast.Call:
        call = ast.Call(ast.Attribute(ast.Name(MONITOR, ast.Load()), name, ast.Load()), list(arguments), [])
        return placed(call, _start(at))

    def _call_statement(self, name: str, arguments: Sequence[ast.expr], at: ast.AST) -> ast.stmt:
        return placed(ast.Expr(self._call(name, arguments, at)), _start(at))

    def visit_If(self, node: ast.If) -> ast.AST:
        new = ast.If(self.visit(node.test), self._suite(node.body, node), self._suite(node.orelse, node) if node.orelse else [])
        return ast.copy_location(new, node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        type_ = None if node.type is None else self.visit(node.type)
        return ast.copy_location(ast.ExceptHandler(type_, node.name, self._suite(node.body, node)), node)

    def visit_match_case(self, node: ast.match_case) -> ast.AST:
        guard = None if node.guard is None else self.visit(node.guard)
        return ast.match_case(self.visit(node.pattern), guard, self._suite(node.body, node.pattern))

    def visit_While(self, node: ast.While) -> ast.AST | list[ast.stmt]:
        if self.function is None:
            return self.generic_visit(node)
        before, head, _ = self._loop(self.function.run[1].get(node), node)
        test = conjunction([self._call("tick", [], node.test), *head, self.visit(node.test)], node.test)
        orelse = self._suite(node.orelse, node) if node.orelse else []
        return [*before, ast.copy_location(ast.While(test, self._suite(node.body, node), orelse), node)]

    def visit_For(self, node: ast.For) -> ast.AST | list[ast.stmt]:
        if self.function is None:
            return self.generic_visit(node)
        contract = self.function.run[1].get(node)
        before, head, tests = self._loop(contract, node)
        items = self.visit(node.iter)
        body = [self._call_statement("tick", [], node.target), *(placed(ast.Expr(h), _start(node.target)) for h in head)]
        if contract is not None and contract.invariants and before:
            bound = target_names([node.target])
            if not any(free_names(c.expression) & bound for c in contract.invariants):
                variable = before[0].targets[0].id  # type: ignore[attr-defined]  # made by `_loop`
                items = placed(
                    ast.Call(ast.Attribute(ast.Name(variable, ast.Load()), "each", ast.Load()), [items, tests], []), node.iter
                )
        orelse = self._suite(node.orelse, node) if node.orelse else []
        new = ast.For(self.visit(node.target), items, [*body, *self._suite(node.body, node)], orelse, node.type_comment)
        return [*before, ast.copy_location(new, node)]

    def _loop(self, contract: LoopContract | None, node: ast.While | ast.For) -> tuple[list[ast.stmt], list[ast.expr], ast.expr]:
        """Return what goes before a loop, what is checked at its head, and the tests."""
        measures = (contract.decreases or ()) if contract is not None and isinstance(node, ast.While) else ()
        if contract is None or self.function is None or not (contract.invariants or measures):
            return [], [], tuple_of([])
        own = self.function.qualified
        start = _start(node)
        numbers = [constant(self._clause(c, own)) for c in contract.invariants]
        counted = [constant(self._clause(c, own)) for c in measures]
        variable = f"__pb_loop_{self.loops}__"
        self.loops += 1
        assign = ast.Assign([ast.Name(variable, ast.Store())], self._call("Loop", [tuple_of(numbers), tuple_of(counted)], node))
        tests = tuple_of([self._thunk([], executable(c.expression, self.where), start) for c in contract.invariants])
        sizes = tuple_of([self._thunk([], executable(c.expression, self.where), start) for c in measures])
        names = sorted(set().union(*(free_names(c.expression) for c in contract.invariants)) & self._locals())
        shown = ast.Dict([constant(n) for n in names], [ast.Name(n, ast.Load()) for n in names])
        head = ast.Call(
            ast.Attribute(ast.Name(variable, ast.Load()), "head", ast.Load()), [tests, sizes, self._thunk([], shown, start)], []
        )
        return [placed(assign, start)], [placed(head, start)], tests

    def _locals(self) -> set[str]:
        assert self.where is not None  # noqa: S101 - for the type checker: loops with contracts are in functions
        return set(self.where.names | self.where.late) - {RESULT, "__exception__"}

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        if self.function is None:
            return self.generic_visit(node)
        test = executable(node.test, self.where)
        number = self._clause(self._written(node, node.test, "assert "), self.function.qualified)
        message = constant(None) if node.msg is None else self._thunk([], self.visit(node.msg), node.msg)
        raising = self._call_statement("failed", [constant(number), message], node)
        return ast.copy_location(ast.If(placed(ast.UnaryOp(ast.Not(), test), node.test), [raising], []), node)

    def _written(self, node: ast.AST, test: ast.expr, before: str = "") -> Clause:
        return Clause(test, self.positions.place(node), before + ast.unparse(test))

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        value = node.value
        if self.function is None or not isinstance(value, ast.Call) or not isinstance(value.func, ast.Name):
            return self.generic_visit(node)
        if value.func.id in (REVEAL, REFUTE):  # a run has no part in them
            return placed(ast.Pass(), node)
        if value.func.id in (CHECK, ASSUME) and value.args:
            number = self._clause(self._written(node, value.args[0]), self.function.qualified)
            test = self._thunk([], executable(value.args[0], self.where), value.args[0])
            return self._call_statement("check" if value.func.id == CHECK else "assume", [constant(number), test], node)
        return self.generic_visit(node)

    def visit_With(self, node: ast.With) -> ast.AST:
        first = node.items[0].context_expr
        if isinstance(first, ast.Call) and isinstance(first.func, ast.Name) and first.func.id == GHOST:
            return ast.copy_location(ast.If(placed(ast.Constant(True), node), self._list(node.body), []), node)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name):
            if node.func.id == GHOST and len(node.args) == 1:
                return self.visit(node.args[0])  # type: ignore[no-any-return]  # `visit` of `ast` says Any
            if node.func.id == IMPLIES or (node.func.id in (FORALL, EXISTS) and self.function is not None):
                return executable(node, self.where)
        return self.generic_visit(node)


_FRAMED = (Syntax.NATIVE,)  # others say with permissions what a run cannot see, or nothing


def _library(module: Module) -> bool:
    """Whether a module says what a library promises, which runs as it is installed."""
    functions = module.every_function()
    return module.path.endswith(".pyi") or (bool(functions) and all(f.stub for f in functions))


def _own_nodes(body: Sequence[ast.stmt]) -> list[ast.AST]:
    """Return the nodes of a body without those of functions and classes inside it."""
    found: list[ast.AST] = []
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(node))
    return found


def _emptied(class_: Class) -> list[str]:
    """Return the fields that a class sets to None somewhere although their types do not allow it."""
    found: dict[str, None] = {}
    for node in ast.walk(class_.node):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant) and node.value.value is None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                match target:
                    case ast.Attribute(ast.Name("self"), name) | ast.Name(name) if name in class_.fields:
                        found[name] = None
    return [name for name in found if _never_none(class_.fields[name].type)]


def _never_none(type_: Type) -> bool:
    if isinstance(type_, Plain):
        return type_ not in (NONE, OBJECT, UNKNOWN)
    return isinstance(type_, Ranged | Tuple | Collection | Mapping | Instance)


def _bounds(type_: Type) -> tuple[int | None, int | None] | None:
    """Return the range of integers that a type allows; None: all of them, or it allows other integers too."""
    options = type_.options if isinstance(type_, Union) else (type_,)
    rest = [o for o in options if o != NONE]
    if len(rest) == 1 and isinstance(rest[0], Ranged):
        return rest[0].low, rest[0].high
    return None


def _start(node: ast.AST) -> ast.AST:
    """Return a place for what nobody wrote: the start of what it is about. A call over several lines would be at their last."""
    line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]  # statements and expressions have them
    return ast.Constant(None, lineno=line, col_offset=column, end_lineno=line, end_col_offset=column)


def _hollow(body: list[ast.stmt]) -> bool:
    """Whether a body does nothing: it is that of a contract file."""
    return all(isinstance(s, ast.Pass) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)) for s in body)
