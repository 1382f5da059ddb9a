"""Invariants that were guessed: what is told of them, and how they are written into loops."""

import pytest

from probatum.code.artefacts import read
from probatum.code.repair import additions
from probatum.code.rules import function as summary
from probatum.findings import Cleared
from probatum.source import Source
from probatum.testing.promises import applied
from probatum.tools import Tools

pytestmark = pytest.mark.slow  # every case proves a function several times

SUM = """\
from probatum.spec import ensures


def total(xs: list[int]) -> int:
    ensures(lambda r: r == sum(xs))
    s = 0
    for x in xs:
        s += x
    return s
"""
BOUNDED = """\
import icontract


@icontract.require(lambda n: n >= 0)
@icontract.ensure(lambda n, result: result == n)
def count(n: int) -> int:
    i = 0
    while i < n:
        i += 1
    return i
"""


def written(text, *subjects):
    """Return what is said, and the text with what is written."""
    source = Source("m.py", text.encode())
    [artefact] = read(source, {})
    found, edits = additions(artefact, subjects, Tools(inputs={"m.py": source}))
    return found, applied(source, edits).raw.decode()


def summary_of(text):
    source = Source("m.py", text.encode())
    [artefact] = read(source, {"replay": False})
    [outcome] = summary.check(artefact, Tools(options={"replay": False}))
    return outcome


def test_a_proof_with_guesses_says_which_in_python():
    outcome = summary_of(SUM)

    assert isinstance(outcome, Cleared)
    [line] = [text for text in outcome.assumptions if "line 7" in text]
    assert "`s == sum(xs[:at])`" in line
    assert "`at` is the number of rounds that are done" in line


def test_what_is_known_from_before_says_the_same_guesses():
    text = SUM + "\n\ndef twice(n: int) -> int:\n    ensures(lambda r: r == 2 * n)\n    return n + n\n"
    [artefact] = read(Source("m.py", text.encode()), {})
    tools = Tools()
    first = [o.assumptions for o in summary.check(artefact, tools)]
    [again] = read(Source("m.py", (text + "\n\nX = 1\n").encode()), {})

    assert [o.assumptions for o in summary.check(again, Tools(kept=tools.kept))] == first


def test_a_loop_that_does_not_count_itself_is_made_to():
    [addition], text = written(SUM, "m.total")

    assert addition.texts == ((7, "s == sum(xs[:at])"),)
    assert "    for at, x in enumerate(xs):\n        invariant(s == sum(xs[:at]))\n        s += x\n" in text
    assert text.startswith("from probatum.spec import ensures, invariant\n")


def test_what_is_written_proves_the_function_without_a_guess():
    _, text = written(SUM, "m.total")

    outcome = summary_of(text)

    assert isinstance(outcome, Cleared)
    assert not any("guess" in assumption for assumption in outcome.assumptions)
    assert written(text, "m.total") == ((), text)


def test_words_that_a_module_lacks_are_imported_behind_what_must_come_first():
    text = '"""About numbers."""\n\nfrom __future__ import annotations\n\n' + BOUNDED

    [addition], after = written(text, "m.count")

    assert "from __future__ import annotations\n\nfrom probatum.spec import invariant\nimport icontract\n" in after
    assert [line for line, _ in addition.texts] == [12] * len(addition.texts)
    assert "    while i < n:\n        invariant(" in after


def test_an_invariant_that_is_too_weak_gets_what_it_lacks_behind_it():
    text = (
        "from probatum.spec import ensures, invariant, requires\n\n\n"
        "def count(n: int) -> int:\n    requires(n >= 0)\n    ensures(lambda r: r == n)\n    i = 0\n"
        "    while i < n:\n        invariant(i >= 0)\n        i += 1\n    return i\n"
    )

    [addition], after = written(text, "m.count")

    assert addition.texts == ((8, "i <= n"),)
    assert "        invariant(i >= 0)\n        invariant(i <= n)\n        i += 1\n" in after


def test_what_no_guess_proves_is_said_and_left_alone():
    text = SUM.replace("r == sum(xs)", "r == sum(xs) + len(xs) * 0 + (7 if len(xs) > 9 else 0)")

    [addition], after = written(text, "m.total")

    assert addition.texts == ()
    assert addition.reason == "what could be guessed does not prove it"
    assert after == text


def test_functions_that_need_no_guess_are_left_out():
    text = "from probatum.spec import ensures\n\n\ndef one() -> int:\n    ensures(lambda r: r == 1)\n    return 1\n"

    assert written(text, "m.one") == ((), text)
