"""Contracts in docstrings, read from the text alone."""

import ast
import copy
import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readings import messages, shown

from probatum.python.program import Function, Place, Syntax
from probatum.python.reading import read_module
from probatum.python.scopes import Positions


def function(text: str, name: str = "f") -> Function:
    return read_module(text, "m.py").functions[name]


def test_lines_of_a_docstring_are_the_contract():
    one = function('''
def f(xs: list[int], k: int) -> int:
    """
    Gets one.

    pre: len(xs) > k
    pre:
        k >= 0
        # a comment

        k < 100
    Prose that says no more.
    post: _ in xs
    post: implies(k == 0, __return__ == xs[0])
    raises: ValueError, KeyError
    :raises OSError: never
    """
    return xs[k]
''')

    assert one.contract.syntax is Syntax.PEP316
    assert shown(one.contract.requires) == ["len(xs) > k", "k >= 0", "k < 100"]
    assert shown(one.contract.ensures) == ["__result__ in xs", "__implies__(k == 0, __result__ == xs[0])"]
    assert [ast.unparse(r.exception) for r in one.contract.raises] == ["ValueError", "KeyError", "OSError"]
    assert not one.contract.any_raise
    assert one.contract.modifies is None
    assert one.contract.inherits == "replace"
    assert [ast.unparse(s) for s in one.body] == ["return xs[k]"]
    assert one.problems == ()


@pytest.mark.parametrize(
    "text",
    [
        'def f(x: int) -> int:\n    """pre: x > 0"""\n    return x\n',
        "def f(x: int) -> int:\n    'pre: x > 0'\n    return x\n",
        'def f(x: int) -> int:\n    r"""\n    pre:    x > 0\n    """\n    return x\n',
        'def f(x: int) -> int:\n    """é\u4e2d\n\t:pre:: x > 0   \n    """\n    return x\n',
        'def f(x: int) -> int:\n    """ä pre\n    pre:\n          x > 0"""\n    return x\n',
    ],
)
def test_a_clause_is_where_the_docstring_has_it(text: str):
    [clause] = function(text).contract.requires

    lines = Positions(text).lines
    place = clause.place
    assert place.line == place.end_line
    assert lines[place.line - 1][place.column - 1 : place.end_column - 1] == "x > 0"
    assert clause.text == "x > 0"


def test_a_clause_after_wide_characters_on_its_line_is_placed_in_code_points():
    one = function('def f(x: int) -> int:\n    """\n    pre: "\u4e2d" != "é" and x > 0\n    """\n    return x\n')

    [clause] = one.contract.requires
    assert clause.place == Place(3, 10, 3, 30)


def test_what_may_change_is_named_in_brackets():
    changing = function('def f(a: list[int], b: list[int]) -> None:\n    """\n    post[a, b.x]: True\n    """\n')
    nothing = function('def f(a: list[int], b: list[int]) -> None:\n    """\n    post[]: True\n    """\n')

    assert shown(changing.contract.modifies) == ["__reach__(a)", "__reach__(b)"]
    assert nothing.contract.modifies == ()


@pytest.mark.parametrize(
    ("docstring", "message"),
    [
        ("pre: x >", "the condition `x >` is no Python expression: invalid syntax"),
        ("pre: the number is right", "the condition `the number is right` is no Python expression: invalid syntax"),
        ("pre: __return__ > 0", "`__return__` has a meaning only in postconditions"),
        ("pre[x]: True", "`pre` takes no brackets"),
        ("post[z]: True", "`post[z]` names `z`, which is no parameter"),
        ("post: __old__.z == 1", "`__old__.z`, which is no parameter"),
        ("post: bool(__old__)", "`__old__` as a whole"),
        ("post: x.append(1)", "a contract must not change anything: `.append()` does"),
        ("post: " + "not " * 200 + "x", "a condition that is nested more than 100 deep"),
        ("post: all(__old__.x > 0 for x in [1])", "`__old__.x` where another `x` is bound"),
    ],
)
def test_what_cannot_be_read_is_said_once_and_the_clause_left_out(docstring: str, message: str):
    one = function(f'def f(x: int) -> int:\n    """\n    {docstring}\n    """\n    return x\n')

    assert messages(one).count(message) == 1
    assert message.startswith(("`p", "a contract")) or not (one.contract.requires or one.contract.ensures)


def test_comprehensions_within_comprehensions_end_in_one_clear_problem():
    nested = "len(xs)"
    for i in range(25):
        nested = f"[{nested} for x{i} in __old__.xs]"
    one = function(f'def f(xs: list[int]) -> None:\n    """\n    post: {nested}\n    """\n')

    assert messages(one) == ["comprehensions within comprehensions, too many to tell old values from new"]


def test_prose_is_no_contract():
    one = function(
        'def f(x: int) -> int:\n    """Do it.\n\n    Raises:\n        ValueError: never\n    presto: x\n    """\n    return x\n'
    )

    assert one.contract.syntax is Syntax.NONE


def test_invariants_of_classes():
    module = read_module(
        'class A:\n    """\n    Has one.\n\n    inv: self.x > 0\n    inv:\n        self.x < 9\n    """\n    x: int = 1\n', "m.py"
    )

    assert shown(module.classes["A"].invariants) == ["self.x > 0", "self.x < 9"]
    assert not module.classes["A"].invariants_at_assignments


def test_an_invariant_of_a_module_is_refused():
    module = read_module('"""A module.\n\ninv: x > 0\n"""\nx = 1\n', "m.py")

    assert messages(module) == ["an invariant of a module (`inv:` in its docstring)"]


@pytest.mark.parametrize(
    ("post", "meaning"),
    [
        ("len(xs) == len(__old__.xs) + 1", "len(xs) == __old__(len(xs) + 1)"),
        ("k == __old__.k", "k == __old__(k)"),
        ("xs == __old__.xs", "xs == __old__(__copy__(xs))"),
        ("xs[0] == __old__.xs[0]", "xs[0] == __old__(__copy__(xs[0]))"),
        ("__old__.xs == __old__.ys", "__old__(xs == ys)"),
        ("len(__old__.xs) == len(SHARED)", "__old__(len(xs)) == len(SHARED)"),  # of a variable of the module there is no copy
        ("size(__old__.xs) > 0", "__old__(size(xs) > 0)"),
        (
            "all(len(x) == len(__old__.xs[i]) for i, x in enumerate(xs))",
            "all((len(x) == __old__(len(xs[i])) for i, x in enumerate(xs)))",
        ),
        ("all(x in xs for x in __old__.xs)", "all((x in xs for x in __old__(__copy__(xs))))"),
        (
            "all(len(x) == len(__old__.ys) and x in xs for x in __old__.xs)",
            "all((len(x) == __old__(len(ys)) and x in xs for x in __old__(__copy__(xs))))",
        ),
        ("all(len(x) > 0 for x in __old__.xs)", "__old__(all((len(x) > 0 for x in xs)))"),
        ("sorted(__old__.xs) == __return__", "__old__(__copy__(sorted(xs))) == __result__"),
        (
            "implies(len(__old__.xs) > 0, _ == __old__.xs[-1])",
            "__implies__(__old__(len(xs) > 0), __result__ == __old__(__copy__(xs[-1])))",
        ),
    ],
)
def test_what_looks_at_entry_alone_is_evaluated_at_entry(post: str, meaning: str):
    one = function(
        "SHARED = [1]\n\ndef size(xs: list[list[int]]) -> int:\n    return len(xs)\n\n"
        f'def f(xs: list[list[int]], ys: list[list[int]], k: int) -> list[list[int]]:\n    """\n    post: {post}\n    """\n    return xs\n'
    )

    assert shown(one.contract.ensures) == [meaning]
    assert one.problems == ()


class _Entry(ast.NodeTransformer):
    """Makes `__old__(e)` a call with what `e` means at entry: of what is bound around it, the counterparts."""

    def visit_Call(self, node):
        if isinstance(node.func, ast.Name) and node.func.id == "__old__":
            bound = ast.Call(ast.Name("locals", ast.Load()), [], [])
            return ast.Call(node.func, [ast.Constant(ast.unparse(node.args[0])), bound], [])
        return self.generic_visit(node)


_lists = st.lists(st.lists(st.integers(0, 3), max_size=3), min_size=1, max_size=3)
_conditions = st.sampled_from(
    [
        "len(xs) == len(__old__.xs)",
        "xs == __old__.xs",
        "xs[0] == __old__.xs[0]",
        "len(xs[0]) > len(__old__.xs[0])",
        "all(len(x) == len(__old__.xs[i]) for i, x in enumerate(xs) if i < len(__old__.xs))",
        "all(x in xs for x in __old__.xs)",
        "any(x == y for x in __old__.xs for y in xs)",
        "[len(x) for x in __old__.xs] == [len(x) for x in xs]",
        "__old__.xs[0] + xs[0]",
        "max(len(x) for x in __old__.xs) < len(xs) + k",
        "sorted(__old__.xs) == sorted(xs) and __old__.k == k",
        "(__old__.xs if k else xs)[0] == xs[0]",
        "all(len(x) == len(__old__.xs[0]) and x in xs for x in __old__.xs)",
        "all(y in xs[0] for x in __old__.xs for y in x)",
        "{len(x): x for x in __old__.xs} == {len(x): x for x in xs}",
    ]
)


@functools.cache
def normal_form(condition: str) -> str:
    [read] = shown(
        function(f'def f(xs: list[list[int]], k: int) -> None:\n    """\n    post: {condition}\n    """\n').contract.ensures
    )
    return read


@settings(max_examples=40)
@given(_lists, _lists, st.integers(0, 1), _conditions)
def test_the_normal_form_means_what_copies_made_at_entry_mean(before, after, k, condition):
    """CrossHair's meaning: `__old__` holds deep copies of the arguments. The body changes the lists in place."""
    read = normal_form(condition)
    counterparts: dict[int, object] = {}
    entry = copy.deepcopy(before, counterparts)
    old = type("Old", (), {"xs": copy.deepcopy(before), "k": k})
    kept = list(before)
    for inner, new in zip(before, after, strict=False):
        inner[:] = new
    before[len(after) :] = []

    def at_entry(text, bound):
        names = {n: counterparts.get(id(v), v) for n, v in bound.items() if not n.startswith(".")}
        return eval(text, {"xs": entry, "k": k, "__copy__": copy.deepcopy} | names)  # noqa: S307 - the conditions above

    names = {"xs": before, "k": k, "kept": kept, "__old__": at_entry, "__copy__": copy.deepcopy}
    tree = ast.fix_missing_locations(_Entry().visit(ast.parse(read, mode="eval")))
    meant = eval(condition, {"xs": before, "k": k, "__old__": old})  # noqa: S307 - the conditions above

    got = eval(compile(tree, "read", "eval"), {n: v for n, v in names.items() if n != "xs"} | {"xs": before}, {})  # noqa: S307 - the expression is the one above

    assert bool(got) == bool(meant)


def test_a_method_of_a_class_with_an_invariant_may_raise_what_it_documents() -> None:
    module = read_module(
        '''
class Small:
    """inv: self.n < 8"""

    def __init__(self, n: int) -> None:
        """:raises: ValueError"""
        if n >= 8:
            raise ValueError
        self.n = n
''',
        "small.py",
    )

    (raised,) = module.classes["Small"].methods["__init__"].contract.raises
    assert ast.unparse(raised.exception) == "ValueError"
