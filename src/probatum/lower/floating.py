"""Floats beside integers: what an integer becomes, exact comparison, quotients; and equality of items that may be NaN."""

from __future__ import annotations

import ast
from abc import abstractmethod

from probatum.lower import terms
from probatum.lower.lowered import Kind
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, apply, conjunction, disjunction, equal
from probatum.lower.unsupported import Unsupported
from probatum.lower.values import Values, equal_floats
from probatum.python import types as t

_EXACT = 1 << 53
_IN_RANGE = "integers that become floats are in the range of floats"


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
        shown = f"{{{one}}}" if one == other else f"{{{one}}} {{{other}}}"
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


__all__ = ["Floating"]
