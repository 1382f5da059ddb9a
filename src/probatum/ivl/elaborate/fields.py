"""Fields of datatypes: their types and places, and which constructors have them."""

from __future__ import annotations

from probatum.ivl import types
from probatum.ivl.syntax import tree
from probatum.ivl.types import Type, substitute


def field_type(constructor: tree.Constructor, name: str, of: types.Constructed) -> Type:
    """Return the type of a field of a datatype at the arguments of `of`."""
    declared = constructor.datatype
    for one in constructor.fields:
        if one.name == name and one.type is not None and declared is not None:
            return substitute(one.type, dict(zip(declared.type_variables, of.arguments, strict=True)))
    raise TypeError(f"`{constructor.name}` has no field `{name}`: the program was not checked")


def index(constructor: tree.Constructor, name: str) -> int:
    """Return the place of a field among those of its constructor."""
    for number, one in enumerate(constructor.fields):
        if one.name == name:
            return number
    raise TypeError(f"`{constructor.name}` has no field `{name}`: the program was not checked")


def having(constructor: tree.Constructor, name: str) -> list[tree.Constructor]:
    """Return the constructors of the same datatype that have a field of this name."""
    declared = constructor.datatype
    return [one for one in (declared.constructors if declared else []) if any(f.name == name for f in one.fields)]
