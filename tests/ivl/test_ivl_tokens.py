"""How a text is split into words, and where they are."""

from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.ivl.syntax.tokens import END, KEYWORDS, UNKNOWN, Tokens, tokenise


def kinds(text: str) -> list[str]:
    return tokenise(text, "f").kinds[:-1]


def words(text: str) -> list[str]:
    return tokenise(text, "f").texts[:-1]


def places(tokens: Tokens) -> list[tuple[str, int, int]]:
    return [(p.file, p.line, p.column) for p in map(tokens.position, range(len(tokens.kinds)))]


def test_a_word_of_the_language_is_its_own_kind() -> None:
    assert kinds("forall var intx int") == ["forall", "var", "ident", "int"]
    assert all(kinds(word) == [word] for word in KEYWORDS)


def test_a_backslash_makes_a_name_of_any_word() -> None:
    assert (kinds("\\int \\x \\ y"), words("\\int \\x")) == (["ident", "ident", UNKNOWN, "ident"], ["int", "x"])


def test_names_may_hold_signs_and_quotes() -> None:
    assert words("$a#1 _x.y' ^z ?`~ a$b") == ["$a#1", "_x.y'", "^z", "?`~", "a$b"]
    assert set(kinds("$a#1 _x.y' ^z ?`~ a$b")) == {"ident"}


def test_numbers_end_where_no_longer_one_goes_on() -> None:
    text = "12 5bv8 1e3 1e-3 1.5 1.5e10 12bv 1e 1.x 0x1 007"
    assert words(text) == ["12", "5bv8", "1e3", "1e-3", "1.5", "1.5e10", "12", "bv", "1", "e", "1", ".x", "0", "x1", "007"]
    assert kinds("12 5bv8 1e3 1.5 1.5e10") == ["digits", "bvlit", "decimal", "dec_float", "dec_float"]


def test_floats_carry_their_sign_and_sizes() -> None:
    text = "0x1.8e0f24e8 -0x1.8e-1f24e8 0NaN24e8 0nan24e8 0+oo24e8 0-oo24e8 x-0x1.0e0f11e5 -x - 0x1.0e0f5e3"
    assert kinds(text) == ["float"] * 6 + ["ident", "float", "-", "ident", "-", "float"]
    assert kinds("0-oo 0-1 0+1") == ["digits", "-", "ident", "digits", "-", "digits", "digits", "+", "digits"]
    assert kinds("-0x1.0") == ["-", "digits", "ident"]


def test_the_longest_symbol_wins() -> None:
    text = "<==> <== <= < ==> == = :: := : || |{ | }| } && != ! ++ + -> - ** * >= > / ; , ( ) [ ] {"
    assert kinds(text) == text.split()
    assert kinds("a<==>b:==c") == ["ident", "<==>", "ident", ":=", "=", "ident"]
    assert kinds("a<==b==>c") == ["ident", "<==", "ident", "==>", "ident"]


def test_symbols_beyond_ascii_are_those_of_ascii() -> None:
    assert kinds("∀ ∃ λ • ∧ ∨ ¬ ⇒ ⇐ ⇔ ≠ ≤ ≥") == [
        "forall",
        "exists",
        "lambda",
        "::",
        "&&",
        "||",
        "!",
        "==>",
        "<==",
        "<==>",
        "!=",
        "<=",
        ">=",
    ]


def test_strings_end_at_the_last_quote_that_can_end_them() -> None:
    assert words(r'"a" "b\"c" "d\"') == ['"a"', r'"b\"c"', r'"d\"']
    assert kinds('"open') == [UNKNOWN]
    assert kinds('"open\nx') == [UNKNOWN, "ident"]


def test_what_is_no_token_is_unknown() -> None:
    assert kinds("a & b \0 \\ é %") == ["ident", UNKNOWN, "ident", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]


def test_lines_and_columns_count_from_one_and_a_tab_is_one_column() -> None:
    tokens = tokenise("a b\n\tc\r\n  d\re", "f")
    assert places(tokens) == [("f", 1, 1), ("f", 1, 3), ("f", 2, 2), ("f", 3, 3), ("f", 4, 1), ("f", 5, 1)]


def test_the_end_is_at_the_start_of_the_line_after_the_last() -> None:
    assert [places(tokenise(text, "f"))[-1] for text in ("", "a", "a\n", "a\n\n")] == [
        ("f", 1, 1), ("f", 2, 1), ("f", 2, 1), ("f", 3, 1),
    ]  # fmt: skip


def test_a_byte_order_mark_takes_no_column() -> None:
    assert places(tokenise("\ufeffx", "f"))[0] == ("f", 1, 1)


def test_comments_nest_and_leave_places_alone() -> None:
    tokens = tokenise("a /* b /* c */ \n d */ e // f /* g\nh /**/ i", "f")
    assert tokens.texts == ["a", "e", "h", "i", ""]
    assert places(tokens)[:-1] == [("f", 1, 1), ("f", 2, 7), ("f", 3, 1), ("f", 3, 8)]


def test_a_comment_that_does_not_end_is_an_error_where_it_starts() -> None:
    tokens = tokenise("a\n  /* b /* */ c", "f")
    assert tokens.kinds == ["ident", END]
    [(index, error)] = tokens.errors
    assert (index, str(error.position), error.message) == (1, "f(2,3)", "comment is not closed")


def test_a_line_pragma_changes_line_and_file() -> None:
    tokens = tokenise("a\n#line 10 other.bpl\nb\nc\n#line 3\nd", "f")
    assert places(tokens)[:-1] == [("f", 1, 1), ("other.bpl", 10, 1), ("other.bpl", 11, 1), ("other.bpl", 3, 1)]


def test_a_line_pragma_counts_even_in_a_comment() -> None:
    assert places(tokenise("/*\n#line 7 g\n*/ a", "f"))[0] == ("g", 7, 4)


def test_a_pragma_that_is_none_is_an_error_at_column_zero() -> None:
    tokens = tokenise("#line\na\n#line x\n#pragma  \n #line 5\n", "f")
    assert [(index, str(error.position), error.message) for index, error in tokens.errors] == [
        (0, "f(1,0)", "Malformed (#line num [filename]) pragma: #line"),
        (1, "f(3,0)", "Malformed (#line num [filename]) pragma: #line x"),
        (1, "f(4,0)", "Unrecognized pragma: #pragma"),
    ]
    assert tokens.texts == ["a", "#line", "5", ""]


def chosen(text: str, *defines: str) -> list[str]:
    return tokenise(text, "f", defines=frozenset(defines)).texts[:-1]


def test_alternatives_take_the_first_that_holds() -> None:
    text = "#if A\na\n#elsif B\nb\n#else\nc\n#endif\nd"
    assert [chosen(text), chosen(text, "A"), chosen(text, "B"), chosen(text, "A", "B")] == [
        ["c", "d"],
        ["a", "d"],
        ["b", "d"],
        ["a", "d"],
    ]


def test_alternatives_nest_and_negate_and_keep_lines() -> None:
    text = "  #if !A\na\n#if B\nb\n#endif\n#else\nc\n#endif\nd"
    assert [chosen(text), chosen(text, "B"), chosen(text, "A", "B")] == [["a", "d"], ["a", "b", "d"], ["c", "d"]]
    assert places(tokenise(text, "f"))[1] == ("f", 9, 1)


def test_alternatives_that_do_not_match_are_errors() -> None:
    messages = [[e.message for _, e in tokenise(t, "f").errors] for t in ("#if A\n", "#endif\n", "#else\n", "#elsif A\n")]
    assert messages == [
        ["Unrecognized pragma: #MalformedInput: missing #endif"],
        ["Unrecognized pragma: #MalformedInput: misplaced #endif"],
        ["Unrecognized pragma: #MalformedInput: misplaced #else"],
        ["Unrecognized pragma: #MalformedInput: misplaced #elsif"],
    ]


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=st.sampled_from('ab0x.e-f"\\/*\n\r\t #:=<>&|{}[]\0é'), max_size=60))
def test_every_text_is_split_into_its_own_parts(text: str) -> None:
    tokens = tokenise(text, "f")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert tokens.kinds[-1] == END
    assert tokens.kinds.count(END) == 1
    if "#" not in text:
        for index, word in enumerate(tokens.texts[:-1]):
            _, line, column = tokens.position(index)
            assert lines[line - 1][column - 1 :].removeprefix("\\").startswith(word.removeprefix("\\"))
