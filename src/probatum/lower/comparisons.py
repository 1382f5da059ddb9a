"""Comparisons: equality, identity, membership and order, as each type has them."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from probatum.lower import families, terms
from probatum.lower.heap import Heap
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply, conjunction, disjunction, equal, negation
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t

_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
MAGIC = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Pow: "pow", ast.LShift: "lshift", ast.RShift: "rshift", ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor",
    ast.MatMult: "matmul", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip
_MIRRORED = {ast.Lt: "gt", ast.LtE: "ge", ast.Gt: "lt", ast.GtE: "le"}


class Comparisons(Heap):
    """What comparisons mean for each type."""

    def comparison(self, operator: ast.cmpop, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether a comparison holds."""
        match operator:
            case ast.Eq():
                return self.compared_equal(left, right, node)
            case ast.NotEq():
                return negation(self.compared_equal(left, right, node))
            case ast.Is():
                return self.identity(left, right, node)
            case ast.IsNot():
                return negation(self.identity(left, right, node))
            case ast.In():
                return self.membership(left, right, node)
            case ast.NotIn():
                return negation(self.membership(left, right, node))
        return self._order(operator, left, right, node)

    def compared_equal(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether `==` holds, by the class's own rule where it has one."""
        left, right = self.bounded(left), self.bounded(right)
        for one, other in ((left, right), (right, left)):
            if self.method_of(one.type, "__eq__") is not None:
                return self.coerce(self.call_method(one, "__eq__", [other], node), t.BOOL, node).text
            own = t.without_none(one.type)
            if isinstance(own, t.Instance) and any("__eq__" in c.methods for c in families.below(self.program, own.name)):
                raise Unsupported(f"a comparison of a `{own}`, for which a derived class has a rule of its own", node)
        return self.equality(left, right, node)

    def identity(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two values are the same object."""
        for one, other in ((left, right), (right, left)):
            if one.type == t.NONE:
                return self.is_none(other)
        if left.content or right.content:
            if self.in_contract and any("f'" in term.text for term in (left, right) if term.content):
                raise Unsupported("`is` between collections that pure functions return", node)
            return "false"  # what is new is nothing else
        a, b = self.sort(left.type), self.sort(right.type)
        if a == b == "Ref":
            self.tell_apart(left.type, right.type)
        if a == b == "Ref" or (a == b and a in ("bool", "Class")):
            return equal(left.text, right.text)
        if a == b == "Any":
            raise Unsupported("`is` between objects of unknown class", node)
        if a == b and self.class_of(left.type) is not None and self.class_of(left.type).kind == "enum":  # type: ignore[union-attr]  # checked beside it
            return equal(left.text, right.text)
        if {a, b} == {"Any", "Ref"}:
            box, ref = (left, right) if a == "Any" else (right, left)
            return conjunction(f"({box.text} is Any_ref)", equal(f"{box.text}->any_ref", ref.text))
        raise Unsupported(f"`is` between a `{left.type}` and a `{right.type}`", node)

    def membership(self, item: Term, collection: Term, node: ast.AST) -> str:
        """Return whether `in` holds."""
        (collection,) = self._usable(collection, node=node)
        own = collection.type
        if own == t.STR:
            return apply("Str_contains", collection.text, self.coerce(item, t.STR, node).text)
        if isinstance(own, t.Tuple):
            return disjunction(*(self.equal_parts(self.item(collection, i), item, node) for i in range(len(own.items))))
        if own in (t.BYTES, t.BYTEARRAY):
            value = self.coerce(item, t.INT, node).text
            self.demand(f"(0 <= {value} && {value} < 256)", Kind.VALUE, node, "a byte must be in range(256)", "ValueError")
            return apply("Seq_has", self.content(collection), apply("byte_of", value))
        key = own.key if isinstance(own, t.Mapping) else own.item if isinstance(own, t.Collection) else None
        if key is None:
            if self.method_of(own, "__contains__") is not None:
                return self.coerce(self.call_method(collection, "__contains__", [item], node), t.BOOL, node).text
            raise Unsupported(f"`in` a `{own}`", node)
        if key == t.NEVER:
            return "false"
        if isinstance(own, t.Collection) and own.kind == "range":
            return self._in_range_object(item, collection, node)
        kind = "Map" if isinstance(own, t.Mapping) else "Set" if own.kind in ("set", "frozenset", "pset") else "Seq"  # type: ignore[attr-defined]  # one of the two
        if self.sort(key) == "Any":
            self.identity_or_equal(key, item, node)
        if not self.fits(item, key):
            return "false"
        if kind == "Seq":
            self.identity_or_equal(key, item, node)
        return apply(f"{kind}_has", self.content(collection), self.narrowed_to(item, key, node))

    def fits(self, item: Term, type_: t.Type) -> bool:
        """Whether a value may be equal to one of a type at all; None and other classes are not."""
        if self.by_identity(type_) and isinstance(item.type, t.Plain) and item.type not in (t.NONE, t.OBJECT, t.UNKNOWN):
            return False  # objects that are equal only to themselves, of which none is a plain value
        return not (item.type == t.NONE and not self.may_be_none(type_))

    def narrowed_to(self, item: Term, type_: t.Type, node: ast.AST) -> str:
        """Return a value as an item of a collection of this type."""
        if isinstance(type_, t.Ranged):
            type_ = t.INT
        return self.coerce(self.materialised(item, node), type_, node).text

    def identity_or_equal(self, type_: t.Type, item: Term, node: ast.AST) -> None:
        """Demand that an item of a type and another value are equal just if they are the same in the logic."""
        sort = self.sort(type_)
        if sort == "Any" and item.type not in (t.STR, t.BYTES, t.NONE):
            raise Unsupported(f"`in` a collection of `{type_}`, some of which may be equal without being the same", node)
        if sort == "float53e11":
            raise Unsupported("`in` a sequence of floats", node)
        if sort == "Ref" and not self.by_identity(t.without_none(type_)):
            raise Unsupported(f"`in` a sequence of `{type_}`", node)
        if sort != "Ref":
            self.comparable(sort, node)

    def by_identity(self, type_: t.Type) -> bool:
        """Whether objects of a type are equal only to themselves."""
        if not isinstance(type_, t.Instance):
            return False
        for name in (type_.name, *self.below(type_.name)):
            known = self.program.class_(name)
            if known is None or known.compares_by_value or self.method_of(t.Instance(name), "__eq__") is not None:
                return False
            mixed = families.built_in(self.program, name)
            if mixed and "BaseException" not in mixed:
                return False  # numbers and strings are equal by what they are
        return True

    @abstractmethod
    def below(self, name: str) -> list[str]:
        """Return the classes of the program that are derived from a class."""

    def _in_range_object(self, item: Term, collection: Term, node: ast.AST) -> str:
        bounds = self.range_bounds(collection)
        if bounds is None:
            return apply("Seq_has", collection.text, self.coerce(item, t.INT, node).text)
        start, stop, step = bounds
        value = self.coerce(item, t.INT, node).text
        if step == "1":
            return f"({start} <= {value} && {value} < {stop})"
        return apply("Seq_has", collection.text, value)

    def range_bounds(self, term: Term) -> tuple[str, str, str] | None:
        """Return start, stop and step of a range that is written where it is used."""
        prefix = "Seq_range("
        if not term.text.startswith(prefix):
            return None
        parts = terms.split_arguments(term.text[len(prefix) : -1])
        return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None

    def _order(self, operator: ast.cmpop, left: Term, right: Term, node: ast.AST) -> str:
        kind = type(operator)
        left, right = self._usable(left, right, node=node)
        a, b = left.type, right.type
        symbol = _COMPARE[kind]
        if self._is_int(a) and self._is_int(b):
            return f"({self.coerce(left, t.INT, node).text} {symbol} {self.coerce(right, t.INT, node).text})"
        if a == b == t.FLOAT:
            return f"({left.text} {symbol} {right.text})"
        if t.FLOAT in (a, b) and all(x == t.FLOAT or self._is_int(x) for x in (a, b)):
            if a == t.FLOAT:
                return self.float_beside_int(symbol, left, right, node)
            return self.float_beside_int(symbol.translate(str.maketrans("<>", "><")), right, left, node)
        if a == b == t.STR:
            first, second = (left, right) if kind in (ast.Lt, ast.LtE) else (right, left)
            less = apply("Str_less", first.text, second.text)
            return less if kind in (ast.Lt, ast.Gt) else disjunction(less, apply("Seq_equal", first.text, second.text))
        items = self.items_in_order(operator, left, right, node)
        if items is not None:
            return self._lexicographic(operator, *items, node)
        sets = ("set", "frozenset", "pset")
        if isinstance(a, t.Collection) and isinstance(b, t.Collection) and a.kind in sets and b.kind in sets:
            first, second = (left, right) if kind in (ast.Lt, ast.LtE) else (right, left)
            _, contents = self._sets_together(first, second, symbol, node)
            within = apply("Set_subset", *contents)
            other = negation(apply("Set_equal", *contents))
            return within if kind in (ast.LtE, ast.GtE) else conjunction(within, other)
        if isinstance(a, t.Tuple) and isinstance(b, t.Tuple) and len(a.items) == len(b.items):
            return self._lexicographic(operator, left, right, node)
        magic = self.operator_method(left, right, f"__{MAGIC[kind]}__", f"__{_MIRRORED[kind]}__", node)
        if magic is not None:
            return self.truth(magic, node)
        raise Unsupported(f"`{symbol}` between a `{a}` and a `{b}`", node)

    def _lexicographic(self, operator: ast.cmpop, left: Term, right: Term, node: ast.AST) -> str:
        assert isinstance(left.type, t.Tuple)
        strict: ast.cmpop = ast.Lt() if isinstance(operator, ast.Lt | ast.LtE) else ast.Gt()
        answer = "true" if isinstance(operator, ast.LtE | ast.GtE) else "false"
        for number in range(len(left.type.items) - 1, -1, -1):
            one, other = self.item(left, number), self.item(right, number)
            answer = disjunction(self._order(strict, one, other, node), conjunction(self.equal_parts(one, other, node), answer))
        return answer

    @abstractmethod
    def items_in_order(self, operator: ast.cmpop, left: Term, right: Term, node: ast.AST) -> tuple[Term, Term] | None:
        """Return as which tuples objects are compared by their order; None if they are not."""

    def operator_method(self, left: Term, right: Term, name: str, mirrored: str, node: ast.AST) -> Term | None:
        """Return what a class says of an operator; None if it says nothing."""
        for one, other, method in ((left, right, name), (right, left, mirrored)):
            if method and self.method_of(one.type, method) is not None:
                return self.call_method(one, method, [other], node)
        return None

    @abstractmethod
    def method_of(self, type_: t.Type, name: str) -> object | None:
        """Return a method of instances of a type."""

    @abstractmethod
    def call_method(self, receiver: Term, name: str, arguments: Sequence[Term], node: ast.AST) -> Term:
        """Return what a method returns."""

    @abstractmethod
    def _usable(self, *operands: Term, node: ast.AST | None = None) -> tuple[Term, ...]: ...

    def _is_int(self, type_: t.Type) -> bool:
        return type_ in (t.INT, t.BOOL) or isinstance(type_, t.Ranged) or (
            isinstance(type_, t.Instance | t.Union) and self.sort(type_) == "int"
        )  # fmt: skip

    def _sets_together(self, left: Term, right: Term, symbol: str, node: ast.AST) -> tuple[t.Collection, list[str]]:
        """Return the type of two sets, of which an empty one may have no type of items, and what they hold."""
        type_, other = left.type, right.type
        assert isinstance(type_, t.Collection)
        assert isinstance(other, t.Collection)
        if t.NEVER in (type_.item, other.item):
            type_ = replace(type_, item=other.item if type_.item == t.NEVER else type_.item)
            empty = f"(Set_empty() : Set {self.sort(type_.item)})"
            return type_, [empty if getattr(part.type, "item", None) == t.NEVER else self.content(part) for part in (left, right)]
        if self.sorts.content(type_) != self.sorts.content(other):
            raise Unsupported(f"`{symbol}` between a `{type_}` and a `{other}`", node)
        return type_, [self.content(left), self.content(right)]
