"""Certificates are found for what is proved, are small, and never for anything else."""

import json

import pytest

from probatum.evidence import from_json
from probatum.solve.certificate import Certificate, proof
from probatum.solve.certify import NotFound, certify_task, find
from probatum.solve.ground import check
from probatum.solve.replay import recheck


def found(text: str) -> Certificate:
    answer = find(text, timeout_s=20)
    assert isinstance(answer, Certificate), answer
    return answer


PREDICATES = "(declare-sort U 0)\n(declare-fun p (Int) Bool)\n(declare-fun r (Int Int) Bool)\n(declare-fun f (Int) Int)\n"
HEAP = """(declare-sort Heap 0)
(declare-fun get (Heap Int) Int)
(declare-fun put (Heap Int Int) Heap)
(assert (forall ((h Heap) (i Int) (v Int)) (! (= (get (put h i v) i) v) :pattern ((put h i v)) :qid same)))
(assert (forall ((h Heap) (i Int) (j Int) (v Int)) (! (=> (not (= i j)) (= (get (put h i v) j) (get h j)))
  :pattern ((get (put h i v) j)) :qid other)))
(declare-const h0 Heap)
"""
LISTS = """(declare-datatypes ((Chain 0)) (((nil) (cons (head Int) (tail Chain)))))
(declare-fun app (Chain Chain) Chain)
(assert (forall ((b Chain)) (! (= (app nil b) b) :pattern ((app nil b)))))
(assert (forall ((x Int) (a Chain) (b Chain)) (! (= (app (cons x a) b) (cons x (app a b))) :pattern ((app (cons x a) b)))))
"""

# Each is unsatisfiable, and each for another reason.
OBLIGATIONS = {
    "nothing to instantiate": "(declare-const x Int)\n(assert (> x 0))\n(assert (< x 1))\n",
    "an instance": PREDICATES + "(assert (forall ((x Int)) (! (p x) :pattern ((p x)))))\n(assert (not (p 4)))\n",
    "a witness": PREDICATES + "(assert (not (forall ((x Int)) (=> (> x 5) (> x 3)))))\n",
    "what exists, used": PREDICATES + "(assert (exists ((x Int)) (p x)))\n(assert (forall ((x Int)) (not (p x))))\n",
    "below another": PREDICATES
    + "(assert (forall ((x Int)) (=> (p x) (forall ((y Int)) (! (r x y) :pattern ((r x y)))))))\n(assert (p 1))\n(assert (not (r 1 2)))\n",
    "a witness that depends on a variable": PREDICATES
    + "(assert (forall ((x Int)) (! (exists ((y Int)) (r x y)) :pattern ((p x)))))\n(assert (p 7))\n(assert (forall ((y Int)) (not (r 7 y))))\n",
    "three deep": PREDICATES
    + """(assert (forall ((x Int)) (! (exists ((y Int)) (forall ((z Int)) (! (= (f z) (+ x y)) :pattern ((f z))))) :pattern ((p x)))))
(assert (p 1))
(assert (not (= (f 2) (f 3))))
""",
    "both ways": PREDICATES
    + "(assert (= (p 0) (forall ((x Int)) (! (r x 1) :pattern ((r x 1))))))\n(assert (not (p 0)))\n(assert (forall ((y Int)) (! (r y 1) :pattern ((r y 1)))))\n",
    "the value of a variable is given": PREDICATES
    + "(assert (forall ((x Int)) (=> (= x (f 3)) (p x))))\n(assert (not (p (f 3))))\n",
    "one variable gives another": PREDICATES
    + "(assert (forall ((x Int) (y Int)) (! (=> (= x (+ y 1)) (r x y)) :pattern ((f y)))))\n(assert (= (f 4) 0))\n(assert (not (r 5 4)))\n",
    "variables that do not occur": PREDICATES
    + "(assert (forall ((x U) (y Int)) (p 3)))\n(assert (not (exists ((x U)) (p 3))))\n",
    "any value at all": "(declare-sort U 0)\n(declare-fun p (U) Bool)\n(assert (forall ((x U)) (p x)))\n(assert (forall ((x U)) (not (p x))))\n",
    "a condition": PREDICATES + "(assert (ite (forall ((x Int)) (p x)) (not (p 1)) (forall ((x Int)) (p x))))\n",
    "below a function": PREDICATES
    + "(declare-fun g (Bool) Int)\n(assert (= (g (exists ((x Int)) (p x))) 1))\n(assert (= (g true) 2))\n(assert (p 3))\n",
    "a definition": PREDICATES
    + "(define-fun all ((low Int)) Bool (forall ((x Int)) (! (=> (>= x low) (p x)) :pattern ((p x)))))\n(assert (all 1))\n(assert (not (all 2)))\n",
    "let and hiding": PREDICATES
    + "(assert (forall ((x Int)) (! (let ((y x)) (forall ((x Int)) (! (r y x) :pattern ((r y x))))) :pattern ((p x)))))\n(assert (p 1))\n(assert (not (r 1 2)))\n",
    "updates": HEAP + "(assert (not (= (get (put (put h0 1 10) 2 20) 1) 10)))\n",
    "lists": LISTS
    + """(declare-const a Chain)
(declare-const n Int)
(assert (= (app a nil) a))
(assert (not (= (app (cons n a) nil) (cons n a))))
""",
    "order": PREDICATES
    + """(declare-const n Int)
(declare-const k Int)
(assert (forall ((i Int) (j Int)) (! (=> (and (<= 0 i) (< i j) (< j n)) (<= (f i) (f j))) :pattern ((f i) (f j)))))
(assert (and (<= 0 k) (< k (- n 2))))
(assert (> (f k) (f (+ k 2))))
""",
    "reals": "(declare-fun g (Real) Real)\n(assert (forall ((x Real)) (! (> (g x) (/ x 2.0)) :pattern ((g x)))))\n(assert (< (g 3.0) 1.0))\n",
    "bit-vectors": """(declare-fun g ((_ BitVec 8)) (_ BitVec 8))
(assert (forall ((x (_ BitVec 8))) (! (= (g x) (bvadd x #x01)) :pattern ((g x)))))
(assert (= (g #xff) #x01))
""",
    "floats": """(declare-fun g ((_ FloatingPoint 8 24)) Bool)
(assert (forall ((x (_ FloatingPoint 8 24))) (! (=> (fp.lt x (_ +zero 8 24)) (g x)) :pattern ((g x)))))
(assert (not (g (fp #b1 #x7f #b00000000000000000000000))))
""",
    "strings": """(declare-fun g (String) Int)
(assert (forall ((x String)) (! (= (g x) (str.len x)) :pattern ((g x)))))
(assert (= (g "a""b") 4))
""",
    "arrays": """(declare-const a (Array Int Int))
(declare-const i Int)
(assert (forall ((j Int)) (! (> (select a j) 0) :pattern ((select a j)))))
(assert (exists ((j Int)) (< (select (store a i 1) j) 0)))
""",
    "names in bars": "(declare-fun |a b| (Int) Bool)\n(assert (forall ((|x y| Int)) (! (|a b| |x y|) :pattern ((|a b| |x y|)))))\n(assert (not (|a b| 1)))\n",
}


@pytest.mark.slow  # several hundred milliseconds each on a busy machine
@pytest.mark.parametrize("name", OBLIGATIONS)
def test_what_is_proved_has_a_certificate_of_which_every_part_is_needed(name: str) -> None:
    text = OBLIGATIONS[name]

    own = found(text)

    assert check(text, own, timeout_s=10).status == "confirmed"
    for place in range(len(own.steps)):
        fewer = Certificate(own.obligation, own.assertions, own.steps[:place] + own.steps[place + 1 :])
        assert check(text, fewer, timeout_s=2).status != "confirmed"
    for number in own.assertions:
        fewer = Certificate(own.obligation, tuple(n for n in own.assertions if n != number), own.steps)
        assert check(text, fewer, timeout_s=2).status != "confirmed"


@pytest.mark.slow  # a longer search
def test_few_of_many_instances_are_kept() -> None:
    heap = "h0"
    for i in range(30):
        heap = f"(put {heap} {i} {100 + i})"
    text = HEAP + f"(assert (not (= (get {heap} 27) 127)))\n"

    own = found(text)

    assert len(own.steps) == 3  # written at 27, not changed at 28 and 29
    assert check(text, own).status == "confirmed"


def test_the_same_obligation_has_the_same_certificate() -> None:
    text = OBLIGATIONS["what exists, used"]

    assert found(text) == found(text)


@pytest.mark.parametrize(
    "text",
    [
        "(declare-const b Bool)\n(assert b)\n",
        PREDICATES + "(assert (forall ((x Int)) (! (p x) :pattern ((p x)))))\n(assert (p 1))\n",
    ],
)
def test_what_is_satisfiable_has_no_certificate(text: str) -> None:
    assert isinstance(find(text, timeout_s=2), NotFound)


@pytest.mark.parametrize("text", ["(assert (lambda ((x Int)) x))", "(assert false", "(exit)", "(declare-const ground! Bool)"])
def test_what_is_not_understood_is_said_to_be(text: str) -> None:
    answer = find(text, timeout_s=2)

    assert isinstance(answer, NotFound)
    assert answer.reason.startswith("the obligation is not understood: ")


def test_a_guarded_child_answers_in_json() -> None:
    text = OBLIGATIONS["an instance"]

    answer = json.loads(json.dumps(certify_task({"smtlib": text, "timeout_s": 10})))

    assert check(text, Certificate.from_json(answer["certificate"])).status == "confirmed"
    assert "not understood" in certify_task({"smtlib": "(exit)", "timeout_s": 1})["reason"]


def test_what_is_found_is_evidence_that_is_confirmed_again() -> None:
    text = OBLIGATIONS["a witness"]

    stored = json.loads(json.dumps(proof(found(text), text, "above 5 is above 3").to_json()))

    assert recheck(from_json(stored)).status == "confirmed"
