"""The decision: all policies that bear on a request, and what they say together.

An explicit deny anywhere wins. Otherwise the request needs a grant, from an
identity policy, a resource policy or both, and every limit in its way must let
it through. Limits never grant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from probatum.access.artefacts import Kind, Policy, folder_kind, read
from probatum.access.semantics.request import Request, complete
from probatum.access.semantics.settings import Settings
from probatum.access.semantics.statements import StatementTrace, trace
from probatum.errors import UsageError
from probatum.source import Location, Source


@dataclass(frozen=True, slots=True)
class Level:
    """One level of an organisation (its root, a unit, an account), with the policies attached there."""

    name: str
    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachments:
    """The policies that bear on a request.

    Attributes
    ----------
    identity : tuple of Policy
        Of the caller, and of the groups it is in.
    resource : tuple of Policy
        Of the resource: for ``sts:AssumeRole*`` the trust policy of the role.
    boundary, session, endpoint : tuple of Policy
        Of the caller, of its session, of the network endpoint. None at all is
        no limit; of several, one must allow.
    scp : tuple of Level
        From the root of the caller's organisation down to its account. Leave
        it out for callers in the organisation's management account.
    rcp : tuple of Level
        The same for the account of the resource.
    """

    identity: tuple[Policy, ...] = ()
    resource: tuple[Policy, ...] = ()
    boundary: tuple[Policy, ...] = ()
    session: tuple[Policy, ...] = ()
    endpoint: tuple[Policy, ...] = ()
    scp: tuple[Level, ...] = ()
    rcp: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a decision: what was asked, what came out, and where that is written."""

    what: str
    outcome: str  # "allows", "denies", "does not allow", or "applies" for a rule of the service itself
    reason: str
    location: Location | None = None
    traces: tuple[StatementTrace, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON, without the traces of single statements."""
        return {
            "what": self.what,
            "outcome": self.outcome,
            "reason": self.reason,
            "location": None if self.location is None else self.location.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a request is allowed, and how that came about.

    Attributes
    ----------
    allowed : bool
    explicit : bool
        If not allowed, whether a statement denies it, rather than none allowing it.
    request : Request
        With the keys that `complete` filled in: what was decided.
    """

    allowed: bool
    explicit: bool
    reason: str
    steps: tuple[Step, ...]
    request: Request

    @property
    def result(self) -> str:
        """``allowed``, ``explicitly denied`` or ``implicitly denied``."""
        return "allowed" if self.allowed else "explicitly denied" if self.explicit else "implicitly denied"

    def to_json(self) -> dict[str, Any]:
        """Return the decision as JSON."""
        return {
            "result": self.result,
            "reason": self.reason,
            "steps": [s.to_json() for s in self.steps],
            "request": self.request.to_json(),
        }


@dataclass(slots=True)
class _Verdicts:
    """Collects the steps while policies are asked one after the other."""

    request: Request
    settings: Settings
    bounded: bool
    steps: list[Step] = field(default_factory=list)

    def ask(self, what: str, policies: Iterable[Policy]) -> tuple[StatementTrace, ...]:
        """Ask policies, note the step, and return the allow statements that match. Denies are read off the steps."""
        traces = tuple(
            trace(policy, statement, self.request, self.settings, bounded=self.bounded)
            for policy in policies
            for statement in policy.statements
        )
        hits = [t for t in traces if t.matched]
        denials, allows = [t for t in hits if not t.statement.allows], [t for t in hits if t.statement.allows]
        if denials:
            self.note(what, "denies", denials[0].reason, denials[0].location, traces)
        elif allows:
            self.note(what, "allows", allows[0].reason, allows[0].location, traces)
        else:
            # The statement that came closest tells a reader most.
            order = ("", "Principal", "Action", "Resource", "Condition")
            near = max((t for t in traces if t.statement.allows), key=lambda t: order.index(t.failed), default=None)
            self.note(
                what,
                "does not allow",
                near.reason if near else "no statement allows anything",
                near.location if near else None,
                traces,
            )
        return tuple(allows)

    def note(
        self, what: str, outcome: str, reason: str, where: Location | None = None, traces: tuple[StatementTrace, ...] = ()
    ) -> None:
        """Add a step."""
        self.steps.append(Step(what, outcome, reason, where, traces))

    def end(self, allowed: bool, reason: str) -> Decision:
        """Conclude: a denial in any step wins."""
        denial = next((s for s in self.steps if s.outcome == "denies"), None)
        if denial is not None:
            return Decision(False, True, f"{denial.what} denies it: {denial.reason}", tuple(self.steps), self.request)
        return Decision(allowed, False, reason, tuple(self.steps), self.request)


def decide(attachments: Attachments, request: Request, settings: Settings) -> Decision:
    """Decide a request by all policies that bear on it.

    The request is completed first. Not modelled: access control lists, key
    grants, and blocks on public access; they can only be judged with data that
    is not in policies.

    Raises
    ------
    UsageError
        If the caller has an account and the owner of the resource is not known.
    UnsupportedConstruct
        If a policy says something that has no meaning here.
    """
    request = complete(request)
    caller, given = request.principal, attachments
    asked = _Verdicts(request, settings, bool(given.boundary))
    if request.action.lower() == "sts:getcalleridentity" and caller.kind != "anonymous":
        asked.note("the service", "applies", "everyone may ask who they are, whatever is denied")
        return Decision(True, False, "`sts:GetCallerIdentity` is always allowed", tuple(asked.steps), request)

    in_account = caller.kind in ("root", "user", "role-session", "federated-user")
    if in_account and not request.resource_account:
        raise UsageError(
            f"the request does not say which account owns `{request.resource}`",
            help="add `resource_account` to the request: the decision depends on whose resource it is",
        )
    same = in_account and bool(caller.account) and caller.account == request.resource_account
    by_identity = bool(asked.ask("the identity policies", given.identity)) if given.identity else False
    by_resource = asked.ask("the resource policy", given.resource) if given.resource else ()
    in_boundary = bool(asked.ask("the boundary", given.boundary)) if given.boundary else True
    in_session = bool(asked.ask("the session policy", given.session)) if given.session else True
    limits = _limits(asked, given, service_linked=":role/aws-service-role/" in caller.role)
    ways = {t.named for t in by_resource}
    direct, delegated = bool(ways - {"account"}), "account" in ways
    if caller.kind == "root":
        by_identity = in_boundary = in_session = True
        asked.note("the account", "applies", "its root user needs no identity policy")

    if missing := next((s for s in limits if s.outcome == "does not allow"), None):
        return asked.end(False, f"{missing.what} does not allow it: {missing.reason}")
    if reason := _protected(request):
        asked.note("the service", "applies", reason)
        return asked.end(False, reason)
    if not in_account:
        who = "an anonymous caller" if caller.kind == "anonymous" else f"a caller of kind `{caller.kind}`"
        return asked.end(direct, f"{who} needs, and {'has' if direct else 'lacks'}, a resource policy that names it")
    identity = by_identity and in_boundary and in_session
    if not same:
        reason = _across_accounts(identity, direct or delegated)
        return asked.end(identity and (direct or delegated), reason)
    # A grant by name bypasses the limits of the caller if it names the very caller, or everyone; a grant to
    # the role does not.
    if direct and (ways & {"self", "everyone", "others"} or (in_boundary and in_session)):
        return asked.end(True, "the resource policy names the caller, in the same account")
    if not identity:
        return asked.end(False, "no identity policy allows it within the caller's limits, nor does the resource policy by name")
    if _needs_delegation(request) and not delegated:
        return asked.end(False, "the resource's own policy does not leave this to the identity policies of its account")
    return asked.end(True, "an identity policy allows it, in the same account")


def _limits(asked: _Verdicts, given: Attachments, *, service_linked: bool) -> list[Step]:
    start = len(asked.steps)
    caller = asked.request.principal
    if caller.kind in ("root", "user", "role-session", "federated-user") and not service_linked:
        for level in given.scp:
            asked.ask(f"the service control policies of `{level.name}`", level.policies)
    if not service_linked:
        for level in given.rcp:
            # At every level a policy that allows everything is attached and cannot be removed, so only denies count.
            asked.ask(f"the resource control policies of `{level.name}`", level.policies)
            if asked.steps[-1].outcome == "does not allow":
                asked.steps[-1] = Step(asked.steps[-1].what, "allows", "no statement denies it", None, asked.steps[-1].traces)
    if given.endpoint:
        asked.ask("the endpoint policy", given.endpoint)
    return asked.steps[start:]


def _across_accounts(identity: bool, resource: bool) -> str:
    lacking = [
        what
        for what, there in (("an identity policy within the caller's limits", identity), ("the resource policy", resource))
        if not there
    ]
    if lacking:
        return f"across accounts both sides must allow it; what lacks is {' and '.join(lacking)}"
    return "both accounts allow it: the caller's by an identity policy, the owner's by the resource policy"


def _needs_delegation(request: Request) -> bool:
    # Keys and roles are governed by their own policy: identity policies count only if it hands over to the account.
    if request.service == "kms":
        return ":key/" in request.resource
    return request.action.lower().startswith("sts:assumerole")


def _protected(request: Request) -> str:
    # What the services keep for themselves, whatever policies say.
    verb = request.action.partition(":")[2].lower()
    parts = request.resource.split(":", 5)
    rest = parts[5].lower() if len(parts) == 6 else ""
    reads = verb.startswith(("get", "list", "generate", "simulate"))
    if request.service == "iam" and not reads:
        if parts[4:5] == ["aws"] and rest.startswith("policy/"):
            return "policies managed by AWS cannot be changed"
        if rest.startswith("role/aws-reserved/"):
            return "roles reserved by AWS cannot be changed or passed on"
    if request.service == "kms" and rest.startswith("alias/aws/") and verb in ("createalias", "deletealias", "updatealias"):
        return "aliases of keys managed by AWS cannot be changed"
    return ""


def load_attachments(sources: Iterable[Source], request: Request, options: Mapping[str, Any] | None = None) -> Attachments:
    """Read the policies in a directory and attach each where its place and shape say.

    Identity policies, boundaries and session policies are attached to the
    caller, resource and endpoint policies to the request. Trust policies count
    for ``sts:`` requests only, and then other resource policies do not. In
    ``scp/`` and ``rcp/`` each folder is a level, in the order of their names;
    files directly in them are a level of their own, the first.

    Raises
    ------
    ProbatumError
        If a file cannot be read as a policy.
    """
    found: dict[Kind, list[Policy]] = {kind: [] for kind in Kind}
    levels: dict[Kind, dict[str, list[Policy]]] = {Kind.SCP: {}, Kind.RCP: {}}
    for source in sorted(sources, key=lambda s: s.path):
        for policy in read(source, options or {}):
            found[policy.kind].append(policy)
            if policy.kind in levels:
                levels[policy.kind].setdefault(_level(source.path, policy.kind), []).append(policy)
    about_roles = request.service == "sts" and bool(found[Kind.TRUST])
    return Attachments(
        identity=tuple(found[Kind.IDENTITY]),
        resource=tuple(found[Kind.TRUST if about_roles else Kind.RESOURCE]),
        boundary=tuple(found[Kind.BOUNDARY]),
        session=tuple(found[Kind.SESSION]),
        endpoint=tuple(found[Kind.ENDPOINT]),
        scp=_levels(levels[Kind.SCP]),
        rcp=_levels(levels[Kind.RCP]),
    )


def _level(path: str, kind: Kind) -> str:
    folders = PurePosixPath(path).parts[:-1]
    depth = next((i for i, name in reversed(list(enumerate(folders))) if folder_kind(name) is kind), len(folders))
    return "/".join(folders[depth + 1 :])


def _levels(named: Mapping[str, list[Policy]]) -> tuple[Level, ...]:
    return tuple(Level(name or "organisation", tuple(policies)) for name, policies in sorted(named.items()))
