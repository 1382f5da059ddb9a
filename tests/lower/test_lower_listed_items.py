"""Claims of contracts about items that stand in the text."""

from verdicts import verdicts

from probatum.lower.lowered import Kind


def test_claims_about_listed_items_are_claims_about_each():
    text = """
        def best(a: int, b: int) -> int:
            ensures(lambda r: any(r == x for x in (a, b)))
            ensures(lambda r: all(r >= x for x in [a, b]))
            ensures(lambda r: all(r >= x for x in (a, b) for y in (1, 2) if y > 0))
            return a if a > b else b

        def more(a: int, b: int) -> int:
            ensures(lambda r: all(r > x for x in (a, b)))
            return a if a > b else b

        def none(a: int, b: int) -> int:
            ensures(lambda r: not any(r == x for x in (a, b)))
            return b
    """
    found = verdicts(text)
    assert found["best"] == []
    assert [kind for kind, _ in found["more"]] == [Kind.POSTCONDITION]
    assert [kind for kind, _ in found["none"]] == [Kind.POSTCONDITION]


def test_later_items_are_looked_at_only_where_the_earlier_have_not_decided():
    text = """
        def guarded(a: int, xs: list[int]) -> int:
            requires(any(x >= len(xs) or x < 0 or xs[x] > 0 for x in (a, 0)))
            return 1

        def stopped(a: int, xs: list[int]) -> int:
            requires(all(0 <= x < len(xs) for x in (a, 0)) and xs[0] > 0)
            return xs[a]

        def open_(a: int, xs: list[int]) -> int:
            requires(any(x >= 0 and xs[x] > 0 for x in (a, 0)))
            return 1
    """
    found = verdicts(text)
    assert found["guarded"] == found["stopped"] == []
    assert {kind for kind, _ in found["open_"]} == {Kind.DEFINED}


def test_items_of_several_types_are_gone_over_as_before():
    text = """
        from typing import Optional

        def some(a: Optional[str]) -> int:
            requires(any(len(y) > 2 for y in [a, None] if y is not None))
            ensures(lambda r: r > 2)
            return len(a)
    """
    assert verdicts(text) == {"some": []}


def test_preconditions_of_icontract_that_raise_nothing_say_when_the_others_have_a_value():
    text = """
        from icontract import require

        @require(lambda xs: len(xs) > 0)
        @require(lambda xs: xs[0] > 0)
        def first(xs: list[int]) -> int:
            return xs[0]

        @require(lambda xs: xs[1] > 0)
        @require(lambda xs: xs[0] > 0)
        @require(lambda xs: len(xs) > 0)
        def second(xs: list[int]) -> int:
            return xs[0]
    """
    found = verdicts(text)
    assert found["first"] == []
    assert [kind for kind, _ in found["second"]] == [Kind.DEFINED]
