"""Loops that end because progress is made at certain remainders: proved without a measure, and not where there is a cycle."""

import ast
import itertools

from verdicts import verdicts

from probatum.lower.lowered import Kind
from probatum.lower.residues import pattern

EVEN = """
    def f(n: int) -> list[int]:
        requires(n >= 0)
        ensures(lambda r: len(r) == n)
        before, now = 1, 1
        found = []
        while n > 0:
            before, now = now, before + now
            if now % 2 == 0:
                found.append(now)
                n -= 1
        return found
"""
STEPS = """
    def f(n: int, i: int) -> None:
        requires(n >= 0)
        while n > 0:
            if i % 3 == 1:
                n -= 1
            i += {step}
"""


def rounds(values):
    """Rounds of a loop that goes through values of `i`, decreasing `n` where `i` divides by 3 with remainder 1."""
    found, n = [], len(values)
    for i, after in itertools.pairwise(values):
        less = n - (i % 3 == 1)
        found.append(({"n": n, "i": i}, {"n": less, "i": after}))
        n = less
    return found


def value(node, names):
    return eval(ast.unparse(node), {}, dict(names))  # noqa: S307 - an expression of this test


def found_pattern(values):
    [loop] = ast.parse("while n > 0:\n    if i % 3 == 1:\n        n -= 1\n").body
    return pattern(loop, rounds(values), ["i"], [ast.Name("n", ast.Load())], value)


def test_a_loop_over_even_fibonacci_numbers_ends():
    assert verdicts(EVEN, guess=True) == {"f": []}


def test_a_loop_whose_steps_reach_the_remainder_ends():
    assert verdicts(STEPS.format(step=1), guess=True) == {"f": []}


def test_a_loop_whose_steps_miss_the_remainder_is_not_proved():
    [(kind, _)] = verdicts(STEPS.format(step=3), guess=True)["f"]

    assert kind is Kind.TERMINATION


def test_a_pattern_that_ends_after_the_runs_that_were_watched_is_not_proved():
    late = STEPS.format(step=1).replace("i % 3 == 1", "i % 3 == 1 and i < 1000")

    [(kind, _)] = verdicts(late, guess=True)["f"]

    assert kind is Kind.TERMINATION


def test_the_second_measure_is_the_way_to_progress():
    found = found_pattern(list(range(9)))

    assert ast.unparse(found.measures[0]) == "n"
    assert [value(found.measures[1], {"i": i}) for i in range(6)] == [1, 0, 2, 1, 0, 2]


def test_remainders_that_occur_are_told():
    found = found_pattern([0, 1, 3, 4, 6, 7])

    assert [value(found.reached, {"i": i}) for i in range(3)] == [True, True, False]


def test_a_cycle_without_progress_is_no_pattern():
    assert found_pattern([1, 2, 3, 5, 6, 8, 9]) is None


def test_nothing_is_guessed_of_a_loop_that_was_never_run():
    assert found_pattern([]) is None
