"""How strong would what nobody measured have to be?

`e_value`: VanderWeele and Ding (Annals of Internal Medicine 2017). `Robustness`:
Cinelli and Hazlett (JRSS B 2020), for the reduction of a disparity as Park,
Kang, Lee and Ma (2023): how the mediator differs between groups needs no model
of what is unmeasured, so all bias is that of the mediator's effect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from probatum.fairness.model.causal.estimates import Influenced
from probatum.fairness.model.causal.linear import LinearReduction

# Logarithm of the risk ratio that a standardised difference of 1 stands for (Chinn, Statistics in Medicine 2000).
_OF_DIFFERENCE = 0.91


@dataclass(frozen=True, slots=True)
class EValue:
    """Risk ratio that an unmeasured cause must have with both sides to explain an estimate, and its interval, away."""

    point: float
    limit: float


def e_value(ratio: float) -> float:
    """Return the E-value of a risk ratio; 1 if it is 1."""
    if not (ratio > 0 and math.isfinite(ratio)):
        raise ValueError(f"a risk ratio is positive and finite, not {ratio}")
    larger = max(ratio, 1 / ratio)
    return larger + math.sqrt(larger * (larger - 1))


def e_values(more: Influenced, less: Influenced, *, confidence: float, deviation: float | None = None) -> EValue | None:
    """E-values of a difference of two means, of its estimate and of the limit nearer to no difference.

    Parameters
    ----------
    more, less : Influenced
        Means whose difference is asked about; of events, both positive.
    deviation : float, optional
        Standard deviation of an outcome that is no event: the difference in its units is
        turned into an approximate ratio.

    Returns
    -------
    EValue or None
        None where no ratio exists: a risk of 0, an outcome that does not vary.
    """
    if deviation is None:
        if more.value <= 0 or less.value <= 0:
            return None
        log = more.log() - less.log()
    elif deviation > 0:
        log = (more - less) * (_OF_DIFFERENCE / deviation)
    else:
        return None
    low, high = log.interval(confidence)
    if not (math.isfinite(low) and math.isfinite(high) and abs(log.value) < 300):
        return None
    nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    return EValue(e_value(math.exp(log.value)), e_value(math.exp(min(nearest, 300.0))))


@dataclass(frozen=True, slots=True)
class Robustness:
    """How the linear reduction changes under an unmeasured cause of mediator and outcome.

    Attributes
    ----------
    estimate : float
    effect_error : float
        Standard error of the effect part.
    freedom : int
    """

    estimate: float
    effect_error: float
    freedom: int

    @staticmethod
    def of(found: LinearReduction) -> Robustness:
        """Take what is needed from a linear decomposition."""
        return Robustness(found.reduction.value, found.effect_error, found.freedom)

    def bias(self, with_outcome: float, with_mediator: float) -> float:
        """Return the largest bias, in either direction.

        Parameters
        ----------
        with_outcome, with_mediator : float in [0, 1), [0, 1)
            Shares of what is left of the outcome, and of the mediator, that the unmeasured
            cause explains after all measured ones (partial R squared).
        """
        if not (0 <= with_outcome <= 1 and 0 <= with_mediator < 1):
            raise ValueError("a share of what is left lies between 0 and 1")
        return self.effect_error * math.sqrt(self.freedom * with_outcome * with_mediator / (1 - with_mediator))

    def value(self, share: float = 1.0) -> float:
        """Return the partial R squared with both at which `share` of the estimate may be bias; 1 means more than that."""
        if self.effect_error <= 0 or self.freedom <= 0:
            return 1.0
        f = share * abs(self.estimate) / self.effect_error / math.sqrt(self.freedom)
        return (math.sqrt(f**4 + 4 * f**2) - f**2) / 2

    def contour(self, with_mediator: float, left: float = 0.0) -> float | None:
        """Return the share with the outcome at which the estimate may shrink to `left`; None if no share is enough."""
        needed = abs(self.estimate - left)
        unit = self.bias(1.0, with_mediator)
        if needed == 0:
            return 0.0
        return None if unit == 0 or needed > unit else (needed / unit) ** 2
