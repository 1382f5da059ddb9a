"""A stored obligation is checked by another solver, and by nothing else."""

import pytest

from probatum.errors import EvidenceError
from probatum.evidence import Counterexample, Proof, from_json
from probatum.solve import Question, Unsat, ask
from probatum.solve.repeatable import METHOD, proof
from probatum.solve.replay import recheck

IMPOSSIBLE = '(declare-const s String) (assert (str.prefixof "ab" s)) (assert (= (str.at s 0) "b"))'


def stored(smtlib: str = IMPOSSIBLE, expected: str = "unsat", solver: str = "z3 4.13.0") -> Proof:
    return Proof(method=METHOD, claim="no such name", certificate={"smtlib": smtlib, "expected": expected, "solver": solver})


@pytest.mark.parametrize("solver", ["z3", "cvc5"])
def test_what_one_solver_proves_the_other_confirms(solver: str) -> None:
    answer = ask(Question(IMPOSSIBLE), solvers=(solver,))
    assert isinstance(answer, Unsat)

    evidence = from_json(proof(answer, "no such name").to_json())

    assert recheck(evidence).status == "confirmed"


@pytest.mark.parametrize("solver", ["z3 4.13.0", "cvc5 1.2"])
def test_an_altered_obligation_is_refuted(solver: str) -> None:
    answer = recheck(stored(IMPOSSIBLE.replace('"b"', '"a"'), solver=solver))

    assert answer.status == "refuted"
    assert answer.reason.startswith(f"{solver} said unsat, and ")


def test_a_claim_that_values_exist_is_replayed_too() -> None:
    assert recheck(stored(expected="sat")).status == "refuted"


def test_what_the_other_solver_cannot_decide_stays_open() -> None:
    cubes = "(declare-const x Int) (declare-const y Int) (declare-const z Int) (assert (= (+ (* x x x) (* y y y) (* z z z)) 42))"

    answer = recheck(stored(cubes), effort=10)

    assert answer.status == "cannot"
    assert "effort 10" in answer.reason


def test_an_unknown_method_stays_open() -> None:
    evidence = Proof(method="solve/other/1", claim="", certificate={})

    assert recheck(evidence).status == "cannot"


@pytest.mark.parametrize(
    "evidence",
    [
        stored("(assert false) (exit)"),
        stored(expected="maybe"),
        Proof(method=METHOD, claim="", certificate={"smtlib": 3}),
        Counterexample(method=METHOD, given={}, observed="", expected=""),
    ],
    ids=["command", "answer", "fields", "kind"],
)
def test_malformed_obligations_are_named_as_such(evidence: Proof | Counterexample) -> None:
    with pytest.raises(EvidenceError):
        recheck(evidence)
