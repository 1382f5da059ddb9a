"""One request: who asks to do what to which resource, in which circumstances."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from probatum.errors import UsageError

CALLERS = (
    "anonymous",  # unsigned
    "root",  # the root user of an account
    "user",
    "role-session",
    "federated-user",
    "web-identity",  # about to assume a role with a token; has no account yet
    "saml",  # likewise, with an assertion
    "service",
    "canonical",
)

_arn = re.compile(r"arn:([^:]+):(iam|sts)::([0-9]{12}):(root|user|role|assumed-role|federated-user)(?:/(.+))?")
_kind_of_resource = {
    "root": "root",
    "user": "user",
    "role": "role-session",
    "assumed-role": "role-session",
    "federated-user": "federated-user",
}
_help = (
    'write it as an ARN, an account\'s 12 digits, "anonymous", or an object such as {"Service": "sns.amazonaws.com"}; '
    f"the kinds are {', '.join(CALLERS)}"
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request.

    Attributes
    ----------
    kind : str
        One of `CALLERS`.
    name : str
        What a policy would call the caller: the ARN of a user, of the root user
        or of a session, a service's name, an identity provider, a canonical id.
        Empty for the anonymous caller, and for a session of which only the role
        is known.
    role : str
        For a role session, the role's ARN. Empty if only the session's ARN is
        known, which lacks the role's path.
    account : str
        The account that the caller belongs to, or empty.
    """

    kind: str
    name: str = ""
    role: str = ""
    account: str = ""

    def __post_init__(self) -> None:
        """Take the account from the ARN."""
        if self.kind not in CALLERS:
            raise UsageError(f"`{self.kind}` is not a kind of principal", help=_help)
        match = _arn.fullmatch(self.role or self.name)
        if not self.account and match is not None:
            object.__setattr__(self, "account", match.group(3))

    @property
    def role_name(self) -> str:
        """The name of a session's role, without its path."""
        return self.role.rsplit("/", 1)[-1] if self.role else self.name.split("/")[1] if "/" in self.name else ""

    @property
    def partition(self) -> str:
        """The partition of the caller's ARN, or empty."""
        parts = (self.role or self.name).split(":")
        return parts[1] if len(parts) >= 6 else ""

    @staticmethod
    def parse(value: object) -> Caller:
        """Read a caller from JSON: an ARN, ``"*"``, ``"anonymous"``, an account, or an object.

        Raises
        ------
        UsageError
            If it is none of these.
        """
        match value:
            case "*" | "anonymous":
                return Caller("anonymous")
            case str():
                return _from_text(value)
            case {"kind": str(kind), **rest}:
                parts = {str(k): v for k, v in rest.items()}
                if unknown := set(parts) - {"name", "role", "account"}:
                    raise UsageError(f"`{min(unknown)}` is not part of a principal", help="give kind, name, role and account")
                texts = {k: v for k, v in parts.items() if isinstance(v, str)}
                if len(texts) < len(parts):
                    raise UsageError("the parts of a principal are strings", help=_help)
                return Caller(kind, **texts)
            case {"AWS": str(text), **rest} if not rest:
                return Caller.parse(text)
            case {"Service": str(text), **rest} if not rest:
                return Caller("service", text)
            case {"Federated": str(text), **rest} if not rest:
                return Caller("saml" if ":saml-provider/" in text else "web-identity", text)
            case {"CanonicalUser": str(text), **rest} if not rest:
                return Caller("canonical", text)
        raise UsageError(f"`{_short(value)}` is not a principal", help=_help)

    def to_json(self) -> str | dict[str, str]:
        """Return the caller as JSON that `parse` reads back, in the shortest form."""
        short: list[str | dict[str, str]] = ["anonymous", self.role or self.name]
        short += [{"Service": self.name}, {"Federated": self.name}, {"CanonicalUser": self.name}]
        for form in short:
            try:
                if form and Caller.parse(form) == self:
                    return form
            except UsageError:
                continue
        return {"kind": self.kind, "name": self.name, "role": self.role, "account": self.account}


def is_origin_access_identity(text: str) -> bool:
    """Whether an ARN is that of a CloudFront identity: no user of any account, though it looks like one."""
    return re.fullmatch(r"arn:aws[a-z-]*:iam::cloudfront:user/.+", text) is not None


def _from_text(text: str) -> Caller:
    if re.fullmatch(r"[0-9]{12}", text):
        return Caller("root", f"arn:aws:iam::{text}:root")
    match = _arn.fullmatch(text)
    if match is not None:
        kind = _kind_of_resource[match.group(4)]
        return Caller(kind, role=text) if match.group(4) == "role" else Caller(kind, text)
    if is_origin_access_identity(text):
        return Caller("canonical", text)
    if re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?", text):
        return Caller("service", text)
    raise UsageError(f"`{text}` is not a principal", help=_help)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it is decided.

    Attributes
    ----------
    principal : Caller
    action : str
        ``service:Name``.
    resource : str
        An ARN; ``*`` for actions that are not about a resource.
    resource_account : str
        The account that owns the resource; taken from the ARN if empty.
    context : mapping of str to tuple of str
        Condition keys, in lower case, to their values, in order and without
        repetition. An absent key and a key without values are the same.
    spellings : mapping of str to str
        How to write the keys when showing them: case carries no meaning, but
        people know them by it. Taken from the context as far as it tells.
    """

    principal: Caller
    action: str
    resource: str
    resource_account: str = ""
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spellings: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Bring the context into its normal form."""
        given = dict(self.context)
        normal = {key.lower(): tuple(dict.fromkeys(values)) for key, values in given.items() if values}
        object.__setattr__(self, "context", normal)
        own = {key.lower(): key for key in given if key != key.lower()}
        object.__setattr__(self, "spellings", {**self.spellings, **own})
        segments = self.resource.split(":", 5)
        if not self.resource_account and len(segments) == 6:
            object.__setattr__(self, "resource_account", segments[4])

    @property
    def service(self) -> str:
        """The service that the action belongs to, in lower case."""
        return self.action.partition(":")[0].lower()

    @staticmethod
    def from_json(value: object) -> Request:
        """Read a request.

        The object has `principal` (see `Caller.parse`), `action`, `resource` and,
        optionally, `resource_account` and `context`. A value of the context is a
        string, a number, a truth value, or a list of these; null means absent.

        Raises
        ------
        UsageError
            If a part is missing, unknown or of the wrong shape.
        """
        if not isinstance(value, Mapping):
            raise UsageError("a request should be a JSON object", help='write {"principal": .., "action": .., "resource": ..}')
        if unknown := set(value) - {"principal", "action", "resource", "resource_account", "context"}:
            raise UsageError(
                f"`{min(unknown)}` is not part of a request",
                help="the parts are principal, action, resource, resource_account and context",
            )
        for name in ("principal", "action", "resource"):
            if name not in value:
                raise UsageError(f"the request has no `{name}`", help=f"add `{name}`")
        for name in ("action", "resource", "resource_account"):
            if not isinstance(value.get(name, ""), str):
                raise UsageError(f"`{name}` of the request should be a string", help="write it in double quotes")
        if not re.fullmatch(r"[^:*?\s]+:[^:*?\s]+", value["action"]):
            raise UsageError(f"`{value['action']}` is not one action", help="write it as `service:Name`, without wildcards")
        context = value.get("context", {})
        if not isinstance(context, Mapping):
            raise UsageError("`context` of the request should be an object", help='write {"aws:SecureTransport": "true"}')
        if len({key.lower() for key in context}) < len(context):
            raise UsageError("the request's context has a key twice", help="case does not tell condition keys apart; keep one")
        return Request(
            Caller.parse(value["principal"]),
            value["action"],
            value["resource"],
            value.get("resource_account", ""),
            {key: _values(key, given) for key, given in context.items()},
        )

    def to_json(self) -> dict[str, Any]:
        """Return the request as JSON that `from_json` reads back."""
        return {
            "principal": self.principal.to_json(),
            "action": self.action,
            "resource": self.resource,
            "resource_account": self.resource_account,
            "context": {self.spellings.get(key, key): list(values) for key, values in sorted(self.context.items())},
        }


def _values(key: str, given: object) -> tuple[str, ...]:
    if given is None:
        return ()
    listed = given if isinstance(given, list | tuple) else [given]
    values = []
    for item in listed:
        match item:
            case bool():
                values.append("true" if item else "false")
            case str():
                values.append(str(item))
            case int() | float():
                values.append(str(item))
            case _:
                raise UsageError(
                    f"the value of `{key}` in the request's context should be text, not `{_short(item)}`",
                    help="write a string, a number, a truth value, or a list of these",
                )
    return tuple(values)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def complete(request: Request) -> Request:
    """Fill in the condition keys that follow from the request itself.

    Only keys that the given ones determine, and only where they are absent:
    whoever states a key is believed. Anonymous callers get no key about a
    principal. An action that is about no resource happens in the caller's own
    account. A role session's ``aws:PrincipalArn`` is the role's ARN, not the
    session's; if only the latter is known, the role is taken to have no path.
    Unique ids of users and roles do not follow, so their ``aws:userid`` stays
    as given.
    """
    caller = request.principal
    if request.resource == "*" and not request.resource_account:
        request = replace(request, resource_account=caller.account)
    name = caller.name.rsplit("/", 1)[-1]
    arn = caller.role if caller.kind == "role-session" else caller.name
    if caller.kind == "role-session" and not arn:
        arn = f"arn:{caller.partition}:iam::{caller.account}:role/{caller.role_name}"
    implied: dict[str, str] = {}
    if caller.kind in ("root", "user", "role-session", "federated-user"):
        implied["aws:principalarn"] = arn
        implied["aws:principalaccount"] = caller.account
        implied["aws:principalisawsservice"] = "false"
        implied["aws:principaltype"] = {
            "root": "Account",
            "user": "User",
            "role-session": "AssumedRole",
            "federated-user": "FederatedUser",
        }[caller.kind]
    if caller.kind == "user":
        implied["aws:username"] = name
    if caller.kind == "root":
        implied["aws:userid"] = caller.account
    if caller.kind == "federated-user":
        implied["aws:userid"] = f"{caller.account}:{name}"
    if caller.kind == "service":
        implied["aws:principalisawsservice"] = "true"
        implied["aws:principalservicename"] = caller.name
    if request.resource_account:
        implied["aws:resourceaccount"] = request.resource_account
    if request.service == "s3" and request.resource_account:
        implied["s3:resourceaccount"] = request.resource_account
    if request.service == "kms" and caller.account:
        implied["kms:calleraccount"] = caller.account
    if called_via := request.context.get("aws:calledvia"):
        implied["aws:calledviafirst"], implied["aws:calledvialast"] = called_via[0], called_via[-1]
        implied["aws:viaawsservice"] = "true"
    return replace(request, context={key: (text,) for key, text in implied.items() if text} | dict(request.context))
