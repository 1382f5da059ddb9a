"""From values of dimensions to a request that a person can read and replay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from probatum.access.artefacts import Policy, services
from probatum.access.model.atoms import ACTION, PRINCIPAL_ACCOUNT, PRINCIPAL_ARN, RESOURCE
from probatum.access.model.dimensions import split_principal
from probatum.access.model.search import Model
from probatum.access.semantics import Caller, Request, Settings, axioms, document_allows, matches
from probatum.access.semantics.callers import CallerClass
from probatum.errors import UsageError

if TYPE_CHECKING:
    from probatum.access.model.containment import Sides


class DoesNotReplay(Exception):
    """A request from the model that the concrete semantics judges otherwise: a defect of ours."""


def request_from(model: Model, klass: CallerClass | None, sides: Sides) -> Request:
    """Complete the values of a model to a request by a caller of the class."""
    values = dict(model.values)
    action = str(values.pop(ACTION))
    resource = str(values.pop(RESOURCE, "*"))
    principal = values.get("key:" + PRINCIPAL_ARN)
    context = {dimension.removeprefix("key:"): value for dimension, value in values.items() if isinstance(value, tuple)}
    if sides.joined:
        context |= split_principal(principal)
    caller = klass.caller if klass is not None else _somebody
    return Request(caller, action, resource, context=context, spellings=sides.spellings)


_somebody = Caller("user", "arn:aws:iam::999999999900:user/x")


def _caller_with(arn: str) -> Caller | None:
    """Return the caller that has an ARN, if it is the ARN of one."""
    try:
        caller = Caller.parse(arn)
    except UsageError:
        return None
    if caller.kind == "role-session" and caller.role:
        parts = arn.split(":")
        session = f"arn:{parts[1]}:sts::{parts[4]}:assumed-role/{caller.role_name}/x"
        return Caller("role-session", session, caller.role)
    return caller


def minimal(request: Request, a: Policy, b: Policy, sides: Sides) -> Request:
    """Leave out of a request every condition key that the difference does not need."""
    for key in sorted(request.context):
        if sides.axioms_hold and axioms.needed(key, request.context):
            continue
        fewer = replace(request, context={k: v for k, v in request.context.items() if k != key})
        if document_allows(a, fewer, sides.settings) and not document_allows(b, fewer, sides.settings):
            request = fewer
    return request


def with_caller(request: Request, klass: CallerClass | None, a: Policy, b: Policy, sides: Sides) -> Request:
    """Give a request whose principal's ARN is known a caller with that ARN, with digits for its account if any will do."""
    service = request.context.get(axioms.SERVICE, ("",))[0]
    if klass is not None and klass.open and klass.caller.kind == "service" and service:
        return replace(request, principal=Caller("service", service))
    arn = request.context.get(PRINCIPAL_ARN, ("",))[0]
    if arn.count(":") < 5 or (klass is not None and (klass.arn is None or klass.only)):
        return request
    parts = arn.split(":", 5)
    account = parts[4] if re.fullmatch(r"[0-9]{12}", parts[4]) else klass.caller.account if klass else _somebody.account
    for partition in dict.fromkeys(("aws", parts[1])):
        plain = ":".join(["arn", partition, *parts[2:4], account, parts[5]])
        caller = replace(klass.caller, role=plain) if klass is not None and klass.also else _caller_with(plain)
        if caller is None:
            continue
        keys = {PRINCIPAL_ARN: (plain,)} | ({PRINCIPAL_ACCOUNT: (account,)} if PRINCIPAL_ACCOUNT in request.context else {})
        candidate = replace(request, principal=caller, context={**request.context, **keys})
        if document_allows(a, candidate, sides.settings) and not document_allows(b, candidate, sides.settings):
            return candidate
    return request


def recognisable(request: Request, a: Policy, b: Policy, sides: Sides, *, attempts: int = 150) -> Request:
    """Say the same with an action and a resource that exist, as far as the table of services knows some.

    Every candidate is replayed, so nothing rests on the table. The request is
    returned unchanged (but for the spelling of its action) if none will do.
    """

    def tells_apart(candidate: Request) -> bool:
        return document_allows(a, candidate, sides.settings) and not document_allows(b, candidate, sides.settings)

    own = services.spelled(request.action)
    names = [own] if own else [*_near(request.action), _as_written(request.action, a)]
    for action in names:
        for resource in _shapes(action, request.resource):
            attempts -= 1
            if attempts < 0:
                return replace(request, action=_as_written(request.action, a))
            candidate = replace(request, action=action, resource=resource, resource_account="")
            if tells_apart(candidate):
                return candidate
    return replace(request, action=_as_written(request.action, a))


def _near(action: str) -> Iterator[str]:
    """Documented actions of the service, those that begin most alike first; well-known ones if nobody knows the service."""
    known = services.actions_of(action.partition(":")[0])
    low = action.lower()
    yield from () if known else ("s3:GetObject", "sts:AssumeRole", "ec2:RunInstances", "iam:CreateUser")
    yield from sorted(known, key=lambda name: (-_shared(name.lower(), low), name))


def _shared(one: str, other: str) -> int:
    """Length of the common beginning."""
    return next((n for n, (x, y) in enumerate(zip(one, other, strict=False)) if x != y), min(len(one), len(other)))


def _shapes(action: str, resource: str) -> Iterator[str]:
    """The resource itself if it looks like one of the action's, then examples, then the resource whatever it looks like."""
    examples = services.resources_of(action)
    real = resource.startswith(("arn:aws:", "arn:aws-cn:", "arn:aws-us-gov:")) or resource == "*"
    if real and (resource in examples or any(_alike(resource, e) for e in examples)):
        yield resource
    yield from examples
    if resource != "*":
        parts = resource.split(":", 5)
        yield ":".join(["arn", "aws", action.partition(":")[0], *parts[3:]])
    yield resource


def _alike(resource: str, example: str) -> bool:
    one, other = resource.split(":", 5), example.split(":", 5)
    kinds = [re.split(r"[/:]", p[5])[0] if re.search(r"[/:]", p[5]) else "" for p in (one, other) if len(p) == 6]
    return len(kinds) == 2 and one[2] == other[2] and (kinds[0] == kinds[1] or one[2] == "s3")


def _as_written(action: str, policy: Policy) -> str:
    """Spell an action as the policy does, as far as it spells it out."""
    for statement in policy.statements:
        for pattern in statement.actions:
            fixed = re.split(r"[*?]", pattern)[0]
            if len(fixed) > action.find(":") and action.lower().startswith(fixed.lower()):
                return fixed + action[len(fixed) :]
    return action


def replays(request: Request, a: Policy, b: Policy, settings: Settings) -> tuple[int, ...]:
    """Check that A allows the request and B does not; return the statements of A that allow it."""
    if not document_allows(a, request, settings) or document_allows(b, request, settings):
        raise DoesNotReplay(request)
    return tuple(
        s.index for s in a.statements if s.allows and matches(s, request, settings, kind=a.kind, variables=a.variables_active)
    )
