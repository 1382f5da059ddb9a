"""What a program declares, in logic: sorts, datatypes, functions and axioms.

`elaborate` makes a theory of the declarations; conditions take from it what an
obligation needs, and `Fact.owners` says what that is.
"""

from __future__ import annotations

from dataclasses import field

from probatum.ivl.pools import Pools
from probatum.ivl.syntax.tree import Position
from probatum.ivl.terms import Bank, Sort, Symbol, Term
from probatum.records import dataclass


@dataclass(slots=True, eq=False)
class DatatypeSort:
    """A datatype: constructors with the names and sorts of their fields.

    Constructor names and selector names are unique in the theory: they are the
    heads of operators (`(_ is C)` tests).
    """

    sort: Sort
    constructors: tuple[tuple[str, tuple[tuple[str, Sort], ...]], ...]


@dataclass(slots=True, eq=False)
class Fact:
    """An axiom.

    Attributes
    ----------
    term : Term
        Closed and Boolean.
    position : Position
        Of the axiom or function in the source.
    owners : tuple of Symbol
        Those in whose `uses` it stands, or whose definition it is: it is needed
        only if one of them is. Empty: needed whenever it shares a symbol.
    hideable : bool
        A `hide` may take it away.
    kept : bool
        `{:keep}` or `{:include_dep}` forbid to leave it out.
    """

    term: Term
    position: Position
    owners: tuple[Symbol, ...] = ()
    hideable: bool = False
    kept: bool = False
    # Symbols that make it needed, if the source limits them; None: every symbol in it.
    incoming: tuple[tuple[Symbol, ...], ...] | None = None


@dataclass(slots=True)
class Theory:
    """Everything that conditions may mention.

    `uniques` are groups of constants of one sort that differ from each other.
    Symbols in the order in which they were declared or first needed, defined
    ones at the end and each after those that it mentions. If `pools` is true,
    terms have markers in them and `pools.instantiate` must take them out of
    what a solver is asked.
    """

    bank: Bank
    sorts: list[Sort] = field(default_factory=list)  # declared ones, without datatypes
    datatypes: list[DatatypeSort] = field(default_factory=list)
    symbols: list[Symbol] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    uniques: list[tuple[Symbol, ...]] = field(default_factory=list)
    pools: Pools = field(default_factory=Pools)
