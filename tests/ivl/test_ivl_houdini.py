"""Inference of invariants: what is kept, and how much is asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from probatum.ivl.options import Options
from probatum.ivl.verification import Key, verify
from probatum.solve.prover import Decision, Obligation, Prover


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with Prover(workers=1) as opened:
        verify("procedure P() { assert 1 + 1 == 2; }", prover=opened)  # the solvers start here
        yield opened


class Counting:
    """A prover that counts what it is asked."""

    def __init__(self, prover: Prover) -> None:
        self.prover = prover
        self.asked = 0

    def decide(self, obligations: Iterable[tuple[Key, Obligation]]) -> Iterator[tuple[Key, Decision]]:
        def counted() -> Iterator[tuple[Key, Obligation]]:
            for one in obligations:
                self.asked += 1
                yield one

        return self.prover.decide(counted())


def program(count: int) -> str:
    names = [f"b{i}" for i in range(count)]
    invariants = "\n".join(f"invariant {name} ==> i >= {-i};" for i, name in enumerate(names))
    constants = "\n".join(f"const {{:existential true}} {name}: bool;" for name in (*names, "one", "two", "never"))
    return f"""
    {constants}
    procedure P(n: int) {{
      var i, j: int;
      i, j := 0, 0;
      while (i < n)
        {invariants}
        invariant never ==> i < 10;
        invariant one ==> two ==> j == i;
        invariant two ==> j <= 5;
      {{ i := i + 1; j := j + 1; }}
      assert i >= 0;
    }}
    procedure Q(n: int) {{
      var k: int;
      k := n;
      assert b0 ==> k == n;
      assert never ==> false;
    }}
    """


def test_the_largest_set_of_candidates_is_kept(prover: Prover) -> None:
    result = verify(program(3), Options(infer=True), prover=prover)
    kept = {"b0": True, "b1": True, "b2": True, "never": False, "one": True, "two": False}
    assert result.assignment == kept
    assert all(body.verified for body in result.bodies)


def test_candidates_that_hold_are_asked_by_themselves_only_once(prover: Prover) -> None:
    few, many = Counting(prover), Counting(prover)
    verify(program(2), Options(infer=True), prover=few)
    result = verify(program(10), Options(infer=True), prover=many)
    assert result.assignment is not None
    assert sum(result.assignment.values()) == 11
    # Each of the eight more has an assertion at the entry of the loop and one at its end.
    assert many.asked - few.asked <= 16


def test_a_candidate_whose_counterexample_is_not_certain_is_dropped_as_well(prover: Prover) -> None:
    text = """
    function f(x: int): int;
    axiom (forall x: int :: {f(x)} f(x) > x);
    const {:existential true} b, c: bool;
    procedure P(x: int) {
      assert b ==> f(x) > x + 1;
      assert c ==> f(x) > x;
    }
    """
    result = verify(text, Options(infer=True), prover=prover)
    assert result.assignment == {"b": False, "c": True}
    assert result.bodies[0].verified


def test_a_candidate_that_nothing_satisfies_is_dropped_like_any_other(prover: Prover) -> None:
    text = """
    const {:existential true} b: bool;
    procedure P(n: int) {
      var i: int;
      i := 0;
      goto head;
    head:
      assert b ==> false;
      goto again, out;
    again:
      assume i < n;
      i := i + 1;
      goto head;
    out:
      assume i >= n;
      assert i != 7;
    }
    """
    result = verify(text, Options(infer=True), prover=prover)
    [open_] = [o for body in result.bodies for o in body.outcomes if o.verdict.name != "PROVED"]

    assert result.assignment == {"b": False}
    assert open_.label.position.line == 16
