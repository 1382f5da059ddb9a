"""What an answer defines: the words that are explained, the span that explains them, and where that is to hold. English.

An answer is taken apart by the frames in which people explain ("by X I mean Y", "call Y X", "it means Y", "just Y please"), after what
the speaker corrected was put right. Several readings may be left, the likeliest first; which of them is meant is decided by what can be
carried out (`lesson`), and by the user.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from probatum.dialogue.model.teaching.corrections import ways
from probatum.dialogue.model.teaching.taught import bare, key_of, started

About = Literal["request", "name", "open"]
DAY_S = 86400.0

_FRAMES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:.{0,40}?\b)?(?:when|if|whenever|every time|each time|once|anytime) (?:i|we|someone|anybody) (?:say|tell you|ask for|ask you to|ask|says|use|want) (?P<p>{asked}) (?P<d>.+)",
        r"(?:.{0,30}?\b)?by (?P<p>.+?) (?:i mean|i meant|i want|i'd mean)(?: that)?(?: you)?(?: should| to)? (?P<d>.+)",
        (r"(?:.{0,40}?\b)?(?:when|if|whenever|every time|each time|once|anytime) (?:i|we|someone|anybody) (?:say|tell you|ask for|ask you to|ask|want|call for|says|say the words|use) (?P<p>.+?)"
        r" (?:then )?(?:i mean|i meant|it means|that means|this means|it should mean|what i mean is|i want you to|i'd like you to|i would like you to|you should|you need to|you have to|you must|you can|please|just|then|i want|i need you to|do|make it|it's)(?: please| just| then| to)? (?P<d>.+)"),
        r"(?:.{0,40}?\b)?(?:when|if|whenever|every time|each time|once|anytime) (?:i|we|someone|anybody) (?:say|tell you|ask for|ask you to|ask|says|use) (?P<p>.+?) (?P<d>(?:{verbs}) .+)",
        r"(?:.{0,30}?\b)?(?:call|name) (?P<d>.+?) (?:as )?(?P<p>{asked}) (?:from now on|please)?",
        r"(?:i|we) (?:call|named|say|refer to) (?P<d>.+?) (?:as )?(?P<p>{asked})",
        r"(?P<d>.+?) is (?:what|the thing|the 1) (?:i|we) (?:call|mean by|named) (?P<p>.+)",
        r"(?P<p>{asked}) (?:means|is|stands for|refers to|is short for|should mean|is another (?:name|word) for|is the same as|is just|is when you|is when|is my (?:name|word) for|is to|equals)(?: that)?(?: you should| you| to)? (?P<d>.+)",
        r"(?P<p>(?:my|our) [^ ]+(?: [^ ]+){0,3}?) (?:is|are|would be|should be|means|is called|is named) (?P<d>.+)",
        r"(?P<p>.+?) (?:means|stands for|refers to|is short for|should mean|is another (?:name|word) for|is the same as|is my (?:name|word) for)(?: that)?(?: you should| you)? (?P<d>.+)",
    )
)  # fmt: skip  # a frame a line
_VERBS = "turn|set|play|open|close|make|put|switch|dim|start|stop|show|tell|lower|raise|increase|decrease|change|brighten|activate|pause|resume|mute|give|run|shut|read"
_UNASKED = r"(?!)"  # nothing was asked about
# Before what is meant, and after it, in any number.
_LEAD = re.compile(
    r"(?:(?:oh|well|so|okay|ok|ah|hmm|hey|right|sure|yes|yeah|yep|alright|listen|look|see|um|and|but|now|then|also|like|just|simply|basically|actually|really|please|kindly|again|sorry|maybe|perhaps|probably|obviously|honestly|mostly|usually|in that case|"
    r"alexa|google|siri|olly|computer|jarvis)|"
    r"(?:it|that|this|which|what it|what that) (?:just |simply |basically |really |should |would |will |always |only )?(?:means?|meant|is when you|is when|is where you|stands for|refers to|is short for|is supposed to|is that you|is to|is like)(?: that)?(?: i want you| i'd like you| you(?: should| have| need)?)?(?: to)?|"
    r"(?:that's|it's|thats|its) (?:just |simply |basically )?(?:when you|when i want you to|where you|another (?:name|word) for|short for|what (?:i|we) (?:call|named)|like|the same as|about)|"
    r"(?:that's|it's|thats|its|it is|that is|this is)(?: just| simply| basically| actually)?|"
    r"what (?:i|we)(?:'d| would| really| just)* (?:like|want|wanted|need|expect|prefer)(?: here)? (?:is|was)(?: for you)?(?: to| that you)?|(?:your job|the (?:thing|idea|point|plan|trick)|all (?:i'm asking|i ask|i want|you have to do|you need to do)) (?:is|was|would be)(?: then| just)?(?: for you)?(?: to)?|"
    r"(?:what )?i(?: just| really| actually| always| only| basically)? (?:mean|meant|mean by that|meant by that|mean by it|wanted to say|was saying|am saying|was trying to say|said|say|was thinking|think|guess|was asking|was asking for|asked)(?: is| was)?(?: that| for)?(?: (?:to|you should|you to|you can|i want|i want you to|i wanted you to|i wanted))?|"
    r"(?:i(?:'d| would)? (?:just |really |always |actually )?(?:want|wanted|need|like|love|prefer|expect|expected|wish)(?: it)?(?: if)? (?:you )?(?:to|could|would|for you to)|i (?:just )?(?:want|need) you to|i was hoping you (?:could|would)|i want that you|i expect you to)|"
    r"(?:can|could|would|will) you(?: please| just| maybe| kindly)?|would you mind|do me a favou?r and|be so kind and|you (?:should|could|can|need to|have to|must|ought to|are supposed to|might|just|gotta|go and)(?: just| always| please| simply| then| go and)?|"
    r"(?:by|with) (?:that|this|it) i (?:mean|meant|want you to|want)(?: that| you should| you to)?|"
    r"(?:when(?:ever)?|if|every time|each time|anytime) (?:i|we) (?:say|ask|tell you|ask for) (?:that|this|it|so)(?: i mean| it means| i want you to| you should| then| just| please)*|"
    r"(?:from now on|next time|in (?:the )?future|always|henceforth|each time|every time|in that case|whenever that happens)|"
    r"(?:let me (?:think|see|explain)|simple|easy|simply put|in short|(?:the )?same as|(?:let's|let us)(?= say)|go ahead and|go ahead|it would be (?:great|nice|good|cool|lovely) if you (?:could|would)|i'd be happy if you (?:could|would)|i'm (?:just )?(?:trying to say|asking you to|saying)|my way of saying|that's my way of saying|for me (?:that's|it's|it is|that is|that means|it means)|in that (?:situation|moment|case)|make sure (?:to|you|that you)|make sure|remember(?: to| that)?|learn(?: to| that)?|note that|try to|you know|the idea is to|the answer is|my answer is|the correct (?:request|command|phrase|one|answer) is|how about|as in|e\.g|for example|for instance|such as|that would be|it would be|that'd be|it'd be|namely|i guess|i think|i suppose)"
    r")(?= )"
)
_TRAIL = re.compile(
    r" (?:(?:every|each) (?:single )?time|always|all the time|as always|please|thanks|thank you|thank you so much|thank you very much|thanks a lot|okay|ok|alright|right|you know|you see|i think|i guess|i suppose|or something(?: like that)?|or so|if you can|if you could|if possible|if that's (?:okay|possible)|if you don't mind|"
    r"that's it|that's all|that is all|that is it|for me|would you|could you|will you|can you|got it|you got it|understood|is that clear|instead|obviously|basically|alexa|google|siri|computer|buddy|man|dude|yeah|and so on|when i say (?:that|so|it|this)|"
    r"whenever i say (?:that|so|it|this)|every time i say (?:that|so|it)|if i say (?:that|so|it)|is what i (?:mean|meant|want|wanted|said)|that's what i (?:mean|meant|want|wanted|said)|is what it means|that's what it means|that is what i (?:mean|meant|want|wanted)|i mean|i meant|is all|all right|do you understand|as well|in that case)$"
)
_WHERE = (
    ("everywhere", re.compile(r"\b(?:everywhere|anywhere|in (?:all|every|any|each)(?: of)?(?: the| my)? rooms?|on (?:all|every|any)(?: of)?(?: the| my)? devices?|wherever i am|no matter where|in the whole house|all over the house)\b")),
    ("household", re.compile(r"\bfor (?:everyone|everybody|all of us|the (?:whole )?family|the (?:whole )?household|the others too|us all|anyone)(?: in (?:the|this) (?:house|home|family))?\b")),
    ("here", re.compile(r"\b(?:only|just) (?:here|in here|in this room|in the room|on this (?:device|speaker|one))\b")),
)  # fmt: skip  # a place a line
_UNTIL = (
    (1 / 24, re.compile(r"\bfor (?:the next|an|1) hour\b")),
    (0.5, re.compile(r"\b(?:only |just )?(?:for )?tonight only\b|\b(?:only|just) (?:for )?tonight\b")),
    (1.0, re.compile(r"\b(?:only |just )?for today(?: only)?\b|\b(?:only|just) today\b|\btoday only\b|\buntil tomorrow\b")),
    (7.0, re.compile(r"\b(?:only |just )?(?:for )?this week(?: only)?\b|\bfor (?:a|1|the next) week\b|\buntil next week\b")),
    (30.0, re.compile(r"\b(?:only |just )?for (?:a|1|this|the next) month\b|\bthis month only\b")),
)
_QUESTION = re.compile(
    r"(?:what|what's|whats|who|who's|whose|where|where's|why|how|how's|which|when|when's|is|are|am|was|were|do|does|did|has|have|will|would|should|can|could|may)\b"
    r"(?! you (?:please|just|turn|set|play|open|close|switch|put|make|dim|start|stop|show|tell|lower|raise))"
)
_POLITE_QUESTION = re.compile(
    r"(?:can|could|would|will) you\b|would you mind\b|how about\b|what (?:i|we) (?:[\w']+ ){1,3}(?:is|was)\b|what (?:it|that) means\b|when(?:ever)? (?:i|we) \w+\b|do me\b|have (?:it|the)\b|do (?:it|that|so)\b"
)
_DENIES = re.compile(
    r"\b(?:not|don't|dont|do not|doesn't|never|no|without|except|unless|neither|nor|isn't|aren't|won't|stop doing)\b"
)
_CONDITION = re.compile(r"\b(?:if|unless|until|while|after|before|when|whenever|only|as soon as|as long as|depending|or)\b")


@dataclass(frozen=True, slots=True)
class Definition:
    """One way to read an answer.

    Attributes
    ----------
    means : str
        The span that defines, normalised.
    phrase : str
        What it defines, as the answer says; "" where it does not.
    everywhere, household, here : bool
        Where the answer says that it holds.
    lasts_s : float or None
        For how long, where it says so.
    """

    means: str
    phrase: str = ""
    everywhere: bool = False
    household: bool = False
    here: bool = False
    lasts_s: float | None = None


def definitions(answer: str, asked: str = "") -> list[Definition]:
    """Return what a normalised answer may define, the likeliest first, each span once.

    Parameters
    ----------
    answer, asked : str
        Normalised; `asked` is what the question was about, "" where it was about nothing.
    """
    found: list[Definition] = []
    # "in every room" may say where it holds or what is to be done: first it is taken for the latter.
    for placed, where in dict.fromkeys([(answer, Definition("")), placed_of(answer)]):
        for text in ways(placed):
            framed = _framed(text, asked)
            for phrase, means in framed:
                for one in _trimmed(means):
                    if one and key_of(one) != key_of(phrase or asked) and all(one != other.means for other in found):
                        found.append(replace(where, means=one, phrase=phrase))
            # "by X I mean Y" corrects nothing.
            if text == placed and framed and framed[0][0]:
                break
    return found


def spans(answer: str, most: int) -> list[str]:
    """Return other spans of an answer that may be the definition, longest first: only where nothing turns or limits what is said."""
    if _DENIES.search(answer) or _CONDITION.search(answer):
        return []
    words = answer.split()
    found = [
        " ".join(words[begin:end])
        for length in range(len(words) - 1, 1, -1)
        for begin, end in ((at, at + length) for at in range(len(words) - length, -1, -1))
        if not {"and", "then", "but"}.intersection(words[:begin] + words[end:])
    ]
    return found[:most]


def asks(answer: str, asked: str) -> bool:
    """Whether an answer is a question of the user's own, and what was asked about was none: then it defines nothing."""
    own = " ".join(bare(tuple(answer.split())))
    if re.match(r"why\b|who are you (?:talking|speaking)\b|are you (?:kidding|serious|joking)\b", own):
        return True
    if _QUESTION.match(" ".join(bare(tuple(asked.split())))):
        return False
    return _QUESTION.match(own) is not None and _POLITE_QUESTION.match(own) is None


def denies(text: str) -> bool:
    """Whether a text forbids, or sets a condition, which no stored request could keep."""
    return _DENIES.search(text) is not None or _CONDITION.search(text) is not None


def gap(request: str) -> str:
    """Return the concept that a request asks for ("study mode" of "start study mode please"), or the request without courtesy."""
    words = bare(tuple(request.split()))
    rest = started(words)
    if rest is not None and 1 <= len(rest) <= 4:
        return " ".join(word for at, word in enumerate(rest) if at or word not in {"the", "a", "my"}) or " ".join(rest)
    return " ".join(words)


def states(text: str) -> bool:
    """Whether a text is a statement, such as "I am cold", rather than a request or a name."""
    return (
        re.match(
            r"(?:i|i'm|im|it|it's|its|we|we're|there|there's|this|that|that's|my \w+ (?:is|are)|the \w+ (?:is|are)) ?\b", text
        )
        is not None
        and " " in text
    )


def lead_stripped(text: str) -> str:
    """Return a text without what introduces and closes it."""
    before = None
    while before != text:
        before = text
        found = _LEAD.match(text)
        text = text[found.end() :].strip() if found is not None else text
        found = _TRAIL.search(text)
        text = text[: found.start()].strip() if found is not None else text
    return text


def _framed(text: str, asked: str) -> list[tuple[str, str]]:
    """Return (phrase, meaning) of each frame that fits; "" for a phrase that the text does not say."""
    known = "|".join(re.escape(one) for one in dict.fromkeys([asked, gap(asked)]) if one) if asked else ""
    found: list[tuple[str, str]] = []
    for text_ in dict.fromkeys([text, lead_stripped(text)]):
        for frame in _FRAMES:
            fits = re.fullmatch(
                frame.pattern.replace("{verbs}", _VERBS).replace("{asked}", f"(?:{known})" if known else _UNASKED), text_
            )
            if fits is None:
                continue
            phrase = lead_stripped(fits["p"])
            # Somebody who explains something else than what was asked about is not answering, unless nothing was.
            if not phrase or (asked and not _same(phrase, asked)) or len(phrase.split()) > 8:
                continue
            found.append((phrase, fits["d"]))
    return found or [("", text)] if asked else found


def _same(phrase: str, asked: str) -> bool:
    one, other = set(key_of(phrase)), set(key_of(asked))
    return bool(phrase in {"that", "it", "this"} or one & other)


def _trimmed(text: str) -> list[str]:
    own = lead_stripped(text)
    return [own] if own == text else [own, text]


def placed_of(answer: str) -> tuple[str, Definition]:
    """Return an answer without the words that say where and how long it is to hold, and what they say."""
    where: dict[str, bool] = {}
    lasts = None
    for name, pattern in _WHERE:
        if pattern.search(answer):
            where[name] = True
            answer = pattern.sub(" ", answer)
    for days, pattern in _UNTIL:
        if pattern.search(answer):
            lasts = days * DAY_S
            answer = pattern.sub(" ", answer)
    left = " ".join(re.sub(r"\s+", " ", answer).split())
    left = re.sub(r" (?:and|but|always)$", "", left)
    return left, Definition(
        "",
        everywhere=where.get("everywhere", False),
        household=where.get("household", False),
        here=where.get("here", False),
        lasts_s=lasts,
    )
