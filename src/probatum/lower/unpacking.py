"""Unpacking: which part of a value each target gets, in assignments, loops and comprehensions."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.lower.deciding import Deciding
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Unpacking(Deciding):
    """`a, (b, c), *rest = value`."""

    def unpack(self, elements: Sequence[ast.expr], value: Term, node: ast.AST) -> None:
        """Assign the parts of a value to targets."""
        for element, part in zip(elements, self.parts_of_value(elements, value, node), strict=False):
            self.assign(element.value if isinstance(element, ast.Starred) else element, part)

    def parts_of_value(self, elements: Sequence[ast.expr], value: Term, node: ast.AST) -> list[Term]:
        """Return what each target gets, demanding that there are as many values; what `*` takes is a new list.

        There are none if there never are so many values.
        """
        value = self.as_tuple(value)
        own = t.without_none(value.type)
        (value,) = self._usable(value, node=node)
        starred = next((n for n, e in enumerate(elements) if isinstance(e, ast.Starred)), None)
        if isinstance(own, t.Tuple):
            return self._parts_of_tuple(len(elements), starred, value, own, node)
        if own in (t.STR, t.BYTES) and starred is None:
            sequence: t.Type = own
            content = self.kept(value).text
        else:
            sequence = own if own == t.BYTEARRAY and starred is None else t.Collection("list", self.item_type(own, node))
            content = self.items_of(value, node)
            content = self.kept(Term(content, t.Collection("list", self.item_type(own, node)), content=True)).text
        size = apply("Seq_len", content)
        if starred is None:
            self._counted(f"({size} == {len(elements)})", f"there must be {len(elements)} values", node)
            parts = [self.item_at(sequence, content, str(n)) for n in range(len(elements))]
        else:
            single, behind = len(elements) - 1, len(elements) - 1 - starred
            self._counted(f"({single} <= {size})", f"there must be at least {single} values", node)
            first = [self.item_at(sequence, content, str(n)) for n in range(starred)]
            last = [self.item_at(sequence, content, f"({size} - {behind - n})") for n in range(behind)]
            upto = apply("Seq_take", content, f"({size} - {behind})") if behind else content
            middle = apply("Seq_drop", upto, str(starred)) if starred else upto
            parts = [*first, Term(middle, sequence, content=True), *last]
        for part in parts:
            self.known(part)
        return parts

    def _parts_of_tuple(self, count: int, starred: int | None, value: Term, own: t.Tuple, node: ast.AST) -> list[Term]:
        size = len(own.items)
        enough = size == count if starred is None else size >= count - 1
        if not enough:
            self._counted(
                "false", f"there must be {'' if starred is None else 'at least '}{count - (starred is not None)} values", node
            )
            return []
        items = [self.item(value, n) for n in range(size)]
        if count > 1:
            items = [self.kept(item) for item in items]
        if starred is None:
            return items
        end = size - (count - 1 - starred)
        taken = items[starred:end]
        type_ = self.joined([item.type for item in taken]) if taken else t.NEVER
        texts = [self.coerce(self.materialised(item, node), type_, node).text for item in taken]
        rest = Term(self.sequence_of(texts, self.sort(type_)), t.Collection("list", type_), content=True)
        return [*items[:starred], rest, *items[end:]]

    def _counted(self, condition: str, text: str, node: ast.AST) -> None:
        self.demand(condition, Kind.UNPACKING, node, text, "ValueError")

    def bind_target(self, target: ast.expr, value: Term) -> None:
        """Let names of a target stand for values."""
        if not isinstance(target, ast.Tuple | ast.List):
            super().bind_target(target.value if isinstance(target, ast.Starred) else target, value)
            return
        if self.in_contract:
            parts = self.parts_of_value(target.elts, value, target)
        else:
            parts = []

            def taken() -> str:
                parts.extend(self.parts_of_value(target.elts, value, target))
                return ""

            self._under(taken)
        if not parts:
            raise Unsupported("a target for other numbers of values than there are", target)
        for element, part in zip(target.elts, parts, strict=True):
            self.bind_target(element, part)
