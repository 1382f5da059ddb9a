"""A loop that adds a new place to a set in every round ends, since there are only so many places."""

from verdicts import verdicts

from probatum.lower.lowered import Kind

FOLLOW = """
def follow(jumps: list[int]) -> int:
    requires(all(0 <= j < len(jumps) for j in jumps))
    requires(len(jumps) > 0)
    ensures(lambda r: 0 <= r < len(jumps))
    visited: set[int] = set()
    at = 0
    while at not in visited:
        visited.add(at)
        at = jumps[at]
    return at
"""


def test_a_walk_that_stops_where_it_was_ends():
    assert verdicts(FOLLOW, guess=True)["follow"] == []


def test_a_walk_that_stops_elsewhere_is_not_known_to_end():
    found = verdicts(FOLLOW.replace("at not in visited", "at != 1"), guess=True)["follow"]
    assert Kind.TERMINATION in {kind for kind, _ in found}


def test_a_walk_that_forgets_where_it_was_is_not_known_to_end():
    text = FOLLOW.replace(
        "        at = jumps[at]\n", "        at = jumps[at]\n        if at == 3:\n            visited.clear()\n"
    )
    found = verdicts(text, guess=True)["follow"]
    assert Kind.TERMINATION in {kind for kind, _ in found}


def test_integers_between_two_are_no_more_than_fit_there():
    text = """
    def least(s: set[int], n: int) -> bool:
        requires(n >= 0)
        requires(all(0 <= x < n for x in s))
        ensures(lambda r: r)
        return len(s) <= n
    def both_ends(s: set[int], n: int) -> bool:
        requires(n >= 0)
        requires(all(-n <= x <= n for x in s))
        ensures(lambda r: r)
        return len(s) <= 2 * n + 1
    def wrong(s: set[int], n: int) -> bool:
        requires(n >= 0)
        requires(all(0 <= x <= n for x in s))
        ensures(lambda r: r)
        return len(s) <= n
    def listed(s: list[int], n: int) -> bool:
        requires(n >= 0)
        requires(all(0 <= x < n for x in s))
        ensures(lambda r: r)
        return len(s) <= n
    """
    found = verdicts(text)
    assert found["least"] == found["both_ends"] == []
    assert [kind for kind, _ in found["wrong"]] == [Kind.POSTCONDITION]
    assert [kind for kind, _ in found["listed"]] == [Kind.POSTCONDITION]


def test_lines_have_nothing_that_ends_a_line():
    text = """
    def lines(s: str) -> list[str]:
        ensures(lambda r: all("\\n" not in line and "\\r" not in line for line in r))
        return s.splitlines()
    def wrong(s: str) -> list[str]:
        ensures(lambda r: all("\\t" not in line for line in r))
        return s.splitlines()
    """
    found = verdicts(text)
    assert found["lines"] == []
    assert [kind for kind, _ in found["wrong"]] == [Kind.POSTCONDITION]
