"""What is never rewritten automatically: words that must reach the assistant as they were said, and words about a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

# Words without content in requests: those that carry neither what is to be done nor to what. English.
EMPTY = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "at",
        "but",
        "by",
        "can",
        "could",
        "do",
        "for",
        "from",
        "get",
        "go",
        "have",
        "hey",
        "i",
        "if",
        "in",
        "is",
        "it",
        "its",
        "just",
        "let",
        "like",
        "me",
        "my",
        "no",
        "not",
        "of",
        "off",
        "ok",
        "okay",
        "on",
        "or",
        "please",
        "so",
        "some",
        "that",
        "the",
        "then",
        "there",
        "this",
        "to",
        "too",
        "up",
        "us",
        "we",
        "well",
        "will",
        "with",
        "would",
        "yeah",
        "yep",
        "yes",
        "you",
        "your",
    ]
)
_SAFETY = (
    "911", "999", "112", "ambulance", "call the police", "emergency", "fire department", "heart attack", "help me",
    "kill myself", "overdose", "poison", "suicide",
)  # fmt: skip
_PROFANE = frozenset(
    [
        "asshole",
        "bastard",
        "bitch",
        "bullshit",
        "cunt",
        "damn",
        "dick",
        "fuck",
        "fucked",
        "fucking",
        "motherfucker",
        "piss",
        "shit",
        "slut",
        "whore",
    ]
)
_PERSONAL = re.compile(
    r"\S+@\S+\.\w+"  # address of electronic mail
    r"|\b\S+ at \S+ dot \w{2,}\b"  # the same, spoken
    r"|(?:\d[ .-]?){7,}"  # telephone, account, card
    r"|\bmy (?:password|pin|passcode|ssn|social security|account|card|phone|address)\b"
    r"|\b\d+ \w+ (?:street|road|avenue|lane|drive|boulevard)\b"
)
_COSTLY = re.compile(
    r"buy|purchas|order|checkout|\bpay|payment|transfer|unlock|disarm|call|dial|deletes?|delet|remov|eras|wipe|cancel|send|book"
    r"|subscri|reset",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """Words and phrases that keep a text from being rewritten, or from being what another is rewritten to.

    Attributes
    ----------
    safety, wake_words, further : tuple of str
        Phrases, normalised.
    profane, empty : frozenset of str
        Words.
    """

    safety: tuple[str, ...] = _SAFETY
    wake_words: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    profane: frozenset[str] = _PROFANE
    empty: frozenset[str] = EMPTY

    def why(self, text: str) -> str:
        """Return why a normalised text is denied, "" if it is not; never the text itself."""
        for kind, phrases in (
            ("words about safety", self.safety),
            ("a wake word", self.wake_words),
            ("a phrase of the policy", self.further),
        ):
            if phrases and _any(phrases).search(text):
                return f"it contains {kind}"
        words = text.split()
        if not self.profane.isdisjoint(words):
            return "it contains profanity"
        if _PERSONAL.search(text):
            return "it looks like it contains something about a person"
        if all(word.replace(".", "").isdecimal() or word in self.empty for word in words):
            return "it is only an answer, a number or words without content"
        return ""

    def content(self, text: str) -> int:
        """Return how many words of a text have content."""
        return sum(word not in self.empty for word in text.split())


@lru_cache(64)
def _any(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds one of some phrases, as whole words between blanks."""
    return re.compile(f"(?<![^ ])(?:{'|'.join(map(re.escape, phrases))})(?![^ ])")


def costly(intents: Iterable[str] = ()) -> Callable[[str], bool]:
    """Return whether an intent does what is hard to undo: one of those given, or by the words in its name."""
    given = frozenset(intents)
    return lambda intent: intent in given or _COSTLY.search(intent) is not None
