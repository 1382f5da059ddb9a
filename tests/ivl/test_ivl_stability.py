"""Proofs in other names and another order: the same meaning, and what is reported of those that are lost."""

import math
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.findings import Why
from probatum.ivl.stability import Noting, examine, proved
from probatum.ivl.verification import verify
from probatum.solve.obligations import Decision, Obligation
from probatum.solve.prover import Prover
from probatum.solve.text import expressions
from probatum.solve.variants import variant

TEXT = """(declare-sort T0 0)
(declare-sort T1 0)
(declare-datatypes ((T2 0)) (((C0 (s0 Int)) (C1 (s1 T2) (s2 T0)))))
(declare-fun f0 (Int) Int)
(declare-fun f1 (T0 T1) Bool)
(declare-fun v0 () Int)
(declare-fun v1 () T2)
(define-fun f2 ((x0 Int)) Int (+ x0 (f0 x0)))
(define-fun f3 ((x0 Int)) Int (f2 (f2 x0)))
(assert (forall ((x0 Int)) (! (> (f0 x0) x0) :qid q0 :pattern ((f0 x0)))))
(assert ((_ is C0) v1))
(assert (= (s0 v1) v0))
(assert (>= v0 0))
(assert (not (> (f3 (s0 v1)) (+ v0 v0))))
"""

PROGRAM = """function f(int): int;
axiom (forall i: int :: {f(i)} f(i) > i);
procedure P(a: int) returns (r: int)
  ensures r > a;
{
  r := f(a);
  assert r >= a + 1;
}
"""


@pytest.fixture(scope="module")
def prover():
    with Prover(workers=1) as made:
        yield made


# Variants


def test_a_variant_keeps_no_declared_name_and_nothing_else_changes() -> None:
    other = variant(Obligation(TEXT), 1).text

    def shape(text: str) -> Counter[str]:
        return Counter(re.sub(r"\b(?:[fvTCsq]|n)\d+\b", "_", line) for line in text.splitlines())

    assert shape(other) == shape(TEXT)
    assert not re.search(r"\b[fvTCsq]\d", other)


def test_a_variant_renames_one_to_one() -> None:
    words = re.compile(r"\b[fvTCsqn]\d+\b")
    other = variant(Obligation(TEXT), 3).text

    assert sorted(Counter(words.findall(other)).values()) == sorted(Counter(words.findall(TEXT)).values())


def test_numbers_give_different_variants_and_the_same_number_the_same() -> None:
    texts = [variant(Obligation(TEXT), number).text for number in (1, 2, 1)]

    assert texts[0] == texts[2] != texts[1]


def test_definitions_stay_behind_what_they_mention() -> None:
    for number in range(20):
        heads = [command[0] for command in expressions(variant(Obligation(TEXT), number).text)]
        assert heads == sorted(heads, key=["declare-sort", "declare-datatypes", "declare-fun", "define-fun", "assert"].index)
        first, second = re.findall(r"\(define-fun (\w+) .*", variant(Obligation(TEXT), number).text)
        assert f"({first} ({first} x0))" in variant(Obligation(TEXT), number).text.split(f"(define-fun {second} ")[1]


def test_both_orders_of_assertions_occur() -> None:
    orders = {tuple("forall" in line for line in variant(Obligation(TEXT), n).text.splitlines()[-5:]) for n in range(20)}

    assert len(orders) == 5


def test_strings_and_bound_variables_are_left_as_they_are() -> None:
    text = '(declare-fun v0 () String)\n(assert (= v0 "v0 ""v0"""))\n(assert (exists ((x0 Int)) (= x0 0)))\n'

    other = variant(Obligation(text), 1).text

    assert '"v0 ""v0"""' in other
    assert "(exists ((x0 Int)) (= x0 0))" in other


def test_a_name_with_bars_is_the_same_as_one_without() -> None:
    other = variant(Obligation("(declare-fun |v0| () Bool)\n(assert v0)\n(assert (not |v0|))\n"), 1).text

    assert set(other.splitlines()) == {"(declare-fun n0 () Bool)", "(assert n0)", "(assert (not n0))"}


def test_new_names_are_none_that_the_text_has() -> None:
    other = variant(Obligation("(declare-fun v0 () Int)\n(assert (forall ((n0 Int)) (= n0 v0)))\n"), 1).text

    assert other.endswith("(assert (forall ((n0 Int)) (= n0 nn0)))\n")


def test_wanted_values_are_renamed_with_the_text() -> None:
    other = variant(Obligation("(declare-fun v0 () Int)\n(assert (= v0 1))\n", values=("(+ v0 1)",)), 1)

    assert other.values == ("(+ n0 1)",)


@given(st.integers(min_value=0, max_value=2**31))
@settings(max_examples=6, deadline=None)
def test_a_variant_is_as_unsatisfiable_as_the_obligation(number: int) -> None:
    import z3

    solver = z3.Solver(ctx=z3.Context())
    solver.set("timeout", 10_000)
    solver.from_string(variant(Obligation(TEXT), number).text)

    assert solver.check() == z3.unsat


def test_a_variant_is_as_satisfiable_as_the_obligation() -> None:
    import z3

    text = "(declare-fun v0 () Int)\n(declare-fun v1 () Int)\n(assert (< v0 v1))\n(assert (> v0 7))\n"
    for number in range(4):
        solver = z3.Solver(ctx=z3.Context())
        solver.from_string(variant(Obligation(text), number).text)
        assert solver.check() == z3.sat


# Programs


def test_what_is_proved_is_noted_as_it_was_asked(prover) -> None:
    noting = Noting(prover)
    result = verify(PROGRAM, prover=noting)

    assert [outcome.key in noting.proved for outcome in proved(result)] == [True, True]
    assert all("(assert" in obligation.text for obligation in noting.proved.values())


def test_a_proof_that_hangs_on_nothing_is_not_fragile(prover) -> None:
    noting = Noting(prover)
    result = verify(PROGRAM, prover=noting)

    found = examine(result, noting.proved, prover, 2)

    assert set(found.reports) == set(noting.proved)
    assert not found.fragile
    assert all(report.verdicts == ("unsat",) * 5 for report in found.reports.values())
    assert all(math.isfinite(report.effort_cv) and report.effort_mean > 0 for report in found.reports.values())


def test_what_is_not_proved_is_not_examined(prover) -> None:
    noting = Noting(prover)
    result = verify("procedure P(a: int) { assert a > 0; assert a * 2 > 0; }", prover=noting)

    found = examine(result, noting.proved, prover, 1)

    assert len(found.reports) == 1


def test_nothing_is_begun_after_the_end(prover) -> None:
    noting = Noting(prover)
    result = verify(PROGRAM, prover=noting)

    found = examine(result, noting.proved, prover, 1, ends=0.0)

    assert (found.reports, found.fragile) == ({}, frozenset())
    assert found.missed == set(noting.proved)


class Picky:
    """Proves an obligation only in the words in which it was first asked."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    def decide(self, obligations):
        for key, obligation in obligations:
            self.known.add(obligation.text)
            yield key, Decision("unsat", None, "", "z3", "first", 100, 0.1)

    _seed = 0

    def _decide(self, tasks):
        for key, obligation, seed in tasks:
            if obligation.text in self.known and seed == 0:
                yield key, Decision("unsat", None, "", "z3", "first", 100, 0.1)
            else:
                yield key, Decision("unknown", Why.TIME_LIMIT, "no luck", "z3", "first", 900, 0.1)


def test_a_proof_that_is_lost_in_other_words_is_fragile() -> None:
    picky = Picky()
    noting = Noting(picky)
    result = verify(PROGRAM, prover=noting)

    found = examine(result, noting.proved, picky, 2)

    assert found.fragile == set(noting.proved)
    assert all(report.verdicts == ("unsat", *("unknown",) * 4) for report in found.reports.values())
    assert all(report.effort_mean == 740 for report in found.reports.values())
