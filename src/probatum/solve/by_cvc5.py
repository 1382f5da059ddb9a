"""Ask cvc5."""

from __future__ import annotations

import time
from typing import Any

from probatum.findings import Why
from probatum.solve.answers import Answer, Sat, Term, Unknown, Unsat, Value, milliseconds
from probatum.solve.text import MalformedQuestion, Script, value_of

# Units of cvc5's own limit in one unit of effort (about a millisecond); see `portfolio.ask`.
STEPS = 400


def ask(script: Script, report: tuple[str, ...], *, timeout_s: float, effort: int | None, seed: int, **more: str) -> Answer:
    """Ask cvc5 once, in this process, with `more` of its own options. See `portfolio.ask` for the meaning of the limits."""
    try:
        import cvc5
    except ImportError:
        return Unknown("cvc5 is not installed: `pip install 'probatum[access]'`", "cvc5", Why.MISSING_EXTRA)
    terms = cvc5.TermManager()
    solver = cvc5.Solver(terms)
    version = solver.getVersion()
    solver_name = f"cvc5 {version.decode() if isinstance(version, bytes) else version}"
    options = {
        "produce-models": "true",
        "strings-exp": "true",  # the whole theory of strings, not only the decidable part
        "seed": str(seed),
        "sat-random-seed": str(seed),
        "tlimit-per": str(milliseconds(timeout_s)),
    }
    if effort is not None:
        options["rlimit-per"] = str(effort * STEPS)
    if any(script.names):
        options["produce-unsat-cores"] = "true"
    options |= {name.replace("_", "-"): value for name, value in more.items()}
    try:
        for name, value in options.items():
            solver.setOption(name, value)
        symbols = cvc5.SymbolManager(terms)
        execute(cvc5, solver, symbols, f"(set-logic {script.logic or 'ALL'})\n{script.text}")
        wanted = [_term(cvc5, solver, symbols, text) for text in report]
    except Exception as problem:  # noqa: BLE001 - its binding raises plain RuntimeError, and every failure is the answer unknown
        return Unknown(f"cvc5 cannot read the question: {_line(problem)}", solver_name)

    started = time.perf_counter()
    try:
        verdict = solver.checkSat()
        seconds = time.perf_counter() - started
        if verdict.isUnsat():
            text = (f"(set-logic {script.logic})\n" if script.logic else "") + script.text
            return Unsat(text, solver_name, seconds, _core(solver, symbols, script))
        if verdict.isSat():
            # As with z3: a model is a claim, and evaluating it is cheap.
            if any(str(solver.getValue(formula)) == "false" for formula in solver.getAssertions()):
                return Unknown("cvc5 gave values that do not satisfy the question", solver_name)
            values = {text: _value(str(solver.getValue(term))) for text, term in zip(report, wanted, strict=True)}
            return Sat(values, solver_name, seconds)
        return _unknown(str(verdict.getUnknownExplanation()).rsplit(".", 1)[-1], solver_name, timeout_s, effort)
    except Exception as problem:  # noqa: BLE001 - as above
        return Unknown(f"cvc5 failed: {_line(problem)}", solver_name)


def execute(cvc5: Any, solver: Any, symbols: Any, text: str) -> None:
    """Run commands one after the other; raises RuntimeError, as the binding does, at the first that it refuses."""
    parser = cvc5.InputParser(solver, symbols)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "question")
    while not (command := parser.nextCommand()).isNull():
        if complaint := command.invoke(solver, symbols):
            raise RuntimeError(complaint)


def _term(cvc5: Any, solver: Any, symbols: Any, text: str) -> Any:
    parser = cvc5.InputParser(solver, symbols)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "report")
    return parser.nextTerm()


def _core(solver: Any, symbols: Any, script: Script) -> tuple[str, ...]:
    if not any(script.names):
        return ()
    named = symbols.getNamedTerms()
    names = {named[term] for term in solver.getUnsatCore() if term in named}
    return tuple(name for name in script.names if name is not None and name in names)


def _value(text: str) -> Value:
    try:
        return value_of(text)
    except (MalformedQuestion, ValueError):
        return Term(text)  # in cvc5's own notation for things outside the standard


def _unknown(explanation: str, solver: str, timeout_s: float, effort: int | None) -> Unknown:
    match explanation:
        case "TIMEOUT":
            return Unknown(f"cvc5 did not decide within {timeout_s:g} s", solver, Why.TIME_LIMIT)
        case "RESOURCEOUT" if effort is not None:
            return Unknown(f"cvc5 did not decide within effort {effort}", solver, Why.TIME_LIMIT)
        case "MEMOUT":
            return Unknown("cvc5 ran out of memory", solver, Why.MEMORY_LIMIT)
    return Unknown(f"cvc5 gave up: {explanation.lower()}", solver)


def _line(problem: BaseException) -> str:
    return " ".join(str(problem).split())[:200] or type(problem).__name__
