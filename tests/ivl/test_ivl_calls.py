"""Calls are replaced by what procedures promise, and bodies carry what theirs promise."""

from __future__ import annotations

from ivl_programs import lines, made

from probatum.ivl import showing
from probatum.ivl.blocks import Check, Claim
from probatum.ivl.calls import ENTRY, EXIT
from probatum.ivl.syntax.tree import Position


def test_a_call_proves_preconditions_forgets_what_changes_and_knows_postconditions_over_old_values() -> None:
    program = made("""
        var g, h: int;
        procedure Q(x: int) returns (y: int);
          requires x > 0;
          modifies g;
          ensures g == old(g) + old(h) && y == x;
        procedure P(n: int) modifies g; { var i: int; call i := Q(n + 1); assert i > g; }
    """)

    assert program.expanded("P") == lines("""
        anon0:
          call1formal@x := (+ n 1)
          check precondition (> call1formal@x 0)
          call1old@g := g
          forget g, call1formal@y
          know (and (= g (+ call1old@g h)) (= call1formal@y call1formal@x))
          i := call1formal@y
          check assert (> i g)
          return
    """)


def test_an_argument_that_is_a_name_stands_for_itself_unless_the_call_changes_it() -> None:
    program = made("""
        var g: int;
        procedure Q(x: int) returns (y: int); modifies g; ensures y == x;
        procedure P(n: int) modifies g; { var i: int; call i := Q(n); call i := Q(i); call i := Q(g); call i := Q(5); }
    """)

    known = [line.strip() for line in program.expanded("P").splitlines() if "know" in line or "formal@x" in line]
    assert known == [
        "know (= call1formal@y n)",
        "call2formal@x := i",
        "know (= call2formal@y call2formal@x)",
        "call3formal@x := g",
        "know (= call3formal@y call3formal@x)",
        "know (= call4formal@y 5)",
    ]


def test_results_have_the_conditions_of_the_formal_parameters_and_not_those_of_the_variables_they_go_to() -> None:
    program = made("""
        procedure Q(x: int) returns (y: int where y > x);
        procedure P() { var i: int where i < 0; call i := Q(7); assert i > 7; }
    """)

    from probatum.ivl.calls import expand

    body = expand(program.body("P"), program.module, program.bank, program.options)
    wheres = {str(variable): str(term) for variable, term in body.wheres.items()}
    assert wheres == {"i": "(< i 0)", "call1formal@y": "(> call1formal@y 7)"}
    assert "forget call1formal@y" in program.expanded("P")


def test_free_preconditions_are_neither_proved_nor_known_at_a_call_unless_always_assumed() -> None:
    program = made("""
        procedure Q(x: int);
          free requires x > 1;
          free requires {:always_assume} x > 2;
          requires x > 3;
          free ensures x > 4;
        procedure P(n: int) { call Q(n); free call Q(n); }
    """)

    assert [line.strip() for line in program.expanded("P").splitlines()[1:-1]] == [
        "know (> n 2)",
        "check precondition (> n 3)",
        "know (> n 4)",
        "know (> n 2)",
        "know (> n 4)",
    ]


def test_a_failed_precondition_is_reported_at_the_call_and_names_the_clause() -> None:
    program = made('procedure Q(x: int);\nrequires {:msg "too small"} x > 0;\nprocedure P() {\n  call {:subsumption 0} Q(1);\n}')

    from probatum.ivl.calls import expand

    [block] = expand(program.body("P"), program.module, program.bank, program.options).blocks
    [check] = block.commands
    assert isinstance(check, Check)
    assert check.label.claim is Claim.PRECONDITION
    assert check.label.position == Position("t.bpl", 4, 3)
    assert check.label.related == Position("t.bpl", 2, 1)
    assert check.label.message == "too small"
    assert not check.known_afterwards


def test_a_body_knows_conditions_and_preconditions_at_entry_and_proves_postconditions_where_it_returns() -> None:
    program = made("""
        var g: int where g >= 0;
        procedure P(n: int where n > 0) returns (r: int where r != 1);
          requires n > 1; free requires n > 2;
          modifies g;
          ensures g == old(g) + n; free ensures g > 5; free ensures {:always_assume} g > 6;
        implementation P(m: int) returns (s: int) {
          var i: int where i < 0;
          i := m;
          g := g + i;
        }
    """)

    body = program.closed("P")
    assert showing.blocks(body.blocks) == lines(f"""
        {ENTRY}:
          g' := g
          know (>= g 0)
          know (> m 0)
          know (not (= s 1))
          know (< i 0)
          know (> m 1)
          know (> m 2)
          goto anon0
        anon0:
          i := m
          g := (+ g i)
          check postcondition (= g (+ g' m))
          know (> g 6)
          return
    """)
    assert {str(variable) for variable in body.wheres} == {"m", "s", "i"}


def test_several_returns_meet_in_one_block_that_proves_the_postconditions() -> None:
    program = made("""
        procedure P(b: bool) returns (r: int) ensures r > 0; {
          if (b) { r := 1; return; }
          r := 2;
        }
    """)

    blocks = program.closed("P").blocks
    assert blocks[-1].name == EXIT
    assert [block.name for block in blocks if block.successors == [EXIT]] == ["anon3_Then", "anon3_Else"]
    assert [len(block.commands) for block in blocks[-1:]] == [1]
    [check] = blocks[-1].commands
    assert isinstance(check, Check)
    assert check.label.claim is Claim.POSTCONDITION


def test_a_body_that_never_returns_proves_no_postcondition() -> None:
    program = made("procedure P() returns (r: int) ensures false; { while (true) { r := 1; goto L; L: } }")

    blocks = [block.name for block in program.closed("P").blocks]
    assert EXIT not in blocks or program.closed("P").blocks[-1].commands


def test_parameters_that_an_implementation_calls_otherwise_are_exchanged_all_at_once() -> None:
    program = made("""
        procedure P(x: int, y: int) returns (r: int); requires x > y; ensures r == x - y;
        implementation P(y: int, x: int) returns (r: int) { r := y - x; }
    """)

    shown = showing.blocks(program.closed("P").blocks)
    assert "know (> y x)" in shown
    assert "check postcondition (= r (- y x))" in shown


def test_what_a_call_was_verified_under_needs_no_proof_there_and_is_known() -> None:
    program = made("""
        procedure Q(x: bool); requires x;
        procedure P(a: bool, b: bool) { call {:verified_under a} Q(b); call {:verified_under true} Q(b); }
    """)

    assert [line.strip() for line in program.expanded("P").splitlines()[1:-1]] == [
        "check precondition (or a b) and forget",
        "know b",
        "know b",
    ]


def test_an_assumption_variable_is_true_at_entry_and_never_becomes_true_again() -> None:
    program = made("procedure P() { var {:assumption} a: bool; havoc a; assert a; }")

    assert showing.blocks(program.closed("P").blocks) == lines(f"""
        {ENTRY}:
          know a
          goto anon0
        anon0:
          before@a := a
          forget a
          know (=> a before@a)
          check assert a
          return
    """)
