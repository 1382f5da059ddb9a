"""A function does not do what it promises.

## What it finds
A Python function with at least one obligation that some input breaks. Every function that is checked has exactly one
outcome of this rule: found if it is refuted, cleared if all its obligations are proved, and undecided, with the
reason, if something is open or uses what is not handled.

## Why it matters
It answers the question that is asked first: which functions are proved?

## Evidence
`Counterexample`: the call that breaks the first obligation that is refuted. When cleared, `Proof`: all obligations
together.

## Not found
Which obligations there are, and where: see the other rules, each of which is about some kinds of them. Functions
without a contract, unless `all-functions` in `[code]` asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.code.artefacts import Artefact, PythonModule
from probatum.code.model import outcomes
from probatum.findings import Outcome
from probatum.tools import Tools


def check(artefact: Artefact, tools: Tools) -> Iterator[Outcome]:
    """Yield one outcome for every function."""
    if isinstance(artefact, PythonModule):
        yield from outcomes.summaries(artefact, tools, "code/function")
