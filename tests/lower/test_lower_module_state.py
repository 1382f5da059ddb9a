"""Variables and constants of modules, and code that runs when a module is imported."""

import textwrap

import pytest
from verdicts import HEADER, open_claims, verdicts

from probatum.lower.lowered import Kind
from probatum.lower.lowering import lower
from probatum.python.reading import read_program

NAGINI = "from nagini_contracts.contracts import *\n"


def at_import(text: str, *, header: str = HEADER, **others: str) -> list[tuple[Kind, str]]:
    """Return what is not proved of the code of a module."""
    sources = {f"{name}.py": textwrap.dedent(own) for name, own in others.items()}
    program = read_program({"m.py": header + textwrap.dedent(text), **sources})
    code = program.modules["m"].code
    assert code is not None
    return open_claims(program, code)


def of_program(module: str, **texts: str) -> dict[str, list[tuple[Kind, str]]]:
    program = read_program({f"{name}.py": HEADER + textwrap.dedent(text) for name, text in texts.items()})
    return {f.name: open_claims(program, f) for f in program.modules[module].every_function()}


COUNTER = """
count = 0

def bump() -> int:
    global count
    ensures(lambda r: r == count)
    ensures(count == old(count) + 1)
    count += 1
    return count
"""


def test_a_variable_that_functions_assign_is_state():
    found = verdicts(
        COUNTER
        + """
def twice() -> None:
    ensures(count == old(count) + 2)
    bump()
    bump()

def once_and_says_twice() -> None:
    ensures(count == old(count) + 2)
    bump()

def starts_at_zero() -> int:
    ensures(lambda r: r == 0)
    return count

def leaves_it_alone() -> None:
    ensures(count == old(count))
    pass
"""
    )

    assert found["bump"] == found["twice"] == found["leaves_it_alone"] == []
    assert found["once_and_says_twice"] == [(Kind.POSTCONDITION, "count == old(count) + 2")]
    assert found["starts_at_zero"] == [(Kind.POSTCONDITION, "r == 0")]


def test_a_function_that_calls_one_which_assigns_a_variable_changes_it_too():
    found = verdicts(
        COUNTER
        + """
def outer() -> None:
    ensures(True)
    bump()

def relies_on_it() -> None:
    ensures(count == old(count))
    outer()
"""
    )

    assert found["outer"] == []
    assert found["relies_on_it"] == [(Kind.POSTCONDITION, "count == old(count)")]


def test_a_contract_that_names_what_changes_allows_no_variable_that_it_does_not_name():
    found = verdicts(
        """
        total = 0
        other = 0

        def allowed() -> None:
            modifies(total)
            global total
            total = 1

        def forbidden() -> None:
            modifies(total)
            global total, other
            total = 1
            other = 2

        def through_a_call() -> None:
            modifies(other)
            allowed()
        """
    )

    assert found["allowed"] == []
    assert [kind for kind, _ in found["forbidden"]] == [Kind.FRAME]
    assert [kind for kind, _ in found["through_a_call"]] == [Kind.FRAME]


def test_a_loop_changes_the_variables_that_its_body_assigns():
    found = verdicts(
        COUNTER
        + """
def often(n: int) -> None:
    requires(n >= 0)
    ensures(count == old(count) + n)
    i = 0
    while i < n:
        invariant(0 <= i <= n, count == old(count) + i)
        bump()
        i += 1

def forgets(n: int) -> None:
    requires(n >= 0)
    ensures(count == old(count))
    i = 0
    while i < n:
        invariant(0 <= i <= n)
        bump()
        i += 1
"""
    )

    assert found["often"] == []
    assert found["forgets"] == [(Kind.POSTCONDITION, "count == old(count)")]


def test_what_a_pure_function_reads_of_variables_may_change_between_calls():
    found = verdicts(
        COUNTER
        + """
@pure
def doubled() -> int:
    return 2 * count

def moves() -> None:
    before = doubled()
    bump()
    check(doubled() == before + 2)

def stays() -> None:
    before = doubled()
    bump()
    check(doubled() == before)
"""
    )

    assert found["moves"] == []
    assert found["stays"] == [(Kind.ASSERTION, "doubled() == before")]


def test_a_pure_function_without_a_definition_may_not_read_variables():
    found = verdicts(
        COUNTER
        + """
@pure
def summed(n: int) -> int:
    requires(n >= 0)
    ensures(lambda r: True)
    total = 0
    for i in range(n):
        total += count
    return total

def same() -> None:
    before = summed(3)
    bump()
    check(summed(3) == before)
"""
    )

    [(_, text)] = found["same"]
    assert "which reads variables" in text


@pytest.mark.parametrize(
    "definition",
    ["START = count + 1\n", "class C:\n    START = count + 1\nSTART = C.START\n"],
    ids=["a constant", "an attribute of a class"],
)
def test_what_was_evaluated_at_the_import_is_not_evaluated_again(definition):
    found = verdicts(
        COUNTER + definition + "def relies() -> int:\n    ensures(lambda r: r == count + 1)\n    return START\n",
    )

    assert found["relies"] != []


def test_a_default_is_evaluated_at_the_import():
    found = verdicts(
        COUNTER
        + """
def give(n: int = count) -> int:
    ensures(lambda r: r == n)
    return n

def relies() -> int:
    ensures(lambda r: r == count)
    return give()
"""
    )

    assert found["relies"] != []


def test_a_collection_of_a_module_is_one_object_for_all_functions():
    found = verdicts(
        """
        items: list[int] = []
        more: list[int] = []

        def add(x: int) -> None:
            modifies(items)
            ensures(len(items) == len(old(items)) + 1 and items[-1] == x)
            items.append(x)

        def two() -> None:
            ensures(len(items) == len(old(items)) + 2)
            add(1)
            add(2)

        def apart() -> None:
            ensures(len(more) == len(old(more)))
            add(1)

        def empty() -> None:
            ensures(len(items) == 0)
            pass

        def changed_by_others(xs: list[int]) -> None:
            ensures(len(items) == len(old(items)))
            xs.append(1)
        """
    )

    assert found["add"] == found["two"] == found["apart"] == []
    assert found["empty"] == [(Kind.POSTCONDITION, "len(items) == 0")]
    assert found["changed_by_others"] == [(Kind.POSTCONDITION, "len(items) == len(old(items))")]


def test_a_table_that_nobody_changes_holds_what_is_written_there():
    found = verdicts(
        """
        PRIMES = [2, 3, 5, 7]
        CODES = {"a": 1, "b": 2}
        KEPT = [1, 2]

        def prime(i: int) -> int:
            requires(0 <= i < len(PRIMES))
            ensures(lambda r: r >= 2)
            return PRIMES[i]

        def beyond(i: int) -> int:
            requires(0 <= i < 5)
            return PRIMES[i]

        def code(c: str) -> int:
            requires(c in CODES)
            ensures(lambda r: 1 <= r <= 2)
            return CODES[c]

        def given_away() -> list[int]:
            return KEPT

        def kept() -> int:
            ensures(lambda r: r == 1)
            return KEPT[0]
        """
    )

    assert found["prime"] == found["code"] == []
    assert [kind for kind, _ in found["beyond"]] == [Kind.INDEX]
    assert (Kind.POSTCONDITION, "r == 1") in found["kept"]


def test_a_table_that_another_module_changes_is_none():
    found = of_program(
        "use",
        table="PRIMES = [2, 3]\ndef first() -> int:\n    ensures(lambda r: r == 2)\n    return PRIMES[0]\n",
        use="import table\ndef spoil() -> None:\n    table.PRIMES.append(0)\ndef first() -> int:\n    ensures(lambda r: r == 2)\n"
        "    return table.PRIMES[0]\n",
    )

    assert found["first"] != []


def test_a_variable_that_another_module_assigns_is_state():
    text = "total: int = 3\ndef fixed() -> int:\n    ensures(lambda r: r == 3)\n    return total\n"
    other = """
        import m
        def assign() -> int:
            ensures(lambda r: r == 7 and m.total == 7)
            m.total = 7
            return m.total
        """

    assert of_program("use", m=text, use=other) == {"assign": []}
    assert of_program("m", m=text, use=other) == {"fixed": [(Kind.POSTCONDITION, "r == 3")]}


def test_a_name_that_was_imported_is_a_copy():
    found = of_program(
        "use",
        m=COUNTER,
        use="from m import count, bump\ndef relies() -> int:\n    ensures(lambda r: r == 1)\n    bump()\n    return count\n",
    )

    [(_, text)] = found["relies"]
    assert "copied" in text


def test_a_variable_that_is_assigned_values_of_several_types_needs_a_declaration():
    found = verdicts("last = 0\ndef f() -> None:\n    ensures(True)\n    global last\n    last = 'x'\n")

    [(_, text)] = found["f"]
    assert "whose type is not declared" in text


# --- code that runs when a module is imported ------------------------------------------------------------------------


def test_code_at_the_top_level_is_verified_as_a_function_is():
    found = at_import(
        COUNTER
        + """
assert count == 0
bump()
assert count == 1
total = 0
for i in range(4):
    invariant(total == 2 * i)
    total += 2
assert total == 8
assert count == 2
"""
    )

    assert found == [(Kind.ASSERTION, "count == 2")]


def test_a_call_at_the_top_level_must_keep_preconditions():
    text = "LIMIT = {}\ndef half(n: int) -> int:\n    requires(n % 2 == 0)\n    ensures(lambda r: 2 * r == n)\n    return n // 2\nx = half(LIMIT)\n"

    assert at_import(text.format(4)) == []
    assert at_import(text.format(3)) == [(Kind.PRECONDITION, "n % 2 == 0")]


def test_names_must_have_their_values_when_code_runs():
    early = "def f() -> int:\n    return g()\nx = f()\ndef g() -> int:\n    return 1\n"
    late = "def f() -> int:\n    return g()\ndef g() -> int:\n    return 1\nx = f()\n"
    method = "class C:\n    def m(self) -> int:\n        return LATE\ndef use(c: C) -> int:\n    return c.m()\nx = use(C())\nLATE = 1\n"

    assert [kind for kind, _ in at_import(early)] == [Kind.ATTRIBUTE]
    assert at_import(late) == []
    assert [kind for kind, _ in at_import(method)] == [Kind.ATTRIBUTE]


def test_a_name_that_only_one_way_binds_may_have_no_value():
    text = "import sys\ndef f() -> int:\n    return VALUE\nif {}:\n    VALUE = 1\nelse:\n    {}\nx = f()\n"

    assert at_import(text.format("len('ab') == 2", "VALUE = 2")) == []
    assert [kind for kind, _ in at_import(text.format("len('ab') == 3", "OTHER = 2"))] == [Kind.ATTRIBUTE]


def test_a_module_may_be_run_or_imported():
    assert at_import("assert __name__ == '__main__' or __name__ == 'm'\n") == []
    assert at_import("assert __name__ == '__main__'\n") != []
    assert at_import("if __name__ == '__main__':\n    assert len('ab') == 3\n") != []


def test_the_initial_value_of_a_variable_is_known_only_while_the_module_is_imported():
    found = at_import(
        COUNTER + "xs = [count]\nassert xs == [0]\nassert len(xs) == count + 1\nbump()\nassert len(xs) == count + 1\n"
    )

    assert found == [(Kind.ASSERTION, "len(xs) == count + 1")]


def test_importing_a_module_that_runs_code_may_change_what_others_hold():
    other = COUNTER + "bump()\n"
    reader = "import other\nassert other.count >= 0\n"

    assert at_import(reader, other=HEADER + other) == [(Kind.ASSERTION, "other.count >= 0")]


def test_modules_that_import_one_another_and_run_code_are_refused():
    [(_, text)] = at_import("import other\nx = other.f()\n", other="import m\ndef f() -> int:\n    return 1\n")

    assert "in a circle" in text


def test_what_may_be_missing_is_both():
    text = "try:\n    import fast\n    FAST = True\nexcept ImportError:\n    FAST = False\nassert {}\n"

    assert at_import(text.format("FAST or not FAST")) == []
    assert at_import(text.format("FAST")) != []


def test_nothing_is_proved_of_code_that_is_not_understood():
    [(_, text)] = at_import("import logging\nlog = logging.getLogger('x')\nassert True\n")

    assert "logging.getLogger" in text


def test_permissions_for_variables_are_given_and_taken():
    text = """
        a = 1
        a += 1

        def keeps() -> int:
            global a
            Requires(Acc(a) and a >= 1)
            Ensures(Acc(a) and a == Old(a) + 1)
            a += 1
            return a

        def takes() -> int:
            global a
            Requires(Acc(a))
            a += 1
            return a

        keeps()
        assert a == 3
        takes()
        """

    assert at_import(text, header=NAGINI) == []
    assert [kind for kind, _ in at_import(text + "takes()\n", header=NAGINI)] == [Kind.FRAME]


def test_a_function_without_permission_for_a_variable_may_not_read_it():
    program = read_program(
        {
            "m.py": NAGINI
            + "a = 1\na += 1\ndef no() -> int:\n    return a\ndef yes() -> int:\n    Requires(Acc(a, 1/2))\n    return a\n"
        }
    )
    no, yes = program.modules["m"].every_function()

    assert [kind for kind, _ in open_claims(program, no)] == [Kind.FRAME]
    assert open_claims(program, yes) == []


def test_a_loop_at_the_top_level_needs_permissions_for_what_functions_share():
    text = "cur = 3\nwhile cur > 0:\n    Invariant(Acc(cur) and cur >= 0)\n    cur -= 1\nassert cur == 0\n"

    assert at_import(text, header=NAGINI) == []
    assert at_import(text.replace("cur == 0", "cur == 1"), header=NAGINI) != []


def test_obligations_in_a_body_of_another_module_are_said_of_the_call():
    program = read_program(
        {
            "m.py": HEADER + "import other\ndef f(n: int) -> int:\n    ensures(lambda r: True)\n    return other.half(n)\n",
            "other.py": "def half(n: int) -> int:\n    x = 1\n    while x < n:\n        x += 1\n    return n // n\n",
        }
    )
    lowered = lower(program, program.modules["m"].functions["f"])

    [claimed] = [o for o in lowered.obligations.values() if o.kind is Kind.DIVISION]
    assert (claimed.place.line, claimed.path, claimed.clause is not None and claimed.clause.line) == (5, "other.py", 5)


# --- traps -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "if len('ab') == 3:\n    X = 1\n    X = 2\n",
        "try:\n    X = 1\nexcept ValueError:\n    pass\nX2 = 1\n",
        "for X in range(0):\n    pass\n",
        "X = 1\nX = 2\ndel X\n",
        "def set_it() -> None:\n    global X\n    X = 1\n",
    ],
    ids=["one branch", "one way", "a loop", "deleted", "only in a function"],
)
def test_a_variable_that_may_have_no_value_is_not_read(text):
    found = verdicts(text + "def f() -> int:\n    ensures(lambda r: True)\n    return X\n")

    [(_, why)] = found["f"]
    assert why.startswith("unsupported")


def test_a_variable_that_every_way_binds_is_read():
    text = "if len('ab') == 3:\n    X = 1\nelse:\n    X = 2\n"

    assert verdicts(text + "def f() -> int:\n    ensures(lambda r: r == X)\n    return X\n")["f"] == []
    assert verdicts(text + "def f() -> int:\n    ensures(lambda r: r == 1)\n    return X\n")["f"] != []


@pytest.mark.parametrize(
    "text",
    [
        "def spoil() -> None:\n    T.append(9)\n",
        "def spoil() -> None:\n    T[0] = 9\n",
        "def spoil() -> None:\n    del T[0]\n",
        "def spoil() -> None:\n    xs = T\n    xs.append(9)\n",
        "def spoil() -> None:\n    max(T, [1]).append(9)\n",
        "def spoil() -> None:\n    [T][0].append(9)\n",
        "def spoil() -> None:\n    for xs in (T,):\n        xs.append(9)\n",
        "def spoil(xs: list[int] = T) -> None:\n    xs.append(9)\n",
        "def len(xs: list[int]) -> int:\n    xs.append(9)\n    return 1\ndef spoil() -> int:\n    return len(T)\n",
        "class C:\n    xs = T\n",
        "OTHER = T\n",
    ],
)
def test_a_table_that_something_may_change_is_not_taken_for_what_is_written(text):
    found = verdicts("T = [1, 2]\n" + text + "def f() -> int:\n    ensures(lambda r: r == 1)\n    return T[0]\n", flawed=True)

    assert found["f"] != []


def test_a_constant_that_a_pure_function_of_state_computes_is_not_computed_again():
    text = COUNTER + "@pure\ndef twice() -> int:\n    return 2 * count\n\nSTART = twice()\n"
    body = "def f() -> int:\n    ensures(lambda r: r == {})\n    before = START\n    bump()\n    return {}\n"

    assert verdicts(text + body.format("START", "before"))["f"] == []
    assert verdicts(text + body.format("twice()", "START"))["f"] != []
    assert verdicts(text + body.format("old(twice())", "before"))["f"] != []


def test_a_method_that_assigns_a_variable_is_seen_through_its_base():
    found = verdicts(
        """
        count = 0

        class A:
            def m(self) -> None:
                ensures(count == old(count))
                pass

        class B(A):
            def m(self) -> None:
                global count
                count += 1

        def f(a: A) -> None:
            ensures(count == old(count))
            a.m()
        """
    )

    assert found["f"] == []
    assert found["A.m"] == []
    assert found["B.m"] != []


def test_an_operator_that_assigns_a_variable_is_a_call():
    found = verdicts(
        """
        count = 0

        class A:
            def __add__(self, other: int) -> int:
                ensures(lambda r: r == other)
                global count
                count += 1
                return other

        def f(a: A) -> int:
            ensures(count == old(count))
            return a + 1

        def order(a: A) -> int:
            modifies(count)
            ensures(lambda r: r == old(count) + 1)
            return count + (a + 1)
        """
    )

    assert found["f"] != []
    assert found["order"] == []


def test_what_a_variable_held_when_it_was_read_stays():
    found = verdicts(
        COUNTER
        + """
def left_first() -> int:
    ensures(lambda r: r == 2 * old(count) + 1)
    return count + bump()

def kept() -> int:
    ensures(lambda r: r == old(count))
    before = count
    bump()
    return before

def both(n: int) -> bool:
    ensures(lambda r: r)
    return (count, bump(), count) == (old_count(), old_count() + 1, old_count() + 1) or True

def old_count() -> int:
    return 0
"""
    )

    assert found["left_first"] == found["kept"] == []


def test_an_invariant_of_a_class_may_not_depend_on_state():
    found = verdicts(
        """
        limit = 3
        seen: list[int] = []

        @pure
        def highest() -> int:
            return limit

        class A:
            def __init__(self) -> None:
                self.n = 1

            def __invariant__(self) -> bool:
                return self.n <= highest()

            def get(self) -> int:
                ensures(lambda r: r <= limit)
                return self.n

        def lower() -> None:
            ensures(True)
            global limit
            limit = 0
        """
    )

    [(_, text)] = found["A.get"]
    assert "depends on variables of a module" in text


def test_an_attribute_is_no_variable_of_the_same_name():
    found = verdicts(
        """
        n = 0
        for n in range(3):
            pass

        class A:
            def __init__(self) -> None:
                self.n = 1

            def __invariant__(self) -> bool:
                return self.n >= 1

            def get(self) -> int:
                ensures(lambda r: r >= 1)
                return self.n
        """
    )

    assert found["A.get"] == []


def test_an_invariant_may_not_depend_on_state_of_another_module():
    found = of_program(
        "m",
        other="limit = 3\ndef lower() -> None:\n    global limit\n    limit = 0\n",
        m="import other\nclass A:\n    def __init__(self) -> None:\n        self.n = 1\n    def __invariant__(self) -> bool:\n"
        "        return self.n <= other.limit\n    def get(self) -> int:\n        ensures(lambda r: r <= other.limit)\n"
        "        return self.n\n",
    )

    [(_, text)] = found["A.get"]
    assert "depends on variables of a module" in text


def test_a_pure_method_that_reads_state_has_no_fixed_value():
    found = verdicts(
        COUNTER
        + """
class A:
    @pure
    def size(self, n: int) -> int:
        requires(n >= 0)
        ensures(lambda r: True)
        total = 0
        for i in range(n):
            total += count
        return total

@pure
def through(a: A, n: int) -> int:
    requires(n >= 0)
    ensures(lambda r: True)
    total = 0
    for i in range(n):
        total += a.size(i)
    return total

def same(a: A) -> None:
    before = through(a, 3)
    bump()
    check(through(a, 3) == before)
"""
    )

    assert found["same"] != []
