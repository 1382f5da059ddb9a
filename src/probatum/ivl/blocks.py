"""Procedures and bodies in the form that conditions are made of: blocks of simple commands over terms.

Program variables are `Term`s of kind variable. The value that a global had at
entry is the variable whose name ends in `OLD`; a two-state condition mentions
both. `{:inline}`, loops and calls are still there; `calls`, `unrolling` and
`loops` take them out in this order, and each of them takes a `Body` and returns
a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from enum import Enum
from typing import TypeAlias

from probatum.ivl.syntax.tree import NOWHERE, Attributes, Position
from probatum.ivl.terms import Term
from probatum.records import dataclass

OLD = "\u0307old"  # no identifier of the language contains it


class Claim(Enum):
    """What kind of thing an assertion claims, in the words of Boogie's messages."""

    ASSERT = "this assertion could not be proved"
    PRECONDITION = "a precondition for this call could not be proved"
    POSTCONDITION = "a postcondition could not be proved on this return path"
    ENTRY = "this loop invariant could not be proved on entry"
    MAINTAINED = "this invariant could not be proved to be maintained by the loop"
    MEASURE = "measure could not be proved to decrease"
    UNPACK = "the precondition for unpack could not be proved"


@dataclass(frozen=True, slots=True)
class Label:
    """What an assertion is called when it fails.

    Attributes
    ----------
    claim : Claim
    position : Position
        Where Boogie reports it: of the assertion, the call, the return, the invariant.
        For a postcondition that of the specification; the return comes from the trace.
    related : Position
        The precondition or postcondition that fails; NOWHERE if there is none.
    message : str
        From `{:msg "..."}`; "" for the claim's own words.
    explanation : str
        What stands at the related position if it was not written there: of a measure that must not be negative.
    identifier : str
        `{:id "..."}`.
    candidate : str
        The `{:existential}` constant whose truth the assertion follows, for invariant inference.
    """

    claim: Claim
    position: Position
    related: Position = NOWHERE
    message: str = ""
    identifier: str = ""
    candidate: str = ""
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """`assert`: an obligation, and afterwards known."""

    term: Term
    label: Label
    attributes: tuple[tuple[str, str], ...] = ()  # flags that matter later: split_here, focus, subsumption, verified_under ...
    known_afterwards: bool = True  # {:subsumption 0} says no


@dataclass(frozen=True, slots=True)
class Know:
    """`assume`; `position` for traces and splits."""

    term: Term
    position: Position = NOWHERE
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Set:
    """Simultaneous assignment of whole variables."""

    variables: tuple[Term, ...]
    values: tuple[Term, ...]
    position: Position = NOWHERE


@dataclass(frozen=True, slots=True)
class Forget:
    """`havoc`: any values, and then the `where` conditions of these variables."""

    variables: tuple[Term, ...]
    position: Position = NOWHERE


@dataclass(frozen=True, slots=True)
class Invoke:
    """A call, until `calls` replaces it: arguments and where the results go."""

    procedure: Routine
    arguments: tuple[Term, ...]
    results: tuple[Term, ...]
    position: Position
    free: bool = False
    attributes: tuple[tuple[str, str], ...] = ()
    depth: int | None = None  # how deep this call may still be inlined; None: as the procedure says
    verified_under: Term | None = None  # where this holds, the preconditions need no proof


@dataclass(frozen=True, slots=True)
class Reveal:
    """`reveal`/`hide` of the facts of a function (None: of all), and `push`/`pop` of what is revealed."""

    what: str  # reveal, hide, push, pop
    function: object | None = None  # the Symbols of its instances, a tuple


Command: TypeAlias = Check | Know | Set | Forget | Invoke | Reveal


@dataclass(slots=True, eq=False)
class Block:
    """Commands, then one of the successors; none: the body returns.

    Attributes
    ----------
    name : str
        The label of the source, or anonN as Boogie numbers them.
    position : Position
        For traces.
    end : Position
        Of the return or goto that ends it (the closing brace, for a body that falls off its end): postconditions are reported there.
    """

    name: str
    commands: list[Command]
    successors: list[str]
    position: Position = NOWHERE
    end: Position = NOWHERE
    attributes: tuple[tuple[str, str], ...] = ()
    # Of a loop header, from the source: invariants are the leading Check and Know commands of its block, as in Boogie.
    header: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A requires or ensures clause, over the parameters and globals (and their OLD variables).

    `term` is what may be assumed, `checked` what must be proved if that is
    another term: a code expression with choices holds for some and for every one.
    """

    term: Term
    free: bool
    position: Position
    message: str = ""
    identifier: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    checked: Term | None = None
    explanation: str = ""


@dataclass(slots=True, eq=False)
class Routine:
    """A procedure instance: its specification, and its body if there is one to inline.

    `name` is as the source says it, with type arguments for an instance of a polymorphic procedure.
    """

    name: str
    ins: tuple[Term, ...]
    outs: tuple[Term, ...]
    requires: tuple[Clause, ...]
    ensures: tuple[Clause, ...]
    modifies: tuple[Term, ...]
    wheres: Mapping[Term, Term]  # for parameters that have one
    attributes: Attributes
    position: Position
    inline: int | None = None  # {:inline N}
    bodies: list[Body] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Body:
    """An implementation to be verified or inlined; `blocks` in the order of the source, the first is the entry.

    If `unsupported` names a construct, there are no blocks and nothing may be said of the body.
    """

    name: str
    routine: Routine
    ins: tuple[Term, ...]
    outs: tuple[Term, ...]
    locals: tuple[Term, ...]
    wheres: Mapping[Term, Term]  # parameters and locals; those of globals are in `Module`
    blocks: list[Block]
    position: Position
    attributes: Attributes
    unsupported: str = ""
    end: Position = NOWHERE  # of the closing brace
    assumptions: tuple[Term, ...] = ()  # `{:assumption}` locals: true at entry

    def with_blocks(self, blocks: list[Block], *, more_locals: tuple[Term, ...] = ()) -> Body:
        """Return a copy with other blocks, and perhaps more local variables."""
        return replace(self, blocks=blocks, locals=(*self.locals, *more_locals))


@dataclass(slots=True)
class Module:
    """A whole program in this form.

    Attributes
    ----------
    globals : tuple of Term
    wheres : mapping
        `where` conditions of globals.
    routines : list of Routine
    bodies : list of Body
        What is to be verified, in the order in which Boogie reports it (that of the source).
    existentials : mapping
        `{:existential true}` constants by name, for invariant inference.
    """

    globals: tuple[Term, ...] = ()
    wheres: Mapping[Term, Term] = field(default_factory=dict)
    routines: list[Routine] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    existentials: Mapping[str, Term] = field(default_factory=dict)
