"""How strong something that was not measured would have to be to account for what is left.

References
----------
.. [1] VanderWeele, Ding. "Sensitivity analysis in observational research: introducing the E-value."
   Annals of Internal Medicine 167 (2017).
.. [2] Cinelli, Hazlett. "Making sense of sensitivity: extending omitted variable bias." J. Royal Statistical
   Society B 82 (2020).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from probatum.fairness.model.decomposition.fits import NoFit, least_squares, quantile
from probatum.fairness.model.decomposition.sample import Sample, without_dependent


@dataclass(frozen=True, slots=True)
class EValue:
    """Least association, as a risk ratio with the group and with the outcome, that could account for a risk ratio.

    Attributes
    ----------
    point : float
        For the estimate.
    limit : float
        For the end of the interval that is nearest to 1; 1 if the interval has 1 in it.
    """

    point: float
    limit: float


def e_value(ratio: float, low: float, high: float) -> EValue:
    """Return the E-value of a risk ratio and of its interval.

    Raises
    ------
    ValueError
        If they are not positive and in order.
    """
    if not 0 < low <= ratio <= high < math.inf:
        raise ValueError(f"{low:g}, {ratio:g}, {high:g} are not a risk ratio within its interval")

    def of(one: float) -> float:
        large = max(one, 1 / one)
        return large + math.sqrt(large * (large - 1))

    nearest = 1.0 if low <= 1 <= high else low if low > 1 else high
    return EValue(of(ratio), of(nearest))


def robustness(t: float, free: float, *, share: float = 1.0, alpha: float | None = None) -> float:
    """Return the robustness value.

    Parameters
    ----------
    t, free : float
        t-value of the coefficient, degrees of freedom.
    share : float
        How much of the coefficient is to be accounted for.
    alpha : float, optional
        To account for it so far that it is no longer significant at this level.

    Returns
    -------
    float
        Share of the rest of the variance, of the outcome and of the group alike, that something
        not measured would have to explain.
    """
    f = share * abs(t) / math.sqrt(free)
    critical = 0.0 if alpha is None else quantile(1 - alpha, free - 1) / math.sqrt(free - 1)
    left = f - critical
    if left <= 0:
        return 0.0
    if alpha is not None and f > 1 / critical:
        return (f * f - critical * critical) / (1 + f * f)
    return (math.sqrt(left**4 + 4 * left * left) - left * left) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """What something as strong as an observed block of characteristics would do.

    Attributes
    ----------
    block : str
    with_group, with_outcome : float
        Partial shares of variance that it would explain.
    adjusted : float or None
        The group's coefficient then; None if so strong a thing cannot exist.
    """

    block: str
    with_group: float
    with_outcome: float
    adjusted: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """How strong something not measured must be to account for the group's coefficient.

    Attributes
    ----------
    coefficient, se, free : float
        Of the group, with equal variances, which is what the formulas are about.
    robustness, robustness_significant : float
        To bring it to zero, and to where its interval reaches zero.
    benchmarks : tuple of Benchmark
    """

    coefficient: float
    se: float
    free: float
    robustness: float
    robustness_significant: float
    benchmarks: tuple[Benchmark, ...]


def sensitivity(sample: Sample, *, alpha: float = 0.05) -> Sensitivity:
    """Compute robustness values of the group's coefficient, and benchmarks by blocks.

    Raises
    ------
    NoFit
        If there are too few decisions, or the characteristics determine the outcome.
    """
    sample = without_dependent(sample)
    z = np.column_stack([sample.with_constant, sample.first])
    weight, many = sample.weight, sample.many
    full = least_squares(z, sample.y, weight, many=many)
    free = float(many.sum()) - z.shape[1]
    se = math.sqrt(full.classical[-1, -1])
    if se <= 1e-12 * abs(full.b[-1]) or se == 0:
        raise NoFit("the characteristics determine the outcome")
    b = float(full.b[-1])
    group = sample.first.astype(float)
    first = least_squares(z[:, :-1], group, weight, many=many)
    found = []
    for block in dict.fromkeys(sample.blocks):
        members = [at + 1 for at, own in enumerate(sample.blocks) if own == block]
        others = [at for at in range(z.shape[1]) if at not in members]
        less_y = least_squares(z[:, others], sample.y, weight, many=many).objective
        less_g = least_squares(z[:, others[:-1]], group, weight, many=many).objective
        of_y, of_g = (max(0.0, 1 - now / less) for now, less in ((full.objective, less_y), (first.objective, less_g)))
        found.append(_as_strong(block, of_g, of_y, b, math.sqrt(free) * se))
    t = b / se
    return Sensitivity(
        coefficient=b,
        se=se,
        free=free,
        robustness=robustness(t, free),
        robustness_significant=robustness(t, free, alpha=alpha),
        benchmarks=tuple(found),
    )


def _as_strong(block: str, of_group: float, of_outcome: float, b: float, scale: float) -> Benchmark:
    """Bounds of [2], section 4.4, for something once as strong."""
    if of_group >= 0.5 or of_outcome >= 1:
        return Benchmark(block=block, with_group=of_group, with_outcome=of_outcome, adjusted=None)
    with_group = of_group / (1 - of_group)
    shared = of_group**2 / ((1 - of_group) * (1 - of_group))
    with_outcome = ((1 + math.sqrt(shared)) / math.sqrt(1 - shared)) ** 2 * of_outcome / (1 - of_outcome)
    if with_outcome >= 1:
        return Benchmark(block=block, with_group=with_group, with_outcome=with_outcome, adjusted=None)
    bias = scale * math.sqrt(with_outcome * with_group / (1 - with_group))
    return Benchmark(block=block, with_group=with_group, with_outcome=with_outcome, adjusted=math.copysign(abs(b) - bias, b))


def e_value_of_rest(rate: float, rest: float, low: float, high: float) -> EValue | None:
    """Return the E-value of what is left of a gap of rates, as a risk ratio.

    Parameters
    ----------
    rate : float
        Of the group that is looked at, as observed; it is taken for known.
    rest, low, high : float
        What is left of the difference, with its interval: without it the rate would be `rate - rest`.

    Returns
    -------
    EValue or None
        None if a rate would not be between 0 and 1, so that there is no ratio.
    """
    would = [rate - one for one in (high, rest, low)]
    if not 0 < rate <= 1 or not all(0 < one <= 1 for one in would):
        return None
    least, middle, most = sorted(rate / one for one in would)
    return e_value(middle, least, most)
