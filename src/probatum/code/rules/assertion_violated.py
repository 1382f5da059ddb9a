"""An assertion fails for some input.

## What it finds
An assertion in a Python function that some input which satisfies the
preconditions breaks. In a Boogie program an assertion, precondition of a call,
postcondition or loop invariant that a run violates: for some values of
parameters, globals and whatever the program leaves open.

## Why it matters
A program in this language is a claim about another one, mostly one that was
translated into it. A violated assertion is a case that the claim forgot.

## Evidence
`Counterexample`: the choices of a run, which an interpreter that knows nothing
of proofs repeats. When cleared, `Proof`: for every assertion of an
implementation the facts it follows from, checked without search.

## Not found
An assertion that could not be proved, and for which no run was found that
violates it, is undecided. Calls are taken by their contracts, so a run may need
a callee that does the worst that its contract allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from probatum.code.artefacts import Artefact, BoogieProgram
from probatum.code.model import outcomes, proofs
from probatum.code.recheck import METHOD
from probatum.evidence import Counterexample
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.ivl.outcomes import BodyResult, Claim, Verdict
from probatum.ivl.outcomes import Outcome as Obligation
from probatum.ivl.syntax.tree import Position
from probatum.lower.lowered import Kind
from probatum.source import Location
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.code.model.search import Violation

RULE = "code/assertion-violated"

_fails = {
    Claim.ASSERT: "the assertion fails",
    Claim.PRECONDITION: "a precondition of the callee fails",
    Claim.POSTCONDITION: "a postcondition fails",
    Claim.ENTRY: "the loop invariant does not hold on entry",
    Claim.MAINTAINED: "the loop does not maintain its invariant",
    Claim.MEASURE: "the measure does not decrease, or is not bounded",
}


def check(artefact: Artefact, tools: Tools) -> Iterator[Outcome]:
    """Yield one cleared outcome per implementation that is proved, and one outcome per assertion that is not."""
    if not isinstance(artefact, BoogieProgram):
        yield from outcomes.of_kinds(artefact, tools, RULE, frozenset({Kind.ASSERTION}))
        return
    for name, body in proofs.verified(artefact, tools):
        if not body.outcomes:
            continue  # it claims nothing that could fail
        if body.verified:
            evidence = proofs.evidence(name, body, tools)
            yield Cleared(
                rule=RULE,
                subject=name,
                message=f"{_counted(len(body.outcomes))} of `{name}` hold{'s' if len(body.outcomes) == 1 else ''} for all inputs",
                location=_at(artefact, body.position),
                strength=Strength.PROVED,
                evidence=evidence,
                assumptions=proofs.assumptions(artefact),
                anchor=(name,),
            )
            continue
        yield from _failing(artefact, name, body, tools)


def _failing(artefact: BoogieProgram, name: str, body: BodyResult, tools: Tools) -> Iterator[Outcome]:
    from probatum.code.model import search
    from probatum.code.semantics.boogie import implementation

    open_ = [o for o in body.outcomes if o.verdict is not Verdict.PROVED]
    hints = [(o.trace.initial, o.trace.final) for o in open_ if o.trace is not None]
    runs = search.find(
        artefact, implementation(artefact, name), name, hints, seed=tools.seed, deadline=tools.deadline, wanted=len(open_)
    )
    for number, obligation in enumerate(open_):
        anchor = (name, obligation.label.claim.name.lower(), str(number))
        found = next((v for (where, clause), v in runs.items() if _same(obligation, where, clause)), None)
        if found is None:
            yield Undecided(
                rule=RULE,
                subject=name,
                location=_at(artefact, obligation.label.position),
                why=_why(obligation),
                reason=f"{_words(obligation)}: {obligation.reason or 'the solver found no proof'}; no run that violates it was found",
                anchor=anchor,
            )
            continue
        where = found.run.ended.position
        yield Finding(
            rule=RULE,
            subject=name,
            message=f"{_fails[obligation.label.claim]} in a run of `{name}`",
            location=_at(artefact, where),
            evidence=Counterexample(
                method=METHOD,
                given=found.given,
                observed=f"{found.run.ended.what} at line {where.line} is false",
                expected="it holds in every run",
                flow=tuple((_at(artefact, step), "") for step in found.run.path[-20:]),
                summary=_summary(found),
            ),
            cause=f"nothing that `{name}` requires or assumes excludes these values",
            anchor=anchor,
            related=((_at(artefact, obligation.label.related), "the clause that fails"),)
            if obligation.label.related.line
            else (),
        )


def _same(obligation: Obligation, where: Position, clause: Position) -> bool:
    label = obligation.label
    return where == label.position or bool(clause.line and clause in (label.position, label.related))


def _summary(found: Violation) -> str:
    values = {**found.given["constants"], **found.run.state}
    shown = [f"{name} = {proofs.plain(value)}" for name, value in list(values.items())[:8]]
    return ", ".join(shown) or "every run"


def _words(obligation: Obligation) -> str:
    return obligation.label.message or obligation.label.claim.value


def _why(obligation: Obligation) -> Why:
    if obligation.timed_out or obligation.exhausted:
        return Why.TIME_LIMIT
    return Why.UNSUPPORTED if obligation.verdict is Verdict.UNSUPPORTED else Why.SOLVER_GAVE_UP


def _counted(count: int) -> str:
    return "the one assertion" if count == 1 else f"all {count} assertions"


def _at(artefact: BoogieProgram, position: Position) -> Location:
    path = artefact.location.path
    return Location(path, position.line, position.column) if position.line else Location(path)
