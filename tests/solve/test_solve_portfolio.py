"""Solvers in guarded children: whatever they do, there is an answer in time, and nothing is left running."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from probatum.findings import Why
from probatum.solve import MalformedQuestion, Portfolio, Question, Sat, Unknown, Unsat, ask, portfolio

HARD = "(declare-const x Int) (declare-const y Int) (declare-const z Int) (assert (= (+ (* x x x) (* y y y) (* z z z)) 42))"

pytestmark = pytest.mark.slow  # every test starts processes that load solvers


def children() -> set[str]:
    """Process identifiers of all descendants of this process."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[stat.parent.name] = stat.read_text().rsplit(")", 1)[1].split()[1]
        except OSError:
            continue  # it has just ended
    found, todo = set(), {str(os.getpid())}
    while todo:
        todo = {child for child, parent in parents.items() if parent in todo}
        found |= todo
    return found


@pytest.fixture
def solvers() -> Iterator[Portfolio]:
    with Portfolio() as both:
        yield both


def test_a_decided_question_has_the_answer_of_the_first_solver_named(solvers: Portfolio) -> None:
    answer = solvers.ask(Question('(declare-const s String) (assert (= s "\\u{0}é"))'), timeout_s=60)

    assert isinstance(answer, Sat)
    assert answer.values == {"s": "\x00é"}
    assert answer.solver.startswith("z3")


def test_the_second_solver_answers_what_the_first_cannot_read(solvers: Portfolio) -> None:
    question = Question("(declare-const s (Set Int)) (assert (set.member 1 s))")  # a theory that z3 does not know by this name

    answer = solvers.ask(question, timeout_s=60)

    assert isinstance(answer, Sat)
    assert answer.solver.startswith("cvc5 ")


def test_a_solver_that_hangs_is_killed_and_the_next_question_is_answered(
    monkeypatch: pytest.MonkeyPatch, solvers: Portfolio
) -> None:
    monkeypatch.setattr(portfolio, "_SOFT", 1e6)  # the solvers' own limit never comes: only the guard's

    hung = solvers.ask(Question(HARD), timeout_s=3)
    next_answer = solvers.ask(Question("(assert false)"), timeout_s=60)

    assert isinstance(hung, Unknown)
    assert hung.why is Why.TIME_LIMIT
    assert "was stopped after 3 s" in hung.reason
    assert isinstance(next_answer, Unsat)


def test_a_solver_without_memory_is_unknown() -> None:
    with Portfolio(("cvc5",), memory_bytes=60 * 2**20) as small:
        answer = small.ask(Question("(declare-const x Int) (assert (> x 3))"), timeout_s=60)

    assert isinstance(answer, Unknown)


def test_a_hard_limit_can_be_asked_of_one_question() -> None:
    before = children()

    answer = ask(Question("(assert (! false :named no))"), hard_timeout_s=60)

    assert isinstance(answer, Unsat)
    assert answer.core == ("no",)
    assert children() <= before


def test_a_mistake_of_the_caller_is_raised_before_anything_runs(solvers: Portfolio) -> None:
    with pytest.raises(MalformedQuestion):
        solvers.ask(Question("(exit)"))
