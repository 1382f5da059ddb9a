"""Each guard refuses what it is for, by its own reason, and lets the garage door pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.dialogue.model.denied import Denied, costly
from probatum.dialogue.model.guards import Asked, Limits, Meaning, Pair, bounds, edits, judge

OPEN = Meaning("cover", "open", (("name", "garage"),))
PAIR = Pair(
    source="open the garbage door",
    target="open the garage door",
    users=40,
    households=30,
    weeks=9,
    hours=20,
    users_back=1,
    source_direct=5.0,
    source_tried=60,
    target_direct=190.0,
    target_tried=200,
    target_meaning=OPEN,
)


def guards(pair: Pair, limits: Limits | None = None, asked: Asked | None = None) -> list[str]:
    return [one.guard for one in judge(pair, limits or Limits(), asked or Asked()).objections]


def test_a_correction_that_many_make_is_a_candidate() -> None:
    found = judge(PAIR, Limits(), Asked())

    assert found.candidate
    assert found.unasked == ("catalogue", "replay")
    assert judge(PAIR, Limits(), Asked(entity=lambda _: "", understood=lambda _: OPEN)).unasked == ()


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("spread", {"users": 19}),
        ("spread", {"households": 4}),
        ("spread", {"weeks": 2}),
        ("improvement", {"source_direct": 50.0}),
        ("improvement", {"target_tried": 1, "target_direct": 1.0}),
        ("improvement", {"target_tried": 0, "target_direct": 0.0}),
        ("reciprocity", {"users_back": 14}),
        ("nearness", {"source": "play some jazz music"}),
        ("consequence", {"target_meaning": Meaning("lock", "unlock_door")}),
        ("denied", {"source": "open the garbage door help me"}),
        ("denied", {"source": "open the fucking garage door"}),
        ("denied", {"source": "open the garage door 555 0123 99"}),
        ("denied", {"source": "the garage"}),
    ],
)
def test_a_guard_refuses_by_its_own_name(guard: str, change: dict[str, Any]) -> None:
    assert guards(replace(PAIR, **change)) == [guard]


def test_alternatives_of_one_request_are_not_corrections() -> None:
    jazz, rock = (Meaning("music", "play", (("genre", g),)) for g in ("jazz", "rock"))
    pair = replace(PAIR, source_meaning=jazz, target_meaning=rock, source_direct=36.0)

    assert guards(pair) == ["alternatives"]
    assert guards(replace(pair, source_direct=6.0)) == []


def test_a_log_of_few_weeks_needs_different_hours() -> None:
    burst = replace(PAIR, weeks=1, hours=2)

    assert guards(burst, Limits(log_weeks=1)) == ["spread"]
    assert guards(replace(burst, hours=3), Limits(log_weeks=1)) == []


def test_what_names_something_is_not_rewritten() -> None:
    assert guards(PAIR, asked=Asked(entity=lambda text: text if "garbage" in text else "")) == ["catalogue"]


def test_a_target_must_be_understood_as_what_it_is_to_reach() -> None:
    assert guards(PAIR, asked=Asked(understood=lambda _: None)) == ["replay"]
    assert guards(PAIR, asked=Asked(understood=lambda text: Meaning("x", "other") if "garage" in text else None)) == ["replay"]


@pytest.mark.parametrize(
    "asked",
    [
        Asked(phonetic=lambda *_: 0.3),
        Asked(cosine=lambda *_: 0.9),
        Asked(understood=lambda _: OPEN),
    ],
)
def test_any_likeness_will_do(asked: Asked) -> None:
    far = replace(PAIR, source="play some jazz music")

    assert judge(far, Limits(), Asked()).review
    assert guards(far, asked=asked) == []


def test_what_is_hard_to_undo_may_stay_what_it_was() -> None:
    same = Meaning("shop", "purchase", (("item", "tea"),))

    assert guards(replace(PAIR, source_meaning=Meaning("shop", "purchase"), target_meaning=same)) == []
    assert costly(["HassLock"])("HassLock")
    assert not costly()("HassTurnOn")


def test_reasons_do_not_repeat_what_people_said() -> None:
    pair = replace(PAIR, source="zyx wvu 911 at home", users=1, users_back=9, target_direct=0.0)

    for one in judge(pair, Limits(), Asked(understood=lambda _: None)).objections:
        assert not {"zyx", "wvu", "garage"} & set(one.reason.split())


@given(st.integers(0, 500).flatmap(lambda n: st.tuples(st.floats(0, n), st.just(n))))
def test_bounds_hold_what_was_counted(counted: tuple[float, int]) -> None:
    low, high = bounds(*counted, 0.05)

    assert 0 <= low <= high <= 1
    if counted[1]:
        assert low <= (counted[0] + 0.5) / (counted[1] + 1) <= high


@given(st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_edits_are_a_distance(one: str, other: str) -> None:
    assert edits(one, other) == edits(other, one)
    assert (edits(one, other) == 0) == (one == other)
    assert edits(one, other) <= 1


@pytest.mark.parametrize("text", ["yes", "twenty 20 20", "no no", "my password is tiger", "mail a at b dot com", "42"])
def test_texts_that_are_never_touched(text: str) -> None:
    assert bool(Denied().why(text)) == (text != "twenty 20 20")


def test_wake_words_and_phrases_of_the_policy_are_denied() -> None:
    denied = Denied(wake_words=("hey ada",), further=("open sesame",))

    assert denied.why("hey ada play jazz")
    assert denied.why("please open sesame now")
    assert not denied.why("open the sesame jar")
