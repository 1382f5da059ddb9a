"""Stages that say that they fail: every number of the evidence is checked."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from probatum.dialogue.artefacts.reader import read_policy
from probatum.dialogue.recheck import recheck
from probatum.dialogue.rules import stage_fails
from probatum.dialogue.semantics.conversations import sharing
from probatum.evidence import Estimate
from probatum.findings import Cleared, Finding, Undecided
from probatum.source import DATA, Source, decode
from probatum.tools import Tools

pytest.importorskip("duckdb")


def runs(fail_of_ten: int, users: int = 60) -> bytes:
    rows = []
    for user in range(users):
        for turn in range(2):
            at = f"2026-05-01T08:{user:02d}:{turn:02d}+00:00"
            conversation = f"c{user}"
            events = [
                {
                    "type": "run-start",
                    "data": {"pipeline": "p", "language": "en", "conversation_id": conversation},
                    "timestamp": at,
                },
                {"type": "stt-start", "data": {"engine": "stt.whisper"}, "timestamp": at},
            ]
            if user % 10 < fail_of_ten:
                events.append({"type": "error", "data": {"code": "stt-stream-failed", "message": "no"}, "timestamp": at})
            else:
                events.append({"type": "stt-end", "data": {"stt_output": {"text": f"lights {turn}"}}, "timestamp": at})
            rows.append({"events": [*events, {"type": "run-end", "data": None, "timestamp": at}]})
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


POLICY = read_policy(
    decode(b"logs: [runs.jsonl]\nrequire:\n- {id: hears, kind: stage-fails, stage: recognition, at_most: 0.2}\n", "dialogue.yaml")
)


@pytest.mark.parametrize(("failing", "kind"), [(0, Cleared), (2, Undecided), (6, Finding)])
def test_what_is_said_depends_on_how_many_fail(failing: int, kind: type) -> None:
    inputs = {DATA + "runs.jsonl": Source("runs.jsonl", runs(failing))}
    [outcome] = stage_fails.check(POLICY, Tools(inputs=inputs))
    assert isinstance(outcome, kind)
    if isinstance(outcome, Finding | Cleared):
        assert outcome.evidence is not None
        assert recheck(POLICY, outcome.evidence, inputs).status == "confirmed"


def test_every_number_of_the_evidence_is_checked() -> None:
    inputs = {DATA + "runs.jsonl": Source("runs.jsonl", runs(6))}
    [finding] = stage_fails.check(POLICY, Tools(inputs=inputs))
    assert isinstance(finding, Finding)
    evidence = finding.evidence
    assert isinstance(evidence, Estimate)
    assert evidence.low is not None
    assert evidence.high is not None
    changed = [
        replace(evidence, value=evidence.value + 0.01),
        replace(evidence, low=evidence.low + 0.01),
        replace(evidence, high=evidence.high - 0.01),
        replace(evidence, confidence=0.99),
        replace(evidence, family=2),
        *(
            replace(evidence, counts={**evidence.counts, name: value + 1 if isinstance(value, int | float) else "other"})
            for name, value in evidence.counts.items()
        ),
    ]
    with sharing():
        assert [recheck(POLICY, one, inputs).status for one in changed] == ["refuted"] * len(changed)
