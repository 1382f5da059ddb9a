"""Every axiom of the prelude is a fact about CPython's values."""

import contextlib
import functools
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prelude_meaning import BYTE, CHAR, MEANINGS, Meaning, TooLarge, draw

from probatum.ivl import compile_text, types
from probatum.ivl.syntax import tree
from probatum.lower import prelude

INT = types.INT
TYPES = (INT, BYTE, CHAR, types.Constructed("Seq", (INT,)))


@functools.cache
def program():
    checked, errors = compile_text(prelude.text(prelude.files()), "prelude")
    assert checked is not None, errors[0]
    return checked


@functools.cache
def axioms(file):
    """The axioms of a file, each checked with the names of all."""
    count = prelude.text([file]).count("\naxiom ")
    found = iter([one for one in program().declarations if isinstance(one, tree.Axiom)])
    for name in prelude.files():
        own = [next(found) for _ in range(prelude.text([name]).count("\naxiom "))]
        if name == file:
            assert len(own) == count
            return own
    raise AssertionError(file)


def broken(meaning, axiom, r):
    """Values that are drawn and break an axiom, with where it stands; None if it holds for them."""
    body, variables, at = axiom.expression, [], {}
    if isinstance(body, tree.Quantifier):
        assert body.kind == "forall"
        at = {v: r.choice(TYPES) for v in body.type_variables}
        variables, body = body.bound, body.body
    values = {}
    for one in variables:
        type_ = types.substitute(one.type, at)
        same = [v for other, v in values.items() if types.substitute(other.type, at) == type_]
        values[one] = near(r, r.choice(same)) if same and r.random() < 0.5 else drawn(type_, values, r)
    with contextlib.suppress(TooLarge):
        if meaning.value(body, values, at) is not True:
            return str(axiom.position), {one.name: v for one, v in values.items()}
    return None


def near(r, value):
    """The same value, or one that belongs to it in one of the ways in which axioms use two of a type."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value + r.choice((-1, 0, 0, 1, 1))
    if isinstance(value, tuple) and value and not isinstance(value[0], tuple):
        return r.choice((value, value[::-1], value[:1], value[1:], tuple(sorted(value))))
    return value


def drawn(type_, values, r):
    """A value that is often the length, an item, or a place of one that is there."""
    sized = [v for v in values.values() if isinstance(v, (tuple, frozenset))]
    if type_ == INT and sized and r.random() < 0.7:
        length = len(r.choice(sized))
        return r.choice((0, length, r.randrange(length + 1)))
    numbers = [v for v in values.values() if isinstance(v, int)]
    if type_ == INT and numbers and r.random() < 0.1:
        return 2 ** min(abs(r.choice(numbers)), 200) - 1
    return draw(type_, r)


@pytest.mark.parametrize("file", prelude.files())
def test_axioms_are_facts_about_python(file):
    r, meaning = random.Random(file), Meaning()
    for axiom in axioms(file):
        for _ in range(60):
            assert broken(meaning, axiom, r) is None


@pytest.mark.slow
@pytest.mark.parametrize("file", prelude.files())
def test_no_premise_is_beyond_all_values(file):
    r, meaning = random.Random(file), Meaning()
    for axiom in axioms(file):
        for _ in range(3000):
            assert broken(meaning, axiom, r) is None
            if len(meaning.met) == len(meaning.premises) and _ > 300:
                break
    assert [str(one.position) for one in meaning.premises - meaning.met] == []


@pytest.mark.slow
@pytest.mark.parametrize("file", prelude.files())
def test_no_values_that_hypothesis_finds_break_an_axiom(file):
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.randoms(use_true_random=False))
    def search(r):
        for axiom in r.sample(axioms(file), min(3, len(axioms(file)))):
            assert broken(Meaning(), axiom, r) is None

    if axioms(file):
        search()


def test_a_wrong_axiom_is_found_out():
    text = prelude.text(prelude.files()) + (
        "axiom (forall<T> s: Seq T, i: int, j: int :: {Seq_slice(s, i, j)} Seq_len(Seq_slice(s, i, j)) == j - i);"
    )
    checked, _ = compile_text(text, "prelude")
    assert checked is not None

    def search():
        for seed in range(200):
            assert broken(Meaning(), checked.declarations[-1], random.Random(seed)) is None

    with pytest.raises(AssertionError, match="prelude"):
        search()


def test_every_function_without_a_body_has_a_meaning():
    functions = {one.name for one in program().declarations if isinstance(one, tree.Function) and one.body is None}
    assert functions == set(MEANINGS)


def test_every_quantified_axiom_says_when_it_is_used():
    for one in program().declarations:
        if isinstance(one, tree.Axiom) and isinstance(one.expression, tree.Quantifier) and one.expression.bound:
            assert one.expression.triggers, one.position
