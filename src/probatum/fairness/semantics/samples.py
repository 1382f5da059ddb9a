"""What a table says of a rate of each group: how many trials and hits, or how many independent ones they are worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.semantics.cube import Count, Cube, Key
from probatum.fairness.semantics.decisions import (
    MISSING,
    column_of,
    condition_of,
    decision_of,
    group_of,
    groups,
    number_of,
    truth_of,
)
from probatum.fairness.semantics.metrics import Confusion, Rate
from probatum.fairness.semantics.relation import Relation, quoted

_MOST_PRODUCTS = 20_000_000  # products of cells within clusters up to which covariances between groups are computed


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What is known of one group's rate.

    Attributes
    ----------
    hits, trials : float
        Whole numbers where rows count alike and are independent. Otherwise effective numbers: as many
        independent trials would estimate the rate with the variance that weights and clusters give it.
    rows : int
        Trials as they stand in the table.
    mass : float
        The sum of their weights.
    degrees : int
        Clusters, or weighted rows, less one: from how much the variance was estimated; 0 where
        nothing was estimated.
    """

    hits: float
    trials: float
    rows: int
    mass: float
    degrees: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """The groups of one stratum, or of the whole table.

    Attributes
    ----------
    where : mapping of str to str
        The values of the columns within which groups are compared; empty for the whole table.
    groups : mapping of str to Sample
        All that occur with at least one trial.
    unknown : (hits, misses)
        Weights of rows that may belong to any group; zero unless the policy asks for bounds.
    shared : bool
        True if groups are not independent, because they share clusters.
    """

    where: Mapping[str, str]
    groups: Mapping[str, Sample]
    unknown: tuple[float, float] = (0, 0)
    shared: bool = False


@dataclass(frozen=True, slots=True)
class _Moments:
    """Sums over clusters (or weighted rows) of what they hold of one group: hits H, trials T, and their products."""

    clusters: int
    hits: float
    trials: float
    hh: float
    ht: float
    tt: float
    rows: int

    def sample(self, inflation: float = 1.0) -> Sample:
        """Return the effective sample; see the notes of `strata`."""
        rate = min(1.0, self.hits / self.trials)
        kish = self.trials**2 / self.tt
        spread = self.hh - 2 * rate * self.ht + rate * rate * self.tt
        if self.clusters > 1 and 0 < rate < 1 and spread > 1e-12 * self.tt:
            variance = spread / self.trials**2 * self.clusters / (self.clusters - 1)
            worth = min(rate * (1 - rate) / variance, float(self.rows))
        else:
            worth = kish
        worth = max(worth / inflation, 1e-6)
        return Sample(hits=rate * worth, trials=worth, rows=self.rows, mass=self.trials, degrees=max(1, self.clusters - 1))


def strata(
    policy: Policy, relation: Relation, cube: Cube, rate: Rate, *, over: tuple[str, ...], given: tuple[str, ...] = ()
) -> tuple[Stratum, ...]:
    """Return the samples of each group in each stratum.

    Parameters
    ----------
    cube : Cube
        Counts of the policy's table by all that `over` and `given` name.

    Notes
    -----
    Weights and clusters: the rate is ``sum H / sum T`` over clusters, where H and T are the weights of hits and of trials
    in a cluster; its variance by linearisation is ``C / (C - 1) sum (H - rate T)^2 / (sum T)^2``, and the effective number
    of trials ``rate (1 - rate) / variance`` [1]_, not above the number of rows. Where the rate is 0 or 1 the variance says
    nothing, and the number is that of Kish, ``(sum T)^2 / sum T^2``, as if whole clusters were alike. Where clusters hold
    several groups, whose estimates then move against each other with correlation r < 0, trials are divided by 1 - r.

    References
    ----------
    .. [1] Korn, Graubard. "Confidence intervals for proportions with small expected number of positive counts estimated
       from survey data." Survey Methodology 24 (1998).
    """
    if policy.decision.cluster or policy.decision.unit:
        return _clustered(policy, relation, rate, over, given)
    found = []
    for where, part in _split(cube, given):
        samples: dict[str, Sample] = {}
        unknown = (0.0, 0.0)
        lost = _missing(policy)
        for name, own in groups(part, over).items():
            hits, trials = rate.of(Confusion.of(own, rows=True))
            if trials <= 0:
                continue
            if cube.weighted:
                sample = _weighted(own, rate, int(trials))
                if sample is None:
                    continue
            else:
                sample = Sample(hits=hits, trials=trials, rows=int(trials), mass=trials)
            if lost and MISSING in name.split(", "):
                unknown = _lost(unknown, sample)
            else:
                samples[name] = sample
        found.append(Stratum(where=where, groups=samples, unknown=unknown))
    return tuple(found)


def _missing(policy: Policy) -> bool:
    return policy.missing is Missing.BOUNDS


def _lost(known: tuple[float, float], sample: Sample) -> tuple[float, float]:
    rate = sample.hits / sample.trials
    return known[0] + rate * sample.mass, known[1] + (1 - rate) * sample.mass


def _split(cube: Cube, given: tuple[str, ...]) -> list[tuple[dict[str, str], Cube]]:
    if not given:
        return [({}, cube)]
    own = cube.over(*given, *(d for d in cube.dimensions if d not in given))
    width = len(given)
    parts: dict[tuple[str, ...], dict[Key, Count]] = {}
    for key, cell in own.counts.items():
        parts.setdefault(tuple(MISSING if v is None else str(v) for v in key[:width]), {})[key[width:]] = cell
    return [
        (dict(zip(given, values, strict=True)), Cube(own.dimensions[width:], parts[values], cube.weighted))
        for values in sorted(parts)
    ]


def _weighted(cube: Cube, rate: Rate, rows: int) -> Sample | None:
    """Return the effective sample where each row is its own cluster: its weight times hit and trial."""
    hits, trials = rate.of(Confusion.of(cube))
    squares = Cube(cube.dimensions, {key: Count(c.rows, c.squares, 0.0) for key, c in cube.counts.items()}, weighted=True)
    hit_squares, trial_squares = rate.of(Confusion.of(squares))
    if trials <= 0:
        return None
    return _Moments(rows, hits, trials, hit_squares, hit_squares, trial_squares, rows).sample()


def _clustered(
    policy: Policy, relation: Relation, rate: Rate, over: tuple[str, ...], given: tuple[str, ...]
) -> tuple[Stratum, ...]:
    per = _per_cluster(policy, relation, rate, over, given)
    width = len(over) + len(given)
    dims = ", ".join(quoted(f"d{n}") for n in range(width))
    sums = "sum(h) as h, sum(t) as t, sum(h * h) as hh, sum(h * t) as ht, sum(t * t) as tt, sum(n) as n"
    moments: dict[Key, _Moments] = {}
    for row in relation.sql(f"{per} select {dims}, count(*) as c, {sums} from p group by {dims} order by {dims}"):  # noqa: S608 - quoted
        *key, c, h, t, hh, ht, tt, n = row.values()
        moments[tuple(key)] = _Moments(int(c), h, t, hh, ht, tt, int(n))
    [size] = relation.sql(
        f"{per} select coalesce(sum(g * g), 0) as products, coalesce(max(g), 0) as most "  # noqa: S608 - quoted
        "from (select count(*) as g from p group by k)"
    )
    shared = size["most"] > 1
    inflation = dict.fromkeys(moments, 2.0 if shared else 1.0)  # correlation -1: the worst that can be
    if shared and size["products"] <= _MOST_PRODUCTS:
        inflation |= _inflation(relation, per, moments, width, len(over))
    parts: dict[Key, dict[str, Sample]] = {}
    unknown: dict[Key, tuple[float, float]] = {}
    for cell, own in moments.items():
        group, where = cell[: len(over)], cell[len(over) :]
        sample = own.sample(inflation[cell])
        parts.setdefault(where, {})
        if _missing(policy) and MISSING in group:
            unknown[where] = _lost(unknown.get(where, (0.0, 0.0)), sample)
        else:
            parts[where][", ".join(str(part) for part in group)] = sample
    return tuple(
        Stratum(
            where={name: str(value) for name, value in zip(given, where, strict=True)},
            groups=parts[where],
            unknown=unknown.get(where, (0.0, 0.0)),
            shared=shared,
        )
        for where in sorted(parts, key=str)
    )


def _per_cluster(policy: Policy, relation: Relation, rate: Rate, over: tuple[str, ...], given: tuple[str, ...]) -> str:
    """Return a query's beginning that defines `p`: hits `h`, trials `t` and rows `n` of each group in each cluster `k`."""
    table = policy.decision
    keys = [group_of(policy.protected[name], relation) for name in over]
    keys += [f"cast({column_of(name, relation, table.location)} as varchar)" for name in given]
    columns = {quoted(f"d{n}"): f"coalesce({key}, '{MISSING}')" for n, key in enumerate(keys)}
    dims = ", ".join(columns)
    columns |= {
        "y": truth_of(table.label, table, relation) if table.label else "null",
        "d": decision_of(table, relation) or "null",
        "m": "1" if not table.count else number_of(table.count, relation, table.location, "a number of rows"),
        "w": "1" if not table.weight else number_of(table.weight, relation, table.location, "a weight"),
        "k": f"cast({column_of(table.cluster or table.unit, relation, table.location)} as varchar)",
    }
    where = condition_of(table, relation)
    if policy.missing is Missing.EXCLUDE:
        whole = " and ".join(f"{group_of(a, relation)} is not null" for a in policy.protected.values())
        where = f"{where} and {whole}" if where else f"where {whole}"
    hit, trial = _indicators(rate)
    made = ", ".join(f"{expression} as {name}" for name, expression in columns.items())
    rows = f"select {made} from {{table}} {where}"  # noqa: S608 - names are quoted
    cells = f"sum(m * w * ({hit}))::double as h, sum(m * w * ({trial}))::double as t, sum(m * ({trial})) as n"
    return f"with r as ({rows}), p as (select {dims}, k, {cells} from r group by {dims}, k having sum(m * w * ({trial})) > 0)"  # noqa: S608 - quoted


def _inflation(relation: Relation, per: str, moments: Mapping[Key, _Moments], width: int, over: int) -> Mapping[Key, float]:
    """Return by how much trials of groups are to be divided, so that pairs may be taken for independent."""
    sides = {side: [f"{side}.{quoted(f'd{n}')}" for n in range(width)] for side in "ab"}
    columns = [f"{name} as {quoted(f'{side}{n}')}" for side, names in sides.items() for n, name in enumerate(names)]
    same = [f"{a} = {b}" for a, b in list(zip(sides["a"], sides["b"], strict=True))[over:]]
    once = f"({', '.join(sides['a'])}) < ({', '.join(sides['b'])})"
    joined = " and ".join(["a.k is not distinct from b.k", *same, once])
    products = "sum(a.h * b.h) as hh, sum(a.h * b.t) as ht, sum(a.t * b.h) as th, sum(a.t * b.t) as tt"
    by = ", ".join(sides["a"] + sides["b"])
    worst: dict[Key, float] = dict.fromkeys(moments, 1.0)
    for row in relation.sql(f"{per} select {', '.join(columns)}, {products} from p a join p b on {joined} group by {by}"):  # noqa: S608 - quoted
        *key, hh, ht, th, tt = row.values()
        pair = (tuple(key[:width]), tuple(key[width:]))
        correlation = _correlation(moments[pair[0]], moments[pair[1]], (hh, ht, th, tt))
        for which in pair:
            worst[which] = max(worst[which], 1 - correlation)
    return worst


def _correlation(one: _Moments, other: _Moments, products: tuple[float, float, float, float]) -> float:
    """Return the correlation of two estimated rates whose groups share clusters."""
    hh, ht, th, tt = products
    p, q = one.hits / one.trials, other.hits / other.trials
    variances = [m.hh - 2 * r * m.ht + r * r * m.tt for m, r in ((one, p), (other, q))]
    if min(variances) <= 0:
        return -1.0  # nothing is known of it: the worst that can be
    covariance = hh - q * ht - p * th + p * q * tt
    return float(max(-1.0, min(1.0, covariance / (variances[0] * variances[1]) ** 0.5)))


def _indicators(rate: Rate) -> tuple[str, str]:
    """Return how much a row with label `y` and decision `d` adds to hits and to trials, as SQL."""
    hits, trials = [], []
    for y in (0, 1, None):
        for d in (0, 1, None):
            one = Cube(("label", "decision"), {(y, d): Count(1, 1.0, 1.0)})
            hit, trial = rate.of(Confusion.of(one))
            here = f"when y {_is(y)} and d {_is(d)} then"
            hits.append(f"{here} {hit}")
            trials.append(f"{here} {trial}")
    return f"case {' '.join(hits)} end", f"case {' '.join(trials)} end"


def _is(value: int | None) -> str:
    return "is null" if value is None else f"= {value}"
