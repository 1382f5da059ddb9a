"""What can be learnt from examples of what texts mean: other names for things, and the words around them.

An example counts by itself as little as one witness does: what is learnt was said in at least two, most of which agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from probatum.synth.dialogue import catalogue, phrasing
from probatum.synth.dialogue.frames import Frame
from probatum.synth.dialogue.pipelines.classifier import OPEN

_FEWEST = 2  # examples, and names between the same words
_AGREE = 0.8  # share of them
_DEVICES = dict(catalogue.device_names())

Words = tuple[str, ...]
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what is meant by it, for training.

    Attributes
    ----------
    text : str
    frame : Frame
    begin, end : int
        Where among the words of the text those for the frame's mention stand; -1 where they do not.
    """

    text: str
    frame: Frame
    begin: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class Lessons:
    """What was learnt.

    Attributes
    ----------
    names : mapping of words to (thing, sort)
        Sorts are `things`, `areas` and `words`: those of titles and items.
    around : mapping of (words before, words after) to the kind of request
    whole : mapping of words to the kind of request
        Of requests that name nothing.
    patterns : tuple of (kind, words)
        Each pattern of words once, with the kind that most of its examples are of.
    """

    names: Mapping[str, tuple[str, str]]
    around: Mapping[tuple[Words, Words], str]
    whole: Mapping[Words, str]
    patterns: tuple[tuple[str, Words], ...]


def learn(examples: Sequence[Example]) -> Lessons:
    """Return what examples teach."""
    names: dict[str, Counter[tuple[str, str]]] = {}
    around: dict[tuple[Words, Words], Counter[str]] = {}
    said: dict[tuple[Words, Words], set[str]] = {}
    whole: dict[Words, Counter[str]] = {}
    patterns: dict[Words, Counter[str]] = {}
    for one in examples:
        kind = kind_of(one.frame)
        if not kind:
            continue
        words = one.text.split()
        before, after = (tuple(with_numbers(part)) for part in (words[: max(0, one.begin)], words[max(0, one.end) :]))
        thing, slash, _ = one.frame.mention.partition("/")
        sort = "words" if one.frame.intent in OPEN else "areas" if slash else "things"
        masked = (*before, *([f"<{sort}>"] if one.end > 0 else []), *after)
        patterns.setdefault(masked, Counter())[kind] += 1
        if one.end > 0:
            name = " ".join(words[one.begin : one.end])
            names.setdefault(name, Counter())[thing, sort] += 1
            # With nothing around it, everything would be a name.
            if before or after:
                around.setdefault((before, after), Counter())[kind] += 1
                said.setdefault((before, after), set()).add(name)
        elif thing in ("", "@here"):
            whole.setdefault(masked, Counter())[kind] += 1
    return Lessons(
        _agreed(names),
        {place: kind for place, kind in _agreed(around).items() if len(said[place]) >= _FEWEST},
        _agreed(whole),
        tuple((_most(own)[0], masked) for masked, own in patterns.items() if 2 * _most(own)[1] > sum(own.values())),
    )


def with_numbers(words: Sequence[str]) -> list[str]:
    """Return words with a sign for each number."""
    numbers = phrasing.numbers()
    found: list[str] = []
    at = 0
    while at < len(words):
        two = " ".join(words[at : at + 2]) in numbers and at + 1 < len(words)
        found.append("<number>" if two or words[at] in numbers or words[at].isdecimal() else words[at])
        at += 2 if two else 1
    return found


def kind_of(frame: Frame) -> str:
    """Return the kind of wish that a frame is for; "" for none."""
    thing, slash, domain = frame.mention.partition("/")
    domain = domain or _DEVICES.get(thing, "")
    fitting = [
        kind
        for kind in phrasing.KINDS.values()
        if kind.intent == frame.intent and kind.value in ("", frame.value) and _about(kind, domain, room=bool(slash))
    ]
    # What is always meant tells a kind from those for which it may be anything, and all of a room from single things.
    return max(fitting, key=lambda kind: (kind.value != "", kind.area != "")).name if fitting else ""


def _about(kind: phrasing.Kind, domain: str, *, room: bool) -> bool:
    if kind.area:
        return room and kind.area == domain
    return not kind.domains or domain in kind.domains


def _agreed(counts: Mapping[K, Counter[V]]) -> dict[K, V]:
    found = {}
    for key, own in counts.items():
        value, many = _most(own)
        if many >= _FEWEST and many >= _AGREE * sum(own.values()):
            found[key] = value
    return found


def _most(counts: Counter[V]) -> tuple[V, int]:
    [found] = counts.most_common(1)
    return found
