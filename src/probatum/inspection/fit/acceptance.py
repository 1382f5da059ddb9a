"""From which score on the nearest product is believed, so that two errors stay within their budgets.

One is a stranger that is taken for a known product; the other is a known product that is taken for another. Each is a share of units,
and each is bounded by an order statistic of scores of units that were not used for anything before [1]_.

References
----------
.. [1] Tong, Feng, Li. "Neyman-Pearson classification algorithms and NP receiver operating characteristics." Science Advances 4 (2018),
   proposition 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from probatum.stats.bounds import Bound, clopper_pearson, required_sample_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A threshold, and what it promises.

    Attributes
    ----------
    threshold : float
        A product is believed if its score is strictly greater.
    strangers : Bound
        Of the share of units of unknown products that are taken for a known one.
    mistaken : Bound
        Of the share of units of known products that are taken for another one, and believed.
    """

    threshold: float
    strangers: Bound
    mistaken: Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Unattainable:
    """No threshold keeps the budget, for want of units; `needed` is how many would do without a single error."""

    which: str
    units: int
    needed: int

    @property
    def why(self) -> str:
        """One line for people."""
        return f"{self.units} units of {self.which} products are too few to bound the error; {self.needed} are needed"


def acceptance(
    known: Sequence[float],
    right: Sequence[bool],
    unknown: Sequence[float],
    *,
    budget_strangers: float = 0.05,
    budget_mistaken: float = 0.05,
    confidence: float = 0.95,
) -> Acceptance | Unattainable:
    """Choose the lowest threshold that keeps both budgets.

    Parameters
    ----------
    known : sequence of float
        What the first candidate looks like (`Candidate.look`), of units whose product is in the gallery.
    right : sequence of bool
        Whether the first candidate is their product.
    unknown : sequence of float
        The same, of units whose product is not in the gallery.
    budget_strangers, budget_mistaken : float in (0, 1)
        Largest share of unknown units that are believed to be known; of known units that are believed to be another.
    confidence : float in (0, 1)
        Over calibrations, that both hold.

    Returns
    -------
    Acceptance or Unattainable

    Raises
    ------
    ValueError
        If a score is not a number, or `right` is not as long as `known`.

    Notes
    -----
    With k the largest number of errors that still certifies the budget (Clopper and Pearson's bound, each at half of the error that
    `confidence` leaves), the threshold is the (k + 1)-th largest score of erring units: the error is above budget only if at most k of
    n units fall above a quantile that a share `budget` exceeds. Unknown and known units are each independent draws of those to come;
    many pictures of few products are not that, and bound the error for new pictures of such products only.
    """
    if len(right) != len(known):
        raise ValueError(f"{len(right)} truths are not one for each of {len(known)} scores")
    if any(math.isnan(score) for score in (*known, *unknown)):
        raise ValueError("a score is not a number")
    wrong = [score for score, fits in zip(known, right, strict=True) if not fits]
    least = []
    for which, erring, trials, budget in (
        ("unknown", list(unknown), len(unknown), budget_strangers),
        ("known", wrong, len(known), budget_mistaken),
    ):
        borne = _borne(trials, budget, confidence)
        if borne < 0:
            return Unattainable(which=which, units=trials, needed=required_sample_size(budget, confidence=confidence, family=2))
        erring.sort(reverse=True)
        least.append(erring[borne] if borne < len(erring) else -math.inf)
    threshold = max(least)
    return Acceptance(
        threshold=threshold,
        strangers=_bound(sum(score > threshold for score in unknown), len(unknown), confidence),
        mistaken=_bound(sum(score > threshold for score in wrong), len(known), confidence),
    )


def _borne(trials: int, budget: float, confidence: float) -> int:
    """Most errors in so many trials that still certify the budget; -1 if not even none does."""
    low, high = -1, trials
    while high - low > 1:  # INVARIANT: `low` errors certify it, `high` do not
        middle = (low + high) // 2
        if _high(_bound(middle, trials, confidence)) <= budget:
            low = middle
        else:
            high = middle
    return low


def _bound(errors: int, trials: int, confidence: float) -> Bound:
    return clopper_pearson(errors, trials, confidence=confidence, side="upper", family=2)


def _high(bound: Bound) -> float:
    return 1.0 if bound.high is None else bound.high
