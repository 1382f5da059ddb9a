"""Facts about all requests that no policy states.

Without them a counterexample may be a request that cannot occur; a wrong one
would hide a defect. So they are few, each has a name, every proof lists those it
may rest on, and they can be switched off. Facts are given as conditions, so that
they mean what conditions mean.

One fact is not a condition: the account in ``aws:PrincipalArn`` and
``aws:PrincipalAccount`` are the same (``account-of-arn``). Those who reason about
requests read one off the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from probatum.access.artefacts import Condition, Operator, Policy
from probatum.access.semantics.callers import CallerClass
from probatum.access.semantics.keys import NAMES, TRUTH
from probatum.source import Location

AXIOMS = {
    "account-of-arn": "`aws:PrincipalAccount` is the account in `aws:PrincipalArn`",
    "principal-known": "a caller with an identity policy has `aws:PrincipalArn` and `aws:PrincipalAccount`",
    "caller-keys": "keys about the caller agree with who the caller is; anonymous requests have none",
    "secure-transport": "`aws:SecureTransport` is always present, and true or false",
    "truth-values": "keys such as `aws:ViaAWSService` are `true` or `false` when present",
    "one-value": "a key carries several values only if it is documented to, or if a policy reads it with a set operator",
    "plain-names": "names of users, roles, accounts, organisations, regions and endpoints contain no `*` and no `?`, those of principals no `:`",
    "endpoint": "a request with `aws:SourceVpce` has `aws:SourceVpc` and no `aws:SourceIp`",
}

ARN, ACCOUNT = "aws:principalarn", "aws:principalaccount"
SECURE = "aws:securetransport"

# How the keys are written that facts may bring into a request.
SPELLINGS = {
    key.lower(): key
    for key in (
        "aws:PrincipalArn",
        "aws:PrincipalAccount",
        "aws:PrincipalIsAWSService",
        "aws:PrincipalServiceName",
        "aws:PrincipalType",
        "aws:SecureTransport",
        "aws:SourceIp",
        "aws:SourceVpc",
        "aws:SourceVpce",
        "aws:userid",
        "aws:username",
    )
}

# What the ARN of a principal looks like, segment by segment.
PRINCIPAL_ARNS = tuple(
    ("arn", "?*", service, "", "?" * 12, name)
    for service, name in (("iam", "user/?*"), ("iam", "role/?*"), ("iam", "root"), ("sts", "federated-user/?*"))
)
VPCE, VPC, IP = "aws:sourcevpce", "aws:sourcevpc", "aws:sourceip"
IS_SERVICE, SERVICE, SERVICES = "aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist"
TYPE, NAME, USERID = "aws:principaltype", "aws:username", "aws:userid"

_types = {"root": "Account", "user": "User", "role-session": "AssumedRole", "federated-user": "FederatedUser"}
_nowhere = Location("")
_variable = re.compile(r"\$\{([^},*?$][^},]*)[^}]*\}")


def keys_of(policies: Iterable[Policy]) -> frozenset[str]:
    """Condition keys that some policy reads, in a condition or as a variable, in lower case."""
    out: set[str] = set()
    for policy in policies:
        for s in policy.statements:
            out.update(c.key for c in s.conditions)
            if policy.variables_active:
                texts = (*(s.resources or ()), *(v for c in s.conditions for v in c.values))
                out.update(m[1].strip().lower() for t in texts if "${" in t for m in _variable.finditer(t))
    return frozenset(out)


def account_is_in_arn(policies: Iterable[Policy]) -> bool:
    """Whether the policies compare the principal's account as text only, so that it can be read off the ARN."""
    return all(
        c.operator.name.startswith("String") or c.operator.name == "Null"
        for p in policies
        for s in p.statements
        for c in s.conditions
        if c.key == ACCOUNT
    )


def facts(keys: frozenset[str], klass: CallerClass | None) -> tuple[Condition, ...]:
    """Conditions that hold of every request by a class of callers, as far as they are about `keys`.

    Parameters
    ----------
    keys : frozenset of str
        Keys that the policies read.
    klass : CallerClass or None
        None where policies name no principals: any principal with an identity.
    """
    out = [_condition("Null", SECURE, "false")] if SECURE in keys else []
    if klass is not None:
        out += _about(klass, keys)
    elif keys & {ARN, ACCOUNT}:
        out += [_condition("Null", key, "false") for key in (ARN, ACCOUNT)]
    return tuple(out)


def clauses(keys: frozenset[str]) -> tuple[tuple[tuple[Condition, bool], ...], ...]:
    """Alternatives of which one holds of every request: conditions that are true or false as said."""
    if VPCE not in keys:
        return ()
    without = (_condition("Null", VPCE, "true"), True)
    return ((without, (_condition("Null", VPC, "true"), False)), (without, (_condition("Null", IP, "true"), True)))


def _condition(operator: str, key: str, *values: str) -> Condition:
    return Condition(Operator(operator), key, key, values, _nowhere)


def _about(klass: CallerClass, keys: frozenset[str]) -> Iterator[Condition]:
    kind = klass.caller.kind
    if klass.arn is None:
        missing = sorted(k for k in keys if k.startswith("aws:principal") or k in (USERID, NAME))
        if kind == "service":
            missing = [k for k in missing if k not in (IS_SERVICE, SERVICE, SERVICES)]
            if IS_SERVICE in keys:
                yield _condition("StringEquals", IS_SERVICE, "true")
            if SERVICE in keys and not klass.open:
                yield _condition("StringEquals", SERVICE, klass.caller.name)
            elif SERVICE in keys:
                yield _condition("Null", SERVICE, "false")
                if klass.but:
                    yield _condition("StringNotEquals", SERVICE, *klass.but)
        elif kind == "canonical":
            # A canonical id stands for an account; who of it asks is left open, but it is no service.
            missing = [k for k in (SERVICE, SERVICES) if k in keys]
            if IS_SERVICE in keys:
                yield _condition("StringEquals", IS_SERVICE, "false")
        for key in missing:
            yield _condition("Null", key, "true")
        return
    if keys & {ARN, ACCOUNT}:
        if klass.only:
            yield _condition("StringEquals", ARN, klass.arn)
            yield _condition("StringEquals", ACCOUNT, klass.caller.account)
        else:
            yield _condition("ArnLike", ARN, klass.arn, *klass.also)
            if klass.but:
                yield _condition("ArnNotLike", ARN, *klass.but)
            yield _condition("StringLike", ACCOUNT, klass.arn.split(":")[4])
    for key in (SERVICE, SERVICES):
        if key in keys:
            yield _condition("Null", key, "true")
    if IS_SERVICE in keys:
        yield _condition("StringEquals", IS_SERVICE, "false")
    if TYPE in keys:
        yield _condition("StringEquals", TYPE, _types[kind])
    if NAME in keys:
        if kind != "user":
            yield _condition("Null", NAME, "true")
        elif klass.only:
            yield _condition("StringEquals", NAME, klass.arn.rsplit("/", 1)[-1])
        else:
            yield _condition("Null", NAME, "false")


def used(keys: frozenset[str], *, principals: bool) -> tuple[str, ...]:
    """Names of the axioms that may have taken part in a proof about policies that read these keys."""
    about_caller = any(k.startswith("aws:principal") or k in (USERID, NAME) for k in keys)
    happens = {
        "account-of-arn": {ARN, ACCOUNT} <= keys or (principals and bool({ARN, ACCOUNT} & keys)),
        "principal-known": not principals and bool({ARN, ACCOUNT} & keys),
        "caller-keys": principals and about_caller,
        "secure-transport": SECURE in keys,
        "truth-values": bool(keys & (TRUTH - {SECURE})),
        "one-value": bool(keys),
        "plain-names": bool(keys & NAMES),
        "endpoint": VPCE in keys,
    }
    return tuple(name for name in AXIOMS if happens[name])


def needed(key: str, context: Iterable[str]) -> bool:
    """Whether the axioms forbid to leave a key out of a request that has these keys."""
    return key in (SECURE, NAME) or key.startswith("aws:principal") or (key == VPC and VPCE in context)
