"""What decisions about units cost, by a policy that says what mistakes cost: against thresholds, people who look at everything, and knowing the truth.

Corpus: made scores (`made_scores.py`), of which the true probability of damage is computed; 50 calibrations of each row, each with 3,000 sound and 300 damaged
units that are known, by which the threshold (at most 1 % of sound units alarm, confidence 95 %) and Venn-Abers intervals are had as the product has
them. Decisions are those of `semantics/disposition.py`. Costs are of the policy that `docs/how-to/inspection.md` shows, in which a look costs 0.7, and of one in which
it costs 4. One unit in 1,000 or two in 100 are damaged; policies state a prevalence of half to twice that.

Costs are expectations over true probabilities, of 2,000 scores at even quantiles of an even mixture of sound and damaged units, weighted to the prevalence.

Rivals on the same scores: put aside, or look at, what alarms, and ship the rest; look at what is above the threshold that is cheapest if the truth is known (nobody has it);
look at everything; ship everything; whatever is cheapest at Platt's probability, with log-odds shifted to the prevalence, which is told to it exactly.
The least that can be had from scores is what is cheapest at the true probability. Whoever knows which units are damaged puts those aside and ships the rest.

    OMP_NUM_THREADS=1 python bench/inspection/disposition.py [--calibrations 50] [--seed 20261124] [--sound 3000] [--damaged 300]
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from made_scores import WORLDS, World
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import t as student
from sklearn.linear_model import LogisticRegression

from probatum.inspection.artefacts.disposition import Costs, Disposition, read_disposition
from probatum.inspection.semantics.disposition import Decided, Unit, decide
from probatum.source import Text
from probatum.stats.neyman_pearson import threshold_within
from probatum.stats.prior_shift import class_weights, shifted
from probatum.stats.venn_abers import prepared

Values = NDArray[np.float64]
BUDGET, SCORES = 0.01, 2000
PREVALENCE = (0.001, 0.02)
LOOKS = (0.7, 4.0)
POLICY = """\
schema: probatum-inspection-disposition/1
prevalence: [{low}, {high}]
costs: {{ship_damaged: 45, sideline_damaged: 6, sideline_sound: 9, look: {look}}}
people_miss: 0.02
classes:
  - name: everything
"""
ACTIONS = ("ship", "look", "sideline")
WHY = {"cheapest": "is cheapest at", "straddles": "does not decide", "alarms": "its score alarms", "unseen": "does not alarm"}


@dataclass(frozen=True)
class Units:
    """Scores that stand for all units: how many each is of one, and how probable damage is with it."""

    scores: Values
    weights: Values
    chances: Values

    def mean(self, values: Values, where: NDArray[np.bool_] | None = None) -> float:
        """Return the sum over all units, for each 1,000 of them."""
        return 1000 * float((self.weights * values * (1.0 if where is None else where)).sum())


def units_of(world: World, rng: np.random.Generator, prevalence: float) -> Units:
    pool = np.sort(np.concatenate([world.draw(rng, 500_000, damaged=label) for label in (False, True)]))
    scores = pool[((np.arange(SCORES) + 0.5) / SCORES * len(pool)).astype(int)]
    even = world.chance(scores, 0.5)
    weights = 2 * ((1 - prevalence) * (1 - even) + prevalence * even) / SCORES
    return Units(scores, weights / weights.sum(), world.chance(scores, prevalence))


def costs_of(costs: Costs, missed: float, p: Values) -> dict[str, Values]:
    """Return what each action is expected to cost at probabilities: as the policy means it, written down again."""
    found = (1 - missed) * costs.sideline_damaged + missed * costs.ship_damaged
    return {
        "ship": p * costs.ship_damaged,
        "look": costs.look + p * found,
        "sideline": p * costs.sideline_damaged + (1 - p) * costs.sideline_sound,
    }


def cheapest(costs: dict[str, Values]) -> NDArray[np.int64]:
    return np.argmin([costs[action] for action in ACTIONS], axis=0)


def cost(units: Units, costs: dict[str, Values], actions: NDArray[np.int64]) -> float:
    return units.mean(np.choose(actions, [costs[action] for action in ACTIONS]))


def once(world: World, units: Units, policy: Disposition, known: tuple[int, int], rng: np.random.Generator) -> dict[str, float]:
    """Return what everything costs with one calibration."""
    of = policy.classes[-1].costs
    prevalence = float(np.sqrt(np.prod(policy.prevalence)))  # it states half and twice the true one
    true = costs_of(of, policy.people_miss, units.chances)
    least = np.min([true[action] for action in ACTIONS], axis=0)
    sound, damaged = (world.draw(rng, n, damaged=label) for n, label in zip(known, (False, True), strict=True))
    scores, bad = np.concatenate([sound, damaged]), np.repeat([False, True], known)
    alarms = units.scores > threshold_within(sound, budget=BUDGET).value
    told = float(bad.mean())
    found: dict[str, float] = {}

    @lru_cache(None)
    def decided(low: float, high: float, alarm: bool) -> Decided:
        return decide(policy, Unit(probability=(low, high), alarms=alarm))

    for name, stated in (("ours", policy.prevalence), ("exactly", (prevalence, prevalence))):
        ends = [
            prepared(scores, bad, weights=class_weights(trained=told, deployed=one)).intervals(units.scores)[at]
            for at, one in enumerate(stated)
        ]
        chosen = [decided(min(low, high), high, bool(alarm)) for low, high, alarm in zip(*ends, alarms, strict=True)]
        actions = np.array([ACTIONS.index(one.action) for one in chosen])
        found[name] = cost(units, true, actions)
        if name == "exactly":
            continue
        regret = np.choose(actions, [true[action] for action in ACTIONS]) - least
        for why, words in WHY.items():
            for action in ACTIONS:
                where = np.array([words in one.reason and one.action == action for one in chosen])
                found[f"{why} {action}"] = units.mean(np.ones(SCORES), where)
                found[f"{why} {action} lost"] = units.mean(regret, where)
        for at, end in enumerate(("least", "most")):
            found[end] = units.mean(np.array([one.costs[one.action][at] for one in chosen]))
        straddles = np.array([WHY["straddles"] in one.reason for one in chosen])
        single = ends[1] / (1 - ends[0] + ends[1])
        guessed = cheapest(costs_of(of, policy.people_miss, single))
        # What is guessed may not put aside what does not alarm, nor ship what does.
        guessed = np.where((guessed == 2) & ~alarms | (guessed == 0) & alarms, 1, guessed)
        found["guessed"] = cost(units, true, np.where(straddles, guessed, actions))
    found["aside"] = cost(units, true, np.where(alarms, 2, 0))
    found["looked"] = cost(units, true, np.where(alarms, 1, 0))
    curve = LogisticRegression(C=np.inf).fit(scores[:, None], bad)
    platt = shifted(expit(curve.coef_[0, 0] * units.scores + curve.intercept_[0]), trained=told, deployed=prevalence)
    found["platt"] = cost(units, true, cheapest(costs_of(of, policy.people_miss, platt)))
    above = np.concatenate([[0.0], np.cumsum((units.weights * (true["look"] - true["ship"]))[::-1])])
    found["hindsight"] = 1000 * float((units.weights * true["ship"]).sum() + above.min())
    found["everything"], found["nothing"] = units.mean(true["look"]), units.mean(true["ship"])
    found["oracle"] = units.mean(least)
    found["truth"] = units.mean(units.chances) * of.sideline_damaged
    return found


def around(values: Values) -> str:
    half = student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return f"{values.mean():.1f} ± {half:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calibrations", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--sound", type=int, default=3000)
    parser.add_argument("--damaged", type=int, default=300)
    told = parser.parse_args()
    begun = time.process_time()
    rows: dict[tuple[str, float, float], dict[str, Values]] = {}
    for at, (name, world) in enumerate(WORLDS.items()):
        for prevalence in PREVALENCE:
            rng = np.random.default_rng([told.seed, at, int(1000 * prevalence)])
            units = units_of(world, rng, prevalence)
            for look in LOOKS:
                text = POLICY.format(low=prevalence / 2, high=2 * prevalence, look=look)
                policy = read_disposition(Text("disposition.yaml", text, ""))
                every: dict[str, list[float]] = defaultdict(list)
                for _ in range(told.calibrations):
                    for key, value in once(world, units, policy, (told.sound, told.damaged), rng).items():
                        every[key].append(value)
                rows[name, prevalence, look] = {key: np.array(values) for key, values in every.items()}
    print("cost of 1,000 units")
    columns = ("ours", "exactly", "guessed", "platt", "looked", "aside", "hindsight", "everything", "nothing", "oracle", "truth")
    titles = (
        "ours", "ours, prevalence known", "ours, guessing where the interval straddles", "Platt", "look at what alarms", "put aside what alarms",
        "cheapest threshold", "look at everything", "ship everything", "true probability", "truth",
    )  # fmt: skip
    print("| scores | damaged | a look | " + " | ".join(titles) + " |\n" + "|---" * (3 + len(titles)) + "|")
    for (name, prevalence, look), row in rows.items():
        cells = [around(row[key]) if row[key].std() > 1e-9 else f"{row[key].mean():.1f}" for key in columns]
        print(f"| {name} | {prevalence:g} | {look:g} | " + " | ".join(cells) + " |")
    print("\nof 1,000 units, and what that costs beyond what is cheapest at the true probability")
    kinds = ("cheapest ship", "cheapest look", "cheapest sideline", "straddles look", "alarms look", "unseen look")
    titles = (
        "shipped, cheapest", "looked at, cheapest", "put aside, cheapest", "looked at: does not decide", "looked at: cheap to ship, but alarms",
        "looked at: cheap to put aside, and no alarm",
    )  # fmt: skip
    print(
        "| scores | damaged | a look | "
        + " | ".join(titles)
        + " | stated of what was done: from, to | true |\n"
        + "|---" * (5 + len(titles))
        + "|"
    )
    for (name, prevalence, look), row in rows.items():
        cells = [f"{row[key].mean():.2f}, {row[f'{key} lost'].mean():.2f}" for key in kinds]
        stated = f"{row['least'].mean():.1f}, {row['most'].mean():.1f} | {row['ours'].mean():.1f}"
        print(f"| {name} | {prevalence:g} | {look:g} | " + " | ".join(cells) + f" | {stated} |")
    wrong = sum(row["ours"].mean() > row["most"].mean() or row["ours"].mean() < row["least"].mean() for row in rows.values())
    print(
        f"\ntrue costs outside of what is stated, on average over calibrations: {wrong} of {len(rows)} rows; {time.process_time() - begun:.0f} CPU-s"
    )


if __name__ == "__main__":
    main()
