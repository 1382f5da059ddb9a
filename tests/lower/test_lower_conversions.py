"""Texts of objects of any class, and what is joined from texts."""

from verdicts import verdicts

JOINED = """
    from typing import Sequence
    def f(objects: Sequence) -> str:
        {requires}
        ensures(lambda r: r.split({sep!r}) == list(map(str, objects)))
        return {sep!r}.join(map(str, objects))
"""
SOME = "requires(len(objects) > 0)"
WITHOUT = "requires(all({sep!r} not in str(o) for o in objects))"


def open_claims(*requires, sep=","):
    text = "\n        ".join(requires).format(sep=sep)
    return verdicts(JOINED.format(requires=text, sep=sep))["f"]


def test_texts_without_the_separator_are_split_as_they_were_joined():
    assert open_claims(SOME, WITHOUT) == []


def test_no_text_is_split_into_an_empty_one():
    assert open_claims(WITHOUT) != []


def test_texts_that_may_have_the_separator_are_split_otherwise():
    assert open_claims(SOME) != []


def test_a_separator_of_two_characters_may_arise_where_two_texts_meet():
    assert open_claims(SOME, WITHOUT, sep="--") != []


def test_the_text_of_an_object_may_change_where_something_changes():
    text = """
        def f(o: object, xs: list[int]) -> None:
            modifies(xs)
            before = str(o)
            xs.append(1)
            check(str(o) == before)
    """
    [(_, reason)] = verdicts(text)["f"]

    assert reason == "unsupported: `str` of a `object` is not supported"


def test_what_repr_gives_is_not_what_str_gives():
    text = """
        def f(o: object) -> str:
            ensures(lambda r: r == str(o))
            return repr(o)
    """
    [(_, reason)] = verdicts(text)["f"]

    assert reason == "unsupported: `repr` of a `object` is not supported"


def test_nothing_is_known_of_the_text_of_an_object():
    text = """
        def f(o: object) -> str:
            ensures(lambda r: r != "")
            return str(o)
    """
    assert verdicts(text)["f"] != []
