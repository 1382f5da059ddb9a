"""What the product makes of a log, without its truth, against the truth. `simulator.py` uses it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sklearn.metrics import roc_auc_score

from probatum.dialogue.artefacts.importers.turns import as_record
from probatum.dialogue.artefacts.reader import read_policy
from probatum.dialogue.artefacts.requirements.request_fails import RequestFailsRequirement
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.artefacts.turn import Turn
from probatum.dialogue.model.requests import failing
from probatum.dialogue.semantics.conversations import opened
from probatum.dialogue.semantics.judged import judged
from probatum.source import DATA, Source, decode, digest
from probatum.synth.dialogue.truth import Truth

POLICY = "logs: [log.jsonl]\nrequire:\n- {id: often, kind: request-fails, at_most: 0.5, min_users: 5}\n"


def agreement(made: Sequence[tuple[Turn, Truth]]) -> dict[str, float]:
    """Return how well turns are judged, and requests that fail are found."""
    policy = read_policy(decode(POLICY.encode(), "dialogue.yaml"))
    raw = "".join(json.dumps(as_record(turn)) + "\n" for turn, _ in made).encode()
    [requirement] = policy.of_kind(RequestFailsRequirement)
    with opened(policy, {DATA + "log.jsonl": Source("log.jsonl", raw)}) as conversations:
        found = failing(conversations, policy, requirement)
        table = judged(conversations, gap_s=policy.sessions.gap_s, window_s=found.window_s)
        pattern = {row["turn"]: row["pattern"] for row in conversations.sql(f"select turn, pattern from {table}")}  # noqa: S608 - a name of its own
    numbers = [int(digest(f"{pseudonym(turn.conversation, b'', 'conversation')}\0{turn.position}")[:16], 16) for turn, _ in made]
    scores = {number: found.model.probability(pattern[number]) for number in numbers}
    judged_turns = [
        (scores[n], truth.outcome == "bad")
        for n, (_, truth) in zip(numbers, made, strict=True)
        if truth.outcome in ("good", "bad")
    ]
    wrong_things = [
        (scores[n], truth.outcome == "bad")
        for n, (turn, truth) in zip(numbers, made, strict=True)
        if truth.outcome in ("good", "bad") and all(stage.ok for stage in turn.stages)
    ]
    shares: dict[str, dict[str, list[bool]]] = {}
    for turn, truth in made:
        shares.setdefault(turn.text, {}).setdefault(turn.user, []).append(truth.outcome == "bad")
    fails = {
        text: sum(sum(bad) / len(bad) for bad in users.values()) / len(users) > requirement.bound
        for text, users in shares.items()
        if text and len(users) >= requirement.min_users
    }
    named = {f"{number:016x}": turn.text for number, (turn, _) in zip(numbers, made, strict=True)}
    caught = {named[one.turn] for one in found.requests if one.low > requirement.bound}
    right = sum(fails.get(text, False) for text in caught)
    return {
        "AUC of failed turns": float(roc_auc_score([bad for _, bad in judged_turns], [score for score, _ in judged_turns])),
        "AUC, where no stage said so": float(
            roc_auc_score([bad for _, bad in wrong_things], [score for score, _ in wrong_things])
        ),
        "failing requests of 5 users or more": sum(fails.values()) / max(1, len(fails)),
        "requests found to fail": len(caught),
        "of these, failing, in number": right,
    }
