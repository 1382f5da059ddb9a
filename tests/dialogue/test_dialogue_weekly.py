"""How often requests fail, week by week."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from probatum.cli import program
from probatum.dialogue.model.weekly import Week, bounded, risen


def missed(seed: int, *, weeks: int = 12, users: int = 60) -> bool:
    """Whether any interval misses: users who come back and are not alike, in weeks that are not alike."""
    rng = random.Random(seed)
    people = [rng.betavariate(1, 4) for _ in range(users)]
    shares, truth = [], {}
    for number in range(weeks):
        week = (
            f"2026-01-{5 + 7 * number:02d}"
            if number < 4
            else f"2026-{2 + (number - 4) // 4:02d}-{2 + 7 * ((number - 4) % 4):02d}"
        )
        added = 0.3 * (number % 3 == 0)
        # The mean over people like these: 0.2, a little moved.
        truth[week] = 0.2 * (1 - added) + added
        for _ in range(users):
            rate = rng.betavariate(1, 4) if rng.random() < 0.5 else rng.choice(people)
            many = rng.choice((1, 2, 6))
            rate = rate * (1 - added) + added
            shares.append((week, "", sum(rng.random() < rate for _ in range(many)) / many))
    return any(not one.low <= truth[one.begins] <= one.high for one in bounded(shares))


def test_no_interval_of_all_weeks_misses_more_often_than_promised() -> None:
    assert sum(missed(seed) for seed in range(40)) <= 4


def test_weeks_are_wider_the_more_there_were_and_a_rise_is_told() -> None:
    weeks = bounded(
        [
            (week, "", float(n % 20 < rate))
            for week, rate in (("2026-01-05", 2), ("2026-03-02", 2), ("2026-03-09", 12))
            for n in range(400)
        ]
    )
    first, later, worse = weeks
    assert first.high - first.low < later.high - later.low
    assert first.low < 0.1 < first.high
    assert risen(weeks) == [("2026-03-09", "2026-01-05")]
    assert worse.low > first.high
    assert risen([Week(begins="a", arm="treated", users=9, rate=0.1, low=0.0, high=0.1), worse]) == []
    assert bounded([]) == []


def run(*arguments: str) -> str:
    found = CliRunner().invoke(program, ["dialogue", *arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


@pytest.mark.slow  # imports a log
def test_monitor_tells_weeks_that_are_over_by_arm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb")
    pytest.importorskip("scipy")
    monkeypatch.chdir(tmp_path)
    monday, day = 1_767_571_200.0, 86_400.0  # 2026-01-05
    with Path("log.jsonl").open("w") as file:
        for user in range(60):
            arm = "treated" if user % 2 else "holdout"
            for at in range(10):  # days: a week, and three days of the next
                own: dict[str, Any] = {"user": f"u{user}", "device": f"d{user}", "channel": "voice"}
                # Who is held out says it again in other words, which then work; everybody asks something else, too.
                said = [("open the garbage door", "Sorry, I couldn't understand that"), ("open the garage door", "Done")]
                for step, (text, response) in enumerate([*said[arm == "treated" :], ("play some jazz", "Playing")]):
                    own |= {"conversation": f"{user} {at} {step}", "asked_at": monday + at * day + 600 * user + 9 * step}
                    drawn = {"arm": arm, "propensity": 0.5} if step == 0 else {}
                    file.write(
                        json.dumps({"schema": "probatum-turn/1", **own, **drawn, "text": text, "response": response}) + "\n"
                    )
    run("import", "log.jsonl", "--to", "conv")

    told = json.loads(run("monitor", "conv", "--json"))
    assert [(one["begins"], one["arm"], one["users"]) for one in told["weeks"]] == [
        ("2026-01-05", "", 60), ("2026-01-05", "treated", 30), ("2026-01-05", "holdout", 30),
    ]  # fmt: skip  # a table
    every, treated, held_out = told["weeks"]
    assert treated["high"] < held_out["low"]
    assert treated["rate"] < every["rate"] < held_out["rate"]
    said = run("monitor", "conv")
    assert "no rewrite is on trial or in use" in said
    assert "week of 2026-01-05  all " in said
    assert "2026-01-12" not in said
    assert "no week of these logs is over" in run("monitor", "conv", "--until", "2026-01-09")
