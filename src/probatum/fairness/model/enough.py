"""How many times as much data would decide what this much does not."""

from __future__ import annotations

from collections.abc import Callable

_MOST = 2**24  # beyond which nothing is promised any more
_NEAR = 0.01  # relative


def times_needed(decides: Callable[[float], bool]) -> float:
    """Return how many times as many units would decide; 0 if no number would.

    Parameters
    ----------
    decides : callable of a number above 0
        Whether that many times as many would; if some number does, so do all above.
    """
    above = 1.0
    while not decides(above):
        above *= 2
        if above > _MOST:
            return 0.0
    below = above / 2
    while above - below > _NEAR * above:
        middle = (above + below) / 2
        below, above = (below, middle) if decides(middle) else (middle, above)
    return above
