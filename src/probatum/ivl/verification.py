"""Verify a program: from a text or a checked tree to one result per claim.

    from probatum import ivl

    result = ivl.verify(Path("queue.bpl").read_text(), file="queue.bpl")
    for body in result.bodies:
        print(body.name, body.verified)

Obligations are written while others are being decided, and forgotten once they
are, so memory does not grow with the program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol, TypeAlias

from probatum.findings import Why
from probatum.ivl.blocks import Body, Claim, Label, Module
from probatum.ivl.conditions import Condition, Conditions, Context, Obligation, conditions, trace
from probatum.ivl.conditions.traces import return_position
from probatum.ivl.conditions.unreachable import ends, found
from probatum.ivl.flags import count
from probatum.ivl.options import Options
from probatum.ivl.outcomes import BodyResult, Outcome, StaticError, Trace, Verdict, Verification
from probatum.ivl.syntax.tree import NOWHERE, Position, Program
from probatum.ivl.terms import Term
from probatum.ivl.theory import Theory
from probatum.ivl.unsupported import Refused, Unsupported
from probatum.records import dataclass

if TYPE_CHECKING:
    from probatum.solve.prover import Decision
    from probatum.solve.prover import Obligation as Question

Key: TypeAlias = tuple[int, int]

SIMPLIFIED = "by simplification"


class Decider(Protocol):
    """What decides obligations: `probatum.solve.prover.Prover`, or something else in its place."""

    def decide(self, obligations: Iterable[tuple[Key, Question]]) -> Iterator[tuple[Key, Decision]]:
        """Give a decision for every obligation, in the order in which they are decided."""
        ...


OnText: TypeAlias = Callable[[str, int, Label, str], None]


def compile_text(text: str, file: str, options: Options | None = None) -> tuple[Program | None, tuple[StaticError, ...]]:
    """Parse and check a program.

    Parameters
    ----------
    text : str
    file : str
        What positions call it.
    options : Options, optional
        Its libraries are added to the program.

    Returns
    -------
    (Program or None, tuple of StaticError)
        No program if one of the errors is more than a warning.
    """
    from probatum.ivl.syntax.parser import parse

    program, errors = parse(text, file)
    if any(error.kind == "error" for error in errors):
        return None, tuple(errors)
    checked, more = check_program(program, options)
    return checked, (*errors, *more)


def check_program(program: Program, options: Options | None = None) -> tuple[Program | None, tuple[StaticError, ...]]:
    """Add libraries to a parsed program, resolve names and check types."""
    from probatum.ivl.checking import check
    from probatum.ivl.libraries import extended

    program = extended(program, (options or Options()).libraries)
    errors = check(program)
    return (None if any(error.kind == "error" for error in errors) else program), tuple(errors)


def verify(
    program: Program | str,
    options: Options | None = None,
    *,
    file: str = "program.bpl",
    prover: Decider | None = None,
    keep_texts: bool = False,
    on_text: OnText | None = None,
) -> Verification:
    """Verify a program.

    Parameters
    ----------
    program : Program or str
        A checked tree, or a text.
    options : Options, optional
    file : str
        What positions call the text.
    prover : Prover, optional
        Kept by the caller, so that several programs share its workers; otherwise one is made and closed.
    keep_texts : bool
        Whether each outcome carries its obligation.
    on_text : callable, optional
        Is given the name of the body, the number of the claim, its label and the obligation, before it is asked.

    Returns
    -------
    Verification
        Nothing in it is a pass that was not proved: what is not handled is `unsupported`.
    """
    options = options or Options()
    warnings: tuple[StaticError, ...] = ()
    if isinstance(program, str):
        compiled, found_errors = compile_text(program, file, options)
        if compiled is None:
            return Verification(found_errors, ())
        program, warnings = compiled, found_errors
    if not options.verify:
        return Verification(warnings, ())
    from probatum.ivl.elaborate import elaborate

    try:
        theory, module = elaborate(program, options)
    except Refused as problem:
        return Verification((*warnings, *problem.errors), ())
    except Unsupported as problem:
        return Verification(warnings, (_unsupported("", NOWHERE, problem),))
    with _prover(prover, options) as decider:
        driver = Driver(module, theory, options, decider, keep_texts=keep_texts, on_text=on_text)
        try:
            if options.infer or options.intervals or options.templates:
                return _inferred(driver, warnings)
            bodies = driver.decide([body for body in module.bodies if wanted(body, options)])
        except Refused as problem:
            return Verification((*warnings, *problem.errors), ())
    return Verification(warnings, tuple(bodies), warnings=tuple(driver.warnings))


def bodies(
    program: Program, options: Options | None = None, *, prover: Decider | None = None, keep_texts: bool = False
) -> Iterator[BodyResult]:
    """Verify the implementations of a checked program one after the other, so that a caller may stop in between.

    Parameters
    ----------
    program, options, prover, keep_texts
        As for `verify`; invariants are not inferred.

    Raises
    ------
    Refused
        If the program has errors that show only when types become ground.
    """
    from probatum.ivl.elaborate import elaborate

    options = options or Options()
    try:
        theory, module = elaborate(program, options)
    except Unsupported as problem:
        yield _unsupported("", NOWHERE, problem)
        return
    with _prover(prover, options) as decider:
        driver = Driver(module, theory, options, decider, keep_texts=keep_texts)
        for body in module.bodies:
            if wanted(body, options):
                yield from driver.decide([body])


def wanted(body: Body, options: Options) -> bool:
    """Whether options ask for the verification of a body; `*` in a name stands for anything."""

    def matches(patterns: Sequence[str]) -> bool:
        return any(re.fullmatch(".*".join(map(re.escape, p.split("*"))), body.name) for p in patterns)

    return (not options.procedures or matches(options.procedures)) and not matches(options.ignored_procedures)


@dataclass(slots=True, eq=False)
class _Task:
    """A body under way: its conditions until all are decided."""

    body: Body
    conditions: Conditions
    claims: list[Condition]
    outcomes: list[Outcome | None]
    left: int
    keys: list[str] = field(default_factory=list)  # digests of the obligations
    asked: dict[int, Obligation] = field(default_factory=dict)  # that are being decided, by their claims
    written: bool = False  # every claim was asked, or needs no answer
    probes: int = 0  # how many of the claims, at the end, only ask whether code is reached


@dataclass(slots=True, eq=False)
class Driver:
    """Decides bodies of one module; used again for each round of an inference.

    Attributes
    ----------
    module, theory, options
    decider : Decider
    keep_texts : bool
    on_text : callable or None
    ready : bool
        The bodies that are given have no calls any more.
    warnings : list of StaticError
        Code that is never reached, where options ask for it.
    """

    module: Module
    theory: Theory
    options: Options
    decider: Decider
    keep_texts: bool = False
    on_text: OnText | None = None
    ready: bool = False
    warnings: list[StaticError] = field(default_factory=list)
    _context: Context | None = None

    def decide(self, bodies: Sequence[Body], theory: Theory | None = None, together: bool = False) -> list[BodyResult]:
        """Verify bodies; results in their order. `together`: one claim per body, all its candidates, without values."""
        context = self._shared(theory or self.theory)
        tasks: dict[int, _Task] = {}
        results: dict[int, BodyResult] = {}
        for (number, place), decision in self.decider.decide(self._questions(bodies, context, tasks, results, together)):
            task = tasks[number]
            task.outcomes[place] = self._outcome(task, place, decision)
            task.left -= 1
            if task.left == 0 and task.written:
                results[number] = self._result(tasks.pop(number))
        return [results[number] for number in range(len(bodies))]

    def _shared(self, theory: Theory) -> Context:
        """Return the context of a theory; kept for the next bodies, which have much in common with these."""
        if self._context is None or self._context.theory is not theory:
            self._context = Context(theory, self.options.prune)
        return self._context

    def _questions(
        self,
        bodies: Sequence[Body],
        context: Context,
        tasks: dict[int, _Task],
        results: dict[int, BodyResult],
        together: bool,
    ) -> Iterator[tuple[Key, Question]]:
        from probatum.solve.prover import Obligation as Question

        for number, body in enumerate(bodies):
            if body.unsupported:
                results[number] = _unsupported(body.name, body.position, Unsupported(body.unsupported))
                continue
            try:
                ready = body if self.ready else self.prepared(body, context)
                divided = self.options.split_on_every_assert
                empty = self.options.remove_empty_blocks and not self.options.smoke
                made = conditions(ready, self.module.wheres, context, remove_empty=empty, divided=divided, together=together)
            except Unsupported as problem:
                results[number] = _unsupported(body.name, body.position, problem)
                continue
            claims = list(made)
            probes = list(ends(made)) if self.options.smoke and not together else []
            claims += probes
            task = tasks[number] = _Task(body, made, claims, [None] * len(claims), len(claims), probes=len(probes))
            timeout_s, rlimit = self._limits(body)
            for place, claim in enumerate(claims):
                obligation = claim.obligation()
                if self.on_text is not None:
                    self.on_text(body.name, place, claim.label, obligation.text)
                task.keys.append(sha256(obligation.text.encode()).hexdigest())
                if obligation.trivial:
                    task.outcomes[place] = self._proved(task, place, obligation)
                    task.left -= 1
                    continue
                task.asked[place] = obligation
                yield (
                    (number, place),
                    Question(
                        text=obligation.text,
                        values=obligation.values(blocks_only=together),
                        rlimit=rlimit,
                        timeout_s=timeout_s,
                        options=self.options.solver_options,
                    ),
                )
            task.written = True
            if task.left == 0:
                results[number] = self._result(tasks.pop(number))

    def _limits(self, body: Body) -> tuple[float | None, int | None]:
        """Return seconds and work for each claim: `{:timeLimit n}` and `{:rlimit n}`, otherwise the options; 0 is no limit."""
        found = []
        for key in ("timeLimit", "rlimit"):
            own = count(body.attributes, key)
            found.append(count(body.routine.attributes, key) if own is None else own)
        seconds, work = found
        return (
            self.options.timeout_s if seconds is None else seconds or None,
            self.options.rlimit if work is None else work or None,
        )

    def prepared(self, body: Body, context: Context) -> Body:
        """Return a body without calls and, if asked for, with its loops unrolled.

        Raises
        ------
        Unsupported
        """
        from probatum.ivl.calls import closed, expand
        from probatum.ivl.inlining import inline
        from probatum.ivl.unrolling import unroll

        bank, options = context.bank, self.options
        body = inline(body, self.module, bank, options)
        if options.infer and options.inline_depth > 0:
            body = inline(body, self.module, bank, options, depth=options.inline_depth)
        if options.loop_unroll is not None:
            body = unroll(body, bank, options.loop_unroll, sound=options.sound_unrolling)
        body = closed(body, self.module, bank, options)
        return expand(body, self.module, bank, options)

    # Results

    def _proved(self, task: _Task, place: int, obligation: Obligation) -> Outcome:
        return Outcome(
            Verdict.PROVED,
            task.body.name,
            task.claims[place].label,
            text=obligation.text if self.keep_texts else "",
            key=task.keys[place],
            solver=SIMPLIFIED,
        )

    def _outcome(self, task: _Task, place: int, decision: Decision) -> Outcome:
        claim = task.claims[place]
        obligation = task.asked.pop(place)
        made = Outcome(
            Verdict.PROVED,
            task.body.name,
            claim.label,
            text=obligation.text if self.keep_texts else "",
            key=task.keys[place],
            solver=decision.solver,
            effort=decision.effort,
            seconds=decision.seconds,
            cached=decision.cached,
        )
        if decision.answer == "unsat":
            return made
        path: Trace | None = None
        if decision.answer == "sat" or decision.candidate or decision.why is Why.SOLVER_GAVE_UP:
            path = trace(claim, obligation, decision.values, candidate=decision.answer != "sat")
        if decision.answer == "sat":
            return replace(made, verdict=Verdict.REFUTED, trace=path)
        late = decision.why is Why.TIME_LIMIT
        # What no clock had a part in ended at a limit of work; Boogie knows that one only if somebody asked for it.
        exhausted = late and decision.repeatable and self._limits(task.body)[1] is not None
        return replace(
            made,
            verdict=Verdict.NOT_PROVED,
            reason=decision.reason,
            trace=path,
            timed_out=late and not exhausted,
            exhausted=exhausted,
        )

    def _result(self, task: _Task) -> BodyResult:
        outcomes = [outcome for outcome in task.outcomes if outcome is not None]
        if len(outcomes) != len(task.claims):
            raise AssertionError(f"a claim of `{task.body.name}` has no result")
        if task.probes:
            probed = list(zip(task.claims, outcomes, strict=True))[-task.probes :]
            outcomes = outcomes[: -task.probes]
            if all(outcome.verdict is Verdict.PROVED for outcome in outcomes):
                dead = [claim.block for claim, outcome in probed if outcome.verdict is Verdict.PROVED]
                self.warnings += found(task.conditions, dead)
        errors = [outcome for outcome in outcomes if is_error(outcome)]
        errors.sort(key=_order)
        limit = self.options.error_limit or len(errors)
        return BodyResult(task.body.name, task.body.position, tuple(outcomes), tuple(errors[:limit]), note(outcomes))


def is_error(outcome: Outcome) -> bool:
    """Whether an outcome counts as an error, as Boogie counts: there is a counterexample, or a candidate for one."""
    if outcome.verdict is Verdict.REFUTED:
        return True
    return outcome.verdict is Verdict.NOT_PROVED and outcome.trace is not None and not (outcome.timed_out or outcome.exhausted)


def reported_at(outcome: Outcome) -> Position:
    """Return where an outcome is reported: a postcondition where the path returns."""
    if outcome.label.claim is Claim.POSTCONDITION and outcome.trace is not None and outcome.trace.return_position is not None:
        return outcome.trace.return_position
    return outcome.label.position


def note(outcomes: Sequence[Outcome]) -> str:
    """Return what Boogie says of a body instead of errors; "" if it is verified or has errors."""
    if any(outcome.verdict is Verdict.UNSUPPORTED for outcome in outcomes):
        return "unsupported"
    if any(is_error(outcome) for outcome in outcomes):
        return ""
    open_ = [outcome for outcome in outcomes if outcome.verdict is Verdict.NOT_PROVED]
    if not open_:
        return ""
    if any(outcome.timed_out for outcome in open_):
        return "timed out"
    return "out of resource" if any(outcome.exhausted for outcome in open_) else "inconclusive"


def _order(outcome: Outcome) -> tuple[int, int, list[tuple[int, int]]]:
    at = reported_at(outcome)
    steps = outcome.trace.steps if outcome.trace is not None else ()
    return at.line * 1000 + at.column, len(steps), [(step.position.line, step.position.column) for step in steps]


def _unsupported(name: str, position: Position, problem: Unsupported) -> BodyResult:
    where = problem.position if problem.position != NOWHERE else position
    label = Label(Claim.ASSERT, where)
    outcome = Outcome(Verdict.UNSUPPORTED, name, label, reason=problem.construct)
    return BodyResult(name, position, (outcome,), (), "unsupported")


def _prover(given: Decider | None, options: Options) -> AbstractContextManager[Decider]:
    if given is not None:
        return nullcontext(given)
    from probatum.solve.prover import Prover

    return Prover(seed=options.seed)


def _inferred(driver: Driver, warnings: tuple[StaticError, ...]) -> Verification:
    from probatum.ivl.guesses import guessed
    from probatum.ivl.houdini import infer

    context = Context(driver.theory, driver.options.prune)
    given = dict(driver.module.existentials) if driver.options.infer else {}
    guesses: dict[str, Term] = {}
    bodies = []
    for body in driver.module.bodies:
        if not wanted(body, driver.options):
            continue
        try:
            own = driver.prepared(body, context)
        except Unsupported as problem:
            bodies.append(replace(body, blocks=[], unsupported=problem.construct))
            continue
        if not own.unsupported:
            own, constants = guessed(own, context.bank, driver.options, len(bodies))
            guesses |= constants
        bodies.append(own)
    driver.ready = True  # candidates in specifications are assertions now
    result = infer(bodies, driver.theory, given | guesses, driver.decide)
    results = tuple(_without(one, guesses) for one in result.results) if guesses else result.results
    assignment = {name: kept for name, kept in result.assignment.items() if name in given} if driver.options.infer else None
    return Verification(warnings, results, assignment, tuple(driver.warnings))


def _without(result: BodyResult, guesses: Mapping[str, Term]) -> BodyResult:
    """Return a result without what nobody claimed: the guesses, all of which are proved or dropped by now."""
    if any(o.label.candidate in guesses and o.verdict is not Verdict.PROVED for o in result.outcomes):
        raise AssertionError(f"`{result.name}` rests on a guess that is not proved")
    return replace(result, outcomes=tuple(o for o in result.outcomes if o.label.candidate not in guesses))


__all__ = [
    "Decider",
    "Driver",
    "check_program",
    "compile_text",
    "is_error",
    "note",
    "reported_at",
    "return_position",
    "verify",
    "wanted",
]
