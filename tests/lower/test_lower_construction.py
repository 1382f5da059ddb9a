"""What constructors leave behind: attributes that are what was passed, and attributes that only some of them have."""

from verdicts import open_claims, verdicts

from probatum.lower.lowered import Kind
from probatum.python.reading import read_program

STORED = """
    class A:
        def __init__(self, value: int) -> None:
            ensures(self.value is value)
            self.value = value
    class Other:
        def __init__(self, value: int, other: int) -> None:
            ensures(self.value is value)
            self.value = other
    class Later:
        def __init__(self, value: int, other: int, b: bool) -> None:
            ensures(self.value is value)
            self.value = value
            if b:
                self.value = other
    class Alias:
        def __init__(self, value: int, d: "Alias") -> None:
            ensures(self.value is value)
            modifies(d.value)
            self.value = value
            d.value = 1000
    def put(a: A, v: int) -> None:
        modifies(a.value)
        ensures(a.value is v)
        a.value = v
    def looped(a: A, v: int, n: int) -> None:
        modifies(a.value)
        ensures(a.value is v)
        a.value = v
        for i in range(n):
            a.value = 1000
    def either(a: A, v: int, b: bool) -> None:
        modifies(a.value)
        ensures(a.value is v)
        if b:
            a.value = v
            return
        a.value = 1000
"""


def test_attribute_is_the_object_that_was_assigned_last():
    found = verdicts(STORED)
    assert found["A.__init__"] == found["put"] == []
    for name in ("Other.__init__", "Later.__init__", "Alias.__init__", "looped", "either"):
        assert Kind.POSTCONDITION in [kind for kind, _ in found[name]], name


def nagini(text: str) -> dict[str, list[Kind]]:
    program = read_program({"m.py": "from nagini_contracts.contracts import *\n" + text})
    every = program.modules["m"].every_function()
    return {f.name: [kind for kind, _ in open_claims(program, f)] for f in every}


PARTLY = """
class Partly:
    def __init__(self, b: bool) -> None:
        Ensures(Acc(self.some))
        self.other = 12
        if b:
            self.some = 3

class Both:
    def __init__(self, b: bool) -> None:
        Ensures(Acc(self.some) and self.some >= 4)
        self.some = 3
        if b:
            self.some = 4
        self.some = self.some + 1

class Early:
    def __init__(self) -> None:
        Ensures(Acc(self.x) and Acc(self.y))
        self.y = 3
        self.x = peek(self)

class Holder:
    def __init__(self) -> None:
        Ensures(Acc(self.part) and Acc(self.part.whole) and self.part.whole is self)
        self.part = Part(self)

class Part:
    def __init__(self, whole: Holder) -> None:
        Ensures(Acc(self.whole) and self.whole is whole)
        self.whole = whole

def peek(e: Early) -> int:
    Requires(Acc(e.x))
    Ensures(Acc(e.x))
    return e.x
"""


def test_constructor_gives_no_permission_to_what_it_did_not_assign():
    found = nagini(PARTLY)
    assert found["Both.__init__"] == found["Holder.__init__"] == found["Part.__init__"] == found["peek"] == []
    assert found["Partly.__init__"] == [Kind.FRAME]
    assert found["Early.__init__"] == [Kind.FRAME]


def test_functions_that_ask_for_no_permission_make_constructors_complete():
    reader = "\nfrom m import Partly\ndef look(p: Partly) -> int:\n    return p.some\n"
    program = read_program({"m.py": "from nagini_contracts.contracts import *\n" + PARTLY, "n.py": reader})
    found = next(f for f in program.modules["m"].every_function() if f.name == "Partly.__init__")
    assert Kind.ATTRIBUTE in [kind for kind, _ in open_claims(program, found)]


def test_exit_is_called_with_none_where_nothing_was_raised():
    head = """
        class M:
            def __enter__(self) -> int:
                ensures(result() == 3)
                return 3
            def __exit__(self, t: type, e: Exception | None, tb: object) -> bool:
                requires({condition})
                return False
        def f() -> None:
            requires(True)
            with M() as n:
                check(n == 3)
    """
    assert verdicts(head.format(condition="e is None"))["f"] == []
    assert [k for k, _ in verdicts(head.format(condition="t is not None"))["f"]] == [Kind.PRECONDITION]


def test_attribute_has_the_types_that_are_told():
    found = verdicts("""
        class A:
            def __init__(self, b: bool) -> None:
                ensures(self.n == 4 or self.n == 5)
                self.n = 3
                if b:
                    self.n = 4
                self.n = self.n + 1
        """)
    assert found["A.__init__"] == []


def test_a_constructor_that_keeps_a_list_changes_no_list() -> None:
    found = verdicts(
        """
    class Kept:
        def __init__(self, xs: list[list[int]]) -> None:
            requires(len(xs) > 0)
            ensures(self.xs is xs)
            self.xs = xs
            self.n = len(xs)
    class Below(Kept):
        def __init__(self, xs: list[list[int]]) -> None:
            requires(len(xs) > 0)
            ensures(self.xs is xs)
            super().__init__(xs)
    class Changed(Kept):
        def __init__(self, xs: list[list[int]]) -> None:
            requires(len(xs) > 0)
            super().__init__(xs)
            self.xs.append([1])
    def kept(xs: list[list[int]]) -> None:
        requires(len(xs) == 1)
        ensures(len(xs) == 1)
        k = Kept(xs)
        check(k.xs is xs)
    def below(xs: list[list[int]]) -> Kept:
        requires(len(xs) == 1)
        ensures(len(xs) == 1 and result().xs is xs)
        return Below(xs)
    def changed(xs: list[list[int]]) -> None:
        requires(len(xs) == 1)
        ensures(len(xs) == 1)
        k = Changed(xs)
    def differs(xs: list[list[int]]) -> Kept:
        requires(len(xs) == 1)
        ensures(result().xs is not xs)
        return Kept(xs)
    """
    )
    assert (found["kept"], found["below"]) == ([], [])
    assert found["changed"] != []
    assert [k for k, _ in found["differs"]] == [Kind.POSTCONDITION]


def test_a_field_that_is_given_by_name_only_takes_no_place() -> None:
    text = """
    from dataclasses import KW_ONLY, dataclass, field

    @dataclass
    class P:
        x: int
        y: int = field(default=3, kw_only=True)
        z: int = 4

    @dataclass
    class Q:
        x: int
        _: KW_ONLY
        y: int = 3
        z: int = field(default=4, kw_only=False)

    def right() -> int:
        ensures(lambda r: r == 15)
        p = P(1, 5)
        return p.x * 10 + p.z

    def wrong() -> int:
        ensures(lambda r: r == 15)
        p = P(1, 5)
        return p.x * 10 + p.y

    def after() -> int:
        ensures(lambda r: r == 15)
        q = Q(1, 5)
        return q.x * 10 + q.z

    def wrong_after() -> int:
        ensures(lambda r: r == 15)
        q = Q(1, 5)
        return q.x * 10 + q.y
    """
    found = verdicts(text)
    assert found["right"] == found["after"] == []
    assert found["wrong"] != []
    assert found["wrong_after"] != []
