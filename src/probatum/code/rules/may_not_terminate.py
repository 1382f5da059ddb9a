"""A loop or recursion may go on for ever.

## What it finds
A loop or a recursive function for which what should decrease does not, or has no lower bound.

## Why it matters
A program that does not end answers nothing, and what is proved of its result says nothing.

## Evidence
`Counterexample`: a call, which is run again in a sandbox with the contract watched. When cleared, `Proof`: what was
asked of solvers, which another solver can answer again.

## Not found
Functions whose contract says that they may run for ever. How long a function runs that does end.
What could not be proved, and no input was found that breaks it, is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.code.artefacts import Artefact, PythonModule
from probatum.code.model import outcomes
from probatum.findings import Outcome
from probatum.lower.lowered import Kind
from probatum.tools import Tools

KINDS = frozenset({Kind.TERMINATION})


def check(artefact: Artefact, tools: Tools) -> Iterator[Outcome]:
    """Yield one outcome for every obligation of these kinds."""
    if isinstance(artefact, PythonModule):
        yield from outcomes.of_kinds(artefact, tools, "code/may-not-terminate", KINDS)
