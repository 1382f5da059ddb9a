"""Values of datatypes: making one, asking which constructor made it, reading a field, and changing one."""

from __future__ import annotations

from collections.abc import Sequence

from probatum.ivl import terms, types
from probatum.ivl.elaborate import fields
from probatum.ivl.elaborate.sorts import Built, DatatypeInstance, Sorts
from probatum.ivl.syntax import tree
from probatum.ivl.terms import Bank, Term


class Datatypes:
    """Values of datatypes as terms.

    Parameters
    ----------
    bank : Bank
    sorts : Sorts
        What knows the constructors and fields of each instance of a datatype.
    """

    def __init__(self, bank: Bank, sorts: Sorts) -> None:
        self._bank = bank
        self._sorts = sorts

    def construct(self, constructor: tree.Constructor, arguments: Sequence[Term], type_: types.Constructed) -> Term:
        """Return a value of a datatype."""
        made = self._sorts.datatype(type_)
        return self._bank.operator(self._built(constructor, made).head, tuple(arguments), made.sort)

    def is_constructor(self, value: Term, constructor: tree.Constructor, type_: types.Constructed) -> Term:
        """Return whether a value was made by a constructor."""
        made = self._sorts.datatype(type_)
        return self._bank.operator(self._built(constructor, made).tester, (value,), terms.BOOL)

    def field(self, value: Term, constructors: Sequence[tree.Constructor], name: str, type_: types.Constructed) -> Term:
        """Return a field: of the constructor that made the value, if several have one of this name.

        Of a value that was made by none of them, it is what the solver says: some value that depends on it alone.
        """
        made = self._sorts.datatype(type_)
        result: Term | None = None
        for constructor in constructors:
            built = self._built(constructor, made)
            head, sort = built.fields[fields.index(constructor, name)]
            selected = self._bank.operator(head, (value,), sort)
            is_it = None if result is None else self._bank.operator(built.tester, (value,), terms.BOOL)
            result = selected if result is None or is_it is None else self._bank.conditional(is_it, selected, result)
        if result is None:
            raise TypeError(f"no constructor has the field `{name}`: the program was not checked")
        return result

    def field_update(
        self, value: Term, constructors: Sequence[tree.Constructor], name: str, new: Term, type_: types.Constructed
    ) -> Term:
        """Return the value with another field.

        A value of a constructor without this field becomes one of the first constructor that has it, with fields that
        nothing is known of, as in Boogie.
        """
        made = self._sorts.datatype(type_)
        result: Term | None = None
        for constructor in constructors:
            index = fields.index(constructor, name)
            updated = self.construct(
                constructor,
                [
                    new if number == index else self.field(value, fields.having(constructor, one.name), one.name, type_)
                    for number, one in enumerate(constructor.fields)
                ],
                type_,
            )
            if result is None:
                result = updated
            else:
                tester = self._bank.operator(self._built(constructor, made).tester, (value,), terms.BOOL)
                result = self._bank.conditional(tester, updated, result)
        if result is None:
            raise TypeError(f"no constructor has the field `{name}`: the program was not checked")
        return result

    @staticmethod
    def _built(constructor: tree.Constructor, made: DatatypeInstance) -> Built:
        declared = constructor.datatype
        if declared is None:
            raise TypeError(f"`{constructor.name}` belongs to no datatype: the program was not checked")
        return made.constructors[declared.constructors.index(constructor)]
