"""More of a gap is left at equal characteristics than the policy allows.

## What it finds
Two groups whose mean outcomes differ by more than the policy allows, after the part
that goes with the covariates it names is taken off (Oaxaca-Blinder or Kitagawa), whatever
chance did: the whole interval of the rest is beyond the limit.

## Why it matters
A gap that the reasons for decisions do not account for is the part that has to be explained
by those who decide. It is not proof of discrimination, and a gap that is explained is not
proof of its absence: covariates may carry the same disadvantage.

## Evidence
`Estimate`: the unexplained part, with an interval that allows unequal variances and clusters.

## Not found
Causes. Gaps that covariates hide because they come after the decision, unless the policy
lists these under `post_decision`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from probatum.evidence import Estimate
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.artefacts.requirements.decomposition import DecompositionRequirement, Method
from probatum.fairness.rules._about import About
from probatum.fairness.rules._names import both, less_than, whom
from probatum.fairness.rules._tables import relation_of
from probatum.findings import Outcome, Why
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.fairness.model.decomposition.terms import Split
    from probatum.fairness.model.decomposition.unexplained import Unexplained
    from probatum.fairness.semantics.design import Counted, Design
    from probatum.fairness.semantics.relation import Relation

RULE = "fairness/disparity-unexplained"

MOST_PAIRS = 50


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a verdict for each two groups of each requirement."""
    wanted = [required for required in policy.of_kind(DecompositionRequirement) if required.at_most is not None]
    if not wanted:
        return
    with relation_of(policy, tools) as relation:
        for required in wanted:
            yield from _of_requirement(policy, required, relation, tools)


def _of_requirement(policy: Policy, required: DecompositionRequirement, relation: Relation, tools: Tools) -> Iterator[Outcome]:
    from probatum.fairness.semantics.design import design_of, pairs_of, sizes

    later = [column for column in required.columns if column in required.post_decision]
    if later:
        yield _about(policy, required).undecided(
            f"`{later[0]}` comes after the decision, and comparing at equal values of it hides what is asked; "
            "take it from `covariates`",
            why=Why.UNSUPPORTED,
        )
        return
    from probatum.fairness.semantics.unknown import lacking
    from probatum.fairness.semantics.unknown import reason as unknown

    lost = lacking(policy, relation, required.over)
    if lost:
        yield _about(policy, required).undecided(unknown(lost, required.over), why=Why.UNSUPPORTED)
        return
    design = design_of(policy, required, relation)
    counted = sizes(design, relation)
    pairs = pairs_of(required, counted, at_least=policy.min_cell)
    if not pairs:
        yield _about(policy, required).undecided(f"fewer than two groups have {policy.min_cell} rows with nothing missing")
    elif len(pairs) > MOST_PAIRS:
        reason = f"there are {len(pairs) + 1} groups; name two of them with `between: [first, second]`"
        yield _about(policy, required).undecided(reason, why=Why.UNSUPPORTED)
    else:
        for pair in pairs:
            yield _verdict(policy, required, design, relation, counted, pair, family=len(pairs))
            tools.deadline.check()


def _verdict(  # noqa: PLR0917 - what is read, and of whom
    policy: Policy,
    required: DecompositionRequirement,
    design: Design,
    relation: Relation,
    counted: Mapping[str, Counted],
    pair: tuple[str, str],
    *,
    family: int,
) -> Outcome:
    from probatum.fairness.model.decomposition.fits import NoFit
    from probatum.fairness.model.decomposition.sample import sample_of
    from probatum.fairness.model.decomposition.unexplained import judge

    for name in pair:
        if counted[name].complete < policy.min_cell:
            reason = f"`{name}` has {counted[name].complete} rows with nothing missing, and {policy.min_cell} are needed"
            return _about(policy, required, pair).undecided(reason)
    sample = sample_of(design, relation, pair)
    try:
        found = judge(sample, required, confidence=1 - policy.alpha / family)
    except NoFit as problem:
        return _about(policy, required, pair).undecided(str(problem))
    return _outcome(policy, required, found, counted, pair, binary=sample.binary, outcome=design.outcome_name, family=family)


def _outcome(
    policy: Policy,
    required: DecompositionRequirement,
    found: Unexplained,
    counted: Mapping[str, Counted],
    pair: tuple[str, str],
    *,
    binary: bool,
    outcome: str,
    family: int,
) -> Outcome:
    from probatum.fairness.model.gaps import Verdict

    term, split = found.term, found.split
    low, high = float(term.low or 0.0), float(term.high or 0.0)
    evidence = Estimate(
        method="fairness/decomposition/1",
        quantity=f"unexplained part of the difference in `{outcome}` between `{pair[0]}` and `{pair[1]}`",
        value=term.value,
        low=low,
        high=high,
        confidence=1 - policy.alpha,
        family=family,
        counts={
            "requirement": required.id,
            "verdict": found.verdict.value,
            "pair": list(pair),
            "gap": split["gap"].value,
            "se": term.se,
            "n": list(split.n),
            "units": split.units,
            "waterfall": _added(required, split, term.name),
        },
        sampling="rows of the table"
        if not (policy.decision.cluster or policy.decision.unit or required.site)
        else "clusters of rows",
    )
    assumptions = (*split.assumptions, *_assumed(policy, required, counted, pair), *split.notes)
    about = _about(policy, required, pair).assuming(*assumptions)
    sure, n = f"{1 - policy.alpha:.0%}", sum(split.n)
    match found.verdict:
        case Verdict.VIOLATED:
            more, less = pair if term.value > 0 else pair[::-1]
            least = _amount(min(abs(low), abs(high)), binary)
            return about.found(
                f"the mean of `{outcome}` is at least {least} higher {whom(more, less, required.over)} "
                f"at equal covariates ({sure}; n={n:,})",
                evidence=evidence,
                cause=f"what `{required.id}` names as reasons does not account for more than "
                f"{_amount(required.at_most or 0.0, binary)} of the difference",
            )
        case Verdict.SATISFIED:
            most = _amount(max(abs(low), abs(high)), binary)
            return about.cleared(
                f"at equal covariates {both(*pair, required.over)} differ in `{outcome}` by at most {most} ({sure}; n={n:,})",
                evidence=evidence,
            )
        case _:
            need = f"; about {found.needed:,} rows would decide" if found.needed else ""
            return about.undecided(
                f"at equal covariates {less_than(*pair, required.over)} is between {_amount(low, binary)} and {_amount(high, binary)} "
                f"({sure}; n={n:,}){need}"
            )


def _added(required: DecompositionRequirement, split: Split, rest: str) -> list[list[str | float]]:
    """Return the gap and what it is the sum of: what goes with each block or with strata, and what is left, which is the last."""
    if required.method is Method.KITAGAWA:
        named = [(term.name, term.value) for term in split.terms[1:] if term.name != rest]
    else:
        seen = {term.name: term.value for term in split.details}
        named = [(block, seen[f"explained: {block}"]) for block in required.covariates if f"explained: {block}" in seen]
    return [[name, value] for name, value in (("gap", split["gap"].value), *named, (rest, split[rest].value))]


def _assumed(
    policy: Policy, required: DecompositionRequirement, counted: Mapping[str, Counted], pair: tuple[str, str]
) -> Iterator[str]:
    if required.method is not Method.KITAGAWA:
        yield f"characteristics are worth what they are worth to the reference `{required.reference.value}`"
    yield "no covariate comes after the decision"
    left = [(name, counted[name].rows - counted[name].complete, counted[name].rows) for name in pair]
    if any(missing for _, missing, _ in left):
        shown = ", ".join(f"{missing:,} of {rows:,} of `{name}`" for name, missing, rows in left)
        yield f"rows in which something is missing are like the others: {shown}"
    for attribute in required.over:
        if policy.protected[attribute].proxy:
            yield f"`{attribute}` is guessed, and the guesses err alike whatever the outcome"
    if policy.missing is not Missing.OWN_GROUP:
        yield "rows without a group are left out"


def _about(policy: Policy, required: DecompositionRequirement, pair: tuple[str, ...] = ()) -> About:
    return About(rule=RULE, subject=f"{policy.subject}: {required.id}", location=required.location, anchor=(required.id, *pair))


def _amount(value: float, binary: bool) -> str:
    return f"{100 * value:.1f} points" if binary else f"{value:.4g}"
