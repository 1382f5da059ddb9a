"""From claims that are not proved to runs that violate them, if a search finds any."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from probatum.code.artefacts import PythonModule
from probatum.code.model.functions import Claimed
from probatum.code.model.reach import reached
from probatum.errors import ProbatumError, UnsupportedConstruct
from probatum.evidence import Counterexample
from probatum.lower.lowered import Kind, Obligation
from probatum.python.program import Function, ModuleCode, Place, Program
from probatum.python.types import Collection, Mapping, Plain, Ranged, Type
from probatum.source import Location, digest_of
from probatum.tools import OutOfTime, Tools

if TYPE_CHECKING:
    from probatum.code.model.hunt import Found, Hunt
    from probatum.code.semantics.python import Case, Runner, Step

CALL = "code/call/1"  # the method by which `recheck` replays a call
# What ends the search for inputs of one function: inputs and steps that were run (`hunt`), so that two checks say the same.
# It takes about a second. Of 500 searches for inputs of functions of Nagini's tests, with two seconds each, 447 ended
# within a quarter of a second and one within the rest; the others used all of it.
_WORK = 5_000
_BRIEF_WORK = 1_250  # before much is asked about it
_CPU_S, _BRIEFLY_S = 2.0, 0.5  # of the processor: only what is slow is ended by them

# A run says what happened, a proof what was claimed: the same thing under two names.
_same = {
    Kind.RAISES: {Kind.EXCEPTION},
    Kind.EXCEPTION: {Kind.RAISES, Kind.VALUE, Kind.TYPE, Kind.ATTRIBUTE, Kind.INDEX, Kind.KEY, Kind.NONE, Kind.DIVISION, Kind.UNPACKING},
    Kind.VALUE: {Kind.EXCEPTION, Kind.TYPE},
    Kind.TYPE: {Kind.NONE, Kind.ATTRIBUTE, Kind.EXCEPTION},
    Kind.NONE: {Kind.TYPE, Kind.ATTRIBUTE},
    Kind.ATTRIBUTE: {Kind.NONE, Kind.TYPE},
}  # fmt: skip  # one kind a line


_UNWATCHED = (Kind.ENTRY, Kind.MAINTAINED, Kind.NONE, Kind.TYPE)
_REMEMBERED = 200  # searches that a process keeps in memory
_hunted: OrderedDict[str, Hunt] = OrderedDict()
_causes: OrderedDict[str, str] = OrderedDict()  # likewise
_EXPLAINING_S = 5.0  # of the wall clock: no cause is looked for if less than this is left


class Refuter:
    """Searches for inputs of the functions of one module; a context manager, because the code runs in a process."""

    def __init__(self, artefact: PythonModule, program: Program, tools: Tools) -> None:
        self.artefact = artefact
        self.program = program
        self.tools = tools
        self.used: dict[str, str] = {}  # of `Tools.kept`: searches that found nothing
        self.refused = ""  # what the sandbox refused in the last search
        self._runner: Runner | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._runner is not None:
            self._runner.fresh()

    def refute(
        self, function: Function, claims: Sequence[Claimed], *, briefly: bool = False, conditional: bool = False
    ) -> list[Claimed]:
        """Return the claims, those with a run that violates them, and all others marked as searched.

        Parameters
        ----------
        function : Function
        claims : sequence of Claimed
        briefly : bool
            Whether to look only for what shows at once.
        conditional : bool
            Whether the proofs use what is not known yet to hold: a run against them is kept, and is our mistake only if it does.
            They also do after what is `supposed`.

        Raises
        ------
        AssertionError
            If a run violates what is proved without such a condition: one of the two is a mistake of ours.
        OutOfTime
        """
        found = self._hunt(function, claims, briefly=briefly)
        self.refused = found.trouble if not isinstance(found, str) and found.refused else ""
        conditional = conditional or any(claim.supposed for claim in claims)
        if isinstance(found, str):
            return [claim if claim.proved else replace(claim, not_run=found) for claim in claims]
        left = list(found.found)
        # What an invariant says when a loop ends, what is passed where another type is declared, and what no run can
        # evaluate is not watched: the first thing that a run breaks may follow from that.
        unwatched = any(not claim.proved and claim.kind in _UNWATCHED for claim in claims)
        refuted: list[Claimed] = []
        # Of several claims of one clause that stand in one place, the run is against one that is not proved.
        open_ones = [claim for claim in claims if not claim.proved]
        against_open = [f for f in left if any(self._violates(f, claim, exactly=True) for claim in open_ones)]
        for claim in claims:
            exactly = claim.proved
            own = next(
                (f for f in left if self._violates(f, claim, exactly=exactly) and not (exactly and f in against_open)), None
            )
            if own is not None and claim.proved and (unwatched or own.run.open_clauses):
                claim = replace(claim, parts=())  # noqa: PLW2901 - it follows from what does not hold: nothing is known of it
            elif own is not None and claim.proved and not conditional:
                call = ", ".join(f"{name}={text}" for name, text in own.case.arguments.items())
                raise AssertionError(f"`{call}` breaks what was proved in line {claim.obligation.place.line}")
            if own is not None:
                left.remove(own)
            run = evidence(own, self.artefact, self.program) if own is not None else None
            refuted.append(
                claim if claim.proved and run is None else replace(claim, run=run, searched=True, not_run=found.trouble)
            )
        if found.trouble and found.late:  # importing the module was not given its whole time
            refuted = [claim.cut_short() for claim in refuted]
        # Whatever a run violates counts, also where no claim is in the same line.
        return [*refuted, *(self._besides(f) for f in left if f.violation.path == self.artefact.subject)]

    def explained(self, claims: Sequence[Claimed]) -> list[Claimed]:
        """Return the claims, the first one that a run violates with its likely cause, and others that the same line may violate."""
        first = next((claim for claim in claims if claim.run is not None), None)
        if first is None or first.run is None or self.tools.deadline.remaining() < _EXPLAINING_S:
            return list(claims)
        from probatum.code.model.trials import likely

        line = first.obligation.place.line
        key = digest_of([self._texts(), line, first.kind.name, dict(first.run.given), self.tools.seed])
        if key not in _causes:
            try:
                _causes[key] = likely(self.artefact, first.run, line, self.tools)
            except (OutOfTime, ProbatumError, RecursionError):
                return list(claims)  # what was found does not depend on it
            if len(_causes) > _REMEMBERED:
                _causes.popitem(last=False)
        same = first.run.given["arguments"]
        return [
            replace(claim, cause=_causes[key]) if claim.run is not None and claim.run.given["arguments"] == same else claim
            for claim in claims
        ]

    def _besides(self, found: Found) -> Claimed:
        violation = found.violation
        clause = Place(violation.clause_line, violation.clause_column) if violation.clause_line else None
        place = Place(violation.line, max(violation.column, 1))
        kind = Kind[violation.kind.name]
        described = kind is Kind.TERMINATION and not violation.values  # it ran on and on, and no measure was compared
        obligation = Obligation(kind, place, violation.text, clause, path=violation.clause_path, described=described)
        return Claimed(obligation, kind, (), run=evidence(found, self.artefact, self.program), searched=True)

    def _hunt(self, function: Function, claims: Sequence[Claimed], *, briefly: bool) -> Hunt | str:
        """Return what the search found, or why there was none."""
        from probatum.code.model.hunt import Hunt, hunt
        from probatum.code.semantics.packages import folders_of
        from probatum.code.semantics.python import Runner
        from probatum.runner.sandbox import SandboxUnavailable

        if not self.tools.options.get("replay", True):
            return "no code may be run (`--no-replay`)"
        wanted = sum(not claim.proved for claim in claims) or 1
        seconds = min(_BRIEFLY_S if briefly else _CPU_S, self.tools.deadline.remaining())
        self.tools.deadline.check()
        try:
            allowed = bool(self.tools.options.get("allow-unsandboxed"))
            candidates = list(proposed(function, claims))
            work = _BRIEF_WORK if briefly else _WORK
            key = self._key(function, [work, wanted, allowed, [dict(c.arguments) for c in candidates]])
            exact = digest_of([key, self._texts()])  # what was found has lines of the whole text
            if exact not in _hunted and key in self.tools.kept:
                _hunted[exact] = Hunt()
            if exact not in _hunted:
                if self._runner is None:
                    packages = folders_of(self.tools.options)
                    deadline = self.tools.deadline
                    self._runner = Runner(self.program, allow_unsandboxed=allowed, packages=packages, deadline=deadline)
                if isinstance(function, ModuleCode):
                    return self._imported(self._runner, function, claims)
                found = hunt(
                    self._runner,
                    function,
                    candidates=candidates,
                    cpu_s=seconds,
                    work=work,
                    seed=self.tools.seed,
                    wanted=wanted,
                    ieee=not briefly,  # what breaks with other numbers than these is easier to understand
                )
                if found.trouble and found.late:  # with more time there may be none
                    return found
                _hunted[exact] = found
                if len(_hunted) > _REMEMBERED:
                    _hunted.popitem(last=False)
            if not (_hunted[exact].found or _hunted[exact].trouble or _hunted[exact].late):
                self.used[key] = "nothing"
            return _hunted[exact]
        except (LookupError, UnsupportedConstruct) as error:
            return f"it cannot be run: {error.message if isinstance(error, UnsupportedConstruct) else error}"
        except SandboxUnavailable as error:
            return error.message

    def _imported(self, runner: Runner, code: ModuleCode, claims: Sequence[Claimed]) -> Hunt:
        """Import a module. What that raises may be for want of a file, so it counts only where it is what was claimed."""
        from probatum.code.model.hunt import Found, Hunt
        from probatum.code.semantics.python import Case

        run = runner.run(code.qualified, Case({}))
        if run.violation is None:
            return Hunt(trouble=run.what or "importing the module breaks nothing")
        found = Found(code.qualified, Case({}), run, 0.0)
        claimed = run.violation.kind.name in _OF_CONTRACTS or any(self._violates(found, c, exactly=False) for c in claims)
        return Hunt(found=[found] if claimed else [], trouble="" if claimed else f"importing it ends with {run.violation.text}")

    def _texts(self) -> list[str]:
        """Return digests of all that a run depends on."""
        return [self.artefact.source.digest, *(f"{path} {source.digest}" for path, source in self.tools.inputs.items())]

    def _key(self, function: Function, asked: Sequence[object]) -> str:
        """Return the digest of all that a search depends on; the clock, which ends it, has no part in what it found till then."""
        module = self.program.modules[function.module]
        inputs = {path: source.digest for path, source in self.tools.inputs.items()}
        options = {name: repr(value) for name, value in self.tools.options.items()}
        text = reached(module, function.name)
        return digest_of(
            ["search/1", text, self.artefact.subject, inputs, options, function.qualified, self.tools.seed, sys.version, *asked]
        )

    def _violates(self, found: Found, claim: Claimed, *, exactly: bool) -> bool:
        """Whether a run violates a claim: the same kind of thing, in the same line of the same file."""
        violation, obligation = found.violation, claim.obligation
        kind = Kind[violation.kind.name]
        if kind is not claim.kind and (exactly or kind not in _same.get(claim.kind, ())):
            return False
        if exactly and (violation.path, violation.line, violation.column) != (
            self.artefact.subject,
            obligation.place.line,
            obligation.place.column,
        ):
            return False
        if exactly and obligation.clause is not None:
            clause = (violation.clause_line, violation.clause_column)
            if clause != (obligation.clause.line, obligation.clause.column):
                return False
        places = {(self.artefact.subject, obligation.place.line)}
        if obligation.clause is not None:
            places.add((obligation.path or self.artefact.subject, obligation.clause.line))
        return bool(places & {(violation.path, violation.line), (violation.clause_path, violation.clause_line)})


_SIMPLE = {
    "list": "[]",
    "set": "set()",
    "frozenset": "frozenset()",
    "tuple": "()",
    "sequence": "[]",
    "dict": "{}",
    "mapping": "{}",
}


def proposed(function: Function, claims: Sequence[Claimed]) -> Iterator[Case]:
    """Yield inputs with the numbers that a solver proposes; what it says of other values is not read, they are simple ones."""
    from probatum.code.semantics.python import Case

    seen: set[tuple[tuple[str, str], ...]] = set()
    for claim in claims:
        for part in claim.parts:
            if part.proved or not part.initial:
                continue
            given: dict[str, str] = {}
            for parameter in function.parameters:
                text = _proposed(parameter.type, part.initial.get(f"p'{parameter.name}", ""))
                if text is not None:
                    given[parameter.name] = text
            key = tuple(given.items())
            if len(given) == len(function.parameters) and key not in seen:
                seen.add(key)
                yield Case(given)


def _proposed(type_: Type, text: str) -> str | None:
    """Return an expression of a type: the value that SMT-LIB text says, or a simple one."""
    plain = text.removeprefix("(- ").removesuffix(")") if text.startswith("(- ") else text
    match type_:
        case Plain(name="int") | Ranged():
            if not text:  # any value does
                return "0"
            return None if not plain.isdecimal() else f"-{plain}" if plain != text else plain
        case Plain(name="bool"):
            return {"true": "True", "false": "False", "": "False"}.get(text)
        case Plain(name="str"):
            return "''"
        case Plain(name="bytes"):
            return "b''"
        case Collection(kind=kind) | Mapping(kind=kind):
            return _SIMPLE.get(kind)
    return None


_ENDS = {
    Kind.TERMINATION: "it ends",
    Kind.FRAME: "only what the contract allows changes",
    Kind.DEFINED: "the condition has a value",
    Kind.RANGE: "the integer stays in its range",
}


def evidence(found: Found, artefact: PythonModule, program: Program) -> Counterexample:
    """Return a call that breaks something, complete: all that a replay needs besides the modules, and a test that makes it."""
    from probatum.code.model.pytests import call_text, pytest_file

    case, run, violation = found.case, found.run, found.violation
    own = program.modules.get(found.function)
    function = program.function(found.function) or (own.code if own is not None else None)
    assert function is not None  # noqa: S101 - it was run
    lines = artefact.text.split("\n")
    claimed = violation.clause_line or violation.kind.name in _OF_CONTRACTS
    undefined = violation.kind.name == "DEFINED"
    values = ", ".join(f"{name} = {value}" for name, value in violation.values.items())

    def noted(step: Step) -> str:
        quoted = lines[step.line - 1].strip() if step.path == artefact.subject and 0 < step.line <= len(lines) else ""
        changed = ", ".join(f"{name} = {value}" for name, value in step.changed.items())
        return f"{quoted}   # {changed}" if quoted and changed else quoted or changed

    return Counterexample(
        method=CALL,
        given={
            "function": found.function,
            "arguments": dict(case.arguments),
            "shared": dict(case.shared),
            "claim": {
                "kind": violation.kind.name,
                "function": violation.function,
                "path": violation.path,
                "line": violation.line,
                "test": pytest_file(program, function, case, violation),
            },
        },
        observed=(values if claimed and not undefined else violation.text) or violation.kind.value,
        expected=violation.text
        if claimed and violation.text and not undefined
        else _ENDS.get(Kind[violation.kind.name], "no exception that is not declared"),
        flow=tuple((Location(step.path, step.line), noted(step)) for step in run.trace),
        summary=call_text(function, case),
    )


_OF_CONTRACTS = {"POSTCONDITION", "PRECONDITION", "ENTRY", "MAINTAINED", "ASSERTION", "CLASS_INVARIANT", "DEFINED"}
