"""Sessions: what belongs together, against a plain walk through the turns."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plain_turns import stored

from probatum.dialogue.model.rephrase_window import rephrase_window
from probatum.dialogue.semantics.sessions import sessions, spoken, turn_number

pytest.importorskip("duckdb")


def found(folder: Path, turns: list[dict[str, Any]], gap_s: float) -> list[dict[str, Any]]:
    with stored(folder, turns) as conversations:
        channels = [row["channel"] for row in conversations.sql(spoken("{turns}"))]
        query = sessions("{turns}", gap_s=gap_s, channels=channels)
        query = f"select s.*, t.line from ({query}) s join {{turns}} t on s.turn = {turn_number('t.turn_id')} order by line"  # noqa: S608 - a test's own
        return conversations.sql(query)


def test_single_requests_are_joined_until_a_silence_and_chats_are_as_they_are(tmp_path: Path) -> None:
    chance = random.Random(3)
    voice, at = [], dict.fromkeys(range(4), 1000.0)
    for n in range(120):
        user = chance.randrange(4)
        at[user] += chance.choice([5.0, 30.0, 299.0, 301.0, 4000.0])
        voice.append(
            {
                "conversation": f"v{n}",
                "user": f"u{user}",
                "device": "d",
                "asked_at": at[user],
                "text": f"t{n % 9}",
                "channel": "voice",
            }
        )
    chat = [
        {"conversation": f"c{n % 3}", "user": "u0", "asked_at": 1000.0 + 1e5 * n, "text": f"t{n % 9}", "channel": "chat"}
        for n in range(30)
    ]
    rows = found(tmp_path, voice + chat, 300.0)
    # The oracle: turns of each stream in their order, cut where it is silent too long.
    expected: dict[int, tuple[int, int]] = {}
    streams: dict[tuple[str, ...], list[int]] = {}
    for line, turn in enumerate(voice + chat, start=1):
        key = ("voice", turn["user"]) if turn["channel"] == "voice" else ("chat", turn["conversation"])
        streams.setdefault(key, []).append(line)
    everything = voice + chat
    number = 0
    for key, lines in streams.items():
        lines.sort(key=lambda line: everything[line - 1]["asked_at"])
        number, step = number + 1, 0
        for before, line in pairwise([lines[0], *lines]):
            silence = everything[line - 1]["asked_at"] - everything[before - 1]["asked_at"]
            number, step = (number + 1, 0) if key[0] == "voice" and silence > 300 else (number, step)
            step += 1
            expected[line] = (number, step)
    names: dict[int, int] = {}
    for row in rows:
        group, step = expected[row["line"]]
        assert names.setdefault(row["session"], group) == group
        assert row["step"] == step
        assert row["steps"] == sum(g == group for g, _ in expected.values())
        assert (row["since_s"] is None) == (step == 1)
        assert (row["next_text"] is None) == (step == row["steps"])
    assert len(set(names.values())) == len(names) == len({g for g, _ in expected.values()})


def test_without_times_or_users_a_conversation_is_a_session(tmp_path: Path) -> None:
    rows = found(tmp_path, [{"conversation": f"c{n // 2}", "text": "hi"} for n in range(6)], 300.0)
    assert len({row["session"] for row in rows}) == 3
    assert [row["step"] for row in rows] == [1, 2] * 3
    assert all(row["since_s"] is None for row in rows)


def test_the_window_lies_between_second_tries_and_new_requests() -> None:
    chance = np.random.default_rng(1)
    gaps = np.concatenate([chance.lognormal(np.log(8), 0.6, 3000), chance.lognormal(np.log(4000), 1.2, 7000)])
    window = rephrase_window(gaps)
    assert window is not None
    assert 20 < window < 200


def test_gaps_of_one_kind_or_too_few_tell_no_window() -> None:
    chance = np.random.default_rng(2)
    assert rephrase_window(chance.lognormal(5, 1, 5000)) is None
    assert rephrase_window(chance.lognormal(5, 1, 50)) is None
    assert rephrase_window(np.full(1000, 7.0)) is None
