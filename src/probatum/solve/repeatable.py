"""Evidence that another solver can discharge: obligations as `Proof`. Who checks them is in `replay`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from probatum.evidence import Proof

if TYPE_CHECKING:
    from probatum.solve.answers import Unsat

METHOD = "solve/smtlib/1"
TOGETHER = "solve/together/1"


def proof(answer: Unsat, claim: str) -> Proof:
    """Return the evidence that an unsatisfiable question is: an obligation that another solver can discharge."""
    certificate = {"smtlib": answer.smtlib, "expected": "unsat", "solver": answer.solver}
    return Proof(method=METHOD, claim=claim, certificate=certificate)


def together(proofs: Sequence[Proof], claim: str) -> Proof:
    """Return the evidence for a claim that follows from several, each with a proof of its own that solvers can check."""
    return Proof(
        method=TOGETHER, claim=claim, certificate={"count": len(proofs), "proofs": [proof.to_json() for proof in proofs]}
    )
