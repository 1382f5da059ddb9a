"""Statements: whether one is about a request, and why not if it is not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from probatum.access.artefacts import Condition, Kind, Policy, Principal, Principals, Statement
from probatum.access.semantics.conditions import condition_holds
from probatum.access.semantics.patterns import arn_matches, fold, glob
from probatum.access.semantics.request import Caller, Request
from probatum.access.semantics.settings import Settings
from probatum.errors import UnsupportedConstruct
from probatum.source import Location

_account = re.compile(r"[0-9]{12}|arn:[^:]+:iam::[0-9]{12}:root")


@dataclass(frozen=True, slots=True)
class StatementTrace:
    """What became of one statement for one request.

    Attributes
    ----------
    matched : bool
    named : str
        How the statement names the caller: ``everyone``, ``account``, ``role``
        (a session, by its role), ``self`` (by its own ARN or name), ``others``
        (it is not among those excepted), or empty if not at all or if the
        kind of policy names nobody.
    failed : str
        The first element that does not match: ``Principal``, ``Action``,
        ``Resource``, ``Condition``; empty if all do.
    reason : str
        Why, in one line.
    location : Location
        Of the element that failed, else of the statement.
    """

    policy: Policy
    statement: Statement
    matched: bool
    named: str
    failed: str
    reason: str
    location: Location


def matches(
    statement: Statement,
    request: Request,
    settings: Settings,
    *,
    kind: Kind = Kind.IDENTITY,
    variables: bool = True,
    bounded: bool = False,
) -> bool:
    """Whether a statement is about a request: principal, action, resource and every condition match.

    Parameters
    ----------
    kind, variables
        Of the policy that the statement belongs to.
    bounded : bool
        Whether the caller has a permissions boundary. Then it cannot be
        excepted from a deny by ``NotPrincipal``.

    Raises
    ------
    UnsupportedConstruct
        If the statement says something that has no meaning here.
    """
    refuse_unsupported(statement)
    return (
        (statement.principals is None or named(statement, request.principal, bounded=bounded) != "")
        and action_matches(statement, request)
        and resource_matches(statement, request, settings, kind=kind, variables=variables)
        and all(condition_holds(c, request, settings, variables=variables) for c in statement.conditions)
    )


def document_allows(policy: Policy, request: Request, settings: Settings) -> bool:
    """Whether one document on its own lets a request through: a matching deny wins, else some allow must match."""
    hits = [s for s in policy.statements if matches(s, request, settings, kind=policy.kind, variables=policy.variables_active)]
    return any(s.allows for s in hits) and all(s.allows for s in hits)


def refuse_unsupported(statement: Statement) -> None:
    """Raise `UnsupportedConstruct` if a statement says something that has no meaning here."""
    for item in statement.unsupported:
        raise UnsupportedConstruct(
            f"{statement.name} contains {item.what}, which is not supported",
            help="write it with the documented elements of the policy language",
            location=item.location,
        )


def action_matches(statement: Statement, request: Request) -> bool:
    """Whether the action is among the patterns, or not among those of ``NotAction``; case does not matter."""
    action = fold(request.action)
    # Most of the thousands of actions that a policy may list have no wildcard; for them `glob` says the same.
    hit = any(fold(p) == action or (("*" in p or "?" in p) and glob(fold(p), action)) for p in statement.actions)
    return hit is not statement.not_actions


def resource_matches(statement: Statement, request: Request, settings: Settings, *, kind: Kind, variables: bool) -> bool:
    """Whether the resource is among the patterns, or not among those of ``NotResource``; true if none are given."""
    if statement.resources is None:
        return True
    hit = any(
        arn_matches(pattern, request.resource, mode=settings.arn_mode, kind=kind, context=request.context, variables=variables)
        for pattern in statement.resources
    )
    return hit is not statement.not_resources


def named(statement: Statement, caller: Caller, *, bounded: bool = False) -> str:
    """Return how a statement that has principals names a caller; empty if it does not. See `StatementTrace.named`."""
    principals = statement.principals
    if principals is None:
        return ""
    if not principals.negated:
        ways = {names(entry, caller) for entry in principals.entries}
        return next((way for way in ("self", "role", "everyone", "account") if way in ways), "")
    if statement.allows:
        return "" if any(names(entry, caller) for entry in principals.entries) else "others"
    return "" if _excepted(principals, caller) and not bounded else "others"


def names(entry: Principal, caller: Caller) -> str:
    """Return how one entry of ``Principal`` names a caller: ``everyone``, ``account``, ``role``, ``self``, or not (empty).

    The anonymous caller is only named by everyone. ``arn:..:root`` and twelve
    digits mean the account with all that is in it; for the root user that is
    itself. A unique id in place of an ARN is what is left of a deleted
    principal, and names nobody.
    """
    if entry.type == "*":
        return "everyone"
    if entry.type == "AWS":
        if _account.fullmatch(entry.value):
            digits = entry.value if ":" not in entry.value else entry.value.split(":")[4]
            if not caller.account or digits != caller.account:
                return ""
            return "self" if caller.kind == "root" else "account"
        if caller.kind == "role-session" and _is_role(entry.value, caller):
            return "role"
        if caller.kind == "federated-user" and entry.value == _issuer(caller):
            return "role"
        if caller.kind == "canonical":  # a CloudFront identity is named by an ARN of its own
            return "self" if entry.value == caller.name else ""
        in_account = caller.kind in ("user", "role-session", "federated-user")
        return "self" if in_account and caller.name and entry.value == caller.name else ""
    kinds = {"Service": ("service",), "Federated": ("web-identity", "saml"), "CanonicalUser": ("canonical",)}
    return "self" if caller.kind in kinds.get(entry.type, ()) and entry.value == caller.name else ""


def _is_role(text: str, caller: Caller) -> bool:
    # A session's ARN lacks the path of its role, so then the name decides: it is unique in an account.
    if caller.role:
        return text == caller.role
    parts = text.split(":", 5)
    return (
        len(parts) == 6
        and parts[:5] == ["arn", caller.partition, "iam", "", caller.account]
        and parts[5].startswith("role/")
        and parts[5].rsplit("/", 1)[-1] == caller.role_name
    )


def _issuer(caller: Caller) -> str:
    return f"arn:{caller.partition}:iam::{caller.account}:user/{caller.name.split('/', 1)[-1]}"


def _excepted(principals: Principals, caller: Caller) -> bool:
    # From a deny, a caller is excepted only if it is listed itself: its account is not enough. A role
    # session must be listed both as session and by its role.
    ways = {names(entry, caller) for entry in principals.entries}
    if "everyone" in ways:
        return True
    if caller.kind == "role-session":
        return "role" in ways and (not caller.name or "self" in ways)
    return "self" in ways


def trace(policy: Policy, statement: Statement, request: Request, settings: Settings, *, bounded: bool = False) -> StatementTrace:
    """Say whether a statement is about a request, and name the first element that is not.

    Raises
    ------
    UnsupportedConstruct
        As `matches`.
    """
    refuse_unsupported(statement)
    kind, variables = policy.kind, policy.variables_active
    way = named(statement, request.principal, bounded=bounded)
    failed, reason, where = "", "", statement.location
    if statement.principals is not None and not way:
        verb = "excepts" if statement.principals.negated else "does not name"
        failed, where = "Principal", statement.principals.location
        reason = f"{statement.name} {verb} {_called(request.principal)}"
    elif not action_matches(statement, request):
        failed = "Action"
        where = statement.action_locations[0] if statement.action_locations else where
        reason = f"{statement.name} is not about the action `{request.action}`"
    elif not resource_matches(statement, request, settings, kind=kind, variables=variables):
        failed = "Resource"
        where = statement.resource_locations[0] if statement.resource_locations else where
        reason = f"{statement.name} is not about the resource `{request.resource}`"
    else:
        for condition in statement.conditions:
            if not condition_holds(condition, request, settings, variables=variables):
                failed, where = "Condition", condition.location
                reason = f"{statement.name} requires {_condition(condition)}, {_given(condition, request)}"
                break
    verb = "allows" if statement.allows else "denies"
    return StatementTrace(
        policy,
        statement,
        not failed,
        "" if failed == "Principal" else way,
        failed,
        reason or f"{statement.name} {verb} `{request.action}` on `{request.resource}`",
        where,
    )


def _called(caller: Caller) -> str:
    return f"`{caller.name or caller.role}`" if caller.name or caller.role else "the anonymous caller"


def _condition(condition: Condition) -> str:
    values = ", ".join(f"`{v}`" for v in condition.values[:3]) + (", .." if len(condition.values) > 3 else "")
    return f"`{condition.operator}` of `{condition.key_text}` and {values or 'nothing'}"


def _given(condition: Condition, request: Request) -> str:
    values = request.context.get(condition.key, ())
    return f"and the request has {', '.join(f'`{v}`' for v in values)}" if values else "and the request has no such key"
