"""Where rewrites act on the simulated traffic: what a policy is asked, and what it says.

Whatever learns is handed in as a `Rewriting`; the simulator knows nothing else of it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from probatum.dialogue.artefacts.turn import Hypothesis


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request before it is understood.

    Attributes
    ----------
    text : str
        As it was heard.
    hypotheses : tuple of Hypothesis
    confidence : float
        Of recognition.
    user, household, device : str
    at : float
        Seconds since 1970, UTC.
    context : tuple of (name, value)
    refused : bool
        Whether the assistant has made nothing of it.
    """

    text: str
    hypotheses: tuple[Hypothesis, ...]
    confidence: float
    user: str
    household: str
    device: str
    at: float
    context: tuple[tuple[str, str], ...]
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done with it.

    Attributes
    ----------
    text : str
        What the assistant shall act on.
    rewrite : str
        Identifier of the rewrite that was drawn for, whether or not it was applied; "" for none.
    arm : str
        `treated`, `holdout` or `none`.
    propensity : float
        Probability with which that arm was drawn.
    """

    text: str
    rewrite: str = ""
    arm: str = "none"
    propensity: float = 1.0


class Rewriting(Protocol):
    """A policy of rewrites."""

    version: str

    def __call__(self, request: Request) -> Decision:
        """Decide about a request; one that was kept, drawn for nothing and refused is asked about again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A policy that is a table, with some users held out of each of its rewrites by a keyed hash.

    Attributes
    ----------
    version : str
    everyone : mapping of str to str
        What is heard -> what is acted on.
    own : mapping of (user, str) to str
        The same, for single users; goes before.
    held_out : float
        Share of users, of each rewrite.
    key : bytes
    """

    version: str
    everyone: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[tuple[str, str], str] = field(default_factory=dict)
    held_out: float = 0.05
    key: bytes = b"simulated traffic"

    def __call__(self, request: Request) -> Decision:
        """Look the request up, and draw."""
        if request.refused:
            return Decision(request.text)
        target = self.own.get((request.user, request.text)) or self.everyone.get(request.text)
        if target is None:
            return Decision(request.text)
        name = f"{request.text}\0{target}"
        raw = hmac.digest(self.key, f"{name}\0{request.user}".encode(), "sha256")
        rewrite = hashlib.sha256(name.encode()).hexdigest()[:16]
        if int.from_bytes(raw[:8], "big") < self.held_out * 2.0**64:
            return Decision(request.text, rewrite, "holdout", self.held_out)
        return Decision(target, rewrite, "treated", 1 - self.held_out)
