"""Ask z3."""

from __future__ import annotations

import time
from typing import Any

from probatum.findings import Why
from probatum.solve.answers import Answer, Sat, Term, Unknown, Unsat, Value, milliseconds
from probatum.solve.text import MalformedQuestion, Script, value_of

# Units of z3's own limit in one unit of effort (about a millisecond): measured on
# string, arithmetic and propositional questions; see `portfolio.ask`.
STEPS = 4_000


def ask(script: Script, report: tuple[str, ...], *, timeout_s: float, effort: int | None, seed: int) -> Answer:
    """Ask z3 once, in this process. See `portfolio.ask` for the meaning of the limits."""
    try:
        import z3
    except ImportError:
        return Unknown("z3 is not installed: `pip install 'probatum[access]'`", "z3", Why.MISSING_EXTRA)
    solver_name = f"z3 {z3.get_version_string()}"
    # A context of its own: what was asked before must not change this answer.
    context = z3.Context()
    try:
        # Equations at the end carry the terms to report through the same reader.
        extra = "".join(f"(assert (= {term} {term}))\n" for term in report)
        read = z3.parse_smt2_string(script.text + extra, ctx=context)
        asserted = [read[i] for i in range(len(script.names))]
        wanted = {term: read[len(script.names) + i].arg(0) for i, term in enumerate(report)}
    except (z3.Z3Exception, IndexError) as problem:
        return Unknown(f"z3 cannot read the question: {_line(problem)}", solver_name)

    solver = z3.Solver(ctx=context)
    solver.set("random_seed", seed)
    solver.set("timeout", milliseconds(timeout_s))
    if effort is not None:
        solver.set("rlimit", effort * STEPS)
    for number, (name, formula) in enumerate(zip(script.names, asserted, strict=True)):
        if name is None:
            solver.add(formula)
        else:
            solver.assert_and_track(formula, z3.Bool(f"|probatum core {number}|", ctx=context))

    started = time.perf_counter()
    try:
        verdict = solver.check()
        seconds = time.perf_counter() - started
        if verdict == z3.unsat:
            numbers = sorted(int(str(t).strip("|").rsplit(" ", 1)[1]) for t in solver.unsat_core())
            core = tuple(name for n in numbers if (name := script.names[n]) is not None)
            return Unsat(_replayable(script), solver_name, seconds, core)
        if verdict == z3.sat:
            return _sat(z3, solver.model(), asserted, wanted, solver=solver_name, seconds=seconds)
        return _unknown(solver.reason_unknown(), solver_name, seconds=seconds, timeout_s=timeout_s, effort=effort)
    except (z3.Z3Exception, MemoryError) as problem:
        return Unknown(f"z3 failed: {_line(problem)}", solver_name)


def _sat(z3: Any, model: Any, asserted: list[Any], wanted: dict[str, Any], *, solver: str, seconds: float) -> Answer:
    # A model is a claim like any other. Evaluating it is cheap, and catches what would otherwise travel far.
    if any(z3.is_false(model.eval(formula, model_completion=True)) for formula in asserted):
        return Unknown("z3 gave values that do not satisfy the question", solver)
    # A model is partial: it leaves out what does not matter. Completing it here makes every counterexample replayable.
    values = {name: _value(model.eval(term, model_completion=True).sexpr()) for name, term in wanted.items()}
    return Sat(values, solver, seconds)


def _value(text: str) -> Value:
    try:
        return value_of(text)
    except (MalformedQuestion, ValueError):
        return Term(text)  # in z3's own notation for things outside the standard


def _unknown(reason: str, solver: str, *, seconds: float, timeout_s: float, effort: int | None) -> Unknown:
    if reason == "timeout" or (reason == "canceled" and seconds >= timeout_s):
        return Unknown(f"z3 did not decide within {timeout_s:g} s", solver, Why.TIME_LIMIT)
    if effort is not None and reason in ("canceled", "max. resource limit exceeded"):
        return Unknown(f"z3 did not decide within effort {effort}", solver, Why.TIME_LIMIT)
    return Unknown(f"z3 gave up: {reason or 'no reason given'}", solver)


def _replayable(script: Script) -> str:
    return (f"(set-logic {script.logic})\n" if script.logic else "") + script.text


def _line(problem: BaseException) -> str:
    text = problem.args[0] if problem.args else problem
    text = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return " ".join(text.split())[:200] or type(problem).__name__
