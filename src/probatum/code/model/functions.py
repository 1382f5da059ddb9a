"""What is known of the functions of a Python module: every claim proved, refuted by a run, or open."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from probatum.code.artefacts import PythonModule
from probatum.code.model import deciding
from probatum.code.model.deciding import Decided, Decisions
from probatum.errors import UnsupportedConstruct
from probatum.evidence import Counterexample
from probatum.lower.lowered import Guess, Kind, Lowered, Obligation
from probatum.python.program import Function, Module, ModuleCode, Problem, Program
from probatum.records import dataclass
from probatum.tools import OutOfTime, Tools

if TYPE_CHECKING:
    from probatum.code.model.refuting import Refuter

_NOTHING = "it follows from the preconditions that there is no such input"
_PASSED = (Kind.TYPE, Kind.FRAME)
_INVARIANT = (Kind.ENTRY, Kind.MAINTAINED)
_FEW = 3  # claims that are open, and asked at length before invariants are guessed


@dataclass(frozen=True, slots=True)
class Claimed:
    """One obligation of a function, and what is known of it.

    Attributes
    ----------
    obligation : Obligation
    kind : Kind
        Of an invariant, whether this is about entry or about rounds of the loop.
    parts : tuple of Decided
        What was asked of provers: one question for each way that leads there.
    run : Counterexample or None
        A run that violates it.
    searched : bool
        Whether inputs were tried that could violate it.
    not_run : str
        Why none were, or why few.
    cause : str
        What is likely wrong, if a run violates it; "" if nothing is known.
    """

    obligation: Obligation
    kind: Kind
    parts: tuple[Decided, ...]
    run: Counterexample | None = None
    searched: bool = False
    not_run: str = ""
    cause: str = ""

    @property
    def proved(self) -> bool:
        """Whether it holds for all inputs."""
        return self.run is None and all(part.proved for part in self.parts)

    def cut_short(self) -> Claimed:
        """Return it as it is known when the time is over: what is open may be so for want of time."""
        parts = tuple(part if part.proved else replace(part, late=True) for part in self.parts)
        return self if self.proved or self.run is not None else replace(self, parts=parts)

    @property
    def supposed(self) -> bool:
        """Whether proofs of what comes after it use it although it is open, and a run that breaks it goes on: nothing stops there.

        A sum of no floats is such a thing: it is the integer 0, which is no mistake, but not what later proofs are about.
        """
        return self.kind in _PASSED and bool(self.parts) and not all(part.proved for part in self.parts)


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """What is known of one function.

    Attributes
    ----------
    function : Function
    claims : tuple of Claimed
        In the order of the text.
    problems : tuple of Problem
        What stands in the way of proving anything; then the only claims are those that a run violates.
    assumptions : tuple of str
        What its proofs rest on.
    late : bool
        There was no time for it; then the only claims are those that a run violates.
    rests_on : tuple of str
        Recursive functions whose definitions its proofs use.
    failed : str
        Something that must not happen did: one line about it.
    guesses : tuple of Guess
        Invariants that nobody wrote and that its proofs may use: all of them hold, not all are needed.
    not_run : str
        What the sandbox refused, where nothing can be proved of the function.
    """

    function: Function
    claims: tuple[Claimed, ...] = ()
    problems: tuple[Problem, ...] = ()
    assumptions: tuple[str, ...] = ()
    late: bool = False
    failed: str = ""
    rests_on: tuple[str, ...] = ()
    guesses: tuple[Guess, ...] = ()
    not_run: str = ""

    @property
    def decided(self) -> bool:
        """Whether the function was verified, with whatever result."""
        return not (self.problems or self.late or self.failed)

    @property
    def proved(self) -> bool:
        """Whether all that is claimed of it holds for all inputs."""
        return self.decided and all(claim.proved for claim in self.claims)

    @property
    def refuted(self) -> Claimed | None:
        """The first claim that a run violates."""
        return next((claim for claim in self.claims if claim.run is not None), None)


@dataclass(frozen=True, slots=True)
class ModuleResult:
    """What is known of a module: of its functions, and what it imports that is not there."""

    module: Module
    program: Program
    functions: tuple[FunctionResult, ...]
    problems: tuple[Problem, ...] = ()


def verified(artefact: PythonModule, tools: Tools) -> ModuleResult:
    """Verify the functions of a module; the rules on one artefact share the result.

    Functions for which no time is left are `late`: what was found before counts.

    Raises
    ------
    UnreadableArtefact
        If the module cannot be read.
    """
    key = f"verified {tools.seed}"
    if key not in artefact.memo:
        artefact.memo[key] = _verified(artefact, tools)
    result: ModuleResult = artefact.memo[key]
    return result


def _verified(artefact: PythonModule, tools: Tools) -> ModuleResult:
    from probatum.code.model.endings import resting
    from probatum.code.model.unchanged import Unchanged
    from probatum.python.parts import without

    unchanged = Unchanged(artefact, tools)
    left_out = [known.part for known in unchanged.known]
    text = without(artefact.text, left_out)
    program, module = artefact.program_without(tools.inputs, text) if left_out else artefact.program(tools.inputs)
    used: dict[str, str] = {}
    answers: dict[str, tuple[str, ...]] = {}
    results: list[FunctionResult] = []
    with _refuter(artefact, program, tools) as refuter:
        for function in artefact.wanted(module, program):
            own: dict[str, str] = {}
            results.append(_careful(program, function, refuter, tools, own))
            answers[function.name] = tuple(own)
            used |= own
    results = resting(results, program, lambda function: _careful(program, function, None, tools, used))
    used |= refuter.used
    if tools.options.get("certify"):
        from probatum.code.model.certifying import certified

        results = certified(results, tools, used)
    if not module.problems:
        used |= unchanged.kept(results, answers, used)
    if unchanged.known:
        results += [result for known in unchanged.known for result in known.results]
        results.sort(key=lambda r: (isinstance(r.function, ModuleCode), r.function.place.line, r.function.place.column))
    if not any(result.late for result in results):
        tools.kept.clear()  # of functions that are gone, or are not what they were
    tools.kept.update(used)
    return ModuleResult(module, program, tuple(results), module.problems)


def alone(program: Program, function: Function, tools: Tools) -> FunctionResult:
    """Verify one function, and run nothing: what is not proved is open.

    Whether functions end whose definitions the proofs use (`rests_on`) is for the caller to ask.
    """
    return _careful(program, function, None, tools, {})


def question(program: Program, function: Function) -> str:
    """Return all that a proof of a function depends on, as one text; "" if it cannot be verified."""
    from probatum.lower.lowering import lower

    try:
        return lower(program, function).text
    except (RecursionError, UnsupportedConstruct):
        return ""


def _refuter(artefact: PythonModule, program: Program, tools: Tools) -> Refuter:
    from probatum.code.model.refuting import Refuter

    return Refuter(artefact, program, tools)


def _careful(program: Program, function: Function, refuter: Refuter | None, tools: Tools, used: dict[str, str]) -> FunctionResult:
    """Verify a function; whatever goes wrong with it leaves the others alone."""
    if tools.deadline.remaining() <= 0:
        return FunctionResult(function, late=True)
    mistakes = tuple(problem for problem in function.problems if not problem.unsupported)
    if mistakes:
        return FunctionResult(function, problems=mistakes)
    try:
        return _function(program, function, refuter, tools, used)
    except OutOfTime:
        return FunctionResult(function, late=True)
    except RecursionError:
        return FunctionResult(function, problems=(Problem(function.place, "expressions that are nested too deeply"),))
    except UnsupportedConstruct as error:
        return FunctionResult(function, problems=(Problem(function.place, error.message),))
    except Exception as error:  # noqa: BLE001 - a defect of ours in one function is said of that function
        return FunctionResult(function, failed=_described(error))


def _described(error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "probatum" in Path(frame.filename).parts]
    where = f" at {Path(frames[-1].filename).stem}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}: {str(error).splitlines()[0] if str(error) else 'no words'}"


def _function(
    program: Program, function: Function, refuter: Refuter | None, tools: Tools, used: dict[str, str]
) -> FunctionResult:
    from probatum.lower.lowering import lower

    lowered = lower(program, function)
    tools.deadline.check()
    if lowered.unsupported is not None:  # what is broken can be shown all the same
        broken = refuter.refute(function, ()) if refuter is not None else ()
        refused = refuter.refused if refuter is not None else ""
        broken = refuter.explained(broken) if refuter is not None else broken
        return FunctionResult(function, tuple(broken), problems=(lowered.unsupported,), not_run=refused)
    decisions = _asked(lowered, tools, used, patient=False)
    claims = list(_claims(lowered, decisions))
    try:
        if refuter is not None and not all(claim.proved for claim in claims):
            # Most mistakes show at once, and then nothing else need be asked.
            claims = refuter.refute(function, claims, briefly=True, conditional=bool(lowered.rests_on))
        # Of what is broken, nobody waits for the rest: hardly anything is proved at length that was not proved before, and
        # what a longer search finds besides is often the same mistake.
        if not all(claim.proved for claim in claims) and not any(claim.run is not None for claim in claims):
            lowered, decisions = _at_length(program, function, lowered, decisions, tools=tools, used=used)
            claims = list(_claims(lowered, decisions))
            if refuter is not None and not all(claim.proved for claim in claims):
                claims = refuter.refute(function, claims, conditional=bool(lowered.rests_on))
    except OutOfTime:  # what was found before counts
        claims = [claim.cut_short() for claim in claims]
    if refuter is not None:
        claims = refuter.explained(claims)
    return FunctionResult(
        function,
        tuple(claims),
        assumptions=_assumptions(lowered, decisions),
        rests_on=tuple(lowered.rests_on),
        guesses=held(lowered, decisions),
    )


def held(lowered: Lowered, decisions: Decisions) -> tuple[Guess, ...]:
    """Return the guesses that hold together, of the loops in the order of the text, each condition once."""
    found = [lowered.guesses[name] for name in decisions.held if name in lowered.guesses]
    return tuple(sorted(dict.fromkeys(found), key=lambda g: g.place.line))


def guessed(program: Program, function: Function, tools: Tools) -> FunctionResult:
    """Verify one function with guessed invariants, and run nothing."""
    from probatum.lower.lowering import lower

    lowered = lower(program, function, guess=True)
    if lowered.unsupported is not None:
        return FunctionResult(function, problems=(lowered.unsupported,))
    decisions = _asked(lowered, tools, {}, guesses=True)
    return FunctionResult(function, tuple(_claims(lowered, decisions)), guesses=held(lowered, decisions))


def as_written(program: Program, function: Function, tools: Tools, *, patient: bool) -> FunctionResult:
    """Verify one function with nothing but what its author wrote, and run nothing; `patient`: at length."""
    from probatum.lower.lowering import lower

    lowered = lower(program, function)
    if lowered.unsupported is not None:
        return FunctionResult(function, problems=(lowered.unsupported,))
    decisions = _asked(lowered, tools, {}, patient=patient)
    return FunctionResult(function, tuple(_claims(lowered, decisions)), rests_on=tuple(lowered.rests_on))


def _at_length(
    program: Program, function: Function, lowered: Lowered, decisions: Decisions, *, tools: Tools, used: dict[str, str]
) -> tuple[Lowered, Decisions]:
    """Ask again, with more work and with invariants that are guessed; return what was asked, and the answers that leave least open."""
    from probatum.lower.lowering import lower

    if any(claim.unsupported for claim in decisions.claims):
        return lowered, decisions
    # One claim takes long if nothing proves it. Of many it is seldom known whether they lack work or an invariant, so that
    # invariants are guessed first: what is asked at length is asked once.
    guess, last = _has_loop(lowered), _open(lowered, decisions) > _FEW
    if decisions.unsettled and not (guess and last):
        decisions = _asked(lowered, tools, used)
    guessing = False
    if guess and _open(lowered, decisions):
        guessed = lower(program, function, guess=True)
        if guessed.unsupported is None:
            more = _asked(guessed, tools, used, guesses=True, patient=not last)
            if _open(guessed, more) < _open(lowered, decisions):
                lowered, decisions, guessing = guessed, more, True
    if guess and last and decisions.unsettled:
        decisions = _asked(lowered, tools, used, guesses=guessing)
    return lowered, decisions


def _asked(lowered: Lowered, tools: Tools, used: dict[str, str], *, guesses: bool = False, patient: bool = True) -> Decisions:
    """Ask provers about a lowered function, or remember what they said."""
    probes = {line for line, obligation in lowered.obligations.items() if obligation.kind.is_probe}
    key, decisions = deciding.decide(lowered.text, guesses=guesses, tools=tools, probes=probes, patient=patient)
    _keep(key, decisions, tools, used)
    return decisions


def _keep(key: str, decisions: Decisions, tools: Tools, used: dict[str, str]) -> None:
    if (entry := tools.kept.get(key) or deciding.kept(decisions)) is not None:
        used[key] = entry


def _open(lowered: Lowered, decisions: Decisions) -> int:
    return sum(not claim.proved for claim in _claims(lowered, decisions))


def _has_loop(lowered: Lowered) -> bool:
    """Whether there is a loop in a function, or in a body that stands for a call."""
    return "\n  head'" in lowered.text or "\nhead'" in lowered.text


def _claims(lowered: Lowered, decisions: Decisions) -> Iterator[Claimed]:
    """Group what was asked by what it is asked for, in the order of the Python text."""
    groups: dict[tuple[int, Kind], list[Decided]] = {}
    for decided in decisions.claims:
        line = next((number for number in (decided.line, decided.related) if number in lowered.obligations), None)
        if line is None and decided.proved:
            continue  # a candidate that says nothing: `guess ==> true` is true, and no candidate any more
        if line is None:
            raise AssertionError(f"nothing is claimed in line {decided.line} of the lowered function")
        kind = lowered.obligations[line].kind
        if kind in _INVARIANT and decided.claim in ("ENTRY", "MAINTAINED"):
            kind = Kind[decided.claim]
        if kind.is_probe:
            if not decided.proved:
                continue  # some input satisfies the contract, or nobody can tell
            reason = _NOTHING if kind is Kind.VACUOUS else "it follows from what is known there"
            groups.setdefault((line, kind), []).append(replace(decided, proved=False, reason=reason))
        else:
            groups.setdefault((line, kind), []).append(decided)
    asked = {decided.line for decided in decisions.claims}
    for line, obligation in lowered.obligations.items():
        if obligation.kind is Kind.VACUOUS and line not in asked:  # nothing reaches it, as the text of the program shows
            groups[line, Kind.VACUOUS] = [Decided(line, 0, "ASSERT", proved=False, reason=_NOTHING)]
    found = [Claimed(lowered.obligations[line], kind, tuple(parts)) for (line, kind), parts in groups.items()]
    yield from sorted(found, key=lambda c: (c.obligation.place.line, c.obligation.place.column, c.kind.name, c.obligation.text))


def _assumptions(lowered: Lowered, decisions: Decisions) -> tuple[str, ...]:
    rests = ["the obligations say what the function says", "memory and the depth of calls suffice"]
    if decisions.guessed:
        rests.append("invariants of loops that were guessed, and proved with the others")
    return (*rests, *lowered.assumptions, *(f"warning: {warning.message}" for warning in lowered.warnings))
