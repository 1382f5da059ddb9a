"""Logs as they should not be: what is wrong is said plainly, the rest is read, and no rate is told that the log cannot support."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from probatum.dialogue import artefacts
from probatum.dialogue.rules import log_incomplete, private_phrase_leaks, request_fails, rewrite_harms, stage_fails
from probatum.dialogue.semantics.conversations import opened, sharing
from probatum.errors import UnreadableArtefact
from probatum.findings import Finding, Outcome
from probatum.source import Source
from probatum.tools import Tools

pytest.importorskip("duckdb")
pytest.importorskip("scipy")

RULES = (log_incomplete, request_fails, stage_fails, rewrite_harms, private_phrase_leaks)


@pytest.fixture(autouse=True)
def once() -> Iterator[None]:
    """Each log is read once in a test."""
    with sharing():
        yield


def chat(name: str, user: str | None, text: str, at: float | None, answered: float | None, **more: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"role": "user", "content": text} | ({} if at is None else {"created_at": at})
    answer: dict[str, Any] = {"role": "assistant", "content": "done"} | ({} if answered is None else {"created_at": answered})
    return {"id": name, "messages": [said, answer]} | ({} if user is None else {"user": user}) | more


def said_of(*records: Any, raw: bytes = b"") -> list[Outcome]:
    """Return what all rules say of a log."""
    lines = "".join(json.dumps(record) + "\n" for record in records).encode()
    policy = artefacts.read(Source("dialogue.yaml", b"logs: [{path: chat.jsonl, format: openai-chat}]\nshared: [p.txt]\n"), {})[0]
    inputs = {"data:chat.jsonl": Source("chat.jsonl", raw + lines), "data:p.txt": Source("p.txt", b"- hello\n")}
    return [outcome for rule in RULES for outcome in rule.check(policy, Tools(inputs=inputs))]


def notes(outcomes: list[Outcome]) -> dict[str, str]:
    """Return what the log lacks; nothing else may be found."""
    assert {o.rule for o in outcomes if isinstance(o, Finding)} <= {log_incomplete.RULE}
    return {o.evidence.given["what"]: o.message for o in outcomes if isinstance(o, Finding)}  # type: ignore[union-attr]  # findings of this rule have counterexamples


LOG = [chat(f"c{n}", f"u{n % 6}", "turn on the lamp", 1000.0 + 50 * n, 1001.0 + 50 * n) for n in range(30)]


def test_clocks_that_disagree() -> None:
    skewed = [chat(f"s{n}", f"u{n}", "lamp", 5000.0 + n, 4000.0 + n) for n in range(7)]

    found = notes(said_of(*LOG, *skewed))

    # Read by their times, the answers come before what they answer, and belong to nothing.
    assert found["no_response"] == "7 of 37 turns have no answer"
    assert found["backwards"] == "events stand after later ones of their conversation: 7"


def test_events_out_of_order_are_read_by_their_times() -> None:
    turn = {"role": "user", "content": "lamp", "created_at": 100.0}
    later = {"role": "user", "content": "louder", "created_at": 200.0}
    record = {"id": "x", "user": "u1", "messages": [later, {"role": "assistant", "content": "ok", "created_at": 201.0}, turn]}

    found = notes(said_of(*LOG, record))

    assert found["backwards"].startswith("events stand after later ones of their conversation: 1")


def test_duplicated_exports_count_once() -> None:
    once_, twice = notes(said_of(*LOG)), notes(said_of(*LOG, *LOG))

    assert twice.pop("backwards").endswith(": 30")
    assert twice == once_


def test_without_users_nothing_is_counted_by_user() -> None:
    outcomes = said_of(*(chat(f"c{n}", None, "turn on the lamp", 1000.0 + n, 1001.0 + n) for n in range(30)))

    assert notes(outcomes)["no_user"] == "30 of 30 turns have no user"
    assert all("of its conversations" in o.message for o in outcomes if o.kind == "cleared")


def test_without_times_no_silence_tells_anything() -> None:
    outcomes = said_of(*(chat(f"c{n}", f"u{n}", "turn on the lamp", None, None) for n in range(30)))

    assert notes(outcomes)["no_time"] == "30 of 30 turns have no time"


def test_mixed_languages_are_one_log() -> None:
    texts = ("licht an", "enciende la luz", "turn on the lamp", "电灯打开", "включи свет", "شغل الضوء", "💡")
    outcomes = said_of(*(chat(f"c{n}", f"u{n}", texts[n % 7], 1000.0 + n, 1001.0 + n) for n in range(28)))

    assert notes(outcomes) == {}


def test_one_turn_supports_no_rate() -> None:
    outcomes = said_of(chat("c", "u", "turn on the lamp", 1000.0, 1001.0))

    assert set(notes(outcomes)) == {"users"}
    assert {o.rule for o in outcomes if o.kind == "cleared"} <= {private_phrase_leaks.RULE}
    assert any(o.rule == request_fails.RULE and o.kind == "undecided" for o in outcomes)


def test_four_hundred_sessions_of_too_few_users_say_so() -> None:
    outcomes = said_of(*(chat(f"c{n}", f"u{n % 19}", f"lamp {n % 50}", 1000.0 + 900 * n, 1001.0 + 900 * n) for n in range(412)))

    assert notes(outcomes)["users"] == "users in the logs: 19, and a phrase that others may see needs 20"


def test_binary_junk_between_lines_is_kept_apart() -> None:
    chance = random.Random(7)
    junk = b"".join(chance.randbytes(80).replace(b"\n", b"") + b"\n" for _ in range(5))

    found = notes(said_of(*LOG, raw=b'{"id": "a", "messages": []}\n' + junk))

    assert found["unread"].startswith("5 of ")


def test_nothing_but_junk_is_no_log() -> None:
    policy = artefacts.read(Source("dialogue.yaml", b"logs: [log.jsonl]"), {})[0]
    for raw in (random.Random(3).randbytes(5000), b"\x00" * 4000, b"", b"\n\n\n", b"PAR1" + b"\x01" * 50):
        inputs = {"data:log.jsonl": Source("log.jsonl", raw)}
        with contextlib.suppress(UnreadableArtefact), opened(policy, inputs) as conversations:
            assert conversations.sql("select count(*) as n from {turns}") == [{"n": 0}]


def test_impossible_times_are_none() -> None:
    odd = [-5.0, 1e30, 0.0, "yesterday", "2026-13-45T99:99:99Z", True, [], {"a": 1}]
    outcomes = said_of(*LOG, *(chat(f"o{n}", "u1", "lamp", at, None) for n, at in enumerate(odd)))  # type: ignore[arg-type]  # what no clock says

    assert notes(outcomes)["no_time"] == "8 of 38 turns have no time"
