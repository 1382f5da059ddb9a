"""A turn: what was asked of an assistant, what each of its stages made of it, and what it answered.

The same for a voice assistant, a chatbot and an agent that calls tools. The
stages are those of the pipeline, in its order; their usual names are in `STAGES`.
"""

from __future__ import annotations

from dataclasses import dataclass

# For an agent: it was not meant; its input was cut or misread; the wrong route or tool; wrong
# arguments or documents; the tool failed, or the answer was wrong.
STAGES = ("wake", "recognition", "understanding", "resolution", "result")
# Kind of the signal that an answer asked something, which its stored form, without punctuation, does not show.
ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way to hear a request.

    Attributes
    ----------
    text : str
    score : float or None
        As the recogniser gave it: only the order means the same everywhere.
    """

    text: str
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What one stage said of a turn.

    Attributes
    ----------
    name : str
        One of `STAGES`, or the pipeline's own.
    ok : bool or None
        Whether it said that it succeeded; None if it did not say.
    confidence : float or None
        From 0 to 1.
    code : str
        Of its error; "" for none.
    output : str
        What it handed on, as text; "" if it was not logged.
    """

    name: str
    ok: bool | None = None
    confidence: float | None = None
    code: str = ""
    output: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call of a tool.

    Attributes
    ----------
    name : str
    arguments, result : str
        JSON, or text where the log has no JSON.
    ok : bool or None
        None if the log does not say.
    error : str
        "" for none.
    """

    name: str
    arguments: str = ""
    result: str = ""
    ok: bool | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Something that says how a turn went.

    Attributes
    ----------
    kind : str
        `thumbs`, `score`, `escalated`, `copied` ... ; what `semantics.signals` derives has the kinds that are listed there.
    value : float
        From -1 (bad) to 1 (good) for feedback; otherwise 1 for "it happened".
    source : str
        `log`: the log says so; `person`: the user did; `rule`: derived; `judge`: a model's verdict.
    """

    kind: str
    value: float = 1.0
    source: str = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A request and its answer, as a log has them. What a log does not say is None, or empty.

    Attributes
    ----------
    conversation : str
        The log's own identifier of the conversation.
    position : int
        From 0, in the order of the conversation.
    user, device, household : str
        The log's identifiers; "" if it has none. They are replaced by pseudonyms before anything is stored.
    asked_at, answered_at : float or None
        Seconds since 1970, UTC: when the request ended, and when the answer began.
    text : str
        What the assistant heard or was sent; "" for nothing (a false wake).
    hypotheses : tuple of Hypothesis
        Other ways to hear it, best first.
    rewritten : str
        What the assistant acted on instead; "" if on `text`.
    rewrite, policy, arm, propensity : str, str, str, float or None
        The rewrite that was drawn for and the version of the policy that has it, what was drawn (`treated`, `holdout`, ...) and the
        probability with which it was.
    domain, intent, slots : str, str, tuple of (name, value)
        What the request was understood as.
    response : str
    interrupted_ms : float or None
        How far into the answer the user spoke over it; None if they did not, or it is not logged.
    stages : tuple of Stage
    tools : tuple of ToolCall
    signals : tuple of Signal
        What the log says outright about how it went.
    context : tuple of (name, value)
        State of the device, app in front, activity, room, coarse place.
    locale, channel : str
        BCP 47; voice, chat, phone ...
    source, line : str, int
        The file, relative to the checked directory, and the line from 1 where the turn begins.
    """

    conversation: str
    position: int = 0
    user: str = ""
    device: str = ""
    household: str = ""
    asked_at: float | None = None
    answered_at: float | None = None
    text: str = ""
    hypotheses: tuple[Hypothesis, ...] = ()
    rewritten: str = ""
    rewrite: str = ""
    policy: str = ""
    arm: str = ""
    propensity: float | None = None
    domain: str = ""
    intent: str = ""
    slots: tuple[tuple[str, str], ...] = ()
    response: str = ""
    interrupted_ms: float | None = None
    stages: tuple[Stage, ...] = ()
    tools: tuple[ToolCall, ...] = ()
    signals: tuple[Signal, ...] = ()
    context: tuple[tuple[str, str], ...] = ()
    locale: str = ""
    channel: str = ""
    source: str = ""
    line: int = 0
