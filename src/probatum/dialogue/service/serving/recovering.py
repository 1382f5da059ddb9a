"""What to do with a request that the assistant made nothing of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from probatum.dialogue.model.denied import Denied
from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.options import Setting
from probatum.dialogue.model.recovery.offers import offers
from probatum.dialogue.model.recovery.weighing import probability
from probatum.dialogue.model.teaching.proposals import adds_risk
from probatum.dialogue.service.serving.policy_file import Policy


@dataclass(frozen=True, slots=True)
class Recovered:
    """The likeliest thing that a refused request could have been, and its probability; "" for nothing."""

    text: str = ""
    p: float = 0.0


def recovered(
    text: str,
    policy: Policy,
    habits: Habits | None,
    setting: Setting,
    found: Sequence[str],
    *,
    denied: Denied,
    now: float,
) -> Recovered:
    """Return what a normalised request could have been.

    What is never rewritten, and what is hard to undo and was not asked for, is left out: then the likeliest of all is
    not taken, and neither is another.
    """
    if policy.recovery is None:
        return Recovered()
    offered = offers(text, policy, habits, setting, lambda _: (found,), now=now)
    if not offered.texts:
        return Recovered()
    chance = probability(policy.recovery.weighed.trees, offered.features)
    best = int(chance.argmax())
    one = offered.texts[best]
    if denied.why(one) or adds_risk(text, one):
        return Recovered()
    return Recovered(one, float(chance[best]))
