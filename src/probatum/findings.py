"""What a check says: `Finding`, `Cleared` or `Undecided`, gathered in a `Report`.

A rule yields outcomes and nothing else. A `Finding` claims a defect, a `Cleared`
claims its absence and says how strongly, an `Undecided` says why neither could
be established; it is never counted as success. Everything here is data: the
engine makes it, the renderings read it, and its JSON is a published schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from enum import Enum
from typing import Any, ClassVar

from probatum import evidence as evidence_module
from probatum.errors import EvidenceError
from probatum.evidence import Evidence
from probatum.records import dataclass
from probatum.source import Location, digest

SCHEMA = "probatum-report/1"


class Severity(str, Enum):
    """How bad it is if the finding is true; says nothing about how sure we are."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Strength(str, Enum):
    """How strongly a `Cleared` holds."""

    PROVED = "proved"  # for all cases
    BOUNDED = "bounded"  # for all cases up to a stated bound
    TESTED = "tested"  # for the cases that were run
    STATISTICAL = "statistical"  # with a stated confidence


class Why(str, Enum):
    """Why something is undecided, in a word that tools can act on."""

    TIME_LIMIT = "time-limit"
    MEMORY_LIMIT = "memory-limit"
    UNSUPPORTED = "unsupported"
    UNREADABLE = "unreadable"
    TOO_FEW_SAMPLES = "too-few-samples"
    MISSING_EXTRA = "missing-extra"
    MISSING_INPUT = "missing-input"
    SOLVER_GAVE_UP = "solver-gave-up"
    CRASHED = "crashed"
    NOTHING_CHECKED = "nothing-checked"
    NOT_RECHECKED = "not-rechecked"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace characters `start` to `end` (offsets in the decoded text) of a file whose content has digest `base`."""

    path: str
    base: str
    start: int
    end: int
    new: str

    def to_json(self) -> dict[str, Any]:
        """Return the edit as JSON."""
        return {"path": self.path, "base": self.base, "start": self.start, "end": self.end, "new": self.new}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """Edits that make the finding go away.

    `verified` is evidence that they do, and do no other harm that the rule
    knows how to check; a repair without it is a suggestion and is shown as such.
    """

    title: str
    edits: tuple[Edit, ...] = ()
    verified: Evidence | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the repair as JSON."""
        return {
            "title": self.title,
            "edits": [e.to_json() for e in self.edits],
            "verified": self.verified.to_json() if self.verified is not None else None,
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Repair:
        """Rebuild a repair from its JSON."""
        proof = value.get("verified")
        return Repair(
            title=value["title"],
            edits=tuple(Edit(**e) for e in value.get("edits", ())),
            verified=evidence_module.from_json(proof) if proof is not None else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A defect, with evidence that anyone can check again.

    The message is one line that stands alone on a narrow screen, in the words of
    the person who owns the artefact. Everything longer belongs to `probatum explain`.
    """

    kind: ClassVar[str] = "finding"

    rule: str  # "access/public-access"
    subject: str  # what it is about: a bucket, a function, a unit, a group
    message: str  # "anyone can read `reports/`"
    location: Location
    evidence: Evidence
    cause: str  # the decision that made it possible, not the symptom
    anchor: tuple[str, ...]  # what stays the same when lines move and witnesses change; part of the fingerprint
    severity: Severity = Severity.ERROR
    assumptions: tuple[str, ...] = ()  # what the claim rests on
    repair: Repair | None = None
    related: tuple[tuple[Location, str], ...] = ()  # other places that take part
    fingerprint: str = ""  # set by the engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """The absence of a defect, as strongly as `strength` says and no more."""

    kind: ClassVar[str] = "cleared"

    rule: str
    subject: str
    message: str
    location: Location
    strength: Strength
    evidence: Evidence | None = None  # None only where the strength is `tested`
    assumptions: tuple[str, ...] = ()
    anchor: tuple[str, ...] = ()
    fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """Neither a defect nor its absence could be established."""

    kind: ClassVar[str] = "undecided"

    rule: str
    subject: str
    location: Location
    why: Why
    reason: str  # one line: what stood in the way, and where it helps, what to do
    assumptions: tuple[str, ...] = ()
    anchor: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def message(self) -> str:
        """The reason; so that all three kinds of outcome have a message."""
        return self.reason


Outcome = Finding | Cleared | Undecided


def with_fingerprint(outcome: Outcome, ordinal: int) -> Outcome:
    """Return the outcome with its identity across runs.

    The identity is made of the rule, the subject, the anchor that the rule chose
    and an ordinal among equals. Never of line numbers, messages, numbers that
    vary, absolute paths, dates or our version: those change when nothing has.
    """
    # Fields are separated by a character that cannot be part of them.
    text = "\x1f".join(("fingerprint/1", outcome.rule, outcome.subject, *outcome.anchor, str(ordinal)))
    return replace(outcome, fingerprint=digest(text)[:32])


def outcome_to_json(outcome: Outcome, *, evidence: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return an outcome as JSON, with every key of the published schema (null where it has no value).

    `evidence` stands for its own, for who writes that otherwise.
    """
    own = outcome
    if evidence is None and not isinstance(own, Undecided) and own.evidence is not None:
        evidence = own.evidence.to_json()
    return {
        "kind": own.kind,
        "rule": own.rule,
        "subject": own.subject,
        "location": own.location.to_json(),
        "message": own.message,
        "severity": own.severity.value if isinstance(own, Finding) else None,
        "strength": own.strength.value if isinstance(own, Cleared) else None,
        "why": own.why.value if isinstance(own, Undecided) else None,
        "reason": own.reason if isinstance(own, Undecided) else None,
        "evidence": evidence,
        "cause": own.cause if isinstance(own, Finding) else None,
        "repair": own.repair.to_json() if isinstance(own, Finding) and own.repair is not None else None,
        "related": [{"location": place.to_json(), "note": note} for place, note in own.related]
        if isinstance(own, Finding)
        else [],
        "anchor": list(own.anchor),
        "fingerprint": own.fingerprint,
        "assumptions": list(own.assumptions),
    }


def outcome_from_json(value: Mapping[str, Any]) -> Outcome:
    """Rebuild an outcome from its JSON.

    Raises
    ------
    EvidenceError
        If it is not an outcome.
    """
    try:
        shared: dict[str, Any] = {
            "rule": value["rule"],
            "subject": value["subject"],
            "location": Location.from_json(value["location"]),
            "assumptions": tuple(value["assumptions"]),
            "anchor": tuple(value["anchor"]),
            "fingerprint": value["fingerprint"],
        }
        proof = evidence_module.from_json(value["evidence"]) if value["evidence"] is not None else None
        match value["kind"]:
            case "finding" if proof is not None:
                return Finding(
                    **shared,
                    message=value["message"],
                    evidence=proof,
                    cause=value["cause"],
                    severity=Severity(value["severity"]),
                    repair=Repair.from_json(value["repair"]) if value["repair"] is not None else None,
                    related=tuple((Location.from_json(r["location"]), r["note"]) for r in value["related"]),
                )
            case "cleared":
                return Cleared(**shared, message=value["message"], strength=Strength(value["strength"]), evidence=proof)
            case "undecided":
                return Undecided(**shared, why=Why(value["why"]), reason=value["reason"])
            case other:
                raise EvidenceError(f"`{other}` is not a kind of outcome that can be rebuilt")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvidenceError(
            f"an outcome in the report is malformed ({type(error).__name__}: {error})",
            help="make the report again with `probatum check --format json`",
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """Something wrong with probatum itself: evidence that did not re-check, or a crash of ours. Exit status 4."""

    rule: str
    subject: str
    location: Location
    message: str
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the defect as JSON."""
        return {
            "rule": self.rule,
            "subject": self.subject,
            "location": self.location.to_json(),
            "message": self.message,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A finding that is not shown, and why: in the baseline, or suppressed."""

    outcome: Finding
    by: str  # "baseline" or "suppression"
    reason: str = ""
    owner: str = ""
    until: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the hidden finding as JSON."""
        return outcome_to_json(self.outcome) | {
            "hidden": {"by": self.by, "reason": self.reason, "owner": self.owner, "until": self.until}
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of a run: data that every rendering reads and none changes.

    `outcomes` are ordered by (path, line, column, rule), so the same input gives
    the same bytes. Times and machine facts are not part of a report.
    """

    outcomes: tuple[Outcome, ...]
    hidden: tuple[Hidden, ...] = ()
    defects: tuple[Defect, ...] = ()
    notes: tuple[str, ...] = ()  # what a reader must know to judge coverage: files ignored, systems not installed
    rules: Mapping[str, str] = field(default_factory=dict)  # every rule that was selected, with its one-line title
    tool_version: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)  # path -> digest of everything that was read

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that are shown."""
        return tuple(o for o in self.outcomes if isinstance(o, Finding))

    @property
    def cleared(self) -> tuple[Cleared, ...]:
        """What was shown to be free of a defect."""
        return tuple(o for o in self.outcomes if isinstance(o, Cleared))

    @property
    def undecided(self) -> tuple[Undecided, ...]:
        """What could not be decided."""
        return tuple(o for o in self.outcomes if isinstance(o, Undecided))

    @property
    def exit_status(self) -> int:
        """Return 1 for findings, else 4 for a defect of ours, else 3 for anything undecided or nothing checked, else 0."""
        if self.findings:
            return 1
        if self.defects:
            return 4
        if self.undecided or not (self.cleared or self.hidden):
            return 3
        return 0

    def summary(self) -> dict[str, int]:
        """Counts for the last line of every rendering."""
        return {
            "findings": len(self.findings),
            "cleared": len(self.cleared),
            "undecided": len(self.undecided),
            "baselined": sum(h.by == "baseline" for h in self.hidden),
            "suppressed": sum(h.by == "suppression" for h in self.hidden),
            "defects": len(self.defects),
        }

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON, in the published schema."""
        return report_to_json(self, outcome_to_json)


def report_to_json(report: Report, written: Callable[[Outcome], Mapping[str, Any]]) -> dict[str, Any]:
    """Return a report as JSON, in the published schema; `written` gives its outcomes."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "probatum", "version": report.tool_version},
        "outcomes": [written(o) for o in report.outcomes],
        "hidden": [h.to_json() for h in report.hidden],
        "defects": [d.to_json() for d in report.defects],
        "notes": list(report.notes),
        "rules": dict(report.rules),
        "inputs": dict(report.inputs),
        "summary": report.summary(),
        "exit_status": report.exit_status,
    }
