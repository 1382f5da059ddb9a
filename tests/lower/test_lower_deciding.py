"""`and` and `or` between collections that exist and new ones."""

import pytest
from verdicts import verdicts

FACTS = (
    "not xs or r is xs",
    "xs is None or len(r) == len(xs)",
    "len(r) == 0 if xs is None else True",
)
WRONG = ("r is not xs", "r is xs", "len(r) > 0")


def open_claims(claim):
    return verdicts(f"""
        from typing import Optional
        def f(xs: Optional[list[int]]) -> list[int]:
            ensures(lambda r: {claim})
            return xs or []
    """)["f"]


@pytest.mark.parametrize("claim", FACTS)
def test_what_holds_of_a_list_or_a_new_one_is_proved(claim):
    assert open_claims(claim) == []


@pytest.mark.parametrize("claim", WRONG)
def test_what_does_not_hold_of_a_list_or_a_new_one_is_not_proved(claim):
    assert open_claims(claim) != []


def test_the_first_of_three_that_has_items_decides():
    text = """
        def f(xs: list[int], ys: list[int]) -> list[int]:
            ensures(lambda r: not xs or r is xs)
            ensures(lambda r: implies(not xs and ys, r is ys))
            ensures(lambda r: implies(not xs and not ys, r == [7]))
            return xs or ys or [7]
    """
    assert verdicts(text) == {"f": []}


def test_a_new_list_after_and_is_the_value_only_where_the_first_has_items():
    text = """
        def right(xs: list[int]) -> list[int]:
            ensures(lambda r: r == (xs and [4]))
            return xs and [4]

        def wrong(xs: list[int]) -> list[int]:
            ensures(lambda r: r == [4])
            return xs and [4]
    """
    found = verdicts(text)

    assert found["right"] == []
    assert found["wrong"] != []


def test_a_new_dict_takes_the_place_of_an_empty_one():
    text = """
        def f(t: dict[str, int] | None) -> dict[str, int]:
            ensures(lambda r: implies(not t, len(r) == 0))
            ensures(lambda r: implies(t is not None, r == t))
            return t or {}
    """
    assert verdicts(text) == {"f": []}


def test_a_new_list_is_another_one_each_time():
    text = """
        def f(xs: list[int] | None) -> None:
            one = xs or []
            other = xs or []
            check(one is not other or bool(xs))
            check(one is not other)
    """
    [(_, open_claim)] = verdicts(text)["f"]

    assert open_claim == "one is not other"
