"""What is to be done with one unit: what its score, its alarm and whoever looked at it say, and what the policy says that mistakes cost.

What people say counts before any score. Without them, what is known is how probable damage is (`chances.py`), and nothing of its type,
place or severity: so only damage that is tolerated of any type, anywhere and however severe is tolerated unseen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.disposition import Disposition
from probatum.inspection.semantics.alarms import INCOMPLETE, WRONG
from probatum.inspection.semantics.banded import BETWEEN, lower
from probatum.inspection.semantics.disposition import Action, Decided, Placed, Unit, decide, place
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.semantics.verdict import Verdict

UNTOLD = "cannot decide: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What people who looked at a unit say of it.

    Attributes
    ----------
    damaged : bool or None
        None if they cannot tell, or contradict each other.
    types : tuple of str
    severity : float or None
    on_product : bool or None
    """

    damaged: bool | None
    types: tuple[str, ...] = ()
    severity: float | None = None
    on_product: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposed:
    """What is to be done with a unit.

    Attributes
    ----------
    decided : Decided
    placed : Placed or None
        What becomes of it; None if it is not put aside.
    probability : (float, float) or None
        Both ends of the probability that it is damaged, of which one is calibrated; None if that cannot be told.
    currency : str
    """

    decided: Decided
    placed: Placed | None
    probability: tuple[float, float] | None
    currency: str

    def __str__(self) -> str:
        found, placed = self.decided, self.placed
        where = "" if placed is None else f"; {placed.outlet or 'no outlet yet'}: {placed.reason}"
        costs = ", ".join(f"{action} {low:.3g} to {high:.3g}" for action, (low, high) in found.costs.items())
        told = f" (costs: {costs} {self.currency}".rstrip() + ")" if costs else ""
        return f"{found.action}: {found.reason}{where}{told}"

    def told(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "action": self.decided.action,
            "why": self.decided.reason,
            "class": self.decided.of,
            "probability": None if self.probability is None else list(self.probability),
            "costs": {action: list(ends) for action, ends in self.decided.costs.items()},
            "currency": self.currency,
            "outlet": None if self.placed is None else self.placed.outlet,
            "outlet_why": "" if self.placed is None else self.placed.reason,
            "gain": {} if self.placed is None else dict(self.placed.gain),
        }


def dispose(
    goods: Goods,
    unit: Capture,
    verdict: Verdict,
    *,
    threshold: float,
    kind: str = "",
    why: str = "",
    seen: Seen | None = None,
) -> Disposed | None:
    """Say what is to be done with a unit; None if the policy does not say what mistakes cost.

    Parameters
    ----------
    goods : Goods
    unit : Capture
    verdict : Verdict
    threshold : float
        NaN where none holds for it.
    kind : str
        Of its alarm, as `kind_of` says; "" without.
    why : str
        Why it could not be judged, or no threshold holds; "" otherwise.
    seen : Seen, optional
        What people said who looked.
    """
    policy = goods.disposition
    if policy is None:
        return None
    material = next((view.item_material for view in unit.views if view.item_material), "")
    alarms = bool(verdict.score > threshold)
    about = Unit(product=verdict.product, material=material, probability=None, alarms=alarms)
    if kind == WRONG:
        return _as_said(policy, about, "sideline", "it is another product than it is said to be, as it looks or by its barcode")
    if seen is not None:
        return _seen(policy, about, seen)
    if verdict.refusals or math.isnan(threshold):
        return _as_said(policy, about, "look", f"{UNTOLD}{why or 'no threshold holds for it'}")
    if lower(goods, threshold) < verdict.score <= threshold:
        return _as_said(policy, about, "look", BETWEEN)
    if isinstance(goods.chances, str):
        return _as_said(policy, about, "look", f"{UNTOLD}{goods.chances}")
    interval = goods.chances.interval(verdict.score, prevalence=policy.prevalence)
    return _decided(policy, replace(about, probability=interval, certain=("missing_unit",) if kind == INCOMPLETE else ()))


def _seen(policy: Disposition, about: Unit, seen: Seen) -> Disposed:
    if seen.damaged is None:
        return _as_said(policy, about, "look", f"{UNTOLD}those who looked cannot tell")
    if not seen.damaged:
        return _as_said(policy, about, "ship", "a person looked, and found no damage")
    severity = (0.0, 1.0) if seen.severity is None else (seen.severity, seen.severity)
    known = replace(about, certain=seen.types, severity=severity, on_product=seen.on_product, seen=True)
    return _decided(policy, replace(known, probability=(1.0, 1.0)))


def _decided(policy: Disposition, known: Unit) -> Disposed:
    found = decide(policy, known)
    placed = place(policy, known) if found.action == "sideline" else None
    return Disposed(decided=found, placed=placed, probability=known.probability, currency=policy.currency)


def _as_said(policy: Disposition, about: Unit, action: Action, reason: str) -> Disposed:
    """Return what follows whatever mistakes cost."""
    of = policy.class_of(product=about.product, material=about.material).name
    placed = Placed(outlet="", reason="a person decides", gain={}) if action == "sideline" else None
    found = Decided(action=action, reason=reason, costs={}, of=of)
    return Disposed(decided=found, placed=placed, probability=None, currency=policy.currency)
