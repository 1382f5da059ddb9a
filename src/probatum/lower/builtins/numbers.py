"""Functions of numbers and of characters."""

from __future__ import annotations

import ast
import math
import re
from abc import abstractmethod
from collections.abc import Sequence

from probatum.lower.builtins.iteration import Iteration
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply, conditional, negation
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t

_EACH = re.compile(r"Seq_map\((.*), \(lambda [\w'#]+: [^:]* :: (\d+)\)\)", re.DOTALL)
# From Python 3.12 on what rounding leaves over is summed apart; only up to here is it certain that this exceeds no bound.
_FEW = "what `sum` adds up are at most 2**26 floats"


class Numbers(Iteration):
    """What built-in functions of numbers mean."""

    def call_len(self, node: ast.Call, value: Term) -> Term:
        """`len(x)`."""
        (value,) = self._usable(value, node=node)
        value = self.as_tuple(value)
        if self.has_length(value.type):
            return Term(self.length(value), t.INT)
        if self.method_of(value.type, "__len__") is not None:
            return self.own_length(value, node)
        raise Unsupported(f"`len` of a `{value.type}`", node)

    def own_length(self, value: Term, node: ast.AST) -> Term:
        """Return what `__len__` returns, which must be no negative integer."""
        length = self.coerce(self.call_method(value, "__len__", [], node), t.INT, node)
        self.demand(f"(0 <= {length.text})", Kind.VALUE, node, "a length must not be negative", "ValueError")
        self.symbols.assumptions.setdefault("what `__len__` returns is less than 2**63", None)
        return length

    def call_abs(self, node: ast.Call, value: Term) -> Term:
        """`abs(x)`."""
        (value,) = self._usable(value, node=node)
        if self._is_int(value.type):
            return Term(apply("Int_abs", self.coerce(value, t.INT, node).text), t.INT)
        if value.type == t.FLOAT:
            zero = self.float_literal(0.0).text
            # The absolute value of -0.0 is 0.0.
            positive = conditional(f"({value.text} <= {zero})", zero, value.text)
            return Term(conditional(f"({value.text} < {zero})", self.negative(value).text, positive), t.FLOAT)
        raise Unsupported(f"`abs` of a `{value.type}`", node)

    def call_round(self, node: ast.Call, value: Term, digits: Term | None = None) -> Term:
        """`round(x)` of integers and floats, and `round(f, n)`."""
        (value,) = self._usable(value, node=node)
        if digits is not None and digits.type == t.NONE:
            digits = None
        if self._is_int(value.type) and digits is None:
            return Term(self.coerce(value, t.INT, node).text, t.INT)
        if value.type == t.FLOAT and digits is None:
            number = f"({value.text} <= {value.text})"
            self.demand(number, Kind.VALUE, node, "NaN has no nearest integer", "ValueError")
            least, most = (self.float_literal(sign * math.inf).text for sign in (-1, 1))
            finite = f"({least} < {value.text} && {value.text} < {most})"
            self.demand(finite, Kind.VALUE, node, "what is infinite has no nearest integer", "OverflowError")
            return Term(apply("Float_round", value.text), t.INT)
        if value.type == t.FLOAT and digits is not None and digits.text.isdigit() and int(digits.text) <= 400:
            return Term(apply("Float_rounded", value.text, digits.text), t.FLOAT)
        raise Unsupported(f"`round` of a `{value.type}`", node)

    def call_min(self, node: ast.Call, *values: Term, key: ast.expr | None = None, default: Term | None = None) -> Term:
        """`min(a, b, ...)` or `min(xs)`."""
        return self._extreme("min", node, values, key, default)

    def call_max(self, node: ast.Call, *values: Term, key: ast.expr | None = None, default: Term | None = None) -> Term:
        """`max(a, b, ...)` or `max(xs)`."""
        return self._extreme("max", node, values, key, default)

    def _extreme(self, name: str, node: ast.Call, values: Sequence[Term], key: ast.expr | None, default: Term | None) -> Term:
        values = self._usable(*values, node=node)
        if len(values) == 1:
            return self._extreme_item(name, node, values[0], key, default)
        if key is not None or default is not None:
            raise Unsupported(f"`{name}` of several values with `key=` or `default=`", node)
        if all(self._is_int(v.type) for v in values):
            if all(v.type == t.BOOL for v in values):
                raise Unsupported(f"`{name}` of booleans", node)
            result = self.coerce(values[0], t.INT, node).text
            for value in values[1:]:
                result = apply(f"Int_{name}", result, self.coerce(value, t.INT, node).text)
            return Term(result, t.INT)
        if all(v.type == t.FLOAT for v in values):
            best = values[0]
            for value in values[1:]:
                first, second = (value, best) if name == "min" else (best, value)
                best = Term(conditional(f"({first.text} < {second.text})", value.text, best.text), t.FLOAT)
            return best
        raise Unsupported(f"`{name}` of {', '.join(f'`{v.type}`' for v in values)}", node)

    def _extreme_item(self, name: str, node: ast.Call, values: Term, key: ast.expr | None, default: Term | None) -> Term:
        item, items = self.sequence_in(values, node, told=key is not None)  # of equal keys, the first item is returned
        empty = f"(Seq_len({items}) == 0)"
        if default is None:
            self.demand(negation(empty), Kind.VALUE, node, f"`{name}` needs at least one item", "ValueError")
        with self.guarded(negation(empty) if default is not None else "true"):
            if key is not None:
                order, sort = self._order_of(key, item, items, node, descending=name == "max")
                least = "Seq_least_float" if sort == t.FLOAT else "Seq_least"
                found = Term(apply("Seq_at", items, apply(least, items, order)), item)
            elif self._is_int(item) and item != t.BOOL:
                found = Term(apply(f"Seq_{name}", items), t.INT)
            elif item == t.FLOAT:
                found = Term(apply(f"Floats_{name}", items), t.FLOAT)
            elif item == t.STR:  # equal strings cannot be told apart
                place = "0" if name == "min" else f"({apply('Seq_len', items)} - 1)"
                found = Term(apply("Seq_at", apply("Text_sorted", items), place), item)
            else:
                raise Unsupported(f"`{name}` of a `{values.type}`", node)
        if default is None:
            return found
        type_ = t.union(found.type, default.type) if not self.is_subtype(default.type, found.type) else found.type
        own, other = self.coerce(found, type_, node).text, self.coerce(default, type_, node).text
        return Term(conditional(empty, other, own), type_)

    def key_of(self, key: ast.expr, item: t.Type, items: str, node: ast.AST, *, descending: bool = False) -> str:
        """Return the map from items to their keys, which are integers."""
        order, type_ = self._order_of(key, item, items, node, descending=descending)
        if type_ == t.FLOAT:
            raise Unsupported(f"a `key=` that gives a `{type_}`", node)
        return order

    def _order_of(self, key: ast.expr, item: t.Type, items: str, node: ast.AST, *, descending: bool) -> tuple[str, t.Type]:
        """Return the map from items to their keys, which are integers or floats, and which of them."""
        name = self.writer.fresh("x")
        within = apply("Seq_has", items, name)
        value = self.got(key, Term(name, item), f"{name}: {self.sort(item)}", within)
        if value is None:
            value = self.applied(key, Term(name, item), f"{name}: {self.sort(item)}", within)
        if value.type == t.FLOAT:
            text = self.negative(value).text if descending else value.text
            return f"(lambda {name}: {self.sort(item)} :: {text})", t.FLOAT
        if not self._is_int(value.type):
            raise Unsupported(f"a `key=` that gives a `{value.type}`", node)
        text = self.coerce(value, t.INT, node).text
        return f"(lambda {name}: {self.sort(item)} :: {f'(0 - {text})' if descending else text})", t.INT

    @abstractmethod
    def got(self, function: ast.expr, argument: Term, variable: str, within: str) -> Term | None:
        """Return what the method `get` of a dict gives for a key under a bound variable; None if it is another function."""

    def call_sum(self, node: ast.Call, values: Term, start: Term | None = None) -> Term:
        """`sum(xs)`."""
        item, items = self.sequence_in(values, node, told=False)  # members of sets are no floats
        if item == t.FLOAT and start is None:
            some = f"(0 < {apply('Seq_len', items)})"
            self.demand(some, Kind.TYPE, node, "`sum` of no floats is the integer 0, not a float")
            self.symbols.assumptions.setdefault(_FEW, None)
            return Term(apply("Floats_sum", items), t.FLOAT)
        if not self._is_int(item):
            raise Unsupported(f"`sum` of a `{values.type}`", node)
        if item == t.BOOL:
            items = self.made(
                apply("Seq_len", items), lambda k: self.coerce(Term(apply("Seq_at", items, k), t.BOOL), t.INT, node)
            ).text
        each = _EACH.fullmatch(items)  # the same number for each item
        total = f"({each[2]} * {apply('Seq_len', each[1])})" if each is not None else apply("Seq_sum", items)
        return Term(total if start is None else f"({total} + {self.coerce(start, t.INT, node).text})", t.INT)

    def call_divmod(self, node: ast.Call, left: Term, right: Term) -> Term:
        """`divmod(a, b)`."""
        return self.tuple_of([self.binary(ast.FloorDiv(), left, right, node), self.binary(ast.Mod(), left, right, node)])

    def call_pow(self, node: ast.Call, base: Term, exponent: Term, modulus: Term | None = None) -> Term:
        """`pow(a, b)` and `pow(a, b, m)`."""
        if modulus is not None:
            zero = f"({self.coerce(modulus, t.INT, node).text} == 0)"
            self.demand(negation(zero), Kind.VALUE, node, "the third argument of `pow` must not be 0", "ValueError")
        power = self.binary(ast.Pow(), base, exponent, node)
        return power if modulus is None else self.binary(ast.Mod(), power, modulus, node)

    # --- methods -------------------------------------------------------------------------

    def method_int_bit_length(self, receiver: Term, node: ast.Call) -> Term:
        """`i.bit_length()`."""
        return Term(apply("Int_bits", self.coerce(receiver, t.INT, node).text), t.INT)

    def method_int_bit_count(self, receiver: Term, node: ast.Call) -> Term:
        """`i.bit_count()`."""
        return Term(apply("Int_ones", self.coerce(receiver, t.INT, node).text), t.INT)

    def method_int_conjugate(self, receiver: Term, node: ast.Call) -> Term:
        """`i.conjugate()`."""
        return self.coerce(receiver, t.INT, node)

    def call_ord(self, node: ast.Call, text: Term) -> Term:
        """`ord(c)`."""
        value = self.coerce(text, t.STR, node).text
        self.demand(f"(Seq_len({value}) == 1)", Kind.TYPE, node, "`ord` needs one character", "TypeError")
        return Term(apply("char_code", apply("Seq_at", value, "0")), t.INT)

    def call_chr(self, node: ast.Call, code: Term) -> Term:
        """`chr(i)`."""
        value = self.coerce(code, t.INT, node).text
        if not value.isdigit():
            within = f"(-2147483648 <= {value} && {value} < 2147483648)"
            self.demand(within, Kind.VALUE, node, "`chr` needs a code point", "OverflowError")
        self.demand(f"(0 <= {value} && {value} < 1114112)", Kind.VALUE, node, "`chr` needs a code point", "ValueError")
        return Term(apply("Seq_one", apply("char_of", value)), t.STR)
