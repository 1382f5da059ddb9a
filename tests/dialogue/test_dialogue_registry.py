"""Rewrites go where their evidence takes them, and nowhere else; what happened is on record and cannot be changed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probatum.dialogue.service.registry import Fixed, NotAllowed, Passed, Person, Registry
from probatum.errors import StateError
from probatum.stats.arms import StopLoss
from probatum.stats.win_loss import win_loss
from probatum.store.journal import DamagedJournal, Journal

DAY = 86400.0
PASSED = Passed(40, ("catalogue",))
SHIPS = win_loss(50, 2).estimate("share of wins")
HARMLESS = win_loss(12, 1).estimate("share of wins")


def harm(users: int = 60) -> Any:
    stop = StopLoss()
    for n in range(users):
        stop.add(float(n % 2), treated=bool(n % 2), probability=0.5)
    return stop.estimate("harm")


def registry(folder: Path) -> Registry:
    return Registry(folder / "rewrites.jsonl")


def at_state(own: Registry, state: str, source: str = "garbage door") -> str:
    name = own.propose(source, f"{source} please", at=0.0)
    for to, evidence in (("shadow", PASSED), ("canary", HARMLESS), ("active", SHIPS)):
        if own.rewrites()[name].state == state:
            break
        own.move(name, to, at=1.0, evidence=evidence)
    return name


def test_a_rewrite_becomes_active_with_the_evidence_of_each_step(tmp_path: Path) -> None:
    own = registry(tmp_path)

    name = at_state(own, "active")

    again = registry(tmp_path)
    assert again.rewrites("active")[name].target == "garbage door please"
    assert [entry["to"] for entry in again.history(name)] == ["candidate", "shadow", "canary", "active"]
    assert again.history(name)[1]["evidence"] == {"kind": "guards", "users": 40, "unasked": ["catalogue"]}
    assert again.history(name)[3]["evidence"]["counts"] == {"wins": 50, "losses": 2}
    assert again.digest == own.digest


@pytest.mark.parametrize(
    ("state", "to", "evidence", "why"),
    [
        ("candidate", "shadow", None, "guards"),
        ("candidate", "active", SHIPS, "cannot become"),
        ("shadow", "canary", None, "wins and losses"),
        ("shadow", "canary", win_loss(4, 1).estimate("w"), "more than 0.5"),
        ("canary", "active", HARMLESS, "more than 0.75"),
        ("canary", "active", replace(SHIPS, low=0.99), "refuted"),
        ("canary", "active", replace(SHIPS, counts={"wins": 500, "losses": 2}), "refuted"),
        ("canary", "active", win_loss(50, 2, confidence=0.9).estimate("w"), "confidence"),
        ("canary", "active", Person("ada", "I like it"), "wins and losses"),
        ("active", "blocked", None, "harm"),
        ("active", "blocked", harm(4), "e-value"),
        ("active", "blocked", Person("", ""), "who they are"),
        ("active", "blocked", Fixed(5.0, 30, 29.0, 30), "better"),
        ("active", "retired", Fixed(5.0, 5, 0.0, 30), "20 users"),
        ("active", "canary", SHIPS, "cannot become"),
    ],
)
def test_without_the_evidence_of_a_step_nothing_changes(tmp_path: Path, state: str, to: Any, evidence: Any, why: str) -> None:
    own = registry(tmp_path)
    name = at_state(own, state)
    before = own.digest

    with pytest.raises(NotAllowed, match=why):
        own.move(name, to, at=2.0, evidence=evidence)

    assert registry(tmp_path).digest == before


@pytest.mark.parametrize("evidence", [harm(), Fixed(28.0, 30, 27.0, 30), Person("ada", "a user complained")])
def test_a_rewrite_is_blocked_at_once_and_comes_back_after_its_cool_down(tmp_path: Path, evidence: Any) -> None:
    own = registry(tmp_path)
    name = at_state(own, "active")

    own.move(name, "blocked", at=10 * DAY, evidence=evidence)

    with pytest.raises(NotAllowed, match="89 days"):
        own.move(name, "candidate", at=11 * DAY)
    own.move(name, "candidate", at=101 * DAY)
    assert own.rewrites()[name].state == "candidate"


def test_what_is_retired_is_final(tmp_path: Path) -> None:
    own = registry(tmp_path)
    name = at_state(own, "shadow")
    own.move(name, "retired", at=3.0, evidence=Person("ada", "not needed"))

    with pytest.raises(NotAllowed, match="retired"):
        own.move(name, "candidate", at=9e9)
    with pytest.raises(NotAllowed, match="no rewrite"):
        own.move("0" * 16, "shadow", at=4.0, evidence=PASSED)


def test_rewrites_have_depth_one(tmp_path: Path) -> None:
    own = registry(tmp_path)
    first = own.propose("a", "b", at=0.0)

    for source, target in (("a", "c"), ("b", "c"), ("c", "a"), ("a", "b")):
        with pytest.raises(NotAllowed):
            own.propose(source, target, at=1.0)

    own.propose("c", "b", at=1.0)
    own.propose("b", "c", at=1.0, scope="user:ann")
    own.move(first, "retired", at=2.0, evidence=Person("ada", "not needed"))
    own.propose("a", "d", at=3.0)
    assert len(own.rewrites("candidate")) == 3


def test_canaries_are_shipped_together(tmp_path: Path) -> None:
    """With e-values of 24 and less against twenty for one, but forty for the better of two, neither is shipped alone."""
    own = registry(tmp_path)
    good, fair, bad = (at_state(own, "canary", source) for source in ("one", "two", "three"))

    assert own.ship({good: (24, 1), fair: (10, 1), bad: (3, 3)}, at=5.0) == ()
    assert own.ship({good: (60, 2), fair: (24, 1), bad: (3, 3)}, at=6.0) == (good,)
    assert own.ship({good: (90, 2), fair: (60, 2)}, at=7.0) == (fair,)
    assert set(own.rewrites("active")) == {good, fair}


def test_forgetting_a_user_leaves_what_would_be_there_without_them(tmp_path: Path) -> None:
    own, other = Registry(tmp_path / "with"), Registry(tmp_path / "without")
    for registry_ in (own, other):
        at_state(registry_, "canary", "one")
    own.propose("my lamp", "the lamp", at=1.0, scope="user:ann")
    for registry_ in (own, other):
        at_state(registry_, "shadow", "two")

    assert own.forget("user:ann") == 1
    assert own.forget("user:ann") == 0

    assert (tmp_path / "with").read_bytes() == (tmp_path / "without").read_bytes()
    with pytest.raises(NotAllowed):
        own.forget("global")


def test_an_entry_that_was_altered_is_found(tmp_path: Path) -> None:
    own = registry(tmp_path)
    at_state(own, "active")
    lines = own.path.read_bytes().splitlines(keepends=True)

    for damaged, line in (
        ([*lines[:2], lines[2].replace(b'"wins":12', b'"wins":13'), lines[3]], 3),
        ([lines[0], *lines[2:]], 2),
        ([lines[1], lines[0], *lines[2:]], 1),
        ([lines[0], b"\xff\x00junk\n", *lines[1:]], 2),
        ([lines[0], b"[" * 100_000 + b"\n"], 2),
    ):
        own.path.write_bytes(b"".join(damaged))
        with pytest.raises(DamagedJournal, match=f"line {line} "):
            registry(tmp_path)


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_what_a_crash_left_of_the_last_entry_is_dropped(tmp_path: Path, cut: int) -> None:
    own = registry(tmp_path)
    name = at_state(own, "canary")
    whole = own.path.read_bytes()
    own.path.write_bytes(whole[:-cut])

    again = registry(tmp_path)

    assert again.rewrites()[name].state == "shadow"
    again.move(name, "canary", at=1.0, evidence=HARMLESS)
    assert own.path.read_bytes() == whole


def test_two_processes_see_what_each_other_wrote(tmp_path: Path) -> None:
    one, other = registry(tmp_path), registry(tmp_path)
    name = one.propose("a", "b", at=0.0)

    with pytest.raises(NotAllowed):
        other.propose("a", "b", at=0.0)
    other.move(name, "shadow", at=1.0, evidence=PASSED)
    with pytest.raises(NotAllowed):
        one.move(name, "shadow", at=1.0, evidence=PASSED)

    assert one.digest == other.digest


def test_a_journal_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StateError):
        Journal(tmp_path / "file" / "journal").append({"a": 1})


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)), max_size=4
    )
)
def test_a_journal_reads_what_it_wrote(tmp_path: Path, entries: list[dict[str, Any]]) -> None:
    entries = [{name: value for name, value in entry.items() if name not in ("digest", "before")} for entry in entries]
    (tmp_path / "j").unlink(missing_ok=True)
    journal = Journal(tmp_path / "j")

    for entry in entries:
        journal.append(entry)

    assert Journal(tmp_path / "j").entries == json.loads(json.dumps(entries))
