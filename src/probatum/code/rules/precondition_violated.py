"""A function calls another one with what its precondition forbids.

## What it finds
A call of a function with a contract, in a function that is checked, whose arguments may break a precondition.

## Why it matters
The callee was proved for inputs that satisfy its precondition, and for no others.

## Evidence
`Counterexample`: a call, which is run again in a sandbox with the contract watched. When cleared, `Proof`: what was
asked of solvers, which another solver can answer again.

## Not found
Calls from code that is not checked; calls of functions without a contract, which are looked into instead.
What could not be proved, and no input was found that breaks it, is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.code.artefacts import Artefact, PythonModule
from probatum.code.model import outcomes
from probatum.findings import Outcome
from probatum.lower.lowered import Kind
from probatum.tools import Tools

KINDS = frozenset({Kind.PRECONDITION})


def check(artefact: Artefact, tools: Tools) -> Iterator[Outcome]:
    """Yield one outcome for every obligation of these kinds."""
    if isinstance(artefact, PythonModule):
        yield from outcomes.of_kinds(artefact, tools, "code/precondition-violated", KINDS)
