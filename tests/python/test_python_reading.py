"""Texts become modules: what cannot be read, names, annotations, classes."""

import ast
import sys

import pytest

from probatum.errors import UnreadableArtefact
from probatum.python import types
from probatum.python.program import Module, Passing
from probatum.python.reading import read_module
from probatum.python.texts import deepest, imported, module_name
from probatum.python.types import BOOL, BYTES, FLOAT, INT, NEVER, NONE, OBJECT, STR, UNKNOWN, Collection, Instance, Ranged, Tuple


def read(text: str, path: str = "m.py") -> Module:
    return read_module(text, path)


def annotated(annotation: str, before: str = "") -> types.Type:
    """Return the type that an annotation names."""
    text = f"from typing import *\nimport typing, collections, collections.abc\nfrom probatum.spec import *\n{before}\n"
    module = read(f"{text}def f(x: {annotation}): pass\n")
    return module.functions["f"].parameters[0].type


# Texts


def test_a_long_sum_is_read_or_refused_and_brings_nothing_down() -> None:
    # Which one depends on the stack that Python's parser has.
    said = ""
    try:
        read_module("x = 1" + " + 1" * 50_000, "a/b.py")
    except UnreadableArtefact as error:
        said = error.message

    assert said == "" or "nested too deeply for Python's parser" in said


@pytest.mark.parametrize(
    ("text", "said", "line", "column"),
    [
        ("x = 1\ndef f(:\n", "`a/b.py` is not Python: invalid syntax", 2, 7),
        ("  x = 1\n", "`a/b.py` is not Python: unexpected indent", 1, 2),
        ("print 3\n", "missing parentheses in call to 'print'", 1, 1),
        ("é = 'ü' 3\n", "`a/b.py` is not Python: invalid syntax", 1, 9),
        ("x = 1\x00\n", "null bytes", None, None),
        ("x = '\ud800'\n", "surrogates not allowed", None, None),
        ("(" * 500 + ")" * 500, "too many nested parentheses", 1, 201),
        ("x = " + "-" * 100_000 + "1", "nested too deeply for Python's parser", None, None),
        ("#" * 4_000_001, "more than the 4,000,000 that are read", None, None),
    ],
    ids=range(9),
)
def test_what_is_not_python_gets_one_error_with_its_place(text, said, line, column):
    with pytest.raises(UnreadableArtefact) as caught:
        read(text, "a/b.py")

    assert said in caught.value.message
    assert caught.value.help
    assert caught.value.location.path == "a/b.py"
    if line is not None:
        assert (caught.value.location.line, caught.value.location.column) == (line, column)


@pytest.mark.parametrize(
    ("text", "what", "since"),
    [
        ("type X = int\n", "a `type` statement", (3, 12)),
        ("def f[T](x: T) -> T: return x\n", "type parameters in brackets", (3, 12)),
        ("class C[T]: pass\n", "type parameters in brackets", (3, 12)),
        ("def f(x):\n    return f'{x['a']}'\n", "an f-string with quotes, backslashes or comments inside its braces", (3, 12)),
        ("try:\n    pass\nexcept A, B:\n    pass\n", "`except` with several exceptions without parentheses", (3, 14)),
        ("x = t'{y}'\n", "a template string", (3, 14)),
    ],
)
def test_syntax_of_a_newer_python_is_named(text, what, since):
    if sys.version_info >= since:
        read(text)
        return
    with pytest.raises(UnreadableArtefact) as caught:
        read(text)

    assert what in caught.value.message
    assert f"Python {since[0]}.{since[1]} or newer" in caught.value.help


@pytest.mark.parametrize(
    "deep",
    [
        "    return " + "+".join(["x"] * 900),
        "    return " + "-" * 900 + "x",
        "    if x:\n        pass\n" + "    elif x:\n        pass\n" * 200,
        "    return " + "x." * 300 + "y",
    ],
    ids=["sum", "signs", "elif", "attributes"],
)
def test_one_function_that_is_nested_too_deeply_leaves_the_others_readable(deep):
    module = read(f"def f(x):\n    assert x\n{deep}\ndef g(x: int) -> int:\n    return x\n")

    [problem] = module.functions["f"].problems
    assert problem.message == f"more than {deepest} levels of nesting"
    assert problem.unsupported
    assert module.functions["f"].body == ()
    assert module.functions["g"].returns == INT


def test_deep_values_outside_functions_are_left_unknown():
    sum_ = " + ".join(["1"] * 500)
    module = read(f"X = {sum_}\nclass C:\n    Y = {sum_}\nclass D:\n    def m(self): return {sum_}\n    def n(self): return 1\n")

    assert "X" not in module.constants
    assert list(module.classes) == ["D"]
    assert [p.function for p in module.problems] == ["m.C"]
    assert [bool(m.problems) for m in module.classes["D"].methods.values()] == [True, False]


def test_line_ends_of_all_systems_and_a_byte_order_mark_are_read():
    module = read("\ufeffx = 1\r\ndef f(é: int) -> int:\r    return é\n\x0cdef g(): pass\n")

    assert module.functions["f"].place.line == 2
    assert module.functions["g"].place.line == 4


def test_positions_count_code_points():
    module = read("def f(ä: 'int' = '😀', b: int = 1): pass\n")

    first, second = module.functions["f"].parameters
    assert (first.place.column, second.place.column) == (7, 23)


def test_reading_takes_no_notice_of_warnings():
    """An escape that Python will complain about is the author's affair."""
    assert read("x = '\\d'\n").constants["x"].value == "\\d"


# Names


def test_a_file_is_a_module_below_the_deepest_root():
    assert module_name("a/b/c.py") == "a.b.c"
    assert module_name("a/b/__init__.py") == "a.b"
    assert module_name("src/a/b.py", ["src", "."]) == "a.b"
    assert module_name("src/lib/b.py", ["src", "src/lib"]) == "b"
    assert module_name("srcs/b.pyi", ["src"]) == "srcs.b"


def test_imports_are_named_absolutely_wherever_they_are():
    tree = ast.parse(
        "import a.b, c as d\nfrom . import x\nfrom ..y import z\nfrom w import *\n"
        "def f():\n    try:\n        import deep\n    except ImportError:\n        from other import one\n"
    )

    assert imported(tree, "p.q.r") == ["a.b", "c", "p.q", "p.q.x", "p.y", "p.y.z", "w", "deep", "other"]
    assert imported(ast.parse("from . import x"), "p", package=True) == ["p", "p.x"]
    assert imported(ast.parse("from ... import x"), "p.q") == []


def test_a_name_that_is_assigned_once_is_a_constant_and_others_are_variables():
    module = read(
        "A = 1\nB: Final = 2\nC = 3\nC = 4\nD = 5\nE, F = 6, 7\nif A:\n    G = 8\nfor H in ():\n    I = 9\nJ += 1\n"
        "K = (L := 10)\nwith open('x') as M:\n    pass\ndef f():\n    global D\n    D = 0\n"
    )

    assert set(module.constants) == {"A", "B", "E", "F", "K"}
    assert module.constant_types["A"] == INT
    assert {"C", "D", "G", "H", "I", "J", "L", "M"} <= set(module.variables)
    assert module.variables["C"] == INT
    assert module.variables["D"] == INT  # wherever it is assigned


@pytest.mark.parametrize(
    "other",
    [
        "f = wrap(f)\n",
        "try:\n    from x import f\nexcept ImportError:\n    pass\n",
        "class f: pass\n",
        "def g():\n    global f\n    f = 1\n",
    ],
)
def test_a_function_whose_name_means_something_else_too_is_not_looked_at(other):
    module = read(f"def f(x: int) -> int:\n    return x\n{other}")

    assert "f" not in module.functions
    assert any("`f` is bound elsewhere" in p.message and p.function == "m.f" for p in module.problems)


def test_the_last_definition_counts_and_the_earlier_is_named():
    module = read("def f(): return 1\ndef f(): return 2\n")

    assert module.functions["f"].place.line == 2
    assert [(p.place.line, p.message) for p in module.problems] == [
        (1, "`f` is defined again on line 2, so this definition is not looked at")
    ]


def test_overloads_are_no_definitions():
    module = read("from typing import overload\n@overload\ndef f(x: int) -> int: ...\ndef f(x): return x\n")

    assert module.problems == ()
    assert module.functions["f"].parameters[0].type == UNKNOWN


def test_coroutines_are_unsupported_by_name():
    module = read("async def f(): pass\nclass C:\n    async def m(self): pass\n")

    assert [(p.function, p.message, p.unsupported) for p in module.problems] == [
        ("m.f", "an `async` function", True),
        ("m.C.m", "an `async` function", True),
    ]


def test_a_decorator_that_nobody_knows_is_unsupported_for_that_function_only():
    module = read(
        "import functools\nimport web\n@web.route('/')\ndef f(): pass\n@functools.lru_cache\ndef g() -> int: return 1\n"
    )

    assert [p.message for p in module.functions["f"].problems] == ["the decorator `web.route('/')`"]
    assert module.functions["g"].problems == ()


def test_a_cache_is_harmless_only_where_nothing_can_change():
    """What it hands out again is the same list, with what callers have done to it since."""
    module = read(
        "from functools import cache, lru_cache\n@cache\ndef f(x: int, y: tuple[str, ...]) -> int | None: return x\n"
        "@lru_cache(maxsize=9)\ndef g(x: int) -> list[int]: return [x]\n"
        "class C:\n    @cache\n    def m(self) -> int: return 1\n"
    )

    assert module.functions["f"].problems == ()
    assert [p.message for p in module.functions["g"].problems] == ["the decorator `lru_cache(maxsize=9)`"]
    assert [p.message for p in module.classes["C"].methods["m"].problems] == ["the decorator `cache`"]


# Parameters


def test_parameters_say_how_they_are_passed_and_what_they_default_to():
    f = read("def f(a, /, b: int, c=3, *d: str, e: bool = True, g=None, **h: int): pass\n").functions["f"]

    found = {p.name: (p.passing, str(p.type), p.annotated) for p in f.parameters}
    assert found == {
        "a": (Passing.POSITIONAL, "unknown", False),
        "b": (Passing.BOTH, "int", True),
        "c": (Passing.BOTH, "int", False),
        "d": (Passing.REST, "tuple[str, ...]", True),
        "e": (Passing.KEYWORD, "bool", True),
        "g": (Passing.KEYWORD, "unknown", False),
        "h": (Passing.REST_KEYWORDS, "dict[str, int]", True),
    }
    assert [ast.unparse(p.default) if p.default else None for p in f.parameters] == [None, None, "3", None, "True", "None", None]


def test_what_a_function_without_return_gives_back_is_none():
    module = read("def f(): pass\ndef g():\n    return 1\ndef h():\n    yield\ndef i():\n    def j(): return 1\n")

    assert {n: str(f.returns) for n, f in module.functions.items()} == {"f": "None", "g": "unknown", "h": "unknown", "i": "None"}


def test_a_parameter_that_defaults_to_none_may_be_none():
    assert str(read("def f(x: int = None): pass\n").functions["f"].parameters[0].type) == "int | None"


def test_types_in_comments_are_annotations():
    module = read(
        "def f(a, b):\n    # type: (int, str) -> bool\n    c = []  # type: list[int]\n    return True\n"
        "class C:\n    def __init__(self):\n        # type: () -> None\n        self.x = None  # type: int | None\n"
    )

    f = module.functions["f"]
    assert [p.type for p in f.parameters] == [INT, STR]
    assert f.returns == BOOL
    assert ast.unparse(f.body[0]) == "c: list[int] = []"
    assert str(module.classes["C"].fields["x"].type) == "int | None"


def test_a_comment_that_only_looks_like_a_type_is_a_comment():
    assert read("x = [  # type: of thing\n  1]\ny = 2  # type: ignore\nz = 3  # type: what is this\n").constants.keys() == {
        "x",
        "y",
        "z",
    }


# Annotations


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("int", INT),
        ("float", FLOAT),
        ("None", NONE),
        ("object", OBJECT),
        ("bytes", BYTES),
        ("list[int]", Collection("list", INT)),
        ("List[int]", Collection("list", INT)),
        ("typing.List", Collection("list", UNKNOWN)),
        ("'list[\"int\"]'", Collection("list", INT)),
        ("set[str]", Collection("set", STR)),
        ("collections.deque[int]", Collection("deque", INT)),
        ("Deque[int]", Collection("deque", INT)),
        ("collections.abc.Sequence[int]", Collection("sequence", INT)),
        ("Iterable[int]", Collection("iterable", INT)),
        ("Iterator[int]", Collection("iterator", INT)),
        ("Generator[int, None, None]", Collection("iterator", INT)),
        ("range", Collection("range", INT)),
        ("tuple[int, str]", Tuple((INT, STR))),
        ("Tuple[int, ...]", Collection("tuple", INT)),
        ("tuple[()]", Tuple(())),
        ("tuple", Collection("tuple", UNKNOWN)),
        ("dict[str, list[int]]", types.Mapping("dict", STR, Collection("list", INT))),
        ("DefaultDict[str, int]", types.Mapping("defaultdict", STR, INT)),
        ("collections.Counter[str]", types.Mapping("Counter", STR, INT)),
        ("Mapping[str, int]", types.Mapping("mapping", STR, INT)),
        ("Optional[int]", types.Union((INT, NONE))),
        ("Union[int, None, Union[str, int]]", types.Union((INT, NONE, STR))),
        ("int | str | None", types.Union((INT, STR, NONE))),
        ("'int' | None", types.Union((INT, NONE))),
        ("Callable[[int, str], bool]", types.Callable((INT, STR), BOOL)),
        ("Callable[..., bool]", types.Callable(None, BOOL)),
        ("Callable", types.Callable(None, UNKNOWN)),
        ("type[int]", types.ClassObject(INT)),
        ("NoReturn", NEVER),
        ("Any", UNKNOWN),
        ("Final[int]", INT),
        ("Annotated[int, 'note']", INT),
        ("Annotated[int, Range(0, 2**32 - 1)]", Ranged(0, 2**32 - 1)),
        ("Annotated[int, Range(low=-5)]", Ranged(-5, None)),
        ("Annotated[Nat, Range(-5, 1 << 4)]", Ranged(0, 16)),
        ("UInt8", Ranged(0, 255)),
        ("Int16", Ranged(-32768, 32767)),
        ("Nat", Ranged(0, None)),
        ("Positive", Ranged(1, None)),
        ("list[UInt8]", Collection("list", Ranged(0, 255))),
        ("Literal[1, 2, 3]", Ranged(1, 3)),
        ("Literal['a', None]", types.Union((STR, NONE))),
        ("ValueError", Instance("builtins.ValueError")),
        ("complex", Instance("builtins.complex")),
    ],
)
def test_an_annotation_names_a_type(annotation, expected):
    assert annotated(annotation) == expected


@pytest.mark.parametrize(
    ("before", "annotation", "expected"),
    [
        ("Vec = list[int]", "Vec", Collection("list", INT)),
        ("Vec = List['int']", "list[Vec]", Collection("list", Collection("list", INT))),
        ("Id = NewType('Id', int)", "Id", INT),
        ("A: TypeAlias = 'int | None'", "A", types.Union((INT, NONE))),
        ("N = int", "N", INT),
        ("class C: pass\nD = C", "D", Instance("m.C")),
        ("class C: pass", "'C'", Instance("m.C")),
        ("class C:\n    class D: pass", "C.D", Instance("m.C.D")),
        ("T = TypeVar('T', bound=int)", "list[T]", Collection("list", types.Variable("T", INT))),
        ("T = TypeVar('T', int, str)", "T", types.Variable("T", None, (INT, STR))),
        ("T = TypeVar('T')\nclass C(Generic[T]): pass", "C[int]", Instance("m.C", (INT,))),
        ("T = TypeVar('T')\nPair = tuple[T, T]", "Pair[int]", Tuple((INT, INT))),
        ("TOP = 2**8\nByte = Annotated[int, Range(0, TOP - 1)]", "Byte", Ranged(0, 255)),
        ("from annotated_types import Ge, Lt, Interval", "Annotated[int, Ge(1), Lt(10)]", Ranged(1, 9)),
        ("from annotated_types import Ge, Lt, Interval", "Annotated[int, Interval(gt=0, le=4)]", Ranged(1, 4)),
        ("from decimal import Decimal", "Decimal", Instance("decimal.Decimal")),
    ],
)
def test_a_name_of_a_type_is_looked_up(before, annotation, expected):
    assert annotated(annotation, before) == expected


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        ("nowhere", "`nowhere` as a type: nothing of that name is known"),
        ("3", "`3` as a type"),
        ("'list['", "`'list['` is not a type"),
        ("f(int)", "`f(int)` as a type"),
        ("collections.abc.Sized", "`Sized` as a type"),
        ("Annotated[int, Range(0, top())]", "the bound `top()`: it is no number that can be worked out"),
        ("'" + "list[" * 60 + "int" + "]" * 60 + "'", "an annotation nested more than 50 levels deep"),
    ],
)
def test_an_annotation_without_meaning_is_unknown_and_said(annotation, message):
    text = f"from typing import *\nimport collections.abc\nfrom probatum.spec import *\ndef f(x: {annotation}): pass\n"
    f = read(text).functions["f"]

    assert message in [p.message for p in f.problems]


def test_aliases_in_a_circle_are_no_types():
    module = read("a = b\nb = a\nc = c | None\nd = list[e]\ne = list[d]\ndef f(w: a, x: b, y: c, z: d): pass\n")

    assert len(module.functions["f"].parameters) == 4


def test_type_variables_of_a_function_are_those_that_its_class_does_not_bind():
    module = read(
        "from typing import *\nT = TypeVar('T')\nS = TypeVar('S')\n"
        "class Box(Generic[T]):\n    def put(self, x: T, y: S) -> Self: return self\ndef f(x: T, y: list[S]) -> T: return x\n"
    )

    put = module.classes["Box"].methods["put"]
    assert module.classes["Box"].type_variables == ("T",)
    assert put.type_variables == ("S",)
    assert put.returns == put.parameters[0].type == Instance("m.Box", (types.Variable("T"),))
    assert module.functions["f"].type_variables == ("T", "S")


# Classes


def test_fields_are_what_the_class_declares_and_what_its_constructor_assigns():
    c = read(
        "class C:\n    a: int\n    shared = 3\n    def __init__(self, n: int, xs: list[str] | None = None):\n"
        "        self.n = n\n        self.xs = xs or []\n        self.flag, self.size = True, len(xs)\n        self.late: float = 0\n"
        "        if n:\n            self.maybe = None\n        else:\n            self.maybe = 'x'\n        self.what = compute()\n"
    ).classes["C"]

    assert {n: str(f.type) for n, f in c.fields.items()} == {
        "a": "int",
        "shared": "int",
        "n": "int",
        "xs": "list[str]",
        "flag": "bool",
        "size": "int",
        "late": "float",
        "maybe": "None | str",
        "what": "unknown",
    }
    assert [n for n, f in c.fields.items() if f.shared] == ["shared"]
    assert list(c.constants) == ["shared"]


def test_dataclasses_say_what_their_constructor_takes():
    c = read(
        "from dataclasses import dataclass, field, KW_ONLY\nfrom typing import ClassVar\n@dataclass(frozen=True)\nclass C:\n"
        "    a: int\n    b: list[int] = field(default_factory=list)\n    c: int = field(default=3, init=False)\n"
        "    top: ClassVar[int] = 9\n    _: KW_ONLY\n    d: str = 'x'\n"
    ).classes["C"]

    assert c.kind == "frozen"
    assert c.compares_by_value
    found = {n: (ast.unparse(f.default) if f.default else None, f.in_init, f.keyword_only, f.made) for n, f in c.fields.items()}
    assert found == {
        "a": (None, True, False, False),
        "b": ("list()", True, False, True),
        "c": ("3", False, False, False),
        "top": ("9", False, False, False),
        "d": ("'x'", True, True, False),
    }
    assert c.fields["top"].shared


@pytest.mark.parametrize(
    ("text", "kind", "by_value"),
    [
        ("class C: pass", "class", False),
        ("@dataclass\nclass C: pass", "dataclass", True),
        ("@dataclass(eq=False)\nclass C: pass", "dataclass", False),
        ("class C(NamedTuple):\n    x: int", "frozen", True),
        ("class C(Enum):\n    A = 1", "enum", False),
        ("class C(IntEnum):\n    A = 1", "intenum", False),
        ("class C(ValueError): pass", "exception", False),
        ("class B(KeyError): pass\nclass C(B): pass", "exception", False),
        ("class B(Enum): pass\nclass C(B):\n    A = 1", "enum", False),
        ("class C(Protocol):\n    def m(self) -> int: ...", "protocol", False),
        ("class C(ABC): pass", "class", False),
    ],
)
def test_the_kind_of_a_class(text, kind, by_value):
    imports = "from abc import ABC\nfrom dataclasses import dataclass\nfrom enum import Enum, IntEnum\nfrom typing import *\n"
    c = read(f"{imports}{text}\n").classes["C"]

    assert (c.kind, c.compares_by_value) == (kind, by_value)
    assert c.problems == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("class C(TypedDict):\n    x: int", "a `TypedDict`"),
        ("class C(metaclass=M): pass", "the metaclass `M`"),
        ("@attrs.define\nclass C: pass", "the decorator `attrs.define`"),
        ("class C(make()): pass", "the base class `make()`"),
        ("class C(Flag):\n    A = 1", "`enum.Flag`"),
        ("@dataclass\nclass C:\n    x: InitVar[int]", "an `InitVar`"),
        (
            "class C:\n    def m(self): pass\n    m = staticmethod(m)",
            "`m` is bound elsewhere in the class too, so what it means is not known",
        ),
    ],
)
def test_classes_outside_the_language_are_unsupported_by_name(text, message):
    imports = "import attrs\nfrom dataclasses import dataclass, InitVar\nfrom enum import Flag\nfrom typing import *\n"
    c = read(f"{imports}{text}\n").classes["C"]

    assert message in [p.message for p in c.problems]
    assert all(p.unsupported for p in c.problems)


def test_some_classes_are_ordered_by_their_fields():
    module = read(
        "from dataclasses import dataclass\nfrom typing import NamedTuple\n@dataclass(order=True)\nclass A: pass\n"
        "@dataclass\nclass B: pass\nclass C(NamedTuple): pass\n"
    )

    assert {n: c.ordered for n, c in module.classes.items()} == {"A": True, "B": False, "C": True}


def test_members_of_an_enum_are_its_constants():
    c = read(
        "import enum\nclass Colour(enum.Enum):\n    RED = 1\n    GREEN, BLUE = 2, 3\n    def warm(self) -> bool: return True\n"
    ).classes["Colour"]

    assert {n: ast.unparse(e) for n, e in c.constants.items()} == {"RED": "1", "GREEN": "2", "BLUE": "3"}
    assert c.fields == {}


def test_methods_know_their_class_and_their_kind():
    c = read(
        "class C:\n    def __init__(self): pass\n    def m(self): pass\n    @staticmethod\n    def s(x: int): pass\n"
        "    @classmethod\n    def k(cls): pass\n    @property\n    def p(self) -> int: return 1\n"
        "    @p.setter\n    def p(self, v: int): pass\n    @abstractmethod\n    def a(self): ...\n"
    ).classes["C"]

    assert {n: (m.kind, m.name) for n, m in c.methods.items()} == {
        "__init__": ("method", "C.__init__"),
        "m": ("method", "C.m"),
        "s": ("static", "C.s"),
        "k": ("class", "C.k"),
        "p": ("property", "C.p"),
        "p.setter": ("setter", "C.p.setter"),
        "a": ("method", "C.a"),
    }
    assert c.methods["m"].parameters[0].type == Instance("m.C")
    assert c.methods["k"].parameters[0].type == types.ClassObject(Instance("m.C"))
    assert c.methods["s"].parameters[0].type == INT
    assert c.methods["m"].owner == "C"


def test_a_body_of_dots_is_taken_at_its_word_in_contract_files_only():
    text = "from probatum.spec import *\ndef f(x: int) -> int:\n    ensures(lambda r: r > x)\n    ...\n"

    assert not read(text).functions["f"].stub
    assert read_module(text, "m.py", library=True).functions["f"].stub


def test_bodies_are_copies():
    module = read("def f(x):\n    'doc'\n    y = [x]\n    return y\n")

    f = module.functions["f"]
    assert ast.dump(ast.Module(list(f.body), [])) == ast.dump(ast.Module(f.node.body[1:], []))
    assert not {id(n) for s in f.body for n in ast.walk(s) if n.__dict__} & {id(n) for n in ast.walk(module.tree)}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")
def test_type_variables_in_brackets():
    module = read("type Pair[T] = tuple[T, T]\nclass C[T: int]:\n    def m[S](self, x: T, y: Pair[S]) -> 'C[T]': return self\n")

    c = module.classes["C"]
    t, s = types.Variable("T", INT), types.Variable("S")
    assert c.type_variables == ("T",)
    assert [p.type for p in c.methods["m"].parameters[1:]] == [t, Tuple((s, s))]
    assert c.methods["m"].returns == Instance("m.C", (t,))
    assert c.methods["m"].type_variables == ("S",)


def test_a_variable_or_a_function_is_no_type():
    module = read("x = 3\ndef g(): pass\ndef f(a: x, b: g): pass\n")

    assert [p.type for p in module.functions["f"].parameters] == [UNKNOWN, UNKNOWN]


def test_stand_ins_for_contracts_that_are_not_installed_mean_the_contracts():
    module = read(
        "try:\n    from icontract import require\nexcept ImportError:\n    def require(condition): return lambda f: f\n"
        "@require(lambda x: x > 0)\ndef f(x: int) -> int: return x\n"
    )

    assert len(module.functions["f"].contract.requires) == 1
    assert "require" not in module.functions


def test_what_a_function_imports_itself_is_known_in_it():
    f = read("from probatum.spec import *\ndef f(x: int):\n    from probatum import spec as s\n    s.check(x == x)\n").functions[
        "f"
    ]

    assert [ast.unparse(s) for s in f.body] == ["from probatum import spec as s", "__check__(x == x)"]
