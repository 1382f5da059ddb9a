"""Proofs of Python functions with ground certificates: on request, confirmed by both solvers, kept, and never silently absent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from probatum.code.artefacts import read
from probatum.code.rules import function as summary
from probatum.evidence import Proof
from probatum.findings import Cleared
from probatum.solve.certificate import Certificate
from probatum.solve.certificate import proof as sealed
from probatum.solve.replay import recheck
from probatum.source import Source
from probatum.tools import Deadline, Tools

LARGEST = (
    "from probatum.spec import ensures, forall, invariant, requires\n\n\n"
    "def largest(xs: list[int]) -> int:\n    requires(len(xs) > 0)\n    ensures(lambda r: forall(xs, lambda x: x <= r))\n"
    "    best = xs[0]\n    for i in range(len(xs)):\n        invariant(forall(range(i), lambda k: xs[k] <= best))\n"
    "        if xs[i] > best:\n            best = xs[i]\n    return best\n"
)


def proved(tools: Tools) -> tuple[Proof, tuple[str, ...]]:
    source = Source("m.py", LARGEST.encode())
    [artefact] = read(source, tools.options)
    [outcome] = summary.check(artefact, tools)
    assert isinstance(outcome, Cleared)
    assert isinstance(outcome.evidence, Proof)
    return outcome.evidence, outcome.assumptions


def methods(proof: Proof) -> set[str]:
    parts: list[dict[str, Any]] = proof.certificate["proofs"]
    return {part["method"] for part in parts}


@pytest.mark.slow
def test_both_solvers_confirm_what_is_certified() -> None:
    proof, assumptions = proved(Tools(options={"certify": True}))

    assert methods(proof) == {"solve/ground/1"}
    assert recheck(proof, timeout_s=60).status == "confirmed"
    assert not any("certificate" in said for said in assumptions)


@pytest.mark.slow
def test_without_a_step_a_certificate_is_not_confirmed() -> None:
    proof, _ = proved(Tools(options={"certify": True}))
    longest = max(proof.certificate["proofs"], key=lambda part: len(part["certificate"]["ground"]["steps"]))
    own = Certificate.from_json(longest["certificate"]["ground"])

    fewer = replace(own, steps=own.steps[1:])

    assert recheck(sealed(fewer, longest["certificate"]["smtlib"], "less"), timeout_s=60).status == "refuted"


@pytest.mark.slow
def test_certificates_are_kept_for_the_next_check() -> None:
    first = Tools(options={"certify": True})
    proof, _ = proved(first)

    again, _ = proved(Tools(options={"certify": True}, kept=first.kept, deadline=Deadline.after(4.0)))  # too little to search

    assert again == proof


def test_what_has_no_certificate_says_so() -> None:
    proof, assumptions = proved(Tools(options={"certify": True}, deadline=Deadline.after(4.0)))

    count = len(proof.certificate["proofs"])
    assert methods(proof) == {"solve/smtlib/1"}
    assert assumptions[-1].startswith(f"{count} of ")
    assert assumptions[-1].endswith("have no ground certificate: a second solver has to repeat them")


def test_nobody_who_did_not_ask_waits_for_certificates() -> None:
    proof, assumptions = proved(Tools())

    assert methods(proof) == {"solve/smtlib/1"}
    assert not any("certificate" in said for said in assumptions)
