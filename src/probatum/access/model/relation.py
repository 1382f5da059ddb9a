"""How two policies compare: which allows more, and what the answer rests on.

Two questions of `containment`, one each way, make one of four words, or
*unknown* when one of them stays open. Some readings of policies are disputed
(`Settings`); where the policies touch on one, the questions are asked again
under the other reading, and the answer says so if it would be another.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from probatum.access.artefacts import Policy, Statement
from probatum.access.model.atoms import Vocabulary
from probatum.access.model.certificate import certificate
from probatum.access.model.containment import Answer, Contained, Difference, Open, Sides, difference
from probatum.access.model.witness import recognisable, replays
from probatum.access.model.words_equations import ASSUMPTION, ContainedByStrings
from probatum.access.semantics.axioms import AXIOMS
from probatum.access.semantics.keys import SEVERAL, may_hold_several
from probatum.access.semantics.request import Request
from probatum.access.semantics.settings import Settings
from probatum.tools import Deadline, OutOfTime

EQUIVALENT, NARROWER, WIDER, INCOMPARABLE, UNKNOWN = "equivalent", "narrower", "wider", "incomparable", "unknown"

_arn_modes = {
    "segments": "`arn-mode` is `segments`: a pattern of resources is matched part by part between colons",
    "flat": "`arn-mode` is `flat`: a pattern of resources is matched as one text",
}
_multivalues = {
    "never": "`multivalue` is `never`: a condition without `ForAnyValue` or `ForAllValues` is false of several values",
    "any": "`multivalue` is `any`: a condition without `ForAnyValue` or `ForAllValues` is about any of several values",
}
_least_s, _factor = 0.5, 3.0  # the other reading may take this long, or so many times what the answer took


@dataclass(frozen=True, slots=True)
class Witness:
    """A request that one policy allows and the other does not, and the statements that allow it."""

    request: Request
    statements: tuple[Statement, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the request as JSON, in the form that `probatum access decide` reads."""
        return self.request.to_json()

    def allowed_by(self) -> list[dict[str, Any]]:
        """Return the statements as JSON."""
        return [{"sid": s.sid, "index": s.index, "line": s.location.line, "column": s.location.column} for s in self.statements]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How A compares with B.

    Attributes
    ----------
    relation : str
        ``equivalent``; ``narrower`` or ``wider``, if A allows strictly less or
        more; ``incomparable``; ``unknown``.
    a_not_b, b_not_a : Witness or None
        A request that only A (only B) allows, if one is known.
    a_in_b, b_in_a : bool or None
        Whether one allows nothing that the other does not; None if not known.
    assumptions : tuple of str
        What the answer rests on, in words.
    reasons : tuple of str
        Why it is unknown; empty otherwise.
    proofs : mapping of str to JSON
        Certificates for `recheck.verify`, by what they show: ``a_in_b`` and ``b_in_a``.
        Empty if a part of the answer has none, so that half a check is not taken for a whole one.
    """

    relation: str
    a_not_b: Witness | None
    b_not_a: Witness | None
    a_in_b: bool | None
    b_in_a: bool | None
    assumptions: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    proofs: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as JSON, without the certificates."""
        out: dict[str, Any] = {
            "relation": self.relation,
            "a_not_b": self.a_not_b and self.a_not_b.to_json(),
            "b_not_a": self.b_not_a and self.b_not_a.to_json(),
            "assumptions": list(self.assumptions),
            "statements": {
                "a_not_b": self.a_not_b.allowed_by() if self.a_not_b else [],
                "b_not_a": self.b_not_a.allowed_by() if self.b_not_a else [],
            },
        }
        return out | ({"reason": "; ".join(self.reasons)} if self.reasons else {})


def compare(
    a: Policy,
    b: Policy,
    settings: Settings,
    *,
    deadline: Deadline | None = None,
    axioms_hold: bool = True,
    vocabulary: Vocabulary | None = None,
) -> Comparison:
    """Say whether A allows the same as B, less, more, or something else.

    Parameters
    ----------
    settings : Settings
        How disputed points are read.
    deadline : Deadline, optional
        One question that takes too long leaves the other half of the time.
    axioms_hold : bool
        Whether facts about requests may be used (`semantics.axioms`).
    vocabulary : Vocabulary, optional
        Share one to compare many policies.

    Raises
    ------
    UsageError
        If only one of the policies is of a kind that says who is allowed.
    DoesNotReplay
        If the concrete semantics contradicts a request that was found: a defect of ours.
    """
    until = deadline or Deadline.never()
    began = time.monotonic()
    vocabulary = vocabulary or Vocabulary()
    sides = Sides(a, b, settings, vocabulary=vocabulary, axioms_hold=axioms_hold)
    forth, back = _both(sides, until)
    relation = _relation(forth, back)
    return Comparison(
        relation=relation,
        a_not_b=_witness(forth, a, b, sides),
        b_not_a=_witness(back, b, a, sides),
        a_in_b=_contained(forth),
        b_in_a=_contained(back),
        assumptions=(
            *_rests_on(forth, back, settings),
            *_disputed(sides, relation, until, time.monotonic() - began),
        ),
        reasons=tuple(dict.fromkeys(x.reason for x in (forth, back) if _contained(x) is None and isinstance(x, Open))),
        proofs={
            name: certificate(answer, sides, swapped=swapped)
            for name, answer, swapped in (("a_in_b", forth, False), ("b_in_a", back, True))
            if isinstance(answer, Contained) and not any(isinstance(x, ContainedByStrings) for x in (forth, back))
        },
    )


def _both(sides: Sides, deadline: Deadline) -> tuple[Answer, Answer]:
    # Half of the time each, at most: a witness of one direction is worth having when the other is hopeless.
    half = deadline if deadline.at == float("inf") else Deadline.after(deadline.remaining() / 2)
    return _one(sides, half, swapped=False), _one(sides, deadline, swapped=True)


def _one(sides: Sides, deadline: Deadline, *, swapped: bool) -> Answer:
    try:
        return difference(sides, swapped=swapped, deadline=deadline)
    except OutOfTime:
        return Open("there was no answer in the time given")


def _relation(forth: Answer, back: Answer) -> str:
    words = {(True, True): EQUIVALENT, (True, False): NARROWER, (False, True): WIDER, (False, False): INCOMPARABLE}
    return words.get((_contained(forth), _contained(back)), UNKNOWN)  # type: ignore[arg-type]  # None is not among the keys


def _contained(answer: Answer) -> bool | None:
    if isinstance(answer, ContainedByStrings):
        return True
    return None if isinstance(answer, Open) else isinstance(answer, Contained)


def _witness(answer: Answer, allowing: Policy, other: Policy, sides: Sides) -> Witness | None:
    if not isinstance(answer, Difference):
        return None
    request = recognisable(answer.request, allowing, other, sides)
    by = replays(request, allowing, other, sides.settings)  # what is shown is what was replayed, after all changes to it
    return Witness(request, tuple(allowing.statements[index] for index in by))


def _rests_on(forth: Answer, back: Answer, settings: Settings) -> Iterator[str]:
    used = {name for x in (forth, back) if isinstance(x, Contained | ContainedByStrings) for name in x.axioms}
    if any(isinstance(x, ContainedByStrings) for x in (forth, back)):
        yield f"a proof by a string solver, not by a certificate: {ASSUMPTION}"
    yield from (f"{name}: {text}" for name, text in AXIOMS.items() if name in used)
    yield _arn_modes[settings.arn_mode]
    yield _multivalues[settings.multivalue]


def _disputed(sides: Sides, relation: str, deadline: Deadline, spent_s: float) -> Iterator[str]:
    policies, settings = (sides.a.policy, sides.b.policy), sides.settings
    readings: list[tuple[str, Settings]] = []
    if any(map(_differs_by_arn_mode, policies)):
        mode = "flat" if settings.arn_mode == "segments" else "segments"
        readings.append(("arn-mode", replace(settings, arn_mode=mode)))
    if _differs_by_multivalue(policies, axioms_hold=sides.axioms_hold):
        mode = "any" if settings.multivalue == "never" else "never"
        readings.append(("multivalue", replace(settings, multivalue=mode)))
    if relation == UNKNOWN:
        return
    for option, other in readings:
        value = other.arn_mode if option == "arn-mode" else other.multivalue
        limit = Deadline.after(min(deadline.remaining(), max(_least_s, _factor * spent_s)))
        again = Sides(*policies, other, vocabulary=sides.vocabulary, axioms_hold=sides.axioms_hold)
        found = _relation(*_both(again, limit))
        if found == UNKNOWN:
            yield f"whether the verdict depends on `{option}` is not known: with `{value}` there was no quick answer"
        elif found != relation:
            yield f"the verdict depends on `{option}`: with `{value}` it is `{found}`"


def _differs_by_arn_mode(policy: Policy) -> bool:
    """Whether some pattern of resources may match differently as one text: wildcards before the last part, or fewer parts."""
    for statement in policy.statements:
        for pattern in statement.resources or ():
            parts = pattern.split(":", 5)
            if pattern.strip("*") and (len(parts) < 6 or any(set(part) & {"*", "?", "$"} for part in parts[:5])):
                return True
    return False


def _differs_by_multivalue(policies: tuple[Policy, ...], *, axioms_hold: bool) -> bool:
    """Whether some key is read both with and without a set operator, or without one although it holds several values."""
    conditions = [c for p in policies for s in p.statements for c in s.conditions if c.operator.name != "Null"]
    sets = {c.key for c in conditions if c.operator.quantifier}
    plain = {c.key for c in conditions if not c.operator.quantifier}
    met = {key for key in plain if key in sets or key in SEVERAL}
    return any(may_hold_several(key, read_as_set=True) for key in met) if axioms_hold else bool(met)
