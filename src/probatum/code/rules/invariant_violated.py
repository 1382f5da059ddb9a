"""A loop invariant does not hold.

## What it finds
A loop invariant that does not hold when the loop begins, or that a round of the loop breaks.

## Why it matters
What is known after a loop is its invariant: one that does not hold proves what is not so.

## Evidence
`Counterexample`: a call, which is run again in a sandbox with the contract watched. When cleared, `Proof`: what was
asked of solvers, which another solver can answer again.

## Not found
An invariant that holds and is too weak: then what follows from it is undecided, and says so.
What could not be proved, and no input was found that breaks it, is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.code.artefacts import Artefact, PythonModule
from probatum.code.model import outcomes
from probatum.findings import Outcome
from probatum.lower.lowered import Kind
from probatum.tools import Tools

KINDS = frozenset({Kind.ENTRY, Kind.MAINTAINED})


def check(artefact: Artefact, tools: Tools) -> Iterator[Outcome]:
    """Yield one outcome for every obligation of these kinds."""
    if isinstance(artefact, PythonModule):
        yield from outcomes.of_kinds(artefact, tools, "code/invariant-violated", KINDS)
