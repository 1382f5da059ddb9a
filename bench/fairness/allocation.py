"""How good allocations are, and how long they take to find, to prove and to check: against fairpyx where it is installed.

Corpus: course allocation at Ariel University (26 students, 23 courses; MIT, from the
fairpyx project's experiments), the mobile pantries of the Food Bank of the Southern Tier
(70 sites; MIT, from ORSuite), cardiac surgery by hospital in New York (37 hospitals; MIT,
from funnel), all in `shared/data/fairness`; and random problems of growing size, seed 20261122.
Rival: the algorithms of fairpyx, on the same courses with the same capacities and conflicts;
if it is not installed, that is said, and no number stands in for it.

    python bench/fairness/allocation.py [DIRECTORY of the corpus]

CPU seconds of this process. "Better" is by leximin: sorted utilities, compared from the worst
off. What fairpyx gives in shares heeds no conflicts, so it is compared on the same courses
without them: with the places there are, and with few, so that students are in each other's way.
Shares of fairpyx are floats; two utilities are equal if they differ by less than 1e-6.
"""

from __future__ import annotations

import importlib.util
import json
import random
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

from probatum.fairness.artefacts.allocation import Agent, Problem, read_problem
from probatum.fairness.artefacts.requirements.allocation import Demands, Reading
from probatum.fairness.model.allocation.answer import allocate
from probatum.fairness.model.allocation.linear import Unsolved
from probatum.fairness.recheck.allocation import verify
from probatum.source import Source
from probatum.tools import Deadline, OutOfTime

SEED = 20261122
LIMIT = 120.0  # seconds of one problem
RIVALS = (
    "round_robin",
    "serial_dictatorship",
    "bidirectional_round_robin",
    "iterated_maximum_matching_unadjusted",
    "iterated_maximum_matching_adjusted",
    "utilitarian_matching",
    "almost_egalitarian_with_donation",
    "almost_egalitarian_without_donation",
    "gale_shapley",
)


def measure(title: str, problem: Problem, demands: Demands) -> list[Fraction]:
    """Print how long it takes to find and prove, and to check; return the sorted utilities."""
    started = time.process_time()
    try:
        answer = allocate(problem, demands, Deadline.after(LIMIT))
    except (Unsolved, OutOfTime) as problem_left:
        print(
            f"{title:44} not known after {time.process_time() - started:.2f} CPU-s ({type(problem_left).__name__} {problem_left})"
        )
        return []
    found = time.process_time()
    verify(problem, demands, {**answer.certificate, "verdict": "below" if answer.words else "attainable"})
    checked = time.process_time()
    size = len(json.dumps(answer.certificate))
    utilities = answer.program.utility({n: answer.shares.get(pair, Fraction(0)) for n, pair in enumerate(answer.program.pairs)})
    proof = answer.certificate.get("proof", {"kind": "conflict"})["kind"]
    print(
        f"{title:44} {found - started:7.2f} CPU-s, checked in {checked - found:5.2f}, certificate {size / 1e3:8.1f} kB, {proof}"
        + (f", NOT PROVED: {'; '.join(answer.words)}" if answer.words else "")
    )
    return sorted(utilities)


def rivals(raw: dict[str, Any], ours: list[Fraction]) -> None:
    """Print what the algorithms of fairpyx attain on the same courses."""
    if importlib.util.find_spec("fairpyx") is None:
        print("fairpyx is not installed: no comparison")
        return
    import fairpyx

    for name in RIVALS:
        algorithm = getattr(fairpyx.algorithms, name, None)
        if algorithm is None:
            print(f"  fairpyx.{name:38} is not in this version")
            continue
        instance = fairpyx.Instance(
            valuations=raw["valuations"],
            agent_capacities=raw["agent_capacities"],
            item_capacities=raw["item_capacities"],
            agent_conflicts=raw["agent_conflicts"],
            item_conflicts=raw["item_conflicts"],
        )
        started = time.process_time()
        try:
            bundles = fairpyx.divide(algorithm, instance)
        except ValueError as problem:
            print(f"  fairpyx.{name:38} gives nothing: {str(problem)[:90]}")
            continue
        broken = sum(
            other in raw["item_conflicts"].get(item, ())
            for own in bundles.values()
            for item in own
            for other in own
            if item < other
        )
        broken += sum(item in raw["agent_conflicts"].get(agent, ()) for agent, own in bundles.items() for item in own)
        if broken:
            print(f"  fairpyx.{name:38} gives what may not go together, {broken} times")
            continue
        theirs = sorted(sum(Fraction(raw["valuations"][agent][item]) for item in bundle) for agent, bundle in bundles.items())
        word = "equal" if ours == theirs else "ours is better" if ours > theirs else "THEIRS IS BETTER"
        print(f"  fairpyx.{name:38} {time.process_time() - started:7.2f} CPU-s, worst off {float(theirs[0]):g}: {word}")


FRACTIONAL = ("fractional_egalitarian_allocation", "fractional_egalitarian_utilitarian_allocation")
EQUAL = 1e-6


def in_shares(raw: dict[str, Any], places: int | None) -> None:
    """Print leximin in shares of courses without conflicts, ours and that of fairpyx, with as many places, or those there are."""
    capacities = {item: places or raw["item_capacities"][item] for item in raw["item_capacities"]}
    agents = [
        Agent(name=name, quota=Fraction(raw["agent_capacities"][name]), values={k: Fraction(v) for k, v in own.items()})
        for name, own in raw["valuations"].items()
    ]
    problem = Problem(agents=tuple(agents), capacities={item: Fraction(c) for item, c in capacities.items()}, limit=Fraction(1))
    ours = measure(f"courses in shares, {places or 'all'} places, leximin", problem, Demands())
    if not ours:
        return
    print(f"  sorted utilities {' '.join(f'{float(u):.3f}' for u in ours[:8])} ...")
    if importlib.util.find_spec("fairpyx") is None:
        print("  fairpyx is not installed: no comparison")
        return
    import fairpyx
    from fairpyx.algorithms import egalitarian_fractional

    valuations = {name: {item: own.get(item, 0) for item in capacities} for name, own in raw["valuations"].items()}
    instance = fairpyx.Instance(valuations=valuations, agent_capacities=raw["agent_capacities"], item_capacities=capacities)
    for name in FRACTIONAL:
        more = {"tolerance_factor": 0} if "utilitarian" in name else {}
        started = time.process_time()
        shares = getattr(egalitarian_fractional, name)(instance, normalize_utilities=False, **more)
        spent = time.process_time() - started
        theirs = sorted(sum(own[item] * valuations[agent][item] for item in own) for agent, own in shares.items())
        apart = next((float(a) - b for a, b in zip(ours, theirs, strict=True) if abs(float(a) - b) > EQUAL), 0.0)
        word = "equal" if not apart else f"ours is better by {apart:.3f}" if apart > 0 else "THEIRS IS BETTER"
        print(f"  fairpyx.{name:46} {spent:7.2f} CPU-s, worst off {theirs[0]:.6f} (ours {float(ours[0]):.6f}): {word}")


def whole(agents: int, resources: int, rng: random.Random) -> Problem:
    """A random problem of whole things, with two places of each for three agents."""
    capacities = {f"r{j}": Fraction(max(1, 2 * agents // 3)) for j in range(resources)}
    found = [
        Agent(name=f"a{i}", quota=Fraction(3), values={r: Fraction(rng.randint(1, 100)) for r in capacities})
        for i in range(agents)
    ]
    return Problem(agents=tuple(found), capacities=capacities, indivisible=True)


def divided(agents: int, resources: int, rng: random.Random) -> Problem:
    """A random problem of needs that several resources can meet, with supply for about two thirds."""
    found = [
        Agent(
            name=f"a{i}",
            group=rng.choice("xyz"),
            need=Fraction(rng.randint(10, 1000), 10),
            values={f"r{j}": Fraction(1) for j in rng.sample(range(resources), min(3, resources))},
        )
        for i in range(agents)
    ]
    total = sum((agent.need or Fraction(0) for agent in found), Fraction(0))
    return Problem(agents=tuple(found), capacities={f"r{j}": total * Fraction(2, 3) / resources for j in range(resources)})


def main() -> None:
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[3] / "shared" / "data" / "fairness"
    courses = corpus / "course_alloc_ariel" / "ariel_5783_input.json"
    if courses.is_file():
        problem = read_problem(Source("courses.json", courses.read_bytes()), Reading())
        ours = measure("courses, leximin", problem, Demands())
        print(f"  sorted utilities {' '.join(str(u) for u in ours)}")
        rivals(json.loads(courses.read_text()), ours)
        for places in (None, 8, 4, 2):
            in_shares(json.loads(courses.read_text()), places)
    food = corpus / "foodbank_fbst" / "MFP.csv"
    if food.is_file():
        columns = {"agent": ("Site Name",), "need": ("Number of Visits in 2019", "Average Demand per Visit")}
        problem = read_problem(Source("food.csv", food.read_bytes()), Reading(columns=columns, supply_share=Fraction(3, 5)))
        for alpha in (0, 1, 2, 5):
            utilities = measure(f"pantries, alpha {alpha}", problem, Demands(welfare="alpha", alpha=Fraction(alpha)))
            print(f"  fill rates {float(utilities[0]):.4f} to {float(utilities[-1]):.4f}")
        utilities = measure("pantries, leximin", problem, Demands())
        print(f"  fill rates {utilities[0]} to {utilities[-1]}")
    surgery = corpus / "cabg_ny" / "CABG-hospitals-03.csv"
    if surgery.is_file():
        reading = Reading(columns={"agent": ("Hospital",), "need": ("Cases",)}, supply_share=Fraction(4, 5))
        measure("surgery, leximin", read_problem(Source("surgery.csv", surgery.read_bytes()), reading), Demands())
    rng = random.Random(SEED)
    for agents, resources in ((20, 5), (100, 10), (300, 20)):
        problem = divided(agents, resources, rng)
        measure(f"divided {agents} x {resources}, leximin", problem, Demands())
        measure(f"divided {agents} x {resources}, gap 0.05", problem, Demands(welfare="utilitarian", group_gap=Fraction(1, 20)))
        measure(f"divided {agents} x {resources}, Nash", problem, Demands(welfare="nash", alpha=Fraction(1)))
    for agents, resources in ((4, 6), (6, 6), (10, 8)):
        measure(f"whole {agents} x {resources}, leximin", whole(agents, resources, rng), Demands())


if __name__ == "__main__":
    main()
