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
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from probatum.code.artefacts import Artefact, PythonModule
from probatum.code.model import functions, outcomes
from probatum.code.model.functions import FunctionResult
from probatum.code.repair.changes import Change, changes
from probatum.code.repair.conditions import guards, preconditions
from probatum.errors import ProbatumError, UnsupportedConstruct
from probatum.evidence import Counterexample
from probatum.findings import Edit, Finding, Repair
from probatum.python.program import Function, Module, Program
from probatum.source import Source
from probatum.tools import Deadline, Tools

_TOGETHER = 24  # changes that are run in one process
_MOST = 600  # changes that are tried
_INPUTS = 60  # besides the one that breaks the function
_SECONDS = 8.0  # for verifying one candidate
_STEPS, _DEPTH, _RUN_S = 5_000, 80, 0.05  # of one run
_FIRST_S = 0.5  # of the first one in a module, which imports what it needs


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
    workshop = _workshop(artefact, finding, evidence, tools)
    if workshop is None:
        return
    repaired = workshop.first(workshop.code())
    if repaired is None:
        repaired = workshop.first(workshop.conditions(), rejecting=True)
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


def _workshop(artefact: PythonModule, finding: Finding, evidence: Counterexample, tools: Tools) -> _Workshop | None:
    program, module = artefact.program(tools.inputs)
    own = {f.qualified: f for f in module.every_function()}
    called = own.get(str(evidence.given["function"]))
    if called is None:
        return None
    claim = evidence.given.get("claim", {})
    blamed = own.get(str(claim.get("function", "")), called)
    lines = {place.line for place, _ in evidence.flow if place.path == artefact.subject and place.line}
    lines |= {finding.location.line or 0, int(claim.get("line", 0)) if claim.get("path") == artefact.subject else 0}
    targets = tuple(dict.fromkeys((blamed, called)))
    return _Workshop(artefact, program, module, called, targets, frozenset(lines), evidence.given, tools)


@dataclass(frozen=True, slots=True)
class _Workshop:
    """A module, the function of a finding in it, and what breaks that."""

    artefact: PythonModule
    program: Program
    module: Module
    called: Function  # what the input of the finding is for
    targets: tuple[Function, ...]  # what may be changed
    lines: frozenset[int]  # that the run of the finding went through
    given: Any
    tools: Tools

    def code(self) -> Iterator[Change]:
        """Yield changes of the code, the most likely first."""
        found = [
            change
            for function in self.targets
            for change in (*changes(function, self.artefact.text), *guards(function, self.artefact.text))
        ]
        own = {(change.start, change.end, change.new): change for change in found}
        ordered = sorted(own.values(), key=lambda c: (c.rank + (0 if c.line in self.lines else 3), c.start, c.new))
        return islice(iter(ordered), _MOST)

    def conditions(self) -> Iterator[Change]:
        """Yield preconditions that may be missing."""
        return preconditions(self.called, self.module, self.artefact.text)

    def first(self, candidates: Iterator[Change], *, rejecting: bool = False) -> tuple[Change, tuple[FunctionResult, ...]] | None:
        """Return the first change with which all is proved, and what is then known of the functions that it touches."""
        while together := tuple(islice(candidates, _TOGETHER)):
            for change in self._unbroken(together, rejecting=rejecting):
                self.tools.deadline.check()
                results = self._proved(change)
                if results is not None:
                    return change, results
        return None

    # Running

    def _unbroken(self, candidates: Sequence[Change], *, rejecting: bool) -> list[Change]:
        """Return the changes with which no input that is tried breaks the function.

        They are put into modules of their own, beside the others, so that one process runs all of them.
        """
        from probatum.code.semantics.packages import folders_of
        from probatum.code.semantics.python import Runner
        from probatum.runner.sandbox import SandboxUnavailable

        self.tools.deadline.check()
        stem, _, ending = self.artefact.subject.rpartition(".")
        names = [f"{stem}__with_change_{number}.{ending}" for number in range(len(candidates))]
        texts = [change.applied(self.artefact.text) for change in candidates]
        twins = self.artefact.program_with(self.tools.inputs, dict(zip(names, texts, strict=True)))
        unbroken: list[Change] = []
        try:
            allowed, packages = bool(self.artefact.options.get("allow-unsandboxed")), folders_of(self.artefact.options)
            with Runner(twins, allow_unsandboxed=allowed, packages=packages) as runner:
                modules = {module.path: module for module in twins.modules.values()}
                for name, change in zip(names, candidates, strict=True):
                    module = modules.get(name)
                    function = None if module is None else _named(module, self.called.name)
                    if function is not None and self._survives(runner, function, rejecting=rejecting):
                        unbroken.append(change)
        except (SandboxUnavailable, UnsupportedConstruct, LookupError):
            return []
        return unbroken

    def _survives(self, runner: Any, function: Function, *, rejecting: bool) -> bool:
        from probatum.code.model.hunt import answers_for
        from probatum.code.semantics.python import Case, Status

        own = Case(self.given["arguments"], self.given.get("shared", {}))
        limits = {"steps": _STEPS, "depth": _DEPTH, "seconds": _RUN_S, "budget": 0.5}
        [first] = runner.run_all(function.qualified, [own], **(limits | {"seconds": _FIRST_S}))
        counted = first.status in (Status.RETURNED, Status.RAISED)
        if first.violation is not None or (not counted and not (rejecting and first.status is Status.PRECONDITION)):
            return False
        runs = runner.run_all(function.qualified, self._inputs(runner.program, function), **limits)
        for run in runs:
            broken = run.violation is not None and run.status is not Status.LIMIT  # what takes long may end
            if broken and answers_for(runner.program, function, run.violation):
                return False
        return counted or any(run.status in (Status.RETURNED, Status.RAISED) for run in runs)

    def _inputs(self, program: Program, function: Function) -> list[Any]:
        from probatum.code.model.inputs import Maker
        from probatum.code.model.values import case_of

        generator = random.Random(f"{self.tools.seed}/{self.called.qualified}")  # noqa: S311 - reproducibility is the point
        maker = Maker(program, function, generator)
        if maker.possible():
            return []
        drawn = [maker.draw(1 + number // 10) for number in range(_INPUTS // 2)]
        return [case_of(given) for given in (*islice(maker.small(), _INPUTS // 2), *drawn)]

    # Proving

    def _proved(self, change: Change) -> tuple[FunctionResult, ...] | None:
        """Return what is known of the functions that a change touches, if all of it is proved."""
        source = Source(self.artefact.subject, change.applied(self.artefact.text).encode("utf-8", "surrogatepass"))
        try:
            changed = replace(self.artefact, text=source.text().content, source=source, memo={})
            inputs = {**self.tools.inputs, source.path: source}
            program, module = changed.program(inputs)
        except ProbatumError:
            return None
        deadline = Deadline.after(min(_SECONDS, self.tools.deadline.remaining()))
        tools = replace(self.tools, deadline=deadline, inputs=inputs, kept={})
        touched = {f.name for f in self.targets}
        results: dict[str, FunctionResult] = {}
        pending = [f for f in changed.wanted(module) if f.name in touched]
        if self.called.name not in {f.name for f in pending}:
            return None
        pending += [f for f in changed.wanted(module) if f.name not in touched and self._touches(f, program, touched)]
        while pending:
            function = pending.pop(0)
            if function.qualified in results:
                continue
            result = functions.alone(program, function, tools)
            if not result.proved:
                return None
            results[function.qualified] = result
            # A recursive function whose definition a proof uses must end.
            pending += [f for f in changed.wanted(module) if f.qualified in result.rests_on]
        return tuple(results.values())

    def _touches(self, function: Function, program: Program, touched: set[str]) -> bool:
        """Whether the proof of a function says something else after the change of others."""
        before = _named(self.module, function.name)
        if before is None or not _mentions(self.module, function, touched):
            return False
        return functions.question(program, function) != functions.question(self.program, before)


def _named(module: Module, name: str) -> Function | None:
    return next((f for f in module.every_function() if f.name == name), None)


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
