"""Going over instances of classes that say what is gone over, and attributes that come from attributes of others."""

from verdicts import runs_into, verdicts

from probatum.lower.lowered import Kind

DECK = """
    from typing import Iterator, Sequence
    class Deck:
        def __init__(self, cards: Sequence[int]) -> None:
            self.cards = cards
        def __iter__(self) -> Iterator[int]:
            return iter(self.cards)
        def __len__(self) -> int:
            return len(self.cards)
"""


def test_an_instance_is_gone_over_as_its_class_says() -> None:
    found = verdicts(
        DECK
        + """
    def score(deck: Deck) -> int:
        requires(all(card >= 0 for card in deck))
        ensures(lambda result: result >= 0)
        found = 0
        for place, card in enumerate(deck):
            found += card * (len(deck) - place)
        return found
    def members(deck: Deck) -> set[int]:
        ensures(lambda result: result == set(deck.cards))
        return set(deck)
    def again(deck: Deck) -> list[int]:
        ensures(lambda result: result == list(deck.cards))
        return [card for card in deck]
    def sum_of_any(deck: Deck) -> int:
        ensures(lambda result: result >= 0)
        found = 0
        for card in deck:
            found += card
        return found
    def no_cards(deck: Deck) -> tuple[int, ...]:
        ensures(lambda result: len(result) == 0)
        return tuple(deck)
    """,
        guess=True,
    )
    assert found["score"] == found["members"] == found["again"] == []
    assert found["sum_of_any"] == [(Kind.POSTCONDITION, "result >= 0")]
    assert found["no_cards"] == [(Kind.POSTCONDITION, "len(result) == 0")]


def test_generators_and_methods_of_the_attribute_are_understood_and_what_does_more_is_refused() -> None:
    found = verdicts("""
    from typing import Iterator, Optional
    class Plain:
        def __init__(self) -> None:
            self.items: list[int] = []
        def __iter__(self) -> Iterator[int]:
            yield from self.items
    class Method:
        def __init__(self) -> None:
            self.items: list[int] = []
        def __iter__(self) -> Iterator[int]:
            return self.items.__iter__()
    class Through:
        def __init__(self) -> None:
            self.inner = Plain()
        def __iter__(self) -> Iterator[int]:
            return iter(self.inner)
    class Backwards:
        def __init__(self) -> None:
            self.items: list[int] = []
        def __iter__(self) -> Iterator[int]:
            return iter(self.items[::-1])
    class Perhaps:
        def __init__(self, items: Optional[list[int]]) -> None:
            self.items = items
        def __iter__(self) -> Iterator[int]:
            return iter(self.items)
    class Above:
        def __init__(self) -> None:
            self.items: list[int] = []
        def __iter__(self) -> Iterator[int]:
            return iter(self.items)
    class Below(Above):
        def __iter__(self) -> Iterator[int]:
            return iter([])
    def plain(of: Plain) -> list[int]:
        ensures(lambda result: result == of.items)
        return list(of)
    def method(of: Method) -> list[int]:
        ensures(lambda result: result == of.items)
        return list(of)
    def through(of: Through) -> list[int]:
        ensures(lambda result: result == of.inner.items)
        return list(of)
    def backwards(of: Backwards) -> list[int]:
        ensures(lambda result: result == of.items)
        return list(of)
    def perhaps(of: Perhaps) -> list[int]:
        ensures(lambda result: True)
        return list(of)
    def above(of: Above) -> list[int]:
        ensures(lambda result: result == of.items)
        return list(of)
    """)
    assert found["plain"] == found["method"] == found["through"] == []
    for name in ("backwards", "perhaps", "above"):
        assert found[name][0][1].startswith("unsupported: "), name


def test_what_may_be_none_is_not_gone_over() -> None:
    program = """
    def members(items: list[int] | None) -> set[int]:
        ensures(lambda result: True)
        return set(items)
    def listed(items: list[int] | None) -> list[int]:
        ensures(lambda result: True)
        return list(items)
    """
    found = verdicts(program)
    assert found["members"][0][0] is Kind.NONE
    assert found["listed"][0][0] is Kind.NONE
    runs_into(program, "members(None)", TypeError)


CURSOR = """
    from typing import Optional
    class Cursor:
        def __init__(self, items: "Items") -> None:
            self.node = items.first
            self.start = self.node
            self.items = items
        def value(self) -> int:
            requires(self.node is not None)
            ensures(lambda result: self.node is not None and result == self.node.value)
            return self.node.value
        def value_of_any(self) -> int:
            ensures(lambda result: True)
            return self.node.value
        def text(self) -> str:
            ensures(lambda result: True)
            requires(self.node is not None)
            return self.node.value
    class Node:
        def __init__(self, value: int, after: Optional["Node"]) -> None:
            self.value = value
            self.after = after
    class Items:
        def __init__(self) -> None:
            self.first: Optional[Node] = None
"""


def test_an_attribute_has_the_type_of_the_attribute_that_it_comes_from() -> None:
    found = verdicts(CURSOR)
    assert found["Cursor.value"] == []
    assert [kind for kind, _ in found["Cursor.value_of_any"]] == [Kind.NONE]
    assert "unsupported" in found["Cursor.text"][0][1] or found["Cursor.text"][0][0] is Kind.TYPE


def test_an_attribute_of_a_parameter_that_is_assigned_anew_tells_nothing() -> None:
    found = verdicts("""
    class Items:
        def __init__(self) -> None:
            self.first = 1
    class Words:
        def __init__(self) -> None:
            self.first = "a"
    class Cursor:
        def __init__(self, items: Items) -> None:
            items = Words()
            self.node = items.first
    def number(cursor: Cursor) -> int:
        ensures(lambda result: True)
        return cursor.node + 1
    """)
    assert "unsupported" in found["number"][0][1]
