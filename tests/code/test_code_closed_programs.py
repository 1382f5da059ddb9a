"""Of closed programs, nothing that CPython finds false is proved."""

import importlib
import sys
import warnings
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench" / "code"


def bench(name):
    """Import a benchmark as it imports its neighbours."""
    sys.path.insert(0, str(BENCH))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # `is` with literals
            return importlib.import_module(name)
    finally:
        sys.path.remove(str(BENCH))


@pytest.fixture(autouse=True)
def _literals():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        yield


def test_a_program_is_the_same_whenever_it_is_made():
    closed = bench("_closed")

    assert [closed.make(seed) for seed in range(20)] == [closed.make(seed) for seed in range(20)]


def test_every_construct_makes_a_program_that_python_runs():
    closed = bench("_closed")

    for number, (_, construct) in enumerate(closed.ALL):
        program = closed.make(number, construct=number)
        assert program.construct == construct
        assert any(holds for _, holds in program.claims)


@pytest.mark.parametrize("seed", [3, 5, 8])
def test_ways_through_a_program_end_as_its_claims_say(seed):
    closed = bench("_closed")
    program = closed.make(seed)
    space = {"__name__": "closed"}
    exec(compile(program.text(), "closed", "exec"), space)  # noqa: S102 - it was made here

    for way, (_, holds) in enumerate(program.claims):
        if holds:
            space[closed.NAME](way)
        else:
            with pytest.raises(AssertionError):
                space[closed.NAME](way)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 17, 700, 702, 1404])
def test_what_is_false_of_a_closed_program_is_not_proved(seed):
    assert bench("closed_programs").verdict(bench("_closed").make(seed)).wrong == []


def test_a_proof_of_what_is_called_false_is_noticed():
    program = bench("_closed").Program("$i + $i", "v = 1 + 1", (("v == 2", False), ("v == 3", False), ("v > 0", True)))

    found = bench("closed_programs").verdict(program)

    assert found.proved == {0, 2}
    assert found.wrong == ["v == 2"]


def test_claims_outside_of_the_language_are_left_out_and_programs_are_not():
    program = bench("_closed").Program("$i", "v = 2", (("hash(v) == 3", False), ("v == 2", True)))
    outside = bench("_closed").Program("$i", "v = hash(2)", (("v == 3", False),))

    assert bench("closed_programs").verdict(program).proved == {0}
    assert "`hash`" in bench("closed_programs").verdict(outside).unsupported


@pytest.mark.long
@pytest.mark.timeout(600)
def test_what_is_false_of_hundreds_of_closed_programs_is_not_proved():
    closed, programs = bench("_closed"), bench("closed_programs")

    wrong = {seed: programs.verdict(closed.make(seed)).wrong for seed in range(3000, 3500)}

    assert not any(wrong.values()), {seed: claims for seed, claims in wrong.items() if claims}
