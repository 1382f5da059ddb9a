"""What functions may take for granted of the objects that are passed to them, and what types constructors give to attributes."""

import pytest
from verdicts import program_of, verdicts

from probatum.lower.lowered import Kind
from probatum.lower.lowering import lower

ACCOUNT = """
class Account:
    def __init__(self, balance: int) -> None:
        requires(balance >= 0)
        ensures(self.balance == balance)
        self.balance = balance

    def __invariant__(self) -> bool:
        return self.balance >= 0
"""

WORTH = """
def worth(a: Account | None) -> int:
    ensures(lambda r: r >= 0)
    return 0 if a is None else a.balance
"""

DOOR = """
from enum import Enum, auto

class State(Enum):
    CLOSED = auto()
    OPEN = auto()

class Door:
    def __init__(self, n: int) -> None:
        ensures(self.state == State.CLOSED, self.high == (n > 3))
        self.state = State.CLOSED
        self.high = n > 3

    def turn(self) -> None:
        modifies(self)
        ensures(self.state is not old(self.state))
        self.state = State.OPEN if self.state is State.CLOSED else State.CLOSED
"""


def test_arguments_keep_the_invariants_of_their_classes() -> None:
    use = "\ndef use() -> int:\n    ensures(lambda r: r >= 0)\n    return worth(Account(3)) + worth(None)\n"

    found = verdicts(ACCOUNT + WORTH + use)

    assert not any(found.values())


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("a.balance = -5\n    return worth(a)", id="a call with a broken object"),
        pytest.param("return worth(a) - 1", id="more than the invariant says"),
    ],
)
def test_callers_owe_the_invariants_of_what_they_pass(body: str) -> None:
    caller = f"\ndef use(a: Account) -> int:\n    modifies(a)\n    ensures(lambda r: r >= 0)\n    {body}\n"

    assert verdicts(ACCOUNT + WORTH + caller)["use"]


def test_a_derived_class_owes_its_own_invariant_where_its_base_is_asked_for() -> None:
    derived = (
        "\nclass Rich(Account):\n    def __init__(self, balance: int) -> None:\n        requires(balance > 9)\n"
        "        self.balance = balance\n    def __invariant__(self) -> bool:\n        return self.balance > 9\n"
    )
    caller = (
        "\ndef use(a: Rich) -> int:\n    modifies(a)\n    ensures(lambda r: r >= 0)\n    a.balance = 5\n    return worth(a)\n"
    )

    assert verdicts(ACCOUNT + derived + WORTH + caller)["use"]


def test_constructors_say_the_types_of_members_of_enumerations_and_of_comparisons() -> None:
    assert not any(verdicts(DOOR).values())
    assert verdicts(DOOR.replace("is State.CLOSED", "is State.OPEN"))["Door.turn"]


def test_chained_comparisons_in_contracts_may_look_at_the_past() -> None:
    text = "def f(xs: list[int]) -> int:\n    modifies(xs)\n    ensures(lambda r: r == len(xs) == len(old(xs)) + BY)\n    xs.append(1)\n    return len(xs)\n"

    assert not any(verdicts(text.replace("BY", "1")).values())
    assert verdicts(text.replace("BY", "2"))["f"]


def test_an_optional_value_of_several_types_is_boxed_and_taken_out() -> None:
    text = "def f(x: int | str | None) -> str:\n    requires(TEST)\n    if isinstance(x, int):\n        return 'int'\n    return 'str:' + x\n"

    assert not verdicts(text.replace("TEST", "x is not None"))["f"]
    assert verdicts(text.replace("TEST", "True"))["f"]


def test_an_iterator_is_used_up() -> None:
    text = "from collections.abc import Iterator\ndef f(xs: Iterator[int]) -> int:\n    ensures(lambda r: r == 0)\n    return sum(xs) - sum(xs)\n"

    [(_, why)] = verdicts(text)["f"]

    assert "used more than once" in why


def test_types_that_a_function_demands_stand_for_declared_ones_and_are_said() -> None:
    text = """
    def right(x, y=3):
        ensures(lambda r: r >= y)
        if not isinstance(x, int):
            raise TypeError(x)
        return x * x + y

    def wrong(x, y=3):
        ensures(lambda r: r > y)
        if not isinstance(x, int):
            raise TypeError(x)
        return x * x + y

    def unknown(x):
        return x
    """
    found = verdicts(text)
    assert found["right"] == []
    assert found["wrong"] == [(Kind.POSTCONDITION, "r > y")]
    assert "neither declared nor plain" in found["unknown"][0][1]
    program = program_of(text)
    assumed = lower(program, program.modules["m"].functions["right"]).assumptions
    assert "`x` is a `int`, which nobody declares and `isinstance(x, int)` says" in assumed
    assert "`y` is a `int`, which nobody declares and `y=3` says" in assumed
