"""What libraries of contracts say at run time, beyond the conditions: when invariants are checked, what snapshots hold, and output."""

import pytest
from verdicts import program_of, verdicts

from probatum.lower.lowered import Kind
from probatum.lower.lowering import lower
from probatum.python.reading import read_program

DEAL = """
        import deal

        @deal.inv(lambda self: self.low <= self.high)
        class Span:
            low: int
            high: int

            def __init__(self) -> None:
                self.low = 0
                self.high = 0

            @deal.pre(lambda self, n: n >= 0)
            def shift(self, n: int) -> None:
                self.{first} += n
                self.{second} += n

        @deal.pre(lambda span, n: n >= 0)
        def widen(span: Span, n: int) -> None:
            span.low = span.high + {more}
            span.low = span.high - n
"""


@pytest.mark.parametrize(("first", "second", "more", "kept"), [("high", "low", 0, True), ("low", "high", 1, False)])
def test_invariants_of_deal_hold_after_each_assignment(first, second, more, kept):
    found = verdicts(DEAL.format(first=first, second=second, more=more))
    for name in ("Span.shift", "widen"):
        assert [kind for kind, _ in found[name]] == ([] if kept else [Kind.CLASS_INVARIANT])


def test_invariants_of_deal_are_not_owed_where_an_attribute_has_no_value_yet_and_that_is_said():
    program = program_of(DEAL.format(first="high", second="low", more=0))
    (init,) = (f for f in program.modules["m"].every_function() if f.name == "Span.__init__")
    said = [a for a in lower(program, init).assumptions if "before `high` has a value" in a]
    assert len(said) == 1


@pytest.mark.parametrize(("event", "kept"), [("CALL", True), ("ALL", False)])
def test_invariants_of_icontract_hold_after_assignments_where_they_are_checked_there(event, kept):
    found = verdicts(f"""
        import icontract

        @icontract.invariant(lambda self: self.n > 0, check_on=icontract.InvariantCheckEvent.{event})
        class Count:
            n: int

            def __init__(self) -> None:
                self.n = 0
                self.n = 1

            @icontract.require(lambda self: True)
            def again(self) -> None:
                self.n = 0
                self.n = 1
    """)
    assert found["Count.__init__"] == []
    assert [kind for kind, _ in found["Count.again"]] == ([] if kept else [Kind.CLASS_INVARIANT])


SNAPSHOT = """
        import icontract

        class Bag:
            xs: list[int]
            n: int

            def __init__(self) -> None:
                self.xs = []
                self.n = 0

            @icontract.snapshot(lambda self: {captured}, name="before")
            @icontract.ensure(lambda self, OLD: {claimed})
            def add(self) -> None:
                self.xs.append(1)
                self.n += 1
"""


@pytest.mark.parametrize(
    ("captured", "claimed", "holds"),
    [
        ("self.xs[:]", "len(self.xs) == len(OLD.before) + 1", True),
        ("self.xs", "len(self.xs) == len(OLD.before)", True),
        ("self.xs", "len(self.xs) == len(OLD.before) + 1", False),
        ("self.n", "self.n == OLD.before + 1", True),
        ("self", "self.n == OLD.before.n", True),
        ("self", "self.n == OLD.before.n + 1", False),
    ],
)
def test_a_snapshot_that_is_no_copy_shows_what_the_object_is_at_exit(captured, claimed, holds):
    found = verdicts(SNAPSHOT.format(captured=captured, claimed=claimed))["Bag.add"]
    assert [kind for kind, _ in found] == ([] if holds else [Kind.POSTCONDITION])


PRINTING = """
        import deal

        def helper(x: int) -> int:
            print(x)
            return x

        @deal.post(lambda result: True)
        def loud(x: int) -> int:
            return helper(x)

        @{allowed}
        def direct(x: int) -> int:
            print(x)
            return x

        @{allowed}
        def by_body(x: int) -> int:
            return helper(x)

        @{allowed}
        def by_contract(x: int) -> int:
            return loud(x)
"""


@pytest.mark.parametrize(
    ("allowed", "kept"),
    [("deal.pure", False), ("deal.has()", False), ('deal.has("read")', False), ('deal.has("stdout")', True), ("deal.safe", None)],
)
def test_what_deal_keeps_silent_does_not_print(allowed, kept):
    found = verdicts(PRINTING.format(allowed=allowed))
    for name in ("direct", "by_body", "by_contract"):
        texts = [text for _, text in found[name] if "writes to standard output" in text]
        assert len(texts) == (1 if kept is False else 0)


@pytest.mark.parametrize("condition", ["False", "not True", "1 > 2"])
def test_a_precondition_that_is_plainly_false_is_said_to_be(condition):
    found = verdicts(f"""
        def f(x: int) -> int:
            requires({condition})
            return x
    """)
    assert [kind for kind, _ in found["f"]] == [Kind.VACUOUS]


def test_a_call_of_a_function_of_another_module_that_is_refused_there_is_refused():
    program = read_program(
        {
            "m.py": """
from nagini_contracts.contracts import *
from other import leak

def main(gi: GInt) -> int:
    return leak(gi)
""",
            "other.py": """
from nagini_contracts.contracts import *

def leak(gi: GInt) -> int:
    i = gi
    return i
""",
        }
    )
    refused = lower(program, program.modules["m"].functions["main"]).unsupported
    assert refused is not None
    assert "`leak`, which is refused (other.py:" in refused.message


def test_a_named_tuple_backwards_is_refused_by_name():
    found = verdicts("""
        from typing import NamedTuple

        class Pair(NamedTuple):
            x: int
            y: int

        def f(p: Pair) -> None:
            assert p[::-1] == (p.y, p.x)
    """)
    assert "unsupported" in found["f"][0][1]
