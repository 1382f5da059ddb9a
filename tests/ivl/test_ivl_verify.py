"""Programs verified from their text: verdicts, what is reported where, traces, and what can go wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from probatum.findings import Why
from probatum.ivl.blocks import Claim
from probatum.ivl.options import Options
from probatum.ivl.outcomes import BodyResult, Verdict, Verification
from probatum.ivl.verification import Key, reported_at, verify
from probatum.solve.prover import Decision, Obligation, Prover


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with Prover(workers=1) as opened:
        verify("procedure P() { assert 1 + 1 == 2; }", prover=opened)  # the solvers start here
        yield opened


def body(result: Verification, name: str = "P") -> BodyResult:
    [found] = [one for one in result.bodies if one.name == name]
    return found


COUNT = """
procedure P(n: int) returns (r: int)
  requires 0 <= n;
  ensures r == n;
{
  r := 0;
  while (r < n)
    invariant r <= n;
  {
    r := r + 1;
  }
}
"""


def test_a_program_that_is_correct_is_proved_claim_by_claim(prover: Prover) -> None:
    result = verify(COUNT, prover=prover)

    assert body(result).verified
    assert {one.label.claim for one in body(result).outcomes} == {Claim.ENTRY, Claim.MAINTAINED, Claim.POSTCONDITION}
    assert all(one.key and one.solver for one in body(result).outcomes)


def test_a_wrong_program_is_refuted_with_a_path_and_values_in_the_names_of_the_source(prover: Prover) -> None:
    text = """
    var g: int;
    procedure P(n: int) modifies g;
    {
      var x: int;
      x := n;
      if (x > 10) { g := x + 1; } else { g := 0; }
      assert g <= 100;
    }
    """

    [outcome] = body(verify(text, prover=prover)).reported

    assert outcome.verdict is Verdict.REFUTED
    trace = outcome.trace
    assert trace is not None
    assert [step.position.line for step in trace.steps] == [6, 7, 8]
    assert int(trace.initial["n"]) >= 100
    assert trace.final["x"] == trace.initial["n"]
    assert int(trace.final["g"]) == int(trace.initial["n"]) + 1


def test_each_failing_return_is_reported_once_per_condition_where_the_path_returns(prover: Prover) -> None:
    text = """
    procedure P(b: bool) returns (r: int)
      ensures r == 1;
    {
      r := 1;
      if (b) {
        return;
      }
      r := 2;
    }
    """

    [outcome] = body(verify(text, prover=prover)).reported

    assert outcome.label.claim is Claim.POSTCONDITION
    assert reported_at(outcome).line == 10


def test_errors_are_reported_in_the_order_of_the_text_and_cut_at_the_limit(prover: Prover) -> None:
    text = "procedure P(x: int) {\n" + "\n".join(f"  assert x != {i};" for i in range(7)) + "\n}"

    cut = body(verify(text, prover=prover))
    every = body(verify(text, Options(error_limit=0), prover=prover))

    assert [one.label.position.line for one in every.reported] == list(range(2, 9))
    assert len(cut.reported) == 5
    assert len(cut.outcomes) == 7


def test_an_assertion_after_one_that_fails_is_judged_as_if_that_held(prover: Prover) -> None:
    text = "procedure P(x: int) {\n assert x > 1;\n assert x > 0;\n assert {:subsumption 0} x > 2;\n assert x > 2;\n}"

    assert [one.label.position.line for one in body(verify(text, prover=prover)).reported] == [2, 4, 5]


def test_false_at_the_end_of_a_verified_body_fails(prover: Prover) -> None:
    text = COUNT.replace("r := r + 1;", "r := r + 1;\n    if (r == 3) { r := 3; }")
    places = [i for i, line in enumerate(text.splitlines()) if ":=" in line]

    assert body(verify(text, prover=prover)).verified
    for place in places:
        lines = text.splitlines()
        lines[place] += " assert false;"
        assert not body(verify("\n".join(lines), prover=prover)).verified


def test_code_that_nothing_reaches_is_found_if_asked_for(prover: Prover) -> None:
    text = """
    procedure P(x: int)
      requires x < 0;
    {
      if (x > 5) {
        assert x == 7;
      }
      assert x < 1;
    }
    """

    result = verify(text, Options(smoke=True), prover=prover)

    assert body(result).verified
    assert [warning.position.line for warning in result.warnings] == [6]
    assert verify(COUNT, Options(smoke=True), prover=prover).warnings == ()


def test_only_procedures_that_are_asked_for_are_verified(prover: Prover) -> None:
    text = "procedure One() { assert false; } procedure Two() { assert false; } procedure Three() { assert false; }"

    def names(options: Options) -> list[str]:
        return [one.name for one in verify(text, options, prover=prover).bodies]

    assert names(Options(procedures=("T*",))) == ["Two", "Three"]
    assert names(Options(procedures=("*",), ignored_procedures=("*wo",))) == ["One", "Three"]
    assert names(Options(verify=False)) == []


def test_static_errors_end_before_any_proof(prover: Prover) -> None:
    result = verify("procedure P() { assert x; }", prover=prover)

    assert result.bodies == ()
    assert [error.kind for error in result.static] == ["error"]


def test_obligations_are_kept_and_shown_only_if_asked_for(prover: Prover) -> None:
    seen: list[tuple[str, int, str]] = []

    plain = verify(COUNT, prover=prover)
    kept = verify(COUNT, prover=prover, keep_texts=True, on_text=lambda name, place, _, text: seen.append((name, place, text)))

    assert all(one.text == "" for one in body(plain).outcomes)
    assert [(name, place) for name, place, _ in seen] == [("P", 0), ("P", 1), ("P", 2)]
    assert [text for _, _, text in seen] == [one.text for one in body(kept).outcomes]


def test_what_needs_no_solver_is_said_to_be_proved_by_simplification(prover: Prover) -> None:
    [outcome] = body(verify("procedure P() { assert true; }", prover=prover, keep_texts=True)).outcomes

    assert (outcome.verdict, outcome.solver, outcome.text) == (Verdict.PROVED, "by simplification", "(assert false)\n")


class Answering:
    """In place of a prover: one answer to everything, in the opposite order."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision

    def decide(self, obligations: Iterable[tuple[Key, Obligation]]) -> Iterator[tuple[Key, Decision]]:
        for key, _ in reversed(list(obligations)):
            yield key, self.decision


@pytest.mark.parametrize(
    ("why", "candidate", "errors", "note"),
    [
        (Why.TIME_LIMIT, False, 0, "timed out"),
        (Why.CRASHED, False, 0, "inconclusive"),
        (Why.MISSING_EXTRA, False, 0, "inconclusive"),
        (Why.SOLVER_GAVE_UP, False, 3, ""),
        (Why.SOLVER_GAVE_UP, True, 3, ""),
    ],
)
def test_what_a_solver_does_not_decide_is_never_verified(why: Why, candidate: bool, errors: int, note: str) -> None:
    decision = Decision("unknown", why, "said so", "z3", "first", 1, 0.1, candidate=candidate)

    result = body(verify(COUNT, prover=Answering(decision)))

    assert not result.verified
    assert {one.verdict for one in result.outcomes} == {Verdict.NOT_PROVED}
    assert {one.reason for one in result.outcomes} == {"said so"}
    assert (len(result.reported), result.note) == (errors, note)


def test_decisions_may_come_in_any_order(prover: Prover) -> None:
    text = COUNT + "procedure Q() { assert true; } procedure R(x: int) { assert x == x + 1; assert true; }"

    result = verify(text, prover=Answering(Decision("unsat", None, "", "z3", "first", 1, 0.1)))

    assert [one.name for one in result.bodies] == ["P", "Q", "R"]
    assert all(one.verified for one in result.bodies)


def test_a_body_that_is_not_handled_is_unsupported_and_the_others_are_verified(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    from probatum.ivl.conditions import loops

    monkeypatch.setattr(loops, "MOST_BLOCKS", 5)
    text = "procedure P() { a: goto b, c; b: goto c, d; c: goto b, d; d: assert true; } procedure Q() { assert true; }"

    result = verify(text, prover=prover)

    assert [one.verdict for one in body(result).outcomes] == [Verdict.UNSUPPORTED]
    assert not body(result).verified
    assert body(result).note == "unsupported"
    assert body(result, "Q").verified


def test_dividing_attributes_lose_no_claim(prover: Prover) -> None:
    text = """
    procedure P(x: int, b: bool) {
      if (b) {
        assume {:focus} true;
        assert x != 1;
      } else {
        assert {:split_here} x != 2;
        assert {:isolate} x != 3;
      }
      assert x != 4;
    }
    """

    assert [one.label.position.line for one in body(verify(text, prover=prover)).reported] == [5, 7, 8, 10]


def test_only_what_follows_the_start_of_checking_is_claimed(prover: Prover) -> None:
    text = """
    procedure {:selective_checking} P(x: int, y: int) {
      assert x < y;
      if (*) {
        assert x < 5;
        assume {:start_checking_here} true;
        assert x < y;
        assert y < 7;
      } else {
        assert x < 6;
      }
      assert y < 8;
      assert x < 9;
    }
    """

    assert [one.label.position.line for one in body(verify(text, prover=prover)).reported] == [8, 12]


def test_limits_of_a_body_go_with_its_obligations() -> None:
    asked: list[Obligation] = []

    class Listening(Answering):
        def decide(self, obligations: Iterable[tuple[Key, Obligation]]) -> Iterator[tuple[Key, Decision]]:
            for key, one in obligations:
                asked.append(one)
                yield key, self.decision

    text = "procedure {:rlimit 77} {:timeLimit 3} P(x: int) { assert x == 1; } procedure Q(x: int) { assert x == 2; }"
    verify(text, Options(rlimit=5), prover=Listening(Decision("unsat", None, "", "z3", "first", 1, 0.1)))

    assert [(one.rlimit, one.timeout_s) for one in asked] == [(77, 3), (5, None)]


def test_the_package_verifies_a_second_program_too() -> None:
    from probatum import ivl

    results = [ivl.verify("procedure P(x: int) requires x > 1; { assert x > 0; }") for _ in range(2)]

    assert [result.bodies[0].verified for result in results] == [True, True]
