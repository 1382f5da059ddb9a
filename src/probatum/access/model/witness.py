"""From values of dimensions to a request that a person can read and replay."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from probatum.access.artefacts import Policy
from probatum.access.model.atoms import ACTION, PRINCIPAL_ARN, RESOURCE
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
    if isinstance(principal, tuple) and (klass is None or (klass.arn is not None and not klass.only)):
        caller = _caller_with(principal[0]) or caller
    return Request(caller, action, resource, context=context)


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


def replays(request: Request, a: Policy, b: Policy, settings: Settings) -> tuple[int, ...]:
    """Check that A allows the request and B does not; return the statements of A that allow it."""
    if not document_allows(a, request, settings) or document_allows(b, request, settings):
        raise DoesNotReplay(request)
    return tuple(
        s.index for s in a.statements if s.allows and matches(s, request, settings, kind=a.kind, variables=a.variables_active)
    )
