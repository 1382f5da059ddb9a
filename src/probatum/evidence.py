"""Evidence: what lets someone who distrusts us check a claim.

Four kinds, and no fifth: a `Proof`, a `Counterexample` that replays, an
`Estimate` whose bound is valid, `Exemplars` to look at. Each names the checker
that can confirm it without the machinery that found it (`method`), and is
stored under the digest of its own content, so that an altered piece of evidence
is a different piece of evidence.

A method is written `system/what/version`, for example `access/request/1`. The
part before the first slash says who re-checks: a system, whose `recheck` gets
the artefact and the evidence, or `solve`, where a second solver is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields
from typing import Any, ClassVar

from probatum.errors import EvidenceError
from probatum.records import dataclass
from probatum.source import Location, digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A claim about all cases, with a certificate that is checked without search.

    Attributes
    ----------
    method : str
        Which checker understands the certificate.
    claim : str
        What is proved, in one line, in the words of the artefact's owner.
    certificate : mapping
        JSON; its schema belongs to the method.
    """

    kind: ClassVar[str] = "proof"

    method: str
    claim: str
    certificate: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Content address."""
        return digest_of(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as JSON."""
        return _to_json(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """One concrete case in which something happens that should not.

    Attributes
    ----------
    method : str
        Which checker replays it.
    given : mapping
        The case, complete: everything the replay needs besides the artefact.
        If it has an entry ``claim``, that and what stands alone beside it
        instruct the checker; people are shown the rest first.
    observed, expected : str
        What happens, and what should.
    flow : tuple of (Location, str)
        How it comes about, step by step.
    summary : str
        The case in one line, in the words of the artefact's owner; empty if
        `given` speaks for itself.
    """

    kind: ClassVar[str] = "counterexample"

    method: str
    given: Mapping[str, Any]
    observed: str
    expected: str
    flow: tuple[tuple[Location, str], ...] = ()
    summary: str = ""

    @property
    def digest(self) -> str:
        """Content address."""
        return digest_of(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as JSON."""
        return _to_json(self) | {"flow": [{"location": place.to_json(), "note": note} for place, note in self.flow]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with a bound that holds at a stated confidence.

    Attributes
    ----------
    method : str
        Which checker recomputes the bound from `counts`, e.g. ``stats/clopper-pearson/1``.
    quantity, unit : str
        What is estimated, and in what.
    value, low, high : float
        The estimate and its bounds; a one-sided bound has an infinite end given as None.
    confidence : float in (0, 1)
        Simultaneous over `family` members.
    counts : mapping of str to int or float
        The sufficient statistics: enough to recompute the bound, without the data.
    family : int
        How many such statements were made together, and are covered together.
    assumptions live on the outcome; `sampling` says how the data were drawn.
    """

    kind: ClassVar[str] = "estimate"

    method: str
    quantity: str
    value: float
    low: float | None
    high: float | None
    confidence: float
    counts: Mapping[str, Any]
    unit: str = ""
    sampling: str = ""
    family: int = 1
    seed: int | None = None

    @property
    def digest(self) -> str:
        """Content address."""
        return digest_of(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as JSON."""
        return _to_json(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemplars:
    """Examples to look at: images, turns or rows, each with what it shows."""

    kind: ClassVar[str] = "exemplars"

    method: str
    claim: str
    items: tuple[tuple[Location, str], ...]
    blobs: Mapping[str, str] = field(default_factory=dict)  # name -> digest in the object store
    facts: Mapping[str, Any] = field(default_factory=dict)  # what the re-check needs: scores, model digest, threshold

    @property
    def digest(self) -> str:
        """Content address."""
        return digest_of(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as JSON."""
        return _to_json(self) | {"items": [{"location": place.to_json(), "note": note} for place, note in self.items]}


@dataclass(frozen=True, slots=True)
class Recheck:
    """What a checker says about a piece of evidence.

    `confirmed`: the claim follows from the evidence and the artefact as it is now.
    `refuted`: it does not; the evidence was altered, or the finder was wrong.
    `cannot`: the checker could not tell, for the reason given: the artefact has
    changed, a frozen model is absent, the method is unknown.
    """

    status: str
    reason: str = ""

    def __post_init__(self) -> None:
        """Keep typing mistakes from becoming a fourth answer."""
        if self.status not in ("confirmed", "refuted", "cannot"):
            raise EvidenceError(f"`{self.status}` is not an answer of a re-check")


CONFIRMED = Recheck("confirmed")


Evidence = Proof | Counterexample | Estimate | Exemplars

_kinds: dict[str, type[Proof | Counterexample | Estimate | Exemplars]] = {
    k.kind: k for k in (Proof, Counterexample, Estimate, Exemplars)
}


def from_json(value: Mapping[str, Any]) -> Evidence:
    """Rebuild evidence from its JSON.

    Raises
    ------
    EvidenceError
        If it is of no known kind, or fields are missing, unknown or of the wrong shape.
    """
    try:
        kind = _kinds[value["kind"]]
        own = {k: v for k, v in value.items() if k != "kind"}
        for name in ("flow", "items"):
            if name in own:
                own[name] = tuple((Location.from_json(step["location"]), str(step["note"])) for step in own[name])
        return kind(**own)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise EvidenceError(
            f"stored evidence is malformed ({type(error).__name__}: {error})",
            help="run `probatum check` again to make it anew",
        ) from None


def _to_json(evidence: Evidence) -> dict[str, Any]:
    own = {f.name: getattr(evidence, f.name) for f in fields(evidence)}
    return {"kind": evidence.kind} | {k: dict(v) if isinstance(v, Mapping) else v for k, v in own.items()}
