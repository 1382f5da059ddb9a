"""What was found before the time is over counts; what was not reached is undecided, and says so."""

from dataclasses import dataclass, field

import pytest

from probatum.code.artefacts import read
from probatum.code.model import deciding
from probatum.code.rules import function as summary
from probatum.code.rules import postcondition_violated
from probatum.code.semantics import python
from probatum.findings import Cleared, Undecided, Why
from probatum.python.reading import read_program
from probatum.source import Source
from probatum.tools import Deadline, OutOfTime, Tools

HEAD = "from probatum.spec import check, ensures, pure, requires\n"
DOUBLE = "def double(n: int) -> int:\n    requires(n > 0)\n    ensures(lambda r: r > n)\n    return 2 * n\n"
WRONG = "def wrong(n: int) -> int:\n    ensures(lambda r: r > n)\n    return 2 * n\n"
HARD = (
    "def hard(a: int, b: int, c: int) -> int:\n    requires(a > 0 and b > 0 and c > 0)\n    ensures(lambda r: r > 0)\n"
    "    ensures(a ** 3 + b ** 3 != c ** 3)\n    return a + b\n"
)


@dataclass(frozen=True)
class Ends(Deadline):
    """A deadline that comes when somebody says so."""

    at: float = float("inf")
    over: list[bool] = field(default_factory=list)

    def remaining(self):
        return 0.0 if self.over else 100.0

    def check(self):
        if self.over:
            raise OutOfTime


@pytest.fixture
def after(monkeypatch):
    """A deadline that comes when so many questions have been put to provers."""

    def make(questions, **options):
        over, asked, decide = [], [], deciding.decide

        def counted(*rest, **named):
            answer = decide(*rest, **named)
            asked.append(1)
            if len(asked) >= questions:
                over.append(True)
            return answer

        monkeypatch.setattr(deciding, "decide", counted)
        return Tools(deadline=Ends(over=over), options=options)

    return make


def module(text, **options):
    [artefact] = read(Source("m.py", text.encode()), options)
    return artefact


def said(text, tools):
    return {o.subject: o for o in summary.check(module(text, **tools.options), tools)}


def test_what_was_found_before_counts_and_the_rest_is_counted(after):
    others = "".join(DOUBLE.replace("double", name) for name in ("second", "third"))

    found = said(HEAD + DOUBLE + others, after(1))

    assert isinstance(found["m.double"], Cleared)
    assert {found[name].why for name in ("m.second", "m.third")} == {Why.TIME_LIMIT}
    assert found["m.second"].reason.startswith("no time was left for `second` and 1 more of 3 functions: raise `--timeout`")


def test_what_a_function_proves_before_the_time_is_over_counts_and_the_rest_may_be_so_for_want_of_it(after):
    artefact, tools = module(HEAD + HARD + DOUBLE, replay=False), after(1, replay=False)

    first, second = postcondition_violated.check(artefact, tools)

    assert isinstance(first, Cleared)
    assert (second.why, second.location.line) == (Why.TIME_LIMIT, 5)
    whole = {o.subject: o for o in summary.check(artefact, tools)}
    assert whole["m.hard"].why == Why.TIME_LIMIT
    assert whole["m.hard"].reason.endswith("1 of 2 functions were not reached: raise `--timeout`")


def test_a_search_for_inputs_that_the_clock_ends_leaves_what_was_proved(after):
    first, second = postcondition_violated.check(module(HEAD + HARD), after(1))

    assert isinstance(first, Cleared)
    assert isinstance(second, Undecided)
    assert second.why == Why.TIME_LIMIT


def test_a_proof_that_uses_what_there_was_no_time_for_does_not_count_yet(after):
    use = "def use(n: int) -> int:\n    ensures(lambda r: r == 1)\n    check(grows(0) == 0)\n    return 1\n"
    grows = "@pure\ndef grows(n: int) -> int:\n    return 0 if n <= 0 else grows(n - 1) + 1\n"

    found = said(HEAD + use + grows, after(1))

    assert found["m.use"].why == Why.TIME_LIMIT
    assert isinstance(said(HEAD + use + grows, Tools())["m.use"], Cleared)


def test_a_question_is_not_asked_for_longer_than_there_is_time():
    tools = Tools(deadline=Deadline.after(0.0), options={"replay": False})

    with pytest.raises(OutOfTime):
        deciding.decide("procedure p() { assert 1 + 1 == 2; }\n// asked by nobody else\n", guesses=False, tools=tools)


def test_nothing_is_run_after_the_deadline():
    program = read_program({"m.py": HEAD + WRONG})

    with python.Runner(program, deadline=Deadline.after(0.0)) as runner, pytest.raises(OutOfTime):
        runner.run("m.wrong", python.Case({"n": "1"}))


@pytest.mark.slow  # it waits for the end of the patience with an import
def test_a_module_whose_import_does_not_end_is_named_as_what_keeps_its_functions_from_being_run(monkeypatch):
    monkeypatch.setattr(python, "_IMPORT_S", 0.5)

    [outcome] = postcondition_violated.check(module(f"{HEAD}while True:\n    pass\n\n{WRONG}"), Tools())

    assert isinstance(outcome, Undecided)
    assert outcome.reason.endswith("importing the module does not end within 0.5 s, so nothing in it can be run")
    assert outcome.why == Why.SOLVER_GAVE_UP


@pytest.mark.slow  # as above
def test_an_import_that_is_given_less_than_its_whole_time_may_end_with_more():
    tools = Tools(deadline=Deadline.after(2.0))

    [outcome] = postcondition_violated.check(module(f"{HEAD}while not False:\n    pass\n\n{WRONG}"), tools)

    assert outcome.why == Why.TIME_LIMIT
    assert "importing the module does not end within" in outcome.reason


@pytest.mark.slow  # the import takes its time
def test_an_import_that_takes_longer_than_a_run_may_is_waited_for(monkeypatch):
    monkeypatch.setattr(python, "_BATCH_S", 0.0)
    program = read_program({"m.py": f"import time\n{HEAD}time.sleep(0.6)\n\n{WRONG}"})

    with python.Runner(program) as runner:
        run = runner.run("m.wrong", python.Case({"n": "1"}), seconds=0.1)

    assert run.status is python.Status.RETURNED
