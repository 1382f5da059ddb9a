"""Verdicts about groups: weights, clusters, strata, missing attributes; and evidence that is checked again by other means."""

import copy
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from probatum.fairness.artefacts import read
from probatum.fairness.recheck import recheck
from probatum.fairness.rules import group_gap
from probatum.findings import Cleared, Finding, Outcome, Undecided
from probatum.source import DATA, Source
from probatum.tools import Tools

HEAD = "decision: {table: t.csv, decision: d%s}\nprotected: {g: g}\n"


def judged(policy: str, rows: Iterable[str]) -> tuple[list[Outcome], object, dict[str, Source]]:
    inputs = {DATA + "t.csv": Source("t.csv", "\n".join(rows).encode())}
    [read_policy] = read(Source("fairness.yaml", policy.encode()), {})
    return list(group_gap.check(read_policy, Tools(inputs=inputs))), read_policy, inputs


def required(bound: str = "at_most: 0.05", *, table: str = "", more: str = "") -> str:
    return HEAD % table + more + "require:\n  - {id: same, metric: selection_rate, over: g, " + bound + "}\n"


def cells(**groups: tuple[int, int]) -> list[str]:
    """Counts of hits and trials of each group, as a table with a column of counts."""
    rows = ["g,d,n"]
    for name, (hits, trials) in groups.items():
        rows += [f"{name},1,{hits}", f"{name},0,{trials - hits}"]
    return rows


def many(outlier: int) -> list[str]:
    return cells(**{f"g{n}": (20, 100) for n in range(12)}, odd=(outlier, 100))


@pytest.mark.parametrize("bound", ["at_most: 0.1", "compare: ratio, at_least: 0.8"])
def test_one_of_many_groups_is_found_against_all_others_and_confirmed(bound: str) -> None:
    [found], policy, inputs = judged(required(bound, table=", count: n"), many(50))

    assert isinstance(found, Finding)
    assert "`odd`" in found.message
    assert "the others" in found.message
    assert recheck(policy, found.evidence, inputs).status == "confirmed"


@pytest.mark.parametrize("bound", ["at_most: 0.3", "compare: ratio, at_least: 0.2"])
def test_groups_that_are_near_enough_are_cleared_and_confirmed(bound: str) -> None:
    [found], policy, inputs = judged(required(bound, table=", count: n"), cells(a=(200, 600), b=(210, 600), c=(190, 600)))

    assert isinstance(found, Cleared)
    assert recheck(policy, found.evidence, inputs).status == "confirmed"


def changed(evidence, path, value):
    counts = copy.deepcopy(dict(evidence.counts))
    place = counts
    for key in path[:-1]:
        place = place[key]
    assert place[path[-1]] != value
    place[path[-1]] = value
    return replace(evidence, counts=counts)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("strata", 0, "groups", "odd"), [51, 100]),
        (("strata", 0, "unknown"), [1, 0]),
        (("strata", 0, "shared"), True),
        (("least", "levels", "others"), 1.0),
        (("least", "levels", "alone"), 2.0),
        (("least", "levels", "pairs"), 2.0),
        (("most", "levels", "pairs"), 1.0),
        (("least", "pair"), ["g1", None]),
        (("least", "pair"), ["odd", "odd"]),
        (("verdict",), "satisfied"),
        (("metric",), "fpr"),
        (("over",), ["h"]),
    ],
    ids=str,
)
def test_evidence_that_was_changed_in_one_place_is_refuted(path, value) -> None:
    [found], policy, inputs = judged(required("at_most: 0.1", table=", count: n"), many(50))

    assert recheck(policy, changed(found.evidence, path, value), inputs).status == "refuted"


@pytest.mark.parametrize(("end", "by"), [("low", 0.005), ("high", -0.005), ("value", 0.001), ("confidence", 0.01)])
def test_an_end_that_does_not_follow_is_refuted(end: str, by: float) -> None:
    [found], policy, inputs = judged(required("at_most: 0.1", table=", count: n"), many(50))
    moved = replace(found.evidence, **{end: getattr(found.evidence, end) + by})

    assert recheck(policy, moved, inputs).status == "refuted"


def test_the_number_of_rows_that_would_decide_is_said_and_true() -> None:
    rows = cells(a=(50, 100), b=(40, 100))
    [found], *_ = judged(required(table=", count: n"), rows)

    assert isinstance(found, Undecided)
    needed = int(found.reason.split("about ")[1].split(" ")[0].replace(",", ""))
    [then], *_ = judged(required(table=", count: n"), cells(a=(round(0.5 * needed), needed), b=(round(0.4 * needed), needed)))
    assert isinstance(then, Finding)


def test_groups_are_compared_within_strata_and_the_worst_is_named() -> None:
    """Both sexes fare alike overall, and not in one of the two departments."""
    rows = ["g,dept,d,n"]
    for g, dept, hits in [("f", "A", 300), ("m", "A", 500), ("f", "B", 500), ("m", "B", 300)]:
        rows += [f"{g},{dept},1,{hits}", f"{g},{dept},0,{1000 - hits}"]
    [overall], *_ = judged(required(table=", count: n"), rows)
    [within], policy, inputs = judged(required("given: dept, at_most: 0.05", table=", count: n"), rows)

    assert isinstance(overall, Cleared)
    assert isinstance(within, Finding)
    assert within.message.startswith("in `")
    assert recheck(policy, within.evidence, inputs).status == "confirmed"


def test_rows_without_a_group_may_belong_to_any() -> None:
    rows = [*cells(a=(300, 1000), b=(450, 1000)), ",1,40", ",0,40"]
    [own], *_ = judged(required("at_most: 0.09", table=", count: n"), rows)
    [bounds], policy, inputs = judged(required("at_most: 0.09", table=", count: n", more="missing: bounds\n"), rows)
    [near], *_ = judged(required("at_most: 0.03", table=", count: n", more="missing: bounds\n"), rows)
    [wide], *_ = judged(required("at_most: 0.3", table=", count: n", more="missing: bounds\n"), rows)

    assert isinstance(own, Finding)
    assert isinstance(bounds, Undecided)
    assert isinstance(near, Finding)
    assert isinstance(wide, Cleared)
    assert recheck(policy, near.evidence, inputs).status == "refuted"  # of another policy
    assert "rows without an attribute may belong to any group" in near.assumptions


def test_rows_of_one_cluster_are_not_counted_as_independent() -> None:
    """Each of ten branches decides all its cases alike: ten trials, not a thousand."""
    rows = ["g,d,branch"]
    for branch in range(20):
        group, decision = ("a", branch < 8) if branch < 10 else ("b", branch < 14)
        rows += [f"{group},{int(decision)},{branch}"] * 100
    [alone], *_ = judged(required(), rows)
    [clustered], *_ = judged(required(table=", cluster: branch"), rows)

    assert isinstance(alone, Finding)
    assert isinstance(clustered, Undecided)
    assert "rows with different `branch` are independent" in clustered.assumptions


def test_weights_that_are_all_alike_change_little() -> None:
    plain = ["g,d,w", *["a,1,2"] * 300, *["a,0,2"] * 700, *["b,1,2"] * 450, *["b,0,2"] * 550]
    [unweighted], *_ = judged(required(), plain)
    [weighted], policy, inputs = judged(required(table=", weight: w"), plain)

    assert isinstance(weighted, Finding)
    assert weighted.evidence.low == pytest.approx(unweighted.evidence.low, abs=1e-3)
    assert recheck(policy, weighted.evidence, inputs).status == "confirmed"


def test_clusters_that_hold_both_groups_are_confirmed_too() -> None:
    rng = np.random.default_rng(4)
    rows = ["g,d,k"]
    for k in range(60):
        rate = rng.beta(4, 6)
        rows += [f"{g},{int(rng.random() < rate + (0.3 if g == 'b' else 0))},{k}" for g in "ab" for _ in range(20)]
    [found], policy, inputs = judged(required(table=", cluster: k"), rows)

    assert isinstance(found, Finding)
    assert found.evidence.counts["strata"][0]["shared"]
    assert recheck(policy, found.evidence, inputs).status == "confirmed"


@pytest.mark.long
@pytest.mark.parametrize("shared", [False, True], ids=["clusters of one group", "clusters of several"])
def test_clustered_and_weighted_groups_that_are_fair_are_not_said_to_differ(shared: bool) -> None:
    """Twelve groups, branches with rates of their own around .3, weights from 1 to 3."""
    rng = np.random.default_rng(11)
    runs, false = 60, 0
    for _ in range(runs):
        rows = ["g,d,w,k"]
        for k in range(240):
            rate = rng.beta(6, 14)
            groups = [k % 12, (k + 5) % 12] if shared else [k % 12]
            rows += [
                f"g{g},{int(rng.random() < rate)},{rng.integers(1, 4)},{k}" for g in groups for _ in range(rng.integers(4, 12))
            ]
        [found], *_ = judged(required("at_most: 0", table=", cluster: k, weight: w"), rows)
        false += isinstance(found, Finding)

    assert binomtest(false, runs, 0.05, alternative="greater").pvalue > 0.01


def test_a_thousand_small_groups_are_named_only_a_few() -> None:
    [found], *_ = judged(required(table=", count: n"), cells(**{f"g{n}": (1, 2) for n in range(1000)}))

    assert isinstance(found, Undecided)
    assert any("and 995 more" in text for text in found.assumptions)


@pytest.mark.slow
def test_many_groups_are_judged_and_confirmed() -> None:
    rng = np.random.default_rng(2)
    groups = {f"g{n}": (int(rng.binomial(60, 0.3)), 60) for n in range(200)}
    [found], policy, inputs = judged(required(table=", count: n"), cells(**groups, odd=(55, 60)))

    assert isinstance(found, Finding)
    assert recheck(policy, found.evidence, inputs).status == "confirmed"
