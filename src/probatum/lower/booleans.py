"""Whether an `int` is a `bool`.

`True` may be given wherever an `int` is declared, so the number alone does not
say of which class the object is. A literal and the result of arithmetic are no
bools; a parameter is what it is throughout the function, so that a constant says
it; of everything else nothing is known.
"""

from __future__ import annotations

import ast
import re

from probatum.lower.attempt import Restart
from probatum.lower.identity import Identity
from probatum.lower.terms import Term, apply, conditional, conjunction, equal, is_number, negation
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t

_ARITHMETIC = frozenset(["+", "-", "*", "div", "mod"])
_NUMBERS = ("Seq_len(", "Set_card(", "Map_len(", "Int_floordiv(", "Int_mod(", "Int_pow(", "byte_int(")
_UNBOXED = "Any_number("
_PARAMETER = re.compile(r"p'\w+")


class Booleans(Identity):
    """Tests of the class of numbers."""

    numbers: set[str]  # variables, each assigned once, that hold numbers which are no bools
    _taken_for_numbers = False  # an `int` was written as text that may be a bool, if one is put where an `int` is declared

    def holds_type(self, term: Term, type_: t.Type) -> str:
        """Return whether a value is of a type, at run time: `isinstance`."""
        own = t.without_none(term.type)
        if type_ == t.BOOL and own == term.type and (own == t.INT or isinstance(own, t.Ranged) or self.says_bool(own)):
            return self.is_bool(term)
        plain = own.name if isinstance(own, t.Plain) else "int" if isinstance(own, t.Ranged) else ""
        if isinstance(type_, t.Instance) and plain and self.sort(term.type) != "Ref":
            numbers = self.sort(type_) == "int"  # members of an IntEnum
            above = plain != "object" and f"builtins.{plain}" in set(self.ancestors(type_.name))
            if above or (numbers and plain in ("int", "object", "unknown")):
                raise Unsupported(f"whether a `{own}` is a `{type_}`")
        return super().holds_type(term, type_)

    def says_bool(self, type_: t.Type) -> bool:
        """Whether a type says itself that its numbers may be bools: `int | bool`."""
        return isinstance(type_, t.Union) and t.BOOL in type_.options and self.sort(type_) == "int"

    def is_bool(self, term: Term) -> str:
        """Return whether the object that is a number is `True` or `False`."""
        text = term.text
        if self.never_bool(text):
            return "false"
        if text.startswith(_UNBOXED) and _closes_at_end(text):
            return f"({text[len(_UNBOXED) : -1]} is Any_bool)"
        small = f"({text} == 0 || {text} == 1)"
        if _PARAMETER.fullmatch(text):
            name = f"bool'{text}"
            self.symbols.declarations[name] = f"const {name}: bool;"
            return conjunction(name, small)
        return conjunction(small, self.unknown(self.function.node))

    def never_bool(self, text: str) -> bool:
        """Whether a number is certainly no bool."""
        if is_number(text) or (text.startswith(_NUMBERS) and _closes_at_end(text)) or _is_arithmetic(text):
            return True
        return text in self.numbers or _no_bool(text) in self.narrowed

    def coerce(self, term: Term, type_: t.Type, node: ast.AST) -> Term:
        """Return a value as one of another type, demanding that it is one; a bool stays one."""
        if type_ != t.INT or term.type != t.BOOL:
            return super().coerce(term, type_, node)
        if not self.in_contract and not self.learnt.mixed:
            self.learnt.mixed = True
            if self._taken_for_numbers:
                raise Restart
        return Term(f"(if {term.text} then 1 else 0)", t.INT)  # also of a literal, which is no number

    def digits(self, term: Term, *, mixed: bool = False) -> str:
        """Return `str(n)`: that of a bool is another one.

        What is passed or comes from elsewhere is assumed to be no bool, but not if the function itself puts bools where
        integers are declared (then these may come back), nor where the type itself says so (`mixed`).
        """
        digits = apply("Str_of_int", term.text)
        if self.never_bool(term.text):
            return digits
        if mixed or (self.learnt.mixed and not _PARAMETER.fullmatch(term.text)):
            one, other = (self.text_literal(text).text for text in ("True", "False"))
            return conditional(self.is_bool(term), conditional(equal(term.text, "0"), other, one), digits)
        self._taken_for_numbers = True
        self.symbols.assumptions.setdefault("integers that are written as text are not bools", None)
        return digits

    def no_bool(self, term: Term) -> Term:
        """Return the integer that `int` makes of one, which may be a bool."""
        if self.in_contract or self.guards or self.binders or self.never_bool(term.text):
            return term
        name = self.writer.local("number", "int")
        self.writer.assign(name, term.text)
        self.numbers.add(name)
        return Term(name, t.INT)

    def kept(self, term: Term) -> Term:
        """Return a value that what follows cannot change."""
        kept = super().kept(term)
        if kept.text != term.text and self.sort(term.type) == "int" and self.never_bool(term.text):
            self.numbers.add(kept.text)
        return kept

    def holds_number(self, variable: str) -> None:
        """Remember that a local variable holds a number that is no bool, until something else is assigned to it."""
        if "#" not in variable:  # else the name is written otherwise there, and it would not be forgotten
            self.narrowed[_no_bool(variable)] = t.INT

    def identity(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two values are the same object; there is one `True`."""
        if {self.sort(left.type), self.sort(right.type)} == {"int", "bool"}:
            number, truth = (left, right) if self.sort(left.type) == "int" else (right, left)
            if number.type == t.INT or isinstance(number.type, t.Ranged):
                same = equal(number.text, self.coerce(truth, t.INT, node).text)
                return conjunction(same, self.is_bool(number))
            return "false"
        return super().identity(left, right, node)

    def boxed_number(self, term: Term, want: t.Type) -> Term:
        """Return an `int` as a value of any type, which may be a bool."""
        plain = term.type == t.INT or isinstance(term.type, t.Ranged | t.Union)
        known = self.is_bool(term) if plain else "false"
        truth = apply("Any_bool", negation(equal(term.text, "0")))
        return Term(conditional(known, truth, apply("Any_int", term.text)), want)


def _closes_at_end(text: str) -> bool:
    """Whether an application is all of a text."""
    inside = text.partition("(")[2][:-1]
    depth = 0
    for character in inside:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return False
    return text.endswith(")")


def _no_bool(variable: str) -> str:
    """Return the key of what is known of a variable, of which its name is a word: it is forgotten with it."""
    return f"no bool {variable}"


def _is_arithmetic(text: str) -> bool:
    """Whether a term is the result of an arithmetic operation."""
    if not (text.startswith("(") and text.endswith(")")) or text.startswith("(if "):
        return False
    depth, word = 0, ""
    for character in text[1:-1]:
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth < 0:
                return False
        if depth == 0 and character == " ":
            if word in _ARITHMETIC:
                return True
            word = ""
        else:
            word += character
    return False
