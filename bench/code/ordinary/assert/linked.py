"""A linked list of mutable nodes, and counters in a dict."""
# twin: `return Link(value, link)` becomes `return Link(value, link.rest if link else None)`; then `push` is wrong

from collections import Counter, defaultdict, deque
from typing import Optional


class Link:
    def __init__(self, value: int, rest: Optional["Link"] = None) -> None:
        self.value = value
        self.rest = rest


def push(link: Optional[Link], value: int) -> Link:
    result = make(link, value)
    assert result.value == value
    assert result.rest is link
    return result


def make(link: Optional[Link], value: int) -> Link:
    return Link(value, link)


def letters(text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for c in text:
        counts[c] += 1
    assert all(counts[c] >= 1 for c in text)
    return counts


def by_length(words: list[str]) -> dict[int, list[str]]:
    groups: defaultdict[int, list[str]] = defaultdict(list)
    for word in words:
        groups[len(word)].append(word)
    assert all(len(word) in groups for word in words)
    return dict(groups)


def window(xs: list[int], size: int) -> list[int]:
    assert size > 0
    last: deque[int] = deque()
    for x in xs:
        last.append(x)
        if len(last) > size:
            last.popleft()
    assert len(last) <= size
    assert len(last) <= len(xs)
    return list(last)
