"""Functions within functions: where one is called, its body stands for the call.

What it takes from around it is what that is when it is called: the function
around it is at the call, and the one within assigns nothing outside of itself.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from dataclasses import dataclass

from probatum.lower.bound_names import assigned_names
from probatum.lower.module_state import ModuleState
from probatum.lower.terms import Term
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Contract, Function, Parameter, Place, Syntax

_LOCAL = "<locals>"


@dataclass(frozen=True, slots=True)
class Inner:
    """A function within another one, and the names that its body only reads."""

    function: Function
    free: frozenset[str]


class Closures(ModuleState):
    """Definitions of functions in bodies of functions."""

    inner: dict[str, Inner]  # those that are defined by now
    around: Mapping[str, Term] | None = None  # within one of them: what it and those that it calls take from around

    def is_inner(self, function: Function) -> bool:
        """Whether a function stands within another."""
        return _LOCAL in function.name

    def inner_names(self, function: Function) -> frozenset[str]:
        """Return the names of functions that stand in the body of one, which are local to it."""
        if self.top_level and function is self.root:
            return frozenset()
        return frozenset(n.name for s in function.body for n in ast.walk(s) if isinstance(n, ast.FunctionDef))

    def statement_FunctionDef(self, node: ast.FunctionDef) -> None:  # noqa: N802 - named after the node
        """A definition."""
        if self.top_level:
            super().statement_FunctionDef(node)
            return
        self._refuse(node)
        taken = {a.arg for a in node.args.args}
        own = taken | {name for s in node.body for name in assigned_names(s)}
        parts = [n for s in node.body for n in ast.walk(s)]
        free = {n.id for n in parts if isinstance(n, ast.Name)} - own
        parameters = tuple(Parameter(a.arg, self._declared(a.annotation), self._stands_at(a)) for a in node.args.args)
        place = self._stands_at(node)
        function = Function(
            f"{self.function.name}.{_LOCAL}.{node.name}", self.function.module, node, place, parameters,
            self._declared(node.returns) if node.returns is not None else t.UNKNOWN, Contract(place=place), node.body,
        )  # fmt: skip
        self.inner = {**self.inner, node.name: Inner(function, frozenset(free))}

    def _stands_at(self, node: ast.arg | ast.stmt) -> Place:
        return Place(node.lineno, node.col_offset + 1)

    def _declared(self, annotation: ast.expr | None) -> t.Type:
        type_ = self.annotation(annotation) if annotation is not None else None
        return t.UNKNOWN if type_ is None else type_

    def _refuse(self, node: ast.FunctionDef) -> None:
        """Refuse what is more than a body that stands for calls."""
        what = f"the function `{node.name}` within a function"
        own, module = self.function, self.module
        if own.contract.syntax == Syntax.NAGINI or self.is_inner(own):
            raise Unsupported(what, node)
        if not any(node is s for s in own.body):
            raise Unsupported(f"{what}, which is defined under a condition", node)
        others = [n for s in own.body for n in ast.walk(s) if n is not node]
        stored = {n.id for n in others if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        again = {n.name for n in others if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)}
        outside = {*module.functions, *module.classes, *module.constants, *module.variables, *module.imports}
        taken = {p.name for p in own.parameters}
        if node.name in stored | again | outside | taken or hasattr(builtins, node.name):
            raise Unsupported(f"{what}, whose name stands for something else, too", node)
        if node.decorator_list:
            raise Unsupported(f"{what} that is decorated", node)
        arguments = node.args
        if arguments.posonlyargs or arguments.kwonlyargs or arguments.vararg or arguments.kwarg or arguments.defaults:
            raise Unsupported(f"{what} whose parameters have defaults or are passed in other ways", node)
        for one in ast.walk(node):
            if isinstance(one, ast.Nonlocal | ast.Global):
                raise Unsupported(f"{what} that assigns what is outside of it", one)
            if isinstance(one, ast.Yield | ast.YieldFrom | ast.Await | ast.Lambda | ast.NamedExpr) or (
                isinstance(one, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) and one is not node
            ):
                raise Unsupported(f"{what} with `{type(one).__name__}` in it", one)

    def expression_Name(self, node: ast.Name, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """A name."""
        if node.id in self.inner and node.id not in self.names:
            raise Unsupported(f"the function `{node.id}` as a value", node)
        return super().expression_Name(node, expected)

    def expression_Call(self, node: ast.Call, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """A call."""
        if isinstance(node.func, ast.Name) and node.func.id in self.inner and node.func.id not in {*self.names, *self.locals}:
            return self._call_inner(self.inner[node.func.id], node)
        return super().expression_Call(node, expected)

    def _call_inner(self, inner: Inner, node: ast.Call) -> Term:
        function = inner.function
        if self.in_contract or self.binders or self.guards or self.demands is not None:
            raise Unsupported(f"a call of the function `{node.func.id}` here", node)  # type: ignore[attr-defined]  # it is a name
        given = {p.name: value for p, value in zip(function.parameters, node.args, strict=False)}
        if any(isinstance(a, ast.Starred) for a in node.args) or len(node.args) > len(function.parameters):
            raise Unsupported("these arguments of a function within a function", node)
        for keyword in node.keywords:
            if keyword.arg is None or keyword.arg in given:
                raise Unsupported("these arguments of a function within a function", node)
            given[keyword.arg] = keyword.value
        if set(given) != {p.name for p in function.parameters}:
            raise Unsupported("these arguments of a function within a function", node)
        types = {p.name: p.type for p in function.parameters}
        values = {}
        for name, value in given.items():
            known = types[name] != t.UNKNOWN
            term = self.evaluate(value, types[name] if known else None)
            term = self.materialised(term, node)
            values[name] = self.kept(self.coerce(term, types[name], value) if known else term)
        around, self.around = self.around, self._all_from_around(inner) if self.around is None else self.around
        try:
            return self.call_uncontracted(function, {**self._from_around(inner), **values}, node, {})
        finally:
            self.around = around

    def _from_around(self, inner: Inner) -> dict[str, Term]:
        around = self.around or {}
        return {name: around[name] for name in inner.free if name in around}

    def _all_from_around(self, inner: Inner) -> dict[str, Term]:
        """Return what a function takes from the one around it, with what those take that it calls."""
        names, waiting = set[str](), [inner]
        seen = set[str]()
        while waiting:
            one = waiting.pop()
            for name in one.free - seen:
                seen.add(name)
                if name in self.inner:
                    waiting.append(self.inner[name])
                elif name in self.names or name in self.locals or name in self.bound:
                    names.add(name)
        place = inner.function.node
        return {n: self.kept(self.evaluate(ast.copy_location(ast.Name(n, ast.Load()), place))) for n in sorted(names)}
