"""Whether turns failed, inferred from signals of which none says so surely.

A mixture of two kinds of turns, good and bad, in which signals are independent given the kind, is
fitted by expectation-maximisation (Dawid and Skene, 1979). Turns whose users said outright how they went are
fixed, and so are those that the assistant itself says it did not answer: whatever users do then, these failed. Without any remarks, what hard signals usually mean is all that tells the kinds apart, and the
result says so. What it gives is compared with what users said, in turns that it had not seen the word of.

What users do next cannot tell the kinds apart alone: who repeats a request does not rephrase it, so a mixture of both
would part those who repeat from those who rephrase, and call either of them content. Where neither enough users nor
enough answers told how turns went, signals therefore mean what they usually mean, and only the share of bad turns is fitted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.dialogue.semantics.judged import digits
from probatum.dialogue.semantics.signals import EXPLICIT, SIGNALS, UNSEEN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What is weighed: neither what users said, nor that the assistant did not answer, which settle it.
IMPLICIT = tuple(name for name in SIGNALS if name not in (*EXPLICIT, "unanswered"))
# Signals that as a rule mean that something went wrong: how often they are seen in good and in bad turns, before any
# log is. As strong as `_STRENGTH` turns of each kind.
_HARD = {"repeated", "rephrased", "stopped", "undone", "escalated", "broken"}
_FEWEST = 10  # turns in which a stage failed, before what is seen beside that is learnt
_PRIOR = {True: (0.03, 0.3), False: (0.3, 0.4)}
_STRENGTH = 20.0
_BEFORE = {
    False: 2.0,
    True: 0.5,
}  # bad turns of ten, before any is seen: fewer are left where the assistant tells which it did not answer
_STEPS = 500
_CLOSE = 1e-9
ENOUGH = 30  # turns of each kind that users told of, before the result is called calibrated


@dataclass(frozen=True, slots=True)
class Outcome:
    """A fitted model.

    Attributes
    ----------
    bad : float
        Share of bad turns among those that were answered.
    seen : tuple of (float, float)
        For each of `IMPLICIT`, how often it is seen in good turns and in bad ones.
    slope, shift : float
        Of the recalibration: the log-odds of what the mixture gives are multiplied and moved.
    told : tuple of (int, int)
        Turns that users said were good, and bad.
    """

    bad: float
    seen: tuple[tuple[float, float], ...]
    slope: float
    shift: float
    told: tuple[int, int]

    def to_json(self) -> dict[str, Any]:
        """Return the parameters as JSON."""
        return {
            "bad": self.bad,
            "seen": [list(pair) for pair in self.seen],
            "slope": self.slope,
            "shift": self.shift,
            "told": list(self.told),
        }

    def probability(self, pattern: int) -> float:
        """Return the probability that a turn with these signals failed; what the user said outright, or the assistant, settles it."""
        codes = dict(zip(SIGNALS, digits(pattern), strict=True))
        settled = _settled(codes)
        if settled is not None:
            return settled
        odds = math.log(self.bad / (1 - self.bad))
        for name, (good, bad) in zip(IMPLICIT, self.seen, strict=True):
            if codes[name] != UNSEEN:
                odds += math.log(bad / good) if codes[name] else math.log((1 - bad) / (1 - good))
        return 1 / (1 + math.exp(-max(-500.0, min(500.0, self.slope * odds + self.shift))))


def _said(codes: dict[str, int]) -> float | None:
    praised, blamed = (codes[name] == 1 for name in EXPLICIT)
    return None if praised == blamed else float(blamed)


def _settled(codes: dict[str, int]) -> float | None:
    said = _said(codes)
    return 1.0 if said is None and codes["unanswered"] == 1 else said


def fit(patterns: Sequence[int], turns: Sequence[int]) -> Outcome:
    """Fit the model.

    Parameters
    ----------
    patterns : sequence of int
        See `semantics.judged.Judged`; each once.
    turns : sequence of int, of the same length
        How many turns have it.

    Raises
    ------
    ValueError
        If there is no turn.
    """
    import numpy as np

    if not sum(turns):
        raise ValueError("there is no turn")
    codes = [dict(zip(SIGNALS, digits(pattern), strict=True)) for pattern in patterns]
    seen = np.array([[c[name] for name in IMPLICIT] for c in codes])
    count = np.asarray(turns, dtype=float)
    said, settled = ([how(c) for c in codes] for how in (_said, _settled))
    fixed, known = (np.array([-1.0 if s is None else s for s in some]) for some in (said, settled))
    answered = (known != 1) | (fixed >= 0)
    tells = any(c["unanswered"] != UNSEEN for c in codes)
    bad, theta = _mixture(seen[answered], count[answered], fixed[answered], _BEFORE[tells])
    slope, shift = _recalibrated(seen, count, fixed, known, bad, theta)
    told = (int(count[fixed == 0].sum()), int(count[fixed == 1].sum()))
    return Outcome(bad, tuple((float(g), float(b)) for g, b in theta), slope, shift, told)


def _mixture(
    seen: NDArray[np.int64], count: NDArray[np.float64], fixed: NDArray[np.float64], before: float
) -> tuple[float, NDArray[np.float64]]:
    """Return the share of bad turns, and of each signal how often it is seen in good and bad ones: shape (signals, 2).

    Turns that were refused are not among them: users go on otherwise after a refusal than after a wrong answer, so these say nothing
    about which of the other turns were bad.
    """
    import numpy as np

    hard = np.array([name in _HARD for name in IMPLICIT])
    usual = np.array([_PRIOR[bool(one)] for one in hard])
    theta, share = usual.copy(), before / 10
    visible = seen != UNSEEN
    told = min(count[fixed == 0].sum(), count[fixed == 1].sum()) >= ENOUGH
    apart = told or float(count @ (seen[:, IMPLICIT.index("broken")] == 1)) >= _FEWEST
    for _ in range(_STEPS):
        post = np.where(fixed >= 0, fixed, _posterior(seen, share, theta))
        weight = np.stack([(1 - post) * count, post * count])  # (kinds, patterns)
        ones = weight @ (seen == 1)  # (kinds, signals)
        total = weight @ visible
        rates = (ones + _STRENGTH * usual.T) / (total + _STRENGTH)
        if not told:  # hard signals are seen no more often in good turns than in bad ones: equally, where the log says otherwise
            pooled = (ones + _STRENGTH * usual.T).sum(axis=0) / (total + _STRENGTH).sum(axis=0)
            rates = np.where(hard & (rates[0] > rates[1]), pooled, rates)
        new = rates.T if apart else usual
        share_new = float((weight[1].sum() + before) / (count.sum() + 10))
        moved = max(float(np.abs(new - theta).max()), abs(share_new - share))
        theta, share = new, share_new
        if moved < _CLOSE:
            break
    return share, theta


def _posterior(seen: NDArray[np.int64], share: float, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    ratio = np.log(theta[:, 1] / theta[:, 0])
    other = np.log((1 - theta[:, 1]) / (1 - theta[:, 0]))
    odds = math.log(share / (1 - share)) + (seen == 1) @ ratio + (seen == 0) @ other
    result: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
    return result


def _recalibrated(  # noqa: PLR0917 - what the mixture has, and what it found
    seen: NDArray[np.int64],
    count: NDArray[np.float64],
    fixed: NDArray[np.float64],
    known: NDArray[np.float64],
    share: float,
    theta: NDArray[np.float64],
) -> tuple[float, float]:
    """Return how log-odds are to be multiplied and moved so that they fit what users said (Platt, 1999); (1, 0) where few did.

    Only the slope is taken from those turns: who speaks up is more often displeased, so that
    their share of bad turns is not everyone's. The shift keeps the share of bad turns that the mixture found.
    """
    import numpy as np
    from scipy.optimize import brentq

    chosen, rest = fixed >= 0, known < 0
    if min(count[fixed == 0].sum(), count[fixed == 1].sum()) < ENOUGH:
        return 1.0, 0.0
    post = _posterior(seen, share, theta)
    odds = np.log(post / (1 - post))
    slope = _logistic_slope(odds[chosen], fixed[chosen], count[chosen])

    def excess(shift: float) -> float:
        again = 1 / (1 + np.exp(-np.clip(slope * odds[rest] + shift, -500, 500)))
        return float((again - post[rest]) @ count[rest])

    if not count[rest].sum():
        return slope, 0.0
    return slope, float(brentq(excess, -60.0, 60.0))


def _logistic_slope(odds: NDArray[np.float64], bad: NDArray[np.float64], count: NDArray[np.float64]) -> float:
    """Return the slope of a logistic regression with an intercept, between 0.05 and 2, by Newton's method with a weak prior at 1."""
    import numpy as np

    prior = np.array([0.0, 1.0])
    beta = prior.copy()
    design = np.stack([np.ones_like(odds), odds], axis=1)
    ridge = np.diag([1e-6, 1.0])

    def loss(at: NDArray[np.float64]) -> float:
        score = design @ at
        return float(count @ (np.logaddexp(0.0, score) - bad * score) + (at - prior) @ ridge @ (at - prior) / 2)

    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -500, 500)))
        gradient = design.T @ (count * (bad - p)) - ridge @ (beta - prior)
        hessian = (design * (count * np.maximum(p * (1 - p), 1e-9))[:, None]).T @ design + ridge
        step = np.linalg.solve(hessian, gradient)
        # The loss is convex, but far from its minimum a whole step can lead further away.
        before = loss(beta)
        while loss(beta + step) > before and float(np.abs(step).max()) >= 1e-12:
            step = step / 2
        beta = beta + step
        if float(np.abs(step).max()) < 1e-10:
            break
    return float(min(2.0, max(0.05, beta[1])))
