"""Who asks for one thing after another was understood, and a log without intents shows it: people come to each as well as leave it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from plain_turns import stored

from probatum.dialogue.semantics.judged import digits, judged
from probatum.dialogue.semantics.signals import SIGNALS

pytest.importorskip("duckdb")
SONGS = ("thunder", "yesterday", "halo", "creep", "africa", "clocks")


def asked(texts: Sequence[Sequence[str]], **more: Any) -> list[dict[str, Any]]:
    """Let each user say some texts, nine seconds apart."""
    return [
        {"conversation": f"{user} {step}", "user": f"u{user}", "device": f"d{user}", "text": text, "response": "playing it now"}
        | {"asked_at": 1e9 + 1e4 * user + 9 * step, "answered_at": 1e9 + 1e4 * user + 9 * step + 1, **more}
        for user, said in enumerate(texts)
        for step, text in enumerate(said)
    ]


def rephrased(folder: Path, turns: Sequence[dict[str, Any]]) -> int:
    """Return how many turns are rephrased by the next."""
    with stored(folder, turns) as conversations:
        table = judged(conversations, gap_s=300.0, window_s=45.0)
        rows = conversations.sql(f"select pattern from {table}")  # noqa: S608 - a test's own
    return sum(dict(zip(SIGNALS, digits(row["pattern"]), strict=True))["rephrased"] == 1 for row in rows)


def test_one_song_after_another_is_no_second_try(tmp_path: Path) -> None:
    rng = random.Random(0)
    texts = [[f"play the song {song}" for song in rng.sample(SONGS, 4)] for _ in range(40)]

    assert rephrased(tmp_path, asked(texts)) == 0


def test_what_is_said_instead_of_what_nobody_comes_to_is_a_second_try(tmp_path: Path) -> None:
    """Words that sound like nothing of what worked: but all go one way."""
    texts = [["play the song thunder", "play the song yesterday"]] * 40

    assert rephrased(tmp_path, asked(texts)) == 40


def test_what_is_misheard_both_ways_is_a_second_try(tmp_path: Path) -> None:
    arbor, harbor = "play the song hollow arbor", "play the song hollow harbor"
    texts = [[arbor, harbor] if user % 2 else [harbor, arbor] for user in range(40)]

    assert rephrased(tmp_path, asked(texts)) == 40


def test_few_users_do_not_show_which_it_is(tmp_path: Path) -> None:
    """A known wrong answer: two people browse, and look as if they had tried again."""
    texts = [["play the song thunder", "play the song yesterday"], ["play the song yesterday", "play the song thunder"]]

    assert rephrased(tmp_path, asked(texts)) == 2
