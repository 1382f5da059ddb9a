"""Dicts that a loop fills: their keys, their values, and lookups of them in the functions that order them."""

from verdicts import verdicts

from probatum.lower.lowered import Kind

INDEX = """
    def index(xs: list[str]) -> dict[str, int]:
        ensures(lambda r: all(x in r for x in xs))
        ensures(lambda r: all(0 <= r[k] < len(xs) and xs[r[k]] == k for k in r))
        found: dict[str, int] = {}
        for i, x in enumerate(xs):
            if x not in found:
                found[x] = i
        return found
"""
MOST = """
    import collections
    from typing import MutableMapping

    def most(xs: list[int]) -> int:
        requires(len(xs) > 0)
        ensures(lambda r: r in xs)
        counts: MutableMapping[int, int] = collections.defaultdict(lambda: 0)
        for x in xs:
            counts[x] += 1
        return max(counts, key=lambda x: counts[x])
"""


def test_places_of_items_lead_back_to_them():
    assert verdicts(INDEX, guess=True) == {"index": []}
    assert verdicts(INDEX.replace("found[x] = i\n", "found[x] = i + 1\n"), guess=True)["index"]


def test_keys_are_what_is_made_of_the_items_that_were_seen():
    text = """
        def lengths(xs: list[str]) -> dict[str, int]:
            ensures(lambda r: set(r.keys()) == set(xs))
            ensures(lambda r: all(v >= 0 for v in r.values()))
            found: dict[str, int] = {}
            for x in xs:
                found[x] = len(x)
            return found
    """
    assert verdicts(text, guess=True) == {"lengths": []}
    assert verdicts(text.replace("found[x] =", "found[x[:1]] ="), guess=True)["lengths"]


def test_dict_annotated_as_a_mapping_is_a_defaultdict_if_it_holds_no_other():
    assert verdicts(MOST, guess=True) == {"most": []}
    assert verdicts(MOST.replace("counts[x] += 1", "counts[x + 1] += 1"), guess=True)["most"]
    other = MOST.replace("        for x", "        if len(xs) > 9:\n            counts = {}\n        for x")
    assert Kind.KEY in [kind for kind, _ in verdicts(other, guess=True)["most"]]


def test_lookup_under_which_an_order_is_asked_for_must_find_its_key():
    text = MOST.replace("key=lambda x: counts[x])", "key=lambda x: counts[x + 1])")
    assert verdicts(text, guess=True)["most"]


def test_items_that_two_places_hold_are_counted_twice():
    text = """
        def twice(xs: list[int], i: int, j: int) -> int:
            requires(0 <= i < j < len(xs) and xs[i] == xs[j])
            ensures(lambda r: xs.count(xs[i]) > 1)
            return 1

        def once(xs: list[int], i: int) -> int:
            requires(0 <= i < len(xs))
            ensures(lambda r: xs.count(xs[i]) > 1)
            return 1
    """
    found = verdicts(text)
    assert found["twice"] == []
    assert found["once"]


def test_what_ended_no_round_holds_of_no_pair_that_was_seen():
    text = """
        def values(xs: list[tuple[int, int]]) -> list[int]:
            ensures(lambda r: all(x < 9 for x in r))
            raises(ValueError)
            for _, v in xs:
                if v >= 9:
                    raise ValueError("too much")
            return [v for _, v in xs]
    """
    assert verdicts(text, guess=True) == {"values": []}
    assert verdicts(text.replace("v >= 9", "v > 9"), guess=True)["values"]


def test_what_a_function_promises_holds_of_all_that_it_returned():
    text = """
        def size(x: int) -> int:
            ensures(lambda r: r >= 0)
            return x * x

        def sizes(xs: list[int]) -> list[int]:
            ensures(lambda r: all(y >= 0 for y in r))
            made: list[int] = []
            for x in xs:
                made.append(size(x))
            return made
    """
    assert verdicts(text, guess=True) == {"size": [], "sizes": []}
    assert verdicts(text.replace("y >= 0", "y > 0"), guess=True)["sizes"]


def test_items_stand_in_some_row_that_nested_loops_go_over():
    text = """
        def high(rows: list[list[int]]) -> list[int]:
            ensures(lambda r: all(any(value in row for row in rows) for value in r))
            found: list[int] = []
            for row in rows:
                for value in row:
                    if value > 3:
                        found.append(value)
            return found
    """
    assert verdicts(text, guess=True) == {"high": []}
    assert verdicts(text.replace("append(value)", "append(value + 1)"), guess=True)["high"]
