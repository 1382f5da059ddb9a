"""Which of many settings keep all their risks within budget, with one confidence for whatever is chosen of them.

Settings (thresholds, weights, numbers of views) are fixed before calibration data are looked at. Each is tested: "one of its risks is
above its budget". Those for which that is rejected keep all budgets together with the stated confidence, so any of them may be
chosen, also by looking at the same data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probatum.evidence import Estimate
from probatum.stats.binomial import at_most

LEARN_THEN_TEST = "stats/learn-then-test/1"

Procedure = Literal["in-order", "holm"]
Tally = tuple[int, int]  # errors, trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Certification:
    """Settings that were tested together, and which are certified.

    Attributes
    ----------
    tallies : tuple of tuple of (errors, trials)
        For each setting, one for each risk.
    budgets : tuple of float
        For each risk.
    procedure : {"in-order", "holm"}
    confidence : float
        Probability that every setting that is certified keeps every budget.
    certified : tuple of int
        Places of settings, ascending; none if nothing could be shown.
    """

    tallies: tuple[tuple[Tally, ...], ...]
    budgets: tuple[float, ...]
    procedure: Procedure
    confidence: float
    certified: tuple[int, ...]

    def estimate(self, quantity: str, *, setting: int, risk: int = 0, unit: str = "", sampling: str = "") -> Estimate:
        """Return as evidence that a setting keeps the budget of a risk.

        Raises
        ------
        ValueError
            If the setting is not certified.
        """
        if setting not in self.certified:
            raise ValueError(f"setting {setting} is not certified")
        errors, trials = self.tallies[setting][risk]
        return Estimate(
            method=LEARN_THEN_TEST,
            quantity=quantity,
            value=errors / trials,
            low=None,
            high=self.budgets[risk],
            confidence=self.confidence,
            counts={
                "tallies": [[list(tally) for tally in row] for row in self.tallies],
                "budgets": list(self.budgets),
                "procedure": self.procedure,
                "setting": setting,
                "risk": risk,
            },
            unit=unit,
            sampling=sampling,
        )


def learn_then_test(
    tallies: Sequence[Sequence[Tally]], *, budgets: Sequence[float], confidence: float = 0.95, procedure: Procedure = "in-order"
) -> Certification:
    """Certify settings whose risks are all within budget.

    Parameters
    ----------
    tallies : sequence over settings of sequence over risks of (errors, trials)
        How often each went wrong, on calibration data that chose neither the settings nor their order. Risks of one setting may have
        different trials (items that are sound, items that are damaged).
    budgets : sequence of float in (0, 1)
        For each risk, the largest acceptable probability of an error.
    confidence : float in (0, 1), default 0.95
        Probability, over calibration sets, that all certified settings keep all budgets.
    procedure : {"in-order", "holm"}
        In order: settings are tested as they come, from the one that is most likely to pass, until one fails; no correction for
        their number. Holm: in any order, corrected by Holm's method.

    Returns
    -------
    Certification

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Notes
    -----
    The p-value of "risk i of setting j is above its budget a" is ``P(Bin(trials, a) <= errors)``, which is exact; that of "some risk
    of setting j is above its budget" is their maximum, also exact, without a correction and whatever their dependence. Both
    procedures keep the probability of any false certificate within ``1 - confidence`` [1]_. O(settings x risks).

    Assumes that trials of one risk are independent and from the distribution of those to come.

    References
    ----------
    .. [1] Angelopoulos, Bates, Candes, Jordan, Lei. "Learn then Test: Calibrating predictive algorithms to achieve risk control."
       arXiv:2110.01052, theorem 1 and section 2.3 (fixed-sequence testing).

    Examples
    --------
    >>> rows = [[(0, 5000), (9, 400)], [(1, 5000), (6, 400)], [(4, 5000), (3, 400)]]
    >>> learn_then_test(rows, budgets=(0.001, 0.05)).certified
    (0, 1)
    """
    if not 0 < confidence < 1 or not all(0 < budget < 1 for budget in budgets) or not budgets:
        raise ValueError(f"budgets {tuple(budgets)} at confidence {confidence:g} are not a promise that can be made")
    if procedure not in ("in-order", "holm"):
        raise ValueError(f"`{procedure}` is not a way to test settings")
    rows = tuple(tuple((int(errors), int(trials)) for errors, trials in row) for row in tallies)
    p_values = [_p_value(row, budgets) for row in rows]
    certified = in_order(p_values, confidence=confidence) if procedure == "in-order" else holm(p_values, confidence=confidence)
    return Certification(tallies=rows, budgets=tuple(budgets), procedure=procedure, confidence=confidence, certified=certified)


def in_order(p_values: Sequence[float], *, confidence: float = 0.95) -> tuple[int, ...]:
    """Return the places of hypotheses that are rejected in the order given, up to the first that is not.

    Examples
    --------
    >>> in_order([0.01, 0.04, 0.2, 0.001])
    (0, 1)
    """
    for at, p in enumerate(p_values):
        if not p <= 1 - confidence:
            return tuple(range(at))
    return tuple(range(len(p_values)))


def holm(p_values: Sequence[float], *, confidence: float = 0.95) -> tuple[int, ...]:
    """Return the places, ascending, of hypotheses that Holm's method rejects.

    Notes
    -----
    From the smallest p-value on, the k-th of n is compared with ``(1 - confidence) / (n - k + 1)``, up to the first that is larger.
    Valid under any dependence (Holm, 1979). O(n log n).

    Examples
    --------
    >>> holm([0.01, 0.04, 0.2, 0.001])
    (0, 3)
    """
    order = sorted(range(len(p_values)), key=lambda at: (p_values[at], at))
    rejected = []
    for k, at in enumerate(order):
        if not p_values[at] <= (1 - confidence) / (len(order) - k):
            break
        rejected.append(at)
    return tuple(sorted(rejected))


def _p_value(row: Sequence[Tally], budgets: Sequence[float]) -> float:
    if len(row) != len(budgets):
        raise ValueError(f"{len(row)} risks have {len(budgets)} budgets; one for each is needed")
    if not all(0 <= errors <= trials for errors, trials in row):
        raise ValueError("a tally is not a number of errors and a number of trials")
    return max(at_most(errors, trials, budget) for (errors, trials), budget in zip(row, budgets, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Two thresholds: at most `low` passes, above `high` is put aside, between them a person looks.

    Attributes
    ----------
    low, high : float
    tested : Certification
        Risks 0, 1 and, if it has a budget, 2: a sound one put aside; a faulty one passed; a sound one that a person looks at.
    setting : int
        Which of the pairs it is.
    looks : float
        Share of sound calibration scores that a person would look at.
    """

    low: float
    high: float
    tested: Certification
    setting: int
    looks: float


def certified_band(
    sound: ArrayLike,
    faulty: ArrayLike,
    pairs: Sequence[tuple[float, float]],
    *,
    aside: float,
    passed: float,
    looked: float | None = None,
    confidence: float = 0.95,
    procedure: Procedure = "holm",
) -> Band | Certification:
    """Choose the band in which people look, so that few sound ones are put aside and few faulty ones pass.

    Parameters
    ----------
    sound, faulty : array of shape (n,), array of shape (m,)
        Calibration scores, higher is worse. NaN means that there is no score: a person looks at such a thing. Among sound ones it
        counts as put aside; among faulty ones it is not passed.
    pairs : sequence of (low, high)
        Candidates with ``low <= high``, fixed before looking; for "in-order" from the most cautious on.
    aside, passed, looked : float in (0, 1)
        Budgets of sound ones put aside, of faulty ones passed, and of sound ones that a person looks at, if that has one.
    confidence, procedure
        As in `learn_then_test`.

    Returns
    -------
    Band or Certification
        The certified pair with which people look at the fewest sound ones; the tests alone where no pair is certified.
    """
    fine, bad = np.sort(np.asarray(sound, dtype=np.float64)), np.sort(np.asarray(faulty, dtype=np.float64))
    missing = int(np.isnan(fine).sum())
    rows, looks = [], []
    for low, high in pairs:
        if not low <= high:
            raise ValueError(f"the band from {low:g} to {high:g} is none")
        up_to_low, up_to_high = (_up_to(fine, end) for end in (low, high))
        looks.append((up_to_high - up_to_low + missing) / max(1, len(fine)))
        row = [(len(fine) - up_to_high, len(fine)), (_up_to(bad, low), len(bad))]
        if looked is not None:
            row.append((up_to_high - up_to_low + missing, len(fine)))
        rows.append(row)
    budgets = (aside, passed) if looked is None else (aside, passed, looked)
    tested = learn_then_test(rows, budgets=budgets, confidence=confidence, procedure=procedure)
    if not tested.certified:
        return tested
    best = min(tested.certified, key=lambda at: (looks[at], at))
    return Band(low=pairs[best][0], high=pairs[best][1], tested=tested, setting=best, looks=looks[best])


def _up_to(ascending: NDArray[np.float64], end: float) -> int:
    """How many are at most `end`; NaN, which is sorted last, is not."""
    return int(np.searchsorted(ascending, end, side="right")) if not np.isnan(end) else 0
