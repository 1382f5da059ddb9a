"""Which turns to ask somebody about, and with which probability each.

Answers are worth most where it is open how a turn went, where signs disagree, and where a request is frequent. But a rate that is
counted from such turns is that of such turns: so every turn can be drawn, each with a probability that is kept, and estimates weigh
answers by one over it (Horvitz, Thompson [1]_): see `stats.surveys.share`.

References
----------
.. [1] Horvitz, Thompson. "A Generalization of Sampling Without Replacement from a Finite Universe." JASA 47 (1952).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from probatum.stats import coins

FLOOR = 0.25  # share of the budget that is spread over all turns alike


@dataclass(frozen=True, slots=True)
class Askable:
    """A turn that somebody could be asked about.

    Attributes
    ----------
    turn, user : str
    request : str or int
        What is the same for turns that ask the same.
    opinions : tuple of float
        Probabilities that the turn failed, by whatever judges it: signals, a model, a stage.
    """

    turn: str
    user: str
    request: str | int
    opinions: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A turn to ask about.

    Attributes
    ----------
    turn, user : str
    chance : float
        Probability with which it was drawn.
    """

    turn: str
    user: str
    chance: float


def chances(items: Sequence[Askable], *, budget: float, floor: float = FLOOR) -> list[float]:
    """Return the probability with which each turn is drawn.

    Parameters
    ----------
    items : sequence of Askable
    budget : float > 0
        How many are drawn on average. The number itself varies by chance, by at most its square root as a rule: a draw that stops
        when it has enough would have other probabilities than those that are kept.
    floor : float in (0, 1]
        Share of the budget that is spread over all alike: no turn is drawn with less than ``floor * budget / len(items)``.

    Returns
    -------
    list of float
        In the order of `items`, in (0, 1], of sum `budget`; or all 1 if the budget is for all.

    Raises
    ------
    ValueError
        If the budget is not positive, or the floor is outside of (0, 1].

    Notes
    -----
    Beyond the floor a turn is drawn in proportion to ``(u + d) log(1 + m)``: u is how open it is, ``4 p (1 - p)`` of the mean opinion, d the
    difference of the highest and the lowest opinion, and m how many turns ask the same.
    """
    asked = Counter(item.request for item in items)
    return coins.chances([_worth(item.opinions) * math.log1p(asked[item.request]) for item in items], budget=budget, floor=floor)


def draw(items: Sequence[Askable], *, budget: float, seed: str, floor: float = FLOOR) -> list[Drawn]:
    """Draw turns, each by itself, by a hash of the seed and its name: the same seed draws the same turns."""
    return [
        Drawn(item.turn, item.user, chance)
        for item, chance in zip(items, chances(items, budget=budget, floor=floor), strict=True)
        if coins.toss(f"ask {seed}", item.turn) < chance
    ]


def _worth(opinions: Sequence[float]) -> float:
    if not opinions:
        return 1.0
    mean = sum(opinions) / len(opinions)
    return 4 * mean * (1 - mean) + max(opinions) - min(opinions)
