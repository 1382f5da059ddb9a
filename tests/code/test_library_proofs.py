"""Functions that use libraries are proved, and their wrong twins are not."""

import pytest

from probatum import ivl
from probatum.code.artefacts.libraries import libraries_in, library
from probatum.ivl.outcomes import Verdict
from probatum.lower.lowering import lower
from probatum.python.program import Program
from probatum.python.reading import read_module
from probatum.solve.prover import Prover

HEAD = """
import collections, itertools, math, operator, random, struct
from dataclasses import dataclass, replace
from probatum.spec import ensures, raises, requires

@dataclass(frozen=True)
class Point:
    x: int
    y: int
"""
RIGHT_AND_WRONG = {
    "root": ("n: int", "int", "requires(n >= 0)", "r * r <= n", "r * r == n", "return math.isqrt(n)"),
    "caught": ("n: int", "int", "", "r >= -1", "r >= 0", "try:\n        return math.isqrt(n)\n    except ValueError:\n        return -1"),
    "divisor": ("a: int, b: int", "int", "requires(b > 0)", "r > 0 and b % r == 0", "r > 1", "return math.gcd(a, b)"),
    "dice": ("", "int", "", "1 <= r <= 6", "r == 4", "return random.randint(1, 6)"),
    "header": ("n: int", "bytes", "requires(0 <= n < 65536)", "len(r) == 4", "r[0] == 0", "return struct.pack('>HH', n, n)"),
    "parsed": ("b: bytes", "int", "requires(len(b) == 2)", "0 <= r < 65536", "r < 65535", "return struct.unpack('>H', b)[0]"),
    "digits": ("n: int", "int", "requires(0 <= n < 65536)", "r == n", "r != n", "return int.from_bytes(n.to_bytes(2, 'big'), 'big')"),
    "swapped": ("n: int", "bool", "requires(0 <= n < 65536)", "r", "not r", "return len(n.to_bytes(2, 'little')) == 2"),
    "first": ("xs: list[int]", "int", "requires(len(xs) > 0)", "all(r <= x for x in xs)", "r == xs[0]", "return sorted(xs)[0]"),
    "shortest": ("xs: list[str]", "str", "requires(len(xs) > 0)", "all(len(r) <= len(x) for x in xs)", "r == xs[0]", "return min(xs, key=len)"),
    "queue": ("a: int, b: int", "int", "", "r == a", "r == b", "d = collections.deque([a])\n    d.append(b)\n    return d.popleft()"),
    "counted": ("xs: list[int], x: int", "int", "", "r == xs.count(x)", "r > 0", "return collections.Counter(xs)[x]"),
    "moved": ("p: Point", "Point", "", "r.x == 1 and r.y == p.y", "r.y == 1", "return replace(p, x=1)"),
    "taken": ("s: set[int]", "int", "requires(len(s) > 0)", "r in s", "r > 0", "t = set(s)\n    return t.pop()"),
    "both": ("xs: list[int], ys: list[int]", "list[int]", "", "len(r) == len(xs) + len(ys)", "len(r) == len(xs)", "return list(itertools.chain(xs, ys))"),
    "paired": ("xs: list[int], ys: list[int]", "list[tuple[int, int]]", "", "len(r) == min(len(xs), len(ys))", "len(r) == len(xs)", "return list(zip(xs, ys))"),
    "key": ("s: str", "str", "", "'=' not in r", "len(r) > 0", "return s.partition('=')[0]"),
    "number": ("s: str", "int", "requires(s.isdecimal() and len(s) < 100)", "r >= 0", "r > 0", "return int(s)"),
    "number_declared": ("s: str", "int", "raises(ValueError)", "r == int(s)", "r >= 0", "return int(s)"),
}  # fmt: skip


def program(name, wrong):
    parameters, returns, header, right, twin, body = RIGHT_AND_WRONG[name]
    contract = f"    {header or 'requires(True)'}\n    ensures(lambda r: {twin if wrong else right})\n"
    return f"{HEAD}\ndef {name}({parameters}) -> {returns}:\n{contract}    {body}\n"


def lowered(text, name):
    module = read_module(text, "m.py", "m")
    found = lower(Program({"m": module} | {n: library(n) for n in libraries_in(text)}), module.functions[name])
    assert found.unsupported is None, found.unsupported
    return found


@pytest.fixture(scope="module")
def prover():
    with Prover(workers=1) as one:
        yield one


def proved(found, prover):
    answer = ivl.verify(found.text, ivl.Options(timeout_s=5, error_limit=0), prover=prover)
    assert not answer.static, answer.static
    verdicts = {
        found.obligations[o.label.position.line].kind: []
        for b in answer.bodies
        for o in b.outcomes
        if o.label.position.line in found.obligations
    }
    for body in answer.bodies:
        for outcome in body.outcomes:
            if (obligation := found.obligations.get(outcome.label.position.line)) is not None:
                verdicts[obligation.kind].append(outcome.verdict is Verdict.PROVED)
    return all(all(v) for kind, v in verdicts.items() if not kind.is_probe)


@pytest.mark.parametrize("name", RIGHT_AND_WRONG)
def test_what_libraries_say_is_used(name, prover):
    assert proved(lowered(program(name, wrong=False), name), prover)


@pytest.mark.parametrize("name", RIGHT_AND_WRONG)
def test_no_more_is_proved_than_libraries_say(name, prover):
    assert not proved(lowered(program(name, wrong=True), name), prover)


@pytest.mark.parametrize(("name", "assumed"), [("root", "math.isqrt"), ("dice", "random.randint")])
def test_proofs_name_the_contracts_of_libraries_that_they_rest_on(name, assumed):
    assert f"`{assumed}` keeps its contract" in lowered(program(name, wrong=False), name).assumptions
