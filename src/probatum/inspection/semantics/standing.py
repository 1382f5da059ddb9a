"""Does the calibration that a policy names hold for what would be judged by it now?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from probatum.inspection.artefacts.calibration import Band, Calibration, Certificate, Scored
from probatum.inspection.artefacts.policy import Budget
from probatum.inspection.semantics.goods import Goods


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a threshold certifies nothing.

    Attributes
    ----------
    kind : str
        `absent`, `scorer`, `budget`, `groups`, `band`, `scores`, `fitted`, `used` or `references`.
    product : str
        Of `references`: whose; "" where all units are meant.
    found, expected : str
        What is there, and what should be.
    why, advice : str
    """

    kind: str
    found: str
    expected: str
    why: str
    advice: str
    product: str = ""


_AGAIN = "run `probatum inspection calibrate`"


def faults(goods: Goods) -> Iterator[Fault]:
    """Yield why the thresholds of a policy certify nothing, for all units or those of a product; nothing if they do."""
    calibration, budget = goods.calibration, goods.policy.budget
    if calibration is None:
        yield Fault(
            kind="absent",
            found="no calibration",
            expected=f"at most {budget.false_alarms:g} false alarms, certified",
            why="the policy names no calibration, so nothing says which score is too high",
            advice=f"{_AGAIN}, and write `calibration: calibration.json`",
        )
        return
    if calibration.scorer != goods.scorer:
        part = next(
            name for name in ("backbone", "model", "version") if getattr(calibration.scorer, name) != getattr(goods.scorer, name)
        )
        there, here = (str(getattr(scorer, part))[:12] or "none" for scorer in (calibration.scorer, goods.scorer))
        yield Fault(
            kind="scorer",
            found=f"{part} {there}",
            expected=f"{part} {here}",
            why=f"thresholds were chosen with another {part}, whose scores mean something else",
            advice=f"{_AGAIN} again, or take back the {part}",
        )
        return
    if calibration.by != budget.by:
        yield Fault(
            kind="groups",
            found=" / ".join(calibration.by) or "no groups",
            expected=" / ".join(budget.by) or "no groups",
            why="thresholds were chosen for other groups than the policy asks for",
            advice=f"{_AGAIN} again",
        )
    for group, one in certificates(calibration):
        yield from _within(one, group, goods)
        many = sum(not scored.score <= one.value for scored in members(calibration, group))
        if many > one.allowed:
            yield Fault(
                kind="scores",
                found=f"{many:,} scores above the threshold",
                expected=f"at most {one.allowed:,}",
                why="its own scores contradict the threshold: the file was altered",
                advice=f"{_AGAIN} again",
            )
    yield from _band(goods, calibration)
    calibrating = {one.capture_id for one in calibration.scores}
    if calibration.band is not None and calibration.band.passed is not None:
        calibrating |= {one.capture_id for one in calibration.damaged}
    if taught := sorted(calibrating & goods.scoring.fitted_to)[:1]:
        yield Fault(
            kind="fitted",
            found=f"unit `{taught[0]}` taught the score and calibrates it",
            expected="no unit in both",
            why="what made the scores was fitted to units that calibrate: of those it is too sure",
            advice=f"train on another split, and {_AGAIN} again",
        )
    if used := sorted(calibrating & {unit.capture_id for unit in goods.units})[:1]:
        yield Fault(
            kind="used",
            found=f"unit `{used[0]}` calibrates and is judged",
            expected="no unit in both",
            why="units that thresholds were chosen from are among those that are judged by them",
            advice="put calibration units in a split `calibration`",
        )
    for product in goods.references.products:
        known = calibration.references.get(product)
        if known is None:
            yield Fault(
                kind="references",
                product=product,
                found=f"references of {goods.references.digest(product)[:12]}",
                expected="none, as when it was calibrated",
                why=f"`{product[:40]}` came after thresholds were chosen, and no unit of it speaks for them",
                advice=f"{_AGAIN} again: until then its units go to a person",
            )
        elif known != goods.references.digest(product):
            yield Fault(
                kind="references",
                product=product,
                found=f"references of {known[:12]}",
                expected=f"references of {goods.references.digest(product)[:12]}",
                why=f"the references of `{product[:40]}` have changed since",
                advice=f"{_AGAIN} again: until then its units go to a person",
            )


def certificates(calibration: Calibration) -> Iterator[tuple[str | None, Certificate]]:
    """Yield each certificate with its group; None for the pooled one."""
    yield from calibration.own.items()
    if calibration.pooled is not None:
        yield None, calibration.pooled


def members(calibration: Calibration, group: str | None) -> tuple[Scored, ...]:
    """Return the scores that a certificate is of: a group's own, or those that were pooled."""
    own = [one for one in calibration.scores if (one.group not in calibration.own if group is None else one.group == group)]
    pooled_with_all = group is None and calibration.pooled is not None and len(own) != calibration.pooled.trials
    return calibration.scores if pooled_with_all else tuple(own)


def _band(goods: Goods, calibration: Calibration) -> Iterator[Fault]:
    budget, band = goods.policy.budget, calibration.band
    if band is not None:
        above = sum(not one.score <= band.low.value for one in calibration.scores)
        under = sum(one.score <= band.low.value for one in calibration.damaged)
        if above > band.low.allowed or (band.passed is not None and under != band.passed.errors):
            yield Fault(
                kind="scores",
                found=f"{above:,} pristine scores above the lower threshold, {under:,} damaged ones below",
                expected=f"at most {band.low.allowed:,}" + ("" if band.passed is None else f", and {band.passed.errors:,}"),
                why="its own scores contradict the lower threshold: the file was altered",
                advice=f"{_AGAIN} again",
            )
    if budget.band is None:
        return
    asked = f"at most {budget.band.looked:g} looked at"
    if budget.band.passed is not None:
        asked += f", {budget.band.passed:g} shipped damaged"
    if band is None:
        found = "no band"
    elif _weaker(calibration, band, budget):
        found = f"at most {band.low.budget:g} looked at"
        found += ", nothing of damaged units" if band.passed is None else f", {band.passed.budget:g} shipped damaged"
    else:
        return
    yield Fault(
        kind="band",
        found=found,
        expected=asked + f", all at {budget.confidence:g}",
        why="the policy asks for a band in which a person looks, and thresholds certify less",
        advice=f"{_AGAIN} again with this policy",
    )


def _weaker(calibration: Calibration, band: Band, budget: Budget) -> bool:
    low, passed, asked = band.low, band.passed, budget.band
    if asked is None:
        return False
    parts = [one for one in (calibration.pooled, low, passed) if one is not None]
    if calibration.pooled is None or any(one.confidence < budget.confidence or one.family < budget.risks for one in parts):
        return True
    if low.budget > asked.looked or low.removed < budget.removed or low.value > calibration.pooled.value:
        return True
    return asked.passed is not None and (passed is None or passed.budget > asked.passed)


def _within(one: Certificate, group: str | None, goods: Goods) -> Iterator[Fault]:
    budget = goods.policy.budget
    if one.budget > budget.false_alarms or one.confidence < budget.confidence or one.removed < budget.removed:
        of = "" if group is None else f" of `{group}`"
        yield Fault(
            kind="budget",
            found=f"{one.budget:g} at {one.confidence:g}{of}",
            expected=f"{budget.false_alarms:g} at {budget.confidence:g}",
            why=f"thresholds{of} certify less than the policy asks for",
            advice=f"{_AGAIN} again with this policy",
        )
