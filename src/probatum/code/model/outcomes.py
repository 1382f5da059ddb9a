"""Outcomes about Python functions: for every obligation one, in the words of the function's author, and one for the whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from probatum.code.artefacts import PythonModule
from probatum.code.model.deciding import Decided
from probatum.code.model.functions import Claimed, FunctionResult, verified
from probatum.code.model.invented import loops_in_words
from probatum.evidence import Proof
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.lower.lowered import Kind
from probatum.python.program import Place, Problem
from probatum.source import Location
from probatum.tools import Tools

LONGEST = 160  # characters of a message, see `probatum.testing.promises`

_holds = {
    Kind.POSTCONDITION: "the postcondition {} holds",
    Kind.PRECONDITION: "the precondition {} of the callee holds",
    Kind.ENTRY: "the loop invariant {} holds on entry",
    Kind.MAINTAINED: "the loop maintains its invariant {}",
    Kind.ASSERTION: "the assertion {} holds",
    Kind.INDEX: "the index is in range in {}",
    Kind.KEY: "the key is there in {}",
    Kind.NONE: "the value is not None in {}",
    Kind.DIVISION: "the divisor is not zero in {}",
    Kind.UNPACKING: "the number of values to unpack is right in {}",
    Kind.ATTRIBUTE: "the attribute is there in {}",
    Kind.TYPE: "the value has the right type in {}",
    Kind.VALUE: "the operation accepts its arguments in {}",
    Kind.RANGE: "the integer stays in its range in {}",
    Kind.TERMINATION: "it terminates: {} decreases",
    Kind.EXCEPTION: "no exception escapes that is not declared: {}",
    Kind.RAISES: "what is declared of an exception holds: {}",
    Kind.FRAME: "nothing changes but what the contract allows to change: {}",
    Kind.DEFINED: "the contract itself raises nothing: {}",
    Kind.CLASS_INVARIANT: "the invariant of the class holds: {}",
    Kind.OVERRIDE: "the contract keeps that of the method it overrides: {}",
    Kind.VACUOUS: "the contract can be satisfied: {}",
    Kind.REFUTABLE: "what must not hold does not: {}",
}
_breaks = {
    Kind.POSTCONDITION: "the postcondition {} does not hold",
    Kind.PRECONDITION: "the precondition {} of the callee does not hold",
    Kind.ENTRY: "the loop invariant {} does not hold on entry",
    Kind.MAINTAINED: "the loop does not maintain its invariant {}",
    Kind.ASSERTION: "the assertion {} fails",
    Kind.INDEX: "the index is out of range in {}",
    Kind.KEY: "the key is missing in {}",
    Kind.NONE: "the value is None in {}",
    Kind.DIVISION: "the divisor is zero in {}",
    Kind.UNPACKING: "the number of values to unpack is wrong in {}",
    Kind.ATTRIBUTE: "the attribute is missing in {}",
    Kind.TYPE: "the value has the wrong type in {}",
    Kind.VALUE: "the operation refuses its arguments in {}",
    Kind.RANGE: "the integer leaves its range in {}",
    Kind.TERMINATION: "it does not terminate: {} does not decrease",
    Kind.EXCEPTION: "an exception that is not declared escapes: {}",
    Kind.RAISES: "what is declared of an exception does not hold: {}",
    Kind.FRAME: "something changes that the contract does not allow to change: {}",
    Kind.DEFINED: "the contract itself raises: {}",
    Kind.CLASS_INVARIANT: "the invariant of the class does not hold: {}",
    Kind.OVERRIDE: "the contract breaks that of the method it overrides: {}",
    Kind.VACUOUS: "nothing can satisfy the contract: {}",
    Kind.REFUTABLE: "what must not hold does: {}",
}
_causes = {
    Kind.POSTCONDITION: "nothing that the contract requires excludes this input",
    Kind.PRECONDITION: "the caller does not establish what the callee requires",
    Kind.ENTRY: "what comes before the loop does not establish its invariant",
    Kind.MAINTAINED: "one round of the loop breaks its invariant",
    Kind.ASSERTION: "nothing before the assertion excludes this input",
    Kind.TERMINATION: "what should decrease in each round or call does not",
    Kind.FRAME: "the contract does not say that this may change",
    Kind.DEFINED: "the condition is evaluated where it has no value",
    Kind.CLASS_INVARIANT: "the method does not establish the invariant again",
    Kind.OVERRIDE: "the overriding method asks for more, or promises less",
    Kind.VACUOUS: "conditions of the contract contradict each other",
    Kind.REFUTABLE: "what the author takes for false follows from what is known there",
}
_endless = "nothing that the contract requires excludes this input"
_raised = "nothing before it excludes this input, and the contract does not declare the exception"


def of_kinds(artefact: PythonModule, tools: Tools, rule: str, kinds: frozenset[Kind]) -> Iterator[Outcome]:
    """Yield the outcome of every obligation of some kinds, for one rule."""
    for result in verified(artefact, tools).functions:
        seen: Counter[tuple[str, ...]] = Counter()
        for claim in result.claims:
            if claim.kind not in kinds:
                continue
            base = (claim.kind.name.lower(), _one_line(_words(artefact, claim)))
            anchor = (*base, str(seen[base]))
            seen[base] += 1
            yield _outcome(artefact, rule, result, claim, anchor)


def _outcome(artefact: PythonModule, rule: str, result: FunctionResult, claim: Claimed, anchor: tuple[str, ...]) -> Outcome:
    function, where = result.function, at(artefact, claim.obligation.place)
    if claim.run is not None:
        return finding(artefact, rule, result, claim, anchor)
    if claim.proved:
        after = f" for all inputs of `{function.name}`"
        message = (
            _clipped(f"{claim.obligation.text}, and so it is{after}", LONGEST)
            if claim.obligation.described
            else _fitted(_holds[claim.kind], _words(artefact, claim), after=after)
        )
        return Cleared(
            rule=rule,
            subject=function.qualified,
            message=message,
            location=where,
            strength=Strength.PROVED,
            evidence=proof(claim.parts, message),
            assumptions=result.assumptions,
            anchor=anchor,
        )
    return Undecided(
        rule=rule,
        subject=function.qualified,
        location=where,
        why=_why(claim),
        reason=_missing(claim)
        if claim.obligation.described
        else _explained(f"{claim.kind.value}: {{}}", _words(artefact, claim), _open(claim)),
        assumptions=result.assumptions,
        anchor=anchor,
    )


def finding(artefact: PythonModule, rule: str, result: FunctionResult, claim: Claimed, anchor: tuple[str, ...]) -> Finding:
    """Return what is said of a claim that a run violates."""
    assert claim.run is not None  # noqa: S101 - the caller's case
    obligation, function = claim.obligation, result.function
    clause = obligation.clause
    related = (
        ((Location(obligation.path or artefact.subject, clause.line, clause.column), "the clause that fails"),) if clause else ()
    )
    ran_on = claim.kind is Kind.TERMINATION and claim.run.observed.startswith(("has not ended", "calls itself"))
    endless = claim.run.observed if ran_on else ""  # no measure was compared: of a guessed one the author knows nothing
    call = f"`{_clipped(_one_line(claim.run.summary or f'{function.name}(...)'), 60)}`: "
    if endless or (claim.kind is Kind.TERMINATION and obligation.described):
        message = _clipped(f"{call}it does not terminate{endless and f': it {endless}'}", LONGEST)
    elif obligation.described:
        message = _clipped(f"{call}{obligation.text}", LONGEST)
    else:
        message = _fitted(_breaks[claim.kind], _words(artefact, claim), before=call)
    return Finding(
        rule=rule,
        subject=function.qualified,
        message=message,
        location=at(artefact, obligation.place),
        evidence=claim.run,
        cause=claim.cause or (_endless if endless else _causes.get(claim.kind, _raised)),
        anchor=anchor,
        related=related,
    )


def summaries(artefact: PythonModule, tools: Tools, rule: str) -> Iterator[Outcome]:
    """Yield one outcome for every function, and one for everything that keeps functions from being checked."""
    whole = verified(artefact, tools)
    for problem in whole.problems:
        why, reason = _problem_why(problem), _advised(problem.message, problem.help)
        yield _undecided(artefact, rule, subject=artefact.subject, place=problem.place, why=why, reason=reason)
    for dotted, line in artefact.imported(tools.inputs).missing.items():
        reason = f"`{_clipped(dotted, 80)}` is imported and is not there: functions that need it are not checked"
        yield _undecided(artefact, rule, subject=artefact.subject, place=Place(line, 1), why=Why.MISSING_INPUT, reason=reason)
    late = sum(result.late and result.refuted is None for result in whole.functions)
    for result in whole.functions:
        yield _summary(artefact, rule, result, late=late, count=len(whole.functions))


def _summary(artefact: PythonModule, rule: str, result: FunctionResult, *, late: int, count: int) -> Outcome:
    """Return the outcome of one of `count` functions, for `late` of which there was no time."""
    function = result.function
    subject, name = function.qualified, _clipped(function.name, 60)
    if result.failed:
        reason = f"probatum fails on `{name}`: report it, with the file ({result.failed})"
        return _undecided(artefact, rule, subject=subject, place=function.place, why=Why.CRASHED, reason=reason)
    if (refuted := result.refuted) is not None:
        return finding(artefact, rule, result, refuted, ("function",))
    if result.late:
        others = f" and {late - 1} more" if late > 1 else ""
        advice = "raise `--timeout`, or check again, which begins with what is missing"
        reason = f"no time was left for `{name}`{others} of {count} function{'s' * (count != 1)}: {advice}"
        return _undecided(artefact, rule, subject=subject, place=function.place, why=Why.TIME_LIMIT, reason=reason)
    if result.problems:
        first = result.problems[0]
        said = f"`{name}` is not handled: {first.message}" if first.unsupported else _advised(first.message, first.help)
        if result.not_run and first.unsupported:
            refused = f"refused when run: {result.not_run}"
            said = f"{said}; {_clipped(refused, max(20, LONGEST - len(said) - 2))}"
        return _undecided(artefact, rule, subject=subject, place=first.place, why=_problem_why(first), reason=said)
    if not result.proved:
        open_ = [claim for claim in result.claims if not claim.proved]
        first_open = open_[0]
        part = f"{len(open_)} of {len(result.claims)} obligations of `{name}` {'is' if len(open_) == 1 else 'are'} not proved"
        said = f"{part}, the first in line {first_open.obligation.place.line}: {first_open.kind.value}"
        kept_from_running = first_open.searched and first_open.not_run
        if late and _why(first_open) is Why.TIME_LIMIT and not kept_from_running:  # the one at which the time was over
            said = f"{part}, and {late} of {count} functions were not reached: raise `--timeout`"
            return _undecided(artefact, rule, subject=subject, place=function.place, why=Why.TIME_LIMIT, reason=said)
        reason = (
            f"{said}; {_clipped(first_open.not_run, LONGEST - len(said) - 2)}"
            if first_open.not_run
            else _advised(said, _hint(first_open))
        )
        return _undecided(
            artefact,
            rule,
            subject=subject,
            place=function.place,
            why=_why(first_open),
            reason=reason,
            assumptions=(*result.assumptions, *loops_in_words(result.guesses)),
        )
    claims = len(result.claims)
    message = (
        f"all {claims} obligations of `{name}` hold for all inputs"
        if claims != 1
        else f"the one obligation of `{name}` holds for all inputs"
    )
    if not claims:
        message = f"`{name}` claims nothing that could fail"
    return Cleared(
        rule=rule,
        subject=subject,
        message=message,
        location=at(artefact, function.place),
        strength=Strength.PROVED,
        evidence=proof([part for claim in result.claims for part in claim.parts], message),
        assumptions=(*result.assumptions, *loops_in_words(result.guesses)),
        anchor=("function",),
    )


def _undecided(
    artefact: PythonModule,
    rule: str,
    *,
    subject: str,
    place: Place,
    why: Why,
    reason: str,
    assumptions: tuple[str, ...] = (),
) -> Undecided:
    text = _clipped(_printable(reason), LONGEST)
    anchor = ("function",) if subject != artefact.subject else (text,)
    where = at(artefact, place)
    return Undecided(rule=rule, subject=subject, location=where, why=why, reason=text, assumptions=assumptions, anchor=anchor)


def _problem_why(problem: Problem) -> Why:
    return Why.UNSUPPORTED if problem.unsupported else Why.UNREADABLE


def _advised(message: str, advice: str) -> str:
    return f"{message}: {advice}" if advice and len(message) + len(advice) + 2 <= LONGEST else message


def _why(claim: Claimed) -> Why:
    if any(part.late for part in claim.parts):
        return Why.TIME_LIMIT
    return Why.UNSUPPORTED if any(part.unsupported for part in claim.parts) else Why.SOLVER_GAVE_UP


def _missing(claim: Claimed) -> str:
    """Say what is missing of a claim that no expression makes."""
    searched = claim.not_run or "no input was found that breaks it"
    return _clipped(f"{claim.kind.value}: {claim.obligation.text}; {searched}", LONGEST)


def _open(claim: Claimed) -> list[list[str]]:
    """Say why a claim is open: what is missing, what would help, what the search did. In several ways, the longest first."""
    unproved = [part for part in claim.parts if not part.proved]
    searched = claim.not_run or "no input was found that breaks it"
    head = next((part.head for part in unproved if part.head is not None), None)
    state = _state(head) if head is not None else ""
    if claim.kind is Kind.ENTRY:
        start = "not established on entry: what comes before the loop does not imply it"
    elif claim.kind is Kind.MAINTAINED:
        start = (
            f"not preserved by a round from {state}"
            if state
            else "not preserved: the invariants together do not imply it after a round"
        )
    elif claim.kind is Kind.TERMINATION:
        start = f"a round from {state} need not decrease it" if state else "that it decreases does not follow from what is known"
    elif state and not claim.kind.is_probe:
        start = f"too weak for it: the invariants allow {state}"
    else:
        start = next((part.reason for part in unproved if part.reason), "it does not follow from what is known there")
    mark = ["an induction counterexample, not a bug"] if state and claim.kind is not Kind.ENTRY else []
    hint = [found] if (found := _hint(claim)) else []
    shorter = [[start, *mark, searched], [searched]] if claim.not_run else [[start, *mark, *hint], [start, *mark]]
    return [[start, *mark, *hint, searched], *shorter, [searched if claim.not_run else start]]


def _hint(claim: Claimed) -> str:
    """Return what the author may write so that a claim can be proved; "" if nothing is known to help."""
    in_loop = any(part.head is not None for part in claim.parts if not part.proved)
    match claim.kind:
        case Kind.ENTRY:
            return "a `requires`, or a `check` before the loop, may help"
        case Kind.MAINTAINED:
            return "another `invariant` may help"
        case Kind.TERMINATION:
            return "`decreases` says what does"
        case Kind.VACUOUS | Kind.REFUTABLE | Kind.OVERRIDE | Kind.FRAME:
            return ""
    if any(part.late for part in claim.parts):
        return "a `check` before it may help"
    if in_loop:
        return "an `invariant` that excludes this may help"
    if claim.kind in (Kind.POSTCONDITION, Kind.ASSERTION, Kind.PRECONDITION, Kind.CLASS_INVARIANT):
        return "an `invariant` or a `check` before it may help"
    return "a `requires` or an `invariant` that excludes this may help"


def _state(values: Mapping[str, str]) -> str:
    """Return what the variables of the author are in a state, as far as these are numbers and truth values."""
    own: dict[str, str] = {}
    for name, value in values.items():
        plain = name.removeprefix("v'").removeprefix("p'")
        if (
            plain.isidentifier()
            and (name[:2] == "v'" or (name[:2] == "p'" and f"v'{plain}" not in values))
            and _plain.fullmatch(value)
        ):
            own[plain] = value.capitalize() if value in ("true", "false") else value
    shown = [f"{name} = {value}" for name, value in own.items()]
    return ", ".join(shown[:5])


_plain = re.compile(r"-?\d{1,20}|true|false")


def _explained(pattern: str, text: str, ways: Sequence[Sequence[str]]) -> str:
    """Put a text of the user into a pattern, and after it the first of several explanations that leaves most of the text."""
    wanted = max(12, min(len(_one_line(text)), 40))
    for parts in ways:
        after = "; " + "; ".join(parts)
        if len(pattern) + wanted + len(after) <= LONGEST:
            return _fitted(pattern, text, after=after)
    return _fitted(pattern, text, after=f"; {_clipped(ways[-1][0], max(20, LONGEST - len(pattern) - wanted - 2))}")


def proof(parts: Sequence[Decided], claim: str) -> Proof:
    """Return the evidence for what was asked of provers, all of it together."""
    from probatum.code.model.certifying import proof_of
    from probatum.solve.repeatable import METHOD, together

    if not parts:  # what claims nothing follows from nothing
        nothing = "(assert false)\n"
        return Proof(method=METHOD, claim=claim, certificate={"smtlib": nothing, "expected": "unsat", "solver": "none"})
    own = {part.obligation: proof_of(part, claim) for part in parts}
    return together(tuple(own.values()), claim) if len(own) > 1 else next(iter(own.values()))


def at(artefact: PythonModule, place: Place) -> Location:
    """Return a place in the module."""
    return Location(artefact.subject, place.line, place.column, place.end_line or None, place.end_column or None)


def _fitted(pattern: str, text: str, *, before: str = "", after: str = "") -> str:
    """Put a text of the user where the braces of a pattern are, shortened so that the whole fits one line."""
    head, _, tail = pattern.partition("{}")
    head, tail = before + head, tail + after
    left = LONGEST - len(head) - len(tail) - 2
    if left < 12 and after:  # the end matters less
        return _fitted(pattern, text, before=before)
    return _clipped(f"{head}`{_clipped(_one_line(text), max(left, 12))}`{tail}", LONGEST)


def _one_line(text: str) -> str:
    return _printable(text.replace("`", "'"))


def _words(artefact: PythonModule, claim: Claimed) -> str:
    """Return the expression that a claim is about: where the claim is not written by anyone, the operation that makes it."""
    place = claim.obligation.place
    if claim.kind in _written or claim.obligation.described or not place.end_line:
        return claim.obligation.text.removesuffix(" (guessed)")
    if "lines" not in artefact.memo:  # there are many claims, and each would split all of the text
        artefact.memo["lines"] = artefact.text.split("\n")
    lines = artefact.memo["lines"][place.line - 1 : place.end_line]
    if not lines:
        return claim.obligation.text
    lines[-1] = lines[-1][: place.end_column - 1]
    lines[0] = lines[0][place.column - 1 :]
    return "\n".join(lines) or claim.obligation.text


_written = frozenset(
    {
        Kind.POSTCONDITION,
        Kind.PRECONDITION,
        Kind.ENTRY,
        Kind.MAINTAINED,
        Kind.ASSERTION,
        Kind.TERMINATION,
        Kind.RAISES,
        Kind.FRAME,
        Kind.CLASS_INVARIANT,
        Kind.OVERRIDE,
        Kind.VACUOUS,
        Kind.REFUTABLE,
    }
)


def _printable(text: str) -> str:
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(c if c.isprintable() else "?" for c in line)


def _clipped(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
