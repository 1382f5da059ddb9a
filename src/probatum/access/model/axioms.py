"""Facts about requests, as literals and clauses.

Each axiom has a name under which proofs list it. See `keys` for what is known
of single keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from probatum.access.artefacts import Operator
from probatum.access.model.atoms import PRINCIPAL_ACCOUNT, PRINCIPAL_ARN, ConditionAtom
from probatum.access.model.keys import TRUTH
from probatum.access.model.problem import Compiled, null_literal
from probatum.access.model.search import Clause
from probatum.access.semantics.callers import CallerClass

if TYPE_CHECKING:
    from probatum.access.model.containment import Sides

AXIOMS = {
    "account-of-arn": "`aws:PrincipalAccount` is the account in `aws:PrincipalArn`",
    "principal-known": "a caller with an identity policy has `aws:PrincipalArn` and `aws:PrincipalAccount`",
    "secure-transport": "`aws:SecureTransport` is always present, and true or false",
    "truth-values": "keys such as `aws:ViaAWSService` are `true` or `false` when present",
    "one-value": "a key carries several values only if it is documented to, or if a policy reads it with a set operator",
    "caller-keys": "keys about the caller agree with who the caller is; anonymous requests have none",
    "endpoint": "a request with `aws:SourceVpce` has `aws:SourceVpc` and no `aws:SourceIp`",
}

VPCE, VPC, IP = "aws:sourcevpce", "aws:sourcevpc", "aws:sourceip"
SECURE = "aws:securetransport"
IS_SERVICE, SERVICE = "aws:principalisawsservice", "aws:principalservicename"

_types = {"root": "Account", "user": "User", "role-session": "AssumedRole", "federated-user": "FederatedUser"}


def facts(a: Compiled, b: Compiled, sides: Sides, klass: CallerClass | None) -> tuple[list[int], list[Clause]]:
    """Literals and clauses that hold of all requests by a class of callers, as far as the policies ask about their keys."""
    if not sides.axioms_hold:
        return [], []
    keys = a.keys | b.keys
    units: list[int] = []
    clauses: list[Clause] = []

    def null(key: str, *, absent: bool) -> int:
        return null_literal(sides.vocabulary, key, absent=absent, joined=sides.joined)

    if SECURE in keys:
        units.append(null(SECURE, absent=False))
    if klass is not None:
        units += _about(klass, keys, sides)
    elif keys & {PRINCIPAL_ARN, PRINCIPAL_ACCOUNT}:
        units += [null(k, absent=False) for k in (PRINCIPAL_ARN, PRINCIPAL_ACCOUNT) if k in keys]
    if VPCE in keys:
        clauses.append(Clause((null(VPCE, absent=True), null(VPC, absent=False)), ("endpoint", 0)))
        clauses.append(Clause((null(VPCE, absent=True), null(IP, absent=True)), ("endpoint", 1)))
    return units, clauses


def _about(klass: CallerClass, keys: frozenset[str], sides: Sides) -> Iterator[int]:
    """Literals about the keys that follow from who the caller is."""

    def condition(operator: str, key: str, *values: str) -> int:
        atom = ConditionAtom(
            Operator(operator), key, values, variables=False, joined=sides.joined and key in (PRINCIPAL_ARN, PRINCIPAL_ACCOUNT)
        )
        return sides.vocabulary.literal(atom, sign=True)

    kind = klass.caller.kind
    if klass.arn is None:
        absent = [k for k in sorted(keys) if k.startswith("aws:principal") or k in ("aws:userid", "aws:username")]
        if kind == "service":
            absent = [k for k in absent if k not in (IS_SERVICE, SERVICE, "aws:principalservicenameslist")]
            if IS_SERVICE in keys:
                yield condition("StringEquals", IS_SERVICE, "true")
            if SERVICE in keys:
                yield condition("StringEquals", SERVICE, klass.caller.name)
        elif kind == "canonical":
            absent = []  # a canonical id stands for an account; its keys are left open
        for key in absent:
            yield condition("Null", key, "true")
        return
    if keys & {PRINCIPAL_ARN, PRINCIPAL_ACCOUNT}:
        if klass.only:
            if PRINCIPAL_ARN in keys or sides.joined:
                yield condition("StringEquals", PRINCIPAL_ARN, klass.arn)
            if not sides.joined and PRINCIPAL_ACCOUNT in keys:
                yield condition("StringEquals", PRINCIPAL_ACCOUNT, klass.caller.account)
        else:
            if PRINCIPAL_ARN in keys or sides.joined:
                yield condition("ArnLike", PRINCIPAL_ARN, klass.arn)
                if klass.but:
                    yield condition("ArnNotLike", PRINCIPAL_ARN, *klass.but)
            if not sides.joined and PRINCIPAL_ACCOUNT in keys:
                yield condition("StringLike", PRINCIPAL_ACCOUNT, klass.arn.split(":")[4])
    for key in keys & {SERVICE, "aws:principalservicenameslist"}:
        yield condition("Null", key, "true")
    if IS_SERVICE in keys:
        yield condition("StringEquals", IS_SERVICE, "false")
    if "aws:principaltype" in keys:
        yield condition("StringEquals", "aws:principaltype", _types[kind])
    if "aws:username" in keys:
        if kind == "user":
            known = klass.only
            yield (
                condition("StringEquals", "aws:username", klass.arn.rsplit("/", 1)[-1])
                if known
                else condition("Null", "aws:username", "false")
            )
        else:
            yield condition("Null", "aws:username", "true")


def used(a: Compiled, b: Compiled, sides: Sides) -> tuple[str, ...]:
    """Names of the axioms that may have taken part in a proof about these policies."""
    if not sides.axioms_hold:
        return ()
    keys = a.keys | b.keys
    out = []
    if sides.joined and {PRINCIPAL_ARN, PRINCIPAL_ACCOUNT} <= keys:
        out.append("account-of-arn")
    if a.policy.kind.names_principals:
        if any(k.startswith("aws:principal") or k in ("aws:userid", "aws:username") for k in keys):
            out.append("caller-keys")
    elif keys & {PRINCIPAL_ARN, PRINCIPAL_ACCOUNT}:
        out.append("principal-known")
    if SECURE in keys:
        out.append("secure-transport")
    if keys & (TRUTH - {SECURE}):
        out.append("truth-values")
    if keys:
        out.append("one-value")
    if VPCE in keys:
        out.append("endpoint")
    return tuple(out)


def needed(key: str, context: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the axioms forbid to leave a key out of a request that has these."""
    return key == SECURE or key.startswith("aws:principal") or key == "aws:username" or (key == VPC and VPCE in context)
