"""A function returns something that its postcondition forbids.

## What it finds
A postcondition of a Python function (`ensures`, `@icontract.ensure`, `@deal.post`, `post:`, an assert at the end ...)
that some input which satisfies the preconditions breaks.

## Why it matters
Callers are proved with the postcondition taken for true: what it promises and does not keep is believed elsewhere.

## Evidence
`Counterexample`: a call, which is run again in a sandbox with the contract watched. When cleared, `Proof`: what was
asked of solvers, which another solver can answer again.

## Not found
What happens in functions that are called: they are what their contracts promise.
What could not be proved, and no input was found that breaks it, is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.code.artefacts import Artefact, PythonModule
from probatum.code.model import outcomes
from probatum.findings import Outcome
from probatum.lower.lowered import Kind
from probatum.tools import Tools

KINDS = frozenset({Kind.POSTCONDITION})


def check(artefact: Artefact, tools: Tools) -> Iterator[Outcome]:
    """Yield one outcome for every obligation of these kinds."""
    if isinstance(artefact, PythonModule):
        yield from outcomes.of_kinds(artefact, tools, "code/postcondition-violated", KINDS)
