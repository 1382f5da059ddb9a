"""The text of obligations: in names of its own, complete, and read alike by both solvers."""

from __future__ import annotations

import re

import pytest
from ivl_bodies import Writing, proved

from probatum.ivl.conditions.smtlib import Naming, Writer, readable
from probatum.ivl.terms import BOOL, INT, Bank, Binder, Sort, Symbol, array, bits
from probatum.ivl.theory import DatatypeSort, Theory
from probatum.solve import Question, Sat, Unsat, ask


def texts(writing: Writing, blocks: dict[str, list[str]], *, prune: int = 2) -> list[str]:
    return [one.obligation().text for one in writing.conditions(writing.body(blocks), prune=prune)]


def with_names(**names: str) -> list[str]:
    """Return the obligations of one program under other names."""

    def named(text: str) -> str:
        return re.sub(r"\b(f|x|n|then)\b", lambda m: names.get(m[0], m[0]), text)

    writing = Writing()
    writing.function(names.get("f", "f"), (INT,))
    writing.axiom(named("(forall ((i Int)) (! (< 0 (f i)) :pattern ((f i))))"))
    blocks = {
        "entry": ["x := (f n)", "-> then else"],
        "then": ["x := (+ x 1)", "-> else"],
        "else": ["assert (< 0 x)"],
    }
    return texts(writing, {named(k): [named(line) for line in lines] for k, lines in blocks.items()})


def test_renaming_changes_no_text() -> None:
    assert with_names() == with_names(x="the_x", n="number", f="fancy", then="label")


def test_declarations_that_are_not_needed_change_no_text() -> None:
    writing = Writing()
    body = {"entry": ["assert (< 0 (f x))"]}
    writing.function("f", (INT,))
    writing.axiom("(forall ((i Int)) (! (< 0 (f i)) :pattern ((f i))))")
    other = Writing()
    other.function("g", (INT,))
    other.axiom("(forall ((i Int)) (! (= 0 (g i)) :pattern ((g i))))")
    other.function("f", (INT,))
    other.axiom("(forall ((i Int)) (! (< 0 (f i)) :pattern ((f i))))")

    assert texts(writing, body) == texts(other, body)


def test_alike_quantifiers_have_one_text_whatever_their_variables_are_called() -> None:
    writing = Writing()

    [text] = texts(writing, {"entry": ["assume (forall ((i Int)) (<= i x))", "assert (forall ((j Int)) (<= j x))"]})

    assert text.count("(forall ((x0 Int)) (<= x0 v0))") == 2


def test_patterns_are_written_whole_and_outside_of_what_is_shared() -> None:
    writing = Writing()
    writing.function("f", (INT,))
    big = "x"
    for _ in range(6):
        big = f"(f (+ {big} {big}))"
    writing.sorts["x"] = INT

    [text] = texts(
        writing, {"entry": [f"assume (forall ((i Int)) (! (= (f (+ i {big})) {big}) :pattern ((f i))))", "assert (= x 1)"]}
    )

    assert "(let ((l0" in text
    assert ":pattern ((f0 x0))" in text
    assert len(text) < 3_000


@pytest.mark.parametrize("solver", ["z3", "cvc5"])
def test_sorts_datatypes_definitions_and_distinct_constants_are_declared_before_they_are_used(solver: str) -> None:
    bank = Bank()
    theory = Theory(bank)
    key = Sort("Key of %s")
    tree, forest = Sort("Tree"), Sort("Forest")
    theory.sorts.append(key)
    theory.datatypes.append(DatatypeSort(forest, (("Nil#", ()), ("Cons#", (("first", tree), ("rest", forest))))))
    theory.datatypes.append(DatatypeSort(tree, (("Node#", (("label", key), ("below", forest))),)))
    a, b = Symbol("a", (), key), Symbol("b", (), key)
    theory.uniques.append((a, b))
    x = bank.variable("x", tree)
    label = bank.operator("label", (bank.variable("t", tree),), key)
    twice = Symbol("again", (tree,), key, ((bank.variable("t", tree),), label))
    same = Symbol(
        "same", (tree, key), BOOL, ((x, bank.variable("k", key)), bank.equality(bank.apply(twice, (x,)), bank.variable("k", key)))
    )
    theory.symbols += [a, b, same, twice]
    writer = Writer(theory)
    naming = Naming()
    node = bank.operator("Node#", (bank.apply(a), bank.operator("Nil#", (), forest)), tree)
    claims = [
        bank.equality(bank.variable("v", tree), node),
        bank.apply(same, (bank.variable("v", tree), bank.apply(b))),
        bank.operator("(_ is Nil#)", (bank.operator("below", (bank.variable("v", tree),), forest),), BOOL),
    ]
    lines = [f"(assert {naming.text(writer.fragment(one))})" for one in claims]
    declarations = list(writer.declarations(naming, set()))

    from probatum.ivl.conditions.smtlib import distinct

    text = "\n".join([*declarations, *distinct(theory.uniques, naming), *lines])

    assert isinstance(ask(Question(text), solvers=(solver,)), Unsat)
    assert "Key" not in text
    assert isinstance(ask(Question(text.replace("(distinct ", "(= ")), solvers=(solver,)), Sat)


def test_maps_and_bits_are_what_the_standard_calls_them() -> None:
    bank = Bank()
    theory = Theory(bank)
    byte = bits(8)
    map_ = array(INT, array(byte, BOOL))
    m, i = bank.variable("m", map_), bank.variable("i", INT)
    nowhere = bank.operator("(as const (Array whatever Bool))", (bank.boolean(False),), array(byte, BOOL))
    everywhere = bank.operator("(as const (Array Int whatever))", (nowhere,), map_)
    writer, naming = Writer(theory), Naming()
    row = bank.operator("select", (m, i), array(byte, BOOL))
    one = bank.operator("select", (row, bank.literal("#x01", byte)), BOOL)
    lines = [f"(assert {naming.text(writer.fragment(t))})" for t in (bank.equality(m, everywhere), one)]

    text = "\n".join([*writer.declarations(naming, set()), *lines])

    assert isinstance(ask(Question(text), solvers=("z3",)), Unsat)


def test_strings_with_signs_of_templates_stay_as_they_are() -> None:
    bank = Bank()
    writer = Writer(Theory(bank))

    fragment = writer.fragment(bank.equality(bank.literal('"100% %s"', Sort("String")), bank.variable("s", Sort("String"))))

    assert Naming().text(fragment) == '(= "100% %s" v0)'


def test_values_are_read_in_the_names_of_the_source() -> None:
    assert readable("(C0 (- 5) T1!val!3)", {"C0": "Cons", "T1": "Ref"}) == "(Cons -5 Ref!val!3)"
    assert readable("(- 1.5)", {}) == "-1.5"


# Which axioms are there


def test_an_axiom_is_there_when_its_triggers_are_and_brings_what_it_mentions() -> None:
    writing = Writing()
    for name in "fghk":
        writing.function(name, (INT,))
    writing.axiom("(forall ((i Int)) (! (= (f i) (g i)) :pattern ((f i))))")
    writing.axiom("(forall ((i Int)) (! (= (g i) 7) :pattern ((g i))))")
    writing.axiom("(forall ((i Int)) (! (= (h i) (f i)) :pattern ((h i))))")
    writing.axiom("(forall ((i Int)) (= (k i) (f i)))")

    [text] = texts(writing, {"entry": ["assert (= (f x) 7)"]})

    assert text.count(":pattern") == 2
    assert text.count("forall") == 3  # without triggers the solver chooses them: the last one may help
    assert writing.open_claims(writing.body({"entry": ["assert (= (f x) 7)"]})) == []


def test_an_axiom_about_nothing_in_particular_is_always_there() -> None:
    writing = Writing()
    writing.axiom("(= 0 1)")

    assert writing.open_claims(writing.body({"entry": ["assert (= x 1)"]})) == []


def test_without_pruning_every_axiom_is_there() -> None:
    writing = Writing()
    writing.function("g")
    writing.axiom("(and (= g 1) (= g 2))")
    body = {"entry": ["assert (= x 1)"]}

    assert writing.open_claims(writing.body(body), prune=0) == []
    assert len(writing.open_claims(writing.body(body), prune=2)) == 1


def test_as_declared_an_axiom_belongs_to_its_owners_only() -> None:
    writing = Writing()
    owner = writing.function("owner")
    writing.function("f", (INT,))
    writing.axiom("(forall ((i Int)) (= (f i) 3))", owners=(owner,), incoming=())
    without = writing.body({"entry": ["assert (= (f x) 3)"]})
    with_owner = writing.body({"entry": ["assume (= owner 1)", "assert (= (f x) 3)"]})

    assert len(writing.open_claims(without, prune=1)) == 1
    assert writing.open_claims(with_owner, prune=1) == []
    assert writing.open_claims(without, prune=2) == []


def test_what_is_hidden_is_not_known_until_it_is_revealed_on_the_path() -> None:
    def claims(*lines: str) -> list[int]:
        writing = Writing()
        f = writing.function("f", (INT,))
        writing.axiom("(forall ((i Int)) (! (= (f i) 3) :pattern ((f i))))", owners=(f,), hideable=True)
        return [line for _, line in writing.open_claims(writing.body({"entry": list(lines)}))]

    assert claims("hide *", "assert (= (f x) 3)") == [2]
    assert claims("hide *", "reveal f", "assert (= (f x) 3)") == []
    assert claims("hide f", "push", "reveal *", "pop", "assert (= (f x) 3)") == [5]
    assert claims("assert (= (f x) 3)") == []


def test_a_refuted_claim_satisfies_what_is_distinct() -> None:
    writing = Writing()
    a, b = writing.function("a"), writing.function("b")
    writing.theory.uniques.append((a, b))
    body = writing.body({"entry": ["assert (distinct a b)", "assert (= a 1)"]})

    [first, second] = writing.conditions(body)

    assert proved(first)
    assert isinstance(ask(Question(second.obligation().text), solvers=("z3",)), Sat)


def test_a_quantifier_keeps_its_attributes() -> None:
    bank = Bank()
    f = Symbol("f", (INT,), INT)
    writer = Writer(Theory(bank, symbols=[f]))
    i = bank.fresh("i", INT)
    applied = bank.apply(f, (i,))
    binder = Binder((i,), ((applied,),), (bank.operator("+", (i, i), INT),), 7, "a name | with signs", "sk")

    text = Naming().text(writer.fragment(bank.quantified("forall", binder, bank.equality(applied, i))))

    assert text == (
        "(forall ((x0 Int)) (! (= (f0 x0) x0) :qid q0 :skolemid q1 :weight 7 :pattern ((f0 x0)) :no-pattern (+ x0 x0)))"
    )
