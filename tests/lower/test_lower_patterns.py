"""Functions that use regular expressions: what is proved of them holds, and what does not hold is not proved."""

import pytest
from verdicts import verdicts

from probatum.lower.lowered import Kind

IMPORTS = """
import re
from typing import Match, Optional, Pattern
MASK = re.compile(r"^mask = (?P<mask>[01X]{36})\\Z")
PAIR = re.compile(r"([a-z]+)-([0-9]{1,9})(:[0-9]*)?")
START = "a"
JOINED = re.compile(START + "[bc]+", re.ASCII | re.S)
"""

PROVED = {
    "the text of a group by its name": """
def f(text: str) -> str:
    requires(MASK.match(text))
    ensures(lambda r: len(r) == 36 and r[0] in "01X" and "mask = " + r == text)
    m = MASK.match(text)
    assert m is not None
    return m.group("mask")
""",
    "a number that is matched": """
def f(text: str) -> int:
    ensures(lambda r: r >= -1)
    m = PAIR.match(text)
    return -1 if m is None else int(m.group(2))
""",
    "a group that takes no part is None": """
def f(text: str) -> str:
    m = PAIR.fullmatch(text)
    if m is None:
        return ""
    found = m.group(3)
    return found if found is not None else m[1]
""",
    "exactly the strings of some characters": """
def f(text: str) -> bool:
    ensures(lambda r: r == all(c in "FB" for c in text))
    return re.fullmatch("[FB]*", text) is not None
""",
    "a part of what matches": """
def g(text: str) -> int:
    requires(re.match(r"^[FB]{7}\\Z", text))
    return len(text)
def f(text: str) -> int:
    requires(re.match(r"^[FB]{7}[LR]{3}\\Z", text))
    requires(len(text) == 10)
    return g(text[:7])
""",
    "one of some words": """
def f(text: str) -> bool:
    requires(text == "sin" or text == "cos" or text == "+17")
    ensures(lambda r: r)
    return re.fullmatch(r"sin|cos|[+-]?\\d+", text) is not None
def g(text: str) -> None:
    requires(re.fullmatch(r"(sin|cos)", text))
    ensures(text == "sin" or text == "cos")
""",
    "where a group is": """
def f(text: str) -> None:
    m = JOINED.search(text)
    if m:
        start, end = m.span()
        assert 0 <= start and start + 2 <= end <= len(text) and text[start] == "a"
        assert m.start() == start and m.end(0) == end and m.group() == text[start:end]
""",
    "groups of several expressions": """
def f(m: Optional[Match[str]], p: Pattern[str]) -> str:
    if m:
        return m.group()
    found = p.match("a")
    return "" if found is None else found[0]
""",
    "of many strings": """
def f(lines: list[str]) -> int:
    requires(all(re.match(r"[0-9]+", line) for line in lines))
    requires(len(lines) > 0)
    ensures(lambda r: r >= 1)
    return len(lines[0])
""",
    "all that is found": r"""
def f(text: str) -> int:
    ensures(lambda r: r >= 0)
    found = re.findall("[0-9]{1,4}", text)
    return int(found[0]) if found else 0
def g(text: str) -> list[str]:
    ensures(lambda r: len(r) >= 1)
    ensures(lambda r: implies(text == "a", r == ["a"]))
    return re.split(r"\s*,\s*", text)
def h(text: str) -> str:
    requires(all(c != " " for c in text))
    ensures(lambda r: r == text)
    return text if re.search("[ ]+", text) else re.sub("[ ]+", "-", text)
""",
    "all groups": """
def f(text: str) -> int:
    ensures(lambda r: r >= 0)
    m = re.fullmatch("([0-9]{1,9}) (.*) bags?", text)
    if m is None:
        return 0
    number, kind = m.groups()
    return int(number) + len(kind)
""",
    "a dict whose values are made": """
from collections import defaultdict
def f(xs: list[int]) -> int:
    ensures(lambda r: r == 1)
    d = defaultdict(lambda: 0)
    d[3] += 1
    return d[3]
def g(d: dict[int, int], k: int) -> int:
    ensures(lambda r: r == (d[k] if k in d else 0))
    if k not in d:
        return 0
    try:
        return d[k]
    except KeyError:
        return 7
""",
    "search finds a character": """
def f(text: str) -> bool:
    requires(len(text) > 2)
    ensures(lambda r: implies(text[1] == "7", r))
    return bool(re.search(r"\\d", text))
""",
}
OPEN = {
    "digits of any number": ("def f(text: str) -> int:\n    m = re.match(r'(\\d+)', text)\n    return 0 if m is None else int(m.group(1))", Kind.VALUE),
    "a group that may take no part": ("def f(text: str) -> str:\n    m = re.match(r'(a)?b', text)\n    return '' if m is None else m.group(1)", Kind.NONE),
    "no match": ("def f(text: str) -> str:\n    return re.match('a', text).group()", Kind.NONE),
    "no such group": ("def f(text: str) -> None:\n    m = re.match('(a)', text)\n    if m:\n        m.group(2)", Kind.INDEX),
    "no group of that name": ("def f(text: str) -> None:\n    m = re.match('(?P<a>a)', text)\n    if m:\n        m.group('b')", Kind.INDEX),
    "a match is no full match": ("def f(text: str) -> None:\n    requires(re.match('[ab]+', text))\n    assert text[-1] in 'ab'", Kind.ASSERTION),
    "a line feed at the end": ("def f(text: str) -> None:\n    requires(re.match('^[ab]+$', text))\n    assert text[-1] in 'ab'", Kind.ASSERTION),
    "digits beyond ASCII": ("def f(text: str) -> None:\n    requires(re.fullmatch(r'\\d', text))\n    assert text in '0123456789'", Kind.ASSERTION),
    "letters of either case": ("def f(text: str) -> None:\n    requires(re.fullmatch('a', text, re.I))\n    assert text == 'a'", Kind.ASSERTION),
    "two matches are two objects": ("def f(text: str) -> None:\n    requires(re.match('a', text))\n    assert re.match('a', text) is re.match('a', text)", Kind.ASSERTION),
    "a key that may be made": (
        "import collections\ndef f(d: dict[int, int], k: int) -> int:\n    try:\n        return d[k]\n    except KeyError:\n        return 7",
        Kind.KEY,
    ),
    "other strings": ("def f(text: str) -> None:\n    requires(re.fullmatch('a|bc', text))\n    assert text == 'a'", Kind.ASSERTION),
}  # fmt: skip
REFUSED = {
    "an expression that is put together": ("def f(p: str, text: str) -> bool:\n    return bool(re.match(p, text))", "not written as a constant"),
    "an expression that does not compile": ("def f(text: str) -> bool:\n    return bool(re.match('(', text))", "does not compile"),
    "equal matches": ("def f(text: str) -> bool:\n    return re.match('a', text) == re.match('a', text)", "a comparison of"),
    "bytes": ("def f(text: bytes) -> bool:\n    return bool(re.match(b'a', text))", "not written as a constant"),
    "flags": ("def f(text: str) -> bool:\n    return bool(re.match('a', text, re.DEBUG))", "the flags"),
    "a place": ("def f(text: str) -> bool:\n    return bool(MASK.match(text, 1))", "with these arguments"),
    "a group whose number is computed": ("def f(m: Match[str], n: int) -> None:\n    m.group(n)", "not written as a constant"),
    "matches of bytes": ("def f(m: Match[bytes]) -> None:\n    m.group()", "the method `group`"),
}  # fmt: skip


@pytest.mark.parametrize("name", PROVED)
def test_what_holds_is_proved(name):
    assert {n: found for n, found in verdicts(IMPORTS + PROVED[name]).items() if found} == {}


@pytest.mark.parametrize("name", OPEN)
def test_what_does_not_hold_is_not_proved(name):
    text, kind = OPEN[name]
    assert [one for one, _ in verdicts(IMPORTS + text)["f"]] == [kind]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_known_is_refused(name):
    text, reason = REFUSED[name]
    ((_, message),) = verdicts(IMPORTS + text)["f"]
    assert message.startswith("unsupported: ")
    assert reason in message


def test_patterns_name_by_place_what_the_constructor_takes_by_place() -> None:
    text = """
    from dataclasses import dataclass, field

    @dataclass
    class P:
        x: int
        y: int = field(default=3, kw_only=True)
        made: int = field(default=7, init=False)
        z: int = 4

    @dataclass
    class Own:
        __match_args__ = ("y", "x")
        x: int
        y: int

    def right() -> int:
        ensures(lambda r: r == 14)
        match P(1):
            case P(a, b):
                return a * 10 + b
        return 0

    def wrong() -> int:
        ensures(lambda r: r == 13)
        match P(1):
            case P(a, b):
                return a * 10 + b
        return 0

    def own() -> int:
        ensures(lambda r: r == 12)
        match Own(1, 2):
            case Own(a, b):
                return a * 10 + b
        return 0

    def named() -> int:
        ensures(lambda r: r == 12)
        match Own(1, 2):
            case Own(x=a, y=b):
                return a * 10 + b
        return 0
    """
    found = verdicts(text)
    assert found["right"] == found["named"] == []
    assert found["wrong"] != []
    assert found["own"] != []
