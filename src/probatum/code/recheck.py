"""Check evidence about programs again: a counterexample by running it.

A choice of a Boogie program's values is run by an interpreter (`code/run/1`), a
call of a Python function by CPython, in a sandbox, with the contract watched
(`code/call/1`).
"""

from __future__ import annotations

from collections.abc import Mapping

from probatum.code.artefacts import Artefact, BoogieProgram, PythonModule
from probatum.errors import ProbatumError
from probatum.evidence import CONFIRMED, Counterexample, Evidence, Recheck
from probatum.source import Source

METHOD = "code/run/1"
CALL = "code/call/1"


def recheck(artefact: Artefact, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute evidence about a program; see `probatum.evidence.Recheck`."""
    if isinstance(evidence, Counterexample):
        if evidence.method == METHOD and isinstance(artefact, BoogieProgram):
            return _run(artefact, evidence)
        if evidence.method == CALL and isinstance(artefact, PythonModule):
            return _call(artefact, evidence, inputs)
    return Recheck("cannot", f"`{evidence.method}` is not a method that this version can check for such a file")


def _call(artefact: PythonModule, evidence: Counterexample, inputs: Mapping[str, Source]) -> Recheck:
    from probatum.code.semantics.packages import folders_of
    from probatum.code.semantics.python import Case, Runner, Status

    if not artefact.options.get("replay", True):
        return Recheck("cannot", "no code may be run (`--no-replay`)")
    try:
        given = evidence.given
        name, arguments, shared, claim = given["function"], given["arguments"], given["shared"], given["claim"]
        texts = {*arguments.items(), *shared.items()}
        if not isinstance(name, str) or not all(isinstance(key, str) and isinstance(text, str) for key, text in texts):
            return Recheck("refuted", "the evidence is malformed (it names no function, or its arguments are no texts)")
        wanted = (claim["kind"], claim["path"], claim["line"])
    except (KeyError, TypeError, AttributeError) as problem:
        return Recheck("refuted", f"the evidence is malformed ({problem!r})")
    try:
        program, _ = artefact.program(inputs)
        allowed, packages = bool(artefact.options.get("allow-unsandboxed")), folders_of(artefact.options)
        known, code = artefact.memo.get("instrumented", (None, None))  # the same for every call; each has a process of its own
        code = code if known is program else None
        with Runner(program, allow_unsandboxed=allowed, packages=packages, code=code) as runner:
            artefact.memo["instrumented"] = program, runner.code
            run = runner.run(name, Case(arguments, shared))
    except LookupError:
        return Recheck("cannot", f"the evidence needs the function `{name}`, which is not there")
    except ProbatumError as problem:
        return Recheck("cannot", problem.message)
    if run.violation is None:
        if run.status in (Status.REFUSED, Status.IMPORT, Status.CRASHED, Status.UNKNOWN):
            return Recheck("cannot", f"the call could not be run to its end: {run.what or run.status.value}")
        return Recheck("refuted", f"the call breaks nothing: it ended {run.status.value}")
    violated = (run.violation.kind.name, run.violation.path, run.violation.line)
    if violated != wanted:
        return Recheck("refuted", f"the call breaks something else: {run.violation.kind.value}, in line {run.violation.line}")
    return CONFIRMED


def _run(artefact: BoogieProgram, evidence: Counterexample) -> Recheck:
    from probatum.code.semantics.boogie import axioms_hold, replay
    from probatum.ivl.execution.values import NoValue

    try:
        ran = replay(artefact, evidence.given)
        claim = evidence.given["claim"]
        violated = (claim["what"], claim["line"], claim["column"], claim["clause_line"], claim["clause_column"])
        where, related = ran.ended.position, ran.ended.related
        if ran.ended.how == "undetermined":
            return Recheck("refuted", f"the run cannot be determined: {ran.ended.what}")
        if ran.ended.how != "violated":
            return Recheck("refuted", f"the run violates nothing: it ended {ran.ended.how} ({ran.ended.what or 'no reason'})")
        if (ran.ended.what, where.line, where.column, related.line, related.column) != violated:
            return Recheck("refuted", f"the run violates another claim, at {where.line}:{where.column}")
        if axioms_hold(artefact, evidence.given["constants"]) is False:
            return Recheck("refuted", "the constants contradict an axiom")
        if ran.used and axioms_hold(artefact, evidence.given["constants"]) is None:
            return Recheck("refuted", "the run rests on constants, and whether the axioms allow them cannot be determined")
    except LookupError as problem:
        return Recheck("cannot", f"the evidence needs {problem}, which is not there")
    except (TypeError, ValueError, NoValue) as problem:
        return Recheck("refuted", f"the evidence is malformed ({problem})")
    return CONFIRMED
