"""From interpretations back to words that mean them and that work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from probatum.dialogue.model.chain import Chain, build
from probatum.dialogue.model.interpretations import reworded, spoken
from probatum.dialogue.semantics.edges import Sayings, States, Steps

HEARD, MEANT = 100, 200  # "open the garbage door" was not understood; both others open the garage


def numbers(*values: Any) -> Any:
    return np.array(values, dtype=np.int64)


def names(*values: int) -> Any:
    return np.array(values, dtype=np.uint64)


SAID = Sayings(names(HEARD, MEANT, MEANT), names(1, 2, 3), numbers(40, 150, 30))


def utterances(direct: float = 140.0) -> States:
    nothing = numbers(0, 0, 0)
    return States(
        names(1, 2, 3), numbers(40, 150, 30), nothing, nothing, nothing, nothing * 0.0, nothing * 0.0, np.array([2.0, direct, 29.0]), numbers(40, 150, 30)
    )  # fmt: skip


def meanings() -> Chain:
    n = numbers(40, 180)
    states = States(names(HEARD, MEANT), n, n, n, n * 0, np.array([1.0, 170.0]), np.array([9.0, 10.0]), n * 0.5, n)
    return build(states, Steps(names(HEARD), names(MEANT), numbers(30), numbers(30), np.array([30.0]), numbers(9), numbers(9)))


def test_the_most_usual_text_that_works_is_taken() -> None:
    assert spoken(SAID, utterances(), fewest_users=20) == {MEANT: 2}
    assert spoken(SAID, utterances(direct=100.0), fewest_users=20) == {MEANT: 3}
    assert spoken(SAID, utterances(direct=100.0), fewest_users=31) == {}


def test_a_text_that_is_often_understood_otherwise_is_not_taken() -> None:
    ambiguous = Sayings(names(HEARD, HEARD, MEANT, MEANT), names(1, 2, 2, 3), numbers(40, 15, 150, 30))

    assert spoken(ambiguous, utterances(), fewest_users=20) == {MEANT: 3}


def test_a_text_leads_to_words_that_reach_what_it_led_to() -> None:
    chain = meanings()
    found = reworded(chain, SAID, {MEANT: 2}, names(1, 2))

    assert (found.source.tolist(), found.target.tolist()) == ([1], [2])
    assert found.success[0] == pytest.approx(30 / 45 * chain.success[1])


def test_a_text_of_two_meanings_starts_at_both() -> None:
    chain = meanings()
    both = Sayings(names(HEARD, MEANT, MEANT), names(1, 1, 2), numbers(30, 10, 50))

    found = reworded(chain, both, {MEANT: 2}, names(1))

    assert found.success[0] == pytest.approx((0.75 * 30 / 45 + 0.25) * chain.success[1])


def test_without_sayings_nothing_is_reworded() -> None:
    empty = Sayings(names(), names(), numbers())

    assert spoken(empty, utterances(), fewest_users=1) == {}
    assert reworded(meanings(), empty, {}, names(1)).source.tolist() == []
    assert reworded(meanings(), SAID, {MEANT: 2}, names()).source.tolist() == []
