"""What is said of an obligation that is not proved: what is missing, a state that shows it, and what the author may write."""

import re

import pytest

from probatum.code.artefacts import read
from probatum.code.model.functions import verified
from probatum.code.rules import function, invariant_violated, may_not_terminate, unhandled_exception
from probatum.findings import Undecided
from probatum.source import Source
from probatum.tools import Tools

pytestmark = pytest.mark.slow  # what is not proved is also searched for inputs

HEAD = "from probatum.spec import ensures, invariant, requires\n\n\n"
# It is always 1, 2 or 4, which nobody guesses.
DOUBLED = HEAD + (
    "def doubled(n: int) -> int:\n    requires(n >= 0)\n    ensures(lambda r: r != 3)\n    i, x = 0, 1\n"
    "    while i < n:\n        invariant(x != 3)\n        x = 2 * x % 7\n        i += 1\n    return x\n"
)
HAILSTONES = HEAD + (
    "def hailstones(n: int) -> int:\n    requires(0 < n < 20)\n    ensures(lambda r: r == 1)\n"
    "    while n != 1:\n        n = n // 2 if n % 2 == 0 else 3 * n + 1\n    return n\n"
)


def open_of(rule, text):
    [artefact] = read(Source("m.py", text.encode()), {})
    return [o for o in rule.check(artefact, Tools()) if isinstance(o, Undecided)]


def test_an_invariant_that_is_not_preserved_is_shown_with_the_state_before_the_round():
    [invariant] = open_of(invariant_violated, DOUBLED)
    [whole] = open_of(function, DOUBLED)

    assert invariant.reason.startswith("the loop may not maintain its invariant: `x != 3`; not preserved by a round from ")
    shown = re.search(r"x = (-?[0-9]+)", invariant.reason)
    assert shown is not None
    assert 2 * int(shown[1]) % 7 == 3
    assert "an induction counterexample, not a bug" in invariant.reason
    assert whole.reason.endswith("the loop may not maintain its invariant: another `invariant` may help")


def test_a_loop_that_may_go_on_asks_for_what_decreases():
    [ends] = open_of(may_not_terminate, HAILSTONES)

    assert "need not decrease it" in ends.reason
    assert ends.reason.endswith("`decreases` says what does")


def test_a_path_that_returns_nothing_is_told_in_words():
    [reason] = [
        o.reason
        for o in open_of(
            unhandled_exception, HEAD + "def f(n: int) -> int:\n    ensures(True)\n    if n > 0:\n        return n\n"
        )
    ]

    assert reason.startswith("the value may have the wrong type: it must return a `int` on every path; ")


def test_of_a_long_module_fewer_changes_are_tried(monkeypatch):
    """The likeliest change is among the first, and each is a whole module to read."""
    from probatum.code.model import trials

    prepared = []
    unbroken = trials.Trials.unbroken
    monkeypatch.setattr(trials.Trials, "unbroken", lambda own, some: prepared.append(len(some)) or unbroken(own, some))
    monkeypatch.setattr(trials, "_LINES", 16)
    text = (
        "from probatum.spec import ensures\ndef f(n: int) -> int:\n    ensures(lambda r: r == 7 * n + 3)\n"
        "    a = n + 1\n    b = a * 2\n    return b - n\n"
    )
    [artefact] = read(Source("m.py", text.encode()), {})

    [result] = verified(artefact, Tools()).functions

    assert result.refuted is not None
    assert sum(prepared) <= 16 // 6


def test_changes_are_tried_without_functions_that_no_run_reaches(monkeypatch):
    """A module with a hundred functions is read a dozen times for each that is wrong: what the others say plays no part."""
    from probatum.code.model import trials

    tried = []
    unbroken = trials.Trials.unbroken
    monkeypatch.setattr(trials.Trials, "unbroken", lambda own, some: tried.append(own.text) or unbroken(own, some))
    others = "".join(f"def other_{n}(x: int) -> int:\n    ensures(lambda r: r == {n})\n    return {n}\n" for n in range(3))
    text = f"{HEAD}{others}def step(n: int) -> int:\n    return n + 2\ndef f(n: int) -> int:\n    ensures(lambda r: r == n + 1)\n    return step(n)\n"
    [artefact] = read(Source("m.py", text.encode()), {})

    result = next(r for r in verified(artefact, Tools()).functions if r.function.name == "f")

    assert result.refuted is not None
    assert tried
    assert all("def other" not in own and "def step" in own and len(own) == len(text) for own in tried)
