"""What `isinstance` answers of values that are no objects of a heap, and members of enumerations as the strings they are.

A parameter that is declared as an `int` may be given a member of an `IntEnum`, or an
instance of any other class derived from `int`. Where such a class is asked for, the
declared type does not tell, and the test is refused.
"""

from __future__ import annotations

import ast
from abc import abstractmethod

from probatum.lower import families
from probatum.lower.lowered import Kind
from probatum.lower.records import Records
from probatum.lower.terms import Term, disjunction
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t

_APART = frozenset(["int", "bool", "str", "bytes"])  # no class is derived from two of them, but `bool`
_SHAPES = ("abc", "collections.abc", "numbers", "typing", "typing_extensions")  # whose classes ask what methods there are


class Instances(Records):
    """Tests of type."""

    def holds_type(self, term: Term, type_: t.Type) -> str:
        """Return whether a value is of a type, at run time: `isinstance`."""
        have = term.type
        special = type_ in (t.OBJECT, t.UNKNOWN, t.NONE) or isinstance(type_, t.Union)
        if special or isinstance(have, t.Variable):
            return super().holds_type(term, type_)
        if isinstance(type_, t.Instance) and not self.is_subtype(t.without_none(have), type_):
            own = self.class_of(type_)
            if (own is not None and own.kind == "protocol") or (own is None and type_.name.rpartition(".")[0] in _SHAPES):
                raise Unsupported(f"whether a `{have}` is a `{type_}`, which depends on its methods")
        if isinstance(type_, t.Variable):
            raise Unsupported(f"whether a `{have}` is what the type variable `{type_}` stands for")
        sort = self.sort(have)
        if sort == "Any":
            return self._of_any(term, type_)
        if sort == "Ref" or sort.startswith("(Option"):
            return super().holds_type(term, type_)
        return self._of_value(have, type_) or super().holds_type(term, type_)

    def _of_any(self, term: Term, type_: t.Type) -> str:
        own = self.class_of(type_)
        if isinstance(type_, t.Collection) and type_.item == t.UNKNOWN and type_.kind in ("tuple", "frozenset"):
            if not isinstance(term.type, t.Union):
                return self.is_collection(term, type_.kind)
            options = [o for o in term.type.options if self.is_subtype(o, type_)]
            return disjunction(*(super(Instances, self).holds_type(term, o) for o in options))
        if own is not None and own.kind == "intenum":
            raise Unsupported(f"whether an object of any type is a `{type_}`, which is an `int`")
        answer = super().holds_type(term, type_)
        if isinstance(term.type, t.Union) or not isinstance(type_, t.Plain):
            return answer
        derived = [c for c in map(t.Instance, self._derived_from(type_.name)) if self.sort(c) != "int"]
        return disjunction(answer, *(super(Instances, self).holds_type(term, one) for one in derived))

    @abstractmethod
    def is_collection(self, term: Term, kind: str) -> str:
        """Return whether an object of any type is a tuple or a frozenset."""

    def box(self, sort: str) -> str | None:
        """Return what puts a value of a sort into `Any`; None if it cannot be there.

        What a type variable stands for is not known, and a member of an enumeration of strings is equal to a string.
        """
        known = super().box(sort)
        if known is not None or sort == "Any" or "T'" in sort or not sort.startswith(("V'", "(Seq", "(Set", "(Tuple")):
            return known
        for class_ in self._values_in(sort):
            self.declare_value(class_)
            if families.built_in(self.program, class_.qualified) & {"int", "str", "bytes", "float"}:
                return None
        return self.symbols.boxes.setdefault(sort, f"Any_x{len(self.symbols.boxes)}")

    def _derived_from(self, name: str) -> list[str]:
        """Return the classes of the program that are derived from a built-in one."""
        every = (c.qualified for module in self.program.modules.values() for c in module.classes.values())
        return [c for c in every if name in families.built_in(self.program, c)]

    def _of_value(self, have: t.Type, type_: t.Type) -> str:
        """Return whether a value of a type is one of another; "" where other rules say it."""
        asked = _built_in(type_)
        if isinstance(have, t.Instance):
            if isinstance(type_, t.Instance):
                return "true" if type_.name in self.ancestors(have.name) else "false"
            return "true" if asked in families.built_in(self.program, have.name) else "false"
        own = _built_in(have)
        if isinstance(type_, t.Instance):
            if type_.name == f"builtins.{own}":
                return "true"
            family = [type_.name, *self.below(type_.name)]
            if own != "bool" and any(own in families.built_in(self.program, name) for name in family):
                raise Unsupported(f"whether a `{have}` is a `{type_}`: it may be, and be a `{own}` all the same")
            return "false"
        return "true" if own == asked == "tuple" else ""

    def is_subtype(self, type_: t.Type, of: t.Type) -> bool:
        """Whether every value of a type is one of another."""
        if isinstance(of, t.Collection) and of.kind == "tuple" and of.item == t.UNKNOWN:
            own = families.built_in(self.program, type_.name) if isinstance(type_, t.Instance) else ()
            if isinstance(type_, t.Tuple) or "tuple" in own:
                return True
        return super().is_subtype(type_, of)

    # --- members of enumerations that are strings -----------------------------------------------

    def as_plain(self, term: Term, node: ast.AST) -> Term:
        """Return a member of an enumeration of strings as the string that it is; anything else as itself."""
        own = self.class_of(term.type)
        if own is None or own.kind != "enum" or "str" not in families.built_in(self.program, own.qualified):
            return term
        if any(name.startswith("__") for c in families.classes(self.program, own.qualified) for name in c.methods):
            raise Unsupported(f"a `{own.name}` as a string, for which it has rules of its own", node)
        self.declare_value(own)
        return self.enum_attribute(own, term, "value", node)

    def coerce(self, term: Term, type_: t.Type, node: ast.AST) -> Term:
        """Return a value as one of another type, demanding that it is one."""
        if type_ == t.STR:
            term = self.as_plain(term, node)
        if not self.in_contract and self._never(term.type, type_):
            self.demand("false", Kind.TYPE, node, f"a `{term.type}` is no `{type_}`")
            return Term(self.writer.local("none", self.sort(type_)), type_)
        return super().coerce(term, type_, node)

    def _never(self, have: t.Type, want: t.Type) -> bool:
        """Whether no value of a type is one of another: they are of built-in classes from which nothing is derived together."""
        own, other = (_built_in(one) if isinstance(one, t.Plain | t.Ranged) else "" for one in (have, want))
        return {own, other} <= _APART and own != other and {own, other} != {"int", "bool"}

    def equality(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two values are equal."""
        if left.type != right.type:
            left, right = (self.as_plain(one, node) if t.STR in (left.type, right.type) else one for one in (left, right))
        return super().equality(left, right, node)


def _built_in(type_: t.Type) -> str:
    """Return the built-in class of values of a type."""
    match type_:
        case t.Plain(name=name):
            return name
        case t.Ranged():
            return "int"
        case t.Tuple():
            return "tuple"
        case t.Collection(kind=kind) | t.Mapping(kind=kind):
            return kind
    return ""
