"""A gap between rates as differences of composition and differences within strata.

With shares p and rates y of strata k,

    gap = sum_k (pA_k - pB_k) (yA_k + yB_k) / 2 + sum_k (yA_k - yB_k) (pA_k + pB_k) / 2   [1]_.

Strata that only one group has cannot be compared; what they contribute stands apart [2]_.

References
----------
.. [1] Kitagawa. "Components of a difference between two rates." J. American Statistical Association 50 (1955).
.. [2] Nopo. "Matching as a tool to decompose wage gaps." Review of Economics and Statistics 90 (2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from probatum.fairness.model.decomposition.fits import NoFit, Spread
from probatum.fairness.model.decomposition.sample import Codes, Floats, Sample
from probatum.fairness.model.decomposition.terms import NOT_CAUSAL, Split, terms_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """A stratum that both groups have.

    Attributes
    ----------
    name : str
    rates : tuple of two float
        Mean outcome of each group.
    shares : tuple of two float
        Of each group's decisions in strata that both have.
    n : tuple of two int
        Decisions.
    """

    name: str
    rates: tuple[float, float]
    shares: tuple[float, float]
    n: tuple[int, int]


def strata_of(sample: Sample) -> tuple[Codes, tuple[str, ...]]:
    """Return the stratum of each row by all characteristics, and the names of strata."""
    if not sample.x.shape[1]:
        return np.zeros(len(sample.y), dtype=np.int64), ("all",)
    values, codes = np.unique(sample.x, axis=0, return_inverse=True)
    names = []
    for row in values:
        parts = {covariate: level for covariate, level in sample.base.items() if covariate in sample.covariates}
        for at, covariate in enumerate(sample.covariates):
            if covariate not in sample.base:
                parts[covariate] = f"{row[at]:g}"
            elif row[at]:
                parts[covariate] = sample.names[at].removeprefix(f"{covariate}=")
        names.append(", ".join(f"{covariate}={level}" for covariate, level in parts.items()))
    return np.asarray(codes, dtype=np.int64).reshape(-1), tuple(names)


def kitagawa(
    sample: Sample, codes: Codes | None = None, names: tuple[str, ...] = (), *, confidence: float = 0.95
) -> tuple[Split, tuple[Stratum, ...]]:
    """Split a gap by strata.

    Parameters
    ----------
    sample : Sample
    codes : int array of shape (n,), optional
        Stratum of each row, from 0 on; by default every combination of characteristics is one.
    names : tuple of str
        Of strata.

    Returns
    -------
    Split
        Terms `gap`, `composition`, `within strata`, `without counterpart, first` and `without counterpart, second`.
    tuple of Stratum
        Those that both groups have.

    Raises
    ------
    NoFit
        If the groups have no stratum in common, or there are no more decisions than cells.
    """
    if codes is None:
        codes, names = strata_of(sample)
    weight, many, y, first = sample.weight, sample.many, sample.y, sample.first
    k = int(codes.max()) + 1

    def sums(values: Floats, rows: np.ndarray) -> Floats:
        return np.asarray(np.bincount(codes[rows], weights=values[rows], minlength=k), float)

    mass = {g: sums(weight, first == g) for g in (True, False)}
    rate = {g: np.divide(sums(weight * y, first == g), mass[g], out=np.zeros(k), where=mass[g] > 0) for g in (True, False)}
    both = (mass[True] > 0) & (mass[False] > 0)
    if not both.any():
        raise NoFit("no stratum has decisions of both groups")
    inside = {g: float(mass[g][both].sum()) for g in (True, False)}
    p = {g: np.where(both, mass[g] / inside[g], 0.0) for g in (True, False)}
    gap, middle, size = rate[True] - rate[False], (rate[True] + rate[False]) / 2, (p[True] + p[False]) / 2
    shift = p[True] - p[False]
    overall = {g: float(weight[first == g] @ y[first == g]) / float(weight[first == g].sum()) for g in (True, False)}
    common = {g: float(p[g] @ rate[g]) for g in (True, False)}
    values = np.array(
        [
            overall[True] - overall[False],
            float(shift[both] @ middle[both]),
            float(gap[both] @ size[both]),
            overall[True] - common[True],
            common[False] - overall[False],
        ]
    )
    influence = np.zeros((len(y), 5))
    for g, sign in ((True, 1.0), (False, -1.0)):
        rows = first == g
        own, at, residual = sample.mass[rows], codes[rows], (y - rate[g][codes])[rows]
        here = both[at]
        total = float(weight[rows].sum())
        in_cell = np.where(here, own / np.where(here, mass[g][at], 1.0), 0.0)
        in_common = np.where(here, own / inside[g], 0.0)
        whole = own / total * (y[rows] - overall[g])
        part = in_common * (y[rows] - common[g])
        influence[rows, 0] = sign * whole
        influence[rows, 1] = (
            sign * in_common * (middle[at] - float(p[g] @ np.where(both, middle, 0.0))) + in_cell * residual * shift[at] / 2
        )
        influence[rows, 2] = (
            sign * in_cell * residual * size[at] + in_common * (gap[at] - float(p[g] @ np.where(both, gap, 0.0))) / 2
        )
        influence[rows, 3 if g else 4] = whole - part if g else part - whole
    spread = Spread(many, sample.cluster)
    spread.add(influence)
    cells = int((mass[True] > 0).sum() + (mass[False] > 0).sum())
    cov, free = spread.covariance(coefficients=cells)
    outside = {g: 1 - inside[g] / float(mass[g].sum()) for g in (True, False)}
    labels = ("gap", "composition", "within strata", "without counterpart, first", "without counterpart, second")
    notes = tuple(
        f"{outside[g]:.1%} of `{sample.pair[not g]}` are in strata that `{sample.pair[g]}` does not have, and are not compared"
        for g in (True, False)
        if outside[g] > 0
    )
    n = {g: np.bincount(codes[first == g], weights=many[first == g], minlength=k) for g in (True, False)}
    strata = tuple(
        Stratum(
            name=names[at] if names else str(at),
            rates=(float(rate[True][at]), float(rate[False][at])),
            shares=(float(p[True][at]), float(p[False][at])),
            n=(round(float(n[True][at])), round(float(n[False][at]))),
        )
        for at in np.flatnonzero(both)
    )
    split = Split(
        method="kitagawa",
        title=f"mean of `{sample.pair[0]}` less mean of `{sample.pair[1]}`",
        terms=terms_of(labels, values, cov, free=free, confidence=confidence),
        n=(sample.size(True), sample.size(False)),
        units=spread.units,
        confidence=confidence,
        assumptions=(NOT_CAUSAL, "clusters are independent" if sample.cluster is not None else "rows are independent"),
        notes=notes,
        facts=(("cells", cells),),
    )
    return split, strata
