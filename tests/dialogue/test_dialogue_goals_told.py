"""Goals of a log are read whole, however many parts they are read in."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("scipy")

from plain_turns import stored

from probatum.dialogue.model import learning
from probatum.dialogue.model.learning import goals_of, judged_goals


def test_no_goal_is_lost_between_two_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = [
        {
            "conversation": f"c{user}-{n}", "user": f"u{user}", "asked_at": 1000.0 + 4000 * n, "text": f"request {n} of {user}",
            "hypotheses": [{"text": f"request {n} of {user}"}, {"text": f"other {n} of {user}"}], "response": "ok",
        }
        for user in range(7)
        for n in range(9)
    ]  # fmt: skip  # one turn
    found = []
    for folder, size in (("one", 1000), ("many", 10)):
        monkeypatch.setattr(learning, "_BATCH", size)
        (tmp_path / folder).mkdir()
        with stored(tmp_path / folder, turns) as conversations:
            table, _ = judged_goals(conversations)
            found.append([(goal.user, goal.at, goal.tries) for goal in goals_of(conversations, table)])

    assert found[0] == found[1]
    assert len(found[1]) == 63
    assert found[1][0][2][0].setting.heard[1].startswith("other")
