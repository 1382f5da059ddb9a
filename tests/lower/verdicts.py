"""What is proved of Python functions that stand in a text: for tests of lowering."""

import functools
import textwrap

import pytest

from probatum import ivl
from probatum.ivl.blocks import Claim
from probatum.ivl.outcomes import Verdict
from probatum.lower.lowered import Kind
from probatum.lower.lowering import lower
from probatum.python.program import Program
from probatum.python.reading import read_program
from probatum.solve.prover import Prover

HEADER = "from probatum.spec import *\n"


@functools.cache
def prover() -> Prover:
    return Prover(workers=1)


def program_of(text: str) -> Program:
    """Return the program of one module `m` with this text."""
    return read_program({"m.py": HEADER + textwrap.dedent(text)})


def runs_into(text: str, call: str, exception: type[Exception]) -> None:
    """Assert that the call raises the exception in CPython, where the contracts of `m` are not checked."""
    names: dict[str, object] = {}
    exec(compile(HEADER + textwrap.dedent(text), "m", "exec"), names)  # noqa: S102 - texts of these tests
    with pytest.raises(exception):
        eval(call, names)  # noqa: S307 - texts of these tests


def verdicts(text: str, *, guess: bool = False, flawed: bool = False) -> dict[str, list[tuple[Kind, str]]]:
    """Return for each function what is not proved of it: kind and text of the obligations; of what is not in the language, why.

    `flawed`: something is wrong with the module itself.
    """
    program = program_of(text)
    module = program.modules["m"]
    assert flawed or module.problems == ()
    return {f.name: open_claims(program, f, guess=guess) for f in module.every_function()}


def open_claims(program, function, *, guess: bool = False) -> list[tuple[Kind, str]]:
    lowered = lower(program, function, guess=guess)
    if lowered.unsupported is not None:
        return [(Kind.TYPE, "unsupported: " + lowered.unsupported.message)]
    result = ivl.verify(lowered.text, ivl.Options(error_limit=0, timeout_s=10, infer=guess, intervals=guess), prover=prover())
    assert result.static == (), lowered.text
    found = []
    for body in result.bodies:
        for outcome in body.outcomes:
            obligation = lowered.obligations.get(outcome.label.position.line)
            proved = outcome.verdict is Verdict.PROVED
            if obligation is not None and proved is obligation.kind.is_probe:
                kind = Kind.MAINTAINED if outcome.label.claim is Claim.MAINTAINED else obligation.kind
                found.append((kind, obligation.text))
    return found


def dead_ends(text: str) -> list[str]:
    """Return the functions whose end cannot be reached, by what is known there: a sign of a contradiction."""
    program = program_of(text)
    found = []
    for function in program.modules["m"].every_function():
        lowered = lower(program, function)
        assert lowered.unsupported is None
        before, _, rest = lowered.text.rpartition("\nexit:\n")
        planted = before + "\nexit:\n  assert {:dead} false;\n" + rest
        result = ivl.verify(planted, ivl.Options(error_limit=0, timeout_s=5), prover=prover())
        lines = planted.split("\n")
        for body in result.bodies:
            for outcome in body.outcomes:
                if "{:dead}" in lines[outcome.label.position.line - 1] and outcome.verdict is Verdict.PROVED:
                    found.append(function.name)  # noqa: PERF401 - three loops read better than one expression
    return found
