"""Contracts in `probatum.spec`, read from the text alone, and plain asserts."""

import ast

import pytest
from readings import messages, shown

import probatum.spec
from probatum.python.program import Function, Module, Syntax
from probatum.python.reading import read_module
from probatum.python.scopes import registered_exports

IMPORTS = """\
from probatum.spec import (
    requires, ensures, raises, modifies, reads, decreases, invariant, old, result, forall, exists, implies, check, assume,
    ghost, reveal, multiset, fresh, pure, lemma, opaque, contract, trusted, class_invariant,
)
"""


def read(text: str) -> Module:
    return read_module(IMPORTS + text, "m.py")


def function(text: str, name: str = "f") -> Function:
    return read(text).functions[name]


def body(one: Function) -> str:
    return "\n".join(map(ast.unparse, one.body))


def test_calls_at_the_start_are_the_contract_and_leave_the_body():
    one = function('''
def f(a: list[int], k: int) -> int:
    """Finds."""
    requires(len(a) > 0, k in a)
    ensures(lambda r: a[r] == k)
    modifies(a)
    reads(k)
    decreases(len(a), k)
    return a.index(k)
''')

    assert one.contract.syntax is Syntax.NATIVE
    assert shown(one.contract.requires) == ["len(a) > 0", "k in a"]
    assert shown(one.contract.ensures) == ["a[__result__] == k"]
    assert shown(one.contract.modifies) == ["a"]
    assert shown(one.contract.reads) == ["k"]
    assert shown(one.contract.decreases) == ["len(a)", "k"]
    assert body(one) == "return a.index(k)"
    assert one.problems == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("lambda r: r > x", "__result__ > x"),
        ("lambda: old(x) == x", "__old__(x) == x"),
        ("result() > 0", "__result__ > 0"),
        ("result(int) > 0", "__result__ > 0"),
        ("lambda r: forall(range(r), lambda i: i < r)", "__forall__(range(__result__), lambda i: i < __result__)"),
        ("lambda r: forall(range(9), lambda r: r < 9)", "__forall__(range(9), lambda r: r < 9)"),
        ("lambda r: implies(r > 0, lambda: x > 0)", "__implies__(__result__ > 0, x > 0)"),
        ("exists(int, lambda i: i * i == x)", "__exists__(int, lambda i: i * i == x)"),
        (
            "forall(range(x), range(3), lambda i, j: i < j)",
            "__forall__(range(x), lambda i: __forall__(range(3), lambda j: i < j))",
        ),
        ("forall(xs, str.isdigit)", "__forall__(xs, lambda item: str.isdigit(item))"),
        ("multiset(xs) == multiset(old(xs))", "__multiset__(xs) == __multiset__(__old__(xs))"),
        ("lambda r: fresh(r)", "__fresh__(__result__)"),
    ],
)
def test_every_way_of_writing_a_condition_has_one_normal_form(written, meant):
    one = function(f"def f(x: int, xs: list[str]):\n    ensures({written})\n    return x\n")

    assert shown(one.contract.ensures) == [meant]
    assert one.problems == ()


def test_a_clause_keeps_the_place_and_the_words_of_the_author():
    one = function("def f(é: str) -> str:\n    requires(é == 'ü', len(é)\n       > 0)  # no more\n    return é\n")

    first, second = one.contract.requires
    line = IMPORTS.count("\n") + 2
    assert (first.place.line, first.place.column, first.place.end_column) == (line, 14, 22)
    assert first.text == "é == 'ü'"
    assert (second.place.line, second.place.end_line) == (line, line + 1)
    assert second.text == "len(é) > 0"


def test_exceptions_may_say_when_and_what_holds_then():
    one = function("""
def f(x: int, seen: list[int]) -> int:
    raises(ValueError, when=x < 0, ensures=lambda e: len(seen) == old(len(seen)) and str(e) == "negative")
    raises((KeyError, IndexError))
    return x
""")

    first, second, third = one.contract.raises
    assert ast.unparse(first.exception) == "ValueError"
    assert shown([first.when]) == ["x < 0"]
    assert shown(first.ensures) == ["len(seen) == __old__(len(seen)) and str(__exception__) == 'negative'"]
    assert [ast.unparse(r.exception) for r in (second, third)] == ["KeyError", "IndexError"]
    assert second.when is None
    assert one.problems == ()


def test_nothing_may_change_and_nobody_said_what_may_are_different():
    assert function("def f(x: int):\n    modifies()\n    return x\n").contract.modifies == ()
    assert function("def f(x: int):\n    requires(x > 0)\n    return x\n").contract.modifies is None


def test_a_function_may_leave_its_termination_open():
    contract = function("def f(x: int):\n    decreases(None)\n    return x\n").contract

    assert contract.may_diverge
    assert contract.decreases is None


def test_loops_have_contracts_of_their_own():
    one = function("""
def f(n: int) -> int:
    i = 0
    while i < n:
        invariant(0 <= i, i <= n)
        invariant(lambda: i >= 0)
        decreases(n - i)
        i += 1
    for j in range(n):
        invariant(j >= 0)
        modifies(j)
    return i
""")

    loop, other = one.body[1:3]
    assert shown(one.loops[loop].invariants) == ["0 <= i", "i <= n", "i >= 0"]
    assert shown(one.loops[loop].decreases) == ["n - i"]
    assert ast.unparse(loop) == "while i < n:\n    i += 1"
    assert one.loops[other].decreases is None
    assert shown(one.loops[other].modifies) == ["j"]
    assert [type(s) for s in other.body] == [ast.Pass]
    assert set(one.loops) == {loop, other}


def test_statements_for_proofs_are_in_normal_form():
    one = function("""
@pure
@opaque
def g(x: int) -> int:
    return x

def f(x: int) -> int:
    check(x == x, x >= x, "told if it fails")
    assume(x > 0)
    reveal(g)
    y = ghost(x + 1)
    with ghost():
        check(y > x)
    return x
""")

    assert body(one).splitlines() == [
        "__check__(x == x)",
        "__check__(x >= x)",
        "__assume__(x > 0)",
        "__reveal__(g)",
        "y = __ghost__(x + 1)",
        "with __ghost__():",
        "    __check__(y > x)",
        "return x",
    ]
    assert one.problems == ()


def test_decorators_say_what_a_function_is_for():
    module = read("""
@pure
def p(x: int) -> int: return x
@lemma
def l(x: int): pass
@opaque
@pure
def o(x: int) -> int: return x
@ghost
def g(x: int): pass
@trusted
def t(x: int) -> int:
    ensures(lambda r: r > x)
    return magic(x)
""")

    f = module.functions
    assert (f["p"].pure, f["p"].opaque, f["p"].ghost) == (True, False, False)
    assert (f["l"].lemma, f["l"].ghost) == (True, True)
    assert (f["o"].pure, f["o"].opaque) == (True, True)
    assert f["g"].ghost
    assert not f["g"].lemma
    assert f["t"].stub


@pytest.mark.parametrize(
    "imports",
    [
        "from probatum.spec import *",
        "import probatum.spec as s\nrequires = s.requires",
        "from probatum import spec\nfrom probatum.spec import requires",
    ],
)
def test_names_are_followed_through_imports_and_aliases(imports):
    one = read_module(f"{imports}\ndef f(x: int) -> int:\n    requires(x > 0)\n    return x\n", "m.py").functions["f"]

    assert shown(one.contract.requires) == ["x > 0"]


def test_a_name_that_only_looks_like_the_library_is_no_contract():
    one = read_module("def requires(b): ...\ndef f(x: int) -> int:\n    requires(x > 0)\n    return x\n", "m.py").functions["f"]
    hidden = function("def f(requires, x: int):\n    requires(x > 0)\n    return x\n")

    assert one.contract.syntax is Syntax.NONE
    assert hidden.contract.syntax is Syntax.NONE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("    y = 1\n    requires(x > 0)", "`requires` must be at the start of the function, before anything else"),
        ("    while x:\n        x -= 1\n        invariant(x > 0)", "`invariant` must be at the start of a loop's body"),
        ("    invariant(x > 0)", "`invariant` must be at the start of a loop's body"),
        ("    y = requires(x > 0)", "`requires` must be a statement of its own"),
        ("    if x:\n        ensures(lambda r: r)", "`ensures` must be at the start of the function, before anything else"),
        ("    y = old(x)", "`old` must be a part of a condition: the program itself has no such value"),
        ("    check(result() > 0)", "`result` is known only when the function is over"),
        ("    requires()", "`requires` says nothing"),
        ("    requires(*xs)", "the conditions of `requires` must be written out"),
        ("    requires(x > 0, when=x)", "`requires` does not take `when`"),
        ("    ensures(lambda a, b: a)", "the lambda of `ensures` takes at most one parameter"),
        ("    requires(forall(xs))", "`forall` takes what it ranges over, then a condition"),
        (
            "    requires(forall(xs, lambda a, b: a))",
            "the condition of `forall` must take one parameter for each thing it ranges over",
        ),
        ("    requires(implies(x > 0))", "`implies` takes 2 arguments"),
        ("    decreases(x)\n    decreases(x)", "`decreases` is said twice"),
        ("    requires((y := x) > 0)", "a contract must not assign: `y := ...`"),
        ("    requires(xs.pop() > 0)", "a contract must not change anything: `.pop()` does"),
        ("    requires(lambda: print(x))", "a contract must not have side effects: `print()` has"),
        ("    ensures(lambda r: (yield r))", "a contract must not use `yield`"),
        ("    requires(z > 0)", "the contract names `z`, which is not defined"),
        (
            "    ensures(lambda r: r == y)\n    y = 1",
            "the contract names `y`, a variable of the body, which has no value where the contract is evaluated",
        ),
        (
            "    while x:\n        invariant(xs.append(x) is None)\n        x -= 1",
            "a contract must not change anything: `.append()` does",
        ),
    ],
)
def test_a_contract_that_cannot_mean_anything_is_a_mistake(text, message):
    one = function(f"def f(x: int, xs: list[int]):\n{text}\n    return x\n")

    assert message in messages(one)
    assert all(not p.unsupported and p.function == "m.f" for p in one.problems)


def test_the_variables_of_the_body_are_known_in_loops_and_lambdas():
    one = function("""
def f(xs: list[int]) -> int:
    requires(all(x > 0 for x in xs), forall(xs, lambda x: x > 0))
    total = 0
    for x in xs:
        invariant(total >= 0)
        total += x
    return total
""")

    assert one.problems == ()


def test_invariants_of_classes_are_about_self():
    one = read("""
@class_invariant(lambda it: it.low <= it.high)
class Interval:
    low: int
    high: int
    def __invariant__(this) -> bool:
        return this.low >= 0 and forall(range(this.low), lambda i: i < this.high)
    def size(self) -> int:
        return self.high - self.low
""").classes["Interval"]

    assert shown(one.invariants) == [
        "self.low <= self.high",
        "self.low >= 0",
        "__forall__(range(self.low), lambda i: i < self.high)",
    ]
    assert list(one.methods) == ["size"]
    assert one.syntax is Syntax.NATIVE


def test_loops_may_be_native_where_the_contract_is_in_another_syntax():
    one = read("""
import icontract
@icontract.require(lambda n: n > 0)
@icontract.ensure(lambda result: result >= 0)
@pure
def f(n: int) -> int:
    i = 0
    while i < n:
        invariant(i <= n)
        i += 1
    return i
""").functions["f"]

    assert one.contract.syntax is Syntax.ICONTRACT
    assert shown(one.contract.requires) == ["n > 0"]
    assert [shown(c.invariants) for c in one.loops.values()] == [["i <= n"]]
    assert one.pure
    assert set(one.loops) <= set(one.body)
    assert one.problems == ()


def test_a_contract_in_two_syntaxes_is_not_approximated():
    one = read("""
import icontract
@icontract.require(lambda n: n > 0)
def f(n: int) -> int:
    requires(n > 1)
    return n
""").functions["f"]

    assert messages(one) == ["contracts in two syntaxes on one function: probatum.spec and icontract"]


def test_a_function_that_is_only_named_is_called():
    """As at run time: that it exists is no reason to take it for true."""
    module = read("""
import other
def good(r: int) -> bool: return r > 0
def ready() -> bool: return True
def f(flag: bool) -> int:
    requires(ready, flag)
    ensures(good)
    check(ready)
    return 1
@class_invariant(good)
class C: pass
def g() -> int:
    requires(other.ready)
    return 1
""")

    f, g = module.functions["f"], module.functions["g"]
    assert shown(f.contract.requires) == ["ready()", "flag"]
    assert shown(f.contract.ensures) == ["good(__result__)"]
    assert body(f).startswith("__check__(ready())")
    assert shown(module.classes["C"].invariants) == ["good(self)"]
    assert f.problems == ()
    assert [(p.message, p.unsupported) for p in g.problems] == [
        ("the condition `other.ready`, which may be a function that is to be called", True)
    ]


def test_a_text_is_no_condition():
    assert "`requires` takes conditions, and this is a text" in messages(function("def f(x: int):\n    requires(x > 0, 'x')\n"))


def test_several_exceptions_under_one_condition_are_not_approximated():
    one = function("def f(x: int):\n    raises(ValueError, KeyError, when=x > 0)\n")

    assert [(p.message, p.unsupported) for p in one.problems] == [
        ("`raises` with `when` and several exceptions: which of them is raised then stays open", True)
    ]


def test_every_name_of_the_library_comes_with_a_star():
    """What is read and what is run are two lists: they are kept the same by this."""
    assert registered_exports("probatum.spec") == set(probatum.spec.__all__)


# Plain asserts


def test_asserts_at_the_start_say_what_a_function_expects():
    one = read_module(
        'def f(x: int) -> int:\n    """Doc."""\n    assert x > 0, "positive"\n    assert x < 9\n    y = x\n    assert y > 0\n    return y\n',
        "m.py",
    )

    f = one.functions["f"]
    assert f.contract.syntax is Syntax.ASSERTS
    assert shown(f.contract.requires) == ["x > 0", "x < 9"]
    assert shown(f.contract.ensures) == ["__result__ > 0"]
    assert body(f) == "y = x\nassert y > 0\nreturn y"


def test_other_asserts_are_claims():
    f = read_module("def f(x: int) -> int:\n    y = x\n    assert y > 0\n    y += 1\n    return y\n", "m.py").functions["f"]

    assert f.contract.syntax is Syntax.NONE
    assert "assert y > 0" in body(f)


def test_asserts_at_the_end_say_what_a_function_promises():
    f = read_module("def f(x: int) -> int:\n    y = x\n    assert y == x\n    return y\n", "m.py").functions["f"]

    assert f.contract.syntax is Syntax.ASSERTS
    assert f.contract.requires == ()
    assert shown(f.contract.ensures) == ["__result__ == x"]
    assert "assert y == x" in body(f)


def test_a_test_that_asserts_has_no_contract_by_that():
    f = read_module("def test_f(x: int) -> None:\n    y = x\n    assert y == x\n", "m.py").functions["test_f"]

    assert f.contract.syntax is Syntax.NONE


@pytest.mark.parametrize(
    "text",
    [
        "def f(x: int) -> int:\n    if x:\n        return 0\n    y = x\n    assert y == x\n    return y\n",  # it may end elsewhere
        "def f(x: int) -> int:\n    y = x\n    x += 1\n    assert y == x - 1\n    return y\n",  # `x` is no longer what was passed
        "def f(x: int) -> int:\n    z = y = x\n    assert y == z\n    return y\n",  # callers know no `z`
        "def f(x: int) -> int:\n    y = x\n    assert print(y) is None\n    return y\n",  # a contract has no effects
    ],
)
def test_callers_know_of_an_assert_at_the_end_only_what_every_call_keeps(text: str):
    f = read_module(text, "m.py").functions["f"]

    assert f.contract.syntax is Syntax.ASSERTS
    assert f.contract.ensures == ()


def test_an_assert_is_a_claim_wherever_the_module_says_otherwise_what_it_expects():
    f = function("def f(x: int) -> int:\n    assert x * x >= 0\n    return x\n")

    assert f.contract.requires == ()
    assert "assert x * x >= 0" in body(f)


def test_what_a_name_is_global_for_stands_before_the_contract_and_stays_in_the_body():
    one = function(
        "count = 0\ndef f() -> None:\n    global count\n    requires(count > 0)\n    modifies(count)\n    count += 1\n"
    )

    assert shown(one.contract.requires) == ["count > 0"]
    assert shown(one.contract.modifies) == ["count"]
    assert body(one) == "global count\ncount += 1"


def test_contracts_outside_of_functions_are_mistakes_that_are_told():
    module = read("requires(1 > 0)\nclass A:\n    invariant(lambda self: self.n > 0)\n    n: int = 1\n")

    assert messages(module) == [
        "`requires` must be in a function or a loop",
        "`invariant` in the body of a class says nothing about its instances",
    ]


def test_an_invariant_of_a_class_that_is_no_condition_is_told():
    assert messages(read('@class_invariant("self.n > 0")\nclass A:\n    n: int = 1\n')) == [
        "an invariant of a class must be a lambda over one instance"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@requires(lambda x: x > 0)\ndef f(x: int): ...", "`requires` is no decorator: above a function it says nothing"),
        (
            "@contract\n@ensures(lambda r: r > 0)\ndef f(x: int): ...",
            "`ensures` is no decorator: above a function it says nothing",
        ),
    ],
)
def test_a_clause_above_a_function_is_a_mistake(text, message):
    one = function(f"{text}\n")
    assert [(p.message, p.unsupported) for p in one.problems] == [(message, False)]


def test_a_clause_above_a_class_is_a_mistake():
    one = read_module(
        "from probatum.spec import invariant\n@invariant(lambda self: self.x > 0)\nclass C:\n    x: int = 1\n", "m.py"
    )
    assert [p.message for p in one.classes["C"].problems] == ["`invariant` is no decorator: above a class it says nothing"]
