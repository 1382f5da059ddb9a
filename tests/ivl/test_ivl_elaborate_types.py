"""Polymorphism: what is needed at which types, and what quantifiers over types say."""

from __future__ import annotations

import pytest
from ivl_meaning import Meaning, holds

from probatum.ivl.unsupported import Refused, Unsupported


def test_functions_at_several_types() -> None:
    assert holds(
        """function {:inline} id<T>(x: T): T { x } function f<T>(x: T): T; axiom f(1) == 2;
        function same<T>(x: T): T { x } function only<T>(): T;
        procedure P(b: bool) {
          assert id(1) == 1 && id(b) == b;
          assert f(1) == 2;
          assert f(b) == f(b);
          assert same(7) == 7 && same(same(b)) == b;
          assert only() + 0 == 1 + only() - 1;
          assert f(2) == 2;
        }"""
    ) == [True, True, True, True, True, False]


def test_axioms_over_types_hold_at_all_types_that_occur() -> None:
    assert holds(
        """type Box _; function wrap<T>(x: T): Box T; function unwrap<T>(x: Box T): T;
        axiom (forall<T> x: T :: {wrap(x)} unwrap(wrap(x)) == x);
        procedure P(b: bool, n: int, w: Box (Box int)) {
          assert unwrap(wrap(b)) == b;
          assert unwrap(unwrap(wrap(wrap(n)))) == n;
          assert wrap(unwrap(w)) == w;
        }"""
    ) == [True, True, False]


def test_instances_that_only_other_instances_need() -> None:
    assert all(
        holds(
            """function f<T>(x: T): int { g(x) } function g<T>(x: T): int; function h<T>(x: T): int;
            axiom (forall<T> x: T :: {g(x)} g(x) == h(x));
            axiom (forall<T> x: T :: {h(x)} h(x) == 5);
            procedure P(b: bool) { assert f(b) == 5; }"""
        )
    )


def test_datatypes_at_several_types() -> None:
    assert all(
        holds(
            """datatype Option<T> { None(), Some(value: T) } datatype List<T> { Nil(), Cons(head: T, tail: List T) }
            procedure P(x: Option int, y: Option (Option bool), z: List (Option int)) {
              assert x is None || x == Some(x->value);
              assert Some(y)->value == y;
              assert z is Cons ==> Cons(z->head->(value := 3), z->tail)->head == Some(3);
              assert Cons(Some(1), Nil())->tail is Nil;
            }"""
        )
    )


def test_polymorphic_maps_keep_types_apart() -> None:
    assert holds(
        """type Field _; type Ref; type Heap = <a>[Ref, Field a]a;
        const unique f: Field int; const unique g: Field int; const b: Field bool;
        procedure P(h: Heap, r: Ref, s: Ref) {
          assert h[r, f := 3][r, f] == 3;
          assert h[r, f := 3][r, g] == h[r, g];
          assert h[r, f := 3][s, b] == h[s, b];
          assert h[r, b := true][r, b] && h[r, b := true][r, f] == h[r, f];
          assert h[r, f := 3][s, f] == h[s, f];
          assert h[r, f := h[r, f]] == h;
        }"""
    ) == [True, True, True, True, False, True]


def test_polymorphic_lambdas() -> None:
    assert holds(
        """function n<a>(x: a): int;
        procedure P(k: int) {
          assert (lambda<a> x: a :: n(x) + k)[true] == n(true) + k;
          assert (lambda<a> x: a :: n(x) + k)[4] == n(4) + k;
          assert (lambda<a> x: a :: n(x) + k)[4] == n(5) + k;
        }"""
    ) == [True, True, False]


def test_values_of_two_types_are_never_equal() -> None:
    assert holds(
        """function f<T>(x: T): int;
        axiom (forall<T, U> x: T, y: U :: {f(x), f(y)} f(x) == f(y) ==> x == y);
        procedure P(b: bool) { assert f(1) != f(2); assert f(1) != f(b); }"""
    ) == [True, True]


def test_polymorphic_bodies_know_nothing_of_their_types() -> None:
    assert holds(
        """procedure P<T>(x: T, y: T) { assert x == x; assert x == y; }
        procedure Q<T, U>(x: T, y: U) { assert (forall z: U :: z == y) ==> (exists z: U :: z == y); }"""
    ) == [True, False, True]


def test_what_is_claimed_for_all_types_is_not_only_proved_for_those_that_occur() -> None:
    assert holds(
        """type Box _; function f<T>(x: T): int; function g<T>(x: T): int;
        axiom (forall<T> x: T :: {f(x)} f(x) == 1);
        axiom g(1) == 1;
        procedure P<C>(c: C) {
          assert (forall<T> x: T :: f(x) == 1);
          assert (forall<T> x: T :: g(x) == 1);
          assert (forall<T> x: T :: false);
          assert (forall<T> x: T :: (lambda<B> b: B, t: T :: b == c && t == x)[x, x]);
          assert (forall<T> x: T :: (lambda<B> b: B, t: T :: b == c && t == x)[c, x]);
        }"""
    ) == [True, False, False, False, True]


def test_that_some_type_has_a_value_does_not_say_which() -> None:
    assert holds(
        """function f<T>(x: T): int;
        procedure P(b: bool) {
          assume f(1) == 1 && f(b) == 1;
          assume (exists<T> x: T :: f(x) == 2);
          assert (exists y: int :: f(y) == 2) || (exists c: bool :: f(c) == 2);
        }"""
    ) == [False]


@pytest.mark.parametrize(
    "text",
    [
        "type Box _; function f<T>(x: T): int { g(x) } function wrap<T>(x: T): Box T; function g<T>(x: T): int { f(wrap(x)) }",
        "type Box _; function wrap<T>(x: T): Box T; procedure P<T>(x: T) { call P(wrap(x)); }",
        "procedure P<T>(x: T) { call P((lambda i: int :: x)); }",
    ],
)
def test_types_without_end_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="expanding type cycle detected"):
        Meaning(text)


def test_cycles_that_do_not_grow_are_fine() -> None:
    assert holds(
        """function even<T>(x: T, n: int): bool { n == 0 || odd(x, n - 1) } function odd<T>(x: T, n: int): bool { n != 0 && even(x, n - 1) }
        procedure P() { assert even(true, 0); }"""
    ) == [True]


def test_quantifiers_over_types_without_end_are_not_supported() -> None:
    with pytest.raises(Unsupported, match="types without end"):
        Meaning(
            """type Box _; function wrap<T>(x: T): Box T; function f<T>(x: T): int;
            axiom (forall<T> x: T :: {f(x)} f(x) == f(wrap(x)));
            procedure P() { assert f(1) == 2; }"""
        )


def test_a_term_for_a_pool_needs_a_type() -> None:
    with pytest.raises(Refused, match="unhandled polymorphic features"):
        Meaning(
            """function {:builtin "MapConst"} all<T, U>(x: U): [T]U;
            procedure P() { assume {:add_to_pool "A", all(false)} true; }"""
        )


def test_many_instances_are_found_in_any_order_of_declarations() -> None:
    parts = [
        "type Box _;",
        "function wrap<T>(x: T): Box T;",
        "function f<T>(x: T): int;",
        "axiom (forall<T> x: Box T :: {f(x)} f(x) == 3);",
        "procedure P(b: bool) { assert f(wrap(b)) == 3; assert f(wrap(wrap(b))) == 3; }",
    ]
    assert holds(" ".join(parts)) == holds(" ".join(reversed(parts))) == [True, True]


# Pools


def test_instances_from_pools() -> None:
    text = """function p(x: int): bool;
    procedure P() {
      assume {:add_to_pool "A", 3} true;
      assume (forall {:pool "%s"} x: int :: {q(x)} p(x));
      assert p(3);
    }
    function q(x: int): bool;"""
    assert holds(text % "A") == [True]
    assert holds(text % "B") == [False]


def test_what_exists_can_be_in_a_pool() -> None:
    text = """function p(x: int): bool; function q(x: int): bool; function t(x: int): bool;
    procedure P() {
      assume (exists x: int :: {%s} p(x));
      assume (forall {:pool "A"} x: int :: {t(x)} p(x) ==> q(x + 1));
      assert (exists {:pool "B"} y: int :: {t(y)} q(y));
    }"""
    marked = text.replace("{%s}", '{:add_to_pool "A", x} {:add_to_pool "B", x + 1}')
    assert holds(marked) == [True]
    assert holds(marked.replace("q(x + 1)", "q(x + 2)")) == [False]


def test_the_goal_gives_terms_to_pools_too() -> None:
    assert holds(
        """function p(x: int): bool; function t(x: int): bool;
        procedure P() {
          assume (forall {:pool "A"} x: int :: {t(x)} p(x));
          assert (forall y: int :: {:add_to_pool "A", y} p(y));
          assert (forall y: int :: {:add_to_pool "A", y} p(y) && t(y));
        }"""
    ) == [True, False]


def test_lambdas_take_terms_from_pools() -> None:
    assert holds(
        """procedure P(m: [int]int, n: int) {
          assume {:add_to_pool "A", n} true;
          assume m == (lambda {:pool "A"} x: int :: x * 2);
          assert m[n] == n * 2;
        }"""
    ) == [True]


def test_pools_add_nothing_that_does_not_follow() -> None:
    assert holds(
        """function p(x: int): bool;
        procedure P(b: bool) {
          assume {:add_to_pool "A", 1} b ==> (forall {:pool "A"} x: int :: p(x));
          assert p(1);
          assert (exists {:pool "A"} x: int :: p(x));
          assert (b <==> (forall {:pool "A"} x: int :: p(x)));
        }"""
    ) == [False, False, False]


def test_pools_of_one_name_hold_terms_of_several_types() -> None:
    assert holds(
        """function p(x: int): bool; function q(x: bool): bool; function t(x: int): bool;
        procedure P(b: bool) {
          assume {:add_to_pool "A", 1} {:add_to_pool "A", b} true;
          assume (forall {:pool "A"} x: int, {:pool "A"} y: bool :: {t(x), q(y)} p(x) && q(y));
          assert p(1) && q(b);
        }"""
    ) == [True]


def test_a_quantifier_that_adds_to_its_own_pool_ends() -> None:
    assert holds(
        """function p(x: int): bool; function t(x: int): bool;
        procedure P(n: int) {
          assume (forall {:pool "L"} x: int :: {:add_to_pool "L", 0, x + 1} {t(x)} p(x));
          assert (forall {:pool "L"} y: int :: {:add_to_pool "L", 0, y + 1} {t(y)} p(y + 1));
          assert (forall {:pool "L"} y: int :: {:add_to_pool "L", 0, y + 1} {t(y)} p(y + 2));
        }"""
    ) == [True, False]
