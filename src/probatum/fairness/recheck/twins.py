"""How much a model tells twins apart: a pair is scored again, and a cover is walked with exact arithmetic."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from probatum.evidence import CONFIRMED, Counterexample, Evidence, Proof, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.models import content_of, read_model
from probatum.fairness.artefacts.models.model import Link, Model, TreeSum
from probatum.fairness.artefacts.requirements.individual import IndividualRequirement
from probatum.fairness.artefacts.twins import Domain, Output, Twins
from probatum.fairness.recheck.boxes import Bounds, Disproved
from probatum.fairness.recheck.cover import Walk
from probatum.fairness.recheck.lines import Line, logistic_rise
from probatum.fairness.semantics.people import domain_of
from probatum.fairness.semantics.relation import Relation, opened
from probatum.fairness.semantics.rounding import rounding_of
from probatum.fairness.semantics.scoring import linked, raw_score, reads, row_of
from probatum.source import DATA, Source, digest_of

_LOGISTIC = 1e-13  # what computing logistic functions in 64 bits can make wrong, many times over


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute that twins are, or can be, told apart."""
    if isinstance(evidence, Counterexample):
        claim = evidence.given["claim"]
    elif isinstance(evidence, Proof):
        claim = evidence.certificate
    else:
        return Recheck("refuted", "twins are a counterexample or a proof")
    required = next((r for r in policy.of_kind(IndividualRequirement) if r.id == claim["requirement"]), None)
    if required is None:
        return Recheck("refuted", f"the policy has no requirement `{claim['requirement']}`")
    source = inputs.get(DATA + (beside(policy.location.path, required.model) or ""))
    if source is None:
        return Recheck("cannot", f"the model `{required.model}` is not there")
    content = content_of(source)
    model = read_model(content)
    domain = domain_asked(policy, required, model, inputs)
    threshold = required.threshold if required.threshold is not None else policy.decision.threshold
    threshold = 0.5 if threshold is None else threshold
    if isinstance(evidence, Counterexample):
        if _told(claim["pair"]) != {key: evidence.given.get(key) for key in ("both", "first", "second")}:
            return Recheck("refuted", "what is said of the two is not what the pair is")
        pair = [{name: math.nan if v is None else float(v) for name, v in one.items()} for one in claim["pair"]]
        return replay(model, domain, required.twins, required.output, threshold, required.bound, (pair[0], pair[1]))
    cover = claim["cover"]
    if cover["model"] != content.digest:
        return Recheck("refuted", "the cover is of another model")
    if (
        Domain.from_json(cover["domain"]) != domain
        or Twins.from_json(cover["twins"]) != required.twins
        or cover["output"] != required.output.value
        or (required.output is Output.DECISION and cover["threshold"] != threshold)
    ):
        return Recheck("refuted", "the cover is about other people, or another output")
    return walk(model, cover, required.bound)


def _told(pair: list[Mapping[str, float | None]]) -> dict[str, Any]:
    """Return what both have in common, and what each has alone."""
    first, second = pair
    both = {name: value for name, value in first.items() if second[name] == value}
    return {
        "both": both,
        "first": {name: value for name, value in first.items() if name not in both},
        "second": {name: value for name, value in second.items() if name not in both},
    }


def domain_asked(policy: Policy, required: IndividualRequirement, model: Model, inputs: Mapping[str, Source]) -> Domain:
    """Return who there may be, as a requirement, its table and its model say."""
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return domain_of(model, required.domain, required.one_hot, lambda: None, required.location)
    with opened(source) as relation:

        def table() -> Relation | None:
            return relation

        return domain_of(model, required.domain, required.one_hot, table, required.location)


def replay(  # noqa: PLR0917 - in the order of the question
    model: Model,
    domain: Domain,
    twins: Twins,
    output: Output,
    threshold: float,
    bound: float,
    pair: tuple[Mapping[str, float], Mapping[str, float]],
) -> Recheck:
    """Score two people, who must be twins, and whose outputs must differ by more than the bound."""
    first, second = pair
    if set(first) != set(model.features) or set(second) != set(model.features):
        return Recheck("refuted", "the two do not have the model's features")
    if not twins.are(first, second, domain):
        return Recheck("refuted", "the two are not twins whom the requirement means")
    one, two = (raw_score(model, row_of(model, person)) for person in pair)
    if output is not Output.RAW:
        one, two = linked(model.link, one), linked(model.link, two)
    differ = one >= threshold > two if output is Output.DECISION else one - two > bound
    return CONFIRMED if differ else Recheck("refuted", f"the model says {one:.9g} of the one and {two:.9g} of the other")


def walk(model: Model, cover: Mapping[str, Any], bound: float) -> Recheck:
    """Walk a cover: every box must be bounded as it says, and the bounds must keep within what is allowed."""
    body = {key: value for key, value in cover.items() if key != "digest"}
    if cover["digest"] != digest_of(body) or cover["schema"] != "probatum-cover/1":
        return Recheck("refuted", "the cover was altered")
    domain, twins, output = Domain.from_json(cover["domain"]), Twins.from_json(cover["twins"]), Output(cover["output"])
    threshold = cover["threshold"]
    if output is Output.DECISION and model.link is Link.LOGISTIC:
        if not 0 < threshold < 1:
            return Recheck("refuted", f"the threshold {threshold!r} is no probability")
        threshold = math.log(threshold) - math.log1p(-threshold)
    most = cover["bound"]
    if isinstance(model, TreeSum):
        walked = Walk(model, domain, twins).bounds(cover["cover"])
    else:
        from probatum.fairness.recheck.layers import bounds_of_layers

        walked = bounds_of_layers(model, domain, twins, cover["cover"])
    names = {column for one in twins.differing() for column in domain.one_hot.get(one, (one,))}
    wrong = 0.0
    if any(model.features[n] in names for n in reads(model)):
        wrong = rounding_of(model, domain, output) * (1 if output is Output.DECISION else 2)
    computed = -math.inf
    try:
        for stated, found in walked:
            if found is None or (found.plain and output is Output.DECISION):
                continue  # nobody, or nobody of whom the first can be above a threshold and the second below it
            if stated is None or most is None:
                return Recheck("refuted", "a box that is said to be empty is not")
            if stated > most:
                return Recheck("refuted", f"a box is bounded by {stated!r}, and all of them by {most!r}")
            if not _within(found, float(stated), output, model.link, threshold):
                return Recheck("refuted", f"a box is not bounded by {stated!r}")
            ordered = found.plain and stated <= 0 and output is not Output.DECISION
            computed = max(computed, float(stated) + (0.0 if ordered else wrong))
    except Disproved as problem:
        return Recheck("refuted", str(problem))
    kept = computed < 0 if output is Output.DECISION else computed <= bound
    return CONFIRMED if kept else Recheck("refuted", f"the cover proves {computed:.9g}, which is not what is claimed")


def _within(found: Bounds, stated: float, output: Output, link: Link, threshold: float) -> bool:
    if found.line is not None and _line_within(found.line, stated, output, link, threshold):
        return True
    if output is Output.DECISION:
        at = Fraction(threshold)
        return min(found.first - at, at - found.second, found.gap / 2) <= Fraction(stated)
    if output is Output.RAW or link is Link.IDENTITY:
        return found.gap <= Fraction(stated)
    if found.gap <= 0 <= stated:
        return True
    gap, first, second = float(found.gap), float(found.first), float(found.second)
    low = max(second, min(-gap / 2, first - gap))
    return linked(link, min(low + gap, first)) - linked(link, low) + _LOGISTIC <= stated


def _line_within(line: Line, stated: float, output: Output, link: Link, threshold: float) -> bool:
    """Whether what is above a line of both outputs bounds what is asked."""
    one, two = line.end
    if output is Output.DECISION:
        # The lesser of two distances from the threshold is at most their mean, whatever its weights.
        return one >= 0 >= two and one - two == 1 and line.most - Fraction(threshold) * (one + two) <= Fraction(stated)
    if output is Output.RAW or link is Link.IDENTITY:
        return one == 1 and two == -1 and line.most <= Fraction(stated)
    (low1, high1), (low2, high2) = line.first, line.second
    # Less the second's logistic function is 1 less that of the negative.
    rise = logistic_rise(low1, high1, one) + logistic_rise(-high2, -low2, -two) - 1.0
    return float(line.most) + rise + _LOGISTIC * (1 + abs(float(line.most))) <= stated
