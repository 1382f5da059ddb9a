"""Allocations: is a certificate one? Sums of products of rationals, and no search.

`semantics.allocation` says which inequalities a problem and its demands are. Whether an
allocation keeps them, and whether multipliers prove that nothing is better, is computed here.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeAlias

from probatum.evidence import CONFIRMED, Evidence, Proof, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.allocation import Problem, read_problem
from probatum.fairness.artefacts.requirements.allocation import AllocationRequirement, Demands
from probatum.fairness.semantics.allocation import Program, Row, certain, masses, program, shortcomings
from probatum.source import DATA, Source

_GAP = Fraction(1, 10**6)  # relative gap of a concave welfare that may remain
_ZERO, _ONE = Fraction(0), Fraction(1)

Point: TypeAlias = dict[int, Fraction]


class Refuted(Exception):
    """The certificate does not prove what it says; the text says where."""


@dataclass(frozen=True, slots=True)
class _Limits:
    lower: list[Fraction]
    upper: list[Fraction]
    whole: list[bool]


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute what is said of an allocation."""
    if not isinstance(evidence, Proof):
        return Recheck("refuted", "an allocation is proved by a certificate")
    body = evidence.certificate
    required = next((r for r in policy.of_kind(AllocationRequirement) if r.id == body["requirement"]), None)
    if required is None:
        return Recheck("refuted", f"the policy has no requirement `{body['requirement']}`")
    source = inputs.get(DATA + (beside(policy.location.path, required.file) or ""))
    if source is None:
        return Recheck("cannot", f"the file `{required.file}` is not there")
    problem = read_problem(source, required.reading)
    try:
        verify(problem, required.demands, body)
        _says(problem, required, body)
    except Refuted as problem_found:
        return Recheck("refuted", str(problem_found))
    return CONFIRMED


def verify(problem: Problem, demands: Demands, body: Mapping[str, Any]) -> None:
    """Return if a certificate proves its allocation best, or its conflict one.

    Where evidence needs only that some allocation is better, the proof that none is better still may be absent.

    Raises
    ------
    Refuted
    """
    if demands.chance is not None:
        problem = certain(problem, demands.chance)
    if body["verdict"] not in ("below", "unkept") and _absent(body):
        raise Refuted("a part of the proof is absent")
    known = _known(problem, demands, body["known"])
    written = program(problem, demands, known)
    if "conflict" in body:
        _conflict(written, body["conflict"])
        return
    point = _read(body["point"], len(written.upper))
    _feasible(written.rows, _limits(written), point)
    if short := shortcomings(problem, demands, written.shares(point), known):
        raise Refuted(f"the allocation does not keep this: {short[0][0]}")
    leximin = demands.welfare == "leximin"
    weights = [agent.weight for agent in problem.agents] if leximin else masses(problem)
    proof = body["proof"]
    if proof["kind"] == "levels":
        _by_levels(written, weights, point, proof, demands)
    elif proof["kind"] == "sums":
        _by_sums(written, weights, point, proof, demands)
    elif proof["kind"] == "tree" and demands.welfare == "utilitarian":
        _by_tree(_total(written, weights), point, Fraction(proof["value"]), written.rows, _limits(written), proof["tree"])
    elif proof["kind"] == "tangent" and demands.welfare != "leximin":
        _by_tangent(written, weights, demands.alpha, point, proof)
    else:
        raise Refuted(f"`{proof['kind']}` proves nothing about `{demands.welfare}`")


def verify_lottery(problem: Problem, said: Mapping[str, Any], point: Mapping[tuple[str, str], Fraction]) -> None:
    """Return if a lottery gives everyone what they expect, by whole allocations, and draws the one that its seed draws.

    Raises
    ------
    Refuted
    """
    expected: dict[tuple[str, str], Fraction] = {}
    total, drawn = _ZERO, -1
    at = Fraction(int(hashlib.sha256(said["seed"].encode()).hexdigest(), 16), 2**256)
    for n, part in enumerate(said["parts"]):
        p = Fraction(part["probability"])
        pairs = [(agent, resource) for agent, resource in part["allocation"]]
        if p <= 0 or len(set(pairs)) < len(pairs):
            raise Refuted("a part of the lottery is none")
        if total <= at < total + p:
            drawn = n
        total += p
        for agent, resource in pairs:
            expected[agent, resource] = expected.get((agent, resource), _ZERO) + p
        if short := shortcomings(problem, Demands(), dict.fromkeys(pairs, _ONE), {}):
            raise Refuted(f"a part of the lottery cannot be carried out: {short[0][0]}")
    if total != 1 or expected != {pair: much for pair, much in point.items() if much} or drawn != said["drawn"]:
        raise Refuted("the lottery is not a mixture with this expectation, or its seed draws another part")


def _says(problem: Problem, required: AllocationRequirement, body: Mapping[str, Any]) -> None:
    """Check what the evidence says of the allocation that was given."""
    verdict, given = body["verdict"], problem.given
    if (verdict == "conflict") != ("conflict" in body) or (verdict == "attainable") != (given is None and "conflict" not in body):
        raise Refuted(f"it is not `{verdict}`")
    if verdict in ("conflict", "attainable") or given is None:
        return
    if required.demands.chance is not None:
        problem = certain(problem, required.demands.chance)
    known = {name: Fraction(one["value"]) for name, one in body["known"].items()}
    written = program(problem, required.demands, known)
    short = [name for name, _ in shortcomings(problem, required.demands, given, known)]
    if verdict == "unkept":
        if short[:1] != [body["shortcoming"]]:
            raise Refuted("the allocation keeps what it is said not to keep")
        return
    at = {pair: n for n, pair in enumerate(written.pairs)}
    ours = {at[pair]: much for pair, much in given.items() if pair in at}
    leximin = required.demands.welfare == "leximin"
    weights = [agent.weight for agent in problem.agents] if leximin else masses(problem)
    below = _below(written, weights, required, ours, _read(body["point"], len(written.upper)))
    if short or verdict not in ("below", "best") or below != (verdict == "below"):
        raise Refuted(f"the allocation is not `{verdict}`")


def _below(written: Program, weights: Sequence[Fraction], required: AllocationRequirement, given: Point, best: Point) -> bool:
    keep = 1 - required.tolerance
    if required.demands.welfare == "leximin":
        ours, theirs = ([_value(u, x) / w for u, w in zip(written.utilities, weights, strict=True)] for x in (given, best))
        return any(a < keep * b for a, b in zip(sorted(ours), sorted(theirs), strict=True))
    return _level(written, weights, required.demands.alpha, given) < float(keep) * _level(
        written, weights, required.demands.alpha, best
    ) * (1 - 1e-9)


def _level(written: Program, weights: Sequence[Fraction], alpha: Fraction, x: Point) -> float:
    """Return the utility which, if everyone had it, would be as much welfare."""
    have = [float(u) for u in written.utility(x)]
    parts = [float(w / sum(weights, _ZERO)) for w in weights]
    least, power = min(have), 1 - float(alpha)
    if alpha >= 1 and not least:
        return 0.0
    if alpha == 1:
        return math.exp(sum(w * math.log(u) for w, u in zip(parts, have, strict=True)))
    scale = least if alpha > 1 else max(have) or 1.0
    mean = sum(w * (u / scale) ** power for w, u in zip(parts, have, strict=True))
    return float(scale * mean ** (1 / power))


def _by_levels(written: Program, weights: Sequence[Fraction], point: Point, proof: Mapping[str, Any], demands: Demands) -> None:
    if demands.welfare != "leximin":
        raise Refuted("levels prove leximin, and nothing else")
    extra = _caps(written, proof["caps"]) if "caps" in proof else []
    n = len(written.upper)
    index = {name: i for i, name in enumerate(written.names)}
    settled: dict[int, Fraction] = {}
    for level in proof["levels"]:
        rows = _named([*written.rows, *extra, *_level_rows(written, weights, settled)])
        value = Fraction(level["value"])
        multipliers = _multipliers(level["multipliers"], rows)
        # The level itself is a variable without limits: what is left of it must be nothing.
        left, total = _combined({n: _ONE}, rows, multipliers)
        if left.pop(n, _ZERO):
            raise Refuted("the multipliers of a level do not add up")
        total += sum((c * written.upper[j] for j, c in left.items() if c > 0), _ZERO)
        if total != value:
            raise Refuted(f"the multipliers prove a level of {total}, and not of {value}")
        for name in level["settled"]:
            if not multipliers.get(f"level of `{name}`"):
                raise Refuted(f"nothing proves that `{name}` can have no more")
        settled |= {index[name]: value for name in level["settled"]}
    for i, (u, w) in enumerate(zip(written.utilities, weights, strict=True)):
        if settled.get(i) is None or _value(u, point) != settled[i] * w:
            raise Refuted(f"`{written.names[i]}` does not have what is proved to be the most")


def _level_rows(written: Program, weights: Sequence[Fraction], settled: Mapping[int, Fraction]) -> Iterator[Row]:
    for i, name in enumerate(written.names):
        less = {j: -c / weights[i] for j, c in written.utilities[i].items()}
        if i in settled:
            yield Row(f"`{name}` keeps its level", "level", less, -settled[i])
        else:
            yield Row(f"level of `{name}`", "level", {**less, len(written.upper): _ONE}, _ZERO)


def _caps(written: Program, caps: Mapping[str, Any]) -> list[Row]:
    rows = []
    for name, u in zip(written.names, written.utilities, strict=True):
        value = Fraction(caps[name]["value"])
        _tree(u, value, _step(u, _limits(written)), written.rows, _limits(written), caps[name]["tree"])
        rows.append(Row(f"`{name}` can have at most so much", "cap", u, value))
    return rows


def _by_sums(written: Program, weights: Sequence[Fraction], point: Point, proof: Mapping[str, Any], demands: Demands) -> None:
    if demands.welfare != "leximin" or not any(written.whole) or len(proof["sums"]) != len(weights):
        raise Refuted("sums of the worst off prove leximin of whole things, if there is one for each")
    n, many = len(written.upper), len(weights)
    grain = _grain(c / w for u, w in zip(written.utilities, weights, strict=True) for c in u.values())
    have = sorted(_value(u, point) / w for u, w in zip(written.utilities, weights, strict=True))
    top = max(Fraction(proof["caps"][name]["value"]) / w for name, w in zip(written.names, weights, strict=True))
    rows = [*written.rows, *_caps(written, proof["caps"])]
    limits = _limits(written)
    for k, one in enumerate(proof["sums"], start=1):
        r = n + (k - 1) * (many + 1)
        limits.lower.extend([_ZERO] * (many + 1))
        limits.upper.extend([top] * (many + 1))
        limits.whole.extend([False] * (many + 1))
        for i, name in enumerate(written.names):
            less = {j: -c / weights[i] for j, c in written.utilities[i].items()}
            rows.append(Row(f"`{name}` among {k}", "order", {**less, r: _ONE, r + 1 + i: -_ONE}, _ZERO))
        goal = {r: Fraction(k), **{r + 1 + i: -_ONE for i in range(many)}}
        value = Fraction(one["value"])
        if sum(have[:k], _ZERO) != value:
            raise Refuted(f"the {k} worst off have {sum(have[:k], _ZERO)}, and not {value}")
        _tree(goal, value, grain, rows, limits, one["tree"])
        rows.append(Row(f"the {k} worst off together", "order", {j: -c for j, c in goal.items()}, -value))


def _by_tangent(written: Program, weights: Sequence[Fraction], alpha: Fraction, point: Point, proof: Mapping[str, Any]) -> None:
    slopes = list(weights)
    if alpha:
        have = written.utility(point)
        if not all(have):
            raise Refuted("somebody has nothing, where the welfare is not defined")
        powers = [
            u ** int(alpha) if alpha.denominator == 1 else 1 / Fraction(float(u) ** -float(alpha)).limit_denominator(10**9)
            for u in have
        ]
        slopes = [w / power for w, power in zip(weights, powers, strict=True)]
    objective = _total(written, slopes)
    rows = _named(written.rows)
    value = _value(objective, point)
    most = _bound(objective, rows, _multipliers(proof["multipliers"], rows), _limits(written))
    gap = (most - value) / max(abs(value), Fraction(1, 10**9))
    if gap != Fraction(proof["gap"]) or gap > _GAP:
        raise Refuted(f"the multipliers prove a gap of {float(gap):.3g}, and not of {float(Fraction(proof['gap'])):.3g}")


def _by_tree(  # noqa: PLR0917 - a claim is made of these
    objective: Mapping[int, Fraction], point: Point, value: Fraction, rows: Sequence[Row], limits: _Limits, tree: Any
) -> None:
    if _value(objective, point) != value:
        raise Refuted(f"the allocation has {_value(objective, point)}, and not {value}")
    _tree(objective, value, _step(objective, limits), rows, limits, tree)


def _tree(  # noqa: PLR0917 - a claim is made of these
    objective: Mapping[int, Fraction], value: Fraction, grain: Fraction, rows: Sequence[Row], limits: _Limits, tree: Any
) -> None:
    """Check that the objective is nowhere above a value; one that is absent was allowed to be."""
    if tree is None:
        return
    named = _named(rows)
    # Between two multiples of the grain there is no value: but only if the value is one of them.
    if grain and (value / grain).denominator != 1:
        raise Refuted(f"{value} is no value that whole things can have")
    open_ = [(tree, limits)]
    while open_:
        node, here = open_.pop()
        if "split" in node:
            n, at = node["split"], Fraction(node["at"])
            if not here.whole[n] or at.denominator != 1:
                raise Refuted("the tree divides what is not whole")
            open_.append((node["down"], replace(here, upper=[*here.upper[:n], min(at, here.upper[n]), *here.upper[n + 1 :]])))
            open_.append((node["up"], replace(here, lower=[*here.lower[:n], max(at + 1, here.lower[n]), *here.lower[n + 1 :]])))
        elif any(low > high for low, high in zip(here.lower, here.upper, strict=True)):
            continue
        elif "empty" in node:
            if _bound({}, named, _multipliers(node["empty"], named), here) >= 0:
                raise Refuted("a leaf is said to be empty, and its multipliers do not prove it")
        else:
            most = _bound(objective, named, _multipliers(node["bound"], named), here)
            if most > value and most >= value + grain:
                raise Refuted(f"a leaf may hold {most}, which is more than {value}")


def _conflict(written: Program, body: Mapping[str, Any]) -> None:
    rows = _named(written.rows)
    chosen = [rows[name] for name in body["rows"]]
    limits = _limits(written)
    if body["proof"] is None:
        raise Refuted("nothing proves the contradiction")
    _tree({}, Fraction(-1), _ZERO, chosen, limits, body["proof"])
    if set(body["witnesses"]) != set(body["rows"]):
        raise Refuted("not every demand of the contradiction is shown to be needed")
    for name, said in body["witnesses"].items():
        point = _read(said, len(written.upper))
        _feasible([row for row in chosen if row.name != name], limits, point)


def _known(problem: Problem, demands: Demands, said: Mapping[str, Any]) -> dict[str, Fraction]:
    found = {name: Fraction(one["value"]) for name, one in said.items()}
    wanted = {"price"} if demands.price_cap is not None else set()
    wanted |= {f"mms of {agent.name}" for agent in problem.agents} if demands.mms else set()
    if set(said) != wanted:
        raise Refuted("what demands are relative to is not what they need")
    if "price" in said:
        free, one = program(problem, Demands()), said["price"]
        objective = _total(free, masses(problem))
        point = _read(one["point"], len(free.upper))
        _feasible(free.rows, _limits(free), point)
        rows = _named(free.rows)
        if "multipliers" in one:
            most = _bound(objective, rows, _multipliers(one["multipliers"], rows), _limits(free))
            if not most == _value(objective, point) == found["price"]:
                raise Refuted("the most total utility is another")
        else:
            _by_tree(objective, point, found["price"], free.rows, _limits(free), one["tree"])
    for agent in problem.agents if demands.mms else ():
        clones = tuple(replace(agent, name=f"bundle {n + 1}") for n in range(len(problem.agents)))
        alike = program(replace(problem, agents=clones, given=None), Demands())
        point = _read(said[f"mms of {agent.name}"]["point"], len(alike.upper))
        _feasible(alike.rows, _limits(alike), point)
        if min(_value(u, point) for u in alike.utilities) != found[f"mms of {agent.name}"]:
            raise Refuted(f"the partition does not give `{agent.name}` that share")
    return found


def _named(rows: Sequence[Row]) -> dict[str, Row]:
    named = {row.name: row for row in rows}
    if len(named) != len(rows):
        raise Refuted("two demands have one name")
    return named


def _absent(body: Any) -> bool:
    if isinstance(body, Mapping):
        return any((key == "tree" and value is None) or _absent(value) for key, value in body.items())
    return isinstance(body, list) and any(_absent(one) for one in body if isinstance(one, Mapping))


def _total(written: Program, weights: Sequence[Fraction]) -> Point:
    total: Point = {}
    for u, w in zip(written.utilities, weights, strict=True):
        for n, c in u.items():
            total[n] = total.get(n, _ZERO) + w * c
    return total


def _limits(written: Program) -> _Limits:
    return _Limits([_ZERO] * len(written.upper), list(written.upper), list(written.whole))


def _read(said: Sequence[Sequence[Any]], size: int) -> Point:
    point = {int(n): Fraction(value) for n, value in said}
    if len(point) != len(said) or any(not 0 <= n < size for n in point):
        raise Refuted("the allocation names what is not there")
    return point


def _feasible(rows: Sequence[Row], limits: _Limits, point: Point) -> None:
    for n, value in point.items():
        if not limits.lower[n] <= value <= limits.upper[n] or (limits.whole[n] and value.denominator != 1):
            raise Refuted("a share is outside its limits, or broken")
    for row in rows:
        if _value(row.terms, point) > row.bound:
            raise Refuted(f"the allocation does not keep this: {row.name}")


def _value(terms: Mapping[int, Fraction], point: Point) -> Fraction:
    return sum((c * point[n] for n, c in terms.items() if n in point), _ZERO)


def _multipliers(said: Mapping[str, str], rows: Mapping[str, Row]) -> dict[str, Fraction]:
    found = {name: Fraction(y) for name, y in said.items()}
    for name, y in found.items():
        if y <= 0 or name not in rows:
            raise Refuted(f"the multiplier of a row is not above 0, or the row is unknown: {name}")
    return found


def _combined(objective: Mapping[int, Fraction], rows: Mapping[str, Row], y: Mapping[str, Fraction]) -> tuple[Point, Fraction]:
    left, total = dict(objective), _ZERO
    for name, factor in y.items():
        total += factor * rows[name].bound
        for n, c in rows[name].terms.items():
            left[n] = left.get(n, _ZERO) - factor * c
    return left, total


def _bound(objective: Mapping[int, Fraction], rows: Mapping[str, Row], y: Mapping[str, Fraction], limits: _Limits) -> Fraction:
    left, total = _combined(objective, rows, y)
    return total + sum((c * (limits.upper[n] if c > 0 else limits.lower[n]) for n, c in left.items()), _ZERO)


def _step(objective: Mapping[int, Fraction], limits: _Limits) -> Fraction:
    """Return the distance between values of an objective; 0 where some variable of it is not whole."""
    return _grain(objective.values()) if all(limits.whole[n] for n in objective) else _ZERO


def _grain(numbers: Any) -> Fraction:
    """Return the largest number of which all are whole multiples."""
    found = _ZERO
    for number in numbers:
        a, b = found, Fraction(number)
        while b:
            a, b = b, a % b
        found = a
    return found
