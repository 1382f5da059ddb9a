"""How well a policy would do that was never used, from what another did at random: with bounds, or not at all.

The weight of a logged decision is the probability with which the new policy
would take it over that with which it was taken. Weights are cut off, so that one
decision cannot decide; what that leaves out is bounded, not ignored. Decisions
of one user are averaged first: the unit is the user.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from probatum.errors import ProbatumError
from probatum.evidence import Estimate
from probatum.stats.bounds import empirical_bernstein

INVERSE_PROPENSITY = "stats/inverse-propensity/1"
DOUBLY_ROBUST = "stats/doubly-robust/1"

CLIP = 20.0
FEWEST_USERS = 100.0


class CannotBeEvaluated(ProbatumError):
    """A log does not say how well a policy would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One logged decision.

    Attributes
    ----------
    user : str
    reward : float in [0, 1]
    propensity : float or None
        Probability with which what was done was chosen; None if the log does not say.
    target : float in [0, 1]
        Probability with which the new policy would choose what was done.
    predicted : float in [0, 1]
        What a model expects of what was done; it must not have seen these users.
    predicted_target : float in [0, 1]
        What the model expects of what the new policy would do, on average.
    """

    user: str
    reward: float
    propensity: float | None
    target: float
    predicted: float = 0.0
    predicted_target: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a policy would have reached: the mean over users of their mean reward.

    Attributes
    ----------
    inverse : Estimate
        By inverse propensity, with bounds.
    self_normalised : float
        The same divided by the mean weight: steadier, a little biased; no bound of its own.
    doubly_robust : Estimate
        With the model's predictions; no worse for a bad model, only wider.
    users : int
    effective_users : float
        ``(sum w)^2 / sum w^2`` over users: how many would say as much if all weights were equal.
    clipped : float
        Share of all weight that was cut off.
    assumptions : tuple of str
    """

    inverse: Estimate
    self_normalised: float
    doubly_robust: Estimate
    users: int
    effective_users: float
    clipped: float
    assumptions: tuple[str, ...]


def evaluate(decisions: Iterable[Decision], *, clip: float = CLIP, confidence: float = 0.95) -> Evaluation:
    """Estimate the value of a policy from what another policy did.

    Parameters
    ----------
    decisions : iterable of Decision
        All that were logged; leaving some out by what came of them would falsify the answer.
    clip : float >= 1
        Largest weight, fixed before looking.
    confidence : float in (0, 1), default 0.95
        Of each of the two intervals.

    Returns
    -------
    Evaluation

    Raises
    ------
    CannotBeEvaluated
        If a propensity is missing, or fewer than 100 users carry the weight.
    ValueError
        If a number is outside its range.

    Notes
    -----
    With weights w cut off at c to w', rewards r in [0, 1] and ``E w = 1``, the value V is at least ``E w' r``, and
    ``1 - V = E w (1 - r)`` is at least ``E w' (1 - r)``: two lower bounds of means of values in [0, c], by Maurer and
    Pontil's inequality, are bounds of V from both sides, whatever was cut off. The doubly robust estimate is the mean of
    ``m(x, pi) + w' (r - m(x, a))`` [1]_; cutting off moves it by at most ``1 - E w'``, by which its interval is widened.
    The self-normalised estimate is [2]_. O(decisions).

    References
    ----------
    .. [1] Dudik, Langford, Li. "Doubly robust policy evaluation and learning." ICML 2011, arXiv:1103.4601.
    .. [2] Swaminathan, Joachims. "The self-normalized estimator for counterfactual learning." NeurIPS 2015.
    """
    if not clip >= 1:
        raise ValueError(f"weights cut off at {clip:g} are less than 1 on average")
    sums: dict[str, list[float]] = {}
    for one in decisions:
        if one.propensity is None:
            raise CannotBeEvaluated(
                "a policy cannot be evaluated from this log: it does not say with which probability decisions were made",
                help="log the probability of each choice, and choose at random",
            )
        numbers = (one.reward, one.target, one.predicted, one.predicted_target)
        if not (0 < one.propensity <= 1 and all(0 <= number <= 1 for number in numbers)):
            raise ValueError("a reward, a probability or a prediction is not between 0 and 1")
        weight = one.target / one.propensity
        cut = min(weight, clip)
        robust = one.predicted_target + cut * (one.reward - one.predicted)
        own = sums.setdefault(one.user, [0.0] * 6)
        for at, number in enumerate((1.0, weight, cut, cut * one.reward, cut * (1 - one.reward), robust)):
            own[at] += number
    means = [[number / own[0] for number in own[1:]] for own in sums.values()]
    squares = math.fsum(own[1] ** 2 for own in means)
    effective = math.fsum(own[1] for own in means) ** 2 / squares if squares > 0 else 0.0
    if effective < FEWEST_USERS:
        raise CannotBeEvaluated(
            f"a policy cannot be evaluated from this log: {len(means)} users say as much as {effective:.0f} of equal weight, "
            f"and {FEWEST_USERS:.0f} are needed",
            help="log more decisions like those of the policy, or evaluate one that is nearer to what was done",
        )
    every = math.fsum(own[0] for own in means)
    return Evaluation(
        inverse=_inverse(means, clip, confidence),
        self_normalised=math.fsum(own[2] for own in means) / math.fsum(own[1] for own in means),
        doubly_robust=_robust(means, clip, confidence),
        users=len(means),
        effective_users=effective,
        clipped=1 - math.fsum(own[1] for own in means) / every,
        assumptions=(
            "users are independent and have the same distribution",
            "decisions were made with the probabilities that are logged",
            "whatever the policy may do had some probability of being done",
        ),
    )


def _inverse(means: list[list[float]], clip: float, confidence: float) -> Estimate:
    """Bound the value from below by rewards, and from above by what they lack."""
    share = 1 - (1 - confidence) / 2
    well = empirical_bernstein([own[2] for own in means], highest=clip, confidence=share, side="lower")
    badly = empirical_bernstein([own[3] for own in means], highest=clip, confidence=share, side="lower")
    return Estimate(
        method=INVERSE_PROPENSITY,
        quantity="mean reward of the policy",
        value=well.value,
        low=max(0.0, well.low or 0.0),
        high=min(1.0, 1 - (badly.low or 0.0)),
        confidence=confidence,
        counts={
            "trials": len(means),
            "clip": clip,
            "well": well.value,
            "well_variance": well.counts["variance"],
            "badly": badly.value,
            "badly_variance": badly.counts["variance"],
        },
    )


def _robust(means: list[list[float]], clip: float, confidence: float) -> Estimate:
    share = 1 - (1 - confidence) / 2
    own = empirical_bernstein([one[4] for one in means], lowest=-clip, highest=1 + clip, confidence=share)
    weight = empirical_bernstein([one[1] for one in means], highest=clip, confidence=share, side="lower")
    lost = max(0.0, 1 - (weight.low or 0.0))
    return Estimate(
        method=DOUBLY_ROBUST,
        quantity="mean reward of the policy",
        value=own.value,
        low=max(0.0, (own.low or 0.0) - lost),
        high=min(1.0, (own.high or 0.0) + lost),
        confidence=confidence,
        counts={
            "trials": len(means),
            "clip": clip,
            "mean": own.value,
            "variance": own.counts["variance"],
            "weight": weight.value,
            "weight_variance": weight.counts["variance"],
        },
    )
