"""Contracts written for Nagini, read from the text alone: permissions become frames."""

import ast

import pytest
from readings import messages, shown

from probatum.python.program import Function, Module, Syntax
from probatum.python.reading import read_module

IMPORTS = """\
from nagini_contracts.contracts import *
from nagini_contracts.obligations import MustTerminate
from nagini_contracts.thread import Thread
from nagini_contracts.lock import Lock
from nagini_contracts.adt import ADT
from typing import List, Optional

class C:
    def __init__(self) -> None:
        Ensures(Acc(self.f) and self.f == 0)
        self.f = 0

"""


def read(text: str) -> Module:
    return read_module(IMPORTS + text, "m.py")


def function(text: str, name: str = "f") -> Function:
    return read(text).functions[name]


def claiming(*lines: str, parameters: str = "x: C, y: C, l: List[C], n: int", returns: str = "None") -> Function:
    body = "".join(f"    {line}\n" for line in lines)
    return function(f"def f({parameters}) -> {returns}:\n{body}")


def body(one: Function) -> str:
    return "\n".join(map(ast.unparse, one.body))


def test_calls_anywhere_at_the_top_of_a_body_are_the_contract():
    one = function('''
def f(x: C, n: int) -> int:
    """Adds."""
    Requires(Acc(x.f) and n > 0)
    x.f += n
    Ensures(Acc(x.f) and x.f == Old(x.f) + n)
    Ensures(Result() == x.f)
    return x.f
''')

    assert one.contract.syntax is Syntax.NAGINI
    assert shown(one.contract.requires) == ["n > 0"]
    assert shown(one.contract.ensures) == ["x.f == __old__(x.f) + n", "__result__ == x.f"]
    assert shown(one.contract.modifies) == shown(one.contract.gives) == ["x.f"]
    assert one.contract.reads == ()
    assert body(one) == "x.f += n\nreturn x.f"
    assert one.problems == ()


def test_a_function_that_claims_nothing_may_touch_nothing():
    one = function("def f(x: C) -> int:\n    return x.f\n")

    assert one.contract.syntax is Syntax.NAGINI
    assert one.contract.modifies == one.contract.reads == one.contract.gives == ()


@pytest.mark.parametrize(
    ("assertions", "modifies", "reads"),
    [
        (["Acc(x.f)"], ["x.f"], []),
        (["Acc(x.f, 1)"], ["x.f"], []),
        (["Acc(x.f, 1/2)"], [], ["x.f"]),
        (["Acc(x.f, 1/2)", "Acc(x.f, 1/2)"], ["x.f"], []),
        (["Acc(x.f, 0/1)"], [], []),
        (["Acc(x.f, ARP())"], [], ["x.f"]),
        (["Rd(x.f)", "Wildcard(y.f)"], [], ["x.f", "y.f"]),
        (["list_pred(l)"], ["l"], []),
        (["Acc(list_pred(l), 1/10)"], [], ["l"]),
        (["x is not None and (n > 0 and Acc(x.f))"], ["x.f"], []),
        (["Implies(n > 0, Acc(x.f))"], ["__implies__(n > 0, x.f)"], []),
        (["Acc(x.f) if n > 0 else Rd(y.f)"], ["__implies__(n > 0, x.f)"], ["__implies__(not n > 0, y.f)"]),
        (["Forall(l, lambda e: Acc(e.f))"], ["__forall__(l, lambda e: e.f)"], []),
        (["Implies(n > 0, Forall(l, lambda e: Acc(e.f)))"], ["__implies__(n > 0, __forall__(l, lambda e: e.f))"], []),
        (["Let(x, bool, lambda c: Acc(c.f) and c.f > 0)"], ["x.f"], []),
        (["Acc(g)"], ["__variable__(g)"], []),
        (["Acc(D.shared)"], ["__variable__(D.shared)"], []),
    ],
)
def test_permissions_at_entry_are_what_may_be_changed_or_looked_at(assertions: list[str], modifies: list[str], reads: list[str]):
    lines = "".join(f"    Requires({a})\n" for a in assertions)
    one = function(
        f"g = 1\n\nclass D:\n    shared = 1\n\ndef f(x: C, y: C, l: List[C], n: int) -> None:\n    global g\n{lines}    g = 2\n"
    )

    assert shown(one.contract.modifies) == modifies
    assert shown(one.contract.reads) == reads
    assert one.problems == ()


def test_what_is_claimed_besides_permissions_stays_in_its_order():
    one = claiming("Requires(x is not None and Acc(x.f) and x.f > 0 and Implies(n > 0, Acc(y.f) and y.f == n))")

    assert shown(one.contract.requires) == [
        "x is not None and x.f > 0 and __implies__(n > 0, y.f == n)",
        "__implies__(n > 0, __separate__(y, x))",
    ]


@pytest.mark.parametrize(
    ("assertions", "separate"),
    [
        (["Acc(x.f) and Acc(y.f)"], ["__separate__(x, y)"]),
        (["Acc(x.f)", "Acc(y.g)"], []),
        (["Acc(x.f, 1/2)", "Acc(y.f, 1/2)"], []),
        (["Acc(x.f, 2/3)", "Acc(y.f, 2/3)"], ["__separate__(y, x)"]),
        (["Acc(x.f)", "Acc(y.f, 1/2)"], ["__separate__(y, x)"]),
        (["Acc(x.f)", "Acc(x.f)"], ["__separate__(x, x)"]),  # nobody can have this: the precondition is false
        (["Acc(x.f, 2/3)", "Acc(x.f, 2/3)"], ["__separate__(x, x)"]),
        (["Acc(x.f, 3/2)"], ["__separate__(x, x)"]),
        (
            ["Acc(y.f)", "Implies(x is not None, Forall(l, lambda x: Acc(x.f)))"],  # two things that are called `x`
            ["__implies__(x is not None, __forall__(l, lambda x__1: __separate__(x__1, y)))"],
        ),
        (["Rd(x.f)", "Acc(y.f)"], ["__separate__(x, y)"]),
        (["Rd(x.f)", "Acc(y.f, 1/2)"], []),  # how much `Rd` is, nobody says
        (["Acc(x.f)", "Forall(l, lambda e: Acc(e.f))"], ["__forall__(l, lambda e__1: __separate__(e__1, x))"]),
        (
            ["Forall(int, lambda i: Implies(0 <= i and i < len(l), Acc(l[i].f)))"],
            [
                (
                    "__forall__(int, lambda i__1: __implies__(0 <= i__1 and i__1 < len(l), __forall__(int, lambda i__2: "
                    "__implies__(0 <= i__2 and i__2 < len(l), __implies__(i__1 != i__2, __separate__(l[i__1], l[i__2]))))))"
                )
            ],
        ),
    ],
)
def test_permissions_that_exceed_one_are_to_several_objects(assertions: list[str], separate: list[str]):
    one = claiming(*(f"Requires({a})" for a in assertions))

    assert shown(one.contract.requires) == separate
    assert one.problems == ()


@pytest.mark.parametrize(
    ("before", "after", "ensures", "gives"),
    [
        ("Acc(x.f)", "Acc(x.f)", [], ["x.f"]),
        ("Acc(x.f)", "True", ["True"], []),
        ("Acc(x.f)", "Acc(x.f, 1/2)", [], ["__readable__(x.f)"]),
        ("Acc(x.f, 1/2)", "Acc(x.f)", ["__writable__(x.f)"], ["x.f"]),
        ("True", "Acc(Result().f)", ["__writable__(__result__.f)"], ["__result__.f"]),
        ("True", "Acc(list_pred(Result()))", ["__writable__(__result__)"], ["__result__"]),
        ("Acc(x.g) and Acc(x.g.f)", "Acc(x.g) and Acc(x.g.f)", ["__writable__(x.g.f)"], ["x.g", "x.g.f"]),
        ("Implies(n > 0, Acc(x.f))", "Acc(x.f)", ["__writable__(x.f)"], ["x.f"]),
        (
            "Implies(n > 0, Acc(x.f))",
            "Implies(n > 0, Acc(x.f))",
            ["__implies__(n > 0, __writable__(x.f))"],
            ["__implies__(n > 0, x.f)"],
        ),
    ],
)
def test_what_is_given_back_was_there_or_is_new(before: str, after: str, ensures: list[str], gives: list[str]):
    one = claiming(f"Requires({before})", f"Ensures({after})")

    assert shown(one.contract.ensures) == ensures
    assert shown(one.contract.gives) == gives


def test_a_claim_that_there_is_an_object_comes_before_what_may_be_done_with_it():
    one = claiming("Ensures(Result() is not None and Acc(Result().f))", returns="Optional[C]")

    assert shown(one.contract.ensures) == ["__result__ is not None", "__writable__(__result__.f)"]


def test_a_constructor_gives_what_it_says():
    init = read("").classes["C"].methods["__init__"]

    assert shown(init.contract.ensures) == ["self.f == 0", "__writable__(self.f)"]
    assert shown(init.contract.gives) == ["self.f"]


def test_exceptions_and_what_they_give_back():
    one = claiming(
        "Requires(Acc(x.f))",
        "Exsures(ValueError, Acc(x.f) and x.f == 1)",
        "Exsures(KeyError, Acc(RaisedException().code) and RaisedException().code > 0)",
    )

    value, key = one.contract.raises
    assert ast.unparse(value.exception) == "ValueError"
    assert shown(value.ensures) == ["x.f == 1"]
    assert shown(value.gives) == ["x.f"]
    assert shown(key.ensures) == ["__exception__.code > 0", "__writable__(__exception__.code)"]
    assert shown(key.gives) == ["__exception__.code"]
    assert not one.contract.any_raise
    assert not value.exact


def test_permissions_of_pure_functions_are_to_read():
    one = function("@Pure\ndef f(x: C) -> int:\n    Requires(Acc(x.f))\n    Requires(Rd(x.g))\n    return x.f\n")

    assert one.pure
    assert one.contract.modifies == ()
    assert shown(one.contract.reads) == ["x.f", "x.g"]
    assert one.contract.gives is None


@pytest.mark.parametrize(
    ("decorator", "attribute"), [("Pure", "pure"), ("Opaque", "opaque"), ("Ghost", "ghost"), ("ContractOnly", "stub")]
)
def test_decorators_say_what_a_function_is_for(decorator: str, attribute: str):
    one = function(f"@{decorator}\ndef f(n: int) -> int:\n    return n\n")

    assert [getattr(one, a) for a in ("pure", "opaque", "ghost", "stub")].count(True) == 1
    assert getattr(one, attribute)


@pytest.mark.parametrize(
    ("written", "meaning"),
    [
        ("ResultT(int) > 0", "__result__ > 0"),
        ("Forall(int, lambda i: (Implies(i > 0, i > n), [[i]]))", "__forall__(int, lambda i: __implies__(i > 0, i > n))"),
        ("Forall2(int, C, lambda i, c: c is not x)", "__forall__(int, lambda i: __forall__(C, lambda c: c is not x))"),
        ("Exists(l, lambda e: e is x)", "__exists__(l, lambda e: e is x)"),
        ("Let(n + 1, int, lambda m: m > n)", "__let__(n + 1, lambda m: m > n)"),
        ("ToSeq(l) == PSeq(x, y)", "__sequence__(l) == __sequence__((x, y))"),
        ("ToMS(ToSeq(l)) == PMultiset(x)", "__multiset__(__sequence__(l)) == __multiset__((x,))"),
        ("len(PSet(1, 2)) == 2", "len(__set__((1, 2))) == 2"),
        ("Reveal(h(n)) == Old(h(n))", "__reveal__(h(n)) == __old__(h(n))"),
        ("isNaN(1.5)", "__let__(1.5, lambda f: f != f)"),
        ("(Old(n) if n else Result()) > 0", "(__old__(n) if n else __result__) > 0"),
    ],
)
def test_terms_have_a_normal_form(written: str, meaning: str):
    one = function(
        f"@Pure\n@Opaque\ndef h(n: int) -> int:\n    return n\n\ndef f(x: C, y: C, l: List[C], n: int) -> int:\n    Ensures({written})\n    return n\n"
    )

    assert shown(one.contract.ensures) == [meaning]
    assert one.problems == ()


def test_a_postcondition_may_name_the_result():
    assert shown(claiming("Ensures(int, lambda r: r > n)", returns="int").contract.ensures) == ["__result__ > n"]


def test_loops_keep_what_their_invariants_say_and_touch_nothing_else():
    one = function("""
def f(x: C, y: C, l: List[int]) -> None:
    Requires(Acc(x.f) and Acc(y.g, 1/2) and Acc(list_pred(l)))
    cur = x
    while x.f < 3:
        Invariant(Acc(x.f) and Acc(y.g, 1/2) and x.f <= 3)
        Invariant(Acc(cur.f))
        Decreases(3 - x.f)
        cur = x
        x.f += 1
    for e in l:
        Invariant(len(Previous(e)) >= 0)
        Assert(e == e)
""")

    first, second = one.loops
    assert [type(n).__name__ for n in (first, second)] == ["While", "For"]
    assert all(any(n is loop for s in one.body for n in ast.walk(s)) for loop in one.loops)
    loop = one.loops[first]
    assert shown(loop.invariants) == ["x.f <= 3", "__writable__(cur.f)", "__separate__(x, cur)"]
    assert shown(loop.modifies) == ["x.f", "cur.f"]
    assert shown(loop.reads) == ["y.g"]
    assert shown(loop.decreases) == ["3 - x.f"]
    assert shown(one.loops[second].invariants) == ["len(__seen__(e)) >= 0"]
    assert one.loops[second].modifies == ()
    assert shown(one.loops[second].reads) == ["l"]  # the iterator looks at it
    assert body(one) == "cur = x\nwhile x.f < 3:\n    cur = x\n    x.f += 1\nfor e in l:\n    __check__(e == e)"


def test_termination_is_claimed_only_where_it_is_said():
    nothing = claiming("pass")
    measured, pair, assumed = (
        function(f"@Pure\ndef f(n: int) -> int:\n    Decreases({measure})\n    return n\n")
        for measure in ("n, n > 0", "(n, 2)", "None")
    )

    assert nothing.contract.may_diverge
    assert nothing.contract.decreases is None
    assert shown(measured.contract.decreases) == ["__implies__(n > 0, n)"]
    assert not measured.contract.may_diverge
    assert shown(pair.contract.decreases) == ["n", "2"]
    assert [c.trusted for c in assumed.contract.decreases] == [True]


def test_statements_for_proofs_have_a_normal_form():
    one = claiming(
        "Requires(Acc(x.f))", "Assert(n > 0)", "Assume(n > 1)", "assert Forall(l, lambda e: e is x)", "Assert(Acc(x.f))"
    )

    assert (
        body(one) == "__check__(n > 0)\n__assume__(n > 1)\nassert __forall__(l, lambda e: e is x)\n__check__(__writable__(x.f))"
    )


def test_clauses_are_where_the_author_wrote_them():
    one = claiming("Requires(Acc(x.f) and", "         x.f > 0)", "Ensures(Result() > 0)", returns="int")

    [requires], [ensures] = one.contract.requires, one.contract.ensures
    first = len(IMPORTS.split("\n")) + 1
    assert (requires.place.line, requires.place.column) == (first, 14)
    assert requires.text == "Acc(x.f) and x.f > 0"
    assert (ensures.place.line, ensures.text) == (first + 2, "Result() > 0")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Fold(p(x))", "predicates (`Fold`)"),
        ("Unfold(p(x))", "predicates (`Unfold`)"),
        ("Requires(p(x))", "predicates (`p`)"),
        ("Requires(Acc(p(x)))", "predicates (`p`)"),
        ("Requires(Acc(x.P()))", "predicates (`x.P()`)"),
        ("n = Unfolding(p(x), x.f)", "predicates (`Unfolding`)"),
        ("Ensures(MustTerminate(1))", "an obligation in a postcondition"),
        ("t = Thread(None, f)", "threads (`Thread`)"),
        ("Requires(Low(n))", "information flow (`Low`)"),
        ("Refute(Acc(x.f))", "permissions that must not be there (`Refute(Acc(...))`)"),
        ("Requires(MaySet(x, str(n)))", "`MaySet` of an attribute whose name is no constant"),
        ("Requires(Acc(x.f) or n > 0)", "a permission within `boolop`: `Acc(x.f) or n > 0`"),
        ("Requires(not Acc(x.f))", "a permission within `unaryop`: `not Acc(x.f)`"),
        ("Requires(Acc(x.f, 1/n))", "a permission whose amount is no constant: `1/n`"),
        ("Requires(Acc(n))", "a permission to `n`"),
        ("Assume(Acc(x.f))", "permissions that are assumed (`Assume(Acc(...))`)"),
        (
            "Requires(Let(x, C, lambda c: Forall(C, lambda x: Acc(c.f))))",
            "`Let` around a permission, where `x` would be captured",
        ),
        (
            "Requires(Let(x, C, lambda c: Forall(C, lambda c: Acc(c.f))))",
            "`Let` around a permission, where `c` would be captured",
        ),
        ("Requires(Forall(int, h))", "`Forall` whose condition is no lambda"),
        ("n = [Result for Result in [1]][0]", "a lambda or comprehension that hides `Result` of Nagini"),
    ],
)
def test_what_is_no_frame_is_refused_by_name(line: str, message: str):
    one = function(f"""
@Predicate
def p(x: C) -> bool:
    return Acc(x.f)

@Pure
def h(n: int) -> bool:
    return n > 0

def f(x: C, n: int) -> None:
    {line}
""")

    assert message in messages(one)
    assert all(p.unsupported for p in one.problems)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def f(x: C) -> None:\n    b = Acc(x.f)\n", "a permission outside of a contract: `Acc(x.f)`"),
        (
            "def f(n: int) -> None:\n    if n > 0:\n        Requires(n > 1)\n",
            "`Requires` that is no statement of its own, in a function or at the start of a loop",
        ),
        (
            "def f(n: int) -> None:\n    Assert(Assert(n > 1))\n",
            "`Assert` that is no statement of its own, in a function or at the start of a loop",
        ),
        ("def f(n: int) -> None:\n    Ensures(n > 1)\n    Requires(n > 1)\n", "`Requires` after `Ensures`"),
        (
            "def f(n: int) -> None:\n    while n:\n        n -= 1\n        Invariant(n > 1)\n",
            "`Invariant` after other statements of the loop",
        ),
        ("def f(n: int) -> None:\n    Decreases(n)\n", "`Decreases` of a function that is not pure"),
        ("@Pure\ndef f(n: int) -> int:\n    Exsures(ValueError, True)\n    return n\n", "a pure function raises no exceptions"),
        ("def f(n: int) -> None:\n    Ensures(Result() is None)\n", "the result of a function that returns nothing"),
        ("def f(n: int) -> bool:\n    Ensures(int, lambda r: r > 0)\n    return True\n", "the result is `bool`, not `int`"),
        ("def f(n: int) -> bool:\n    Ensures(ResultT(int) > 0)\n    return True\n", "the result is `bool`, not `int`"),
        ("def f(n: int) -> None:\n    for i in [n]:\n        Invariant(len(Previous(n)) > 0)\n", "`n` is no target of a loop"),
        ("@Opaque\ndef f(n: int) -> int:\n    return n\n", "only pure functions can be opaque"),
        (
            "@Pure\ndef h() -> int:\n    return 1\n\ndef f() -> None:\n    a = Reveal(h())\n",
            "`h` hides nothing that could be revealed",
        ),
        ("def f() -> None:\n    a = Reveal(1)\n", "`Reveal(1)` reveals no function"),
        ("a = 1\n\ndef f() -> None:\n    Requires(Acc(a))\n", "`a` never changes, so there is no permission to it"),
    ],
)
def test_what_nagini_itself_rejects_is_a_mistake(text: str, message: str):
    one = function(text)

    assert message in messages(one)
    assert [p.unsupported for p in one.problems if p.message == message] == [False]


def test_a_contract_outside_of_functions_is_a_mistake_of_the_module():
    assert "`Requires` outside of a function" in messages(read("Requires(True)\n"))


def test_predicates_threads_and_data_types_are_refused_where_they_are_defined():
    module = read("""
@Predicate
def p(x: C) -> bool:
    return Acc(x.f)

@Inline
def i(n: int) -> int:
    return n

class T(ADT):
    pass

class L(Lock[C]):
    @Predicate
    def invariant(self) -> bool:
        return True

    def m(self) -> None:
        Requires(self.invariant())
""")

    assert messages(module.functions["p"]) == ["a predicate (`@Predicate`)"]
    assert module.functions["i"].inline
    assert messages(module.classes["T"]) == []
    assert "locks (`Lock`)" in messages(module.classes["L"])
    assert messages(module.classes["L"].methods["m"]) == ["predicates (`self.invariant`)"]


def test_a_module_without_the_library_is_not_read_for_it():
    module = read_module("def Requires(b: bool) -> None:\n    pass\n\ndef f(n: int) -> None:\n    Requires(n > 0)\n", "m.py")

    assert module.functions["f"].contract.syntax is Syntax.NONE


@pytest.mark.parametrize("imports", ["import nagini_contracts.contracts as nc", "from nagini_contracts import contracts as nc"])
def test_the_library_may_have_another_name(imports: str):
    one = read_module(
        f"{imports}\n\ndef f(n: int) -> int:\n    nc.Requires(n > 0)\n    nc.Ensures(nc.Result() > 0)\n    return n\n", "m.py"
    )

    assert shown(one.functions["f"].contract.requires) == ["n > 0"]
    assert shown(one.functions["f"].contract.ensures) == ["__result__ > 0"]
