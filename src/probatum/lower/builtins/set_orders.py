"""The order in which iteration yields the members of a set.

CPython's order depends on how a set came about, so two that are equal may yield their members in different orders:
`list({0, 8}) != list({8, 0})`. It is the same whenever one object is gone over, until that object changes.

`Set_order(s, k)` is the `k`-th order. Number 0 is used where no order can be told from another, and for one parameter
of each type: as the orders are unknown, one set may have any of them.
"""

from __future__ import annotations

import ast
import re

from probatum.lower.attempt import Restart
from probatum.lower.operators import Operators
from probatum.lower.terms import Term, apply
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t

_PARAMETER = re.compile(r"p'\w+")
_CHANGED = re.compile(r"(?<![\w'])H'Set'\S* :=|havoc [^;]*(?<![\w'])H'Set'")


class SetOrders(Operators):
    """Orders of sets."""

    at_head_of: bool
    ordered: dict[str, str]  # by sort of members: the parameter whose order has number 0; "" if no parameter has it

    def members_in_order(self, value: Term, node: ast.AST, *, told: bool = True) -> str:
        """Return the members of a set as a sequence; `told`: what is made of it depends on their order."""
        return apply("Set_order", self.content(value), self._number_of_order(value, node) if told else "0")

    def _number_of_order(self, value: Term, node: ast.AST) -> str:
        definition = self.view == "h'"
        own = t.without_none(value.type)
        sort = self.sort(own.item) if isinstance(own, t.Collection) else ""
        first = self.ordered.setdefault(sort, "")
        if not self.learnt.rearranged:
            if _PARAMETER.fullmatch(value.text) and not definition and first in ("", value.text):
                self.ordered[sort] = value.text
                return "0"
            if not value.content and self.sort(value.type) == "Ref":
                self.symbols.declarations["Set_layout"] = "function Set_layout(r: Ref): int;"
                return apply("Set_layout", value.text)
        if self.at_head_of or definition:
            raise Unsupported("the order of the members of a set, which depends on how it came about", node)
        name = self.writer.fresh("order")
        if self.in_contract or self.binders:
            self.symbols.declarations[name] = f"function {name}({', '.join(b for b, _ in self.binders)}): int;"
            return apply(name, *(b.partition(":")[0] for b, _ in self.binders))
        self.writer.locals[name] = "int"
        self.writer.line(f"havoc {name};")
        return name

    def no_order_lasts(self) -> None:
        """Start again where orders were taken to last in a function that changes sets."""
        if self.ordered and not self.learnt.rearranged and any(_CHANGED.search(text) for text, _ in self.writer.lines()):
            self.learnt.rearranged = True
            raise Restart
