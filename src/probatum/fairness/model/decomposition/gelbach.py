"""How much of a coefficient of the group goes with which covariates, whatever order they are added in.

The coefficient without covariates less that with them is the sum over covariates of what they
differ by between the groups times what they are worth: exactly, and free of order [1]_.

References
----------
.. [1] Gelbach. "When do covariates matter? And which ones, and how much?" J. Labor Economics 34 (2016).
"""

from __future__ import annotations

import numpy as np

from probatum.fairness.model.decomposition.fits import Spread, least_squares
from probatum.fairness.model.decomposition.sample import Codes, Floats, Sample, independent, without_dependent
from probatum.fairness.model.decomposition.terms import NOT_CAUSAL, Split, terms_of

SITE = "(site)"


def gelbach(sample: Sample, *, always: tuple[str, ...] = (), site: bool = False, confidence: float = 0.95) -> Split:
    """Split the change of the group's coefficient.

    Parameters
    ----------
    always : tuple of str
        Blocks that are in both regressions.
    site : bool
        Whether every site has a level of its own in the larger regression; a block `(site)`.

    Returns
    -------
    Split
        Terms `without covariates`, `with covariates` and `difference`; details by blocks.

    Raises
    ------
    NoFit
        If there are too few decisions.
    """
    sample = without_dependent(sample)
    weight, many, y = sample.weight, sample.many, sample.y
    ones = np.ones(len(y))
    kept = [at for at, block in enumerate(sample.blocks) if block in always]
    small = np.column_stack([sample.first, ones, sample.x[:, kept]])
    large = np.column_stack([sample.first, ones, sample.x])
    codes = sample.site if site else None
    if codes is not None:
        large = within(large, weight, codes)
        # What does not vary within sites is not there any more; the group stands first, and stays if it varies.
        sound = independent(large * np.sqrt(weight)[:, None])
        large[:, [at for at in range(large.shape[1]) if at not in sound]] = 0.0
        full = least_squares(large, within(y[:, None], weight, codes)[:, 0], weight, many=many)
    else:
        full = least_squares(large, y, weight, many=many)
    base = least_squares(small, y, weight, many=many)
    d_base = base.influence(small)[:, 0]
    d_full = full.influence(large)
    blocks = [block for block in dict.fromkeys(sample.blocks) if block not in always]
    values, influence = [], []
    for block in blocks:
        members = [at for at, own in enumerate(sample.blocks) if own == block]
        worth = full.b[[at + 2 for at in members]]
        # Regressions of each column summed by what it is worth are one regression of the sum.
        index = least_squares(small, sample.x[:, members] @ worth, weight, many=many)
        slopes = np.array([least_squares(small, sample.x[:, at], weight, many=many).b[0] for at in members])
        values.append(float(index.b[0]))
        influence.append(index.influence(small)[:, 0] + d_full[:, [at + 2 for at in members]] @ slopes)
    change, d_change = float(base.b[0] - full.b[0]), d_base - d_full[:, 0]
    if codes is not None:
        values.append(change - sum(values))
        influence.append(d_change - np.sum(influence, axis=0) if influence else d_change)
        blocks.append(SITE)
    spread = Spread(many, sample.cluster)
    spread.add(np.column_stack([d_base, d_full[:, 0], d_change, *influence]))
    # Sites that are the clusters cost nothing: what is within them is correlated anyway.
    own = len(sample.sites) if codes is not None and sample.cluster is None else 0
    cov, free = spread.covariance(coefficients=large.shape[1] + own)
    names = ["without covariates", "with covariates", "difference", *blocks]
    numbers = np.array([base.b[0], full.b[0], change, *values])
    terms = terms_of(names, numbers, cov, free=free, confidence=confidence)
    return Split(
        method="gelbach",
        title=f"coefficient of `{sample.pair[0]}` against `{sample.pair[1]}`, without and with covariates",
        terms=terms[:3],
        details=terms[3:],
        n=(sample.size(True), sample.size(False)),
        units=spread.units,
        confidence=confidence,
        assumptions=(NOT_CAUSAL, "a covariate is worth the same to both groups", _independence(sample)),
    )


def within(columns: Floats, weight: Floats, codes: Codes) -> Floats:
    """Return columns less their weighted mean in each site."""
    groups = int(codes.max()) + 1
    total = np.bincount(codes, weights=weight, minlength=groups)
    total[total == 0] = 1.0
    means = np.column_stack(
        [np.bincount(codes, weights=weight * columns[:, at], minlength=groups) / total for at in range(columns.shape[1])]
    )
    centred: Floats = columns - means[codes]
    centred[np.abs(centred) < 1e-12 * (np.abs(columns).max(axis=0, initial=1.0))] = 0.0
    return centred


def _independence(sample: Sample) -> str:
    return "clusters are independent" if sample.cluster is not None else "rows are independent"
