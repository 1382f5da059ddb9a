"""Writing values as text runs their `__str__`, and raises where a format does not fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verdicts import program_of, verdicts

from probatum.lower.lowering import lower
from probatum.lower.text_formats import fits, percent
from probatum.python import types as t

RAISING = """
class B:
    def __init__(self) -> None:
        self.x = 0

    def __str__(self) -> str:
        raises(ValueError)
        raise ValueError

    def __repr__(self) -> str:
        raises(ValueError)
        raise ValueError
"""


@pytest.mark.parametrize(
    "statement",
    [
        'return f"{b}"',
        'return f"{b!r}"',
        'return f"{[b]}"',
        'return "{}".format(b)',
        'print(b)\n    return ""',
        'print([b])\n    return ""',
        'print("", end=str(b))\n    return ""',
    ],
)
def test_what_writing_an_instance_raises_escapes(statement: str):
    found = verdicts(f"{RAISING}\ndef f(b: B) -> str:\n    {statement}\n")

    assert found["f"]


@pytest.mark.parametrize("statement", ['return f"{s:d}"', 'raise ValueError("%d" % s)', 'return f"{s:{n}}"', 'return f"{n:c}"'])
def test_a_format_that_may_not_fit_is_not_taken_to_fit(statement: str):
    found = verdicts(f"def f(s: str, n: int) -> str:\n    raises(ValueError)\n    {statement}\n")

    assert found["f"]


def test_formats_that_fit_give_some_text():
    found = verdicts(
        """
        class C:
            def __init__(self, x: int) -> None:
                self.x = x

            def __str__(self) -> str:
                return f"C({self.x:>3}, {self.x!r})"

        def shown(c: C, s: str, x: float, n: int) -> str:
            ensures(lambda r: len(r) >= 2)
            return f"a{c} {s:>10} {x:.2f} {n:04d} {n:,} {s!r}"

        def refused(s: str, n: int) -> None:
            raises(ValueError, when=True)
            raise ValueError("%s of %d %%" % (s, n))

        def same(n: int) -> None:
            check(f"{n:>4}" == f"{n:>4}")
        """
    )

    assert not any(found.values()), found


def test_formats_of_different_numbers_are_not_taken_for_different():
    assert verdicts('def f(n: int, m: int) -> None:\n    requires(n != m)\n    check(f"{n:.0s}x" != f"{m:>1}x")\n')["f"]


VALUES = {t.INT: st.integers() | st.booleans(), t.STR: st.text(), t.FLOAT: st.floats(), t.BOOL: st.booleans(), t.NONE: st.none()}


@given(st.data(), st.sampled_from(list(VALUES)), st.text(alphabet="<>^+-# 0123,._dxXobeEfFgGsn%c", max_size=4))
def test_what_fits_returns_for_all_values(data, type_, spec):
    if fits(spec, type_):
        assert isinstance(format(data.draw(VALUES[type_]), spec), str)


@given(st.data(), st.sampled_from(list(VALUES)), st.text(alphabet="%sdixfra 0.2", max_size=6))
def test_what_fits_a_percent_returns_for_all_values(data, type_, template):
    if percent(template, [type_]):
        assert isinstance(template % (data.draw(VALUES[type_]),), str)


@pytest.mark.parametrize(
    ("parameter", "body", "assumed"),
    [
        ("n: int", "return str(n)", True),
        ("n: int", 'return f"{n}"', True),
        ("n: int", 'return f"{n:5}"', True),
        ("ns: list[int]", 'return f"{ns}"', True),
        ("s: str", 'return f"{s}!"', False),
        ("n: Annotated[int, Range(0, 9)]", "return str(n)", False),
    ],
)
def test_it_is_said_that_longer_integers_are_not_written_out(parameter: str, body: str, assumed: bool) -> None:
    program = program_of(f"from typing import Annotated\n\ndef f({parameter}) -> str:\n    ensures(True)\n    {body}\n")

    lowered = lower(program, program.function("m.f"))

    assert any("4,300 digits" in one for one in lowered.assumptions) == assumed
