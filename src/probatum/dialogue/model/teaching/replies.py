"""What an answer to a question is, besides what it tells: yes, no, leave it, I do not know, say that again. English.

A confirmation is read strictly: whatever is not plainly a yes is none, since what is stored without one would be acted
on. Texts are normalised.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class Reply(Enum):
    """What an answer is."""

    YES = "yes"
    NO = "no"
    LEAVE = "leave it"
    UNSURE = "does not know"
    AGAIN = "did not catch the question"
    ONCE = "only this time"
    SILENCE = "nothing was said"
    OTHER = "something else"


@dataclass(frozen=True, slots=True)
class Read:
    """What an answer is, and its words beyond that."""

    reply: Reply
    rest: str = ""


_STATE = r"(?:right|correct|true|fine|good|great|perfect|okay|ok|alright|all right|it|exactly it|exactly right|accurate|better|excellent|wonderful|cool|awesome|lovely|nice)"
_WHAT = r"what i (?:want|wanted|meant|mean|said|was looking for|need|had in mind|asked for)"
_THAT = r"(?:that|this|it|everything|all|they|those|these|the details)"
_IS = r"(?:'s|s|'re| is| are| was| all is| looks| sounds| seems| all sounds| all looks| would be| will be|'ll be| is all| is absolutely| is just| is totally)?"
_VERY = r"(?: (?:all|very|really|just|exactly|absolutely|totally|so|pretty|quite|completely|1|100%|still))*"
_FOR_ME = r"(?: (?:for|to|with|by) me)?(?: too| as well| then| indeed)?"
_YES = re.compile(
    r"(?:"
    r"(?:yes|yeah|yea|yep|yup|ya|yah|yeh|yess|aye|yas)(?: indeed| sir| ma'am| of course| please| it is| it does| you are| i do| i am| i would| you can| you may| we can| is)?"
    r"|sure(?: thing| thats right)?|surely|certainly|definitely|absolutely|totally|indeed|affirmative|confirmed?|agreed|of course|ok|okay|okey|okie dokie|alright|all right|very well|fine|cool|great|perfect|super|awesome|excellent|exactly|precisely|correct|right(?! now)|true|good|wonderful|amazing|fantastic|nice|lovely"
    r"|uh huh|mhm|mm hmm|mmhmm|uhuh|you bet|by all means|no problem|why not|for sure|you got it|you've got it|got it|got that right|you nailed it|bingo|amen|roger(?: that)?|ten four"
    r"|go ahead(?: with (?:it|that))?|do (?:it|that|so)|please do(?: so| that| it)?|make it so|proceed|let's (?:do it|do that|go)|go for it|go on|keep (?:it|that)|save (?:it|that)|remember (?:it|that)|store (?:it|that)"
    r"|i (?:(?:do|am|would|agree|confirm)(?= please$| thanks$| thank you$|$)|think so|guess so|believe so|(?:like|love|want) (?:it|that)(?= please$| thanks$| too$| thank you$|$)|am sure|suppose so)|i'm (?:sure|100% sure|positive|(?:good|fine|okay) with (?:that|it))|that would be "
    + _STATE
    + ""
    rf"|{_THAT}{_IS}{_VERY} (?:{_STATE}|{_WHAT}){_FOR_ME}"
    rf"|(?:sounds|looks|seems|works|would be){_VERY}(?: {_STATE})?{_FOR_ME}"
    rf"|{_THAT}(?:'ll| will| should| would|)(?: also)? (?:works?|do|suits?)(?: (?:well|fine|great|perfectly|nicely|out))*(?: (?:for )?me)?(?: well| fine| too| then)?"
    r"|(?:is |very |all |so )+(?:good|fine|okay|ok|great|correct|right)|you(?: a|')re (?:right|correct)|you (?:understood|heard) (?:me |that |it )?(?:right|correctly|well|perfectly)|you can (?:do that|go on|go ahead|proceed)"
    r")(?= |$)"
)
_NO = re.compile(
    r"(?:"
    r"(?:no|nope|nah|naw|nay|negative)(?: no)*(?: thanks| thank you| sir| ma'am| not really| it isn't| it's not| it is not| that's wrong| you (?:didn't|did not) (?:get|hear|understand) (?:me|it|that)(?: right)?)?"
    r"|not (?:really|quite|exactly|at all|that|this|it|right|correct|true|yet)|wrong|incorrect|false|absolutely not|definitely not|certainly not|of course not|no way|not in the least"
    r"|don't(?: do (?:that|it|this))?|do not(?: do (?:that|it|this))?|please (?:don't|do not)"
    r"|i (?:don't|do not|didn't|did not|wouldn't|would not) (?:think so|think that (?:works|is right)|want (?:that|it|this)|mean (?:that|it|this)|say (?:that|it|this)|like (?:that|it|this))"
    rf"|{_THAT}(?:'s| is| was|s)?(?: so| completely| totally| just)? (?:wrong|incorrect|not (?:it|right|correct|true|good|{_WHAT})|false|bad)"
    rf"|{_THAT} (?:isn't|wasn't|doesn't|does not|won't|will not|didn't) (?:it|right|correct|true|good|work|{_WHAT})(?: for me)?|{_THAT}(?:'s| is)? not (?:right|it|correct|what i (?:meant|said|mean|want|wanted))"
    r"|you got (?:it|that|me) wrong|you misunderstood(?: me)?|you (?:heard|understood) (?:me |it |that )?wrong|try again"
    r")(?= |$)"
)
_LEAVE = re.compile(
    r"(?:"
    r"never ?mind(?: that| it| about (?:it|that))?|nvm|forget (?:it|about it)|forget (?:that|about that)|not now|not today|not right now|maybe later|some other time|another time|i (?:don't|do not) care|i (?:didn't|did not) say anything"
    r"|i (?:wasn't|was not) (?:talking|speaking) to you|none of your business|mind your own business|(?:oh )?come on|leave me alone|go away|i'll do it myself|i will do it myself|it doesn't matter|it's not important"
    r"|(?:(?:cancel|stop|skip|leave|quit|drop|exit)(?: it| that| this| asking(?: me)?| it be| it alone| now)?|let it go|enough|shut up|be quiet|nothing(?: at all)?|not interested|later|doesn't matter|not important|no matter|whatever"
    r"|(?:don't|do not) (?:bother|worry)(?: about it)?|i (?:don't|do not) (?:want to|want anything|feel like it)|let me do it)(?=(?: please| thanks| thank you| now| then)*$)"
    r")(?= |$)"
)
_UNSURE = re.compile(
    r"(?:(?:i )?(?:don't|do not) (?:really |actually )?(?:know|remember|recall)(?: what .*| how .*| yet| that)?|dunno|i dunno|no idea|i have no (?:idea|clue)(?: what .*)?|no clue|i'm not sure(?: what .*| how .*| yet)?|i am not sure(?: what .*)?|not sure|i forgot|i can't (?:say|remember|tell)|hard to say|you (?:tell me|decide|choose)|i'm thinking|good question|let me see|let me think)(?= |$)"
)
_AGAIN = re.compile(
    r"(?:what(?: (?:did you say|was that|was the question|do you mean|are you asking|do you want))?|pardon(?: me)?|excuse me|come again|say (?:that|it) again|repeat(?: that| it| the question)?|can you repeat(?: that| it)?|could you repeat(?: that| it)?|huh|sorry|i (?:don't|didn't|do not|did not) (?:understand|get it|get that|hear you|catch that|hear that))(?: please)?$"
)
_ONCE = re.compile(
    r"(?:just |only )?(?:this|that) (?:time|1 time|once)(?: only)?|(?:just|only) (?:once|for now|now|1 time|this once|for once|today's)|(?:just|only) (?:this|that) (?:time|once)|for now only|once only"
)
_POLITE = re.compile(
    r"(?:please|thanks(?: a lot| so much| very much| again)?|thank you(?: so much| very much| a lot)?|cheers|oh|well|ah|so|hey|hmm|hm|mm|um|like|actually|man|dude|buddy|then|now|and|really|i mean|you know|i think|i guess|i suppose|honestly|exactly|alexa|google|siri|jarvis|computer|assistant|my friend|sir|though|with it|with that)(?= |$)"
)
# Words beside a yes that add nothing to it.
_empty_words = (
    "a an the that this it is it's that's thats i i'm am me my you you're to for of do does so and then too very all just "
    "exactly what want meant mean please right correct good fine great sounds looks works would will be go ahead with "
    "really think like yes yeah ok okay sure perfect oh well thank thanks much lot now on in which was said wanted one here "
    "there confirm confirmed continue details info information everything need have proceed make also precisely can from 1 "
)
_EMPTY = frozenset(_empty_words.split())


def read(text: str) -> Read:
    """Return what a normalised answer is."""
    if not text or not re.sub(r"\b(?:uh|um|uhm|er|erm|hmm|hm|mm|ah|oh)\b|\s", "", text):
        return Read(Reply.SILENCE)
    if _AGAIN.match(text):
        return Read(Reply.AGAIN)
    if _UNSURE.match(text) and _UNSURE.match(text).end() == len(text):  # type: ignore[union-attr]  # it just matched
        return Read(Reply.UNSURE)
    said: list[Reply] = []
    rest = text
    while rest:
        for reply, pattern in ((Reply.LEAVE, _LEAVE), (Reply.ONCE, _ONCE), (Reply.NO, _NO), (Reply.YES, _YES), (None, _POLITE)):
            found = pattern.match(rest)
            # "right now" begins no yes, nor "ok google".
            if found is not None and found.end():
                said += [reply] if reply is not None else []
                rest = rest[found.end() :].strip()
                break
        else:
            break
    # Words at the end that only make it polite.
    for _ in range(3):
        rest = re.sub(r"(?:^| )(?:please|thanks|thank you|thanks a lot|thank you very much|thank you so much|cheers)$", "", rest)
    kinds = set(said)
    if Reply.ONCE in kinds:
        return Read(Reply.ONCE, rest)
    if kinds >= {Reply.YES, Reply.NO} or kinds >= {Reply.YES, Reply.LEAVE}:
        # "no that's right", "yeah no": nobody can tell, unless what came last is a bare repetition of the first.
        return Read(Reply.OTHER, text)
    if Reply.LEAVE in kinds:
        return Read(Reply.LEAVE, rest)
    if Reply.NO in kinds:
        return Read(Reply.NO, rest)
    if Reply.YES in kinds:
        return Read(Reply.YES, rest)
    if not rest:
        # Thanks alone say that it is well; other words that only fill say nothing.
        return Read(Reply.YES if re.search(r"\b(?:thanks|thank you|cheers)\b", text) else Reply.SILENCE)
    return Read(Reply.OTHER, rest)


def agrees(text: str, to: str = "") -> bool:
    """Whether an answer is plainly a yes to something, with no word beside it that is not in what it agrees to.

    Parameters
    ----------
    text, to : str
        Normalised.
    """
    found = read(text)
    return found.reply is Reply.YES and _EMPTY.union(to.split()).issuperset(found.rest.split())
