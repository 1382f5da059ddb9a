"""What an allocation is worth to everyone, and what is demanded of it: linear inequalities in exact numbers.

A program has a variable for each pair of an agent and a resource that it may get,
all of them at least 0 and bounded above. Everything that a policy demands is rows
`sum of coefficient * variable <= bound`, each with the words in which it is named.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.allocation import Agent, Problem
from probatum.fairness.artefacts.requirements.allocation import Demands
from probatum.project.document import suggestion

Vector: TypeAlias = Mapping[int, Fraction]
Shares: TypeAlias = Mapping[tuple[str, str], Fraction]

_MOST_TERMS = 3_000_000  # of all rows
_ROOT = 10**6  # needs that depend on a square root are rounded up to a multiple of its reciprocal


@dataclass(frozen=True, slots=True)
class Row:
    """`sum of coefficient * variable <= bound`.

    Attributes
    ----------
    name : str
        In a report, and in a certificate; unique.
    policy : str
        What demands it: `floor`, `capacity`.
    """

    name: str
    policy: str
    terms: Vector
    bound: Fraction


@dataclass(frozen=True, slots=True)
class Program:
    """The allocations that a problem and its demands allow.

    Attributes
    ----------
    names : tuple of str
        Of agents, in their order.
    pairs : tuple of (str, str)
        Agent and resource of the first variables; those beyond express demands.
    upper : list of Fraction
        Largest value of each variable; the smallest is 0.
    whole : list of bool
        Whether a variable takes whole values only.
    rows : list of Row
    utilities : list of Vector
        Of each agent, as sums of variables.
    """

    names: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    upper: list[Fraction]
    whole: list[bool]
    rows: list[Row] = field(default_factory=list)
    utilities: list[Vector] = field(default_factory=list)

    def shares(self, x: Mapping[int, Fraction]) -> Shares:
        """Return who gets what, without zeros."""
        return {pair: x[n] for n, pair in enumerate(self.pairs) if x.get(n)}

    def utility(self, x: Mapping[int, Fraction]) -> list[Fraction]:
        """Return the utility of each agent."""
        return [dot(u, x) for u in self.utilities]


def dot(terms: Vector, x: Mapping[int, Fraction]) -> Fraction:
    """Return a sum of products."""
    return sum((c * x[n] for n, c in terms.items() if n in x), Fraction(0))


def program(problem: Problem, demands: Demands, known: Mapping[str, Fraction] | None = None) -> Program:
    """Write a problem and its demands as inequalities.

    Parameters
    ----------
    known : mapping of str to Fraction, optional
        What two demands need to know: the most total utility, as `price`, and each agent's
        maximin share, as `mms of NAME`.

    Raises
    ------
    UnreadableArtefact
        If a demand names who is not there, or needs what the problem does not say.
    """
    known = known or {}
    agents = problem.agents
    pairs = tuple((a.name, r) for a in agents for r in a.values)
    at = {pair: n for n, pair in enumerate(pairs)}
    upper = [_most(problem, a, r) for a in agents for r in a.values]
    found = Program(tuple(a.name for a in agents), pairs, upper, [problem.indivisible] * len(pairs))
    for a in agents:
        scale = a.need if a.need is not None else Fraction(1)
        found.utilities.append({at[a.name, r]: v / scale for r, v in a.values.items() if v})
    for rows in (_supply(problem, at, upper), _linear(problem, demands, found, at, known)):
        found.rows.extend(rows)
    if demands.envy == "ef1" or demands.proportional:
        if not problem.indivisible:
            raise _cannot("`ef1` and `prop1` are about things that are not divided", "write `indivisible: true`, or `envy: free`")
        _one_more_or_less(problem, demands, found, at)
    if sum(len(row.terms) for row in found.rows) > _MOST_TERMS:
        raise _cannot("the demands are too many to be written down", "divide the problem, or demand less of each pair")
    if len({row.name for row in found.rows}) < len(found.rows):
        raise _cannot("two demands have one name", "call agents, groups and resources differently")
    return found


def _most(problem: Problem, agent: Agent, resource: str) -> Fraction:
    limits = [problem.capacities[resource], agent.need, agent.quota, problem.limit, Fraction(1) if problem.indivisible else None]
    least = min(limit for limit in limits if limit is not None)
    return Fraction(math.floor(least)) if problem.indivisible else least


def _supply(problem: Problem, at: Mapping[tuple[str, str], int], upper: list[Fraction]) -> Iterator[Row]:
    takers: dict[str, dict[int, Fraction]] = {r: {} for r in problem.capacities}
    for (_, resource), n in at.items():
        takers[resource][n] = Fraction(1)
    for resource, capacity in problem.capacities.items():
        yield Row(f"capacity of `{resource}`", "capacity", takers[resource], capacity)
    for agent in problem.agents:
        own = {at[agent.name, r]: Fraction(1) for r in agent.values}
        if len(own) > 1:
            if agent.need is not None:
                yield Row(f"`{agent.name}` uses at most its need", "need", own, agent.need)
            if agent.quota is not None:
                yield Row(f"`{agent.name}` gets at most its quota", "quota", own, agent.quota)
        for a, b in problem.conflicts:
            both = [at[agent.name, r] for r in (a, b) if (agent.name, r) in at]
            if len(both) == 2 and all(upper[n] for n in both):
                terms = {n: 1 / upper[n] for n in both}
                yield Row(f"`{agent.name}` does not get both `{a}` and `{b}`", "conflict", terms, Fraction(1))


def rates(problem: Problem, utilities: list[Vector]) -> Mapping[str, Vector]:
    """Return the service rate of each group, as sums of variables: share of its need met, or mean utility."""
    members: dict[str, list[int]] = {}
    for n, agent in enumerate(problem.agents):
        members.setdefault(agent.group, []).append(n)
    found: dict[str, Vector] = {}
    for group in sorted(members):
        own = members[group]
        needs = [problem.agents[n].need for n in own]
        alike = any(need is None for need in needs)
        weights = [Fraction(1) if alike or need is None else need for need in needs]
        total = sum(weights, Fraction(0))
        found[group] = _sum((utilities[n], w / total) for n, w in zip(own, weights, strict=True))
    return found


def _sum(parts: Iterable[tuple[Vector, Fraction]]) -> dict[int, Fraction]:
    terms: dict[int, Fraction] = {}
    for vector, factor in parts:
        for n, c in vector.items():
            terms[n] = terms.get(n, Fraction(0)) + factor * c
    return {n: c for n, c in terms.items() if c}


def _linear(
    problem: Problem, demands: Demands, found: Program, at: Mapping[tuple[str, str], int], known: Mapping[str, Fraction]
) -> Iterator[Row]:
    one, nothing = Fraction(1), Fraction(0)
    agents, u = problem.agents, found.utilities
    if demands.floor is not None:
        for agent, own in zip(agents, u, strict=True):
            yield Row(f"`{agent.name}` has at least {text(demands.floor)}", "floor", _sum([(own, -one)]), -demands.floor)
    groups = rates(problem, u)
    index = {agent.name: n for n, agent in enumerate(agents)}
    for name, least in demands.floors.items():
        if name not in index and name not in groups:
            raise _cannot(f"`floors` names `{name}`, who is no agent and no group", suggestion(name, [*groups, *index]))
        own = u[index[name]] if name in index else groups[name]
        yield Row(f"`{name}` has at least {text(least)} of its own", "floors", _sum([(own, -one)]), -least)
    if demands.group_gap is not None:
        if len(groups) < 2:
            raise _cannot("`group_gap` compares groups, and all agents are of one", "give agents a `group`")
        for more in groups:
            for less in groups:
                if more != less:
                    terms = _sum([(groups[more], one), (groups[less], -one)])
                    name = f"group `{more}` has at most {text(demands.group_gap)} more than `{less}`"
                    yield Row(name, "group_gap", terms, demands.group_gap)
    if demands.max_distance is not None:
        if not problem.distances:
            raise _cannot("`max_distance` needs distances", "give agents a `distance` to each resource")
        for pair, n in at.items():
            if problem.distances.get(pair, nothing) > demands.max_distance:
                yield Row(f"`{pair[0]}` is too far from `{pair[1]}`", "max_distance", {n: one}, nothing)
    if demands.priority:
        classes = sorted({a.priority for a in agents}, reverse=True)
        for high, low in pairwise(classes):
            for first in (n for n, a in enumerate(agents) if a.priority == high):
                for second in (n for n, a in enumerate(agents) if a.priority == low):
                    name = f"`{agents[first].name}` is served at least as well as `{agents[second].name}`"
                    yield Row(name, "priority", _sum([(u[second], one), (u[first], -one)]), nothing)
    if demands.envy == "free":
        for n, agent in enumerate(agents):
            for other in agents:
                if other is not agent:
                    terms = _sum([(seen(agent, other, at), 1 / other.weight), (u[n], -1 / agent.weight)])
                    yield Row(f"`{agent.name}` does not envy `{other.name}`", "envy", terms, nothing)
    if demands.mms:
        for agent, own in zip(agents, u, strict=True):
            least = known.get(f"mms of {agent.name}", nothing)
            yield Row(f"`{agent.name}` has its maximin share, {text(least)}", "mms", _sum([(own, -one)]), -least)
    if demands.price_cap is not None:
        least = (1 - demands.price_cap) * known.get("price", nothing)
        name = f"the total utility is at least {text(least)}"
        yield Row(name, "price_cap", _sum((own, -mass) for own, mass in zip(u, masses(problem), strict=True)), -least)


def masses(problem: Problem) -> list[Fraction]:
    """Return how much each agent counts in a sum: its weight, times its need where all have needs.

    So every unit of need counts alike, and a site that serves a hundred counts as a hundred. (In
    leximin there is no sum: there a weight is an entitlement, by which a utility is divided.)
    """
    needs = [agent.need for agent in problem.agents]
    if any(need is None for need in needs):
        return [agent.weight for agent in problem.agents]
    return [agent.weight * (agent.need or Fraction(1)) for agent in problem.agents]


def seen(agent: Agent, other: Agent, at: Mapping[tuple[str, str], int]) -> dict[int, Fraction]:
    """Return what an agent thinks of what another has: its own values, of what it may get itself."""
    scale = agent.need if agent.need is not None else Fraction(1)
    return {at[other.name, r]: v / scale for r, v in agent.values.items() if v and (other.name, r) in at}


def _one_more_or_less(problem: Problem, demands: Demands, found: Program, at: Mapping[tuple[str, str], int]) -> None:
    """Add rows for "after one thing": the choice of the thing is a variable, which takes a best one by itself."""
    one, nothing = Fraction(1), Fraction(0)
    for n, agent in enumerate(problem.agents):
        own = found.utilities[n]
        if demands.envy == "ef1":
            for other in problem.agents:
                if other is agent:
                    continue
                theirs = seen(agent, other, at)
                chosen = _new(found, len(theirs))
                what = f"what `{agent.name}` leaves out of what `{other.name}` has"
                for s, (x, _) in zip(chosen, theirs.items(), strict=True):
                    found.rows.append(Row(f"{what}: `{found.pairs[x][1]}`", "ef1", {s: one, x: -one}, nothing))
                found.rows.append(Row(f"{what} is one thing", "ef1", dict.fromkeys(chosen, one), one))
                left = {s: -v for s, v in zip(chosen, theirs.values(), strict=True)}
                terms = _sum([(theirs, 1 / other.weight), (left, 1 / other.weight), (own, -1 / agent.weight)])
                found.rows.append(Row(f"`{agent.name}` does not envy `{other.name}` after one thing", "ef1", terms, nothing))
        if demands.proportional:
            chosen = _new(found, len(own))
            what = f"what `{agent.name}` would get besides"
            for s, x in zip(chosen, own, strict=True):
                found.rows.append(Row(f"{what}: `{found.pairs[x][1]}`", "prop1", {s: one, x: one}, one))
            found.rows.append(Row(f"{what} is one thing", "prop1", dict.fromkeys(chosen, one), one))
            more = {s: -v for s, v in zip(chosen, own.values(), strict=True)}
            found.rows.append(
                Row(
                    f"`{agent.name}` has its share after one thing",
                    "prop1",
                    _sum([(own, -one), (more, one)]),
                    -share(problem, agent),
                )
            )


def share(problem: Problem, agent: Agent) -> Fraction:
    """Return the proportional share of an agent: its part, by weight, of its value of everything there is."""
    scale = agent.need if agent.need is not None else Fraction(1)
    everything = sum((v * problem.capacities[r] for r, v in agent.values.items()), Fraction(0)) / scale
    return everything * agent.weight / sum((a.weight for a in problem.agents), Fraction(0))


def _new(found: Program, many: int) -> list[int]:
    first = len(found.upper)
    found.upper.extend([Fraction(1)] * many)
    found.whole.extend([False] * many)
    return list(range(first, first + many))


def certain(problem: Problem, chance: Fraction, alpha: Fraction = Fraction(1, 20)) -> Problem:
    """Return the problem in which each need is one that is exceeded with at most a given probability.

    Parameters
    ----------
    chance : Fraction in (0, 1)
        Largest probability with which the true need exceeds the one in the result.
    alpha : Fraction
        Probability, over samples, that the bound from them is too low; of each agent.

    Raises
    ------
    UnreadableArtefact
        If an agent's need is not known well enough; with how many samples are.

    Notes
    -----
    From samples: the order statistic that is a distribution-free upper tolerance limit [1]_.
    From a mean and a standard deviation: Cantelli's inequality, valid for any distribution
    that has them.

    References
    ----------
    .. [1] Wilks. "Determination of Sample Sizes for Setting Tolerance Limits." Ann. Math.
       Statist. 12 (1941).
    """
    if not 0 < chance < 1:
        raise _cannot(f"`chance` is {text(chance)}", "write a probability above 0 and below 1")
    agents = []
    for agent in problem.agents:
        if agent.need_samples:
            need = _tolerance(agent, chance, alpha)
        elif agent.need is not None and agent.need_sd is not None:
            odds = (1 - chance) / chance
            root = Fraction(math.isqrt(math.ceil(agent.need_sd**2 * odds * _ROOT**2)) + 1, _ROOT)
            need = agent.need + (root if agent.need_sd else 0)
        else:
            raise _cannot(
                f"the need of `{agent.name}` is not uncertain, and `chance` is asked for",
                "give it `need_samples`, or `need` and `need_sd`",
            )
        agents.append(replace(agent, need=need))
    return replace(problem, agents=tuple(agents))


def _tolerance(agent: Agent, chance: Fraction, alpha: Fraction) -> Fraction:
    n, below = len(agent.need_samples), 1 - chance
    # The k-th smallest is too low only if at least k of n needs are below the quantile.
    tail = Fraction(0)
    best = None
    for k in range(n, 0, -1):
        tail += math.comb(n, k) * below**k * chance ** (n - k)
        if tail > alpha:
            break
        best = k
    if best is None:
        enough = math.ceil(math.log(alpha) / math.log(below))
        raise _cannot(
            f"{n} needs of `{agent.name}` do not bound what is exceeded with probability {text(chance)}",
            f"give at least {enough}",
        )
    return agent.need_samples[best - 1]


def text(number: Fraction) -> str:
    """Return a number as people read it; exactly, where that is short."""
    if number.denominator == 1 and abs(number) < 10**15:
        return f"{number.numerator:,}"
    return f"{float(number):.6g}"


def _cannot(message: str, advice: str) -> UnreadableArtefact:
    return UnreadableArtefact(message, help=advice)


# --- what is demanded, seen on one allocation ---


def shortcomings(problem: Problem, demands: Demands, shares: Shares, known: Mapping[str, Fraction]) -> list[tuple[str, Fraction]]:
    """Return every demand that an allocation does not keep, with by how much; the worst of each policy first."""
    plain = program(problem, replace(demands, envy="free" if demands.envy == "free" else "", proportional=""), known)
    at = {pair: n for n, pair in enumerate(plain.pairs)}
    found: list[tuple[str, Fraction]] = []
    for (agent, resource), much in shares.items():
        n = at.get((agent, resource))
        if n is None and much:
            found.append((f"`{agent}` may not get `{resource}`", much))
        elif n is not None and much > plain.upper[n]:
            found.append((f"`{agent}` gets more of `{resource}` than {text(plain.upper[n])}", much - plain.upper[n]))
        if problem.indivisible and much.denominator != 1:
            found.append((f"`{agent}` gets a part of `{resource}`, which is not divided", much))
        if much < 0:
            found.append((f"`{agent}` gets less than nothing of `{resource}`", -much))
    x = {at[pair]: much for pair, much in shares.items() if pair in at}
    found += [(row.name, dot(row.terms, x) - row.bound) for row in plain.rows if dot(row.terms, x) > row.bound]
    found += _after_one_thing(problem, demands, plain, at, x)
    return sorted(found, key=lambda one: (-one[1], one[0]))


def _after_one_thing(
    problem: Problem, demands: Demands, plain: Program, at: Mapping[tuple[str, str], int], x: Mapping[int, Fraction]
) -> Iterator[tuple[str, Fraction]]:
    utility = plain.utility(x)
    for n, agent in enumerate(problem.agents):
        for other in problem.agents if demands.envy == "ef1" else ():
            if other is not agent:
                theirs = {s: v for s, v in seen(agent, other, at).items() if x.get(s)}
                envy = (dot(theirs, x) - max(theirs.values(), default=Fraction(0))) / other.weight - utility[n] / agent.weight
                if envy > 0:
                    yield f"`{agent.name}` envies `{other.name}`, whatever one thing is left out", envy
        if demands.proportional:
            besides = max((v for s, v in plain.utilities[n].items() if not x.get(s)), default=Fraction(0))
            short = share(problem, agent) - utility[n] - besides
            if short > 0:
                yield f"`{agent.name}` has less than its share, whatever one thing is added", short
