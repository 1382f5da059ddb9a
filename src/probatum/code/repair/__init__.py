"""Repairs of Python functions: one small edit with which everything that is claimed is proved.

A finding about a function comes with an input that breaks it. Small changes of
the function are tried on this input and on others, in a sandbox, many at a
time; what none of them breaks is read again and verified. A candidate is proposed
only if every obligation of the function is proved, and of all functions whose
proofs it touches: the repair carries these proofs. That it does what the author
meant is nobody's proof: it does what the contract says.

If no change of the code does, a precondition may be missing. That is proposed
last, and called what it is: a burden for callers.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from probatum.code.artefacts import Artefact, PythonModule
from probatum.code.model import functions, outcomes
from probatum.code.model.changes import Change
from probatum.code.model.functions import FunctionResult
from probatum.code.model.trials import TOGETHER, Trials, named, trials
from probatum.code.repair.conditions import preconditions
from probatum.code.repair.invariants import additions
from probatum.errors import ProbatumError
from probatum.evidence import Counterexample
from probatum.findings import Edit, Finding, Repair
from probatum.python.program import Function, Module, Program
from probatum.source import Source
from probatum.tools import Deadline, Tools

__all__ = ["additions", "propose"]

_SECONDS = 8.0  # for verifying one candidate


def propose(artefact: Artefact, finding: Finding, tools: Tools) -> Iterator[Repair]:
    """Yield a repair of a finding about a Python function, with the proof that all its obligations then hold.

    Parameters
    ----------
    tools : Tools
        `inputs` has the file itself by its path, besides what rules get; nothing is proposed without it.
    """
    evidence = finding.evidence
    if not isinstance(artefact, PythonModule) or not isinstance(evidence, Counterexample) or "function" not in evidence.given:
        return
    source = tools.inputs.get(artefact.subject)
    if source is None or source.digest != artefact.source.digest or not artefact.options.get("replay", True):
        return
    text = source.text()
    if text.content != artefact.text:
        return  # in an encoding in which offsets mean something else
    own = trials(artefact, evidence, finding.location.line or 0, tools)
    if own is None:
        return
    workshop = _Workshop(own, tools)
    repaired = workshop.first(own.code())
    if repaired is None:
        repaired = workshop.first(preconditions(own.called, own.module, artefact.text), rejecting=True)
    if repaired is not None:
        change, results = repaired
        yield _repair(change, results, artefact, text.digest)


def _repair(change: Change, results: Sequence[FunctionResult], artefact: PythonModule, digest: str) -> Repair:
    claims = [claim for result in results for claim in result.claims]
    names = ", ".join(f"`{result.function.name}`" for result in results[:3]) + (" ..." if len(results) > 3 else "")
    hold = f"all {len(claims)} obligations of {names} hold" if len(claims) != 1 else f"the one obligation of {names} holds"
    title = f"line {change.line}: {change.title}; then {hold}"
    proof = outcomes.proof([part for claim in claims for part in claim.parts], title)
    return Repair(title=title, edits=(Edit(artefact.subject, digest, change.start, change.end, change.new),), verified=proof)


@dataclass(frozen=True, slots=True)
class _Workshop:
    """What was changed so that nothing that is tried breaks it, and what is proved of that."""

    trials: Trials
    tools: Tools

    def first(self, candidates: Iterator[Change], *, rejecting: bool = False) -> tuple[Change, tuple[FunctionResult, ...]] | None:
        """Return the first change with which all is proved, and what is then known of the functions that it touches."""
        while together := tuple(islice(candidates, TOGETHER)):
            for change in self.trials.unbroken(together, rejecting=rejecting):
                self.tools.deadline.check()
                results = self._proved(change)
                if results is not None:
                    return change, results
        return None

    # Proving

    def _proved(self, change: Change) -> tuple[FunctionResult, ...] | None:
        """Return what is known of the functions that a change touches, if all of it is proved."""
        own, artefact = self.trials, self.trials.artefact
        source = Source(artefact.subject, change.applied(artefact.text).encode("utf-8", "surrogatepass"))
        try:
            changed = replace(artefact, text=source.text().content, source=source, memo={})
            inputs = {**self.tools.inputs, source.path: source}
            program, module = changed.program(inputs)
        except ProbatumError:
            return None
        deadline = Deadline.after(min(_SECONDS, self.tools.deadline.remaining()))
        tools = replace(self.tools, deadline=deadline, inputs=inputs, kept={})
        touched = {f.name for f in own.targets}
        results: dict[str, FunctionResult] = {}
        pending = [f for f in changed.wanted(module, program) if f.name in touched]
        if own.called.name not in {f.name for f in pending}:
            return None
        pending += [f for f in changed.wanted(module, program) if f.name not in touched and self._touches(f, program, touched)]
        while pending:
            function = pending.pop(0)
            if function.qualified in results:
                continue
            result = functions.alone(program, function, tools)
            if not result.proved:
                return None
            results[function.qualified] = result
            # A recursive function whose definition a proof uses must end.
            pending += [f for f in changed.wanted(module, program) if f.qualified in result.rests_on]
        return tuple(results.values())

    def _touches(self, function: Function, program: Program, touched: set[str]) -> bool:
        """Whether the proof of a function says something else after the change of others."""
        own = self.trials
        before = named(own.module, function.name)
        if before is None or not _mentions(own.module, function, touched):
            return False
        return functions.question(program, function) != functions.question(own.program, before)


def _mentions(module: Module, function: Function, touched: set[str]) -> bool:
    """Whether a function mentions one of some others, itself or through functions of the module that it mentions."""
    texts = {f.name: set(re.findall(r"\w+", ast.unparse(f.node))) for f in module.every_function()}
    reached, pending = {function.name}, [function.name]
    while pending:
        words = texts[pending.pop()]
        for name in texts:
            if name not in reached and name.rpartition(".")[2] in words:
                reached.add(name)
                pending.append(name)
    return bool(reached & touched)
