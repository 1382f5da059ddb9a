"""`probatum fairness audit --html`: a page that has the numbers of the audit, and loads nothing."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from held_tables import held, policy_of

from probatum.cli import main
from probatum.fairness.model.curves import band, curve_of, curves
from probatum.fairness.model.sites_seen import sites_seen
from probatum.fairness.semantics import scores
from probatum.fairness.semantics.relation import opened
from probatum.fairness.semantics.score_counts import Scores

POLICY = """\
decision: {table: t.csv, decision: hired, score: score, label: good}
protected: {race: race}
require:
  - {id: merit, kind: decomposition, over: race, covariates: {work: [years]}, site: office}
"""
HOSTILE = "<script>alert(1)</script>"


def frame(rows: int = 400, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    score = rng.random(rows).round(3)
    return pd.DataFrame(
        {
            "race": rng.choice(["a", "b", HOSTILE], rows),
            "score": score,
            "good": (rng.random(rows) < score).astype(int),
            "hired": (score > 0.5).astype(int),
            "years": rng.integers(0, 9, rows),
            "office": rng.choice([f"o{n}" for n in range(9)], rows),
        }
    )


def test_a_page_has_every_plot_and_its_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = frame()
    table.to_csv(tmp_path / "t.csv", index=False)
    policy, place = tmp_path / "p.fairness.yaml", tmp_path / "page.html"
    policy.write_text(POLICY)

    assert main(["fairness", "audit", str(policy), "--html", str(place)]) == 0

    page = place.read_text()
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    titles = [ET.fromstring(one)[0].text or "" for one in pictures]  # noqa: S314 - our own text
    for wanted in ("selection rate by group", "ROC curve of a", "Calibration of b", "Least error", "selection rate by office"):
        assert any(title.startswith(wanted) for title in titles), wanted
    share = table[table.race == "a"].hired.mean()
    assert f"<td class=n>{share:.2%}</td>" in page
    assert "What cannot hold together" in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert capsys.readouterr().out.startswith("400 rows")


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame(50).to_csv(tmp_path / "t.csv", index=False)
    policy = tmp_path / "p.fairness.yaml"
    policy.write_text(POLICY)

    assert main(["fairness", "audit", str(policy), "--html", str(tmp_path / "no" / "page.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_roc_bands_cover_true_curves() -> None:
    """Scores of negatives are uniform, and those of positives the square root of that: above t are 1 - t and 1 - t**2."""
    missed, draws, alpha = 0, 400, 0.1
    rng = np.random.default_rng(7)
    for _ in range(draws):
        score, which = np.unique(np.concatenate([rng.random(80), np.sqrt(rng.random(60))]), return_inverse=True)
        positive = np.bincount(which, weights=np.arange(140) >= 80)
        negative = np.bincount(which, weights=np.arange(140) < 80)
        own = Scores(score=score, positive=positive, negative=negative, unknown=0 * score, rows=140, total=(0, 0, 0))
        roc = scores.roc(own)
        assert roc is not None
        one = curve_of(roc, alpha / 2, exact=True)
        assert one.across is not None
        assert one.up is not None
        above = np.minimum(roc.threshold, 1)
        off = (abs(roc.fpr - (1 - above)) > one.across).any() or (abs(roc.tpr - (1 - above**2)) > one.up).any()
        missed += bool(off)

    assert missed <= alpha * draws
    assert missed > 0  # bands that always cover would be too wide to be worth their name


def test_calibration_counts_everyone_once() -> None:
    table = frame()
    with opened(held(table)) as relation:
        own = curves(policy_of(POLICY), relation, "race")

    assert sum(one.rows for bins in own.calibration.values() for one in bins) == len(table)
    assert all(one.low <= one.positive <= one.high for bins in own.calibration.values() for one in bins)
    assert all(band(one)[0] == (0, 0) for one in own.roc.values())


def test_weighted_rows_have_curves_without_bands() -> None:
    table = frame().assign(w=1.5)
    with opened(held(table)) as relation:
        own = curves(policy_of(POLICY.replace("score: score", "score: score, weight: w")), relation, "race")

    assert not any(band(one) for one in own.roc.values())
    assert all(one.low is None for bins in own.calibration.values() for one in bins)


def test_one_class_has_no_curve_and_one_score_no_axis() -> None:
    table = frame(40).assign(good=1, score=7.0)
    with opened(held(table)) as relation:
        own = curves(policy_of(POLICY.replace("decision: hired, ", "")), relation, "race")

    assert own.roc == {}
    assert own.calibration == {}


def test_sites_are_counted_by_each_rate() -> None:
    table = frame()
    with opened(held(table)) as relation:
        [(column, rate), *_] = found = sites_seen(policy_of(POLICY), relation)

    assert (column, rate) == ("office", "selection_rate")
    assert {s.site: (s.cases, s.events) for s in found["office", "selection_rate"].sites} == {
        name: (len(own), own.hired.sum()) for name, own in table.groupby("office")
    }
