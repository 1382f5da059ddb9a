"""What may be stored of an answer, and what each reading must be checked against before anybody is asked to confirm it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from probatum.dialogue.artefacts.teaching import TeachingRules
from probatum.dialogue.model.denied import Denied, costly
from probatum.dialogue.model.teaching.definitions import About, Definition, denies, gap, states
from probatum.dialogue.model.teaching.preference import Grounded, Kind, Preference
from probatum.dialogue.model.teaching.taught import key_of

MOST = 24  # checks of one answer
_denied = Denied()
_is_costly = costly()
# A name for a thing begins with none of these.
_verbs_words = (
    "turn set play open close make put switch dim start stop show tell lower raise increase decrease change brighten "
    "activate pause skip resume mute unmute add find give go run shut lock call turns read list what what's how who when "
    "where is are do does remind wake begin launch enable "
)
_VERBS = frozenset(_verbs_words.split())
# After which a word stands for the deed.
_before_deed_words = (
    "and then please to you just also now always kindly quickly simply or but let's lets not don't never i'll we'll will "
    "can could would i me "
)
_BEFORE_DEED = frozenset(_before_deed_words.split())
# Words by which a text asks for what is hard to undo, where they stand for the deed.
_RISKY = re.compile(
    r"(?:buy|purchase|order|checkout|pay|transfer|unlock|disarm|call|dial|phone|delete|remove|erase|wipe|cancel|send|text|message|email|book|subscribe|unsubscribe|reset|"
    r"reserve|donate|share|post|sell|wire|arm|format|uninstall|factory)$"
)
_RISKY_ANYWHERE = re.compile(
    r"\b(?:unlock\w*|disarm\w*|purchas\w*|delet\w*|transfer\w*|buy|checkout|wire money|credit card|security code|alarm code|front door lock off)\b"
)


@dataclass(frozen=True, slots=True)
class Check:
    """What must be understood for a proposal to stand: one of `ways`, each a sequence of requests, or the `name`.

    Attributes
    ----------
    ways : tuple of tuple of str
        Requests that are tried in this order; of a way with several, each must be understood.
    name : str
        "" for none.
    """

    ways: tuple[tuple[str, ...], ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found: which of the ways was understood, and as what; -1 for the name."""

    grounded: Grounded
    way: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A reading of an answer, as it would be stored, with its check; without one of them it stands unchecked."""

    preference: Preference
    check: Check
    request: str  # what to act on, once it is stored


def risky(text: str) -> bool:
    """Whether a normalised text asks for what is hard to undo, or is not to be touched at all."""
    if _denied.why(text) and any(word not in _denied.empty for word in text.split()):
        return True
    words = text.split()
    deeds = (word for at, word in enumerate(words) if at == 0 or words[at - 1] in _BEFORE_DEED)
    return _RISKY_ANYWHERE.search(text) is not None or any(_RISKY.match(word) for word in deeds)


def adds_risk(said: str, becomes: str) -> bool:
    """Whether a request asks for what is hard to undo, and what was said did not."""
    return risky(becomes) and not risky(said)


def risky_intent(rules: TeachingRules) -> Callable[[str], bool]:
    """Return whether an intent is one that is never learnt."""
    return costly(rules.risky) if rules.risky else _is_costly


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an answer is about.

    Attributes
    ----------
    about : {"request", "name", "open"}
    phrase : str
        What was asked about, "" for nothing.
    request : str
        In which it stood.
    circumstances : tuple of str
        Those to which it is bound.
    turn : str
    at : float
        Seconds since 1970.
    """

    about: About
    phrase: str
    request: str
    circumstances: tuple[str, ...]
    turn: str
    at: float


def proposals(found: list[Definition], asked: Asked, rules: TeachingRules) -> list[Proposal]:
    """Return what may be stored, the likeliest first."""
    made: list[Proposal] = []
    for one in found:
        if not denies(one.means) and len(one.means.split()) <= 40:
            made += _proposed(one, asked, rules)
    return made


def _proposed(one: Definition, asked: Asked, rules: TeachingRules) -> list[Proposal]:
    about, request = asked.about, asked.request

    def made(kind: Kind, phrase: str, means: str, check: Check, acted: str, *, whole: bool) -> Proposal:
        lasts = one.lasts_s if one.lasts_s is not None else rules.lasts_s
        preference = Preference(
            kind=kind,
            phrase=phrase,
            means=means,
            whole=whole,
            reach="household" if one.household else "user",
            circumstances=() if one.everywhere else asked.circumstances,
            created=asked.at,
            expires=None if lasts is None else asked.at + lasts,
            turn=asked.turn,
        )
        return Proposal(preference, check, acted)

    phrase = one.phrase if one.phrase and one.phrase not in {"that", "it", "this"} else ""
    own = phrase or (asked.phrase if about == "name" else gap(asked.phrase))
    if not own or key_of(own) == key_of(one.means):
        return []
    if own.split()[0] in {"my", "our"} and len(own.split()) > 1 and not _is_request(one.means):
        put: tuple[tuple[str, ...], ...] = (
            ((put_in(request, own, one.means),),) if request and put_in(request, own, one.means) != request else ()
        )
        return [made("preference", own, one.means, Check(put, one.means), put[0][0] if put else "", whole=False)]
    named: list[Proposal] = []
    if about == "name":
        whole_request = put_in(request, own, one.means)
        named.append(made("entity", own, one.means, Check(((whole_request,),), one.means), whole_request, whole=False))
    elif not _is_request(one.means):
        # "the desk lamp", asked what "turn on the study lamp" means: the end of the request gets another name.
        words = (request or own).split()
        for first in range(1, len(words)):
            tail = " ".join(words[first:])
            whole_request = " ".join([*words[:first], one.means])
            if (
                whole_request != request
                and key_of(tail) != key_of(one.means)
                and tail.split()[0] not in {"on", "off", "up", "down", "to"}
            ):
                named.append(made("entity", tail, one.means, Check(((whole_request,),)), whole_request, whole=False))
        if about == "open" or phrase:
            named.append(made("entity", own, one.means, Check((), one.means), "", whole=False))
    if about == "name" and not phrase:
        return named
    kind: Kind = "declarative" if states(own) else "entity" if not _is_request(own) else "alias"
    parts = tuple(part for part in re.split(r" (?:and then|and also|then also|and|then) ", one.means) if part)
    ways: tuple[tuple[str, ...], ...] = ((one.means,), parts) if 1 < len(parts) <= 4 else ((one.means,),)
    whole = made(kind, own, one.means, Check(ways), one.means, whole=True)
    return [whole, *named]


def _is_request(text: str) -> bool:
    return text.split(maxsplit=1)[0] in _VERBS


def put_in(request: str, phrase: str, means: str) -> str:
    """Return a request with other words in place of a phrase; the request if it does not contain it."""
    wanted, words = phrase.split(), request.split()
    for begin in range(len(words) - len(wanted) + 1):
        if words[begin : begin + len(wanted)] == wanted:
            first = begin
            if means.split(maxsplit=1)[0] in {"the", "a", "an", "my"} and first and words[first - 1] in {"the", "a", "an", "my"}:
                first -= 1
            return " ".join([*words[:first], *means.split(), *words[begin + len(wanted) :]])
    return request
