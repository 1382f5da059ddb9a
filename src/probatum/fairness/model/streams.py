"""Bounds of a rate that hold at every moment of a stream, whether the rate is constant or drifts."""

from __future__ import annotations

import math

# Logarithms of odds ratios by which outcomes are bet on, and shares of the stake: 2^-j, and 1/(j+1)(j+2).
_BETS = [(2.0 ** (2 - j), 1 / ((j + 1) * (j + 2))) for j in range(14)]


def bounds(hits: float, trials: float, error: float) -> tuple[float, float]:
    """Return bounds of the average, so far, of the probabilities with which trials succeed.

    Parameters
    ----------
    hits, trials : float
    error : float
        Probability that they ever fail, for either end together.

    Notes
    -----
    For each l, exp(l S - sum log(1 + m_i (e^l - 1))) is a nonnegative martingale from 1, where m_i is the conditional
    probability of trial i, and log(1 + m (e^l - 1)) is concave in m, so that with the average of the m_i it is at most that.
    A mixture over fixed l exceeds 1/error at any time with probability at most `error` (Ville).
    """
    return _least(hits, trials, error / 2), 1 - _least(trials - hits, trials, error / 2)


def _least(hits: float, trials: float, error: float) -> float:
    low, high = 0.0, hits / trials if trials else 0.0
    for _ in range(60):
        middle = (low + high) / 2
        logs = [math.log(w) + bet * hits - trials * math.log1p(middle * math.expm1(bet)) for bet, w in _BETS]
        top = max(logs)
        if top + math.log(sum(math.exp(x - top) for x in logs)) >= -math.log(error):
            low = middle
        else:
            high = middle
    return low
