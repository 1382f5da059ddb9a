"""Calibration files: what is kept comes back, what is altered is told, and budgets are refused where units are too few."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.calibration import Calibration, Scored, Scorer, read_calibration
from probatum.inspection.artefacts.policy import Budget
from probatum.inspection.fit.calibration import calibrated
from probatum.inspection.recheck.threshold import contradicted
from probatum.stats.budgets import BudgetUnattainable

SCORER = Scorer(backbone="b" * 64, model="", version=1)


def scored(n: int, groups: tuple[str, ...] = ("",)) -> list[Scored]:
    return [
        Scored(capture_id=f"u{at}", score=(at * 37 % n) / n, group=groups[at % len(groups)], product="p", pictures="f" * 64)
        for at in range(n)
    ]


def made(scores: list[Scored], budget: Budget) -> Calibration:
    return calibrated(scores, budget, scorer=SCORER, references={"p": "r"}, made=datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize("budget", [Budget(false_alarms=0.02), Budget(false_alarms=0.1, by=("station",), removed=0.01)])
def test_what_is_written_is_read_back(budget: Budget, tmp_path: Path) -> None:
    unscored = Scored(capture_id="n", score=math.nan, group="a", product="", pictures="", channels={"relief": 0.25})
    scores = [*scored(600, ("a", "b", "b", "b")), unscored]
    calibration = replace(made(scores, budget), sharpness={"top": (4.5, 5.25)})
    path = tmp_path / "c.json"
    path.write_text(calibration.json(), encoding="utf-8")

    again = read_calibration(path)

    assert repr(again.scores) == repr(calibration.scores)  # NaN is not equal to itself
    assert again.sharpness == {"top": (4.5, 5.25)}
    assert (again.own, again.pooled, again.guard, again.by) == (
        calibration.own,
        calibration.pooled,
        calibration.guard,
        calibration.by,
    )
    assert (again.scorer, again.references, again.made) == (SCORER, {"p": "r"}, "2026-03-02T00:00:00Z")
    assert len(again.digest) == 64
    assert contradicted(again, budget) == ""


def test_a_group_that_nobody_saw_gets_the_largest_threshold() -> None:
    scores = [
        Scored(capture_id=f"u{at}", score=at / 600 + (at % 2), group="ab"[at % 2], product="p", pictures="") for at in range(600)
    ]
    calibration = made(scores, Budget(false_alarms=0.1, by=("station",)))

    assert calibration.own["a"].value < 1 < calibration.own["b"].value == calibration.guard
    assert calibration.threshold("c") == calibration.guard


def test_too_few_units_are_refused_with_how_many_would_do() -> None:
    with pytest.raises(BudgetUnattainable, match="2,995 are needed"):
        made(scored(500), Budget(false_alarms=0.001))


@pytest.mark.parametrize(
    "alter",
    [
        lambda whole: whole["pooled"].update(value=whole["pooled"]["value"] - 0.2),  # more scores above
        lambda whole: whole["pooled"].update(allowed=60),  # more than can be certified
        lambda whole: whole.update(scores=whole["scores"][:100]),
        lambda whole: whole["pooled"].update(budget=0.5),
        lambda whole: whole["pooled"].update(confidence=0.6),
        lambda whole: whole.update(pooled=None),
    ],
)
def test_an_altered_threshold_contradicts_its_scores(alter, tmp_path: Path) -> None:  # type: ignore[no-untyped-def] # one line each
    budget = Budget(false_alarms=0.05)
    whole = json.loads(made(scored(400), budget).json())
    alter(whole)
    path = tmp_path / "c.json"
    path.write_text(json.dumps(whole), encoding="utf-8")

    assert contradicted(read_calibration(path), budget) != ""


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"\x80\x04",
        b'{"schema": "probatum-inspection-calibration/1"}',
        b'{"schema": "other/1"}',
        b'{"schema": "probatum-inspection-calibration/1", "scores": [[1, 2, 3, 4, 5]]}',
    ],
)
def test_what_is_no_calibration_is_refused(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(raw)

    with pytest.raises(UnreadableArtefact, match="is no calibration"):
        read_calibration(path)
