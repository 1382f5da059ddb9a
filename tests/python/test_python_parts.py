"""Which functions of a module have nothing to do with one another, and what is left of a module without some of them."""

import ast

import pytest

from probatum.python.parts import parts, without

HEAD = "from probatum.spec import ensures\n"


def names(text):
    return [[f.name for f in part.functions] for part in parts(ast.parse(text), text)]


def test_functions_that_call_one_another_are_one_part():
    text = (
        HEAD
        + "def a(n: int) -> int:\n    return b(n)\ndef b(n: int) -> int:\n    return n\ndef c(n: int) -> int:\n    return n\n"
    )

    assert names(text) == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    "rest",
    [
        "LIMIT = 3\ndef a(n: int) -> int:\n    return LIMIT\n",
        "class C:\n    x: int\ndef a(c: C) -> int:\n    return c.x\n",
        "import math\ndef a(n: int) -> int:\n    return math.gcd(n, 2)\n",
        "from other import helper\ndef a(n: int) -> int:\n    return helper(n)\n",
        "from other import Thing\ndef a(t: Thing) -> int:\n    return 1\n",
    ],
)
def test_constants_classes_and_imports_that_are_only_used_tie_nothing(rest):
    assert names(rest + "def z() -> int:\n    return 1\n") == [["a"], ["z"]]


@pytest.mark.parametrize(
    "rest",
    [
        "TABLE = [1]\ndef a(n: int) -> None:\n    TABLE.append(n)\n",
        "TABLE = [1]\ndef a() -> list[int]:\n    return TABLE\n",
        "LIMIT = 3\ndef a() -> None:\n    global LIMIT\n    LIMIT = 4\n",
        "LIMIT = 3\nLIMIT = 4\ndef a() -> int:\n    return LIMIT\n",
        "class C:\n    pass\ndef a(c: C) -> None:\n    c.x = 1\n",
        "class C:\n    shared: list[int] = []\ndef a(c: C) -> None:\n    c.shared.append(1)\n",
        "class C:\n    def m(self) -> int:\n        return a()\ndef a() -> int:\n    return 1\n",
        "def a() -> int:\n    return 1\nX = a()\n",
        "def a() -> int:\n    return 1\ndef a() -> int:\n    return 2\n",
        "def a(n: int) -> int:\n    return eval('1') + n\n",
        "class C:\n    pass\ndef a(c: C) -> None:\n    setattr(c, 'x', 1)\n",
        "import sys\ndef a() -> object:\n    return sys.modules\n",
        "from other import Thing\ndef a() -> object:\n    return [Thing]\n",
        "from other import Thing\ndef a(t: Thing) -> None:\n    t.items.append(1)\n",
        "from other import register\n@register\ndef a() -> int:\n    return 1\n",
        "def a() -> int:\n    class C:\n        pass\n    return 1\n",
        "def a() -> int:\n    import other\n    return 1\n",
    ],
)
def test_functions_that_may_change_what_is_not_theirs_belong_to_the_rest(rest):
    assert names(rest + "def z() -> int:\n    return 1\n") == [["z"]]


@pytest.mark.parametrize(
    "rest",
    [
        "from other import *\n",
        "for n in range(3):\n    pass\n",
        "print(globals())\n",
        "X = [1]\nX[0] = 2\n",
        "from nagini_contracts.contracts import *\n",
        "async def wait() -> None:\n    pass\n",
        "exec('x = 1')\n",
        "import inspect\nX = inspect.stack()\n",
        "\r\n",
    ],
)
def test_where_everything_may_depend_on_everything_there_are_no_parts(rest):
    assert names(rest + "def a() -> int:\n    return 1\ndef z() -> int:\n    return 1\n") == []


def test_a_contract_in_a_docstring_ties_functions_as_a_call_does():
    text = 'def a(n: int) -> int:\n    """post: b(__return__)"""\n    return n\ndef b(n: int) -> bool:\n    return True\n'

    assert names(text) == [["a", "b"]]


def test_what_is_left_out_leaves_empty_lines():
    text = HEAD + "@deco\ndef a() -> int:\n    return 1\n\nX = 1\ndef b() -> int:\n    return 2\n"
    own = parts(ast.parse(text), text)

    left = without(text, [p for p in own if p.functions[0].name == "a"])

    assert left == HEAD + "\n\n\n\nX = 1\ndef b() -> int:\n    return 2\n"


def test_the_text_of_a_part_is_its_own_and_that_of_the_rest():
    text = HEAD + "\n# a remark\ndef a() -> int:\n\n    return 1\n\n\ndef b() -> int:\n    return 2\n"
    first, second = parts(ast.parse(text), text)

    assert first.text == HEAD + "# a remark\ndef a() -> int:\n\n    return 1"
    assert first.lines == (1, 3, 4, 5, 6)
    assert second.text == HEAD + "# a remark\ndef b() -> int:\n    return 2"


def test_a_blank_line_in_a_text_of_the_module_is_not_nothing():
    one = 'WORDS = """a\n\nb"""\ndef f() -> int:\n    return 1\n'
    other = 'WORDS = """a\nb"""\ndef f() -> int:\n    return 1\n'

    assert parts(ast.parse(one), one)[0].text != parts(ast.parse(other), other)[0].text
