"""What is printed of verified programs: lines as Boogie prints them, and JSON that says more.

The text is Boogie's to the letter where Boogie has words: editors, build
scripts and test suites read it. What Boogie does not say is added on lines of
its own, which begin with blanks: the source line of an error with a caret, the
reason why something is not proved, values along a trace.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from probatum.cli import boogie_proofs
from probatum.cli.boogie_options import Settings
from probatum.ivl.certified import Certified
from probatum.ivl.outcomes import BodyResult, Claim, Outcome, StaticError, Verdict, Verification
from probatum.ivl.stability import Stability
from probatum.ivl.syntax.tree import Position
from probatum.ivl.verification import reported_at
from probatum.report.quoting import plain

SCHEMA = "probatum-boogie/1"
TOOL = "Boogie program verifier"

_phases = {"parse": "parse", "resolution": "name resolution", "type": "type checking"}
_related = {
    Claim.PRECONDITION: "this is the precondition that could not be proved",
    Claim.POSTCONDITION: "this is the postcondition that could not be proved",
}
_uncounted = re.compile(r"^Call cycle detected among functions|^Function with :\w+ attribute must have a body$")
_widest = 120  # characters of a source line that are shown


@dataclass(slots=True)
class Answer:
    """What became of one program.

    Attributes
    ----------
    name : str
        Its file, the last one of several.
    problem : str
        Why it was not even read; empty if it was.
    verification : Verification or None
        None if it was not read, or not to be checked (`-noResolve`).
    texts : mapping
        Source text by file name, for excerpts.
    complete : bool
        False if `-noVerify` and its like ended the work before any proof.
    printed : str
        The program itself, if it was asked for (`-print:-`).
    defect : bool
        `problem` is ours, and not the program's.
    files, digests : mapping
        What names in `texts` are called on the disk, and SHA-256 of what was read there.
    stability, certified
        What was found about the proofs, if it was asked for.
    """

    name: str
    problem: str = ""
    verification: Verification | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True
    printed: str = ""
    defect: bool = False
    seconds: float = 0.0
    files: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    stability: Stability | None = None
    certified: Certified | None = None

    @property
    def static_errors(self) -> list[StaticError]:
        """Errors found before any proof."""
        return [] if self.verification is None else [e for e in self.verification.static if e.kind == "error"]

    @property
    def tally(self) -> Tally:
        """What the closing line counts."""
        tally = Tally()
        if self.verification is not None and not self.static_errors:
            for body in self.verification.bodies:
                tally.add(body)
        return tally

    @property
    def status(self) -> int:
        """The exit status of this program alone: 0 proved, 1 something is refuted, 3 something is not known, 4 a defect of ours."""
        if self.defect:
            return 4
        if self.problem or self.static_errors:
            return 3
        if self.verification is None or not self.complete:
            return 0
        bodies = self.verification.bodies
        if any(o.verdict is Verdict.REFUTED for body in bodies for o in body.outcomes):
            return 1
        return 0 if bodies and all(body.verified for body in bodies) else 3


@dataclass(slots=True)
class Tally:
    """The numbers of a closing line."""

    verified: int = 0
    errors: int = 0
    inconclusive: int = 0
    timed_out: int = 0
    exhausted: int = 0

    def add(self, body: BodyResult) -> None:
        """Count one implementation."""
        errors = body.reported
        if body.verified:
            self.verified += 1
        elif errors:
            self.errors += len(errors)
        elif any(outcome.timed_out for outcome in body.outcomes):
            self.timed_out += 1
        elif any(outcome.exhausted for outcome in body.outcomes):
            self.exhausted += 1
        else:
            self.inconclusive += 1


def exit_status(answers: Sequence[Answer]) -> int:
    """Return the exit status of a run: refuted counts first, then defects of ours, then what is not known; nothing verified is not success."""
    found = {answer.status for answer in answers}
    return next((status for status in (1, 4, 3) if status in found), 0 if found else 3)


# Text


def text(answer: Answer, settings: Settings) -> str:
    """Return what Boogie would print of one program, and what we add."""
    if settings.silence > 1 or answer.problem:
        return ""
    return "".join(f"{line}\n" for line in _lines(answer, settings))


def _lines(answer: Answer, settings: Settings) -> Iterator[str]:
    if answer.printed:
        yield answer.printed.rstrip("\n")
    result = answer.verification
    if result is None:
        return
    for error in (*result.static, *result.warnings):
        yield from _static(error, answer, settings)
    if errors := answer.static_errors:
        if closing := _static_closing(errors, answer.name, settings):
            yield closing
        return
    if settings.print_assignment and result.assignment is not None:
        yield "Assignment computed by Houdini:"
        yield from (f"{name} = {'True' if kept else 'False'}" for name, kept in result.assignment.items())
    for body in result.bodies:
        yield from _body(body, settings)
    if answer.complete and settings.silence == 0:
        yield ""
        yield _closing(answer.tally, settings)
        yield from boogie_proofs.lines(
            answer, settings, {id(o): _at(o.label.position, settings) for o in boogie_proofs.proved(result)}
        )
    elif settings.silence == 0 and not settings.stop_after:
        yield ""
        yield _closing(Tally(), settings)


def _static(error: StaticError, answer: Answer, settings: Settings) -> Iterator[str]:
    if error.position.line == 0 and not error.position.file and error.phase != "resolution":
        yield plain(error.message)
        return
    word = "Warning" if error.kind == "warning" else "error" if error.phase == "parse" else "Error"
    # Boogie counts columns from 0 where it is not the parser that speaks, and only there.
    at = error.position if error.phase == "parse" else error.position._replace(column=error.position.column - 1)
    yield f"{_at(at, settings)}: {word}: {plain(error.message)}"
    yield from _excerpt(error, answer.texts)


def _excerpt(error: StaticError, texts: Mapping[str, str]) -> Iterator[str]:
    source = texts.get(error.position.file)
    lines = source.split("\n") if source is not None else []
    row, column = error.position.line, max(error.position.column, 1)
    if error.kind == "warning" or not 1 <= row <= len(lines) or any(line.startswith("#line") for line in lines):
        return  # after such a pragma, positions are those of another text
    line = "".join(" " if c == "\t" else c for c in lines[row - 1].rstrip("\r"))
    start = max(0, column - _widest * 2 // 3) if len(line) > _widest else 0
    shown = line[start : start + _widest]
    yield f"{row:5} | {plain(shown)}"
    yield f"      | {' ' * len(plain(shown[: column - 1 - start]))}^{f' {plain(error.hint)}' if error.hint else ''}"


def _static_closing(errors: Sequence[StaticError], name: str, settings: Settings) -> str:
    if all((e.position.line == 0 and e.phase != "resolution") or _uncounted.search(e.message) for e in errors):
        return ""  # Boogie does not count these either
    phase = next(p for p in (*_phases, errors[0].phase) if any(e.phase == p for e in errors))
    return f"{len(errors)} {_phases.get(phase, phase)} errors detected in {_file(name, settings)}"


def _body(body: BodyResult, settings: Settings) -> Iterator[str]:
    if settings.trace:
        yield f"Verifying {plain(body.name)} ..."
        proved = sum(o.verdict is Verdict.PROVED for o in body.outcomes)
        effort, seconds = sum(o.effort for o in body.outcomes), sum(o.seconds for o in body.outcomes)
        yield f"  [{seconds:.3f} s, {effort} steps, {proved} of {len(body.outcomes)} proved]"
    errors = body.reported
    for outcome in errors:
        yield from _error(outcome, settings)
    if body.verified:
        return
    where = _at(body.position, settings)
    late = [o for o in body.outcomes if o.timed_out]
    if late and not errors:
        limit = settings.fields.get("timeout_s")
        yield f"{where}: Verification of '{plain(body.name)}' timed out" + (f" after {limit:g} seconds" if limit else "")
        for outcome in late:
            yield f"{_at(reported_at(outcome), settings)}: Unverified check due to timeout: {outcome.label.claim.value}"
    elif not errors and any(o.exhausted for o in body.outcomes):
        yield f"{where}: Verification out of resource ({plain(body.name)})"
    elif not errors:
        yield f"{where}: Verification inconclusive ({plain(body.name)})"
    unsupported = sorted({o.reason for o in body.outcomes if o.verdict is Verdict.UNSUPPORTED})
    yield from (f"    not supported: {plain(reason)}" for reason in unsupported)
    reasons = sorted({o.reason for o in body.outcomes if o.verdict is Verdict.NOT_PROVED and o.reason} if not errors else ())
    yield from (f"    neither proved nor refuted: {plain(reason)}" for reason in reasons)


def _error(outcome: Outcome, settings: Settings) -> Iterator[str]:
    label = outcome.label
    loop = label.claim in {Claim.ENTRY, Claim.MAINTAINED}
    if label.message and settings.own_messages and not loop:
        yield plain(label.message)
    else:
        where = _at(reported_at(outcome), settings)
        yield f"{where}: Error: {label.claim.value}"
        if label.claim in _related or label.explanation:
            what = plain(label.explanation) or _related[label.claim]
            yield f"{_at(_related_to(outcome), settings)}: Related location: {what}"
        if loop and label.message:
            yield f"{where}: Related message: {plain(label.message)}"
    if outcome.trace is not None and settings.error_trace > 0:
        yield "Execution trace:"
        for step in outcome.trace.steps:
            if step.position.line > 0:
                yield f"    {_at(step.position, settings)}: {plain(step.block)}"
    if outcome.verdict is Verdict.NOT_PROVED and outcome.reason:
        yield f"    neither proved nor refuted: {plain(outcome.reason)}"
    if settings.values and outcome.trace is not None:
        yield "    values:" if not outcome.trace.candidate else "    values, which may be those of no execution:"
        yield from (f"      {plain(name)} = {plain(value)}" for name, value in outcome.trace.final.items())


def _related_to(outcome: Outcome) -> Position:
    label = outcome.label
    return label.related if label.related.line else label.position


def _closing(tally: Tally, settings: Settings) -> str:
    errors = f"{tally.errors} error{'' if tally.errors == 1 else 's'}"
    line = f"{TOOL} finished with {tally.verified} verified, {errors}" if settings.counts else f"{TOOL} finished with {errors}"
    if tally.inconclusive:
        line += f", {tally.inconclusive} inconclusive{'' if tally.inconclusive == 1 else 's'}"
    if tally.timed_out:
        line += f", {tally.timed_out} time out{'' if tally.timed_out == 1 else 's'}"
    if tally.exhausted:
        line += f", {tally.exhausted} out of resource"
    return line


def total(answers: Iterable[Answer]) -> str:
    """Return a line about several programs."""
    sums, number, unchecked = Tally(), 0, 0
    for answer in answers:
        number += 1
        unchecked += bool(answer.problem or answer.static_errors)
        for body in answer.verification.bodies if answer.verification is not None and not answer.static_errors else ():
            sums.add(body)
    line = f"{number} programs: {sums.verified} verified, {sums.errors} error{'' if sums.errors == 1 else 's'}"
    for count, word in (
        (sums.inconclusive, "inconclusive"),
        (sums.timed_out, "out of time"),
        (sums.exhausted, "out of resource"),
        (unchecked, "not checked"),
    ):
        if count:
            line += f", {count} {word}"
    return line


def _at(position: Position, settings: Settings) -> str:
    return f"{_file(position.file, settings)}({position.line},{position.column})"


def _file(name: str, settings: Settings) -> str:
    return plain(os.path.basename(name) if settings.base_names else name)  # noqa: PTH119 - a name from a pragma is no path


# JSON


def to_json(answer: Answer, settings: Settings | None = None) -> dict[str, Any]:
    """Return everything about one program; `verdict` tells refuted from not proved, as the text does not."""
    settings = settings or Settings()
    tally, result = answer.tally, answer.verification
    row: dict[str, Any] = {
        "file": answer.name,
        "status": {0: "verified", 1: "refuted", 3: "undecided", 4: "defect"}[answer.status],
        "problem": answer.problem or None,
        "verified": tally.verified,
        "errors": tally.errors,
        "inconclusive": tally.inconclusive,
        "time_outs": tally.timed_out,
        "out_of_resource": tally.exhausted,
        "seconds": round(answer.seconds, 3),
        "static": [],
        "procedures": [],
    }
    if not answer.defect and (answer.problem or answer.static_errors):
        row["status"] = "not checked"
    elif not answer.defect and (not answer.complete or result is None):
        row["status"] = "not verified"
    if result is not None:
        row["static"] = [
            {**_place(e.position), "kind": e.kind, "phase": e.phase, "message": e.message, "hint": e.hint or None}
            for e in (*result.static, *result.warnings)
        ]
        row["procedures"] = [_body_json(body, answer, settings) for body in result.bodies]
        if result.assignment is not None:
            row["assignment"] = dict(result.assignment)
    return row | boogie_proofs.program_json(answer)


def _body_json(body: BodyResult, answer: Answer, settings: Settings) -> dict[str, Any]:
    return {
        "name": body.name,
        **_place(body.position),
        "verified": body.verified,
        "errors": len(body.reported),
        "note": body.note or None,
        "obligations": [_outcome_json(o) | boogie_proofs.obligation_json(o, answer, settings) for o in body.outcomes],
    }


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    label = outcome.label
    row: dict[str, Any] = {
        "verdict": outcome.verdict.value,
        "claim": label.claim.name.lower(),
        "message": label.message or label.claim.value,
        **_place(reported_at(outcome)),
        "solver": outcome.solver or None,
        "effort": outcome.effort,
        "seconds": round(outcome.seconds, 3),
        "cached": outcome.cached,
        "key": outcome.key or None,
    }
    if label.identifier:
        row["id"] = label.identifier
    if label.claim in _related:
        row["related"] = _place(_related_to(outcome))
    if outcome.reason:
        row["reason"] = outcome.reason
    if outcome.timed_out:
        row["timed_out"] = True
    if outcome.exhausted:
        row["out_of_resource"] = True
    if outcome.trace is not None:
        row["trace"] = {
            "candidate": outcome.trace.candidate,
            "steps": [{"block": s.block, **_place(s.position), "values": dict(s.values)} for s in outcome.trace.steps],
            "initial": dict(outcome.trace.initial),
            "final": dict(outcome.trace.final),
        }
    return row


def _place(position: Position) -> dict[str, Any]:
    return {"file": position.file, "line": position.line, "column": position.column}
