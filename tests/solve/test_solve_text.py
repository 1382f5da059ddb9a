"""What passes as a question, and how values are written and read back."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.solve.answers import Term
from probatum.solve.text import MalformedQuestion, expressions, read, read_term, string_literal, string_value, value_of, write

characters = st.characters(max_codepoint=0x2FFFF, exclude_categories=())
atoms = st.one_of(
    st.text("aZ0~!@$%^&*_+=<>.?/-", min_size=1, max_size=8),
    st.text("a Z0();\"'#:", max_size=8).map(lambda name: f"|{name}|"),
    st.text(characters, max_size=8).map(string_literal),
)
terms = st.recursive(atoms, lambda inner: st.lists(inner, max_size=4))


@pytest.mark.parametrize(
    "command",
    [
        "(check-sat)",
        "(exit)",
        "(reset)",
        "(push 1)",
        "(set-option :produce-proofs true)",
        "(get-value (x))",
        "(eval 1)",
        "(include |/etc/passwd|)",
        '(echo "unsat")',
        "(assert)",
        "(assert true true)",
        "((assert true))",
        "assert",
        "()",
        "(set-logic QF_S) (set-logic ALL)",
        "(declare-const x Int) (set-logic ALL)",
    ],
)
def test_a_question_cannot_contain_a_command(command: str) -> None:
    with pytest.raises(MalformedQuestion):
        read(f"(assert true) {command}" if "set-logic" not in command else command)


@pytest.mark.parametrize(
    "text",
    [
        "(assert true",
        "(assert true))",
        '(assert (= x "a))',
        "(assert |x)",
        "(assert |a\\|b|)",
        "(assert \x00)",
        "(assert |\x01|)",
        '(assert "\x00")',
    ],
)
def test_text_that_two_readers_could_read_differently_is_refused(text: str) -> None:
    with pytest.raises(MalformedQuestion):
        read(text)


def test_a_command_hidden_in_a_string_a_name_or_a_comment_is_not_one() -> None:
    script = read('(declare-const |(exit)| String) ; (exit)\n(assert (= |(exit)| ") (exit) ("))')

    assert script.commands == ("(declare-const |(exit)| String)", '(assert (= |(exit)| ") (exit) ("))')


def test_a_term_cannot_close_the_text_around_it() -> None:
    with pytest.raises(MalformedQuestion):
        read_term("x)) (exit) (assert (= x x")
    with pytest.raises(MalformedQuestion):
        read_term("x y")


def test_nesting_beyond_what_recursive_readers_bear_is_refused() -> None:
    with pytest.raises(MalformedQuestion, match="deep"):
        read("(assert " + "(not " * 6000 + "x" + ")" * 6001)


def test_two_assertions_cannot_share_a_name() -> None:
    with pytest.raises(MalformedQuestion, match="same name"):
        read("(assert (! true :named a)) (assert (! false :named a))")


@settings(max_examples=25, deadline=None)
@given(terms)
def test_canonical_text_reads_back_as_the_same_expression(term: object) -> None:
    text = write(term)

    assert list(expressions(text)) == [term]


@settings(max_examples=25, deadline=None)
@given(st.text(characters))
def test_every_string_survives_its_literal(value: str) -> None:
    literal = string_literal(value)

    assert literal.isascii()
    assert string_value(literal) == value
    assert list(expressions(literal)) == [literal]


def test_a_string_beyond_the_theory_is_refused() -> None:
    with pytest.raises(MalformedQuestion, match="2FFFF"):
        string_literal("\U00030000")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("12", 12),
        ("(- 3)", -3),
        ("1.5", Fraction(3, 2)),
        ("(/ 1 3)", Fraction(1, 3)),
        ("(- (/ 1.0 3.0))", Fraction(-1, 3)),
        ("#b101", 5),
        ("#xfF", 255),
        ("(_ bv7 8)", 7),
        ('"a""b\\u{e9}\\u0041"', 'a"béA'),
        ("(as const (Array Int Int))", Term("(as const (Array Int Int))")),
    ],
)
def test_values_become_python_values(text: str, value: object) -> None:
    found = value_of(text)

    assert found == value
    assert type(found) is type(value)
