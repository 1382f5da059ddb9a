"""Modules that import one another, in circles too."""

import pytest

from probatum.errors import UnreadableArtefact
from probatum.python import types
from probatum.python.program import Syntax
from probatum.python.reading import read_module, read_program
from probatum.python.types import INT, Collection, Instance


def parameter(program, function, index=0):
    return program.function(function).parameters[index].type


def test_types_are_known_by_the_name_under_which_they_are_defined():
    program = read_program(
        {
            "shapes/__init__.py": "from .square import Square as Quadrat\nfrom . import square\n",
            "shapes/square.py": "class Square: pass\n",
            "use.py": "import shapes\nfrom shapes import Quadrat\nimport shapes.square as s\nQ = Quadrat\n"
            "def f(a: Quadrat, b: shapes.Quadrat, c: s.Square, d: shapes.square.Square, e: Q): pass\n",
        }
    )

    assert {p.type for p in program.function("use.f").parameters} == {Instance("shapes.square.Square")}
    assert program.class_("shapes.Quadrat") is program.class_("shapes.square.Square")
    assert program.missing == ()


def test_modules_may_import_each_other_in_a_circle():
    program = read_program(
        {
            "a.py": "from b import *\nimport b\nclass A(b.B): pass\ndef f(x: B, y: 'V'): pass\n",
            "b.py": "from a import A, V as W\nfrom a import *\nclass B: pass\nV = list[int]\ndef g(x: A, y: W): pass\n",
        }
    )

    assert parameter(program, "a.f") == Instance("b.B")
    assert parameter(program, "a.f", 1) == Collection("list", INT)
    assert parameter(program, "b.g") == Instance("a.A")
    assert program.class_("a.A").bases == ("b.B",)


def test_names_that_lead_in_a_circle_lead_nowhere():
    program = read_program({"a.py": "from b import x\ndef f(p: x): pass\n", "b.py": "from a import x\n"})

    assert program.function("a.x") is None
    assert program.function("a.f") is not None


def test_aliases_and_type_variables_are_shared():
    program = read_program(
        {
            "kinds.py": "from typing import *\nfrom probatum.spec import Range\nT = TypeVar('T')\nTOP = 9\nDigit = Annotated[int, Range(0, TOP)]\nPairs = list[tuple[T, T]]\n",
            "use.py": "import kinds\nfrom kinds import *\ndef f(a: Digit, b: kinds.Digit, c: T, d: Pairs[int]): pass\n",
        }
    )

    first, second, third, fourth = (p.type for p in program.function("use.f").parameters)
    assert first == second == types.Ranged(0, 9)
    assert third == types.Variable("T")
    assert fourth == Collection("list", types.Tuple((INT, INT)))


def test_contracts_are_found_through_a_module_that_hands_them_on():
    program = read_program(
        {
            "our/contracts.py": "from probatum.spec import requires as expects, ensures\nimport icontract\nneed = icontract.require\n",
            "our/__init__.py": "",
            "our/use.py": "from .contracts import *\nfrom . import contracts as c\n"
            "def f(x: int):\n    expects(x > 0)\n    c.ensures(lambda r: r)\n"
            "@need(lambda x: x > 0)\ndef g(x: int): pass\n",
        }
    )

    f, g = program.function("our.use.f"), program.function("our.use.g")
    assert f.contract.syntax is Syntax.NATIVE
    assert (len(f.contract.requires), len(f.contract.ensures)) == (1, 1)
    assert g.contract.syntax is Syntax.ICONTRACT


def test_only_public_names_come_with_a_star():
    program = read_program(
        {
            "a.py": "__all__ = ['one']\n__all__ += ['two']\ndef one(): pass\ndef two(): pass\ndef three(): pass\n",
            "b.py": "def one(): pass\ndef _hidden(): pass\n",
            "use.py": "from a import *\n",
            "use2.py": "from b import *\n",
        }
    )

    assert set(program.modules["use"].imports) == {"one", "two"}
    assert set(program.modules["use2"].imports) == {"one"}
    assert program.function("use.two") is program.function("a.two")


def test_what_is_imported_and_not_there_is_named():
    program = read_program(
        {
            "p/__init__.py": "from . import here, gone\nname_of_this = 1\n",
            "p/here.py": "import os.path, numpy as np\nfrom collections import deque\nfrom .. import up\nfrom p.other import x\nimport icontract\n"
            "from p import name_of_this\n",
        }
    )

    assert program.missing == ("p.gone", "numpy", "p.other")


def test_roots_say_where_packages_begin():
    program = read_program({"src/a/b.py": "from a.c import f\n", "src/a/c.py": "def f(): pass\n"}, ["src"])

    assert set(program.modules) == {"a.b", "a.c"}
    assert program.function("a.b.f") is program.function("a.c.f")
    assert program.missing == ()


def test_a_file_that_cannot_be_read_does_not_stop_the_others():
    program = read_program({"a.py": "def f(:\n", "b.py": "import a\ndef g(): pass\n"})

    assert isinstance(program.unreadable["a.py"], UnreadableArtefact)
    assert program.function("b.g") is not None


def test_two_files_for_one_module_are_told_apart():
    program = read_program({"x/a.py": "def f(): pass\n", "y/a.py": "def g(): pass\n"}, ["x", "y"])

    assert program.function("a.f") is not None
    assert program.unreadable["y/a.py"].message == "`y/a.py` and `x/a.py` are both the module `a`"


def test_a_kind_is_inherited_from_another_module():
    program = read_program(
        {
            "a.py": "import enum\nclass Base(enum.IntEnum): pass\nclass Failed(LookupError): pass\n",
            "b.py": "import a\nclass C(a.Base):\n    X = 1\nclass D(a.Failed): pass\n",
        }
    )

    assert program.class_("b.C").kind == "intenum"
    assert program.class_("b.D").kind == "exception"


@pytest.mark.parametrize("text", ["class A(B): pass\nclass B(A): pass\n", "class A(A): pass\n", "import m\nclass A(m.A): pass\n"])
def test_classes_derived_from_themselves_are_read(text):
    program = read_program({"m.py": text})

    assert program.class_("m.A").kind == "class"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = b + 1\nb = 2\n", "`b` is used before it is defined"),
        ("a = a + 1\n", "`a` is used before it is defined"),
        (
            "import enum\n\nclass E(enum.Enum):\n    A = 1\n\nclass F(E):\n    B = 2\n",
            "`F` derives from `E`, an enumeration with members, which Python refuses",
        ),
    ],
)
def test_a_module_that_cannot_be_imported_is_a_mistake(text: str, message: str):
    with pytest.raises((NameError, TypeError)):
        exec(text, {"__name__": "m"})  # noqa: S102 - what Python itself says of it

    assert message in [p.message for p in read_module(text, "m.py").problems if not p.unsupported]


@pytest.mark.parametrize(
    "text",
    [
        "b = 2\na = b + 1\n",
        "a = __file__\n",
        "def g():\n    global b\n    b = 1\n\ng()\na = b\nb = 2\n",
        "a = lambda: b\nb = 2\n",
        "import enum\n\nclass E(enum.Enum):\n    def m(self):\n        return 1\n\nclass F(E):\n    B = 2\n",
    ],
)
def test_a_module_that_can_be_imported_is_none(text: str):
    exec(text, {"__name__": "m", "__file__": "m.py"})  # noqa: S102 - what Python itself says of it

    assert [p for p in read_module(text, "m.py").problems if not p.unsupported] == []
