"""What logs say of rewrites, and the steps that follow."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from probatum.dialogue.semantics.exposures import Exposure, exposures
from probatum.dialogue.service.monitoring import Seen, looked_for, monitor, steps
from probatum.dialogue.service.registry import LOSSES, RECOVERY, NotAllowed, Passed, Registry
from probatum.stats.win_loss import win_loss

pytest.importorskip("scipy")
SOURCE, TARGET = "open the garbage door", "open the garage door"


def seen(user: int, *, arm: str = "", good: float = 0.0, ended: str = TARGET, ended_good: float = 1.0, **more: Any) -> Exposure:
    own = {
        "user": f"u{user}",
        "source": SOURCE,
        "text": SOURCE,
        "became": TARGET if arm == "treated" else "",
        "rewrite": "",
        "arm": arm,
        "propensity": more.pop("propensity", 0.5) if arm else None,
        "good": good,
        "ended": ended,
        "ended_good": ended_good,
        "at": 100.0 + user,
    }
    return Exposure(**{**own, **more})


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    made = Registry(tmp_path / "registry.jsonl")
    made.move(made.propose(SOURCE, TARGET, at=10.0), "shadow", at=50.0, evidence=Passed(30))
    return made


def only(registry: Registry) -> Any:
    [one] = registry.rewrites().values()
    return one


def test_wins_losses_and_ties_are_of_those_without_the_rewrite(registry: Registry) -> None:
    found = monitor(
        registry.rewrites().values(),
        [
            seen(1),
            seen(2, good=0.9, ended=SOURCE),
            seen(3, ended="something else"),
            seen(4, ended_good=0.5),
            seen(5, arm="treated", good=1.0, ended=SOURCE),
            seen(6, at=49.0),
        ],
    )
    [one] = found.values()

    assert (one.wins, one.losses, one.ties) == (1, 1, 2)
    assert one.watch.treated.users == 0  # nobody is drawn for what is in shadow


def test_what_helps_goes_on_step_by_step_and_only_when_asked_to(registry: Registry) -> None:
    helped = [seen(user) for user in range(60)]
    found = monitor(registry.rewrites().values(), helped)
    [step] = steps(registry, found, at=200.0, take=False)
    assert (step.to, step.why, only(registry).state) == ("canary", "60 wins and 0 losses", "shadow")

    steps(registry, found, at=200.0, take=True)
    assert only(registry).state == "canary"
    assert steps(registry, monitor(registry.rewrites().values(), helped), at=300.0, take=True) == []  # nothing new since

    later = [seen(user, at=201.0 + user, arm="holdout") for user in range(60)]
    [step] = steps(registry, monitor(registry.rewrites().values(), later), at=300.0, take=True)
    assert step.to == "active"
    assert only(registry).state == "active"


def test_what_loses_more_often_than_it_wins_is_stopped(registry: Registry) -> None:
    lost = monitor(registry.rewrites().values(), [seen(user, good=0.9 if user % 4 else 0.0) for user in range(60)])
    [step] = steps(registry, lost, at=200.0, take=True)

    assert (step.to, only(registry).state) == ("blocked", "blocked")
    assert step.why.startswith("share of losses: 75%, at least ")
    assert steps(registry, {}, at=300.0, take=True) == []


def test_losses_that_chance_may_explain_stop_nothing(registry: Registry) -> None:
    even = monitor(registry.rewrites().values(), [seen(user, good=0.9 if user % 9 > 3 else 0.0) for user in range(60)])

    assert steps(registry, even, at=200.0, take=False) == []


@pytest.mark.parametrize(("failed", "stopped"), [(40, True), (25, False)])
def test_wrong_actions_in_place_of_refusals_stop_them(tmp_path: Path, failed: int, *, stopped: bool) -> None:
    own = Registry(tmp_path / "refused.jsonl")
    own.propose(RECOVERY.source, RECOVERY.target, at=10.0, scope=RECOVERY.scope)
    own.move(RECOVERY.identifier, "shadow", at=50.0, evidence=Passed(30))
    one = Seen(only(own), worked=15, failed=failed)

    found = steps(own, {RECOVERY.identifier: one}, at=200.0, take=True)

    assert one.harmful == stopped
    assert [step.to for step in found] == (["blocked"] if stopped else [])
    assert only(own).state == ("blocked" if stopped else "shadow")


def test_refused_requests_go_on_by_what_was_done(tmp_path: Path) -> None:
    own = Registry(tmp_path / "refused.jsonl")
    own.propose(RECOVERY.source, RECOVERY.target, at=10.0, scope=RECOVERY.scope)
    own.move(RECOVERY.identifier, "shadow", at=50.0, evidence=Passed(30))

    foretold = Seen(only(own), wins=80, losses=30, worked=0, failed=0)
    assert [step.to for step in steps(own, {RECOVERY.identifier: foretold}, at=100.0, take=True)] == ["canary"]
    unseen = Seen(only(own), wins=800, losses=3, worked=0, failed=0)
    assert steps(own, {RECOVERY.identifier: unseen}, at=200.0, take=True) == []
    done = Seen(only(own), wins=80, losses=60, worked=80, failed=4)
    [step] = steps(own, {RECOVERY.identifier: done}, at=300.0, take=True)
    assert (step.to, step.why, only(own).state) == ("active", "80 wins and 4 losses", "active")


def test_losses_are_no_reason_to_go_on_and_few_none_to_stop(registry: Registry) -> None:
    name = only(registry).identifier
    lost = win_loss(60, 0).estimate(LOSSES)

    with pytest.raises(NotAllowed, match="it takes wins and losses"):
        registry.move(name, "canary", at=200.0, evidence=lost)
    with pytest.raises(NotAllowed, match=r"the share of losses is not shown to be above 0\.5"):
        registry.move(name, "blocked", at=200.0, evidence=win_loss(30, 30).estimate(LOSSES))
    with pytest.raises(NotAllowed, match="it takes harm that was shown"):
        registry.move(name, "blocked", at=200.0, evidence=win_loss(60, 0).estimate("share of wins"))
    registry.move(name, "blocked", at=200.0, evidence=lost)
    assert only(registry).state == "blocked"


def test_a_template_wins_where_its_target_was_said_of_the_same_thing(tmp_path: Path) -> None:
    own = Registry(tmp_path / "templates.jsonl")
    own.move(own.propose("fire up *", "turn on *", at=10.0), "shadow", at=50.0, evidence=Passed(30))
    said = [("fire up the fan", "turn on the fan"), ("fire up the oven", "turn on the fan"), ("fire up the tv", "turn on the tv")]
    [one] = monitor(
        own.rewrites().values(), [seen(n, source="fire up *", text=text, ended=ended) for n, (text, ended) in enumerate(said)]
    ).values()

    assert (one.wins, one.losses, one.ties) == (2, 0, 1)
    assert one.rewrite.applied("what time is it") == "what time is it"


def test_what_helps_too_seldom_stays(registry: Registry) -> None:
    mixed = [seen(user) if user % 2 else seen(user, good=1.0, ended=SOURCE) for user in range(60)]

    assert steps(registry, monitor(registry.rewrites().values(), mixed), at=200.0, take=True) == []


def canary(registry: Registry) -> None:
    steps(registry, monitor(registry.rewrites().values(), [seen(user) for user in range(60)]), at=200.0, take=True)


def test_a_draw_for_another_rewrite_says_nothing(registry: Registry) -> None:
    canary(registry)
    [name] = registry.rewrites()
    drawn = [seen(n, at=300.0 + n, arm="treated", rewrite=own) for n, own in enumerate([name, "another", ""])]
    [one] = monitor(registry.rewrites().values(), drawn).values()

    assert one.watch.treated.users == 2


def test_what_harms_is_stopped(registry: Registry) -> None:
    canary(registry)
    rng = random.Random(1)
    drawn = []
    for user in range(120):
        arm = rng.choice(["treated", "holdout"])
        good = float(rng.random() < (0.1 if arm == "treated" else 0.8))
        drawn.append(seen(user, arm=arm, good=good, ended=SOURCE, at=201.0 + user))
    [step] = steps(registry, monitor(registry.rewrites().values(), drawn), at=400.0, take=True)

    assert step.to == "blocked"
    assert "it harms: e-value" in step.why
    assert only(registry).state == "blocked"


def test_what_works_by_itself_by_now_is_stopped(registry: Registry) -> None:
    canary(registry)
    arms = ["treated" if user % 2 else "holdout" for user in range(100)]
    drawn = [
        seen(user, arm=arm, good=float(arm == "holdout" or user % 3 > 0), ended=SOURCE, at=201.0 + user)
        for user, arm in enumerate(arms)
    ]
    found = steps(registry, monitor(registry.rewrites().values(), drawn), at=400.0, take=True)

    assert [step.to for step in found] == ["blocked"]


def test_harmless_rewrites_are_seldom_stopped(tmp_path: Path) -> None:
    """Without any effect, the alarm goes off in at most a tenth of all cases."""
    alarms = 0
    for seed in range(60):
        own = Registry(tmp_path / f"{seed}.jsonl")
        own.move(own.propose(SOURCE, TARGET, at=10.0), "shadow", at=50.0, evidence=Passed(30))
        canary(own)
        rng = random.Random(seed)
        drawn = [
            seen(user, arm=rng.choice(["treated", "holdout"]), good=float(rng.random() < 0.3), at=201.0 + user)
            for user in range(80)
        ]
        [one] = monitor(own.rewrites().values(), drawn).values()
        alarms += one.watch.harmful
    assert alarms <= 12  # 0.1 of 60 with twice the room


def test_texts_are_looked_for_since_the_last_step(registry: Registry) -> None:
    assert looked_for(registry.rewrites().values()) == [(SOURCE, 50.0)]


@pytest.mark.slow  # stores a log and asks a database
def test_only_the_first_request_of_a_user_counts(tmp_path: Path) -> None:
    from plain_turns import stored

    from probatum.dialogue.model.learning import judged_goals

    start = 1_767_225_600.0

    def turn(user: int, at: float, text: str, response: str, **more: Any) -> dict[str, Any]:
        own = {"conversation": f"c{user} {at}", "user": f"u{user}", "device": f"d{user}", "asked_at": start + at}
        return {**own, "answered_at": start + at + 1, "text": text, "response": response, **more}

    turns = []
    for user in range(30):
        turns += [
            turn(user, 0, SOURCE, "Sorry, I didn't understand that"),
            turn(user, 10, TARGET, "Done"),
            turn(user, 5000, SOURCE, "Done", rewritten=TARGET, arm="treated", propensity=0.5),
        ]
    with stored(tmp_path, turns) as conversations:
        table, until = judged_goals(conversations)
        first = exposures(conversations, table, [(SOURCE, start - 1)])
        later = exposures(conversations, table, [(SOURCE, start + 100)])
        none = exposures(conversations, table, [])

    assert until == "2026-01-02"
    assert len(first) == len(later) == 30
    assert {(e.text, e.became, e.arm, e.good, e.ended) for e in first} == {(SOURCE, "", "", 0.0, TARGET)}
    assert all(e.ended_good > 0.8 for e in first)
    assert {(e.became, e.arm, e.propensity, e.ended) for e in later} == {(TARGET, "treated", 0.5, SOURCE)}
    assert none == []
