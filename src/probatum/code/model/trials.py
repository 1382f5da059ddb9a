"""Small changes of a function, tried on inputs: which of them does nothing break that is tried?

Changed modules run beside the others, many in one process. What survives may be
the cause of a finding (`likely`), and is what is worth proving (`repair`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from probatum.code.artefacts import PythonModule
from probatum.code.model.changes import Change, changes
from probatum.code.model.reach import without_the_rest
from probatum.code.model.slips import guards, slips
from probatum.errors import UnsupportedConstruct
from probatum.evidence import Counterexample
from probatum.python.program import Function, Module, Program
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.code.semantics.python import Case, Runner

TOGETHER = 24  # changes that are run in one process
_MOST = 600  # changes that are tried
_LIKELY = 2 * TOGETHER  # changes that are tried for a likely cause,
_LINES = 8_000  # of changed modules that are read and prepared for it: of a long module fewer changes are tried,
_USUAL = 12  # and how many of them first: to prepare one takes longer than to run it
_UNUSUAL = 5  # ranks of changes that are no likely cause
_INPUTS = 60  # besides the one that breaks the function
_FEW = 8  # of them that are run first
_STEPS, _DEPTH, _RUN_S = 5_000, 80, 0.05  # of one run
_FIRST_S = 0.5  # of the first one in a module, which imports what it needs
_NEAR = 1  # lines from where the finding is


@dataclass(frozen=True, slots=True)
class Trials:
    """A module, the function of a finding in it, and what breaks that.

    Attributes
    ----------
    called : Function
        What the input of the finding is for.
    targets : tuple of Function
        What may be changed.
    place : int
        The line of the finding.
    lines : frozenset of int
        Those that its run went through.
    text : str
        That of the module, with blanks for the functions that no such run can reach: changed modules are made of it.
    given : mapping
        The input, as in the evidence.
    """

    artefact: PythonModule
    program: Program
    module: Module
    called: Function
    targets: tuple[Function, ...]
    place: int
    lines: frozenset[int]
    text: str
    given: Any
    tools: Tools

    def code(self) -> Iterator[Change]:
        """Yield changes of the code, the most likely first."""
        text = self.artefact.text
        found: list[Change] = []
        for function in self.targets:
            owner = self.module.classes.get(function.owner)
            fields = {name: field.type for name, field in owner.fields.items()} if owner is not None else {}
            found += (*changes(function, text, fields), *slips(function, text), *guards(function, text))
        own: dict[tuple[int, int, str], Change] = {}
        for change in found:
            known = own.setdefault((change.start, change.end, change.new), change)
            if change.rank < known.rank:
                own[change.start, change.end, change.new] = change
        ordered = sorted(own.values(), key=lambda c: (self._rank(c), c.start, c.new))
        return islice(iter(ordered), _MOST)

    def _rank(self, change: Change) -> int:
        """Return how unlikely a change is: less where the run ended, more where it never was."""
        if change.line not in self.lines:
            return 2 * change.rank + 6
        return 2 * change.rank - (abs(change.line - self.place) <= _NEAR)

    def unbroken(self, candidates: Sequence[Change], *, rejecting: bool = False) -> Iterator[Change]:
        """Yield the changes with which no input that is tried breaks the function.

        They are put into modules of their own, beside the others, so that one process runs all of them.

        Parameters
        ----------
        candidates : sequence of Change
        rejecting : bool
            Whether the input of the finding may be one that does not count any more.
        """
        from probatum.code.semantics.packages import folders_of
        from probatum.code.semantics.python import Runner
        from probatum.runner.sandbox import SandboxUnavailable

        self.tools.deadline.check()
        stem, _, ending = self.artefact.subject.rpartition(".")
        names = [f"{stem}__with_change_{number}.{ending}" for number in range(len(candidates))]
        texts = [change.applied(self.text) for change in candidates]
        twins = self.artefact.program_with(self.tools.inputs, dict(zip(names, texts, strict=True)), self.text)
        try:
            allowed, packages = bool(self.artefact.options.get("allow-unsandboxed")), folders_of(self.artefact.options)
            deadline = self.tools.deadline
            with Runner(twins, allow_unsandboxed=allowed, packages=packages, deadline=deadline) as runner:
                modules = {module.path: module for module in twins.modules.values()}
                for name, change in zip(names, candidates, strict=True):
                    module = modules.get(name)
                    function = None if module is None else named(module, self.called.name)
                    if function is not None and self._survives(runner, function, rejecting=rejecting):
                        yield change
        except (SandboxUnavailable, UnsupportedConstruct, LookupError):
            return

    def _survives(self, runner: Runner, function: Function, *, rejecting: bool) -> bool:
        from probatum.code.model.hunt import answers_for
        from probatum.code.semantics.python import Case, Status

        own = Case(self.given["arguments"], self.given.get("shared", {}))
        [first] = runner.run_all(function.qualified, [own], steps=_STEPS, depth=_DEPTH, seconds=_FIRST_S, budget=0.5)
        # In some syntaxes any exception may escape. What only raises instead of going wrong is no better for that.
        ended = {Status.RETURNED, Status.RAISED} if function.contract.raises else {Status.RETURNED}
        counted = first.status in ended
        if first.violation is not None or (not counted and not (rejecting and first.status is Status.PRECONDITION)):
            return False
        inputs = iter(self._inputs(runner.program, function))
        width = _FEW  # most of what is wrong shows at once
        while cases := list(islice(inputs, width)):
            runs = runner.run_all(function.qualified, cases, steps=_STEPS, depth=_DEPTH, seconds=_RUN_S, budget=0.5)
            if 2 * sum(run.status is Status.LIMIT for run in runs) > len(runs):
                return False  # one may take long and end; not most of them
            for run in runs:
                counted = counted or run.status in ended
                broken = run.violation if run.status is not Status.LIMIT else None
                if broken is not None and answers_for(runner.program, function, broken):
                    return False
            width = _INPUTS
        return counted

    def _inputs(self, program: Program, function: Function) -> list[Case]:
        from probatum.code.model.inputs import Maker
        from probatum.code.model.values import case_of

        generator = random.Random(f"{self.tools.seed}/{self.called.qualified}")  # noqa: S311 - reproducibility is the point
        maker = Maker(program, function, generator)
        if maker.possible():
            return []
        drawn = [maker.draw(1 + number // 10) for number in range(_INPUTS // 2)]
        return [case_of(given) for given in (*islice(maker.small(), _INPUTS // 2), *drawn)]


def trials(artefact: PythonModule, evidence: Counterexample, line: int, tools: Tools) -> Trials | None:
    """Return what changes can be tried on; None if the function of the evidence is not in the module.

    Parameters
    ----------
    line : int
        Where the finding is.
    """
    program, module = artefact.program(tools.inputs)
    own = {f.qualified: f for f in module.every_function()}
    called = own.get(str(evidence.given["function"]))
    if called is None:
        return None
    claim = evidence.given.get("claim", {})
    blamed = own.get(str(claim.get("function", "")), called)
    lines = {place.line for place, _ in evidence.flow if place.path == artefact.subject and place.line}
    lines |= {line, int(claim.get("line", 0)) if claim.get("path") == artefact.subject else 0}
    targets = tuple(dict.fromkeys((blamed, called)))
    last = next((p.line for p, _ in reversed(evidence.flow) if p.path == artefact.subject and p.line), line)
    text, stem = artefact.text, PurePosixPath(artefact.subject).stem.encode()
    if module.text == text and not any(stem in source.raw for source in tools.inputs.values()):  # else one may import this module
        text = without_the_rest(module, [f.name for f in targets])
    return Trials(artefact, program, module, called, targets, last or line, frozenset(lines), text, evidence.given, tools)


def likely(artefact: PythonModule, evidence: Counterexample, line: int, tools: Tools) -> str:
    """Return the likely cause of a violation: the most usual slip without which nothing that is tried breaks; "" if none is found.

    It is no proof, and says so: `repair` proves what it proposes.
    """
    own = trials(artefact, evidence, line, tools)
    if own is None or artefact.source.text().content != artefact.text:
        return ""
    most = max(1, min(_LIKELY, _LINES // (sum(1 for line in own.text.split("\n") if line.strip()) + 1)))
    candidates = islice((change for change in own.code() if change.rank < _UNUSUAL), most)
    width = _USUAL
    while together := tuple(islice(candidates, width)):
        for change in own.unbroken(together):
            return f"line {change.line} may be wrong: with {change.title}, no input that was tried breaks it"
        width = TOGETHER
    return ""


def named(module: Module, name: str) -> Function | None:
    """Return the function of a module with a name, methods too."""
    return next((f for f in module.every_function() if f.name == name), None)
