"""Gelbach, reweighting, logit, quantiles, sites, sensitivity and traps: identities, published numbers, coverage."""

from dataclasses import replace

import numpy as np
import pytest
from reference_data import table

from probatum.fairness.artefacts.requirements.decomposition import Reference
from probatum.fairness.model.decomposition.doubly_robust import doubly_robust
from probatum.fairness.model.decomposition.fits import NoFit, least_squares
from probatum.fairness.model.decomposition.gelbach import SITE, gelbach
from probatum.fairness.model.decomposition.kitagawa import kitagawa
from probatum.fairness.model.decomposition.nonlinear import fairlie, yun
from probatum.fairness.model.decomposition.oaxaca import twofold
from probatum.fairness.model.decomposition.resampling import resampled
from probatum.fairness.model.decomposition.reweighting import counterfactual, quantile_of, quantiles, reweighted
from probatum.fairness.model.decomposition.sample import Sample
from probatum.fairness.model.decomposition.sensitivity import e_value, robustness, sensitivity
from probatum.fairness.model.decomposition.sites import (
    between_and_within,
    dersimonian_laird,
    mundlak,
    profiles,
    profiles_of,
)
from probatum.fairness.model.decomposition.traps import missing_differs, traps


def drawn(seed: int, n: int = 800, *, binary: bool = False, sites: int = 0, apart: float = 0.8) -> Sample:
    rng = np.random.default_rng(seed)
    first = rng.random(n) < 0.5
    x = rng.normal(0, 1, (n, 2)) + apart * first[:, None] * [1.0, 0.5]
    site = (rng.integers(0, sites, n) + first * rng.integers(0, 2, n)) % sites if sites else None
    level = 0.3 * x[:, 0] - 0.4 * x[:, 1] + 0.3 * first + (0.1 * site if site is not None else 0.0)
    y = (rng.random(n) < 1 / (1 + np.exp(-level))).astype(float) if binary else level + rng.normal(0, 1, n)
    own = Sample.of(y, first, x, ("p", "q"), site=site)
    return replace(own, sites=tuple(f"s{at}" for at in range(sites)))


def test_changes_of_a_coefficient_add_up_whatever_the_order_of_blocks():
    sample = drawn(1)

    one, two = gelbach(sample), gelbach(sample.keeping([1, 0]))

    assert sum(term.value for term in one.details) == pytest.approx(one["difference"].value, abs=1e-12)
    assert one["p"].value == pytest.approx(two["p"].value, abs=1e-12)
    assert one["p"].se == pytest.approx(two["p"].se, rel=1e-9)
    assert one["with covariates"].value == pytest.approx(twofold(sample)["unexplained"].value, abs=1e-10)


def test_sites_that_are_absorbed_are_columns_of_sites():
    sample = drawn(2, sites=6)
    columns = np.column_stack([sample.x, *(sample.site == at for at in range(1, 6))]).astype(float)
    names = ("p", "q", *(f"s{at}" for at in range(1, 6)))
    written_out = replace(
        Sample.of(sample.y, sample.first, columns, names), blocks=("p", "q", *("s",) * 5), covariates=("p", "q", *("s",) * 5)
    )

    one, two = gelbach(sample, site=True), gelbach(written_out)

    for name, other in (("with covariates", "with covariates"), ("p", "p"), (SITE, "s")):
        assert one[name].value == pytest.approx(two[other].value, abs=1e-9)
        assert one[name].se == pytest.approx(two[other].se, rel=0.02)


def test_mundlaks_group_coefficient_is_the_one_within_sites():
    sample = drawn(3, sites=8)

    assert mundlak(sample)["same site"].value == pytest.approx(gelbach(sample, site=True)["with covariates"].value, abs=1e-9)


def test_between_and_within_sites_add_up_to_the_gap():
    found = between_and_within(drawn(4, sites=5))

    assert found["between sites"].value + found["within sites"].value == pytest.approx(found["gap"].value, abs=1e-12)


def test_reweighting_by_strata_is_standardisation():
    """With a column for each stratum the odds are exact, and the mean reweighted is that of strata at the other's shares."""
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 3, 900)
    first = rng.random(900) < 0.3 + 0.15 * codes
    y = 0.5 * codes + first + rng.normal(0, 1, 900)
    sample = Sample.of(y, first, np.column_stack([codes == 1, codes == 2]).astype(float), ("b", "c"))

    found = reweighted(sample)

    standard = sum((first & (codes == k)).sum() / first.sum() * y[~first & (codes == k)].mean() for k in range(3))
    assert found["composition"].value == pytest.approx(standard - y[~first].mean(), abs=1e-9)
    assert found["composition"].value == pytest.approx(twofold(sample, reference=Reference.SECOND)["explained"].value, abs=1e-9)


def test_a_reweighted_decomposition_with_a_column_for_each_stratum_has_no_errors_of_models():
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 3, 900)
    first = rng.random(900) < 0.3 + 0.15 * codes
    y = 0.5 * codes + first + rng.normal(0, 1, 900)
    sample = Sample.of(y, first, np.column_stack([codes == 1, codes == 2]).astype(float), ("b", "c"))

    found = doubly_robust(sample)

    assert sum(term.value for term in found.terms[1:]) == pytest.approx(found["gap"].value, abs=1e-12)
    assert found["specification error"].value == pytest.approx(0, abs=1e-9)
    assert found["reweighting error"].value == pytest.approx(0, abs=1e-9)
    assert found["composition"].value == pytest.approx(reweighted(sample)["composition"].value, abs=1e-9)


def test_a_curve_that_is_taken_for_a_line_is_an_error_of_specification():
    rng = np.random.default_rng(6)
    first = rng.random(6000) < 0.5
    x = rng.normal(0, 1, 6000) + 0.8 * first
    sample = Sample.of(x * x + rng.normal(0, 0.1, 6000), first, x[:, None], ("x",))

    found = doubly_robust(sample)

    # E[x^2] is 1 in one group and 1.64 in the other, all of it by composition; a line sees nothing of it.
    assert found["specification error"].low > 0.3
    assert abs(found["structure"].value) < 0.1
    assert abs(twofold(sample, reference=Reference.SECOND)["explained"].value) < 0.1


@pytest.mark.slow  # 200 samples
def test_a_reweighted_decomposition_has_the_standard_errors_of_the_bootstrap():
    sample = drawn(6, 500)
    found = doubly_robust(sample)

    again = resampled(sample, lambda own: np.array([term.value for term in doubly_robust(own).terms]), draws=200, seed=2)

    for term, se in zip(found.terms, again.se, strict=True):
        assert term.se == pytest.approx(se, rel=0.25), term.name


@pytest.mark.slow  # 200 samples
def test_reweighting_has_the_standard_errors_of_the_bootstrap():
    sample = drawn(6, 500)

    found = reweighted(sample)
    again = reweighted(sample, draws=200, seed=1)

    for name in ("gap", "composition", "structure"):
        assert found[name].value == pytest.approx(again[name].value, abs=1e-12)
        assert found[name].se == pytest.approx(again[name].se, rel=0.2)


def test_groups_without_overlap_are_refused_and_single_decisions_are_trimmed():
    first = np.arange(200) < 100
    rng = np.random.default_rng(7)
    with pytest.raises(NoFit, match="cannot be compared"):
        reweighted(Sample.of(rng.normal(size=200), first, first[:, None] + rng.uniform(0, 0.5, (200, 1)), ("x",)))

    assert counterfactual(drawn(8, 400, apart=2.5)).overlap.trimmed > 0


def test_a_quantile_gap_is_nearly_that_of_the_quantiles():
    sample = drawn(9, 4000)

    found = quantiles(sample, 0.5)

    plain = np.median(sample.y[sample.first]) - np.median(sample.y[~sample.first])
    assert found["gap"].value == pytest.approx(plain, abs=0.01)
    assert found["explained"].value + found["unexplained"].value == pytest.approx(found["gap"].value, abs=1e-10)
    with pytest.raises(NoFit, match="density"):
        quantiles(drawn(9, 400, binary=True), 0.5)


def test_the_quantile_of_weights_is_the_quantile_of_rows_written_out():
    y, weight = np.array([3.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0])

    assert [quantile_of(share)(y, weight) for share in (0.25, 0.5, 0.51, 0.75, 1.0)] == [1, 1, 2, 2, 3]


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("reference", [Reference.FIRST, Reference.SECOND, Reference.POOLED, Reference.POOLED_WITH_GROUP], ids=str)
def test_logit_parts_add_up(link, reference: Reference):
    sample = drawn(10, binary=True)

    found = yun(sample, link=link, reference=reference)

    assert found["gap"].value == pytest.approx(sample.y[sample.first].mean() - sample.y[~sample.first].mean(), abs=1e-12)
    assert found["explained"].value + found["unexplained"].value == pytest.approx(found["gap"].value, abs=1e-12)
    assert sum(term.value for term in found.details) == pytest.approx(found["explained"].value, abs=1e-12)


def test_logit_with_a_column_for_each_stratum_is_the_linear_decomposition():
    rng = np.random.default_rng(11)
    codes, first = rng.integers(0, 3, 1500), rng.random(1500) < 0.4
    y = (rng.random(1500) < 0.2 + 0.2 * codes + 0.1 * first).astype(float)
    sample = Sample.of(y, first, np.column_stack([codes == 1, codes == 2]).astype(float), ("b", "c"))

    logit, linear = yun(sample, reference=Reference.SECOND), twofold(sample, reference=Reference.SECOND)

    assert logit["explained"].value == pytest.approx(linear["explained"].value, abs=1e-8)
    assert logit["explained"].se == pytest.approx(linear["explained"].se, rel=0.02)


def test_fairlies_parts_add_up_and_are_near_yuns():
    sample = drawn(12, 2000, binary=True)

    found = {term.name: term for term in fairlie(sample, rounds=60, seed=1)}
    other = yun(sample)

    assert found["explained: p"].value + found["explained: q"].value == pytest.approx(found["explained"].value, abs=1e-12)
    for name in ("explained", "explained: p", "explained: q"):
        assert found[name].value == pytest.approx(other[name].value, abs=0.015)


@pytest.mark.slow  # 300 samples
def test_clusters_drawn_again_spread_as_the_sandwich_says():
    rng = np.random.default_rng(13)
    cluster = np.repeat(np.arange(60), 8)
    first = cluster % 2 == 0  # all of a cluster are of one group, as the patients of a segregated site
    y = rng.normal(0, 1, 60)[cluster] + rng.normal(0, 1, 480)
    sample = Sample.of(y, first, np.zeros((480, 0)), (), cluster=cluster)

    found = resampled(sample, lambda own: np.array([twofold(own)["gap"].value]), draws=300, seed=2)

    assert found.se[0] == pytest.approx(twofold(sample)["gap"].se, rel=0.2)
    assert found.se[0] > 1.5 * twofold(replace(sample, cluster=None))["gap"].se


def test_new_yorks_risk_adjusted_rates_are_met():
    rows = table("cabg_ny/CABG-hospitals-03.csv")
    cases, deaths = ([int(r[name]) for r in rows] for name in ("Cases", "Deaths"))

    found = profiles([r["Hospital"] for r in rows], cases, deaths, [float(r["EMR"]) / 100 for r in rows])

    assert found.overall == pytest.approx(0.020358, abs=5e-6)
    # Published rates are rounded, the expected ones as well: to half a hundredth of a percent each.
    for site, row in zip(found.sites, rows, strict=True):
        slack = 0.006 + float(row["RAMR"]) * 0.006 / float(row["EMR"])
        assert 100 * site.adjusted == pytest.approx(float(row["RAMR"]), abs=slack), site.site
        assert site.low <= site.adjusted <= site.high
        assert abs(site.shrunk - found.overall) <= abs(site.adjusted - found.overall) + 1e-3


def test_variance_between_sites_by_hand():
    tau2, centre = dersimonian_laird(np.array([0.0, 1.0, 2.0]), np.array([0.1, 0.1, 0.1]))

    # Q = 10 (1 + 0 + 1) = 20; (20 - 2) / (30 - 300 / 30) = 0.9.
    assert (tau2, centre) == pytest.approx((0.9, 1.0))
    assert dersimonian_laird(np.array([1.0, 1.0]), np.array([0.1, 0.2]))[0] == 0


@pytest.mark.slow  # 300 times 50 sites
def test_alike_sites_are_outside_of_their_limits_no_more_often_than_said():
    rng = np.random.default_rng(14)
    single = every = 0
    for _ in range(300):
        n = rng.integers(5, 400, 50)
        found = profiles([str(at) for at in range(50)], list(n), [*rng.binomial(n, 0.03)], [0.03] * 50)
        single += sum(bool(site.outside) for site in found.sites)
        every += any(site.outside_all for site in found.sites)

    assert single <= 0.05 * 300 * 50
    assert every <= 25  # 15 expected at most; more than 25 happen in less than one of a hundred such tests


def test_published_e_values_and_robustness_values():
    """VanderWeele and Ding (2017), box 1; Cinelli and Hazlett (2020), table 1."""
    found = e_value(3.9, 1.8, 8.7)

    assert (found.point, found.limit) == pytest.approx((7.26, 3.0), abs=0.005)
    assert e_value(0.5, 0.3, 1.2).limit == 1
    assert e_value(0.5, 0.3, 0.8).point == pytest.approx(e_value(2.0, 1.25, 4.0).point)
    assert robustness(4.18445, 783) == pytest.approx(0.139, abs=5e-4)
    assert robustness(4.18445, 783, alpha=0.05) == pytest.approx(0.076, abs=5e-4)
    with pytest.raises(ValueError, match="within its interval"):
        e_value(3.0, 4.0, 5.0)


def test_something_as_strong_as_the_robustness_value_leaves_nothing():
    """The formula for bias is checked on a column that is really left out."""
    rng = np.random.default_rng(15)
    first = rng.random(2000) < 0.5
    hidden = rng.normal(0, 1, 2000) + 0.5 * first
    y = 0.7 * hidden + 0.2 * first + rng.normal(0, 1, 2000)
    x = rng.normal(0, 1, (2000, 1))
    ones = np.ones((2000, 1))
    short, long = (least_squares(np.column_stack([ones, x, *more, first]), y, ones[:, 0]) for more in ([], [hidden]))
    rest_y = least_squares(np.column_stack([ones, x, first]), y, ones[:, 0]).objective
    of_y = 1 - long.objective / rest_y
    without = least_squares(np.column_stack([ones, x]), first.astype(float), ones[:, 0]).objective
    of_group = 1 - least_squares(np.column_stack([ones, x, hidden]), first.astype(float), ones[:, 0]).objective / without

    found = sensitivity(Sample.of(y, first, x, ("x",)))

    bias = found.se * np.sqrt(found.free * of_y * of_group / (1 - of_group))
    assert found.coefficient == pytest.approx(short.b[-1])
    assert found.coefficient - bias == pytest.approx(long.b[-1], abs=1e-9)
    value = found.robustness
    assert found.se * np.sqrt(found.free * value * value / (1 - value)) == pytest.approx(abs(found.coefficient), rel=1e-9)


def names_of(sample: Sample) -> set[str]:
    return {trap.name for trap in traps(sample)}


def test_a_gap_that_turns_round_within_strata_is_seen():
    """Admissions by department: the first group applies where few are admitted, and is admitted a little more often there."""
    cells = {(1, 0): (300, 0.2), (1, 1): (60, 0.75), (0, 0): (60, 0.12), (0, 1): (300, 0.67)}
    y, first, x = [], [], []
    for (group, department), (n, rate) in cells.items():
        y += [1.0] * round(n * rate) + [0.0] * (n - round(n * rate))
        first += [bool(group)] * n
        x += [[float(department)]] * n
    sample = Sample.of(np.array(y), np.array(first), np.array(x), ("department",))

    [trap] = [trap for trap in traps(sample) if trap.name == "simpson"]

    assert trap.facts["gap"]["value"] < 0 < trap.facts["within"]["value"]
    assert "2 of 2" in trap.message
    assert kitagawa(sample)[0]["within strata"].value == pytest.approx(trap.facts["within"]["value"])


def test_traps_are_seen_where_they_are_and_not_where_they_are_not():
    plain = drawn(16, 3000, apart=0.1)
    rng = np.random.default_rng(17)
    few = drawn(18, 2000, binary=True)
    few = replace(few, y=np.where(few.first, (rng.random(2000) < 0.004).astype(float), few.y))
    noisy = drawn(19, 400, binary=True, sites=40)
    noisy = replace(noisy, y=(rng.random(400) < 0.3).astype(float))
    strong = replace(plain, y=(rng.random(3000) < 1 / (1 + np.exp(-3 * plain.x[:, 0] - plain.first))).astype(float))

    assert names_of(plain) == set()
    assert "overlap" in names_of(drawn(20, 600, apart=3.0))
    assert "small-denominator" in names_of(few)
    assert "small-sites" in names_of(noisy)
    assert "odds-ratio" in names_of(strong)


def test_the_worth_of_a_characteristic_that_differs_makes_the_reference_matter():
    sample = drawn(21, 2000)

    found = names_of(replace(sample, y=sample.y + sample.first * 1.5 * sample.x[:, 0]))

    assert "reference-group" in found


def test_missing_values_that_differ_between_groups_are_seen():
    assert [trap.name for trap in missing_differs((900, 700), (1000, 1000), ("a", "b"), confidence=0.95)]
    assert not list(missing_differs((900, 905), (1000, 1000), ("a", "b"), confidence=0.95))
    assert not list(missing_differs((0, 10), (0, 10), ("a", "b"), confidence=0.95))


def test_sites_are_needed_and_outcomes_that_are_truth_values():
    with pytest.raises(NoFit, match="no site"):
        between_and_within(drawn(22))
    with pytest.raises(NoFit, match="0 or 1"):
        profiles_of(drawn(22, sites=4))
    with pytest.raises(ValueError, match="counts among"):
        profiles(["a"], [3], [4])
    with pytest.raises(ValueError, match="nobody or everybody"):
        profiles(["a", "b"], [3, 4], [0, 0])


@pytest.mark.long  # 400 samples, each decomposed in three ways
def test_intervals_of_other_decompositions_cover_the_truth():
    """The truth is from a sample of half a million of the same population."""
    big = drawn(0, 500_000, binary=True)
    ways = {
        "yun": lambda own: yun(own)["explained"],
        "yun: p": lambda own: yun(own)["explained: p"],
        "gelbach": lambda own: gelbach(own)["p"],
        "reweighting": lambda own: reweighted(own)["structure"],
    }
    truth = {name: way(big).value for name, way in ways.items()}
    hits = dict.fromkeys(ways, 0)
    for seed in range(1, 401):
        own = drawn(seed, 600, binary=True)
        for name, way in ways.items():
            term = way(own)
            hits[name] += term.low <= truth[name] <= term.high

    for name, count in hits.items():
        assert 0.91 * 400 <= count <= 0.985 * 400, (name, count)
