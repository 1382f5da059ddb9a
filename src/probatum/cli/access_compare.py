"""Compare two policies, or pair after pair of a stream; what `probatum access compare` does."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

from probatum.cli import close_stdout
from probatum.cli.access_files import Document
from probatum.errors import EvidenceError, ProbatumError, UsageError
from probatum.report.quoting import Pen, plain
from probatum.runner import Crashed, Done, Failed, OutOfMemory, Result, TimedOut, runner_for

if TYPE_CHECKING:
    from probatum.access.semantics import Settings

MEMORY_BYTES = 2 * 2**30  # of one child
_work = "probatum.cli.access_work:"
_compare_line = f"{_work}compare_line"
_window = 1000  # results that may wait for an earlier one
_longest_line = 128 * 2**20  # bytes; two documents of the largest size fit
_lines_ahead = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one comparison is asked, besides the documents."""

    settings: Settings
    axioms: bool
    timeout_s: float
    verify: bool
    require: str | None

    def to_json(self) -> dict[str, Any]:
        """Return what a child needs."""
        return {
            "arn_mode": self.settings.arn_mode,
            "multivalue": self.settings.multivalue,
            "axioms": self.axioms,
            "timeout_s": self.timeout_s,
            "verify": self.verify,
        }

    @property
    def hard_s(self) -> float:
        """When a child is killed: it should have stopped by itself before."""
        return self.timeout_s * 1.1 + 1.0


def status_of(answer: Mapping[str, Any], require: str | None) -> int:
    """Return the exit status of one answer: 4 we are wrong, 1 not as required, 3 not known, 0 otherwise."""
    if answer.get("defect"):
        return 4
    wanted = {"narrower-or-equal": ("a_in_b",), "equivalent": ("a_in_b", "b_in_a")}.get(require or "")
    if wanted is None:
        return 3 if answer["result"]["relation"] == "unknown" else 0
    known = [answer.get(name) for name in wanted]
    return 1 if False in known else 3 if None in known else 0


def compare_two(a: Document, b: Document, asked: Asked) -> dict[str, Any]:
    """Compare two documents in a child that is killed at its deadline; the proofs are verified by another task.

    Raises
    ------
    ProbatumError
        If the policies cannot be compared.
    EvidenceError
        If what was found is contradicted by the semantics or the checker: a defect of ours.
    """
    if a.policy.kind.names_principals != b.policy.kind.names_principals:
        one, other = (a, b) if a.policy.kind.names_principals else (b, a)
        raise UsageError(
            f"`{one.name}` is of kind `{one.policy.kind.value}` and says who is allowed, `{other.name}` is of kind "
            f"`{other.policy.kind.value}` and does not",
            help="compare policies that both do, or both do not; `--kind-a` and `--kind-b` correct a wrong guess",
        )
    item = asked.to_json() | {"a": a.to_json(), "b": b.to_json()}
    with runner_for("local", 1) as runner:
        [first] = runner.map(f"{_work}compare_documents", [item], timeout_s=asked.hard_s, memory_bytes=MEMORY_BYTES)
        answer = _value(first, asked)
        proofs = answer.pop("proofs", {})
        if answer.get("defect"):
            raise EvidenceError(
                answer["result"]["error"]["message"], help="this is a defect of probatum; please report the two policies"
            )
        if asked.verify and proofs:
            [second] = runner.map(
                f"{_work}verify_proofs", [item | {"proofs": proofs}], timeout_s=asked.hard_s, memory_bytes=MEMORY_BYTES
            )
            _note_verified(answer, second)
    return answer


def _value(result: Result, asked: Asked) -> dict[str, Any]:
    if isinstance(result, Done):
        value: dict[str, Any] = result.value
        return value
    if isinstance(result, Failed):
        raise EvidenceError(
            f"{result.error}: {result.message}", help="this is a defect of probatum; please report the two policies"
        )
    return {"result": _unknown(_why(result, asked))}


def _note_verified(answer: dict[str, Any], result: Result) -> None:
    match result:
        case Done(_, "", _):
            answer["verified"] = True
        case Done(_, str(fault), _):
            raise EvidenceError(
                f"a proof does not verify: {fault}", help="this is a defect of probatum; please report the two policies"
            )
        case Failed(_, error, message, _):
            raise EvidenceError(
                f"a proof does not verify: {error}: {message}", help="this is a defect of probatum; please report it"
            )
        case _:
            answer["result"]["assumptions"].append(
                "the proof is taken as it is: it could not be verified in the time and memory given"
            )


def _unknown(reason: str) -> dict[str, Any]:
    return {"relation": "unknown", "a_not_b": None, "b_not_a": None, "assumptions": [], "statements": _none, "reason": reason}


def _why(result: Result, asked: Asked) -> str:
    match result:
        case TimedOut():
            return f"there was no answer within {asked.timeout_s:g} s"
        case OutOfMemory():
            return f"it took more than {MEMORY_BYTES // 2**20:,} MiB of memory"
        case Crashed(_, detail):
            return f"the process ended without an answer: {detail.splitlines()[0] if detail else 'nothing is known'}"
        case _:
            return "there was no answer"


# One comparison as text.

_none: dict[str, list[Any]] = {"a_not_b": [], "b_not_a": []}
_verbs = {
    "equivalent": "`{a}` and `{b}` allow exactly the same requests",
    "narrower": "`{a}` is narrower than `{b}`: all it allows, `{b}` allows too, and `{b}` allows more",
    "wider": "`{a}` is wider than `{b}`: it allows all that `{b}` allows, and more",
    "incomparable": "`{a}` and `{b}` are incomparable: each allows something that the other does not",
    "unknown": "how `{a}` and `{b}` compare is not known",
}


def lines_of(answer: Mapping[str, Any], a: Document, b: Document, pen: Pen) -> Iterator[str]:
    """Explain an answer to a person."""
    result = answer["result"]
    relation = result["relation"]
    names = {"a": plain(a.name), "b": plain(b.name)}
    yield pen(_verbs[relation].format(**names), "bold")
    if result.get("reason"):
        yield f"  because {plain(result['reason'])}"
    if relation == "unknown":
        for known, inner, outer in (("a_in_b", "a", "b"), ("b_in_a", "b", "a")):
            if answer.get(known):
                yield f"  it is known that all `{names[inner]}` allows, `{names[outer]}` allows too"
    for key, allowing, other in (("a_not_b", a, b), ("b_not_a", b, a)):
        if result[key] is not None:
            yield ""
            yield f"allowed by `{plain(allowing.name)}` and not by `{plain(other.name)}`:"
            yield from (f"  {line}" for line in request_lines(result[key]))
            for s in result["statements"][key]:
                yield f"  allowed by {statement_name(s)} at {plain(allowing.source.path)}:{s['line']}:{s['column']}"
    if answer.get("verified"):
        yield ""
        yield "that there is no other such request is proved, and the proof was verified without search"
    if result["assumptions"]:
        yield ""
        yield "assuming that"
        yield from (f"  - {plain(text)}" for text in result["assumptions"])


def request_lines(request: Mapping[str, Any]) -> Iterator[str]:
    """A request, part by part."""
    who = request["principal"]
    if isinstance(who, Mapping):
        who = " ".join(v for k, v in who.items() if v and k != "account")
    yield f"{'principal':<12}{'someone without an account' if who == 'anonymous' else plain(who)}"
    yield f"{'action':<12}{plain(request['action'])}"
    yield f"{'resource':<12}{plain(request['resource'])}"
    for key, values in request["context"].items():
        yield f"{'with':<12}{plain(key)} = {', '.join(plain(v) if v else '(empty)' for v in values)}"


def statement_name(statement: Mapping[str, Any]) -> str:
    """How to call a statement of a result."""
    return f"`{plain(statement['sid'])}`" if statement["sid"] else f"statement {statement['index'] + 1}"


# A stream of pairs.


def compare_pairs(source: int, asked: Asked, *, kind_a: str | None, kind_b: str | None, jobs: int | None) -> int:
    """Compare the pairs in the lines of a descriptor, write one result a line in order, and return the exit status.

    Each result is written as soon as it and all before it are there. Memory is
    bounded by the longest lines and by `_window` results.

    Raises
    ------
    UsageError
        If results cannot be written.
    """
    statuses: set[int] = set()

    def write(answers: Iterator[dict[str, Any]]) -> None:
        for answer in answers:
            statuses.add(status_of(answer, asked.require))
            _write(json.dumps(answer["result"]) + "\n")

    with suppress(BrokenPipeError), runner_for("local", jobs) as runner:  # a reader that has enough: nothing more is computed
        stream = _Stream(_Lines(source), asked.to_json() | {"kind_a": kind_a, "kind_b": kind_b})
        results = runner.map(_compare_line, stream.items(), timeout_s=asked.hard_s, memory_bytes=MEMORY_BYTES)
        for result in results:
            stream.arrived(result, asked)
            write(stream.ready())
        write(stream.ready())
    return next((s for s in (4, 1, 3) if s in statuses), 0)


class _Stream:
    """Gives out lines as tasks, and results in the order of the lines.

    A runner draws the next task before it gives the next result. So when there
    is no line yet while answers are to come, or when too many answers wait for a
    slow one, the task is to rest for a moment.
    """

    def __init__(self, lines: _Lines, common: Mapping[str, Any]) -> None:
        self.lines = lines
        self.common = common
        self.drawn = self.written = self.tasks = 0
        self.places: dict[int, tuple[int, int]] = {}  # of tasks under way: position and number of the line
        self.waiting: dict[int, dict[str, Any]] = {}

    def items(self) -> Iterator[dict[str, Any]]:
        """Give out tasks."""
        while True:
            if self.drawn - self.written >= _window:
                yield self._rest(0.02)
                continue
            found = self.lines.next(patience_s=0.002 if self.drawn > self.written else None)
            if found is None:
                yield self._rest(0.005)
                continue
            number, line = found
            if number == 0:
                return
            if isinstance(line, str):
                self.places[self.tasks] = (self.drawn, number)
                self.tasks += 1
                self.drawn += 1
                yield {**self.common, "number": number, "line": line}
            else:
                self.waiting[self.drawn] = {"result": _failed_line(number, line)}
                self.drawn += 1

    def _rest(self, seconds: float) -> dict[str, Any]:
        self.tasks += 1
        return {"nap": seconds}

    def arrived(self, result: Result, asked: Asked) -> None:
        """Take the result of a task."""
        position, number = self.places.pop(result.index, (-1, 0))
        if position < 0:
            return
        match result:
            case Done(_, value, _):
                self.waiting[position] = value
            case Failed(_, error, message, _):
                fault = ProbatumError(f"{error}: {message}", help="this is a defect of probatum; please report it")
                self.waiting[position] = {"result": _failed_line(number, fault), "defect": True}
            case _:
                self.waiting[position] = {"result": _unknown(_why(result, asked))}

    def ready(self) -> Iterator[dict[str, Any]]:
        """Give all answers whose turn it is."""
        while self.written in self.waiting:
            yield self.waiting.pop(self.written)
            self.written += 1


def _failed_line(number: int, error: ProbatumError) -> dict[str, Any]:
    nothing: dict[str, Any] = {"relation": "unknown", "a_not_b": None, "b_not_a": None, "assumptions": [], "statements": _none}
    return {**nothing, "error": {"message": f"line {number}: {error.message}", "help": error.help}}


class _Lines:
    """Lines of a descriptor, read in another thread, so that waiting for one does not keep results from being written."""

    def __init__(self, source: int) -> None:
        self._queue: Queue[tuple[int, str | ProbatumError] | OSError] = Queue(maxsize=_lines_ahead)
        # Reads a descriptor and no file object: those cannot be left alone at the end of the interpreter.
        threading.Thread(target=self._read, args=(source,), name="probatum-lines", daemon=True).start()

    def next(self, *, patience_s: float | None) -> tuple[int, str | ProbatumError] | None:
        """Return number and text of the next line that is not blank; number 0 at the end; None if none came in time."""
        try:
            found = self._queue.get(timeout=patience_s)
        except Empty:
            return None
        if isinstance(found, OSError):
            raise UsageError(
                f"the pairs cannot be read: {(found.strerror or str(found)).lower()}", help="check the file that was given"
            )
        return found

    def _read(self, source: int) -> None:
        number, line, skipping = 0, bytearray(), False
        try:
            while chunk := os.read(source, 2**20):
                *whole, rest = chunk.split(b"\n")
                for end in whole:
                    number += 1
                    if not skipping:
                        line += end
                        self._put(number, bytes(line))
                    line.clear()
                    skipping = False
                if not skipping:
                    line += rest
                if len(line) > _longest_line:
                    line.clear()
                    skipping = True
                    advice = "leave such a pair out; services accept policies of some kilobytes"
                    self._queue.put((number + 1, UsageError(f"the line has more than {_longest_line:,} bytes", help=advice)))
            if not skipping:
                self._put(number + 1, bytes(line))
        except OSError as error:
            self._queue.put(error)
        else:
            self._queue.put((0, ""))

    def _put(self, number: int, raw: bytes) -> None:
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if not raw.strip():
            return
        try:
            self._queue.put((number, raw.decode()))
        except UnicodeDecodeError as error:
            self._queue.put(
                (
                    number,
                    UsageError(f"the line is not valid UTF-8: byte {error.start} cannot be decoded", help="save it as UTF-8"),
                )
            )


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        close_stdout()
        raise
    except OSError as error:
        raise UsageError(
            f"cannot write to standard output: {(error.strerror or str(error)).lower()}",
            help="free some space, or write elsewhere",
        ) from None
