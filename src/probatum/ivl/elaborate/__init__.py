"""From the checked tree to logic.

`expressions.Elaborator` turns types into sorts, expressions into terms and
declarations into a theory. What is polymorphic is monomorphised: `instances`
finds, before anything is elaborated, which ground types there are, and every
quantifier over types becomes its instances at these types. Values of datatypes
and maps are made and changed in `datatypes` and `maps`.

`bodies.Bodies` turns procedures into routines and implementations into blocks,
with `structured` and `commands` for statements, `codes` for code expressions
and `measures`.

Start reading at `expressions.py`, then `bodies.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from probatum.ivl.blocks import Module
    from probatum.ivl.options import Options
    from probatum.ivl.syntax.tree import Program
    from probatum.ivl.theory import Theory


def elaborate(program: Program, options: Options) -> tuple[Theory, Module]:
    """Return what a checked program declares, and its procedures in blocks.

    Raises
    ------
    Refused
        The program cannot be monomorphised.
    Unsupported
        A declaration that everything depends on is not handled. What is not
        handled in one body is noted in that body.
    """
    from probatum.ivl.elaborate.bodies import Bodies
    from probatum.ivl.elaborate.expressions import Elaborator

    elaborator = Elaborator(program, options)
    bodies = Bodies(elaborator)
    module = bodies.module()
    theory = elaborator.finish()
    # A code expression in an axiom or in the body of a function is only ever known.
    for fact in theory.facts:
        fact.term = bodies.codes.settled(fact.term, proved=False)
    for symbol in theory.symbols:
        if symbol.definition is not None:
            variables, body = symbol.definition
            symbol.definition = variables, bodies.codes.settled(body, proved=False)
    return theory, module
