"""Regressions: least squares, logit and probit, with covariances that hold under unequal variances and in clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from probatum.fairness.model.decomposition.sample import Codes, Floats, independent

Link = Literal["logit", "probit"]

_STEPS = 100
_CLOSE = 1e-11  # relative change of the likelihood at which Newton's steps end
_SEPARATED = 30.0  # a linear predictor beyond this is a probability of 1e-13: no finite coefficients fit best


class NoFit(ValueError):
    """A regression has no answer; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A regression.

    Attributes
    ----------
    b : array of shape (p,)
        Coefficients; 0 for columns that are not `kept`.
    bread : array of shape (p, p)
        Inverse of the negative second derivative of the objective; zero rows for what is not kept.
    slope : array of shape (n,)
        Derivative of the objective by the linear predictor, for one decision of each row.
    kept : tuple of int
        Columns that the columns before them do not determine.
    objective : float
        Sum of squares, or log-likelihood.
    classical : array of shape (p, p)
        Covariance if the model is true in all its parts.
    """

    b: Floats
    bread: Floats
    slope: Floats
    kept: tuple[int, ...]
    objective: float
    classical: Floats

    def influence(self, x: Floats, rows: slice = slice(None)) -> Floats:
        """Return how much each decision moves the coefficients, of shape (n, p), from the characteristics of these rows."""
        moved: Floats = (x * self.slope[rows, None]) @ self.bread
        return moved


def least_squares(x: Floats, y: Floats, weight: Floats, *, many: Floats | None = None) -> Fit:
    """Fit a linear regression.

    Parameters
    ----------
    x : array of shape (n, p)
        With a column of ones where there is to be a constant.
    y, weight : arrays of shape (n,)
        Weights are positive; a row's weight is that of one decision times their number.
    many : array of shape (n,), optional
        For how many decisions a row stands.

    Raises
    ------
    NoFit
        If there are no more decisions than coefficients.
    """
    many = np.ones(len(y)) if many is None else many
    kept = independent(x * np.sqrt(weight)[:, None]) if len(y) else []
    free = float(many.sum()) - len(kept)
    if not kept or free <= 0:
        raise NoFit(f"{int(many.sum())} decisions do not determine {x.shape[1]} coefficients")
    inner = x[:, kept]
    root = np.sqrt(weight)
    # An orthogonal factorisation, not the normal equations: it loses half as many digits.
    q, r = np.linalg.qr(inner * root[:, None])
    solved = np.linalg.solve(r, q.T @ (root * y))
    inverse = np.linalg.inv(r)
    small = inverse @ inverse.T
    residual = y - inner @ solved
    squares = float(weight @ residual**2)
    p = x.shape[1]
    b, bread = np.zeros(p), np.zeros((p, p))
    b[kept] = solved
    bread[np.ix_(kept, kept)] = small
    scale = squares / free * float(many.sum()) / float(weight.sum())
    return Fit(b=b, bread=bread, slope=weight / many * residual, kept=tuple(kept), objective=squares, classical=scale * bread)


def likeliest(x: Floats, y: Floats, weight: Floats, *, link: Link = "logit", many: Floats | None = None) -> Fit:
    """Fit a regression of a probability by maximum likelihood.

    Parameters
    ----------
    y : array of shape (n,)
        0 or 1.

    Raises
    ------
    NoFit
        If all outcomes are alike, or characteristics tell the outcomes apart without error (separation).

    Notes
    -----
    Newton's method with halved steps; both objectives are concave, so what it finds is the maximum.
    """
    if not np.isin(y, (0.0, 1.0)).all():
        raise NoFit("outcomes are not 0 or 1")
    share = float(weight @ y) / float(weight.sum()) if len(y) else 0.0
    if not 0 < share < 1:
        raise NoFit("all outcomes are alike")
    many = np.ones(len(y)) if many is None else many
    kept = independent(x * np.sqrt(weight)[:, None])
    inner = x[:, kept]
    scale = np.maximum(np.abs(inner).max(axis=0), 1e-300)
    scaled = inner / scale
    b = np.zeros(len(kept))
    value, slope, curve = _likelihood(scaled @ b, y, link)
    total = float(weight @ value)
    for _ in range(_STEPS):
        gradient = scaled.T @ (weight * slope)
        hessian = scaled.T @ (scaled * (weight * curve)[:, None])
        try:
            step = np.linalg.solve(hessian, gradient)
        except np.linalg.LinAlgError:
            raise NoFit("characteristics tell the outcomes apart without error") from None
        size, found = 1.0, False
        for _ in range(40):
            tried = b + size * step
            value, slope, curve = _likelihood(scaled @ tried, y, link)
            new = float(weight @ value)
            if new >= total - 1e-13 * abs(total):
                found = True
                break
            size /= 2
        if not found:
            break
        b, change, total = tried, abs(new - total), new
        if np.abs(scaled @ b).max() > _SEPARATED * (1 if link == "logit" else 0.27):
            _check_separation(scaled @ b, y)
        if change <= _CLOSE * (abs(total) + 1e-12) and float(np.abs(size * step).max()) < 1e-7 * (1 + float(np.abs(b).max())):
            break
    else:
        raise NoFit("characteristics tell the outcomes apart without error in a part of the table")
    predicted = scaled @ b
    value, slope, curve = _likelihood(predicted, y, link)
    hessian = scaled.T @ (scaled * (weight * curve)[:, None])
    if np.linalg.cond(hessian) > 1e13:
        raise NoFit("characteristics tell the outcomes apart without error in a part of the table")
    small = np.linalg.inv(hessian) / np.outer(scale, scale)
    p = x.shape[1]
    full, bread = np.zeros(p), np.zeros((p, p))
    full[kept] = b / scale
    bread[np.ix_(kept, kept)] = small
    return Fit(b=full, bread=bread, slope=weight / many * slope, kept=tuple(kept), objective=total, classical=bread)


def _check_separation(predicted: Floats, y: Floats) -> None:
    if (np.where(y == 1, predicted, -predicted) > 0).all():
        raise NoFit("characteristics tell the outcomes apart without error")


def _likelihood(predicted: Floats, y: Floats, link: Link) -> tuple[Floats, Floats, Floats]:
    """Return the log-likelihood of each row, its derivative by the predictor, and its negative second derivative."""
    sign = 2 * y - 1
    if link == "logit":
        value = -np.logaddexp(0.0, -sign * predicted)
        p = probability(predicted, link)
        return value, y - p, p * (1 - p)
    from scipy import special

    own = sign * predicted
    value = special.log_ndtr(own)
    # Density by distribution, in logarithms: both vanish together far out.
    ratio = np.exp(-0.5 * own**2 - 0.5 * np.log(2 * np.pi) - value)
    return value, sign * ratio, ratio * (own + ratio)


def probability(predicted: Floats, link: Link) -> Floats:
    """Return the probability of a linear predictor."""
    from scipy import special

    found: Floats = special.expit(predicted) if link == "logit" else special.ndtr(predicted)
    return found


def density(predicted: Floats, link: Link) -> Floats:
    """Return the derivative of `probability`."""
    if link == "logit":
        p = probability(predicted, link)
        return p * (1 - p)
    found: Floats = np.exp(-0.5 * predicted**2) / np.sqrt(2 * np.pi)
    return found


@dataclass(slots=True)
class Spread:
    """Adds up how much independent units move estimates, a few rows at a time.

    Notes
    -----
    The covariance is the sum over units of influence times influence, times n / (n - p) without
    clusters (HC1) [1]_; with G clusters G / (G - 1) (n - 1) / (n - p), and G - 1 degrees of freedom [2]_.

    References
    ----------
    .. [1] MacKinnon, White. "Some heteroskedasticity-consistent covariance matrix estimators with improved
       finite sample properties." Journal of Econometrics 29 (1985).
    .. [2] Cameron, Miller. "A practitioner's guide to cluster-robust inference." J. Human Resources 50 (2015).
    """

    many: Floats
    cluster: Codes | None
    _sums: Floats | None = None
    _present: Codes | None = None

    def add(self, influence: Floats, rows: slice = slice(None)) -> None:
        """Add the influences of some rows, of shape (m, k), each for one decision."""
        width = influence.shape[1]
        if self.cluster is None:
            if self._sums is None:
                self._sums = np.zeros((width, width))
            self._sums += influence.T @ (influence * self.many[rows, None])
            return
        if self._sums is None:
            self._sums = np.zeros((int(self.cluster.max()) + 1, width))
        own, codes = influence * self.many[rows, None], self.cluster[rows]
        order = np.argsort(codes, kind="stable")
        starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        self._sums[codes[order][starts]] += np.add.reduceat(own[order], starts, axis=0)

    def covariance(self, *, coefficients: int) -> tuple[Floats, float]:
        """Return the covariance, and the degrees of freedom of its intervals.

        Parameters
        ----------
        coefficients : int
            How many were estimated, for the correction for small samples.

        Raises
        ------
        NoFit
            If there are fewer than two independent units.
        """
        n = float(self.many.sum())
        units = self.units
        if units < 2 or n <= coefficients or self._sums is None:
            raise NoFit(f"{units} independent {'clusters' if self.cluster is not None else 'decisions'} give no standard error")
        if self.cluster is None:
            return n / (n - coefficients) * self._sums, n - coefficients
        return units / (units - 1) * (n - 1) / (n - coefficients) * (self._sums.T @ self._sums), units - 1.0

    @property
    def units(self) -> int:
        """Number of independent units."""
        return round(float(self.many.sum())) if self.cluster is None else len(np.unique(self.cluster))


def covariance(influence: Floats, many: Floats, cluster: Codes | None, *, coefficients: int) -> tuple[Floats, float]:
    """Return the covariance of estimates from influences of shape (n, k), and its degrees of freedom; see `Spread`."""
    spread = Spread(many, cluster)
    spread.add(influence)
    return spread.covariance(coefficients=coefficients)


def quantile(confidence: float, free: float) -> float:
    """Return how many standard errors an interval reaches to each side (Student)."""
    from scipy import special

    return float(special.stdtrit(free, 0.5 + confidence / 2))
