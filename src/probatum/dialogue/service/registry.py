"""The rewrites of an assistant and what became of them: each step with the evidence that it takes, for ever on record.

    candidate -> shadow -> canary -> active      and from each of these -> blocked | retired

A candidate has passed the guards. In shadow it is only logged; as a canary half
of the users get it, and the others show what happens without; once it is active
a twentieth never get it, so that harm can still be seen. Evidence is checked
again, by `stats.recheck`, when it is handed in: nobody is promoted on a claim.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from probatum.dialogue.artefacts.utterance import GAP
from probatum.dialogue.semantics.templates import Templates, filled
from probatum.dialogue.service.holdout import Draw, draw
from probatum.errors import ProbatumError
from probatum.evidence import Estimate, Evidence, from_json
from probatum.source import digest_of
from probatum.stats.e_values import e_bh
from probatum.stats.recheck import recheck
from probatum.stats.win_loss import WIN_LOSS, log_e_value, win_loss
from probatum.store.journal import Journal

State = Literal["candidate", "shadow", "canary", "active", "blocked", "retired"]

HARMLESS = 0.5  # share of wins that a canary must exceed
SHIPPED = 0.75  # and an active rewrite: three wins for each loss
CONFIDENCE = 0.95
HARM_E_VALUE = 10.0  # at which a rewrite is stopped; a harmless one ever reaches it with probability 0.1
COOL_DOWN_S = 90 * 86400.0
LOSSES, WRONG = "share of losses", "share of wrong actions"  # of which more than half stop a rewrite
FIXED_USERS = 20  # held out, of whom it must be known that they do as well without it

_WORSE = {(WIN_LOSS, LOSSES), (WIN_LOSS, WRONG)}
_NEXT: dict[State, tuple[State, ...]] = {
    "candidate": ("shadow", "blocked", "retired"),
    "shadow": ("canary", "blocked", "retired"),
    "canary": ("active", "blocked", "retired"),
    "active": ("blocked", "retired"),
    "blocked": ("candidate", "retired"),
    "retired": (),
}


class NotAllowed(ProbatumError):
    """A rewrite cannot go where it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A rewrite, and where it stands.

    Attributes
    ----------
    source, target : str
        Normalised texts, or templates with the same gaps (`semantics.templates`).
    scope : str
        `global`, `refused` for that of refused requests, or `user:` and a pseudonym.
    state : str
    since : float
        Seconds since 1970, UTC, of the last step.
    """

    source: str
    target: str
    scope: str = "global"
    state: State = "candidate"
    since: float = 0.0

    @property
    def identifier(self) -> str:
        """Sixteen hexadecimal digits, of what it does and for whom."""
        return digest_of(["rewrite", self.scope, self.source, self.target])[:16]

    def applied(self, text: str) -> str:
        """Return what becomes of a normalised text: itself, if it is no instance of the source."""
        if text == self.source:
            return self.target
        at = Templates((self.source,)).owner(text)
        return filled(self.target, at[1]) if at is not None else text


# What is done with all requests that the assistant made nothing of stands in the registry as one rewrite, of anything to anything.
RECOVERY = Rewrite(source=GAP, target=GAP, scope="refused")


@dataclass(frozen=True, slots=True)
class Passed:
    """That a pair passed the guards: how many users made the step, and which guards could not be asked."""

    users: int
    unasked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fixed:
    """How often the source works for those who are held out, and the target: sums of shares, over so many users each."""

    source_direct: float
    source_tried: int
    target_direct: float
    target_tried: int


@dataclass(frozen=True, slots=True)
class Person:
    """That somebody decided."""

    by: str
    reason: str


@dataclass(slots=True)
class Registry:
    """All rewrites of a journal.

    Parameters
    ----------
    path : Path
        Of the journal; made by the first entry.

    Raises
    ------
    DamagedJournal
        If the journal is not what was written.
    """

    path: Path
    _journal: Journal = field(init=False)

    def __post_init__(self) -> None:
        """Read the journal."""
        self._journal = Journal(self.path)

    @property
    def digest(self) -> str:
        """Of the whole history."""
        return self._journal.digest

    def refresh(self) -> None:
        """Read what others have written."""
        self._journal.refresh()

    def rewrites(self, *states: State) -> dict[str, Rewrite]:
        """Return rewrites by identifier, as the journal has them now; of some states, or of all."""
        found: dict[str, Rewrite] = {}
        for entry in self._journal.entries:
            if entry["to"] == "candidate" and entry["rewrite"] not in found:
                own = {name: entry[name] for name in ("source", "target", "scope")}
                found[entry["rewrite"]] = Rewrite(**own, since=entry["at"])
            else:
                found[entry["rewrite"]] = replace(found[entry["rewrite"]], state=entry["to"], since=entry["at"])
        return {name: one for name, one in found.items() if not states or one.state in states}

    def history(self, identifier: str) -> list[dict[str, Any]]:
        """Return all entries of a rewrite, with the evidence of each."""
        return [dict(entry) for entry in self._journal.entries if entry["rewrite"] == identifier]

    def propose(self, source: str, target: str, *, at: float, scope: str = "global") -> str:
        """Enter a candidate; return its identifier.

        Raises
        ------
        NotAllowed
            If it is there already, or would lead to or from another rewrite of its scope that is in use.
        """
        own = Rewrite(source=source, target=target, scope=scope)

        def check() -> None:
            known = self.rewrites()
            if own.identifier in known:
                raise NotAllowed(f"the rewrite `{own.identifier}` is in the registry: {known[own.identifier].state}")
            self._depth_one(own, known)

        entry = {"rewrite": own.identifier, "to": "candidate", "at": at, "source": source, "target": target, "scope": scope}
        self._journal.append(entry, check=check)
        return own.identifier

    def move(self, identifier: str, to: State, *, at: float, evidence: Evidence | Passed | Fixed | Person | None = None) -> None:
        """Take a rewrite to another state.

        Parameters
        ----------
        identifier : str
        to : str
        at : float
            Seconds since 1970, UTC.
        evidence
            `Passed` for shadow; for a canary and an active rewrite an estimate of `stats.win_loss`; to block it an estimate
            of `stats.arms.StopLoss`, or of `stats.win_loss` with losses in place of wins, `Fixed`, or a `Person`, who may also retire it; nothing after the cool-down of one
            that was blocked.

        Raises
        ------
        NotAllowed
            If there is no such step, or the evidence does not support it; then nothing has changed.
        """

        def check() -> None:
            known = self.rewrites()
            own = known.get(identifier)
            if own is None:
                raise NotAllowed(f"there is no rewrite `{identifier}`")
            if to not in _NEXT[own.state]:
                raise NotAllowed(f"a rewrite that is {own.state} cannot become {to}", help=_steps(own.state))
            why = _lacking(own, to, at, evidence)
            if why:
                raise NotAllowed(f"the rewrite `{identifier}` cannot become {to}: {why}")
            if to in ("shadow", "canary", "active", "candidate"):
                self._depth_one(own, known)

        self._journal.append({"rewrite": identifier, "to": to, "at": at, "evidence": _stored(evidence)}, check=check)

    def ship(self, tallies: Mapping[str, tuple[int, int]], *, at: float, alpha: float = 1 - CONFIDENCE) -> tuple[str, ...]:
        """Activate those canaries that win often enough, decided together; return their identifiers.

        Parameters
        ----------
        tallies : mapping of identifier to (wins, losses)
            Of all canaries that are being tried, not only of promising ones. Others are ignored.
        at : float
        alpha : float
            Largest share, on average, of those shipped that win less than three times for each loss.
        """
        shipped = self.shippable(tallies, alpha=alpha)
        for name in shipped:
            # Each alone has at least the e-value that its own step demands, for together more is demanded.
            bound = win_loss(*tallies[name], confidence=1 - alpha)
            self.move(name, "active", at=at, evidence=bound.estimate("share of wins"))
        return shipped

    def shippable(self, tallies: Mapping[str, tuple[int, int]], *, alpha: float = 1 - CONFIDENCE) -> tuple[str, ...]:
        """Return the canaries that `ship` would activate."""
        tried = [name for name in sorted(tallies) if name in self.rewrites("canary")]
        chosen = e_bh([log_e_value(*tallies[name], at_most=SHIPPED) for name in tried], alpha=alpha)
        return tuple(tried[place] for place in chosen)

    def draw(self, unit: str, identifier: str, *, key: bytes) -> Draw:
        """Draw whether a user gets a rewrite; see `holdout.draw`."""
        own = self.rewrites().get(identifier)
        return draw(unit, identifier, own.state if own is not None else "retired", key=key)

    def forget(self, scope: str) -> int:
        """Remove a user's rewrites as if they had never been made; return how many entries were removed.

        Parameters
        ----------
        scope : str
            `user:` and a pseudonym.
        """
        if not scope.startswith("user:"):
            raise NotAllowed(f"`{scope}` is not the scope of a user", help="retire rewrites that are for all")
        gone = {name for name, one in self.rewrites().items() if one.scope == scope}
        return self._journal.rewrite(lambda entry: None if entry["rewrite"] in gone else entry) if gone else 0

    def _depth_one(self, own: Rewrite, known: Mapping[str, Rewrite]) -> None:
        for name, other in known.items():
            in_use = other.state not in ("blocked", "retired") and other.scope == own.scope and name != own.identifier
            if in_use and (
                own.source == other.source or own.applied(other.target) != other.target or other.applied(own.target) != own.target
            ):
                raise NotAllowed(
                    f"the rewrite `{own.identifier}` would lead to, from or away from what `{name}` rewrites",
                    help=f"retire `{name}` first",
                )


def _lacking(own: Rewrite, to: State, at: float, evidence: object) -> str:
    """Return what is missing for a step, "" if nothing is."""
    if to == "candidate":
        left = own.since + COOL_DOWN_S - at
        return f"it was blocked, and {math.ceil(left / 86400)} days of its cool-down are left" if left > 0 else ""
    if to in ("blocked", "retired"):
        return _against(to, evidence)
    if to == "shadow":
        return "" if isinstance(evidence, Passed) and evidence.users >= 1 else "it takes a pair that passed the guards"
    share = HARMLESS if to == "canary" else SHIPPED
    if not isinstance(evidence, Estimate) or evidence.method != WIN_LOSS or evidence.quantity in (LOSSES, WRONG):
        return "it takes wins and losses"
    wrong = _unconfirmed(evidence)
    if wrong or evidence.low is None or evidence.confidence < CONFIDENCE - 1e-12:
        return wrong or f"wins and losses are taken at a confidence of at least {CONFIDENCE:.0%}"
    if evidence.low * (1 + 1e-9) < share:
        return f"the share of wins is at least {evidence.low:.3f}, and more than {share:g} is needed"
    return ""


def _against(to: State, evidence: object) -> str:
    if isinstance(evidence, Person):
        return "" if evidence.by and evidence.reason else "whoever decides says who they are and why"
    if isinstance(evidence, Fixed):
        if min(evidence.source_tried, evidence.target_tried) < FIXED_USERS:
            return f"at least {FIXED_USERS} users are needed on both sides"
        works = evidence.source_direct / evidence.source_tried >= evidence.target_direct / evidence.target_tried
        return "" if works else "the target still works better for those who are held out"
    if to == "blocked" and isinstance(evidence, Estimate) and evidence.method == "stats/stop-loss/1":
        harm = evidence.low is not None and evidence.low * (1 + 1e-6) >= HARM_E_VALUE
        return _unconfirmed(evidence) or ("" if harm else f"the e-value of harm is below {HARM_E_VALUE:g}")
    if to == "blocked" and isinstance(evidence, Estimate) and (evidence.method, evidence.quantity) in _WORSE:
        most = evidence.confidence >= CONFIDENCE - 1e-12 and evidence.low is not None and evidence.low * (1 + 1e-9) >= HARMLESS
        return _unconfirmed(evidence) or ("" if most else f"the {evidence.quantity} is not shown to be above {HARMLESS:g}")
    return "it takes harm that was shown, a source that works by now, or a person who decides"


def _unconfirmed(evidence: Estimate) -> str:
    # As it will be stored: what does not survive that could not be checked later.
    answer = recheck(from_json(evidence.to_json()))
    return "" if answer.status == "confirmed" else f"its evidence is {answer.status}: {answer.reason}"


def _steps(state: State) -> str:
    return f"from {state} it can become {', '.join(_NEXT[state])}" if _NEXT[state] else f"{state} is final: propose another"


_kinds: dict[type, Callable[[Any], dict[str, Any]]] = {
    Passed: lambda own: {"kind": "guards", "users": own.users, "unasked": list(own.unasked)},
    Fixed: lambda own: {
        "kind": "works-without",
        "source": [own.source_direct, own.source_tried],
        "target": [own.target_direct, own.target_tried],
    },
    Person: lambda own: {"kind": "person", "by": own.by, "reason": own.reason},
}


def _stored(evidence: Any) -> dict[str, Any] | None:
    if evidence is None:
        return None
    kind = _kinds.get(type(evidence))
    stored: dict[str, Any] = kind(evidence) if kind is not None else evidence.to_json()
    return stored
