"""What a recogniser makes of spoken words: sounds are mistaken, and what is heard is put into words again, not always as many.

For a stretch of one or two words the recogniser weighs what else sounds like it: words of its lexicon,
or two of them, or one for two, by how near the sounds are and how often the words are said. How often it
errs, in which shapes, and how far off, is fitted to real transcripts (see `Channel`); a share of errors
has nothing to do with sounds, as in those.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TypeAlias

from probatum.dialogue.artefacts.turn import Hypothesis
from probatum.synth.dialogue.phones import distance, phones

# Of written words : of heard words. A stretch of several is made of these.
SHAPES = ("1:1", "1:2", "2:1", "2:2", "1:0", "0:1")
_NEAR = 12  # words that are weighed
_REMOTE = 160  # words that are remotely alike
_KEPT = 10  # ways to hear a stretch
_FUNCTION = ("the", "a", "to", "and", "of", "in", "is", "it", "that", "i")
Words: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """How a recogniser errs.

    Rates, shapes, sharpness and the tail are those of two commercial recognisers on read conversation (Topical-Chat,
    Gopalakrishnan et al., 2019; "frequent" part, dialogues of odd hash); `level` and `spread` are those of spoken commands
    (SLURP, Bastianelli et al., 2020; development part). `bench/dialogue/simulator.py` fits them again and compares with what was not fitted.

    Attributes
    ----------
    rates : tuple of float
        Errors for each written word, in the order of `SHAPES`, at quality 1.
    short, long : float
        What rates are multiplied by for words of up to two phones, and of six and more; 1 for others.
    sharpness : float
        Weight of a way to hear it: exp(-distance / sharpness) x frequency^familiar.
    familiar : float
    tail : float
        Share of errors of shape 1:1 where what is heard is only remotely like what was said.
    run : float
        Probability that the word after a wrong one is wrong, too.
    level : float
        What all rates are multiplied by, for commands.
    spread : float
        Shape of the gamma distribution (mean 1) of how badly a request is heard; small is uneven.
    between : float
        The same, of how badly a user is heard: not known of any data here, an assumption.
    accents : int
        Ways to speak, of which each user has one.
    uneven, preferred : float
        How much words differ in what an accent multiplies their rates by (shape of a gamma distribution of mean 1), and ways to hear them in
        what it multiplies their weights by (sigma of a log-normal one). What makes mistakes come again. Assumptions.
    rare : float
        What rates are multiplied by for words that the recogniser has hardly met. An assumption.
    articulated : float
        The same, when a user says it again, clearly. An assumption.
    hypotheses : int
        That are logged, at most.
    """

    rates: tuple[float, ...] = (0.1042, 0.0330, 0.0333, 0.0019, 0.0001, 0.0036)
    short: float = 0.71
    long: float = 1.47
    sharpness: float = 0.093
    familiar: float = 0.35
    tail: float = 0.58
    run: float = 0.21
    level: float = 0.35
    spread: float = 7.5
    between: float = 4.0
    accents: int = 6
    uneven: float = 0.6
    preferred: float = 1.0
    rare: float = 6.0
    articulated: float = 0.5
    hypotheses: int = 5


@dataclass(slots=True)
class Heard:
    """What came of it.

    Attributes
    ----------
    text : str
    hypotheses : tuple of Hypothesis
        The best, which is `text`, first.
    confidence : float
        From how badly the request came through, as far as a recogniser can tell, which is not quite.
    """

    text: str
    hypotheses: tuple[Hypothesis, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class _Ways:
    """Ways to hear a stretch of words: with what distance, and how likely up to each."""

    heard: tuple[Words, ...]
    distances: tuple[float, ...]
    cumulative: tuple[float, ...]


@dataclass(slots=True)
class _Known:
    """A text, as far as it need be looked at only once."""

    words: Words
    hazards: tuple[float, ...]
    cumulative: tuple[float, ...]
    clean: tuple[str, ...]  # what is logged, best first, where nothing was mistaken
    heard: dict[float, Heard] = field(default_factory=dict)  # by confidence, where nothing was mistaken


@dataclass
class Lexicon:
    """Words that recognisers know, and which of them sound like what.

    Attributes
    ----------
    frequency : mapping of str to float
        Word -> how often it is said.
    channel : Channel
    secret : collection of str
        Words that nobody else's words are mistaken for: those a single user taught it, say.
    """

    frequency: Mapping[str, float]
    channel: Channel
    secret: Collection[str] = ()
    _alike: dict[str, list[tuple[str, float, float]]] = field(default_factory=dict, init=False)
    _far: dict[str, tuple[Words, tuple[float, ...]]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._words = [word for word in self.frequency if word not in self.secret]
        self._sounds = [phones(word) for word in self._words]

    def near(self, sounds: str) -> Sequence[tuple[str, float, float]]:
        """Return words that sound like it, with their distance and weight, the heaviest first."""
        found = self._alike.get(sounds)
        if found is None:
            from rapidfuzz import process
            from rapidfuzz.distance import Levenshtein

            alike = process.extract(sounds, self._sounds, scorer=Levenshtein.normalized_distance, limit=_REMOTE)
            remote = [self._words[place] for _, _, place in alike[_NEAR:]] or self._words
            self._far[sounds] = (tuple(remote), tuple(accumulate(self.frequency[word] ** 0.5 for word in remote)))
            found = []
            for _, _, place in alike[:_NEAR]:
                word = self._words[place]
                far = distance(sounds, self._sounds[place])
                found.append((word, far, math.exp(-far / self.channel.sharpness) * self.frequency[word] ** self.channel.familiar))
            found.sort(key=lambda item: (-item[2], item[0]))
            self._alike[sounds] = found
        return found

    def remote(self, sounds: str, rng: random.Random) -> str:
        """Draw a word that sounds only remotely like it."""
        self.near(sounds)
        words, cumulative = self._far[sounds]
        return words[min(bisect_left(cumulative, rng.random() * cumulative[-1]), len(words) - 1)]


@dataclass
class Recogniser:
    """A recogniser of one accent.

    Attributes
    ----------
    lexicon : Lexicon
    accent : str
        Of who speaks: another one, other mistakes.
    rare : collection of str
        Words that it has hardly met.
    """

    lexicon: Lexicon
    accent: str
    rare: Collection[str] = ()
    _texts: dict[str, _Known] = field(default_factory=dict, init=False)
    _ways: dict[tuple[Words, str], _Ways] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._shapes = list(accumulate(self.channel.rates))

    @property
    def channel(self) -> Channel:
        """How it errs."""
        return self.lexicon.channel

    def hear(self, text: str, quality: float, rng: random.Random) -> Heard:
        """Return what is heard of a text.

        Parameters
        ----------
        text : str
            In normal form.
        quality : float
            What error rates are multiplied by: 1 for the usual.
        rng : random.Random
        """
        known = self._texts.get(text)
        if known is None:
            known = self._texts[text] = self._looked_at(text)
        total = known.cumulative[-1] if known.cumulative else 0.0
        confidence = round(1.0 / (1.0 + 0.25 * quality * math.exp(rng.gauss(0.0, 0.6))), 2)
        if rng.random() < math.exp(-quality * total):
            clean = known.heard.get(confidence)
            if clean is None:
                clean = known.heard[confidence] = Heard(text, _ranked(known.clean, confidence), confidence)
            return clean
        forced = bisect_left(known.cumulative, rng.random() * total)
        out: list[str] = []
        others: list[tuple[int, int, Words]] = []
        at, words, last = 0, known.words, False
        while at < len(words):
            if (
                at != forced
                and rng.random() >= -math.expm1(-quality * known.hazards[at])
                and not (last and rng.random() < self.channel.run)
            ):
                out.append(words[at])
                at, last = at + 1, False
                continue
            last = True
            shape = self._shape(words, at, rng)
            span = words[at : at + int(shape[0])]
            ways = self._heard_as(span, shape)
            chosen = min(bisect_left(ways.cumulative, rng.random() * ways.cumulative[-1]), len(ways.heard) - 1)
            heard: Words = ways.heard[chosen]
            if shape == "1:1" and rng.random() < self.channel.tail:
                heard = (self.lexicon.remote(phones(span[0]), rng),)
            if shape == "0:1":
                out.append(words[at])
                span = (words[at],)
            out.extend(heard)
            # What was said still fits the sounds, the better the less they were mistaken.
            if rng.random() < math.exp(-ways.distances[chosen]):
                others.append((len(out) - len(heard), len(heard), span if shape != "0:1" else ()))
            at += max(1, int(shape[0]))
            forced = -1 if forced < at else forced
        if not out:
            return Heard("", (), confidence)
        best = " ".join(out)
        texts = [best]
        for start, length, right in reversed(others):
            texts.append(" ".join((*out[:start], *right, *out[start + length :])))
        if len(others) > 1:
            for start, length, right in sorted(others, reverse=True):
                out[start : start + length] = right
            texts.insert(1, " ".join(out))
        found = tuple(dict.fromkeys(t for t in texts if t))[: self.channel.hypotheses]
        return Heard(best, _ranked(found, confidence), confidence)

    def _looked_at(self, text: str) -> _Known:
        words = tuple(text.split())
        hazards = []
        for word in words:
            sound = phones(word)
            uneven = self.channel.uneven
            length = random.Random(f"{self.accent} {word}").gammavariate(uneven, 1 / uneven)  # noqa: S311 - a simulation
            length *= self.channel.short if len(sound) <= 2 else self.channel.long if len(sound) >= 6 else 1.0
            hazards.append(
                sum(self.channel.rates) * self.channel.level * length * (self.channel.rare if word in self.rare else 1.0)
            )
        others = []
        for at in sorted(range(len(words)), key=lambda n: -len(words[n]))[: self.channel.hypotheses - 1]:
            ways = self._heard_as((words[at],), "1:1")
            others.append(" ".join((*words[:at], *ways.heard[0], *words[at + 1 :])))
        return _Known(words, tuple(hazards), tuple(accumulate(hazards)), tuple(dict.fromkeys((text, *others))))

    def _shape(self, words: Words, at: int, rng: random.Random) -> str:
        shape = SHAPES[min(bisect_left(self._shapes, rng.random() * self._shapes[-1]), len(SHAPES) - 1)]
        return shape if at + 1 < len(words) or shape[0] != "2" else "1:1"

    def _heard_as(self, span: Words, shape: str) -> _Ways:
        found = self._ways.get((span, shape))
        if found is None:
            found = self._ways[span, shape] = self._weighed(span, shape)
        return found

    def _weighed(self, span: Words, shape: str) -> _Ways:
        if shape == "1:0":
            return _Ways(((),), (0.6,), (1.0,))
        if shape == "0:1":
            weights = list(accumulate(self.lexicon.frequency.get(word, 1e-3) for word in _FUNCTION))
            return _Ways(tuple((word,) for word in _FUNCTION), (0.6,) * len(_FUNCTION), tuple(weights))
        sounds = "".join(map(phones, span))
        candidates: dict[Words, tuple[float, float]] = {}
        if shape.endswith(":1"):
            candidates = {(word,): (far, weight) for word, far, weight in self.lexicon.near(sounds) if (word,) != span}
        else:
            for cut in range(1, len(sounds)):
                for one, far, weight in self.lexicon.near(sounds[:cut])[:4]:
                    for other, further, heavy in self.lexicon.near(sounds[cut:])[:4]:
                        if (one, other) != span:
                            mean = (far * cut + further * (len(sounds) - cut)) / len(sounds)
                            candidates.setdefault((one, other), (mean, weight * heavy))
        habit = random.Random(f"{self.accent} {span} {shape}")  # noqa: S311 - a simulation
        candidates = {
            words: (far, weight * habit.lognormvariate(0.0, self.channel.preferred))
            for words, (far, weight) in candidates.items()
        }
        best = sorted(candidates.items(), key=lambda item: (-item[1][1], item[0]))[:_KEPT]
        if not best:
            best = [(span[:1] if len(span) > 1 else ("the",), (1.0, 1.0))]
        return _Ways(
            tuple(words for words, _ in best),
            tuple(far for _, (far, _) in best),
            tuple(accumulate(weight for _, (_, weight) in best)),
        )


def _ranked(texts: Sequence[str], confidence: float) -> tuple[Hypothesis, ...]:
    """Return hypotheses with scores: logarithms, of which only the order and rough distances mean something."""
    step = 0.3 + 3.0 * confidence
    return tuple([Hypothesis(text, round(-step * place, 3)) for place, text in enumerate(texts)])
