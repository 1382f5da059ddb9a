"""What a claim about a policy compares: the policy or a part of it, and a limit.

Every claim has one form: *everything that A allows, B allows too*. "Nobody
outside may read" is that claim with a B that allows only insiders; "this deny
matches nothing" is the claim that everything is within what the deny leaves. A claim says by name how A and B come about, so that whoever checks it
makes them again from the policy that was checked, and need not believe a copy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from probatum.access.artefacts import Condition, Kind, Operator, Policy, Principal, Principals, Statement, read
from probatum.access.semantics.public import IDENTIFYING, fixed_tokens, fixed_values, is_shared, narrow_ranges
from probatum.source import Location, Source

Claim = Mapping[str, Any]

_nowhere = Location("")
_everyone = Principals((Principal("*", "*"),), negated=False, location=_nowhere)


def pair_of(claim: Claim, policy: Policy, inputs: Mapping[str, Source]) -> tuple[Policy, Policy]:
    """Return the two policies, A and B, that a claim is about.

    Parameters
    ----------
    claim : mapping
        ``a`` and ``b``, each an object with ``is``, one of the names below, and
        what that needs.

        - ``policy``: the policy that was checked.
        - ``statement`` (``index``): only this allow of it, with all its denies.
        - ``alone`` (``index``): only this allow of it.
        - ``without`` (``index``): the policy without this statement.
        - ``to-services``: the policy without allows that name no service.
        - ``nothing``: no request.
        - ``everything``: all requests.
        - ``unstopped`` (``index``): all requests but those that this deny stops.
        - ``everything-but`` (``actions``, ``resources``): all requests but these.
        - ``actions`` (``actions``, ``resources``): these actions on these resources, unconditionally.
        - ``insiders`` (``accounts``, ``organisations``): requests by principals of
          these accounts and organisations, and by services on their behalf.
        - ``named``: requests by those whom the policy names, or that carry a value
          that it fixes for a key that identifies where they come from. An identity
          provider that serves everyone names nobody without such a value.
        - ``on-behalf``: requests that are not made by a service, or say on behalf
          of which account, organisation or resource.
        - ``document`` (``name``, ``kind``): another input.
        - ``text`` (``text``): a policy of the same kind that reads like this: what a repair makes of it.

        In ``statement``, ``alone`` and ``unstopped``, conditions are without the values
        that no request carries; see `possible`.

    Raises
    ------
    LookupError
        If an input is not there, or a name is not known.
    ValueError
        If a statement has not the effect that the claim is about.
    """
    return _side(claim["a"], policy, inputs), _side(claim["b"], policy, inputs)


def _side(side: Claim, policy: Policy, inputs: Mapping[str, Source]) -> Policy:
    statements = policy.statements
    match side["is"]:
        case "policy":
            return policy
        case "statement":
            own = statements[side["index"]]
            return _with(policy, [possible(policy, s) for s in (_of(own, "Allow"), *(s for s in statements if not s.allows))])
        case "alone":
            return _with(policy, [possible(policy, _of(statements[side["index"]], "Allow"))])
        case "without":
            return _with(policy, [s for s in statements if s.index != side["index"]])
        case "to-services":
            return _with(policy, [s for s in statements if not s.allows or names_services(s)])
        case "nothing":
            return _with(policy, [])
        case "everything":
            return _with(policy, [_allow(policy)])
        case "unstopped":  # as a deny, because who is excepted by `NotPrincipal` depends on the effect
            return _with(policy, [_allow(policy), possible(policy, _of(statements[side["index"]], "Deny"))])
        case "everything-but":
            return _with(policy, [_allow(policy), _made(policy, "Deny", side["actions"], side["resources"])])
        case "actions":
            return _with(policy, [_made(policy, "Allow", side["actions"], side["resources"])])
        case "insiders":
            return _with(policy, _insiders(policy, side["accounts"], side["organisations"]))
        case "named":
            return _with(policy, _named(policy))
        case "on-behalf":
            return _with(policy, _on_behalf(policy))
        case "document":
            if side["name"] not in inputs:
                raise LookupError(f"`{side['name']}`")
            [found] = read(inputs[side["name"]], {"kinds": {"**": Kind(side["kind"]).value}})
            return found
        case "text":
            [found] = read(Source(policy.path, side["text"].encode()), {"kinds": {"**": policy.kind.value}})
            return found
    raise LookupError(f"a reading of `{side['is']}`")


def names_services(statement: Statement) -> bool:
    """Whether a statement names a service, which everyone (`*`) does not."""
    principals = statement.principals
    return principals is not None and not principals.negated and any(e.type == "Service" for e in principals.entries)


def _of(statement: Statement, effect: str) -> Statement:
    if statement.effect != effect:
        raise ValueError(f"{statement.name} has the effect `{statement.effect}`")
    return statement


# Keys whose values are names that services make or check: none contains a wildcard or a brace.
_PLAIN = IDENTIFYING - {"aws:sourcearn", "s3:dataaccesspointarn"} | {
    "aws:principalservicename",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:username",
}
PLAIN_NAMES = "names of principals, accounts, organisations, networks and regions contain none of `*`, `?` and `$`"


def possible(policy: Policy, statement: Statement) -> Statement:
    """Return a statement whose conditions are without the values that no request carries.

    Some operators take a wildcard literally, and the older version of the
    language a variable, but names contain neither. No evidence about what such
    a statement does should rest on a role that is called `*`.
    """
    conditions = tuple(replace(c, values=tuple(v for v in c.values if v not in out)) for c, out in impossible(policy, statement))
    return statement if conditions == statement.conditions else replace(statement, conditions=conditions)


def impossible(policy: Policy, statement: Statement) -> Iterator[tuple[Condition, frozenset[str]]]:
    """Yield every condition of a statement, with those of its values that no request carries."""
    literal = ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase")
    for condition in statement.conditions:
        name, values = condition.operator.name, set[str]()
        if condition.key in _PLAIN and name in literal:
            values |= {v for v in condition.values if set(v) & {"*", "?"}}
        if condition.key in _PLAIN and name != "Null" and not policy.variables_active:
            values |= {v for v in condition.values if "${" in v}
        yield condition, frozenset(values)


def _with(policy: Policy, statements: Iterable[Statement]) -> Policy:
    numbered = tuple(replace(s, index=n) for n, s in enumerate(statements))
    return replace(policy, statements=numbered)


def _made(
    policy: Policy,
    effect: str,
    actions: Sequence[str] = ("*",),
    resources: Sequence[str] = ("*",),
    *conditions: Condition,
    principals: Principals | None = None,
) -> Statement:
    return Statement(
        index=0,
        sid="",
        effect=effect,
        principals=(principals or _everyone) if policy.kind.names_principals else None,
        actions=tuple(actions),
        not_actions=False,
        resources=None if policy.kind is Kind.TRUST else tuple(resources),
        not_resources=False,
        conditions=conditions,
        location=_nowhere,
    )


def _allow(policy: Policy, *conditions: Condition, principals: Principals | None = None) -> Statement:
    return _made(policy, "Allow", ("*",), ("*",), *conditions, principals=principals)


def _condition(operator: str, key: str, *values: str) -> Condition:
    quantifier, _, name = operator.rpartition(":")
    return Condition(Operator(name, quantifier), key, key, values, _nowhere)


def _insiders(policy: Policy, accounts: Sequence[str], organisations: Sequence[str]) -> list[Statement]:
    out = []
    if accounts:
        listed = Principals(tuple(Principal("AWS", a) for a in accounts), negated=False, location=_nowhere)
        out.append(_allow(policy, principals=listed))
        texts = ("aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "kms:calleraccount")
        out += [_allow(policy, _condition("StringEquals", key, *accounts)) for key in texts]
        arns = [f"arn:*:*:*:{a}:*" for a in accounts]
        out += [_allow(policy, _condition("ArnLike", key, *arns)) for key in ("aws:principalarn", "aws:sourcearn")]
        providers = {e.value for s in policy.statements if s.principals for e in s.principals.entries if e.type == "Federated"}
        own = [p for p in sorted(providers) if p.split(":")[4:5] and p.split(":")[4] in accounts]
        out += _vouched(policy, own)
    if organisations:
        ids = ("aws:principalorgid", "aws:sourceorgid")
        out += [_allow(policy, _condition("StringEquals", key, *organisations)) for key in ids]
        paths = [f"{o}/*" for o in organisations]
        places = ("aws:principalorgpaths", "aws:sourceorgpaths")
        out += [_allow(policy, _condition("ForAnyValue:StringLike", key, *paths)) for key in places]
    out += _own_services(policy)
    services = tuple(e for s in policy.statements if s.principals for e in s.principals.entries if e.type == "Service")
    if services:  # whether a service may be told by strangers what to do is asked by the rule about deputies
        out.append(_allow(policy, principals=Principals(tuple(dict.fromkeys(services)), negated=False, location=_nowhere)))
    return out


def _named(policy: Policy) -> list[Statement]:
    entries = (
        e for s in policy.statements if s.principals is not None and not s.principals.negated for e in s.principals.entries
    )
    listed = tuple(dict.fromkeys(Principal(e.type, e.value) for e in entries if e.type != "*"))
    known = tuple(e for e in listed if e.type != "Federated")
    out = [_allow(policy, principals=Principals(known, negated=False, location=_nowhere))] if known else []
    out += _vouched(policy, [e.value for e in listed if e.type == "Federated"])
    out += _own_services(policy)
    for operator, key, values in fixed_values(policy):
        out.append(_allow(policy, _condition(operator, key, *values)))
    if ranges := narrow_ranges(policy):
        out.append(_allow(policy, _condition("IpAddress", "aws:sourceip", *ranges)))
    return out


def _own_services(policy: Policy) -> Iterator[Statement]:
    """Allow services for themselves, where the policy tells them from others without naming them: they are no strangers."""
    read_keys = {c.key for s in policy.statements for c in s.conditions}
    if "aws:principalisawsservice" in read_keys:
        yield _allow(policy, _condition("StringEquals", "aws:principalisawsservice", "true"))
    for key in ("aws:principalservicename", "aws:principalservicenameslist"):
        if key in read_keys:  # only services have it
            yield _allow(policy, _condition("Null", key, "false"))


def _vouched(policy: Policy, providers: Iterable[str]) -> Iterator[Statement]:
    """Allow those whom identity providers vouch for; of those that serve everyone, only those with fixed values."""
    for provider in providers:
        listed = Principals((Principal("Federated", provider),), negated=False, location=_nowhere)
        if not is_shared(provider):
            yield _allow(policy, principals=listed)
        for operator, key, values in fixed_tokens(policy, provider):
            yield _allow(policy, _condition(operator, key, *values), principals=listed)


_BEHALF = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner")


def _on_behalf(policy: Policy) -> list[Statement]:
    entries = (e for s in policy.statements if s.principals is not None for e in s.principals.entries)
    services = tuple(dict.fromkeys(Principal(e.type, e.value) for e in entries if e.type == "Service"))
    others = Principals(services or (Principal("Service", "none.amazonaws.com"),), negated=True, location=_nowhere)
    out = [_allow(policy, principals=others)]
    for operator, key, values in fixed_values(policy):
        if key in _BEHALF:
            out.append(_allow(policy, _condition(operator, key, *values)))
    # An external id, and the resource in an encryption context, also say for whom: of each, what a grant asks for.
    for condition in (c for s in policy.statements if s.allows for c in s.conditions):
        operator, key = condition.operator.name, condition.key
        if key == "sts:externalid" and operator == "StringEquals":
            kept = condition.values
        elif key.startswith("kms:encryptioncontext:") and operator in ("StringEquals", "StringLike", "ArnEquals", "ArnLike"):
            kept = tuple(v for v in condition.values if re.fullmatch(r"arn:[^:]*:[^:]*:[^:]*:[0-9]{12}:[^$]+", v))
        else:
            continue
        if kept:
            out.append(_allow(policy, _condition(operator, key, *kept)))
    return out
