"""Search for inputs that break what a Python function promises.

Candidates come first, then small values in every combination, then random ones
and changes of those that were worth keeping: that took a new branch, or that
satisfied more of the preconditions than others. What is found has been run, is
made as small as it gets (`shrinking`), and has been run again in a new process.
"""

from __future__ import annotations

import ast
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from probatum.code.model.inputs import Maker
from probatum.code.model.shrinking import Limits, shrunk
from probatum.code.model.values import Input, Items, Made, Pairs, Shared, case_of, read
from probatum.code.semantics.python import Case, Kind, Run, Runner, Status, Violation
from probatum.errors import UnsupportedConstruct
from probatum.python.program import Function, Program
from probatum.python.types import UNKNOWN
from probatum.tools import OutOfTime

_STEPS = 5_000  # of a run that searches; what does not end within them is run again with more
_DEPTH = 80  # calls inside each other, likewise
_SECONDS = 0.05  # of the processor, likewise
_SHRINKING_S = 2.0  # processor seconds for making one input small, where what is counted does not end it before
_STEPS_AN_INPUT = 25  # steps that count as much work as one more input
_DOUBTS = 3  # inputs that did not end in time, and then did
_BATCH = 150
_KEPT = 60  # inputs that changes start from
_SMALL = 3_000  # combinations of small values

_OF_TYPES = (Kind.TYPE, Kind.NONE, Kind.ATTRIBUTE)
_counted = (Status.RETURNED, Status.RAISED, Status.VIOLATED, Status.LIMIT)


@dataclass(frozen=True, slots=True)
class Found:
    """An input that breaks something, as small as it could be made.

    Attributes
    ----------
    function : str
        Which was called.
    case : Case
    run : Run
        What happened, traced, in a process of its own.
    after : float
        Processor seconds from the start of the search until it was first seen.
    """

    function: str
    case: Case
    run: Run
    after: float

    @property
    def violation(self) -> Violation:
        """What the run violates."""
        if self.run.violation is None:
            raise AssertionError("what was found violates something")
        return self.run.violation


@dataclass(slots=True)
class Hunt:
    """What a search came to.

    Attributes
    ----------
    found : list of Found
        The first for each kind and line.
    runs, counted : int
        How many inputs were run, and how many of them count.
    trouble : str
        What kept the function from being run, in one line, or "".
    refused : bool
        The trouble is what the sandbox refused.
    late : bool
        The clock ended it: with more time, or on another machine, more may be found.
    """

    found: list[Found] = field(default_factory=list)
    runs: int = 0
    counted: int = 0
    trouble: str = ""
    refused: bool = False
    late: bool = False


def hunt(
    runner: Runner,
    function: Function,
    *,
    candidates: Iterable[Case] = (),
    cpu_s: float = 2.0,
    work: float = float("inf"),
    seed: int = 0,
    wanted: int | None = None,
    ieee: bool = False,
    termination: bool = True,
) -> Hunt:
    """Search for inputs that violate what a function claims.

    Parameters
    ----------
    candidates : iterable of Case
        What to begin with: inputs that a solver proposes.
    cpu_s : float
        Processor seconds, of this process and of the one that runs the code together.
    work : float
        Inputs, with 25 steps of a run counted as one more. What ends a search should be this: then its answer is the
        same on every machine, and at every time.
    wanted : int or None
        Stop when so many kinds and lines have been violated; None: use all the time, less once something is found.
    ieee : bool
        See `Maker`.
    termination : bool
        Whether a run that does not end within `STEPS` steps, or within `DEPTH` calls inside each other, counts as a
        violation. It is no proof that it never ends; but the input is so small that less than a tenth would do for its like.

    Raises
    ------
    LookupError, UnsupportedConstruct
        If the function cannot be run; see `Runner.check`.
    SandboxUnavailable
    OutOfTime
        If the deadline of the runner passes before anything is found.
    """
    name = function.qualified
    runner.check(name)
    generator = random.Random(f"{seed}/{name}")  # noqa: S311 - reproducibility is the point
    maker = Maker(runner.program, function, generator, ieee=ieee)
    search = _Search(runner, function, maker, cpu_s=cpu_s, work=work, termination=termination)
    first = [(_read(case), case) for case in candidates]
    try:
        stop = search.batch(first) if first else False
        impossible = search.maker.possible()
        if impossible:
            search.hunt.trouble = search.hunt.trouble or impossible
            return search.hunt
        inputs = search.inputs()
        width = 10  # most bugs show at once
        while not stop and not search.done(wanted):
            batch = [(given, case_of(given)) for given in islice(inputs, width)]
            stop = not batch or search.batch(batch)
            width = min(2 * width, _BATCH)
    except OutOfTime:
        search.hunt.late = True
        if not search.hunt.found:  # what was found counts
            raise
    search.hunt.found.sort(key=lambda f: f.violation.line)
    return search.hunt


def _read(case: Case) -> Input | None:
    """Return an input of literals as values that can be made smaller; None: it has others."""
    values = {name: read(text) for name, text in case.arguments.items()}
    plain = {name: value for name, value in values.items() if value is not None}
    return plain if len(plain) == len(values) and not case.shared else None


def _twice(function: Function, case: Case) -> Case:
    """Return the same call after one like it: what a default or a variable of the module has kept may be what breaks it."""
    from probatum.code.model.pytests import call_text

    before = call_text(function, Case(case.arguments))
    return Case(case.arguments, {**case.shared, f"_{len(case.shared)}": before})


class _Search:
    def __init__(self, runner: Runner, function: Function, maker: Maker, *, cpu_s: float, work: float, termination: bool) -> None:
        self.runner, self.function, self.maker, self.termination = runner, function, maker, termination
        self.hunt = Hunt()
        self.places: set[tuple[Kind, str, int]] = set()
        self.kept: list[Input] = []
        self.near: list[tuple[int, Input]] = []  # that do not count, with how many preconditions they satisfy
        self.seen: set[str] = set()
        self.limit = cpu_s
        self.left = work
        self.started = time.process_time()
        self.before = runner.cpu_s  # of processes that run the code
        self.remembering = _DOUBTS  # how often a call may still be tried after another one
        self.untyped = any(p.type == UNKNOWN for p in function.parameters)
        self.doubts = 0  # runs that did not end, and then did with more steps

    def used(self) -> float:
        """Processor seconds so far."""
        return time.process_time() - self.started + self.runner.cpu_s - self.before

    def done(self, wanted: int | None) -> bool:
        if wanted is not None and len(self.hunt.found) >= wanted:
            return True
        if self.left <= 0:
            return True
        limit = (
            self.limit
            if not self.hunt.found or wanted is not None
            else min(self.limit, 2 * self.hunt.found[-1].after + self.limit / 5)
        )
        late = self.used() >= limit
        self.hunt.late = self.hunt.late or (late and self.left != float("inf"))
        return late

    def inputs(self) -> Iterator[Input]:
        """Yield inputs, none twice."""
        for given in self._all():
            key = repr(sorted(given.items()))
            if key not in self.seen:
                self.seen.add(key)
                yield given

    def _all(self) -> Iterator[Input]:
        yield from islice(self.maker.small(), _SMALL // 10)
        rest = islice(self.maker.small(), _SMALL // 10, _SMALL)
        choose = self.maker.generator
        drawn = 0
        idle = 0
        while idle < 10_000:  # a type may have few values: then there is nothing new
            much = 1 + min(drawn // 400, 12)
            drawn += 1
            idle += 1
            before = len(self.seen)
            kind = choose.random()
            if kind < 0.3:
                following = next(rest, None)
                yield following if following is not None else self.maker.draw(much)
            elif kind < 0.5 or not (self.kept or self.near):
                yield self.maker.draw(much)
            elif kind < 0.55:
                yield self._aliased(self.maker.draw(much))
            elif self.near and (not self.kept or kind < 0.65):
                yield self.maker.changed(choose.choice(self.near)[1], much)
            else:
                yield self.maker.changed(choose.choice(self.kept), much)
            if len(self.seen) > before:
                idle = 0

    def _aliased(self, given: Input) -> Input:
        """Return the input with one object for two parameters of the same type."""
        same = [(a, b) for a in given for b in given if a < b and self.maker.types[a] == self.maker.types[b]]
        same = [(a, b) for a, b in same if isinstance(given[a], Items | Pairs | Made)]
        if not same:
            return given
        a, b = self.maker.generator.choice(same)
        one = Shared(-1, given[a])
        return {**given, a: one, b: one}

    def batch(self, inputs: Sequence[tuple[Input | None, Case]]) -> bool:
        """Run inputs, and look at what happened; True if no run is of any use."""
        runs = self.runner.run_all(
            self.function.qualified,
            [case for _, case in inputs],
            steps=_STEPS,
            depth=_DEPTH,
            seconds=_SECONDS,
            budget=max(0.05, self.limit - self.used()),
        )
        for (given, case), run in zip(inputs, runs, strict=True):
            if run.status is Status.SKIPPED:
                continue
            self.hunt.runs += 1
            self.left -= 1 + run.steps / _STEPS_AN_INPUT
            if run.status in _counted:
                self.hunt.counted += 1
            if run.status in (Status.IMPORT, Status.REFUSED):
                self.hunt.trouble, self.hunt.refused = run.what, run.status is Status.REFUSED
                self.hunt.late = self.hunt.late or self.runner.hurried
                if run.status is Status.IMPORT or not self.hunt.counted:
                    return True
            if self._breaks(run) is not None:
                self._found(given, case, run)
            elif given is not None:
                self._keep(given, run)
        return False

    def _keep(self, given: Input, run: Run) -> None:
        if run.status is Status.LIMIT:
            return  # what is made of it takes as long
        if (run.new and run.status in _counted) or (run.status in _counted and len(self.kept) < _KEPT):
            self.kept.append(given)
        elif run.status is Status.PRECONDITION and run.satisfied:
            best = max((s for s, _ in self.near), default=0)
            if run.satisfied > best:
                self.near = [(run.satisfied, given)]
            elif run.satisfied == best and len(self.near) < _KEPT:
                self.near.append((run.satisfied, given))
        if len(self.kept) > 2 * _KEPT:
            del self.kept[:_KEPT]

    def _breaks(self, run: Run) -> Violation | None:
        """Return what a run violates, if it is for this function to answer for."""
        violation = run.violation
        if violation is None or (run.status is Status.LIMIT and (not self.termination or self.function.contract.may_diverge)):
            return None
        if run.status is Status.LIMIT and run.what != "recursion" and self._only_counts(violation):
            return None
        if self.untyped and (violation.kind in _OF_TYPES or (violation.kind is Kind.DEFINED and _type_error(violation))):
            return None  # nobody said which types an argument may have
        return violation if answers_for(self.runner.program, self.function, violation) else None

    def _only_counts(self, violation: Violation) -> bool:
        """Whether all loops here and where a run was stopped go over a `range`: they end, however many rounds that takes."""
        nodes = [n for f in (self.function, self.runner.program.function(violation.function)) if f for n in ast.walk(f.node)]
        loops = [n for n in nodes if isinstance(n, ast.While | ast.For)]
        return all(
            isinstance(n, ast.For)
            and isinstance(n.iter, ast.Call)
            and isinstance(n.iter.func, ast.Name)
            and n.iter.func.id == "range"
            for n in loops
        ) and bool(loops)

    def _found(self, given: Input | None, case: Case, run: Run) -> None:
        violation = self._breaks(run)
        if violation is None or violation.place in self.places or (run.status is Status.LIMIT and self.doubts >= _DOUBTS):
            return
        after = self.used()
        if given is not None:
            case = shrunk(
                self.runner, self.function, given, violation.place, Limits(_STEPS, _DEPTH, _SECONDS), cpu_s=_SHRINKING_S
            )
        # What does not end is now about as small as an input can be that takes more than `_STEPS` steps. If it
        # ends after ten times as many, it was slow.
        confirmed = replayed(self.runner, self.function.qualified, case)
        if confirmed.violation is None and run.status is Status.VIOLATED and self.remembering:
            self.remembering -= 1
            case = _twice(self.function, case)
            confirmed = replayed(self.runner, self.function.qualified, case)
        if confirmed.violation is not None and confirmed.violation.place == violation.place:
            self.places.add(violation.place)
            self.hunt.found.append(Found(self.function.qualified, case, confirmed, after))
        else:
            self.doubts += 1


def _type_error(violation: Violation) -> bool:
    return any(f" raises {name}" in violation.text for name in ("TypeError", "AttributeError"))


def answers_for(program: Program, function: Function, violation: Violation) -> bool:
    """Whether a function is to blame for a violation in a run of it: it is its own, or that of a callee without a contract."""
    if violation.function == function.qualified:
        return True
    other = program.function(violation.function)
    return other is not None and not other.contract.says_something


def replayed(runner: Runner, function: str, case: Case) -> Run:
    """Run an input once more, in a process in which nothing ran before, and follow its lines."""
    allowed, packages, deadline = runner.allow_unsandboxed, runner.packages, runner.deadline
    with Runner(runner.program, allow_unsandboxed=allowed, packages=packages, code=runner.code, deadline=deadline) as fresh:
        try:
            run = fresh.run(function, case)
            if run.violation is None:
                return run
            traced = fresh.run(function, case, trace=True)
            same = traced.violation is not None and traced.violation.place == run.violation.place
            return traced if same else run  # what it left behind may change what it does the next time
        finally:
            runner.cpu_s += fresh.cpu_s


__all__ = ["Found", "Hunt", "UnsupportedConstruct", "answers_for", "hunt", "replayed"]
