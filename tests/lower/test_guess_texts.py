"""How guesses are written: in the words of an author, with what a loop has done said by what counts it."""

import ast

import pytest

from probatum.code.model.invented import informative
from probatum.lower.forms import AT, SEEN, entry, start_of
from probatum.lower.guess_texts import words_of, written
from probatum.lower.lowered import Guess
from probatum.python.program import Place

AT_NAME, SEEN_NAME = ast.Name(AT, ast.Load()), ast.Name(SEEN, ast.Load())
LEN_SEEN = ast.Call(ast.Name("len", ast.Load()), [SEEN_NAME], [])


def text_of(claim: ast.expr, loop: str) -> Guess:
    [node] = ast.parse(loop).body
    assert isinstance(node, ast.For | ast.While)
    return written(claim, node, Place(1, 1), parameters=["n"])


@pytest.mark.parametrize(
    ("loop", "at", "seen"),
    [
        ("for i in range(n): pass", "i", "range(i)"),
        ("for i in range(2, n): pass", "i - 2", "range(2, i)"),
        ("for i in range(0, n, 3): pass", "i // 3", "range(0, i, 3)"),
        ("for i, x in enumerate(xs): pass", "i", "xs[:i]"),
        ("for x in xs: pass", "at", "xs[:at]"),
        ("for at in xs: pass", "at_2", "xs[:at_2]"),
    ],
)
def test_the_counter_of_a_loop_says_what_is_done(loop, at, seen):
    assert text_of(AT_NAME, loop).text == at
    assert text_of(SEEN_NAME, loop).text == seen


def test_items_of_what_has_no_name_cannot_be_written():
    found = text_of(LEN_SEEN, "for x in f(n): pass")

    assert not found.exact
    assert found.text == "len(seen)"


def test_what_was_passed_is_old_and_where_an_inner_loop_began_cannot_be_written():
    passed = text_of(ast.Name(entry("n"), ast.Load()), "while n: pass")
    began = text_of(ast.Name(start_of("n"), ast.Load()), "while n: pass")

    assert (passed.text, passed.exact) == ("old(n)", True)
    assert (began.text, began.exact) == ("start_of_n", False)


def test_bound_variables_get_names_that_are_free():
    claim = ast.parse("__forall__(range(k), lambda _k: xs[_k] == 0)", mode="eval").body
    for node in ast.walk(claim):
        if isinstance(node, ast.Name | ast.arg):
            old = node.id if isinstance(node, ast.Name) else node.arg
            setattr(node, "id" if isinstance(node, ast.Name) else "arg", old.replace("_k", "k'"))

    found = text_of(claim, "while k: pass")

    assert (found.text, found.exact) == ("forall(range(k), lambda k1: xs[k1] == 0)", True)
    assert words_of(found.text) == {"forall"}


def test_differences_are_compared_as_people_do():
    assert text_of(ast.parse("0 <= n - i", mode="eval").body, "while n: pass").text == "i <= n"
    assert text_of(ast.parse("0 <= n - 0", mode="eval").body, "while n: pass").text == "0 <= n"


def test_what_says_nothing_is_not_told():
    texts = ["0 <= i", "i <= i", "-1 <= i", "i < n or 0 <= i", "forall(range(i, i), lambda k: a[k])", "i <= n"]

    kept = informative([Guess(Place(1, 1), text) for text in texts])

    assert [guess.text for guess in kept] == ["0 <= i", "i <= n"]
