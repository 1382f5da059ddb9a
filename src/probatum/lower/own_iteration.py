"""Iteration over instances whose `__iter__` only goes over one of their attributes.

    class Deck:
        def __iter__(self) -> Iterator[int]:
            return iter(self.cards)             # or `self.cards.__iter__()`, or `yield from self.cards`

Going over such an instance is going over what the attribute refers to when it begins. Nothing else is run, so nothing
else may happen. Any other `__iter__` is refused where something goes over the instance.
"""

from __future__ import annotations

import ast

from probatum.lower import families
from probatum.lower.boxes import Boxes
from probatum.lower.terms import Term
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Function

_DEEP = 5  # attributes whose own classes say what they go over


class OwnIteration(Boxes):
    """What such instances yield."""

    def gone_over(self, value: Term, node: ast.AST) -> Term:
        """Return what going over a value goes over: the value, or an attribute of it."""
        for _ in range(_DEEP):
            (value,) = self._usable(value, node=node)
            own = value.type
            method = self.method_of(own, "__iter__")
            if not isinstance(own, t.Instance) or not isinstance(method, Function):
                return value
            module = self.program.modules[method.module]
            with self.contract_of({}, view=self.view, old_view=self.old_view, module=module):
                name = self._attribute_gone_over(method)
            if not name or any("__iter__" in c.methods for c in families.below(self.program, own.name)):
                return value
            found = self.field_of(own, name)
            if found is None or t.without_none(found[1].type) != found[1].type:
                return value  # `None` would raise another exception in each of these ways
            value = self.attribute(value, name, node)
        raise Unsupported(f"iteration over a `{value.type}`, which goes over attributes of attributes", node)

    def _attribute_gone_over(self, method: Function) -> str:
        """Return the attribute of `self` that a method goes over and does nothing else; "" if it does more."""
        if method.contract.says_something or method.node.decorator_list or len(method.parameters) != 1:
            return ""
        body = [s for s in method.node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
        match body:
            case [ast.Return(value=ast.Call(func=ast.Name(id="iter") as called, args=[ast.Attribute() as found], keywords=[]))]:
                if self.qualified(called) != "builtins.iter":
                    return ""
            case [ast.Return(value=ast.Call(
                func=ast.Attribute(attr="__iter__", value=ast.Attribute() as found), args=[], keywords=[]
            ))]:  # fmt: skip  # one shape
                pass
            case [ast.Expr(value=ast.YieldFrom(value=ast.Attribute() as found))]:
                pass
            case _:
                return ""
        own = isinstance(found.value, ast.Name) and found.value.id == method.parameters[0].name
        return found.attr if own else ""


__all__ = ["OwnIteration"]
