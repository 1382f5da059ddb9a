"""Which work provers are given for a question: little before inputs are tried, and more for what is left."""

import pytest

from probatum.code.model import functions
from probatum.code.model.asking import GLANCE, LONG, Asking
from probatum.code.model.refuting import Refuter
from probatum.findings import Why
from probatum.ivl.options import Options
from probatum.ivl.verification import verify
from probatum.solve.prover import Decision
from probatum.tools import Tools

PROGRAM = "procedure p(x: int) { assert x * x >= 0; }"
OPEN = Decision("unknown", Why.TIME_LIMIT, "z3 did not decide within its limit", "z3", "z3", 10, 0.0)
PROVED = Decision("unsat", None, "", "z3", "z3", 10, 0.0)


class Prover:
    """Proves what it is given enough work for, and keeps how much that was."""

    def __init__(self, needs):
        self.needs, self.given = needs, []

    def decide(self, obligations):
        for key, obligation in obligations:
            self.given.append(obligation.ladder.effort)
            yield key, PROVED if obligation.ladder.effort >= self.needs else OPEN


@pytest.mark.parametrize(
    ("patient", "needs", "given"),
    [
        (False, 0, [GLANCE]),
        (True, 0, [GLANCE]),
        (False, LONG.effort, [GLANCE]),
        (True, LONG.effort, [GLANCE, LONG]),
    ],
)
def test_a_glance_comes_first_and_length_is_for_the_patient(patient, needs, given):
    prover = Prover(needs)
    asking = Asking(prover, (), patient)

    verify(PROGRAM, Options(), prover=asking, on_text=asking.see)

    assert prover.given == [ladder.effort for ladder in given]
    assert bool(asking.unsettled) is (needs > prover.given[-1])


def test_what_a_glance_leaves_open_is_proved_with_more_work(monkeypatch):
    """A glance is made so short that it proves nothing."""
    from probatum.code.artefacts import read
    from probatum.code.model import asking
    from probatum.solve.ladder import Ladder, Rung
    from probatum.source import Source

    monkeypatch.setattr(asking, "GLANCE", Ladder((Rung("z3", "z3", 1),)))
    text = "from probatum.spec import ensures\ndef f(n: int) -> int:\n    ensures(lambda r: r >= n)\n    return n * n\n"
    [artefact] = read(Source("m.py", text.encode()), {})

    [result] = functions.verified(artefact, Tools()).functions

    assert result.proved


def test_a_function_that_a_short_search_breaks_is_searched_no_further(monkeypatch):
    """The second clause is false too, of a number that nobody tries at once."""
    from probatum.code.artefacts import read
    from probatum.source import Source

    searches = []
    refute = Refuter.refute

    def counted(self, function, claims, **named):
        searches.append(named.get("briefly", False))
        return refute(self, function, claims, **named)

    monkeypatch.setattr(Refuter, "refute", counted)
    text = (
        "from probatum.spec import ensures\ndef f(xs: list[int]) -> int:\n    ensures(lambda r: r > 0)\n"
        "    ensures(lambda r: xs != [7, 70, 700])\n    return len(xs)\n"
    )
    [artefact] = read(Source("m.py", text.encode()), {})

    [result] = functions.verified(artefact, Tools()).functions

    assert searches == [True]
    assert [claim.run is not None for claim in result.claims if claim.obligation.kind.name == "POSTCONDITION"] == [True, False]


def test_no_question_of_a_check_takes_more_memory_than_a_file_may():
    from probatum.code.model.proofs import shared_prover

    assert shared_prover()._pool.memory_bytes < 250e6
