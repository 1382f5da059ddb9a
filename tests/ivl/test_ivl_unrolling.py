"""Unrolled bodies have no cycles and exactly the short paths of the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ivl_programs import lines, made

from probatum.ivl import showing, unrolling
from probatum.ivl.blocks import Block, Body, Routine
from probatum.ivl.syntax.tree import NOWHERE
from probatum.ivl.terms import Bank
from probatum.ivl.unrolling import unroll
from probatum.ivl.unsupported import Unsupported


def test_a_loop_is_repeated_with_numbers_that_count_down() -> None:
    program = made("procedure P() { var i: int; while (i < 9) invariant i >= 0; { i := i + 1; } assert i == 9; }")

    assert showing.blocks(program.unrolled("P", 1).blocks) == lines("""
        anon0#1:
          goto anon3_LoopHead#1
        anon3_LoopHead#1:
          check assert (>= i 0)
          goto anon3_LoopDone#1, anon3_LoopBody#1
        anon3_LoopBody#1:
          know (< i 9)
          i := (+ i 1)
          goto anon3_LoopHead#0
        anon3_LoopHead#0:
          check assert (>= i 0)
          know false
          return
        anon3_LoopDone#1:
          know (not (< i 9))
          check assert (= i 9)
          return
    """)


def test_sound_unrolling_asserts_that_no_path_goes_round_more_often() -> None:
    program = made("procedure P() { var i: int; while (i < 9) { i := i + 1; } }")

    assert "anon2_LoopHead#0:\n  check assert false\n" in showing.blocks(program.unrolled("P", 3, sound=True).blocks)
    assert "check assert false" in showing.blocks(program.unrolled("P", 0, sound=True).blocks)


def test_an_inner_loop_begins_anew_only_after_it_was_left() -> None:
    program = made("procedure P() { while (*) { while (*) { assert true; } goto L; L: assume true; } assert false; }")

    names = [block.name for block in program.unrolled("P", 2).blocks]
    assert len(names) == len(set(names))
    assert {"anon6_LoopDone#2", "anon6_LoopDone#1"} <= set(names)
    assert all(name.rsplit("#", 1)[1] in {"0", "1", "2"} for name in names)


def test_nothing_follows_an_assumption_of_false() -> None:
    program = made("procedure P() { while (*) { assume false; assert false; } }")

    assert showing.blocks(program.unrolled("P", 2).blocks).count("check") == 0


def test_unrolling_that_grows_without_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unrolling, "MOST_BLOCKS", 1_000)
    with pytest.raises(Unsupported, match="more than"):
        made("procedure P() { while (*) { assert true; } }").unrolled("P", 1_000)


@pytest.mark.slow
@given(st.integers(0, 2**36 - 1), st.integers(0, 2**36 - 1), st.integers(0, 3))
def test_every_path_through_an_unrolled_body_is_one_of_the_original_and_ends(edges: int, fewer: int, times: int) -> None:
    """The bits of two numbers together say which of six blocks leads to which."""
    bank = Bank()
    blocks = [Block(f"B{n}", [], [f"B{to}" for to in range(6) if (edges & fewer) >> (6 * n + to) & 1]) for n in range(6)]
    routine = Routine("P", (), (), (), (), (), {}, [], NOWHERE)
    body = Body("P", routine, (), (), (), {}, blocks, NOWHERE, [])

    unrolled = unroll(body, bank, times, sound=True).blocks

    place = {block.name: number for number, block in enumerate(unrolled)}
    original = {block.name: block for block in blocks}
    assert unrolled[0].name == f"B0#{times}"
    for block in unrolled:
        # In this order no edge goes back: there is no cycle.
        assert all(place[name] > place[block.name] for name in block.successors)
        name, left = block.name.split("#")
        after = [one.split("#")[0] for one in block.successors]
        cut = bool(block.commands)
        assert cut or sorted(after) == sorted(original[name].successors)
        assert not (cut and after)
        assert not cut or left == "0"
