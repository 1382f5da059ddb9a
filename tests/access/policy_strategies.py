"""Random policies and requests over a small vocabulary, so that patterns meet often."""

from __future__ import annotations

import json
import random
from typing import Any

from probatum.access.artefacts import Policy, read
from probatum.access.semantics import Caller, Request
from probatum.source import Source

ACTIONS = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:*",
    "s3:Get*",
    "S3:getobject",
    "ec2:Run?nstances",
    "*",
    "ec2:*",
    "*:Get*",
    "s3:?etObject",
]
RESOURCES = [
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/x",
    "arn:aws:s3:::*/x",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::${aws:username}",
    "arn:aws:ec2:*:111111111111:instance/*",
    "arn:aws:ec2:u?-1:*:instance/i-1",
    "arn:aws:s3*",
    "arn:*:s3:::b/a*",
]
VALUES = {
    "string": ["a", "b", "A", "a*", "?", "*", "bob", "${aws:username}", ""],
    "arn": ["arn:aws:iam::111111111111:user/bob", "arn:aws:iam::*:role/*", "arn:*:iam::222222222222:*", "arn:aws:s3:::b"],
    "number": ["1", "2", "2.0", "10"],
    "date": ["2026-01-01T00:00:00Z", "2026-01-01", "0", "1767225600"],
    "ip": ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "2001:db8::/32", "0.0.0.0/0", "192.0.2.7/24"],
    "bool": ["true", "false", "True"],
    "bytes": ["YWI=", "YWM="],
}
OPERATORS = {
    "string": [
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ],
    "arn": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
    "number": [
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ],
    "date": ["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"],
    "ip": ["IpAddress", "NotIpAddress"],
    "bool": ["Bool"],
    "bytes": ["BinaryEquals"],
}
KEYS = {
    "string": ["app:k", "aws:username", "aws:TagKeys"],
    "arn": ["aws:SourceArn", "aws:PrincipalArn"],
    "number": ["app:n"],
    "date": ["aws:CurrentTime"],
    "ip": ["aws:SourceIp"],
    "bool": ["aws:SecureTransport", "app:flag"],
    "bytes": ["app:bytes"],
}
PRINCIPALS: list[Any] = [
    "*",
    {"AWS": "111111111111"},
    {"AWS": ["arn:aws:iam::111111111111:user/bob", "arn:aws:iam::222222222222:role/r"]},
    {"AWS": "arn:aws:sts::222222222222:assumed-role/r/s"},
    {"Service": "sns.amazonaws.com"},
    {"AWS": "arn:aws:iam::222222222222:root", "Service": "s3.amazonaws.com"},
]
CALLERS = [
    "anonymous",
    "arn:aws:iam::111111111111:user/bob",
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::333333333333:user/eve",
    "arn:aws:sts::222222222222:assumed-role/r/s",
    "arn:aws:iam::222222222222:role/r",
    {"Service": "sns.amazonaws.com"},
]


def some(chance: random.Random, items: list[Any], most: int = 2) -> Any:
    chosen = chance.sample(items, chance.randint(1, min(most, len(items))))
    return chosen[0] if len(chosen) == 1 and chance.random() < 0.5 else chosen


def condition(chance: random.Random) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for _ in range(chance.choice([0, 0, 1, 1, 2, 3])):
        family = chance.choice(list(OPERATORS))
        key = chance.choice(KEYS[family])
        if chance.random() < 0.15:
            out.setdefault("Null", {})[key] = chance.choice(["true", "false"])
            continue
        name = chance.choice(OPERATORS[family])
        name = chance.choice(["", "", "", "ForAnyValue:", "ForAllValues:"]) + name + chance.choice(["", "", "IfExists"])
        out.setdefault(name, {})[key] = some(chance, VALUES[family])
    return out


def statement(chance: random.Random, *, principals: bool) -> dict[str, Any]:
    out: dict[str, Any] = {"Effect": chance.choice(["Allow", "Allow", "Deny"])}
    if principals:
        out["NotPrincipal" if chance.random() < 0.1 else "Principal"] = chance.choice(PRINCIPALS)
    out["NotAction" if chance.random() < 0.15 else "Action"] = some(chance, ACTIONS)
    out["NotResource" if chance.random() < 0.15 else "Resource"] = some(chance, RESOURCES)
    if found := condition(chance):
        out["Condition"] = found
    return out


def document(chance: random.Random, *, principals: bool = False, most: int = 3) -> dict[str, Any]:
    version = chance.choice(["2012-10-17"] * 5 + ["2008-10-17"])
    return {"Version": version, "Statement": [statement(chance, principals=principals) for _ in range(chance.randint(1, most))]}


def mutated(chance: random.Random, value: dict[str, Any], *, principals: bool = False) -> dict[str, Any]:
    """A small change to a document: close pairs are where engines disagree."""
    out = json.loads(json.dumps(value))
    statements = out["Statement"]
    match chance.randrange(4):
        case 0:
            statements.append(statement(chance, principals=principals))
        case 1 if len(statements) > 1:
            del statements[chance.randrange(len(statements))]
        case 2:
            chance.choice(statements)["Effect"] = chance.choice(["Allow", "Deny"])
        case _:
            target = chance.choice(statements)
            if "Condition" in target and chance.random() < 0.5:
                del target["Condition"]
            else:
                target["Condition"] = condition(chance) or {"Bool": {"app:flag": "true"}}
    return out


def policy(value: dict[str, Any], path: str = "p.json") -> Policy:
    [found] = read(Source(path, json.dumps(value).encode()), {})
    return found


REQUEST_ACTIONS = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:GetX",
    "s3:other",
    "ec2:RunInstances",
    "ec2:RunXnstances",
    "iam:GetUser",
    "iam:PassRole",
]
REQUEST_RESOURCES = [
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/x",
    "arn:aws:s3:::c/x",
    "arn:aws:s3:::b/bob/1",
    "arn:aws:s3:::bob",
    "arn:aws:s3:::b/a/1",
    "arn:aws:ec2:us-1:111111111111:instance/i-1",
    "arn:aws:ec2:u1-1:111111111111:instance/i-1",
    "arn:aws-cn:s3:::b/ab",
]
REQUEST_VALUES = {
    "app:k": ["a", "b", "A", "z", "a*", "", "bob"],
    "aws:username": ["bob", "a", "A"],
    "aws:tagkeys": ["a", "b", "z"],
    "aws:sourcearn": ["arn:aws:s3:::b", "arn:aws:iam::222222222222:role/q", "bad"],
    "app:n": ["0", "1", "1.5", "2", "3", "11", "x"],
    "aws:currenttime": ["2025-12-31T00:00:00Z", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "-5", "never"],
    "aws:sourceip": ["10.1.2.3", "10.2.0.1", "192.0.2.9", "2001:db8::5", "2001:db9::5", "203.0.113.9"],
    "aws:securetransport": ["true", "false"],
    "app:flag": ["true", "false", "TRUE", "maybe"],
    "app:bytes": ["YWI=", "YWM=", "eHg=", "!"],
}
SEVERAL = {"app:k", "aws:tagkeys", "app:n", "app:flag", "app:bytes"}


def request(chance: random.Random, *policies: Policy) -> Request:
    """A possible request: it respects the facts about keys that the engine assumes."""
    sets = {c.key for p in policies for s in p.statements for c in s.conditions if c.operator.quantifier}
    identity = not any(p.kind.names_principals for p in policies)
    caller = Caller.parse(chance.choice([c for c in CALLERS if not identity or (isinstance(c, str) and c != "anonymous")]))
    context: dict[str, tuple[str, ...]] = {}
    for key, values in REQUEST_VALUES.items():
        if chance.random() < 0.5 or key == "aws:securetransport":
            count = chance.choice([1, 1, 2, 3]) if key in SEVERAL & (sets | {"aws:tagkeys"}) else 1
            context[key] = tuple(chance.sample(values, min(count, len(values))))
    context.pop("aws:username", None)
    if caller.kind in ("user", "root", "role-session"):
        arn = caller.role or caller.name
        if ":assumed-role/" in arn:
            arn = "arn:aws:iam::222222222222:role/r"
        context["aws:principalarn"] = (arn,)
        context["aws:principalaccount"] = (caller.account,)
    if caller.kind == "user":
        context["aws:username"] = (caller.name.rsplit("/", 1)[-1],)
    return Request(caller, chance.choice(REQUEST_ACTIONS), chance.choice(REQUEST_RESOURCES), context=context)
