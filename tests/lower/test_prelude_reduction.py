"""A program gets those declarations of the prelude that can be of use to it, and its obligations are what they were with all."""

from collections import Counter

import pytest

from probatum.ivl import compile_text, verify
from probatum.ivl.options import Options
from probatum.lower import prelude
from probatum.lower.prelude.reduction import Reduction
from probatum.solve.prover import Decision

PROGRAMS = (
    "procedure P(s: Seq int) { assert Seq_len(Seq_concat(s, s)) == 2 * Seq_len(s); assert Seq_sum(Seq_push(s, 1)) == 1 + Seq_sum(s); }",
    "procedure P(s: Seq char) { assert Str_startswith(s, Seq_take(s, 1)); assert Seq_has(Str_spaces(), char_of(32)); }",
    "procedure P(m: Map int int) { assert Map_get(Map_set(m, 1, 2), 1) == 2; assert Map_len(m) >= 0; }",
    "procedure P(a: Set int, b: Set int) { assert Set_subset(a, Set_union(a, b)); assert Set_disjoint(a, Set_empty()); }",
    "procedure P(b: Seq byte) { assert Bytes_to_int(b, true, false) >= 0; }",
    "procedure P(a: int) { assert Bit_and(a, 1) == Int_mod(a, 2); }",
    "procedure P(s: Seq int, x: int) { assert Seq_count(Seq_push(s, x), x) == Seq_count(s, x) + 1; }",
)


class Asked:
    """Keeps what is asked, and decides nothing."""

    def __init__(self):
        self.texts = []

    def decide(self, obligations):
        for key, obligation in obligations:
            self.texts.append(obligation.text)
            yield key, Decision("unknown", None, "", "", "", 0, 0.0)


def obligations(text):
    asked = Asked()
    result = verify(text, Options(), prover=asked)
    assert result.static == ()
    return [Counter(line.split(" ")[0] for line in text.splitlines()) for text in asked.texts]


@pytest.mark.parametrize("program", PROGRAMS)
def test_obligations_have_the_facts_that_they_had_with_whole_files(program):
    words = set(program.replace("(", " ").replace(")", " ").replace(",", " ").split())
    whole = prelude.text(prelude.needed(words)) + program
    less = prelude.reduced(words) + "\n" + program

    assert less.count("\naxiom") < whole.count("\naxiom")
    assert obligations(less) == obligations(whole)


@pytest.mark.parametrize("name", sorted(prelude.functions()))
def test_what_a_name_needs_is_a_program(name):
    checked, errors = compile_text(prelude.reduced([name]), "prelude")
    assert checked is not None, errors


def test_every_declaration_is_of_use_to_who_names_everything():
    whole = prelude.text(prelude.files())
    everything = prelude.reduced(prelude.functions())
    assert everything.count("\naxiom ") == whole.count("\naxiom ")
    assert everything.count("\nfunction ") == whole.count("\nfunction ")


def test_names_that_nothing_declares_need_nothing():
    assert prelude.reduced(["x", "procedure"]) == ""


def test_an_axiom_needs_all_names_of_a_trigger():
    text = "function f(x: int): int;\nfunction g(x: int): int;\nfunction h(x: int): int;\naxiom (forall x: int :: {f(x), g(x)} f(x) == h(x));\n"
    own = Reduction([("one", text)])
    assert "axiom" not in own.text(frozenset({"f"}), frozenset({"one"}))
    assert own.text(frozenset({"f", "g"}), frozenset({"one"})) == text.strip()


def test_a_name_that_stands_for_its_definition_triggers_as_that():
    text = "function f(x: int): int;\nfunction {:inline} g(x: int): int { f(x) }\naxiom (forall x: int :: {g(x)} g(x) > 0);\n"
    assert "axiom" in Reduction([("one", text)]).text(frozenset({"f"}), frozenset({"one"}))


def test_a_fact_without_trigger_belongs_to_what_its_own_file_declares():
    files = [("one", "function f(): int;\n"), ("two", "function g(x: int): int;\naxiom g(f()) == 0;\n")]
    own = Reduction(files)
    assert "axiom" not in own.text(frozenset({"f"}), frozenset({"one", "two"}))
    assert "axiom" in own.text(frozenset({"g"}), frozenset({"one", "two"}))
