"""Classes whose `__new__` gives back what it was given: other names for the types of plain values, with a condition on them."""

from verdicts import verdicts

from probatum.lower.lowered import Kind

CLASSES = """
    from typing import Iterator, Sequence, Union, cast, overload
    from icontract import DBC, ensure, require

    class Lines(DBC):
        @require(lambda lines: all(len(line) > 0 for line in lines))
        def __new__(cls, lines: Sequence[str]) -> "Lines":
            \"\"\"Only look.\"\"\"
            return cast(Lines, lines)
        @overload
        def __getitem__(self, index: int) -> str: ...
        @overload
        def __getitem__(self, index: slice) -> "Lines": ...
        def __getitem__(self, index: Union[int, slice]) -> Union[str, "Lines"]:
            raise NotImplementedError("only for type annotations")
        def __len__(self) -> int:
            raise NotImplementedError("only for type annotations")
        def __iter__(self) -> Iterator[str]:
            raise NotImplementedError("only for type annotations")

    class Name(DBC, str):
        @require(lambda value: len(value) > 0)
        def __new__(cls, value: str) -> "Name":
            return cast(Name, value)

    class First(Name):
        pass

    class Squares(DBC):
        @require(lambda n: n >= 0)
        @ensure(lambda n, result: len(result) == n)
        def __new__(cls, n: int) -> "Squares":
            made: list[int] = [i * i for i in range(n)]
            return cast(Squares, made)
"""


def test_a_value_of_such_a_class_is_used_as_what_it_is() -> None:
    found = verdicts(
        CLASSES
        + """
    @require(lambda lines: len(lines) > 0)
    @ensure(lambda lines, result: result == lines[0])
    def first(lines: Lines) -> str:
        return lines[0]
    @require(lambda lines: len(lines) > 0)
    @ensure(lambda result: len(result) > 0)
    def is_longer(lines: Lines) -> str:
        return lines[-1]
    def too_early(lines: Lines) -> str:
        requires(True)
        return lines[0]
    @ensure(lambda a, result: len(result) == 1 and result[0] == a + "x")
    def made(a: str) -> Lines:
        return Lines([a + "x"])
    @ensure(lambda result: len(result) == 1)
    def may_be_empty(a: str) -> Lines:
        return Lines([a])
    @ensure(lambda x, result: result == x)
    def text(x: First) -> str:
        return x
    @ensure(lambda result: len(result) == 3)
    def computed() -> Squares:
        return Squares(3)
    @ensure(lambda result: len(result) == 4)
    def computed_wrong() -> Squares:
        return Squares(3)
    """
    )
    assert [found[f] for f in ("first", "is_longer", "made", "text", "computed", "Squares.__new__")] == [[]] * 6
    assert [k for k, _ in found["too_early"]] == [Kind.INDEX]
    assert [k for k, _ in found["may_be_empty"]] == [Kind.PRECONDITION]
    assert [k for k, _ in found["computed_wrong"]] == [Kind.POSTCONDITION]


def test_what_was_required_when_it_was_made_is_not_taken_to_last() -> None:
    found = verdicts(
        CLASSES
        + """
    @require(lambda xs: len(xs) > 0 and all(len(x) > 0 for x in xs))
    @ensure(lambda xs: len(xs[0]) > 0)
    def still(xs: list[str]) -> None:
        ys = Lines(xs)
    @require(lambda xs: len(xs) > 0 and all(len(x) > 0 for x in xs))
    @ensure(lambda xs: len(xs[0]) > 0)
    def no_more(xs: list[str]) -> None:
        ys = Lines(xs)
        xs[0] = ""
    @require(lambda lines: len(lines) > 0)
    @ensure(lambda result: result > 0)
    def length(lines: Lines) -> int:
        return len(lines[0])
    @require(lambda xs: len(xs) > 0 and all(len(x) > 0 for x in xs))
    @ensure(lambda result: result > 0)
    def passed(xs: list[str]) -> int:
        return length(Lines(xs))
    @require(lambda xs: len(xs) > 0 and all(len(x) > 0 for x in xs))
    @ensure(lambda result: result > 0)
    def passed_changed(xs: list[str]) -> int:
        ys = Lines(xs)
        xs[0] = ""
        return length(ys)
    """
    )
    assert (found["still"], found["length"], found["passed"]) == ([], [], [])
    assert [k for k, _ in found["no_more"]] == [Kind.POSTCONDITION]
    assert Kind.PRECONDITION in [k for k, _ in found["passed_changed"]]


def test_the_object_itself_is_given_back() -> None:
    found = verdicts(
        CLASSES
        + """
    def same(xs: list[str]) -> None:
        requires(all(len(x) > 0 for x in xs))
        modifies(xs)
        ys = Lines(xs)
        xs.append("new")
        check(len(ys) == len(old(xs)) + 1)
    def copied(xs: list[str]) -> None:
        requires(all(len(x) > 0 for x in xs))
        modifies(xs)
        ys = Lines(xs)
        xs.append("new")
        check(len(ys) == len(old(xs)))
    """
    )
    assert found["same"] == []
    assert [k for k, _ in found["copied"]] == [Kind.ASSERTION]


def test_conditions_reach_into_collections_and_optional_values() -> None:
    found = verdicts(
        CLASSES
        + """
    from typing import List, Optional
    @require(lambda names: len(names) > 0)
    @ensure(lambda result: len(result) > 0)
    def one_of(names: List[Name]) -> str:
        return names[0]
    @ensure(lambda result: len(result) > 0)
    def or_a(name: Optional[Name]) -> str:
        return "a" if name is None else name
    @ensure(lambda result: len(result) > 1)
    def or_b(name: Optional[Name]) -> str:
        return "bb" if name is None else name
    """
    )
    assert (found["one_of"], found["or_a"]) == ([], [])
    assert [k for k, _ in found["or_b"]] == [Kind.POSTCONDITION]


def test_a_class_that_may_have_instances_stays_a_class() -> None:
    found = verdicts(
        """
    from typing import Sequence, cast
    from icontract import require
    class Sometimes:
        @require(lambda xs: len(xs) > 0)
        def __new__(cls, xs: Sequence[int]) -> "Sometimes":
            if len(xs) > 3:
                return super().__new__(cls)
            return cast(Sometimes, xs)
    @require(lambda x: x is not None)
    def use(x: Sometimes) -> None:
        check(len(x) > 0)
    def make() -> None:
        requires(True)
        x = Sometimes([1])
    """
    )
    assert all("unsupported" in found[f][0][1] for f in ("Sometimes.__new__", "use", "make"))


def test_a_method_that_never_runs_is_not_claimed_to_hold() -> None:
    found = verdicts(
        CLASSES
        + """
    class Words(DBC):
        def __new__(cls, words: Sequence[str]) -> "Words":
            return cast(Words, words)
        @ensure(lambda result: result == 3)
        def three(self) -> int:
            return 3
    def use(words: Words) -> None:
        requires(True)
        check(words.three() == 3)
    """
    )
    assert "there are no instances" in found["Words.three"][0][1]
    assert "unsupported" in found["use"][0][1]
