"""Bodies are put in for calls, under the names that traces of Boogie show."""

from __future__ import annotations

import pytest
from ivl_programs import lines, made

from probatum.ivl import inlining, showing
from probatum.ivl.blocks import Check, Claim, Invoke
from probatum.ivl.options import Options
from probatum.ivl.unsupported import Unsupported


def test_an_inlined_body_stands_between_two_parts_of_the_block_that_calls_it() -> None:
    program = made("""
        var g, h: int;
        procedure {:inline 1} Q(x: int) returns (y: int)
          requires x > 0; free requires x > 1;
          modifies g;
          ensures y == old(g) + old(h); free ensures y > 2; ensures {:InlineAssume} y > 3;
        { var i: int where i > 0; if (x == 3) { return; } g := g + i; y := old(g) + old(h); }
        procedure P(n: int) modifies g; { var r: int; g := 1; call r := Q(n + 1); assert r == g; }
    """)

    body = program.inlined("P")
    assert showing.blocks(body.blocks) == lines("""
        anon0:
          g := 1
          goto inline$Q$0$Entry
        inline$Q$0$Entry:
          inline$Q$0$x := (+ n 1)
          check precondition (> inline$Q$0$x 0)
          forget inline$Q$0$i, inline$Q$0$y
          inline$Q$0$g := g
          goto inline$Q$0$anon0
        inline$Q$0$anon0:
          goto inline$Q$0$anon3_Then, inline$Q$0$anon3_Else
        inline$Q$0$anon3_Then:
          know (= inline$Q$0$x 3)
          goto inline$Q$0$Return
        inline$Q$0$anon3_Else:
          know (not (= inline$Q$0$x 3))
          g := (+ g inline$Q$0$i)
          inline$Q$0$y := (+ inline$Q$0$g h)
          goto inline$Q$0$Return
        inline$Q$0$Return:
          check postcondition (= inline$Q$0$y (+ inline$Q$0$g h))
          know (> inline$Q$0$y 3)
          r := inline$Q$0$y
          goto anon0$1
        anon0$1:
          check assert (= r g)
          return
    """)
    assert [str(term) for term in body.wheres.values()] == ["(> inline$Q$0$i 0)"]
    assert {str(variable) for variable in body.locals} == {"r", *(f"inline$Q$0${name}" for name in "ixyg")}


def test_each_inlining_of_a_procedure_has_its_own_number() -> None:
    program = made("""
        procedure {:inline 1} Q() { assert true; }
        procedure P() { call Q(); call Q(); }
    """)

    assert [block.name for block in program.inlined("P").blocks] == [
        "anon0",
        "inline$Q$0$Entry",
        "inline$Q$0$anon0",
        "inline$Q$0$Return",
        "anon0$1",
        "inline$Q$1$Entry",
        "inline$Q$1$anon0",
        "inline$Q$1$Return",
        "anon0$2",
    ]


@pytest.mark.parametrize(
    ("choice", "last"), [("assume", "  know false"), ("assert", "  check assert false"), ("spec", "  call Q((- inline$Q$1$n 1))")]
)
def test_a_call_that_is_too_deep_stops_as_the_option_says(choice: str, last: str) -> None:
    text = """
        procedure {:inline 2} Q(n: int) { if (n > 0) { call Q(n - 1); } }
        procedure P() { call Q(5); }
    """

    shown = showing.blocks(made(text, Options(inline=choice)).inlined("P").blocks).splitlines()
    assert shown[shown.index("inline$Q$1$anon2_Then:") + 2] == last
    assert not any("inline$Q$2" in line for line in shown)


def test_inlining_may_be_switched_off() -> None:
    program = made("procedure {:inline 1} Q() { } procedure P() { call Q(); }", Options(inline="none"))

    assert [type(command) for command in program.inlined("P").blocks[0].commands] == [Invoke]
    assert [body.name for body in program.module.bodies] == ["Q", "P"]


def test_a_call_may_say_itself_how_deep_it_is_inlined() -> None:
    program = made("""
        procedure {:inline 5} Other() { }
        procedure Q(n: int) { if (n > 0) { call Q(n - 1); } }
        procedure P() { call {:inline 1} Q(5); call Q(6); }
    """)

    shown = showing.blocks(program.inlined("P").blocks)
    assert "inline$Q$0$Entry" in shown
    assert "inline$Q$1$Entry" not in shown
    assert "  know false" in shown
    assert "  call Q(6)" in shown


def test_procedures_that_call_each_other_count_separately() -> None:
    program = made("""
        procedure {:inline 1} A(n: int) { call B(n); }
        procedure {:inline 2} B(n: int) { call A(n - 1); }
        procedure P() { call A(3); }
    """)

    names = [block.name for block in program.inlined("P").blocks if block.name.endswith("Entry")]
    assert names == ["inline$A$0$Entry", "inline$B$0$Entry"]


def test_names_of_inlined_blocks_avoid_those_of_the_source() -> None:
    program = made("""
        procedure {:inline 1} Q() { }
        procedure P() { var inline$Q$0$x: int; inline$Q$0$x := 1; call Q(); }
    """)

    assert program.inlined("P").blocks[1].name == "inline$$Q$0$Entry"


def test_a_result_may_be_an_argument_and_a_global() -> None:
    program = made("""
        var g: int;
        procedure {:inline 1} Inc(x: int) returns (y: int) modifies g; ensures g == old(g) + 1; { g := g + 1; y := x + 1; }
        procedure P() modifies g; { call g := Inc(g); }
    """)

    shown = showing.blocks(program.inlined("P").blocks)
    assert "inline$Inc$0$x := g" in shown
    assert "check postcondition (= g (+ inline$Inc$0$g 1))\n  g := inline$Inc$0$y" in shown


def test_a_polymorphic_procedure_is_inlined_at_the_types_of_the_call() -> None:
    program = made("""
        procedure {:inline 1} Id<T>(x: T) returns (y: T) { y := x; }
        procedure P() { var i: int; call i := Id(3); assert i == 3; }
    """)

    body = program.inlined("P")
    assert body.blocks[1].name == "inline$Id<int>$0$Entry"
    assert {variable.sort.head for variable in body.locals} == {"Int"}


def test_inference_inlines_unmarked_calls_to_a_depth_and_without_their_assertions() -> None:
    program = made("""
        procedure Q(x: int) requires x > 0; { assert x > 1; call R(x); }
        procedure R(x: int) { assert x > 2; }
        procedure P() { call Q(3); }
    """)

    shown = showing.blocks(program.inlined("P", depth=1).blocks)
    assert "x 1" not in shown
    assert "check precondition (> inline$Q$0$x 0)" in shown
    assert "call R(inline$Q$0$x)" in shown
    assert "inline$R$0$Entry" in showing.blocks(program.inlined("P", depth=2).blocks)


def test_calls_may_be_inlined_deeper_than_python_may_call() -> None:
    chain = "\n".join(f"procedure {{:inline 1}} Q{n}() {{ call Q{n + 1}(); }}" for n in range(520))
    program = made(f"{chain} procedure {{:inline 1}} Q520() {{ assert true; }} procedure P() {{ call Q0(); }}")

    checks = [c for block in program.inlined("P").blocks for c in block.commands if isinstance(c, Check)]
    assert [check.label.claim for check in checks] == [Claim.ASSERT]


def test_a_body_that_is_not_supported_is_not_inlined_as_if_it_were_empty() -> None:
    program = made("procedure {:inline 1} Q() { var x: bv0; havoc x; assert x == x; } procedure P() { call Q(); }")

    with pytest.raises(Unsupported, match="bv0"):
        program.inlined("P")


def test_inlining_that_grows_without_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inlining, "MOST_BLOCKS", 1_000)
    program = made("""
        procedure {:inline 40} Q() { if (*) { call Q(); } else { call Q(); } }
        procedure P() { call Q(); }
    """)

    with pytest.raises(Unsupported, match="more than"):
        program.inlined("P")
