"""How often rules of decision are wrong, and how soon they are right: 2,000 simulations of each.

Corpus: made. Seeds 0 to 14 as listed with each line. No rival is run: the promise of each rule is what it is compared with,
by a one-sided exact test at 1 %. Every path is looked at after every observation.

    python bench/dialogue/decisions.py [RUNS [RULE...]]
"""

from __future__ import annotations

import math
import random
import sys
from datetime import date, timedelta
from functools import lru_cache
from statistics import median, quantiles

from scipy.stats import binomtest

from probatum.dialogue.model.calibration import expected_error
from probatum.dialogue.model.exploration import Askable
from probatum.dialogue.model.exploration import draw as drawn_by
from probatum.dialogue.model.off_policy import judge
from probatum.dialogue.model.release import Checked, release
from probatum.dialogue.model.weekly import bounded
from probatum.dialogue.semantics.decided import Decided
from probatum.stats.arms import Effect, StopLoss
from probatum.stats.e_values import e_bh
from probatum.stats.off_policy import CannotBeEvaluated, Decision, evaluate
from probatum.stats.sequences import MeanSequence
from probatum.stats.surveys import Drawn, share
from probatum.stats.win_loss import log_e_value, win_loss

logged_value = lru_cache(maxsize=None)(log_e_value)


def shown(what: str, errors: int, runs: int, promised: float) -> None:
    """Print a rate of errors with its exact interval, and whether it refutes the promise."""
    found = binomtest(errors, runs)
    interval = found.proportion_ci(0.95)
    refuted = binomtest(errors, runs, promised, alternative="greater").pvalue < 0.01
    print(
        f"{what}: {errors / runs:.4f} [{interval.low:.4f}, {interval.high:.4f}], promised {promised:g}{'  REFUTED' if refuted else ''}"
    )


def first(generator: random.Random, share: float, p0: float, alpha: float, longest: int) -> int | None:
    """Return after how many pairs the e-value suffices, None for never."""
    wins = 0
    needed = -math.log(alpha)
    for n in range(1, longest + 1):
        wins += generator.random() < share
        if logged_value(wins, n - wins, at_most=p0) >= needed:
            return n
    return None


def wins_and_losses(runs: int) -> None:
    """Print errors at the boundary and pairs needed where nine of ten are wins."""
    for p0, alpha in ((0.5, 0.05), (0.75, 0.05), (0.75, 0.005)):
        generator = random.Random(0)
        wrong = sum(first(generator, p0, p0, alpha, 2000) is not None for _ in range(runs))
        shown(f"e-value, p0={p0:g}, alpha={alpha:g}, 2,000 pairs: ships at the boundary", wrong, runs, alpha)
    for p0, alpha in ((0.5, 0.05), (0.75, 0.05), (0.5, 0.005), (0.75, 0.005)):
        generator = random.Random(1)
        taken = [first(generator, 0.895, p0, alpha, 2000) or 2000 for _ in range(runs)]
        print(
            f"  pairs to ship at a share of .895, p0={p0:g}, alpha={alpha:g}: median {median(taken):g}, p90 {quantiles(taken, n=10)[-1]:g}"
        )
    generator, wrong = random.Random(2), 0
    bound = lru_cache(maxsize=None)(lambda w, n: win_loss(w, n - w).low)
    for _ in range(runs):
        wins = 0
        for n in range(1, 201):
            wins += generator.random() < 0.8
            if bound(wins, n) > 0.8:
                wrong += 1
                break
    shown("running bound of the share of wins, 200 pairs: ever above it", wrong, runs, 0.05)


def together(runs: int) -> None:
    """Print false discoveries of ten rewrites at the boundary and five good ones, which share users."""
    generator, false, found = random.Random(3), 0.0, 0
    for _ in range(runs):
        luck = [generator.random() for _ in range(120)]
        tallies = [sum((one + generator.random() * 0.3) % 1 < (0.75 if at < 10 else 0.92) for one in luck) for at in range(15)]
        chosen = e_bh([logged_value(wins, 120 - wins, at_most=0.75) for wins in tallies], alpha=0.1)
        false += sum(at < 10 for at in chosen) / max(1, len(chosen))
        found += sum(at >= 10 for at in chosen)
    print(
        f"e-BH, 10 of 15 at the boundary: false discoveries {false / runs:.4f}, promised 0.1; {found / runs / 5:.1%} of good ones found"
    )


def means(runs: int) -> None:
    """Print how often a mean or an effect is ever missed."""
    for name, draw, truth in (
        ("share .03", lambda g: float(g.random() < 0.03), 0.03),
        ("share .5", lambda g: float(g.random() < 0.5), 0.5),
        ("skewed", lambda g: g.random() ** 8, 1 / 9),
    ):
        generator, wrong = random.Random(4), 0
        for _ in range(runs):
            mean = MeanSequence()
            for _ in range(1000):
                mean.add(draw(generator))
                if abs(mean.weighted / mean.weights - truth) * mean.weights > math.log(40) + mean.penalty:
                    wrong += 1
                    break
        shown(f"confidence sequence of a mean, {name}, 1,000 values: ever missed", wrong, runs, 0.05)
    for probability in (0.5, 0.95):
        generator, wrong = random.Random(5), 0
        for _ in range(runs):
            effect = Effect(rarest=min(probability, 1 - probability))
            for n in range(500):
                treated = generator.random() < probability
                effect.add(float(generator.random() < (0.2 if treated else 0.4)), treated=treated, probability=probability)
                if n % 10 == 9:
                    bound = effect.bound()
                    if not (bound.low or -1) <= -0.2 <= (bound.high or 1):
                        wrong += 1
                        break
        shown(f"effect, treated with probability {probability:g}, 500 users: ever missed", wrong, runs, 0.05)


def harm(runs: int) -> None:
    """Print how often a rewrite without harm is stopped, and how soon a harmful one is."""
    for probability in (0.5, 0.95):
        for rate in (0.1, 0.5, 0.9):
            stopped = [alarm(random.Random(f"6 {run}"), probability, rate, rate, 400) for run in range(runs)]
            shown(
                f"stop-loss, treated {probability:g}, failures {rate:g} in both, 400 users",
                sum(x is not None for x in stopped),
                runs,
                0.1,
            )
        for treated, control in ((0.5, 0.3), (0.7, 0.2)):
            taken = [alarm(random.Random(f"7 {run}"), probability, treated, control, 5000) or 5000 for run in range(runs // 10)]
            print(
                f"  users to stop, treated {probability:g}, failures {treated:g} against {control:g}: median {median(taken):g}, p90 {quantiles(taken, n=10)[-1]:g}"
            )


def alarm(generator: random.Random, probability: float, treated_rate: float, control_rate: float, users: int) -> int | None:
    """Return after how many users a rewrite is stopped."""
    stop = StopLoss()
    for n in range(1, users + 1):
        treated = generator.random() < probability
        stop.add(
            float(generator.random() < (treated_rate if treated else control_rate)), treated=treated, probability=probability
        )
        if stop.log_e_value >= math.log(10):
            return n
    return None


def never_used(runs: int) -> None:
    """Print how often the value of a policy that always takes the better of two actions is missed: it is worth .7."""
    for clip in (20.0, 2.0):
        generator, wrong, robust = random.Random(8), 0, 0
        for _ in range(runs):
            decisions = []
            for user in range(600):
                better = generator.random() < 0.3
                reward = float(generator.random() < (0.7 if better else 0.4))
                decisions.append(
                    Decision(
                        user=str(user),
                        reward=reward,
                        propensity=0.3 if better else 0.7,
                        target=float(better),
                        predicted=0.6 if better else 0.5,
                        predicted_target=0.6,
                    )
                )
            found = evaluate(decisions, clip=clip)
            wrong += not (found.inverse.low or 0) <= 0.7 <= (found.inverse.high or 1)
            robust += not (found.doubly_robust.low or 0) <= 0.7 <= (found.doubly_robust.high or 1)
        shown(f"inverse propensity, weights cut at {clip:g}, 600 users: missed", wrong, runs, 0.05)
        shown(f"doubly robust, weights cut at {clip:g}, 600 users: missed", robust, runs, 0.05)


def by_user(runs: int) -> None:
    """Print how often intervals miss what a policy of rewrites is worth, users asking several times and being alike."""
    worth = policy_worth()
    for held_out, users in ((0.5, 250), (0.2, 400)):  # of fewer who were held out, most logs are refused
        missed = {"likely": 0, "at all times": 0, "better, likely": 0, "better, at all times": 0}
        refused = uncompared = 0
        for run in range(runs):
            try:
                found = judge(
                    asked(random.Random(f"9 {held_out} {run}"), users, held_out),
                    lambda one: "a!" if one.text == "a" else one.text,
                )
            except CannotBeEvaluated:  # too few users by their weights: nothing is stated that could be wrong
                refused += 1
                continue
            better = found.better
            missed["likely"] += not found.policy.likely[0] <= worth[0] <= found.policy.likely[1]
            missed["at all times"] += not found.policy.always[0] <= worth[0] <= found.policy.always[1]
            if isinstance(better, str):
                uncompared += 1
            else:
                missed["better, likely"] += not better.likely[0] <= worth[0] - worth[1] <= better.likely[1]
                missed["better, at all times"] += not better.always[0] <= worth[0] - worth[1] <= better.always[1]
        for name, many in missed.items():
            stated = runs - refused - uncompared * name.startswith("better")
            if stated:
                shown(f"a policy by the requests of {users} users, {held_out:g} held out, {name}: missed", many, stated, 0.05)
        print(f"  refused: {refused} of {runs} logs, and {uncompared} more for which of two policies is better")


WORKS = {"a": (0.2, 0.9), "b": (0.5, 0.4), "c": (0.8, 0.8)}  # as it is said, and rewritten


def asked(generator: random.Random, users: int, held_out: float) -> list[Decided]:
    """Draw requests of users, each of whom is lucky or not with all."""
    found = []
    for user in range(users):
        luck = generator.uniform(-0.1, 0.1)
        for text, works in WORKS.items():
            treated = generator.random() >= held_out
            arm, did, propensity = ("treated", f"{text}!", 1 - held_out) if treated else ("holdout", text, held_out)
            for _ in range(generator.choice((0, 1, 1, 4))):
                worked = float(generator.random() < works[treated] + luck)
                found.append(Decided(user=f"u{user}", text=text, did=did, arm=arm, propensity=propensity, worked=worked))
    return found


def policy_worth() -> tuple[float, float]:
    """Return what rewriting `a` alone is worth, and nothing, over many users."""
    generator, sums, many = random.Random(10), [0.0, 0.0], 0
    for _ in range(400_000):
        times = [generator.choice((0, 1, 1, 4)) for _ in WORKS]
        if any(times):
            many += 1
            for at in (0, 1):
                rates = [works[at == 0 and text == "a"] for text, works in WORKS.items()]
                sums[at] += sum(t * rate for t, rate in zip(times, rates, strict=True)) / sum(times)
    return sums[0] / many, sums[1] / many


def judged_by_people(runs: int) -> None:
    """Print how often the bounds of a share miss it: requests drawn as `audit sample` and `label ask` draw them, of users who are not alike.

    What is thought of a request beforehand is right four times in five.
    """
    for often, rare in ((0.8, 3.0), (0.4, 4.0), (0.4, 40.0)):
        generator, missed = random.Random(11), 0
        for run in range(runs):
            items, bad = [], []
            for user in range(250):
                rate = generator.betavariate(often, rare)
                for number in range(generator.choice((1, 2, 6))):
                    bad.append(generator.random() < rate)
                    guess = 0.6 if bad[-1] != (generator.random() < 0.2) else 0.2
                    items.append(Askable(f"{user} {number}", f"u{user}", "x", (guess,)))
            truth = {item.turn: was for item, was in zip(items, bad, strict=True)}
            found = share(Drawn(one.user, one.chance, truth[one.turn]) for one in drawn_by(items, budget=150, seed=str(run)))
            missed += not found.low <= sum(bad) / len(bad) <= found.high
        shown(
            f"share of failures judged by people, about {often / (often + rare):.0%}, some 150 of 750: missed", missed, runs, 0.05
        )


def calibrated(runs: int) -> None:
    """Print how often the interval of the calibration error misses it, by 120 users who are not alike."""
    chances = (0.05, 0.22, 0.55, 0.83)
    for tilt in (0.0, 0.1, 0.4):
        missed = 0
        for run in range(runs):
            generator, rows = random.Random(f"12 {run}"), []
            for user in range(120):
                mood = generator.uniform(-0.15, 0.15)
                for _ in range(generator.choice((1, 1, 5))):
                    p = generator.choice(chances)
                    rows.append((user, p, generator.random() < p + tilt * (0.5 - p) + mood * p * (1 - p) * 4, 1))
            _, low, high, _ = expected_error(rows, seed=run)
            missed += not low <= sum(tilt * abs(0.5 - p) for p in chances) / 4 <= high
        shown(
            f"expected calibration error of {sum(tilt * abs(0.5 - p) for p in chances) / 4:.3f}, 120 users: missed",
            missed,
            runs,
            0.05,
        )


def released(runs: int) -> None:
    """Print how often labels are released that are a little less precise than what is asked for."""
    generator, wrong = random.Random(13), 0
    for run in range(runs):
        checked = [
            Checked(user=f"u{n}", turn=f"{run} {n}", p=generator.random(), right=generator.random() < 0.9) for n in range(300)
        ]
        wrong += release(checked, precision=0.9).threshold is not None
    shown("labels that are right nine times in ten, of 300 users: released as more precise", wrong, runs, 0.05)


def weeks(runs: int) -> None:
    """Print how often any of all weekly intervals misses: users who come back and are not alike, in weeks that are not alike."""
    mondays = [(date(2026, 1, 5) + timedelta(days=7 * number)).isoformat() for number in range(12)]
    for rare in (4.0, 40.0):
        generator, missed = random.Random(14), 0
        for _ in range(runs):
            shares, truth = [], {}
            for number, monday in enumerate(mondays):
                worse = 0.3 * (number % 3 == 0)
                truth[monday] = worse + (1 - worse) / (1 + rare)
                for _ in range(60):
                    rate = worse + (1 - worse) * generator.betavariate(1, rare)
                    many = generator.choice((1, 2, 6))
                    shares.append((monday, "", sum(generator.random() < rate for _ in range(many)) / many))
            missed += any(not one.low <= truth[one.begins] <= one.high for one in bounded(shares))
        shown(f"weekly shares of failures, from {1 / (1 + rare):.0%}, 12 weeks of 60 users: any ever missed", missed, runs, 0.05)
    for users in (300, 3000):
        generator = random.Random(1)
        year = [(date(2026, 1, 5) + timedelta(days=7 * number)).isoformat() for number in range(52)]
        people = [(monday, generator.betavariate(1, 9)) for monday in year for _ in range(users)]
        found = bounded((monday, "", sum(generator.random() < rate for _ in range(3)) / 3) for monday, rate in people)
        wide = ", ".join(f"{found[at].high - found[at].low:.3f}" for at in (0, 9, 51))
        print(f"  width at 10 % that fail, {users:,} users a week, in the first, tenth and fifty-second: {wide}")


def main() -> None:
    """Simulate every rule, or those that are named after the number of runs."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    for rule in (wins_and_losses, together, means, harm, never_used, by_user, judged_by_people, calibrated, released, weeks):
        if len(sys.argv) <= 2 or rule.__name__ in sys.argv[2:]:
            rule(runs)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
