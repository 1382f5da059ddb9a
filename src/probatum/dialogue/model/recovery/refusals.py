"""What refused requests turned out to be, told by how their goals ended: what to learn from, and what to be tested on."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from probatum.dialogue.model.guards import Meaning
from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.options import Table
from probatum.dialogue.model.recovery.offers import Near, offers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.dialogue.model.experience import Goal

ENDED_WELL = 0.5  # probability from which a goal tells what was meant
MOST = 30_000  # goals that are kept


@dataclass(frozen=True, slots=True)
class Refusal:
    """The first request of a goal that the assistant made nothing of.

    Attributes
    ----------
    user : str
    at : float
        Seconds since 1970.
    text : str
    meant : str
        The text at which the goal ended well, which may be the same that was refused; "" if it did not.
    well : float
        Probability that it did.
    texts : tuple of str
        What it could have been.
    features : float32 of shape (texts, features)
    """

    user: str
    at: float
    text: str
    meant: str
    well: float
    texts: tuple[str, ...]
    features: NDArray[np.float32]

    def right(self, meanings: Mapping[str, Meaning]) -> list[bool]:
        """Return which of the texts is what was meant, or means the same."""
        if not self.meant:
            return [False] * len(self.texts)
        meaning = meanings.get(self.meant)
        return [one == self.meant or (meaning is not None and meanings.get(one) == meaning) for one in self.texts]


@dataclass(slots=True)
class Refusals:
    """Collects refused requests.

    Parameters
    ----------
    table : Table
    near : callable
    share : float
        Of goals that are kept, by a hash of their user and time.
    since, until : float
        Seconds since 1970, the latter included: what is learnt from and what it is tested by may not be the same goals.
    """

    table: Table
    near: Near
    share: float = 1.0
    since: float = -math.inf
    until: float = math.inf
    seen: list[Refusal] = field(default_factory=list, init=False)

    def take(self, goal: Goal, own: Habits) -> None:
        """Take a goal, with what was known of its user before."""
        tried = next((one for one in goal.tries if one.refused), None)
        if tried is None or not self.since < goal.at <= self.until or not self._kept(goal):
            return
        meant = goal.tries[-1].text if goal.well >= ENDED_WELL else ""
        found = offers(tried.text, self.table, own, tried.setting, self.near, now=goal.at)
        if found.texts:
            self.seen.append(Refusal(goal.user, goal.at, tried.text, meant, goal.well, found.texts, found.features))

    def _kept(self, goal: Goal) -> bool:
        if self.share >= 1:
            return True
        raw = hashlib.blake2b(f"{goal.user}\0{goal.at}".encode(), digest_size=8).digest()
        return int.from_bytes(raw, "big") < self.share * 2**64


def texts_of(seen: Sequence[Refusal]) -> set[str]:
    """Return all texts whose meaning may be asked for."""
    return {text for one in seen if one.meant for text in (one.meant, *one.texts)}
