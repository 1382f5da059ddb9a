"""What is said of the functions of a Python module: each proved, refuted, undecided or not handled, and the rest left alone."""

from dataclasses import replace

import pytest

from probatum.code.artefacts import read
from probatum.code.model import deciding, functions, outcomes, refuting
from probatum.code.model.functions import verified
from probatum.code.rules import function as summary
from probatum.code.rules import postcondition_violated
from probatum.errors import UnreadableArtefact
from probatum.findings import Cleared, Finding, Undecided, Why
from probatum.python.types import BOOL, INT, Collection, Instance, Ranged
from probatum.source import Source
from probatum.tools import Tools

HEAD = "from probatum.spec import ensures, requires\n"
DOUBLE = "def double(n: int) -> int:\n    requires(n > 0)\n    ensures(lambda r: r > n)\n    return 2 * n\n"
WRONG = "def wrong(n: int) -> int:\n    ensures(lambda r: r > n)\n    return 2 * n\n"
NO_RUNS = {"replay": False}


def module(text, path="m.py", **options):
    [artefact] = read(Source(path, text.encode()), options)
    return artefact


def said(text, tools=None, **options):
    return {o.subject: o for o in summary.check(module(text, **options), tools or Tools(options=options))}


def test_every_function_with_a_contract_has_one_outcome():
    found = said(HEAD + DOUBLE + WRONG + "def plain(n: int) -> int:\n    return n\n")

    assert isinstance(found["m.double"], Cleared)
    assert isinstance(found["m.wrong"], Finding)
    assert list(found) == ["m.double", "m.wrong"]


def test_the_finding_about_a_function_has_the_evidence_of_its_obligation():
    artefact, tools = module(HEAD + WRONG), Tools()

    [whole] = summary.check(artefact, tools)
    [part] = postcondition_violated.check(artefact, tools)

    assert whole.evidence == part.evidence
    assert whole.evidence.given["claim"]["line"] == 3


def test_without_replay_nothing_is_run_and_nothing_is_found():
    found = said(HEAD + WRONG, **NO_RUNS)["m.wrong"]
    [part] = postcondition_violated.check(module(HEAD + WRONG, **NO_RUNS), Tools(options=NO_RUNS))

    assert isinstance(found, Undecided)
    assert part.why == Why.SOLVER_GAVE_UP
    assert part.reason.endswith("no code may be run (`--no-replay`)")


def test_all_functions_can_be_asked_for():
    found = said("def plain(n: int) -> int:\n    return 10 // n\n", **{"all-functions": True})

    assert isinstance(found["m.plain"], Finding)


def test_a_syntax_that_is_switched_off_is_not_checked():
    assert said(HEAD + DOUBLE, contracts=["icontract"]) == {}


def test_a_mistake_in_one_contract_leaves_the_others():
    found = said(HEAD + DOUBLE + WRONG.replace("r > n", "r > unknown"))

    assert isinstance(found["m.double"], Cleared)
    assert (found["m.wrong"].why, found["m.wrong"].reason) == (
        Why.UNREADABLE,
        "the contract names `unknown`, which is not defined",
    )


def test_a_defect_of_ours_in_one_function_leaves_the_others(monkeypatch):
    from probatum.lower import lowering

    lower = lowering.lower

    def fails(program, function):
        if function.name == "wrong":
            raise KeyError("slip")
        return lower(program, function)

    monkeypatch.setattr(lowering, "lower", fails)
    found = said(HEAD + DOUBLE + WRONG)

    assert isinstance(found["m.double"], Cleared)
    assert found["m.wrong"].why == Why.CRASHED
    assert "KeyError" in found["m.wrong"].reason


def test_what_is_imported_and_not_there_is_said_once_and_the_rest_is_checked():
    found = said(HEAD + "from .gone import f\nimport numpy\n" + DOUBLE)

    assert isinstance(found["m.double"], Cleared)
    assert found["m.py"].why == Why.MISSING_INPUT
    assert (found["m.py"].location.line, found["m.py"].reason) == (
        2,
        "`.gone` is imported and is not there: functions that need it are not checked",
    )


def test_callees_are_what_the_modules_that_are_imported_say():
    text = "from probatum.spec import requires\nfrom other import half\ndef f(n: int) -> int:\n    requires(n > 0)\n    return half({})\n"
    other = Source(
        "other.py", b"from probatum.spec import requires\ndef half(n: int) -> int:\n    requires(n > 0)\n    return n // 2\n"
    )
    tools = Tools(inputs={"other.py": other}, options=NO_RUNS)

    [good] = summary.check(module(text.format("n"), **NO_RUNS), tools)
    [bad] = summary.check(module(text.format("n - 1"), **NO_RUNS), tools)

    assert isinstance(good, Cleared)
    assert isinstance(bad, Undecided)


def test_a_function_that_did_not_change_is_not_asked_again(monkeypatch):
    tools = Tools()
    verified(module(HEAD + DOUBLE), tools)
    deciding._known.clear()
    monkeypatch.setattr(deciding, "_decided", lambda *_arguments, **_named: pytest.fail("it is remembered"))

    moved = verified(module(HEAD + "x = 1\n\n\n" + DOUBLE), tools)

    [result] = moved.functions
    assert result.proved
    assert result.claims[0].obligation.place.line == 7


def test_what_is_kept_is_what_the_functions_of_now_need():
    tools = Tools()
    verified(module(HEAD + DOUBLE), tools)
    before = dict(tools.kept)
    changed = DOUBLE.replace("2 * n", "3 * n")

    verified(module(HEAD + changed), tools)

    assert len(tools.kept) == len(before) == 1
    assert tools.kept != before


@pytest.mark.parametrize("damage", ["", "not base85 \"'", 3, None, ["x"]])
def test_what_was_kept_and_is_damaged_is_decided_anew(damage):
    tools = Tools()
    verified(module(HEAD + DOUBLE), tools)
    deciding._known.clear()
    tools.kept.update(dict.fromkeys(tools.kept, damage))

    assert verified(module(HEAD + DOUBLE), tools).functions[0].proved


def test_what_is_kept_says_the_same_as_what_was_found():
    _, found = deciding.decide("procedure p(x: int) { assert x > 0; assert x != 0; }", guesses=False, tools=Tools())

    again = deciding._unpacked(deciding.kept(found))

    assert [c.proved for c in found.claims] == [False, True]
    assert again == found


def test_what_depended_on_the_clock_is_not_kept():
    late = deciding.Decisions((deciding.Decided(1, 0, "ASSERT", False, late=True),))

    assert deciding.kept(late) is None


def test_a_run_that_breaks_what_was_proved_is_a_defect_of_ours(monkeypatch):
    lowered = functions._claims

    def proved(text, decisions):
        for claim in lowered(text, decisions):
            parts = tuple(replace(part, proved=True) for part in claim.parts)
            yield claim if claim.obligation.text != "r > n" else replace(claim, parts=parts)

    monkeypatch.setattr(functions, "_claims", proved)
    monkeypatch.setattr(refuting, "proposed", lambda *_arguments: ())  # those would break the other clause
    text = HEAD + "def f(n: int) -> int:\n    ensures(lambda r: r > n)\n    ensures(lambda r: r != 6)\n    return 2 * n\n"

    found = said(text)["m.f"]

    assert found.why == Why.CRASHED
    assert "breaks what was proved" in found.reason


def test_a_promise_that_holds_only_for_another_type_may_be_broken_by_a_run():
    text = (
        HEAD + "class M:\n    def __enter__(self) -> int:\n        return 9\n\n"
        "    def __exit__(self, t: type, e: Exception, b: object) -> None:\n        requires(isinstance(e, ValueError))\n\n\n"
        "def f(n: int) -> int:\n    ensures(lambda r: r == n)\n    with M():\n        pass\n    return n\n"
    )

    found = said(text)["m.f"]

    assert isinstance(found, Finding)
    assert "isinstance(e, ValueError)" in found.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"def f(:\n", "is not Python"),
        (b"\xff\xfd\xfe", "not valid"),
        ("x = 1\n".encode("utf-16"), "is in UTF-16"),
        ("x = 1\n".encode("utf-32"), "or UTF-32"),
        (b"# -*- coding: nothing -*-\n", "unknown encoding"),
        (b"x = 1\x00", "NUL"),
        (b"x = " + b"(" * 10_000 + b")" * 10_000, "nested"),
    ],
)
def test_what_is_not_python_is_one_clear_error(text, words):
    with pytest.raises(UnreadableArtefact) as caught:
        read(Source("m.py", text), {})

    assert words in caught.value.message
    assert caught.value.location.path == "m.py"


def test_the_encoding_is_what_the_file_says():
    [artefact] = read(Source("m.py", "# coding: latin-1\nx = 'é'\n".encode("latin-1")), {})

    assert "é" in artefact.text


def test_long_and_strange_texts_fit_one_line():
    long = "x" * 300
    fitted = outcomes._fitted("the postcondition {} holds", f"a\n  b `c` {{}} {long}", after=" for all inputs of `f`")

    assert len(fitted) <= outcomes.LONGEST
    assert fitted.startswith("the postcondition `a b 'c' {} xxx")
    assert fitted.endswith("` holds for all inputs of `f`")


def test_the_search_begins_with_the_numbers_that_the_solver_proposes():
    """No small input and no number of the text breaks it: the solver solves `3 * n == 18_000_051`."""
    text = (
        HEAD
        + "def f(n: int, names: list[str], sure: bool) -> int:\n    ensures(lambda r: r * 3 != 18_000_000 + 51)\n    return n - 10\n"
    )

    found = said(text)["m.f"]

    assert found.evidence.given["arguments"]["n"] == "6000027"


@pytest.mark.parametrize(
    ("type_", "text", "expression"),
    [
        (INT, "(- 3)", "-3"),
        (INT, "12", "12"),
        (INT, "(+ n 1)", None),
        (INT, "", "0"),
        (Ranged(0, 255), "7", "7"),
        (BOOL, "true", "True"),
        (Collection("list", INT), "Ref!val!0", "[]"),
        (Instance("m.C"), "Ref!val!0", None),
    ],
)
def test_only_plain_numbers_of_a_solver_are_read(type_, text, expression):
    assert refuting._proposed(type_, text) == expression


def test_a_method_without_contract_keeps_that_of_the_method_it_overrides():
    text = (
        "class A:\n    def f(self, x: int) -> int:\n        '''post: __return__ >= 0'''\n        return 0\n\n"
        "class Good(A):\n    def f(self, x: int) -> int:\n        return x * x\n\n"
        "class Wrong(A):\n    def f(self, x: int) -> int:\n        return x\n"
    )

    found = said(text)

    assert isinstance(found["m.Good.f"], Cleared)
    assert isinstance(found["m.Wrong.f"], Finding)


def test_floats_that_are_no_numbers_are_tried():
    found = said("from probatum.spec import ensures\ndef same(x: float) -> bool:\n    ensures(lambda r: r)\n    return x == x\n")

    assert found["m.same"].evidence.summary == "same(x=float('nan'))"


def test_a_sum_of_no_floats_hides_no_division():
    text = "def mean(xs: list[float]) -> float:\n    ensures(lambda r: True)\n    return sum(xs) / len(xs)\n"

    assert "`mean(xs=[])`: the divisor is zero" in said(HEAD + text)["m.mean"].message


def test_what_comes_after_a_call_that_may_not_end_is_still_to_be_shown():
    text = "def f(n: int) -> int:\n    ensures(lambda r: r <= 1)\n    return 0 if n == 0 else 1 + f(n // 2 if n > 0 else n + 1)\n"

    artefact = module(HEAD + text, **NO_RUNS)
    [part] = postcondition_violated.check(artefact, Tools(options=NO_RUNS))

    assert isinstance(part, Undecided)


def test_what_does_not_end_is_said_without_a_measure_that_nobody_wrote():
    text = "def f(n: int) -> int:\n    requires(n >= 0)\n    ensures(lambda r: True)\n    while n != 1:\n        n = n // 2\n    return n\n"

    assert said(HEAD + text)["m.f"].message == "`f(n=0)`: it does not terminate: it has not ended after 100,001 steps"


def test_a_condition_without_a_value_is_observed_as_what_it_raises():
    found = said(HEAD + "def f(xs: list[int]) -> int:\n    ensures(lambda r: xs[0] == r)\n    return 0 if not xs else xs[0]\n")

    assert found["m.f"].evidence.observed == "xs[0] == r raises IndexError: list index out of range"
    assert found["m.f"].evidence.expected == "the condition has a value"


def test_a_file_whose_name_is_no_name_of_python_is_read_like_any_other():
    text = (
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass P:\n    n: int\n\n"
        "def up(p: P) -> P:\n    ensures(lambda r: r.n == p.n + 1)\n    return P(p.n + 1)\n"
    )
    artefact = module(HEAD + text, "01-points.py")

    assert all(isinstance(o, Cleared) for o in summary.check(artefact, Tools()))


def test_a_guess_that_says_nothing_is_left_alone():
    text = """
def find(a: list[int], key: int) -> int:
    requires(all(a[i] <= a[i + 1] for i in range(len(a) - 1)))
    ensures(lambda r: r == -1 or a[r] == key)
    ensures(lambda r: r != -1 or key not in a)
    low, high = 0, len(a) - 1
    while low <= high:
        middle = (low + high) // 2
        if a[middle] < key:
            low = middle + 1
        elif a[middle] > key:
            high = middle - 1
        else:
            return middle
    return -1
"""
    [found] = verified(module(HEAD + text, **NO_RUNS), Tools(options=NO_RUNS)).functions

    assert found.failed == ""
    assert found.decided


def test_why_nothing_was_run_is_said_where_there_is_no_room_for_more():
    long = "a_package_that_is_not_there_and_has_a_name_as_long_as_this_one"
    text = (
        f"import {long}\nfrom probatum.spec import ensures\ndef f(n: int) -> int:\n    ensures(lambda r: r > n)\n    return n\n"
    )

    [part] = postcondition_violated.check(module(text), Tools())

    assert f"it imports `{long}`, which is not installed here" in part.reason


def test_a_contract_that_nothing_satisfies_as_its_text_shows_is_no_function_that_claims_nothing():
    text = """from nagini_contracts.contracts import *

class Cell:
    def __init__(self, v: int) -> None:
        Ensures(Acc(self.v))
        self.v = v

def twice(a: Cell) -> None:
    Requires(Acc(a.v) and Acc(a.v))
    Assert(False)
"""
    found = said(text, **NO_RUNS)["m.twice"]

    assert isinstance(found, Undecided)
    assert "nothing can satisfy the contract" in found.reason


def test_a_function_of_nagini_that_nobody_may_call_is_meant_so():
    text = "from nagini_contracts.contracts import *\n\ndef f(x: int) -> int:\n    Requires(False)\n    Ensures(Result() == 3)\n    return x\n"

    assert isinstance(said(text, **NO_RUNS)["m.f"], Cleared)


def test_a_refined_type_of_the_result_is_a_contract():
    text = "from probatum.spec import UInt8\n\ndef low(x: UInt8) -> UInt8:\n    return x // 2\n\ndef high(x: UInt8) -> UInt8:\n    return x + 1\n"
    found = said(text)

    assert isinstance(found["m.low"], Cleared)
    assert isinstance(found["m.high"], Finding)


def test_what_the_sandbox_refuses_is_said_of_functions_that_are_not_handled():
    text = (
        "import os\n"
        + HEAD
        + "def removes(n: int) -> int:\n    ensures(lambda r: r == n)\n    os.remove('kept')\n    return n + 1\n"
    )

    reason = said(text)["m.removes"].reason

    assert reason.startswith("`removes` is not handled: a call of `os.remove`")
    assert reason.endswith("; refused when run: it tries to remove the file `kept`")


def test_what_importing_tries_is_said_of_what_was_not_run():
    text = HEAD + "open('/tmp/probatum-never-written-by-importing', 'w')\n" + WRONG

    reason = said(text)["m.wrong"].reason

    assert "; importing it tries to write the file `/tmp/" in reason


def test_what_says_how_much_is_checked_at_run_time_breaks_nothing():
    body = "def f(n: int) -> int:\n    ensures(lambda r: r == n)\n    with mode('off'):\n        return n\n"

    outcome = said("from probatum.spec import ensures, mode\n" + body)["m.f"]

    assert not isinstance(outcome, Finding)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("LOG = os.open('log.txt', os.O_CREAT | os.O_WRONLY)", "importing it tries to write the file `log.txt`"),
        ("SOCKET = socket.socket()", "importing it tries to open a socket"),
    ],
)
def test_what_the_sandbox_refuses_while_an_input_is_tried_is_said_and_nothing_is_found(statement, words):
    [outcome] = postcondition_violated.check(module(f"import os\nimport socket\n{HEAD}\n{statement}\n\n{WRONG}"), Tools())

    assert isinstance(outcome, Undecided)
    assert words in outcome.reason


def test_a_method_keeps_the_invariants_of_classes_above_its_own():
    text = (
        "from icontract import DBC, invariant\n"
        "@invariant(lambda self: self.x > 0)\nclass A(DBC):\n    def __init__(self) -> None:\n        self.x = 1\n"
        "class B(A):\n    def good(self) -> None:\n        self.x = 2\n    def bad(self) -> None:\n        self.x = 0\n"
    )
    found = said(text)

    assert isinstance(found["m.B.good"], Cleared)
    assert isinstance(found["m.B.bad"], Finding)
    # Without `DBC` the library looks at no method of a derived class.
    assert list(said(text.replace("A(DBC)", "A"))) == ["m.A.__init__"]


def test_each_method_says_that_an_invariant_of_its_class_is_not_handled():
    text = (
        "import icontract\n"
        "@icontract.invariant(lambda self: self.x > 0, check_on=icontract.InvariantCheckEvent.SETATTR)\n"
        "class A:\n    def __init__(self) -> None:\n        self.x = 1\n    def m(self) -> None:\n        self.x = 0\n"
    )

    assert {name: o.why for name, o in said(text).items()} == {"m.A.__init__": Why.UNSUPPORTED, "m.A.m": Why.UNSUPPORTED}
