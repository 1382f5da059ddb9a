"""What the body of a callee says where its contract is one that is checked when it runs.

Contracts of such syntaxes (icontract, deal, PEP 316, asserts) are written to find mistakes, not to prove callers, and
promise less than callers use. So where a call came back, its result is what a body that only computes a value
computes, and the attributes of a new object are what a constructor of nothing but assignments assigned.
What the contract requires is owed, and what it raises is followed, as in every call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from probatum.lower.pure import Pure
from probatum.lower.terms import Term, apply, equal
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Function, Syntax

_RUN = frozenset([Syntax.ICONTRACT, Syntax.DEAL, Syntax.PEP316, Syntax.ASSERTS])


class KnownBodies(Pure):
    """What calls of functions are known to have done, besides what their contracts promise."""

    def assume_body(self, function: Function, arguments: Mapping[str, Term], result: Term, node: ast.AST) -> None:
        """Write what the body of a function says of a call that came back."""
        if function.contract.syntax not in _RUN or function.stub or function.abstract or function.opaque:
            return
        if function.name.rpartition(".")[2] == "__init__" and function.owner:
            self._assume_attributes(function, arguments)
        elif not function.owner and not function.type_variables and self._has_value(function) and not self._calls_back(function):
            self._assume_value(function, arguments, result, node)

    def _has_value(self, function: Function) -> bool:
        """Whether a body that comes back has computed a value, and nothing else; it may raise instead."""
        if self.computes(function):
            return True
        key = f"{function.qualified} or raises"
        known = self.symbols.computing.get(key)
        if known is not None:
            return known
        answer = bool(function.body) and self.is_expression(function)
        if answer:
            with self.contract_of({}, view="", old_view="", module=self.program.modules[function.module]):
                answer = all(self.is_quiet(call) for statement in function.body for call in _calls(statement))
        self.symbols.computing[key] = answer
        return answer

    def _calls_back(self, function: Function) -> bool:
        return function.qualified in self.running() or function.contract.may_diverge

    def _assume_value(self, function: Function, arguments: Mapping[str, Term], result: Term, node: ast.AST) -> None:
        try:
            symbol = self.symbol(function, node)
            texts = [self.heap(name, sort) for name, sort in symbol.heaps.items()]
            texts += [self._argument(arguments[p.name]) for p in function.parameters]
        except Unsupported:
            return  # the contract says what it says
        value = apply(symbol.name, *texts)
        own = t.without_none(result.type)
        if symbol.result != result.type:
            return
        if self.sorts.shared(own):
            if not self.may_be_none(result.type):
                self.writer.assume(self.same_content(self.content(result), value, own))
            return
        self.writer.assume(equal(result.text, value))

    def _assume_attributes(self, function: Function, arguments: Mapping[str, Term]) -> None:
        """Write what a constructor assigned that does nothing but assign to attributes, each once."""
        receiver = function.parameters[0].name
        found: dict[str, ast.expr] = {}
        for statement in function.body:
            match statement:
                case (
                    ast.Assign(targets=[ast.Attribute(value=ast.Name(id=owner), attr=name)], value=ast.expr() as value)
                    | ast.AnnAssign(target=ast.Attribute(value=ast.Name(id=owner), attr=name), value=ast.expr() as value)
                ) if owner == receiver and name not in found:
                    found[name] = value
                case ast.Pass() | ast.Expr(value=ast.Constant()):
                    continue
                case _:
                    return
        classes = [c for module in self.program.modules.values() for c in module.classes.values()]
        if any("__setattr__" in c.methods for c in classes) or any(map(self.is_property, found)):
            return
        module = self.program.modules[function.module]
        for name, value in found.items():
            attribute = ast.copy_location(ast.Attribute(ast.Name(receiver, ast.Load()), name, ast.Load()), value)
            ast.copy_location(attribute.value, value)
            try:
                with self.contract_of(arguments, view="", old_view="", module=module):
                    if not isinstance(value, ast.Name | ast.Constant) and self.has_effects(value):
                        continue
                    held = self.evaluate(attribute)
                    given = self.evaluate(value, held.type)
                    if given.content or held.content:
                        continue
                    claim = equal(held.text, self.coerce(given, held.type, value).text)
            except Unsupported:
                continue
            self.writer.assume(claim)


def _calls(statement: ast.stmt) -> Iterator[ast.Call]:
    """Yield the calls of a statement, but for the exceptions that it makes to raise them."""
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            pending.extend([*node.exc.args, *node.exc.keywords])
            continue
        if isinstance(node, ast.Call):
            yield node
        pending.extend(ast.iter_child_nodes(node))


__all__ = ["KnownBodies"]
