"""Numbers that others published about COMPAS and FICO scores, from their tables."""

import csv
import gzip
import json

import numpy as np
import pytest
from click.testing import CliRunner
from held_tables import confusions, held, policy_about, policy_of
from reference_data import reference, table

from probatum.cli import program
from probatum.fairness.model.audit import audit
from probatum.fairness.model.decomposition.fits import likeliest
from probatum.fairness.model.feasible import frontier, hull, identities
from probatum.fairness.semantics.disparities import values_of
from probatum.fairness.semantics.relation import opened
from probatum.fairness.semantics.score_counts import score_counts
from probatum.fairness.semantics.scores import auc, roc

COMPAS = "compas/compas-scores-two-years.deidentified.csv.gz"


def compas():
    rows = table(COMPAS)
    return {name: [row[name] for row in rows] for name in ("race", "two_year_recid", "decile_score")}


ABOUT = policy_about("label: two_year_recid, score: decile_score, threshold: 5", "{race: race}")


@pytest.mark.slow
def test_the_rates_of_propublica():
    groups = confusions(ABOUT, compas(), "race")
    black, white = groups["African-American"], groups["Caucasian"]

    assert (black.fp, black.fp + black.tn, black.fn, black.fn + black.tp) == (805, 1795, 532, 1901)
    assert (white.fp, white.fp + white.tn, white.fn, white.fn + white.tp) == (349, 1488, 461, 966)
    ppv, _ = values_of(groups, "ppv")
    npv, _ = values_of(groups, "npv")
    base, _ = values_of(groups, "base_rate")
    found = [round(rate[name], 4) for name in ("African-American", "Caucasian") for rate in (ppv, npv, base)]
    assert found == [0.6297, 0.6505, 0.5143, 0.5913, 0.7119, 0.3936]


@pytest.mark.slow
def test_the_identity_of_chouldechova_holds_for_every_group_of_compas():
    found = identities(confusions(ABOUT, compas(), "race"))

    assert len(found) == 6
    for one in found.values():
        assert one.implied == pytest.approx(one.observed, abs=1e-12)
    assert round(found["African-American"].implied, 4) == 0.4485


@pytest.mark.slow
def test_the_logit_of_propublica():
    rows = [
        row
        for row in table(COMPAS)
        if row["days_b_screening_arrest"]
        and abs(float(row["days_b_screening_arrest"])) <= 30
        and row["is_recid"] != "-1"
        and row["c_charge_degree"] != "O"
        and row["score_text"] != "N/A"
    ]
    columns = {
        "African-American": [row["race"] == "African-American" for row in rows],
        **{race: [row["race"] == race for row in rows] for race in ("Asian", "Hispanic", "Native American", "Other")},
        "young": [row["age_cat"] == "Less than 25" for row in rows],
        "old": [row["age_cat"] == "Greater than 45" for row in rows],
        "female": [row["sex"] == "Female" for row in rows],
        "priors": [float(row["priors_count"]) for row in rows],
        "misdemeanour": [row["c_charge_degree"] == "M" for row in rows],
        "recid": [float(row["two_year_recid"]) for row in rows],
    }
    x = np.column_stack([np.ones(len(rows)), *(np.asarray(column, dtype=float) for column in columns.values())])
    y = np.array([row["score_text"] != "Low" for row in rows], dtype=float)

    fit = likeliest(x, y, np.ones(len(rows)))

    found = dict(zip(["constant", *columns], fit.b.round(5).tolist(), strict=True))
    assert len(rows) == 6172
    published = {
        "constant": -1.52554,
        "African-American": 0.47721,
        "young": 1.30839,
        "old": -1.35563,
        "female": 0.22127,
        "priors": 0.26895,
        "misdemeanour": -0.31124,
        "recid": 0.68586,
    }
    assert {name: found[name] for name in published} == pytest.approx(published, abs=1.1e-5)


@pytest.mark.slow
def test_the_command_shows_what_cannot_hold_together_for_compas(tmp_path):
    with gzip.open(reference(COMPAS), "rb") as stream:
        (tmp_path / "compas.csv").write_bytes(stream.read())
    (tmp_path / "compas.fairness.yaml").write_text(
        "decision: {table: compas.csv, label: two_year_recid, score: decile_score, threshold: 5}\n"
        "protected: {race: race}\n"
        "require: [{id: any, metric: fpr, over: race, at_most: 0.1}]\n"
    )

    text = CliRunner().invoke(
        program,
        ["fairness", "audit", str(tmp_path / "compas.fairness.yaml"), "--given", "c_charge_degree"],
        standalone_mode=False,
    )
    as_json = CliRunner().invoke(
        program, ["fairness", "audit", str(tmp_path / "compas.fairness.yaml"), "--format", "json"], standalone_mode=False
    )

    assert "cannot hold together: predictive parity, equal false positive rates, equal false negative rates" in text.output
    assert "PPV 0.6297, FNR 0.2799 give 0.4485; 0.4485 is seen" in text.output
    assert "conditional_demographic_parity_difference" in text.output
    cells = {(cell["group"], cell["metric"]): cell for cell in json.loads(as_json.output)["cells"]}
    assert cells["Caucasian", "fnr"]["value"] == 461 / 966
    assert cells["Caucasian", "fnr"]["low"] < 461 / 966 < cells["Caucasian", "fnr"]["high"]


def fico():
    """People by score, group and default, from cumulative shares and default rates of each score."""
    names = {"Non- Hispanic white": 133_165, "Black": 18_274, "Hispanic": 14_702, "Asian": 7_906}
    with (
        reference("fico/transrisk_cdf_by_race_ssa.csv").open() as cdf,
        reference("fico/transrisk_performance_by_race_ssa.csv").open() as performance,
    ):
        shares, defaults = list(csv.DictReader(cdf)), list(csv.DictReader(performance))
    made: dict[str, list] = {"race": [], "score": [], "paid": [], "people": []}
    for name, total in names.items():
        below = 0.0
        for share, default in zip(shares, defaults, strict=True):
            here = (float(share[name]) - below) / 100 * total
            below = float(share[name])
            for paid, part in ((0, float(default[name]) / 100), (1, 1 - float(default[name]) / 100)):
                made["race"].append(name)
                made["score"].append(float(share["Score"]))
                made["paid"].append(paid)
                made["people"].append(round(here * part))
    return made


FICO = policy_of(
    """\
    decision: {table: t.csv, label: paid, score: score, threshold: 50, count: people}
    protected: {race: race}
    require: [{id: any, metric: tpr, over: race, at_most: 0.1}]
    """
)


def test_aggregates_of_fico_scores_are_a_table_like_any_other():
    made = fico()
    frame = {name: np.array(column) for name, column in made.items()}
    with opened(held(made)) as relation:
        found = audit(FICO, relation)
        counted = score_counts(FICO, relation, ("race",))

    assert found.rows == frame["people"].sum()
    for name, own in counted.items():
        here = frame["race"] == name
        weight, paid = frame["people"] * here, frame["paid"] == 1
        positives, negatives = weight * paid, weight * ~paid
        beaten = [
            (positives[k] * (negatives[frame["score"] < s].sum() + negatives[frame["score"] == s].sum() / 2))
            for k, s in enumerate(frame["score"])
        ]
        assert auc(own) == pytest.approx(sum(beaten) / positives.sum() / negatives.sum(), abs=1e-12)
        [cell] = [c for c in found.cells if (c.group, c.metric) == (name, "tpr")]
        assert cell.trials == positives.sum()
        assert cell.hits == positives[frame["score"] >= 50].sum()


def test_the_price_of_equal_opportunity_for_fico_scores_is_that_of_a_search_over_thresholds():
    with opened(held(fico())) as relation:
        curves = {name: roc(own) for name, own in score_counts(FICO, relation, ("race",)).items()}
    points = frontier(curves, "equal opportunity", gaps=(0.0, 1.0))

    hulls = {name: hull(curve) for name, curve in curves.items()}
    total = sum(c.positives + c.negatives for c in curves.values())

    def error(tpr: float) -> float:
        """Each group at its least false positive rate on its hull for that true positive rate."""
        wrong = 0.0
        for name, curve in curves.items():
            corners = hulls[name]
            wrong += curve.positives * (1 - tpr) + curve.negatives * np.interp(tpr, corners[:, 1], corners[:, 0])
        return wrong / total

    searched = min(error(tpr) for tpr in np.linspace(0, 1, 4_001))
    alone = sum(min(c.positives * (1 - c.tpr) + c.negatives * c.fpr) for c in curves.values()) / total
    assert points[0].error == pytest.approx(searched, abs=1e-5)
    assert points[1].error == pytest.approx(alone, abs=1e-9)
    assert points[0].error > points[1].error
