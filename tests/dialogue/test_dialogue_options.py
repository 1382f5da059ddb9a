"""What a request could be meant as, for learning and for serving alike."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest

from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.options import CAREFUL_WEIGHTS, FEATURES, RISING, Known, Link, Option, Setting, options

pytest.importorskip("rapidfuzz")


@dataclass
class Tables:
    """What is known over all users."""

    texts: dict[str, Known] = field(default_factory=dict)
    rewrites: dict[str, tuple[Link, ...]] = field(default_factory=dict)

    def known(self, text: str) -> Known | None:
        return self.texts.get(text)

    def works_with(self, word: str) -> bool:
        return any(word in text.split() for text in self.texts)

    def links(self, text: str) -> tuple[Link, ...]:
        return self.rewrites.get(text, ())


def named(one: Option) -> dict[str, float]:
    return dict(zip(FEATURES, one.features, strict=True))


def test_every_feature_has_a_weight() -> None:
    assert len(CAREFUL_WEIGHTS) == len(FEATURES)
    assert set(FEATURES) > RISING


def test_what_was_said_comes_first_and_is_described_by_how_it_works() -> None:
    table = Tables({"garage": Known(9.0, 10, {"hour=night": -0.5})})
    [keep] = options("garage", table, None, Setting(("hour=night",), 0.75), now=0.0)

    assert (keep.text, keep.scope) == ("garage", "keep")
    assert named(keep)["keep works"] == pytest.approx(math.log(9.5 / 1.5))
    assert named(keep)["keep confidence"] == 0.25
    assert named(keep)["keep setting"] == -0.5
    assert named(keep)["keep unknown"] == named(keep)["keep unheard"] == 0.0


def test_links_and_habits_are_options_in_the_order_of_their_texts() -> None:
    table = Tables({"b": Known(5.0, 5)}, {"x": (Link("b", 0.5, "r1", "active"),)})
    own = Habits()
    own.add("x", "a", well=1.0, at=0.0)
    own.add("x", "b", well=1.0, at=0.0)
    keep, first, second = options("x", table, own, Setting(heard=("a", "b")), now=0.0)

    assert named(keep)["keep unknown"] == named(keep)["keep unheard"] == 1.0
    assert [(first.text, first.scope, first.times), (second.text, second.scope)] == [("a", "personal", 1), ("b", "global")]
    assert (named(first)["linked"], named(first)["heard"], named(second)["heard"]) == (0.0, 1.0, 0.5)
    assert named(second)["share"] == pytest.approx(math.log(0.5))
    assert named(second)["habit"] == pytest.approx(math.log(2))
    assert second.link is not None
    assert second.link.identifier == "r1"


def test_what_a_user_often_says_is_an_option_for_what_looks_like_it() -> None:
    own = Habits()
    own.add("turn on grandmas lamp", "turn on grandmas lamp", well=1.0, at=0.0)

    found = options("turn on grand mars lamp", Tables(), own, Setting(), now=0.0)
    assert [one.text for one in found] == ["turn on grand mars lamp", "turn on grandmas lamp"]
    assert found[1].times == 0
    assert len(options("what time is it", Tables(), own, Setting(), now=0.0)) == 1
    assert len(options("turn on grandmas lamp", Tables(), own, Setting(), now=0.0)) == 1


def test_circumstances_count_only_so_much() -> None:
    table = Tables({"a": Known(1.0, 1, {"x=1": 2.5, "y=1": 2.5})})

    [keep] = options("a", table, None, Setting(("x=1", "y=1")), now=0.0)
    assert named(keep)["keep setting"] == 3.0


def test_a_word_with_which_other_requests_work_may_mean_something_else() -> None:
    table = Tables({"turn on the bathroom lights": Known(9.0, 10)})
    own = Habits()
    own.add("turn on the bedroom lights", "turn on the bedroom lights", well=1.0, at=0.0)

    def otherwise(text: str) -> list[float]:
        return [named(one)["otherwise"] for one in options(text, table, own, Setting(), now=0.0)]

    assert otherwise("turn on the bathroom lights please") == [0.0, 1.0]
    assert otherwise("turn on the bad room lights") == [0.0, 0.0]
    assert otherwise("turn on the bedroom light") == [0.0, 0.0]
