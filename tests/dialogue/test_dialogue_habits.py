"""What one user does: it fades, it is limited, and it is stored as it was."""

from __future__ import annotations

import json

import pytest

from probatum.dialogue.model.habits import HALF_LIFE_S, KEPT_S, MOST_TEXTS, Habits, from_json


def test_habits_fade_by_half_in_a_half_life() -> None:
    own = Habits()
    own.add("lamp", "lamp in the hall", well=1.0, at=0.0)
    own.add("lamp", "lamp in the hall", well=1.0, at=HALF_LIFE_S)

    count = own.targets("lamp")["lamp in the hall"]
    assert count.times == 2
    assert count.at(HALF_LIFE_S) == pytest.approx(1.5)
    assert count.at(2 * HALF_LIFE_S) == pytest.approx(0.75)


def test_only_what_works_as_it_is_is_used() -> None:
    own = Habits()
    own.add("a", "b", well=1.0, at=0.0)
    own.add("b", "b", well=0.5, at=0.0)
    own.add("c", "c", well=0.0, at=0.0)

    assert list(own.uses) == ["b"]
    assert "c" not in own.became


def test_the_oldest_give_way() -> None:
    own = Habits()
    for number in range(MOST_TEXTS + 1):
        own.add(f"text {number}", f"text {number}", well=1.0, at=float(number))

    assert len(own.uses) == MOST_TEXTS
    assert "text 0" not in own.uses
    own.fade(KEPT_S + MOST_TEXTS - 0.5)
    assert list(own.uses) == [f"text {MOST_TEXTS}"]


def test_one_pair_is_forgotten_and_others_stay() -> None:
    own = Habits()
    own.add("a", "b", well=1.0, at=0.0)
    own.add("a", "c", well=1.0, at=0.0)

    assert own.drop("a", "b")
    assert not own.drop("a", "b")
    assert list(own.targets("a")) == ["c"]
    own.drop("a", "c")
    assert own.became == {}


def test_habits_are_read_as_they_were_written() -> None:
    own = Habits()
    own.add("a", "b", well=0.75, at=5.0)
    own.add("b", "b", well=1.0, at=9.0)

    assert from_json(own.to_json()) == own  # type: ignore[arg-type]  # JSON is typed loosely


@pytest.mark.parametrize("stored", [{}, {"became": [[1, "b", 1.0, 2.0, 3]], "uses": []}, {"became": [], "uses": [["a", 1.0]]}])
def test_something_else_is_refused(stored: dict[str, list[list[object]]]) -> None:
    with pytest.raises(ValueError, match="these are no habits"):
        from_json(stored)


def test_what_comes_to_nothing_counts_once_it_has_become_something() -> None:
    own = Habits()
    own.give_up("read my mail", at=0.0)
    assert own.given_up("read my mail") == 0

    own.add("read my mail", "play some jazz", well=1.0, at=1.0)
    own.give_up("read my mail", at=2.0)

    assert own.given_up("read my mail") == 1
    assert list(own.targets("read my mail")) == ["play some jazz"]
    assert from_json(json.loads(json.dumps(own.to_json()))).given_up("read my mail") == 1


def test_nothing_is_left_of_a_text_whose_only_meaning_is_forgotten() -> None:
    own = Habits()
    own.add("read my mail", "play some jazz", well=1.0, at=1.0)
    own.give_up("read my mail", at=2.0)

    assert own.drop("read my mail", "play some jazz")
    assert own.became == {}
    assert not own.drop("read my mail", "play some jazz")
