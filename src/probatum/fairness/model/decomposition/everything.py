"""All decompositions of one gap side by side, with what is doubtful about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.decomposition import DecompositionRequirement, Method, Reference
from probatum.fairness.model.decomposition.declared import absent, declared
from probatum.fairness.model.decomposition.doubly_robust import doubly_robust
from probatum.fairness.model.decomposition.fits import NoFit
from probatum.fairness.model.decomposition.gelbach import gelbach
from probatum.fairness.model.decomposition.kitagawa import kitagawa
from probatum.fairness.model.decomposition.nonlinear import swapped, yun
from probatum.fairness.model.decomposition.oaxaca import threefold, twofold
from probatum.fairness.model.decomposition.reweighting import quantiles, reweighted
from probatum.fairness.model.decomposition.sample import Sample, sample_of
from probatum.fairness.model.decomposition.sensitivity import EValue, Sensitivity, e_value_of_rest, sensitivity
from probatum.fairness.model.decomposition.sites import Profiles, between_and_within, mundlak, profiles_of
from probatum.fairness.model.decomposition.terms import Split
from probatum.fairness.model.decomposition.traps import Trap, traps
from probatum.fairness.model.decomposition.unexplained import enough
from probatum.fairness.semantics.design import design_of, pairs_of, sizes
from probatum.fairness.semantics.relation import Relation
from probatum.fairness.semantics.unknown import refuse

MOST_PAIRS = 50
MOST_ROWS = 300_000  # that differ, in all methods together: each fits all rows several times


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """What can be said of one gap.

    Attributes
    ----------
    requirement, outcome : str
    pair : tuple of two str
    splits : tuple of Split
    refused : tuple of (str, str)
        Decompositions without an answer, and why.
    sensitivity : Sensitivity or None
    e_value : EValue or None
        Of what the first decomposition with a reference leaves of a gap of rates.
    profiles : Profiles or None
    traps : tuple of Trap
    """

    requirement: str
    outcome: str
    pair: tuple[str, str]
    splits: tuple[Split, ...]
    refused: tuple[tuple[str, str], ...]
    sensitivity: Sensitivity | None
    e_value: EValue | None
    profiles: Profiles | None
    traps: tuple[Trap, ...]


def everything(policy: Policy, required: DecompositionRequirement, relation: Relation) -> Iterator[Everything]:
    """Decompose the gap between each two groups of a requirement in every way that applies."""
    design = design_of(policy, required, relation)
    refuse(policy, relation, required.over)
    counted = sizes(design, relation)
    pairs = pairs_of(required, counted, at_least=policy.min_cell)
    if len(pairs) > MOST_PAIRS:
        raise UnreadableArtefact(
            f"`{required.id}` compares {len(pairs) + 1} groups",
            help="name two of them: `between: [first, second]`",
            location=required.location,
        )
    for pair in pairs:
        sample = sample_of(design, relation, pair)
        if len(sample.y) > MOST_ROWS:
            raise UnreadableArtefact(
                f"`{required.id}` compares {len(sample.y):,} rows that all differ; decomposing in every way takes at most {MOST_ROWS:,}",
                help="round covariates, so that rows are alike and are counted together, or decompose a random sample of the rows",
                location=required.location,
            )
        found = (
            *declared(policy, required, relation),
            *absent(design, relation, counted, pair, confidence=1 - policy.alpha),
        )
        yield _of(sample, required, design.outcome_name, found, confidence=1 - policy.alpha)


def _of(
    sample: Sample, required: DecompositionRequirement, outcome: str, found: tuple[Trap, ...], *, confidence: float
) -> Everything:
    ways: dict[str, Callable[[], Split]] = {}
    if required.method is Method.KITAGAWA or (set(sample.covariates) <= set(sample.base)):
        ways["kitagawa"] = lambda: kitagawa(sample, confidence=confidence)[0]
    for reference in sorted(Reference, key=lambda one: one is not required.reference):
        ways[f"oaxaca-blinder, {reference.value}"] = partial(twofold, sample, reference=reference, confidence=confidence)
    ways["oaxaca-blinder, threefold"] = lambda: threefold(sample, confidence=confidence)
    ways["gelbach"] = lambda: gelbach(sample, site=sample.site is not None, confidence=confidence)
    ways["reweighting"] = lambda: reweighted(sample, confidence=confidence)
    ways["oaxaca-blinder, reweighted"] = lambda: doubly_robust(sample, confidence=confidence)
    if sample.binary:
        ways["logit"] = lambda: yun(sample, link="logit", confidence=confidence)
        ways["probit"] = lambda: yun(sample, link="probit", confidence=confidence)
        ways["fairlie, logit"] = lambda: swapped(sample, link="logit", confidence=confidence)
        ways["fairlie, probit"] = lambda: swapped(sample, link="probit", confidence=confidence)
    else:
        for share in (0.1, 0.5, 0.9):
            ways[f"quantile {share:g}"] = partial(quantiles, sample, share, confidence=confidence)
    if sample.site is not None:
        ways["sites"] = lambda: between_and_within(sample, confidence=confidence)
        ways["mundlak"] = lambda: mundlak(sample, confidence=confidence)
    splits, refused = [], []
    try:
        enough(sample)
    except NoFit as problem:
        ways, refused = {}, [("every method", str(problem))]
    for name, way in ways.items():
        try:
            splits.append(way())
        except NoFit as problem:
            refused.append((name, str(problem)))
    return Everything(
        requirement=required.id,
        outcome=outcome,
        pair=sample.pair,
        splits=tuple(splits),
        refused=tuple(refused),
        sensitivity=_or_none(lambda: sensitivity(sample, alpha=1 - confidence)) if splits else None,
        e_value=_e_value(sample, splits),
        profiles=_or_none(lambda: profiles_of(sample, confidence=confidence)) if splits and sample.site is not None else None,
        traps=(*found, *(traps(sample, confidence=confidence) if splits else ())),
    )


def _e_value(sample: Sample, splits: list[Split]) -> EValue | None:
    found = next((split for split in splits if split.method.startswith("oaxaca-blinder, ")), None)
    if found is None or not sample.binary:
        return None
    rest, own = found["unexplained"], sample.first
    if rest.low is None or rest.high is None:
        return None
    rate = float(sample.weight[own] @ sample.y[own] / sample.weight[own].sum())
    return e_value_of_rest(rate, rest.value, rest.low, rest.high)


def _or_none(way: Callable[[], Any]) -> Any:
    try:
        return way()
    except NoFit:
        return None
