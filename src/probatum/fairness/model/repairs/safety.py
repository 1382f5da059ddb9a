"""A candidate passes only if, on people it was not fitted to, the upper bound of the gap is within the policy.

The safety test of Seldonian algorithms [1]_: whatever made the candidate, the
probability that one passes whose gap is beyond the policy is at most alpha, for all
candidates together. Then what it costs, and whom.

References
----------
.. [1] Thomas et al. "Preventing undesirable behavior of intelligent machines." Science 366 (2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.fairness.artefacts.requirements.group import Compare, GroupRequirement
from probatum.fairness.model.gaps import Gap, Verdict, judge
from probatum.fairness.model.repairs.people import SAFETY, People
from probatum.fairness.semantics.samples import Sample, Stratum
from probatum.stats.bounds import clopper_pearson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ABSTAIN = -1  # a decision that is left to people

# metric -> (what counts, among what), from truth and decision.
_cells: dict[str, Any] = {
    "selection_rate": lambda _, d: (d == 1, d >= 0),
    "tpr": lambda y, d: (d == 1, (y == 1) & (d >= 0)),
    "fnr": lambda y, d: (d == 0, (y == 1) & (d >= 0)),
    "fpr": lambda y, d: (d == 1, (y == 0) & (d >= 0)),
    "tnr": lambda y, d: (d == 0, (y == 0) & (d >= 0)),
    "ppv": lambda y, d: (y == 1, (d == 1) & (y >= 0)),
    "fdr": lambda y, d: (y == 0, (d == 1) & (y >= 0)),
    "npv": lambda y, d: (y == 0, (d == 0) & (y >= 0)),
    "for": lambda y, d: (y == 1, (d == 0) & (y >= 0)),
    "accuracy": lambda y, d: (y == d, (y >= 0) & (d >= 0)),
    "error_rate": lambda y, d: (y != d, (y >= 0) & (d >= 0)),
}
METRICS = tuple(_cells)


def cells(metric: str, label: NDArray[np.int8], decision: NDArray[np.int8]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows count as hits and as trials of a rate."""
    hit, trial = _cells[metric](label, decision)
    return hit & trial, trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What the safety test says about one quantity.

    Attributes
    ----------
    metric : str
    gap : Gap or None
        None if fewer than two groups are large enough.
    passed : bool
    left_out : tuple of str
        Groups that are too small to be compared.
    """

    metric: str
    gap: Gap | None
    passed: bool
    left_out: tuple[str, ...]


def judged(
    people: People, decision: NDArray[np.int8], required: GroupRequirement, *, alpha: float, min_cell: int, half: int = SAFETY
) -> list[Tested]:
    """Test decisions on one half, for each quantity of a requirement.

    Parameters
    ----------
    decision : array of shape (n,), int8
        1, 0, or `ABSTAIN`.
    alpha : float
        Probability of passing where the gap is beyond the policy.
    """
    found = []
    for metric in required.metrics:
        groups = samples(people, decision, metric, half=half)
        enough = {name: sample for name, sample in groups.items() if sample.rows >= min_cell}
        small = tuple(name for name in people.names if name not in enough)
        gap = None
        if len(enough) > 1:
            stratum = Stratum(where={}, groups=enough, shared=people.clustered)
            gap = judge([stratum], required.compare, required.bound, alpha=alpha)
        found.append(Tested(metric=metric, gap=gap, passed=gap is not None and gap.verdict is Verdict.SATISFIED, left_out=small))
    return found


def samples(people: People, decision: NDArray[np.int8], metric: str, *, half: int) -> dict[str, Sample]:
    """Return what one half says of the rate of each group; groups without a trial are not in it."""
    import numpy as np

    inside = people.half == half
    hit, trial = cells(metric, people.label, decision)
    hit, trial = hit & inside, trial & inside
    many = len(people.names)
    hits = np.bincount(people.group[hit], minlength=many)
    trials = np.bincount(people.group[trial], minlength=many)
    found = {}
    for g, name in enumerate(people.names):
        n = int(trials[g])
        if not n:
            continue
        k, effective, degrees = float(hits[g]), float(n), 0
        if people.clustered:
            own = trial & (people.group == g)
            rate = k / n
            clusters, place = np.unique(people.cluster[own], return_inverse=True)
            sums = np.bincount(place, hit[own] - rate)
            degrees = len(clusters) - 1
            variance = float(sums @ sums) / n**2 * len(clusters) / max(1, degrees)
            # No more than there are rows: clusters that seem to repel each other are taken as independent.
            effective = min(float(n), rate * (1 - rate) / variance) if variance > 0 else float(len(clusters))
            k = rate * effective
        found[name] = Sample(hits=k, trials=effective, rows=n, mass=effective, degrees=degrees)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of one group.

    Attributes
    ----------
    rows : int
    before, after, left : float
        Shares that were selected, are selected, and are left to people.
    lost, gained : (share, low, high)
        Of those whose decision becomes worse, and better, for them; bounds hold for all groups together.
    """

    group: str
    rows: int
    before: float
    after: float
    left: float
    lost: tuple[float, float, float]
    gained: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a candidate costs, on the half it was not fitted to.

    Attributes
    ----------
    accuracy_before, accuracy_after : (share, low, high) or None
        Of those whose truth is known and who are decided on.
    changes : tuple of Change
    """

    accuracy_before: tuple[float, float, float] | None
    accuracy_after: tuple[float, float, float] | None
    changes: tuple[Change, ...]


def price(people: People, decision: NDArray[np.int8], *, favourable: bool, alpha: float) -> Price:
    """Say what decisions cost, compared with those of the table."""
    inside = people.half == SAFETY
    before = people.decision
    good, bad = (1, 0) if favourable else (0, 1)
    changes = []
    family = 2 * len(people.names)
    for g, name in enumerate(people.names):
        own = inside & (people.group == g) & (before >= 0)
        n = int(own.sum())
        if not n:
            continue
        lost = int((own & (before == good) & (decision == bad)).sum())
        gained = int((own & (before == bad) & (decision == good)).sum())
        changes.append(
            Change(
                group=name,
                rows=n,
                before=float((before[own] == 1).mean()),
                after=float((decision[own] == 1).mean()),
                left=float((decision[own] == ABSTAIN).mean()),
                lost=_share(lost, n, alpha, family),
                gained=_share(gained, n, alpha, family),
            )
        )
    return Price(
        accuracy_before=_accuracy(people.label[inside], before[inside], alpha),
        accuracy_after=_accuracy(people.label[inside], decision[inside], alpha),
        changes=tuple(changes),
    )


def _accuracy(label: NDArray[np.int8], decision: NDArray[np.int8], alpha: float) -> tuple[float, float, float] | None:
    known = (label >= 0) & (decision >= 0)
    n = int(known.sum())
    return _share(int((label[known] == decision[known]).sum()), n, alpha, 2) if n else None


def _share(k: int, n: int, alpha: float, family: int) -> tuple[float, float, float]:
    bound = clopper_pearson(k, n, confidence=1 - alpha, family=family)
    return (bound.value, bound.low or 0.0, 1.0 if bound.high is None else bound.high)


def tightened(required: GroupRequirement, share: float) -> float:
    """Return a stricter bound: the policy's, moved towards equality by a share of the way."""
    if required.compare is Compare.DIFFERENCE:
        return required.bound * (1 - share)
    return required.bound + (1 - required.bound) * share


def expected(
    people: People, decision: NDArray[np.int8], required: GroupRequirement, fit: int, *, alpha: float, min_cell: int
) -> bool:
    """Whether a candidate would pass on as many people as the safety half has, if they are like those it was fitted to."""
    import numpy as np

    shares: Sequence[int] = [int((people.half == half).sum()) for half in (fit, SAFETY)]
    scale = shares[1] / max(1, shares[0])
    for metric in required.metrics:
        groups = {}
        for name, one in samples(people, decision, metric, half=fit).items():
            if one.rows * scale < min_cell:
                continue
            trials = max(1.0, float(np.floor(one.trials * scale)))
            groups[name] = Sample(
                hits=round(one.hits / one.trials * trials),
                trials=trials,
                rows=int(one.rows * scale),
                mass=trials,
                degrees=one.degrees,
            )
        if len(groups) < 2:
            return False
        gap = judge([Stratum(where={}, groups=groups, shared=people.clustered)], required.compare, required.bound, alpha=alpha)
        if gap.verdict is not Verdict.SATISFIED:
            return False
    return True
