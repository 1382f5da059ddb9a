"""Conditions given to decorators as functions: lambdas, names of lambdas, and names of functions.

What a library passes to a condition is said by a `Binding`; the result is an
expression over the parameters of the decorated function, in normal form.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from probatum.python import forms
from probatum.python.contracts.native import without_docstring
from probatum.python.program import Problem
from probatum.python.scopes import Scope

deepest = 100  # nesting of a contract that is read by recursion; what people write stays below 20


class Unreadable(Exception):
    """A condition that cannot be brought to normal form; `problem` says why. Never leaves the adapters."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True)
class Binding:
    """What a library passes to a condition.

    Attributes
    ----------
    scope : Scope
        Around the decorated function, where the condition was written.
    values : mapping of str to (ast.expr or str)
        What is passed by name, in normal form: parameters stand for themselves.
    parameters : frozenset of str
        Of the decorated function: names of the module that are called the same cannot be meant in normal form.
    positions : sequence of str, optional
        What is passed by position: keys of `values`. None: everything is passed by name.
    """

    scope: Scope
    values: Mapping[str, ast.expr | str]
    parameters: frozenset[str]
    positions: Sequence[str] | None = None
    called: str = "the condition"
    refused: Mapping[str, str] = field(default_factory=dict)  # names that are passed and cannot be read, with what they are

    def read(self, condition: ast.expr) -> ast.expr:
        """Return a condition as an expression.

        Raises
        ------
        Unreadable
            The condition is no function of this module, or asks for what is not passed to it.
        """
        function = self._resolved(condition)
        if isinstance(function, ast.Lambda):
            return self._applied(function, let_bound(function.body))
        if isinstance(function, ast.FunctionDef):
            return self._call(condition, function)
        if self.positions is not None and self.scope.qualified(condition) is not None:
            return forms.placed(
                ast.Call(forms.copied(condition), [self._value(n, condition) for n in self.positions], []), condition
            )
        advice = "write it as a lambda, or name a function of the same module"
        raise Unreadable(
            self.scope.unsupported(
                condition, f"{self.called} `{self.scope.source(condition)}` is not a function that can be read here", advice
            )
        )

    def _resolved(self, condition: ast.expr) -> ast.AST:
        for _ in range(20):  # names of names may go in a circle
            if not isinstance(condition, ast.Name) or condition.id in self.scope.hidden:
                break
            known = self.scope.functions.get(condition.id)
            if known is not None:
                return known
            alias = self.scope.constants.get(condition.id)
            if alias is None:
                break
            condition = alias
        return condition

    def _value(self, key: str, at: ast.AST) -> ast.expr:
        value = self.values[key]
        return forms.name(value, at) if isinstance(value, str) else forms.copied(value)

    def _arguments(self, arguments: ast.arguments, body: ast.expr | None, at: ast.AST) -> dict[str, ast.expr | str]:
        """Return what each parameter of a condition stands for."""
        own = [*arguments.posonlyargs, *arguments.args]
        defaults: dict[str, ast.expr] = {
            a.arg: d for a, d in zip(own[len(own) - len(arguments.defaults) :], arguments.defaults, strict=True)
        }
        defaults |= {a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None}
        rest = [a.arg for a in (arguments.vararg, arguments.kwarg) if a is not None]
        used = forms.free_names(body) if body is not None else frozenset()
        for name in rest:
            if body is None or name in used:
                raise Unreadable(self.scope.unsupported(at, f"{self.called} takes `*{name}` and uses it", "name the parameters"))
        found: dict[str, ast.expr | str] = {}
        consumed: set[str] = set()
        names = [a.arg for a in own]
        positions = self.positions
        by_position = positions is not None and not set(names) <= self.values.keys()
        for index, name in enumerate([*names, *(a.arg for a in arguments.kwonlyargs)]):
            key = name
            if positions is not None and index < min(len(names), len(positions)):
                if not by_position and name in positions and positions[index] != name:
                    message = (
                        f"{self.called} takes the parameters in another order: what it gets depends on how the function is called"
                    )
                    raise Unreadable(self.scope.unsupported(at, message, f"let it take `{', '.join(positions)}`, in this order"))
                key = positions[index] if by_position else name
            if key in self.refused:
                raise Unreadable(
                    self.scope.unsupported(at, f"{self.called} uses `{key}`: {self.refused[key]}", "name the parameters")
                )
            if key in self.values:
                found[name] = self.values[key]
                consumed.add(key)
            elif name in defaults and not forms.free_names(defaults[name]) & self.parameters:
                found[name] = defaults[name]
            else:
                known = ", ".join(f"`{v}`" for v in self.values) or "nothing"
                message = f"{self.called} asks for `{name}`, which is not passed to it"
                raise Unreadable(self.scope.mistake(at, message, f"it may ask for {known}"))
        if positions is not None and not rest and (missing := [p for p in positions if p not in consumed]):
            words = ", ".join(f"`{m}`" for m in missing)
            advice = "the library calls it with the arguments of the function"
            raise Unreadable(self.scope.mistake(at, f"{self.called} does not take {words}", advice))
        return found

    def _applied(self, function: ast.Lambda, body: ast.expr) -> ast.expr:
        found = self._arguments(function.args, body, function)
        outside = (forms.free_names(body) - found.keys()) & self.parameters
        if outside:
            name = min(outside)
            message = f"{self.called} means the `{name}` of the module, and the function has a parameter of that name"
            raise Unreadable(self.scope.unsupported(function, message, f"let the condition take `{name}`, or rename one of them"))
        return self.substituted(body, {k: v for k, v in found.items() if v != k}, function)

    def substituted(self, body: ast.expr, replacements: Mapping[str, ast.expr | str], at: ast.AST) -> ast.expr:
        """Replace names, or refuse where a name would change its meaning."""
        try:
            return forms.substituted(body, replacements)
        except ValueError as captured:
            advice = "choose another name in the lambda or comprehension"
            raise Unreadable(
                self.scope.unsupported(at, f"{self.called} hides a name that it uses: {captured}", advice)
            ) from captured

    def _call(self, condition: ast.expr, function: ast.FunctionDef) -> ast.expr:
        body = without_docstring(function.body)
        single = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
        found = self._arguments(function.args, None, condition)
        if single is not None and function.returns is None and not function.decorator_list:
            # A function without annotations can mean nothing on its own; what it returns can.
            outside = (forms.free_names(single) - found.keys()) & self.parameters
            if not outside:
                return self.substituted(single, {k: v for k, v in found.items() if v != k}, condition)
        arguments = [(n, forms.name(v, condition) if isinstance(v, str) else forms.copied(v)) for n, v in found.items()]
        positional = {a.arg for a in function.args.posonlyargs}
        return forms.placed(
            ast.Call(
                forms.copied(condition),
                [v for n, v in arguments if n in positional],
                [ast.keyword(n, v) for n, v in arguments if n not in positional],
            ),
            condition,
        )


def resolved(decorator: ast.expr, scope: Scope) -> ast.expr:
    """Return the decorator that a name stands for, where a contract was made first and then applied by its name."""
    for _ in range(20):  # names of names may go in a circle
        if not isinstance(decorator, ast.Name) or decorator.id in scope.hidden:
            break
        alias = scope.constants.get(decorator.id)
        if not isinstance(alias, ast.Call | ast.Name):
            break
        decorator = alias
    return decorator


def let_bound(body: ast.expr) -> ast.expr:
    """Return a condition in which `(x := e, p)[1]`, the way to name a value within a lambda, is `__let__(e, lambda x: p)`.

    Where the name is also used elsewhere the condition stays as it is.
    """
    names: set[str] = set()

    def change(node: ast.AST) -> ast.AST:
        if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Tuple) and len(node.value.elts) > 1):
            return node
        *first, last = node.value.elts
        picked = ast.unparse(node.slice)
        if picked not in {str(len(first)), "-1"} or not all(isinstance(f, ast.NamedExpr) for f in first):
            return node
        for one in reversed(first):
            assert isinstance(one, ast.NamedExpr)  # noqa: S101 - just seen, for the type checker
            names.add(one.target.id)
            last = forms.call(forms.LET, [one.value, forms.thunk([one.target.id], last, one)], node)
        return last

    new = forms.rebuilt(body, change)
    return body if names & forms.free_names(new) else new


def argument(call: ast.Call, position: int | None, name: str) -> ast.expr | None:
    """Return an argument of a call, given by position or by name."""
    if position is not None and position < len(call.args):
        return call.args[position]
    return next((k.value for k in call.keywords if k.arg == name), None)


def error_name(error: ast.expr | None) -> str:
    """Return the class of exception that an argument names: the class, a call of it, or a lambda that returns one."""
    if isinstance(error, ast.Lambda):
        error = error.body
    if isinstance(error, ast.Call):
        error = error.func
    return ast.unparse(error) if isinstance(error, ast.Name | ast.Attribute) else ""


def depth(root: ast.AST) -> int:
    """Return how deep a tree is."""
    deepest_seen = 0
    pending = [(root, 1)]
    while pending:
        node, level = pending.pop()
        deepest_seen = max(deepest_seen, level)
        pending.extend((child, level + 1) for child in ast.iter_child_nodes(node))
    return deepest_seen


def plain_body(node: ast.FunctionDef) -> list[ast.stmt]:
    """Return a copy of a function's body without its docstring."""
    return [forms.copied(s) for s in without_docstring(node.body)]
