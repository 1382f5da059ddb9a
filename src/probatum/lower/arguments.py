"""Calls with `*`, and calls of functions that take any number of arguments."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.lower.terms import Term, apply
from probatum.lower.unpacking import Unpacking
from probatum.lower.unsupported import Unsupported
from probatum.lower.variables import without_variables
from probatum.python import types as t
from probatum.python.program import Function, Parameter, Passing

_MANY = (Passing.REST, Passing.REST_KEYWORDS)


class Arguments(Unpacking):
    """Which argument goes to which parameter, where their numbers differ."""

    def matched(self, function: Function, node: ast.Call, receiver: Term | None = None) -> dict[str, Term]:
        """Return arguments by the names of parameters, evaluated in the order of the call."""
        many = any(p.passing in _MANY for p in function.parameters)
        if not many and not any(isinstance(a, ast.Starred) for a in node.args):
            return super().matched(function, node, receiver)
        if any(k.arg is None for k in node.keywords):
            raise Unsupported("`**` in a call", node)
        parameters = list(function.parameters)
        found: dict[str, Term] = {}
        if receiver is not None and function.kind != "static":
            found[parameters.pop(0).name] = receiver
        positional = [p for p in parameters if p.passing in (Passing.POSITIONAL, Passing.BOTH)]
        values = self._positional(node, positional)
        named = {k.arg or "": self._steady(k.value, self._named_type(k.arg or "", parameters), node) for k in node.keywords}
        found.update((p.name, v) for p, v in zip(positional, values, strict=False))
        by_name = {p.name: p for p in parameters if p.passing in (Passing.BOTH, Passing.KEYWORD)}
        for name in [n for n in named if n in by_name]:
            if name in found:
                raise Unsupported(f"a call of `{function.name}` with two values for `{name}`", node)
            found[name] = named.pop(name)
        extra = values[len(positional) :]
        for parameter in parameters:
            if parameter.passing == Passing.REST:
                found[parameter.name] = self._rest(parameter, extra, node)
                extra = []
            elif parameter.passing == Passing.REST_KEYWORDS:
                found[parameter.name] = self._rest_keywords(parameter, named, node)
                named = {}
            elif parameter.name not in found:
                if parameter.default is None:
                    raise Unsupported(f"a call of `{function.name}` without its argument `{parameter.name}`", node)
                found[parameter.name] = self.default_of(parameter, function)
        if extra or named:
            raise Unsupported(f"a call of `{function.name}` with too many arguments", node)
        return found

    def placed(self, function: Function, values: Sequence[Term], node: ast.AST) -> dict[str, Term]:
        """Return values by the names of parameters, where Python itself makes the call and names none; defaults for the rest."""
        positional = [p for p in function.parameters if p.passing in (Passing.POSITIONAL, Passing.BOTH)]
        found = {p.name: v for p, v in zip(positional, values, strict=False)}
        extra = values[len(positional) :]
        for parameter in function.parameters:
            if parameter.passing == Passing.REST:
                found[parameter.name], extra = self._rest(parameter, extra, node), ()
            elif parameter.passing == Passing.REST_KEYWORDS:
                found[parameter.name] = self._rest_keywords(parameter, {}, node)
            elif parameter.name not in found:
                if parameter.default is None:
                    raise Unsupported(f"a call of `{function.name}`, which takes another number of arguments,", node)
                found[parameter.name] = self.default_of(parameter, function)
        if extra:
            raise Unsupported(f"a call of `{function.name}`, which takes another number of arguments,", node)
        return found

    def _named_type(self, name: str, parameters: Sequence[Parameter]) -> t.Type | None:
        return next((p.type for p in parameters if p.name == name and p.passing not in _MANY), None)

    def _steady(self, node: ast.expr, expected: t.Type | None, call: ast.Call) -> Term:
        """Return a value as it is before what comes after it in the call is evaluated."""
        value = self.evaluate(node, expected)
        others = (*call.args, *(k.value for k in call.keywords))
        if self.in_contract or not any(self.has_effects(o) for o in others if o is not node):
            return value
        return self.kept(value)

    def _positional(self, node: ast.Call, positional: Sequence[Parameter]) -> list[Term]:
        values: list[Term] = []
        for argument in node.args:
            if not isinstance(argument, ast.Starred):
                hint = without_variables(positional[len(values)].type) if len(values) < len(positional) else None
                values.append(self._steady(argument, hint, node))
                continue
            whole = self._steady(argument.value, None, node)
            if not isinstance(whole.type, t.Tuple):
                raise Unsupported(f"`*` before a `{whole.type}` in a call", node)
            values += [self.item(whole, number) for number in range(len(whole.type.items))]
        return values

    def _rest(self, parameter: Parameter, values: Sequence[Term], node: ast.AST) -> Term:
        """Return the tuple of the arguments that no other parameter takes."""
        own = parameter.type
        if not isinstance(own, t.Collection):
            raise Unsupported(f"`*{parameter.name}`", node)
        texts = [self.coerce(self.materialised(v, node), own.item, node).text for v in values]
        sort = self.sort(own.item)
        return Term(self.sequence_of(texts, sort) if texts else f"(Seq_empty() : Seq {sort})", own)

    def _rest_keywords(self, parameter: Parameter, values: dict[str, Term], node: ast.AST) -> Term:
        """Return the dict of the named arguments that no other parameter takes."""
        own = parameter.type
        if not isinstance(own, t.Mapping):
            raise Unsupported(f"`**{parameter.name}`", node)
        text = f"(Map_empty() : Map {self.sort(own.key)} {self.sort(own.value)})"
        for name, value in values.items():
            item = self.coerce(self.materialised(value, node), own.value, node).text
            text = apply("Map_set", text, self.text_literal(name).text, item)
        return Term(text, own, content=True)
