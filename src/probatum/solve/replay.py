"""Let a second solver check what a first one claimed: the method `solve/smtlib/1`. (`solve/ground/1`: see `ground`.)

A claim that consists of several (`solve/together/1`) holds if each of them does.

The certificate is the whole obligation: SMT-LIB text, the answer expected, and
the solver that gave it. The replay needs no search for *what* to prove and none
of the code that made the obligation; it asks another solver the same question.
It confirms that the formula has that answer. That the formula says what the
artefact says rests on the rule that wrote it, and the outcome's assumptions
must say so.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from probatum.errors import EvidenceError
from probatum.evidence import CONFIRMED, Evidence, Proof, Recheck, from_json
from probatum.solve import ground
from probatum.solve.answers import Question, Sat, Unknown, Unsat
from probatum.solve.certificate import METHOD as GROUND
from probatum.solve.portfolio import ask
from probatum.solve.repeatable import METHOD, TOGETHER
from probatum.solve.text import MalformedQuestion


def recheck(evidence: Evidence, *, timeout_s: float = 60.0, effort: int | None = None) -> Recheck:
    """Ask another solver than the one that the evidence names.

    Returns
    -------
    Recheck
        Confirmed if it gives the expected answer, refuted if it gives the
        opposite one, `cannot` if it does not decide or is not installed. A
        proof with a ground certificate has to be confirmed by both.

    Raises
    ------
    EvidenceError
        If the evidence is not an obligation, or its text is not a question.
    """
    if evidence.method == GROUND:
        return ground.recheck(evidence, timeout_s=timeout_s)
    if evidence.method == TOGETHER:
        return _recheck_each(evidence, timeout_s=timeout_s, effort=effort)
    if evidence.method != METHOD:
        return Recheck("cannot", f"`{evidence.method}` is not a method that solvers can replay")
    if not isinstance(evidence, Proof):
        raise EvidenceError(f"evidence by `{METHOD}` must be a proof")
    certificate: Mapping[str, Any] = evidence.certificate
    smtlib, expected, first = (certificate.get(key) for key in ("smtlib", "expected", "solver"))
    if not isinstance(smtlib, str) or not isinstance(first, str) or expected not in ("unsat", "sat"):
        raise EvidenceError(
            "a stored obligation lacks its text, its expected answer or the name of its solver",
            help="run `probatum check` again to make it anew",
        )
    other = "cvc5" if first.split(" ")[0] == "z3" else "z3"
    try:
        answer = ask(Question(smtlib), solvers=(other,), timeout_s=timeout_s, effort=effort)
    except MalformedQuestion as problem:
        raise EvidenceError(f"a stored obligation cannot be read: {problem}") from None
    match answer:
        case Unknown(reason=reason):
            return Recheck("cannot", reason)
        case Unsat() | Sat():
            found = "unsat" if isinstance(answer, Unsat) else "sat"
            if found == expected:
                return CONFIRMED
            return Recheck("refuted", f"{first} said {expected}, and {answer.solver} says {found}")


def _recheck_each(evidence: Evidence, *, timeout_s: float, effort: int | None) -> Recheck:
    if not isinstance(evidence, Proof):
        raise EvidenceError(f"evidence by `{TOGETHER}` must be a proof")
    proofs = evidence.certificate.get("proofs")
    if not isinstance(proofs, list) or not proofs or evidence.certificate.get("count") != len(proofs):
        raise EvidenceError(f"evidence by `{TOGETHER}` must be a proof with a list of proofs, and say how many they are")
    ends = time.monotonic() + timeout_s
    unclear: Recheck | None = None
    for number, value in enumerate(proofs, start=1):
        part = from_json(value)
        if part.method == TOGETHER or not part.method.startswith("solve/"):
            raise EvidenceError(f"proof {number} of {len(proofs)} is by `{part.method}`, which cannot be part of another")
        answer = recheck(part, timeout_s=max(0.0, ends - time.monotonic()), effort=effort)
        if answer.status == "refuted":
            return Recheck("refuted", f"proof {number} of {len(proofs)}: {answer.reason}")
        if answer.status == "cannot" and unclear is None:
            unclear = Recheck("cannot", f"proof {number} of {len(proofs)}: {answer.reason}")
    return unclear or CONFIRMED
