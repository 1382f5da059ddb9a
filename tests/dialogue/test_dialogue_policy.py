"""Policies about conversations: what is read, and what is said of mistakes."""

from __future__ import annotations

import pytest

from probatum.dialogue.artefacts import imports
from probatum.dialogue.artefacts.policy import Policy
from probatum.dialogue.artefacts.reader import read_policy
from probatum.dialogue.artefacts.requirements.request_fails import RequestFailsRequirement
from probatum.errors import UnreadableArtefact
from probatum.source import DATA, decode


def policy(text: str) -> Policy:
    return read_policy(decode(text.encode(), "dialogue.yaml"))


def test_a_policy_that_only_names_a_log_requires_the_defaults() -> None:
    found = policy("logs: [assist.jsonl]")
    assert [(log.path, log.format) for log in found.logs] == [("assist.jsonl", "auto")]
    assert found.of_kind(RequestFailsRequirement)[0].bound == 0.5
    assert found.privacy.users == 20
    assert found.sessions.gap_s == 300


def test_what_a_policy_says_takes_the_place_of_the_default() -> None:
    found = policy(
        "logs:\n- {path: a.csv, mapping: {text: said, user: caller, context.room: room}, locale: de}\n"
        "sessions: {gap: 60, rephrase: 20}\nprivacy: {users: 3, shareable: false}\n"
        "assistant: {kind: hassil, sentences: [sentences/de]}\n"
        "require:\n- {id: few, kind: request-fails, at_most: 0.1, min_users: 3}\n"
    )
    assert found.logs[0].format == "mapping"
    assert found.logs[0].mapping["context.room"] == "room"
    assert found.assistant is not None
    assert found.assistant.options == {"sentences": ("sentences/de",)}
    assert [r.id for r in found.of_kind(RequestFailsRequirement)] == ["few"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("name: x", 1, "the policy names no logs"),
        ("logs: []", 1, "the policy names no logs"),
        ("logs: [a.csv]\nlog: b", 2, "`log` is not a field of the policy"),
        ("logs:\n- {path: a.csv, mapping: {txt: b}}", 2, "`txt` is no field of a turn"),
        ("logs:\n- {path: a.csv, mapping: {user: b}}", 2, "`mapping` does not say where the text is"),
        ("logs: [a.csv]\nprivacy: {users: 3}", 2, "what 3 users said may not be shared"),
        ("logs: [a.csv]\nassistant: {kind: hasil}", 2, "`hasil` is no `kind`"),
        ("logs: [a.csv]\nrequire:\n- {id: a, kind: request-fails, at_most: 2}", 3, "`at_most` is 2"),
        (
            "logs: [a.csv]\nrequire:\n- {id: a, kind: request-fails}\n- {id: a, kind: request-fails}",
            4,
            "the identifier `a` occurs twice",
        ),
    ],
)
def test_a_mistake_is_said_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(UnreadableArtefact) as caught:
        policy(text)
    assert caught.value.message == said
    assert caught.value.location is not None
    assert caught.value.location.line == line


def test_files_that_a_policy_names_are_data_of_it() -> None:
    raw = b'logs: [logs/a.jsonl, "b c.csv", ../beside.csv, ../../outside.csv]\nassistant: {kind: hassil, sentences: s.yaml}\n'
    there = ("x/logs/a.jsonl", "x/b c.csv", "beside.csv", "x/s.yaml")
    followed, needed = imports("x/dialogue.yaml", {}, lambda _: raw, {*there, "outside.csv"}.__contains__)
    assert followed == ()
    assert set(needed) == {DATA + name for name in there}
