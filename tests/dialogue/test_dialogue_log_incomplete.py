"""What logs lack: found, counted again by other code, and refuted when it is not so."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from probatum.dialogue import artefacts
from probatum.dialogue.artefacts import intake as intake_module
from probatum.dialogue.artefacts.policy import Policy
from probatum.dialogue.recheck import recheck
from probatum.dialogue.rules import log_incomplete
from probatum.dialogue.semantics.conversations import opened, sharing
from probatum.evidence import Counterexample, Proof
from probatum.findings import Cleared, Finding, Undecided
from probatum.source import Source
from probatum.tools import Tools

pytest.importorskip("duckdb")


def policy(text: str = "logs: [chat.jsonl]") -> Policy:
    return artefacts.read(Source("dialogue.yaml", text.encode()), {})[0]


def logged(*records: Any) -> dict[str, Source]:
    lines = "".join(r if isinstance(r, str) else json.dumps(r) + "\n" for r in records)
    return {"data:chat.jsonl": Source("chat.jsonl", lines.encode())}


def chat(name: str, user: str | None, *said: tuple[str, str, float | None]) -> dict[str, Any]:
    messages = [
        {"role": role, "content": text} | ({} if at is None else {"created_at": at, "confidence": 0.9}) for role, text, at in said
    ]
    return {"id": name, "messages": messages} | ({} if user is None else {"user": user})


INPUTS = logged(
    chat("a", "u1", ("user", "lamp on", 100.0), ("assistant", "done", 101.0), ("user", "thanks", 99.0)),
    chat("b", None, ("user", "lamp off", None)),
    chat("c", "u2", ("user", "lamp", 50.0), ("assistant", "which?", 49.0)),
    "{broken\n",
    {"id": "d", "messages": [{"role": "user", "content": "hello", "created_at": 5.0}, {"said": "nothing"}]},
)


def counts(found: list[Any]) -> dict[str, tuple[int, int | None]]:
    given = [f.evidence.given for f in found if isinstance(f, Finding)]
    return {g["what"]: (g["count"], g.get("of")) for g in given}


def test_each_thing_that_is_missing_is_counted_and_counts_again() -> None:
    found = list(log_incomplete.check(policy(), Tools(inputs=INPUTS)))

    assert counts(found) == {
        "unread": (1, 5),
        "unknown": (1, None),
        "no_user": (2, 5),
        "no_time": (1, 5),
        "no_response": (4, 5),
        "backwards": (2, None),
        "users": (2, 20),
    }
    for outcome in found:
        assert isinstance(outcome, Finding)
        assert recheck(policy(), outcome.evidence, INPUTS).status == "confirmed", outcome.message


@pytest.mark.parametrize("change", [{"count": 3}, {"of": 4}, {"what": "no_time"}, {"what": "turns"}, {"what": "nonsense"}])
def test_other_counts_are_refuted(change: dict[str, Any]) -> None:
    evidence = Counterexample(
        method="dialogue/log-incomplete/1", given={"what": "no_user", "count": 2, "of": 5} | change, observed="", expected=""
    )

    assert recheck(policy(), evidence, INPUTS).status == "refuted"


def test_a_log_that_lacks_something_is_not_complete() -> None:
    claim = Proof(method="dialogue/log-complete/1", claim="", certificate={"turns": 5})

    assert recheck(policy(), claim, INPUTS).status == "refuted"


def test_logs_are_read_once_for_all_rules_about_a_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    real = intake_module.intake
    monkeypatch.setattr("probatum.dialogue.semantics.conversations.intake", lambda *a, **k: taken.append(1) or real(*a, **k))
    with sharing():
        for _ in range(3):
            with opened(policy(), INPUTS) as conversations:
                assert conversations.sql("select count(*) as n from {turns}") == [{"n": 5}]
        with opened(policy(), dict(logged(chat("a", "u", ("user", "x", 1.0))))) as other:
            assert other.sql("select count(*) as n from {turns}") == [{"n": 1}]

    assert len(taken) == 2


def test_an_unknown_format_is_an_error_with_what_there_is() -> None:
    with (
        pytest.raises(Exception, match="no format of logs") as problem,
        opened(policy("logs: [{path: chat.jsonl, format: open-ai-chat}]"), INPUTS),
    ):
        pass
    assert "openai-chat" in str(problem.value.help)  # type: ignore[attr-defined]  # the house's errors have it


def test_nobody_asks_is_undecided() -> None:
    [found] = log_incomplete.check(policy(), Tools(inputs=logged({"id": "x", "messages": [{"role": "system", "content": "hi"}]})))

    assert isinstance(found, Undecided)


def test_a_complete_log_is_cleared_and_confirmed() -> None:
    inputs = logged(*(chat(f"c{n}", f"u{n}", ("user", "lamp", 10.0 + n), ("assistant", "done", 11.0 + n)) for n in range(20)))
    [found] = log_incomplete.check(policy(), Tools(inputs=inputs))

    assert isinstance(found, Cleared)
    assert found.evidence is not None
    assert recheck(policy(), found.evidence, inputs).status == "confirmed"
    assert isinstance(found.evidence, Proof)
    assert recheck(policy(), replace(found.evidence, certificate={"turns": 19}), inputs).status == "refuted"
