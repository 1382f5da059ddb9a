"""What names mean at a place of a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from probatum.ivl.syntax import tree
from probatum.ivl.terms import Term
from probatum.ivl.types import Type, TypeVariable


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean at a place.

    Attributes
    ----------
    types : mapping
        Ground types for the type variables in scope.
    variables : mapping
        Terms for parameters, locals and bound variables; the `Elaborator` knows globals and constants.
    old : bool
        Inside `old(...)`: a global is its OLD variable.
    """

    types: Mapping[TypeVariable, Type]
    variables: Mapping[tree.Variable, Term]
    old: bool = False


NO_SCOPE: Final = Scope({}, {})
