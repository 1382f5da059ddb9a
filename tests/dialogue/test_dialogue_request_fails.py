"""Requests that fail: what is found, what is not told of a few, and that evidence is checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from probatum.dialogue.artefacts.policy import Policy
from probatum.dialogue.artefacts.reader import read_policy
from probatum.dialogue.recheck import recheck
from probatum.dialogue.rules import request_fails
from probatum.dialogue.semantics.conversations import sharing
from probatum.evidence import Estimate
from probatum.findings import Cleared, Finding, Outcome, Undecided
from probatum.source import DATA, Source, decode
from probatum.tools import Tools

pytest.importorskip("duckdb")
POLICY = "logs: [chat.jsonl]\nrequire:\n- {id: often, kind: request-fails, at_most: 0.3}\n"


def log(users: int, answer: str = "Sorry, I couldn't understand that") -> bytes:
    rows = []
    for user in range(users):
        at = 1000.0 + 10_000 * user
        said = [
            ("open the garbage door", answer, at),
            ("open the garage door", "Opened", at + 9),
            ("what time is it", "Noon", at + 4000),
        ]
        for text, response, when in said:
            messages = [
                {"role": "user", "content": text, "created_at": when},
                {"role": "assistant", "content": response, "created_at": when + 1},
            ]
            rows.append({"id": f"c{user}-{when}", "user": f"u{user}", "messages": messages})
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def outcomes(raw: bytes, text: str = POLICY) -> tuple[Policy, Mapping[str, Source], list[Outcome]]:
    policy = read_policy(decode(text.encode(), "dialogue.yaml"))
    inputs = {DATA + "chat.jsonl": Source("chat.jsonl", raw)}
    return policy, inputs, list(request_fails.check(policy, Tools(inputs=inputs)))


def found(raw: bytes, text: str = POLICY) -> tuple[Policy, Mapping[str, Source], Finding]:
    policy, inputs, every = outcomes(raw, text)
    [finding] = [one for one in every if isinstance(one, Finding)]
    return policy, inputs, finding


def test_what_many_are_not_understood_in_is_found_and_confirmed() -> None:
    policy, inputs, finding = found(log(30))
    assert finding.message.startswith("`open the garbage door` fails for at least")
    assert recheck(policy, finding.evidence, inputs).status == "confirmed"


def test_a_log_is_counted_once_for_all_claims_that_rest_on_the_same_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large log has hundreds of findings, each of which is checked by itself."""
    from probatum.dialogue.recheck import request_fails as checking

    policy, inputs, finding = found(log(30))
    counts: list[int] = []
    every = checking.request_rates

    def counted(*given: Any, **named: Any) -> Any:
        counts.append(1)
        return every(*given, **named)

    monkeypatch.setattr(checking, "request_rates", counted)
    with sharing():
        assert {recheck(policy, finding.evidence, inputs).status for _ in range(3)} == {"confirmed"}
    assert len(counts) == 1
    assert recheck(policy, finding.evidence, inputs).status == "confirmed"
    assert len(counts) == 2  # logs that are opened again are counted again


def test_what_a_few_said_is_not_told() -> None:
    _, _, finding = found(log(19))
    assert finding.message.startswith("a request of 19 fails")
    assert "garbage" not in repr(finding)


def test_a_site_may_say_that_fewer_are_enough() -> None:
    policy, inputs, finding = found(log(19), POLICY + "privacy: {users: 5, shareable: false}\n")
    assert "garbage" in finding.message
    assert recheck(policy, finding.evidence, inputs).status == "confirmed"


def test_what_is_answered_does_not_fail() -> None:
    _, _, [outcome] = outcomes(log(40, "Closed").replace(b"open the garbage door", b"close the blinds"))
    assert isinstance(outcome, Cleared)


def test_what_all_say_again_is_not_cleared_by_answers_that_are_always_the_same() -> None:
    _, _, [outcome] = outcomes(log(40, "Opened").replace(b"garbage", b"garage"))
    assert isinstance(outcome, Undecided)


def test_a_log_with_too_few_users_decides_nothing() -> None:
    _, _, [outcome] = outcomes(log(3))
    assert isinstance(outcome, Undecided)
    assert outcome.reason == "no request was made by 5 users; the most frequent one was made by 3"


def test_refusals_are_failures_where_half_of_all_turns_are_and_nobody_says_anything_then() -> None:
    rows = []
    for user in range(60):
        response = "Opened" if user % 2 else "Sorry, I couldn't understand that"
        for day in range(7):
            at = 1000.0 + 86_400 * day + 60 * user
            messages = [
                {"role": "user", "content": "open the garage door", "created_at": at},
                {"role": "assistant", "content": response, "created_at": at + 1},
            ]
            rows.append({"id": f"c{user}-{day}", "user": f"u{user}", "messages": messages})
    raw = "".join(json.dumps(row) + "\n" for row in rows).encode()

    policy, inputs, finding = found(raw)

    assert isinstance(finding.evidence, Estimate)
    assert 0.5 <= finding.evidence.value <= 0.6
    assert recheck(policy, finding.evidence, inputs).status == "confirmed"


def test_what_no_log_of_this_size_can_tell_is_said_in_words() -> None:
    raw = log(30)
    _, _, finding = found(raw)
    assert isinstance(finding.evidence, Estimate)
    _, _, every = outcomes(raw, POLICY.replace("0.3", f"{finding.evidence.value - 0.01:.4f}"))
    [undecided] = [one for one in every if isinstance(one, Undecided)]
    assert "that is allowed for a log like this to tell" in undecided.reason


def test_every_number_of_the_evidence_is_checked() -> None:
    policy, inputs, finding = found(log(30, "Which door?"))  # so that all rests on what users did then
    evidence = finding.evidence
    assert isinstance(evidence, Estimate)
    assert evidence.low is not None
    changed: list[Estimate] = [
        replace(evidence, value=evidence.value - 0.01),
        replace(evidence, low=evidence.low + 0.02),
        replace(evidence, high=evidence.value - 0.01),
        replace(evidence, confidence=0.99),
        replace(evidence, family=evidence.family - 1),
    ]
    for name, value in evidence.counts.items():
        if isinstance(value, int | float):
            # A window a second longer shows the same signals here; one in which no second try fits does not.
            changed.append(replace(evidence, counts={**evidence.counts, name: 5.0 if name == "window_s" else value + 1}))
    model: dict[str, Any] = evidence.counts["model"]
    changed += [
        replace(evidence, counts={**evidence.counts, "model": {**model, name: model[name] + 0.01}})
        for name in ("bad", "slope", "shift")
    ]
    for number in range(len(model["seen"])):
        seen = [list(pair) for pair in model["seen"]]
        seen[number][1] += 0.01
        changed.append(replace(evidence, counts={**evidence.counts, "model": {**model, "seen": seen}}))
    changed.append(replace(evidence, counts={**evidence.counts, "turn": "0" * 16}))
    changed.append(replace(evidence, counts={**evidence.counts, "requirement": "other"}))
    with sharing():
        assert [recheck(policy, one, inputs).status for one in changed] == ["refuted"] * len(changed)


def test_another_log_refutes_it() -> None:
    policy, _, finding = found(log(30))
    other = {DATA + "chat.jsonl": Source("chat.jsonl", log(31))}
    assert recheck(policy, finding.evidence, other).status == "refuted"


def test_what_shows_no_sign_of_failure_is_not_said_to_fail() -> None:
    """Other requests fail so often that a turn that says nothing may have failed, too; that is no evidence that it did."""
    rows = []
    for user in range(400):
        asked = "open the garbage door" if user % 8 else "good night"
        answer = "Sorry, I couldn't understand that" if user % 8 else ""
        messages = [{"role": "user", "content": asked}, *([{"role": "assistant", "content": answer}] if answer else [])]
        rows.append({"id": f"c{user}", "user": f"u{user}", "messages": messages})
    _, _, every = outcomes("".join(json.dumps(row) + "\n" for row in rows).encode(), POLICY.replace("0.3", "0.02"))
    assert [one.message.partition(" fails")[0] for one in every if isinstance(one, Finding)] == ["`open the garbage door`"]
    [undecided] = [one for one in every if isinstance(one, Undecided)]
    assert "`good night` fails for 0% of 50" in undecided.reason
