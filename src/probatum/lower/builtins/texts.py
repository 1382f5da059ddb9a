"""Strings: constants and methods."""

from __future__ import annotations

import ast
from abc import abstractmethod

from probatum.lower.builtins.numbers import Numbers
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply, conditional, disjunction
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Texts(Numbers):
    """What methods of strings mean."""

    def text_literal(self, text: str) -> Term:
        """Return a string constant."""
        if len(text) > 200:
            raise Unsupported("a string constant of more than 200 characters")
        return Term(self.sequence_of([f"char_of({ord(c)})" for c in text], "char"), t.STR)

    # --- what strings and bytes have in common ------------------------------------------

    def _part(self, receiver: Term, value: Term, node: ast.AST) -> str:
        """Return a sequence of the kind of the receiver, given to a method of it."""
        if receiver.type != t.STR and value.type in (t.BYTES, t.BYTEARRAY):
            return self.content(value)
        if value.type != receiver.type:
            raise Unsupported(f"a `{value.type}` given to a method of a `{receiver.type}`", node)
        return value.text

    def _whole(self, text: str, receiver: Term) -> Term:
        return Term(text, receiver.type, content=receiver.type == t.BYTEARRAY)

    def _from(self, receiver: Term, start: Term | None, stop: Term | None, node: ast.AST) -> tuple[str, str]:
        """Return where a search begins, and the sequence from there to where it ends."""
        content = self.content(receiver)
        if start is None:
            return "0", content
        begin, end = self.slice_bounds(start, stop, content, node)
        return begin, apply("Seq_slice", content, begin, conditional(f"({begin} <= {end})", end, begin))

    def _found(
        self, function: str, receiver: Term, node: ast.AST, part: Term, start: Term | None = None, *, stop: Term | None = None
    ) -> Term:
        begin, searched = self._from(receiver, start, stop, node)
        place = apply(function, searched, self._part(receiver, part, node))
        if start is None:
            return Term(place, t.INT)
        # Behind the end, nothing is found, not even what is empty.
        length = apply("Seq_len", self.content(receiver))
        first = self.coerce(start, t.INT, node).text
        limit = length if stop is None else apply("Slice_bound", self.coerce(stop, t.INT, node).text, length)
        behind = disjunction(f"({first} > {length})", f"({begin} > {limit})")
        return Term(conditional(disjunction(behind, f"({place} < 0)"), "(-1)", f"({begin} + {place})"), t.INT)

    def _affix(self, receiver: Term, part: Term, node: ast.AST, *, end: bool) -> str:
        """Return whether a sequence begins or ends with another, or one of a tuple of them."""
        if isinstance(part.type, t.Tuple):
            options = [self._affix(receiver, self.item(part, n), node, end=end) for n in range(len(part.type.items))]
            return disjunction(*options)
        content, own = self.content(receiver), self._part(receiver, part, node)
        return apply("Seq_endswith", content, own) if end else apply("Seq_prefix", own, content)

    def method_str_startswith(self, receiver: Term, node: ast.Call, prefix: Term) -> Term:
        """`s.startswith(p)`."""
        return Term(self._affix(receiver, prefix, node, end=False), t.BOOL)

    def method_str_endswith(self, receiver: Term, node: ast.Call, suffix: Term) -> Term:
        """`s.endswith(p)`."""
        return Term(self._affix(receiver, suffix, node, end=True), t.BOOL)

    def method_str_find(
        self, receiver: Term, node: ast.Call, part: Term, start: Term | None = None, stop: Term | None = None
    ) -> Term:
        """`s.find(t)`, `s.find(t, i)` and `s.find(t, i, j)`."""
        return self._found("Seq_find", receiver, node, part, start, stop=stop)

    def method_str_rfind(self, receiver: Term, node: ast.Call, part: Term) -> Term:
        """`s.rfind(t)`."""
        return self._found("Seq_rfind", receiver, node, part)

    def method_str_index(
        self, receiver: Term, node: ast.Call, part: Term, start: Term | None = None, stop: Term | None = None
    ) -> Term:
        """`s.index(t)`."""
        found = self._found("Seq_find", receiver, node, part, start, stop=stop)
        self.demand(f"(0 <= {found.text})", Kind.VALUE, node, "it must be there", "ValueError")
        return found

    def method_str_rindex(self, receiver: Term, node: ast.Call, part: Term) -> Term:
        """`s.rindex(t)`."""
        found = self._found("Seq_rfind", receiver, node, part)
        self.demand(f"(0 <= {found.text})", Kind.VALUE, node, "it must be there", "ValueError")
        return found

    def method_str_count(self, receiver: Term, node: ast.Call, part: Term) -> Term:
        """`s.count(t)`."""
        return Term(apply("Seq_occurrences", self.content(receiver), self._part(receiver, part, node)), t.INT)

    def method_str_replace(self, receiver: Term, node: ast.Call, old: Term, new: Term) -> Term:
        """`s.replace(t, u)`."""
        parts = (self._part(receiver, old, node), self._part(receiver, new, node))
        return self._whole(apply("Seq_replace", self.content(receiver), *parts), receiver)

    def _spaces(self, receiver: Term) -> str:
        if receiver.type == t.STR:
            return "Str_spaces()"
        return self.bytes_literal(b" \t\n\r\x0b\f").text

    @abstractmethod
    def bytes_literal(self, value: bytes) -> Term:
        """Return a constant of bytes."""

    def _stripped(self, receiver: Term, node: ast.AST, characters: Term | None, *, start: bool, end: bool) -> Term:
        content = self.content(receiver)
        absent = characters is None or characters.type == t.NONE
        own = self._spaces(receiver) if absent or characters is None else self._part(receiver, characters, node)
        first, last = apply("Seq_trim_start", content, own), apply("Seq_trim_end", content, own)
        if start and end:
            return self._whole(apply("Seq_trim", content, own), receiver)
        part = apply("Seq_drop", content, first) if start else apply("Seq_take", content, last)
        return self._whole(part, receiver)

    def method_str_strip(self, receiver: Term, node: ast.Call, characters: Term | None = None) -> Term:
        """`s.strip()` and `s.strip(c)`."""
        return self._stripped(receiver, node, characters, start=True, end=True)

    def method_str_lstrip(self, receiver: Term, node: ast.Call, characters: Term | None = None) -> Term:
        """`s.lstrip()` and `s.lstrip(c)`."""
        return self._stripped(receiver, node, characters, start=True, end=False)

    def method_str_rstrip(self, receiver: Term, node: ast.Call, characters: Term | None = None) -> Term:
        """`s.rstrip()` and `s.rstrip(c)`."""
        return self._stripped(receiver, node, characters, start=False, end=True)

    def method_str_removeprefix(self, receiver: Term, node: ast.Call, prefix: Term) -> Term:
        """`s.removeprefix(p)`."""
        content, own = self.content(receiver), self._part(receiver, prefix, node)
        rest = apply("Seq_drop", content, apply("Seq_len", own))
        return self._whole(conditional(apply("Seq_prefix", own, content), rest, content), receiver)

    def method_str_removesuffix(self, receiver: Term, node: ast.Call, suffix: Term) -> Term:
        """`s.removesuffix(p)`."""
        content, own = self.content(receiver), self._part(receiver, suffix, node)
        rest = apply("Seq_take", content, f"({apply('Seq_len', content)} - {apply('Seq_len', own)})")
        return self._whole(conditional(apply("Seq_endswith", content, own), rest, content), receiver)

    def _partition(self, function: str, receiver: Term, node: ast.Call, separator: Term) -> Term:
        content, own = self.content(receiver), self._part(receiver, separator, node)
        self.demand(f"(0 < {apply('Seq_len', own)})", Kind.VALUE, node, "the separator must not be empty", "ValueError")
        place, sort = apply(function, content, own), "char" if receiver.type == t.STR else "byte"
        nothing = f"(Seq_empty() : Seq {sort})"
        missing = f"({place} < 0)"
        behind = apply("Seq_drop", content, f"({place} + {apply('Seq_len', own)})")
        first = function == "Seq_find"
        parts = (
            conditional(missing, content if first else nothing, apply("Seq_take", content, place)),
            conditional(missing, nothing, own),
            conditional(missing, nothing if first else content, behind),
        )
        return self.tuple_of([Term(part, receiver.type) for part in parts])

    def method_str_partition(self, receiver: Term, node: ast.Call, separator: Term) -> Term:
        """`s.partition(t)`."""
        return self._partition("Seq_find", receiver, node, separator)

    def method_str_rpartition(self, receiver: Term, node: ast.Call, separator: Term) -> Term:
        """`s.rpartition(t)`."""
        return self._partition("Seq_rfind", receiver, node, separator)

    def _padded(self, receiver: Term, node: ast.AST, width: Term, fill: Term | None, *, left: bool) -> Term:
        content = self.content(receiver)
        if fill is None:
            one = apply("char_of", "32") if receiver.type == t.STR else apply("byte_of", "32")
        else:
            own = self._part(receiver, fill, node)
            self.demand(f"({apply('Seq_len', own)} == 1)", Kind.TYPE, node, "it must be one character", "TypeError")
            one = apply("Seq_at", own, "0")
        more = f"({self.coerce(width, t.INT, node).text} - {apply('Seq_len', content)})"
        room = apply("Seq_repeat", one, more)
        return self._whole(apply("Seq_concat", *((room, content) if left else (content, room))), receiver)

    def method_str_rjust(self, receiver: Term, node: ast.Call, width: Term, fill: Term | None = None) -> Term:
        """`s.rjust(w)` and `s.rjust(w, c)`."""
        return self._padded(receiver, node, width, fill, left=True)

    def method_str_ljust(self, receiver: Term, node: ast.Call, width: Term, fill: Term | None = None) -> Term:
        """`s.ljust(w)` and `s.ljust(w, c)`."""
        return self._padded(receiver, node, width, fill, left=False)

    # --- strings alone ---------------------------------------------------------------------

    def _strings(self, values: Term, node: ast.AST, type_: t.Type) -> str:
        item, items = self.sequence_in(values, node)
        if item != type_:
            raise Unsupported(f"`join` of a `{values.type}`", node)
        return items

    def method_str_join(self, receiver: Term, node: ast.Call, parts: Term) -> Term:
        """`s.join(xs)`."""
        return Term(apply("Str_join", receiver.text, self._strings(parts, node, t.STR)), t.STR)

    def method_str_split(self, receiver: Term, node: ast.Call, sep: Term | None = None) -> Term:
        """`s.split()` and `s.split(t)`."""
        if sep is None or sep.type == t.NONE:
            return Term(apply("Str_words", receiver.text), t.Collection("list", t.STR), content=True)
        own = self._part(receiver, sep, node)
        self.demand(f"(0 < {apply('Seq_len', own)})", Kind.VALUE, node, "the separator must not be empty", "ValueError")
        return Term(apply("Str_split", receiver.text, own), t.Collection("list", t.STR), content=True)

    def method_str_splitlines(self, receiver: Term, node: ast.Call) -> Term:
        """`s.splitlines()`."""
        del node
        return Term(apply("Str_lines", receiver.text), t.Collection("list", t.STR), content=True)

    def method_str_lower(self, receiver: Term, node: ast.Call) -> Term:
        """`s.lower()`."""
        del node
        return Term(apply("Str_lower", receiver.text), t.STR)

    def method_str_upper(self, receiver: Term, node: ast.Call) -> Term:
        """`s.upper()`."""
        del node
        return Term(apply("Str_upper", receiver.text), t.STR)

    def method_str_zfill(self, receiver: Term, node: ast.Call, width: Term) -> Term:
        """`s.zfill(w)`: a sign stays in front."""
        content = receiver.text
        more = f"({self.coerce(width, t.INT, node).text} - {apply('Seq_len', content)})"
        zeros = apply("Seq_repeat", "char_of(48)", more)
        first = apply("Seq_at", content, "0")
        signed = f"(0 < {apply('Seq_len', content)} && ({first} == char_of(43) || {first} == char_of(45)))"
        after = apply("Seq_concat", apply("Seq_take", content, "1"), apply("Seq_concat", zeros, apply("Seq_drop", content, "1")))
        return Term(conditional(signed, after, apply("Seq_concat", zeros, content)), t.STR)

    def method_str_encode(self, receiver: Term, node: ast.Call, encoding: Term | None = None) -> Term:
        """`s.encode()` in UTF-8."""
        self._utf8(encoding, node)
        self.demand(apply("Str_encodable", receiver.text), Kind.VALUE, node, "it must have no surrogates", "UnicodeEncodeError")
        return Term(apply("Str_encode", receiver.text), t.BYTES)

    def _utf8(self, encoding: Term | None, node: ast.AST) -> None:
        names = ("utf-8", "utf8", "UTF-8")
        if encoding is not None and encoding.text not in {self.text_literal(name).text for name in names}:
            raise Unsupported("another encoding than UTF-8", node)

    def _kind_of_letters(self, receiver: Term, name: str) -> Term:
        return Term(apply(f"Str_{name}", receiver.text), t.BOOL)

    def method_str_isdigit(self, receiver: Term, node: ast.Call) -> Term:
        """`s.isdigit()`."""
        del node
        return self._kind_of_letters(receiver, "isdigit")

    def method_str_isdecimal(self, receiver: Term, node: ast.Call) -> Term:
        """`s.isdecimal()`."""
        del node
        return self._kind_of_letters(receiver, "isdecimal")

    def method_str_isnumeric(self, receiver: Term, node: ast.Call) -> Term:
        """`s.isnumeric()`."""
        del node
        return self._kind_of_letters(receiver, "isnumeric")

    def method_str_isalpha(self, receiver: Term, node: ast.Call) -> Term:
        """`s.isalpha()`."""
        del node
        return self._kind_of_letters(receiver, "isalpha")

    def method_str_isalnum(self, receiver: Term, node: ast.Call) -> Term:
        """`s.isalnum()`."""
        del node
        return self._kind_of_letters(receiver, "isalnum")

    def method_str_isspace(self, receiver: Term, node: ast.Call) -> Term:
        """`s.isspace()`."""
        del node
        return self._kind_of_letters(receiver, "isspace")

    def method_str_isupper(self, receiver: Term, node: ast.Call) -> Term:
        """`s.isupper()`."""
        del node
        return self._kind_of_letters(receiver, "isupper")

    def method_str_islower(self, receiver: Term, node: ast.Call) -> Term:
        """`s.islower()`."""
        del node
        return self._kind_of_letters(receiver, "islower")

    def method_str_isascii(self, receiver: Term, node: ast.Call) -> Term:
        """`s.isascii()`."""
        del node
        return self._kind_of_letters(receiver, "isascii")
