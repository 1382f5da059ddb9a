"""What expressions and declarations mean, asked of a solver."""

from __future__ import annotations

import pytest
from ivl_meaning import Meaning, holds

from probatum.ivl.elaborate import builtins
from probatum.ivl.terms import Sort, floating
from probatum.ivl.unsupported import Unsupported


def proved(*claims: str, declarations: str = "", parameters: str = "") -> list[bool]:
    body = " ".join(f"assert {claim};" for claim in claims)
    return holds(f"{declarations} procedure P({parameters}) {{ {body} }}")


def one(claim: str, *, declarations: str = "", parameters: str = "") -> bool:
    return proved(claim, declarations=declarations, parameters=parameters)[0]


def test_arithmetic_is_that_of_smt_lib() -> None:
    assert all(
        proved(
            "-7 div 2 == -4 && -7 mod 2 == 1 && -7 div -2 == 4",
            "7 / 2 == 3.5 && 7.0 / 2.0 == 3.5",
            "real(3) == 3.0 && int(-2.5) == -3",
            "2.5e1 == 25.0 && 1e-1 * 10.0 == 1.0",
        )
    )
    assert not one("x / 2 == real(x div 2)", parameters="x: int")


def test_powers_are_uninterpreted() -> None:
    assert proved("x ** y == x ** y", "2.0 ** 2.0 == 4.0", parameters="x: real, y: real") == [True, False]


def test_bits_are_taken_from_the_lower_up_to_the_upper() -> None:
    assert all(proved("7bv8[3:1] == 3bv2", "1bv4 ++ 2bv4 == 18bv8", "5bv3 != 4bv3"))


@pytest.mark.parametrize("width", [1, 3, 4, 8, 64])
def test_bit_literals_have_their_width(width: int) -> None:
    text = builtins.bits(1, width)
    assert int(text[2:], 16 if text[1] == "x" else 2) == 1
    assert len(text) - 2 == (width // 4 if width % 4 == 0 else width)


def test_floats_are_equal_as_values() -> None:
    assert proved("x == x", "0NaN24e8 == 0NaN24e8", "0x0.0e0f24e8 != -0x0.0e0f24e8", "x <= x", parameters="x: float24e8") == [
        True,
        True,
        True,
        False,
    ]


def test_float_arithmetic_rounds_to_nearest() -> None:
    assert all(
        proved(
            "0x1.8e0f24e8 == 0x3.0e0f24e8 / 0x2.0e0f24e8",
            "0x1.0e0f24e8 + 0x0.000001e0f24e8 == 0x1.0e0f24e8",
            "0x1.0e0f24e8 < 0x1.8e0f24e8 && !(0NaN24e8 <= 0NaN24e8) && 0+oo24e8 > 0x1.0e0f24e8",
        )
    )


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ("0x1.0e0f24e8", "(fp #b0 #b01111111 #b00000000000000000000000)"),
        ("-0x1.8e0f24e8", "(fp #b1 #b01111111 #b10000000000000000000000)"),
        ("0x1.0e1f11e5", "(fp #b0 #b10011 #b0000000000)"),  # 16: the exponent is of base 16
        ("0x0.0e0f11e5", "(fp #b0 #b00000 #b0000000000)"),
        ("0x0.000001e0f11e5", "(fp #b0 #b00000 #b0000000001)"),  # the smallest: 2^-24
        ("0x0.0000008e0f11e5", "(fp #b0 #b00000 #b0000000000)"),  # half of it: to even
        ("0x1.0e4f11e5", "(_ +oo 5 11)"),
        ("0x0.ffffe0f11e5", "(fp #b0 #b01111 #b0000000000)"),  # rounds up to a power of two
        ("0x1.0e-99999999f11e5", "(fp #b0 #b00000 #b0000000000)"),
        ("-0x1.0e99999999f11e5", "(_ -oo 5 11)"),
        ("0NaN11e5", "(_ NaN 5 11)"),
        ("0-oo11e5", "(_ -oo 5 11)"),
    ],
)
def test_float_literals(literal: str, text: str) -> None:
    width = (5, 11) if literal.endswith("11e5") else (8, 24)
    assert builtins.floating(literal) == (text, floating(*width))


def test_a_float_literal_that_is_none_is_not_supported() -> None:
    with pytest.raises(Unsupported, match="float literal"):
        builtins.floating("0x1.0f24e8")


def test_strings_keep_their_characters() -> None:
    assert builtins.string('a"b\\"cä') == '"a""b""c\\u{e4}"'
    assert one('"ab" != "ac" && "ab" == "ab"')


def test_maps_with_several_indexes() -> None:
    assert proved(
        "m[3, true := 4][3, true] == 4",
        "m[3, true := 4][3, false] == m[3, false]",
        "m[3, true := 4][2, true] == 4",
        parameters="m: [int, bool]int",
    ) == [True, True, False]


def test_a_map_without_indexes_is_its_value() -> None:
    assert proved("m[] == m[]", "m[:= 4][] == 4", parameters="m: []int")[0]


def test_maps_are_extensional() -> None:
    assert one("m[i := m[i]] == m", parameters="m: [int]int, i: int")


LIST = "datatype List { Nil(), Cons(head: int, tail: List) }"


def test_datatypes() -> None:
    assert all(
        proved(
            "x is Cons ==> x == Cons(x->head, x->tail)",
            "x is Nil || x is Cons",
            "Cons(1, x)->(head := 2) == Cons(2, x)",
            "Cons(1, x) != x",
            declarations=LIST,
            parameters="x: List",
        )
    )


def test_a_field_that_several_constructors_have() -> None:
    assert proved(
        "A(1)->v == 1 && B(true, 2)->v == 2",
        "A(1)->(v := 3) == A(3) && B(true, 2)->(v := 3) == B(true, 3)",
        "N()->(v := 3) is A",  # it becomes a value of the first constructor that has the field
        "N()->v == 0",
        declarations="datatype D { A(v: int), B(b: bool, v: int), N() }",
    ) == [True, True, True, False]


def test_datatypes_that_use_each_other() -> None:
    assert one(
        "t is Node ==> t == Node(t->children)",
        declarations="datatype Tree { Leaf(), Node(children: Trees) } datatype Trees { End(), More(first: Tree, rest: Trees) }",
        parameters="t: Tree",
    )


def test_names_that_solvers_have_already() -> None:
    declarations = "type Int; type Array; datatype List { and(or: Int), not(select: Array) } function store(x: Int): Int;"
    assert one("and(x)->or == x && store(x) == store(x)", declarations=declarations, parameters="x: Int")


def test_let_shares_instead_of_copying() -> None:
    text = "x"
    for _ in range(200):
        text = f"(var y := {text}; y + y)"
    assert len(Meaning(f"procedure P(x: int) {{ assert {text} == 0; }}").query(0)) < 20_000


def test_let_is_simultaneous() -> None:
    assert one("(var x, y := y, x; x - y) == y - x", parameters="x: int, y: int")


def test_inlined_functions_share_their_arguments() -> None:
    functions = "function {:inline} f0(x: int): int { x + 1 }"
    for n in range(1, 60):
        functions += f"function {{:inline}} f{n}(x: int): int {{ f{n - 1}(x) + f{n - 1}(x) }}"
    assert len(Meaning(f"{functions} procedure P(x: int) {{ assert f59(x) > 0; }}").query(0)) < 20_000


@pytest.mark.slow
def test_a_long_chain_of_conjuncts() -> None:
    claim = " && ".join(f"x != {n}" for n in range(50_000))
    (term,) = Meaning(f"procedure P(x: int) {{ assert {claim}; }}").terms
    assert len(term.arguments) == 50_000


@pytest.mark.slow
def test_a_long_chain_of_implications() -> None:
    claim = " ==> ".join(f"x > {n}" for n in range(30_000))
    (term,) = Meaning(f"procedure P(x: int) {{ assert {claim}; }}").terms
    assert term.payload == "=>"


def test_functions_with_bodies() -> None:
    assert proved(
        "f(2) == 3",
        "g(2) == 5",
        "c() == 7",
        "d(2) == 4",
        "u(2) == u(1 + 1) && u(2) != u(3)",
        declarations="""
        function f(x: int): int { x + 1 }
        function {:inline} g(x: int): int { f(x) + 2 }
        function c(): int { 7 }
        function {:define} d(x: int): int { f(x) + 1 }
        function u(x: int): int;
        """,
    ) == [True, True, True, True, False]


def test_a_function_whose_value_is_not_a_number_proves_nothing() -> None:
    assert not one("false", declarations="function f(x: int): float24e8 { 0NaN24e8 }", parameters="x: int")


def test_definitions_come_after_what_they_mention() -> None:
    theory = Meaning(
        "function {:define} a(x: int): int { b(x) } function {:define} b(x: int): int { c(x) } function c(x: int): int;"
    ).theory
    assert [symbol.name for symbol in theory.symbols] == ["c", "b", "a"]


def test_functions_that_solvers_know() -> None:
    assert all(
        proved(
            "add(1bv8, 255bv8) == 0bv8",
            "wide(255bv8) == 255bv16",
            "same(3, 3)",
            "plus(0x1.0e0f24e8, 0x1.0e0f24e8) == 0x2.0e0f24e8",
            declarations="""
            function {:bvbuiltin "bvadd"} add(bv8, bv8): bv8;
            function {:bvbuiltin "zero_extend 8"} wide(bv8): bv16;
            function {:builtin "="} same(int, int): bool;
            function {:builtin "fp.add RNE"} plus(float24e8, float24e8): float24e8;
            """,
        )
    )


def test_sequences() -> None:
    assert all(
        proved(
            "len(empty()) == 0 && len(unit(5)) == 1 && nth(append(unit(1), unit(2)), 1) == 2",
            declarations="""
            type {:builtin "Seq"} Seq _;
            function {:builtin "seq.empty"} empty(): Seq int;
            function {:builtin "seq.len"} len(s: Seq int): int;
            function {:builtin "seq.unit"} unit(x: int): Seq int;
            function {:builtin "seq.++"} append(s: Seq int, t: Seq int): Seq int;
            function {:builtin "seq.nth"} nth(s: Seq int, i: int): int;
            """,
        )
    )


def test_operations_on_whole_maps_of_a_declared_type() -> None:
    assert all(
        proved(
            "equal(m, m)[i]",
            "choose(equal(m, m), m, n) == m",
            "all(x)[3] == x",
            declarations="""
            type T;
            function {:builtin "MapEq"} equal([int]T, [int]T): [int]bool;
            function {:builtin "MapIte"} choose([int]bool, [int]T, [int]T): [int]T;
            function {:builtin "MapConst"} all(T): [int]T;
            """,
            parameters="m: [int]T, n: [int]T, i: int, x: T",
        )
    )


def test_constants() -> None:
    assert proved(
        "a != b", "b != c", "d == 5", declarations="type T; const unique a, b: T; const c: T; const d: int uses { axiom d == 5; }"
    ) == [True, False, True]


def test_unique_constants_of_all_declarations_differ() -> None:
    assert one("a != b", declarations="const unique a: int; const unique b: int; const unique c: bool;")


def test_old_and_new_globals_differ() -> None:
    text = """var g: int; function f(x: int): int;
    procedure P() { assert old(g) == g; assert old(f(g)) == f(old(g)); assert (var g0 := old(g); g0) == old(old(g)); }"""
    assert holds(text) == [False, True, True]


def test_triggers_and_attributes_of_quantifiers() -> None:
    (term,) = Meaning(
        """function f(x: int): int; function g(x: int): int;
        procedure P() {
          assert (forall x: int :: {:qid "mine"} {:weight 7} {f(x)} {g(x), f(x)} {:nopats f(x)} f(x) == g(x));
        }"""
    ).terms
    binder = term.payload
    assert (binder.name, binder.weight, len(binder.patterns), len(binder.forbidden)) == ("mine", 7, 2, 1)
    assert [len(pattern) for pattern in binder.patterns] == [1, 2]


def test_a_quantifier_is_called_after_its_place() -> None:
    (term,) = Meaning("procedure P() {\n  assert (forall x: int :: x > 0); }").terms
    assert term.payload.name == "tbpl.2:18"


def test_nested_quantifiers_without_triggers_become_one() -> None:
    nested = Meaning(
        """function f(x: int): int;
        procedure P() {
          assert (forall x: int :: (forall y: int :: x < y));
          assert (forall x: int :: (forall y: int :: {f(y)} x < f(y)));
          assert (forall x: int :: (exists y: int :: x < y));
        }"""
    ).terms
    assert [len(term.payload.variables) for term in nested] == [2, 1, 1]


def test_a_function_that_must_not_be_a_trigger() -> None:
    (term,) = Meaning(
        """function {:never_pattern true} f(x: int): int; function g(x: int): int;
        procedure P() { assert (forall x: int :: f(x) == g(x)); }"""
    ).terms
    assert [forbidden.payload.name for forbidden in term.payload.forbidden] == ["f"]


def test_lambdas_that_differ_in_free_parts_only_share_a_function() -> None:
    meaning = Meaning(
        """procedure P(n: int, k: int) {
          assert (lambda x: int :: x < n + 1) == (lambda y: int :: y < k);
          assert (lambda x: int :: x < n) == (lambda y: int :: y < n);
          assert (lambda x: int :: x < n)[3] == (3 < n);
          assert (lambda x: int :: x + 1) == (lambda x: int :: x + 2);
        }"""
    )
    assert meaning.answers() == ["unknown", "unsat", "unsat", "unknown"]
    assert len([symbol for symbol in meaning.theory.symbols if symbol.name.startswith("lambda#")]) == 2


def test_lambdas_with_several_variables_and_under_quantifiers() -> None:
    assert all(
        holds(
            """procedure P() {
              assert (forall k: int :: (lambda x: int, b: bool :: if b then x + k else k)[2, true] == k + 2);
              assert (lambda x: int :: (lambda y: int :: x - y))[5][3] == 2;
              assert (lambda x: int :: (forall y: int :: y > x ==> y >= x))[0];
            }"""
        )
    )


def test_a_lambda_over_old_values() -> None:
    assert one("(lambda x: int :: old(g) + x)[1] == old(g) + 1", declarations="var g: int;")


def test_a_lambda_too_large_to_unfold() -> None:
    text = "x"
    for _ in range(40):
        text = f"(var y := {text}; y + y)"
    assert len(Meaning(f"procedure P(n: int) {{ assert (lambda x: int :: {text} + n)[1] == 0; }}").query(0)) < 20_000


def test_facts_say_what_makes_them_needed() -> None:
    theory = Meaning(
        """function f(x: int): int { x } function g(x: int): int uses { axiom (forall x: int :: {g(x)} g(x) > 0); }
        axiom (forall x: int :: {f(x), h(x)} {k(x)} f(x) < h(x));
        axiom {:include_dep} f(1) == 2;
        axiom {:keep} h(1) == 2;
        hideable axiom h(3) == 2;
        function h(x: int): int; function k(x: int): int;"""
    ).theory
    said = {
        (
            tuple(s.name for s in fact.owners),
            tuple(tuple(s.name for s in group) for group in fact.incoming or ()),
            fact.kept,
            fact.hideable,
        )
        for fact in theory.facts
    }
    assert said == {
        (("f",), (("f",),), False, False),
        (("g",), (("g",),), False, False),
        ((), (("f", "h"), ("k",)), False, False),
        ((), (("f",),), False, False),
        ((), (), True, False),
        ((), (), False, True),
    }


def test_terms_come_out_the_same_each_time() -> None:
    text = """type T _; function f<a>(x: T a): a; axiom (forall<a> x: T a :: {f(x)} f(x) == f(x));
    procedure P(x: T int, y: T bool) { assert f(x) > 0 && f(y); assert (lambda i: int :: i + f(x))[1] == 0; }"""
    assert Meaning(text).query(1) == Meaning(text).query(1)


def test_a_type_without_bits_is_not_supported() -> None:
    with pytest.raises(Unsupported, match="bv0"):
        Meaning("procedure P(x: bv0) { assert x == x; }")


def test_sorts_of_instances_have_readable_names() -> None:
    meaning = Meaning(
        "type Box a; datatype Pair<a, b> { Pair(l: a, r: b) } procedure P(x: Box (Pair int [int]bool), y: Pair int [int]bool) { }"
    )
    assert meaning.theory.sorts == [Sort("Box<Pair.int.<<int>bool>>")]
    assert meaning.theory.datatypes[0].sort == Sort("Pair<int.<int>bool>")
