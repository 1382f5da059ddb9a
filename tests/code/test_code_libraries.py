"""What the contracts of libraries say is true of the libraries that CPython has."""

import ast
import importlib
import math
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probatum.code.artefacts import libraries
from probatum.python import types as t

# What arguments are drawn from where a declared type alone would take too long or too much memory.
SMALL = st.integers(-3, 60)
DRAWN = {
    "math.factorial": {"n": SMALL},
    "math.comb": {"n": SMALL, "k": SMALL},
    "math.perm": {"n": SMALL, "k": SMALL},
    "os.urandom": {"size": SMALL},
    "random.getrandbits": {"k": SMALL},
    "random.randbytes": {"n": SMALL},
    "secrets.randbits": {"k": SMALL},
    "secrets.token_bytes": {"nbytes": SMALL},
    "secrets.token_hex": {"nbytes": SMALL},
}


class Plain(ast.NodeTransformer):
    """Writes what contracts have beyond Python as Python."""

    def visit_Call(self, node):
        self.generic_visit(node)
        match node.func:
            case ast.Name(id="__implies__"):
                premise, claim = node.args
                return ast.copy_location(ast.IfExp(premise, claim, ast.Constant(True)), node)
            case ast.Name(id="__old__"):
                return node.args[0]
            case ast.Name(id="__forall__" | "__exists__" as name):
                domain, body = node.args
                each = ast.comprehension(ast.Name(body.args.args[0].arg, ast.Store()), domain, [], 0)
                every = ast.Name("all" if name == "__forall__" else "any", ast.Load())
                return ast.copy_location(ast.Call(every, [ast.GeneratorExp(body.body, [each])], []), node)
        return node


def compiled(clause):
    plain = Plain().visit(ast.parse(ast.unparse(clause.expression), mode="eval"))
    return compile(ast.fix_missing_locations(plain), clause.text, "eval")


def strategy(type_):
    """Values of a declared type, as they may come."""
    match type_:
        case t.INT:
            return st.one_of(st.integers(-4, 9), st.integers(), st.integers(1, 200).map(lambda n: 1 << n))
        case t.BOOL:
            return st.booleans()
        case t.FLOAT:
            return st.floats() | st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, math.inf, -math.inf, math.nan, 5e-324])
        case t.STR:
            return st.text(max_size=20)
        case t.BYTES:
            return st.binary(max_size=20)
        case t.Collection(kind="list", item=item):
            return st.lists(strategy(item), max_size=6)
    raise AssertionError(f"no values of `{type_}` are drawn: say here how")


def value(code, names):
    """What an expression of our own contracts is."""
    return eval(code, dict(names))  # noqa: S307 - as above


def functions():
    return [f for name in libraries.names() for f in libraries.library(name).functions.values()]


def agrees(function, arguments):
    """Whether a call ends as the contract says; None if the contract does not allow it."""
    module = libraries.library(function.module)
    real = getattr(importlib.import_module(function.module), function.name)
    names = {
        n: getattr(importlib.import_module(q.rpartition(".")[0]), n) for n, q in module.imports.items() if "probatum" not in q
    }
    names |= arguments
    if not all(value(compiled(c), names) for c in function.contract.requires):
        return None
    declared = [r for r in function.contract.raises if value(compiled(r.when), names)]
    try:
        result = real(*(arguments[p.name] for p in function.parameters))
    except (ValueError, OverflowError, TypeError, ZeroDivisionError) as error:
        return type(error).__name__ in {ast.unparse(r.exception) for r in declared}
    right = {t.INT: int, t.FLOAT: float, t.BOOL: bool, t.STR: str, t.BYTES: bytes}[function.returns]
    return (
        not declared
        and type(result) is right
        and all(value(compiled(c), {**names, "__result__": result}) for c in function.contract.ensures)
    )


@pytest.mark.parametrize("function", functions(), ids=lambda f: f.qualified)
def test_a_library_does_what_its_contract_says(function):
    own = DRAWN.get(function.qualified, {})
    seen = []

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.fixed_dictionaries({p.name: own[p.name] if p.name in own else strategy(p.type) for p in function.parameters}))
    def check(arguments):
        answer = agrees(function, arguments)
        seen.append(answer)
        assert answer is not False, arguments

    check()
    assert True in seen


@pytest.mark.parametrize("name", libraries.names())
def test_constants_are_those_of_the_library(name):
    real, module = importlib.import_module(name), libraries.library(name)
    for constant, node in module.constants.items():
        assert value(compile(ast.Expression(node), name, "eval"), {}) == getattr(real, constant)


@pytest.mark.parametrize("name", libraries.names())
def test_the_contracts_of_a_library_are_read_without_problems(name):
    module = libraries.library(name)
    assert module.problems == ()
    assert [f.problems for f in module.every_function() if f.problems] == []
    assert [f.name for f in module.every_function() if not f.stub] == []
    assert name in sys.stdlib_module_names


def test_a_wrong_contract_is_found_out(monkeypatch):
    text = "from probatum.spec import ensures\ndef isqrt(n: int) -> int:\n    ensures(lambda r: r * r == n)\n    ...\n"
    from probatum.python.reading import read_module

    wrong = read_module(text, "math.pyi", "math", library=True)
    monkeypatch.setattr(libraries, "library", {"math": wrong}.get)
    assert agrees(wrong.functions["isqrt"], {"n": 5}) is False
    assert agrees(wrong.functions["isqrt"], {"n": -5}) is False
    assert agrees(wrong.functions["isqrt"], {"n": 4}) is True


def test_what_has_no_contracts_is_not_known():
    assert libraries.library("socket") is None
    assert libraries.libraries_in("import math, socket\nrandomly = 1") == ("math",)
