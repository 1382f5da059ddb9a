"""What logs say about rewrites that are on record, and the steps that follow from it.

Of users who got no rewrite it is counted how often the rewrite would have helped,
and how often it would have harmed: that takes a candidate to a canary, and a
canary into use. Those who were drawn, to get it or to be held out, show what it
does: that stops it. So do more losses than wins, and more wrong actions than right ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from probatum.dialogue.semantics.exposures import Exposure
from probatum.dialogue.service.holdout import HELD_OUT
from probatum.dialogue.service.registry import (
    CONFIDENCE,
    FIXED_USERS,
    HARMLESS,
    LOSSES,
    RECOVERY,
    WRONG,
    Fixed,
    Registry,
    Rewrite,
)
from probatum.dialogue.service.watch import Watch
from probatum.evidence import Estimate
from probatum.stats.bounds import Bound
from probatum.stats.win_loss import win_loss

SURE = 0.8  # probability from which an end counts as good; one minus it, as bad


@dataclass(slots=True)
class Seen:
    """What was seen of a rewrite.

    Attributes
    ----------
    rewrite : Rewrite
    wins, losses : int
        Users without it who went on to its target and did well there, and who did well with what they said.
    ties : int
        Users without it for whom it would have made no difference, or of whom it cannot be told.
    worked, failed : int
        Users who got what a refused request could have been, and for whom that was done, which was right, or was not.
    watch : Watch
        Of those who were drawn.
    """

    rewrite: Rewrite
    wins: int = 0
    losses: int = 0
    ties: int = 0
    worked: int = 0
    failed: int = 0
    watch: Watch = field(default_factory=Watch)

    @property
    def share(self) -> Bound | None:
        """Bound of the share of wins among wins and losses; None without any."""
        return win_loss(self.wins, self.losses, confidence=CONFIDENCE) if self.wins + self.losses else None

    @property
    def tally(self) -> tuple[int, int]:
        """Wins and losses by which it goes on: of what was done, where that is seen, and else of what would have been done."""
        acts = self.rewrite.scope == RECOVERY.scope and self.rewrite.state == "canary"
        return (self.worked, self.failed) if acts else (self.wins, self.losses)

    @property
    def worse(self) -> Estimate | None:
        """Share of losses, or of wrong actions, where it is surely above one half."""
        for lost, won, quantity in ((self.losses, self.wins, LOSSES), (self.failed, self.worked, WRONG)):
            against = win_loss(lost, won, confidence=CONFIDENCE) if lost else None
            if against is not None and (against.low or 0.0) >= HARMLESS:
                return against.estimate(quantity)
        return None

    @property
    def harmful(self) -> bool:
        """Whether it does harm to those who get it."""
        return self.watch.harmful or self.worse is not None


def looked_for(rewrites: Iterable[Rewrite]) -> list[tuple[str, float]]:
    """Return which texts to look for, and since when: what made a rewrite a candidate says nothing more about it."""
    return [(one.source, one.since) for one in rewrites if one.scope == "global" and one.state in ("shadow", "canary", "active")]


def monitor(rewrites: Iterable[Rewrite], exposures: Sequence[Exposure]) -> dict[str, Seen]:
    """Return what was seen of each rewrite of all users that is on trial or in use, by identifier.

    Parameters
    ----------
    rewrites : iterable of Rewrite
    exposures : sequence of Exposure
        Of their sources, in the order of time.
    """
    found = {one.source: Seen(one) for one in rewrites if one.scope == "global" and one.state in ("shadow", "canary", "active")}
    for one in exposures:
        seen = found.get(one.source)
        if seen is None or one.at <= seen.rewrite.since:
            continue
        expected = HELD_OUT.get(seen.rewrite.state)
        own = one.rewrite in ("", seen.rewrite.identifier)  # not a draw for another rewrite of the same text
        if own and one.arm in ("treated", "holdout") and expected is not None and one.propensity is not None:
            seen.watch.add(1 - one.good, arm=one.arm, propensity=one.propensity)
        if one.arm == "treated" or one.became:
            continue
        if one.good >= SURE:
            seen.losses += 1
        elif one.ended == seen.rewrite.applied(one.text) and one.ended_good >= SURE:
            seen.wins += 1
        else:
            seen.ties += 1
    return {seen.rewrite.identifier: seen for seen in found.values()}


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken, or that could be: from where to where, and why."""

    rewrite: Rewrite
    to: str
    why: str


def steps(registry: Registry, seen: Mapping[str, Seen], *, at: float, take: bool) -> list[Step]:
    """Return the steps that what was seen supports, and take them if asked to.

    Harm goes first: what is stopped is not promoted. What is shipped is decided together (`Registry.ship`).
    """
    found = []
    for name, one in sorted(seen.items()):
        harm = _harm(one)
        if harm is not None:
            evidence, why = harm
            found.append(Step(one.rewrite, "blocked", why))
            if take:
                registry.move(name, "blocked", at=at, evidence=evidence)
        elif one.rewrite.state == "shadow" and one.share is not None and (one.share.low or 0.0) >= HARMLESS:
            found.append(Step(one.rewrite, "canary", f"{one.wins} wins and {one.losses} losses"))
            if take:
                registry.move(name, "canary", at=at, evidence=one.share.estimate("share of wins"))
    stopped = {step.rewrite.identifier for step in found}
    tallies = {name: one.tally for name, one in seen.items() if one.rewrite.state == "canary" and name not in stopped}
    shipped = registry.ship(tallies, at=at) if take else registry.shippable(tallies)
    return [
        *found,
        *(Step(seen[name].rewrite, "active", f"{tallies[name][0]} wins and {tallies[name][1]} losses") for name in shipped),
    ]


def _harm(one: Seen) -> tuple[Estimate | Fixed, str] | None:
    watch = one.watch
    if watch.harmful:
        e_value = math.exp(min(700.0, watch.stop.log_e_value))
        return watch.stop.estimate(
            "harm"
        ), f"it harms: e-value {e_value:.3g} of {watch.treated.users} treated and {watch.control.users} held out"
    worse = one.worse
    if worse is not None:
        return worse, f"{worse.quantity}: {worse.value:.0%}, at least {worse.low:.0%}"
    treated, control = watch.treated, watch.control
    if min(treated.users, control.users) >= FIXED_USERS and control.quantile(0.05) >= treated.quantile(0.95):
        fixed = Fixed(control.good - 0.5, control.users, treated.good - 0.5, treated.users)
        return fixed, f"what was said works as well by now, for {control.users} users who were held out"
    return None
