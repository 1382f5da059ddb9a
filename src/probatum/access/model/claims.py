"""Decide a claim about a policy, and say it with evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from probatum.access.artefacts import Policy
from probatum.access.model.atoms import Vocabulary
from probatum.access.model.certificate import METHOD, certificate
from probatum.access.model.containment import Contained, Difference, Sides, difference
from probatum.access.model.witness import recognisable, replays
from probatum.access.model.words_equations import ASSUMPTION, ContainedByStrings
from probatum.access.semantics import Request, Settings
from probatum.access.semantics.axioms import AXIOMS
from probatum.access.semantics.references import Claim, pair_of
from probatum.evidence import Counterexample, Proof
from probatum.findings import Why
from probatum.tools import Tools

REQUEST = "access/request/1"
REQUESTS = "access/requests/1"

_modes = {
    "segments": "wildcards in resource names stop at colons (`arn-mode` is `segments`)",
    "flat": "wildcards in resource names cross colons (`arn-mode` is `flat`)",
}


@dataclass(frozen=True, slots=True)
class Broken:
    """The claim is false: a request that A allows and B does not."""

    request: Request
    by: tuple[int, ...]  # statements of A that allow it
    evidence: Counterexample
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holds:
    """The claim is true of all requests."""

    evidence: Proof
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unclear:
    """The claim could not be decided."""

    reason: str
    why: Why


def decide(
    policy: Policy, claim: Claim, tools: Tools, *, says: str, observed: str = "allowed", shown: bool = True
) -> Broken | Holds | Unclear:
    """Decide whether everything that the claim's A allows is allowed by its B.

    Parameters
    ----------
    says : str
        What the claim means, in the words of the policy's owner; kept in the evidence.
    observed : str
        What happens to a request that breaks the claim.
    shown : bool
        Whether people will see the request, so that it should look like one.
    """
    settings = Settings.of(tools.options)
    a, b = pair_of(claim, policy, tools.inputs)
    sides = Sides(a, b, settings, vocabulary=_vocabulary(policy.digest))
    answer = difference(sides, deadline=tools.deadline)
    modes: Mapping[str, Any] = {"arn_mode": settings.arn_mode, "multivalue": settings.multivalue}
    mode = (_modes[settings.arn_mode],) if _has_patterns(a, b) else ()
    if isinstance(answer, Difference):
        request = recognisable(answer.request, a, b, sides) if shown else answer.request
        by = replays(request, a, b, settings) if request != answer.request else answer.by
        flow = tuple((a.statements[i].location, "this statement allows it") for i in by if a.statements[i].location.path)
        given = {"claim": dict(claim), "request": request.to_json(), **modes}
        evidence = Counterexample(
            method=REQUEST, given=given, observed=observed, expected="denied", flow=flow, summary=in_words(request)
        )
        return Broken(request, by, evidence, mode)
    if isinstance(answer, Contained):
        proof = Proof(method=METHOD, claim=says, certificate=certificate(answer, sides, claim=claim))
        return Holds(proof, (*(AXIOMS[name] for name in answer.axioms), *mode))
    if isinstance(answer, ContainedByStrings):
        return Holds(answer.evidence(says), (*(AXIOMS[name] for name in answer.axioms), *mode, ASSUMPTION))
    return Unclear(answer.reason, answer.why)


def all_broken(policy: Policy, claims: Mapping[str, Claim], tools: Tools) -> Counterexample | dict[str, Broken | Holds | Unclear]:
    """Return one piece of evidence that all claims are false, or the answers if some are not."""
    answers = {name: decide(policy, claim, tools, says=name, shown=False) for name, claim in claims.items()}
    cases = [{"refutes": name, **a.evidence.given} for name, a in answers.items() if isinstance(a, Broken)]
    if len(cases) < len(answers):
        return answers
    return Counterexample(
        method=REQUESTS,
        given={"cases": cases},
        observed="each is refuted by its request",
        expected="each is refuted by its request",
    )


def in_words(request: Request) -> str:
    """Who does what to what, and with which keys, in one line."""
    caller = request.principal
    names = {"anonymous": "someone without an account", "web-identity": f"whoever {caller.name} vouches for"}
    who = names.get(caller.kind) or caller.role or caller.name
    what = request.action if request.resource == "*" else f"{request.action} on {request.resource}"
    said = [f"{request.spellings.get(k, k)} = {', '.join(v)}" for k, v in sorted(request.context.items())]
    return f"{who}: {what}" + (f", with {'; '.join(said)}" if said else "")


@lru_cache(maxsize=2)
def _vocabulary(digest: str) -> Vocabulary:  # noqa: ARG001 - one for each document: the claims about it ask much the same
    return Vocabulary()


def _has_patterns(*policies: Policy) -> bool:
    """Whether the reading of resource patterns can matter."""
    return any(
        r != "*" and (r.count(":") < 5 or set("".join(r.split(":")[:5])) & {"*", "?"})
        for p in policies
        for s in p.statements
        for r in s.resources or ()
    )
