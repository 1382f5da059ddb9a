"""The simulated world: it is the same each time, what is said to be true is what runs show, and chance is as it is said to be."""

import itertools
from collections import Counter
from dataclasses import replace

import pytest
from simulated import SMALL, made, world

from probatum.stats.bounds import clopper_pearson
from probatum.synth.dialogue import catalogue
from probatum.synth.dialogue.online import Decision, Table
from probatum.synth.dialogue.parameters import Reactions, Traps
from probatum.synth.dialogue.simulation import Simulation

pytest.importorskip("rapidfuzz")
pytestmark = pytest.mark.slow  # a world is made in seconds
ORDINARY = {"burst", "advert", "false wake"}


def test_the_same_parameters_make_the_same_log():
    assert tuple(Simulation(SMALL).run()) == made()


def test_another_seed_makes_another_log():
    assert next(Simulation(replace(SMALL, seed=1)).run()) != made()[0]


def test_days_can_be_made_alone_and_stand_in_order():
    days = [list(world().run(day, day + 1)) for day in range(SMALL.days)]

    assert [one for day in reversed(days) for one in day] != list(made())
    assert [one for day in days for one in day] == list(made())
    for day in days:
        times = [turn.asked_at for turn, _ in day]
        assert times == sorted(times)


def test_each_turn_has_a_truth_and_a_place_of_its_own():
    places = Counter((turn.conversation, turn.position) for turn, _ in made())

    assert set(places.values()) == {1}
    assert all((turn.conversation, turn.position) == (truth.conversation, truth.position) for turn, truth in made())


def test_what_is_wanted_is_done_where_the_truth_is_good():
    """The log itself bears the truth out: no stage of a turn that went well says that it failed, and it acted."""
    for turn, truth in made():
        if truth.outcome == "good":
            assert all(stage.ok for stage in turn.stages)
            assert turn.stages[-1].name == "result"
            assert not (truth.first_unrepaired)
            assert not (truth.least_repair)
            assert not (truth.wrong)
        if truth.outcome == "bad":
            assert truth.first_unrepaired
            assert truth.least_repair


def test_best_words_bring_about_what_was_wanted():
    assistant = world()._exchange.before
    users = {user.name: user for user in world().users}
    known = 0
    for turn, truth in made():
        if truth.best and truth.outcome == "bad" and truth.wish[0] not in ("film", "play"):
            user = users[turn.user]
            run = assistant.run(truth.best, user.home, dict(turn.context)["room"])
            assert run.effect is not None
            known += 1
    assert known > 20


def test_failures_happen_at_every_stage():
    assert {truth.least_repair for _, truth in made()} >= {"", "wake", "recognition", "understanding", "resolution", "result"}


@pytest.mark.parametrize(
    ("of", "when", "rate"),
    [
        (lambda turn, truth: turn.interrupted_ms is not None, "good", SMALL.reactions.interrupted[1]),
        (lambda turn, truth: bool(turn.signals), "good", SMALL.reactions.thumbs[1]),
        (lambda turn, truth: truth.reaction == "thank", "good", SMALL.reactions.thanked[1]),
    ],
)
def test_reactions_are_as_frequent_as_the_parameters_say(of, when, rate):
    turns = [(turn, truth) for turn, truth in made() if truth.outcome == when]
    bound = clopper_pearson(sum(of(turn, truth) for turn, truth in turns), len(turns), confidence=0.999)

    assert bound.low <= rate <= bound.high


def test_users_who_are_interrupted_by_nothing_never_interrupt():
    quiet = replace(SMALL, days=3, reactions=Reactions(interrupted=(0.0, 0.0), thumbs=(0.0, 0.0), stopped=0.0))

    turns = list(Simulation(quiet).run())

    assert all(turn.interrupted_ms is None and not turn.signals for turn, _ in turns)
    assert not any(truth.reaction == "stop" for _, truth in turns)


def test_tries_at_a_wish_follow_each_other():
    """The goal of the truth has attempts 0, 1, 2 ... of one user at one wish, each after a failure or what seemed one."""
    goals = {}
    for turn, truth in made():
        if truth.outcome != "aside" and not ORDINARY & set(truth.marks):
            goals.setdefault(truth.goal, []).append((turn, truth))
    again = 0
    for tries in goals.values():
        assert [truth.attempt for _, truth in tries] == list(range(len(tries)))
        assert len({(turn.user, truth.wish) for turn, truth in tries}) == 1
        assert all(truth.reaction in ("repeat", "rephrase", "correct") for _, truth in tries[:-1])
        assert all(truth.outcome != "good" for _, truth in tries[:-1])
        again += len(tries) > 1
    assert again > 50


def test_secrets_are_said_by_their_users_alone():
    secrets = world().secrets
    assert len(secrets) == SMALL.traps.canaries
    said = Counter()
    for turn, truth in made():
        for secret, user in secrets.items():
            for word in secret.split():
                heard = [turn.text, turn.response, *(h.text for h in turn.hypotheses), truth.said, turn.rewritten]
                if any(word in text.split() for text in heard):
                    assert turn.user == user
                    said[secret] += 1
    assert said


def test_traps_are_there():
    """Each pair that misleads is walked by somebody, and for somebody the first was right, or nothing was."""
    said = [(turn.user, truth) for turn, truth in made() if truth.wish or "settled" in truth.marks]
    walked = set()
    for (user, one), (other, then) in itertools.pairwise(sorted(said, key=lambda pair: pair[0])):
        if user == other:
            walked.add((one.said, then.said))
    kinds = {trap.kind for trap in world().traps if (trap.said, trap.then) in walked}

    assert {"settled", "burst"} <= kinds


def test_bursts_come_from_one_household_in_minutes():
    turns = [turn for turn, truth in made() if "burst" in truth.marks]

    assert len(turns) == SMALL.traps.bursts * SMALL.traps.accounts * 2
    for household in {turn.household for turn in turns}:
        times = [turn.asked_at for turn in turns if turn.household == household]
        assert max(times) - min(times) < 600
        assert len({turn.user for turn in turns if turn.household == household}) == SMALL.traps.accounts


def test_a_television_wakes_many_at_once():
    turns = [(turn, truth) for turn, truth in made() if "advert" in truth.marks]

    assert turns
    assert all(truth.first_unrepaired == "wake" for _, truth in turns)
    assert max(turn.asked_at for turn, _ in turns) - min(turn.asked_at for turn, _ in turns) < 10


def test_a_new_title_is_asked_for_before_it_can_be_played():
    parameters = replace(SMALL, users=40, days=10, traps=Traps(new_title=0.5, outage=(0.0, 0.0, 0.0)))
    by = {True: Counter(), False: Counter()}
    for turn, truth in made(parameters):
        if catalogue.NEW_TITLE in truth.wish and turn.text == truth.said:
            day = int((turn.asked_at - parameters.begins) // 86_400)
            assert parameters.part(day) >= parameters.traps.released - 0.11
            by[parameters.part(day) >= parameters.traps.listed][truth.outcome] += 1

    assert by[False]["bad"]
    assert not by[False]["good"]
    assert by[True]["good"] > by[True]["bad"]


class Keep:
    """A policy that rewrites nothing."""

    version = "keep"

    def __call__(self, request):
        return Decision(request.text)


def test_a_policy_that_keeps_everything_changes_nothing():
    kept = [(replace(turn, policy="", arm="", propensity=None), truth) for turn, truth in world().run(0, 2, Keep())]

    assert kept == list(world().run(0, 2))


def test_a_rewrite_acts_on_the_traffic_and_the_truth_says_what_it_did():
    failing = Counter((turn.text, truth.best) for turn, truth in made() if truth.outcome == "bad" and truth.best and turn.text)
    table = Table(version="p1", everyone=dict(pair for pair, _ in failing.most_common(30)), held_out=0.3)

    turns = list(world().run(0, SMALL.days, table))

    assert {turn.policy for turn, _ in turns} == {"p1"}
    treated = [(turn, truth) for turn, truth in turns if turn.rewritten]
    assert treated
    assert all(turn.arm == "treated" and truth.without for turn, truth in treated)
    wins = sum(truth.without == "bad" and truth.outcome == "good" for _, truth in treated)
    losses = sum(truth.without == "good" and truth.outcome != "good" for _, truth in treated)
    assert wins > losses
    held = [turn for turn, _ in turns if turn.arm == "holdout"]
    assert held
    assert not any(turn.rewritten for turn in held)
    assert {turn.propensity for turn in held} == {0.3}
    # The same user is held out of the same rewrite on every day.
    arms = {}
    for turn, _ in turns:
        if turn.arm in ("treated", "holdout"):
            assert arms.setdefault((turn.user, turn.text), turn.arm) == turn.arm


def test_a_harmful_rewrite_is_seen_to_harm():
    good = Counter(turn.text for turn, truth in made() if truth.outcome == "good").most_common(1)[0][0]
    table = Table(version="bad", everyone={good: "what time is it in the attic of the moon"}, held_out=0.0)

    losses = [truth for turn, truth in world().run(0, SMALL.days, table) if turn.rewritten]

    assert losses
    assert {truth.least_repair for truth in losses if truth.without == "good"} == {"rewriting"}
