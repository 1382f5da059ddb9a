"""Decisions at any time are wrong as seldom as they promise, and their evidence is confirmed by other means."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.evidence import Estimate, from_json
from probatum.stats.arms import Effect, StopLoss
from probatum.stats.e_values import e_bh, log_mean
from probatum.stats.off_policy import CannotBeEvaluated, Decision, evaluate
from probatum.stats.recheck import mean_sequence_sums, recheck
from probatum.stats.sequences import MeanSequence
from probatum.stats.win_loss import log_e_value, win_loss


def stored(estimate: Estimate) -> Estimate:
    again = from_json(estimate.to_json())
    assert isinstance(again, Estimate)
    return again


def at_most(times: int, repetitions: int, rate: float) -> bool:
    """Whether so many errors do not refute, in a one-sided exact test at 1 %, that they have at most that rate."""
    tail = math.fsum(
        math.exp(
            math.lgamma(repetitions + 1)
            - math.lgamma(k + 1)
            - math.lgamma(repetitions - k + 1)
            + k * math.log(rate)
            + (repetitions - k) * math.log1p(-rate)
        )
        for k in range(times, repetitions + 1)
    )
    return tail >= 0.01


def test_e_values_are_those_of_the_formula() -> None:
    """Against numbers that were computed by the incomplete beta function elsewhere."""
    assert math.exp(log_e_value(24, 1, at_most=0.75)) == pytest.approx(24.4, abs=0.05)
    assert log_e_value(0, 0, at_most=0.3) == 0
    assert log_e_value(1, 0, at_most=0.5) == pytest.approx(math.log(1.5))  # the mean of p / p0 over (1/2, 1)
    for wins, losses in ((17, 0), (85, 10)):
        low = win_loss(wins, losses).low
        assert low is not None
        assert low / (1 - low) >= {17: 3.36, 85: 3.6}[wins]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.05, 0.95))
def test_an_e_value_is_the_integral_of_a_likelihood_ratio(wins: int, losses: int, p0: float) -> None:
    steps = 4000
    mean = (
        math.fsum(
            math.exp(wins * math.log(p / p0) + losses * math.log((1 - p) / (1 - p0)))
            for p in (p0 + (1 - p0) * (k + 0.5) / steps for k in range(steps))
        )
        / steps
    )

    assert math.exp(log_e_value(wins, losses, at_most=p0)) == pytest.approx(mean, rel=2e-3)


@given(st.integers(0, 300), st.integers(0, 300), st.floats(0.02, 0.9), st.floats(0.01, 0.09))
def test_an_e_value_falls_as_more_is_granted(wins: int, losses: int, p0: float, more: float) -> None:
    assert log_e_value(wins, losses, at_most=p0 + more) <= log_e_value(wins, losses, at_most=p0) + 1e-12


def test_e_values_of_many_pairs_do_not_overflow() -> None:
    assert log_e_value(100_000, 1000, at_most=0.5) == pytest.approx(64_000, rel=0.05)
    assert log_e_value(10, 100_000, at_most=0.5) < 0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2000), st.integers(0, 300), st.floats(0.5, 0.9999))
def test_a_share_of_wins_is_confirmed_and_a_better_one_refuted(wins: int, losses: int, confidence: float) -> None:
    if wins + losses == 0:
        return
    bound = stored(win_loss(wins, losses, confidence=confidence).estimate("share of wins"))

    assert (recheck(bound).status, recheck(bound).reason) == ("confirmed", "")
    assert bound.low is not None
    if bound.low > 1e-3:
        assert recheck(replace(bound, low=min(bound.value, bound.low * 1.001 + 1e-6))).status == "refuted"


def paths(repetitions: int, length: int, share: float, seed: int, stop: Callable[[int, int], bool]) -> list[int]:
    """Return of each run of pairs how long it was when it was stopped; -1 if never."""
    generator = random.Random(seed)
    known: dict[tuple[int, int], bool] = {}
    found = []
    for _ in range(repetitions):
        wins = losses = 0
        at = -1
        for n in range(length):
            if generator.random() < share:
                wins += 1
            else:
                losses += 1
            if (wins, losses) not in known:
                known[wins, losses] = stop(wins, losses)
            if known[wins, losses]:
                at = n + 1
                break
        found.append(at)
    return found


@pytest.mark.slow  # a second or two of simulation
@pytest.mark.parametrize("p0", [0.5, 0.75])
def test_a_change_that_is_as_good_as_the_boundary_is_seldom_shipped(p0: float) -> None:
    ended = paths(400, 300, p0, 1, lambda won, lost: log_e_value(won, lost, at_most=p0) >= math.log(20))

    assert at_most(sum(n > 0 for n in ended), 400, 0.05)


@pytest.mark.long
@pytest.mark.parametrize(("p0", "alpha"), [(0.5, 0.05), (0.75, 0.05), (0.75, 0.005), (0.9, 0.05)])
def test_a_change_that_is_as_good_as_the_boundary_is_seldom_shipped_in_two_thousand_runs(p0: float, alpha: float) -> None:
    ended = paths(2000, 2000, p0, 2, lambda won, lost: log_e_value(won, lost, at_most=p0) >= -math.log(alpha))

    assert at_most(sum(n > 0 for n in ended), 2000, alpha)


@pytest.mark.slow  # a second of simulation
@pytest.mark.parametrize(("p0", "pairs"), [(0.5, 11), (0.75, 46)])
def test_a_good_change_is_shipped_after_few_pairs(p0: float, pairs: int) -> None:
    ended = sorted(paths(400, 2000, 0.895, 3, lambda won, lost: log_e_value(won, lost, at_most=p0) >= math.log(20)))

    assert ended[200] == pytest.approx(pairs, rel=0.2)


def test_many_changes_are_decided_together() -> None:
    assert e_bh([math.log(19), math.log(19)], alpha=0.05) == ()
    assert e_bh([math.log(20), math.log(20)], alpha=0.05) == (0, 1)
    assert e_bh([], alpha=0.05) == ()


def test_e_values_of_one_hypothesis_are_averaged_also_where_they_are_huge_or_nothing() -> None:
    assert log_mean([math.log(30), 0.0, math.log(5)]) == pytest.approx(math.log(12))
    assert log_mean([2000.0, -math.inf]) == pytest.approx(2000 - math.log(2))
    assert log_mean([-math.inf, -math.inf]) == -math.inf
    with pytest.raises(ValueError, match="0 e-values"):
        log_mean([])


@given(st.lists(st.floats(-5, 20), max_size=12), st.floats(0.01, 0.5))
def test_what_is_rejected_together_is_self_consistent_and_largest(logs: list[float], alpha: float) -> None:
    chosen = e_bh(logs, alpha=alpha)

    n = len(logs)
    sizes = [k for k in range(1, n + 1) if sum(one >= math.log(n / (alpha * k)) for one in logs) >= k]
    assert len(chosen) == max(sizes, default=0)
    assert all(logs[i] >= logs[j] for i in chosen for j in range(n) if j not in chosen)


def false_discoveries(repetitions: int, seed: int) -> float:
    """Return the mean share of false among shipped: ten harmless changes and five good ones, over the same users."""
    generator = random.Random(seed)
    total = 0.0
    for _ in range(repetitions):
        shared = generator.random()  # one draw of luck for all
        logs = []
        for change in range(15):
            share = 0.75 if change < 10 else 0.95
            wins = sum((generator.random() + shared) % 1 < share for _ in range(60))
            logs.append(log_e_value(wins, 60 - wins, at_most=0.75))
        shipped = e_bh(logs, alpha=0.1)
        total += sum(i < 10 for i in shipped) / max(1, len(shipped))
    return total / repetitions


@pytest.mark.slow  # a second of simulation
def test_of_what_is_shipped_together_few_are_false() -> None:
    assert false_discoveries(200, 5) <= 0.1


@pytest.mark.long
def test_of_what_is_shipped_together_few_are_false_in_two_thousand_runs() -> None:
    assert false_discoveries(2000, 6) <= 0.1


shapes: dict[str, tuple[Callable[[random.Random], float], float]] = {
    "rare": (lambda r: float(r.random() < 0.03), 0.03),
    "fair coin": (lambda r: float(r.random() < 0.5), 0.5),
    "skewed": (lambda r: r.random() ** 8, 1 / 9),
}


def ever_missed(repetitions: int, length: int, shape: str, seed: int) -> int:
    draw, truth = shapes[shape]
    generator = random.Random(f"{shape} {seed}")
    missed = 0
    for _ in range(repetitions):
        mean = MeanSequence(confidence=0.9)
        for _ in range(length):
            mean.add(draw(generator))
            reach = (math.log(20) + mean.penalty) / mean.weights
            if abs(mean.weighted / mean.weights - truth) > reach:
                missed += 1
                break
    return missed


@pytest.mark.slow  # a few seconds of simulation
@pytest.mark.parametrize("shape", shapes)
def test_a_mean_is_hardly_ever_missed(shape: str) -> None:
    assert at_most(ever_missed(200, 300, shape, 1), 200, 0.1)


@pytest.mark.long
@pytest.mark.parametrize("shape", shapes)
def test_a_mean_is_hardly_ever_missed_in_two_thousand_runs(shape: str) -> None:
    assert at_most(ever_missed(2000, 1000, shape, 2), 2000, 0.1)


values = st.lists(st.floats(-2, 3), min_size=1, max_size=60)


@given(values, st.floats(0.5, 0.999))
def test_a_sequence_is_confirmed_from_its_sums_and_its_sums_from_its_values(seen: list[float], confidence: float) -> None:
    mean = MeanSequence(lowest=-2, highest=3, confidence=confidence)
    for value in seen:
        mean.add(value)

    bound = stored(mean.bound().estimate("a mean"))

    assert recheck(bound) == recheck(stored(win_loss(3, 1).estimate("w")))
    sums = mean_sequence_sums(seen, lowest=-2, highest=3, confidence=confidence)
    assert sums == pytest.approx({name: bound.counts[name] for name in sums}, rel=1e-9, abs=1e-12)
    assert bound.low is not None
    assert bound.high is not None
    assert -2 <= bound.low <= bound.value <= bound.high <= 3
    if bound.low > -2:
        assert recheck(replace(bound, low=bound.low + 1e-4)).status == "refuted"
    if bound.high < 3:
        assert recheck(replace(bound, high=bound.high - 1e-4)).status == "refuted"


def trial(
    generator: random.Random, users: int, probability: float, treated_rate: float, control_rate: float
) -> list[tuple[float, bool]]:
    drawn = [generator.random() < probability for _ in range(users)]
    return [(float(generator.random() < (treated_rate if a else control_rate)), a) for a in drawn]


@pytest.mark.slow  # a second of simulation
@pytest.mark.parametrize("probability", [0.5, 0.95])
def test_an_effect_is_covered_and_a_large_one_is_seen(probability: float) -> None:
    generator = random.Random(11)
    missed = 0
    for _ in range(60):
        effect = Effect(rarest=min(probability, 1 - probability), confidence=0.9)
        for outcome, treated in trial(generator, 600, probability, 0.2, 0.6):
            effect.add(outcome, treated=treated, probability=probability)
        bound = effect.bound()
        missed += not bound.low <= -0.4 <= bound.high
    assert at_most(missed, 60, 0.1)
    assert recheck(stored(bound.estimate("effect"))).status == "confirmed"
    assert (bound.high < 0) == (probability == 0.5)  # a hold-out of 5 % of 600 users is thirty


def alarms(repetitions: int, users: int, probability: float, rates: tuple[float, float], seed: int) -> list[int]:
    generator = random.Random(f"{seed} {probability}")
    found = []
    for _ in range(repetitions):
        stop, at = StopLoss(), -1
        for n, (outcome, drawn) in enumerate(trial(generator, users, probability, *rates)):
            stop.add(outcome, treated=drawn, probability=probability)
            if stop.log_e_value >= math.log(10):
                at = n + 1
                break
        found.append(at)
    return found


@pytest.mark.slow  # a few seconds of simulation
@pytest.mark.parametrize("probability", [0.5, 0.95])
def test_what_does_no_harm_is_seldom_stopped_and_what_does_is(probability: float) -> None:
    assert at_most(sum(n > 0 for n in alarms(100, 200, probability, (0.3, 0.3), 1)), 100, 0.1)
    harmful = alarms(20, 2000, probability, (0.7, 0.2), 2)
    assert sum(n > 0 for n in harmful) >= 19


@pytest.mark.long
@pytest.mark.parametrize("probability", [0.5, 0.95])
@pytest.mark.parametrize("rate", [0.05, 0.5, 0.9])
def test_what_does_no_harm_is_seldom_stopped_in_two_thousand_runs(probability: float, rate: float) -> None:
    assert at_most(sum(n > 0 for n in alarms(2000, 400, probability, (rate, rate), 3)), 2000, 0.1)


users = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 1.0]), st.booleans(), st.sampled_from([0.5, 0.95])), min_size=1, max_size=40
)


@given(users, st.randoms())
def test_an_alarm_does_not_depend_on_order_and_is_confirmed(
    seen: list[tuple[float, bool, float]], shuffled: random.Random
) -> None:
    one, other = StopLoss(), StopLoss()
    for y, a, e in seen:
        one.add(y, treated=a, probability=e)
    for y, a, e in sorted(seen, key=lambda _: shuffled.random()):
        other.add(y, treated=a, probability=e)

    estimate = stored(one.estimate("harm"))

    assert one.log_e_value == pytest.approx(other.log_e_value, abs=1e-9)
    assert (recheck(estimate).status, recheck(estimate).reason) == ("confirmed", "")
    assert recheck(replace(estimate, low=estimate.value * 1.001)).status == "refuted"


def logged(generator: random.Random, users: int, *, floor: float = 0.1) -> list[Decision]:
    """Two actions; the log prefers the worse one, the new policy always takes the better, which is worth 0.7."""
    found = []
    for user in range(users):
        for _ in range(generator.randint(1, 3)):
            better = generator.random() < floor
            reward = float(generator.random() < (0.7 if better else 0.4))
            found.append(
                Decision(
                    user=f"u{user}",
                    reward=reward,
                    propensity=floor if better else 1 - floor,
                    target=float(better),
                    predicted=0.65 if better else 0.45,
                    predicted_target=0.65,
                )
            )
    return found


def uncovered(repetitions: int, users: int, seed: int, floor: float) -> tuple[int, int]:
    generator = random.Random(seed)
    inverse = robust = 0
    for _ in range(repetitions):
        found = evaluate(logged(generator, users, floor=floor), confidence=0.9)
        for which in ("inverse", "doubly_robust"):
            own = getattr(found, which)
            if not own.low <= 0.7 <= own.high:
                inverse, robust = inverse + (which == "inverse"), robust + (which != "inverse")
    return inverse, robust


@pytest.mark.slow  # a few seconds of simulation
@pytest.mark.parametrize("floor", [0.3, 0.04])
def test_a_policy_that_was_never_used_is_covered(floor: float) -> None:
    inverse, robust = uncovered(30, 1500 if floor > 0.1 else 4000, 1, floor)

    assert at_most(inverse, 30, 0.1)
    assert at_most(robust, 30, 0.1)


@pytest.mark.long
def test_a_policy_that_was_never_used_is_covered_in_two_thousand_runs() -> None:
    inverse, robust = uncovered(2000, 500, 2, 0.3)

    assert at_most(inverse, 2000, 0.1)
    assert at_most(robust, 2000, 0.1)


def test_an_evaluation_is_confirmed_and_says_what_was_cut_off() -> None:
    found = evaluate(logged(random.Random(4), 1500))
    cut = evaluate(logged(random.Random(4), 1500), clip=2.0)

    assert found.clipped == 0
    assert 0.7 < cut.clipped < 0.9
    assert found.self_normalised == pytest.approx(0.7, abs=0.1)
    assert found.effective_users < found.users == 1500
    for own in (found.inverse, found.doubly_robust, cut.inverse, cut.doubly_robust):
        assert (recheck(stored(own)).status, recheck(stored(own)).reason) == ("confirmed", "")
    for own in (found.inverse, cut.inverse):
        assert recheck(replace(own, low=own.low + 0.01)).status == "refuted"
        assert recheck(replace(own, high=own.high - 0.01)).status == "refuted"
    assert cut.inverse.low <= 0.7 <= cut.inverse.high
    assert cut.doubly_robust.low <= 0.7 <= cut.doubly_robust.high


def test_a_log_that_cannot_say_is_refused() -> None:
    known = logged(random.Random(4), 1500)

    with pytest.raises(CannotBeEvaluated, match="probability"):
        evaluate([*known, replace(known[0], propensity=None)])
    with pytest.raises(CannotBeEvaluated, match="100 are needed"):
        evaluate(known[:150])
    with pytest.raises(CannotBeEvaluated):
        evaluate([])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: log_e_value(-1, 0, at_most=0.5),
        lambda: log_e_value(1, 0, at_most=1.0),
        lambda: win_loss(0, 0),
        lambda: e_bh([1.0], alpha=0.0),
        lambda: MeanSequence(lowest=1, highest=0),
        lambda: MeanSequence(confidence=1.0),
        lambda: MeanSequence().add(math.nan),
        lambda: MeanSequence().bound(),
        lambda: Effect(rarest=0.6),
        lambda: Effect(rarest=0.5).add(0.5, treated=True, probability=0.9),
        lambda: StopLoss().add(2.0, treated=True, probability=0.5),
        lambda: evaluate([], clip=0.5),
        lambda: evaluate([Decision(user="a", reward=2.0, propensity=0.5, target=1.0)]),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: Callable[[], Any]) -> None:
    with pytest.raises(ValueError):
        wrong()


@pytest.mark.parametrize(
    "change",
    [
        {"counts": {"wins": 3.0, "losses": 1}},
        {"counts": {"wins": 3}},
        {"counts": {"wins": 4, "losses": 1}},
        {"high": 0.9},
        {"low": None, "high": None},
        {"confidence": 0.99},
        {"method": "stats/mean-sequence/1"},
        {"method": "stats/stop-loss/1"},
        {"method": "stats/doubly-robust/1"},
        {"method": "stats/inverse-propensity/1"},
    ],
)
def test_evidence_that_was_altered_is_refuted(change: dict[str, Any]) -> None:
    assert recheck(replace(stored(win_loss(3, 1).estimate("w")), **change)).status == "refuted"
