"""From requests and what was done with them to what `stats.off_policy` weighs: for a policy, and for nobody being rewritten.

A policy is worth what its own choices are worth, so who is held out of it is
left aside: it is judged as if everyone got it. What a model expects of a choice
is learnt from other users than those it is used for.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from probatum.dialogue.semantics.decided import Decided
from probatum.stats.off_policy import CLIP, CannotBeEvaluated, Contrast, Decision, Evaluation, contrast, evaluate

T = TypeVar("T")
# What a policy would have acted on: its text, or another.
Acts: TypeAlias = Callable[[Decided], str]

FOLDS = 5
_MISFIT = 4.0  # standard deviations, beyond which draws were not made as the log says
_LIMITS = (2.0, 5.0, 10.0, CLIP)
_LIKE = 5.0  # users, with which what is known of all counts beside what is known of one text


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a log says about a policy.

    Attributes
    ----------
    clip : float
        Largest weight.
    requests, users : int
        First requests of goals, and those who made them.
    touched, touched_users : int
        Requests that the policy would act on, or that were acted on or drawn for; all others would go on as they did.
    acts : int
        Requests that the policy would rewrite.
    untried : int
        Of these, those of which the log never did what the policy would do.
    unsaid : int
        Requests without an arm, that are taken to have been kept for certain.
    logged : float
        Mean over users of how often the touched requests worked at once, as they were answered.
    policy : Evaluation
        Of the touched requests.
    without : Evaluation or str
        The same if nobody's request were rewritten; or why that cannot be told.
    better : Contrast or str
        Of the touched requests, with the policy and without any.
    better_overall : Contrast or str
        Of all requests.
    """

    clip: float
    requests: int
    users: int
    touched: int
    touched_users: int
    acts: int
    untried: int
    unsaid: int
    logged: float
    policy: Evaluation
    without: Evaluation | str
    better: Contrast | str
    better_overall: Contrast | str


def clip_of(logged: Iterable[Decided]) -> float:
    """Return the least of some limits of weights that cuts none off, or the largest of them: from the probabilities of arms alone.

    What was drawn, and what came of it, has no part in it, so it is as good as fixed beforehand.
    """
    rarest = min((min(_did_with(one), 1 - _did_with(one)) for one in logged if one.drawn), default=0.5)
    return next((limit for limit in _LIMITS if rarest * limit >= 1 - 1e-9), CLIP)


def judge(logged: Sequence[Decided], acts: Acts, *, clip: float | None = None, confidence: float = 0.95) -> Judged:
    """Say how well a policy would do.

    Parameters
    ----------
    logged : sequence of Decided
    acts : callable
        What the policy would act on, where nobody is held out.
    clip, confidence : float
        See `stats.off_policy.evaluate`; None: see `clip_of`.

    Raises
    ------
    CannotBeEvaluated
        If the log does not say with which probabilities requests were rewritten, if the policy would act on none, or if too
        few users carry the weight.
    """
    _chances_logged(logged)
    clip = clip_of(logged) if clip is None else clip
    if not logged:
        raise CannotBeEvaluated(
            "a policy cannot be evaluated from this log: no request of a known user is in the time that counts",
            help="log users, or name an earlier `--since`",
        )
    chosen = [acts(one) for one in logged]
    touched = [
        at
        for at, (one, act) in enumerate(zip(logged, chosen, strict=True))
        if act != one.text or one.did != one.text or one.drawn
    ]
    if not touched:
        raise CannotBeEvaluated(
            f"a policy cannot be evaluated from this log: it would rewrite none of {len(logged):,} requests, and none was",
            help="evaluate it on requests that it is made for",
        )
    asked = [logged[at] for at in touched]
    tried: dict[str, set[str]] = defaultdict(set)
    for one in asked:
        if one.arm == "treated":
            tried[one.text].add(one.did)
    expected = Expected(asked)
    ours = [_decision(one, chosen[at], tried[one.text], expected, clip) for one, at in zip(asked, touched, strict=True)]
    kept = [_decision(one, one.text, tried[one.text], expected, clip) for one in asked]
    places = dict(zip(touched, range(len(touched)), strict=True))
    all_ours, all_kept = (
        [mine[places[at]] if at in places else _unchanged(one) for at, one in enumerate(logged)] for mine in (ours, kept)
    )
    policy = evaluate(ours, clip=clip, confidence=confidence)
    return Judged(
        clip=clip,
        requests=len(logged),
        users=len({one.user for one in logged}),
        touched=len(touched),
        touched_users=policy.users,
        acts=sum(chosen[at] != logged[at].text for at in touched),
        untried=sum(
            chosen[at] != one.text and _chance(one, chosen[at], tried[one.text]) == 0
            for one, at in zip(asked, touched, strict=True)
        ),
        unsaid=sum(not one.arm for one in logged),
        logged=_mean(asked),
        policy=policy,
        without=_or_why(lambda: evaluate(kept, clip=clip, confidence=confidence)),
        better=_or_why(lambda: contrast(ours, kept, clip=clip, confidence=confidence)),
        better_overall=_or_why(lambda: contrast(all_ours, all_kept, clip=clip, confidence=confidence)),
    )


class Expected:
    """How often an action on a text works, by what other users show: never by the user whose request it is.

    Means are drawn towards those of the action over all texts, and these towards the mean of all.
    """

    def __init__(self, logged: Sequence[Decided]) -> None:
        """Add up what was seen in each part of the users."""
        self._sums: dict[tuple[int, str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
        for one in logged:
            fold, kept = fold_of(one.user), one.did == one.text
            for name in ((one.text, one.did), ("", str(kept)), ("", "")):
                for part in (fold, -1):
                    own = self._sums[part, *name]
                    own[0] += one.worked
                    own[1] += 1

    def __call__(self, user: str, text: str, did: str) -> float:
        """Return the expected reward, from 0 to 1."""
        found = 0.5
        for name in (("", ""), ("", str(did == text)), (text, did)):
            worked, many = (
                whole - own
                for whole, own in zip(
                    self._sums.get((-1, *name), (0.0, 0.0)), self._sums.get((fold_of(user), *name), (0.0, 0.0)), strict=True
                )
            )
            found = (worked + _LIKE * found) / (many + _LIKE)
        return min(1.0, max(0.0, found))


def fold_of(user: str) -> int:
    """Return which part of the users one belongs to, by a hash of the pseudonym."""
    return hashlib.sha256(user.encode()).digest()[0] % FOLDS


def _chances_logged(logged: Sequence[Decided]) -> None:
    """Refuse a log that does not say how what was done was chosen."""
    unsaid = sum((one.drawn and one.propensity is None) or (not one.arm and one.did != one.text) for one in logged)
    named = sum(bool(one.arm) for one in logged)
    if unsaid or (logged and not named):
        how = (
            f"{unsaid:,} requests were rewritten or drawn, and do not say with which probability"
            if unsaid
            else "no turn has an `arm` and a `propensity`"
        )
        raise CannotBeEvaluated(
            f"a policy cannot be evaluated from this log: {how}",
            help="log `arm`, `propensity` and `rewritten` of each answer of `probatum dialogue serve` with the turn, and evaluate later",
        )
    wrong = sum(one.drawn and not 0 < (one.propensity or 0.0) <= 1 for one in logged)
    if wrong:
        raise CannotBeEvaluated(
            f"a policy cannot be evaluated from this log: {wrong:,} propensities are no probabilities above 0",
            help="log the probability with which the arm was drawn",
        )
    drawn = {(one.user, one.text): one for one in reversed(logged) if one.drawn}.values()
    shares = [_did_with(one) if one.arm == "treated" else 1 - _did_with(one) for one in drawn]
    treated = sum(one.arm == "treated" for one in drawn)
    spread = math.sqrt(sum(share * (1 - share) for share in shares))
    if abs(treated - sum(shares)) > _MISFIT * spread + 1e-6:
        raise CannotBeEvaluated(
            f"a policy cannot be evaluated from this log: {treated:,} of {len(drawn):,} draws fell on a rewrite, and by the "
            f"propensities {sum(shares):,.0f} would",
            help="see that each turn has the propensity of the arm that was drawn, and that no turn is missing",
        )


def _did_with(one: Decided) -> float:
    """Return the probability of what was done: 1 where nothing was drawn."""
    return one.propensity if one.drawn and one.propensity is not None else 1.0


def _chance(one: Decided, act: str, tried: set[str]) -> float:
    """Return the probability with which the log would have done something, as far as it shows that."""
    if act == one.did:
        return _did_with(one)
    # Of who was held out, the log does not name the rewrite that was not done; where it was for others, it was meant here, too.
    other = act == one.text or (one.arm == "holdout" and act in tried)
    return 1 - _did_with(one) if one.drawn and other else 0.0


def _decision(one: Decided, act: str, tried: set[str], expected: Expected, clip: float) -> Decision:
    return Decision(
        user=one.user,
        reward=one.worked,
        propensity=_did_with(one),
        target=float(act == one.did),
        predicted=expected(one.user, one.text, one.did),
        predicted_target=expected(one.user, one.text, act),
        lost=max(0.0, 1 - clip * _chance(one, act, tried)),
    )


def _unchanged(one: Decided) -> Decision:
    return Decision(user=one.user, reward=one.worked, propensity=1.0, target=1.0)


def _mean(logged: Sequence[Decided]) -> float:
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for one in logged:
        sums[one.user][0] += one.worked
        sums[one.user][1] += 1
    return sum(worked / many for worked, many in sums.values()) / len(sums)


def _or_why(found: Callable[[], T]) -> T | str:
    """Return what is found, or why it cannot be."""
    try:
        return found()
    except CannotBeEvaluated as problem:
        return str(problem)
