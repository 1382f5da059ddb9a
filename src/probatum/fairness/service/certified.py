"""The box of inputs that one decision is in, what is certified of it, and how far a model can tell twins apart in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from probatum.errors import EvidenceError, ProbatumError
from probatum.fairness.artefacts.models.model import Model
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.individual import IndividualRequirement
from probatum.fairness.artefacts.requirements.ranges import RangesRequirement
from probatum.fairness.artefacts.twins import Domain, Output, Range, Twins, Values
from probatum.fairness.semantics.relation import Relation
from probatum.source import Location

_PARTS = 3_000  # of a box, after which its bound stays as it is
_ENDS = ("from", "below", "to")


def boxes_with(policy: Policy, relation: Relation, condition: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return for each requirement of `kind: ranges` the box that a row is in, with its verdict and bounds.

    Parameters
    ----------
    condition : str
        Of the row, as SQL, with `params`.
    """
    wanted = policy.of_kind(RangesRequirement)
    if not wanted:
        return []
    from probatum.fairness.model.ranges import ranges_of, rows_of
    from probatum.fairness.semantics.ranges import inside, said

    result = []
    for required in wanted:
        try:
            found = ranges_of(policy, required, relation)
        except ProbatumError as problem:
            result.append({"id": required.id, "verdict": "unknown", "why": problem.message})
            continue
        own: dict[str, Any] = {
            "id": required.id,
            "verdict": "outside",
            "supported": said(found.domain),
            "confidence": 1 - found.alpha,
        }
        for box in found.boxes:
            [row] = relation.sql(
                f"select count(*) as n from {{table}} where {condition} and {inside(box.sides, policy, required, relation)}",  # noqa: S608 - quoted
                **params,
            )
            if row["n"]:
                own |= {
                    "verdict": box.verdict,
                    "said": said(box.sides),
                    "sides": list(box.sides),
                    "rows": rows_of(box.counts),
                    "error": list(box.error) if required.error_at_most is not None else None,
                    "gaps": {claim.removeprefix("gap:"): list(ends) for claim, ends in box.gaps.items()},
                }
                break
        result.append(own)
    return result


def proved_gap(
    policy: Policy, relation: Relation, model: Model, digest: str, sides: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """Return between which bounds the largest gap between twins in a box is; None where the model cannot be asked.

    Twins differ in what the policy's requirements about individuals let vary, or in the protected columns that the model
    reads. What a box says of features that the model does not have, or of texts, makes its people fewer than those asked
    about: the upper bound holds for them, too.
    """
    from probatum.fairness.model.certify.answer import Question, answer
    from probatum.fairness.recheck.twins import walk
    from probatum.fairness.semantics.people import domain_of

    asked = next(iter(policy.of_kind(IndividualRequirement)), None)
    told, one_hot = (asked.domain, asked.one_hot) if asked is not None else ({}, {})
    varying = asked.twins.vary if asked is not None else ()
    twins = Twins(vary=varying or tuple(a.column for a in policy.protected.values() if a.column in model.features))
    if not twins.vary:
        return None
    try:
        whole = domain_of(model, told, one_hot, lambda: relation, Location(relation.path))
        domain = _within(whole, sides)
        question = Question(model=model, digest=digest, domain=domain, twins=twins, output=Output.SCORE)
        found = answer(question, most_parts=_PARTS)
    except ProbatumError:
        return None
    said = walk(model, found.certificate, found.upper)
    if said.status != "confirmed":
        raise EvidenceError(
            f"the bound did not survive its own check ({said.reason})", help="report this as a defect of probatum"
        )
    return {"differing": list(twins.vary), "lower": max(found.lower, 0.0), "upper": max(found.upper, 0.0)}


def _within(domain: Domain, sides: Sequence[Mapping[str, Any]]) -> Domain:
    """Cut a domain to a box, as far as both speak of the same numbers; it never gets smaller than the box."""
    features = dict(domain.features)
    for side in sides:
        own = features.get(str(side["feature"]))
        if own is None or not any(side.get(key) is not None for key in _ENDS):
            continue
        low, high = side.get("from"), side.get("below") if side.get("below") is not None else side.get("to")
        if isinstance(own, Range):
            least = own.low if low is None else max(own.low, float(low))
            most = own.high if high is None else min(own.high, float(high))
            if least <= most:
                features[str(side["feature"])] = replace(own, low=least, high=most)
        else:
            kept = tuple(v for v in own.values if (low is None or v >= float(low)) and (high is None or v <= float(high)))
            if kept:
                features[str(side["feature"])] = Values(kept, own.missing)
    return Domain(features=features, one_hot=domain.one_hot)
