"""Who is public, in two senses: by the definition that S3 uses, and by what identifies a caller.

S3 looks at the text of a policy: it is public unless every grant is limited to
fixed values of at least one key of a list (source: AWS, "Blocking public access
to your Amazon S3 storage", the meaning of public). That is what its settings
act on, so it matters even where it differs from whether a stranger gets in.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from probatum.access.artefacts import Condition, Policy, Statement

# Keys whose value a stranger cannot choose.
IDENTIFYING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:userid",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)

# What S3 accepts as a limit; not all of it keeps strangers out.
_S3_KEYS = {
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:sourceip",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "aws:userid",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
}
_S3_ACTIONS = ("s3:get", "s3:list", "s3:abortmultipartupload", "s3:delete", "s3:put", "s3:restoreobject")
_private = tuple(ipaddress.IPv4Network(n) for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_positive = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike")
_negative = ("StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike")


def fixed_values(policy: Policy) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Values that a policy fixes for keys a stranger cannot choose, as (operator, key, values).

    Those that an allow asks for, and those that a deny excepts.
    """
    for statement in policy.statements:
        for condition in statement.conditions:
            if condition.key not in IDENTIFYING:
                continue
            name = condition.operator.name
            if name not in (_positive if statement.allows else _negative):
                continue
            base = name.replace("Not", "", 1)
            several = condition.key.endswith("paths")
            kept = tuple(v for v in condition.values if is_fixed(condition.key, base, v))
            if kept:
                yield ("ForAnyValue:" if several else "") + base, condition.key, kept


def is_fixed(key: str, operator: str, value: str) -> bool:
    """Whether a value leaves a stranger no room: no variable, and wildcards only beside a fixed account or organisation."""
    if "${" in value or not value:
        return False
    if operator in ("StringEquals", "StringEqualsIgnoreCase") or not set(value) & {"*", "?"}:
        return True
    if key.endswith("arn"):
        parts = value.split(":", 5)
        if len(parts) == 6 and parts[2] == "s3" and key == "aws:sourcearn":
            return not set(parts[5]) & {"*", "?"}  # names of buckets are unique, and their ARNs name no account
        return len(parts) == 6 and re.fullmatch(r"[0-9]{12}", parts[4]) is not None
    if key.endswith("orgpaths"):
        return re.match(r"o-[a-z0-9]{10,32}/", value) is not None
    if key == "aws:userid":
        return re.match(r"(AROA|AIDA)[A-Z0-9]{12,}:", value) is not None
    return False


# Identity providers that serve everyone, and what of their tokens a stranger cannot choose. Source: their documentation.
_SHARED_PROVIDERS = {
    "accounts.google.com": ("aud", "sub"),
    "agent.buildkite.com": ("sub",),
    "app.terraform.io": ("sub",),
    "cognito-identity.amazonaws.com": ("aud",),
    "gitlab.com": ("sub",),
    "graph.facebook.com": ("app_id", "id"),
    "token.actions.githubusercontent.com": (
        "sub",
        "repository",
        "repository_id",
        "repository_owner",
        "repository_owner_id",
        "job_workflow_ref",
    ),
    "www.amazon.com": ("app_id", "user_id"),
}


def issuer(provider: str) -> str:
    """Return what an identity provider is called in condition keys: the name in its ARN, or the provider itself."""
    return provider.rsplit(":oidc-provider/", 1)[-1].lower()


def is_shared(provider: str) -> bool:
    """Whether anyone can be vouched for by an identity provider, so that naming it names nobody."""
    return issuer(provider) in _SHARED_PROVIDERS


def fixed_tokens(policy: Policy, provider: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Values that a policy fixes for tokens of a shared provider, as (operator, key, values)."""
    keys = {f"{issuer(provider)}:{claim}" for claim in _SHARED_PROVIDERS.get(issuer(provider), ())}
    for statement in policy.statements:
        for condition in statement.conditions:
            name = condition.operator.name
            if condition.key not in keys or name not in (_positive if statement.allows else _negative):
                continue
            base = name.replace("Not", "", 1)
            if kept := tuple(v for v in condition.values if _names_tenant(condition.key, base, v)):
                yield base, condition.key, kept


def _names_tenant(key: str, operator: str, value: str) -> bool:
    # `repo:acme/*` is one owner's; `repo:acme*` is also that of `acme-too`. Names end at `/` or `:`.
    if "${" in value or not value:
        return False
    if operator != "StringLike" or not set(value) & {"*", "?"}:
        return True
    fixed = re.split(r"[*?]", value, maxsplit=1)[0]
    return re.match(r"[a-z_]+:[^:/]+[:/]" if key.endswith(":sub") else r"[^:/]+/", fixed) is not None


def narrow_ranges(policy: Policy) -> tuple[str, ...]:
    """Address ranges of a policy that are not the whole internet: at most a /8 (IPv4) or /32 (IPv6), or private."""
    out = []
    for statement in policy.statements:
        for condition in statement.conditions:
            wanted = "IpAddress" if statement.allows else "NotIpAddress"
            if condition.key == "aws:sourceip" and condition.operator.name == wanted:
                out += [v for v in condition.values if _is_narrow(v)]
    return tuple(dict.fromkeys(out))


def _is_narrow(text: str) -> bool:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    if isinstance(network, ipaddress.IPv4Network):
        return network.prefixlen >= 8 or any(network.subnet_of(p) for p in _private)
    return network.prefixlen >= 32


def public_by_s3(policy: Policy) -> tuple[Statement, ...]:
    """Statements by which S3 would call a bucket policy public."""
    return tuple(s for s in policy.statements if s.allows and _grants_to_all(s) and _is_dangerous(s) and not _is_limited(s))


def _grants_to_all(statement: Statement) -> bool:
    principals = statement.principals
    return principals is not None and (principals.negated or any(e.type == "*" for e in principals.entries))


def _is_dangerous(statement: Statement) -> bool:
    if statement.not_actions:
        return True
    return any(_meets(a.lower(), prefix) for a in statement.actions for prefix in _S3_ACTIONS)


def _meets(pattern: str, prefix: str) -> bool:
    fixed = re.split(r"[*?]", pattern, maxsplit=1)[0]
    return fixed.startswith(prefix) or (fixed != pattern and prefix.startswith(fixed))


def _is_limited(statement: Statement) -> bool:
    return any(_is_limit(c) for c in statement.conditions)


def _is_limit(condition: Condition) -> bool:
    name, key = condition.operator.name, condition.key
    if key not in _S3_KEYS or condition.operator.if_exists or condition.operator.quantifier == "ForAllValues":
        return False
    if key == "aws:sourceip":
        return name == "IpAddress" and all(_is_narrow(v) for v in condition.values)
    if name not in _positive:
        return False
    return all("${" not in v and (not set(v) & {"*", "?"} or _wild_but_fixed(key, v)) for v in condition.values)


def _wild_but_fixed(key: str, value: str) -> bool:
    # An access point may be named by a pattern if its account is fixed; a role's sessions are not fixed.
    if key != "s3:dataaccesspointarn":
        return False
    parts = value.split(":")
    return len(parts) >= 6 and re.fullmatch(r"[0-9]{12}", parts[4]) is not None
