"""Proofs of all that a program claims, and the evidence for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from probatum.code.artefacts import BoogieProgram
from probatum.evidence import Evidence, Proof
from probatum.ivl.options import Options
from probatum.ivl.outcomes import BodyResult
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.solve.prover import Prover

_SECONDS = 20.0  # for one obligation; the effort that solvers count ends it long before, on any machine
_CERTIFICATE_SECONDS = 10.0
_MEMORY = 236 * 2**20  # bytes of a solver: hardly a proof needs half of it, and what does not end takes all that there is


@cache
def shared_prover() -> Prover:
    """Return the prover of this process; its workers are started at the first question that needs them."""
    from probatum.solve.prover import Prover

    return Prover(workers=1, memory_bytes=_MEMORY)  # one for all programs that this process checks; ends with it


def verified(artefact: BoogieProgram, tools: Tools) -> Iterator[tuple[str, BodyResult]]:
    """Verify every implementation, each with a name of its own: `P`, and `P#2` for a second one of `P`.

    Raises
    ------
    OutOfTime
        Between two implementations.
    """
    from probatum.ivl.verification import bodies

    seen: Counter[str] = Counter()
    for result in bodies(artefact.tree, Options(timeout_s=_SECONDS, seed=tools.seed), prover=shared_prover(), keep_texts=True):
        seen[result.name] += 1
        number = seen[result.name]
        yield (result.name if number == 1 else f"{result.name}#{number}"), result
        tools.deadline.check()


def evidence(name: str, body: BodyResult, tools: Tools) -> Evidence:
    """Return a proof of all claims of an implementation: for each a ground certificate, or what another solver can repeat."""
    from probatum.solve.certificate import proof as certified
    from probatum.solve.certify import NotFound, find
    from probatum.solve.repeatable import METHOD, together

    parts: dict[str, Proof] = {}
    for outcome in body.outcomes:
        if outcome.text in parts:
            continue
        claim = f"{outcome.label.claim.value.replace('could not be proved', 'holds')} (line {outcome.label.position.line})"
        tools.deadline.check()
        found = find(outcome.text, timeout_s=min(_CERTIFICATE_SECONDS, tools.deadline.remaining()), seed=tools.seed)
        if isinstance(found, NotFound):
            certificate = {"smtlib": outcome.text, "expected": "unsat", "solver": outcome.solver}
            parts[outcome.text] = Proof(method=METHOD, claim=claim, certificate=certificate)
        else:
            parts[outcome.text] = certified(found, outcome.text, claim)
    return together(tuple(parts.values()), f"every claim of `{name}` holds for all inputs")


def assumptions(artefact: BoogieProgram) -> tuple[str, ...]:
    """Return what a proof about a program rests on."""
    from probatum.ivl.execution.running import axioms

    rests = ["the obligations say what the program says", "callees without a body here keep their contracts"]
    if any(True for _ in axioms(artefact.tree)):
        rests.append("the program's axioms do not contradict each other")
    return tuple(rests)


def plain(value: Any) -> str:
    """Return a value of a run (as JSON) for a person."""
    match value:
        case bool():
            return "true" if value else "false"
        case {"int": str(digits)} | {"real": str(digits)}:
            return digits
        case {"string": str(text)}:
            return f'"{text}"'
        case {"of": str(name), "index": int(index)}:
            return f"{name} {index}"
        case {"constructor": str(constructor), "fields": list(fields)}:
            return f"{constructor}({', '.join(plain(f) for f in fields)})"
        case {"rest": rest, "entries": list(entries)}:
            shown = [f"{', '.join(plain(k) for k in key)}: {plain(one)}" for key, one in entries[:4]]
            return "[" + ", ".join([*shown, f"else {plain(rest)}"]) + "]"
    return str(value)
