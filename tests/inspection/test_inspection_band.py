"""A band in which a person looks: what a policy may ask for, what is certified, decided and checked again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from probatum.errors import UnreadableArtefact
from probatum.evidence import Estimate
from probatum.inspection.artefacts import read
from probatum.inspection.artefacts.calibration import Calibration, Scored, Scorer, read_calibration
from probatum.inspection.artefacts.policy import Band, Budget, Policy
from probatum.inspection.fit.calibration import calibrated, enough
from probatum.inspection.recheck import recheck
from probatum.inspection.recheck.threshold import contradicted
from probatum.source import Source
from probatum.stats.budgets import BudgetUnattainable

BUDGET = Budget(false_alarms=0.05, band=Band(looked=0.2, passed=0.3))


def policy(budget: str) -> Policy:
    [found] = read(Source("shop/inspection.yaml", f"captures: m.csv\nbudget: {budget}\n".encode()), {})
    return found


def scored(n: int, start: float = 0.0, name: str = "u") -> list[Scored]:
    return [
        Scored(capture_id=f"{name}{at}", score=start + (at * 37 % n) / n, group="", product="p", pictures="f" * 64)
        for at in range(n)
    ]


def certified(budget: Budget = BUDGET) -> Calibration:
    return calibrated(
        scored(401),
        budget,
        scorer=Scorer(backbone="b" * 64, model="", version=1),
        references={"p": "r"},
        made=datetime(2026, 3, 2, tzinfo=UTC),
        damaged=scored(103, 0.7, "d"),
    )


def test_a_policy_may_ask_for_a_band() -> None:
    assert policy("{false_alarms: 0.01, band: {looked: 0.1}}").budget.band == Band(looked=0.1)
    found = policy("{false_alarms: 0.01, band: {looked: 0.1, passed: 0.25}}").budget
    assert (found.band, found.risks) == (Band(looked=0.1, passed=0.25), 3)
    assert policy("{false_alarms: 0.01}").budget.risks == 1


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ("{false_alarms: 0.1, band: {looked: 0.05}}", "`looked` is 0.05, and `false_alarms` 0.1"),
        ("{band: {looked: 0.05}, by: station}", "groups with thresholds of their own have no band"),
        ("{band: {passed: 0.05}}", "looked"),
        ("{band: {looked: 0.05, passed: 2}}", "it must be between"),
        ("{band: {looked: 0.05, missed: 0.1}}", "`missed` is not a field of `band`"),
    ],
)
def test_what_a_band_may_not_say_is_told(budget: str, said: str) -> None:
    with pytest.raises(UnreadableArtefact) as told:
        policy(budget)
    assert said in str(told.value)


def test_what_is_certified_is_written_and_read_back(tmp_path: Path) -> None:
    calibration = certified()
    assert calibration.band is not None
    assert calibration.band.passed is not None
    assert calibration.band.low.value < calibration.guard
    path = tmp_path / "c.json"
    path.write_text(calibration.json(), encoding="utf-8")

    again = read_calibration(path)

    assert (again.band, again.pooled, again.damaged) == (calibration.band, calibration.pooled, calibration.damaged)
    assert '"probatum-inspection-calibration/3"' in calibration.json()
    assert contradicted(again, BUDGET) == ""


def test_without_a_band_a_file_is_as_before() -> None:
    plain = certified(Budget(false_alarms=0.05))

    assert '"probatum-inspection-calibration/2"' in plain.json()
    assert "band" not in json.loads(plain.json())
    assert plain.pooled is not None
    assert plain.pooled.family == 1


def test_too_few_damaged_units_are_refused_before_any_is_scored() -> None:
    with pytest.raises(BudgetUnattainable, match="12 are needed"):
        enough(401, BUDGET, damaged=3)
    enough(401, BUDGET, damaged=12)
    with pytest.raises(BudgetUnattainable, match="80 are needed"):
        enough(60, BUDGET, damaged=12)  # one risk alone needs 59


@pytest.mark.parametrize(
    "alter",
    [
        lambda whole: whole.pop("band"),
        lambda whole: whole["band"]["low"].update(value=whole["band"]["low"]["value"] - 0.1),  # more are looked at
        lambda whole: whole["band"]["low"].update(value=whole["pooled"]["value"] + 0.01),
        lambda whole: whole["band"]["low"].update(family=1),
        lambda whole: whole["pooled"].update(family=1),
        lambda whole: whole["band"]["low"].update(budget=0.4),
        lambda whole: whole["band"].update(passed=None),
        lambda whole: whole["band"]["passed"].update(errors=whole["band"]["passed"]["errors"] - 1),
        lambda whole: whole["band"]["passed"].update(family=1),
        lambda whole: whole["band"]["passed"].update(confidence=0.5),
        lambda whole: whole.update(damaged=whole["damaged"][:60]),
    ],
)
def test_an_altered_band_contradicts_its_scores(alter: Callable[[dict[str, Any]], object], tmp_path: Path) -> None:
    whole = json.loads(certified().json())
    alter(whole)
    if "band" not in whole:
        whole["schema"] = "probatum-inspection-calibration/2"
    path = tmp_path / "c.json"
    path.write_text(json.dumps(whole), encoding="utf-8")

    assert contradicted(read_calibration(path), BUDGET) != ""


def test_fewer_damaged_units_that_pass_than_are_certified_refute_the_file(tmp_path: Path) -> None:
    """Tallies that are true, of a budget that they do not certify."""
    whole = json.loads(certified().json())
    for row in whole["damaged"][:60]:
        row[1] = 0.0
    low = whole["band"]["low"]["value"]
    whole["band"]["passed"]["errors"] = sum(row[1] <= low for row in whole["damaged"])
    path = tmp_path / "c.json"
    path.write_text(json.dumps(whole), encoding="utf-8")

    assert "is not certified by its tallies" in contradicted(read_calibration(path), BUDGET)


@pytest.fixture(scope="module")
def banded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A booth whose policy asks for a band, calibrated and inspected."""
    pytest.importorskip("cv2")
    pytest.importorskip("onnxruntime")
    from small_booth import made, ran

    folder = made(tmp_path_factory.mktemp("goods") / "booth", items=110)
    text = (folder / "inspection.yaml").read_text(encoding="utf-8")
    asked = "budget: {false_alarms: 0.2, confidence: 0.9, band: {looked: 0.45, passed: 0.8}}"
    text = text.replace("budget: {false_alarms: 0.2, confidence: 0.9}", asked)
    (folder / "inspection.yaml").write_text(text, encoding="utf-8")
    said = ran("calibrate", folder / "inspection.yaml").stdout
    assert "at most 45.000% of pristine units are looked at or put aside" in said
    assert "at most 80.000% of damaged units are shipped" in said
    assert ran("inspect", folder / "inspection.yaml").exit_code == 0
    return folder


def test_units_between_the_thresholds_go_to_a_person(banded: Path) -> None:
    from small_booth import ran

    calibration = read_calibration(banded / "calibration.json")
    assert calibration.band is not None
    low, high = calibration.band.low.value, calibration.guard
    units = json.loads(ran("inspect", banded / "inspection.yaml", "--json").stdout)["units"]
    judged = [one for one in units if not one["refusals"]]

    expected = {
        one["capture_id"]: "sideline" if one["score"] > high else "person" if one["score"] > low else "pass" for one in judged
    }
    assert {one["capture_id"]: one["decision"] for one in judged} == expected
    assert set(expected.values()) == {"sideline", "person", "pass"}


def test_a_check_states_each_risk_and_recheck_confirms_and_refutes(banded: Path) -> None:
    from small_booth import checked

    report = checked(banded)
    told = [one for one in report["outcomes"] if one["rule"] == "inspection/threshold-uncertified"]
    assert [one["kind"] for one in told] == ["cleared"] * 3
    between = [one for one in report["outcomes"] if "between the two thresholds" in (one.get("reason") or "")]
    assert between

    from probatum.inspection.rules.threshold_uncertified import check
    from probatum.inspection.service.goods import OnDisk, policy_at
    from probatum.tools import Tools

    asked, inputs = policy_at(banded / "inspection.yaml"), OnDisk(banded)
    stated = [one.evidence for one in check(asked, Tools(inputs=inputs)) if isinstance(one.evidence, Estimate)]
    assert [one.method for one in stated] == [
        "inspection/threshold-certified/1",
        "inspection/band-looked/1",
        "inspection/band-passed/1",
    ]
    for one in stated:
        assert one.high is not None
        assert recheck(asked, one, inputs).status == "confirmed"
        for name, value in one.counts.items():
            other = "x" if value is None else value + 1
            assert recheck(asked, replace(one, counts={**one.counts, name: other}), inputs).status == "refuted"
        for altered in (replace(one, high=one.high / 2), replace(one, family=1), replace(one, value=one.value / 2 + 0.001)):
            if one.method != "inspection/threshold-certified/1":
                assert recheck(asked, altered, inputs).status == "refuted"


def test_a_calibration_without_the_band_that_is_asked_for_certifies_nothing(banded: Path, tmp_path: Path) -> None:
    from small_booth import checked, ran

    folder = tmp_path / "booth"
    shutil.copytree(banded, folder)
    whole = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    del whole["band"]
    whole["schema"] = "probatum-inspection-calibration/2"
    (folder / "calibration.json").write_text(json.dumps(whole), encoding="utf-8")

    found = [one for one in checked(folder)["outcomes"] if one["rule"] == "inspection/threshold-uncertified"]

    assert [one["evidence"]["given"]["kind"] for one in found] == ["band"]
    units = json.loads(ran("inspect", folder / "inspection.yaml", "--json").stdout)["units"]
    assert {one["decision"] for one in units} == {"person"}
