"""Is a slice worse than everyone by more than allowed, whatever chance did? Exact for rates, by clusters for ratios.

Everyone's loss is a mixture of the slice's and the others', in the shares that
the confirming half has, so with `w` the slice's share,
``slice - everyone = (1 - w) (slice - others)``. Rates of independent rows have
exact bounds: the slice's by Clopper and Pearson at nine tenths of the level, the
others', who are many, at a tenth. All else is a ratio of sums over clusters,
with the variance of its linear part and Student's distribution.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SLICE, _REST = 0.9, 0.1  # of the level; fixed, so that the bounds hold together
_FEWEST = 5  # clusters with a part in the slice, below which a variance is not known
_LEAST_WORTH = 2.0  # clusters of equal size that they are worth


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
        Over clusters, sums of products: `aa`, `ab`, `aA`, ..., `BB`.
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
        return Sums(
            rows=int(read["rows"]),
            a=read["a"],
            b=read["b"],
            all_a=read["A"],
            all_b=read["B"],
            products={name: read[name] for name in ("aa", "ab", "aA", "aB", "bb", "bA", "bB", "AA", "AB", "BB")},
            clusters=int(read["clusters"]),
            all_clusters=int(read["all"]),
            exact=rate and read["all"] == read["total"],
        )

    @property
    def excess(self) -> float:
        """The slice's loss less everyone's; NaN if nothing counts."""
        return self.a / self.b - self.all_a / self.all_b if self.b > 0 else math.nan

    @property
    def error(self) -> tuple[float, float]:
        """Standard error of the excess, and degrees of freedom; (inf, 0) where it is not known.

        Clusters count by their size: of so many equal ones the slice's mean would be as sure (Kish), and one less is
        known of its variance. In simulations with 6 to 40 skewed clusters, one-sided bounds at 5 % failed in up to 15 % of
        samples on the side of the long tail, and in up to 25 % where all clusters counted alike.
        """
        worth = self.b**2 / self.products["bb"] if self.b > 0 else 0.0
        if self.clusters < _FEWEST or worth < _LEAST_WORTH or self.clusters == self.all_clusters == 1:
            return math.inf, 0
        slice_mean, mean = self.a / self.b, self.all_a / self.all_b
        # The excess moves by (a - r b) / sum(b) - (A - R B) / sum(B) with each cluster.
        weight = {"a": 1 / self.b, "b": -slice_mean / self.b, "A": -1 / self.all_b, "B": mean / self.all_b}
        names = ("a", "b", "A", "B")
        square = sum(
            (1 if x == y else 2) * weight[x] * weight[y] * self.products[x + y] for i, x in enumerate(names) for y in names[i:]
        )
        many = self.all_clusters
        # Few clusters in the slice: its mean is fitted to them, which hides some of their variance.
        return math.sqrt(max(0.0, square) * many / (many - 1) * worth / (worth - 1)), worth - 1


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
    error, freedom = sums.error
    if not freedom:
        return 1.0
    from scipy.stats import t

    # Every cluster alike: no variance is seen, and none can be ruled out.
    return float(t.sf((sums.excess - bound) / error, freedom)) if error > 0 else 1.0


def excess_low(sums: Sums, alpha: float) -> float:
    """Return a lower bound of the excess at level alpha; -inf where there is none."""
    if sums.b <= 0:
        return -math.inf
    if sums.exact:
        return _excess_low(sums, alpha)
    error, freedom = sums.error
    if not freedom or error <= 0:
        return -math.inf
    from scipy.stats import t

    return float(sums.excess - t.isf(alpha, freedom) * error)


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
    error, freedom = sums.error
    if not freedom or error <= 0:
        return math.inf
    from scipy.stats import t

    return float(sums.excess + t.isf(alpha, freedom) * error)


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
    if not far > 0 or sums.b <= 0:
        return 0
    from scipy.stats import norm

    if sums.exact:
        rate = min(max(sums.a / sums.b, 0.5 / sums.b), 1 - 0.5 / sums.b)
        variance = rate * (1 - rate)
    else:
        error, freedom = sums.error
        if not freedom:
            return 0
        variance = error**2 * sums.rows
    # Seen again with even odds at level alpha, plus a margin for four chances in five.
    return math.ceil(variance * float((norm.isf(alpha) + norm.isf(0.2)) / far) ** 2)
