"""Types to sorts: ground types only, each instance of a constructor or datatype its own sort.

A map is an array, and with several indexes an array of arrays; without indexes
it is what it maps to. A polymorphic map is a datatype with one constructor,
which has one field for each ground instance of its parameters that the program
uses (`instances`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from probatum.ivl import terms, types
from probatum.ivl.elaborate.instances import Instances
from probatum.ivl.elaborate.names import Names, instance, simple
from probatum.ivl.syntax import tree
from probatum.ivl.terms import Sort
from probatum.ivl.theory import DatatypeSort, Theory
from probatum.ivl.types import Type, TypeVariable
from probatum.ivl.unsupported import Unsupported
from probatum.records import dataclass

_BASIC: Final = {
    types.BOOL: terms.BOOL,
    types.INT: terms.INT,
    types.REAL: terms.REAL,
    types.STRING: terms.STRING,
    types.REGEX: terms.REGEX,
    types.ROUNDING: terms.ROUNDING,
}


@dataclass(frozen=True, slots=True)
class Built:
    """A constructor of one instance of a datatype: its head, and head and sort of each field."""

    head: str
    fields: tuple[tuple[str, Sort], ...]

    @property
    def tester(self) -> str:
        """The head that asks whether a value was made by this constructor."""
        return f"(_ is {self.head})"


@dataclass(slots=True, eq=False)
class DatatypeInstance:
    """A datatype at ground arguments, or a polymorphic map; `constructors` in the order of the source."""

    sort: Sort
    constructors: tuple[Built, ...] = ()


@dataclass(frozen=True, slots=True)
class MapInstance:
    """A polymorphic map type as a datatype: for each instance of its parameters the number of a field and the type of that map."""

    datatype: DatatypeInstance
    fields: Mapping[tuple[Type, ...], tuple[int, types.Map]]


class Sorts:
    """Makes the sorts of a theory when they are first needed."""

    def __init__(self, program: tree.Program, theory: Theory, names: Names, instances: Instances) -> None:
        self._theory = theory
        self._names = names
        self._instances = instances
        self._sorts: dict[Type, Sort] = {}
        self._datatypes: dict[types.Constructed, DatatypeInstance] = {}
        self._maps: dict[types.Map, MapInstance] = {}
        self._pending: list[tuple[tree.Datatype, types.Constructed, DatatypeInstance]] = []
        self._pending_maps: list[MapInstance] = []
        self._draining = False
        self._declared: dict[str, tree.Datatype | tree.TypeConstructor] = {
            one.name: one for one in program.declarations if isinstance(one, tree.Datatype | tree.TypeConstructor)
        }

    def of(self, type_: Type) -> Sort:
        """Return the sort of a ground type."""
        found = self._sorts.get(type_)
        if found is None:
            found = self._sorts[type_] = self._made(type_)
            self._drain()
        return found

    def datatype(self, type_: types.Constructed) -> DatatypeInstance:
        """Return an instance of a datatype; its constructors are there once no other one is being made."""
        found = self._datatypes.get(type_)
        if found is None:
            declared = self._declared[type_.name]
            if not isinstance(declared, tree.Datatype):
                raise TypeError(f"{type_} is no datatype")
            sort = Sort(self._names.sort(type_.name, type_.arguments))
            found = self._datatypes[type_] = DatatypeInstance(sort)
            self._sorts[type_] = sort
            self._pending.append((declared, type_, found))
            self._drain()
        return found

    def polymorphic_map(self, type_: types.Map) -> MapInstance:
        """Return the datatype for a map type with parameters."""
        found = self._maps.get(type_)
        if found is None:
            sort = Sort(self._names.sort("Map", (type_,)))
            fields = {
                arguments: (number, types.Map(0, *types.opened(type_, arguments)))
                for number, arguments in enumerate(self._instances.of_map(type_))
            }
            found = self._maps[type_] = MapInstance(DatatypeInstance(sort), fields)
            self._sorts[type_] = sort
            self._pending_maps.append(found)
            self._drain()
        return found

    def _made(self, type_: Type) -> Sort:
        match type_:
            case types.Basic():
                return _BASIC[type_]
            case types.Bits(width=0):
                raise Unsupported("`bv0`: solvers have no bit-vectors without bits")
            case types.Bits(width=width):
                return terms.bits(width)
            case types.Float(significand=significand, exponent=exponent):
                return terms.floating(exponent, significand)
            case types.Constructed():
                return self._constructed(type_)
            case types.Map(parameters=0, domain=domain, range=range_):
                sort = self.of(range_)
                for index in reversed(domain):
                    sort = terms.array(self.of(index), sort)
                return sort
            case types.Map():
                return self.polymorphic_map(type_).datatype.sort
            case _:
                raise Unsupported(f"a type that is not ground here: `{type_}`")

    def _constructed(self, type_: types.Constructed) -> Sort:
        declared = self._declared.get(type_.name)
        if isinstance(declared, tree.Datatype):
            return self.datatype(type_).sort
        builtin = None if declared is None else tree.attribute(declared.attributes, "builtin")
        if builtin is not None and builtin.values and isinstance(builtin.values[0], str):
            return Sort(builtin.values[0], tuple(self.of(argument) for argument in type_.arguments))
        sort = Sort(self._names.sort(type_.name, type_.arguments))
        self._theory.sorts.append(sort)
        return sort

    def _drain(self) -> None:
        """Fill in the fields of datatypes whose sorts exist: they may mention each other."""
        if self._draining:
            return
        self._draining = True
        try:
            while self._pending or self._pending_maps:
                while self._pending:
                    declared, type_, made = self._pending.pop(0)
                    to: dict[TypeVariable, Type] = dict(zip(declared.type_variables, type_.arguments, strict=True))
                    made.constructors = tuple(self._built(one, type_, to) for one in declared.constructors)
                    self._declare(made)
                while self._pending_maps:
                    self._fill(self._pending_maps.pop(0))
        finally:
            self._draining = False

    def _built(self, constructor: tree.Constructor, type_: types.Constructed, to: Mapping[TypeVariable, Type]) -> Built:
        # With the number of fields the name is none of Boogie's identifiers and none of SMT-LIB's: it can clash with nothing.
        name = self._names.unique(f"{simple(instance(constructor.name, type_.arguments))}/{len(constructor.fields)}")
        fields = []
        for one in constructor.fields:
            if one.type is None:
                raise TypeError(f"field `{one.name}` has no type: the program was not checked")
            fields.append((self._names.unique(f"{name}->{simple(one.name)}"), self.of(types.substitute(one.type, to))))
        return Built(name, tuple(fields))

    def _fill(self, made: MapInstance) -> None:
        head = self._names.unique(f"{made.datatype.sort.head}/{len(made.fields)}")
        made.datatype.constructors = (
            Built(head, tuple((f"{head}->{number}", self.of(map_)) for number, map_ in made.fields.values())),
        )
        self._declare(made.datatype)

    def _declare(self, made: DatatypeInstance) -> None:
        self._theory.datatypes.append(DatatypeSort(made.sort, tuple((one.head, one.fields) for one in made.constructors)))
