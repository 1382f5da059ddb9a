"""Loops are cut by invariants, and nothing that a loop may do is forgotten."""

from __future__ import annotations

import pytest
from ivl_bodies import Writing

from probatum.ivl.blocks import Check, Claim, Forget
from probatum.ivl.conditions.loops import cut
from probatum.ivl.unsupported import Unsupported


def test_an_invariant_is_proved_on_entry_and_again_and_known_in_the_loop_and_after_it() -> None:
    writing = Writing()
    body = writing.body(
        {
            "entry": ["assume (<= 0 n)", "x := 0", "-> head"],
            "head": ["assert (<= x n)", "-> body done"],
            "body": ["assume (< x n)", "x := (+ x 1)", "-> head"],
            "done": ["assume (not (< x n))", "assert (= x n)"],
        }
    )

    assert writing.open_claims(body) == []


def test_a_variable_that_the_loop_assigns_is_not_known_after_it() -> None:
    writing = Writing()
    body = writing.body(
        {
            "entry": ["x := 0", "-> head"],
            "head": ["-> body done"],
            "body": ["x := (+ x 1)", "-> head"],
            "done": ["assert (= x 0)"],
        }
    )

    assert [claim for claim, _ in writing.open_claims(body)] == [Claim.ASSERT]


def test_entry_and_maintenance_fail_each_by_itself() -> None:
    writing = Writing()
    blocks = {
        "entry": ["x := 1", "-> head"],
        "head": ["assert (= x 0)", "-> body done"],
        "body": ["x := 0", "-> head"],
        "done": ["assert (= x 0)"],
    }

    assert writing.open_claims(writing.body(blocks)) == [(Claim.ENTRY, 3)]
    other = Writing()
    swapped = {**blocks, "entry": ["x := 0", "-> head"], "body": ["x := 1", "-> head"]}
    assert other.open_claims(other.body(swapped)) == [(Claim.MAINTAINED, 3)]


def test_a_variable_assigned_only_in_an_inner_loop_is_forgotten_by_the_outer_one_too() -> None:
    writing = Writing()
    body = writing.body(
        {
            "entry": ["x := 0", "-> outer"],
            "outer": ["-> inner done"],
            "inner": ["-> step back"],
            "step": ["x := (+ x 1)", "-> inner"],
            "back": ["-> outer"],
            "done": ["assert (= x 0)"],
        }
    )

    assert [claim for claim, _ in writing.open_claims(body)] == [Claim.ASSERT]


def test_a_jump_from_the_middle_of_a_loop_into_a_tail_shared_with_its_exit_keeps_what_the_loop_did() -> None:
    writing = Writing()
    body = writing.body(
        {
            "entry": ["x := 0", "-> head"],
            "head": ["-> body tail"],
            "body": ["x := 5", "-> tail head"],
            "tail": ["assert (= x 0)"],
        }
    )

    assert [claim for claim, _ in writing.open_claims(body)] == [Claim.ASSERT]


def test_two_back_edges_prove_the_invariant_each() -> None:
    writing = Writing()
    body = writing.body(
        {
            "entry": ["x := 0", "-> head"],
            "head": ["assert (<= 0 x)", "-> up down done"],
            "up": ["x := (+ x 1)", "-> head"],
            "down": ["x := (- x 1)", "-> head"],
            "done": [],
        }
    )

    assert writing.open_claims(body) == [(Claim.MAINTAINED, 3)]
    assert [one.label.claim for one in writing.conditions(body)].count(Claim.MAINTAINED) == 2


def test_a_block_that_loops_to_itself_is_cut() -> None:
    writing = Writing()
    body = writing.body({"entry": ["x := 0", "-> self"], "self": ["assert (= x 0)", "x := (+ x 1)", "-> self"]})

    assert [claim for claim, _ in writing.open_claims(body)] == [Claim.MAINTAINED]


def test_a_block_that_loops_to_itself_or_leaves_is_cut() -> None:
    writing = Writing()
    body = writing.body(
        {"entry": ["x := 0", "-> self"], "self": ["assert (<= 0 x)", "x := (+ x 1)", "-> self done"], "done": ["assert (= x 1)"]}
    )

    assert writing.open_claims(body) == [(Claim.ASSERT, 6)]


def test_an_entry_that_is_a_loop_header_keeps_its_first_iteration() -> None:
    writing = Writing()
    body = writing.body({"head": ["assert (= x 0)", "x := (+ x 1)", "-> head done"], "done": ["assert (= x 0)"]})

    assert set(writing.open_claims(body)) == {(Claim.ENTRY, 1), (Claim.MAINTAINED, 1), (Claim.ASSERT, 4)}


def test_what_no_path_reaches_makes_no_loop_and_no_claim() -> None:
    writing = Writing()
    body = writing.body(
        {
            "entry": ["x := 0", "-> middle"],
            "middle": ["assume false", "-> head"],
            "head": ["assert (= x 1)", "-> head done"],
            "dead": ["x := 7", "-> head"],
            "done": ["assert (= x 2)"],
        }
    )

    assert list(writing.conditions(body)) == []


def test_only_edges_that_are_taken_back_forget_what_the_cycle_assigns() -> None:
    """After `assume false` nothing follows, so there is no loop."""
    writing = Writing()
    body = writing.body(
        {
            "entry": ["x := 0", "-> head"],
            "head": ["-> body done"],
            "body": ["x := 1", "assume false", "-> head"],
            "done": ["assert (= x 0)"],
        }
    )

    assert writing.open_claims(body) == []


def test_free_invariants_are_known_in_the_loop_and_never_proved() -> None:
    writing = Writing()
    body = writing.body(
        {
            "entry": ["x := 3", "-> head"],
            "head": ["assume (= x 0)", "assert (<= x 3)", "-> body done"],
            "body": ["x := 9", "-> head"],
            "done": ["assert (= x 0)"],
        }
    )

    assert writing.open_claims(body) == [(Claim.MAINTAINED, 4)]


def test_where_conditions_hold_again_after_a_loop_forgets() -> None:
    writing = Writing()
    blocks = {"entry": ["-> head"], "head": ["-> body done"], "body": ["x := (+ x 1)", "-> head"], "done": ["assert (<= 0 x)"]}

    assert len(writing.open_claims(writing.body(blocks))) == 1
    assert writing.open_claims(writing.body(blocks, wheres={"x": "(<= 0 x)"})) == []


def test_an_old_value_stays_the_same_through_loops() -> None:
    writing = Writing()
    body = writing.body(
        {
            "entry": ["old := g", "-> head"],
            "head": ["assert (<= old g)", "-> body done"],
            "body": ["g := (+ g 1)", "-> head"],
            "done": ["assert (<= old g)", "assert (= old g)"],
        }
    )

    assert writing.open_claims(body) == [(Claim.ASSERT, 8)]


def test_a_cycle_that_is_entered_at_two_places_is_not_left_out() -> None:
    writing = Writing()
    body = writing.body(
        {
            "entry": ["x := 0", "-> a b"],
            "a": ["x := (+ x 1)", "-> b"],
            "b": ["-> a done"],
            "done": ["assert (<= x 1)"],
        }
    )

    assert [claim for claim, _ in writing.open_claims(body)].count(Claim.ASSERT) >= 1


def test_of_two_entries_of_a_cycle_the_one_without_an_assertion_is_duplicated() -> None:
    writing = Writing()
    body = writing.body(
        {
            "entry": ["i := 1", "-> b1 b4"],
            "b1": ["assume (> j 0)", "-> b2"],
            "b2": ["assert (> i 0)", "-> b3"],
            "b3": ["assert (> j 0)", "-> b4"],
            "b4": ["i := (+ i 1)", "-> b2"],
        }
    )

    assert writing.open_claims(body) == [(Claim.ASSERT, 7)]


def test_no_cycle_is_left_and_each_header_forgets_what_is_assigned_behind_it() -> None:
    writing = Writing()
    body = writing.body({"a": ["-> b c"], "b": ["x := 1", "-> c d"], "c": ["y := 1", "-> b d"], "d": ["-> a e"], "e": []})

    made = cut(body)

    names = [block.name for block in made.blocks]
    seen: set[str] = set()
    stack = [made.blocks[0].name]
    order = {}
    while stack:  # a walk of a graph without cycles ends, however often it comes by
        name = stack.pop()
        seen.add(name)
        order[name] = order.get(name, 0) + 1
        assert order[name] < 1_000
        stack.extend(made.blocks[names.index(name)].successors)
    [forget] = [c for c in made.blocks[names.index("a")].commands if isinstance(c, Forget)]
    assert {str(v.payload) for v in forget.variables} == {"x", "y"}


def test_control_flow_that_would_grow_without_bound_is_unsupported() -> None:
    """A complete graph of blocks has so many entries into its cycles that duplication explodes."""
    writing = Writing()
    names = [f"b{i}" for i in range(24)]
    body = writing.body(
        {"entry": [f"-> {' '.join(names)}"], **{name: [f"-> {' '.join(n for n in names if n != name)}"] for name in names}}
    )

    with pytest.raises(Unsupported):
        cut(body)


def test_a_check_is_never_lost() -> None:
    writing = Writing()
    body = writing.body(
        {
            "a": ["assert (= x 0)", "-> b c"],
            "b": ["assert (= x 1)", "-> a d"],
            "c": ["assert (= x 2)", "-> a"],
            "d": ["assert (= x 3)"],
        }
    )

    texts = {str(c.term) for block in cut(body).blocks for c in block.commands if isinstance(c, Check)}

    assert texts == {f"(= x {i})" for i in range(4)}
