"""Proofs are taken back that use the definition of a function which may not end: such a definition may mean anything.

The equation `f(n) == f(n) + 1` is a body that never ends, and no value satisfies it. So
the definition of a recursive function is a fact only if the function terminates, and
that proof may use definitions of other functions in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from probatum.code.model.functions import FunctionResult
from probatum.lower.lowered import Kind
from probatum.python.program import Function, Problem, Program


def resting(
    results: Iterable[FunctionResult], program: Program, verify: Callable[[Function], FunctionResult]
) -> list[FunctionResult]:
    """Return the results, without the proofs that use what may not end.

    Parameters
    ----------
    results : iterable of FunctionResult
        Of the functions of one module.
    program : Program
        The module, and what it imports.
    verify : callable
        Asked about functions that the results say nothing of: those of modules that are imported, and those without contracts.
    """
    given = list(results)
    known = {result.function.qualified: result for result in given}
    pending = [name for result in given for name in result.rests_on]
    while pending:
        name = pending.pop()
        function = program.function(name) if name not in known else None
        if function is not None:
            known[name] = verify(function)
            pending += known[name].rests_on
    # Functions that are not known to end: themselves, or because the proof that they end uses such a one.
    endless = {name for name, result in known.items() if not _ends(result)}
    endless |= {name for result in known.values() for name in result.rests_on if name not in known}
    late = _with_users({name for name, result in known.items() if result.late}, known)
    endless = _with_users(endless, known)
    return [_without(result, endless, late) for result in given]


def _with_users(names: set[str], known: Mapping[str, FunctionResult]) -> set[str]:
    """Return functions, and all whose proofs use one of them."""
    found = set(names)
    while more := {name for name, result in known.items() if name not in found and found.intersection(result.rests_on)}:
        found |= more
    return found


def _ends(result: FunctionResult) -> bool:
    return result.decided and all(claim.proved for claim in result.claims if claim.kind is Kind.TERMINATION)


def _without(result: FunctionResult, endless: set[str], late: set[str]) -> FunctionResult:
    wrong = next((name for name in result.rests_on if name in endless), None)
    if not result.decided:
        return result
    if wrong is None:
        if any(claim.supposed for claim in result.claims):
            return result
        both = next(
            (claim for claim in result.claims if claim.run is not None and claim.parts and all(p.proved for p in claim.parts)),
            None,
        )
        return (
            result
            if both is None
            else replace(result, failed=f"a run breaks what was proved in line {both.obligation.place.line}")
        )
    message = f"its proofs use `{wrong}`, which is not proved to terminate"
    broken = tuple(claim for claim in result.claims if claim.run is not None)
    if late.intersection(result.rests_on):
        return replace(result, claims=broken, late=True)
    return replace(result, claims=broken, problems=(Problem(result.function.place, message, result.function.name),))
