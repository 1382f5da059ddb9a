"""The normal form of what people say: what differs only in writing is the same utterance."""

from __future__ import annotations

import re
import unicodedata

GAP = "*"  # a word that no text in normal form has: where others have some words of their own (`semantics.templates`)
_FILLERS = frozenset({"uh", "um", "uhm", "er", "erm", "hmm", "äh", "ähm", "euh"})
_UNITS = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2)
}
_NAMED = frozenset({*_UNITS, *_TENS})
# The same as `_kept`, for ASCII and quickly.
# How letters are joined, parted at the end of a line, or directed: writing, and no part of a word. (U+200B is a space.)
_invisible = re.compile("[\u00ad\u061c\u180e\u200c-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]")
_no_controls = dict.fromkeys([*range(32), 127], " ")
# The marks of all scripts; that of ASCII stands in addresses, too.
_question = re.compile(r"\?(?!\S*\w)|[\uff1f\u061f\u055e\u037e\u2047\u2048\u2049]")
_ascii_word = re.compile(r"(?:[a-z0-9]|(?<=[a-z0-9])'(?=[a-z0-9])|(?<=[0-9])[.,:](?=[0-9])|(?<=[0-9])%)+")


def normalised(text: str) -> str:
    """Return the normal form: NFKC, lower case, no punctuation but within words, numbers as digits, no fillers.

    Numbers are read in English, up to ninety-nine; other languages keep their words. An
    utterance of fillers only keeps them, and one of signs only (emoji, question marks) the signs. Idempotent.
    """
    if text.isascii():
        lower = text.lower()
        if lower.replace(" ", "").isalnum():  # nothing but words
            words = lower.split()
        else:
            words = _ascii_word.findall(lower) or text.translate(_no_controls).split()
    else:
        # Lower case may undo the composition of letters, and composing may make capitals.
        plain = _invisible.sub("", text)
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain).lower()).lower().replace("’", "'")
        words = "".join(character if _kept(folded, at, character) else " " for at, character in enumerate(folded)).split()
        words = words or "".join(c if unicodedata.category(c)[0] in "PS" else " " for c in folded).split()
    if not _FILLERS.isdisjoint(words):
        words = [word for word in words if word not in _FILLERS] or words
    return " ".join(words if _NAMED.isdisjoint(words) else _numbers(words))


def asks(text: str) -> bool:
    """Whether a question is in a text, to which a yes or no that comes next may be the answer."""
    return _question.search(text) is not None


def _kept(text: str, at: int, character: str) -> bool:
    # Marks are parts of letters in many scripts.
    if unicodedata.category(character)[0] in "LNM":
        return True
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    if character == "'":
        return before.isalnum() and after.isalnum()
    if character in ".,:":
        return before.isdecimal() and after.isdecimal()
    return character == "%" and before.isdecimal()


def _numbers(words: list[str]) -> list[str]:
    out: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        tens = _TENS.get(word)
        if tens is not None:
            unit = _UNITS.get(words[at + 1], 0) if at + 1 < len(words) else 0
            joined = 1 <= unit <= 9
            out.append(str(tens + unit if joined else tens))
            at += 2 if joined else 1
            continue
        out.append(str(_UNITS[word]) if word in _UNITS else word)
        at += 1
    return out
