"""Conditions whose operands count as true or false, and have no type in common."""

from verdicts import verdicts

from probatum.lower.lowered import Kind


def test_operands_of_conditions_need_no_common_type() -> None:
    found = verdicts(r"""
    import re
    LETTERS = re.compile(r"[a-z]+\Z")
    def first(text: str) -> str:
        requires(not (len(text) > 0) or LETTERS.match(text))
        ensures(lambda result: result == "" or "a" <= result <= "z")
        return text[0] if text else ""
    def first_of_any(text: str) -> str:
        requires(not (len(text) > 1) or LETTERS.match(text))
        ensures(lambda result: result == "" or "a" <= result <= "z")
        return text[0] if text else ""
    def both(text: str, items: list[int]) -> int:
        requires(items and LETTERS.match(text))
        ensures(lambda result: True)
        return items[0]
    def either(text: str, items: list[int]) -> int:
        requires(items or LETTERS.match(text))
        ensures(lambda result: True)
        return items[0]
    def not_both(text: str, items: list[int]) -> int:
        requires(not (LETTERS.match(text) or not items))
        ensures(lambda result: True)
        return items[0]
    def tested(text: str, items: list[int]) -> int:
        ensures(lambda result: True)
        if items and LETTERS.match(text):
            return items[0]
        return 0
    def tested_wrongly(text: str, items: list[int]) -> int:
        ensures(lambda result: True)
        if items or LETTERS.match(text):
            return items[0]
        return 0
    def later_ones_are_not_evaluated(items: list[int]) -> bool:
        requires(not items or items[0] > 0)
        ensures(lambda result: True)
        return True
    def earlier_ones_are(items: list[int]) -> bool:
        requires(items[0] > 0 or LETTERS.match("a"))
        ensures(lambda result: True)
        return True
    """)
    for name in ("first", "both", "not_both", "tested", "later_ones_are_not_evaluated"):
        assert found[name] == [], name
    assert [kind for kind, _ in found["first_of_any"]] == [Kind.POSTCONDITION]
    assert [kind for kind, _ in found["either"]] == [kind for kind, _ in found["tested_wrongly"]] == [Kind.INDEX]
    assert [kind for kind, _ in found["earlier_ones_are"]] == [Kind.DEFINED]
