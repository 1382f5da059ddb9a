"""Who can do something, by the policies of a directory; what `probatum access who-can` does.

A policy that names principals is asked about one class of callers after the
other: is a request for the action allowed by it, and not by a policy that allows
everything but that action to that class? An identity policy is asked once, for
whoever it is attached to. Each answer comes with a request, replayed by the
concrete semantics, that has as few condition keys as will do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.cli.access_compare import request_lines, statement_name
from probatum.cli.access_decide import sources_in
from probatum.errors import ProbatumError, UsageError
from probatum.report.quoting import Pen, plain
from probatum.report.words import count
from probatum.source import Location

if TYPE_CHECKING:
    from probatum.access.artefacts import Policy, Statement
    from probatum.access.semantics import Attachments, Decision, Request, Settings
    from probatum.access.semantics.callers import CallerClass

_not_considered = (
    "access control lists, key grants and blocks on public access",
    "which identities the identity policies are attached to",
    "identity policies that are not in the directory: callers of other accounts need one there, too",
)
_nowhere = Location("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One policy that lets someone do it.

    Attributes
    ----------
    who : str
        In words.
    policy : str
        Path of the policy.
    statements : tuple of dict
        Those that allow the request: ``sid``, ``index``, ``line``, ``column``.
    limits : str
        ``pass``; ``stop`` if the limits stop the request that was found; ``unknown``
        if that cannot be told; empty if there are none.
    reason : str
        What stops it, or why it cannot be told.
    """

    who: str
    policy: str
    kind: str
    request: Request
    statements: tuple[dict[str, Any], ...]
    limits: str = ""
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the way as JSON."""
        return {
            "who": self.who,
            "policy": self.policy,
            "kind": self.kind,
            "request": self.request.to_json(),
            "statements": list(self.statements),
            "limits": self.limits or None,
            "reason": self.reason or None,
        }


@dataclass(slots=True)
class Found:
    """All that was found, and what was not decided."""

    ways: list[Way]
    undecided: list[dict[str, str]]
    asked: int  # policies that could have let someone in
    limits: list[str]  # what limits there are

    def to_json(self, action: str, resource: str | None) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "action": action,
            "resource": resource,
            "ways": [w.to_json() for w in self.ways],
            "undecided": self.undecided,
            "policies_asked": self.asked,
            "limits": self.limits,
            "not_considered": list(_not_considered),
        }


def who_can(
    root: Path, action: str, resource: str | None, settings: Settings, *, resource_account: str, timeout_s: float
) -> Found:
    """Find everyone that the policies of a directory let do something.

    Parameters
    ----------
    action : str
        One action, or a pattern: then some action that matches.
    resource : str or None
        An ARN or a pattern; None for any resource.
    resource_account : str
        Who owns the resource, if its ARN does not say; empty: the caller's account.

    Raises
    ------
    ProbatumError
        If a policy cannot be read, or what is asked about is not an action or an ARN.
    """
    from probatum.access.artefacts import Kind, read
    from probatum.access.semantics import Caller, Request, load_attachments

    sources, options = sources_in(root)
    policies = [p for s in sorted(sources, key=lambda s: s.path) for p in read(s, options)]
    about_roles = action.lower().startswith("sts:")
    grants = [
        p for p in policies if p.kind.grants and (p.kind is not Kind.TRUST or about_roles or "*" in action.partition(":")[0])
    ]
    anything = Request(Caller("anonymous"), action, resource or "*")
    limits = load_attachments(sources, anything, options)
    asking = _Asking(action, resource, settings, tuple(policies), limits, resource_account, timeout_s)
    found = Found([], [], len(grants), sorted({_limit_names[p.kind.value] for p in policies if p.kind.value in _limit_names}))
    for policy in grants:
        for answer in asking.of_policy(policy):
            if isinstance(answer, Way):
                found.ways.append(answer)
            else:
                found.undecided.append({"policy": policy.path, "reason": answer})
    return found


_limit_names = {
    "scp": "service control policies",
    "rcp": "resource control policies",
    "boundary": "permissions boundaries",
    "session": "session policies",
    "endpoint": "endpoint policies",
}


@dataclass(frozen=True)
class _Asking:
    action: str
    resource: str | None
    settings: Settings
    policies: tuple[Policy, ...]
    limits: Attachments
    resource_account: str
    timeout_s: float

    def of_policy(self, policy: Policy) -> Iterator[Way | str]:
        """Ways through one policy, or why it is not known whether there is one."""
        from probatum.access.semantics.callers import classes

        narrowed = self._with_denies(policy)
        if not policy.kind.names_principals:
            yield from self._one(policy, narrowed, self._all_but(policy), None)
            return
        everyone = classes((policy,))
        found: list[tuple[CallerClass, Way]] = []
        doubts: list[str] = []
        for klass in everyone:
            for answer in self._one(policy, narrowed, self._all_but(policy, klass, everyone), klass):
                if isinstance(answer, Way):
                    found.append((klass, answer))
                else:
                    doubts.append(answer)
        yield from _merged(found)
        yield from dict.fromkeys(doubts)

    def _one(self, policy: Policy, narrowed: Policy, rest: Policy, klass: CallerClass | None) -> Iterator[Way | str]:
        from probatum.access.model.containment import Difference, Open, Sides, difference
        from probatum.tools import Deadline, OutOfTime

        for attempt in dict.fromkeys((narrowed, policy)):
            try:
                answer = difference(Sides(attempt, rest, self.settings), deadline=Deadline.after(self.timeout_s))
            except OutOfTime:
                yield f"no answer within {self.timeout_s:g} s"
                return
            if isinstance(answer, Open):
                yield answer.reason
                return
            if isinstance(answer, Difference):
                # Case does not matter in an action; the user's is the documented one.
                plainly = "*" not in self.action and "?" not in self.action
                request = replace(answer.request, action=self.action) if plainly else answer.request
                by = [policy.statements[i] for i in answer.by if i < len(policy.statements)]
                limits, reason = self._limits(policy, request) if attempt is narrowed else ("stop", _stopped(narrowed, policy))
                yield Way(
                    who=_who(klass) if klass else "whoever it is attached to",
                    policy=policy.path,
                    kind=policy.kind.value,
                    request=request,
                    statements=tuple(_statement(s) for s in by),
                    limits=limits,
                    reason=reason,
                )
                return

    def _with_denies(self, policy: Policy) -> Policy:
        """The policy with the denies of all limits that are written in the same terms: those hold wherever a limit does."""
        same = [
            p
            for p in self.policies
            if not p.kind.grants and p.kind.names_principals is policy.kind.names_principals and p.version == policy.version
        ]
        denies = [s for p in same for s in p.statements if not s.allows]
        if not denies:
            return policy
        extra = tuple(replace(s, index=len(policy.statements) + n) for n, s in enumerate(denies))
        return replace(policy, statements=(*policy.statements, *extra))

    def _all_but(self, policy: Policy, klass: CallerClass | None = None, everyone: Sequence[CallerClass] = ()) -> Policy:
        """A policy that allows everything but the action in question, and that to all callers outside a class."""
        from probatum.access.artefacts import Condition, Kind, Operator, Principal, Principals, Statement

        names = policy.kind.names_principals
        out: list[Statement] = []

        def allow(
            *conditions: tuple[str, str, Sequence[str]],
            actions: tuple[str, ...] = ("*",),
            but_actions: bool = False,
            resources: tuple[str, ...] = ("*",),
            but_resources: bool = False,
            principals: Sequence[Principal] = (Principal("*", "*"),),
            but_principals: bool = False,
        ) -> None:
            out.append(
                Statement(
                    index=len(out),
                    sid="",
                    effect="Allow",
                    principals=Principals(tuple(principals), but_principals, _nowhere) if names else None,
                    actions=actions,
                    not_actions=but_actions,
                    resources=resources,
                    not_resources=but_resources,
                    conditions=tuple(Condition(Operator(o), k, k, tuple(v), _nowhere) for o, k, v in conditions),
                    location=_nowhere,
                )
            )

        allow(actions=(self.action,), but_actions=True)
        if self.resource is not None:
            allow(resources=(self.resource,), but_resources=True)
        if klass is not None:
            kind = klass.caller.kind
            if klass.arn is not None:
                allow(("ArnNotLike", _arn_key, (klass.arn,)))
                if klass.but:
                    allow(("ArnLike", _arn_key, klass.but))
            elif kind == "anonymous":
                allow(("Null", _arn_key, ("false",)))
                allow(principals=[_principal(k) for k in everyone if k.arn is None and k.caller.kind != "anonymous"])
            else:
                allow(principals=[_principal(klass)], but_principals=True)
        kind_of_rest = Kind.RESOURCE if names else Kind.IDENTITY
        return replace(policy, path="everything else", kind=kind_of_rest, version="2008-10-17", statements=tuple(out), digest="")

    def _limits(self, policy: Policy, request: Request) -> tuple[str, str]:
        """Whether the limits in the directory let a request through."""
        from probatum.access.semantics import decide

        limits = self.limits
        if not (limits.scp or limits.rcp or limits.boundary or limits.session or limits.endpoint):
            return "", ""
        names = policy.kind.names_principals
        attachments = replace(limits, identity=() if names else (policy,), resource=(policy,) if names else ())
        owner = self.resource_account or request.resource_account or request.principal.account
        try:
            decision = decide(attachments, replace(request, resource_account=owner), self.settings)
        except ProbatumError as problem:
            return "unknown", problem.message
        stopped = _limit_that_stops(decision)
        return ("stop", stopped) if stopped else ("pass", "")


_arn_key = "aws:principalarn"


def _principal(klass: CallerClass) -> Any:
    from probatum.access.artefacts import Principal

    types = {"service": "Service", "web-identity": "Federated", "saml": "Federated", "canonical": "CanonicalUser"}
    return Principal(types[klass.caller.kind], klass.caller.name)


def _limit_that_stops(decision: Decision) -> str:
    limits = ("the boundary", "the session policy", "the endpoint policy", "the service control", "the resource control")
    for step in decision.steps:
        if step.what.startswith(limits) and step.outcome in ("denies", "does not allow"):
            return f"{step.what}: {step.reason}"
    return ""


def _stopped(narrowed: Policy, policy: Policy) -> str:
    denies = narrowed.statements[len(policy.statements) :]
    places = ", ".join(dict.fromkeys(str(s.location) for s in denies))
    return f"every such request is denied by a limit ({places})"


def _statement(s: Statement) -> dict[str, Any]:
    return {"sid": s.sid, "index": s.index, "line": s.location.line, "column": s.location.column}


_kinds = {"root": "the root user", "user": "users", "role-session": "roles", "federated-user": "federated users"}


def _who(klass: CallerClass) -> str:
    caller = klass.caller
    if caller.kind == "anonymous":
        return "anyone, even without an account"
    if klass.arn is None:
        stranger = caller.name in ("x.amazonaws.com", "x.example.com", "x") or caller.name.endswith(":saml-provider/x")
        words = {
            "service": "service",
            "web-identity": "identity provider",
            "saml": "SAML provider",
            "canonical": "canonical user",
        }
        return f"any {words[caller.kind]}" if stranger else f"the {words[caller.kind]} {caller.name}"
    if klass.only:
        return klass.arn
    account = klass.arn.split(":")[4]
    return f"{_kinds[caller.kind]} of {'any other account' if '?' in account else f'account {account}'}"


def _merged(found: Sequence[tuple[CallerClass, Way]]) -> Iterator[Way]:
    """Take classes together that differ in nothing but who they are: same statements, same limits, like requests."""
    open_to_all = next((_likeness(w) for k, w in found if k.caller.kind == "anonymous"), None)
    groups: dict[object, list[tuple[CallerClass, Way]]] = {}
    for klass, way in found:
        account = klass.arn.split(":")[4] if klass.arn and not klass.only else ""
        if _likeness(way) == open_to_all:
            groups.setdefault("all", []).append((klass, way))
        else:
            groups.setdefault((account, *_likeness(way)) if account else id(way), []).append((klass, way))
    for place, members in groups.items():
        klass, way = members[0]
        if len(members) > 1 and place != "all":
            whose = _who(klass).partition(" of ")[2]
            way = replace(way, who=f"{', '.join(_kinds[k.caller.kind] for k, _ in members)} of {whose}")
        yield way


def _likeness(way: Way) -> tuple[str, ...]:
    own = {
        k: v
        for k, v in way.request.context.items()
        if not k.startswith("aws:principal") and k not in ("aws:userid", "aws:username")
    }
    return (str(sorted(own.items())), str(way.statements), way.limits)


def check_words(action: str, resource: str | None) -> None:
    """Refuse what is not an action or a resource.

    Raises
    ------
    UsageError
        Says what to write.
    """
    service, colon, name = action.partition(":")
    if action != "*" and not (colon and service and name and ":" not in name and not set(action) & set(" \t${}")):
        raise UsageError(f"`{action}` is not an action", help="write it as `service:Name`, such as `s3:GetObject`")
    if (
        resource is not None
        and resource != "*"
        and (not resource.startswith("arn:") or resource.count(":") < 5 or "${" in resource)
    ):
        raise UsageError(
            f"`{resource}` is not the ARN of a resource", help="write it as `arn:aws:s3:::bucket/key`; wildcards may be used"
        )


def lines_of(found: Found, action: str, resource: str | None, pen: Pen) -> Iterator[str]:
    """Tell a person who can do it."""
    what = f"`{plain(action)}`" + (f" on `{plain(resource)}`" if resource else "")
    through = [w for w in found.ways if w.limits != "stop"]
    if through:
        yield pen(f"{what} is possible in {count(len(through), 'way')}:", "bold")
    elif not found.undecided:
        yield pen(f"nobody can do {what} by these policies", "bold")
    for way in through:
        yield from _way(way, pen)
    stopped = [w for w in found.ways if w.limits == "stop"]
    if stopped:
        yield ""
        yield "granted, but the request that was found is stopped by a limit:"
        for way in stopped:
            yield from _way(way, pen)
    if found.undecided:
        yield ""
        yield "not known"
        yield from (f"  {plain(u['policy'])}: {plain(u['reason'])}" for u in found.undecided)
    yield ""
    yield f"{count(found.asked, 'policy', 'policies')} asked" + (f", within {', '.join(found.limits)}" if found.limits else "")
    yield "not considered"
    yield from (f"  - {line}" for line in _not_considered)


def _way(way: Way, pen: Pen) -> Iterator[str]:
    yield ""
    yield f"  {pen(plain(way.who), 'cyan')}  {plain(way.policy)}"
    for s in way.statements:
        yield f"    by {statement_name(s)} at {plain(way.policy)}:{s['line']}:{s['column']}"
    if way.reason:
        yield f"    {'stopped' if way.limits == 'stop' else 'whether a limit stops it is not known'}: {plain(way.reason)}"
    yield "    for example"
    yield from (f"      {line}" for line in request_lines(way.request.to_json()))
