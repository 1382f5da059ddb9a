"""A function raises an exception that its contract does not declare.

## What it finds
An operation that raises for some input: an index out of range, a missing key, a division by zero, an attribute of None,
a wrong number of values to unpack, an argument that a function of the library refuses, an integer that leaves its
declared range; and exceptions that escape undeclared, or against what is declared of them.

## Why it matters
An exception that nobody declared is one that nobody handles.

## Evidence
`Counterexample`: a call, which is run again in a sandbox with the contract watched. When cleared, `Proof`: what was
asked of solvers, which another solver can answer again.

## Not found
Running out of memory or of stack, and interrupts. Exceptions that the contract declares.
What could not be proved, and no input was found that breaks it, is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.code.artefacts import Artefact, PythonModule
from probatum.code.model import outcomes
from probatum.findings import Outcome
from probatum.lower.lowered import Kind
from probatum.tools import Tools

KINDS = frozenset(
    {
        Kind.INDEX,
        Kind.KEY,
        Kind.NONE,
        Kind.DIVISION,
        Kind.UNPACKING,
        Kind.ATTRIBUTE,
        Kind.TYPE,
        Kind.VALUE,
        Kind.RANGE,
        Kind.EXCEPTION,
        Kind.RAISES,
    }
)


def check(artefact: Artefact, tools: Tools) -> Iterator[Outcome]:
    """Yield one outcome for every obligation of these kinds."""
    if isinstance(artefact, PythonModule):
        yield from outcomes.of_kinds(artefact, tools, "code/unhandled-exception", KINDS)
