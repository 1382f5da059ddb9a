"""Splitting a gap between probabilities by logit or probit models.

With a model F(x'b) of a probability, and the coefficients of a reference,

    gap = [mean F(XA b*) - mean F(XB b*)] + [mean F(XA bA) - mean F(XA b*)] + [mean F(XB b*) - mean F(XB bB)].

What a characteristic contributes is not unique: weights from a linear approximation [1]_, or
characteristics exchanged one after the other between matched people, averaged over orders [2]_.

References
----------
.. [1] Yun. "Decomposing differences in the first moment." Economics Letters 82 (2004).
.. [2] Fairlie. "An extension of the Blinder-Oaxaca decomposition technique to logit and probit models."
   J. Economic and Social Measurement 30 (2005).
"""

from __future__ import annotations

import numpy as np

from probatum.fairness.artefacts.requirements.decomposition import Reference
from probatum.fairness.model.decomposition.fits import Fit, Link, NoFit, Spread, density, likeliest, probability
from probatum.fairness.model.decomposition.sample import Floats, Sample, without_dependent
from probatum.fairness.model.decomposition.terms import NOT_CAUSAL, Split, Term, terms_of


def _reference(sample: Sample, reference: Reference, link: Link) -> tuple[Floats, Floats]:
    """Return coefficients of the reference, and how each decision moves them, of shape (n, p)."""
    z = sample.with_constant
    match reference:
        case Reference.FIRST | Reference.SECOND:
            return _own(sample, link, first=reference is Reference.FIRST)
        case Reference.POOLED:
            fit = likeliest(z, sample.y, sample.weight, link=link, many=sample.many)
            return fit.b, fit.influence(z)
        case Reference.POOLED_WITH_GROUP:
            design = np.column_stack([z, sample.first])
            fit = likeliest(design, sample.y, sample.weight, link=link, many=sample.many)
            return fit.b[:-1], fit.influence(design)[:, :-1]
        case _:
            raise NoFit(f"coefficients of `{reference.value}` are not those of a {link} model")


def _own(sample: Sample, link: Link, *, first: bool) -> tuple[Floats, Floats]:
    z, rows = sample.with_constant, sample.first == first
    try:
        fit: Fit = likeliest(z[rows], sample.y[rows], sample.weight[rows], link=link, many=sample.many[rows])
    except NoFit as problem:
        raise NoFit(f"`{sample.pair[0 if first else 1]}`: {problem}") from None
    moves = np.zeros_like(z)
    moves[rows] = fit.influence(z[rows])
    return fit.b, moves


def yun(
    sample: Sample,
    *,
    link: Link = "logit",
    reference: Reference = Reference.POOLED_WITH_GROUP,
    confidence: float = 0.95,
) -> Split:
    """Split a gap between probabilities, with Yun's weights for blocks.

    Returns
    -------
    Split
        Terms `gap`, `explained`, `unexplained`; details `explained: block`. The gap is that of the
        observed means; what the models' means differ from these is in the unexplained part.

    Raises
    ------
    NoFit
        If outcomes are not 0 or 1, or a model has no finite coefficients.
    """
    sample = without_dependent(sample)
    z, first, mass = sample.with_constant, sample.first, sample.mass
    star, moves = _reference(sample, reference, link)
    predicted = z @ star
    chance, slope = probability(predicted, link), density(predicted, link)
    total = {g: float(sample.weight[first == g].sum()) for g in (True, False)}

    def mean(values: Floats, g: bool) -> Floats:
        return np.asarray(sample.weight[first == g] @ values[first == g] / total[g])

    sign = np.where(first, mass / total[True], -mass / total[False])
    center = np.where(first, mean(chance, True), mean(chance, False))
    explained = float(mean(chance, True) - mean(chance, False))
    pull = mean(slope[:, None] * z, True) - mean(slope[:, None] * z, False)
    d_explained = sign * (chance - center) + moves @ pull
    outcome = {g: float(mean(sample.y, g)) for g in (True, False)}
    gap = outcome[True] - outcome[False]
    d_gap = sign * (sample.y - np.where(first, outcome[True], outcome[False]))
    means = np.where(first[:, None], mean(z, True), mean(z, False))
    apart = mean(z, True) - mean(z, False)
    d_products = sign[:, None] * (z - means) * star + moves * apart
    products = apart * star
    blocks = list(dict.fromkeys(sample.blocks))
    members = {block: [at + 1 for at, own in enumerate(sample.blocks) if own == block] for block in blocks}
    whole, d_whole = float(products.sum()), d_products.sum(axis=1)
    values, influence = [gap, explained, gap - explained], [d_gap, d_explained, d_gap - d_explained]
    notes: tuple[str, ...] = ()
    if abs(whole) > 1e-9 * float(np.abs(products).sum()) and blocks:
        for block in blocks:
            share = float(products[members[block]].sum()) / whole
            d_share = (d_products[:, members[block]].sum(axis=1) - share * d_whole) / whole
            values.append(share * explained)
            influence.append(share * d_explained + explained * d_share)
    else:
        blocks = []
        notes = ("characteristics cancel out, so that no share of any of them is defined",)
    spread = Spread(sample.many, sample.cluster)
    spread.add(np.column_stack(influence))
    cov, free = spread.covariance(coefficients=2 * z.shape[1])
    names = ["gap", "explained", "unexplained", *(f"explained: {block}" for block in blocks)]
    terms = terms_of(names, np.array(values), cov, free=free, confidence=confidence)
    return Split(
        method=f"{link}, {reference.value}",
        title=f"share of `{sample.pair[0]}` less share of `{sample.pair[1]}`",
        terms=terms[:3],
        details=terms[3:],
        n=(sample.size(True), sample.size(False)),
        units=spread.units,
        confidence=confidence,
        assumptions=(
            NOT_CAUSAL,
            f"the {link} model holds in both groups",
            "clusters are independent" if sample.cluster is not None else "rows are independent",
        ),
        notes=notes,
    )


def fairlie(
    sample: Sample,
    *,
    link: Link = "logit",
    reference: Reference = Reference.POOLED_WITH_GROUP,
    rounds: int = 200,
    seed: int = 0,
) -> tuple[Term, ...]:
    """Exchange characteristics block by block between people of equal rank, in random orders.

    Parameters
    ----------
    rounds : int
        In each, equally many of both groups are drawn and the order is drawn anew.

    Returns
    -------
    tuple of Term
        `explained`, then `explained: block`. `se` is the error of the rounds alone: no intervals.

    Raises
    ------
    NoFit
        As `yun`.

    Notes
    -----
    People are drawn by weight and matched by rank of their predicted probability. The order
    matters because the model is not linear; its mean over orders is a Shapley value of the matched pairs.
    """
    sample = without_dependent(sample)
    star, _ = _reference(sample, reference, link)
    rng = np.random.default_rng(seed)
    z = sample.with_constant
    chance = probability(z @ star, link)
    blocks = list(dict.fromkeys(sample.blocks))
    members = {block: [at + 1 for at, own in enumerate(sample.blocks) if own == block] for block in blocks}
    rows = {g: np.flatnonzero(sample.first == g) for g in (True, False)}
    size = min(sample.size(True), sample.size(False), 5000)
    weights = {g: sample.weight[rows[g]] / sample.weight[rows[g]].sum() for g in rows}
    found = np.zeros((rounds, len(blocks) + 1))
    for turn in range(rounds):
        drawn = {g: rows[g][rng.choice(len(rows[g]), size, p=weights[g])] for g in (True, False)}
        one, other = (drawn[g][np.argsort(chance[drawn[g]], kind="stable")] for g in (True, False))
        mixed, before = z[one].copy(), float(chance[one].mean())
        found[turn, 0] = before - float(chance[other].mean())
        for at in rng.permutation(len(blocks)):
            mixed[:, members[blocks[at]]] = z[other][:, members[blocks[at]]]
            after = float(probability(mixed @ star, link).mean())
            found[turn, at + 1] = before - after
            before = after
    means, errors = found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(rounds)
    names = ["explained", *(f"explained: {block}" for block in blocks)]
    return tuple(Term(name, float(value), float(error)) for name, value, error in zip(names, means, errors, strict=True))


def swapped(sample: Sample, *, link: Link = "logit", confidence: float = 0.95) -> Split:
    """Return Fairlie's decomposition as a split: what exchanging each block between matched people does, on average over orders.

    Raises
    ------
    NoFit
        As `yun`.

    Notes
    -----
    The whole has the interval of `yun`'s gap; `explained` and its blocks have the error of the rounds alone, and no interval.
    """
    whole = yun(sample, link=link, confidence=confidence)
    explained, *blocks = fairlie(sample, link=link)
    gap = whole["gap"]
    return Split(
        method=f"fairlie, {link}",
        title=whole.title,
        terms=(gap, explained, Term("unexplained", gap.value - explained.value)),
        details=tuple(blocks),
        n=whole.n,
        units=whole.units,
        confidence=confidence,
        assumptions=whole.assumptions,
        notes=("errors of what is explained are of the random matching alone, which says nothing of other samples",),
    )
