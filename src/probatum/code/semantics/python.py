"""One run of a Python function with its contract monitored, in a sandboxed process.

    with Runner(program) as runner:
        run = runner.run("shop.total", {"cart": "Cart([('', 1)])"}, trace=True)

Arguments are texts of Python expressions over the names of the function's module,
the builtins, and the modules of the standard library. What is not a violation
is said apart: an input that does not count because a precondition does not hold,
a run that was not finished, a condition that no run can evaluate.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from probatum.code.semantics.instrument import LIBRARIES, Instrumented
from probatum.code.semantics.packages import installed, wanted
from probatum.python.program import Function, Module, Passing, Program
from probatum.python.scopes import Positions
from probatum.runner import CannotStart
from probatum.runner.sandbox import Sandboxed, Stopped, spawn
from probatum.tools import Deadline, OutOfTime

STEPS = 100_000  # calls and rounds of loops; what needs more is taken not to end
SECONDS = 1.0  # of the processor
DEPTH = 800  # calls inside each other, likewise
_MEMORY = 7 * 2**25  # bytes of address space: what fails for want of more is neither shown nor proved, and others need some too
_MEMORY_OF_PACKAGES = 2**29 + 2**28  # the same where installed packages may be imported: some map hundreds of megabytes
_CPU_S, _WALL_S = 120.0, 600.0  # of one process
_BATCH_S = 3.0  # for one run beyond its own limit of a second, and for starting
_IMPORT_S = 10.0  # of the wall clock, for what a module does when it is imported
_SHARE = 0.5  # of the time that is left, for the same


class Status(Enum):
    """How a run ended."""

    RETURNED = "returned"
    RAISED = "raised"  # as the contract allows
    VIOLATED = "violated"
    PRECONDITION = "precondition"  # the input does not count
    ASSUMPTION = "assumption"  # nor does this one: what the author takes for true is not
    ARGUMENTS = "arguments"  # the arguments cannot be made
    UNKNOWN = "unknown"  # whether the input counts cannot be evaluated
    LIMIT = "limit"  # steps, recursion, time
    REFUSED = "refused"  # by the sandbox
    IMPORT = "import"  # the module cannot be imported
    SKIPPED = "skipped"  # there was no time for it
    CRASHED = "crashed"  # the process ended, or hung where nothing could stop it


class Kind(Enum):
    """What was violated: the kinds of obligations that a run can violate, by the same names."""

    POSTCONDITION = "the postcondition does not hold"
    PRECONDITION = "a precondition of the callee does not hold"
    ENTRY = "the loop invariant does not hold on entry"
    MAINTAINED = "the loop does not maintain its invariant"
    ASSERTION = "the assertion fails"
    INDEX = "the index is out of range"
    KEY = "the key is missing"
    NONE = "the value is None"
    DIVISION = "the divisor is zero"
    UNPACKING = "the number of values to unpack is wrong"
    ATTRIBUTE = "the attribute is missing"
    TYPE = "the value has the wrong type"
    VALUE = "an argument has a value that the operation refuses"
    RANGE = "the integer leaves its range"
    TERMINATION = "it does not terminate"
    EXCEPTION = "an exception that is not declared escapes"
    RAISES = "what is declared of an exception does not hold"
    FRAME = "something changes that the contract does not allow to change"
    DEFINED = "the contract itself raises"
    CLASS_INVARIANT = "the invariant of the class does not hold"


@dataclass(frozen=True, slots=True)
class Case:
    """An input.

    Attributes
    ----------
    arguments : mapping of str to str
        Parameter (`self` too) to expression; a parameter with a default may be missing.
        `*args` takes a tuple, `**kwargs` a dict.
    shared : mapping of str to str
        Values with a name, made before, which arguments refer to: how one object is passed twice.
    """

    arguments: Mapping[str, str]
    shared: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Violation:
    """What a run violated.

    Attributes
    ----------
    kind : Kind
    function : str
        Qualified name of the function that claims it: the one whose text holds the place.
    path, line, column : str, int, int
        The operation or, where that is what fails, the clause. Lines and columns from 1, columns in code points.
    clause_path, clause_line, clause_column : str, int, int
        The clause, if there is one; else "" and 0.
    text : str
        The clause as it was written, or what happened.
    values : mapping of str to str
        What its variables were.
    """

    kind: Kind
    function: str
    path: str
    line: int
    column: int
    clause_path: str = ""
    clause_line: int = 0
    clause_column: int = 0
    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> tuple[Kind, str, int]:
        """Kind, file and line: what stays the same while an input is made smaller."""
        return (self.kind, self.path, self.line)


@dataclass(frozen=True, slots=True)
class Step:
    """A line that was executed, and the variables that had changed after it."""

    path: str
    line: int
    changed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """What happened.

    Attributes
    ----------
    status : Status
    value : str
        The result, or the exception, as text; only if the run was traced.
    violation : Violation or None
        If `status` is LIMIT, a claim that holds as far as the run went: it did not end within these steps, or this depth of calls.
    what : str
        What stood in the way, in words.
    steps : int
        Calls and rounds of loops.
    trace : tuple of Step
        The first lines and the last; only if it was asked for.
    open_clauses : tuple of int
        Numbers of clauses that could not be evaluated: nothing is said about them.
    satisfied : int
        If the input does not count: how many preconditions it satisfied before the first that fails.
    new : bool
        It took a branch that no run of this process took before.
    """

    status: Status
    value: str = ""
    violation: Violation | None = None
    what: str = ""
    steps: int = 0
    trace: tuple[Step, ...] = ()
    open_clauses: tuple[int, ...] = ()
    satisfied: int = 0
    new: bool = False


class Runner:
    """Runs functions of one program in one process, which is started again after a crash; a context manager.

    Raises
    ------
    OutOfTime
        At a run after the deadline, or one that it ends.
    SandboxUnavailable
        At the first run, where the system cannot confine a process and `allow_unsandboxed` is False.
    """

    def __init__(
        self,
        program: Program,
        *,
        allow_unsandboxed: bool = False,
        packages: Sequence[str] = (),
        code: Instrumented | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        """Prepare it.

        Parameters
        ----------
        packages : sequence of str
            Folders of installed packages; of those, the program can load what it imports.
        code : Instrumented, optional
            That of another one for the same program.
        deadline : Deadline, optional
            After which nothing is run.
        """
        self.program = program
        self.allow_unsandboxed = allow_unsandboxed
        self.packages = tuple(packages)
        self.cpu_s = 0.0  # processor seconds of its processes
        self.code = Instrumented(program) if code is None else code
        self.installed = installed(wanted(program, LIBRARIES), self.packages)
        self._sent = json.dumps(self.code.to_json() | self._about_packages()).encode()
        self.hurried = False  # an import was ended before its whole time was over, for want of time
        self.deadline = Deadline.never() if deadline is None else deadline
        self._child: Sandboxed | None = None
        self._loaded: set[str] = set()  # modules that the process has imported
        self._endless: dict[str, str] = {}  # modules whose import does not end, and what is said of it

    def _about_packages(self) -> dict[str, Any]:
        where = f"in `{_tail(self.packages[0])}`" if self.packages else "here"
        return {
            "installed": dict(self.installed.modules),
            "records": [str(record) for record in self.installed.records],
            "where": where,
        }

    def check(self, function: str) -> None:
        """Raise `LookupError` if there is no such function, `UnsupportedConstruct` if it cannot be run."""
        self.code.number(function)

    def run(
        self, function: str, case: Case, *, steps: int = STEPS, depth: int = DEPTH, seconds: float = SECONDS, trace: bool = False
    ) -> Run:
        """Run a function once; see `check` for what is raised."""
        return self.run_all(function, [case], steps=steps, depth=depth, seconds=seconds, trace=trace)[0]

    def run_all(
        self,
        function: str,
        cases: Sequence[Case],
        *,
        steps: int = STEPS,
        depth: int = DEPTH,
        seconds: float = SECONDS,
        budget: float = 1e6,
        trace: bool = False,
    ) -> list[Run]:
        """Run a function on each input, in this order, in one process; after `budget` processor seconds the rest is skipped.

        What runs when a module is imported goes by the module's name, and takes nothing.
        """
        module = self.program.modules.get(function)
        if module is not None and module.code is not None and self.code.find(function) is None:
            return [self._imported(module) for _ in cases]
        number = self.code.number(function)
        own = self.code.find(function)
        assert own is not None  # noqa: S101 - for the type checker: it has a number
        request = {
            "module": own.module,
            "function": number,
            "steps": steps,
            "depth": depth,
            "seconds": seconds,
            "budget": budget,
            "trace": trace,
        }
        if cases and (endless := self._load(own.module)):
            return [Run(Status.IMPORT, what=endless) for _ in cases]
        return self._ask(request, [_given(own, case) for case in cases])

    def _load(self, name: str) -> str:
        """Import a module in the process, which can take longer than any run; return why it does not end, or "".

        What else stands in the way of importing it is the answer to every run.
        """
        if name in self._loaded or name in self._endless:
            return self._endless.get(name, "")
        self.deadline.check()
        timeout = min(_IMPORT_S, _SHARE * self.deadline.remaining())
        request = {"module": name, "function": -1, "budget": 1e6, "cases": []}
        try:
            said = json.loads(self._started().ask(json.dumps(request).encode(), timeout_s=timeout))
            self.cpu_s += said["cpu_s"]
            self._loaded.add(name)
        except Stopped as stopped:
            self.fresh()
            if stopped.timed_out:
                self.cpu_s += timeout
                self.hurried = self.hurried or timeout < _IMPORT_S
                self._endless[name] = f"importing the module does not end within {timeout:.2g} s, so nothing in it can be run"
        return self._endless.get(name, "")

    def _imported(self, module: Module) -> Run:
        """Import a module in a process in which nothing was imported."""
        if module.name in self._endless:
            return Run(Status.IMPORT, what=self._endless[module.name])
        self.fresh()
        request = {"module": module.name, "function": None, "seconds": SECONDS, "budget": 1e6}
        (run,) = self._ask(request, [[[], []]])
        self.fresh()
        found = run.violation
        if found is None or found.path != module.path or found.kind is not Kind.EXCEPTION:
            return run
        for node in ast.walk(module.tree):  # an `assert` at the top level raises as it stands, and its condition is the claim
            if isinstance(node, ast.Assert) and node.lineno <= found.line <= (node.end_lineno or node.lineno):
                place = Positions(module.text).place(node.test)
                said = replace(found, kind=Kind.ASSERTION, line=place.line, column=place.column, text=ast.unparse(node.test))
                return replace(run, violation=said)
        return run

    def fresh(self) -> None:
        """Forget the process: the next run begins with modules that nothing has changed."""
        self._loaded.clear()
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _ask(self, request: Mapping[str, Any], cases: Sequence[list[Any]]) -> list[Run]:
        if not cases:
            return []
        self.deadline.check()
        timeout = _BATCH_S + 4 * min(request["budget"], min(len(cases), 30) * request["seconds"])  # the processor may be shared
        timeout = min(timeout, self.deadline.remaining())
        try:
            child = self._started()
            line = json.dumps({**request, "cases": cases}, separators=(",", ":")).encode()
            said = json.loads(child.ask(line, timeout_s=timeout))
            self.cpu_s += said["cpu_s"]
            return [_run(answer) for answer in said["runs"]]
        except Stopped as stopped:
            self.fresh()
            self.cpu_s += timeout if stopped.timed_out else 0.1
            if stopped.timed_out and self.deadline.remaining() <= 0:
                raise OutOfTime from None
            if len(cases) == 1:
                why = "it hangs where it cannot be interrupted" if stopped.timed_out else f"the process ended ({_last(stopped)})"
                return [Run(Status.CRASHED, what=why)]
        # One of them did that: ask again in smaller parts.
        part = max(1, len(cases) // 8)
        return [run for i in range(0, len(cases), part) for run in self._ask(request, cases[i : i + part])]

    def _started(self) -> Sandboxed:
        if self._child is None:
            here = Path(__file__).parent
            child = spawn(
                [str(here / "child.py")],
                readable=[here, *self.installed.readable],
                cpu_s=_CPU_S,
                memory_bytes=_MEMORY_OF_PACKAGES if self.installed.readable else _MEMORY,
                wall_s=_WALL_S,
                unsandboxed=self.allow_unsandboxed,
            )
            self._child = child
            try:
                child.ask(self._sent, timeout_s=30.0)
            except Stopped as stopped:
                self.fresh()
                raise CannotStart(
                    f"the process that runs checked code ended at its start ({_last(stopped)})",
                    help="free memory; if that does not help, this is a defect of probatum",
                ) from None
        return self._child

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.fresh()


def _tail(folder: str) -> str:
    """Return the end of a path that says which folder it is, and not where on this machine."""
    parts = Path(folder).parts
    return "/".join(parts[-4:]) if ".venv" in parts[-4:] else parts[-1]


def _last(stopped: Stopped) -> str:
    lines = stopped.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else f"status {stopped.status}"


_HOW = {Passing.POSITIONAL: "p", Passing.BOTH: "p", Passing.KEYWORD: "k", Passing.REST: "*", Passing.REST_KEYWORDS: "**"}


def _given(function: Function, case: Case) -> list[Any]:
    given: list[list[str]] = []
    by_name = False  # after a parameter that is left to its default
    for parameter in function.parameters:
        text = case.arguments.get(parameter.name)
        if text is None:
            by_name = True
            continue
        how = _HOW[parameter.passing]
        given.append(["k" if how == "p" and by_name else how, parameter.name, text])
    return [given, [[name, text] for name, text in case.shared.items()]]


def _run(answer: Mapping[str, Any]) -> Run:
    status = Status(answer["status"])
    violation = None
    if status is Status.LIMIT and answer.get("path"):
        place = (answer["path"], answer["line"], answer["column"])
        said = "calls itself without end" if answer["what"] == "recursion" else f"has not ended after {answer['steps']:,} steps"
        violation = Violation(Kind.TERMINATION, answer["function"], *place, text=said)
    if status is Status.VIOLATED:
        same = ("function", "path", "line", "column", "clause_path", "clause_line", "clause_column", "text", "values")
        violation = Violation(Kind[answer["kind"]], **{name: answer[name] for name in same})
    return Run(
        status,
        value=answer.get("value", ""),
        violation=violation,
        what=answer.get("what", answer.get("reason", "")),
        steps=answer.get("steps", 0),
        trace=tuple(Step(s["path"], s["line"], s["changed"]) for s in answer.get("trace", ())),
        open_clauses=tuple(answer.get("open", ())),
        satisfied=answer.get("satisfied", 0),
        new=answer.get("new", False),
    )
