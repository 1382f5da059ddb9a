"""What is joined of texts, split into texts, and written in digits; and greatest common divisors."""

from verdicts import verdicts

from probatum.lower.lowered import Kind


def test_texts_of_one_length_make_a_text_of_known_length() -> None:
    found = verdicts(r"""
    import re
    def grid(rows: list[str]) -> tuple[int, int, str]:
        requires(len(rows) > 0 and all(len(row) == len(rows[0]) for row in rows))
        ensures(lambda result: result[0] * result[1] == len(result[2]))
        return len(rows[0]), len(rows), "".join(rows)
    def ragged(rows: list[str]) -> tuple[int, int, str]:
        requires(len(rows) > 0)
        ensures(lambda result: result[0] * result[1] == len(result[2]))
        return len(rows[0]), len(rows), "".join(rows)
    def reversed_side(side: str) -> str:
        requires(re.fullmatch(r"[.#]{3}", side))
        ensures(lambda result: re.fullmatch(r"[.#]{3}", result))
        return "".join(reversed(side))
    def reversed_wrongly(side: str) -> str:
        requires(re.fullmatch(r"[.#]{3}", side))
        ensures(lambda result: re.fullmatch(r"[.#]{3}", result))
        return "-".join(reversed(side))
    def parts(text: str) -> list[str]:
        ensures(lambda result: len(result) == text.count("--") + 1)
        return text.split("--")
    def parts_wrongly(text: str) -> list[str]:
        ensures(lambda result: len(result) == text.count("-") + 1)
        return text.split("--")
    """)
    assert found["grid"] == found["reversed_side"] == found["parts"] == []
    for name in ("ragged", "reversed_wrongly", "parts_wrongly"):
        assert [kind for kind, _ in found[name]] == [Kind.POSTCONDITION], name


def test_digits_are_no_negative_integer_and_few_of_them_are_small() -> None:
    found = verdicts(r"""
    import re
    DATE = re.compile(r"(?P<year>[0-9]{4})-(?P<day>[1-9][0-9]*)")
    def date(text: str) -> tuple[int, int]:
        requires(DATE.fullmatch(text))
        ensures(lambda result: 0 <= result[0] < 10000 and result[1] > 0)
        found = DATE.fullmatch(text)
        assert found is not None
        return int(found.group("year")), int(found.group("day"))
    def year_is_positive(text: str) -> int:
        requires(DATE.fullmatch(text))
        ensures(lambda result: result > 0)
        found = DATE.fullmatch(text)
        assert found is not None
        return int(found.group("year"))
    """)
    assert Kind.POSTCONDITION not in {kind for kind, _ in found["date"]}
    assert Kind.POSTCONDITION in {kind for kind, _ in found["year_is_positive"]}


def test_euclids_algorithm_computes_the_greatest_common_divisor() -> None:
    found = verdicts(
        """
    import math
    def recursive(x: int, y: int) -> int:
        requires(x > 0 and y > 0)
        ensures(lambda result: result == math.gcd(x, y))
        if x >= y and x % y == 0:
            return y
        return recursive(y, x % y)
    def subtracting(x: int, y: int) -> int:
        requires(x > 0 and y > 0)
        ensures(lambda result: result == math.gcd(x, y))
        decreases(x + y)
        if x == y:
            return x
        return subtracting(x - y, y) if x > y else subtracting(x, y - x)
    def looping(x: int, y: int) -> int:
        requires(x >= 0 and y >= 0)
        ensures(lambda result: result == math.gcd(x, y))
        a, b = x, y
        while b > 0:
            invariant(a >= 0 and b >= 0 and math.gcd(a, b) == math.gcd(x, y))
            decreases(b)
            a, b = b, a % b
        return a
    def wrong_step(x: int, y: int) -> int:
        requires(x > 0 and y > 0)
        ensures(lambda result: result == math.gcd(x, y))
        if x >= y and x % y == 0:
            return y
        return wrong_step(y, x % y + y)
    def endless(x: int, y: int) -> int:
        requires(x > 0 and y > 0)
        ensures(lambda result: True)
        if x == y:
            return x
        return endless(y, x)
    """
    )
    assert found["recursive"] == found["subtracting"] == found["looping"] == []
    assert Kind.TERMINATION in {kind for kind, _ in found["wrong_step"]}
    assert Kind.TERMINATION in {kind for kind, _ in found["endless"]}
