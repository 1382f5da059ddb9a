"""How rules speak of requests and statements, and what identifies a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from probatum.access.artefacts import Kind, Policy, Statement
from probatum.access.model import claims
from probatum.access.semantics import Request
from probatum.access.semantics.keys import TRUTH
from probatum.access.semantics.references import PLAIN_NAMES, Claim, impossible
from probatum.findings import Cleared, Strength, Undecided
from probatum.source import digest_of
from probatum.tools import Tools

_longest = 100
_unique_id = re.compile(r"A[A-Z0-9]{15,127}")


def phrase(request: Request, kind: Kind = Kind.IDENTITY) -> str:
    """What a request does, to follow `can`; `kind` is that of the policy which allows it."""
    if kind is Kind.TRUST:  # it is about the role that it belongs to, whatever that is called
        assumes = request.action.lower().startswith("sts:assumerole")
        return "assume this role" if assumes else f"use `{request.action}` with this role"
    target = "" if request.resource == "*" else f" on `{_short(request.resource)}`"
    return f"use `{request.action}`{target}"


def grantee(policy: Policy) -> str:
    """Whom a policy allows something, as far as its kind tells."""
    return "someone" if policy.kind.names_principals else "its holder"


def statement_by_statement(
    policy: Policy, claim: Claim, tools: Tools, whole: claims.Broken, *, says: str, among: Sequence[Statement] = ()
) -> Iterator[tuple[Statement, claims.Broken | claims.Unclear]]:
    """Say which allows, of the policy or of those given, break a claim that the policy breaks, each with its own request."""
    found = False
    allows = among or [s for s in policy.statements if s.allows]
    for statement in allows:
        one = {**claim, "a": {"is": "statement", "index": statement.index}}
        answer = claims.decide(policy, one, tools, says=says)
        if not isinstance(answer, claims.Holds):
            found = found or isinstance(answer, claims.Broken)
            yield statement, answer
    if not found:  # what only requests with impossible names show is still shown, for the first that may be meant
        yield allows[0], whole


def full_name(statement: Statement) -> str:
    """How to call a statement where two may share a `Sid`."""
    number = f"statement {statement.index + 1}"
    return f"{number} ({statement.name})" if statement.sid else number


def why_never(policy: Policy, statement: Statement) -> str:
    """Which decision keeps a statement from matching any request, as far as its text shows one."""
    for condition, values in impossible(policy, statement):
        if values and values == set(condition.values) and "Not" not in condition.operator.name:
            value, key = min(values), condition.key_text
            if "${" in value and not policy.variables_active:
                return f"in version `{policy.version}`, `{_short(value)}` is no variable but plain text, and no `{key}` reads so"
            return f"`{condition.operator}` takes `{_short(value)}` literally, and no `{key}` contains a wildcard"
    for element, left in (("Action", "no action"), ("Resource", "no resource"), ("Principal", "nobody")):
        if _excepts_all(statement, element):
            return f"`Not{element}` with `*` leaves {left}"
    entries = statement.principals.entries if statement.principals else ()
    if entries and all(e.type == "AWS" and _unique_id.fullmatch(e.value) for e in entries):
        return f"`{entries[0].value}` is what is left of a deleted principal, and names nobody"
    numbers = [e.value.split(":")[4] if ":" in e.value else e.value for e in entries if e.type == "AWS"]
    if entries and len(numbers) == len(entries) and all(re.fullmatch(r"[0-9]+", n) and len(n) != 12 for n in numbers):
        return f"`{numbers[0]}` is no account: its number has {len(numbers[0])} digits, and not 12"
    resources = statement.resources or ()
    if resources and not statement.not_resources and all(r.count(":") >= 5 and r.endswith(":") for r in resources):
        return f"nothing follows the last colon of `{_short(resources[0])}`, so it names no resource"
    for condition in statement.conditions:
        if condition.key in TRUTH and condition.values and not {v.lower() for v in condition.values} & {"true", "false"}:
            return f"`{condition.key_text}` is true or false, and never `{_short(condition.values[0])}`"
    absent = {c.key for c in statement.conditions if c.operator.name == "Null" and "true" in c.values}
    for condition in statement.conditions:
        if condition.key in absent and condition.operator.name != "Null":
            return f"`{condition.key_text}` must be absent, and must have a value for `{condition.operator}`"
    keys = [c.key_text for c in statement.conditions]
    twice = next((k for k in keys if sum(k.lower() == other.lower() for other in keys) > 1), None)
    if twice is not None:
        return f"no value of `{twice}` satisfies all that is asked of it"
    return "its elements exclude each other, or ask for values that no request carries"


def _excepts_all(statement: Statement, element: str) -> bool:
    match element:
        case "Action":
            return statement.not_actions and "*" in statement.actions
        case "Resource":
            return statement.not_resources and "*" in (statement.resources or ())
        case _:
            principals = statement.principals
            return principals is not None and principals.negated and any(e.type == "*" for e in principals.entries)


def plain_names(policy: Policy) -> tuple[str, ...]:
    """Return the assumption that names are plain, if a statement has values that this excludes."""
    return (PLAIN_NAMES,) if any(v for s in policy.statements for _, v in impossible(policy, s)) else ()


def anchor_of(statement: Statement, *witness: str) -> tuple[str, ...]:
    """What stays the same when a policy is reformatted or its statements are moved: what the statement says."""
    principals = statement.principals
    said = {
        "effect": statement.effect,
        "principals": sorted([e.type, e.value] for e in principals.entries) if principals else None,
        "not_principals": principals.negated if principals else False,
        "actions": sorted(a.lower() for a in statement.actions),
        "not_actions": statement.not_actions,
        "resources": sorted(statement.resources) if statement.resources is not None else None,
        "not_resources": statement.not_resources,
        "conditions": sorted([str(c.operator), c.key, *sorted(c.values)] for c in statement.conditions),
    }
    return (digest_of(said)[:16], *witness)


def for_s3(policy: Policy) -> bool:
    """Whether a resource policy is about a bucket."""
    said = [(a.lower(), r) for s in policy.statements for a in s.actions for r in s.resources or ("",)]
    return any(a.startswith("s3:") or (a.startswith("*") and r.split(":")[2:3] == ["s3"]) for a, r in said)


def _short(text: str) -> str:
    return text if len(text) <= _longest else f"{text[: _longest - 1]}…"


def unclear(rule: str, policy: Policy, statement: Statement, answer: claims.Unclear, *anchor: str) -> Undecided:
    """What to say of a statement about which a claim could not be decided."""
    return Undecided(
        rule=rule,
        subject=policy.subject,
        location=statement.location,
        why=answer.why,
        reason=answer.reason,
        anchor=anchor_of(statement, *anchor),
    )


def settled(
    rule: str, policy: Policy, says: str, answer: claims.Holds | claims.Unclear, *, anchor: tuple[str, ...] = ()
) -> Cleared | Undecided:
    """What to say of a policy for which no request breaks a claim."""
    if isinstance(answer, claims.Holds):
        return Cleared(
            rule=rule,
            subject=policy.subject,
            location=policy.location,
            message=says,
            strength=Strength.PROVED,
            evidence=answer.evidence,
            assumptions=answer.assumptions,
            anchor=anchor,
        )
    return Undecided(
        rule=rule, subject=policy.subject, location=policy.location, why=answer.why, reason=answer.reason, anchor=anchor
    )
