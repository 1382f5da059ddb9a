"""Strings cut at most so often, in the middle of a line, written in other letters, and integers written in other bases."""

from __future__ import annotations

import ast

from probatum.lower.builtins.texts import Texts
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply, conditional
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t

_TEXTS = t.Collection("list", t.STR)


class Splitting(Texts):
    """What `split` with a limit means, and what else gives a string."""

    def method_str_split(self, receiver: Term, node: ast.Call, sep: Term | None = None, maxsplit: Term | None = None) -> Term:
        """`s.split()`, `s.split(t)`, and with `maxsplit`."""
        if maxsplit is None:
            return super().method_str_split(receiver, node, sep)
        most = self.coerce(maxsplit, t.INT, node).text
        if sep is None or sep.type == t.NONE:
            return Term(apply("Str_cut_words", receiver.text, most), _TEXTS, content=True)
        return self._cut_at(receiver, node, sep, most, last=False)

    def method_str_rsplit(self, receiver: Term, node: ast.Call, sep: Term | None = None, maxsplit: Term | None = None) -> Term:
        """`s.rsplit(t)` and `s.rsplit(t, n)`."""
        if sep is None or sep.type == t.NONE:
            if maxsplit is not None:
                raise Unsupported("`rsplit` where spaces are, at most so often", node)
            return super().method_str_split(receiver, node, sep)
        most = "(-1)" if maxsplit is None else self.coerce(maxsplit, t.INT, node).text
        return self._cut_at(receiver, node, sep, most, last=True)

    def _cut_at(self, receiver: Term, node: ast.Call, sep: Term, most: str, *, last: bool) -> Term:
        own = self._part(receiver, sep, node)
        self.demand(f"(0 < {apply('Seq_len', own)})", Kind.VALUE, node, "the separator must not be empty", "ValueError")
        if most != "1":
            return Term(apply("Str_cut_last" if last else "Str_cut", receiver.text, own, most), _TEXTS, content=True)
        place = apply("Seq_rfind" if last else "Seq_find", receiver.text, own)
        behind = apply("Seq_drop", receiver.text, f"({place} + {apply('Seq_len', own)})")
        both = apply("Seq_push", apply("Seq_one", apply("Seq_take", receiver.text, place)), behind)
        return Term(conditional(f"({place} < 0)", apply("Seq_one", receiver.text), both), _TEXTS, content=True)

    def method_str_center(self, receiver: Term, node: ast.Call, width: Term, fill: Term | None = None) -> Term:
        """`s.center(w)` and `s.center(w, c)`: of an odd number of places one more is on the left if the width is odd."""
        if fill is None:
            one = apply("char_of", "32")
        else:
            own = self._part(receiver, fill, node)
            self.demand(f"({apply('Seq_len', own)} == 1)", Kind.TYPE, node, "it must be one character", "TypeError")
            one = apply("Seq_at", own, "0")
        wide = self.coerce(width, t.INT, node).text
        more = f"({wide} - {apply('Seq_len', receiver.text)})"
        left = f"(({more} div 2) + (({more} mod 2) * ({wide} mod 2)))"
        room = [apply("Seq_repeat", one, left), receiver.text, apply("Seq_repeat", one, f"({more} - {left})")]
        return Term(apply("Seq_concat", apply("Seq_concat", *room[:2]), room[2]), t.STR)

    def method_str_capitalize(self, receiver: Term, node: ast.Call) -> Term:
        """`s.capitalize()`."""
        del node
        return Term(apply("Str_capitalize", receiver.text), t.STR)

    def method_str_title(self, receiver: Term, node: ast.Call) -> Term:
        """`s.title()`."""
        del node
        return Term(apply("Str_title", receiver.text), t.STR)

    def method_str_swapcase(self, receiver: Term, node: ast.Call) -> Term:
        """`s.swapcase()`."""
        del node
        return Term(apply("Str_swapcase", receiver.text), t.STR)

    def method_str_casefold(self, receiver: Term, node: ast.Call) -> Term:
        """`s.casefold()`."""
        del node
        return Term(apply("Str_casefold", receiver.text), t.STR)

    def call_bin(self, node: ast.Call, number: Term) -> Term:
        """`bin(i)`."""
        return Term(apply("Str_of_base", self.coerce(number, t.INT, node).text, "0"), t.STR)

    def call_oct(self, node: ast.Call, number: Term) -> Term:
        """`oct(i)`."""
        return Term(apply("Str_of_base", self.coerce(number, t.INT, node).text, "1"), t.STR)

    def call_hex(self, node: ast.Call, number: Term) -> Term:
        """`hex(i)`."""
        return Term(apply("Str_of_base", self.coerce(number, t.INT, node).text, "2"), t.STR)


__all__ = ["Splitting"]
