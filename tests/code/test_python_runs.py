"""One run of a Python function: what counts as broken, where, and what does not count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from probatum.code.semantics.python import Case, Kind, Run, Runner, Status
from probatum.errors import UnsupportedConstruct
from probatum.python.reading import read_program

SPEC = (
    "from probatum.spec import (UInt8, check, decreases, ensures, exists, fresh, forall, ghost, implies, invariant, "
    "modifies, old, raises, requires)\n"
)


runners: dict[str, Runner] = {}  # one process for each text


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    yield
    for runner in runners.values():
        runner.fresh()
    runners.clear()


def run(text: str, call: str, arguments: dict[str, str], *, shared: dict[str, str] | None = None, **limits: Any) -> Run:
    """Run one call; the text begins in line 2."""
    if text not in runners:
        program = read_program({"m.py": SPEC + text})
        assert not program.unreadable
        runners[text] = Runner(program)
    return runners[text].run(f"m.{call}", Case(arguments, shared or {}), trace=True, **limits)


def kind_and_line(ran: Run) -> tuple[Kind, int] | Status:
    return ran.status if ran.violation is None else (ran.violation.kind, ran.violation.line)


def test_an_input_that_breaks_a_precondition_does_not_count() -> None:
    text = "def f(x: int) -> int:\n    requires(x > 0)\n    return 1 // x\n"

    assert run(text, "f", {"x": "0"}).status is Status.PRECONDITION
    assert run(text, "f", {"x": "1"}).value == "1"


def test_a_callee_whose_precondition_is_broken_is_blamed_on_its_caller_at_the_call() -> None:
    text = "def f(x: int) -> int:\n    requires(x > 0)\n    return x\n\ndef g(x: int) -> int:\n    return 1 + f(x)\n"

    violation = run(text, "g", {"x": "0"}).violation

    assert violation is not None
    assert (violation.kind, violation.function, violation.line, violation.column) == (Kind.PRECONDITION, "m.g", 7, 16)
    assert (violation.clause_line, violation.text) == (3, "x > 0")


def test_a_parameter_in_a_postcondition_is_what_was_passed() -> None:
    text = "def f(x: int) -> int:\n    ensures(lambda r: r > x)\n    x = x + 1\n    return x\n"

    assert run(text, "f", {"x": "5"}).value == "6"


def test_old_values_are_those_at_entry() -> None:
    text = "def f(xs: list[int]) -> None:\n    modifies(xs)\n    ensures(len(xs) == len(old(xs)) + 1)\n    xs.append(1)\n    xs.append(2)\n"

    assert kind_and_line(run(text.replace("ensures(", "ensures(lambda: "), "f", {"xs": "[]"})) == (Kind.POSTCONDITION, 4)


def test_old_values_under_a_quantifier_are_those_at_entry() -> None:
    text = (
        "def f(xs: list[int], step: int) -> None:\n    modifies(xs)\n"
        "    ensures(lambda: forall(range(len(xs)), lambda i: xs[i] == old(xs[i]) + 1))\n"
        "    for i in range(len(xs)):\n        xs[i] += step\n"
    )

    assert run(text, "f", {"xs": "[1, 2]", "step": "1"}).status is Status.RETURNED
    assert kind_and_line(run(text, "f", {"xs": "[1, 2]", "step": "2"})) == (Kind.POSTCONDITION, 4)


def test_a_run_says_nothing_where_it_calls_what_has_no_body() -> None:
    text = (
        "from nagini_contracts.contracts import *\n\n@ContractOnly\ndef g() -> int:\n    Ensures(Result() > 0)\n    pass\n\n"
        "def f() -> int:\n    Ensures(Result() > 0)\n    return g() + 1\n"
    )

    assert run(text, "f", {}).status is Status.UNKNOWN


def test_mathematical_sets_and_multisets_are_joined_and_taken_away() -> None:
    text = (
        "from nagini_contracts.contracts import *\n\ndef f() -> None:\n    ones = PSet(1, 2)\n    bag = PMultiset(1, 1, 2)\n"
        "    Assert(ones + PSet(3) == PSet(1, 2, 3) and ones - PSet(1) == PSet(2))\n"
        "    Assert((bag - PMultiset(1, 3)).num(1) == 1 and len(bag + bag) == 6)\n"
    )

    assert run(text, "f", {}).status is Status.RETURNED
    assert run(text.replace("== PSet(2)", "== PSet(1)"), "f", {}).status is Status.VIOLATED


def test_an_iterator_that_is_kept_is_run_as_it_is_written() -> None:
    text = (
        "def f(xs: set[int]) -> int:\n    ensures(lambda r: r >= 0)\n    n = 0\n    pairs = enumerate(xs)\n    xs.add(7)\n"
        "    for i, x in pairs:\n        n += 1\n    return n\n"
    )

    assert kind_and_line(run(text, "f", {"xs": "{1}"})) == (Kind.EXCEPTION, 7)


def test_values_under_a_quantifier_are_the_objects_that_they_were_at_entry() -> None:
    text = (
        "def f(xs: list[tuple[list[int], int]]) -> None:\n    modifies(xs)\n"
        "    ensures(lambda: forall(range(len(xs)), lambda i: xs[i] is old(xs[i])))\n"
        "    xs.reverse()\n"
    )

    assert run(text, "f", {"xs": "[([], 0)]"}).status is Status.RETURNED
    assert kind_and_line(run(text, "f", {"xs": "[([], 0), ([], 1)]"})) == (Kind.POSTCONDITION, 4)


def test_objects_that_compare_by_identity_stay_themselves_in_old_values() -> None:
    text = (
        "class Node:\n    def __init__(self, v: int) -> None:\n        self.v = v\n\n"
        "def f(xs: list[Node]) -> None:\n    ensures(lambda: xs == old(xs))\n"
        "    ensures(lambda: forall(range(len(xs)), lambda i: xs[i] is old(xs[i])))\n    return None\n"
    )

    assert run(text, "f", {"xs": "[Node(1), Node(1)]"}).status is Status.RETURNED


@pytest.mark.parametrize(
    ("body", "arguments", "expected"),
    [
        ("return xs[n]", {"xs": "[]", "n": "0"}, Kind.INDEX),
        ("return {1: 2}[n]", {"xs": "[]", "n": "0"}, Kind.KEY),
        ("return 1 // n", {"xs": "[]", "n": "0"}, Kind.DIVISION),
        ("a, b = xs\n    return a", {"xs": "[1]", "n": "0"}, Kind.UNPACKING),
        ("return int('x' * n)", {"xs": "[]", "n": "2"}, Kind.VALUE),
        ("return None.x if n else 0", {"xs": "[]", "n": "1"}, Kind.NONE),
        ("return n.x", {"xs": "[]", "n": "1"}, Kind.ATTRIBUTE),
        ("return n + 'a'", {"xs": "[]", "n": "1"}, Kind.TYPE),
        ("raise ValueError", {"xs": "[]", "n": "1"}, Kind.EXCEPTION),
        ("assert n == 0\n    return n", {"xs": "[]", "n": "1"}, Kind.ASSERTION),
    ],
)  # fmt: skip  # one a line
def test_an_exception_that_escapes_undeclared_is_named_after_what_went_wrong(
    body: str, arguments: dict[str, str], expected: Kind
) -> None:
    text = f"def f(xs: list[int], n: int) -> int:\n    ensures(lambda r: True)\n    {body}\n"

    assert kind_and_line(run(text, "f", arguments)) == (expected, 4)


def test_exceptions_that_are_caught_are_nobodys_business() -> None:
    text = "def f(xs: list[int]) -> int:\n    ensures(lambda r: r == 0)\n    try:\n        return xs[5]\n    except IndexError:\n        return 0\n"

    assert run(text, "f", {"xs": "[]"}).status is Status.RETURNED


def test_what_is_declared_of_an_exception_says_exactly_when() -> None:
    text = "def f(n: int, limit: int) -> int:\n    raises(ValueError, when=n < 0)\n    if n < limit:\n        raise ValueError\n    return n\n"

    assert run(text, "f", {"n": "-1", "limit": "0"}).status is Status.RAISED
    assert kind_and_line(run(text, "f", {"n": "0", "limit": "1"})) == (Kind.RAISES, 5)  # raised where it may not be
    assert kind_and_line(run(text, "f", {"n": "-1", "limit": "-1"})) == (Kind.RAISES, 3)  # not raised where it must be


def test_a_loop_invariant_is_checked_on_entry_and_after_each_round() -> None:
    text = "def f(n: int, i: int) -> int:\n    while i < n:\n        invariant(i < 2)\n        i += 1\n    return i\n"

    assert run(text, "f", {"n": "1", "i": "0"}).status is Status.RETURNED
    assert kind_and_line(run(text, "f", {"n": "2", "i": "0"})) == (Kind.MAINTAINED, 4)
    assert kind_and_line(run(text, "f", {"n": "2", "i": "3"})) == (Kind.ENTRY, 4)


def test_a_measure_must_get_smaller_and_must_not_have_been_negative() -> None:
    text = "def f(n: int) -> int:\n    while n != 0:\n        decreases(n)\n        n -= 1\n    return n\n"

    assert run(text, "f", {"n": "3"}).status is Status.RETURNED
    assert kind_and_line(run(text, "f", {"n": "-3"})) == (Kind.TERMINATION, 4)


def test_what_does_not_end_within_its_steps_is_stopped_where_it_is() -> None:
    ran = run("def f(n: int) -> int:\n    while n:\n        n = n + 1\n    return n\n", "f", {"n": "1"}, steps=1000)

    assert ran.status is Status.LIMIT
    assert kind_and_line(ran) == (Kind.TERMINATION, 3)


def test_what_calls_itself_without_end_is_stopped() -> None:
    ran = run("def f(n: int) -> int:\n    return f(n + 1)\n", "f", {"n": "1"})

    assert ran.status is Status.LIMIT
    assert kind_and_line(ran) == (Kind.TERMINATION, 2)


def test_a_limit_cannot_be_caught_by_the_code() -> None:
    text = "def f() -> int:\n    try:\n        while True:\n            pass\n    except BaseException:\n        return 1\n"

    assert run(text, "f", {}, steps=100).status is Status.LIMIT


def test_an_endless_iterator_is_interrupted() -> None:
    ran = run("def f() -> int:\n    return sum(1 for _ in iter(int, 1))\n", "f", {}, seconds=0.05)

    assert (ran.status, ran.what) == (Status.LIMIT, "time")


def test_only_what_the_contract_allows_may_change() -> None:
    text = "def f(xs: list[int], ys: list[int]) -> None:\n    modifies(xs)\n    ensures(lambda: True)\n    xs.append(1)\n    ys.clear()\n"

    assert run(text, "f", {"xs": "[]", "ys": "[]"}).status is Status.RETURNED
    assert kind_and_line(run(text, "f", {"xs": "[]", "ys": "[1]"})) == (Kind.FRAME, 2)


def test_an_integer_with_a_range_is_checked_where_it_comes_in_and_where_it_goes_out() -> None:
    text = "def f(n: UInt8) -> UInt8:\n    return n + 1\n\ndef g(n: int) -> int:\n    ensures(lambda r: True)\n    return f(n)\n"

    assert run(text, "f", {"n": "256"}).status is Status.PRECONDITION
    assert kind_and_line(run(text, "f", {"n": "255"})) == (Kind.RANGE, 2)
    assert kind_and_line(run(text, "g", {"n": "-1"})) == (Kind.RANGE, 7)


def test_what_no_run_can_evaluate_is_said_and_not_taken_for_true() -> None:
    text = "def f(n: int) -> int:\n    ensures(lambda r: forall(int, lambda i: i * i >= r))\n    return n\n"

    assert run(text, "f", {"n": "0"}).open_clauses
    assert kind_and_line(run(text, "f", {"n": "1"})) == (Kind.POSTCONDITION, 3)  # 0 * 0 < 1: a member is enough


def test_a_quantifier_over_integers_with_bounds_is_evaluated() -> None:
    text = (
        "def f(xs: list[int]) -> int:\n"
        "    requires(forall(int, lambda i: forall(int, lambda j: implies(0 <= i < j < len(xs), xs[i] <= xs[j]))))\n"
        "    return 0\n"
    )

    assert run(text, "f", {"xs": "[1, 2, 2]"}).status is Status.RETURNED
    assert run(text, "f", {"xs": "[1, 3, 2]"}).status is Status.PRECONDITION


def test_a_contract_that_raises_is_said() -> None:
    text = "def f(xs: list[int]) -> int:\n    ensures(lambda r: xs[r] == 0)\n    return 0\n"

    assert kind_and_line(run(text, "f", {"xs": "[]"})) == (Kind.DEFINED, 3)


def test_a_class_keeps_its_invariant_in_public_methods() -> None:
    text = (
        "import icontract\n\n@icontract.invariant(lambda self: self.n >= 0)\nclass C:\n"
        "    def __init__(self) -> None:\n        self.n = 0\n\n"
        "    def down(self) -> None:\n        self.n -= 1\n\n"
        "    def _down(self) -> None:\n        self.n -= 1\n\n"
        "    def around(self) -> None:\n        self._down()\n        self.n = 0\n"
    )

    assert kind_and_line(run(text, "C.down", {"self": "C()"})) == (Kind.CLASS_INVARIANT, 4)
    assert run(text, "C.around", {"self": "C()"}).status is Status.RETURNED
    assert run(text, "C.down", {"self": "c"}, shared={"c": "C()", "_c0": "c._down()"}).status is Status.PRECONDITION


def test_an_overriding_method_answers_for_what_it_takes_over() -> None:
    text = (
        "import icontract\n\nclass A(icontract.DBC):\n    @icontract.ensure(lambda result: result > 0)\n"
        "    def f(self) -> int:\n        return 1\n\nclass B(A):\n    def f(self) -> int:\n        return 0\n"
    )

    violation = run(text, "B.f", {"self": "B()"}).violation

    assert violation is not None
    assert (violation.kind, violation.function, violation.line) == (Kind.POSTCONDITION, "m.B.f", 5)


def test_contracts_are_not_monitored_while_a_contract_is_evaluated() -> None:
    text = (
        "def f(n: int) -> int:\n    requires(n >= 0)\n    ensures(lambda r: g(r) == 0)\n    return n\n\n"
        "def g(n: int) -> int:\n    ensures(lambda r: f(0) == 0)\n    return 0\n"
    )

    assert run(text, "f", {"n": "1"}).status is Status.RETURNED


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("open('/tmp/probatum-never', 'w')", "it tries to write the file `/tmp/probatum-never`"),
        ("__import__('socket').socket()", "it tries to open a socket"),
        ("__import__('os').system('true')", "it tries to run `true`"),
    ],
)
def test_what_the_sandbox_refuses_is_said_even_where_the_code_hides_it(body: str, what: str) -> None:
    text = f"def f() -> int:\n    try:\n        {body}\n    except BaseException:\n        pass\n    return 1\n"

    ran = run(text, "f", {})

    assert (ran.status, ran.what) == (Status.REFUSED, what)


def test_a_module_that_cannot_be_imported_is_said_in_one_line() -> None:
    ran = run("import nowhere.at_all\n\ndef f() -> int:\n    return 1\n", "f", {})

    assert (ran.status, ran.what) == (Status.IMPORT, "it imports `nowhere`, which is not installed here")


def test_code_that_kills_its_process_harms_no_other_run() -> None:
    text = "import os\n\ndef f(n: int) -> int:\n    if n == 1:\n        os._exit(3)\n    return n\n"
    program = read_program({"m.py": text})

    with Runner(program) as runner:
        runs = runner.run_all("m.f", [Case({"n": str(n)}) for n in range(3)])

    assert [r.status for r in runs] == [Status.RETURNED, Status.CRASHED, Status.RETURNED]


def test_modules_of_a_program_import_one_another() -> None:
    sources = {
        "pkg/__init__.py": "",
        "pkg/a.py": SPEC + "from pkg.b import half\n\ndef f(n: int) -> int:\n    return half(n)\n",
        "pkg/b.py": SPEC + "def half(n: int) -> int:\n    requires(n % 2 == 0)\n    return n // 2\n",
    }

    with Runner(read_program(sources)) as runner:
        good, bad = runner.run_all("pkg.a.f", [Case({"n": "4"}), Case({"n": "3"})])

    assert good.status is Status.RETURNED
    assert bad.violation is not None
    assert (bad.violation.kind, bad.violation.path, bad.violation.clause_path) == (Kind.PRECONDITION, "pkg/a.py", "pkg/b.py")


def test_columns_count_characters() -> None:
    text = "def f(xs: list[int]) -> int:\n    ensures(lambda r: True)\n    ä = 'ä'; return xs[0]\n"

    violation = run(text, "f", {"xs": "[]"}).violation

    assert violation is not None
    assert (violation.line, violation.column) == (4, 21)


def test_the_trace_names_lines_and_what_changed() -> None:
    ran = run("def f(n: int) -> int:\n    while n > 0:\n        n -= 1\n    return n\n", "f", {"n": "1"})

    assert [(s.line, dict(s.changed)) for s in ran.trace] == [(3, {}), (4, {"n": "0"}), (3, {}), (5, {})]


def test_ghost_code_and_checks_run() -> None:
    text = "def f(n: int, step: int) -> int:\n    before = ghost(n)\n    n += 1\n    check(n == before + step)\n    return n\n"

    assert run(text, "f", {"n": "1", "step": "1"}).status is Status.RETURNED
    assert kind_and_line(run(text, "f", {"n": "1", "step": "2"})) == (Kind.ASSERTION, 5)


def test_a_generator_is_not_run_with_its_contract() -> None:
    program = read_program({"m.py": "from typing import Iterator\n\ndef f() -> Iterator[int]:\n    yield 1\n"})

    with pytest.raises(UnsupportedConstruct, match="is a generator"), Runner(program) as runner:
        runner.check("m.f")


@pytest.mark.parametrize("n", ["2**63", "2**62", "2**63 - 1"])
@pytest.mark.parametrize("body", ["return [0] * n", "return list(bytes(n))", "return [len(range(n))]", "return [1 << n]"])
def test_what_no_memory_can_hold_says_nothing_of_the_function(body: str, n: str) -> None:
    text = f"def f(n: int) -> list[int]:\n    requires(n > 9)\n    ensures(lambda r: True)\n    {body}\n"

    ran = run(text, "f", {"n": n})

    assert ran.violation is None
    assert ran.status is Status.RETURNED or (ran.status, ran.what) == (Status.LIMIT, "memory")


def test_a_number_that_is_too_large_for_the_operation_is_an_exception_like_any_other() -> None:
    text = "def f(n: int) -> float:\n    ensures(lambda r: True)\n    return float(n)\n"

    assert kind_and_line(run(text, "f", {"n": "10**400"})) == (Kind.VALUE, 4)


def test_a_run_gets_no_more_memory_than_other_work_leaves() -> None:
    """What needs more is not followed, so that a search for inputs that are large takes no machine's memory."""
    text = "from probatum.spec import ensures\n\ndef f(n: int) -> int:\n    ensures(lambda r: r >= 0)\n    return len(' ' * n)\n"

    small, large = run(text, "f", {"n": "10_000_000"}), run(text, "f", {"n": "240_000_000"})

    assert small.status is Status.RETURNED
    assert (large.status, large.what) == (Status.LIMIT, "memory")


def test_a_condition_that_no_memory_can_hold_is_open() -> None:
    text = "def f(n: int) -> int:\n    ensures(lambda r: len([0] * n) == r)\n    return n\n"

    ran = run(text, "f", {"n": "2**63"})

    assert (ran.status, len(ran.open_clauses)) == (Status.RETURNED, 1)


def test_an_instance_whose_constructor_breaks_its_types_is_no_input() -> None:
    text = (
        "class B:\n    pass\n\nclass A:\n    def __init__(self) -> None:\n        self.b: {} = None\n\n"
        "    def f(self) -> None:\n        assert self.b is not None\n"
    )

    wrong = run(text.format("B"), "A.f", {"self": "A()"})
    right = run(text.format("B | None"), "A.f", {"self": "A()"})

    assert (wrong.status, wrong.what) == (Status.ARGUMENTS, "the constructor leaves None in `b`, against its type")
    assert kind_and_line(right) == (Kind.ASSERTION, 10)


def test_a_constructor_that_leaves_none_can_itself_be_run() -> None:
    text = "class A:\n    def __init__(self) -> None:\n        self.b: int = None\n\ndef f() -> A:\n    ensures(lambda r: r.b == 0)\n    return A()\n"

    assert kind_and_line(run(text, "f", {})) == (Kind.POSTCONDITION, 7)
