"""Floats beside integers: what an integer becomes, exact comparison, quotients; and equality of items that may be NaN."""

from __future__ import annotations

import ast
import math
from abc import abstractmethod

from probatum.lower import terms
from probatum.lower.lowered import Kind
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, apply, conjunction, disjunction, equal
from probatum.lower.unsupported import Unsupported
from probatum.lower.values import Values, equal_floats
from probatum.python import types as t

_EXACT = 1 << 53
_LIGHT = 1 << 20
_IN_RANGE = "integers that become floats are in the range of floats"


def is_light(value: float) -> bool:
    """Whether a number is a small integer times a power of two, so that floats hold every multiple that 2**26 of them make."""
    if not math.isfinite(value) or (value and not 2.0**-500 < abs(value) < 2.0**500):
        return False
    mantissa = abs(int(math.frexp(value)[0] * (1 << 53)))
    return mantissa // (mantissa & -mantissa or 1) < _LIGHT


class Floating(Values):
    """What floats mean where they meet other numbers."""

    def float_of(self, term: Term, node: ast.AST) -> Term:
        """Return an integer as the nearest float."""
        number = self._number(term)
        if number is not None:
            try:
                return self.float_literal(float(number))
            except OverflowError:
                self.demand("false", Kind.VALUE, node, "the integer must be in the range of floats", "OverflowError")
                return self.float_literal(0.0)
        self.symbols.assumptions.setdefault(_IN_RANGE, None)
        return Term(apply("Int_float", term.text), t.FLOAT)

    def _number(self, term: Term) -> int | None:
        text = term.text.removeprefix("(").removesuffix(")")
        return int(text) if text.removeprefix("-").isdigit() else None

    def negative(self, value: Term) -> Term:
        """Return a float with the other sign; subtracted from -0.0 also zeros change theirs."""
        return Term(f"({self.float_literal(-0.0).text} - {value.text})", t.FLOAT)

    def ratio(self, left: str, right: str) -> Term:
        """Return the quotient of two integers, rounded once; the divisor is not zero."""
        self.symbols.assumptions.setdefault(_IN_RANGE, None)
        return Term(apply("Int_ratio", left, right), t.FLOAT)

    def share(self, left: Term, right: Term) -> Term:
        """Return a float divided by an integer that became one, which is not zero; of the divisor only bounds are known anyway."""
        return Term(apply("Float_share", left.text, right.text.removeprefix("Int_float(").removesuffix(")")), t.FLOAT)

    def power(self, base: Term, exponent: Term, node: ast.AST) -> Term:
        """Return a float to the power of an integer, or of one half: with another exponent it may be a complex number."""
        zero = self.float_literal(0.0).text
        if exponent.type == t.FLOAT:
            if exponent.text != self.float_literal(0.5).text:
                raise Unsupported("`**` of a float with this exponent", node)
            whole = f"({base.text} < {zero})"
            self.demand(terms.negation(whole), Kind.TYPE, node, "the power of a negative number is a complex number")
            return Term(apply("Float_root", base.text), t.FLOAT)
        number = self.coerce(exponent, t.INT, node).text
        known = self._number(Term(number, t.INT))
        if known is None or known < 0:
            some = disjunction(f"(0 <= {number})", terms.negation(equal_floats(base, Term(zero, t.FLOAT))))
            self.demand(some, Kind.DIVISION, node, "0.0 has no negative power", "ZeroDivisionError")
        fits = apply("Float_power_fits", base.text, number)
        self.demand(fits, Kind.VALUE, node, "the power must be in the range of floats", "OverflowError")
        return Term(apply("Float_power", base.text, number), t.FLOAT)

    def all_bounded(self, item: str, body: ast.expr, items: str) -> str | None:
        """Return that all floats of a sequence lie between constants, if a condition on an item says that and nothing else.

        Said by a name instead of a quantifier it is known of what is put together from such sequences, and of means.

        Parameters
        ----------
        item : str
            The name that stands for an item in `body`.
        items : str
            The sequence.
        """
        bounds = _bounds(item, body)
        if bounds is None:
            return None
        parts = []
        for lower, bound in bounds:
            literal = self.float_literal(bound).text
            if is_light(bound):
                self.symbols.declarations[f"light {literal}"] = f"axiom Float_light({literal});"
            parts.append(apply("Floats_least" if lower else "Floats_most", items, literal))
        return conjunction(*parts)

    def float_beside_int(self, symbol: str, value: Term, integer: Term, node: ast.AST) -> str:
        """Return whether a float stands in a relation to an integer, which is not rounded: `==`, `<`, `<=`, `>` or `>=`."""
        number = self.coerce(integer, t.INT, node)
        known = self._number(number)
        if known is not None and abs(known) <= _EXACT:
            if symbol == "==":
                return equal_floats(value, self.float_literal(float(known)))
            return f"({value.text} {symbol} {self.float_literal(float(known)).text})"
        name = {"=": "Float_equals", "<": "Float_below", ">": "Float_above"}
        return disjunction(*(apply(name[one], value.text, number.text) for one in symbol.replace("==", "=")))

    def equal_items(self, left: str, right: str, item: str, node: ast.AST) -> str:
        """Return whether two sequences have equal items: the same object, or one that `==` says is equal.

        What `==` says of objects of a type variable is open, and of two that are NaN whether they are one
        object; so nothing is said that would connect this comparison with another one.
        """
        same = self._same(item, node)
        place = self.writer.fresh("i")
        one, other = apply("Seq_at", left, place), apply("Seq_at", right, place)
        length = apply("Seq_len", left)
        within = f"(0 <= {place} && {place} < {length})"
        shown = " ".join(
            f"{{{text}}}" for text in dict.fromkeys((one, other)) if "(lambda " not in text and "(forall " not in text
        )
        items = f"(forall {place}: int :: {shown} {terms.implication(within, f'{same}, {one}, {other})')})"
        return conjunction(equal(length, apply("Seq_len", right)), items)

    def equal_parts(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two items of tuples are equal or one object."""
        if left.type == right.type == t.FLOAT:
            return f"{self._same('float53e11', node)}, {left.text}, {right.text})"
        return self.equality(left, right, node)

    def _same(self, item: str, node: ast.AST) -> str:
        """Return the application, up to its operands, that says whether two items are one object or equal."""
        if self.defining or self.binders or (self.in_contract and self.in_loop):
            raise Unsupported("a comparison of collections of such items here", node)
        same = f"Same'{mangled(item.strip('()'))}"
        own = f"{same}(e, a, b)"
        if item == "float53e11":
            facts = f"(a <= b && b <= a ==> {own}) && (!(a <= b && b <= a) && (a <= a || b <= b) ==> !{own})"
        else:
            facts = f"a == b ==> {own}"
        self.symbols.declarations[same] = (
            f"function {same}(e: int, a: {item}, b: {item}): bool;\n"
            f"axiom (forall e: int, a: {item}, b: {item} :: {{{own}}} {facts});"
        )
        if self.in_contract:
            time = self.writer.fresh("time")
            self.symbols.declarations[time] = f"const {time}: int;"
        else:
            time = self.writer.local("time", "int")
            self.writer.line(f"havoc {time};")
        return f"{same}({time}"

    @property
    @abstractmethod
    def in_loop(self) -> bool:
        """Whether what is written stands in a loop, so that it is evaluated at several times."""

    defining = False  # whether the definition of a pure function is being written


def _bounds(item: str, body: ast.expr) -> list[tuple[bool, float]] | None:
    """Return the constants between which a condition says that an item is, each with whether it is a lower bound."""
    if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And):
        parts = [_bounds(item, value) for value in body.values]
        return None if None in parts else [bound for part in parts if part for bound in part]
    if not isinstance(body, ast.Compare):
        return None
    found = []
    operands = [body.left, *body.comparators]
    for left, op, right in zip(operands, body.ops, operands[1:], strict=False):
        if not isinstance(op, ast.LtE | ast.GtE):
            return None
        first, second = _constant(left), _constant(right)
        if first is not None and isinstance(right, ast.Name) and right.id == item:
            found.append((isinstance(op, ast.LtE), first))
        elif second is not None and isinstance(left, ast.Name) and left.id == item:
            found.append((isinstance(op, ast.GtE), second))
        else:
            return None
    return found


def _constant(node: ast.expr) -> float | None:
    """Return a number that is written, if a float holds it exactly."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = _constant(operand)
            return None if value is None else -value
        case ast.Constant(value=int() as number) if not isinstance(number, bool) and abs(number) <= _EXACT:
            return float(number)
        case ast.Constant(value=float() as number):
            return number
    return None


__all__ = ["Floating", "is_light"]
