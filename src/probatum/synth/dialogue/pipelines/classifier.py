"""An assistant of another kind: things by likeness of letters, and kinds of requests by naive Bayes.

It learns from three quarters of the phrasings, knows no grammar, and hardly ever says that it did not
understand: its mistakes are others than those of a grammar.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator
from functools import cache

from probatum.synth.dialogue import catalogue, phrasing
from probatum.synth.dialogue.frames import Frame, Parse

_LEAST_SURE = 0.45
_LEAST_ALIKE = 0.8
_LONGEST = 5  # words of a name
_SMOOTH = 0.3
_fill = frozenset(
    (
        "the", "a", "my", "our", "to", "on", "in", "of", "please", "can", "could", "you", "i", "it", "is", "for", "song", "movie", "put", "add",
        "play", "start", "shopping", "list", "need", "hear", "watch", "want",
    )
)  # fmt: skip  # words


class Classifier:
    """Understands by likeness."""

    name = "classifier"

    def parses(self, text: str) -> tuple[Parse, ...]:
        """Return the most likely way to understand a text, if it is likely enough."""
        return _parses(text)


@cache
def _trained() -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Return, by kind, the logarithm of how likely each feature is, and that of one that was not seen."""
    words: dict[str, Counter[str]] = {}
    for name, kind in phrasing.KINDS.items():
        seen = words.setdefault(name, Counter())
        for template in kind.templates:
            if hashlib.sha256(f"classifier {template}".encode()).digest()[0] % 4:
                filler = "areas" if kind.area else "things" if kind.domains else "words"
                seen.update(_features(template.format(m=f"<{filler}>", a="<areas>", v="<number>").split()))
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


@cache
def _parses(text: str) -> tuple[Parse, ...]:
    from rapidfuzz import process
    from rapidfuzz.distance import Indel

    words = text.split()
    best: tuple[float, int, int, str] | None = None
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + _LONGEST) + 1):
            found = process.extractOne(
                " ".join(words[start:end]), _choices(), scorer=Indel.normalized_similarity, score_cutoff=_LEAST_ALIKE
            )
            if found is not None and (best is None or (found[1] * len(found[0]), -start) > (best[0], -best[1])):
                best = (found[1] * len(found[0]), start, end, found[0])
    numbers = phrasing.numbers()
    masked, value, mention = list(words), 0, ""
    if best is not None:
        mention = best[3]
        masked[best[1] : best[2]] = [f"<{_names()[mention]}>"]
    for at, word in enumerate(masked):
        two = " ".join(masked[at : at + 2])
        number = numbers.get(two, numbers.get(word))
        if number is not None:
            value = number
            masked[at : at + (2 if two in numbers else 1)] = ["<number>"]
            break
    kind, sure = _kind(masked)
    if kind is None:
        return ()
    rest = " ".join(word for word in masked if word not in _fill and not word.startswith("<"))
    known = phrasing.KINDS[kind]
    if known.intent in ("HassMediaSearchAndPlay", "HassShoppingListAddItem"):
        mention = rest
    elif known.area or known.domains:
        domain = known.area or known.domains[0]
        mention = mention if _names().get(mention) == "things" else f"{mention or '@here'}/{domain}"
    else:
        mention = ""
    said = known.value or (str(value * 60 if kind == "timer" else value) if value else "")
    if kind == "film" and "movie" not in words and "watch" not in words:
        said = ""
    return (Parse(Frame(known.intent, mention, said), confidence=round(sure, 3)),)


def _kind(masked: list[str]) -> tuple[str | None, float]:
    known, unseen = _trained()
    features = list(_features(masked))
    scores = {name: sum(seen.get(feature, unseen[name]) for feature in features) for name, seen in known.items()}
    name = max(scores, key=lambda one: (scores[one], one))
    sure = 1 / sum(math.exp(score - scores[name]) for score in scores.values())
    return (name if sure >= _LEAST_SURE else None), sure
