"""Which of two operands is asked first: the right one, where its class is derived from that of the left one.

Python asks the right operand first if its class is derived from the class of the
left one and has, for arithmetic, another mirrored method than that; for
comparisons, any.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.lower import families
from probatum.lower.derived import Derived
from probatum.lower.terms import Term, apply, conditional, conjunction, negation
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Class

_COMPARISONS = frozenset(["__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"])


class Reflection(Derived):
    """Operators of classes that are derived from one another."""

    def operator_method(self, left: Term, right: Term, name: str, mirrored: str, node: ast.AST) -> Term | None:
        """Return what a class says of an operator; None if it says nothing."""
        first = self._right_first(left, right, mirrored)
        if first == {True}:
            made = self.program.class_(self.created_as.get(right.text, ""))
            own = right if made is None else right.typed(t.Instance(made.qualified))
            return self.call_method(own, mirrored, [left], node)
        if True not in first:
            return super().operator_method(left, right, name, mirrored, node)
        if self.method_of(left.type, name) is None:
            return super().operator_method(left, right, name, mirrored, node)
        return self._by_classes(left, right, name, mirrored, node)

    def compared_equal(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether `==` holds, by the class's own rule where it has one."""
        first = self._right_first(left, right, "__eq__")
        if first == {True}:
            left, right = right, left
        elif True in first and self.method_of(left.type, "__eq__") is not None:
            return self.coerce(self._by_classes(left, right, "__eq__", "__eq__", node), t.BOOL, node).text
        return super().compared_equal(left, right, node)

    def _right_first(self, left: Term, right: Term, mirrored: str) -> set[bool]:
        """Return whether the right operand is asked first, for all classes that the operands may be of."""
        found = set()
        for one in self._classes(left):
            for other in self._classes(right):
                own = families.found_in(self.program, other.qualified, mirrored) if mirrored else None
                derived = one is not other and one.qualified in self.ancestors(other.qualified)
                same = mirrored not in _COMPARISONS and own is families.found_in(self.program, one.qualified, mirrored)
                found.add(derived and own is not None and not same)
        return found

    def _classes(self, term: Term) -> Sequence[Class]:
        """Return the classes that an object may be of."""
        own = self.class_of(t.without_none(term.type))
        if own is None:
            return ()
        made = self.program.class_(self.created_as.get(term.text, ""))
        if made is not None:
            return (made,)
        return (own, *families.below(self.program, own.qualified))

    def _by_classes(self, left: Term, right: Term, name: str, mirrored: str, node: ast.AST) -> Term:
        """Return what one operand says or the other, as the classes of the objects decide."""
        methods = [self.method_of(one.type, method) for one, method in ((left, name), (right, mirrored))]
        if any(method is None or not self.is_pure(method) for method in methods) or self.sort(left.type) != "Ref":
            raise Unsupported(f"`{name}` of a `{left.type}`, where an instance of a derived class may be asked first", node)
        of_left, of_right = (apply("class_of", one.text) for one in (left, right))
        test = conjunction(apply("Sub", of_right, of_left), f"({of_right} != {of_left})")
        with self.guarded(negation(test)):
            usual = self.call_method(left, name, [right], node)
        with self.guarded(test):
            other = self.call_method(right, mirrored, [left], node)
        return Term(conditional(test, self.coerce(other, usual.type, node).text, usual.text), usual.type)
