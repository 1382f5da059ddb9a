"""What logs say about acting on requests that the assistant made nothing of: the same as of any rewrite, counted by users.

Of users who got nothing else it is looked up what the policy that is served would have
made of their first refused request since it was made, and what they went on to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from probatum.dialogue.model.experience import gained
from probatum.dialogue.model.learning import goals_of, seconds
from probatum.dialogue.model.meanings import meanings
from probatum.dialogue.model.recovery.refusals import Refusals, texts_of
from probatum.dialogue.model.recovery.weighing import probability
from probatum.dialogue.semantics.goals import whole
from probatum.dialogue.service.holdout import HELD_OUT
from probatum.dialogue.service.monitoring import Seen
from probatum.dialogue.service.registry import RECOVERY, NotAllowed, Passed, Registry

if TYPE_CHECKING:
    from probatum.dialogue.model.recovery.released import Recovery
    from probatum.dialogue.semantics.conversations import Conversations
    from probatum.dialogue.service.serving.policy_file import Policy
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


def recoveries(conversations: Conversations, table: str, policy: Policy | None, registry: Registry) -> dict[str, Seen]:
    """Return what was seen, by identifier, as `monitoring.monitor` does for rewrites: nothing if it is not on trial nor in use.

    Parameters
    ----------
    conversations : Conversations
    table : str
        See `semantics.goals.goals`.
    policy : Policy or None
        That is served. Only what was said after it was made counts, for it was fitted to what came before.
    registry : Registry
    """
    rewrite = registry.rewrites("shadow", "canary", "active").get(RECOVERY.identifier)
    if rewrite is None or policy is None or policy.recovery is None:
        return {}
    seen = Seen(rewrite)
    since = max(rewrite.since, seconds(str(policy.about.get("until") or "1970-01-01")))
    nearest = policy.nearest
    refusals = Refusals(policy, lambda texts: [nearest(text) for text in texts] if nearest is not None else [], since=since)
    gained(goals_of(conversations, table), None, refusals)
    meant = meanings(conversations, texts_of(refusals.seen))
    users = set()
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
    expected = HELD_OUT.get(rewrite.state)
    if expected is not None:
        for row in _drawn(conversations, table, rewrite.identifier, rewrite.since):
            seen.watch.add(1 - row["good"], arm=row["arm"], propensity=row["propensity"])
    return {rewrite.identifier: seen}


def _drawn(conversations: Conversations, table: str, identifier: str, since: float) -> list[Row]:
    """Return how the goal ended, of the first request of each user that was drawn for, in the order of time."""
    return conversations.sql(
        f"""
        with ends as (
            select user_id, arm, propensity, rewrite, asked_at, position, last_value(p_good) over (
                partition by user_id, goal order by position rows between unbounded preceding and unbounded following) as good
            from {whole(table)} where user_id is not null
        )
        select arm, propensity, good::double as good from ends
        where rewrite = $identifier and arm in ('treated', 'holdout') and propensity is not null
              and epoch(asked_at) > $since
        qualify row_number() over (partition by user_id order by asked_at, position) = 1
        order by asked_at, user_id
        """,  # noqa: S608 - a name of our own
        identifier=identifier,
        since=since,
    )
