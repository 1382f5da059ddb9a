"""An assistant of another kind: things by likeness of letters, and kinds of requests by naive Bayes.

It learns from three quarters of the phrasings, knows no grammar, and hardly ever says that it did not
understand: its mistakes are others than those of a grammar. It can be trained again, with examples from wherever they are.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from probatum.synth.dialogue import catalogue, phrasing
from probatum.synth.dialogue.frames import Frame, Parse

_LEAST_SURE = 0.45
_LEAST_ALIKE = 0.8
_LONGEST = 5  # words of a name
_SMOOTH = 0.3
_FEWEST = 2  # examples of another name for something
_AGREE = 0.8  # share of them
_OPEN = ("HassMediaSearchAndPlay", "HassShoppingListAddItem")  # whose things are not in the home
_fill = frozenset(
    (
        "the", "a", "my", "our", "to", "on", "in", "of", "please", "can", "could", "you", "i", "it", "is", "for", "song", "movie", "put", "add",
        "play", "start", "shopping", "list", "need", "hear", "watch", "want",
    )
)  # fmt: skip  # words


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


class Classifier:
    """Understands by likeness.

    Parameters
    ----------
    examples : sequence of Example
        It is trained with besides its own phrasings. Words that stand for a thing, or a title, become other names for it.
    """

    name = "classifier"

    def __init__(self, examples: Sequence[Example] = ()) -> None:
        self._names = {**_names(), **_aliases(examples)}
        self._means = {words: thing for words, (thing, _) in _synonyms(examples).items()}
        self._trained = _trained(tuple(examples))
        self._known: dict[str, tuple[Parse, ...]] = {}

    def parses(self, text: str) -> tuple[Parse, ...]:
        """Return the most likely way to understand a text, if it is likely enough."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._parses(text)
        return found

    def _parses(self, text: str) -> tuple[Parse, ...]:
        from rapidfuzz import process
        from rapidfuzz.distance import Indel

        words = text.split()
        best: tuple[float, int, int, str] | None = None
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + _LONGEST) + 1):
                said = " ".join(words[start:end])
                found: tuple[str, float, int] | None = (said, 1.0, 0) if said in self._names else None
                if found is None:
                    found = process.extractOne(said, _choices(), scorer=Indel.normalized_similarity, score_cutoff=_LEAST_ALIKE)
                if found is not None and (best is None or (found[1] * len(found[0]), -start) > (best[0], -best[1])):
                    best = (found[1] * len(found[0]), start, end, found[0])
        numbers = phrasing.numbers()
        masked, value, mention = list(words), 0, ""
        if best is not None:
            mention = self._means.get(best[3], best[3])
            masked[best[1] : best[2]] = [f"<{self._names[best[3]]}>"]
        for at, word in enumerate(masked):
            two = " ".join(masked[at : at + 2])
            number = numbers.get(two, numbers.get(word))
            if number is not None:
                value = number
                masked[at : at + (2 if two in numbers else 1)] = ["<number>"]
                break
        kind, sure = _kind(masked, self._trained)
        if kind is None:
            return ()
        rest = " ".join(word for word in masked if word not in _fill and not word.startswith("<"))
        known = phrasing.KINDS[kind]
        if known.intent in _OPEN:
            mention = self._means.get(rest, rest)
        elif known.area or known.domains:
            domain = known.area or known.domains[0]
            mention = mention if _names().get(mention) == "things" else f"{mention or '@here'}/{domain}"
        else:
            mention = ""
        meant = known.value or (str(value * 60 if kind == "timer" else value) if value else "")
        if kind == "film" and "movie" not in words and "watch" not in words:
            meant = ""
        return (Parse(Frame(known.intent, mention, meant), confidence=round(sure, 3)),)


Trained = tuple[dict[str, dict[str, float]], dict[str, float]]


@cache
def _trained(examples: tuple[Example, ...] = ()) -> Trained:
    """Return, by kind, the logarithm of how likely each feature is, and that of one that was not seen."""
    words: dict[str, Counter[str]] = {}
    for name, kind in phrasing.KINDS.items():
        seen = words.setdefault(name, Counter())
        for template in kind.templates:
            if hashlib.sha256(f"classifier {template}".encode()).digest()[0] % 4:
                filler = "areas" if kind.area else "things" if kind.domains else "words"
                seen.update(_features(template.format(m=f"<{filler}>", a="<areas>", v="<number>").split()))
    for name, masked in _lessons(examples):
        words[name].update(_features(masked))
    size = len({feature for seen in words.values() for feature in seen})
    totals = {name: sum(seen.values()) + _SMOOTH * size for name, seen in words.items()}
    known = {
        name: {feature: math.log((many + _SMOOTH) / totals[name]) for feature, many in seen.items()}
        for name, seen in words.items()
    }
    return known, {name: math.log(_SMOOTH / total) for name, total in totals.items()}


def _features(words: list[str]) -> Iterator[str]:
    yield from words
    yield from (f"{one} {other}" for one, other in zip(["^", *words], [*words, "$"], strict=True))


@cache
def _names() -> dict[str, str]:
    devices = (name for name, _ in catalogue.device_names())
    return {**dict.fromkeys((*devices, *catalogue.NICKNAMES), "things"), **dict.fromkeys(catalogue.AREAS, "areas")}


@cache
def _choices() -> tuple[str, ...]:
    return tuple(_names())


def _kind_of(frame: Frame) -> str:
    """Return the kind of wish that a frame is for; "" for none."""
    thing, _, domain = frame.mention.partition("/")
    domain = domain or dict(catalogue.device_names()).get(thing, "")
    for name, kind in phrasing.KINDS.items():
        if kind.intent != frame.intent or (kind.value and kind.value != frame.value):
            continue
        if (
            not (kind.area or kind.domains)
            or ("/" in frame.mention and kind.area == domain)
            or ("/" not in frame.mention and domain in kind.domains)
        ):
            return name
    return ""


def _lessons(examples: Sequence[Example]) -> Iterator[tuple[str, list[str]]]:
    """Yield what there is to learn, each pattern of words once, with the kind that most of its examples are of."""
    seen: dict[tuple[str, ...], Counter[str]] = {}
    for example in examples:
        name = _kind_of(example.frame)
        if name:
            seen.setdefault(tuple(_masked(example)), Counter())[name] += 1
    for masked, counts in seen.items():
        [(name, many)] = counts.most_common(1)
        if 2 * many > sum(counts.values()):
            yield name, list(masked)


def _masked(example: Example) -> list[str]:
    words = example.text.split()
    numbers = phrasing.numbers()
    filler = "areas" if "/" in example.frame.mention else "words" if example.frame.intent in _OPEN else "things"
    masked = [*words[: max(0, example.begin)], *([f"<{filler}>"] if example.end > 0 else []), *words[max(0, example.end) :]]
    return ["<number>" if word in numbers or word.isdecimal() else word for word in masked]


def _synonyms(examples: Sequence[Example]) -> dict[str, tuple[str, str]]:
    """Return words that stand for something else -> what, and its sort, where enough examples agree."""
    seen: dict[str, Counter[tuple[str, str]]] = {}
    for example in examples:
        words = " ".join(example.text.split()[example.begin : example.end]) if example.end > 0 else ""
        thing, _, domain = example.frame.mention.partition("/")
        if words and words not in _names() and thing != "@here":
            sort = "open" if example.frame.intent in _OPEN else "areas" if domain else "things"
            seen.setdefault(words, Counter())[thing, sort] += 1
    found = {}
    for words, counts in seen.items():
        [((thing, sort), many)] = counts.most_common(1)
        # A single example may be of somebody who was misheard: other names, said by others, sound like that as well.
        if many >= _FEWEST and many >= _AGREE * sum(counts.values()) and words != thing:
            found[words] = thing, sort
    return found


def _aliases(examples: Sequence[Example]) -> dict[str, str]:
    """Return words by which a device or a room is looked for -> which of the two it is."""
    return {words: sort for words, (_, sort) in _synonyms(examples).items() if sort != "open"}


def _kind(masked: list[str], trained: Trained) -> tuple[str | None, float]:
    known, unseen = trained
    features = list(_features(masked))
    scores = {name: sum(seen.get(feature, unseen[name]) for feature in features) for name, seen in known.items()}
    name = max(scores, key=lambda one: (scores[one], one))
    sure = 1 / sum(math.exp(score - scores[name]) for score in scores.values())
    return (name if sure >= _LEAST_SURE else None), sure
