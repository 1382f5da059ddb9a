"""E-values: evidence that is on average at most 1 where a hypothesis is true, put together and decided over many hypotheses."""

from __future__ import annotations

import math
from collections.abc import Sequence


def log_mean(log_e_values: Sequence[float]) -> float:
    """Return the logarithm of the mean of e-values of one hypothesis: an e-value too, however they depend on each other.

    Parameters
    ----------
    log_e_values : sequence of float, at least 1
        Natural logarithms; minus infinity for an e-value of 0.

    Raises
    ------
    ValueError
        If there is none.

    References
    ----------
    .. [1] Vovk, Wang. "E-values: calibration, combination and applications." Annals of Statistics 49 (2021), arXiv:1912.06116,
       proposition 3.1: no symmetric way is much better that is valid under any dependence.

    Examples
    --------
    >>> round(math.exp(log_mean([math.log(30), 0.0, math.log(5)])), 6)
    12.0
    """
    if not log_e_values:
        raise ValueError("0 e-values have no mean; at least 1 is needed")
    top = max(log_e_values)
    if math.isinf(top):
        return top
    return top + math.log(math.fsum(math.exp(one - top) for one in log_e_values) / len(log_e_values))


def e_bh(log_e_values: Sequence[float], *, alpha: float) -> tuple[int, ...]:
    """Return which of many hypotheses to reject, so that of the rejected at most a share alpha is true on average.

    Parameters
    ----------
    log_e_values : sequence of float
        Natural logarithms of an e-value for each hypothesis.
    alpha : float in (0, 1)
        Largest false discovery rate.

    Returns
    -------
    tuple of int
        Their places, ascending.

    Notes
    -----
    Those with the k largest e-values, for the largest k of which the smallest is at least ``n / (alpha k)`` [1]_. Valid
    however the e-values depend on each other, as they do when the same people see many changes. O(n log n).

    References
    ----------
    .. [1] Wang, Ramdas. "False discovery rate control with e-values." Journal of the Royal Statistical Society B 84
       (2022), arXiv:2009.02824.

    Examples
    --------
    >>> e_bh([math.log(81), math.log(1), math.log(26), math.log(25)], alpha=0.05)
    (0,)
    >>> e_bh([math.log(81), math.log(1), math.log(28), math.log(27)], alpha=0.05)
    (0, 2, 3)
    """
    if not 0 < alpha < 1:
        raise ValueError(f"{alpha:g} is not a rate of false discoveries")
    order = sorted(range(len(log_e_values)), key=lambda at: (-log_e_values[at], at))
    rejected = 0
    for k, at in enumerate(order, start=1):
        if log_e_values[at] >= math.log(len(order) / (alpha * k)):
            rejected = k
    return tuple(sorted(order[:rejected]))
