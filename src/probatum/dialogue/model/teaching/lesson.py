"""A teaching dialogue: ask, read the answer, have it checked, have it confirmed, store it. A state machine without effects.

    asked --answer--> checking --understood--> confirming --yes--> stored
      |                   |                        |
      +--- left, silent, late, a question, risky, not understood twice, no --> dropped

Nothing is stored that was not checked (but what a user says of himself, where the policy lets it) and confirmed. Whatever is
not an answer drops the lesson, and is to be served as a request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from probatum.dialogue.artefacts.teaching import TeachingRules
from probatum.dialogue.model.teaching.corrections import ways
from probatum.dialogue.model.teaching.definitions import About, Definition, asks, definitions, placed_of, spans
from probatum.dialogue.model.teaching.preference import Preference
from probatum.dialogue.model.teaching.proposals import MOST, Asked, Check, Found, Proposal, proposals, risky, risky_intent
from probatum.dialogue.model.teaching.replies import Reply, agrees, read

Trigger = Literal["repeated", "rejected", "unknown", "undone", "asked", "elsewhere"]
State = Literal["asked", "checking", "confirming", "stored", "dropped"]
OPEN: tuple[State, ...] = ("asked", "checking", "confirming")
MOST_TRIES = 2  # answers that lead nowhere, and confirmations that are none


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One dialogue, as far as it got.

    Attributes
    ----------
    trigger : str
        Why it began.
    about : {"request", "name", "open"}
        What is to be defined: a request, a name in one, or whatever the user wants.
    phrase, request : str
        Normalised: what is to be defined, and the request in which it stood; "" where the user says.
    circumstances : tuple of str
        To which it is bound.
    turn : str
    state : str
    at : float
        When something was last said, in seconds since 1970.
    tries : int
    answer : str
        That is being checked.
    offered : tuple of Proposal
        That are being checked, and of which the first that stands is put to the user.
    searched : bool
        Whether spans of the answer were tried, as no reading of it stood.
    proposal : Proposal or None
        To be confirmed.
    told : bool
        Whether the user said it without being asked, so that it is put to the user before it is checked.
    agreed : bool
        Whether it is confirmed already, and only has to be checked.
    why : str
        Why it was dropped.
    """

    trigger: Trigger
    about: About
    at: float
    phrase: str = ""
    request: str = ""
    circumstances: tuple[str, ...] = ()
    turn: str = ""
    state: State = "asked"
    tries: int = 0
    answer: str = ""
    offered: tuple[Proposal, ...] = ()
    searched: bool = False
    proposal: Proposal | None = None
    told: bool = False
    agreed: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What follows.

    Attributes
    ----------
    lesson : Lesson
    say : str
        To the user; "" for nothing.
    checks : tuple of Check
        To be carried out; their results go to `checked`.
    store : Preference or None
    serve : str
        A request that was no answer, or is to be acted on now; "" for none.
    """

    lesson: Lesson
    say: str = ""
    checks: tuple[Check, ...] = ()
    store: Preference | None = None
    serve: str = ""


def begin(lesson: Lesson) -> Step:
    """Put the question."""
    return Step(lesson=lesson, say=question(lesson))


def tell(lesson: Lesson, found: Sequence[Definition], rules: TeachingRules) -> Step:
    """Take what a user said without being asked: it is put to the user at once, and checked once it is confirmed."""
    offered = _offered(lesson, list(found), rules)
    if not offered:
        return begin(replace(lesson, phrase=""))
    return _confirm(replace(lesson, offered=tuple(offered), told=True), offered[0])


def widen(lesson: Lesson, known: Preference) -> Step:
    """Ask whether what was taught elsewhere holds here too; if so, it holds everywhere."""
    one = replace(known, circumstances=(), created=lesson.at, turn=lesson.turn)
    proposal = Proposal(one, Check(((one.means,),)), lesson.request)
    return Step(
        lesson=replace(lesson, state="confirming", proposal=proposal, offered=(proposal,), agreed=False),
        say=f'Elsewhere "{one.phrase}" means "{one.means}" to you. Here too?',
    )


def hear(lesson: Lesson, text: str, *, at: float, rules: TeachingRules) -> Step:
    """Take what the user says next.

    Parameters
    ----------
    lesson : Lesson
        That is open; what is said while it is being checked drops it.
    text : str
        Normalised; "" for silence.
    at : float
        Seconds since 1970.
    rules : TeachingRules
    """
    if lesson.state not in OPEN:
        return Step(lesson=lesson, serve=text)
    if lesson.state == "checking" or not 0 <= at - lesson.at <= rules.patience_s:
        return _drop(lesson, "late", at, serve=text)
    lesson = replace(lesson, at=at)
    return _answered(lesson, text, rules) if lesson.state == "asked" else _confirmed(lesson, text, rules)


def confirm(lesson: Lesson, *, yes: bool, at: float, rules: TeachingRules) -> Step:
    """Take a confirmation that was given by a button."""
    return hear(lesson, "yes" if yes else "no", at=at, rules=rules)


def checked(lesson: Lesson, found: Sequence[Found | None], *, rules: TeachingRules) -> Step:
    """Take what the checks of a step found, in their order."""
    if lesson.state != "checking":
        return Step(lesson=lesson)
    costly = risky_intent(rules)
    for proposal, one in zip(lesson.offered, found, strict=True):
        own = proposal.preference
        if one is not None:
            if one.grounded.intent and any(costly(intent) for intent in one.grounded.intent.split(" + ")):
                return _drop(lesson, "risky", lesson.at, say="That is not something I do on a phrase of yours.")
            steps = proposal.check.ways[one.way] if 0 <= one.way < len(proposal.check.ways) else ()
            own = replace(own, grounded=one.grounded, steps=steps if len(steps) > 1 else ())
        elif own.kind != "preference" or not rules.unchecked or any(other is not None for other in found):
            continue
        stands = replace(proposal, preference=own)
        if lesson.agreed and lesson.proposal is not None and _same(own, lesson.proposal.preference):
            return _store(replace(lesson, proposal=stands))
        return _confirm(replace(lesson, told=False, agreed=False), stands)
    if not lesson.searched and not lesson.agreed:
        more = [Definition(span) for way in ways(lesson.answer)[:3] for span in spans(way, MOST)]
        offered = [one for one in _offered(lesson, more, rules) if one.preference.whole][: 2 * MOST]
        if offered:
            return _check(replace(lesson, searched=True), offered)
    return _again(replace(lesson, told=False, agreed=False), "not understood", "I do not know how to do that.")


def question(lesson: Lesson) -> str:
    """Return what is asked."""
    if lesson.about == "open" or not lesson.phrase:
        return "What shall I learn? Say, for example: by study mode I mean turn the lamp blue."
    if lesson.about == "name":
        return f'I do not know "{lesson.phrase}". What do you mean by it?'
    sorry = {"repeated": "That did not work.", "rejected": "Sorry.", "undone": "That was not it, I see."}.get(lesson.trigger, "")
    return f'{sorry} What shall I do when you say "{lesson.phrase}"?'.strip()


def _answered(lesson: Lesson, text: str, rules: TeachingRules) -> Step:
    found = read(text)
    match found.reply:
        case Reply.SILENCE:
            return _again(lesson, "silence", "")
        case Reply.AGAIN:
            return _again(lesson, "did not catch the question", "")
        case Reply.UNSURE:
            return _drop(lesson, "does not know", lesson.at, say="All right.")
        case Reply.LEAVE | Reply.ONCE:
            return _drop(lesson, "left", lesson.at, say="" if found.rest else "All right.", serve=found.rest)
        case Reply.NO if not found.rest:
            return _drop(lesson, "left", lesson.at, say="All right.")
        case Reply.YES if not found.rest:
            return _again(lesson, "no answer", "")
    texts = [found.rest] if found.reply is Reply.NO else [text, found.rest]
    if asks(text, lesson.phrase):
        return _drop(lesson, "a question", lesson.at, serve=text)
    read_as = [one for own in dict.fromkeys(texts) for one in definitions(own, lesson.phrase)]
    return _read(lesson, text, read_as, rules)


def _read(lesson: Lesson, text: str, read_as: list[Definition], rules: TeachingRules) -> Step:
    offered = _offered(lesson, read_as, rules)
    if any(risky(one.means) for one in read_as[:1]) or (read_as and not offered and any(risky(one.means) for one in read_as)):
        return _drop(lesson, "risky", lesson.at, say="That is not something I do on a phrase of yours.", serve="")
    if not offered:
        return _again(lesson, "no definition", "I did not understand that.")
    return _check(replace(lesson, answer=text, searched=False, agreed=False), offered[:MOST])


def _confirmed(lesson: Lesson, text: str, rules: TeachingRules) -> Step:
    proposal = lesson.proposal
    if proposal is None:
        return _drop(lesson, "nothing to confirm", lesson.at, serve=text)
    left, where = placed_of(text)
    own = proposal.preference
    if agrees(left, f"{own.phrase} {own.means} but"):
        own = replace(
            own,
            circumstances=() if where.everywhere else own.circumstances,
            reach="household" if where.household else own.reach,
            expires=own.created + where.lasts_s if where.lasts_s is not None else own.expires,
        )
        agreed = replace(lesson, proposal=replace(proposal, preference=own))
        if lesson.told:
            return _check(
                replace(agreed, agreed=True), [replace(one, preference=_like(one.preference, own)) for one in lesson.offered]
            )
        return _store(agreed)
    found = read(text)
    match found.reply:
        case Reply.ONCE:
            return _drop(lesson, "only once", lesson.at, serve=found.rest or proposal.request)
        case Reply.LEAVE:
            return _drop(lesson, "left", lesson.at, say="" if found.rest else "All right.", serve=found.rest)
        case Reply.NO if not found.rest:
            return _drop(lesson, "not confirmed", lesson.at, say="All right, I will not remember it.")
        case Reply.NO:
            again = definitions(found.rest, lesson.phrase or own.phrase)
            if lesson.tries < MOST_TRIES and again and not asks(found.rest, lesson.phrase):
                return _read(
                    replace(lesson, tries=lesson.tries + 1, phrase=lesson.phrase or own.phrase), found.rest, again, rules
                )
            return _drop(lesson, "not confirmed", lesson.at, serve=found.rest)
        case Reply.OTHER if text != found.rest or not _unclear(text):
            return _drop(lesson, "another request", lesson.at, serve=text)
    if lesson.tries < MOST_TRIES:
        return Step(lesson=replace(lesson, tries=lesson.tries + 1), say=_put(proposal))
    return _drop(lesson, "not confirmed", lesson.at, say="All right, I will not remember it.")


def _same(one: Preference, other: Preference) -> bool:
    return (one.phrase, one.means, one.whole) == (other.phrase, other.means, other.whole)


def _unclear(text: str) -> bool:
    """Whether an answer says yes and no, so that nobody can tell."""
    words = set(text.split())
    return bool(words & {"yes", "yeah", "yep", "sure", "ok", "okay", "right"}) and bool(
        words & {"no", "nope", "not", "don't", "never", "nah"}
    )


def _like(one: Preference, other: Preference) -> Preference:
    return replace(one, circumstances=other.circumstances, reach=other.reach, expires=other.expires)


def _offered(lesson: Lesson, found: list[Definition], rules: TeachingRules) -> list[Proposal]:
    asked = Asked(
        about=lesson.about,
        phrase=lesson.phrase,
        request=lesson.request,
        circumstances=lesson.circumstances,
        turn=lesson.turn,
        at=lesson.at,
    )
    made = proposals(found, asked, rules)
    return [
        one for one in made if not risky(one.preference.means) and not (one.preference.whole and risky(one.preference.phrase))
    ]


def _check(lesson: Lesson, offered: Sequence[Proposal]) -> Step:
    return Step(lesson=replace(lesson, state="checking", offered=tuple(offered)), checks=tuple(one.check for one in offered))


def _confirm(lesson: Lesson, proposal: Proposal) -> Step:
    return Step(lesson=replace(lesson, state="confirming", proposal=proposal), say=_put(proposal))


def _put(proposal: Proposal) -> str:
    own = proposal.preference
    where = f" ({', '.join(value.partition('=')[2] for value in own.circumstances)})" if own.circumstances else ""
    whose = " for everyone here" if own.reach == "household" else ""
    return f'So "{own.phrase}" means "{own.means}"{whose}{where}. Shall I remember that?'


def _store(lesson: Lesson) -> Step:
    assert lesson.proposal is not None  # noqa: S101 - for the type checker: only what was put to the user is stored
    own = lesson.proposal.preference
    return Step(lesson=replace(lesson, state="stored"), say="I will remember that.", store=own, serve=lesson.proposal.request)


def _again(lesson: Lesson, why: str, say: str) -> Step:
    if lesson.tries + 1 >= MOST_TRIES:
        return _drop(lesson, why, lesson.at, say="Never mind, then." if why != "silence" else "")
    put = replace(lesson, state="asked", tries=lesson.tries + 1, offered=(), proposal=None)
    return Step(lesson=put, say=f"{say} {question(put)}".strip())


def _drop(lesson: Lesson, why: str, at: float, *, say: str = "", serve: str = "") -> Step:
    return Step(lesson=replace(lesson, state="dropped", why=why, at=at, offered=(), proposal=None), say=say, serve=serve)
