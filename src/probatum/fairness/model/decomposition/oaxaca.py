"""A gap between means as differences of characteristics, and differences of what these are worth.

Means of a group are its mean characteristics times its coefficients. Put in the
coefficients of a reference, and the gap falls into what characteristics explain at
the reference's worth, and the rest [1]_ [2]_. With

    d = xA - xB,    gap = d'b* + xA'(bA - b*) + xB'(b* - bB).

References
----------
.. [1] Blinder. "Wage discrimination: reduced form and structural estimates." J. Human Resources 8 (1973);
   Oaxaca. "Male-female wage differentials in urban labor markets." Int. Economic Review 14 (1973).
.. [2] Jann. "The Blinder-Oaxaca decomposition for linear regression models." Stata Journal 8 (2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from probatum.fairness.artefacts.requirements.decomposition import Reference
from probatum.fairness.model.decomposition.fits import Fit, Spread, least_squares
from probatum.fairness.model.decomposition.sample import Floats, Sample, without_dependent
from probatum.fairness.model.decomposition.terms import NOT_CAUSAL, Split, terms_of

_ROWS = 8192  # of influences that are in memory at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """Means and coefficients of both groups and of everyone, with their common covariance.

    Attributes
    ----------
    theta : array of shape (6, p)
        Rows: mean characteristics of the first and of the second group; coefficients of the first,
        of the second, of all, and of all with the group as a covariate. Columns: the constant, then characteristics.
    share : float
        Of the first group among all, by weight.
    moves : array of shape (k, 6, p)
        Derivatives of `theta` by the k numbers that were estimated.
    share_moves : array of shape (k,)
    covariance : array of shape (k, k)
    free : float
        Degrees of freedom of intervals.
    labels : tuple of str
        Of columns.
    blocks : tuple of str
        Of columns; "" for the constant.
    missing : tuple of str
        Characteristics that do not vary in one of the groups, and have no coefficient there.
    """

    theta: Floats
    share: float
    moves: Floats
    share_moves: Floats
    covariance: Floats
    free: float
    labels: tuple[str, ...]
    blocks: tuple[str, ...]
    missing: tuple[str, ...]


_XA, _XB, _BA, _BB, _ALL, _JOINT = range(6)


def estimates(sample: Sample) -> Estimates:
    """Estimate means and coefficients.

    Raises
    ------
    NoFit
        If a group has too few decisions for its coefficients.
    """
    z, weight = sample.with_constant, sample.weight
    n, p = z.shape
    fits: dict[bool, Fit] = {}
    slopes: dict[bool, Floats] = {}
    means: dict[bool, Floats] = {}
    totals: dict[bool, float] = {}
    for first in (True, False):
        members = sample.first == first
        totals[first] = float(weight[members].sum())
        means[first] = weight[members] @ z[members] / totals[first]
        fits[first] = least_squares(z[members], sample.y[members], weight[members], many=sample.many[members])
        slopes[first] = np.zeros(n)
        slopes[first][members] = fits[first].slope
    everyone = least_squares(z, sample.y, weight, many=sample.many)
    # The group stands last, so that it gives way to nothing that is a characteristic.
    with_group = np.column_stack([z, sample.first])
    joint = least_squares(with_group, sample.y, weight, many=sample.many)
    share = totals[True] / float(weight.sum())
    spread = Spread(sample.many, sample.cluster)
    for start in range(0, n, _ROWS):
        rows = slice(start, start + _ROWS)
        own, is_first, mass = z[rows], sample.first[rows], sample.mass[rows]
        spread.add(
            np.column_stack(
                [
                    (mass * is_first)[:, None] * (own - means[True]) / totals[True],
                    (mass * ~is_first)[:, None] * (own - means[False]) / totals[False],
                    (own * slopes[True][rows, None]) @ fits[True].bread,
                    (own * slopes[False][rows, None]) @ fits[False].bread,
                    everyone.influence(own, rows),
                    joint.influence(with_group[rows], rows)[:, :p],
                    mass * (is_first - share) / float(weight.sum()),
                ]
            ),
            rows,
        )
    cov, free = spread.covariance(coefficients=2 * p)
    k = 6 * p + 1
    missing = [name for at, name in enumerate(sample.names) if any(at + 1 not in fit.kept for fit in fits.values())]
    return Estimates(
        theta=np.array([means[True], means[False], fits[True].b, fits[False].b, everyone.b, joint.b[:p]]),
        share=share,
        moves=np.eye(k)[:, :-1].reshape(k, 6, p),
        share_moves=np.eye(k)[-1],
        covariance=cov,
        free=free,
        labels=("(constant)", *sample.names),
        blocks=("", *sample.blocks),
        missing=tuple(missing),
    )


def normalised(own: Estimates, sample: Sample) -> Estimates:
    """Give every level of a covariate a coefficient, so that no choice of a base is left in the details.

    Coefficients of the levels of one covariate sum to zero; what is taken from them goes to the constant [1]_.

    References
    ----------
    .. [1] Gardeazabal, Ugidos. "More on identification in detailed wage decompositions." Review of Economics
       and Statistics 86 (2004); Yun. "A simple solution to the identification problem in detailed wage
       decompositions." Economic Inquiry 43 (2005).
    """
    p = len(own.labels)
    to_mean, to_worth = [*np.eye(p)], [*np.eye(p)]
    labels, blocks = list(own.labels), list(own.blocks)
    for covariate in dict.fromkeys(name for name in sample.covariates if name in sample.base):
        levels = [at + 1 for at, name in enumerate(sample.covariates) if name == covariate]
        mean = np.zeros(p)
        mean[levels] = 1 / (len(levels) + 1)
        for at in levels:
            to_worth[at] = to_worth[at] - mean
        to_worth[0] = to_worth[0] + mean
        rest = np.zeros(p)
        rest[0], rest[levels] = 1.0, -1.0
        to_mean.append(rest)
        to_worth.append(-mean)
        labels.append(f"{covariate}={sample.base[covariate]}")
        blocks.append(sample.blocks[levels[0] - 1])
    mean_map, worth_map = np.array(to_mean), np.array(to_worth)

    def mapped(values: Floats) -> Floats:
        parts = [values[..., at, :] @ (mean_map if at <= _XB else worth_map).T for at in range(6)]
        return np.stack(parts, axis=-2)

    return Estimates(
        theta=mapped(own.theta),
        moves=mapped(own.moves),
        share=own.share,
        share_moves=own.share_moves,
        covariance=own.covariance,
        free=own.free,
        labels=tuple(labels),
        blocks=tuple(blocks),
        missing=own.missing,
    )


def worth(own: Estimates, reference: Reference) -> tuple[Floats, Floats]:
    """Return the coefficients of a reference, and their derivatives."""
    a, b = own.theta[_BA], own.theta[_BB]
    move_a, move_b = own.moves[:, _BA], own.moves[:, _BB]
    match reference:
        case Reference.FIRST:
            return a, move_a
        case Reference.SECOND:
            return b, move_b
        case Reference.HALF:
            return (a + b) / 2, (move_a + move_b) / 2
        case Reference.WEIGHTED:
            share = own.share
            return share * a + (1 - share) * b, share * move_a + (1 - share) * move_b + np.outer(own.share_moves, a - b)
        case Reference.POOLED:
            return own.theta[_ALL], own.moves[:, _ALL]
        case Reference.POOLED_WITH_GROUP:
            return own.theta[_JOINT], own.moves[:, _JOINT]


def _product(x: Floats, dx: Floats, b: Floats, db: Floats) -> tuple[Floats, Floats]:
    """Products by columns, and their derivatives."""
    return x * b, dx * b + x * db


def twofold(
    sample: Sample,
    *,
    reference: Reference = Reference.POOLED_WITH_GROUP,
    confidence: float = 0.95,
    normalise: bool = True,
) -> Split:
    """Split a gap into what characteristics explain and what they do not.

    Parameters
    ----------
    sample : Sample
    reference : Reference
        Whose coefficients say what a characteristic is worth. With `POOLED` a part of the
        unexplained gap is taken for explained, because the group's own effect leaks into the coefficients [1]_.
    normalise : bool
        Whether details give each level of a covariate a part of its own, free of the choice of a base.

    Returns
    -------
    Split
        Terms `gap`, `explained`, `unexplained`, `unexplained, first`, `unexplained, second`; details
        `explained: block` and `unexplained: block` for blocks and columns.

    Raises
    ------
    NoFit
        If a group has too few decisions for its coefficients.

    Notes
    -----
    Standard errors are those of stacked moments: means and coefficients are estimated from the
    same rows, unequal variances and clusters are allowed, and characteristics are random.

    References
    ----------
    .. [1] Jann (2008), section 2.2; Fortin. "The gender wage gap among young adults in the United States."
       J. Human Resources 43 (2008).
    """
    sample = without_dependent(sample)
    own = estimates(sample)
    shown = normalised(own, sample) if normalise and sample.base else own
    star, d_star = worth(shown, reference)
    xa, xb, a, b = (shown.theta[at] for at in (_XA, _XB, _BA, _BB))
    dxa, dxb, da, db = (shown.moves[:, at] for at in (_XA, _XB, _BA, _BB))
    explained, d_explained = _product(xa - xb, dxa - dxb, star, d_star)
    high, d_high = _product(xa, dxa, a - star, da - d_star)
    low, d_low = _product(xb, dxb, star - b, d_star - db)
    rest, d_rest = high + low, d_high + d_low
    sums = [
        (explained.sum() + rest.sum(), d_explained.sum(axis=1) + d_rest.sum(axis=1)),
        (explained.sum(), d_explained.sum(axis=1)),
        (rest.sum(), d_rest.sum(axis=1)),
        (high.sum(), d_high.sum(axis=1)),
        (low.sum(), d_low.sum(axis=1)),
    ]
    names = ["gap", "explained", "unexplained", "unexplained, first", "unexplained, second"]
    details = [
        *_details("explained", shown, explained, d_explained),
        *_details("unexplained", shown, rest, d_rest),
    ]
    return _split(sample, own, names, sums, details, method=f"oaxaca-blinder, {reference.value}", confidence=confidence)


def threefold(sample: Sample, *, confidence: float = 0.95, normalise: bool = True) -> Split:
    """Split a gap into endowments, coefficients and their interaction, from the second group's point of view.

    Returns
    -------
    Split
        Terms `gap`, `endowments`, `coefficients`, `interaction`; details of each.

    Raises
    ------
    NoFit
        If a group has too few decisions for its coefficients.
    """
    sample = without_dependent(sample)
    own = estimates(sample)
    shown = normalised(own, sample) if normalise and sample.base else own
    xa, xb, a, b = (shown.theta[at] for at in (_XA, _XB, _BA, _BB))
    dxa, dxb, da, db = (shown.moves[:, at] for at in (_XA, _XB, _BA, _BB))
    parts = {
        "endowments": _product(xa - xb, dxa - dxb, b, db),
        "coefficients": _product(xb, dxb, a - b, da - db),
        "interaction": _product(xa - xb, dxa - dxb, a - b, da - db),
    }
    sums = [(values.sum(), moves.sum(axis=1)) for values, moves in parts.values()]
    sums.insert(0, (sum(value for value, _ in sums), np.sum([move for _, move in sums], axis=0)))
    details = [one for name, (values, moves) in parts.items() for one in _details(name, shown, values, moves)]
    return _split(sample, own, ["gap", *parts], sums, details, method="oaxaca-blinder, threefold", confidence=confidence)


def _details(what: str, own: Estimates, values: Floats, moves: Floats) -> list[tuple[str, float, Floats]]:
    """Sums by blocks, and single columns of blocks that have several."""
    found = []
    for block in dict.fromkeys(own.blocks):
        members = [at for at, name in enumerate(own.blocks) if name == block]
        found.append((f"{what}: {block or '(constant)'}", float(values[members].sum()), moves[:, members].sum(axis=1)))
        if len(members) > 1 or (block and own.labels[members[0]] != block):
            found += [(f"{what}: {block}: {own.labels[at]}", float(values[at]), moves[:, at]) for at in members]
    return found


def _split(
    sample: Sample,
    own: Estimates,
    names: list[str],
    sums: list[tuple[float, Floats]],
    details: list[tuple[str, float, Floats]],
    *,
    method: str,
    confidence: float,
) -> Split:
    slopes = np.column_stack([*(move for _, move in sums), *(move for _, _, move in details)])
    cov, free = slopes.T @ own.covariance @ slopes, own.free
    labels = [*names, *(name for name, _, _ in details)]
    values = np.array([*(value for value, _ in sums), *(value for _, value, _ in details)])
    terms = terms_of(labels, values, cov, free=free, confidence=confidence)
    notes = []
    if numbers := tuple(dict.fromkeys(c for c in sample.covariates if c not in sample.base)):
        notes.append(
            f"how an unexplained part is shared between the constant and {_quoted(numbers[:5])}"
            f"{' and others' if numbers[5:] else ''} depends on where their zero is"
        )
    if sample.dropped:
        notes.append(f"left out, because other characteristics determine them: {_quoted(sample.dropped)}")
    if own.missing:
        notes.append(f"do not vary in one of the groups, and are taken to be worth nothing there: {_quoted(own.missing)}")
    return Split(
        method=method,
        title=f"mean of `{sample.pair[0]}` less mean of `{sample.pair[1]}`",
        terms=terms[: len(names)],
        details=terms[len(names) :],
        n=(sample.size(True), sample.size(False)),
        units=sample.n if sample.cluster is None else len(np.unique(sample.cluster)),
        confidence=confidence,
        assumptions=(
            NOT_CAUSAL,
            "means are linear in the characteristics within each group",
            "clusters are independent" if sample.cluster is not None else "rows are independent",
        ),
        notes=tuple(notes),
    )


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
