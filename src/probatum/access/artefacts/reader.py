"""From a JSON document to a policy: which words a policy may contain, and where.

Two kinds of refusal. What the services themselves would refuse, or what could
be read in two ways, makes the file unreadable, with the place and what to do.
What they accept but has no meaning here is recorded on its statement as
unsupported, so that no rule claims to have understood it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import NoReturn

from probatum.access.artefacts.document import Node, Number
from probatum.access.artefacts.policy import (
    Condition,
    Kind,
    Operator,
    Policy,
    Principal,
    Principals,
    Statement,
    Unsupported,
)
from probatum.errors import UnreadableArtefact
from probatum.source import Location

VERSIONS = ("2012-10-17", "2008-10-17")

_negatable = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "NumericEquals", "DateEquals", "ArnEquals", "ArnLike")
_orders = ("LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
OPERATORS = (
    *_negatable,
    *(re.sub("Equals|Like", r"Not\g<0>", name, count=1) for name in _negatable),
    *(f"{family}{order}" for family in ("Numeric", "Date") for order in _orders),
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "Null",
)
_operators = {name.lower(): name for name in OPERATORS}
_quantifiers = {name.lower(): name for name in ("ForAnyValue", "ForAllValues")}
_takes_variables = ("String", "Arn")

_policy_elements = ("Version", "Id", "Statement")
_statement_elements = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_principal_types = ("AWS", "Service", "Federated", "CanonicalUser")

_number = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_date = re.compile(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2}(?:T[0-9:.]+(?:Z|[+-][0-9:]+)?)?)?")
_aws_principal = re.compile(r"[0-9]{12}|arn:[^:]+:(?:iam|sts)::[^:]+:.+|A[A-Z0-9]{15,127}")
_action = re.compile(r"\*|[!-9;-~]+:[!-9;-~]+")  # printable ASCII, one colon
_private = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_cidr = re.compile(r"[0-9A-Fa-f:.]+(/[0-9]{1,3})?")
_digits = 400  # of a number; longer ones are no numbers that anyone means
_variable = re.compile(r"\$\{([^}]*)\}")
_variable_body = re.compile(r"[*?$]|\s*[A-Za-z0-9_.-]+:[^\s,'\"${}]+(?:\s*,\s*'[^']*')?\s*")


def read_policy(root: Node, path: str, kind: Kind | None, digest: str, subject: str) -> Policy:
    """Read a policy document.

    Parameters
    ----------
    root : Node
        The document itself, without wrappers.
    kind : Kind or None
        What kind of policy it is; guessed from its shape if None.
    digest : str
        Of the file.

    Raises
    ------
    UnreadableArtefact
        If the services would refuse the document, or it could be read in two ways.
    """
    members = _object(root, "a policy")
    _only(members, _policy_elements, "a policy")
    version = members.get("Version")
    if version is not None and version.value not in VERSIONS:
        _refuse(version, f"`{_brief(version)}` is not a version of the policy language", 'write `"Version": "2012-10-17"`')
    if "Statement" not in members:
        _refuse(root, "the policy has no `Statement`", "write what is allowed as `Statement`")
    listed = _listed(members["Statement"])
    if not listed:
        _refuse(members["Statement"], "the policy has no statements", "write at least one statement; services refuse none")
    shapes = [_object(node, "a statement") for node in listed]
    found = kind or guess_kind(shapes)
    variables = version is not None and version.value == VERSIONS[0]
    statements = tuple(
        _statement(node, shape, index, found, variables=variables)
        for index, (node, shape) in enumerate(zip(listed, shapes, strict=True))
    )
    return Policy(
        path=path,
        kind=found,
        version=VERSIONS[0] if variables else VERSIONS[1],
        id=_string(members["Id"], "`Id`") if "Id" in members else "",
        statements=statements,
        location=root.location,
        digest=digest,
        subject=subject,
    )


def guess_kind(statements: Iterable[Mapping[str, Node]]) -> Kind:
    """Guess a policy's kind from its shape.

    Without principals it belongs to an identity. With principals it is a trust
    policy if every action is one of assuming a role, else a resource policy.
    Limits look like identity and resource policies, so they are never guessed.
    """
    shapes = list(statements)
    if not any("Principal" in s or "NotPrincipal" in s for s in shapes):
        return Kind.IDENTITY
    actions = [a.value for s in shapes if "Action" in s for a in _listed(s["Action"])]
    assumes = all("Action" in s and "Resource" not in s and "NotResource" not in s for s in shapes) and all(
        isinstance(a, str) and _assumes(a) for a in actions
    )
    return Kind.TRUST if assumes else Kind.RESOURCE


def _assumes(action: str) -> bool:
    low = action.lower()
    return low.startswith("sts:assumerole") or low in ("sts:tagsession", "sts:setsourceidentity", "sts:setcontext")


def _statement(node: Node, members: Mapping[str, Node], index: int, kind: Kind, *, variables: bool) -> Statement:
    _only(members, _statement_elements, "a statement")
    unsupported: list[Unsupported] = []
    effect = members.get("Effect")
    if effect is None:
        _refuse(node, "the statement has no `Effect`", "write `Allow` or `Deny` as its `Effect`")
    if effect.value not in ("Allow", "Deny"):
        _refuse(effect, f"`{_brief(effect)}` is not an effect", "write `Allow` or `Deny`, spelled exactly so")
    action = _one_of(node, members, "Action", "NotAction", "acts on")
    resource = _either(members, "Resource", "NotResource")
    principal = _either(members, "Principal", "NotPrincipal")
    _check_elements(node, members, kind, effect.value)
    actions = _patterns(action, "an action")
    for item, text in actions:
        if "${" in text:
            unsupported.append(Unsupported("a policy variable in an action", item.location))
        elif not _action.fullmatch(text):
            _refuse(
                item, f"`{text}` is not an action", "write `service:Name` in ASCII and without spaces, or `*` for every action"
            )
    resources = None if resource is None else _patterns(resource, "a resource")
    for item, text in resources or ():
        if text.strip("*") and not text.startswith("arn:"):
            unsupported.append(Unsupported("a resource that is not an ARN", item.location))
        if variables:
            _variables(item, text, unsupported)
    return Statement(
        index=index,
        sid=_string(members["Sid"], "`Sid`") if "Sid" in members else "",
        effect=effect.value,
        principals=None if principal is None else _principals(principal, "NotPrincipal" in members, unsupported),
        actions=tuple(text for _, text in actions),
        not_actions="NotAction" in members,
        resources=None if resources is None else tuple(text for _, text in resources),
        not_resources="NotResource" in members,
        conditions=_conditions(members["Condition"], unsupported, variables=variables) if "Condition" in members else (),
        location=node.location,
        unsupported=tuple(unsupported),
        action_locations=tuple(item.location for item, _ in actions),
        resource_locations=tuple(item.location for item, _ in resources or ()),
    )


def _check_elements(node: Node, members: Mapping[str, Node], kind: Kind, effect: str) -> None:
    # Which elements a statement of this kind must and must not have.
    has_principal = "Principal" in members or "NotPrincipal" in members
    has_resource = "Resource" in members or "NotResource" in members
    if has_principal and not kind.names_principals:
        _refuse(
            members.get("Principal") or members["NotPrincipal"],
            f"a statement of {_called(kind)} names a principal",
            "remove it, or set the kind of this policy to `resource` or `trust`",
        )
    if not has_principal and kind.names_principals:
        _refuse(node, f"a statement of {_called(kind)} names no principal", "say who is meant as `Principal`")
    if kind is Kind.TRUST and has_resource:
        _refuse(
            members.get("Resource") or members["NotResource"],
            "a statement of a trust policy names a resource",
            "remove it: a trust policy is about the role that it belongs to",
        )
    if not has_resource and kind not in (Kind.TRUST, Kind.RESOURCE):
        _refuse(node, f"a statement of {_called(kind)} names no resource", 'say what it is about, or write `"Resource": "*"`')
    if kind is Kind.RCP:
        _check_control(members, effect)


def _check_control(members: Mapping[str, Node], effect: str) -> None:
    # A resource control policy denies, to everyone, under conditions; the one that AWS attaches itself allows everything.
    whole = members.get("Condition") is None and all(
        name in members and [n.value for n in _listed(members[name])] == ["*"] for name in ("Action", "Resource")
    )
    if effect != "Deny" and not whole:
        _refuse(members["Effect"], "a resource control policy allows", "write `Deny`: such a policy only takes away")
    for name in ("NotPrincipal", "NotAction"):
        if name in members:
            _refuse_name(members[name], f"a resource control policy has `{name}`", "services refuse it; say what is meant")
    principal = members["Principal"]
    named = [n.value for m in principal.value.values() for n in _listed(m)] if isinstance(principal.value, dict) else []
    if principal.value != "*" and named != ["*"]:
        _refuse(principal, "a resource control policy names principals", 'write `"Principal": "*"` and a condition')


def _principals(node: Node, negated: bool, unsupported: list[Unsupported]) -> Principals:
    if node.value == "*":
        return Principals((Principal("*", "*", node.location),), negated, node.location)
    if not isinstance(node.value, dict):
        _refuse(node, f"`{_brief(node)}` is not a principal", 'write `"*"`, or an object such as `{"AWS": "111122223333"}`')
    if not node.value:
        _refuse(node, "nobody is named as principal", 'write `"*"`, or an object such as `{"AWS": "111122223333"}`')
    entries: list[Principal] = []
    for name, member in node.value.items():
        if name not in _principal_types:
            _refuse_name(member, f"`{name}` is not a type of principal", _near(name, _principal_types))
        for item, text in _patterns(member, "a principal"):
            _check_principal(item, name, text, unsupported)
            entries.append(Principal("*" if (name, text) == ("AWS", "*") else name, text, item.location))
    return Principals(tuple(entries), negated, node.location)


def _check_principal(node: Node, kind: str, text: str, unsupported: list[Unsupported]) -> None:
    if text == "*":
        if kind != "AWS":
            unsupported.append(Unsupported(f"every principal of type `{kind}`", node.location))
        return
    if "*" in text or "?" in text:
        _refuse(
            node,
            f"the principal `{text}` has a wildcard",
            "name principals in full; for a pattern, write `*` and a condition on `aws:PrincipalArn`",
        )
    if "${" in text:
        unsupported.append(Unsupported("a policy variable in a principal", node.location))
    elif kind == "AWS" and not _aws_principal.fullmatch(text):
        unsupported.append(Unsupported("a principal that is no account, ARN or unique id", node.location))


def _conditions(node: Node, unsupported: list[Unsupported], *, variables: bool) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    seen: dict[tuple[Operator, str], Location] = {}
    for name, block in _object(node, "a `Condition`").items():
        operator = _operator(block, name)
        if operator.quantifier and operator.name == "Null":
            unsupported.append(Unsupported(f"`{operator}`", block.name_location))
        for key, member in _object(block, f"`{name}`").items():
            slot = (operator, key.lower())
            if slot in seen:
                _refuse_name(
                    member,
                    f"`{key}` is given twice under `{operator}`, first in line {seen[slot].line}",
                    "join the two: case does not tell operators and keys apart",
                )
            seen[slot] = member.name_location
            conditions.append(_condition(member, operator, key, unsupported, variables=variables))
    return tuple(conditions)


def _condition(member: Node, operator: Operator, key: str, unsupported: list[Unsupported], *, variables: bool) -> Condition:
    if "${" in key:
        unsupported.append(Unsupported("a policy variable in a condition key", member.name_location))
    elif ":" not in key:
        _refuse_name(member, f"`{key}` is not a condition key", "write `service:Key` or `aws:Key`")
    values = tuple((item, _scalar(item)) for item in _listed(member))
    for item, text in values:
        if variables and "${" in text:
            if operator.name.startswith("Arn") and _variable.sub("", text).count(":") < 5:
                unsupported.append(Unsupported("a policy variable for more than one part of an ARN", item.location))
            elif operator.name.startswith(_takes_variables):
                _variables(item, text, unsupported)
            else:
                unsupported.append(Unsupported(f"a policy variable under `{operator}`", item.location))
        elif len(text) > _digits and operator.name.startswith(("Numeric", "Date")):
            unsupported.append(Unsupported(f"a value of more than {_digits} characters under `{operator}`", item.location))
        elif operator.name.endswith("IgnoreCase") and not text.isascii():
            unsupported.append(Unsupported(f"letters outside ASCII under `{operator}`", item.location))
        elif "Not" in operator.name and not _well_formed(operator.name, text):
            unsupported.append(Unsupported(f"`{text}`, which is no value for `{operator}`,", item.location))
        if operator.name == "Null" and text.lower() not in ("true", "false"):
            _refuse(item, f"`{text}` is not a value for `Null`", "write `true` if the key must be absent, else `false`")
    return Condition(
        operator=operator,
        key=key.lower(),
        key_text=key,
        values=tuple(text for _, text in values),
        location=member.name_location,
        value_locations=tuple(item.location for item, _ in values),
    )


def _well_formed(name: str, text: str) -> bool:
    # Under a positive operator a malformed value just never matches; under a negated one the services may differ.
    if name.startswith("Numeric"):
        return _number.fullmatch(text) is not None
    if name.startswith("Date"):
        return _number.fullmatch(text) is not None or (_date.fullmatch(text) is not None and _is_day(text))
    if name.startswith("Arn"):
        return text.count(":") >= 5
    if name.endswith("IpAddress"):
        if not _cidr.fullmatch(text):
            return False
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            return False
    return True


def _is_day(text: str) -> bool:
    try:
        datetime.strptime(text[:10], "%Y-%m-%d")  # noqa: DTZ007 - only whether there is such a day
    except ValueError:
        return False
    return True


def _operator(block: Node, text: str) -> Operator:
    quantifier, colon, rest = text.rpartition(":")
    low = rest.lower()
    if_exists = low.endswith("ifexists")
    name = _operators.get(low.removesuffix("ifexists"))
    if name is None or (colon and quantifier.lower() not in _quantifiers):
        _refuse_name(block, f"`{text}` is not a condition operator", _near(text, OPERATORS))
    if if_exists and name == "Null":
        _refuse_name(block, "`Null` cannot be combined with `IfExists`", "write `Null`")
    return Operator(name, _quantifiers[quantifier.lower()] if colon else "", if_exists)


def _variables(node: Node, text: str, unsupported: list[Unsupported]) -> None:
    # Well-formed variables are replaced at decision time; what only looks like one has no settled meaning.
    rest = _variable.sub("", text)
    if "${" in rest or any(not _variable_body.fullmatch(m.group(1)) for m in _variable.finditer(text)):
        unsupported.append(Unsupported("a malformed policy variable", node.location))


def _scalar(node: Node) -> str:
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    if not isinstance(node.value, str):  # numbers too are text: they are kept as written
        _refuse(node, f"expected text, found {_what(node)}", "write a string, a number or a truth value")
    return _public(node, str(node.value))


def _patterns(node: Node, what: str) -> list[tuple[Node, str]]:
    items = _listed(node)
    if not items:
        _refuse(node, f"a list that should name {what} is empty", "services refuse an empty list; write what is meant")
    return [(item, _string(item, what)) for item in items]


def _string(node: Node, what: str) -> str:
    if not isinstance(node.value, str) or isinstance(node.value, Number):
        _refuse(node, f"{what} should be a string, not {_what(node)}", "write it in double quotes")
    return _public(node, node.value)


def _public(node: Node, text: str) -> str:
    # Characters for private use mean nothing in a policy, and here they stand for what is not known of a text.
    if _private.search(text):
        _refuse(node, "the text has a character for private use (U+E000 to U+F8FF, or from U+F0000)", "write it without")
    return text


def _object(node: Node, what: str) -> dict[str, Node]:
    if not isinstance(node.value, dict):
        _refuse(node, f"{what} should be an object, not {_what(node)}", "write it in braces")
    return node.value


def _listed(node: Node) -> list[Node]:
    # Everywhere in a policy, one value may stand for a list of one.
    return node.value if isinstance(node.value, list) else [node]


def _only(members: Mapping[str, Node], known: tuple[str, ...], what: str) -> None:
    for name, member in members.items():
        if name not in known:
            _refuse_name(member, f"`{name}` is not an element of {what}", _near(name, known))


def _either(members: Mapping[str, Node], plain: str, negated: str) -> Node | None:
    if plain in members and negated in members:
        _refuse_name(members[negated], f"a statement has both `{plain}` and `{negated}`", "keep one of them")
    return members.get(plain) or members.get(negated)


def _one_of(node: Node, members: Mapping[str, Node], plain: str, negated: str, verb: str) -> Node:
    found = _either(members, plain, negated)
    if found is None:
        _refuse(node, f"the statement has neither `{plain}` nor `{negated}`", f"say what it {verb} as `{plain}`")
    return found


def _near(name: str, known: Iterable[str]) -> str:
    words = {k.lower(): k for k in known}
    close = get_close_matches(name.lower(), words, 1, 0.5)
    return f"did you mean `{words[close[0]]}`?" if close else f"the known ones are {', '.join(f'`{k}`' for k in words.values())}"


def _called(kind: Kind) -> str:
    return {
        Kind.IDENTITY: "an identity policy",
        Kind.RESOURCE: "a resource policy",
        Kind.TRUST: "a trust policy",
        Kind.SCP: "a service control policy",
        Kind.RCP: "a resource control policy",
        Kind.BOUNDARY: "a permissions boundary",
        Kind.SESSION: "a session policy",
        Kind.ENDPOINT: "an endpoint policy",
    }[kind]


def _what(node: Node) -> str:
    match node.value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case bool():
            return "a truth value"
        case Number():
            return "a number"
        case None:
            return "null"
    return "a string"


def _brief(node: Node) -> str:
    return node.value[:60] if isinstance(node.value, str) else _what(node)


def _refuse(node: Node, message: str, advice: str) -> NoReturn:
    raise UnreadableArtefact(message, help=advice, location=node.location)


def _refuse_name(node: Node, message: str, advice: str) -> NoReturn:
    raise UnreadableArtefact(message, help=advice, location=node.name_location)
