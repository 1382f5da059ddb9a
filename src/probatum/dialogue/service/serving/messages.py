"""What is asked of the rewriter, what it answers, and what it is told afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from probatum.dialogue.service.serving.teacher import Teaching

Action = Literal["keep", "rewrite", "ask", "say"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody said.

    Attributes
    ----------
    text : str
    user, session, household : str
        The assistant's own identifiers; "" for none.
    heard : tuple of str
        Other ways to hear it, the likeliest first.
    confidence : float or None
        Of recognition.
    before : str
        The request before it in the session; "" for none.
    context : mapping of str to str
        As logs have it.
    at : float or None
        Seconds since 1970; None for now.
    refused : bool
        Whether the assistant has made nothing of it: nothing is lost by trying something else.
    """

    text: str
    user: str = ""
    session: str = ""
    household: str = ""
    heard: tuple[str, ...] = ()
    confidence: float | None = None
    before: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    at: float | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to do with it.

    Attributes
    ----------
    turn : str
        By which feedback names it.
    action : {"keep", "rewrite", "ask", "say"}
    text : str
        To be acted on; with "ask", to be asked about, while what was said is acted on unless it is confirmed. With "say" nothing is
        to be acted on.
    rewrite : str
        Identifier of the rewrite; "" for none.
    p : float or None
        Probability that it is what was meant; None where nothing was weighed.
    arm : str
    propensity : float
        As `holdout.draw` gives them: to be logged, or nothing can be said later about what the rewrite did.
    policy : str
        Digest; "" for none.
    reasons : tuple of str
    steps : tuple of str
        The requests that `text` consists of, where it is more than one.
    teaching : Teaching or None
        A question to put instead, or something to say; the answer goes to `Rewriter.lesson`.
    took_ms : float
    """

    turn: str
    action: Action
    text: str
    rewrite: str = ""
    p: float | None = None
    arm: str = "none"
    propensity: float = 1.0
    policy: str = ""
    reasons: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    teaching: Teaching | None = None
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an assistant tells of a request after it was carried out, or was not.

    Attributes
    ----------
    well : bool or None
        Whether it was what was wanted; None if nobody knows.
    intent : str
    slots : tuple of (str, str)
        What it was understood as.
    unknown : str
        Value of a slot that nothing was found for, where the intent was understood.
    session, household : str
    at : float or None
    """

    well: bool | None = None
    intent: str = ""
    slots: tuple[tuple[str, str], ...] = ()
    unknown: str = ""
    session: str = ""
    household: str = ""
    at: float | None = None
