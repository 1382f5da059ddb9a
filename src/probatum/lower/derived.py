"""Instances of classes derived from `int`: objects, each with a number that never changes.

Where an `int` is expected, the number stands for the object, so that of what is
declared as an `int` it is not known which object it is.
"""

from __future__ import annotations

import ast
import re

from probatum.lower import families
from probatum.lower.instances import Instances
from probatum.lower.terms import Term, number
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Class

_SPECIAL = re.compile(r"__\w+__")
_HARMLESS = frozenset(["__init__", "__str__", "__repr__", "__doc__", "__slots__", "__module__"])
_NUMBER = "number'"


class Derived(Instances):
    """Objects that are numbers."""

    def is_number_object(self, type_: t.Type) -> bool:
        """Whether instances are objects that are numbers, with which operators do what they do with numbers."""
        own = self.class_of(type_)
        if own is None or own.kind != "class" or families.built_in(self.program, own.qualified) != {"int"}:
            return False
        family = [*families.classes(self.program, own.qualified), *families.below(self.program, own.qualified)]
        return not any(_SPECIAL.fullmatch(m) and m not in _HARMLESS for c in family for m in (*c.methods, *c.constants))

    def as_number(self, term: Term) -> Term:
        """Return an object that is a number as the number; anything else as itself."""
        if not self.is_number_object(term.type):
            return term
        self.symbols.declarations["function " + _NUMBER] = f"function {_NUMBER}(r: Ref): int;"
        return Term(f"{_NUMBER}({term.text})", t.INT)

    def construct(self, class_: Class, node: ast.Call, expected: t.Type | None) -> Term:
        """Return a new instance."""
        type_ = t.Instance(class_.qualified)
        if class_.kind != "class" or not self.is_number_object(type_):
            return super().construct(class_, node, expected)
        if self.guards and not self.in_contract:
            raise Unsupported(f"a new `{class_.name}` inside of this expression", node)
        init = self.initialiser(class_, node)
        if init is not None and any(self.has_effects(a) for a in node.args):
            raise Unsupported(f"a new `{class_.name}`, whose constructor is called with calls that have effects", node)
        if len(node.args) > 1 or node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            raise Unsupported(f"a `{class_.name}` of these arguments", node)
        value = self.evaluate(node.args[0]) if node.args else number(0)
        if not self._is_int(value.type):
            raise Unsupported(f"a `{class_.name}` of a `{value.type}`", node)
        text = self.coerce(value, t.INT, node).text
        if init is None:
            missing = next(iter(self.needed(class_)), None)
            if missing is not None:
                raise Unsupported(f"a new `{class_.name}`, whose `{missing}` has no value at first", node)
        if self.in_contract:
            if init is not None:
                raise Unsupported(f"a new `{class_.name}` in a contract", node)
            return Term(text, t.INT)  # of what a contract mentions only the number counts
        receiver = Term(self.allocate(class_.qualified), type_)
        self.writer.assume(f"({self.as_number(receiver).text} == {text})")
        if init is not None:
            arguments = self.matched(init, node, receiver=receiver)
            self.call_known(init, arguments, node, receiver=receiver, exact=True)
        for clause, module in self.class_invariants(class_):
            del module
            self.check_invariant(clause, class_, receiver, node)
        return receiver

    def coerce(self, term: Term, type_: t.Type, node: ast.AST) -> Term:
        """Return a value as one of another type, demanding that it is one."""
        if type_ in (t.INT, t.FLOAT) or isinstance(type_, t.Ranged):
            term = self.as_number(term)
        return super().coerce(term, type_, node)

    def is_subtype(self, type_: t.Type, of: t.Type) -> bool:
        """Whether every value of a type is one of another."""
        return super().is_subtype(type_, of) or (of == t.INT and self.is_number_object(type_))

    def equality(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two values are equal."""
        return super().equality(self.as_number(left), self.as_number(right), node)

    def truth(self, term: Term, node: ast.AST) -> str:
        """Return whether a value counts as true."""
        return super().truth(self.as_number(term), node)

    def identity(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two values are the same object: what arithmetic and literals give is an `int` itself."""
        for one, other in ((left, right), (right, left)):
            if self.is_number_object(one.type) and other.type == t.INT and self.never_bool(other.text):
                return "false"
        return super().identity(left, right, node)

    def never_bool(self, text: str) -> bool:
        """Whether a number is certainly an `int` itself."""
        del text
        return False
