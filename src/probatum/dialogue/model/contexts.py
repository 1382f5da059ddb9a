"""Whether the same words work differently in another context: only then are they two states.

Splitting every text by every circumstance would leave too few users in each part
to know anything. So a text is split by a circumstance (a screen, the application
in front) only where outcomes differ by it, after correction for how many texts
were looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincc

Counts: TypeAlias = Mapping[tuple[int, str], tuple[float, int]]

FALSE_SPLITS = 0.05
FEWEST_EXPECTED = 5.0  # users in each cell, below which the distribution of the statistic is not known


def splits(counts: Counts, *, rate: float = FALSE_SPLITS) -> frozenset[int]:
    """Return texts whose outcomes depend on the context.

    Parameters
    ----------
    counts : mapping of (text, context) to (successes, users)
        Users who said the text in the context, each in one of them, and the sum of their shares of success.
    rate : float in (0, 1)
        Largest share, on average, of texts among those returned for which the context does not matter.

    Notes
    -----
    The G-test of independence, ``2 sum(O ln(O / E))``, which is chi-squared with one degree of freedom less than there are
    contexts, for large samples: texts with an expected count below 5 in any cell are left whole, and so are parts that
    would be. Then Benjamini and Hochberg's step-up procedure over all texts that were tested [1]_.

    References
    ----------
    .. [1] Benjamini, Hochberg. "Controlling the false discovery rate." Journal of the Royal Statistical Society B 57 (1995).
    """
    by_text: dict[int, list[tuple[float, int]]] = {}
    for (text, _), (successes, users) in counts.items():
        if not 0 <= successes <= users:
            raise ValueError(f"{successes:g} of {users} users is not a count of successes")
        by_text.setdefault(text, []).append((successes, users))
    tested = {text: p for text, rows in by_text.items() if (p := _p_value(rows)) is not None}
    order = sorted(tested, key=lambda text: (tested[text], text))
    last = max((k for k, text in enumerate(order, start=1) if tested[text] <= rate * k / len(order)), default=0)
    return frozenset(order[:last])


def _p_value(rows: Sequence[tuple[float, int]]) -> float | None:
    """Return the p-value of the G-test of a text, or None if there is too little to test."""
    well: NDArray[np.float64] = np.array([successes for successes, users in rows if users > 0], dtype=float)
    total: NDArray[np.float64] = np.array([users for _, users in rows if users > 0], dtype=float)
    if len(total) < 2 or well.sum() in (0.0, total.sum()):
        return None
    seen = np.stack([well, total - well])
    expected = seen.sum(axis=1, keepdims=True) * total / total.sum()
    if expected.min() < FEWEST_EXPECTED:
        return None
    terms = np.where(seen > 0, seen * np.log(np.where(seen > 0, seen, 1.0) / expected), 0.0)
    return float(gammaincc((len(total) - 1) / 2, max(0.0, float(terms.sum()))))
