"""Maps: arrays of arrays, and polymorphic ones as a datatype with one such array for each instance."""

from __future__ import annotations

from collections.abc import Sequence

from probatum.ivl import types
from probatum.ivl.elaborate.sorts import Sorts
from probatum.ivl.terms import Bank, Term
from probatum.ivl.types import Type
from probatum.ivl.unsupported import Unsupported


class Maps:
    """Maps as terms.

    Parameters
    ----------
    bank : Bank
    sorts : Sorts
        What knows at which types each polymorphic map is used.
    """

    def __init__(self, bank: Bank, sorts: Sorts) -> None:
        self._bank = bank
        self._sorts = sorts

    def select(self, map_: Term, indexes: Sequence[Term]) -> Term:
        """Return what an array of arrays has at these indexes."""
        for index in indexes:
            map_ = self._bank.operator("select", (map_, index), map_.sort.arguments[1])
        return map_

    def store(self, map_: Term, indexes: Sequence[Term], value: Term) -> Term:
        """Return an array of arrays with another value at these indexes."""
        # The arrays on the way in, then the stores on the way out.
        path = [map_]
        for index in indexes[:-1]:
            path.append(self._bank.operator("select", (path[-1], index), path[-1].sort.arguments[1]))
        for array, index in zip(reversed(path), reversed(indexes), strict=bool(indexes)):
            value = self._bank.operator("store", (array, index, value), array.sort)
        return value

    def select_at(self, map_: Term, map_type: Type, type_args: tuple[Type, ...], indexes: Sequence[Term]) -> Term:
        """Return `m[i, j]`, for a polymorphic map at these ground types."""
        if isinstance(map_type, types.Map) and map_type.parameters:
            map_ = self._component(map_, map_type, type_args)
        return self.select(map_, indexes)

    def store_at(self, map_: Term, map_type: Type, type_args: tuple[Type, ...], indexes: Sequence[Term], value: Term) -> Term:
        """Return `m[i, j := v]`, for a polymorphic map at these ground types."""
        if not (isinstance(map_type, types.Map) and map_type.parameters):
            return self.store(map_, indexes, value)
        made = self._sorts.polymorphic_map(map_type)
        built = made.datatype.constructors[0]
        stored = self.store(self._component(map_, map_type, type_args), indexes, value)
        changed = made.fields[type_args][0]
        fields = [
            stored if number == changed else self._bank.operator(head, (map_,), sort)
            for number, (head, sort) in enumerate(built.fields)
        ]
        return self._bank.operator(built.head, fields, made.datatype.sort)

    def _component(self, map_: Term, map_type: types.Map, type_args: tuple[Type, ...]) -> Term:
        made = self._sorts.polymorphic_map(map_type)
        place = made.fields.get(type_args)
        if place is None:
            raise Unsupported(f"the polymorphic map `{map_type}` at types that were found too late")
        head, sort = made.datatype.constructors[0].fields[place[0]]
        return self._bank.operator(head, (map_,), sort)
