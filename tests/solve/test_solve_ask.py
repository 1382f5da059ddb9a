"""One question, three answers, from either solver."""

import sys
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.findings import Why
from probatum.solve import MalformedQuestion, Question, Sat, Term, Unknown, Unsat, ask
from probatum.solve.answers import answer_from_json, answer_to_json

both = pytest.mark.parametrize("solver", ["z3", "cvc5"])

# No integers satisfy it that a solver finds soon; 42 was open for decades.
HARD = """
(declare-const x Int) (declare-const y Int) (declare-const z Int)
(assert (= (+ (* x x x) (* y y y) (* z z z)) 42))
"""


@both
def test_values_come_back_as_python_values(solver: str) -> None:
    question = Question("""
        (declare-const s String) (declare-const i Int) (declare-const r Real)
        (declare-const b Bool) (declare-const |v 8| (_ BitVec 8))
        (assert (= s "caf\\u{e9} ""\\u{5c}u{41}\\u{0}"))
        (assert (= i (- 7))) (assert (= (* 3.0 r) (- 1.0))) (assert (not b)) (assert (= |v 8| #xfe))
    """)

    answer = ask(question, solvers=(solver,))

    assert isinstance(answer, Sat)
    assert answer.values == {"s": 'café "\\u{41}\x00', "i": -7, "r": Fraction(-1, 3), "b": False, "|v 8|": 254}
    assert answer.solver.startswith(solver + " ")


@both
def test_a_report_may_ask_for_terms_and_names_what_does_not_matter(solver: str) -> None:
    question = Question("(declare-const x Int) (declare-const y Int) (assert (= x 2))", report=("(+ x 40)", "y"))

    answer = ask(question, solvers=(solver,))

    assert isinstance(answer, Sat)
    assert answer.values["(+ x 40)"] == 42
    assert isinstance(answer.values["y"], int)  # a value, although any would do


@both
def test_a_value_without_a_python_type_is_a_term(solver: str) -> None:
    answer = ask(Question("(declare-const a (Array Int Int)) (assert (= (select a 1) 2))"), solvers=(solver,))

    assert isinstance(answer, Sat)
    assert isinstance(answer.values["a"], Term)


@both
def test_a_core_names_assertions_that_cannot_hold_together(solver: str) -> None:
    question = Question("""
        (set-logic QF_LIA)
        (declare-const x Int) (declare-const y Int)
        (assert (! (> x 3) :named low)) (assert (! (> y 1) :named other)) (assert (! (< x 3) :named |the high one|))
    """)

    answer = ask(question, solvers=(solver,))

    assert isinstance(answer, Unsat)
    assert answer.core == ("low", "the high one")
    assert isinstance(ask(Question(answer.smtlib)), Unsat)  # its text can be asked again


@both
def test_an_effort_limit_gives_the_same_answer_every_time(solver: str) -> None:
    answers = [ask(Question(HARD), solvers=(solver,), timeout_s=100, effort=20) for _ in range(2)]

    assert answers[0] == answers[1]
    assert isinstance(answers[0], Unknown)
    assert answers[0].why is Why.TIME_LIMIT
    assert "effort 20" in answers[0].reason


@both
def test_a_time_limit_is_an_answer(solver: str) -> None:
    answer = ask(Question(HARD), solvers=(solver,), timeout_s=0.05)

    assert isinstance(answer, Unknown)
    assert answer.why is Why.TIME_LIMIT


@both
def test_a_question_that_a_solver_cannot_read_is_unknown_to_it(solver: str) -> None:
    answer = ask(Question("(declare-const x Nowhere) (assert (= x x))"), solvers=(solver,))

    assert isinstance(answer, Unknown)
    assert "Nowhere" in answer.reason


@both
def test_what_was_asked_before_does_not_matter(solver: str) -> None:
    ask(Question('(declare-const x String) (assert (= x "before"))'), solvers=(solver,))

    answer = ask(Question("(declare-const x Int) (assert (= x 1))"), solvers=(solver,))

    assert isinstance(answer, Sat)
    assert answer.values == {"x": 1}


def test_a_solver_that_is_not_installed_is_unknown_with_the_command_that_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    monkeypatch.setitem(sys.modules, "cvc5", None)

    answer = ask(Question("(assert true)"))

    assert isinstance(answer, Unknown)
    assert answer.why is Why.MISSING_EXTRA
    assert "pip install 'probatum[access]'" in answer.reason
    assert answer.solver == "z3, cvc5"


def test_the_second_solver_is_asked_when_the_first_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)

    answer = ask(Question("(assert false)"))

    assert isinstance(answer, Unsat)
    assert answer.solver.startswith("cvc5")


def test_a_question_with_a_command_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(MalformedQuestion):
        ask(Question("(assert true) (exit)"))
    with pytest.raises(MalformedQuestion):
        ask(Question("(declare-const x Int)", report=("x)) (exit",)))


@both
def test_there_may_be_no_limit_at_all(solver: str) -> None:
    assert isinstance(ask(Question("(assert false)"), solvers=(solver,), timeout_s=float("inf")), Unsat)


def test_without_time_nothing_is_asked() -> None:
    answer = ask(Question("(assert true)"), timeout_s=0)

    assert isinstance(answer, Unknown)
    assert answer.why is Why.TIME_LIMIT


@pytest.mark.parametrize(
    "answer",
    [
        Unsat("(assert false)\n", "z3 1", 0.5, ("a", "b")),
        Sat({"x": 2**80, "y": "é", "z": True, "r": Fraction(1, 3), "t": Term("(f 1)")}, "cvc5 1", 0.5),
        Unknown("no time", "z3", Why.TIME_LIMIT),
    ],
    ids=["unsat", "sat", "unknown"],
)
def test_answers_survive_json(answer: object) -> None:
    import json

    assert answer_from_json(json.loads(json.dumps(answer_to_json(answer)))) == answer


variables = st.sampled_from(["a", "b"])
literals = st.text(st.sampled_from("xy"), max_size=2).map(lambda s: f'"{s}"')
words = st.recursive(
    st.one_of(variables, literals), lambda w: st.tuples(w, w).map(lambda p: f"(str.++ {p[0]} {p[1]})"), max_leaves=3
)
numbers = st.one_of(st.integers(0, 3).map(str), words.map(lambda w: f"(str.len {w})"), st.just("n"))
facts = st.one_of(
    st.tuples(words, words).map(lambda p: f"(= {p[0]} {p[1]})"),
    st.tuples(words, words).map(lambda p: f"(str.prefixof {p[0]} {p[1]})"),
    st.tuples(words, words).map(lambda p: f"(str.contains {p[0]} {p[1]})"),
    st.tuples(numbers, numbers).map(lambda p: f"(< {p[0]} {p[1]})"),
    words.map(lambda w: f'(str.in_re {w} (re.* (re.union (str.to_re "xy") (str.to_re "y"))))'),
)
formulas = st.recursive(
    facts,
    lambda f: st.one_of(f.map(lambda a: f"(not {a})"), st.tuples(f, f).map(lambda p: f"(or {p[0]} {p[1]})")),
    max_leaves=3,
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(formulas, min_size=1, max_size=4))
def test_solvers_never_contradict_each_other_and_values_satisfy_the_other(assertions: list[str]) -> None:
    text = "(declare-const a String) (declare-const b String) (declare-const n Int)" + "".join(
        f"(assert {f})" for f in assertions
    )

    answers = {s: ask(Question(text), solvers=(s,), timeout_s=30, effort=300) for s in ("z3", "cvc5")}

    assert {type(a) for a in answers.values()} != {Sat, Unsat}
    for solver, other in (("z3", "cvc5"), ("cvc5", "z3")):
        answer = answers[solver]
        if isinstance(answer, Sat):
            from probatum.solve.text import string_literal

            given_values = "".join(
                f"(assert (= {k} {string_literal(v) if isinstance(v, str) else v if v >= 0 else f'(- {-v})'}))"
                for k, v in answer.values.items()
            )
            assert not isinstance(ask(Question(text + given_values), solvers=(other,), timeout_s=30, effort=300), Unsat)


def test_values_that_do_not_satisfy_the_question_are_not_an_answer() -> None:
    """A solver may be wrong about its model; here it is the model of another question."""
    import z3

    from probatum.solve import by_z3

    x = z3.Int("x")
    other = z3.Solver()
    other.add(x == 1)
    assert other.check() == z3.sat

    answer = by_z3._sat(z3, other.model(), [x == 2], {"x": x}, solver="z3", seconds=0.0)

    assert isinstance(answer, Unknown)
    assert "do not satisfy" in answer.reason


small = st.integers(0, 15).map(lambda n: f"#x{n:x}")
vectors = st.recursive(
    st.one_of(small, st.sampled_from(["p", "q"])),
    lambda v: st.tuples(st.sampled_from(["bvadd", "bvmul", "bvand", "bvor", "bvudiv", "bvshl"]), v, v).map(
        lambda t: f"({' '.join(t)})"
    ),
    max_leaves=4,
)
relations = st.tuples(st.sampled_from(["=", "bvult", "bvsle"]), vectors, vectors).map(lambda t: f"({' '.join(t)})")


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(relations, relations.map(lambda r: f"(not {r})")), min_size=1, max_size=4))
def test_solvers_agree_about_short_vectors_and_each_accepts_the_values_of_the_other(assertions: list[str]) -> None:
    text = "(declare-const p (_ BitVec 4)) (declare-const q (_ BitVec 4))" + "".join(f"(assert {f})" for f in assertions)

    by_both = [ask(Question(text), solvers=(s,), timeout_s=60) for s in ("z3", "cvc5")]

    assert len({type(a) for a in by_both}) == 1
    for answer in by_both:
        if isinstance(answer, Sat):
            fixed = "".join(f"(assert (= {name} #x{value:x}))" for name, value in answer.values.items())
            assert all(isinstance(ask(Question(text + fixed), solvers=(s,), timeout_s=60), Sat) for s in ("z3", "cvc5"))
