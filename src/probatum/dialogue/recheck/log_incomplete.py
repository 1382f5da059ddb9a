"""What logs lack: counted again, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from probatum.dialogue.artefacts import Policy
from probatum.dialogue.semantics.conversations import Conversations, opened
from probatum.evidence import CONFIRMED, Counterexample, Evidence, Proof, Recheck
from probatum.source import Source


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute how many turns, records and events lack something, or that none does."""
    with opened(policy, inputs) as conversations:
        counted = _counted(conversations)
    if isinstance(evidence, Proof):
        turns = counted.pop("turns")
        users = counted.pop("users")
        del counted["read"]
        lacking = sorted(name for name, many in counted.items() if many)
        if lacking or 0 < users < policy.privacy.users:
            return Recheck("refuted", f"the logs lack something: {', '.join(lacking) or 'users'}")
        return CONFIRMED if turns == evidence.certificate["turns"] > 0 else Recheck("refuted", f"there are {turns} turns")
    if not isinstance(evidence, Counterexample):
        return Recheck("refuted", "what logs lack is a counterexample")
    name, many = evidence.given["what"], evidence.given["count"]
    wholes = {"unread": counted["read"] + counted["unread"], "unknown": None, "backwards": None, "users": policy.privacy.users}
    of = wholes.get(name, counted["turns"])
    if name in ("read", "turns") or counted[name] != many or not many or of != evidence.given.get("of"):
        return Recheck("refuted", f"the logs have {counted[name]}, of {of}")
    if name == "users" and many >= policy.privacy.users:
        return Recheck("refuted", "there are enough users")
    return CONFIRMED


def _counted(conversations: Conversations) -> Counter[str]:
    counted = Counter({"read": sum(log.records for log in conversations.taken.logs)})
    counted["backwards"] = conversations.taken.counts["backwards"]
    users = set()
    for batch in conversations.stream("select user_id, asked_at, answered_at, response_id, stages from {turns}"):
        for turn in batch:
            counted["turns"] += 1
            users.add(turn["user_id"])
            counted["no_user"] += turn["user_id"] is None
            counted["no_time"] += turn["asked_at"] is None
            counted["no_response"] += turn["response_id"] is None
            confidences = {stage["confidence"] for stage in turn["stages"]}
            counted["no_confidence"] += confidences == {None}
            early = turn["asked_at"] is not None and turn["answered_at"] is not None and turn["answered_at"] < turn["asked_at"]
            counted["answered_early"] += early
    counted["users"] = len(users - {None})
    for name, table in (("unread", "{quarantine}"), ("unknown", "{unknown}")):
        for batch in conversations.stream(f"select line from {table}"):  # noqa: S608 - names of our own
            counted[name] += len(batch)
    return counted
