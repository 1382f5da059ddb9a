"""Warnings about contracts that say what a proof can hardly use."""

from probatum.lower.lowering import lower
from probatum.python.reading import read_program


def warned(condition):
    text = f"from probatum.spec import *\n\ndef f(n: int, xs: list[int]) -> int:\n    requires({condition})\n    ensures(lambda r: r == n)\n    return n\n"
    program = read_program({"m.py": text})
    return [(w.place.line, w.message) for w in lower(program, program.modules["m"].functions["f"]).warnings]


def test_a_quantifier_over_numbers_that_nothing_mentions_is_warned_of_once():
    [(line, message)] = warned("forall(range(n), lambda i: i * i < 100)")

    assert line == 4
    assert message.startswith("the quantifier in line 4 mentions no item, key or function")


def test_a_quantifier_over_items_is_not():
    assert warned("forall(range(len(xs)), lambda i: xs[i] > 0)") == []
    assert warned("all(x > 0 for x in xs)") == []
