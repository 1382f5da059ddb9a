"""What logs say about acting on requests that the assistant made nothing of: the same as of any rewrite, counted by users.

Of users who got nothing else it is looked up what the latest policy then would have
made of their first refused request, and what they went on to say.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from probatum.dialogue.model.experience import gained
from probatum.dialogue.model.learning import goals_of
from probatum.dialogue.model.meanings import meanings
from probatum.dialogue.model.recovery.refusals import Refusals, texts_of
from probatum.dialogue.model.recovery.weighing import probability
from probatum.dialogue.semantics.goals import whole
from probatum.dialogue.semantics.refused import refused
from probatum.dialogue.service.holdout import HELD_OUT
from probatum.dialogue.service.monitoring import SURE, Seen
from probatum.dialogue.service.registry import RECOVERY, NotAllowed, Passed, Registry
from probatum.dialogue.service.serving.past import past
from probatum.dialogue.service.serving.policy_file import Policy, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from probatum.dialogue.model.guards import Meaning
    from probatum.dialogue.model.recovery.released import Recovery
    from probatum.dialogue.semantics.conversations import Conversations
    from probatum.runner.tables import Row


def enter(registry: Registry, recovery: Recovery | None, *, at: float) -> bool:
    """Put it on record, to be tried without effect, if it was shown to be right often enough; return whether it is new."""
    if recovery is None or not recovery.released or RECOVERY.identifier in registry.rewrites():
        return False
    try:
        registry.propose(RECOVERY.source, RECOVERY.target, at=at, scope=RECOVERY.scope)
        registry.move(RECOVERY.identifier, "shadow", at=at, evidence=Passed(recovery.wins + recovery.losses))
    except NotAllowed:
        return False
    return True


def recoveries(conversations: Conversations, table: str, policies: Path, registry: Registry) -> dict[str, Seen]:
    """Return what was seen, by identifier, as `monitoring.monitor` does for rewrites: nothing if it is not on trial nor in use.

    Each request is judged by the latest policy of those that were made from logs that end before it, which was fitted to nothing
    of what it is judged by: so another policy does not begin the count anew, and what is tried is the way policies are made.

    Parameters
    ----------
    conversations : Conversations
    table : str
        See `semantics.goals.goals`.
    policies : Path
        Folder with all that were made; one that cannot be read is left out, and the one before it judges.
    registry : Registry
    """
    rewrite = registry.rewrites("shadow", "canary", "active").get(RECOVERY.identifier)
    latest = past(policies) if rewrite is not None else []
    if rewrite is None or not latest:
        return {}
    seen = Seen(rewrite)
    users: set[str] = set()
    for (begins, digest), ends in zip(latest, [*(begins for begins, _ in latest[1:]), math.inf], strict=True):
        if ends > rewrite.since:
            policy = read(policies, digest)
            refusals = _refusals(conversations, table, policy, since=max(rewrite.since, begins), until=ends)
            _count(seen, users, policy, refusals, meanings(conversations, texts_of(refusals.seen)))
    expected = HELD_OUT.get(rewrite.state)
    if expected is not None:
        for row in _drawn(conversations, table, rewrite.identifier, rewrite.since):
            seen.watch.add(1 - row["good"], arm=row["arm"], propensity=row["propensity"])
            if row["arm"] == "treated" and not row["refused"]:  # what is refused again is as before, and nothing was done
                seen.worked += row["own"] >= SURE
                seen.failed += row["own"] <= 1 - SURE
    return {rewrite.identifier: seen}


def _refusals(conversations: Conversations, table: str, policy: Policy, *, since: float, until: float) -> Refusals:
    nearest = policy.nearest
    found = Refusals(
        policy, lambda texts: [nearest(text) for text in texts] if nearest is not None else [], since=since, until=until
    )
    gained(goals_of(conversations, table), None, found)
    return found


def _count(seen: Seen, users: set[str], policy: Policy, refusals: Refusals, meant: Mapping[str, Meaning]) -> None:
    """Count what the policy would have acted on, of users who were not counted before, and count them as such."""
    if policy.recovery is None:
        return
    for one in sorted(refusals.seen, key=lambda one: (one.at, one.user)):
        p = probability(policy.recovery.weighed.trees, one.features)
        best = int(p.argmax())
        if p[best] < policy.recovery.weighed.least or one.user in users:
            continue
        users.add(one.user)
        if not one.meant:
            seen.ties += 1
        elif one.right(meant)[best]:
            seen.wins += 1
        else:
            seen.losses += 1


def _drawn(conversations: Conversations, table: str, identifier: str, since: float) -> list[Row]:
    """Return how the first request of each user that was drawn for went, and how its goal ended, in the order of time."""
    return conversations.sql(
        f"""
        with ends as (
            select user_id, arm, propensity, rewrite, asked_at, position, p_good, {refused("g")} as refused, last_value(p_good) over (
                partition by user_id, goal order by position rows between unbounded preceding and unbounded following) as good
            from {whole(table)} g where user_id is not null
        )
        select arm, propensity, refused, p_good::double as own, good::double as good from ends
        where rewrite = $identifier and arm in ('treated', 'holdout') and propensity is not null
              and epoch(asked_at) > $since
        qualify row_number() over (partition by user_id order by asked_at, position) = 1
        order by asked_at, user_id
        """,  # noqa: S608 - a name of our own
        identifier=identifier,
        since=since,
    )
