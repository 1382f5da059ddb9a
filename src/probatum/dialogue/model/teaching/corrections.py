"""What somebody says who corrects himself on the way: "the bedroom no wait the kitchen lamp".

What is corrected stands before an editing phrase, what replaces it after; where the corrected part begins is not said.
`ways` returns the texts that may have been meant, the likeliest first, by a conditional logit over the places where it can
begin [1]_ [2]_: mostly at a word that the replacement repeats, or one of its kind.

References
----------
.. [1] Shriberg. "Preliminaries to a theory of speech disfluencies." PhD thesis, University of California, Berkeley (1994): reparandum,
   interregnum, repair.
.. [2] Gupta, Xu, Upadhyay, Yang, Faruqui. "Disfl-QA: A Benchmark Dataset for Understanding Disfluencies in Question Answering." ACL
   Findings (2021), of which one half of the questions the weights in `corrections.json` were fitted to.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WEIGHTS = Path(__file__).with_name("corrections.json")
# What comes before, and after, the words that say that something is corrected.
_BEFORE = r"(?:(?:or|well|uh|um|er|erm|ah|oh|hmm|ack|ugh|but|and|you know|like|yikes|argh|eh) )*"
_STRONG = (
    r"(?:no no(?: no)*|no wait|wait no|no sorry|sorry no|no actually|no rather|no i mean|no i meant|no that's not right|no that is wrong|no make that|make that|"
    r"scratch that|strike that|cancel that|i mean to say|i meant to say|i should say|i'm sorry|i am sorry|i'm wrong|my bad|my mistake|oops|whoops|sorry|correction|"
    r"or rather|or wait|or no|or i mean|or actually|or instead|wait|hold on|hang on|let me rephrase|let me correct that|never mind|nevermind|not that|rather than that|"
    r"what i meant was|what i mean is|i meant|hoo boy|excuse me|pardon)"
)
_WEAK = r"(?:no|i mean|rather|actually|instead|er|uh|um)"
_AFTER = r"(?: (?:no|wait|sorry|actually|rather|instead|i mean|i meant|i mean to say|i meant to say|make that|make it|i'm sorry|um|uh|er|oh|oops|well|that|tell me|tell me instead|i should say|what i meant was|let's say|and|instead tell me|not that|i meant was))*"
_STRONG_CUE = re.compile(rf"\b{_BEFORE}{_STRONG}{_AFTER}(?= )")
_WEAK_CUE = re.compile(rf"\b{_BEFORE}{_WEAK}{_AFTER}(?= )")
_kinds = {
    "wh": "what who whom whose which when where why how what's who's where's how's how'd",
    "aux": "is are was were be been do does did has have had can could will would shall should may might must am isn't aren't don't",
    "det": "a an the this that these those my your his her its our their some any all each every no",
    "prep": "of in on at to for from by with about into onto over under between during after before through against as than around near",
    "pro": "i you he she it we they me him us them there one",
    "verb": "turn set play open close make put switch dim start stop show tell lower raise increase decrease change brighten activate pause skip resume mute add find give go use run shut lock call is",
    "conj": "and or but then so if because while",
}  # fmt: skip  # a kind a line
_KIND = {word: kind for kind, words in _kinds.items() for word in words.split()}
KINDS = (*_kinds, "number", "word", "end")
MOST_WAYS = 4


@dataclass(frozen=True, slots=True)
class Cut:
    """A text taken apart at an editing phrase: words before it, words after it, and whether it can be nothing else."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    strong: bool


def cut(text: str) -> Cut | None:
    """Return where a text is corrected, at the last phrase that says so; None if nowhere."""
    for pattern, strong in ((_STRONG_CUE, True), (_WEAK_CUE, False)):
        found = [one for one in pattern.finditer(text) if one.start() > 0 or strong]
        if found:
            before, after = text[: found[-1].start()].split(), text[found[-1].end() :].split()
            if before and after:
                return Cut(tuple(before), tuple(after), strong)
    return None


def ways(text: str) -> list[str]:
    """Return what may have been meant, the likeliest first; the text itself is one, last where it is surely corrected.

    Parameters
    ----------
    text : str
        Normalised.
    """
    found = cut(text)
    if found is None:
        return [text]
    ranked = sorted(zip(scores(found, weights()), _texts(found), strict=True), key=lambda pair: -pair[0])
    best: list[str] = []
    for _, one in ranked:
        # An earlier correction in what is left is one too.
        for inner in ways(one)[:1] if cut(one) is not None and len(one) < len(text) else [one]:
            if inner not in best:
                best.append(inner)
    best = best[:MOST_WAYS]
    return [*best, text] if found.strong else [text, *best]


def corrected(text: str) -> str:
    """Return the likeliest of `ways`, where a correction is taken for one."""
    found = cut(text)
    if found is None:
        return text
    score = scores(found, weights())
    one = _texts(found)[score.index(max(score))]
    return corrected(one) if len(one) < len(text) else one


def features(found: Cut) -> list[list[float]]:
    """Return a row for each place where the corrected part can begin, from the first word on, and one for no such part."""
    return [_row(found.before, found.after, at) for at in range(len(found.before) + 1)]


def names() -> list[str]:
    """Names of the columns of `features`."""
    own = [
        "same first word",
        "first word, of a kind",
        "length",
        "all",
        "none",
        "same word twice",
        "same last word",
        "kind of first",
    ]
    own += ["repair is shorter by", "first two words the same", "starts again with a question or a request"]
    return own + [f"{before} {after}" for before in KINDS for after in KINDS]


def scores(found: Cut, weighed: Sequence[float]) -> list[float]:
    """Return the score of each place."""
    return [sum(w * x for w, x in zip(weighed, row, strict=True) if x) for row in features(found)]


@cache
def weights() -> tuple[float, ...]:
    """Return the weights that are shipped."""
    stored = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    if stored["features"] != names():
        raise ValueError(f"{WEIGHTS.name} is of other features")
    return tuple(map(float, stored["weights"]))


def _texts(found: Cut) -> list[str]:
    return [" ".join([*found.before[:at], *found.after]) for at in range(len(found.before) + 1)]


def _row(before: tuple[str, ...], after: tuple[str, ...], at: int) -> list[float]:
    length = len(before) - at
    first, kind = after[0], _kind(after[0])
    previous = _kind(before[at - 1]) if at else "end"
    same = length > 0 and before[at] == first
    own = [
        float(same),
        float(length > 0 and _kind(before[at]) == kind and kind != "word"),
        math.log1p(length),
        float(at == 0),
        float(length == 0),
        float(at > 0 and before[at - 1] == first),
        float(length > 0 and before[-1] == after[min(length, len(after)) - 1]),
        float(length > 0 and _kind(before[at]) == kind),
        max(0, length - len(after)) / (1 + length),
        float(same and length > 1 and len(after) > 1 and before[at + 1] == after[1]),
        float(at == 0 and kind in {"wh", "verb"}),
    ]
    pairs = [0.0] * (len(KINDS) ** 2)
    pairs[KINDS.index(previous) * len(KINDS) + KINDS.index(kind)] = 1.0
    return own + pairs


def _kind(word: str) -> str:
    return _KIND.get(word) or ("number" if word[0].isdecimal() else "word")
