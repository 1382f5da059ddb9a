"""Regressions: published numbers, other libraries' numbers, and refusals where there is no answer."""

import numpy as np
import pytest
from reference_data import table

from probatum.fairness.model.decomposition.fits import NoFit, least_squares, likeliest

_LOAN = [
    "hrat",
    "obrat",
    "loanprc",
    "unem",
    "male",
    "married",
    "dep",
    "sch",
    "cosign",
    "chist",
    "pubrec",
    "mortlat1",
    "mortlat2",
    "vr",
]


def loans(names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    rows = [r for r in table("mortgage_loanapp/loanapp.csv") if all(r[c] for c in ("white", *names))]
    x = np.array([[1.0, float(r["white"]), *(float(r[c]) for c in names)] for r in rows])
    return x, np.array([float(r["approve"]) for r in rows])


@pytest.mark.parametrize(("names", "b", "se"), [([], 0.2006, 0.0198), (_LOAN, 0.1288, 0.0197)], ids=["alone", "full"])
def test_least_squares_of_mortgages(names: list[str], b: float, se: float):
    x, y = loans(names)

    fit = least_squares(x, y, np.ones(len(y)))

    assert fit.b[1] == pytest.approx(b, abs=5e-5)
    assert np.sqrt(fit.classical[1, 1]) == pytest.approx(se, abs=5e-5)


@pytest.mark.parametrize(("link", "b", "se"), [("probit", 0.5203, 0.0970), ("logit", 0.9378, 0.1729)])
def test_probit_and_logit_of_mortgages(link, b: float, se: float):
    x, y = loans(_LOAN)

    fit = likeliest(x, y, np.ones(len(y)), link=link)

    assert fit.b[1] == pytest.approx(b, abs=5e-5)
    assert np.sqrt(fit.classical[1, 1]) == pytest.approx(se, abs=5e-5)


def test_propublicas_logit():
    rows = [
        r
        for r in table("compas/compas-scores-two-years.deidentified.csv.gz")
        if r["days_b_screening_arrest"]
        and abs(float(r["days_b_screening_arrest"])) <= 30
        and r["is_recid"] != "-1"
        and r["c_charge_degree"] != "O"
        and r["score_text"] != "N/A"
    ]
    races = sorted({r["race"] for r in rows} - {"Caucasian"})
    x = np.array(
        [
            [
                1.0,
                r["sex"] == "Female",
                r["age_cat"] == "Greater than 45",
                r["age_cat"] == "Less than 25",
                *(r["race"] == race for race in races),
                float(r["priors_count"]),
                r["c_charge_degree"] == "M",
                float(r["two_year_recid"]),
            ]
            for r in rows
        ],
        float,
    )
    y = np.array([r["score_text"] != "Low" for r in rows], float)

    fit = likeliest(x, y, np.ones(len(y)))

    at = 4 + races.index("African-American")
    assert len(rows) == 6172
    assert fit.b[at] == pytest.approx(0.47721, abs=5e-6)
    assert np.sqrt(fit.classical[at, at]) == pytest.approx(0.06935, abs=5e-6)
    assert [fit.b[i] for i in (0, 1, 2, 3, -3, -2, -1)] == pytest.approx(
        [-1.52554, 0.22127, -1.35563, 1.30839, 0.26895, -0.31124, 0.68586], abs=5e-6
    )
    assert 2 * x.shape[1] - 2 * fit.objective == pytest.approx(6192.4, abs=0.05)


def some(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(0, 1, (n, 2)), rng.integers(0, 2, n)])
    y = (rng.random(n) < 1 / (1 + np.exp(-x @ [0.2, 1.0, -0.5, 0.3]))).astype(float)
    return x, y, rng.uniform(0.5, 2, n)


def test_logit_is_scikit_learns():
    linear_model = pytest.importorskip("sklearn.linear_model")
    x, y, weight = some(1)

    fit = likeliest(x, y, weight)

    other = linear_model.LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x[:, 1:], y, sample_weight=weight)
    assert list(fit.b) == pytest.approx([*other.intercept_, *other.coef_[0]], abs=1e-5)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_at_the_maximum_the_likelihood_is_flat_and_the_covariance_is_its_curvature(link):
    x, y, weight = some(2)
    fit = likeliest(x, y, weight, link=link)

    from scipy.stats import logistic, norm

    def value(b: np.ndarray) -> float:
        p = (logistic if link == "logit" else norm).cdf(x @ b)
        return float(weight @ np.log(np.where(y == 1, p, 1 - p)))

    step = 1e-4
    unit = np.eye(4) * step
    slope = [(value(fit.b + e) - value(fit.b - e)) / (2 * step) for e in unit]
    curve = [
        [
            (value(fit.b + e + f) - value(fit.b + e - f) - value(fit.b - e + f) + value(fit.b - e - f)) / (4 * step**2)
            for f in unit
        ]
        for e in unit
    ]
    assert np.abs(slope).max() < 1e-4
    assert np.linalg.inv(-np.array(curve)) == pytest.approx(fit.classical, rel=1e-3, abs=1e-6)


def test_a_column_that_others_determine_counts_for_nothing():
    x, y, weight = some(3)

    more = likeliest(np.column_stack([x, x[:, 1] + x[:, 2]]), y, weight)

    assert more.kept == (0, 1, 2, 3)
    assert more.b[-1] == 0
    assert list(more.b[:4]) == pytest.approx(list(likeliest(x, y, weight).b), abs=1e-8)


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("which", ["all", "part"])
def test_separated_outcomes_are_refused(link, which: str):
    x, y, _ = some(4)
    y = (x[:, 1] > 0).astype(float) if which == "all" else np.where(x[:, 3] == 1, 1.0, y)

    with pytest.raises(NoFit, match="tell the outcomes apart"):
        likeliest(x, y, np.ones(len(y)), link=link)


def test_outcomes_that_are_alike_or_no_truth_values_are_refused():
    x, y, weight = some(5)

    with pytest.raises(NoFit, match="alike"):
        likeliest(x, np.ones(len(y)), weight)
    with pytest.raises(NoFit, match="0 or 1"):
        likeliest(x, y + 0.5, weight)
    with pytest.raises(NoFit, match="do not determine"):
        least_squares(x[:3], y[:3], weight[:3])


def test_large_numbers_far_from_zero_do_not_spoil_a_fit():
    x, y, weight = some(6)
    far = x.copy()
    far[:, 1] = 1.7e9 + 1e6 * far[:, 1]

    one, two = likeliest(x, y, weight), likeliest(far, y, weight)

    assert two.b[1] * 1e6 == pytest.approx(one.b[1], rel=1e-5)
