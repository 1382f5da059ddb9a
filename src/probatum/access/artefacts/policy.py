"""The shape of an access policy: what a document says, before asking what it means.

Everything here is frozen and knows where it was written. Text is kept as
written, except where case carries no meaning: operator names are in their usual
spelling, condition keys also in lower case.
"""

from __future__ import annotations

from enum import Enum

from probatum.records import dataclass
from probatum.source import Location


class Kind(str, Enum):
    """What a policy is attached to, which decides what it can grant."""

    IDENTITY = "identity"  # a user, group or role: what it may do
    RESOURCE = "resource"  # a bucket, key, queue ...: who may do what to it
    TRUST = "trust"  # a role: who may assume it
    SCP = "scp"  # an organisation's limit on its principals
    RCP = "rcp"  # an organisation's limit on access to its resources
    BOUNDARY = "boundary"  # the limit of one principal
    SESSION = "session"  # the limit of one session
    ENDPOINT = "endpoint"  # the limit of a network endpoint

    @property
    def names_principals(self) -> bool:
        """Whether statements of this kind must say whom they are about."""
        return self in (Kind.RESOURCE, Kind.TRUST, Kind.RCP, Kind.ENDPOINT)

    @property
    def grants(self) -> bool:
        """Whether an allow of this kind can let a request through; the others only limit."""
        return self in (Kind.IDENTITY, Kind.RESOURCE, Kind.TRUST)


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something that a document says and that we have no meaning for; never guessed at."""

    what: str
    location: Location


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator in its usual spelling, with what surrounds it.

    Attributes
    ----------
    name : str
        For example ``StringNotEquals``.
    quantifier : str
        ``ForAnyValue``, ``ForAllValues``, or empty.
    if_exists : bool
        Whether an absent key satisfies it.
    """

    name: str
    quantifier: str = ""
    if_exists: bool = False

    def __str__(self) -> str:
        quantifier = f"{self.quantifier}:" if self.quantifier else ""
        return f"{quantifier}{self.name}{'IfExists' if self.if_exists else ''}"


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator. The values are alternatives; numbers and truth values are text."""

    operator: Operator
    key: str  # lower case
    key_text: str  # as written
    values: tuple[str, ...]
    location: Location
    value_locations: tuple[Location, ...] = ()


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a statement is about: a type (``AWS``, ``Service``, ``Federated``, ``CanonicalUser`` or ``*``) and a value."""

    type: str
    value: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Principals:
    """All principals of a statement, or all but these if `negated`."""

    entries: tuple[Principal, ...]
    negated: bool
    location: Location


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy.

    Attributes
    ----------
    index : int
        Position in the policy, from 0.
    effect : str
        ``Allow`` or ``Deny``.
    principals : Principals or None
        None where the kind of policy names no principals.
    actions : tuple of str
        Patterns as written; the complement is meant if `not_actions`.
    resources : tuple of str or None
        Patterns as written; the complement is meant if `not_resources`. None
        if the statement names no resource, as in a trust policy.
    action_locations, resource_locations : tuple of Location
        Parallel to `actions` and `resources`.
    unsupported : tuple of Unsupported
        What this statement says that has no meaning here.
    """

    index: int
    sid: str
    effect: str
    principals: Principals | None
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...] | None
    not_resources: bool
    conditions: tuple[Condition, ...]
    location: Location
    unsupported: tuple[Unsupported, ...] = ()
    action_locations: tuple[Location, ...] = ()
    resource_locations: tuple[Location, ...] = ()

    @property
    def allows(self) -> bool:
        """Whether the effect is to allow."""
        return self.effect == "Allow"

    @property
    def name(self) -> str:
        """How to call the statement when talking to a person: by its `Sid`, else by its number from 1."""
        return f"`{self.sid}`" if self.sid else f"statement {self.index + 1}"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document as it was read from a file."""

    path: str
    kind: Kind
    version: str  # "2012-10-17" or "2008-10-17", the latter also when nothing is said
    id: str
    statements: tuple[Statement, ...]
    location: Location
    digest: str  # of the file it was read from
    subject: str

    @property
    def variables_active(self) -> bool:
        """Whether ``${...}`` stands for a value of the request; before 2012 it is plain text."""
        return self.version == "2012-10-17"

    @property
    def unsupported(self) -> tuple[Unsupported, ...]:
        """Everything in the policy that has no meaning here."""
        return tuple(u for s in self.statements for u in s.unsupported)
