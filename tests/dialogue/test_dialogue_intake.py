"""From logs to tables: every turn once, whatever the order, and nothing lost."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.dialogue.artefacts.importers.chat import Chat
from probatum.dialogue.artefacts.intake import Intake, LogFile, intake
from probatum.errors import UnreadableArtefact

duckdb = pytest.importorskip("duckdb")
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["messages", "role", "content", "tool_calls", "id", "function", "text"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


def message(role: str, content: Any, at: float | None = None, **rest: Any) -> dict[str, Any]:
    return {"role": role, "content": content} | ({} if at is None else {"created_at": at}) | rest


def taken(folder: Path, *logs: list[Any], key: bytes = b"") -> Intake:
    files = []
    for number, records in enumerate(logs):
        name = f"log{number}.jsonl"
        (folder / name).write_text("".join(r if isinstance(r, str) else json.dumps(r) + "\n" for r in records))
        files.append(LogFile(name, folder / name))
    return intake(files, folder, [Chat()], key=key)


def table(folder: Path, name: str, order: str) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"select {order} from read_parquet('{folder / name}.parquet')").order(order).fetchall()  # noqa: S608 - a test's own


def said(folder: Path) -> list[tuple[Any, ...]]:
    texts = dict(table(folder, "texts", "text_id, normalised"))
    rows = table(folder, "turns", "conversation_id, position, text_id, response_id")
    return [(position, texts.get(text), texts.get(response)) for _, position, text, response in rows]


def test_messages_become_turns(tmp_path: Path) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "light", "arguments": '{"on": true}'}}
    found = taken(
        tmp_path,
        [
            {
                "id": "a",
                "user": "ann",
                "messages": [
                    message("system", "be brief"),
                    message("user", "Lights on!", 10.0),
                    message("assistant", None, 11.0, tool_calls=[call]),
                    message("tool", "done", 12.0, tool_call_id="c1"),
                    message("assistant", [{"type": "text", "text": "They are on."}], 13.0),
                    message("user", "thanks", 20.0),
                ],
            }
        ],
    )
    assert said(tmp_path) == [(0, "lights on", "they are on"), (1, "thanks", None)]
    [(tools,), (nothing,)] = table(tmp_path, "turns", "tools")[::-1]
    assert tools == [{"name": "light", "arguments": '{"on": true}', "result": "done", "ok": None, "error": ""}]
    assert nothing == []
    assert found.counts["turns"] == 2
    assert found.counts["conversations"] == 1
    assert found.logs[0].format == "openai-chat"


def test_the_order_of_records_and_of_logs_does_not_matter(tmp_path: Path) -> None:
    records = [
        {"id": f"c{n % 7}", "messages": [message("user", f"ask {n}", 100.0 + n), message("assistant", f"answer {n}", 100.5 + n)]}
        for n in range(60)
    ]
    shuffled = records[:]
    random.Random(1).shuffle(shuffled)
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder, logs in zip(folders, ([records], [shuffled], [shuffled[:20], shuffled[20:]]), strict=True):
        folder.mkdir()
        taken(folder, *logs)
    first, *others = ([row[1:] for row in said(folder)] for folder in folders)
    assert len(first) == 60
    assert all(other == first for other in others)


def test_overlapping_exports_count_once(tmp_path: Path) -> None:
    records = [{"id": "a", "messages": [message("user", "yes", 1.0 + n)]} for n in range(5)]
    found = taken(tmp_path, records[:4], records[2:])
    assert found.counts["turns"] == 5
    assert found.counts["duplicates"] == 2


def test_what_is_said_twice_without_times_is_kept_twice(tmp_path: Path) -> None:
    found = taken(
        tmp_path, [{"id": "a", "messages": [message("user", "yes")]}, {"id": "a", "messages": [message("user", "yes")]}]
    )
    assert found.counts["turns"] == 2


def test_nothing_is_lost(tmp_path: Path) -> None:
    found = taken(
        tmp_path,
        [
            {"id": "a", "messages": [message("user", "hello \ud800"), 17]},
            "not json\n",
            {"messages": "none"},
            {"id": "b", "messages": [message("user", "hi", 1e300), message("assistant", "ok", "2026-01-02T03:04:05+02:00")]},
        ],
    )
    assert [(row[1], row[2]) for row in table(tmp_path, "quarantine", "source, line, reason")] == [
        (2, "it is not JSON (expecting value at column 1)"),
        (3, "it has no list `messages`, `conversation` or `conversations`"),
    ]
    assert [row[0] for row in table(tmp_path, "unknown", "payload")] == ['{"message": 17}']
    assert found.counts["turns"] == 2
    assert found.logs[0].unread == 2
    answered = [at for (at,) in table(tmp_path, "turns", "answered_at") if at is not None]
    assert [at.isoformat() for at in answered] == ["2026-01-02T01:04:05"]


def test_users_are_pseudonyms_under_the_key(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder, key in zip(folders, (b"one", b"two"), strict=True):
        folder.mkdir()
        taken(folder, [{"id": "a", "user": "ann@example.org", "messages": [message("user", "hello")]}], key=key)
    [(one, text_one)], [(two, text_two)] = (table(folder, "turns", "user_id, text_id") for folder in folders)
    assert one != two
    assert text_one != text_two
    assert b"example" not in (folders[0] / "turns.parquet").read_bytes()


def test_a_log_of_no_known_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableArtefact, match="is in no format that is recognised"):
        taken(tmp_path, [{"what": "ever"}])


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(records=st.lists(_json, min_size=1, max_size=5))
def test_no_json_stops_the_intake(tmp_path_factory: pytest.TempPathFactory, records: list[Any]) -> None:
    folder = tmp_path_factory.mktemp("i")
    found = taken(folder, [{"messages": [message("user", "hi")]}, *records])
    assert found.counts["turns"] >= 1


def test_equal_records_without_a_name_are_conversations_of_their_own(tmp_path: Path) -> None:
    """Many people say the same: none of them said it again. What stands in two exports is still one conversation."""
    one = {"messages": [message("user", "lights on"), message("assistant", "They are on."), message("user", "thanks")]}
    found = taken(tmp_path, [one] * 3, [one] * 2)
    assert (found.counts["conversations"], found.counts["turns"]) == (3, 6)
    assert sorted(position for position, _, _ in said(tmp_path)) == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("nobody", ["null", "None", "anonymous", "undefined", " ", "00000000-0000-0000-0000-000000000000"])
def test_who_is_called_nobody_is_nobody(tmp_path: Path, nobody: str) -> None:
    taken(tmp_path, [{"user": nobody, "id": nobody, "messages": [message("user", text)]} for text in ("one", "two")])
    assert {user for (user,) in table(tmp_path, "turns", "user_id")} == {None}
    assert len({name for (name,) in table(tmp_path, "turns", "conversation_id")}) == 2


@pytest.mark.parametrize(
    "record",
    [
        {"id": "c", "conversations": [{"from": "human", "value": "lights on"}, {"from": "gpt", "value": "They are on."}]},
        {
            "conversation_id": "c",
            "model": "m",
            "conversation": [message("user", "lights on"), message("assistant", "They are on.")],
        },
        {
            "conversation_hash": "c",
            "hashed_ip": "h",
            "timestamp": "2024-05-01T10:00:00+00:00",
            "conversation": [message("user", "lights on", 9.0, country="x"), message("assistant", "They are on.", 10.0)],
        },
    ],
)
def test_collections_of_chats_are_read(tmp_path: Path, record: dict[str, Any]) -> None:
    assert Chat().recognises(record)
    taken(tmp_path, [record])
    assert said(tmp_path) == [(0, "lights on", "they are on")]


def test_refusals_are_answers_and_a_function_call_is_a_call_of_a_tool(tmp_path: Path) -> None:
    called = {"name": "light", "arguments": '{"on": tru'}  # what a model writes is not always JSON
    asked = [message("user", "lights on", 10.0), message("assistant", None, 11.0, function_call=called)]
    done = message("function", "done", 12.0, name="light")
    taken(
        tmp_path,
        [
            {"id": "a", "messages": [*asked, done, message("assistant", None, 13.0, refusal="I can't say.")]},
            {"id": "b", "messages": [*asked, message("assistant", [{"type": "refusal", "refusal": "I can't."}], 13.0)]},
        ],
    )

    assert {answer for _, _, answer in said(tmp_path)} == {"i can't", "i can't say"}
    tools = [one for [[one]] in table(tmp_path, "turns", "tools")]
    assert sorted((one["name"], one["arguments"], one["result"]) for one in tools) == [
        ("light", '{"on": tru', ""),
        ("light", '{"on": tru', "done"),
    ]
