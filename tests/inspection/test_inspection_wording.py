"""Words speak for the product on whose references they stand, however badly they were read; what stands on all says nothing."""

from __future__ import annotations

import pytest

from probatum.inspection.semantics.wording import parts_of, spoken

MILK = {"whole": [("Arla", "STANDARDMJÖLK", "3,0%"), ("Arla", "STANDARD")], "half": [("Arla", "MELLANMJÖLK", "1,5%"), ("Arla",)]}


def test_words_that_were_read_badly_speak_for_the_product_that_has_them() -> None:
    found = spoken(["arla", "MELLANMJOLK", "Mellanm"], MILK)

    assert found["half"].score > 0 > found["whole"].score
    assert found["half"].words == ("MELLANMJOLK", "Mellanm")
    assert found["whole"].words == ()


@pytest.mark.parametrize("read", [[], ["Arla"], ["#", "1", "品"], ["xyzzy", "QWRTPS"]])
def test_nonsense_and_what_stands_on_all_says_nothing(read: list[str]) -> None:
    assert {product: (one.score, one.words) for product, one in spoken(read, MILK).items()} == dict.fromkeys(MILK, (0.0, ()))


def test_a_product_without_references_is_spoken_neither_for_nor_against() -> None:
    found = spoken(["MELLANMJÖLK"], {**MILK, "new": []})

    assert found["new"].score == 0
    assert found["half"].score > 0
    assert spoken(["MELLANMJÖLK"], {}) == {}


def test_many_words_say_more_than_one_and_no_word_decides_alone() -> None:
    one = spoken(["3,0%"], MILK)["whole"].score
    several = spoken(["3,0%", "STANDARD", "STANDARDMJÖLK"], MILK)["whole"].score

    assert 0 < one < several < 1


def test_parts_are_without_case_accents_and_marks() -> None:
    assert parts_of(["MJÖLK,"]) == parts_of(["mjolk"])
    assert parts_of(["a", "", "!!"]) == frozenset()
    assert parts_of(["it"]) == {"^it$"}
