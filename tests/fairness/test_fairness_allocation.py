"""Sharing out what is scarce: equal to enumeration, proved in rationals, and no changed number passes."""

import copy
import itertools
import json
import random
from dataclasses import replace
from fractions import Fraction

import pytest
from reference_data import reference

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.allocation import Agent, Problem, read_problem
from probatum.fairness.artefacts.requirements.allocation import Demands, Reading, exact
from probatum.fairness.model.allocation.answer import allocate
from probatum.fairness.model.allocation.compare import equal_level
from probatum.fairness.model.allocation.linear import Unsolved
from probatum.fairness.model.allocation.lottery import chosen, draw
from probatum.fairness.recheck.allocation import Refuted, verify, verify_lottery
from probatum.fairness.semantics.allocation import certain, masses, program, shortcomings
from probatum.source import Source
from probatum.tools import Deadline

pytest.importorskip("scipy")

F = Fraction
NEVER = Deadline.never()
NOTHING = Demands()


def best(problem: Problem, demands: Demands = NOTHING):
    """The answer, after its certificate has been checked."""
    answer = allocate(problem, demands, NEVER)
    verify(problem, demands, {**answer.certificate, "verdict": "attainable"})
    return answer


def utilities(answer) -> list[F]:
    return answer.program.utility({n: answer.shares.get(pair, F(0)) for n, pair in enumerate(answer.program.pairs)})


def wholes(rng: random.Random) -> tuple[Problem, Demands]:
    """A small problem of whole things, with demands."""
    agents, resources = rng.choice([(2, 3), (3, 3), (2, 4), (3, 4)])
    capacities = {f"r{j}": F(rng.randint(1, 2)) for j in range(resources)}
    found = []
    for i in range(agents):
        values = {r: F(rng.randint(0, 9)) for r in capacities if rng.random() < 0.8} or {"r0": F(1)}
        quota = F(rng.randint(1, resources)) if rng.random() < 0.5 else None
        found.append(Agent(name=f"a{i}", group=rng.choice("xy"), weight=F(rng.choice([1, 1, 2])), quota=quota, values=values))
    conflicts = tuple({tuple(sorted(rng.sample(sorted(capacities), 2))) for _ in range(rng.randint(0, 2))})
    problem = Problem(agents=tuple(found), capacities=capacities, indivisible=True, conflicts=conflicts)
    demands = Demands(
        welfare=rng.choice(["leximin", "leximin", "utilitarian"]),
        envy=rng.choice(["", "", "ef1", "free"]),
        proportional=rng.choice(["", "", "prop1"]),
        floor=rng.choice([None, None, F(rng.randint(1, 8))]),
        group_gap=rng.choice([None, F(rng.randint(0, 6))]) if len({a.group for a in found}) > 1 else None,
        mms=rng.random() < 0.2,
        price_cap=rng.choice([None, None, F(1, 4)]),
    )
    return problem, demands


def enumerated(problem: Problem, demands: Demands, known) -> list[list[F]]:
    """Utilities of every whole allocation that keeps the demands, by looking at each."""
    plain = program(problem, Demands())
    found = []
    for x in itertools.product(*[range(int(top) + 1) for top in plain.upper]):
        shares = {pair: F(much) for pair, much in zip(plain.pairs, x, strict=True) if much}
        if not shortcomings(problem, demands, shares, known):
            found.append(plain.utility({n: F(much) for n, much in enumerate(x)}))
    return found


def compare_with_enumeration(seed: int) -> str:
    problem, demands = wholes(random.Random(seed))

    answer = best(problem, demands)

    weights = [agent.weight for agent in problem.agents]
    everything = enumerated(problem, demands, answer.known)
    assert answer.words == ()
    if answer.conflict is not None:
        assert everything == []
        return "conflict"
    ours = utilities(answer)
    if demands.welfare == "leximin":
        assert sorted(u / w for u, w in zip(ours, weights, strict=True)) == max(
            sorted(u / w for u, w in zip(other, weights, strict=True)) for other in everything
        )
    else:
        assert sum(u * w for u, w in zip(ours, weights, strict=True)) == max(
            sum(u * w for u, w in zip(other, weights, strict=True)) for other in everything
        )
    return answer.certificate["proof"]["kind"]


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_whole_things_are_shared_out_as_well_as_by_looking_at_every_allocation(seed: int):
    assert compare_with_enumeration(seed) in {"conflict", "levels", "tree"}


@pytest.mark.slow  # twenty problems, each enumerated
def test_on_many_random_problems_the_answer_is_that_of_enumeration():
    seen = {compare_with_enumeration(seed) for seed in range(100, 120)}

    assert {"conflict", "levels", "tree"} <= seen


def contested() -> Problem:
    """Three want the same two things: dividing them would be better for the worst off."""
    agents = tuple(Agent(name=name, values={"x": F(5), "y": F(5), "z": F(1)}) for name in "abc")
    return Problem(agents=agents, capacities={"x": F(1), "y": F(1), "z": F(1)}, indivisible=True)


def test_where_dividing_would_be_better_sums_of_the_worst_off_are_proved_by_trees():
    answer = best(contested())

    assert sorted(utilities(answer)) == [1, 5, 5]
    assert answer.certificate["proof"]["kind"] == "sums"
    assert answer.words == ()


def scarce() -> Problem:
    """Half of what is needed."""
    agents = tuple(Agent(name=name, need=F(10 * n), values={"r": F(1)}) for n, name in enumerate("abc", start=1))
    return Problem(agents=agents, capacities={"r": F(30)})


def divided(seed: int) -> Problem:
    rng = random.Random(seed)
    capacities = {f"r{j}": F(rng.randint(1, 20)) for j in range(rng.randint(1, 3))}
    agents = tuple(
        Agent(
            name=f"a{i}",
            need=F(rng.randint(1, 30), 2),
            weight=F(rng.choice([1, 2])),
            values={r: F(1) for r in capacities if rng.random() < 0.7} or {"r0": F(1)},
        )
        for i in range(rng.randint(2, 7))
    )
    return Problem(agents=agents, capacities=capacities)


def worst_off_first(problem: Problem) -> list[float]:
    """Leximin by another way: raise the minimum, then ask for each agent whether it can have more."""
    import numpy as np
    from scipy.optimize import linprog

    written = program(problem, Demands())
    size, weights = len(written.upper), [float(a.weight) for a in problem.agents]
    supply = [[float(row.terms.get(n, 0)) for n in range(size)] + [0.0] for row in written.rows]
    own = [[float(u.get(n, 0)) / w for n in range(size)] for u, w in zip(written.utilities, weights, strict=True)]
    fixed: dict[int, float] = {}
    while len(fixed) < len(own):
        rows = supply + [[-c for c in u] + [0.0 if i in fixed else 1.0] for i, u in enumerate(own)]
        limits = [float(row.bound) for row in written.rows] + [-fixed.get(i, 0.0) for i in range(len(own))]
        box = [(0, float(top)) for top in written.upper] + [(0, None)]
        level = linprog(np.eye(size + 1)[size] * -1, A_ub=rows, b_ub=limits, bounds=box).x[size]
        floors = [-fixed.get(i, level) + 1e-9 for i in range(len(own))]
        for i in [i for i in range(len(own)) if i not in fixed]:
            most = -linprog(
                [-c for c in own[i]] + [0.0],
                A_ub=[[*r[:size], 0.0] for r in rows],
                b_ub=limits[: len(supply)] + floors,
                bounds=box,
            ).fun
            if most < level + 1e-6:
                fixed[i] = level
    return sorted(fixed.values())


@pytest.mark.parametrize("seed", range(8))
def test_leximin_of_divided_things_is_that_of_asking_each_agent(seed: int):
    problem = divided(seed)

    answer = best(problem)

    ours = sorted(float(u / a.weight) for u, a in zip(utilities(answer), problem.agents, strict=True))
    assert ours == pytest.approx(worst_off_first(problem), abs=1e-6)


@pytest.mark.parametrize("alpha", [F(1), F(2), F(5), F(1, 2)])
@pytest.mark.parametrize("seed", [0, 3])
def test_no_other_allocation_has_more_alpha_fair_welfare(seed: int, alpha: F):
    problem = divided(seed)
    demands = Demands(welfare="alpha", alpha=alpha)

    answer = best(problem, demands)

    assert F(answer.certificate["proof"]["gap"]) < F(1, 10**6)
    ours = equal_level([float(u) for u in utilities(answer)], masses(problem), float(alpha))
    for other in (Demands(), Demands(welfare="utilitarian"), Demands(welfare="alpha", alpha=alpha + F(1, 3))):
        theirs = equal_level([float(u) for u in utilities(best(problem, other))], masses(problem), float(alpha))
        assert theirs <= ours * (1 + 1e-9)


def numbers(value, path=()):
    """Every text of a certificate that is a number, by its place."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from numbers(one, (*path, key))
    elif isinstance(value, list):
        for n, one in enumerate(value):
            yield from numbers(one, (*path, n))
    elif isinstance(value, str):
        try:
            yield path, F(value)
        except ValueError:
            return


def changed(certificate: dict, path: tuple, number: F) -> dict:
    altered = copy.deepcopy(certificate)
    at = altered
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = str(number)
    return altered


@pytest.mark.parametrize(
    ("problem", "demands"),
    [
        (divided(1), Demands()),
        (divided(3), Demands(welfare="nash", alpha=F(1))),
        (scarce(), Demands(welfare="utilitarian", price_cap=F(1, 10))),
        (scarce(), Demands(floor=F(19, 20))),
        (contested(), Demands()),
    ],
    ids=["leximin", "nash", "price", "conflict", "whole"],
)
def test_a_certificate_of_which_one_number_is_smaller_proves_nothing(problem: Problem, demands: Demands):
    certificate = json.loads(json.dumps(best(problem, demands).certificate)) | {"verdict": "attainable"}
    places = [(path, number) for path, number in numbers(certificate) if number and path[0] != "verdict"]
    # In a tree, and where demands contradict each other, a proof has room to spare; what it is about has not.
    loose = ("caps", "sums", "witnesses", "conflict")

    def passes(path: tuple, number: F) -> bool:
        try:
            verify(problem, demands, changed(certificate, path, number))
        except (Refuted, KeyError, IndexError):
            return False
        return True

    unnoticed = [path for path, number in places if not set(path) & set(loose) and passes(path, number * F(999, 1000))]
    values = [path for path, number in places if path[-1] == "value" and passes(path, number * F(999, 1000))]

    assert places
    assert unnoticed == []
    assert values == []


def test_multipliers_that_leave_a_contradiction_unproved_are_rejected():
    problem, demands = scarce(), Demands(floor=F(19, 20))
    certificate = best(problem, demands).certificate
    [multipliers] = certificate["conflict"]["proof"].values()

    for name in multipliers:
        altered = copy.deepcopy(certificate)
        del altered["conflict"]["proof"]["empty"][name]
        with pytest.raises(Refuted):
            verify(problem, demands, {**altered, "verdict": "conflict"})


def test_a_tree_over_what_is_divided_has_no_room_between_values():
    """Between two values of whole things there is none; where things are divided, there is."""
    problem = Problem(agents=(Agent(name="a", values={"r": F(4)}),), capacities={"r": F(3, 2)})
    forged = {
        "known": {},
        "point": [[0, "1"]],
        "proof": {"kind": "tree", "value": "4", "tree": {"bound": {"capacity of `r`": "4"}}},
        "verdict": "attainable",
    }

    with pytest.raises(Refuted, match="may hold 6"):
        verify(problem, Demands(welfare="utilitarian"), forged)


def test_a_certificate_with_a_part_left_out_proves_nothing():
    certificate = best(contested()).certificate | {"verdict": "attainable"}
    certificate["proof"]["sums"][0]["tree"] = None

    with pytest.raises(Refuted, match="absent"):
        verify(contested(), Demands(), certificate)


def test_a_contradiction_names_only_demands_that_take_part():
    agents = tuple(Agent(name=name, need=F(10), values={"beds": F(1)}) for name in ("ann", "ben", "cem"))
    problem = Problem(agents=agents, capacities={"beds": F(10)})

    answer = best(problem, Demands(floors={"ann": F(1, 10), "ben": F(9, 10), "cem": F(1, 2)}))

    assert {row.policy for row in answer.conflict.rows} == {"capacity", "floors"}
    assert not any("`ann`" in row.name for row in answer.conflict.rows)


@pytest.mark.parametrize("seed", range(4))
def test_levels_of_scarce_places_are_proved_though_many_optima_are_alike(seed: int):
    """Ten people, nine courses of two places: multipliers of such a degenerate level are those of a vertex, and not any."""
    rng = random.Random(seed)
    agents = tuple(
        Agent(name=f"a{i}", quota=F(3), values={f"r{j}": F(rng.randint(0, 500)) for j in rng.sample(range(9), 6)})
        for i in range(10)
    )
    problem = Problem(agents=agents, capacities={f"r{j}": F(2) for j in range(9)}, limit=F(1))

    answer = allocate(problem, Demands(), Deadline.after(60))

    assert not answer.words
    verify(problem, Demands(), {**answer.certificate, "verdict": "attainable"})


def test_food_bank_meets_sixty_percent_of_every_need():
    columns = {"agent": ("Site Name",), "need": ("Number of Visits in 2019", "Average Demand per Visit")}
    source = Source("MFP.csv", reference("foodbank_fbst/MFP.csv").read_bytes())
    problem = read_problem(source, Reading(columns=columns, supply_share=F(3, 5)))

    answer = best(problem)

    assert len(problem.agents) == 70
    assert sum(agent.need for agent in problem.agents) == exact("102474.4")
    assert set(utilities(answer)) == {F(3, 5)}


@pytest.mark.slow  # 26 students, each with a proof of the best set of courses
def test_every_student_has_the_best_courses_that_fit_since_there_are_enough_places():
    problem = read_problem(Source("courses.json", reference("course_alloc_ariel/ariel_5783_input.json").read_bytes()), Reading())

    answer = best(problem)

    assert answer.words == ()
    for agent, have in zip(problem.agents, utilities(answer), strict=True):
        alone = best(replace(problem, agents=(agent,)), Demands(welfare="utilitarian"))
        assert [have] == utilities(alone)


def test_operating_theatres_are_shared_in_proportion_to_cases():
    source = Source("CABG.csv", reference("cabg_ny/CABG-hospitals-03.csv").read_bytes())
    problem = read_problem(source, Reading(columns={"agent": ("Hospital",), "need": ("Cases",)}, supply_share=F(4, 5)))

    answer = best(problem)

    assert len(problem.agents) == 37
    assert set(utilities(answer)) == {F(4, 5)}


def lots() -> Problem:
    values = [{"x": F(3), "y": F(1)}, {"x": F(3), "y": F(2)}, {"x": F(1), "y": F(4)}]
    agents = tuple(Agent(name=name, quota=F(1), values=own) for name, own in zip("abc", values, strict=True))
    return Problem(agents=agents, capacities={"x": F(1), "y": F(1)}, indivisible=True)


def test_a_lottery_gives_everyone_what_they_expect_by_allocations_that_can_be_carried_out():
    lottery = draw(lots(), Demands(), "2026-11-22", NEVER)

    verify_lottery(lots(), lottery.to_json(), lottery.answer.shares)
    assert sum(p for p, _ in lottery.parts) == 1
    assert lottery.drawn == draw(lots(), Demands(), "2026-11-22", NEVER).drawn


def test_a_lottery_whose_probabilities_or_draw_were_changed_is_rejected():
    lottery = draw(lots(), Demands(), "2026-11-22", NEVER)
    said = lottery.to_json()
    other = copy.deepcopy(said)
    other["parts"][0]["probability"] = str(F(other["parts"][0]["probability"]) / 2)

    for altered in (other, said | {"drawn": (said["drawn"] + 1) % len(said["parts"])}, said | {"seed": "another seed 7"}):
        if altered is not other and chosen([p for p, _ in lottery.parts], altered["seed"]) == altered["drawn"]:
            continue
        with pytest.raises(Refuted):
            verify_lottery(lots(), altered, lottery.answer.shares)


def test_seeds_draw_each_allocation_as_often_as_its_probability_says():
    drawn = [chosen([F(1, 4), F(3, 4)], f"seed {n}") for n in range(2_000)]

    assert 420 < drawn.count(0) < 580  # four standard deviations around 500


def test_uncertain_needs_are_bounded_by_samples_or_by_mean_and_deviation():
    sampled = Agent(name="a", need_samples=tuple(F(n) for n in range(1, 60)), values={"r": F(1)})
    spread = Agent(name="b", need=F(10), need_sd=F(2), values={"r": F(1)})
    problem = Problem(agents=(sampled, spread), capacities={"r": F(30)})

    needs = [agent.need for agent in certain(problem, F(1, 10)).agents]

    assert needs[0] == 58  # of 59, the 58th: at least 58 of 59 below the 90 % quantile has probability 0.015
    assert needs[1] == pytest.approx(16, abs=1e-5)  # 10 + 2 * sqrt(9)


def test_too_few_samples_say_how_many_are_needed():
    agent = Agent(name="a", need_samples=(F(1), F(2)), values={"r": F(1)})

    with pytest.raises(UnreadableArtefact, match="2 needs of `a`") as caught:
        certain(Problem(agents=(agent,), capacities={"r": F(1)}), F(1, 10))

    assert caught.value.help == "give at least 29"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("agents: {a: {need: 1}}\nresources: {r: -1}", "negative"),
        ("agents: {a: {need: 0}}\nresources: {r: 1}", "share of nothing"),
        ("agents: {a: {eligible: []}}\nresources: {r: 1}", "may get no resource"),
        ("agents: {a: {eligible: [s]}}\nresources: {r: 1}", "no resource"),
        ("agents: {a: {needs: 1}}\nresources: {r: 1}", "did you mean `need`?"),
        ("agents: {}\nresources: {r: 1}", "no agent"),
        ("agents: {a: {need: .nan}}\nresources: {r: 1}", "write a number"),
        ("agents: {a: {need: 1e999999999}}\nresources: {r: 1}", "write a number"),
        ("agents: {a: {weight: 0}}\nresources: {r: 1}", "above 0"),
        ("agents: {a: {given: {r: 1, s: 2}}}\nresources: {r: 1}", "no resource"),
        ("resources: {r: 1}", "`agents` is not there"),
        ("agents: {a: 3}\nresources: {r: 1}", "no mapping"),
        ("agents: {a: {}}\nresources: {r: 1, s: 1}\nconflicts: [[r, t]]", "no conflict"),
    ],
)
def test_what_is_no_problem_is_refused_with_what_to_write(text: str, said: str):
    with pytest.raises(UnreadableArtefact) as caught:
        read_problem(Source("p.yaml", text.encode()), Reading())

    assert said in f"{caught.value.message} {caught.value.help}"


def test_a_table_with_a_name_twice_or_without_supply_is_refused():
    for rows, reading, said in (
        ("agent,need\na,1\na,2\n", Reading(supply=F(1)), "again"),
        ("agent,need\na,1\n", Reading(), "nothing says how much"),
        ("agent,need\na,\n", Reading(supply=F(1)), "missing"),
        ("name,need\na,1\n", Reading(supply=F(1)), "no column `agent`"),
    ):
        with pytest.raises(UnreadableArtefact, match=said):
            read_problem(Source("p.csv", rows.encode()), reading)


@pytest.mark.slow  # ten thousand agents
def test_ten_thousand_agents_are_served_or_refused_in_words():
    rng = random.Random(5)
    agents = tuple(Agent(name=f"a{i}", need=F(rng.randint(1, 99)), values={"r": F(1)}) for i in range(10_000))
    problem = Problem(agents=agents, capacities={"r": F(100_000)})

    answer = best(problem)

    assert len(set(utilities(answer))) == 1


def test_too_many_pairs_are_refused_in_words():
    text = json.dumps({"agents": {f"a{i}": {} for i in range(700)}, "resources": {f"r{j}": 1 for j in range(300)}})

    with pytest.raises(UnreadableArtefact, match="700 agents and 300 resources"):
        read_problem(Source("p.json", text.encode()), Reading())


def test_nash_welfare_where_somebody_can_have_nothing_is_not_known():
    agents = (Agent(name="a", values={"r": F(1)}), Agent(name="b", values={"r": F(0)}))

    with pytest.raises(Unsolved, match="`b`"):
        allocate(Problem(agents=agents, capacities={"r": F(1)}), Demands(welfare="nash", alpha=F(1)), NEVER)


def test_demands_that_name_nobody_are_refused():
    with pytest.raises(UnreadableArtefact, match="`nobody`"):
        allocate(divided(0), Demands(floors={"nobody": F(1)}), NEVER)
