"""Outcomes about what runs when a module is imported: proved, refuted by importing it, or open."""

import pytest

from probatum.code.artefacts import read
from probatum.code.recheck import recheck
from probatum.code.rules import assertion_violated, precondition_violated, unhandled_exception
from probatum.code.rules import function as summary
from probatum.evidence import CONFIRMED
from probatum.findings import Cleared, Finding, Undecided
from probatum.source import Source
from probatum.tools import Tools

HALF = """from probatum.spec import ensures, requires


def half(n: int) -> int:
    requires(n % 2 == 0)
    ensures(lambda r: r * 2 == n)
    return n // 2


"""


def module(text, **options):
    [artefact] = read(Source("m.py", text.encode()), options)
    return artefact


def said(text, rule=summary, **options):
    return {o.subject: o for o in rule.check(module(text, **options), Tools(options=options))}


def test_code_at_the_top_level_that_asserts_something_has_an_outcome():
    found = said(HALF + "assert half(8) == 4\n")

    assert isinstance(found["m"], Cleared)
    assert isinstance(found["m.half"], Cleared)


@pytest.mark.parametrize("text", ["LIMIT = 3\n", "print(half(8))\n", "if __name__ == '__main__':\n    print(half(8))\n"])
def test_code_at_the_top_level_that_claims_nothing_has_none(text):
    assert set(said(HALF + text)) == {"m.half"}


def test_an_assertion_that_fails_is_shown_by_importing_the_module():
    artefact, tools = module(HALF + "assert half(8) == 5, 'no'\n"), Tools()

    [found] = assertion_violated.check(artefact, tools)

    assert isinstance(found, Finding)
    assert (found.subject, found.location.line, found.evidence.summary) == ("m", 10, "import m")
    assert recheck(artefact, found.evidence, {}) == CONFIRMED
    assert "importlib.import_module('m')" in found.evidence.given["claim"]["test"]


def test_a_call_that_breaks_a_precondition_is_shown_by_importing_the_module():
    found = said(HALF + "assert half(4) == 2\nx = half(3)\n", precondition_violated)

    assert isinstance(found["m"], Finding)
    assert found["m"].location.line == 11


def test_evidence_for_a_module_that_was_mended_is_refuted():
    [found] = assertion_violated.check(module(HALF + "assert half(8) == 5\n"), Tools())

    assert recheck(module(HALF + "assert half(8) == 4\n"), found.evidence, {}).status == "refuted"


def test_what_only_a_script_does_is_not_shown_by_importing():
    found = said(HALF + "if __name__ == '__main__':\n    assert half(8) == 5\n")

    assert isinstance(found["m"], Undecided)


def test_an_exception_that_may_come_from_the_surroundings_is_no_finding():
    found = said("import os\nHOME = os.environ['NO_SUCH_NAME']\nassert HOME != ''\n")

    assert isinstance(found["m"], Undecided)


def test_an_exception_that_was_claimed_not_to_be_raised_is_one():
    found = said("xs = [1, 2]\nassert len(xs) == 2\ny = xs[2]\n", unhandled_exception)

    assert isinstance(found["m"], Finding)
    assert found["m"].location.line == 3


def test_without_replay_nothing_is_imported():
    found = said(HALF + "assert half(8) == 5\n", replay=False)

    assert isinstance(found["m"], Undecided)


def test_what_a_run_says_of_old_variables_is_what_a_proof_says():
    text = (
        "from probatum.spec import ensures, old\ncount = 0\ndef bump() -> int:\n    ensures(lambda r: r == old(count) + 1)\n"
        "    global count\n    count += 1\n    return count\ndef wrong() -> None:\n    global count\n"
        "    ensures(count == old(count))\n    count += 1\n"
    )

    found = said(text)

    assert isinstance(found["m.bump"], Cleared)
    assert isinstance(found["m.wrong"], Finding)
