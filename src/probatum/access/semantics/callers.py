"""Callers that policies can tell apart: finitely many, and no others matter.

`Principal` elements are exact, so two callers that no element names differently
are the same for all purposes, up to what their condition keys say. A `CallerClass`
is one such set of callers, with the facts about condition keys that hold for all
of them. The classes of some policies together cover every caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from probatum.access.artefacts import Policy
from probatum.access.semantics.request import Caller, is_origin_access_identity

STRANGER = "999999999900"  # an account that no policy names; moved out of the way if one does

_account_text = re.compile(r"[0-9]{12}|arn:[^:]+:iam::[0-9]{12}:root")
_without_arn = (
    ("service", "Service", "{}.amazonaws.com"),
    ("web-identity", "Federated", "{}.example.com"),
    ("saml", "Federated", "arn:aws:iam::999999999900:saml-provider/{}"),
    ("canonical", "CanonicalUser", "{}"),
)
_places = (("root", "root"), ("user", "user/"), ("role-session", "role/"), ("federated-user", "federated-user/"))


@dataclass(frozen=True, slots=True)
class CallerClass:
    """Callers that no statement tells apart.

    Attributes
    ----------
    caller : Caller
        One of them.
    arn : str or None
        Pattern that the caller's ``aws:PrincipalArn`` matches, segment by
        segment; None if these callers have no such key.
    but : tuple of str
        ARNs that callers of the class do not have; for services, their names.
    also : tuple of str
        Further patterns, one of which the ARN may match instead.
    open : bool
        For callers without ARN: whether the class is all but those named.
    """

    caller: Caller
    arn: str | None
    but: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    open: bool = False

    @property
    def only(self) -> bool:
        """Whether the class is a single principal."""
        return self.arn is not None and not self.also and "*" not in self.arn and "?" not in self.arn


def classes(policies: Iterable[Policy], *, anonymous: bool = True) -> tuple[CallerClass, ...]:
    """Return classes that cover all callers; empty if no policy names principals."""
    entries = [entry for p in policies for s in p.statements if s.principals is not None for entry in s.principals.entries]
    texts = {
        kind: sorted({e.value for e in entries if e.type == kind}) for kind in ("AWS", "Service", "Federated", "CanonicalUser")
    }
    named = [Caller.parse({"AWS": t}) for t in texts["AWS"] if t.startswith("arn:") and _is_principal(t)]
    accounts = sorted(
        {t if ":" not in t else t.split(":")[4] for t in texts["AWS"] if _account_text.fullmatch(t)}
        | {c.account for c in named if c.account}
    )
    known = tuple(sorted({_arn(c) for c in named} | {_federated(c) for c in named if c.kind == "user"}))
    out: list[CallerClass] = [CallerClass(Caller("anonymous"), None)] if anonymous else []
    for caller in named:
        if caller.kind == "role-session":
            out += _sessions(caller, named, texts["AWS"])
        else:
            out.append(CallerClass(caller, _arn(caller)))
        if caller.kind == "user":  # names the sessions that the user federates, too
            out.append(CallerClass(Caller("federated-user", _federated(caller)), _federated(caller)))
    fresh = next(
        f"x{n or ''}" for n in range(10_000) if not any(t.endswith((f"/x{n or ''}", f"/x{n or ''}/x")) for t in texts["AWS"])
    )
    for number, account in enumerate([*accounts, _other(accounts)]):
        mine = number < len(accounts)
        pattern = account if mine else "????????????"
        but = known if mine else tuple(f"arn:*:*:*:{a}:*" for a in accounts)
        for kind, place in _places:
            service = "sts" if kind == "federated-user" else "iam"
            arn = f"arn:aws:{service}::{account}:{place}{fresh if place != 'root' else ''}"
            caller = Caller(kind, _session(arn, taken=()), arn) if kind == "role-session" else Caller(kind, arn)
            out.append(CallerClass(caller, f"arn:?*:{service}::{pattern}:{place}{'?*' if place != 'root' else ''}", but))
    out += [CallerClass(Caller("canonical", t), None) for t in texts["AWS"] if is_origin_access_identity(t)]
    for kind, field, shape in _without_arn:
        fresh = next(name for n in range(10_000) if (name := shape.format(f"x{n or ''}")) not in texts[field])
        out += [CallerClass(Caller(kind, name), None) for name in texts[field]]
        if kind != "canonical":  # an account whose canonical id nobody names is like any other that nobody names
            out.append(CallerClass(Caller(kind, fresh), None, but=tuple(texts[field]), open=True))
    return tuple(dict.fromkeys(out))


def _sessions(caller: Caller, named: Iterable[Caller], taken: Iterable[str]) -> Iterator[CallerClass]:
    """Classes of sessions that a role's ARN, or one session's, tells from others.

    A session's ARN lacks the path of its role, so the role may be one that is
    named, or one of the same name on another path.
    """
    if caller.role:
        yield CallerClass(Caller("role-session", _session(caller.role, taken=taken), caller.role), caller.role)
        return
    plain = f"arn:{caller.partition}:iam::{caller.account}:role/"
    same = tuple(c.role for c in named if c.role and _arn(c).startswith(plain) and c.role_name == caller.role_name)
    for role in same:
        yield CallerClass(Caller("role-session", caller.name, role), role)
    paths = ("", *(f"x{n or ''}/" for n in range(10_000)))
    role = next(r for path in paths if (r := f"{plain}{path}{caller.role_name}") not in same)
    shape = (f"{plain}{caller.role_name}", same, (f"{plain}*/{caller.role_name}",))
    yield CallerClass(Caller("role-session", caller.name, role), *shape)
    # Other sessions of that role are not among the other roles of the account.
    yield CallerClass(Caller("role-session", _session(role, taken=taken), role), *shape)


def _is_principal(text: str) -> bool:
    return re.fullmatch(r"arn:[^:]+:(iam|sts)::[0-9]{12}:(user|role|assumed-role|federated-user)/.+", text) is not None


def _arn(caller: Caller) -> str:
    if caller.kind != "role-session":
        return caller.name
    return caller.role or f"arn:{caller.partition}:iam::{caller.account}:role/{caller.role_name}"


def _federated(user: Caller) -> str:
    return user.name.replace(":iam:", ":sts:").replace(":user/", ":federated-user/")


def _session(role: str, *, taken: Iterable[str]) -> str:
    partition, account, name = role.split(":")[1], role.split(":")[4], role.rsplit("/", 1)[-1]
    sessions = (f"arn:{partition}:sts::{account}:assumed-role/{name}/x{n or ''}" for n in range(10_000))
    return next(s for s in sessions if s not in taken)


def _other(accounts: Iterable[str]) -> str:
    taken = set(accounts)
    return next(a for n in range(1000) if (a := str(int(STRANGER) - n)) not in taken)
