"""Displays in contracts: no object is made there, so that a new collection cannot be held by another one."""

import pytest
from verdicts import verdicts

from probatum.lower.lowered import Kind


@pytest.mark.parametrize("promise", ["[[6], [3]][1] == [3]", "([6], [3])[0] == [6]", "{1: [6]}[1] == [6]", "1 in [[6], [1]][1]"])
def test_a_new_collection_inside_of_another_one_is_refused_by_name(promise: str) -> None:
    said = verdicts(f"def f() -> int:\n    ensures({promise})\n    return 1\n")["f"]

    assert "a new collection inside of another one" in str(said)


def test_collections_that_exist_may_be_listed() -> None:
    text = """
    def first(xs: list[int], ys: list[int]) -> int:
        ensures([xs, ys][0] == xs)
        ensures({})
        return 1
    """

    assert verdicts(text.format("(xs, ys)[1] == ys"))["first"] == []
    assert verdicts(text.format("(xs, ys)[1] == xs"))["first"] == [(Kind.POSTCONDITION, "(xs, ys)[1] == xs")]
