"""Conditions as they run: calls of the library in them get their meaning, and what `old` needs is remembered."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from probatum.spec.pieces import RESULT, CannotRewrite, lambda_parameters, names_of, runtime_call, text_of


@dataclass
class Olds:
    """What is remembered of the start: expressions, and whole parameters where an expression has names that are bound later."""

    values: list[tuple[str, ast.expr, str]] = field(default_factory=list)  # name, expression, as the author wrote it
    whole: dict[str, str] = field(default_factory=dict)  # name of a parameter -> name of its copy
    known: bool = False  # what could be reached

    def names(self) -> tuple[tuple[str, str], ...]:
        """Return what is remembered, each with the call that stood for it."""
        return tuple((name, f"old({text})") for name, _, text in self.values)


class Conditions:
    """Rewrites the conditions of one function.

    Parameters
    ----------
    named : callable
        The name in `probatum.spec` that an expression stands for, or "".
    parameters : sequence of str
        Of the function.
    """

    def __init__(self, named: Callable[[ast.expr], str], parameters: Sequence[str]) -> None:
        self.named = named
        self.parameters = parameters
        self.old = Olds()

    def expression(self, node: ast.expr, bound: frozenset[str] = frozenset(), names: dict[str, str] | None = None) -> ast.expr:
        """Return a condition as it runs; `names` are replaced, `bound` are those of lambdas and comprehensions around."""
        made = _Copied(self, bound, names or {}).visit(node)
        assert isinstance(made, ast.expr)  # noqa: S101 - the visitor keeps expressions
        return made

    def remember(self, inner: ast.expr, bound: frozenset[str]) -> ast.expr:
        """Return what stands for `old(inner)`."""
        free = {n.id for n in ast.walk(inner) if isinstance(n, ast.Name)}
        if not free & bound:
            text = text_of(inner)
            for name, _, known in self.old.values:
                if known == text:
                    return ast.Name(name, ast.Load())
            name = f"__old_{len(self.old.values)}__"
            self.old.values.append((name, self.expression(inner), text))
            return ast.Name(name, ast.Load())
        renamed = {}
        for name in sorted(free & set(self.parameters) - bound):
            renamed[name] = self.old.whole.setdefault(name, f"__entry_{name}__")
        if not renamed:
            raise CannotRewrite(f"`old({text_of(inner)})` is about no parameter")
        return self.expression(inner, bound, renamed)

    def later(self, argument: ast.expr) -> ast.expr:
        """Return the condition that an argument is, called if it is a function."""
        inner = unwrapped(argument)
        condition = self.expression(inner)
        return runtime_call("applied", [condition]) if isinstance(inner, ast.Name | ast.Attribute) else condition


def unwrapped(argument: ast.expr) -> ast.expr:
    """Return the condition that a lambda without parameters delays."""
    return argument.body if isinstance(argument, ast.Lambda) and lambda_parameters(argument) == [] else argument


class _Copied(ast.NodeTransformer):
    """Copies a condition, and gives the calls of the library in it their meaning at run time."""

    def __init__(self, conditions: Conditions, bound: frozenset[str], names: dict[str, str]) -> None:
        self.conditions = conditions
        self.bound = bound
        self.names = names

    def generic_visit(self, node: ast.AST) -> ast.AST:
        fields: dict[str, object] = {}
        for key, value in ast.iter_fields(node):
            if isinstance(value, list):
                fields[key] = [self.visit(item) if isinstance(item, ast.AST) else item for item in value]
            else:
                fields[key] = self.visit(value) if isinstance(value, ast.AST) else value
        return ast.copy_location(type(node)(**fields), node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        own = names_of(node.args)
        inner = self.inside(own)
        return ast.copy_location(ast.Lambda(node.args, inner.visit(node.body)), node)

    def comprehension(self, node: ast.AST) -> ast.AST:
        targets = {n.id for g in getattr(node, "generators", ()) for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        return self.inside(targets).generic_visit(node)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension  # noqa: N815 - as above

    def inside(self, own: set[str]) -> _Copied:
        if own & set(self.names):
            kept = {k: v for k, v in self.names.items() if k not in own}
            return _Copied(self.conditions, self.bound | own, kept)
        return _Copied(self.conditions, self.bound | own, self.names)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        # `old(e).a` means the attribute as it was, which `old(e.a)` says: objects are not copied.
        inner: ast.expr = node
        names: list[str] = []
        while isinstance(inner, ast.Attribute):
            names.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Call) and len(inner.args) == 1 and self.conditions.named(inner.func) == "old":
            whole = inner.args[0]
            for name in reversed(names):
                whole = ast.Attribute(whole, name, ast.Load())
            return ast.copy_location(self.conditions.remember(whole, self.bound), node)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = self.conditions.named(node.func)
        arguments = node.args
        if name == "result" and not arguments:
            return ast.copy_location(ast.Name(RESULT, ast.Load()), node)
        if name == "implies" and len(arguments) == 2 and not node.keywords:
            first, second = (self.visit(unwrapped(a)) for a in arguments)
            return ast.copy_location(ast.BoolOp(ast.Or(), [ast.UnaryOp(ast.Not(), first), second]), node)
        if name == "old" and len(arguments) == 1:
            return ast.copy_location(self.conditions.remember(arguments[0], self.bound), node)
        if name == "fresh" and len(arguments) == 1:
            self.conditions.old.known = True
            new = ast.Compare(
                runtime_call("identity", [self.visit(arguments[0])]), [ast.NotIn()], [ast.Name("__known__", ast.Load())]
            )
            return ast.copy_location(new, node)
        if name in ("forall", "exists") and len(arguments) == 2 and not node.keywords:
            domain, test = arguments
            if isinstance(domain, ast.Name) and domain.id == "int" and isinstance(test, ast.Lambda):
                limits = self.limits(test, name)
                if limits is not None:
                    return self.generic_visit(ast.copy_location(ast.Call(node.func, [limits, test], []), node))
        return self.generic_visit(node)

    def limits(self, test: ast.Lambda, word: str) -> ast.expr | None:
        """Return a range of all integers for which the guard of a quantifier can be true; None if it has no bounds."""
        names = lambda_parameters(test)
        if names is None or len(names) != 1 or "int" in self.conditions.parameters:
            return None
        variable = names[0]
        guard: ast.expr = test.body
        if word == "forall":
            if not isinstance(guard, ast.Call) or self.conditions.named(guard.func) != "implies" or len(guard.args) != 2:
                return None
            guard = guard.args[0]
        pending, comparisons = [guard], list[tuple[ast.expr, ast.cmpop, ast.expr]]()
        while pending:
            one = pending.pop()
            if isinstance(one, ast.BoolOp) and isinstance(one.op, ast.And):
                pending += one.values
            elif isinstance(one, ast.Compare):
                parts = [one.left, *one.comparators]
                comparisons += zip(parts, one.ops, parts[1:], strict=False)
        low: ast.expr | None = None
        high: ast.expr | None = None
        for left, op, right in comparisons:
            if isinstance(op, ast.Gt | ast.GtE):
                below, above, strict = right, left, isinstance(op, ast.Gt)
            elif isinstance(op, ast.Lt | ast.LtE):
                below, above, strict = left, right, isinstance(op, ast.Lt)
            else:
                continue
            one_more = ast.Constant(1)
            if isinstance(above, ast.Name) and above.id == variable and not _mentions(below, variable):
                low = low or (ast.BinOp(below, ast.Add(), one_more) if strict else below)
            if isinstance(below, ast.Name) and below.id == variable and not _mentions(above, variable):
                high = high or (above if strict else ast.BinOp(above, ast.Add(), one_more))
        return None if low is None or high is None else runtime_call("between", [low, high])


def _mentions(node: ast.expr, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node))
