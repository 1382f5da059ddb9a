"""On which share of the domain twins are decided on differently: the verdict on a requirement with `share`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from probatum.errors import ProbatumError, UnreadableArtefact
from probatum.evidence import Proof
from probatum.fairness.artefacts import Policy
from probatum.fairness.artefacts.requirements.individual import IndividualRequirement, Over
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.fairness.model.certify.answer import Question
    from probatum.fairness.model.certify.share import Share

_PEOPLE = {
    Over.UNIFORM: "shares are of people drawn evenly from the range of each feature, independently of the others",
    Over.TABLE: "shares are of people drawn feature by feature from the table, independently of the others",
}


def verdict(policy: Policy, required: IndividualRequirement, question: Question, tools: Tools, *, rule: str, who: str) -> Outcome:
    """Say whether decisions differ on more of the domain than is allowed."""
    bound = required.share or 0.0
    found = bounded(policy, required, question, tools, lambda low, high: low > bound or high <= bound)
    about: dict[str, Any] = {
        "rule": rule,
        "subject": f"{policy.subject}: {required.id}",
        "location": required.location,
        "anchor": (required.id, required.model),
        "assumptions": (
            "nobody is outside the domain: the ranges that the policy, the table or the model's file says",
            _PEOPLE[required.over],
        ),
    }
    if not (found.lower > bound or found.upper <= bound):
        return Undecided(
            **about,
            why=Why.SOLVER_GAVE_UP,
            reason=f"decisions differ on {found.lower:.3%} to {found.upper:.3%} of the domain, and {bound:.3%} is allowed "
            f"(after {found.parts:,} parts; `parts: ...` looks at more)",
        )
    violated = found.lower > bound
    much = f"at least {found.lower:.3%}" if violated else f"at most {found.upper:.3%}"
    proof = Proof(
        method="fairness/twins-share/1",
        claim=f"{required.model} decides differently of people who differ only in {who.replace('`', '')} on {much} of the domain",
        certificate={
            "requirement": required.id,
            "verdict": "violated" if violated else "satisfied",
            "share": found.certificate,
        },
    )
    message = f"`{required.model}` decides differently of people who differ only in {who} on {much} of the domain"
    if not violated:
        return Cleared(**about, message=message, strength=Strength.PROVED, evidence=proof)
    return Finding(
        **about,
        message=message,
        evidence=proof,
        cause=f"the model reads {who}, or what stands for it, more often than `{required.id}` allows ({bound:.3%})",
    )


def bounded(
    policy: Policy,
    required: IndividualRequirement,
    question: Question,
    tools: Tools,
    enough: Callable[[float, float], bool],
) -> Share:
    """Return bounds of the share that a requirement is about."""
    from probatum.fairness.model.certify.share import share
    from probatum.fairness.rules._tables import relation_of

    try:
        with relation_of(policy, tools) if required.over is Over.TABLE else nullcontext() as relation:
            return share(
                question, required.over, relation, enough=enough, most_parts=required.most_parts, tick=tools.deadline.check
            )
    except UnreadableArtefact:
        raise
    except ProbatumError as problem:
        raise UnreadableArtefact(problem.message, help=problem.help, location=required.location) from None
