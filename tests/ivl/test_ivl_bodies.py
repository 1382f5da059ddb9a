"""Statements become the blocks that Boogie makes of them, and specifications the clauses."""

from __future__ import annotations

import re

import pytest
from ivl_programs import lines, made

from probatum.ivl.blocks import Check, Claim, Know
from probatum.ivl.elaborate.structured import flow
from probatum.ivl.options import Options
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.tree import NOWHERE, Position


def test_blocks_of_loops_and_branches_are_named_in_the_order_in_which_boogie_numbers_them() -> None:
    program = made("""
        procedure P(n: int) returns (r: int) {
          r := 0;
          while (r < n) invariant r >= 0; free invariant r != 7; {
            if (r == 3) { r := 5; } else if (*) { r := 6; } else { r := r + 1; }
            r := r + 1;
          }
        }
    """)

    assert program.shown("P") == lines("""
        anon0:
          r := 0
          goto anon6_LoopHead
        anon6_LoopHead:
          check assert (>= r 0)
          know (not (= r 7))
          goto anon6_LoopDone, anon6_LoopBody
        anon6_LoopBody:
          know (< r n)
          goto anon7_Then, anon7_Else
        anon7_Then:
          know (= r 3)
          r := 5
          goto anon5
        anon7_Else:
          know (not (= r 3))
          goto anon8_Then, anon8_Else
        anon8_Then:
          r := 6
          goto anon5
        anon8_Else:
          r := (+ r 1)
          goto anon5
        anon5:
          r := (+ r 1)
          goto anon6_LoopHead
        anon6_LoopDone:
          know (not (< r n))
          return
    """)
    assert [block.name for block in program.body("P").blocks if block.header] == ["anon6_LoopHead"]


def test_a_label_at_the_begin_of_a_branch_keeps_its_name_and_takes_no_guard() -> None:
    program = made("""
        procedure P(b: bool) {
          if (b) { L: assert true; goto L; }
          while (b) { M: goto M; }
        }
    """)

    assert program.shown("P") == lines("""
        anon0:
          goto anon2_Then, anon2_Else
        anon2_Then:
          know b
          goto L
        L:
          check assert true
          goto L
        anon2_Else:
          know (not b)
          goto anon3_LoopDone, anon3_LoopBody
        anon3_LoopBody:
          know b
          goto M
        M:
          goto M
        anon3_LoopDone:
          know (not b)
          return
    """)


def test_names_of_blocks_avoid_the_labels_of_the_source() -> None:
    program = made("procedure P() { anon0: goto anon0, other; other: if (*) { assert true; } }")

    assert [block.name for block in program.body("P").blocks] == ["anon0", "other", "anon11_Then", "anon11_Else"]


def test_break_leaves_the_innermost_loop_and_with_a_label_that_statement() -> None:
    program = made("""
        procedure P(b: bool) {
          A: while (b) {
            while (*) { if (b) { break; } break A; }
            assert b;
          }
          B: if (b) { break B; }
          assert true;
        }
    """)

    def after(name: str) -> list[str]:
        return program.block("P", name).successors

    assert after("anon9_Then") == ["anon4"]
    assert after("anon9_Else") == ["B"]
    assert after("anon10_Then") == ["anon6"]


def test_break_from_what_ends_a_loop_goes_to_its_head_and_repeats_nothing_before_it() -> None:
    program = made("""
        procedure P(b: bool) {
          var x: int;
          x := 0;
          while (b) { if (b) { while (*) { if (*) { break; } } } }
        }
    """)

    outer, inner = (block for block in program.body("P").blocks if block.header)
    [leaving, _] = program.block("P", inner.name.replace("Head", "Body")).successors
    assert program.block("P", leaving).successors == [outer.name]


def test_what_is_not_reachable_is_left_out_and_what_follows_one_block_only_becomes_its_end() -> None:
    program = made("""
        procedure P() {
          A: assert true; goto B;
          dead: assert false; return;
          B: assume true; goto C;
          C: return;
        }
    """)

    assert program.shown("P") == "A:\n  check assert true\n  know true\n  return"


def test_a_block_knows_where_it_is_and_where_it_returns() -> None:
    program = made("procedure P(b: bool)\n{\n  if (b) {\n    return;\n  }\n  assert b;\n}")

    places = {block.name: (block.position, block.end) for block in program.body("P").blocks if not block.successors}
    assert places == {
        "anon3_Then": (Position("t.bpl", 4, 5), Position("t.bpl", 4, 5)),
        "anon3_Else": (Position("t.bpl", 3, 3), Position("t.bpl", 7, 1)),
    }


def test_statements_may_be_nested_deeper_than_python_may_call() -> None:
    place = Position("t.bpl", 1, 1)
    inside = tree.Statements([tree.Segment(place, None, [], None, None)], place)
    for _ in range(5_000):
        choice = tree.If(place, [], None, inside, None)
        inside = tree.Statements([tree.Segment(place, None, [], choice, None)], place)

    blocks = flow(inside)

    assert len(blocks) == 10_001
    assert blocks[1].name == "anon5001_Then"


def test_an_assignment_to_a_place_in_a_map_or_a_datatype_is_one_to_the_whole_variable() -> None:
    program = made("""
        datatype Pair { Pair(a: int, b: [int]int) }
        procedure P(n: int) {
          var m: [int,int]int; var k: [int][int]int; var p: Pair; var q: [int]Pair; var i: int;
          m[1, n] := 2;
          k[1][i], i := 3, i + 1;
          p->b[i] := 7;
          q[0]->a := 8;
          assert m[1, n] == 2;
        }
    """)

    assert program.shown("P").splitlines()[1:5] == [
        "  m := (store m 1 (store (select m 1) n 2))",
        "  k, i := (store k 1 (store (select k 1) i 3)), (+ i 1)",
        "  p := (Pair/2 (Pair/2->a p) (store (Pair/2->b p) i 7))",
        "  q := (store q 0 (Pair/2 8 (Pair/2->b (select q 0))))",
    ]


def test_unpacking_asserts_the_constructor_before_it_reads_the_fields() -> None:
    program = made("""
        datatype D { C(x: int, y: bool), N() }
        procedure P(d: D) { var i: int; var b: bool; C(i, b) := d; assert b; }
    """)

    [check, assign, _] = program.body("P").blocks[0].commands
    assert isinstance(check, Check)
    assert check.label.claim is Claim.UNPACK
    assert program.shown("P").splitlines()[1:3] == ["  check unpack ((_ is C/2) d)", "  i, b := (C/2->x d), (C/2->y d)"]
    assert assign is not check


def test_the_value_at_entry_is_another_variable_only_for_globals() -> None:
    program = made("var g: int; procedure P(n: int) modifies g; { g := n; assert g == old(n + g); }")

    assert program.shown("P").splitlines()[1:3] == ["  g := n", "  check assert (= g (+ n g'))"]


def test_a_local_variable_with_the_name_of_a_global_is_another_one() -> None:
    program = made("var g: int; procedure P(g: int) { assert g == 0; } procedure Q() { assert g == 0; }")

    shadow, global_ = (program.body(name).blocks[0].commands[0] for name in "PQ")
    assert isinstance(shadow, Check)
    assert isinstance(global_, Check)
    assert shadow.term is not global_.term
    assert program.body("P").ins[0] is not program.module.globals[0]


def test_a_condition_on_a_local_variable_that_nothing_mentions_is_dropped() -> None:
    program = made("procedure P() { var x: int where false; var y: int where y > 0; assert y > 0; }")

    body = program.body("P")
    assert [variable.payload for variable in body.locals] == ["y"]
    assert list(body.wheres) == list(body.locals)


def test_subsumption_of_the_attribute_wins_over_the_option() -> None:
    text = """
        procedure P(b: bool) {
          assert {:subsumption 0} b;
          assert {:subsumption 1} (forall x: int :: x > 0 || b);
          assert {:subsumption 2} b;
          assert b;
        }
    """

    def known(options: Options) -> list[bool]:
        [block] = made(text, options).body("P").blocks
        return [command.known_afterwards for command in block.commands if isinstance(command, Check)]

    assert known(Options()) == [False, False, True, True]
    assert known(Options(subsumption=0)) == [False, False, True, False]


def test_what_was_verified_under_a_condition_is_checked_otherwise_and_known_in_any_case() -> None:
    program = made("procedure P(a: bool, b: bool) { assert {:verified_under a} b; assert {:verified_under true} b; }")

    assert program.shown("P").splitlines()[1:4] == ["  check assert (or a b) and forget", "  know b", "  know b"]


def test_messages_and_identifiers_and_other_attributes_stay_with_their_commands() -> None:
    program = made("""
        procedure P(b: bool)
          ensures {:msg "after"} {:id "e"} b;
        { assert {:msg "no"} {:id "a"} {:split_here} {:focus false} b; assume {:partition} b; }
    """)

    [check, know] = program.body("P").blocks[0].commands
    assert isinstance(check, Check)
    assert (check.label.message, check.label.identifier) == ("no", "a")
    assert check.attributes == (("msg", "no"), ("id", "a"), ("split_here", ""), ("focus", "false"))
    assert isinstance(know, Know)
    assert know.attributes == (("partition", ""),)
    [clause] = program.routine("P").ensures
    assert (clause.message, clause.identifier) == ("after", "e")


def test_bodies_to_verify_come_by_priority_and_neither_skipped_nor_inlined_ones_are_among_them() -> None:
    text = """
        procedure A() { }
        procedure {:verify false} B() { }
        procedure {:inline 1} C() { }
        procedure {:priority 5} D() { }
    """

    assert [body.name for body in made(text).module.bodies] == ["D", "A"]
    assert [body.name for body in made(text, Options(inline="spec")).module.bodies] == ["D", "A", "C"]
    assert [len(routine.bodies) for routine in made(text).module.routines] == [1, 1, 1, 1]


def test_a_polymorphic_procedure_is_a_routine_for_each_instance_and_verified_at_unknown_types() -> None:
    program = made("""
        procedure Id<T>(x: T) returns (y: T) ensures x == y; { y := x; }
        procedure P() { var i: int; var b: bool; call i := Id(3); call b := Id(true); assert b; }
    """)

    assert [body.name for body in program.module.bodies] == ["P", "Id"]
    names = [routine.name for routine in program.module.routines]
    assert "Id<int>" in names
    assert "Id<bool>" in names
    [x] = program.body("Id").ins
    assert x.sort.head not in {"Int", "Bool"}


def test_an_unsupported_construct_is_noted_in_its_body_and_other_bodies_are_not_affected() -> None:
    program = made("procedure P() { var x: bv0; havoc x; assert x == x; } procedure Q() { assert true; }")

    assert "bv0" in program.body("P").unsupported
    assert program.body("P").blocks == []
    assert program.body("Q").unsupported == ""
    assert program.closed("P").blocks == []


def test_an_unsupported_specification_affects_its_body_and_all_callers() -> None:
    program = made("""
        procedure P(x: bv0); procedure Q(x: int) requires (forall b: bv0 :: b == b); { }
        procedure R() { call Q(1); }
        procedure S() { }
    """)

    assert [bool(program.body(name).unsupported) for name in "QRS"] == [True, True, False]


def test_existential_constants_are_found_by_their_names() -> None:
    program = made("const {:existential true} b, c: bool; const d: bool; procedure P() { assert b ==> c; }")

    assert list(program.module.existentials) == ["b", "c"]


def test_hiding_names_all_instances_of_a_function() -> None:
    program = made("""
        function f<T>(x: T): int; function g(): int;
        procedure P() { push; hide f; reveal *; hide g; pop; assert f(1) == f(true); }
    """)

    shown = [line.strip() for line in program.shown("P").splitlines()[1:6]]
    assert shown == [
        "push",
        "hide f<bool> f<int>",
        "reveal",
        "hide g",
        "pop",
    ]


# Measures


def test_a_loop_with_a_measure_proves_that_it_decreases_where_it_goes_back() -> None:
    program = made("procedure P(b: bool) { var n: int; while (n > 0) measure b, n; { n := n - 1; } }")

    assert program.shown("P") == lines("""
        anon0:
          goto anon2_LoopHead
        anon2_LoopHead:
          check assert (>= n 0)
          old@1_0, old@1_1 := b, n
          goto anon2_LoopDone, anon2_LoopBody
        anon2_LoopBody:
          know (> n 0)
          n := (- n 1)
          check measure (or (and (not b) old@1_0) (and (= b old@1_0) (< n old@1_1)))
          goto anon2_LoopHead
        anon2_LoopDone:
          know (not (> n 0))
          return
    """)


def test_a_recursive_call_proves_that_the_measure_decreases_and_others_do_not() -> None:
    program = made("""
        var g: int;
        procedure P(n: int) modifies g; measure n + g; { g := 0; call P(n - 1); call Q(n); }
        procedure Q(n: int) measure n; { }
    """)

    assert program.shown("P").splitlines()[1:5] == [
        "  g := 0",
        "  check measure (< (+ (- n 1) g) (+ n g'))",
        "  call P((- n 1))",
        "  call Q(n)",
    ]
    [clause] = program.routine("P").requires
    assert clause.explanation == "this measure could not be proved to be non-negative"


# Code expressions


def test_a_code_expression_without_choices_is_one_term_without_quantifiers() -> None:
    program = made("""
        procedure P(x: int) {
          assert |{ var z: int; A: z := x + 1; goto B, C; B: assume z > 0; return true; C: assume z <= 0; return z == x; }|;
        }
    """)

    assert program.shown("P").splitlines()[1] == "  check assert (ite (> (+ x 1) 0) true (= (+ x 1) x))"


def test_choices_are_all_to_be_proved_and_one_to_be_assumed() -> None:
    text = "|{ var z: int; A: assume z > x; return z == 1; }|"
    program = made(f"""
        procedure Q(x: int) requires {text}; ensures !{text}; {{ }}
        procedure P(x: int) {{ assert {text}; assume {text}; assert {text} ==> false; call Q(x); }}
    """)

    every = "(forall ((z!N Int)) (=> (> z!N x) (= z!N 1)))"
    some = "(exists ((z!N Int)) (and (> z!N x) (= z!N 1)))"
    clause = program.routine("Q").requires[0]
    assert [_unnumbered(str(term)) for term in (clause.checked, clause.term)] == [every, some]
    clause = program.routine("Q").ensures[0]
    assert [_unnumbered(str(term)) for term in (clause.checked, clause.term)] == [f"(not {some})", f"(not {every})"]
    shown = [_unnumbered(line) for line in program.expanded("P").splitlines()[1:]]
    assert shown[:3] == [f"  check assert {every}", f"  know {some}", f"  check assert (not {some})"]
    assert shown[3] == f"  check precondition {every}"


def test_a_loop_in_a_code_expression_is_not_supported() -> None:
    program = made("procedure P() { assert |{ A: goto A, B; B: return true; }|; }")

    assert "loop in a code expression" in program.body("P").unsupported


def test_calls_in_a_code_expression_are_inlined() -> None:
    program = made("""
        procedure {:inline 1} Inc(x: int) returns (y: int) { y := x + 1; }
        procedure P(x: int) { assert |{ var z: int; A: call z := Inc(x); return z > x; }|; }
    """)

    assert program.shown("P").splitlines()[1] == "  check assert (> (+ x 1) x)"


def test_blocks_that_stand_nowhere_take_the_place_of_what_follows_them() -> None:
    program = made("procedure P(b: bool) { while (b) { while (b) { } } }")

    assert all(block.position is not NOWHERE for block in program.body("P").blocks if block.commands)


def _unnumbered(text: str) -> str:
    return re.sub(r"!\d+", "!N", text)


@pytest.mark.parametrize("text", ["assume", "assert"])
def test_a_guard_is_known_in_its_branch_and_its_negation_in_the_other(text: str) -> None:
    program = made(f"procedure P(b: bool) {{ if (!b) {{ {text} true; }} }}")

    then, otherwise = program.block("P", "anon2_Then"), program.block("P", "anon2_Else")
    assert [str(block.commands[0].term) for block in (then, otherwise) if isinstance(block.commands[0], Know)] == [
        "(not b)",
        "b",
    ]
