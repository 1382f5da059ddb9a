"""Functions that are verified where they are called (`@Inline`), claims that must not hold (`Refute`), and measures under conditions."""

import textwrap

from verdicts import open_claims

from probatum.lower.lowered import Kind
from probatum.lower.lowering import lower
from probatum.python.reading import read_program

HEADER = "from nagini_contracts.contracts import *\nfrom nagini_contracts.obligations import MustTerminate\n"


def found(text: str) -> dict[str, list[tuple[Kind, str]]]:
    program = read_program({"m.py": HEADER + textwrap.dedent(text)})
    return {f.name: open_claims(program, f) for f in program.modules["m"].every_function()}


INLINED = """
@Inline
def sign(i: int) -> int:
    if i == 0:
        assert False
    return 1 if i > 0 else -1
"""


def test_the_body_of_an_inlined_function_stands_for_its_calls():
    said = found(
        INLINED
        + """
def right() -> None:
    one, other = sign(5), sign(-5)
    Assert(one == 1 and other == -1)

def wrong() -> None:
    one = sign(5)
    Assert(one == -1)

def fails() -> None:
    sign(0)
"""
    )

    assert said["sign"] == said["right"] == []
    assert said["wrong"] == [(Kind.ASSERTION, "one == -1")]
    assert said["fails"] == [(Kind.ASSERTION, "False")]


def test_what_an_inlined_function_raises_escapes_from_the_call():
    text = "@Inline\ndef fails() -> None:\n    raise ValueError\n\ndef f() -> None:\n    fails()\n"
    program = read_program({"m.py": HEADER + text})
    lowered = lower(program, program.modules["m"].functions["f"])

    [claimed] = [o for o in lowered.obligations.values() if o.kind is Kind.EXCEPTION and o.exception == "ValueError"]
    assert claimed.place.line == 8
    assert claimed.clause is not None
    assert claimed.clause.line == 5


def test_an_inlined_function_with_a_contract_is_refused():
    [(_, text)] = found("@Inline\ndef f(i: int) -> int:\n    Requires(i > 0)\n    return i\n")["f"]

    assert "`@Inline`" in text


def test_an_inlined_method_that_may_be_another_one_is_refused():
    said = found(
        """
        class A:
            @Inline
            def m(self) -> int:
                return 1

        class B(A):
            @Inline
            def m(self) -> int:
                return 2

        def f(a: A) -> None:
            Assert(a.m() == 1)
        """
    )

    [(_, text)] = said["f"]
    assert "overrides" in text


def test_what_must_not_hold_is_reported_where_it_does():
    said = found(
        """
        def f(x: int) -> None:
            Requires(x > 10)
            Refute(x > 20)
            Refute(False)
            Refute(x > 5)

        def dead(x: int) -> None:
            Requires(x > 10)
            if x < 5:
                Refute(False)

        def goes_on(x: int) -> None:
            Refute(x > 0)
            Assert(x > 0)
        """
    )

    assert said["f"] == [(Kind.REFUTABLE, "x > 5")]
    assert said["dead"] == [(Kind.REFUTABLE, "False")]
    assert said["goes_on"] == [(Kind.ASSERTION, "x > 0")]


def test_a_loop_that_must_end_only_under_a_condition_must_end_under_it():
    text = """
        def f(i: int, ends: bool) -> None:
            Requires(Implies(ends, i >= 0))
            while i != 0:
                Invariant(Implies(ends, MustTerminate(i)))
                i -= {}

        def g(i: int) -> None:
            Requires(MustTerminate(3))
            ends = i >= 0
            while i != 0:
                Invariant(Implies(ends, MustTerminate(i)))
                i -= 1
        """

    assert found(text.format(1))["f"] == []
    assert Kind.TERMINATION in {kind for kind, _ in found(text.format(0))["f"]}
    assert Kind.TERMINATION in {kind for kind, _ in found(text.format(1))["g"]}
