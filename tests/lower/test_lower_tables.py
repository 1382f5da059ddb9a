"""Long displays of numbers are constants of which items, limits and order are known, and nothing that is not so."""

import pytest
from verdicts import verdicts

from probatum.lower.lowered import Kind

SQUARES = [n * n for n in range(60)]
MIXED = [(37 * n) % 256 - 9 for n in range(60)]


def looked_up(table: list[int], promise: str, place: str = "i") -> list[tuple[Kind, str]]:
    text = f"""
    def look(i: int) -> int:
        requires(0 <= i < {len(table)})
        ensures({promise})
        table = {table}
        return table[{place}]
    """
    return verdicts(text)["look"]


@pytest.mark.parametrize(
    ("table", "promise", "place"),
    [
        (MIXED, f"{min(MIXED)} <= result() <= {max(MIXED)}", "i"),
        (MIXED, f"result() == {MIXED[17]}", "17"),
        (MIXED, f"result() == {MIXED[-1]}", "-1"),
        (SQUARES, f"result() <= {SQUARES[-1]}", "i"),
    ],
)
def test_what_is_so_for_all_items_is_proved(table: list[int], promise: str, place: str) -> None:
    assert looked_up(table, promise, place) == []


@pytest.mark.parametrize(
    ("table", "promise", "place"),
    [
        (MIXED, f"result() < {max(MIXED)}", "i"),
        (MIXED, f"result() > {min(MIXED)}", "i"),
        (MIXED, f"result() == {MIXED[17] + 1}", "17"),
        (SQUARES, "result() > 0", "i"),
    ],
)
def test_what_one_item_breaks_is_not_proved(table: list[int], promise: str, place: str) -> None:
    assert looked_up(table, promise, place) == [(Kind.POSTCONDITION, promise)]


def test_only_tables_that_ascend_are_known_to() -> None:
    text = """
    def later(i: int, j: int) -> bool:
        requires(0 <= i < j < {size})
        ensures(result())
        table = {table}
        return table[i] < table[j]
    """

    assert verdicts(text.format(size=60, table=SQUARES))["later"] == []
    assert verdicts(text.format(size=60, table=MIXED))["later"] == [(Kind.POSTCONDITION, "result()")]
    assert verdicts(text.format(size=61, table=[0, *SQUARES]))["later"] == [(Kind.POSTCONDITION, "result()")]


def test_a_place_outside_of_a_table_is_found() -> None:
    assert looked_up(SQUARES, "True", "i + 1")[0][0] is Kind.INDEX


def test_a_table_that_is_changed_is_another_one() -> None:
    text = f"""
    def changed() -> int:
        ensures(result() == 7)
        table = {SQUARES}
        table[3] = 7
        return table[3]

    def kept() -> int:
        ensures(result() == 9)
        table = {SQUARES}
        table[3] = 7
        other = {SQUARES}
        return other[3]
    """

    assert verdicts(text) == {"changed": [], "kept": []}
