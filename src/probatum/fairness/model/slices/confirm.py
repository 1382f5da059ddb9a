"""Is a slice worse than everyone by more than allowed, whatever chance did? Exact for rates, by clusters for ratios.

Everyone's loss is a mixture of the slice's and the others', in the shares that
the confirming half has, so with `w` the slice's share,
``slice - everyone = (1 - w) (slice - others)``. Rates of independent rows have
exact bounds: the slice's by Clopper and Pearson at nine tenths of the level, the
others', who are many, at a tenth. All else is a ratio of sums over clusters, in
`ratio`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from probatum.fairness.model.slices import ratio
from probatum.fairness.model.slices.ratio import Spread, spread

_SLICE, _REST = 0.9, 0.1  # of the level; fixed, so that the bounds hold together


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Sums over the items of one half; what `semantics.items.sums` returns, named.

    Attributes
    ----------
    rows : int
        In the slice.
    a, b : float
        Loss and count of the slice.
    all_a, all_b : float
        Of everyone.
    products : mapping of str to float
        Over clusters, sums of products of two and three: `aa`, `ab`, ..., `BBB`; used where not `exact`.
    clusters, all_clusters : int
        With a part in the slice, and all.
    exact : bool
        Whether rows are independent, count 1 each, and lose 0 or 1.
    """

    rows: int
    a: float
    b: float
    all_a: float
    all_b: float
    products: Mapping[str, float]
    clusters: int
    all_clusters: int
    exact: bool

    @staticmethod
    def of(read: Mapping[str, float], *, rate: bool) -> Sums:
        """Name what was read."""
        exact = rate and read["all"] == read["total"]
        moments = {name: value for name, value in read.items() if len(name) > 1 and set(name) <= set("abAB")}
        return Sums(
            rows=int(read["rows"]),
            a=read["a"],
            b=read["b"],
            all_a=read["A"],
            all_b=read["B"],
            products={} if exact else moments,
            clusters=int(read["clusters"]),
            all_clusters=int(read["all"]),
            exact=exact,
        )

    @property
    def excess(self) -> float:
        """The slice's loss less everyone's; NaN if nothing counts."""
        return self.a / self.b - self.all_a / self.all_b if self.b > 0 else math.nan

    @property
    def spread(self) -> Spread:
        """How the excess varies from sample to sample, of clusters."""
        sums = {"a": self.a, "b": self.b, "A": self.all_a, "B": self.all_b}
        return spread(sums, self.products, clusters=self.clusters, every=self.all_clusters)


def p_value(sums: Sums, bound: float) -> float:
    """Return how surprising the sums are if the excess is at most `bound`; 1 where that cannot be said.

    Notes
    -----
    Exact rates: the smallest level at which the bounds exclude it, found by bisection to a
    relative precision of 1e-6, rounded up.
    """
    if not sums.excess > bound:
        return 1.0
    if sums.exact:
        if _excess_low(sums, 1e-300) > bound:
            return 1e-300
        low, high = math.log(1e-300), 0.0
        while high - low > 1e-6:
            middle = (low + high) / 2
            low, high = (low, middle) if _excess_low(sums, math.exp(middle)) > bound else (middle, high)
        return math.exp(high)
    return ratio.p_value(sums.excess, sums.spread, bound)


def excess_low(sums: Sums, alpha: float) -> float:
    """Return a lower bound of the excess at level alpha; -inf where there is none."""
    if sums.b <= 0:
        return -math.inf
    if sums.exact:
        return _excess_low(sums, alpha)
    return ratio.low(sums.excess, sums.spread, alpha)


def _excess_low(sums: Sums, alpha: float) -> float:
    from scipy.special import betaincinv

    others, lost = sums.all_b - sums.b, sums.all_a - sums.a
    if others <= 0:
        return 0.0
    low = float(betaincinv(sums.a, sums.b - sums.a + 1, alpha * _SLICE)) if sums.a > 0 else 0.0
    high = float(betaincinv(lost + 1, others - lost, 1 - alpha * _REST)) if lost < others else 1.0
    if alpha * _REST < 1e-12 and lost < others:  # 1 - alpha loses its digits
        from scipy.special import betainccinv

        high = float(betainccinv(lost + 1, others - lost, alpha * _REST))
    return (low - high) * others / sums.all_b


def excess_high(sums: Sums, alpha: float) -> float:
    """Return an upper bound of the excess at level alpha; inf where there is none."""
    if sums.b <= 0:
        return math.inf
    if sums.exact:
        from scipy.special import betaincinv

        others, lost = sums.all_b - sums.b, sums.all_a - sums.a
        if others <= 0:
            return 0.0
        high = float(betaincinv(sums.a + 1, sums.b - sums.a, 1 - alpha * _SLICE)) if sums.a < sums.b else 1.0
        low = float(betaincinv(lost, others - lost + 1, alpha * _REST)) if lost > 0 else 0.0
        return (high - low) * others / sums.all_b
    return ratio.high(sums.excess, sums.spread, alpha)


def holm(values: Sequence[float]) -> list[float]:
    """Return p-values that hold together: Holm's, in the order given.

    References
    ----------
    Holm. "A simple sequentially rejective multiple test procedure." Scandinavian Journal of Statistics 6 (1979).
    """
    order = sorted(range(len(values)), key=lambda n: values[n])
    found = [0.0] * len(values)
    most = 0.0
    for rank, n in enumerate(order):
        most = max(most, min(1.0, values[n] * (len(values) - rank)))
        found[n] = most
    return found


def needed(sums: Sums, bound: float, alpha: float) -> int:
    """Return about how many rows of the slice would show the excess that was seen; 0 if no number would."""
    far = sums.excess - bound
    if not far > 0 or sums.b <= 0 or sums.b >= sums.all_b:
        return 0
    from scipy.stats import norm

    margin = float(norm.isf(0.2))  # seen again with even odds, plus a margin for four chances in five
    if sums.exact:
        # Both bounds give way at once, each by its own share of the level, in the share of rows that the slice has now.
        share = sums.b / sums.all_b
        own, rest = (
            _deviation(sums.a, sums.b),
            _deviation(sums.all_a - sums.a, sums.all_b - sums.b) * math.sqrt(share / (1 - share)),
        )
        reach = float(norm.isf(alpha * _SLICE)) * own + float(norm.isf(alpha * _REST)) * rest + margin * math.hypot(own, rest)
        wanted = ((1 - share) * reach / far) ** 2
    else:
        seen = sums.spread
        if not seen.freedom:
            return 0
        wanted = seen.error**2 * sums.rows * ((float(norm.isf(alpha)) + margin) / far) ** 2
    # What was seen did not decide, whatever is said about what may.
    return max(sums.rows + 1, math.ceil(wanted))


def _deviation(lost: float, of: float) -> float:
    """Return the standard deviation of one row's loss; never that of a rate of 0 or 1."""
    rate = min(max(lost / of, 0.5 / of), 1 - 0.5 / of)
    return math.sqrt(rate * (1 - rate))
