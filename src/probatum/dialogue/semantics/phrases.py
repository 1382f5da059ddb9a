"""What a few phrases say of how a conversation goes: stop, no, thanks, a person please; and answers that are none.

Lists are short and literal, in normal form (`artefacts.utterance`), and per language. They are signals, of which
each alone may mislead: what they are worth is estimated from each log (`model.outcome`).
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from enum import Flag


class Says(Flag):
    """What a text says."""

    NOTHING = 0
    STOP = 1  # the assistant shall stop, or forget it
    WRONG = 2  # it was not what was meant
    THANKS = 4
    PERSON = 8  # a person is wanted instead
    NO_ANSWER = 16  # of the assistant: it did not understand, or did not find it
    CANNOT = 32  # of the assistant: it is not made for that
    NO = 64  # no: to what was done, or to a question of the assistant
    DECLINED = 128  # nothing more is wanted, which tells nothing of what was answered


# Language -> what is said -> whole requests; those that end in * may go on.
_requests: dict[str, dict[Says, tuple[str, ...]]] = {
    "en": {
        Says.STOP: (
            "stop", "stop it", "stop that", "cancel", "cancel that", "never mind", "nevermind", "forget it", "shut up", "be quiet",
            "quiet", "enough",
        ),
        Says.WRONG: (
            "wrong", "that's wrong", "that is wrong", "that's not *", "that is not *", "not that", "i didn't say *",
            "i did not say *", "i didn't ask *", "i didn't mean *", "i said *", "you got it wrong", "undo", "undo that", "incorrect",
            "no that's wrong", "no that's not *", "no i said *", "no i meant *", "no i didn't say *", "no i didn't ask *",
            "no i didn't mean *", "thanks anyway", "thanks but *", "thanks for nothing", "thank you anyway", "thank you but *",
        ),
        Says.NO: ("no", "nope", "no that's *", "no not *", "no i *"),
        Says.DECLINED: (
            "no thanks", "no thanks *", "no thank you", "no thank you *", "no that's all", "no that's all *", "no that's it",
            "no that's it *", "no that is all", "no that is all *", "no that'll be all", "no that'll be all *", "no that will be all",
            "no that will be all *", "no i'm good", "no i'm good *", "no i'm fine", "no i'm fine *", "no i am good", "no i am good *",
            "no i don't need *", "no i do not need *", "no that's fine", "no that's fine *", "no that's everything", "no that's everything *",
            "no not now", "no not right now", "no not at the moment", "no i'm all set", "no i'm all set *",
        ),
        Says.THANKS: ("thanks", "thanks *", "thank you", "thank you *", "great", "perfect", "awesome", "that's right", "good job", "well done"),
        Says.PERSON: (
            "agent", "human", "representative", "operator", "speak to *", "talk to a *", "i want a person", "real person",
            "customer service",
        ),
    },
    "de": {
        Says.STOP: ("stopp", "stop", "abbrechen", "vergiss es", "egal", "sei still", "ruhe", "halt"),
        Says.NO: ("nein", "nein *"),
        Says.DECLINED: ("nein danke", "nein danke *", "nein vielen dank", "nein das war alles", "nein das ist alles", "nein das war's"),
        Says.WRONG: ("falsch", "das ist falsch", "das stimmt nicht", "das meine ich nicht", "das habe ich nicht *", "ich sagte *"),
        Says.THANKS: ("danke", "danke *", "vielen dank", "super", "perfekt", "prima"),
        Says.PERSON: ("mitarbeiter", "einen menschen", "mit einem menschen *", "kundendienst"),
    },
    "fr": {
        Says.STOP: ("stop", "arrête", "annule", "laisse tomber", "tais toi"),
        Says.NO: ("non", "non *"),
        Says.DECLINED: ("non merci", "non merci *", "non c'est tout", "non ça va", "non c'est bon"),
        Says.WRONG: ("c'est faux", "ce n'est pas *", "j'ai dit *"),
        Says.THANKS: ("merci", "merci *", "parfait", "super"),
        Says.PERSON: ("un humain", "un conseiller", "parler à *"),
    },
    "es": {
        Says.STOP: ("para", "cancela", "olvídalo", "cállate", "basta"),
        Says.NO: ("no", "no *"),
        Says.DECLINED: ("no gracias", "no gracias *", "no eso es todo", "no es todo", "no nada más"),
        Says.WRONG: ("eso no", "está mal", "incorrecto", "he dicho *"),
        Says.THANKS: ("gracias", "gracias *", "muchas gracias", "perfecto"),
        Says.PERSON: ("un agente", "una persona", "hablar con *"),
    },
}  # fmt: skip  # phrases that belong together stay together
# Parts of answers, in normal form.
_answers: dict[Says, tuple[str, ...]] = {
    Says.NO_ANSWER: (
        "i couldn't understand", "i could not understand", "i didn't understand", "i did not understand", "i don't understand",
        "didn't catch that", "did not catch that", "didn't get that", "didn't quite get", "i'm not sure i understand", "rephrase",
        "say that again", "i couldn't find", "i could not find", "not aware of any", "i don't know that", "no device", "no area",
        "das habe ich nicht verstanden", "habe ich leider nicht verstanden", "ich konnte * nicht finden", "je n'ai pas compris",
        "no entendí", "no te he entendido",
    ),
    Says.CANNOT: (
        "i can't do that", "i cannot do that", "i'm not able to", "i am not able to", "i can't help with", "i cannot help with",
        "not supported", "isn't supported", "unable to help", "das kann ich nicht", "je ne peux pas", "no puedo ayudar",
    ),
}  # fmt: skip  # as above


def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(phrase).replace(r"\*", ".*") for phrase in sorted(phrases, key=len, reverse=True)))


_request_patterns = {
    language: {says: _pattern(phrases) for says, phrases in kinds.items()} for language, kinds in _requests.items()
}
_answer_patterns = {says: _pattern(phrases) for says, phrases in _answers.items()}


def said(normalised: str, languages: tuple[str, ...] = ("en",)) -> Says:
    """Return what a request says, besides what it asks for.

    Parameters
    ----------
    normalised : str
        In normal form.
    languages : tuple of str
        First parts of BCP 47 tags; of those without a list nothing is known.
    """
    found = Says.NOTHING
    for language in languages:
        for says, pattern in _request_patterns.get(language, {}).items():
            if pattern.fullmatch(normalised):
                found |= says
    return found


def answered(normalised: str) -> Says:
    """Return what an answer says, besides the answer."""
    found = Says.NOTHING
    for says, pattern in _answer_patterns.items():
        if pattern.search(normalised):
            found |= says
    return found


def telling(languages: tuple[str, ...] = ("en",)) -> str:
    """Return a regular expression, of RE2 as of Python, that is found in every text of which `said` or `answered` tells anything."""
    requests = [pattern.pattern for language in languages for pattern in _request_patterns.get(language, {}).values()]
    return "|".join([*(f"^(?:{pattern})$" for pattern in requests), *(p.pattern for p in _answer_patterns.values())])


def known_languages() -> tuple[str, ...]:
    """Languages that there are lists for."""
    return tuple(_requests)


_opposites = (("on", "off"), ("open", "close"), ("lock", "unlock"), ("up", "down"), ("increase", "decrease"), ("raise", "lower"),
              ("mute", "unmute"), ("start", "stop"), ("add", "remove"), ("play", "pause"), ("enable", "disable"))  # fmt: skip
_parts = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


def opposed(words: AbstractSet[str], others: AbstractSet[str]) -> bool:
    """Whether one of some words is the opposite of one of some others."""
    return any((a in words and b in others) or (b in words and a in others) for a, b in _opposites)


def reverses(intent: str, earlier: str) -> bool:
    """Whether an intent undoes another, as their names tell: `HassTurnOff` after `HassTurnOn`, `close_cover` after `open_cover`."""
    one, other = ([part.lower() for part in _parts.findall(name)] for name in (intent, earlier))
    if len(one) != len(other):
        return False
    differing = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    return len(differing) == 1 and any(set(differing[0]) == set(pair) for pair in _opposites)
