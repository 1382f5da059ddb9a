"""A ground certificate is accepted only if every step is valid and both solvers need no quantifier."""

import ast
import json
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probatum.errors import EvidenceError
from probatum.evidence import Counterexample, Proof, from_json
from probatum.solve import ground
from probatum.solve.certificate import METHOD, Certificate, Step, digest_of_text, proof
from probatum.solve.ground import check
from probatum.solve.ground.obligation import read_obligation
from probatum.solve.ground.problem import Ground, witness_name
from probatum.solve.ground.terms import Node, Rejected
from probatum.solve.replay import recheck
from probatum.solve.text import Expression, expressions

NATURALS = """(declare-fun f (Int) Int)
(declare-fun a () Int)
(assert (forall ((x Int)) (! (> (f x) x) :pattern ((f x)) :qid up)))
(assert (<= (f (f a)) a))
"""


def formulas(text: str) -> dict[str, Node]:
    """Quantified formulas in the assertions of an obligation, by digest."""
    whole = Ground(read_obligation(text))
    for number in range(len(whole.obligation.assertions)):
        whole.assume(number)
    return dict(whole._known)


def one_formula(text: str) -> str:
    [digest] = formulas(text)
    return digest


def certificate(text: str, *steps: Step, assertions: tuple[int, ...] | None = None) -> Certificate:
    chosen = tuple(range(len(read_obligation(text).assertions))) if assertions is None else assertions
    return Certificate(digest_of_text(text), chosen, steps)


def status(text: str, *steps: Step, assertions: tuple[int, ...] | None = None) -> str:
    return check(text, certificate(text, *steps, assertions=assertions), timeout_s=5).status


def reason(text: str, *steps: Step, assertions: tuple[int, ...] | None = None) -> str:
    answer = check(text, certificate(text, *steps, assertions=assertions), timeout_s=5)
    assert answer.status == "refuted"
    return answer.reason


# --- what steps say ------------------------------------------------------------------------------


def test_instances_of_what_holds_for_all_are_enough() -> None:
    up = one_formula(NATURALS)

    assert status(NATURALS, Step(up, ("a",)), Step(up, ("(f a)",))) == "confirmed"


def test_a_witness_decides_what_does_not_hold_for_all() -> None:
    text = """(declare-fun p (Int) Bool)
(assert (not (forall ((x Int)) (or (p x) (not (p x))))))
"""
    assert status(text, Step(one_formula(text), None)) == "confirmed"


def test_a_witness_names_what_exists() -> None:
    text = """(declare-fun p (Int) Bool)
(assert (exists ((x Int)) (and (p x) (not (p x)))))
"""
    assert status(text, Step(one_formula(text), None)) == "confirmed"


def test_an_instance_shows_that_something_exists() -> None:
    text = """(declare-fun p (Int) Bool)
(assert (p 3))
(assert (not (exists ((x Int)) (p x))))
"""
    assert status(text, Step(one_formula(text), ("3",))) == "confirmed"


def test_formulas_in_an_instance_can_be_used_in_turn() -> None:
    text = """(declare-fun p (Int Int) Bool)
(assert (forall ((x Int)) (exists ((y Int)) (p x y))))
(assert (forall ((x Int) (y Int)) (not (p x y))))
"""
    nested, flat = sorted(formulas(text), key=lambda digest: -formulas(text)[digest].rank)
    problem = Ground(read_obligation(text))
    problem.assume(0)
    problem.apply(Step(nested, ("7",)))
    inner = problem.names()[-1]

    assert status(text, Step(nested, ("7",)), Step(inner, None), Step(flat, ("7", witness_name(inner, 0)))) == "confirmed"
    assert "occurs before step 0" in reason(text, Step(inner, None), Step(nested, ("7",)))


def test_a_missing_term_is_any_value_because_no_sort_is_empty() -> None:
    text = """(declare-sort U 0)
(declare-fun p (U) Bool)
(assert (forall ((x U)) (p x)))
(assert (forall ((x U)) (not (p x))))
"""
    assert status(text, *(Step(digest, (None,)) for digest in formulas(text))) == "confirmed"


def test_formulas_that_differ_in_names_are_one() -> None:
    text = """(declare-fun p (Int Int) Bool)
(assert (forall ((x Int)) (exists ((y Int)) (! (p x y) :qid one))))
(assert (not (forall ((y Int)) (let ((z y)) (exists ((x Int)) (p z x))))))
"""
    assert len(formulas(text)) == 1
    assert status(text) == "confirmed"


PREDICATE = "(declare-fun p (Int) Bool)\n(declare-fun g (Bool) Int)\n(declare-fun a () (Array Int Bool))\n"
ELSEWHERE = {
    "below a function": ("(assert (= (g (exists ((x Int)) (p x))) 1))\n(assert (= (g true) 2))\n(assert (p 3))", "3"),
    "in a condition": ("(assert (ite (exists ((x Int)) (p x)) false (p 3)))", "3"),
    "in an equation": ("(assert (= (p 3) (forall ((x Int)) (not (p x)))))\n(assert (p 3))", "3"),
    "in an array": ("(assert (select (store a 1 (forall ((x Int)) (p x))) 1))\n(assert (not (p 3)))", "3"),
    "in a definition": (
        """(define-fun all ((low Int)) Bool (forall ((x Int)) (=> (>= x low) (p x))))
(assert (all (+ 1 1)))
(assert (not (p 3)))""",
        "3",
    ),
}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_quantified_formulas_may_stand_anywhere(where: str) -> None:
    text, term = PREDICATE + ELSEWHERE[where][0] + "\n", ELSEWHERE[where][1]

    assert status(text, Step(one_formula(text), (term,))) == "confirmed"
    assert status(text) == "refuted"


def test_a_recursive_definition_is_an_equation_for_all_arguments() -> None:
    text = """(define-fun-rec sum ((n Int)) Int (ite (<= n 0) 0 (+ n (sum (- n 1)))))
(assert (distinct (sum 2) 3))
"""
    digest = one_formula(text)

    assert status(text, *(Step(digest, (n,)) for n in ("2", "(- 2 1)", "(- (- 2 1) 1)"))) == "confirmed"
    assert status(text, *(Step(digest, (n,)) for n in ("2", "(- 2 1)"))) == "refuted"


def test_an_obligation_without_quantifiers_needs_no_steps() -> None:
    assert status("(declare-const b Bool)\n(assert b)\n(assert (not b))\n") == "confirmed"


def test_assertions_that_are_not_needed_are_left_out() -> None:
    text = "(declare-const b Bool)\n(assert (forall ((x Int)) b))\n(assert b)\n(assert (not b))\n"

    assert status(text, assertions=(1, 2)) == "confirmed"
    assert status(text, assertions=(0, 1)) == "refuted"


def test_commands_may_be_written_in_any_way() -> None:
    up = one_formula(NATURALS)
    text = "; a comment (assert false)\n(set-logic ALL)" + NATURALS.replace("\n", " ").replace("(assert", "(assert\n ")

    assert one_formula(text) == up
    assert status(text, Step(up, ("a",)), Step(up, ("(f a)",))) == "confirmed"


@pytest.mark.parametrize(
    "assertion",
    [
        '(not (str.in.re "b" (re.loop (str.to.re "b") 1 3)))',
        '(str.in.re "" re.nostr)',
        "(distinct (str.to.int (int.to.str 12)) 12)",
        '(distinct (str.indexof "abc" "c") 2)',
        "(distinct ((_ to_fp 8 24) RNE 1) ((_ to_fp 8 24) RNE 1.0))",
    ],
)
def test_older_names_of_functions_mean_those_of_the_standard(assertion: str) -> None:
    assert status(f"(assert {assertion})\n") == "confirmed"


def test_a_function_may_be_called_like_an_older_name() -> None:
    text = '(declare-fun str.to.int (String) Int)\n(assert (distinct (str.to.int "12") 12))\n'

    assert status(text) == "refuted"


def test_let_that_doubles_a_thousand_times_stays_small() -> None:
    steps = "".join(f"(let ((x{i + 1} (+ x{i} x{i}))) " for i in range(1000))
    text = f"(declare-const x0 Int)\n(assert {steps}(< 0 x1000 0){')' * 1000})\n"

    assert status(text) == "confirmed"


def test_deep_terms_are_no_difficulty() -> None:
    deep = "(not " * 4000 + "b" + ")" * 4000

    assert status(f"(declare-const b Bool)\n(assert {deep})\n(assert (not b))\n") == "confirmed"


# --- what is refused -----------------------------------------------------------------------------


def test_without_a_needed_step_it_is_refused() -> None:
    up = one_formula(NATURALS)

    assert "satisfiable" in reason(NATURALS, Step(up, ("a",)))


def test_another_term_is_refused() -> None:
    up = one_formula(NATURALS)

    assert "satisfiable" in reason(NATURALS, Step(up, ("a",)), Step(up, ("(f 1)",)))


def test_the_other_rule_is_refused() -> None:
    up = one_formula(NATURALS)

    assert "satisfiable" in reason(NATURALS, Step(up, ("a",)), Step(up, None))


def test_a_certificate_for_another_obligation_is_refused() -> None:
    own = certificate(NATURALS, Step(one_formula(NATURALS), ("a",)), Step(one_formula(NATURALS), ("(f a)",)))

    answer = check(NATURALS.replace("(<= (f", "(>= (f"), own)

    assert (answer.status, answer.reason) == ("refuted", "the certificate is for another obligation")


def test_what_holds_for_something_does_not_hold_for_what_one_likes() -> None:
    text = """(declare-fun p (Int) Bool)
(assert (exists ((x Int)) (p x)))
(assert (not (p 0)))
"""
    assert "satisfiable" in reason(text, Step(one_formula(text), ("0",)))
    assert "satisfiable" in reason(text, Step(one_formula(text), None))


def test_witnesses_of_one_formula_are_not_those_of_another() -> None:
    text = """(declare-fun p (Int) Bool)
(assert (exists ((x Int)) (p x)))
(assert (exists ((x Int)) (not (p x))))
"""
    assert "satisfiable" in reason(text, *(Step(digest, None) for digest in formulas(text)))


def test_a_constant_of_another_witness_may_be_used_but_not_before_it_is_made() -> None:
    text = """(declare-fun p (Int) Bool)
(assert (not (forall ((x Int)) (p x))))
(assert (not (exists ((x Int)) (not (p x)))))
"""
    every = next(digest for digest, formula in formulas(text).items() if formula.kind == "forall")
    some = next(digest for digest, formula in formulas(text).items() if formula.kind == "exists")
    own = witness_name(every, 0)

    assert status(text, Step(every, None), Step(some, (own,))) == "confirmed"
    assert "not a constant of an earlier step" in reason(text, Step(some, (own,)), Step(every, None))


def test_a_formula_instantiated_with_its_own_witness_is_fine() -> None:
    text = """(declare-fun p (Int) Bool)
(assert (= (forall ((x Int)) (p x)) (exists ((x Int)) (not (p x)))))
(assert (forall ((x Int)) (p x)))
"""
    every = next(digest for digest, formula in formulas(text).items() if formula.kind == "forall")
    some = next(digest for digest, formula in formulas(text).items() if formula.kind == "exists")

    assert status(text, Step(some, None), Step(every, (witness_name(some, 0),))) == "confirmed"
    assert status(text, Step(every, None), Step(every, (witness_name(every, 0),))) == "refuted"


@pytest.mark.parametrize("name", ["ground!formula!0", "|ground!0|", "ground!any!1"])
def test_an_obligation_that_uses_our_names_is_refused(name: str) -> None:
    text = f"(declare-fun {name} () Bool)\n(assert {name})\n(assert (not {name}))\n"

    assert "which is ours" in check(text, Certificate(digest_of_text(text), (0, 1), ())).reason


@pytest.mark.parametrize(
    "term",
    [
        "1.0",  # another sort
        "true",
        "u",
        "undeclared",
        "(f a",
        "a) (assert false",
        "a (f a)",
        "",
        "(forall ((x Int)) (> (f x) x))",  # a quantifier
        "(ite (exists ((x Int)) (= x x)) 1 2)",
        "((lambda ((x Int)) x) 1)",
        "(choice ((x Int)) (> x 0))",
        "(! a :named b)",
        "ground!formula!0",
        "|ground!formula!0|",
        "ground!let!2",
        "(let ((ground!let!2 a)) a)",
        "(let ((x a) (x 1)) x)",
        "(_ f (forall ((x Int)) x))",
        "(define-fun c () Int 1)",
        "(declare-const c Int)",
        "|a\\b|",
        ":keyword",
        "()",
    ],
)
def test_a_term_that_is_not_one_of_the_right_sort_is_refused(term: str) -> None:
    text = NATURALS + "(declare-sort U 0)\n(declare-const u U)\n"
    up = one_formula(text)

    assert status(text, Step(up, ("a",)), Step(up, ("(f a)",)), Step(up, (term,))) == "refuted"


def test_a_term_of_another_sort_is_refused_where_the_body_would_not_notice() -> None:
    """With two values of a sort that has one, equality of all its values would be refuted."""
    text = """(declare-sort U 0)
(assert (forall ((x U) (y U)) (= x y)))
"""
    assert "sort" in reason(text, Step(one_formula(text), ("1", "2")))
    assert "sort" in reason(text, Step(one_formula(text), ("true", "false")))


def test_the_number_of_terms_must_fit() -> None:
    up = one_formula(NATURALS)

    assert "needs 1 terms" in reason(NATURALS, Step(up, ()))
    assert "needs 1 terms" in reason(NATURALS, Step(up, ("a", "a")))


def test_assertions_are_named_once_in_order_and_exist() -> None:
    up = one_formula(NATURALS)
    steps = (Step(up, ("a",)), Step(up, ("(f a)",)))

    for assertions in ((1, 0), (0, 0, 1), (0, 1, 2), (-1, 0, 1)):
        assert status(NATURALS, *steps, assertions=assertions) == "refuted"


# Each of these is satisfiable, and would not be if a variable were captured.
CAPTURES = {
    "the term has the name of an inner variable": (
        """(declare-const y Int)
(assert (forall ((x Int)) (exists ((y Int)) (distinct x y))))
""",
        ("y",),
    ),
    "an inner variable hides the outer one": (
        """(declare-fun p (Int) Bool)
(assert (not (p 1)))
(assert (forall ((x Int)) (or (p 0) (exists ((x Int)) (p x)))))
""",
        ("1",),
    ),
    "let gives an outer variable the name of an inner one": (
        """(declare-fun q (Int Int) Bool)
(assert (not (q 1 1)))
(assert (forall ((x Int)) (let ((y x)) (exists ((x Int)) (q y x)))))
""",
        ("1",),
    ),
    "let is parallel": (
        """(declare-const y Int)
(assert (= y 2))
(assert (forall ((x Int)) (=> (= x 1) (let ((x y) (y x)) (and (= x 2) (= y 1))))))
""",
        ("1",),
    ),
    "an argument of a definition has the name of a variable bound in it": (
        """(declare-const y Int)
(define-fun least ((x Int)) Bool (exists ((y Int)) (< y x)))
(assert (forall ((y Int)) (least y)))
""",
        ("y",),
    ),
    "quoted and plain symbols are the same": (
        """(declare-fun p (Int) Bool)
(declare-const x Int)
(assert (not (p x)))
(assert (forall ((|x| Int)) (or (< x 0) (p (+ x 1)) (= |x| x))))
""",
        ("x",),
    ),
    "a variable hides a definition": (
        """(declare-fun p (Int) Bool)
(define-fun c () Int 5)
(assert (not (p 5)))
(assert (forall ((c Int)) (=> (= c 1) (p c))))
""",
        ("1",),
    ),
}


@pytest.mark.parametrize("name", CAPTURES)
def test_no_variable_is_captured(name: str) -> None:
    text, terms = CAPTURES[name]
    outer = max(formulas(text), key=lambda digest: formulas(text)[digest].rank)
    problem = Ground(read_obligation(text))
    for number in range(len(problem.obligation.assertions)):
        problem.assume(number)
    problem.apply(Step(outer, terms))
    inner = [Step(digest, None) for digest in problem.names() if digest != outer and problem.knows(digest)]

    assert status(text, Step(outer, terms), *inner) == "refuted"


@pytest.mark.parametrize(
    "text",
    [
        "(assert (forall ((x Int)) (x 1)))",
        "(declare-fun f (Int) Int)\n(assert (forall ((f Int)) (= (f 1) 2)))",
        "(assert (forall ((x Int) (x Int)) (= x x)))",
        "(assert (forall () true))",
        "(assert (forall ((let Int)) true))",
        "(assert (! (forall ((x Int)) (! (= x x) :named a)) :qid b))",
        "(declare-fun a () Bool)\n(assert (! false :named a))",
        "(assert (match nil ((nil true))))",
        "(assert (= (lambda ((x Int)) x) (lambda ((x Int)) x)))",
        "(define-fun f ((x Int)) Int x)\n(assert (= (f 1 2) 1))",
        "(define-fun f ((x Int)) Int x)\n(define-fun f ((x Int)) Int 3)\n(assert (= (f 1) 1))",
        "(assert (|forall| ((x Int)) true))",
        "(assert)",
        "(assert false)(exit)",
        "(assert false",
        "(assert (= |x y",
        "(push 1)",
        "(define-funs-rec ((f ((x Int)) Int)) (1))",
        "(assert (forall ((x Int)) (forall ((y Int)) true))) )",
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(Rejected):
        formulas(text)


def test_an_assertion_inside_a_quoted_name_is_none() -> None:
    text = "(declare-const |x\n(assert false)\n| Bool)\n(assert true)\n"

    for number in range(3):
        assert check(text, Certificate(digest_of_text(text), (number,), ())).status == "refuted"


def test_an_assertion_on_a_line_with_another_command_is_not_lost() -> None:
    text = "(declare-const b Bool)\n(assert b)(assert true)\n(assert (not b))\n"

    assert len(read_obligation(text).assertions) == 3
    assert status(text, assertions=(0, 2)) == "confirmed"


def test_a_definition_of_a_symbol_that_has_a_meaning_is_refused() -> None:
    text = "(define-fun not ((b Bool)) Bool false)\n(assert (not false))\n"

    assert status(text) == "refuted"


def test_quantifiers_nested_a_thousand_deep_are_refused_in_one_line() -> None:
    text = "(assert " + "(forall ((x Int)) " * 1000 + "false" + ")" * 1001 + "\n"

    assert "more than 100 deep" in check(text, Certificate(digest_of_text(text), (0,), ())).reason


# --- certificates as JSON ------------------------------------------------------------------------


def sealed(value: dict) -> dict:
    """The same with the seal that somebody who alters a certificate would put on it."""
    steps = tuple(Step(s["formula"], None if s["rule"] == "witness" else tuple(s["terms"])) for s in value["steps"])
    return value | {"seal": Certificate(value["obligation"], tuple(value["assertions"]), steps).seal}


def good() -> Certificate:
    up = one_formula(NATURALS)
    return certificate(NATURALS, Step(up, ("a",)), Step(up, ("(f a)",)))


def test_reading_a_certificate_is_the_inverse_of_writing_it() -> None:
    witness = Certificate("d", (0, 3), (Step("q", None), Step("q", (None, "x"))))

    for own in (good(), witness):
        assert Certificate.from_json(json.loads(json.dumps(own.to_json()))) == own


def places(value: object, path: tuple = ()) -> list[tuple]:
    """Where a JSON value has leaves."""
    if isinstance(value, dict):
        return [place for key, part in value.items() for place in places(part, (*path, key))]
    if isinstance(value, list):
        return [place for at, part in enumerate(value) for place in places(part, (*path, at))]
    return [path]


def altered(value: dict, path: tuple, new: object) -> dict:
    copy = json.loads(json.dumps(value))
    at = copy
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = new
    return copy


REPLACEMENTS = [None, 0, 7, "", "a", "(f a)", "instance", "witness", "(f 1)", [], {}, True, "0" * 32]


def test_a_certificate_altered_in_any_place_is_refused() -> None:
    """Whatever is put for whatever leaf: the seal does not fit."""
    value = good().to_json()
    for path in places(value):
        for new in REPLACEMENTS:
            changed = altered(value, path, new)
            if changed != value:
                with pytest.raises(EvidenceError):
                    Certificate.from_json(changed)


@pytest.mark.slow  # two solvers, a hundred times
def test_an_altered_certificate_with_a_new_seal_is_refused_by_its_content() -> None:
    """Every step of this one is needed, so no other leaf will do."""
    value = good().to_json()
    for path in places(value):
        for new in REPLACEMENTS:
            changed = altered(value, path, new)
            if changed == value or path == ("seal",):
                continue
            try:
                own = Certificate.from_json(sealed(changed))
            except (EvidenceError, KeyError, TypeError):
                continue
            if {step.terms for step in own.steps} == {("a",), ("(f a)",)}:
                continue  # the second step twice is not the same certificate, but no other was found
            assert check(NATURALS, own, timeout_s=5).status == "refuted", (path, new)


@pytest.mark.parametrize("extra", [{"more": 1}, {"steps": None}, {"assertions": [True]}, {"steps": [{"rule": "axiom"}]}])
def test_what_is_not_a_certificate_is_refused(extra: dict) -> None:
    with pytest.raises(EvidenceError):
        Certificate.from_json(good().to_json() | extra)


# --- as evidence ---------------------------------------------------------------------------------


def test_evidence_with_a_certificate_is_confirmed_where_others_are() -> None:
    stored = from_json(json.loads(json.dumps(proof(good(), NATURALS, "f grows").to_json())))

    assert stored.method == METHOD
    assert recheck(stored).status == "confirmed"


@pytest.mark.parametrize(
    "evidence",
    [
        Proof(method=METHOD, claim="", certificate={}),
        Proof(method=METHOD, claim="", certificate={"smtlib": 1, "ground": {}}),
        Proof(method=METHOD, claim="", certificate={"smtlib": "(assert false)", "ground": []}),
        Proof(method=METHOD, claim="", certificate={"smtlib": "(assert false)", "ground": {}, "more": 1}),
        Counterexample(method=METHOD, given={}, observed="", expected=""),
    ],
)
def test_malformed_evidence_is_an_error(evidence: Proof) -> None:
    with pytest.raises(EvidenceError):
        recheck(evidence)


def test_an_obligation_altered_beside_its_certificate_is_refuted() -> None:
    stored = proof(good(), NATURALS, "f grows")
    changed = Proof(method=METHOD, claim="", certificate={**stored.certificate, "smtlib": NATURALS.replace("<=", "<")})

    assert recheck(changed).status == "refuted"


def test_the_checker_does_not_know_the_finder() -> None:
    files = Path(ground.__file__).parent
    for path in (*files.glob("*.py"), files.parent / "certificate.py"):
        tree = ast.parse(path.read_text())
        named = {alias.name for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom)) for alias in node.names}

        assert not any("certify" in name for name in named)


# --- nothing satisfiable is ever accepted --------------------------------------------------------
#
# Random small obligations over a sort of one or two values; all interpretations are enumerated by an
# evaluator that shares nothing with the reader. If one of them satisfies the obligation, no certificate may pass.

NAMES = ("x", "y", "c")  # `c` is also a constant, so that variables hide it


def terms(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["c", "d", "x", "y"])
    return leaf if depth == 0 else st.one_of(leaf, terms(depth - 1).map(lambda t: f"(g {t})"))


def bodies(depth: int) -> st.SearchStrategy[str]:
    atom = st.one_of(terms(1).map(lambda t: f"(p {t})"), st.tuples(terms(0), terms(1)).map(lambda t: f"(= {t[0]} {t[1]})"))
    if depth == 0:
        return atom
    below = bodies(depth - 1)
    name = st.sampled_from(NAMES)
    return st.one_of(
        atom,
        below.map(lambda b: f"(not {b})"),
        st.tuples(st.sampled_from(["and", "or", "=>", "="]), below, below).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["forall", "exists"]), name, below).map(lambda t: f"({t[0]} (({t[1]} U)) {t[2]})"),
        st.tuples(name, terms(1), below).map(lambda t: f"(let (({t[0]} {t[1]})) {t[2]})"),
        below.map(lambda b: f"(ite (h {b}) {b} (p c))"),
    )


def closed(body: str) -> str:
    return f"(forall ((x U)) (exists ((y U)) {body}))"


HEAD = """(declare-sort U 0)
(declare-fun c () U)
(declare-fun d () U)
(declare-fun g (U) U)
(declare-fun p (U) Bool)
(declare-fun h (Bool) Bool)
"""


def value(term: Expression, env: dict, model: dict) -> object:
    match term:
        case str(name):
            return env[name] if name in env else model[name]
        case [("forall" | "exists") as kind, [[name, _]], body]:
            return (all if kind == "forall" else any)(value(body, env | {name: u}, model) for u in model["U"])
        case ["let", [[name, bound], *_], body]:
            return value(body, env | {name: value(bound, env, model)}, model)
        case [head, *arguments]:
            args = [value(argument, env, model) for argument in arguments]
            match head:
                case "not":
                    return not args[0]
                case "and":
                    return all(args)
                case "or":
                    return any(args)
                case "=>":
                    return not args[0] or args[1]
                case "=":
                    return args[0] == args[1]
                case "ite":
                    return args[1] if args[0] else args[2]
            return model[head][args[0]]
    raise AssertionError(term)


def has_small_model(assertions: list[Expression]) -> bool:
    for size in (1, 2):
        domain = range(size)
        for c, d in product(domain, repeat=2):
            for g in product(domain, repeat=size):
                for p in product((False, True), repeat=size):
                    for h in product((False, True), repeat=2):
                        model = {"U": domain, "c": c, "d": d, "g": g, "p": p, "h": h}
                        if all(value(assertion, {}, model) for assertion in assertions):
                            return True
    return False


@pytest.mark.slow  # many models, and a solver, a hundred times
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(bodies(3).map(closed), min_size=1, max_size=2), st.data())
def test_no_steps_prove_what_has_a_model(assertions: list[str], data: st.DataObject) -> None:
    text = HEAD + "".join(f"(assert {assertion})\n" for assertion in assertions)
    if not has_small_model(list(expressions(" ".join(assertions)))):
        return
    problem = Ground(read_obligation(text))
    for number in range(len(assertions)):
        problem.assume(number)
    for _ in range(12):
        known = problem.names()
        digests = [name for name in known if problem.knows(name)]
        constants = ["c", "d", *(name for name in known if name.startswith("ground!"))]
        term = st.sampled_from(constants)
        digest = data.draw(st.sampled_from(digests))
        witness = data.draw(st.booleans())
        problem.apply(Step(digest, None if witness else (data.draw(st.one_of(term, term.map(lambda t: f"(g {t})"), st.none())),)))

    import z3

    solver = z3.SimpleSolver()
    solver.add(z3.parse_smt2_string(problem.script().text))
    assert solver.check() == z3.sat
