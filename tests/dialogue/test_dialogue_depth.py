"""Rewrites have depth one, whatever was proposed."""

from hypothesis import given
from hypothesis import strategies as st

from probatum.dialogue.model.depth import flatten, idempotent

proposed = st.dictionaries(st.integers(0, 15), st.tuples(st.integers(0, 15), st.floats(0, 1)), max_size=16)


def test_a_chain_leads_to_its_end_if_that_passes_alone() -> None:
    pairs = {"garbage": ("garage", 0.9), "garage": ("garage door", 0.8)}

    assert flatten(pairs, lambda *_: True).rewrites == {"garbage": "garage door", "garage": "garage door"}
    refused = flatten(pairs, lambda *_: False)
    assert refused.rewrites == {"garage": "garage door"}
    assert "does not pass" in refused.dropped["garbage"]


def test_a_cycle_loses_its_weakest_pair() -> None:
    found = flatten({1: (2, 0.9), 2: (3, 0.5), 3: (1, 0.7)}, lambda *_: True)

    assert found.rewrites == {1: 2, 3: 2}
    assert list(found.dropped) == [2]


@given(proposed, st.booleans())
def test_rewriting_twice_is_rewriting_once(pairs: dict[int, tuple[int, float]], passes: bool) -> None:
    found = flatten(pairs, lambda *_: passes)

    assert idempotent(found.rewrites)
    assert not set(found.rewrites) & set(found.rewrites.values())
    assert set(found.rewrites) | set(found.dropped) == set(pairs)
    assert not set(found.rewrites) & set(found.dropped)


@given(proposed)
def test_pairs_of_depth_one_stay_as_they_are(pairs: dict[int, tuple[int, float]]) -> None:
    flat = {source: (to + 100, low) for source, (to, low) in pairs.items()}

    assert flatten(flat, lambda *_: False).rewrites == {source: to for source, (to, _) in flat.items()}


def test_a_map_that_rewrites_a_target_is_seen() -> None:
    assert not idempotent({1: 2, 2: 3})
