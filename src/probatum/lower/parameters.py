"""Which argument goes to which parameter, evaluated in the order of the call, and defaults."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Sequence

from probatum.lower.changes import Changes
from probatum.lower.terms import Term
from probatum.lower.unsupported import Unsupported
from probatum.lower.variables import without_variables
from probatum.python import types as t
from probatum.python.program import Function, Parameter, Passing

_ITERATORS = frozenset(f"builtins.{name}" for name in ("enumerate", "filter", "iter", "map", "reversed", "zip"))


class Parameters(Changes):
    """Arguments of calls."""

    ahead: bool

    def matched(self, function: Function, node: ast.Call, receiver: Term | None = None) -> dict[str, Term]:
        """Return arguments by the names of parameters, evaluated in the order of the call.

        Raises
        ------
        Unsupported
            If the call does not fit the parameters, or in a way that is not known here.
        """
        parameters = list(function.parameters)
        found: dict[str, Term] = {}
        if receiver is not None and function.kind != "static":
            found[parameters[0].name] = receiver
            parameters = parameters[1:]
        if any(p.passing in (Passing.REST, Passing.REST_KEYWORDS) for p in parameters):
            raise Unsupported(f"a call of `{function.name}`, which takes any number of arguments", node)
        positional = [p for p in parameters if p.passing != Passing.KEYWORD]
        by_name = {p.name: p for p in parameters if p.passing != Passing.POSITIONAL}
        if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
            raise Unsupported("`*` or `**` in a call", node)
        if len(node.args) > len(positional):
            raise Unsupported(f"a call of `{function.name}` with too many arguments", node)
        pairs: list[tuple[Parameter, ast.expr]] = list(zip(positional, node.args, strict=False))
        for keyword in node.keywords:
            if keyword.arg not in by_name or any(p.name == keyword.arg for p, _ in pairs):
                raise Unsupported(f"a call of `{function.name}` with an argument `{keyword.arg}`", node)
            pairs.append((by_name[keyword.arg], keyword.value))
        for number, (parameter, value) in enumerate(pairs):
            self.used_at_once(value)
            own = self.evaluate(value, without_variables(parameter.type))
            if not self.in_contract and any(self.has_effects(later) for _, later in pairs[number + 1 :]):
                own = self.kept(own)
            found[parameter.name] = own
        for parameter in parameters:
            if parameter.name not in found:
                if parameter.default is None:
                    raise Unsupported(f"a call of `{function.name}` without its argument `{parameter.name}`", node)
                found[parameter.name] = self.default_of(parameter, function)
        return found

    def used_at_once(self, node: ast.expr) -> None:
        """Refuse an iterator or a view of a dict that is kept for later: it goes on with what changes, or is used up."""
        if isinstance(node, ast.GeneratorExp):
            raise Unsupported("a generator that is kept for later", node)
        if not isinstance(node, ast.Call) or self.in_contract:
            return
        if isinstance(node.func, ast.Name) and self.qualified(node.func) in _ITERATORS:
            raise Unsupported(f"what `{node.func.id}` returns, kept for later", node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("keys", "values", "items") and not node.args:
            owner = self.known_type(node.func.value)
            if owner is not None and isinstance(t.without_none(owner), t.Mapping):
                raise Unsupported(f"a view of the {node.func.attr} of a dict, kept for later", node)

    @abstractmethod
    def known_type(self, node: ast.expr) -> t.Type | None:
        """Return the type of a name or attribute, without evaluating it."""

    def default_of(self, parameter: Parameter, function: Function) -> Term:
        """Return the default of a parameter; a default that can change is one object for all calls."""
        assert parameter.default is not None
        if isinstance(parameter.default, ast.List | ast.Dict | ast.Set | ast.Call | ast.ListComp):
            raise Unsupported(f"the default of `{parameter.name}`, which all calls share", parameter.default)
        module = self.program.modules[function.module]
        with self.contract_of({}, view=self.view, old_view=self.view, module=module):
            value = self.evaluate(parameter.default, parameter.type)
        if value.content and self.sorts.shared(t.without_none(value.type)):
            raise Unsupported(f"the default of `{parameter.name}`, which all calls share", parameter.default)
        return value

    @abstractmethod
    def kept(self, term: Term) -> Term:
        """Return a value that what follows cannot change."""

    @abstractmethod
    def has_effects(self, node: ast.expr) -> bool:
        """Whether evaluation may do more than return a value or raise."""

    def in_order(self, nodes: Sequence[ast.expr], hint: t.Type | None = None) -> list[Term]:
        """Return the values of expressions, each as it was before the later ones were evaluated."""
        values = []
        for number, node in enumerate(nodes):
            value = self.evaluate(node, hint)
            if not self.in_contract and any(self.has_effects(later) for later in nodes[number + 1 :]):
                value = self.kept(value)
            values.append(value)
        return values
