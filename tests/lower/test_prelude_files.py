"""A program takes the files of the prelude that it needs, with all that these depend on."""

import re

import pytest

from probatum.ivl import compile_text
from probatum.lower import prelude


def test_every_declared_name_has_one_file():
    declared = re.findall(r"^(?:type|const|function)(?: \{:inline\})? (\w+)", prelude.text(prelude.files()), flags=re.MULTILINE)
    assert sorted(declared) == sorted(prelude.functions())


def test_files_come_after_those_they_depend_on():
    assert prelude.needed(["Bytes_to_int"]) == ("sequence", "bytes")
    assert prelude.text(["bytes", "sequence"]).index("type Seq") < prelude.text(["bytes", "sequence"]).index("type byte")


def test_names_that_no_file_declares_are_passed_over():
    assert prelude.needed(["x", "procedure"]) == ()
    assert prelude.needed_by("procedure P() { assert Int_abs(-1) == 1; }") == ("integer",)


@pytest.mark.parametrize("file", prelude.files())
def test_a_file_with_what_it_needs_is_a_program(file):
    names = [name for name, home in prelude.functions().items() if home == file]
    text = prelude.text(prelude.needed(names))
    checked, errors = compile_text(text, "prelude")
    assert checked is not None, errors
    assert errors == ()


def test_an_unknown_file_is_named():
    with pytest.raises(KeyError, match="`sequences`"):
        prelude.text(["sequences"])


def test_lines_fit():
    long = [line for line in prelude.text(prelude.files()).splitlines() if len(line) > 130]
    assert [line for line in long if not re.search(r"\d{10}", line)] == []  # but for numbers that cannot be broken
