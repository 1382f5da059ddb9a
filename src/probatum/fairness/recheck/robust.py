"""How sure, and how strong, a part of a disparity is: errors by influence, what weights are worth, what could explain it away.

The formulas are those of Kish (effective number), VanderWeele and Ding 2017 (E-value; of a difference that is no event
by Chinn 2000) and Cinelli and Hazlett 2020 (robustness value), each in a form of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.fairness.semantics.causal_rows import CausalRows
from probatum.fairness.semantics.causal_sample import CausalSample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_CHINN = 0.91  # logarithm of a risk ratio that a difference of one standard deviation stands for
_NEAR = 2e-3  # of an interval's width, and relative of weights: what two optimisers may differ by


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """The means whose differences are the parts.

    Attributes
    ----------
    means : mapping of str to float
        `mean` of the group, what it `would` be, and what it is `compared` with.
    influence : mapping of str to array of shape (n,)
        What each row moves them by; of those that are asked for.
    weights : array of shape (rows of group 1,)
        What each row of group 1 stands for.
    largest : float
        The most that a row stands for.
    """

    means: Mapping[str, float]
    influence: Mapping[str, Array]
    weights: Array
    largest: float


def error_of(influence: Array, rows: CausalRows) -> float:
    """Return the standard error of a mean of what each row moves it by."""
    import numpy as np

    influence = influence - influence.mean()
    n = len(influence)
    if rows.clusters is None:
        return math.sqrt(float((influence**2).sum())) / n
    sums = np.array([influence[rows.clusters == one].sum() for one in np.unique(rows.clusters)])
    return math.sqrt(float((sums**2).sum()) * len(sums) / (len(sums) - 1)) / n


def misstated(rows: CausalRows, claimed: Mapping[str, Any], ends: Ends, pair: tuple[str, str], factor: float) -> str:
    """Return what is said beside the parts and is otherwise; nothing if nothing is."""
    one, y = rows.group == 1, rows.outcome
    effective = float(ends.weights.sum() ** 2 / (ends.weights**2).sum())
    plain = {
        "crude": float(y[one].mean() - y[~one].mean()),
        "effective_rows": effective,
        "largest_weight": ends.largest,
    }
    for name, own in plain.items():
        if not math.isclose(claimed[name], own, rel_tol=1e-9 if name == "crude" else _NEAR, abs_tol=1e-12):
            return f"`{name}` is {own:.6g}, and the evidence says {claimed[name]}"
    own_logs, told = _logs(rows, ends, pair, factor), claimed["e_value"]
    if (own_logs is None) != (told is None):
        return "an E-value is said to exist and does not, or the other way round"
    if own_logs is None:
        return ""
    log, half = own_logs
    nearest = max(0.0, abs(log) - half)
    for own, said in zip((abs(log), nearest), told, strict=True):
        # The E-value of a ratio r is r + sqrt(r (r - 1)), so r = e^2 / (2 e - 1).
        near = 1e-9 if own == 0 and abs(log) < half * (1 - _NEAR) else _NEAR * 2 * half
        if not said >= 1 or abs(math.log(said**2 / (2 * said - 1)) - min(own, 300.0)) > near:
            return f"a risk ratio of {math.exp(min(own, 300.0)):.6g} has another E-value than {said}"
    return ""


def _logs(rows: CausalRows, ends: Ends, pair: tuple[str, str], factor: float) -> tuple[float, float] | None:
    """Return the logarithm of a risk ratio and half its interval; None where there is none."""
    more, less = pair
    a, b = ends.means[more], ends.means[less]
    y = rows.outcome
    if ((y == 0) | (y == 1)).all():
        if a <= 0 or b <= 0:
            return None
        log = math.log(a / b)
        moved = ends.influence[more] / a - ends.influence[less] / b
    else:
        deviation = float(y.std())
        if not deviation > 0:
            return None
        log = (a - b) * _CHINN / deviation
        moved = (ends.influence[more] - ends.influence[less]) * (_CHINN / deviation)
    half = factor * error_of(moved, rows)
    return (log, half) if math.isfinite(half) and abs(log) < 300 else None


def robustness(sample: CausalSample) -> float:
    """Return the share of what is left of mediator and outcome that a cause of both must explain for no reduction to remain."""
    import numpy as np

    rows = sample.size
    values = np.eye(len(sample.levels))[sample.mediator][:, 1:]
    short = np.column_stack([sample.group, np.ones(rows), sample.baseline])
    full = np.column_stack([values, sample.group, np.ones(rows), sample.confounders, sample.baseline])
    inverse = np.linalg.pinv(full)
    effects = inverse @ sample.outcome
    direction = np.zeros(full.shape[1])
    direction[: values.shape[1]] = (np.linalg.pinv(short) @ values)[0]
    freedom = rows - int(np.linalg.matrix_rank(full))
    left = sample.outcome - full @ effects
    # The variance of direction @ effects is that of what the rows' outcomes are weighted with.
    spread = direction @ inverse
    square = float(spread @ spread) * float(left @ left) / max(1, freedom)
    if square <= 0 or freedom <= 0:
        return 1.0
    f2 = float(direction @ effects) ** 2 / square / freedom
    return (math.sqrt(f2**2 + 4 * f2) - f2) / 2
