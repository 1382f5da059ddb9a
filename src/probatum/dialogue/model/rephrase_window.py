"""How long after a request another one can be a second try."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_GAPS = 200  # between requests, of which a mixture can be fitted


def rephrase_window(gaps_s: NDArray[np.float64]) -> float | None:
    """Return the silence after which a request is as likely a new one as a second try, in seconds; None if gaps do not say.

    Two log-normal distributions are fitted to the gaps by expectation-maximisation, and the larger
    crossing of their densities is taken. Gaps do not say where there are fewer than `LEAST_GAPS`, where one
    distribution explains them as well (by the Bayesian information criterion), or where the densities do not cross between the means.

    Parameters
    ----------
    gaps_s : array of shape (n,)
        Positive, in seconds.
    """
    import numpy as np

    logs = np.log(gaps_s[(gaps_s > 0) & np.isfinite(gaps_s)])
    if len(logs) < LEAST_GAPS or float(np.std(logs)) < 1e-6:
        return None
    means = np.quantile(logs, [0.2, 0.8])
    spreads = np.full(2, float(np.std(logs)))
    shares = np.full(2, 0.5)
    last = -math.inf
    floor = 0.05 * float(np.std(logs))  # INVARIANT: no component may shrink to a point
    for _ in range(500):
        dense = shares * np.exp(-0.5 * ((logs[:, None] - means) / spreads) ** 2) / (spreads * math.sqrt(2 * math.pi))
        total = np.maximum(dense.sum(axis=1), 1e-300)
        likely = float(np.log(total).sum())
        if likely - last < 1e-7 * len(logs):
            break
        last = likely
        duty = dense / total[:, None]
        weight = np.maximum(duty.sum(axis=0), 1e-12)
        shares, means = weight / len(logs), duty.T @ logs / weight
        spreads = np.maximum(np.sqrt((duty * (logs[:, None] - means) ** 2).sum(axis=0) / weight), floor)
    one = float(-0.5 * len(logs) * (math.log(2 * math.pi * float(np.var(logs))) + 1))
    if 2 * (last - one) <= 3 * math.log(len(logs)):  # three parameters more
        return None
    low, high = int(np.argmin(means)), int(np.argmax(means))
    grid = np.linspace(means[low], means[high], 2001)
    each = [np.log(shares[k]) - np.log(spreads[k]) - 0.5 * ((grid - means[k]) / spreads[k]) ** 2 for k in (low, high)]
    crossing = np.flatnonzero(np.diff(np.sign(each[0] - each[1])))
    return None if not len(crossing) else float(np.exp(grid[crossing[-1]]))
