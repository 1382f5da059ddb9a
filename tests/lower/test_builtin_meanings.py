"""What is built in means what CPython does: each entry is lowered, run by the meanings of the prelude, and compared."""

import ast
import bisect
import collections
import copy
import functools
import itertools
import math
import operator
import struct
import typing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prelude_meaning import Meaning, TooLarge

from probatum.ivl import compile_text
from probatum.ivl.syntax import tree
from probatum.lower import prelude
from probatum.lower.attempt import Learnt, Symbols
from probatum.lower.builtins import Builtins
from probatum.lower.lowering import Lowerer, _declarations
from probatum.lower.sorts import Sorts
from probatum.lower.terms import Term
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Program
from probatum.python.reading import read_module

ENTRIES = ("call_", "special_", "method_", "class_", "library_")
IMPORTS = (
    "import bisect, collections, copy, functools, itertools, math, operator, struct\nfrom typing import cast\nimport typing\n"
)
NAMES = {
    "bisect": bisect,
    "collections": collections,
    "copy": copy,
    "functools": functools,
    "itertools": itertools,
    "math": math,
    "operator": operator,
    "struct": struct,
    "typing": typing,
}


class Probe(Lowerer):
    """Writes down what an expression gives, and what the collections of its parameters hold afterwards."""

    def __init__(self, program, function):
        super().__init__(program, function, Learnt(), Symbols(Sorts(program)))
        self.used, self.changed = set(), {}

    def __getattribute__(self, name):
        if name.startswith(ENTRIES):
            object.__getattribute__(self, "used").add(name)
        return object.__getattribute__(self, name)

    def content(self, term):
        return self.changed.get(term.text) or super().content(term)

    def set_content(self, term, content, node):
        self.changed[term.text] = content


class Given:
    """A case: an expression over parameters, lowered."""

    def __init__(self, parameters, text):
        source = f"{IMPORTS}def probe({parameters}) -> None:\n    {text}\n"
        self.text, module = text, read_module(source, "probe.py", "probe")
        function = module.functions["probe"]
        assert function.problems == (), function.problems
        program = Program({"probe": module})
        probe = self.probe = Probe(program, function)
        self.types = {p.name: p.type for p in function.parameters}
        names = {n: Term(f"p'{n}", own, content=probe.sorts.shared(own)) for n, own in self.types.items()}
        with probe.contract_of(names, view="", old_view="", module=module) as demands:
            self.result = probe.evaluate(function.body[0].value)
        self.demands = list(demands)
        self.sorts = {
            n: probe.sorts.content(own) if probe.sorts.shared(own) else probe.sort(own) for n, own in self.types.items()
        }

    def functions(self):
        """What is to be evaluated, by its name: its sort and its text."""
        probe, own = self.probe, self.result.type
        sort = probe.sorts.content(own) if probe.sorts.shared(own) else probe.sort(own)
        changed = {n: s for n, s in self.sorts.items() if f"p'{n}" in probe.changed}
        return {
            "result": (sort, self.result.text),
            **{f"after'{n}": (s, probe.changed[f"p'{n}"]) for n, s in changed.items()},
            **{f"demand'{n}": ("bool", d.condition) for n, d in enumerate(self.demands)},
        }

    def value(self, name, arguments):
        decl = self.program[name]
        values = {v: encoded(arguments[v.name.removeprefix("p'")], self.types[v.name.removeprefix("p'")]) for v in decl.arguments}
        return Running().value(decl.body, values, {})


def compiled(cases):
    """Give each case its program; all are compiled at once."""
    texts, declared = [], {}
    for number, one in enumerate(cases):
        head = ", ".join(f"p'{n}: {s}" for n, s in one.sorts.items())
        texts += [f"function c{number}'{name}({head}): {sort} {{ {text} }}" for name, (sort, text) in one.functions().items()]
    body = "\n".join(texts)
    for one in cases:
        declared |= dict.fromkeys(_declarations(one.probe, body))
    whole = "\n".join([*declared, body])
    checked, errors = compile_text(prelude.text(prelude.needed_by(whole + " Ref")) + whole, "cases")
    assert checked is not None, (errors[0], body)
    found = {d.name: d for d in checked.declarations if isinstance(d, tree.Function)}
    for number, one in enumerate(cases):
        one.program = {name: found[f"c{number}'{name}"] for name in one.functions()}


class Rule:
    def __init__(self, function):
        self.function = function

    def __getitem__(self, key):
        return self.function(key)


class Running(Meaning):
    """Evaluates what programs use beyond the axioms."""

    def value(self, e, values, at):
        match e:
            case tree.Quantifier(kind="lambda", bound=[one]):
                return Rule(lambda x: self.value(e.body, {**values, one: x}, at))
            case tree.Quantifier(kind=kind, bound=[one]):
                return (all if kind == "forall" else any)(self.value(e.body, {**values, one: x}, at) for x in range(-1, 30))
            case tree.Application(decl=tree.Constructor() as made):
                return (made.name, tuple(self.value(a, values, at) for a in e.arguments))
            case tree.Field():
                _, parts = self.value(e.operand, values, at)
                return parts[0 if e.name == "value" else int(e.name.removeprefix("item").split("_")[0])]
            case tree.IsConstructor():
                return self.value(e.operand, values, at)[0] == e.name
            case tree.Binary(operator="/"):
                return self.value(e.left, values, at) / self.value(e.right, values, at)
        return super().value(e, values, at)


def encoded(value, type_):
    """Return a value of CPython's as one of the prelude's."""
    match type_:
        case t.STR:
            assert type(value) is str
            return tuple(map(ord, value))
        case t.BYTES | t.BYTEARRAY:
            assert type(value) is {"bytes": bytes, "bytearray": bytearray}[type_.name]
            return tuple(value)
        case t.INT | t.BOOL | t.FLOAT:
            assert type(value) is {"int": int, "bool": bool, "float": float}[type_.name], value
            return value
        case t.NONE:
            assert value is None
            return ("Unit", ())
        case t.Tuple(items=items):
            assert type(value) is tuple
            return (f"Tuple_{len(items)}", tuple(encoded(v, i) for v, i in zip(value, items, strict=True)))
        case t.Collection(kind="set" | "frozenset" as kind, item=item):
            assert type(value).__name__ == kind
            return frozenset(encoded(v, item) for v in value)
        case t.Collection(kind=kind, item=item):
            assert kind in ("iterator", "view", "range") or type(value).__name__ == kind, (value, type_)
            return tuple(encoded(v, item) for v in value)
        case t.Mapping(kind=kind, key=key, value=inner):
            assert type(value).__name__ == kind
            return tuple((encoded(k, key), encoded(v, inner)) for k, v in value.items())
        case t.Union(options=options):
            inner = t.without_none(type_)
            assert t.NONE in options
            return ("None_", ()) if value is None else ("Some", (encoded(value, inner),))
    raise AssertionError(f"no values of `{type_}`")


LETTERS = st.text("ab 0-7\n\xe9\u0660\ud800", max_size=6)


LARGE = st.integers(-4, 7) | st.integers(-(2**66), 2**66) | st.integers(0, 70).map(lambda n: 1 << n)


def drawn(type_):
    """Values of which the parts are often the same."""
    match type_:
        case t.INT:
            return st.integers(-4, 7) | st.integers(-300, 300)
        case t.BOOL:
            return st.booleans()
        case t.FLOAT:
            return st.floats(allow_nan=False)
        case t.STR:
            return LETTERS | st.integers().map(str)
        case t.BYTES:
            return st.binary(max_size=6) | st.lists(st.sampled_from([0, 32, 97]), max_size=5).map(bytes) | st.just(b"ab\xff")
        case t.BYTEARRAY:
            return drawn(t.BYTES).map(bytearray)
        case t.Tuple(items=items):
            return st.tuples(*map(drawn, items))
        case t.Collection(kind="list" | "tuple" | "set" | "frozenset" | "deque" as kind, item=item):
            make = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "deque": collections.deque}[kind]
            few = st.lists(st.integers(-2, 3), max_size=5) if item == t.INT else st.lists(drawn(item), max_size=4)
            return (few | st.lists(drawn(item), max_size=4)).map(make)
        case t.Mapping(key=key, value=value):
            return st.dictionaries(st.integers(-2, 3) if key == t.INT else drawn(key), drawn(value), max_size=4)
    raise AssertionError(f"no values of `{type_}`")


def same(left, right):
    if isinstance(left, float) and isinstance(right, float):
        return (left == right and math.copysign(1, left) == math.copysign(1, right)) or (math.isnan(left) and math.isnan(right))
    return left == right


def compare(case, arguments):
    """Assert that a case gives what CPython does; return whether that was a value."""
    failing = [d.obligation for n, d in enumerate(case.demands) if not case.value(f"demand'{n}", arguments)]
    kept = copy.deepcopy(arguments)
    error = None
    try:
        result = eval(case.text, {**NAMES, **kept})  # noqa: S307 - a case of our own
        if isinstance(case.result.type, t.Collection) and case.result.type.kind in ("iterator", "view"):
            result = list(result)
    except (ValueError, IndexError, StopIteration, KeyError, TypeError, OverflowError, ZeroDivisionError, struct.error) as raised:
        error = raised
    if error is not None:
        assert failing, (case.text, arguments, error)
        name = type(error).__name__ if type(error) is not struct.error else "struct.error"
        assert failing[0].exception in ("", name), (case.text, arguments, error, failing[0])
        return False
    assert not failing or failing[0].exception == "", (case.text, arguments, failing)
    if failing:
        return False
    expected = encoded(result, case.result.type)
    assert same(case.value("result", arguments), expected), (case.text, arguments, result)
    for name, type_ in case.types.items():
        if f"after'{name}" in case.program:
            assert case.value(f"after'{name}", arguments) == encoded(kept[name], type_), (case.text, arguments)
        else:
            assert kept[name] == arguments[name] or kept[name] != kept[name]
    return True


TEXT = [  # of strings and bytes alike: T is the type, C a constant of it
    "s.startswith(t)", "s.startswith((t, u))", "s.endswith(t)", "s.find(t)", "s.find(t, i)", "s.find(t, i, j)", "s.rfind(t)", "s.index(t)",
    "s.index(t, i)", "s.rindex(t)", "s.count(t)", "s.replace(t, u)", "s.strip()", "s.lstrip()", "s.rstrip()", "s.strip(t)", "s.lstrip(t)",
    "s.rstrip(t)", "s.removeprefix(t)", "s.removesuffix(t)", "s.partition(t)", "s.rpartition(t)", "s.rjust(i)", "s.ljust(i)",
    "s.rjust(i, t)", "s.ljust(i, t)",
]  # fmt: skip
CASES = {
    "s: str, t: str, u: str, i: int, j: int, xs: list[str]": [
        *TEXT, "s.join(xs)", "s.join(x for x in xs)", "s.split()", "s.split(t)", "s.split(sep=t)", "s.splitlines()", "s.lower()", "s.upper()",
        "s.zfill(i)", "s.encode()", "s.encode('utf-8')", "s.isdigit()", "s.isdecimal()", "s.isnumeric()", "s.isalpha()", "s.isalnum()",
        "s.isspace()", "s.isupper()", "s.islower()", "s.isascii()", "len(s)", "ord(s)", "int(s)", "str(s)", "str()", "list(s)", "tuple(s)",
        "sorted(xs)", "sorted(xs, reverse=True)", "sorted(xs, key=len)", "min(xs, key=len)", "max(xs, key=lambda x: len(x))",
        "''.join(sorted(s))", "xs.sort()", "list(enumerate(xs, i))", "dict.fromkeys(xs, i)", "list(map(len, xs))", "bool(s)", "bytes.fromhex(s)",
        "collections.Counter(xs)", "collections.Counter(s)", "copy.copy(s)", "set(xs)", "typing.cast(str, s)",
        "list(reversed(xs))", "xs.index(s)", "s in xs", "'%' in s",
        "s.split(t, 1)", "s.split(t, maxsplit=i)", "s.split(None, i)", "s.split(maxsplit=2)", "s.rsplit(t, 1)", "s.rsplit(t)", "s.rsplit(t, i)",
        "s.center(i)", "s.center(9, t)", "s.capitalize()", "s.title()", "s.swapcase()", "s.casefold()", "bin(i)", "oct(i)", "hex(i)", "min(xs)", "max(xs)",
    ],
    "s: bytes, t: bytes, u: bytes, i: int, j: int, xs: list[bytes]": [
        *TEXT, "s.count(i)", "s.join(xs)", "s.split(t)", "s.decode()", "s.hex()", "len(s)", "list(s)", "bytes(s)", "bytearray(s)", "sum(s)",
        "int.from_bytes(s, 'big')", "int.from_bytes(s, 'little', signed=True)", "int.from_bytes(s)", "int.from_bytes(bytes=s, byteorder='little')",
        "struct.unpack('>HB', s)", "struct.unpack('<h', s)", "struct.unpack('>I', s)", "struct.unpack('!Bx?', s)", "struct.unpack('<2B', s)",
        "struct.unpack('>2s', s)", "struct.unpack_from('>H', s)", "struct.unpack_from('<b', s, i)", "struct.unpack('<cq', s)",
        "struct.pack('4sB', s, i)", "struct.pack('c', s)", "bytes(x for x in s)", "max(s)", "sorted(s)", "set(s)",
    ],
    "s: bytearray, t: bytes, u: bytes, i: int, j: int, n: int": [
        *(c for c in TEXT if "partition" not in c), "s.append(i)", "s.extend(t)", "s.reverse()", "s.clear()", "s.decode()", "s.hex()", "bytes(s)",
    ],
    "i: int, j: int, k: int, b: bool, x: float, y: float": [
        "abs(i)", "abs(x)", "min(i, j, k)", "max(i, j, k)", "min(x, y)", "max(x, y)", "divmod(i, j)", "pow(i, 3)", "pow(i, 2, j)", "chr(i)", "int()", "int(i)",
        "int(b)", "bool(i)", "bool()", "float()", "float(x)", "float(i)", "float('inf')", "float('1.5')", "str(i)", "str(b)", "repr(i)", "round(i)", "i / j", "x * i", "i.bit_length()",
        "i.bit_count()", "i.conjugate()", "i.to_bytes(2, 'big')", "i.to_bytes(8, 'little', signed=True)", "i.to_bytes()", "i.to_bytes(length=4, byteorder='big')", "list(range(i % 9))",
        "list(range(i % 9, j % 9))", "list(range(i % 9, j % 9, k % 5))", "bytes(i % 300)", "bytes([i, j])", "bytes()", "bytearray()", "struct.calcsize('>IHB')",
        "struct.pack('>I', i)", "struct.pack('<hB', i, j)", "struct.pack('!Q?', i, b)", "struct.pack('<2b', i, j)", "struct.pack('>Bx', i)", "struct.pack('<l', i)",
        "struct.pack('>H', i, j)", "operator.add(i, j)", "operator.sub(i, j)", "operator.mul(i, j)", "operator.floordiv(i, j)", "operator.mod(i, j)",
        "operator.and_(i, j)", "operator.or_(i, j)", "operator.xor(i, j)", "operator.eq(i, j)", "operator.ne(i, j)", "operator.lt(i, j)", "operator.le(i, j)",
        "operator.gt(i, j)", "operator.ge(i, j)", "operator.neg(i)", "operator.not_(i)", "math.gcd(i, j)", "list(itertools.repeat(i, j % 9))", "isinstance(i, int)", "all(z > i for z in range(j % 9))",
        "any(z > i for z in range(j % 9))", "tuple()",
        "round(x)", "round(x, 2)", "round(y, 0)", "x ** 2", "x ** k", "x ** i", "i ** 0.5", "x ** 0.5", "x % y", "x // y", "x % 360.0", "i % x", "max([x, y], key=lambda z: z)",
    ],
    "xs: list[int], ys: list[int], zs: tuple[int, ...], i: int, j: int, bs: list[bool]": [
        "len(xs)", "min(xs)", "max(xs)", "min(xs, default=i)", "max(xs, default=None)", "min(xs, key=lambda v: v * v)", "max(xs, key=abs)", "max(xs, key=abs, default=i)",
        "sum(xs)", "sum(xs, i)", "sum(bs)", "sum(v * v for v in xs)", "sorted(xs)", "sorted(xs, reverse=True)", "sorted(zs)", "sorted(xs, key=lambda v: v % 3)",
        "sorted(xs, key=lambda v: v % 3, reverse=True)", "sorted(xs, key=None)", "list(reversed(xs))", "list(enumerate(xs))", "list(enumerate(xs, start=i))", "list(zip(xs, zs))", "list(zip(xs, ys, zs))",
        "list(zip(xs, ys, strict=True))", "list(map(lambda v: v + 1, xs))", "list(map(abs, zs))", "list(filter(lambda v: v > i, xs))", "list(filter(None, xs))", "list(xs)", "tuple(xs)", "set(xs)", "frozenset(xs)",
        "bytes(xs)", "xs.append(i)", "xs.extend(ys)", "xs.extend(zs)", "xs.extend(v for v in zs)", "xs.extend(range(3))", "xs.insert(i, j)", "xs.pop()", "xs.pop(i)", "xs.remove(i)", "xs.clear()", "xs.copy()", "xs.reverse()",
        "xs.sort()", "xs.sort(reverse=True)", "xs.sort(key=lambda v: -v)", "xs.index(i)", "xs.count(i)", "zs.index(i)", "zs.count(i)", "all(xs)", "any(v > i for v in xs)", "list(itertools.chain(xs, ys, zs))",
        "list(itertools.accumulate(xs))", "list(itertools.islice(xs, i))", "list(itertools.islice(xs, i, j))", "list(itertools.pairwise(xs))", "functools.reduce(operator.add, xs, i)", "copy.copy(xs)",
        "bisect.bisect_left(xs, i)", "bisect.bisect_right(zs, i)", "bisect.bisect(xs, i)", "list(itertools.product(xs, zs))", "list(itertools.combinations(xs, 2))",
        "min(xs, key=lambda v: v / 2)", "max(zs, key=lambda v: 1.5 - v)",
        "collections.deque(xs)", "collections.Counter(xs)", "dict.fromkeys(xs)", "i in reversed(xs)", "len([v for v in xs if v > i])", "next(iter(xs))",
        "next((v for v in xs if v > i), j)", "[v - w for v, w in zip(xs, ys) if v < w]", "sum(v * w for v, w in zip(xs, ys))",
    ],
    "d: collections.deque[int], xs: list[int], i: int, j: int": [
        "d.append(i)", "d.appendleft(i)", "d.pop()", "d.popleft()", "d.extend(xs)", "d.extendleft(xs)", "d.insert(i, j)", "d.remove(i)", "d.clear()", "d.copy()", "d.reverse()", "d.index(i)", "d.count(i)", "len(d)", "list(d)", "d == xs",
        "sum(d)", "sorted(d)",
    ],
    "m: dict[int, int], n: dict[int, int], i: int, j: int, xs: list[int]": [
        "len(m)", "m.get(i)", "m.get(i, j)", "list(m.keys())", "list(m.values())", "list(m.items())", "len(m.items())", "i in m.keys()", "i in m.values()", "m.copy()", "m.clear()", "m.update(n)", "m.pop(i)", "m.pop(i, j)", "m.popitem()",
        "m.setdefault(i, j)", "dict(m)", "dict.fromkeys(xs, i)", "sum(m.values())", "max(m.values(), default=0)", "sorted(m)", "sorted(m.items(), key=lambda p: p[1])", "list(reversed(m))", "list(m)", "set(m.keys())", "copy.copy(m)",
        "{**m, **n}", "{i: j, **m}", "max(m, key=m.get)", "next(iter(m))", "[k for k, v in m.items() if v > i]",
        "max(m.items(), key=lambda p: p[1])", "all(v > i for v in m.values())", "sum(k * v for k, v in m.items())",
        "m.keys() - set(xs)", "set(xs) & m.keys()", "m.keys() | n.keys()", "frozenset(xs) ^ m.keys()",
    ],
    "s: set[int], u: set[int], f: frozenset[int], xs: list[int], i: int": [
        "len(s)", "s.add(i)", "s.discard(i)", "s.remove(i)", "s.clear()", "s.copy()", "s.union(u)", "s.union(u, f)", "s.union(xs)", "s.intersection(f)", "s.difference(xs)", "s.symmetric_difference(u)", "s.update(xs)", "s.update(u, f)",
        "s.intersection_update(u)", "s.difference_update(u, xs)", "s.symmetric_difference_update(f)", "s.issubset(u)", "s.issuperset(xs)", "s.isdisjoint(u)", "f.copy()", "f.union(u)", "f.intersection(u)", "f.difference(u)", "f.symmetric_difference(u)",
        "f.issubset(u)", "f.issuperset(u)", "f.isdisjoint(xs)", "sorted(s)", "sorted(s, reverse=True)", "sum(s)", "min(s, default=i)", "set(s)", "frozenset(s)", "copy.copy(s)",
    ],
}  # fmt: skip
ALL = [(parameters, text) for parameters, texts in CASES.items() for text in texts]
# Proved and refuted as programs instead (see `test_library_proofs.py`): they have effects, or need classes.
OTHERS = {"call_function", "call_method", "library_name"}  # of no function of their own
ELSEWHERE = {
    "method_set_pop", "library_random_choice", "special_print", "special_type", "library_dataclasses_replace", "library_collections_defaultdict",
    *(f"library_re_{name}" for name in ("compile", "match", "fullmatch", "search", "findall", "split", "sub")),  # and in `test_matching.py`
    *(f"method_pattern_{name}" for name in ("match", "fullmatch", "search", "findall", "split", "sub")), *(f"method_match_{name}" for name in ("group", "groups", "start", "end", "span")),
}  # fmt: skip


@functools.cache
def group(parameters):
    cases = {text: Given(parameters, text) for text in CASES[parameters]}
    compiled(list(cases.values()))
    return cases


@pytest.mark.parametrize(("parameters", "text"), ALL, ids=[text for _, text in ALL])
def test_what_is_built_in_does_what_it_means(parameters, text):
    own, values = group(parameters)[text], []
    mentioned = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}

    @settings(max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(
        st.fixed_dictionaries(
            {n: draws(n, type_, parameters) if n in mentioned else st.just(example(type_)) for n, type_ in own.types.items()}
        )
    )
    def check(arguments):
        try:
            values.append(compare(own, arguments))
        except TooLarge:
            return

    check()
    assert values, "nothing was compared"


def draws(name, type_, parameters):
    return LARGE if type_ == t.INT and parameters.startswith("i: int") and name != "k" else drawn(type_)


def example(type_):
    """A value of a parameter that is not used."""
    if isinstance(type_, t.Collection | t.Mapping):
        makers = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "deque": collections.deque, "dict": dict}
        return makers[type_.kind]()
    return {t.INT: 0, t.STR: "", t.BYTES: b"", t.BOOL: False, t.FLOAT: 0.0, t.BYTEARRAY: bytearray()}[type_]


def test_every_entry_has_a_case():
    entries = {name for name in dir(Builtins) if name.startswith(ENTRIES)} - {
        "class_of",
        "class_name",
        "class_fact",
        "class_constant",
    }
    used = {name for parameters, text in ALL for name in group(parameters)[text].probe.used}
    assert entries - used - ELSEWHERE - OTHERS == set()


@pytest.mark.parametrize(
    "text",
    [
        "iter(xs)", "next(xs)", "sorted(xs, key=lambda a, b: a)", "min(xs, ys, key=len)", "sorted(xs, reverse=i > 0)", "max(xs, wrong=1)", "xs.sort(wrong=1)", "print(*xs)[0]",
        "itertools.count(1)", "itertools.product(xs, ys, xs)", "itertools.combinations(xs, 3)", "itertools.permutations(xs)", "bisect.bisect(set(xs), i)", "functools.reduce(lambda a, b: a - b, xs, 0)", "struct.pack('I', i)",
        "struct.pack('>d', i)", "struct.pack(str(i), i)", "collections.deque(xs, maxlen=3)", "collections.OrderedDict()", "reversed(xs)[0]", "len(map(abs, xs)) and bool(map(abs, xs))", "zip(xs, ys) == xs",
        "i.to_bytes(4, str(i))", "m.keys() == m.keys()", "m.items()[0]", "int(str(i), 16)", "round(1.5, i)", "1.5 ** (i / 2)", "m.keys() - xs", "sorted([(1, 2)])", "dict(m, **m)", "m | m",
    ],
)  # fmt: skip
def test_what_is_not_described_is_refused(text):
    with pytest.raises(Unsupported):
        Given("xs: list[int], ys: list[int], i: int, m: dict[int, int]", text)


def test_a_wrong_meaning_is_found_out(monkeypatch):
    monkeypatch.setattr(Builtins, "call_sorted", lambda self, node, values: Term(self.content(values), values.type, content=True))
    wrong = Given("xs: list[int]", "sorted(xs)")
    compiled([wrong])
    assert compare(wrong, {"xs": [1, 2]})
    with pytest.raises(AssertionError):
        compare(wrong, {"xs": [2, 1]})
