"""How well a policy would do that was never used, from what another did at random: with bounds, or not at all.

The weight of a logged decision is the probability with which the new policy
would take it over that with which it was taken. Weights are cut off, so that one
decision cannot decide; what that leaves out is bounded, not ignored. Decisions
of one user are averaged first: the unit is the user.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from probatum.errors import ProbatumError
from probatum.evidence import Estimate
from probatum.stats.bounds import empirical_bernstein
from probatum.stats.sequences import MeanSequence

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
    lost : float in [0, 1]
        Share of what the new policy would choose that no weight stands for: it was never tried there, or so seldom that its
        weight is cut off. It follows from what was known before the decision, not from what came of it.
    """

    user: str
    reward: float
    propensity: float | None
    target: float
    predicted: float = 0.0
    predicted_target: float = 0.0
    lost: float = 0.0


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
    lost : float
        Mean over users of `Decision.lost`.
    likely : (float, float)
        About the doubly robust estimate, by Student's t over users, and wider by `lost`: right in the long run, and no more
        than nearly so for a few hundred users.
    always : (float, float)
        By inverse propensity, right at every number of users together (`MeanSequence`), users in the order in which they came.
    assumptions : tuple of str
    """

    inverse: Estimate
    self_normalised: float
    doubly_robust: Estimate
    users: int
    effective_users: float
    clipped: float
    lost: float
    likely: tuple[float, float]
    always: tuple[float, float]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """How much better one policy is than another: the mean over users of the difference of their mean rewards.

    Attributes
    ----------
    value : float
        Doubly robust.
    likely : (float, float)
        As in `Evaluation`.
    always : (float, float)
        Right for every distribution, and at every number of users together (`MeanSequence`).
    users : int
    """

    value: float
    likely: tuple[float, float]
    always: tuple[float, float]
    users: int


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
    means = _means(decisions, clip)
    effective = _effective(means)
    if effective < FEWEST_USERS:
        raise CannotBeEvaluated(
            f"a policy cannot be evaluated from this log: {len(means)} users say as much as {effective:.0f} of equal weight, "
            f"and {FEWEST_USERS:.0f} are needed",
            help="log more decisions like those of the policy, or evaluate one that is nearer to what was done",
        )
    every = math.fsum(own.weight for own in means)
    lost = math.fsum(own.lost for own in means) / len(means)
    return Evaluation(
        inverse=_inverse(means, clip, confidence),
        self_normalised=math.fsum(own.well for own in means) / math.fsum(own.cut for own in means),
        doubly_robust=_robust(means, clip, confidence),
        users=len(means),
        effective_users=effective,
        clipped=1 - math.fsum(own.cut for own in means) / every,
        lost=lost,
        likely=_likely([own.robust for own in means], lost, confidence, lowest=0.0),
        always=_always(means, clip, confidence),
        assumptions=(
            "users are independent and have the same distribution",
            "decisions were made with the probabilities that are logged",
            "whatever the policy may do had some probability of being done, but for the share that is called lost",
        ),
    )


def contrast(ours: Sequence[Decision], theirs: Sequence[Decision], *, clip: float = CLIP, confidence: float = 0.95) -> Contrast:
    """Estimate how much better one policy is than another, from the same decisions of a third.

    Parameters
    ----------
    ours, theirs : sequence of Decision, of the same length
        The same decisions, once for each policy: only `target`, `predicted_target` and `lost` differ.
    clip, confidence
        As in `evaluate`.

    Raises
    ------
    CannotBeEvaluated
        If a propensity is missing, or fewer than 100 users carry the weight of either policy.
    ValueError
        If a number is outside its range, or the decisions are not the same.

    Notes
    -----
    Where both would do the same, nothing is added to the variance: that is what makes it narrower than two intervals.
    """
    if [(one.user, one.reward, one.propensity) for one in ours] != [(one.user, one.reward, one.propensity) for one in theirs]:
        raise ValueError("the decisions of the two policies are not the same")
    both = [_means(decisions, clip) for decisions in (ours, theirs)]
    for means in both:
        effective = _effective(means)
        if effective < FEWEST_USERS:
            raise CannotBeEvaluated(
                f"two policies cannot be compared by this log: {len(means)} users say as much as {effective:.0f} of equal weight "
                f"about one of them, and {FEWEST_USERS:.0f} are needed",
                help="log more decisions like those of both policies",
            )
    values = [one.robust - other.robust for one, other in zip(*both, strict=True)]
    lost = sum(math.fsum(own.lost for own in means) / len(means) for means in both)
    # Half of the error for the difference, half for what no weight stands for.
    share = 1 - (1 - confidence) / 2
    sequence, missing = (
        MeanSequence(lowest=-1 - clip, highest=1 + clip, confidence=share),
        MeanSequence(highest=2, confidence=share),
    )
    for value, one, other in zip(values, *both, strict=True):
        sequence.add(value)
        missing.add(one.lost + other.lost)
    bound, more = sequence.bound(), missing.bound().high or 0.0
    return Contrast(
        value=math.fsum(values) / len(values),
        likely=_likely(values, lost, confidence, lowest=-1.0),
        always=(max(-1.0, (bound.low or 0.0) - more), min(1.0, (bound.high or 0.0) + more)),
        users=len(values),
    )


@dataclass(slots=True)
class _User:
    """Sums over the decisions of a user, and then their means."""

    decisions: float = 0.0
    weight: float = 0.0
    cut: float = 0.0
    well: float = 0.0
    badly: float = 0.0
    robust: float = 0.0
    lost: float = 0.0

    def mean(self) -> _User:
        """Return the means."""
        n = self.decisions
        return _User(n, self.weight / n, self.cut / n, self.well / n, self.badly / n, self.robust / n, self.lost / n)


def _means(decisions: Iterable[Decision], clip: float) -> list[_User]:
    """Return the means of each user, in the order in which they came."""
    if not clip >= 1:
        raise ValueError(f"weights cut off at {clip:g} are less than 1 on average")
    sums: dict[str, _User] = {}
    for one in decisions:
        if one.propensity is None:
            raise CannotBeEvaluated(
                "a policy cannot be evaluated from this log: it does not say with which probability decisions were made",
                help="log the probability of each choice, and choose at random",
            )
        numbers = (one.reward, one.target, one.predicted, one.predicted_target, one.lost)
        if not (0 < one.propensity <= 1 and all(0 <= number <= 1 for number in numbers)):
            raise ValueError("a reward, a probability or a prediction is not between 0 and 1")
        weight = one.target / one.propensity
        cut = min(weight, clip)
        own = sums.setdefault(one.user, _User())
        own.decisions += 1
        own.weight += weight
        own.cut += cut
        own.well += cut * one.reward
        own.badly += cut * (1 - one.reward)
        own.robust += one.predicted_target + cut * (one.reward - one.predicted)
        own.lost += one.lost
    return [own.mean() for own in sums.values()]


def _effective(means: Sequence[_User]) -> float:
    squares = math.fsum(own.cut**2 for own in means)
    return math.fsum(own.cut for own in means) ** 2 / squares if squares > 0 else 0.0


def _likely(values: Sequence[float], lost: float, confidence: float, *, lowest: float) -> tuple[float, float]:
    from scipy.stats import t as student

    n = len(values)
    mean = math.fsum(values) / n
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    reach = float(student.ppf(1 - (1 - confidence) / 2, n - 1)) * math.sqrt(variance / n) + lost
    return max(lowest, mean - reach), min(1.0, mean + reach)


def _always(means: Sequence[_User], clip: float, confidence: float) -> tuple[float, float]:
    """Bound the value as `_inverse` does, at every number of users together."""
    share = 1 - (1 - confidence) / 2
    well, badly = (MeanSequence(highest=clip, confidence=share) for _ in range(2))
    for own in means:
        well.add(own.well)
        badly.add(own.badly)
    return max(0.0, well.bound().low or 0.0), min(1.0, 1 - (badly.bound().low or 0.0))


def _inverse(means: Sequence[_User], clip: float, confidence: float) -> Estimate:
    """Bound the value from below by rewards, and from above by what they lack."""
    share = 1 - (1 - confidence) / 2
    well = empirical_bernstein([own.well for own in means], highest=clip, confidence=share, side="lower")
    badly = empirical_bernstein([own.badly for own in means], highest=clip, confidence=share, side="lower")
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


def _robust(means: Sequence[_User], clip: float, confidence: float) -> Estimate:
    share = 1 - (1 - confidence) / 2
    own = empirical_bernstein([own.robust for own in means], lowest=-clip, highest=1 + clip, confidence=share)
    weight = empirical_bernstein([own.cut for own in means], highest=clip, confidence=share, side="lower")
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
