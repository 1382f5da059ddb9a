"""A contract cannot be relied on: it raises, contradicts itself, or is not kept by a class.

## What it finds
A condition that raises where it is evaluated, a contract that nothing can satisfy, a method that breaks the contract
of the method it overrides, the invariant of a class that a method does not establish again, and changes that the
contract does not allow.

## Why it matters
Everything else is proved from contracts: what follows from one that cannot hold is worth nothing.

## Evidence
`Counterexample`: a call, which is run again in a sandbox with the contract watched. When cleared, `Proof`: what was
asked of solvers, which another solver can answer again.

## Not found
A contract that holds and does not say what its author meant.
What could not be proved, and no input was found that breaks it, is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.code.artefacts import Artefact, PythonModule
from probatum.code.model import outcomes
from probatum.findings import Outcome
from probatum.lower.lowered import Kind
from probatum.tools import Tools

KINDS = frozenset({Kind.DEFINED, Kind.VACUOUS, Kind.REFUTABLE, Kind.OVERRIDE, Kind.FRAME, Kind.CLASS_INVARIANT})


def check(artefact: Artefact, tools: Tools) -> Iterator[Outcome]:
    """Yield one outcome for every obligation of these kinds."""
    if isinstance(artefact, PythonModule):
        yield from outcomes.of_kinds(artefact, tools, "code/contract-broken", KINDS)
