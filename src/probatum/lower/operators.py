"""Operators: arithmetic, comparison, membership, subscripts and slices."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from probatum.lower import families, terms
from probatum.lower.heap import Heap
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply, conditional, conjunction, disjunction, equal, negation
from probatum.lower.unsupported import Unsupported
from probatum.lower.values import equal_floats
from probatum.python import types as t

_FLOAT = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_BITS = {ast.BitAnd: "Bit_and", ast.BitOr: "Bit_or", ast.BitXor: "Bit_xor"}
_SETS = {ast.BitAnd: "Set_intersect", ast.BitOr: "Set_union", ast.BitXor: "Set_symmetric", ast.Sub: "Set_minus"}
_MAGIC = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Pow: "pow", ast.LShift: "lshift", ast.RShift: "rshift", ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor",
    ast.MatMult: "matmul", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip
_MIRRORED = {ast.Lt: "gt", ast.LtE: "ge", ast.Gt: "lt", ast.GtE: "le"}


_LARGE = 512  # bits of numbers that are computed here


class Operators(Heap):
    """What operators mean for each type."""

    # --- arithmetic ------------------------------------------------------------------

    def binary(self, operator: ast.operator, left: Term, right: Term, node: ast.AST) -> Term:
        """Return the value of a binary operator."""
        left, right = self._usable(left, right, node=node)
        a, b = left.type, right.type
        kind = type(operator)
        if self._is_int(a) and self._is_int(b):
            return self._integers(kind, left, right, node)
        if t.FLOAT in (a, b) and all(x == t.FLOAT or self._is_int(x) for x in (a, b)):
            return self._floats(kind, self.coerce(left, t.FLOAT, node), self.coerce(right, t.FLOAT, node), node)
        magic = self.operator_method(left, right, f"__{_MAGIC[kind]}__", f"__r{_MAGIC[kind]}__", node)
        if magic is not None:
            return magic
        if isinstance(a, t.Collection) and a.kind in ("set", "frozenset", "pset") and kind in _SETS:
            return self._sets(kind, left, right, node)
        if kind is ast.Add:
            return self._concatenation(left, right, node)
        if kind is ast.Mult:
            if self._is_int(a):
                left, right = right, left
            return self._repetition(left, self.coerce(right, t.INT, node), node)
        if isinstance(a, t.Mapping) and isinstance(b, t.Mapping) and kind is ast.BitOr:
            if self.uses_defaults:
                raise Unsupported("`|` between dicts, of which one may be a `Counter`", node)
            return self.merged([left, right], node)
        raise Unsupported(f"`{_symbol(kind)}` between a `{a}` and a `{b}`", node)

    @property
    @abstractmethod
    def uses_defaults(self) -> bool:
        """Whether the program has dicts that are more than dicts."""

    @abstractmethod
    def merged(self, parts: Sequence[Term], node: ast.AST) -> Term:
        """Return a dict with what several dicts hold: of equal keys the last one prevails."""

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

    def _integers(self, kind: type[ast.operator], left: Term, right: Term, node: ast.AST) -> Term:
        if left.type == t.BOOL and right.type == t.BOOL and kind in (ast.BitAnd, ast.BitOr, ast.BitXor):
            symbol = {ast.BitAnd: "&&", ast.BitOr: "||", ast.BitXor: "!="}[kind]
            return Term(f"({left.text} {symbol} {right.text})", t.BOOL)
        a, b = self.coerce(left, t.INT, node).text, self.coerce(right, t.INT, node).text
        known = self._computed(kind, self.literal_index(Term(a, t.INT)), self.literal_index(Term(b, t.INT)))
        if known is not None:
            return terms.number(known)
        match kind:
            case ast.Add:
                return Term(f"({a} + {b})", t.INT)
            case ast.Sub:
                return Term(f"({a} - {b})", t.INT)
            case ast.Mult:
                self._product(a, b)
                return Term(f"({a} * {b})", t.INT)
            case ast.FloorDiv | ast.Mod:
                self._divisor(b, node)
                return Term(self._quotient(kind, a, b), t.INT)
            case ast.Div:
                self._divisor(b, node)
                return self.ratio(a, b)
            case ast.Pow:
                self.demand(f"(0 <= {b})", Kind.VALUE, node, "the exponent must not be negative (the result would be a float)")
                return Term(apply("Int_pow", a, b), t.INT)
            case ast.LShift | ast.RShift:
                self.demand(f"(0 <= {b})", Kind.VALUE, node, "the shift must not be negative", "ValueError")
                return Term(apply("Bit_shl" if kind is ast.LShift else "Bit_shr", a, b), t.INT)
            case ast.BitAnd | ast.BitOr | ast.BitXor:
                return Term(apply(_BITS[kind], a, b), t.INT)
        raise Unsupported(f"`{_symbol(kind)}` between integers", node)

    def _computed(self, kind: type[ast.operator], a: int | None, b: int | None) -> int | None:
        """Return the value of an operator between literals, if it is not too large."""
        if a is None or b is None or max(abs(a), abs(b)).bit_length() > _LARGE:
            return None
        match kind:
            case ast.Add:
                return a + b
            case ast.Sub:
                return a - b
            case ast.Mult:
                return a * b
            case ast.Pow if 0 <= b <= _LARGE and a.bit_length() * b <= 2 * _LARGE:
                value: int = a**b
                return value
            case ast.LShift if 0 <= b <= _LARGE:
                return a << b
            case ast.FloorDiv if b != 0:
                return a // b
            case ast.Mod if b != 0:
                return a % b
        return None

    def _product(self, a: str, b: str) -> None:
        """Write what is true of every product, since solvers do not find it: its sign, and that it is not less than its factors."""
        if self.in_contract or terms.is_number(a) or terms.is_number(b):
            return
        self.writer.assume(
            f"((0 <= {a} && 0 <= {b}) || ({a} <= 0 && {b} <= 0) ==> 0 <= {a} * {b})"
            f" && ((0 <= {a} && {b} <= 0) || ({a} <= 0 && 0 <= {b}) ==> {a} * {b} <= 0)"
            f" && (1 <= {a} && 1 <= {b} ==> {a} <= {a} * {b} && {b} <= {a} * {b})"
        )

    def _quotient(self, kind: type[ast.operator], a: str, b: str) -> str:
        if b.isdigit() and b != "0":
            # With a positive divisor Boogie's Euclidean operators are Python's.
            return f"({a} {'div' if kind is ast.FloorDiv else 'mod'} {b})"
        return apply("Int_floordiv" if kind is ast.FloorDiv else "Int_mod", a, b)

    def _divisor(self, text: str, node: ast.AST) -> None:
        if not (text.isdigit() and text != "0"):
            self.demand(f"({text} != 0)", Kind.DIVISION, node, "the divisor must not be zero", "ZeroDivisionError")

    def _floats(self, kind: type[ast.operator], left: Term, right: Term, node: ast.AST) -> Term:
        if kind not in _FLOAT:
            raise Unsupported(f"`{_symbol(kind)}` between floats", node)
        if kind is ast.Div:
            zero = equal_floats(right, self.float_literal(0.0))
            self.demand(negation(zero), Kind.DIVISION, node, "the divisor must not be zero", "ZeroDivisionError")
            if right.text.startswith("Int_float("):
                return self.share(left, right)
        return Term(f"({left.text} {_FLOAT[kind]} {right.text})", t.FLOAT)

    def _sets(self, kind: type[ast.operator], left: Term, right: Term, node: ast.AST) -> Term:
        if not (isinstance(right.type, t.Collection) and right.type.kind in ("set", "frozenset", "pset")):
            raise Unsupported(f"`{_symbol(kind)}` between a `{left.type}` and a `{right.type}`", node)
        type_, texts = self._sets_together(left, right, _symbol(kind), node)
        if type_.item == t.NEVER:
            return left
        return Term(apply(_SETS[kind], *texts), type_, content=True)

    def _sets_together(self, left: Term, right: Term, symbol: str, node: ast.AST) -> tuple[t.Collection, list[str]]:
        """Return the type of two sets, of which an empty one may have no type of items, and what they hold."""
        type_, other = left.type, right.type
        assert isinstance(type_, t.Collection)
        assert isinstance(other, t.Collection)
        if t.NEVER in (type_.item, other.item):
            type_ = replace(type_, item=other.item if type_.item == t.NEVER else type_.item)
            empty = self.empty_content(type_)
            return type_, [empty if getattr(part.type, "item", None) == t.NEVER else self.content(part) for part in (left, right)]
        if self.sorts.content(type_) != self.sorts.content(other):
            raise Unsupported(f"`{symbol}` between a `{type_}` and a `{other}`", node)
        return type_, [self.content(left), self.content(right)]

    def _concatenation(self, left: Term, right: Term, node: ast.AST) -> Term:
        a, b = left.type, right.type
        if isinstance(a, t.Tuple) and isinstance(b, t.Tuple):
            own = [self.item(left, i) for i in range(len(a.items))]
            return self.tuple_of([*own, *(self.item(right, i) for i in range(len(b.items)))])
        if isinstance(a, t.Collection) and isinstance(b, t.Collection):
            if a.item == t.NEVER:
                return Term(self.content(right), self._new_kind(b), content=True)
            if b.item == t.NEVER:
                return Term(self.content(left), self._new_kind(a), content=True)
        sorts = [self._sequence_sort(one, node) for one in (a, b)]
        if sorts[0] != sorts[1]:
            raise Unsupported(f"`+` between a `{a}` and a `{b}`", node)
        return Term(apply("Seq_concat", self.content(left), self.content(right)), self._new_kind(a), content=True)

    def _repetition(self, left: Term, count: Term, node: ast.AST) -> Term:
        self._sequence_sort(left.type, node)
        content = self.content(left)
        if content.startswith("Seq_one("):
            return Term(
                apply("Seq_repeat", content.removeprefix("Seq_one(")[:-1], count.text), self._new_kind(left.type), content=True
            )
        return Term(apply("Seq_times", content, count.text), self._new_kind(left.type), content=True)

    def _new_kind(self, type_: t.Type) -> t.Type:
        if isinstance(type_, t.Collection) and type_.kind == "iterable":
            return t.Collection("sequence", type_.item)
        return type_

    def _sequence_sort(self, type_: t.Type, node: ast.AST) -> str:
        if self.passing(type_):
            raise Unsupported(f"a `{type_}` used as a sequence", node)
        if isinstance(type_, t.Tuple) and type_.items and len(set(type_.items)) == 1:
            return f"(Seq {self.sort(type_.items[0])})"
        if self.has_length(type_) and not isinstance(type_, t.Tuple):
            sort = self.sorts.content(type_) if self.sorts.shared(type_) else self.sort(type_)
            if sort.startswith("(Seq"):
                return sort
        raise Unsupported(f"a `{type_}` used as a sequence", node)

    def unary(self, operator: ast.unaryop, operand: Term, node: ast.AST) -> Term:
        """Return the value of a unary operator."""
        if isinstance(operator, ast.Not):
            return Term(negation(self.truth(operand, node)), t.BOOL)
        (operand,) = self._usable(operand, node=node)
        if self._is_int(operand.type):
            value = self.coerce(operand, t.INT, node).text
            match operator:
                case ast.USub():
                    return terms.number(-int(value)) if value.isdigit() else Term(f"(0 - {value})", t.INT)
                case ast.UAdd():
                    return Term(value, t.INT)
                case ast.Invert():
                    return Term(f"(-1 - {value})", t.INT)
        if operand.type == t.FLOAT and isinstance(operator, ast.USub):
            return self.negative(operand)
        name = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}[type(operator)]
        if self.method_of(operand.type, name) is not None:
            return self.call_method(operand, name, [], node)
        raise Unsupported(f"`{name.strip('_')}` of a `{operand.type}`", node)

    # --- comparison --------------------------------------------------------------------

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
            return disjunction(*(self.equality(self.item(collection, i), item, node) for i in range(len(own.items))))
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
        magic = self.operator_method(left, right, f"__{_MAGIC[kind]}__", f"__{_MIRRORED[kind]}__", node)
        if magic is not None:
            return self.truth(magic, node)
        raise Unsupported(f"`{symbol}` between a `{a}` and a `{b}`", node)

    def _lexicographic(self, operator: ast.cmpop, left: Term, right: Term, node: ast.AST) -> str:
        assert isinstance(left.type, t.Tuple)
        strict: ast.cmpop = ast.Lt() if isinstance(operator, ast.Lt | ast.LtE) else ast.Gt()
        answer = "true" if isinstance(operator, ast.LtE | ast.GtE) else "false"
        for number in range(len(left.type.items) - 1, -1, -1):
            one, other = self.item(left, number), self.item(right, number)
            answer = disjunction(self._order(strict, one, other, node), conjunction(self.equality(one, other, node), answer))
        return answer

    @abstractmethod
    def items_in_order(self, operator: ast.cmpop, left: Term, right: Term, node: ast.AST) -> tuple[Term, Term] | None:
        """Return as which tuples objects are compared by their order; None if they are not."""

    # --- subscripts ------------------------------------------------------------------------

    @abstractmethod
    def as_tuple(self, term: Term) -> Term:
        """Return an instance of a `NamedTuple` as the tuple that it is; anything else as itself."""

    @abstractmethod
    def one_of_items(self, collection: Term, index: Term, node: ast.AST) -> Term:
        """Return the item of a tuple of fixed length, whose items are of several types, at a place that is computed."""

    @abstractmethod
    def joined(self, types: Sequence[t.Type]) -> t.Type:
        """Return the least type that values of several types have."""

    def subscript(self, collection: Term, index: Term, node: ast.AST) -> Term:
        """Return the item under an index or key."""
        collection = self.as_tuple(collection)
        own = collection.type
        if isinstance(own, t.Mapping):
            return self._lookup(collection, own, index, node)
        if isinstance(own, t.Tuple):
            number = self.literal_index(index)
            if number is None or not -len(own.items) <= number < len(own.items):
                if number is not None:
                    self.demand("false", Kind.INDEX, node, f"the index must be below {len(own.items)}", "IndexError")
                    return self.item(collection, 0)
                if len(set(own.items)) != 1:
                    return self.one_of_items(collection, index, node)
                sequence = self.coerce(collection, t.Collection("tuple", own.items[0]), node)
                return self.subscript(sequence, index, node)
            return self.item(collection, number % len(own.items))
        if self.method_of(own, "__getitem__") is not None:
            return self.call_method(collection, "__getitem__", [index], node)
        sort = self._sequence_sort(own, node)
        content = self.content(collection)
        value = self.coerce(index, t.INT, node).text
        position = self.position(value, content, node, node.slice if isinstance(node, ast.Subscript) else None)
        if self.in_contract and position.startswith("Index("):
            # A bound variable under a condition is no trigger.
            end = apply("Seq_at", content, f"({value} + {apply('Seq_len', content)})")
            item = conditional(f"({value} < 0)", end, apply("Seq_at", content, value))
        else:
            item = apply("Seq_at", content, position)
        if own in (t.BYTES, t.BYTEARRAY):
            return Term(apply("byte_int", item), t.INT)
        if own == t.STR:
            return Term(apply("Seq_one", item), t.STR)
        assert isinstance(own, t.Collection), sort
        found = Term(item, own.item, state=collection.state)
        self.known(found)
        return found

    def position(self, index: str, content: str, node: ast.AST, written: ast.expr | None = None) -> str:
        """Return an index from the start, demanding that there is such an item; `written`: the index as it is written."""
        length = apply("Seq_len", content)
        least = self.least(written) if written is not None else None
        if index.isdigit() or (least is not None and least >= 0):
            self.demand(f"({index} < {length})", Kind.INDEX, node, "the index must be in range", "IndexError")
            return index
        negative = index.removeprefix("(-").removesuffix(")")
        if index.startswith("(-") and negative.isdigit():
            self.demand(f"({negative} <= {length})", Kind.INDEX, node, "the index must be in range", "IndexError")
            return f"({length} - {negative})"
        within = f"((- {length}) <= {index} && {index} < {length})".replace("(- ", "(0 - ")
        self.demand(within, Kind.INDEX, node, "the index must be in range", "IndexError")
        return apply("Index", index, length)

    def least(self, node: ast.expr) -> int | None:
        """Return a bound that an integer expression never goes below, if its form says so."""
        match node:
            case ast.Constant(value=int(value)):
                return value
            case ast.Name(id=name):
                return self.lows.get(name)
            case ast.Call(func=ast.Name(id="len")):
                return 0
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                low, other = self.least(left), self.least(right)
                return None if low is None or other is None else low + other
            case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=int(value))):
                low = self.least(left)
                return None if low is None else low - value
            case ast.BinOp(left=left, op=ast.Mult() | ast.FloorDiv() | ast.Mod(), right=right):
                low, other = self.least(left), self.least(right)
                return 0 if low is not None and other is not None and low >= 0 and other >= 0 else None
        return None

    lows: dict[str, int]  # bounds that names never go below: what counts places, and variables bound over such ranges

    def literal_index(self, index: Term) -> int | None:
        """Return an index that is written as a number."""
        text = index.text
        if text.isdigit():
            return int(text)
        inner = text.removeprefix("(-").removesuffix(")")
        return -int(inner) if text.startswith("(-") and inner.isdigit() else None

    def _lookup(self, collection: Term, own: t.Mapping, index: Term, node: ast.AST) -> Term:
        if own.key == t.NEVER:
            self.demand("false", Kind.KEY, node, "the key must be there", "KeyError")
            return Term("Unit()", t.NONE)
        content = self.content(collection)
        key = self.narrowed_to(index, own.key, node)
        if own.kind == "Counter":
            value = conditional(apply("Map_has", content, key), apply("Map_get", content, key), "0")
            return Term(value, own.value)
        if own.kind == "defaultdict":
            return self.looked_up_or_made(collection, own, key, node)
        self.demand(apply("Map_has", content, key), Kind.KEY, node, "the key must be there", "KeyError")
        found = Term(apply("Map_get", content, key), own.value, state=collection.state)
        self.known(found)
        return found

    @abstractmethod
    def looked_up_or_made(self, collection: Term, own: t.Mapping, key: str, node: ast.AST) -> Term:
        """Return what a `defaultdict` holds under a key, which is put there if it has none."""

    def slice_bounds(self, lower: Term | None, upper: Term | None, content: str, node: ast.AST) -> tuple[str, str]:
        """Return where a slice begins and ends, as Python clips it: 0 <= begin <= end <= length."""
        length = apply("Seq_len", content)
        begin = "0" if lower is None else self._bound(self.coerce(lower, t.INT, node).text, length)
        end = length if upper is None else self._bound(self.coerce(upper, t.INT, node).text, length)
        return begin, end

    def _bound(self, value: str, length: str) -> str:
        return "0" if value == "0" else apply("Slice_bound", value, length)

    def sliced(self, collection: Term, lower: Term | None, upper: Term | None, node: ast.AST) -> Term:
        """Return a slice with step 1."""
        own = collection.type
        if isinstance(own, t.Tuple):
            low = 0 if lower is None else self.literal_index(lower)
            high = len(own.items) if upper is None else self.literal_index(upper)
            if low is None or high is None:
                raise Unsupported("a slice of a tuple whose bounds are not numbers", node)
            return self.tuple_of([self.item(collection, i) for i in range(len(own.items))[low:high]])
        self._sequence_sort(own, node)
        content = self.content(collection)
        begin, end = self.slice_bounds(lower, upper, content, node)
        if begin == "0":
            text = content if upper is None else apply("Seq_take", content, end)
        elif upper is None:
            text = apply("Seq_drop", content, begin)
        else:
            text = apply("Seq_slice", content, begin, conditional(f"({begin} <= {end})", end, begin))
        return Term(text, self._new_kind(own), content=True)


def _symbol(kind: type[ast.operator]) -> str:
    return {
        ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
        ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.MatMult: "@",
    }[kind]  # fmt: skip


__all__ = ["Operators"]
