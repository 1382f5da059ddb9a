"""Rates that borrow from each other, for people to look at; no claim is made of them."""

from __future__ import annotations

from collections.abc import Sequence


def shrunk(seen: Sequence[tuple[float, float]]) -> list[float]:
    """Return the posterior means of rates under a beta prior fitted to all of them.

    Parameters
    ----------
    seen : sequence of (hits, trials)

    Notes
    -----
    The prior's mean is the pooled rate, and its size the moment estimate from the spread of the
    rates beyond what binomials have [1]_; if they spread no more, all are the pooled rate.

    References
    ----------
    .. [1] Kleinman. "Proportions with extraneous variance." JASA 68 (1973).
    """
    trials = sum(n for _, n in seen)
    if not trials:
        return [0.0 for _ in seen]
    mean = sum(k for k, _ in seen) / trials
    spread = sum(n * (k / n - mean) ** 2 for k, n in seen if n)
    groups = sum(1 for _, n in seen if n)
    inner = trials - sum(n * n for _, n in seen) / trials
    noise = mean * (1 - mean)
    if noise <= 0 or inner <= 0:
        return [mean for _ in seen]
    # E(spread) = noise ((groups - 1) (1 - rho) + rho inner), rho the correlation within a group
    rho = (spread / noise - (groups - 1)) / max(inner - (groups - 1), 1e-12)
    if rho <= 0:
        return [mean for _ in seen]
    size = (1 - min(rho, 1 - 1e-12)) / min(rho, 1 - 1e-12)
    return [(k + size * mean) / (n + size) for k, n in seen]
