"""Subscripts and slices: what stands under an index or key, and between two."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Sequence

from probatum.lower.comparisons import Comparisons
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply, conditional
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Subscripts(Comparisons):
    """Items and parts of collections."""

    lows: dict[str, int]  # bounds that names never go below: what counts places, and variables bound over such ranges

    @abstractmethod
    def as_tuple(self, term: Term) -> Term:
        """Return an instance of a `NamedTuple` as the tuple that it is; anything else as itself."""

    @abstractmethod
    def one_of_items(self, collection: Term, index: Term, node: ast.AST) -> Term:
        """Return the item of a tuple of fixed length, whose items are of several types, at a place that is computed."""

    @abstractmethod
    def joined(self, types: Sequence[t.Type]) -> t.Type:
        """Return the least type that values of several types have."""

    def subscript(self, collection: Term, index: Term, node: ast.AST) -> Term:
        """Return the item under an index or key."""
        collection = self.as_tuple(collection)
        own = collection.type
        if isinstance(own, t.Mapping):
            return self._lookup(collection, own, index, node)
        if isinstance(own, t.Tuple):
            number = self.literal_index(index)
            if number is None or not -len(own.items) <= number < len(own.items):
                if number is not None:
                    self.demand("false", Kind.INDEX, node, f"the index must be below {len(own.items)}", "IndexError")
                    return self.item(collection, 0)
                if len(set(own.items)) != 1:
                    return self.one_of_items(collection, index, node)
                sequence = self.coerce(collection, t.Collection("tuple", own.items[0]), node)
                return self.subscript(sequence, index, node)
            return self.item(collection, number % len(own.items))
        if self.method_of(own, "__getitem__") is not None:
            return self.call_method(collection, "__getitem__", [index], node)
        sort = self._sequence_sort(own, node)
        content = self.content(collection)
        value = self.coerce(index, t.INT, node).text
        position = self.position(value, content, node, node.slice if isinstance(node, ast.Subscript) else None)
        if self.in_contract and position.startswith("Index("):
            # A bound variable under a condition is no trigger.
            end = apply("Seq_at", content, f"({value} + {apply('Seq_len', content)})")
            item = conditional(f"({value} < 0)", end, apply("Seq_at", content, value))
        else:
            item = apply("Seq_at", content, position)
        if own in (t.BYTES, t.BYTEARRAY):
            return Term(apply("byte_int", item), t.INT)
        if own == t.STR:
            return Term(apply("Seq_one", item), t.STR)
        assert isinstance(own, t.Collection), sort
        found = Term(item, own.item, state=collection.state)
        self.known(found)
        return found

    def position(self, index: str, content: str, node: ast.AST, written: ast.expr | None = None) -> str:
        """Return an index from the start, demanding that there is such an item; `written`: the index as it is written."""
        length = apply("Seq_len", content)
        least = self.least(written) if written is not None else None
        if index.isdigit() or (least is not None and least >= 0):
            self.demand(f"({index} < {length})", Kind.INDEX, node, "the index must be in range", "IndexError")
            return index
        negative = index.removeprefix("(-").removesuffix(")")
        if index.startswith("(-") and negative.isdigit():
            self.demand(f"({negative} <= {length})", Kind.INDEX, node, "the index must be in range", "IndexError")
            return f"({length} - {negative})"
        within = f"((- {length}) <= {index} && {index} < {length})".replace("(- ", "(0 - ")
        self.demand(within, Kind.INDEX, node, "the index must be in range", "IndexError")
        return apply("Index", index, length)

    def least(self, node: ast.expr) -> int | None:
        """Return a bound that an integer expression never goes below, if its form says so."""
        match node:
            case ast.Constant(value=int(value)):
                return value
            case ast.Name(id=name):
                return self.lows.get(name)
            case ast.Call(func=ast.Name(id="len")):
                return 0
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                low, other = self.least(left), self.least(right)
                return None if low is None or other is None else low + other
            case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=int(value))):
                low = self.least(left)
                return None if low is None else low - value
            case ast.BinOp(left=left, op=ast.Mult() | ast.FloorDiv() | ast.Mod(), right=right):
                low, other = self.least(left), self.least(right)
                return 0 if low is not None and other is not None and low >= 0 and other >= 0 else None
        return None

    def literal_index(self, index: Term) -> int | None:
        """Return an index that is written as a number."""
        text = index.text
        if text.isdigit():
            return int(text)
        inner = text.removeprefix("(-").removesuffix(")")
        return -int(inner) if text.startswith("(-") and inner.isdigit() else None

    def _lookup(self, collection: Term, own: t.Mapping, index: Term, node: ast.AST) -> Term:
        if own.key == t.NEVER:
            self.demand("false", Kind.KEY, node, "the key must be there", "KeyError")
            return Term("Unit()", t.NONE)
        content = self.content(collection)
        key = self.narrowed_to(index, own.key, node)
        if own.kind == "Counter":
            value = conditional(apply("Map_has", content, key), apply("Map_get", content, key), "0")
            return Term(value, own.value)
        if own.kind == "defaultdict":
            return self.looked_up_or_made(collection, own, key, node)
        self.demand(apply("Map_has", content, key), Kind.KEY, node, "the key must be there", "KeyError")
        found = Term(apply("Map_get", content, key), own.value, state=collection.state)
        self.known(found)
        return found

    @abstractmethod
    def looked_up_or_made(self, collection: Term, own: t.Mapping, key: str, node: ast.AST) -> Term:
        """Return what a `defaultdict` holds under a key, which is put there if it has none."""

    def slice_bounds(self, lower: Term | None, upper: Term | None, content: str, node: ast.AST) -> tuple[str, str]:
        """Return where a slice begins and ends, as Python clips it: 0 <= begin <= end <= length."""
        length = apply("Seq_len", content)
        begin = "0" if lower is None else self._bound(self.coerce(lower, t.INT, node).text, length)
        end = length if upper is None else self._bound(self.coerce(upper, t.INT, node).text, length)
        return begin, end

    def _bound(self, value: str, length: str) -> str:
        return "0" if value == "0" else apply("Slice_bound", value, length)

    def sliced(self, collection: Term, lower: Term | None, upper: Term | None, node: ast.AST) -> Term:
        """Return a slice with step 1."""
        own = collection.type
        if isinstance(own, t.Tuple):
            low = 0 if lower is None else self.literal_index(lower)
            high = len(own.items) if upper is None else self.literal_index(upper)
            if low is None or high is None:
                raise Unsupported("a slice of a tuple whose bounds are not numbers", node)
            return self.tuple_of([self.item(collection, i) for i in range(len(own.items))[low:high]])
        self._sequence_sort(own, node)
        content = self.content(collection)
        begin, end = self.slice_bounds(lower, upper, content, node)
        if begin == "0":
            text = content if upper is None else apply("Seq_take", content, end)
        elif upper is None:
            text = apply("Seq_drop", content, begin)
        else:
            text = apply("Seq_slice", content, begin, conditional(f"({begin} <= {end})", end, begin))
        return Term(text, self._new_kind(own), content=True)

    def _sequence_sort(self, type_: t.Type, node: ast.AST) -> str:
        if self.passing(type_):
            raise Unsupported(_used_as_sequence(type_), node)
        if isinstance(type_, t.Tuple) and type_.items and len(set(type_.items)) == 1:
            return f"(Seq {self.sort(type_.items[0])})"
        if self.has_length(type_) and not isinstance(type_, t.Tuple):
            sort = self.sorts.content(type_) if self.sorts.shared(type_) else self.sort(type_)
            if sort.startswith("(Seq"):
                return sort
        raise Unsupported(_used_as_sequence(type_), node)

    def _new_kind(self, type_: t.Type) -> t.Type:
        if isinstance(type_, t.Collection) and type_.kind == "iterable":
            return t.Collection("sequence", type_.item)
        return type_


def _used_as_sequence(type_: t.Type) -> str:
    if type_ == t.UNKNOWN:
        return "a value whose type is neither declared nor plain"
    return f"a `{type_}` used as a sequence"
