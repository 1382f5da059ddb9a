"""The search for inputs that break a contract: bugs are found, correct code is left alone, and inputs are small."""

from __future__ import annotations

import ast
import random
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.code.model.hunt import Hunt, hunt
from probatum.code.model.inputs import Maker
from probatum.code.model.pytests import call_text, pytest_file
from probatum.code.model.shrinking import Limits, reductions, shrunk
from probatum.code.model.values import Items, Literal, Made, Pairs, Shared, Value, case_of, parts, size
from probatum.code.semantics.python import Case, Kind, Runner
from probatum.errors import UnsupportedConstruct
from probatum.python.program import Program
from probatum.python.reading import read_program

SPEC = "from probatum.spec import UInt8, decreases, ensures, forall, implies, invariant, modifies, old, raises, requires\n"
SMALL = 0.3  # processor seconds; what is looked for shows in a fraction of that


def program_of(text: str) -> Program:
    program = read_program({"m.py": SPEC + text})
    assert not program.unreadable
    return program


def hunted(text: str, name: str, *, wanted: int | None = 1, cpu_s: float = SMALL) -> tuple[Program, Hunt]:
    program = program_of(text)
    function = program.function(f"m.{name}")
    assert function is not None
    with Runner(program) as runner:
        return program, hunt(runner, function, cpu_s=cpu_s, wanted=wanted)


def one(text: str, name: str) -> tuple[str, Kind, int]:
    """Return the call, kind and line of the one violation that is found."""
    program, found = hunted(text, name)
    [first] = found.found
    function = program.function(f"m.{name}")
    assert function is not None
    return call_text(function, first.case), first.violation.kind, first.violation.line


GCD = """
def gcd(a: int, b: int) -> int:
    requires(a > 0, b >= 0)
    while b != 0:
        a, b = b, a - b
    return a
"""

BIGGEST = """
def biggest(xs: list[int]) -> int:
    requires(len(xs) > 0)
    ensures(lambda r: r in xs and forall(xs, lambda x: x <= r))
    best = 0
    for x in xs:
        if x > best:
            best = x
    return best
"""

SEARCH = """
def search(a: list[int], key: int) -> int:
    requires(forall(range(len(a)), lambda i: forall(range(i, len(a)), lambda j: a[i] <= a[j])))
    ensures(lambda r: implies(r < 0, key not in a))
    lo, hi = 0, len(a)
    while lo < hi:
        mid = (lo + hi) // 2
        if a[mid] < key:
            lo = mid + 1
        elif a[mid] > key:
            hi = mid - 1
        else:
            return mid
    return -1
"""

SORT = """
from collections import Counter

def sort(xs: list[int]) -> list[int]:
    ensures(lambda r: Counter(r) == Counter(xs))
    out: list[int] = []
    for x in xs:
        i = 0
        while i < len(out) and out[i] < x:
            i += 1
        if i < len(out) and out[i] == x:
            continue
        out.insert(i, x)
    return out
"""


@pytest.mark.parametrize(
    ("text", "name", "call", "kind", "line"),
    [
        (GCD, "gcd", "gcd(a=1, b=2)", Kind.TERMINATION, 5),
        (BIGGEST, "biggest", "biggest(xs=[-1])", Kind.POSTCONDITION, 5),
        (SEARCH, "search", "search(a=[0, 1], key=0)", Kind.POSTCONDITION, 5),
        (SORT, "sort", "sort(xs=[0, 0])", Kind.POSTCONDITION, 6),
    ],
    ids=["does not end", "maximum from 0", "off by one", "drops duplicates"],
)
def test_textbook_bugs_are_found_with_the_smallest_input(text: str, name: str, call: str, kind: Kind, line: int) -> None:
    assert one(text, name) == (call, kind, line)


def test_many_rounds_over_a_range_are_no_sign_that_a_function_does_not_end() -> None:
    text = "def f(n: int) -> int:\n    ensures(lambda r: True)\n    for i in range(10**9):\n        if i == n:\n            return i\n    return -1\n"
    while_loop = text.replace("for i in range(10**9):", "i = 0\n    while True:")

    assert hunted(text, "f")[1].found == []
    assert one(while_loop, "f")[1] is Kind.TERMINATION


def test_a_constant_of_the_code_is_tried() -> None:
    text = "def f(n: int) -> int:\n    ensures(lambda r: r > 0)\n    return 0 if n == 918273 else 1\n"

    assert one(text, "f") == ("f(n=918273)", Kind.POSTCONDITION, 3)


def test_a_word_of_a_name_of_the_code_is_tried() -> None:
    text = (
        "class Farm:\n    def visit_cows(self) -> str:\n        return 'moo'\n\n"
        "def f(animal: str) -> str:\n    ensures(lambda r: r != 'moo')\n"
        "    return getattr(Farm(), 'visit_' + animal)() if hasattr(Farm(), 'visit_' + animal) else ''\n"
    )

    assert one(text, "f") == ("f(animal='cows')", Kind.POSTCONDITION, 7)


def test_one_object_in_two_places_is_tried() -> None:
    text = (
        "def f(lists: list[list[int]]) -> None:\n    modifies(*lists)\n"
        "    ensures(lambda: forall(lists, lambda x: len(x) <= 1))\n"
        "    requires(forall(lists, lambda x: len(x) == 0))\n    for x in lists:\n        x.append(1)\n"
    )

    assert one(text.replace("    modifies(*lists)\n", ""), "f") == ("a = []; f(lists=[a, a])", Kind.POSTCONDITION, 3)


def test_objects_are_made_by_their_constructors_and_used() -> None:
    text = (
        "import icontract\n\nclass Stack:\n    def __init__(self) -> None:\n        self.items: list[int] = []\n\n"
        "    def push(self, n: int) -> None:\n        self.items.append(n)\n\n"
        "    def top(self) -> int:\n        requires(len(self.items) > 0)\n        ensures(lambda r: r == self.items[0])\n        return self.items[-1] + 1\n"
    )

    call, kind, line = one(text, "Stack.top")

    assert (kind, line) == (Kind.POSTCONDITION, 13)
    assert call == "a = Stack(); a.push(0); a.top()"


def test_instances_of_generic_classes_hold_what_their_types_say() -> None:
    text = (
        "from typing import Generic, TypeVar\n\nT = TypeVar('T')\nU = TypeVar('U')\n\n"
        "class Pair(Generic[T, U]):\n    def __init__(self, one: T, other: U) -> None:\n        self.one = one\n        self.other = other\n\n"
        "class Named(Pair[str, T]):\n    pass\n\n"
        "class Counted(Pair[int, int]):\n    pass\n\n"
        "def f(pair: Pair[str, bytes]) -> None:\n    pass\n"
    )
    program = program_of(text)
    function = program.function("m.f")
    assert function is not None
    made = Maker(program, function, random.Random(0)).pool(function.parameters[0].type)

    assert {value.callee for value in made if isinstance(value, Made)} == {"Pair", "Named"}
    kinds = {tuple(type(a.value) for _, a in v.arguments if isinstance(a, Literal)) for v in made if isinstance(v, Made)}
    assert kinds == {(str, bytes)}


def test_slow_code_is_not_taken_for_endless() -> None:
    text = (
        "def count(n: int) -> int:\n    ensures(lambda r: True)\n    total = 0\n    for i in range(n):\n        total += 1\n    return total\n\n"
        "def depth(n: int) -> int:\n    requires(n >= 0)\n    return 0 if n == 0 else depth(n - 1)\n"
    )

    assert not hunted(text, "count", wanted=None)[1].found
    assert not hunted(text, "depth", wanted=None)[1].found


def test_correct_code_is_left_alone() -> None:
    for text, name in (
        (BIGGEST.replace("best = 0", "best = xs[0]"), "biggest"),
        (SEARCH.replace("hi = mid - 1", "hi = mid"), "search"),
    ):
        found = hunted(text, name, wanted=None)[1]
        assert not found.found
        assert found.counted > 100


def test_each_kind_and_line_is_found_once() -> None:
    text = "def f(xs: list[int], n: int) -> int:\n    ensures(lambda r: True)\n    if n:\n        return 1 // (n - 1)\n    return xs[n]\n"

    found = hunted(text, "f", wanted=2)[1].found

    assert [(f.violation.kind, f.violation.line) for f in found] == [(Kind.DIVISION, 5), (Kind.INDEX, 6)]


def test_what_cannot_be_run_is_said() -> None:
    assert (
        hunted("import nowhere\n\ndef f(n: int) -> int:\n    return n\n", "f")[1].trouble
        == "it imports `nowhere`, which is not installed here"
    )
    with pytest.raises(UnsupportedConstruct, match="is abstract"):
        hunted(
            "import abc\n\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(self) -> int:\n        raise NotImplementedError\n",
            "A.f",
        )


def test_candidates_come_first() -> None:
    text = "def f(n: int) -> int:\n    ensures(lambda r: r % 7919 != 11)\n    return n * n\n"
    program = program_of("K = 2\n" + text)
    function = program.function("m.f")
    assert function is not None
    n = next(n for n in range(7919) if n * n % 7919 == 11)

    with Runner(program) as runner:
        found = hunt(runner, function, candidates=[Case({"n": str(n + 7919 * 10**9)})], wanted=1).found

    assert [f.case.arguments for f in found] == [{"n": str(n + 7919 * 10**9)}]


@pytest.mark.parametrize(
    ("text", "name"),
    [(BIGGEST, "biggest"), (SEARCH, "search"), ("def f(n: int) -> int:\n    ensures(lambda r: True)\n    return 1 // n\n", "f")],
)
def test_a_counterexample_is_written_as_a_test_that_fails(
    text: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, found = hunted(text, name)
    [first] = found.found
    function = program.function(f"m.{name}")
    assert function is not None
    written = pytest_file(program, function, first.case, first.violation)
    plain = "\n".join(line for line in text.splitlines() if "requires(" not in line and "ensures(" not in line)
    (tmp_path / "m.py").write_text(plain)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "m", raising=False)
    names: dict[str, object] = {}
    exec(compile(written, "test_m.py", "exec"), names)  # noqa: S102 - what was written is to be run

    with pytest.raises((AssertionError, ZeroDivisionError, NameError)) as caught:
        names[f"test_{name}"]()  # type: ignore[operator]  # a test
    assert caught.type is not NameError


values = st.recursive(
    st.one_of(
        st.integers(), st.booleans(), st.none(), st.text(max_size=4), st.binary(max_size=4), st.floats(allow_nan=False)
    ).map(Literal),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: Items("list", tuple(items))),
        st.lists(inner, max_size=4).map(lambda items: Items("tuple", tuple(items))),
        st.lists(st.tuples(st.text(max_size=2).map(Literal), inner), max_size=3).map(lambda pairs: Pairs("dict", tuple(pairs))),
        inner.map(lambda value: value if any(isinstance(p, Shared) for p in parts(value)) else Shared(1, value)),
    ),
    max_leaves=8,
)


@given(values)
def test_an_input_is_an_expression_for_its_value(value: Value) -> None:
    case = case_of({"x": value})
    names: dict[str, object] = {}

    for name, text in case.shared.items():
        names[name] = eval(text, names)  # noqa: S307 - it was made here

    assert repr(eval(case.arguments["x"], names)) == repr(_meant(value, {}))  # noqa: S307 - as above


def _meant(value: Value, shared: dict[int, object]) -> object:
    match value:
        case Literal(plain):
            return plain
        case Items(kind, items):
            own = [_meant(i, shared) for i in items]
            return tuple(own) if kind == "tuple" else own
        case Pairs(_, pairs):
            return {_meant(k, shared): _meant(v, shared) for k, v in pairs}
        case Shared(number, inner):
            return shared.setdefault(number, _meant(inner, shared))
    raise AssertionError(value)


@given(values)
def test_what_is_tried_to_make_an_input_smaller_is_smaller(value: Value) -> None:
    for smaller in islice(reductions(value), 50):
        assert size(smaller) <= size(value)
        assert smaller != value


def test_small_values_of_types() -> None:
    text = (
        "from dataclasses import dataclass\nfrom enum import Enum\n\nclass Color(Enum):\n    RED = 1\n\n"
        "@dataclass\nclass P:\n    x: int\n    up: 'P | None' = None\n\n"
        "def f(a: UInt8, c: Color, p: P, t: tuple[int, str], d: dict[str, bool], b: bytes | None) -> None:\n    return None\n"
    )
    program = program_of(text)
    function = program.function("m.f")
    assert function is not None
    maker = Maker(program, function, random.Random(0))

    pools = {p.name: [case_of({"v": v}).arguments["v"] for v in maker.pool(p.type)] for p in function.parameters}

    assert {"0", "255"} <= set(pools["a"])
    assert "256" not in pools["a"]
    assert pools["c"] == ["Color.RED"]
    assert "P(x=0, up=None)" in pools["p"]
    assert "P(x=0, up=P(x=0, up=None))" in pools["p"]
    assert pools["t"][0] == "(0, '')"
    assert pools["d"][0] == "{}"
    assert {"None", "b''"} <= set(pools["b"])
    for texts in pools.values():
        assert len(set(texts)) == len(texts)
        for one_text in texts:
            ast.parse(one_text, mode="eval")
    assert isinstance(maker.pool(function.parameters[2].type)[0], Made)


def test_a_default_that_keeps_what_it_was_given_is_found_by_a_second_call() -> None:
    call, kind, _ = one(
        "def f(x: int, to: list[int] = []) -> list[int]:\n    ensures(lambda r: r == [x])\n    to.append(x)\n    return to\n", "f"
    )

    assert (call, kind) == ("f(x=0); f(x=0)", Kind.POSTCONDITION)


def test_items_that_must_be_equal_get_small_together() -> None:
    text = "def f(xs: list[int]) -> bool:\n    ensures(lambda r: not r)\n    return len(xs) == 3 and xs[0] == xs[1] == xs[2]\n"

    assert one(text, "f")[0] == "f(xs=[0, 0, 0])"


def test_an_object_within_objects_loses_what_is_not_needed() -> None:
    text = """
from dataclasses import dataclass

@dataclass
class Tree:
    n: int
    left: 'Tree | None' = None
    right: 'Tree | None' = None

def depth(t: 'Tree | None') -> int:
    ensures(lambda r: r <= 2)
    return 0 if t is None else 1 + max(depth(t.left), depth(t.right))
"""
    with Runner(program := program_of(text)) as runner:
        function = program.function("m.depth")
        assert function is not None
        leaf = Made("Tree", (("n", Literal(7)), ("left", Literal(None)), ("right", Literal(None))))
        full: Value = leaf
        for _ in range(3):
            full = Made("Tree", (("n", Literal(7)), ("left", full), ("right", full)))
        broken = runner.run("m.depth", case_of({"t": full})).violation
        assert broken is not None
        case = shrunk(runner, function, {"t": full}, broken.place, Limits(5_000, 80, 0.05), cpu_s=2.0)

    assert case.arguments["t"].count("Tree") == 3
    assert "7" not in case.arguments["t"]


def test_a_proposed_input_is_made_small_too() -> None:
    program = program_of("def f(n: int) -> int:\n    ensures(lambda r: r < 50)\n    return n\n")
    function = program.function("m.f")
    assert function is not None
    with Runner(program) as runner:
        found = hunt(runner, function, candidates=[Case({"n": "987654"})], wanted=1).found

    assert [f.case.arguments for f in found] == [{"n": "50"}]


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("def f(s: str) -> str:\n    ensures(lambda r: len(r) == len(s))\n    return s.upper()\n", "f(s='ß')"),
        ("def f(s: str) -> int:\n    ensures(lambda r: r >= 0)\n    try:\n        return int(s)\n    except ValueError:\n        return 0\n", "f(s='-1')"),
        ("def f(a: str, b: str) -> bool:\n    ensures(lambda r: not r)\n    return a + '-' + b == 'root-user'\n", "f(a='root', b='user')"),
        ("def f(s: str) -> bool:\n    ensures(lambda r: not r)\n    return s.startswith('admin:') and s.endswith('!')\n", "f(s='admin:!')"),
    ],
)  # fmt: skip  # one program a line
def test_texts_are_made_of_words_of_the_program_and_of_letters_that_surprise(text: str, call: str) -> None:
    program = program_of(text)
    function = program.function("m.f")
    assert function is not None
    with Runner(program) as runner:
        [found] = hunt(runner, function, cpu_s=2.0, wanted=1).found

    assert call_text(function, found.case) == call


def test_what_began_well_goes_on() -> None:
    text = """
def accepts(events: list[str]) -> bool:
    ensures(lambda r: not r)
    state = 0
    for e in events:
        if state == 0 and e == "open":
            state = 1
        elif state == 1 and e == "read":
            state = 2
        elif state == 2 and e == "close":
            return True
    return False
"""
    program = program_of(text)
    function = program.function("m.accepts")
    assert function is not None
    with Runner(program) as runner:
        [found] = hunt(runner, function, cpu_s=2.0, wanted=1).found

    assert found.case.arguments == {"events": "['open', 'read', 'close']"}


def test_a_search_that_counts_its_work_ends_at_the_same_input_every_time() -> None:
    program = program_of("def f(n: int, xs: list[int]) -> int:\n    ensures(lambda r: r != 123456789)\n    return n + sum(xs)\n")
    function = program.function("m.f")
    assert function is not None

    with Runner(program) as one, Runner(program) as other:
        first = hunt(one, function, cpu_s=60.0, work=400)
        again = hunt(other, function, cpu_s=90.0, work=400)

    assert (first.runs, first.counted, first.late) == (again.runs, again.counted, False)
    assert 300 <= first.runs <= 700  # the last batch is run to its end


def test_a_search_that_the_clock_ended_says_so() -> None:
    program = program_of("def f(n: int) -> int:\n    ensures(lambda r: True)\n    return n\n")
    function = program.function("m.f")
    assert function is not None

    with Runner(program) as runner:
        assert hunt(runner, function, cpu_s=0.01, work=1e9).late


def test_arguments_without_a_type_are_not_blamed_for_their_types() -> None:
    wrong = "def f(n, m=3):\n    ensures(lambda r: r > n)\n    return n + m - 3\n"
    right = "def f(n, m=3):\n    ensures(lambda r: r == n + m)\n    return n + m\n"

    assert [f.violation.kind for f in hunted(wrong, "f", wanted=None)[1].found] == [Kind.POSTCONDITION]
    assert hunted(right, "f", wanted=None)[1].found == []


NAMED = """
from typing import cast

from icontract import DBC, ensure, require

class Identifier(DBC, str):
    @require(lambda value: len(value) > 0)
    def __new__(cls, value: str) -> "Identifier":
        return cast(Identifier, value)

class Variable:
    def __init__(self, name: Identifier) -> None:
        self.name = name

@ensure(lambda result: len(result) > LEAST)
def shown(variable: Variable) -> str:
    return variable.name
"""


def test_objects_are_made_of_what_the_annotations_of_their_constructors_ask_for():
    _, found = hunted(NAMED.replace("LEAST", "0"), "shown")
    assert found.found == []
    call, kind, _ = one(NAMED.replace("LEAST", "1"), "shown")
    assert kind is Kind.POSTCONDITION
    assert "name=''" not in call
