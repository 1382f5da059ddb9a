"""Whatever the text, reading ends with a module or with one error that says where; positions lead back into the text."""

import ast
import copy
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probatum.errors import UnreadableArtefact
from probatum.python.program import Class, Clause, Function, Module
from probatum.python.reading import read_module, read_program
from probatum.python.texts import check_compiles, parse

SEEDS = [
    '''
from probatum.spec import *
import probatum.spec as s
from dataclasses import dataclass, field
from typing import *
T = TypeVar("T", bound=int)
Word = Annotated[int, Range(0, 2**32 - 1)]

@class_invariant(lambda it: it.x >= 0)
@dataclass(order=True)
class P(Generic[T]):
    x: Word
    y: list[T] = field(default_factory=list)
    def __invariant__(self) -> bool:
        return self.x > 0 and forall(self.y, lambda q: q != 3)
    @property
    def size(self) -> "int | None":
        """Doc."""
        ensures(result() >= 0, lambda r: implies(r > 0, lambda: old(self.x) == r))
        raises(ValueError, when=self.x < 0, ensures=lambda e: str(e) == "")
        modifies(self); reads(self.y); decreases(self.x)
        while self.x > 0:
            invariant(self.x >= 0, exists(range(9), lambda i: i < self.x))
            s.decreases(self.x)
            check(multiset(self.y) == multiset([])); assume(fresh(self)); reveal(f)
            z = ghost(3)
            with ghost():
                check(z == 3)
        return self.x
@pure
@lemma
def f(a, /, b: UInt8 = 1, *c: str, d=None, **e) -> None: pass
''',
    '''import icontract, deal
from icontract import require, ensure, snapshot, invariant
@icontract.invariant(lambda self: self.n > 0, "positive")
class A(icontract.DBC):
    def __init__(self, n: int) -> None:
        self.n, self.m = n, [1]
    @require(lambda self, x: x > 0, error=ValueError)
    @snapshot(lambda self: self.m[:], name="before")
    @ensure(lambda self, OLD, result: OLD.before == self.m and result > 0)
    def g(self, x: "List[int]" = ()) -> int:
        async def inner(): await x
        return (y := x)
@deal.pre(lambda a, b: a > b, message="m", exception=KeyError)
@deal.ensure(lambda _: _.result > _.a)
@deal.post(lambda r: r)
@deal.raises(ValueError, KeyError)
@deal.has("stdout")
@deal.chain(deal.safe, deal.pure)
def h(a, b):
    global K
    match a:
        case [1, *rest] | {"k": rest}: K = 1
        case A(n=3) as q if q: pass
    try: yield from b
    except (ValueError, KeyError) as error: raise error from None
    else: del a[0]
    finally: b += 1
    return [i for i in a if i for j in i]
''',
    '''
from nagini_contracts.contracts import *
class N:
    def __init__(self) -> None:
        Ensures(Acc(self.v) and self.v == 0) # type: ignore
        self.v = 0  # type: int
@Pure
def fac(n: int) -> int:
    Requires(n >= 0); Decreases(n)
    Ensures(Implies(n == 0, Result() == 1))
    return 1 if n == 0 else n * fac(n - 1)
def use(l: List[int], m: N) -> PSeq[int]:
    Requires(list_pred(l) and Acc(m.v, 1/2))
    Ensures(Forall(int, lambda i: (Implies(i >= 0 and i < len(l), l[i] == Old(l[i])), [[l[i]]])))
    Exsures(ValueError, Acc(m.v))
    i = 0
    for x in l:
        Invariant(Previous(x) == ToSeq(l).take(i)); Invariant(MustTerminate(len(l) - i))
        Assert(x > 0); Assume(True); Fold(p(m))
        i += 1
    return ToSeq(l)
''',
    '''
def swap(things: "Tuple[int, int]", n: int = 3) -> "Tuple[int, int]":
    """
    Swap.

    pre: n > 0 and __old__.n == 3
    pre[things]: len(things) == 2
    post: _[0] == things[1]
    post[]:
      __return__[1] == things[0]
      implies(_, n)
    raises: ValueError, KeyError
    inv: n > 0
    """
    assert n > 0, "x"
    """inv: self.x > 0"""
    assert things
    return things[1], things[0]
class C:
    """
    inv: len(self.x) > 0
    inv: True
    """
    x: int = 0
    x, y = 1, 2
    class D(C): z = lambda a, *b, c=1, **d: (a, b, c, d)
    def x(self): return f"{self.x!r:>{9}}"
    @x.setter
    def x(self, v): nonlocal_ = v
''',
    '''
from . import a as b
from .. import *
from x.y import (z, w as v)
import p.q, r as t
try:
    import json
except ImportError:
    json = None
if json: X: "Final" = 3
else: X = 4
A = B = list["A"] | None
class M(type, metaclass=type, **{}): __slots__ = ()
class E(__import__("enum").Enum): ONE = 1; TWO = ONE
@(lambda f: f)
def f(x: 3, y: f(x)) -> (yield): return lambda: (yield)
print(f"{A=}", *[1], **{}); x[0]: int = 3; (k): int = 4
''',
]  # fmt: skip


def expressions(tree: ast.AST) -> list[tuple[ast.AST, str, int | None]]:
    """Return where expressions are in a tree: a node, the name of its field, and the index if that is a list."""
    found = []
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                found.append((node, name, None))
            elif isinstance(value, list):
                found += [(node, name, i) for i, item in enumerate(value) if isinstance(item, ast.expr | ast.stmt)]
    return found


def at(place: tuple[ast.AST, str, int | None]) -> ast.AST:
    node, name, index = place
    value = getattr(node, name)
    return value if index is None else value[index]


def grafted(chance: random.Random, times: int) -> str:
    """Return one seed in which parts are replaced by parts of the same kind from any seed."""
    tree, others = ast.parse(chance.choice(SEEDS)), [ast.parse(s) for s in SEEDS]
    for _ in range(times):
        place, donor = chance.choice(expressions(tree)), chance.choice(expressions(chance.choice(others)))
        old, new = at(place), copy.deepcopy(at(donor))
        if isinstance(old, ast.stmt) != isinstance(new, ast.stmt):
            continue
        if place[2] is None:
            setattr(place[0], place[1], new)
        else:
            getattr(place[0], place[1])[place[2]] = new
    try:
        return ast.unparse(tree)
    except (ValueError, AttributeError, TypeError):  # grafted where the printer cannot have it
        return ""


def spliced(chance: random.Random, times: int) -> str:
    """Return one seed in which pieces of text are dropped, doubled, swapped, or taken from another."""
    text = chance.choice(SEEDS)
    for _ in range(times):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.randrange(12))
        piece = chance.choice(
            ["", text[start:end] * 2, chance.choice(["(", ")", ":", "\n", "\t", "é", '"""', "#", "\\", "lambda ", "\x0c"])]
        )
        if chance.random() < 0.3:
            other = chance.choice(SEEDS)
            begin = chance.randrange(len(other))
            piece = other[begin : begin + chance.randrange(40)]
        text = text[:start] + piece + text[end:]
    return text


def clauses(one: Function | Class) -> list[Clause]:
    if isinstance(one, Class):
        return list(one.invariants)
    c = one.contract
    found = [*c.requires, *c.ensures, *c.reads, *(c.modifies or ()), *(c.decreases or ()), *(c.gives or ())]
    for raises in c.raises:
        found += [*([raises.when] if raises.when else []), *raises.ensures]
    for loop in one.loops.values():
        found += [*loop.invariants, *(loop.decreases or ()), *(loop.modifies or ())]
    return found


def positioned(module: Module) -> bool:
    """Whether everything that was read leads back to a place in the text; what does not fails here."""
    lines = (
        ast.parse(module.text).end_lineno
        if hasattr(ast.Module, "end_lineno")
        else module.text.count("\n") + module.text.count("\x0c") + 1
    )
    functions = module.every_function()
    for one in [*functions, *module.classes.values()]:
        for clause in clauses(one):
            assert 1 <= clause.place.line <= clause.place.end_line <= lines
            assert clause.text
            assert "\n" not in clause.text
            placed(clause.expression)
        for problem in one.problems:
            assert problem.message
            assert problem.function
            assert 1 <= problem.place.line <= lines
    for one in functions:
        for statement in one.body:
            placed(statement)
        inside = {id(n) for s in one.body for n in ast.walk(s)}
        assert all(id(loop) in inside for loop in one.loops)
        text = ast.unparse(ast.Module(list(one.body), []))
        ast.parse(text) if one.body else None
    return True


def placed(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        if "lineno" in node._attributes:
            assert node.lineno >= 1
            assert node.col_offset >= 0
            assert node.end_lineno >= node.lineno
            assert node.end_col_offset is not None


def read(text: str) -> Module | None:
    try:
        return read_module(text, "m.py")
    except UnreadableArtefact as error:
        told = error
    assert told.message
    assert told.help
    return None


@pytest.mark.parametrize("text", SEEDS, ids=range(len(SEEDS)))
def test_the_seeds_are_read(text):
    module = read(text)

    assert module is not None
    assert positioned(module)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_programs_of_mixed_parts_are_read(chance, times):
    module = read(grafted(chance, times))

    assert module is None or positioned(module)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(1, 8))
def test_damaged_texts_are_read_or_refused(chance, times):
    module = read(spliced(chance, times))

    assert module is None or positioned(module)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text):
    assert isinstance(read(text), Module | None)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_modules_that_import_anything_are_read_together(chance):
    names = ["a", "b", "p.__init__", "p.c"]
    choices = [
        "from {0} import *",
        "import {0}",
        "from {0} import x as {1}",
        "from . import {1}",
        "x = {1}",
        "class {1}(x): pass",
        "def {1}(y: x): pass",
    ]
    sources = {
        f"{n.replace('.', '/')}.py": "\n".join(
            chance.choice(choices).format(chance.choice(["a", "b", "p", "p.c"]), chance.choice("xyz")) for _ in range(6)
        )
        for n in names
    }

    program = read_program(sources)

    assert len(program.modules) + len(program.unreadable) == len(sources)
    for module in program.modules.values():
        for name in module.imports.values():
            program.function(name)


@pytest.mark.parametrize("text", ["b, *c, *d = 1, 2\n", "return 1\n", "def f(a, a): pass\n", "nonlocal a\n"])
def test_what_only_the_compiler_refuses_is_not_python(text):
    parse(text, "m.py")

    with pytest.raises(UnreadableArtefact, match="is not Python"):
        check_compiles(text, "m.py")


def test_warnings_of_the_compiler_are_not_shown(recwarn):
    check_compiles('x = 1 is 1\ny = "\\d"\n', "m.py")

    assert not recwarn.list
