"""Functions of probatum that it proves itself: what is refuted and confirmed by running programs rests on this arithmetic."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.code.artefacts import read
from probatum.code.rules import function
from probatum.findings import Cleared, Strength
from probatum.ivl.execution import integers
from probatum.source import Source
from probatum.tools import Tools

ROOT = Path(__file__).resolve().parents[2]
PROVED = {
    "src/probatum/ivl/execution/integers.py": {
        "quotient",
        "remainder",
        "signed",
        "unsigned",
        "truncated",
        "signed_quotient",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("path", PROVED)
def test_these_functions_of_ours_are_proved(path):
    [artefact] = read(Source(path, (ROOT / path).read_bytes()), {"replay": False})

    found = {o.subject.rpartition(".")[2]: o for o in function.check(artefact, Tools())}

    assert set(found) == PROVED[path]
    assert all(isinstance(o, Cleared) and o.strength is Strength.PROVED for o in found.values())


@given(st.integers(0, 2**9), st.integers(0, 2**9), st.integers(0, 9))
def test_bits_are_read_and_written_as_before_they_had_contracts(a, b, width):
    mask = (1 << width) - 1
    a, b = a & mask, b & mask
    top = 1 << width >> 1

    assert integers.signed(a, mask) == (a - (1 << width) if a & top else a)
    assert integers.unsigned(a - b, mask) == (a - b) & mask
    assert integers.unsigned(a * b, mask) == (a * b) & mask
    assert integers.signed_quotient(a, b, mask) == smtlib_quotient(integers.signed(a, mask), integers.signed(b, mask))


def smtlib_quotient(left, right):
    if right == 0:
        return 1 if left < 0 else -1
    return int(left / right)
