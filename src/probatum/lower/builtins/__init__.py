"""Built-in functions and the methods of built-in types.

Each entry is a method whose name says what it is for: `call_len`,
`method_list_append`; they are in one class for each type, each of which extends
the one before: `Iteration`, `Numbers`, `Texts`, `Splitting`, `Binary`, `Lists`, `Dicts`, `Defaults`,
`Sets`, `Conversions`, `Libraries`, `Combining`, `Patterns`. What is not there is not supported, and says so by name.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.lower.builtins.patterns import Patterns
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, disjunction, negation
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Function

# What can be called of a value of which only reading is known.
_READING = frozenset({"index", "count", "get", "keys", "values", "items"})


class Builtins(Patterns):
    """What built-in functions and methods mean."""

    root: Function  # the function that is verified

    def builtin(self, name: str, node: ast.Call, expected: t.Type | None) -> Term:
        """Return what a built-in function returns."""
        special = getattr(self, f"special_{name}", None)
        if special is not None:
            return special(node, expected)  # type: ignore[no-any-return]  # methods of this class, found by name
        method = getattr(self, f"class_{name.replace('.', '_')}" if "." in name else f"call_{name}", None)
        if method is None:
            raise Unsupported(f"the built-in function `{name}`", node)
        if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
            raise Unsupported(f"`*` in a call of `{name}`", node)
        named = [k for k in node.keywords if k.arg != "key"]
        values = self.in_order([*node.args, *(k.value for k in named)])
        keywords = self._keywords(node, values[len(node.args) :])
        try:
            return method(node, *values[: len(node.args)], **keywords)  # type: ignore[no-any-return]  # a method of this class, found by name
        except TypeError as error:
            if "argument" not in str(error):
                raise
            raise Unsupported(f"a call of `{name}` with these arguments", node) from None

    def _keywords(self, node: ast.Call, values: Sequence[Term]) -> dict[str, Term | ast.expr]:
        """Return keyword arguments: of `key` what is written, of others their values."""
        named = [k.arg or "" for k in node.keywords if k.arg != "key"]
        own: dict[str, Term | ast.expr] = dict(zip(named, values, strict=True))
        for keyword in node.keywords:
            if keyword.arg == "key" and not _is_none(keyword.value):
                own["key"] = keyword.value
        return own

    def builtin_method(self, receiver: Term, name: str, node: ast.Call, arguments: Sequence[Term]) -> Term:
        """Return what a method of a built-in type returns."""
        own = t.without_none(receiver.type)
        if own is not receiver.type and self.may_be_none(receiver.type):
            self.demand(negation(self.is_none(receiver)), Kind.NONE, node, "it must not be None", "AttributeError")
            receiver = self.narrow(receiver, own)
        kind = own.kind if isinstance(own, t.Collection | t.Mapping) else str(own)
        kind = {"sequence": "list", "iterable": "list", "Counter": "dict", "defaultdict": "dict", "mapping": "dict"}.get(
            kind, kind
        )
        if isinstance(own, t.Tuple):
            kind = "tuple"
        if self.sort(own) == "int":
            kind = "int"
        if isinstance(own, t.Instance) and own.name.startswith("re."):
            kind = own.name.removeprefix("re.").lower()
        method = getattr(self, f"method_{kind}_{name}", None)
        if method is None:
            raise Unsupported(f"the method `{name}` of a `{own}`", node)
        if isinstance(own, t.Collection | t.Mapping) and own.kind in ("sequence", "iterable", "mapping") and name not in _READING:
            raise Unsupported(f"the method `{name}` of a `{own}`", node)
        if any(k.arg is None for k in node.keywords):
            raise Unsupported(f"`**` in a call of the method `{name}`", node)
        values = self.in_order([k.value for k in node.keywords if k.arg != "key"])
        try:
            return method(receiver, node, *arguments, **self._keywords(node, values))  # type: ignore[no-any-return]  # a method of this class, found by name
        except TypeError as error:
            if "argument" not in str(error):
                raise
            raise Unsupported(f"a call of the method `{name}` of a `{own}` with these arguments", node) from None

    def special_all(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`all(p for x in xs)`, or `all(xs)`."""
        del expected
        return self._quantified(node, every=True)

    def special_any(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`any(p for x in xs)`, or `any(xs)`."""
        del expected
        return self._quantified(node, every=False)

    def _quantified(self, node: ast.Call, *, every: bool) -> Term:
        (argument,) = node.args
        if isinstance(argument, ast.GeneratorExp | ast.ListComp):
            return Term(self.quantified(argument.generators, argument.elt, every, node), t.BOOL)
        name = ast.copy_location(ast.Name("item'", ast.Load()), argument)
        target = ast.copy_location(ast.Name("item'", ast.Store()), argument)
        return Term(self.quantified([ast.comprehension(target, argument, [], 0)], name, every, node), t.BOOL)

    def special_isinstance(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`isinstance(x, C)`."""
        del expected
        value = self.evaluate(node.args[0])
        return Term(disjunction(*(self.holds_type(value, c) for c in self.classes_of(node.args[1]))), t.BOOL)

    def special_print(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`print(...)`: its arguments are evaluated; what is printed is not modelled."""
        del expected
        self.may_print(node)
        for argument in node.args:
            self.written(self.evaluate(argument.value if isinstance(argument, ast.Starred) else argument), argument)
        for keyword in node.keywords:
            given = self.evaluate(keyword.value).type
            if keyword.arg in ("sep", "end") and given not in (t.STR, t.NONE):
                raise Unsupported(f"a `{given}` as `{keyword.arg}` of `print`", keyword.value)
        return Term("Unit()", t.NONE)

    def may_print(self, node: ast.AST, callee: str = "") -> None:
        """Demand that the contract lets the function, or what it calls, write to standard output."""
        if self.root.contract.silent:
            who = f"`{callee}`" if callee else "`print`"
            self.demand("false", Kind.EXCEPTION, node, f"{who} writes to standard output, which the contract does not allow")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
