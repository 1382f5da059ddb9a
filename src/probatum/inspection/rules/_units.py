"""What rules about units share: which were judged in time, and which threshold holds for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from probatum.findings import Outcome, Undecided, Why
from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.policy import Policy
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.semantics.standing import Fault, faults
from probatum.inspection.semantics.verdict import Verdict
from probatum.tools import OutOfTime, Tools

_LONGEST = 160


def line(text: str) -> str:
    """Return a text that fits one line: what is too long ends in an ellipsis."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def units(many: int) -> str:
    """Return `1 unit`, `2 units`."""
    return f"{many:,} unit{'' if many == 1 else 's'}"


@dataclass(slots=True)
class Judging:
    """Units that were judged, and what stands in the way of judging the others.

    Attributes
    ----------
    verdicts : list of (Capture, Verdict)
    late : int
        Units for which there was no time.
    """

    verdicts: list[tuple[Capture, Verdict]] = field(default_factory=list)
    late: int = 0


def judged(goods: Goods, tools: Tools) -> Judging:
    """Judge all units of a policy, as far as there is time."""
    found = Judging()
    for at, unit in enumerate(goods.units):
        try:
            tools.deadline.check()
        except OutOfTime:
            found.late = len(goods.units) - at
            break
        found.verdicts.append((unit, goods.verdict(unit, tools.kept)))
    return found


def in_the_way(rule: str, policy: Policy, goods: Goods, found: Judging) -> list[Outcome]:
    """Return what is undecided for want of units or of time."""
    about: dict[str, Any] = {"rule": rule, "subject": policy.subject, "location": policy.captures.location}
    if not goods.units:
        reason = f"`{policy.captures.path}` has no unit to judge: rows of other splits than those that something is fitted to"
        return [Undecided(**about, why=Why.NOTHING_CHECKED, reason=reason, anchor=("units",))]
    if found.late:
        reason = (
            f"{units(found.late)} of {len(goods.units):,} were not judged in time: run `probatum inspection inspect`, "
            "and name what it writes as `decisions`"
        )
        return [Undecided(**about, why=Why.TIME_LIMIT, reason=reason, anchor=("time",))]
    return []


@dataclass(frozen=True, slots=True)
class Standing:
    """Where thresholds do not hold.

    Attributes
    ----------
    everywhere : Fault or None
    products : mapping of str to Fault
    """

    everywhere: Fault | None
    products: dict[str, Fault]


def standing(goods: Goods) -> Standing:
    """Return where the thresholds of a policy do not hold."""
    found = list(faults(goods))
    everywhere = next((fault for fault in found if not fault.product), None)
    return Standing(everywhere, {fault.product: fault for fault in found if fault.product})
