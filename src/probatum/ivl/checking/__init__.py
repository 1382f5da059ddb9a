"""Names and types: from a parsed program to one whose every expression has its declaration and type.

The rules are Boogie's, and so are messages, positions and the order of errors.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence

from probatum.ivl.checking.concurrency import refuse
from probatum.ivl.checking.functions import check_functions
from probatum.ivl.checking.measures import check_measures
from probatum.ivl.checking.modifies import infer_modifies
from probatum.ivl.checking.names import Names, Report
from probatum.ivl.checking.resolution import Resolver
from probatum.ivl.checking.typing import Typer
from probatum.ivl.outcomes import StaticError
from probatum.ivl.syntax import tree, walk

__all__ = ["check"]


def check(program: tree.Program, earlier: Sequence[StaticError] = (), *, modifies: bool = True) -> list[StaticError]:
    """Resolve names and types, check types, and fill in what the tree leaves open.

    Parameters
    ----------
    program : Program
        As parsed without errors of the phase `parse`. Declarations marked `{:extern}` that another
        one of the same name replaces are removed from it.
    earlier : sequence of StaticError
        Errors of the phase `resolution` that the parser found: they are reported in their places among the others.
    modifies : bool
        False: modifies clauses are not checked but completed by what the bodies change (`-inferModifies`).

    Returns
    -------
    list of StaticError
        Errors of the first phase that has any, in Boogie's order, or warnings
        only. Without errors every expression that has a meaning has a type in
        which nothing is unknown; expressions in the attributes of `goto`, `return`
        and `if`, which have none, are not looked at.
    """
    walk.make_room()
    names = Names()
    # Hardly anything that is made here becomes garbage before the end, and looking for some takes long.
    collecting = gc.isenabled()
    gc.disable()
    try:
        refuse(names, program)
        if names.errors:
            return names.errors
        Resolver(names).program(program)
        if earlier:
            return sorted([*names.errors, *earlier], key=lambda e: e.position[1:])
        if names.errors:
            return names.errors
        report = Report("type")
        if not modifies:
            infer_modifies(program)
        return _check_types(report, names, program)
    except RecursionError:
        message = "unsupported: types or code expressions nested too deeply to be checked"
        return [StaticError(tree.NOWHERE, message, "type")]
    finally:
        if collecting:
            gc.enable()


def _check_types(report: Report, names: Names, program: tree.Program) -> list[StaticError]:
    check_functions(report, [one for one in program.declarations if isinstance(one, tree.Function)])
    if report.errors:
        return report.errors
    datatypes = {name: one for name, one in names.types.items() if isinstance(one, tree.Datatype)}
    Typer(report, datatypes).program(program)
    if not report.errors:
        check_measures(report, program)
    return report.warnings + report.errors
