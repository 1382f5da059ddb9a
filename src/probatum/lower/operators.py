"""Operators: arithmetic of numbers, sets and sequences."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Sequence

from probatum.lower import terms
from probatum.lower.comparisons import MAGIC
from probatum.lower.lowered import Kind
from probatum.lower.subscripts import Subscripts
from probatum.lower.terms import Term, apply, negation
from probatum.lower.unsupported import Unsupported
from probatum.lower.values import equal_floats
from probatum.python import types as t

_FLOAT = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_WHOLE = {ast.FloorDiv: "Float_floordiv", ast.Mod: "Float_mod"}
_BITS = {ast.BitAnd: "Bit_and", ast.BitOr: "Bit_or", ast.BitXor: "Bit_xor"}
_SETS = {ast.BitAnd: "Set_intersect", ast.BitOr: "Set_union", ast.BitXor: "Set_symmetric", ast.Sub: "Set_minus"}


_LARGE = 512  # bits of numbers that are computed here


class Operators(Subscripts):
    """What arithmetic means for each type."""

    # --- arithmetic ------------------------------------------------------------------

    def binary(self, operator: ast.operator, left: Term, right: Term, node: ast.AST) -> Term:
        """Return the value of a binary operator."""
        left, right = self._usable(left, right, node=node)
        kind = type(operator)
        if kind in _SETS:
            left, right = self._keys_as_sets(left, right, node)
        a, b = left.type, right.type
        if self._is_int(a) and self._is_int(b):
            return self._integers(kind, left, right, node)
        if t.FLOAT in (a, b) and all(x == t.FLOAT or self._is_int(x) for x in (a, b)):
            if kind is ast.Pow:
                return self.power(self.coerce(left, t.FLOAT, node), right, node)
            return self._floats(kind, self.coerce(left, t.FLOAT, node), self.coerce(right, t.FLOAT, node), node)
        magic = self.operator_method(left, right, f"__{MAGIC[kind]}__", f"__r{MAGIC[kind]}__", node)
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
        if kind not in _FLOAT and kind not in _WHOLE:
            raise Unsupported(f"`{_symbol(kind)}` between floats", node)
        if kind is ast.Div or kind in _WHOLE:
            zero = equal_floats(right, self.float_literal(0.0))
            self.demand(negation(zero), Kind.DIVISION, node, "the divisor must not be zero", "ZeroDivisionError")
            if kind in _WHOLE:
                return Term(apply(_WHOLE[kind], left.text, right.text), t.FLOAT)
            if right.text.startswith("Int_float("):
                return self.share(left, right)
        return Term(f"({left.text} {_FLOAT[kind]} {right.text})", t.FLOAT)

    def _keys_as_sets(self, left: Term, right: Term, node: ast.AST) -> tuple[Term, Term]:
        """Return operands, of which views of keys are sets, and so is what stands beside one: what comes out is a `set`."""
        if not any(_is_keys(one) for one in (left, right)):
            return left, right
        return self._key_set(left, node), self._key_set(right, node)

    def _key_set(self, operand: Term, node: ast.AST) -> Term:
        own = operand.type
        if not isinstance(own, t.Collection) or not (_is_keys(operand) or own.kind in ("set", "frozenset")):
            raise Unsupported(f"the keys of a dict beside a `{own}`", node)
        text = apply("Set_of", operand.text) if _is_keys(operand) else self.content(operand)
        return Term(text, t.Collection("set", own.item), content=True)

    def _sets(self, kind: type[ast.operator], left: Term, right: Term, node: ast.AST) -> Term:
        if not (isinstance(right.type, t.Collection) and right.type.kind in ("set", "frozenset", "pset")):
            raise Unsupported(f"`{_symbol(kind)}` between a `{left.type}` and a `{right.type}`", node)
        type_, texts = self._sets_together(left, right, _symbol(kind), node)
        if type_.item == t.NEVER:
            return left
        return Term(apply(_SETS[kind], *texts), type_, content=True)

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
        if isinstance(left.type, t.Tuple):  # of items of one type
            left = self.coerce(left, t.Collection("tuple", left.type.items[0]), node)
        content = self.content(left)
        if content.startswith("Seq_one("):
            return Term(
                apply("Seq_repeat", content.removeprefix("Seq_one(")[:-1], count.text), self._new_kind(left.type), content=True
            )
        return Term(apply("Seq_times", content, count.text), self._new_kind(left.type), content=True)

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


def _is_keys(term: Term) -> bool:
    """Whether a value is a view of the keys of a dict."""
    return isinstance(term.type, t.Collection) and term.type.kind == "view" and term.text.startswith("Map_keys(")


def _symbol(kind: type[ast.operator]) -> str:
    return {
        ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
        ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.MatMult: "@",
    }[kind]  # fmt: skip


__all__ = ["Operators"]
