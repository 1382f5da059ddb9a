"""Certificates for what was proved: evidence that others check without search.

result = verify(program, prover=prover, keep_texts=True)
with runner_for("local") as runner:
    found = certify(result, runner)
print(f"{len(found.proofs) - len(found.reasons)} of {len(found.proofs)}")
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.evidence import Proof
from probatum.ivl.outcomes import Claim, Outcome, Verification
from probatum.ivl.stability import proved

if TYPE_CHECKING:
    from probatum.runner import Result, Runner

HOLDS: Mapping[Claim, str] = {
    Claim.ASSERT: "this assertion holds",
    Claim.PRECONDITION: "a precondition for this call holds",
    Claim.POSTCONDITION: "a postcondition holds on every return path",
    Claim.ENTRY: "this loop invariant holds on entry",
    Claim.MAINTAINED: "this invariant is maintained by the loop",
    Claim.MEASURE: "the measure decreases",
    Claim.UNPACK: "the precondition for unpack holds",
}

SECONDS = 20.0  # for one certificate; most take less than their proof
_GRACE = 5.0  # a search looks at its clock now and then
_MEMORY = 2 * 2**30


@dataclass(frozen=True, slots=True)
class Certified:
    """Evidence for every proved obligation of a program.

    Attributes
    ----------
    proofs : mapping of str to Proof
        By the key of the obligation: a ground certificate, or else the
        obligation itself, for a second solver to repeat.
    reasons : mapping of str to str
        Why there is no certificate, by key.
    """

    proofs: Mapping[str, Proof]
    reasons: Mapping[str, str]

    def covers(self, outcome: Outcome) -> bool:
        """Whether there is a ground certificate for an outcome."""
        return outcome.key in self.proofs and outcome.key not in self.reasons


def certify(
    result: Verification, runner: Runner, *, seed: int = 0, timeout_s: float = SECONDS, ends: float | None = None
) -> Certified:
    """Find a certificate for every proved obligation.

    Parameters
    ----------
    result : Verification
        Made with `keep_texts`.
    runner : Runner
        Where: each search is a task in a guarded child.
    seed : int
        Of the solvers' own choices.
    timeout_s : float
        Seconds for one certificate.
    ends : float, optional
        Point of the monotonic clock after which no search is begun.
    """
    from probatum.solve import certificate

    wanted = list(proved(result))
    proofs: dict[str, Proof] = {}
    reasons: dict[str, str] = {}
    began: list[Outcome] = []

    def items() -> Iterator[dict[str, Any]]:
        for outcome in wanted:
            left = timeout_s if ends is None else min(timeout_s, ends - time.monotonic())
            if left > 0:
                began.append(outcome)
                yield {"smtlib": outcome.text, "timeout_s": left, "seed": seed}

    for answer in runner.map("probatum.solve.certify:certify_task", items(), timeout_s=timeout_s + _GRACE, memory_bytes=_MEMORY):
        outcome = began[answer.index]
        found = _found(answer)
        if isinstance(found, str):
            reasons[outcome.key] = found
        else:
            own = certificate.Certificate.from_json(found)
            proofs[outcome.key] = certificate.proof(own, outcome.text, claim(outcome))
    for outcome in wanted:
        if outcome.key not in proofs:
            reasons.setdefault(outcome.key, "there was no time left")
            proofs[outcome.key] = _repeatable(outcome)
    return Certified(proofs, reasons)


def claim(outcome: Outcome) -> str:
    """Return what a proved obligation claims, in one line."""
    return f"{HOLDS[outcome.label.claim]} (line {outcome.label.position.line})"


def _repeatable(outcome: Outcome) -> Proof:
    from probatum.solve.repeatable import METHOD

    content = {"smtlib": outcome.text, "expected": "unsat", "solver": outcome.solver}
    return Proof(method=METHOD, claim=claim(outcome), certificate=content)


def _found(answer: Result) -> Mapping[str, Any] | str:
    """Return a certificate as JSON, or why there is none."""
    from probatum.runner import Crashed, Done, Failed, OutOfMemory, TimedOut

    match answer:
        case Done(value={"certificate": dict(found)}):
            return found
        case Done(value={"reason": str(reason)}):
            return reason
        case TimedOut():
            return "the search was stopped at its limit of time"
        case OutOfMemory():
            return "the search was stopped at its limit of memory"
        case Crashed(detail=detail):
            return f"the search crashed: {detail.splitlines()[0] if detail else 'no reason given'}"
        case Failed(error=error, message=message):
            return f"the search failed: {error}: {message}"
    return "the search gave an answer that is none"


__all__ = ["HOLDS", "SECONDS", "Certified", "certify", "claim"]
