"""Operators between objects of classes that are derived from one another, and objects that are numbers."""

from verdicts import verdicts

from probatum.lower.lowered import Kind

HEAD = """
    class A:
        def __add__(self, other: "A") -> int:
            return 1
        def __radd__(self, other: "A") -> int:
            return 2
        def __eq__(self, other: object) -> bool:
            return isinstance(self, B)
        def __lt__(self, other: "A") -> bool:
            return True
        def __gt__(self, other: "A") -> bool:
            return False
    class B(A):
        pass
    class C(A):
        def __radd__(self, other: A) -> int:
            return 3
"""


def kinds(body: str, parameters: str = "") -> list:
    lines = "".join(f"        {line}\n" for line in body.split("\n"))
    found = verdicts(HEAD + f"    def f({parameters}) -> None:\n        requires(True)\n{lines}")["f"]
    return [text if text.startswith("unsupported") else kind for kind, text in found]


def test_right_operand_of_a_derived_class_is_asked_first():
    assert kinds("x = A() + B()\ncheck(x == 1)") == []  # nothing of its own
    assert kinds("x = A() + C()\ncheck(x == 3)") == []
    assert kinds("x = A() + C()\ncheck(x == 1)") == [Kind.ASSERTION]
    assert kinds("x = C() + A()\ncheck(x == 1)") == []


def test_comparisons_ask_a_derived_class_first_whatever_it_has():
    assert kinds("a = A()\nb = B()\nx = a == b\ncheck(x)") == []
    assert kinds("a = A()\nb = B()\nx = a < b\ncheck(not x)") == []
    assert kinds("a = A()\nb = B()\nx = a < b\ncheck(x)") == [Kind.ASSERTION]


def test_class_of_a_parameter_may_be_a_derived_one():
    assert kinds("x = a == b\ncheck(x)", "a: A, b: A") == [Kind.ASSERTION]
    assert kinds("x = a == b\ncheck(not x or isinstance(a, B) or isinstance(b, B))", "a: A, b: A") == []


def numbers(body: str) -> list:
    head = "class N(int):\n    pass\nclass M(N):\n    pass\nclass Other(int):\n    def __add__(self, o: int) -> int:\n        return 0\n"
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    found = verdicts(f"{head}def f(n: int, o: Other, x: object) -> None:\n    requires(True)\n{lines}")["f"]
    return [text if text.startswith("unsupported") else kind for kind, text in found]


def test_instance_of_a_class_derived_from_int_is_a_number():
    assert numbers("a = N(5)\ncheck(a == 5 and a + 1 == 6 and N() == 0 and M(3) < a)") == []
    assert numbers("a = N(5)\ncheck(isinstance(a, int) and isinstance(a, N) and not isinstance(a, M))") == []
    assert numbers("a = N(2)\nb = N(2)\ncheck(a is not b)\nc = 2\ncheck(a is not c)") == []
    assert numbers("if N(0):\n    check(False)") == []
    assert numbers("a = N(5)\ncheck(a == 2)") == [Kind.ASSERTION]
    assert numbers("a = N(5)\ncheck(isinstance(a, M))") == [Kind.ASSERTION]
    assert numbers("a = N(2)\nb = N(2)\ncheck(a is b)") == [Kind.ASSERTION]


def test_what_is_not_known_of_numbers_that_are_objects():
    assert numbers("check(not isinstance(n, N))")[0].startswith("unsupported")
    assert numbers("y = o + 1\ncheck(y == 0)") == []  # its class says what a sum is
    assert numbers("check(isinstance(x, int) or not isinstance(x, N))") == []


def test_numbers_that_are_objects_are_no_keys_and_are_added_as_numbers():
    assert numbers("a = N(5)\nb = N(5)\nxs = {a, b}\ncheck(len(xs) == 2)")[0].startswith("unsupported: a `N` as a key")
    assert numbers("a = N(5)\nxs = [a]\ncheck(a not in xs)")[0].startswith("unsupported")
    assert numbers("a = N(5)\ncheck(max(a, N(7)) == 7 and -a == -5 and abs(a) == 5)") == []


def test_declared_class_of_a_local_variable_is_not_the_class_of_the_object():
    assert kinds("c: A = C()\nx = A() + c\ncheck(x == 3)") == []
    assert kinds("c: A = C()\nx = A() + c\ncheck(x == 1)") == [Kind.ASSERTION]


def test_number_may_be_a_member_of_an_enumeration_in_a_list():
    found = verdicts("""
        from enum import IntEnum
        class E(IntEnum):
            A = 1
        def f(x: list[E]) -> bool:
            requires(len(x) == 1 and x[0] == 1)
            ensures(not result())
            return 1 in x
        """)
    assert [k for k, _ in found["f"]] == [Kind.POSTCONDITION]
