"""From a body to one question per claim.

A body without calls loses its loops (`loops`), then its assignments (`passive`).
Each claim that is left depends on the blocks on paths to it (`slicing`) and on
some of the axioms (`pruning`); what they say together with the claim's negation
is written in SMT-LIB (`weakest`, `smtlib`). If a solver finds a model, `traces`
reads the path out of it.

Start reading at `weakest.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from probatum.ivl.blocks import Body
from probatum.ivl.conditions.loops import cut
from probatum.ivl.conditions.passive import passive
from probatum.ivl.conditions.splitting import divides, selected
from probatum.ivl.conditions.traces import trace
from probatum.ivl.conditions.uniting import united
from probatum.ivl.conditions.weakest import Condition, Conditions, Context, Obligation
from probatum.ivl.terms import Term


def conditions(
    body: Body,
    wheres: Mapping[Term, Term],
    context: Context,
    *,
    remove_empty: bool = True,
    divided: bool = False,
    together: bool = False,
) -> Conditions:
    """Return the conditions of a body without calls.

    Parameters
    ----------
    body : Body
        Closed: it knows its preconditions and proves its postconditions. Loops may still be there.
    wheres : mapping
        `where` conditions of globals.
    context : Context
        Shared by all bodies of a program.
    remove_empty : bool
        Leave out blocks in which nothing happens.
    divided : bool
        What `hide` and `reveal` say holds for each claim by itself, even if the body does not ask for it.
    together : bool
        Only one claim: that none of the candidates fails.

    Raises
    ------
    Unsupported
        If the control flow is too entangled to be cut.
    """
    made = passive(selected(cut(body)), context.bank, wheres, remove_empty=remove_empty)
    if together:
        made = united(made, context.bank)
    return Conditions(made, context, merge_reveals=not (divided or divides(body)))


__all__ = ["Condition", "Conditions", "Context", "Obligation", "conditions", "trace"]
