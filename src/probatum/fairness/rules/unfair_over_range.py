"""A model treats two people differently who differ only in what must not matter.

## What it finds
Two people in the domain, alike in everything but the features that a requirement of `kind: individual` names, whose
scores differ by more than it allows, or of whom the model decides differently; with `share`, more of them than it allows.

## Why it matters
Rates of groups can agree while single people are treated by their sex; and data that nobody has collected yet will
contain them.

## Evidence
`Counterexample`: the two people, whom the model scores again. `Proof` that there are no such two: a cover of the whole
domain by boxes, each with a bound that is made again from the model.

## Not found
Models that are no sum of trees, linear score or small network. People outside the domain. What the domain allows and
life does not: a finding may be about two people who cannot exist.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from probatum.errors import ProbatumError, UnreadableArtefact
from probatum.evidence import Counterexample, Proof
from probatum.fairness.artefacts import beside
from probatum.fairness.artefacts.models import Model, content_of, read_model
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.individual import IndividualRequirement
from probatum.fairness.artefacts.twins import Domain, Output
from probatum.fairness.rules._shares import verdict
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.source import DATA, Source
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.fairness.model.certify.answer import Question

RULE = "fairness/unfair-over-range"

_METHOD = "fairness/twins/1"
_WORSE = 1_000  # parts of the domain in which a worse pair is looked for after one was found
_SHOWN = 3  # features that a message names


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a verdict for each requirement about twins."""
    wanted = policy.of_kind(IndividualRequirement)
    for at, requirement in enumerate(wanted):
        # Some of what is left is for those that follow, and for checking what is found.
        yield _verdict(policy, requirement, tools, tools.deadline.remaining() / (len(wanted) - at + 1))


def _verdict(policy: Policy, requirement: IndividualRequirement, tools: Tools, limit_s: float) -> Outcome:
    from probatum.fairness.model.certify.answer import answer

    name = requirement.model
    question = question_of(policy, requirement, tools.inputs)
    if requirement.share is not None:
        return verdict(policy, requirement, question, tools, rule=RULE, who=_differing(requirement))
    bound = requirement.bound
    looked = 0
    end = time.monotonic() + limit_s

    def tick() -> None:
        nonlocal looked
        looked += 1
        tools.deadline.check()

    def enough(low: float, high: float) -> bool:
        if time.monotonic() > end:
            return True
        if requirement.output is Output.DECISION:
            return low >= 0 or high < 0
        return high <= bound or (low > bound and looked > _WORSE)

    try:
        found = answer(question, enough=enough, most_parts=requirement.most_parts, tick=tick)
    except ProbatumError as problem:
        raise UnreadableArtefact(problem.message, help=problem.help, location=requirement.location) from None
    subject = f"{policy.subject}: {requirement.id}"
    anchor = (requirement.id, name)
    assumptions = (
        *_doubts(policy, question, tools),
        "nobody is outside the domain: the ranges that the policy, the table or the model's file says",
    )
    who = _differing(requirement)
    one, two = found.outputs
    decides = requirement.output is Output.DECISION
    violated = (one >= question.threshold > two) if decides else found.lower > bound
    if found.pair is not None and violated:
        shown = f"`{name}` decides differently of people who differ only in {who} ({one:.3g} and {two:.3g})"
        if not decides:
            shown = f"`{name}` scores people who differ only in {who} {found.lower:.3g} apart; {bound:g} is allowed"
        return Finding(
            rule=RULE,
            subject=subject,
            location=requirement.location,
            message=shown,
            evidence=Counterexample(
                method=_METHOD,
                given={**_told(found.pair), "claim": {"requirement": requirement.id, "pair": [_json(p) for p in found.pair]}},
                observed=f"{one:.6g} and {two:.6g}",
                expected="the same decision" if decides else f"at most {bound:g} apart",
                summary=_summary(found.pair, requirement),
            ),
            cause=f"the model reads {who}, or what stands for it, more than `{requirement.id}` allows",
            anchor=anchor,
            assumptions=assumptions,
        )
    proved = found.upper < 0 if decides else found.upper <= bound
    if proved:
        much = "decides alike" if decides else f"scores at most {max(0.0, found.upper):.3g} apart"
        return Cleared(
            rule=RULE,
            subject=subject,
            location=requirement.location,
            message=f"`{name}` {much} whoever differ only in {who}, everywhere in the domain",
            strength=Strength.PROVED,
            evidence=Proof(
                method=_METHOD,
                claim=f"{name} {much} any two people in the domain who differ only in {who.replace('`', '')}",
                certificate={"requirement": requirement.id, "cover": found.certificate},
            ),
            assumptions=assumptions,
            anchor=anchor,
        )
    between = "twins on both sides of the threshold are neither found nor excluded"
    if not decides:
        between = f"the largest difference is between {found.lower:.3g} and {found.upper:.3g}, and {bound:g} is allowed"
    return Undecided(
        rule=RULE,
        subject=subject,
        location=requirement.location,
        why=Why.SOLVER_GAVE_UP,
        reason=f"{between} (after {found.parts:,} parts of the domain; "
        f"{'more time' if time.monotonic() > end else '`parts: ...`'} looks at more)",
        assumptions=assumptions,
        anchor=anchor,
    )


def question_of(policy: Policy, requirement: IndividualRequirement, inputs: Mapping[str, Source]) -> Question:
    """Return what a requirement asks of its model.

    Raises
    ------
    UnreadableArtefact
        If the model is not there, or not understood, or nothing says what its features can be.
    """
    from probatum.fairness.model.certify.answer import Question

    name = requirement.model
    place = beside(policy.location.path, name)
    source = inputs.get(DATA + place) if place is not None else None
    if source is None:
        raise UnreadableArtefact(
            f"the model `{name}` is {'outside the checked directory' if place is None else 'not there'}",
            help="name a model inside the checked directory, by its path relative to the policy",
            location=requirement.location,
        )
    content = content_of(source)
    model = read_model(content)
    threshold = requirement.threshold if requirement.threshold is not None else policy.decision.threshold
    return Question(
        model=model,
        digest=content.digest,
        domain=domain_for(policy, requirement, model, inputs),
        twins=requirement.twins,
        output=requirement.output,
        threshold=0.5 if threshold is None else threshold,
    )


def domain_for(policy: Policy, requirement: IndividualRequirement, model: Model, inputs: Mapping[str, Source]) -> Domain:
    """Return who there may be, from the policy, its table where there is one, and the model's file."""
    from probatum.fairness.semantics.people import domain_of
    from probatum.fairness.semantics.relation import Relation, opened

    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    opening: list[Relation] = []
    with ExitStack() as stack:

        def table() -> Relation | None:
            if source is None:
                return None
            if not opening:
                opening.append(stack.enter_context(opened(source)))
            return opening[0]

        return domain_of(model, requirement.domain, requirement.one_hot, table, requirement.location)


def _doubts(policy: Policy, question: Question, tools: Tools) -> tuple[str, ...]:
    """Return what the table says against the domain, where there is a table."""
    from probatum.fairness.semantics.people_seen import doubts
    from probatum.fairness.semantics.relation import opened

    source = tools.inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return ()
    with opened(source) as relation:
        return doubts(question.domain, relation)


def _differing(requirement: IndividualRequirement) -> str:
    names = [f"`{name}`" for name in requirement.twins.differing()]
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _json(person: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if math.isnan(value) else value for name, value in person.items()}


def _told(pair: tuple[Mapping[str, float], Mapping[str, float]]) -> dict[str, Any]:
    """Return what both have in common and what each has alone."""
    first, second = (_json(person) for person in pair)
    alike = {name: value for name, value in first.items() if second[name] == value}
    own = [{name: value for name, value in person.items() if name not in alike} for person in (first, second)]
    return {"both": alike, "first": own[0], "second": own[1]}


def _summary(pair: tuple[Mapping[str, float], Mapping[str, float]], requirement: IndividualRequirement) -> str:
    told = _told(pair)
    parts = [
        f"{name} {value:g} and {told['second'][name]:g}"
        for name, value in told["first"].items()
        if value is not None and told["second"][name] is not None
    ]
    return f"two people with {', '.join(parts[:_SHOWN]) or ', '.join(requirement.twins.differing())}, and alike otherwise"
