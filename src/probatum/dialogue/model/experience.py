"""What people meant by what they said, told by how their goals ended: choices to learn from, and each user's habits.

Goals are taken in the order of time, and what is known of a user when a choice is
described is what came before it: a model that has seen the answer learns nothing
that it could use.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from probatum.dialogue.model.choice import Choices
from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.options import Setting, Table, options

if TYPE_CHECKING:
    from probatum.dialogue.model.recovery.refusals import Refusals

ENDED_WELL = 0.5  # probability from which a goal tells what was meant
MOST_OF_ONE = 50  # choices of one user that count in full; more share their weight


@dataclass(frozen=True, slots=True)
class Try:
    """One request of a goal: its normalised text, in what circumstances it was said, and whether the assistant made nothing of it."""

    text: str
    setting: Setting
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Goal:
    """Tries at one thing.

    Attributes
    ----------
    user : str
    at : float
        Seconds since 1970, of the first try.
    tries : tuple of Try, not empty
    well : float
        Probability that the last one gave what was wanted.
    """

    user: str
    at: float
    tries: tuple[Try, ...]
    well: float


@dataclass(slots=True)
class Experience:
    """What goals taught.

    Attributes
    ----------
    habits : dict of user to Habits
        After the last goal.
    users : list of str
        Of each choice.
    unoffered : int
        Tries whose meaning was not among the options.
    refusals : Refusals or None
        Takes requests that were refused; None where they are not wanted.
    """

    habits: dict[str, Habits] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)
    unoffered: int = 0
    refusals: Refusals | None = None
    # Numbers as such: as objects, those of a million turns would need more memory than all else together.
    _features: array[float] = field(default_factory=lambda: array("d"))
    _choice: array[int] = field(default_factory=lambda: array("q"))
    _taken: array[int] = field(default_factory=lambda: array("q"))
    _well: array[float] = field(default_factory=lambda: array("d"))

    def take(self, goal: Goal, table: Table | None) -> None:
        """Learn from a goal; without a table only habits."""
        own = self.habits.setdefault(goal.user, Habits())
        if self.refusals is not None:
            self.refusals.take(goal, own)
        meant = goal.tries[-1].text
        texts = dict.fromkeys(said.text for said in goal.tries)
        if goal.well < ENDED_WELL:
            for text in texts:
                own.give_up(text, at=goal.at)
            return
        if table is not None:
            for said in goal.tries:
                self._choose(goal, said, meant, own, table)
        for text in texts:
            own.add(text, meant, well=goal.well, at=goal.at)

    def _choose(self, goal: Goal, said: Try, meant: str, own: Habits, table: Table) -> None:
        offered = options(said.text, table, own, said.setting, now=goal.at)
        at = next((n for n, option in enumerate(offered) if option.text == meant), None)
        if at is None:
            self.unoffered += 1
            return
        if len(offered) == 1:
            return  # nothing to choose
        self._taken.append(len(self._choice) + at)
        self._choice.extend([len(self._well)] * len(offered))
        for option in offered:
            self._features.extend(option.features)
        self._well.append(goal.well)
        self.users.append(goal.user)

    @property
    def choices(self) -> Choices | None:
        """Return all choices, each weighted by how sure it is; None if there are none."""
        if not self._well:
            return None
        many = Counter(self.users)
        share = np.array([min(1.0, MOST_OF_ONE / many[user]) for user in self.users])
        return Choices(
            np.array(self._features).reshape(len(self._choice), -1),
            np.array(self._choice),
            np.array(self._taken),
            np.array(self._well) * share,
        )


def gained(goals: Iterable[Goal], table: Table | None, refusals: Refusals | None = None) -> Experience:
    """Return the experience of goals: those of each user in the order of time."""
    found = Experience(refusals=refusals)
    for goal in goals:
        found.take(goal, table)
    return found
