"""Whether two values are one object, where the language does not say.

Equal numbers, strings and tuples may be one object or two: that depends on the
interpreter, and on what it did before. So `is` between them is a truth value of
which nothing is known but that what is one object is equal. A value of a type
variable stands for an object, so that equality of such values is identity; a
function that compares them with `==` as well is refused.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from probatum.lower.mathematical import Mathematical
from probatum.lower.terms import Term, apply, conjunction, disjunction, equal
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t

_MATHEMATICAL = frozenset(["pseq", "pset", "pmultiset"])
_PARAMETER = re.compile(r"p'\w+")
_PLAIN = frozenset(["int", "bool", "float53e11", "(Seq char)", "(Seq byte)"])


class Identity(Mathematical):
    """`is` between values."""

    at_head_of = False  # the head of a loop comes next: nothing may stand before its invariants
    identified = False  # objects of type variables were told apart by identity
    compared = False  # they were compared by value

    def identity(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two values are the same object."""
        if (left.content and left.state) or (right.content and right.state):
            raise Unsupported("`is` between collections as they were and as they are", node)
        a, b = self.sort(left.type), self.sort(right.type)
        none = t.NONE in (left.type, right.type) or left.content or right.content
        if none or "Ref" in (a, b) or (a == b and a in ("bool", "Class")):
            return super().identity(left, right, node)
        if {a, b} == {"int", "bool"}:
            left, right = self.coerce(left, t.INT, node), self.coerce(right, t.INT, node)
            a = b = "int"
        if a != b:
            if {a, b} <= _PLAIN:
                return "false"  # objects of different classes
            if "Any" in (a, b) and {a, b} <= {*_PLAIN, "Any"}:
                return self.identity(self._in_a_box(left, node), self._in_a_box(right, node), node)
            return super().identity(left, right, node)
        kinds = {one.type.kind if isinstance(one.type, t.Collection) else "" for one in (left, right)}
        if kinds <= _MATHEMATICAL:
            return self.equality(left, right, node)  # they are no objects: nothing but their items tells them apart
        own = self.class_of(t.without_none(left.type))
        same = equal(left.text, right.text)
        if own is not None and own.kind in ("enum", "intenum") and left.type == right.type:
            return same
        if isinstance(t.without_none(left.type), t.Variable):
            if self.compared:
                raise Unsupported("a type variable whose values are compared by `is` and by `==`", node)
            self.identified = True
            return same
        left, right = self._as_stored(left), self._as_stored(right)
        if left.text == right.text and left.text.startswith(("v'", "p'")) and left.text.replace("'", "").isalnum():
            return "true"
        if self.binders:
            raise Unsupported("`is` between values of which there may be many", node)  # what is claimed of them cannot be proved
        certain = ["false"]
        if self.may_be_none(left.type):
            certain.append(self.is_none(left))
        if a == "Any":
            certain += [f"({left.text} is {box})" for box in ("Any_ref", "Any_none", "Any_bool")]
        return conjunction(same, disjunction(*certain, self.unknown(node)))

    def _in_a_box(self, term: Term, node: ast.AST) -> Term:
        return term if self.sort(term.type) == "Any" else self.boxed(term, t.OBJECT, node)

    def _as_stored(self, term: Term) -> Term:
        """Return an attribute as the parameter that was assigned to it last, if it was one: they are one object."""
        heap, _, reference = term.text.removesuffix("]").partition("[")
        if self.view or term.state or not heap.startswith("F'") or not _PARAMETER.fullmatch(reference):
            return term
        value = self.writer.held.get((heap, reference))
        return term if value is None else replace(term, text=value)

    def unknown(self, node: ast.AST) -> str:
        """Return a truth value of which nothing is known, wherever it is asked for.

        A condition at the head of a loop and the definition of a function stand for many evaluations, whose answers
        may differ, so there is none.
        """
        if self.at_head_of or self.view == "h'":
            raise Unsupported("what the language leaves open here: which of equal values are one object, or a bool", node)
        name = self.writer.fresh("open")
        if self.in_contract or self.binders:
            self.symbols.declarations[name] = f"function {name}({', '.join(b for b, _ in self.binders)}): bool;"
            return apply(name, *(b.partition(":")[0] for b, _ in self.binders))
        self.writer.locals[name] = "bool"
        self.writer.line(f"havoc {name};")
        return name

    def equality(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two values are equal."""
        left, right = self.bounded(left), self.bounded(right)
        if isinstance(t.without_none(left.type), t.Variable) and isinstance(t.without_none(right.type), t.Variable):
            self._compares(node)
        return super().equality(left, right, node)

    def comparable(self, sort: str, node: ast.AST) -> None:
        """Demand that values of a sort are equal if they are the same in the logic."""
        if any(f"T'{name}" in sort for name in self.sorts.bounded):
            raise Unsupported("a comparison of collections of values of a type variable with a bound", node)
        if "T'" in sort:
            self._compares(node)
        super().comparable(sort, node)

    def _compares(self, node: ast.AST) -> None:
        if self.identified:
            raise Unsupported("a type variable whose values are compared by `is` and by `==`", node)
        self.compared = True
