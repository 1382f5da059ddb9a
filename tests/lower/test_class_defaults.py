"""Values of a class body that attributes of instances begin with: what is proved of them, and where nothing is."""

import pytest
from verdicts import verdicts

COUNTER = """
class Counter:
    value = 0

    def add(self, n: int) -> None:
        modifies(self)
        ensures(self.value == old(self.value) + n)
        self.value += n

"""
USE = """
def use() -> int:
    ensures(result() == {})
    {}
"""


def of_use(class_: str, expected: int, body: str) -> list[str]:
    return [text for _, text in verdicts(class_ + USE.format(expected, body), flawed=True)["use"]]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("return Counter().value", 0),
        ("c = Counter(); c.add(3); return c.value", 3),
        ("c = Counter(); d = Counter(); c.add(3); return d.value", 0),
    ],
)
def test_an_instance_begins_with_the_value_of_its_class_and_has_its_own_when_it_is_assigned(body: str, value: int):
    names = {"requires": None, "modifies": lambda _: None, "ensures": lambda _: None, "old": lambda v: v}
    exec(COUNTER + "def run():\n    " + body, names)  # noqa: S102 - a text of this test

    assert names["run"]() == value
    assert of_use(COUNTER, value, body) == []
    assert of_use(COUNTER, value + 1, body) != []


@pytest.mark.parametrize(
    "poke",
    ["Counter.value = 3", "setattr(Counter, 'value', 3)", "type(c).value = 3", "k = Counter; k.value = 3", "Counter.value += 3"],
)
def test_what_may_be_assigned_to_the_class_is_not_taken_for_its_first_value(poke: str):
    assert of_use(COUNTER, 0, f"c = Counter(); {poke}; return Counter().value") != []


def test_a_derived_class_with_another_value_makes_nothing_known_of_the_one_above():
    assert of_use(COUNTER + "class More(Counter):\n    value = 7\n", 0, "return Counter().value") != []


@pytest.mark.parametrize(
    "body",
    [
        "for a in (1, 2):\n        pass",
        "a += 4",
        "(a := 4)",
        "if len('a') > 2:\n        a = 4",
        "a = 4",
        "del a",
        "import math as a",
        "locals()['a'] = 4",
        "with open('a') as a:\n        pass",
    ],
)
@pytest.mark.parametrize("first", ["a = 0", "a: int = 0"])
def test_what_a_class_body_binds_otherwise_than_once_has_no_known_value(first: str, body: str):
    class_ = f"class A:\n    {first}\n    {body}\n"

    assert any("unsupported" in text for text in of_use(class_, 0, "return A().a"))
    assert any("unsupported" in text for text in of_use(class_, 0, "return A.a"))
