"""How what a refused request could have been is weighed, and from which probability on it is acted on.

What was seen is parted by time: the earlier part is fitted to. Of the users of the later
one, half show from which probability on an offer is right often enough to be worth it,
and the other half, whether all that are then acted on are.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.dialogue.model.guards import Meaning
from probatum.dialogue.model.recovery.offers import FEATURES
from probatum.dialogue.model.recovery.refusals import Refusal
from probatum.dialogue.model.recovery.weighing import fit, probability
from probatum.dialogue.semantics.trees import Trees, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

# Share of right ones among offers as likely as the least likely that is acted on. Users often went on to say what was offered in other words, and
# offers that are no requests are refused again, so fewer are wrong actions than are not right by this: a trial counts those.
WORTH = 0.5
RIGHT = 0.5  # lower bound of the share of right ones among all that are acted on, to be tried at all
CONFIDENCE = 0.95
FEWEST = 200  # goals that ended well, below which nothing is fitted
FEWEST_USERS = 20  # who said them: what is weighed for all is not what one of them does
_EARLIER = 0.7  # share of the goals that is fitted to
# A goal that did not end well counts half as one that was none of the offers: it may have been one, and the user gave up.
_UNKNOWN = 0.5
_NEVER = 2.0
_MOST_OF_ONE = 50  # goals of one user that count in full


@dataclass(frozen=True, slots=True)
class Recovery:
    """What weighs offers, and what it was tested by.

    Attributes
    ----------
    trees : Trees
    least : float
        Probability from which an offer is acted on; above one if none could be shown to be right often enough.
    ask : float
        Probability from which an offer may be asked about.
    goals : int
        That were fitted to.
    wins, losses : int
        Users whose first request that would have been acted on, in the later part, was what they went on to say, or was not.
    low : float
        Lower bound of the share of wins.
    begins : float
        When the later part begins, in seconds since 1970.
    """

    trees: Trees
    least: float
    ask: float
    goals: int
    wins: int
    losses: int
    low: float
    begins: float

    @property
    def released(self) -> bool:
        """Whether it may act."""
        return self.least <= 1

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        own = {name: getattr(self, name) for name in ("least", "ask", "goals", "wins", "losses", "low", "begins")}
        return {"features": list(FEATURES), "trees": self.trees.packed(), **own}


def from_json(stored: Any) -> Recovery:
    """Return what `Recovery.to_json` wrote.

    Raises
    ------
    ValueError
        If it is something else, or was made for other features.
    """
    try:
        if tuple(stored["features"]) != FEATURES:
            raise ValueError("what weighs refused requests was made for other features")
        least, ask, low, begins = (float(stored[name]) for name in ("least", "ask", "low", "begins"))
        goals, wins, losses = (int(stored[name]) for name in ("goals", "wins", "losses"))
        return Recovery(unpacked(stored["trees"], 1, len(FEATURES)), least, ask, goals, wins, losses, low, begins)
    except (LookupError, TypeError, OverflowError) as problem:
        raise ValueError(f"this weighs no refused requests: {problem}") from None


def released(seen: Sequence[Refusal], meanings: Mapping[str, Meaning]) -> Recovery | None:
    """Fit to the earlier refusals and choose by the later ones; None if there are too few.

    Raises
    ------
    MissingExtra
        If LightGBM is not installed.
    """
    order = sorted(seen, key=lambda one: (one.at, one.user, one.text))
    if not order:
        return None
    begins = order[int(_EARLIER * len(order))].at
    early = [one for one in order if one.at < begins]
    ended_well = [one.user for one in early if one.meant]
    if len(ended_well) < FEWEST or len(set(ended_well)) < FEWEST_USERS:
        return None
    fitted = _fitted(early, meanings)
    decided = list(_decided(fitted, [one for one in order if one.at >= begins], meanings))
    chosen_by = [one for one in decided if _first_half(one[0])]
    least = _least(chosen_by)
    wins, losses, low = _tested([one for one in decided if not _first_half(one[0])], least)
    acts = least if low >= RIGHT else _NEVER
    return Recovery(fitted, acts, _asked(chosen_by, least), len(early), wins, losses, low, begins)


def _fitted(early: Sequence[Refusal], meanings: Mapping[str, Meaning]) -> Trees:
    import numpy as np

    many = Counter(one.user for one in early)
    weight = [(one.well if one.meant else _UNKNOWN) * min(1.0, _MOST_OF_ONE / many[one.user]) for one in early]
    return fit(
        np.vstack([one.features for one in early]),
        np.concatenate([np.array(one.right(meanings), dtype=float) for one in early]),
        np.repeat(np.array(weight), [len(one.texts) for one in early]),
    )


def _decided(fitted: Trees, late: Sequence[Refusal], meanings: Mapping[str, Meaning]) -> Iterator[tuple[str, float, bool]]:
    """Yield user, probability of the likeliest offer, and whether it was right, where that is known, in the order of time."""
    for one in late:
        if one.meant:
            p = probability(fitted, one.features)
            best = int(p.argmax())
            yield one.user, float(p[best]), one.right(meanings)[best]


def _first_half(user: str) -> bool:
    return hashlib.blake2b(user.encode(), digest_size=1).digest()[0] < 128


def _least(decided: Sequence[tuple[str, float, bool]]) -> float:
    """Return the least probability at which offers are right often enough, by isotonic regression; above one for none.

    The share of right ones is taken to rise with the probability: neighbours that fall are pooled.
    """
    pools: list[tuple[float, int, int]] = []  # least probability, right ones, all
    for _, p, right in sorted(decided, key=lambda one: (one[1], one[2])):
        pools.append((p, int(right), 1))
        while len(pools) > 1 and pools[-2][1] * pools[-1][2] >= pools[-1][1] * pools[-2][2]:
            _, wins, many = pools.pop()
            pools[-1] = (pools[-1][0], pools[-1][1] + wins, pools[-1][2] + many)
    return next((p for p, wins, many in pools if wins >= WORTH * many), _NEVER)


def _tested(decided: Sequence[tuple[str, float, bool]], least: float) -> tuple[int, int, float]:
    """Return for how many users the first request that is acted on is right, and for how many not, and the bound of the share."""
    from probatum.stats.bounds import clopper_pearson

    first: dict[str, bool] = {}
    for user, p, right in decided:
        if p >= least:
            first.setdefault(user, right)
    wins = sum(first.values())
    low = clopper_pearson(wins, len(first), confidence=CONFIDENCE, side="lower").low if first else None
    return wins, len(first) - wins, low or 0.0


def _asked(decided: Sequence[tuple[str, float, bool]], least: float) -> float:
    """Return from which probability on at least every other offer was right."""
    found, wins = min(1.0, least), 0
    for many, (p, right) in enumerate(sorted(((p, right) for _, p, right in decided), reverse=True), start=1):
        wins += right
        if 2 * wins >= many:
            found = min(found, p)
    return found
