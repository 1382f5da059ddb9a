"""When to ask: what the last requests of a user, and what became of them, say that there is something to learn. English."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from probatum.dialogue.artefacts.teaching import TeachingRules
from probatum.dialogue.model.teaching.definitions import About, Definition, definitions
from probatum.dialogue.model.teaching.lesson import Trigger
from probatum.dialogue.model.teaching.proposals import risky, risky_intent
from probatum.dialogue.semantics.phrases import reverses

Alike = Callable[[str, str], bool]
REJECTED_S = 60.0  # after an answer, in which "that's not what I meant" is about it


@dataclass(slots=True)
class Turn:
    """A request, and what the assistant told of it afterwards.

    Attributes
    ----------
    turn : str
        As the service names it.
    text : str
        Normalised.
    at : float
        Seconds since 1970.
    context : mapping of str to str
    failed : bool or None
        None as long as nobody said.
    intent : str
        "" if not told.
    slots : tuple of (str, str)
    unknown : str
        Normalised value of a slot that nothing was found for, in an intent that was understood; "" for none.
    used : str
        Identifier of the preference by which it was rewritten; "" for none.
    """

    turn: str
    text: str
    at: float
    context: Mapping[str, str] = field(default_factory=dict)
    failed: bool | None = None
    intent: str = ""
    slots: tuple[tuple[str, str], ...] = ()
    unknown: str = ""
    used: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """There is something to learn: why, about what, and what the user said of it already."""

    trigger: Trigger
    about: About
    phrase: str = ""
    request: str = ""
    told: tuple[Definition, ...] = ()


@dataclass(frozen=True, slots=True)
class Forget:
    """Something is to be forgotten: `what` "that", or what is `about` some words."""

    what: Literal["that", "about", "all"]
    about: str = ""


_LEARN = re.compile(
    r"(?:(?:hey|ok|okay|please|can you|could you|i want you to|i'd like you to|you should|now|alexa|google|siri) )*"
    r"(?:learn (?:my|about my|some of my) (?:preferences?|preferance|likes|tastes|habits|words|phrases)|learn (?:something|a new (?:word|phrase|command|thing))(?: new)?(?: about me)?|get to know (?:me|my preferences)|"
    r"(?:let me|can i|may i|could i|i want to|i'd like to|i will|i'll|i'm going to|i wanna) teach you(?: something| a .*| my .*| some.*| new .*)?(?: new)?(?: please)?|remember (?:something|my preferences?|this|that)|learn (?:this|that))(?: please| now| for me| from me)*"
)
_TOLD = re.compile(
    r"(?:(?:hey|ok|okay|please|no|sorry|well|and|also|can you|could you|i want you to|i'd like you to|you should|alexa|google|siri) )*"
    r"(?:(?:remember|learn|note|know|memorize|memorise|keep in mind|don't forget)(?: that| this)? |from now on |in (?:the )?future |next time |by (?=.+ i (?:mean|meant) )|(?=(?:when|whenever|if|every time) i (?:say|ask for|tell you) .+ (?:mean|means|want|should|please|then|you) ))"
    r"(?P<rest>.+)"
)
_NOT_THAT = re.compile(
    r"(?:(?:no|nope|sorry|wait|hey|oh|well|actually) )*(?:(?:that's|thats|that is|that was|this is|this isn't|it's|that isn't|that wasn't) (?:not |wrong$|not right$|incorrect$)?(?:what i (?:meant|mean|said|asked(?: for)?|wanted|want|told you)|wrong|right|it|the one i (?:meant|wanted))|"
    r"i (?:didn't|did not) (?:mean|say|ask for|want) (?:that|this|it)|not (?:that|this|what i (?:meant|said|asked for|wanted))|you (?:got (?:it|that|me) wrong|misunderstood(?: me)?|understood me wrong|didn't understand(?: me)?)|wrong(?: one)?|incorrect)"
)
_MEANT = re.compile(
    r"(?:(?:no|nope|sorry|wait|oh|well|actually|not that|that's not what i meant|that's wrong|wrong) )+(?:what )?i (?:mean|meant)(?: is| was| to say)? (?P<rest>.+)"
)
_FORGET = re.compile(
    r"(?:(?:please|can you|could you|hey|ok|okay|actually|no|alexa|google|siri) )*(?:"
    r"(?P<that>(?:forget|unlearn) (?:that|it|this|what i (?:just )?(?:said|taught you|told you)|what you (?:just )?learn(?:ed|t))(?: again| please)*|(?:don't|do not) remember (?:that|it|this)|undo (?:that|the) (?:lesson|preference))|"
    r"(?P<all>forget (?:everything|all|anything)(?: that)? (?:you(?:'ve| have)? (?:learn(?:ed|t)|know)(?: from me| about me)?|i(?:'ve| have)? (?:ever )?(?:taught|told) you)|forget (?:all (?:of )?)?my preferences)|"
    r"(?:forget|unlearn) (?:(?:everything|all|anything|whatever)(?: that)?(?: you(?:'ve| have)?)?(?: learn(?:ed|t)| know| remember)?(?: about| on| of)|what (?:you learn(?:ed|t) about|i (?:taught|told) you about|i said about)|what|that|the meaning of|about) (?P<about>.+?)(?: means?| stands for| is)?"
    r")(?: please| again)*"
)
_UNDO = re.compile(
    r"(?:(?:please|no|oh|hey) )*(?:undo(?: that| it| this)?|put (?:it|that) back|change (?:it|that) back|take (?:it|that) back|revert(?: that| it)?)(?: please)?"
)


def forgets(text: str) -> Forget | None:
    """Return what a normalised request asks to forget, if it may be of what was taught."""
    found = _FORGET.fullmatch(text)
    if found is None:
        return None
    if found["that"]:
        return Forget("that")
    return Forget("all") if found["all"] else Forget("about", found["about"])


def said(turn: Turn, earlier: Sequence[Turn], rules: TeachingRules, alike: Alike) -> Moment | None:
    """Return whether there is something to learn when a request comes in.

    Parameters
    ----------
    turn : Turn
    earlier : sequence of Turn
        Of the same user, in time.
    rules : TeachingRules
    alike : callable
        Whether one text is a second try of another.
    """
    last = earlier[-1] if earlier and 0 <= turn.at - earlier[-1].at <= REJECTED_S else None
    if _LEARN.fullmatch(turn.text):
        return _about_last(earlier, turn, rules, alike) or Moment("asked", "open")
    told = _TOLD.fullmatch(turn.text)
    if told is not None:
        found = tuple(definitions(turn.text, "")) or tuple(definitions(told["rest"], ""))
        if found:
            return Moment("asked", "open", request="", told=found)
    meant = _MEANT.fullmatch(turn.text)
    if meant is not None and last is not None:
        found = tuple(definitions(meant["rest"], last.text))
        return _safe(Moment("rejected", "request", last.text, last.text, found), last, rules) if found else None
    if _NOT_THAT.fullmatch(turn.text) and last is not None and not _NOT_THAT.fullmatch(last.text):
        return _safe(Moment("rejected", "request", last.text, last.text), last, rules)
    if _UNDO.fullmatch(turn.text) and last is not None and turn.at - last.at <= rules.undo_s and not _UNDO.fullmatch(last.text):
        return _safe(Moment("undone", "request", last.text, last.text), last, rules)
    return _repeated(turn, earlier, rules, alike)


def told(turn: Turn, earlier: Sequence[Turn], rules: TeachingRules, alike: Alike) -> Moment | None:
    """Return whether there is something to learn when an assistant tells what became of a request; the parameters are those of `said`."""
    if turn.unknown and turn.intent and f" {turn.unknown} " in f" {turn.text} ":
        return _safe(Moment("unknown", "name", turn.unknown, turn.text), turn, rules)
    last = earlier[-1] if earlier and 0 <= turn.at - earlier[-1].at <= rules.undo_s else None
    if last is not None and turn.intent and last.intent and reverses(turn.intent, last.intent) and turn.slots == last.slots:
        return _safe(Moment("undone", "request", last.text, last.text), last, rules)
    return _repeated(turn, earlier, rules, alike) if turn.failed else None


def never_now(context: Mapping[str, str], rules: TeachingRules) -> bool:
    """Whether nobody is asked in a context."""
    return any(f"{name}={value.casefold()}" in rules.never for name, value in context.items())


def _repeated(turn: Turn, earlier: Sequence[Turn], rules: TeachingRules, alike: Alike) -> Moment | None:
    near = [one for one in earlier if 0 <= turn.at - one.at <= rules.window_s and _again(turn, one, alike)]
    tries = [*near, turn] if turn.failed is not None else near
    if len(tries) < rules.failures or not all(one.failed for one in tries):
        return None
    return _safe(Moment("repeated", "request", turn.text, turn.text), turn, rules)


def _again(turn: Turn, one: Turn, alike: Alike) -> bool:
    if turn.text == one.text:
        return True
    if turn.intent and turn.intent == one.intent and turn.slots == one.slots:
        return True
    return alike(turn.text, one.text)


def _about_last(earlier: Sequence[Turn], turn: Turn, rules: TeachingRules, alike: Alike) -> Moment | None:
    """Return what "remember that" is about: that what failed means what was said next, in other words, and worked."""
    if (
        len(earlier) < 2
        or not turn.text.startswith(("remember", "learn", "please remember", "please learn"))
        or turn.text.split()[-1] not in {"that", "this", "please"}
    ):
        return None
    failed, worked = earlier[-2], earlier[-1]
    if (
        not failed.failed
        or worked.failed is not False
        or turn.at - failed.at > rules.window_s
        or not alike(failed.text, worked.text)
    ):
        return None
    return _safe(Moment("asked", "request", failed.text, failed.text, (Definition(worked.text),)), failed, rules)


def _safe(moment: Moment, turn: Turn, rules: TeachingRules) -> Moment | None:
    costly = risky_intent(rules)
    if risky(moment.request) or (turn.intent and costly(turn.intent)) or any(risky(one.means) for one in moment.told):
        return None
    return moment
