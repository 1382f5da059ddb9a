"""Calls of classes that have no instances: their `__new__` gives back something else (`probatum.python.plain_instances`)."""

from __future__ import annotations

import ast

from probatum.lower import families
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.own_iteration import OwnIteration
from probatum.lower.terms import Term
from probatum.python import types as t
from probatum.python.plain_instances import returned_name
from probatum.python.program import Class, Function


class PlainInstances(OwnIteration):
    """What such calls give back."""

    def construct(self, class_: Class, node: ast.Call, expected: t.Type | None) -> Term:
        """Return a new instance, or what `__new__` gives back in its place."""
        new = families.plain_constructor(self.program, class_)
        if new is None:
            return super().construct(class_, node, expected)
        name = _passed_through(new)
        if not name:
            return self.call_class_method(new, class_.qualified, node)
        type_ = t.ClassObject(t.Instance(class_.qualified))
        arguments = self.matched(new, node, receiver=Term(self.symbols.class_name(class_.qualified), type_))
        for parameter in new.parameters[1:]:
            own = arguments[parameter.name]
            if not self.in_contract:
                own = self.materialised(self._adapted(own, parameter.type, node), node)
            arguments[parameter.name] = self.coerce(own, parameter.type, node)
        module = self.program.modules[new.module]
        for clause in new.contract.requires:
            condition = self.clause(clause, arguments, view=self.view, old_view=self.view, module=module)
            claim = Obligation(Kind.PRECONDITION, self.place(node), clause.text, clause=clause.place, path=module.path)
            self._demand_of_callee(condition, claim)
        return self.coerce(arguments[name], new.returns, node)

    def is_quiet(self, node: ast.Call) -> bool:
        """Whether a call only returns a value or raises."""
        if super().is_quiet(node):
            return True
        class_ = self.program.class_(self.qualified(node.func) or "")
        new = None if class_ is None else families.plain_constructor(self.program, class_)
        return new is not None and bool(_passed_through(new))


def _passed_through(new: Function) -> str:
    """Return the parameter that a constructor gives back and does nothing else with; "" if it does more."""
    if len(new.body) != 1 or any(one.unsupported for one in new.problems):
        return ""
    return returned_name(new.node)


__all__ = ["PlainInstances"]
