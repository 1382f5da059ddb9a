"""Who gets a rewrite: drawn by a keyed hash, the same for a user on every day, and for some never.

Whoever is held out keeps saying what happens without the rewrite. Those who are
held out when it is active were so when it was tried, too, and stay so as long as
it exists: nobody is asked to remember anything but the key.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from probatum.errors import UsageError

FOREVER = 0.05  # never get a rewrite that is active
TRIAL = 0.5  # do not get one that is being tried
HELD_OUT = {"canary": TRIAL, "active": FOREVER}

_SHORTEST_KEY = 16


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn for a user.

    Attributes
    ----------
    arm : str
        `treated`, `holdout`, or `none` where the rewrite is not in use.
    propensity : float
        Probability with which that arm was drawn.
    """

    arm: str
    propensity: float


def draw(unit: str, rewrite: str, state: str, *, key: bytes) -> Draw:
    """Draw the arm of a user for a rewrite.

    Parameters
    ----------
    unit : str
        The user; where the log does not tell users apart, the conversation.
    rewrite : str
        Its identifier.
    state : str
        Of the rewrite: see `registry`.
    key : bytes
        Secret of the project: who does not know it cannot tell who is held out, nor choose a name that is not.

    Raises
    ------
    UsageError
        If the key is too short to be one.
    """
    held_out = HELD_OUT.get(state)
    if held_out is None:
        return Draw("none", 1.0)
    return Draw("holdout", held_out) if place(unit, rewrite, key=key) < held_out else Draw("treated", 1 - held_out)


def place(unit: str, rewrite: str, *, key: bytes) -> float:
    """Return a number in [0, 1), uniform over users, and independent from rewrite to rewrite."""
    if len(key) < _SHORTEST_KEY:
        raise UsageError(
            f"a key of {len(key)} bytes does not keep secret who is held out", help=f"use at least {_SHORTEST_KEY} random bytes"
        )
    message = f"holdout\0{rewrite}\0{unit}".encode("utf-8", "surrogatepass")
    return (int.from_bytes(hmac.new(key, message, hashlib.sha256).digest()[:8], "big") >> 11) * 2.0**-53
