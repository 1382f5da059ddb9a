"""Bodies over constants: as few names as are needed, and blocks that only traces would miss."""

from __future__ import annotations

from ivl_bodies import Writing

from probatum.ivl.conditions.passive import Claimed, Fact, Passive, passive


def converted(writing: Writing, blocks: dict[str, list[str]], *, remove_empty: bool = True) -> Passive:
    return passive(writing.body(blocks), writing.bank, {}, remove_empty=remove_empty)


def facts(made: Passive) -> list[str]:
    return [str(item.term) for block in made.blocks for item in block.items if isinstance(item, Fact)]


def test_a_value_gets_a_name_and_literals_and_copies_do_not() -> None:
    writing = Writing()

    made = converted(writing, {"entry": ["x := 1", "y := z", "z := (+ x y)", "assert (= z y)"]})

    assert facts(made) == ["(= z@1 (+ 1 z))"]
    [claim] = [item for item in made.blocks[0].items if isinstance(item, Claimed)]
    assert str(claim.term) == "(= z@1 z)"


def test_a_join_makes_a_name_only_for_what_differs_and_is_needed() -> None:
    writing = Writing()

    made = converted(
        writing,
        {
            "entry": ["w := (+ w 1)", "-> then else"],
            "then": ["x := (+ x 1)", "y := 2", "-> join"],
            "else": ["x := (+ x 2)", "y := 3", "-> join"],
            "join": ["assert (= x w)"],
        },
    )

    names = [fact for fact in facts(made) if fact.startswith("(= x@3")]
    assert sorted(names) == ["(= x@3 x@1)", "(= x@3 x@2)"]
    assert not any("y" in fact for fact in facts(made))


def test_values_before_a_loop_body_do_not_reach_names_inside_quantifiers_that_bind_the_same() -> None:
    writing = Writing()

    made = converted(writing, {"entry": ["i := (+ i 1)", "assert (forall ((i Int)) (<= i x))", "assert (= i 0)"]})

    [quantified, plain] = [item for item in made.blocks[0].items if isinstance(item, Claimed)]
    assert "i@1" not in str(quantified.term)
    assert "i@1" in str(plain.term)


def test_blocks_in_which_nothing_happens_are_left_out_and_give_their_name_away() -> None:
    writing = Writing()
    blocks = {"entry": ["x := 1", "-> a b"], "a": ["-> end"], "b": ["-> end"], "end": ["assert (= x 1)"]}

    made = converted(writing, blocks)
    kept = converted(Writing(), blocks, remove_empty=False)

    assert [block.name for block in made.blocks] == ["entry", "end"]
    assert sorted(block.name for block in kept.blocks) == ["a", "b", "end", "entry"]


def test_a_block_that_assumes_true_is_kept_for_traces() -> None:
    writing = Writing()

    made = converted(
        writing, {"entry": ["x := 1", "-> a b"], "a": ["assume true", "-> end"], "b": ["-> end"], "end": ["assert (= x 1)"]}
    )

    assert sorted(block.name for block in made.blocks) == ["a", "end", "entry"]
