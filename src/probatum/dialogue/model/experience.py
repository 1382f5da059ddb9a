"""What people meant by what they said, told by how their goals ended: choices to learn from, and each user's habits.

Goals are taken in the order of time, and what is known of a user when a choice is
described is what came before it: a model that has seen the answer learns nothing
that it could use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from probatum.dialogue.model.choice import Choices
from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.options import Setting, Table, options

ENDED_WELL = 0.5  # probability from which a goal tells what was meant
MOST_OF_ONE = 50  # choices of one user that count in full; more share their weight


@dataclass(frozen=True, slots=True)
class Try:
    """One request of a goal: its normalised text, and in what circumstances it was said."""

    text: str
    setting: Setting


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
    """

    habits: dict[str, Habits] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)
    unoffered: int = 0
    _rows: list[tuple[float, ...]] = field(default_factory=list)
    _choice: list[int] = field(default_factory=list)
    _taken: list[int] = field(default_factory=list)
    _well: list[float] = field(default_factory=list)

    def take(self, goal: Goal, table: Table | None) -> None:
        """Learn from a goal; without a table only habits."""
        own = self.habits.setdefault(goal.user, Habits())
        meant = goal.tries[-1].text
        if goal.well < ENDED_WELL:
            return
        if table is not None:
            for said in goal.tries:
                self._choose(goal, said, meant, own, table)
        for text in dict.fromkeys(said.text for said in goal.tries):
            own.add(text, meant, well=goal.well, at=goal.at)

    def _choose(self, goal: Goal, said: Try, meant: str, own: Habits, table: Table) -> None:
        offered = options(said.text, table, own, said.setting, now=goal.at)
        at = next((n for n, option in enumerate(offered) if option.text == meant), None)
        if at is None:
            self.unoffered += 1
            return
        if len(offered) == 1:
            return  # nothing to choose
        self._taken.append(len(self._rows) + at)
        self._choice += [len(self._well)] * len(offered)
        self._rows += [option.features for option in offered]
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
            np.array(self._rows, dtype=float),
            np.array(self._choice, dtype=np.int64),
            np.array(self._taken, dtype=np.int64),
            np.array(self._well, dtype=float) * share,
        )


def gained(goals: Iterable[Goal], table: Table | None) -> Experience:
    """Return the experience of goals: those of each user in the order of time."""
    found = Experience()
    for goal in goals:
        found.take(goal, table)
    return found
