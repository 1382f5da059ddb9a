"""Sessions: what belongs together, against a plain walk through the turns."""

from __future__ import annotations

import random
from collections import Counter
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
        assert row["final"] == (step == sum(g == group for g, _ in expected.values()))
        assert (row["since_s"] is None) == (step == 1)
        assert (row["next_text"] is None) == (row["next_turn"] is None) == row["final"]
    placed = {expected[row["line"]]: row for row in rows}
    assert all(row["final"] or placed[group, step + 1]["turn"] == row["next_turn"] for (group, step), row in placed.items())
    assert len(set(names.values())) == len(names) == len({g for g, _ in expected.values()})


def test_without_times_or_users_a_conversation_is_a_session(tmp_path: Path) -> None:
    rows = found(tmp_path, [{"conversation": f"c{n // 2}", "text": "hi"} for n in range(6)], 300.0)
    assert len({row["session"] for row in rows}) == 3
    assert [row["step"] for row in rows] == [1, 2] * 3
    assert all(row["since_s"] is None for row in rows)


def test_nobody_goes_on_with_what_another_one_asked(tmp_path: Path) -> None:
    """A conversation of several people, or an identifier that is used again: each has a session of their own."""
    said = [("c", "a", 1), ("c", "b", 2), ("c", "a", 3), ("c", "", 4), ("d", "a", 5), ("d", "", 6)]
    chat = [{"conversation": c, "user": u, "asked_at": 1000.0 + at, "text": "hi"} for c, u, at in said]
    voice = [
        {"conversation": f"v{n}", "user": "v", "asked_at": 1000.0 * n, "text": "hi", "channel": "voice"} for n in range(1, 9)
    ]
    rows = found(tmp_path, chat + voice, 300.0)[: len(chat)]
    sessions_of = [row["session"] for row in rows]
    assert [sessions_of.index(one) for one in sessions_of] == [0, 1, 0, 3, 4, 4]


def test_one_turn_without_a_time_or_a_user_costs_itself_only(tmp_path: Path) -> None:
    turns = [
        {"conversation": f"c{n}", "user": "u", "asked_at": 1000.0 + 10 * n, "text": f"t{n}", "channel": "voice"} for n in range(6)
    ]
    del turns[2]["asked_at"], turns[4]["user"]
    rows = found(tmp_path, turns, 300.0)
    many = Counter(row["session"] for row in rows)
    assert [many[row["session"]] for row in rows] == [4, 4, 1, 4, 1, 4]
    assert [row["final"] for row in rows] == [False, False, True, False, True, True]


def test_in_a_conversation_a_turn_without_a_time_keeps_its_place(tmp_path: Path) -> None:
    turns = [{"conversation": "c", "user": "u", "asked_at": 1000.0 + n, "text": f"t{n}"} for n in range(4)]
    del turns[1]["asked_at"]
    assert [row["step"] for row in found(tmp_path, turns, 300.0)] == [1, 2, 3, 4]


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
