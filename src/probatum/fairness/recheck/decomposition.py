"""The unexplained part of a gap, from sums that a database makes: normal equations, and no factorisation.

The part is ``U = D - d'b``, with the difference D of mean outcomes, the difference d of mean
characteristics, and the coefficients b of the reference. Sums of products of columns give all
three. A row moves U by a number that is an expression of its columns; the database evaluates
and squares it, which gives the standard error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.decomposition import DecompositionRequirement, Method, Reference
from probatum.fairness.semantics.design import Design, design_of, literal, pairs_of, sizes
from probatum.fairness.semantics.relation import Relation, opened
from probatum.source import DATA, Source

_ALIKE = 1e-6  # relative: of the part and its standard error
_DETERMINED = 1e-12  # of a column's square: what is left of one that others determine

Parts = list[tuple[str, float]]
Vector = list[float]
Matrix = list[list[float]]


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute an unexplained part."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "an unexplained part is an estimate")
    claimed = evidence.counts
    required = next((r for r in policy.of_kind(DecompositionRequirement) if r.id == claimed["requirement"]), None)
    if required is None or required.at_most is None:
        return Recheck("refuted", f"the policy has no requirement `{claimed['requirement']}` with a limit")
    if set(required.columns) & set(required.post_decision):
        return Recheck("refuted", "a covariate comes after the decision")
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    pair = (str(claimed["pair"][0]), str(claimed["pair"][1]))
    with opened(source) as relation:
        design = design_of(policy, required, relation)
        known = sizes(design, relation)
        pairs = pairs_of(required, known, at_least=policy.min_cell)
        if pair not in pairs or evidence.family != len(pairs):
            return Recheck("refuted", "these are not the groups that are compared, or not so many")
        if required.method is Method.KITAGAWA:
            parts, value, variance, n, units, spent = _within_strata(design, relation, pair)
        else:
            parts, value, variance, n, units, spent = _unexplained(design, relation, pair, required.reference)
    clustered = bool(design.cluster)
    factor = units / (units - 1) * (n - 1) / (n - spent) if clustered else n / (n - spent)
    free = units - 1 if clustered else n - spent
    se = math.sqrt(factor * variance)
    if abs(value - evidence.value) > _ALIKE * (abs(value) + se) or abs(se - claimed["se"]) > _ALIKE * se:
        return Recheck(
            "refuted",
            f"it is {value:.6g} (standard error {se:.6g}), and the evidence says {evidence.value:.6g} ({claimed['se']:.6g})",
        )
    if claimed["n"] != [known[name].complete for name in pair] or claimed["units"] != units:
        return Recheck("refuted", f"the groups have {n:g} decisions in {units} independent units")
    told = claimed["waterfall"]
    if told[0] != ["gap", claimed["gap"]]:
        return Recheck("refuted", "the evidence has two gaps")
    if [name for name, _ in told] != [name for name, _ in parts] or any(
        abs(said - own) > _ALIKE * (abs(own) + abs(value) + se) for (_, said), (_, own) in zip(told, parts, strict=True)
    ):
        return Recheck("refuted", f"the parts are {parts}, and the evidence says {told}")
    if evidence.low is None or evidence.high is None or not _covers(evidence, (evidence.low, evidence.high), value, se, free):
        return Recheck("refuted", "the interval does not follow from the standard error")
    limit = required.at_most
    beyond = evidence.low > limit or evidence.high < -limit
    within = -limit <= evidence.low and evidence.high <= limit
    if claimed["verdict"] != ("violated" if beyond else "satisfied" if within else "open"):
        return Recheck("refuted", f"the interval does not say that `{required.id}` is {claimed['verdict']}")
    return CONFIRMED


def _covers(evidence: Estimate, ends: tuple[float, float], value: float, se: float, free: float) -> bool:
    """Whether each end is where Student's distribution has the probability that is claimed."""
    from scipy import special

    wanted = 0.5 * (1 - evidence.confidence) / evidence.family
    tails = [special.stdtr(free, distance / se) for distance in (ends[0] - value, value - ends[1])]
    return all(math.isclose(tail, wanted, rel_tol=1e-3) for tail in tails)


def _unexplained(
    design: Design, relation: Relation, pair: tuple[str, str], reference: Reference
) -> tuple[Parts, float, float, float, int, int]:
    """Return all parts, the one in question, its variance before correction, decisions, independent units, and coefficients of both groups."""
    rows = _standardised(design, relation, pair)
    p = len(design.columns)
    z = ["1.0", *(f"z{at}" for at in range(p))]
    sums = [f"sum(v * {z[i]} * {z[j]})" for i in range(p + 1) for j in range(i + 1)] + [f"sum(v * {one} * y)" for one in z]
    found = relation.sql(f"select f, [{', '.join(sums)}] as s from ({rows}) group by f order by f")  # noqa: S608 - of quoted names
    square: dict[bool, Matrix] = {}
    product: dict[bool, Vector] = {}
    for row in found:
        values = [float(one) for one in row["s"]]
        own = [[0.0] * (p + 1) for _ in range(p + 1)]
        at = iter(values)
        for i in range(p + 1):
            for j in range(i + 1):
                own[i][j] = own[j][i] = next(at)
        square[bool(row["f"])], product[bool(row["f"])] = own, list(at)
    total = _plus(square[True], square[False])
    both = [a + b for a, b in zip(product[True], product[False], strict=True)]
    size = {g: square[g][0][0] for g in square}
    joint = [[*line, square[True][i][0]] for i, line in enumerate(total)] + [[*square[True][0], size[True]]]
    # Characteristics that the constant and the group determine with those before them count for nothing anywhere.
    order = [0, p + 1, *range(1, p + 1)]
    solved = _kept([[joint[i][j] for j in order] for i in order])
    usable = [0, *sorted(order[at] for at in solved if order[at] not in (0, p + 1))]
    mean = {g: [square[g][0][j] / size[g] for j in range(p + 1)] for g in square}
    d = [mean[True][j] - mean[False][j] if j in usable else 0.0 for j in range(p + 1)]
    share = size[True] / (size[True] + size[False])
    parts: list[tuple[str, float, Matrix, Vector]]
    match reference:
        case Reference.POOLED:
            parts = [("1.0", 1.0, total, both)]
        case Reference.POOLED_WITH_GROUP:
            parts = [("1.0", 1.0, joint, [*both, product[True][0]])]
        case _:
            weights = {Reference.FIRST: 1.0, Reference.SECOND: 0.0, Reference.HALF: 0.5, Reference.WEIGHTED: share}
            first = weights[reference]
            parts = [("f", first, square[True], product[True]), ("(1 - f)", 1 - first, square[False], product[False])]
    star = [0.0] * (p + 1)
    moved: list[str] = []
    worth: list[Vector] = []
    for who, much, matrix, right in parts:
        columns = [*usable, p + 1] if len(matrix) == p + 2 else usable
        b = _solution(matrix, right, columns)
        slope = _solution(matrix, [*d, 0.0][: len(matrix)], columns)
        worth.append(b)
        star = [old + much * new for old, new in zip(star, b, strict=False)]
        if much:
            terms = [*z, "f"][: len(matrix)]
            moved.append(f"{much!r} * {who} * (y - ({_line(b, terms)})) * ({_line(slope, terms)})")
    if reference is Reference.WEIGHTED:
        apart = sum(one * (a - b) for one, a, b in zip(d, worth[0], worth[1], strict=True))
        moved.append(f"(f - {share!r}) * {apart / (size[True] + size[False])!r}")
    outcome = {g: product[g][0] / size[g] for g in square}
    value = outcome[True] - outcome[False] - sum(one * b for one, b in zip(d, star, strict=True))
    level = {g: outcome[g] - sum(m * b for m, b in zip(mean[g], star, strict=True)) for g in square}
    rest = f"(y - ({_line(star, z)}))"
    influence = (
        f"w * (f * ({rest} - {level[True]!r}) / {size[True]!r} - (1 - f) * ({rest} - {level[False]!r}) / {size[False]!r}"
        f" - ({' + '.join(moved)}))"
    )
    blocks = dict.fromkeys((design.columns[at - 1].block for at in usable if at), 0.0)
    for at in usable:
        if at:
            blocks[design.columns[at - 1].block] += d[at] * star[at]
    added: Parts = [("gap", outcome[True] - outcome[False]), *blocks.items(), ("unexplained", value)]
    return added, value, *_variance(design, relation, rows, influence), 2 * len(usable)


def _variance(design: Design, relation: Relation, rows: str, influence: str) -> tuple[float, float, int]:
    if not design.cluster:
        [found] = relation.sql(f"select sum(k * u * u) as v, sum(k) as n from (select k, {influence} as u from ({rows}))")  # noqa: S608 - numbers of our own
        return float(found["v"]), float(found["n"]), round(float(found["n"]))
    [found] = relation.sql(
        f"select sum(t * t) as v, sum(n) as n, count(*) as g from (select sum(k * {influence}) as t, sum(k) as n from ({rows}) group by c)"  # noqa: S608 - numbers of our own
    )
    return float(found["v"]), float(found["n"]), int(found["g"])


def _standardised(design: Design, relation: Relation, pair: tuple[str, str]) -> str:
    """Return rows as SQL, characteristics with mean about 0 and size about 1: their sums of products lose fewer digits."""
    where = design.rows(pair)
    wanted = [f"avg({one.sql}) as m{at}, stddev_pop({one.sql}) as s{at}" for at, one in enumerate(design.columns)]
    [seen] = relation.sql(f"select count(*) as n {''.join(', ' + one for one in wanted)} from {{table}} where {where}")  # noqa: S608 - quoted
    columns = [
        f"(({one.sql})::double - {float(seen[f'm{at}'] or 0.0)!r}) / {float(seen[f's{at}'] or 1.0)!r} as z{at}"
        for at, one in enumerate(design.columns)
    ]
    return f"select {', '.join([*_frame(design, pair), *columns])} from {{table}} where {where}"  # noqa: S608 - quoted


def _frame(design: Design, pair: tuple[str, str]) -> list[str]:
    mass, many = design.mass or "1.0", design.many or "1.0"
    return [
        f"{design.outcome} as y",
        f"case when {design.group} = {literal(pair[0])} then 1.0 else 0.0 end as f",
        f"({mass})::double as w",
        f"({many})::double as k",
        f"(({mass})::double * ({many})::double) as v",
        f"{design.cluster or '0'} as c",
    ]


def _within_strata(design: Design, relation: Relation, pair: tuple[str, str]) -> tuple[Parts, float, float, float, int, int]:
    """Return the parts of strata in the same form."""
    strata = " || ',' || ".join(f"({one.sql})::varchar" for one in design.columns) or "''"
    rows = f"select {', '.join(_frame(design, pair))}, {strata} as h from {{table}} where {design.rows(pair)}"  # noqa: S608 - quoted
    cells = relation.sql(
        f"select h, f, sum(v) as v, sum(v * y) as y, sum(k) as n, sum(k * w * w) as ww, "  # noqa: S608 - of our own
        f"sum(k * w * w * y) as wy, sum(k * w * w * y * y) as wyy from ({rows}) group by h, f"
    )
    known = {(row["h"], bool(row["f"])): {name: float(row[name]) for name in row if name not in ("h", "f")} for row in cells}
    common = sorted({h for h, g in known if g and (h, False) in known})
    if not common:
        raise ValueError("no stratum has both groups")
    inside = {g: math.fsum(known[h, g]["v"] for h in common) for g in (True, False)}
    share = {(h, g): known[h, g]["v"] / inside[g] for h in common for g in (True, False)}
    rate = {(h, g): known[h, g]["y"] / known[h, g]["v"] for h in common for g in (True, False)}
    gap = {h: rate[h, True] - rate[h, False] for h in common}
    size = {h: (share[h, True] + share[h, False]) / 2 for h in common}
    value = math.fsum(gap[h] * size[h] for h in common)
    overall = {g: math.fsum(c["y"] for k, c in known.items() if k[1] == g) for g in (True, False)}
    overall = {g: total / math.fsum(c["v"] for k, c in known.items() if k[1] == g) for g, total in overall.items()}
    common_rate = {g: math.fsum(share[h, g] * rate[h, g] for h in common) for g in (True, False)}
    others = [
        ("composition", math.fsum((share[h, True] - share[h, False]) * (rate[h, True] + rate[h, False]) / 2 for h in common)),
        ("without counterpart, first", overall[True] - common_rate[True]),
        ("without counterpart, second", common_rate[False] - overall[False]),
    ]
    parts = [("gap", overall[True] - overall[False]), *others, ("within strata", value)]
    middle = {g: math.fsum(share[h, g] * gap[h] for h in common) for g in (True, False)}
    # A decision of weight w moves the part by w (a (y - rate) + b).
    a = {(h, g): (1 if g else -1) * size[h] / known[h, g]["v"] for h in common for g in (True, False)}
    b = {(h, g): (gap[h] - middle[g]) / 2 / inside[g] for h in common for g in (True, False)}
    n = math.fsum(cell["n"] for cell in known.values())
    if not design.cluster:
        variance = 0.0
        for (h, g), much in a.items():
            cell, r = known[h, g], rate[h, g]
            once = cell["wy"] - r * cell["ww"]
            twice = cell["wyy"] - 2 * r * cell["wy"] + r * r * cell["ww"]
            variance += much**2 * twice + 2 * much * b[h, g] * once + b[h, g] ** 2 * cell["ww"]
        return parts, value, variance, n, round(n), len(known)
    moved: dict[Any, float] = {}
    for row in relation.sql(f"select c, h, f, sum(v) as v, sum(v * y) as y from ({rows}) group by c, h, f"):  # noqa: S608 - of our own
        key = (row["h"], bool(row["f"]))
        own = a[key] * (row["y"] - rate[key] * row["v"]) + b[key] * row["v"] if key in a else 0.0
        moved[row["c"]] = moved.get(row["c"], 0.0) + own
    return parts, value, math.fsum(one * one for one in moved.values()), n, len(moved), len(known)


def _line(b: Sequence[float], terms: Sequence[str]) -> str:
    return " + ".join(f"{one!r} * {term}" for one, term in zip(b, terms, strict=False) if one) or "0.0"


def _plus(a: Matrix, b: Matrix) -> Matrix:
    return [[x + y for x, y in zip(one, other, strict=True)] for one, other in zip(a, b, strict=True)]


def _kept(square: Matrix) -> list[int]:
    """Columns that are not determined by those before them: elimination in their order."""
    left = [[*line] for line in square]
    kept = []
    for at in range(len(left)):
        if left[at][at] <= _DETERMINED * max(square[at][at], 1e-300):
            continue
        kept.append(at)
        for other in range(at + 1, len(left)):
            much = left[other][at] / left[at][at]
            if much:
                left[other] = [x - much * y for x, y in zip(left[other], left[at], strict=True)]
    return kept


def _solution(square: Matrix, right: Vector, columns: Sequence[int]) -> Vector:
    """Solve normal equations in some columns; those that are determined, and all others, are worth 0."""
    inner = [[square[i][j] for j in columns] for i in columns]
    kept = [columns[at] for at in _kept(inner)]
    lines = [[*(square[i][j] for j in kept), right[i]] for i in kept]
    for at in range(len(kept)):
        best = max(range(at, len(kept)), key=lambda row: abs(lines[row][at]))
        lines[at], lines[best] = lines[best], lines[at]
        for row in range(at + 1, len(kept)):
            much = lines[row][at] / lines[at][at]
            lines[row] = [x - much * y for x, y in zip(lines[row], lines[at], strict=True)]
    b = [0.0] * len(right)
    for at in reversed(range(len(kept))):
        known = math.fsum(lines[at][j] * b[kept[j]] for j in range(at + 1, len(kept)))
        b[kept[at]] = (lines[at][-1] - known) / lines[at][at]
    return b
