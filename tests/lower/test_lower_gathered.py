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
