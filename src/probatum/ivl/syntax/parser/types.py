"""Reads types."""

from __future__ import annotations

from typing import TypeGuard

from probatum.ivl.syntax import tree
from probatum.ivl.syntax.parser.cursor import IDENTIFIERS, Cursor
from probatum.ivl.syntax.tree import Name

_BASIC_TYPES = frozenset(["int", "real", "bool"])
TYPES = IDENTIFIERS | _BASIC_TYPES | {"(", "[", "<"}
"""What a type begins with."""


class TypeParser(Cursor):
    """Reads types and type parameters."""

    __slots__ = ()

    def type_parameters(self) -> list[Name]:
        """Read `<a, b>`."""
        self.expect("<")
        answer = self.identifiers()
        self.expect(">")
        return answer

    def type_(self) -> tree.TypeSyntax:
        """Read a type."""
        index, kind = self.index, self.kind
        if kind in _BASIC_TYPES:
            self.advance()
            return tree.TypeName(self.place(index), kind)
        if kind in IDENTIFIERS:
            answer = self._type_name()
            if self.kind in TYPES:
                self._type_arguments(answer.arguments)
            return answer
        self.deeper()
        inner: tree.TypeSyntax
        if kind == "(":
            self.advance()
            inner = self.type_()
            self.expect(")")
        elif kind in ("[", "<"):
            inner = self._map_type()
        else:
            self.unexpected("invalid Type")
            inner = tree.TypeName(self.place(index), "bool")
        self.depth -= 1
        return inner

    def _type_name(self) -> tree.TypeName:
        name = self.identifier()
        if name.text in _BASIC_TYPES:
            # In a tree it would be the basic type.
            hint = f"give the type another name than `\\{name.text}`"
            self.report(self.index - 1, f"a type with the name of the basic type {name.text} is not supported", hint)
        return tree.TypeName(name.position, name.text)

    def _type_arguments(self, to: list[tree.TypeSyntax]) -> None:
        while self.kind in TYPES:
            if self.kind in IDENTIFIERS:
                to.append(self._type_name())
                continue
            is_map = self.kind in ("[", "<")
            to.append(self.type_())
            if is_map:
                return

    def _map_type(self) -> tree.TypeSyntax:
        position = self.place(self.index)
        parameters = self.type_parameters() if self.kind == "<" else []
        self.expect("[")
        domain: list[tree.TypeSyntax] = []
        if self.kind in TYPES:
            domain.append(self.type_())
            while self.kind == ",":
                self.advance()
                domain.append(self.type_())
        self.expect("]")
        return tree.TypeMap(position, parameters, domain, self.type_())


def is_bare_name(written: tree.TypeSyntax | None) -> TypeGuard[tree.TypeName]:
    """Whether what was read as a type may be the name of something else."""
    return isinstance(written, tree.TypeName) and not written.arguments and written.name not in _BASIC_TYPES
