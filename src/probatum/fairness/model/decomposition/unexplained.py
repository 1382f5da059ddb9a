"""Is more of a gap unexplained than a policy allows?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from probatum.fairness.artefacts.requirements.decomposition import DecompositionRequirement, Method
from probatum.fairness.model.decomposition.fits import NoFit
from probatum.fairness.model.decomposition.kitagawa import kitagawa
from probatum.fairness.model.decomposition.oaxaca import twofold
from probatum.fairness.model.decomposition.sample import Sample, without_dependent
from probatum.fairness.model.decomposition.terms import Split, Term
from probatum.fairness.model.gaps import Verdict

FEWEST_OUTCOMES = 10  # of each kind in each group: below, Student's interval of a mean is not to be trusted
FEWEST_CLUSTERS = 10
FEWEST_PER_COEFFICIENT = 10  # decisions of a group


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexplained:
    """The unexplained part of a gap, and whether it is what a policy allows.

    Attributes
    ----------
    verdict : Verdict
    term : Term
    split : Split
        All of the decomposition.
    needed : int
        About how many decisions would decide; 0 if unknown.
    """

    verdict: Verdict
    term: Term
    split: Split
    needed: int


def judge(sample: Sample, required: DecompositionRequirement, *, confidence: float) -> Unexplained:
    """Decompose, and compare the interval of the unexplained part with what is allowed.

    Parameters
    ----------
    confidence : float in (0, 1)
        Of the interval: probability, over samples, that the true part lies in it.

    Raises
    ------
    NoFit
        If there are too few decisions, outcomes or clusters for an interval that can be trusted.

    Notes
    -----
    `violated`: the whole interval is beyond the limit, on one side. `satisfied`: all of it is
    within, on both sides.
    """
    enough(sample)
    if required.method is Method.KITAGAWA:
        split, _ = kitagawa(sample, confidence=confidence)
        term = split["within strata"]
    else:
        smallest = min(sample.size(True), sample.size(False))
        coefficients = without_dependent(sample).x.shape[1] + 1
        if smallest < FEWEST_PER_COEFFICIENT * coefficients:
            raise NoFit(
                f"a group has {smallest} decisions for {coefficients} coefficients, "
                f"and {FEWEST_PER_COEFFICIENT * coefficients} are needed"
            )
        split = twofold(sample, reference=required.reference, confidence=confidence)
        term = split["unexplained"]
    low, high, se = term.low or 0.0, term.high or 0.0, term.se or 0.0
    if not (math.isfinite(low) and math.isfinite(high)) or se == 0:
        raise NoFit("nothing varies within the groups, so there is no interval")
    limit = required.at_most if required.at_most is not None else math.inf
    if low > limit or high < -limit:
        return Unexplained(verdict=Verdict.VIOLATED, term=term, split=split, needed=0)
    if -limit <= low and high <= limit:
        return Unexplained(verdict=Verdict.SATISFIED, term=term, split=split, needed=0)
    # The interval shrinks with the root of the number; what is seen now is taken for the truth.
    distance = abs(abs(term.value) - limit)
    reach = (high - low) / 2
    needed = math.ceil(sample.n * (reach / distance) ** 2) if distance > reach / 100 else 0
    return Unexplained(verdict=Verdict.OPEN, term=term, split=split, needed=needed)


def enough(sample: Sample) -> None:
    """Check that there are enough outcomes and clusters.

    Raises
    ------
    NoFit
        If there are not, with what there is.
    """
    for first, name in ((True, sample.pair[0]), (False, sample.pair[1])):
        if not (sample.first == first).any():
            raise NoFit(f"`{name}` has no complete row")
    if sample.binary:
        for first, name in ((True, sample.pair[0]), (False, sample.pair[1])):
            rows = sample.first == first
            for value in (0.0, 1.0):
                seen = round(float(sample.many[rows & (sample.y == value)].sum()))
                if seen < FEWEST_OUTCOMES:
                    raise NoFit(f"`{name}` has {seen} outcomes that are {value:g}, and {FEWEST_OUTCOMES} are needed")
    if sample.cluster is not None:
        clusters = min(len(np.unique(sample.cluster[sample.first == first])) for first in (True, False))
        if clusters < FEWEST_CLUSTERS:
            raise NoFit(f"a group has {clusters} clusters, and {FEWEST_CLUSTERS} are needed")
