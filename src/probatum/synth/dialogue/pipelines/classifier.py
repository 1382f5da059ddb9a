"""An assistant of another kind: things by likeness of letters, and kinds of requests by naive Bayes.

It learns from three quarters of the phrasings, knows no grammar, and hardly ever says that it did not
understand: its mistakes are others than those of a grammar. `retrained` is what becomes of it with examples.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from probatum.synth.dialogue import catalogue, phrasing
from probatum.synth.dialogue.frames import Frame, Parse

_LEAST_SURE = 0.45
LEAST_ALIKE = 0.8
_LONGEST = 5  # words of a name
_SMOOTH = 0.3
OPEN = ("HassMediaSearchAndPlay", "HassShoppingListAddItem")  # whose things are not in the home
FILL = frozenset(
    (
        "the", "a", "my", "our", "to", "on", "in", "of", "please", "can", "could", "you", "i", "it", "is", "for", "song", "movie", "put", "add",
        "play", "start", "shopping", "list", "need", "hear", "watch", "want",
    )
)  # fmt: skip  # words


class Classifier:
    """Understands by likeness."""

    name = "classifier"

    def __init__(self) -> None:
        self._names = dict(names())
        self._trained = trained()
        self._known: dict[str, tuple[Parse, ...]] = {}

    def parses(self, text: str) -> tuple[Parse, ...]:
        """Return the most likely way to understand a text, if it is likely enough."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._parses(text)
        return found

    def _parses(self, text: str) -> tuple[Parse, ...]:
        words = text.split()
        named = self._named(words)
        masked, mention = list(words), ""
        if named is not None:
            begin, end, mention = named
            masked[begin:end] = [f"<{self._names[mention]}>"]
        masked, value = number(masked)
        kind, sure = _kind(masked, self._trained)
        if kind is None:
            return ()
        mention = self._open(words, masked, mention) if phrasing.KINDS[kind].intent in OPEN else self._in_home(mention)
        return (Parse(frame(kind, mention, value, words), confidence=round(sure, 3)),)

    def _named(self, words: Sequence[str]) -> tuple[int, int, str] | None:
        """Return where the words of a name stand, and which it is."""
        from rapidfuzz import process
        from rapidfuzz.distance import Indel

        best: tuple[float, int, int, str] | None = None
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + _LONGEST) + 1):
                said = " ".join(words[start:end])
                found: tuple[str, float, int] | None = (said, 1.0, 0) if said in self._names else None
                if found is None:
                    found = process.extractOne(said, _choices(), scorer=Indel.normalized_similarity, score_cutoff=LEAST_ALIKE)
                if found is not None and (best is None or (found[1] * len(found[0]), -start) > (best[0], -best[1])):
                    best = (found[1] * len(found[0]), start, end, found[0])
        return None if best is None else best[1:]

    def _in_home(self, mention: str) -> str:
        """Return the device or room that a name is for."""
        return mention

    def _open(self, words: Sequence[str], masked: Sequence[str], mention: str) -> str:  # noqa: ARG002 - others look at them
        """Return what is asked for that is not in the home, such as a title."""
        return " ".join(word for word in masked if word not in FILL and not word.startswith("<"))


def number(masked: Sequence[str]) -> tuple[list[str], int]:
    """Return words with a sign for the first number, and that number; 0 for none."""
    numbers = phrasing.numbers()
    for at, word in enumerate(masked):
        two = " ".join(masked[at : at + 2])
        found = numbers.get(two, numbers.get(word))
        if found is not None:
            return [*masked[:at], "<number>", *masked[at + (2 if two in numbers else 1) :]], found
    return list(masked), 0


def frame(kind: str, mention: str, value: int, words: Sequence[str]) -> Frame:
    """Return what a kind of request means with a mention and a number."""
    known = phrasing.KINDS[kind]
    if known.intent not in OPEN:
        if known.area or known.domains:
            domain = known.area or known.domains[0]
            mention = mention if names().get(mention) == "things" else f"{mention or '@here'}/{domain}"
        else:
            mention = ""
    meant = known.value or (str(value * 60 if kind == "timer" else value) if value else "")
    if kind == "film" and "movie" not in words and "watch" not in words:
        meant = ""
    return Frame(known.intent, mention, meant)


Trained = tuple[dict[str, dict[str, float]], dict[str, float]]


@cache
def trained(patterns: tuple[tuple[str, tuple[str, ...]], ...] = ()) -> Trained:
    """Return, by kind, the logarithm of how likely each feature is, and that of one that was not seen.

    Parameters
    ----------
    patterns : tuple of (kind, words)
        To learn besides the phrasings that it has.
    """
    words: dict[str, Counter[str]] = {}
    for name, kind in phrasing.KINDS.items():
        seen = words.setdefault(name, Counter())
        for template in kind.templates:
            if hashlib.sha256(f"classifier {template}".encode()).digest()[0] % 4:
                filler = "areas" if kind.area else "things" if kind.domains else "words"
                seen.update(_features(template.format(m=f"<{filler}>", a="<areas>", v="<number>").split()))
    for name, masked in patterns:
        words[name].update(_features(masked))
    size = len({feature for seen in words.values() for feature in seen})
    totals = {name: sum(seen.values()) + _SMOOTH * size for name, seen in words.items()}
    known = {
        name: {feature: math.log((many + _SMOOTH) / totals[name]) for feature, many in seen.items()}
        for name, seen in words.items()
    }
    return known, {name: math.log(_SMOOTH / total) for name, total in totals.items()}


def _features(words: Sequence[str]) -> Iterator[str]:
    yield from words
    yield from (f"{one} {other}" for one, other in zip(["^", *words], [*words, "$"], strict=True))


@cache
def names() -> dict[str, str]:
    """Return what things in homes are called -> `things` or `areas`."""
    devices = (name for name, _ in catalogue.device_names())
    return {**dict.fromkeys((*devices, *catalogue.NICKNAMES), "things"), **dict.fromkeys(catalogue.AREAS, "areas")}


@cache
def _choices() -> tuple[str, ...]:
    return tuple(names())


def _kind(masked: list[str], trained: Trained) -> tuple[str | None, float]:
    known, unseen = trained
    features = list(_features(masked))
    scores = {name: sum(seen.get(feature, unseen[name]) for feature in features) for name, seen in known.items()}
    name = max(scores, key=lambda one: (scores[one], one))
    sure = 1 / sum(math.exp(score - scores[name]) for score in scores.values())
    return (name if sure >= _LEAST_SURE else None), sure
