"""Strings: constants and methods."""

from __future__ import annotations

import ast

from probatum.lower.builtins.numbers import Numbers
from probatum.lower.terms import Term, apply
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Texts(Numbers):
    """What methods of strings mean."""

    def text_literal(self, text: str) -> Term:
        """Return a string constant."""
        if len(text) > 200:
            raise Unsupported("a string constant of more than 200 characters")
        return Term(self.sequence_of([f"char_of({ord(c)})" for c in text], "char"), t.STR)

    def method_str_startswith(self, receiver: Term, node: ast.Call, prefix: Term) -> Term:
        """`s.startswith(p)`."""
        return Term(apply("Seq_prefix", self.coerce(prefix, receiver.type, node).text, receiver.text), t.BOOL)
