"""What many do about different things in the same way becomes one rewrite, and what one person said is in none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from probatum.dialogue.model.generalising import Generalised, generalise, implied
from probatum.dialogue.model.guards import Asked, Limits
from probatum.dialogue.model.options import Known, Link, links_of
from probatum.dialogue.semantics.templates import Templates

pytest.importorskip("duckdb")
pytest.importorskip("scipy")
pytestmark = pytest.mark.slow  # each stores a log and asks a database
UNTIL = "2026-02-01"
THINGS = ["kitchen lamp", "hall lamp", "desk fan", "porch light", "heater", "radio", "pump", "tv", "stove", "bell"]


def goal(user: int, *said: str, well: float = 1.0, thing: str = "") -> list[dict[str, Any]]:
    return [
        {
            "user": f"u{user}", "household": f"h{user}", "text": text.replace("*", thing or THINGS[user % len(THINGS)]),
            "goal": f"{user}-{said[0]}", "position": at, "day": 1 + (7 * (user % 4)), "good": well if at == len(said) - 1 else 0.0,
        }
        for at, text in enumerate(said)
    ]  # fmt: skip


def generalised(folder: Path, rows: list[dict[str, Any]], **limits: int) -> Generalised:
    from plain_turns import stored

    turns = [
        {
            "conversation": f"c{n}",
            "text": row["text"],
            "intent": "HassTurnOn",
            "asked_at": 1_767_225_600.0 + 86400 * row["day"] + n,
        }
        for n, row in enumerate(rows)
    ]
    with stored(folder, turns) as conversations:
        conversations.keep(
            "made_goals",
            """select cast('0x' || t.turn_id as ubigint) as turn, 0::ubigint as session, hash(g.user) as person, hash(g.household) as home,
                      hash(g.goal) as goal, g.position, t.asked_at, t.text_id, g.rewritten, 1.0 as importance, g.p_good
               from (select unnest($users::varchar[]) as user, unnest($households::varchar[]) as household,
                       unnest($goals::varchar[]) as goal, unnest($positions::bigint[]) as position, unnest($good::double[]) as p_good,
                       unnest($numbers::bigint[]) as number, unnest($rewritten::boolean[]) as rewritten) g
               join (select *, row_number() over (order by asked_at) - 1 as number from {turns}) t using (number)""",
            users=[row["user"] for row in rows],
            households=[row["household"] for row in rows],
            goals=[row["goal"] for row in rows],
            positions=[row["position"] for row in rows],
            good=[row["good"] for row in rows],
            rewritten=[row.get("rewritten", False) for row in rows],
            numbers=[sum(turn["asked_at"] < own["asked_at"] for turn in turns) for own in turns],
        )
        return generalise(conversations, "made_goals", until=UNTIL, limits=Limits(**{"log_weeks": 4, **limits}), asked=Asked())


def helped(users: range) -> list[dict[str, Any]]:
    return [row for user in users for row in goal(user, "fire up the *", "turn on the *")]


def test_who_says_it_of_different_things_supports_one_rewrite(tmp_path: Path) -> None:
    found = generalised(tmp_path, helped(range(40)))

    [one] = found.candidates
    assert (one.pair.source, one.pair.target) == ("fire up *", "turn on *")
    assert (one.pair.users, one.pair.households, one.pair.source_direct, one.pair.source_tried) == (40, 40, 0.0, 40)
    assert one.texts == len(THINGS)
    assert (one.pair.weeks, one.pair.hours) == (4, 4)
    assert found.known == {"fire up *": Known(0.0, 40), "turn on *": Known(40.0, 40)}


def test_fewer_users_or_a_source_that_works_support_none(tmp_path: Path) -> None:
    few, fine = tmp_path / "few", tmp_path / "fine"
    few.mkdir()
    fine.mkdir()
    assert generalised(few, helped(range(19))).candidates == []
    works = [row for user in range(100, 400) for row in goal(user, "fire up the *")]
    found = generalised(fine, [*helped(range(40)), *works])
    assert found.candidates == []
    assert found.refused["improvement"] > 0


def test_one_text_said_by_many_is_no_template(tmp_path: Path) -> None:
    rows = [row for user in range(40) for row in goal(user, "fire up the *", "turn on the *", thing="lamp")]

    assert generalised(tmp_path, rows).candidates == []


def test_no_word_of_fewer_users_is_in_any_template(tmp_path: Path) -> None:
    secret = [row for user in range(200, 205) for row in goal(user, "zorba vexo the *", "turn on the *")]
    found = generalised(tmp_path, [*helped(range(40)), *secret])

    assert found.candidates
    assert not any("zorba" in text for text in [*found.known, *(one.pair.source for one in found.candidates)])


def test_a_pair_that_a_template_makes_is_implied() -> None:
    by = {"fire up *": "turn on *"}

    assert implied(("fire up the lamp", "turn on the lamp"), by)
    assert implied(("fire up the *", "turn on the *"), by)
    assert not implied(("fire up the lamp", "turn off the lamp"), by)
    assert not implied(("light the lamp", "turn on the lamp"), by)


def test_a_link_of_a_template_is_filled_and_a_text_goes_before_it() -> None:
    links = {"fire up *": (Link("turn on *", 0.9, "t"),), "fire up the oven": (Link("heat the oven", 0.9, "o"),)}

    assert links_of("fire up the fan", lambda text: links.get(text, ()), Templates({"fire up *"})) == (
        Link("turn on the fan", 0.9, "t"),
    )
    assert links_of("fire up the oven", lambda text: links.get(text, ()), Templates({"fire up *"})) == (
        Link("heat the oven", 0.9, "o"),
    )
    assert links_of("light the fan", lambda text: links.get(text, ()), Templates({"fire up *"})) == ()


def test_who_said_it_again_and_was_rewritten_then_is_not_counted(tmp_path: Path) -> None:
    again = goal(50, "fire up the *", "fire up the *")
    again[1]["rewritten"] = True

    found = generalised(tmp_path, [*helped(range(40)), *again])

    assert found.known["fire up *"] == Known(0.0, 40)
