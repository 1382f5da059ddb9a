"""Bootstrap: how much an estimate moves when decisions, or whole clusters, are drawn again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from probatum.fairness.model.decomposition.fits import NoFit
from probatum.fairness.model.decomposition.sample import Floats, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampled:
    """Estimates of many samples drawn from one.

    Attributes
    ----------
    values : array of shape (draws, k)
    failed : int
        Samples for which there was no estimate; they are left out, so intervals are of the others.
    """

    values: Floats
    failed: int

    @property
    def se(self) -> Floats:
        """Standard deviations, of shape (k,)."""
        found: Floats = self.values.std(axis=0, ddof=1)
        return found

    def interval(self, confidence: float) -> tuple[Floats, Floats]:
        """Percentiles, each of shape (k,)."""
        tail = (1 - confidence) / 2
        low, high = np.quantile(self.values, [tail, 1 - tail], axis=0)
        return low, high


def resampled(sample: Sample, statistic: Callable[[Sample], Floats], *, draws: int, seed: int) -> Resampled:
    """Draw samples with replacement, decisions or clusters, and estimate from each.

    Parameters
    ----------
    statistic : callable
        Returns an array of shape (k,); may raise `NoFit`.

    Raises
    ------
    NoFit
        If fewer than half of the samples have an estimate.
    """
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(draws):
        if sample.cluster is None:
            n = round(float(sample.many.sum()))
            drawn = rng.multinomial(n, sample.many / sample.many.sum()).astype(float)
        else:
            groups = int(sample.cluster.max()) + 1
            drawn = rng.multinomial(groups, np.full(groups, 1 / groups))[sample.cluster] * sample.many
        rows = drawn > 0
        try:
            values.append(statistic(replace(sample, many=drawn).taken(rows)))
        except NoFit:
            continue
    if 2 * len(values) < draws:
        raise NoFit(f"only {len(values)} of {draws} samples drawn again have an estimate")
    return Resampled(values=np.array(values), failed=draws - len(values))
