"""`inspect` and `check` say what is to be done with each unit, by a file of costs; what is not known is left to a person, and alarms are not overruled."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from probatum.errors import UnreadableArtefact, UsageError
from probatum.evidence import Counterexample

pytest.importorskip("cv2")
pytest.importorskip("onnxruntime")
from small_booth import checked, made, ran

from probatum.inspection.recheck import recheck
from probatum.inspection.service.goods import OnDisk, policy_at
from probatum.stats.prior_shift import class_weights
from probatum.stats.venn_abers import prepared

DISPOSITION = """\
schema: probatum-inspection-disposition/1
currency: EUR
prevalence: [0.01, 0.02]
costs: {ship_damaged: 45, sideline_damaged: 6, sideline_sound: 9, look: 0.7}
people_miss: 0.02
classes:
  - name: everything
    tolerable:
      - {types: [crush, superficial], on: packaging, up_to: 0.3}
outlets:
  - {outlet: donate, on: packaging, cost: 1}
  - {outlet: dispose, cost: 2.5}
"""


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A booth with a disposition, calibrated and inspected."""
    folder = made(tmp_path_factory.mktemp("goods") / "booth", items=110)
    (folder / "disposition.yaml").write_text(DISPOSITION, encoding="utf-8")
    with (folder / "inspection.yaml").open("a", encoding="utf-8") as policy:
        policy.write("disposition: disposition.yaml\n")
    assert "how probable damage is follows from them" in ran("calibrate", folder / "inspection.yaml").stdout
    assert ran("inspect", folder / "inspection.yaml").exit_code == 0
    return folder


@pytest.fixture
def booth(calibrated: Path, tmp_path: Path) -> Path:
    shutil.copytree(calibrated, tmp_path / "booth")
    return tmp_path / "booth"


def units(booth: Path) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(ran("inspect", booth / "inspection.yaml", "--json").stdout)["units"]
    return told


def test_each_unit_has_what_is_to_be_done_and_the_interval_that_it_rests_on(booth: Path) -> None:
    known = json.loads((booth / "calibration.json").read_text(encoding="utf-8"))
    rows = [(row[1], part == "damaged") for part in ("scores", "damaged") for row in known[part] if row[1] is not None]
    scores, damaged = zip(*rows, strict=True)
    share = sum(damaged) / len(damaged)
    low, high = (
        prepared(scores, damaged, weights=class_weights(trained=share, deployed=deployed)).intervals for deployed in (0.01, 0.02)
    )

    told = units(booth)

    actions = {(one["decision"], one["disposition"]["action"]) for one in told}
    assert {("pass", "ship"), ("sideline", "look"), ("person", "look")} <= actions
    assert not {("sideline", "ship"), ("person", "ship"), ("pass", "sideline")} & actions
    for one in told:
        own = one["disposition"]
        if one["decision"] == "person":
            assert own["probability"] is None
            assert own["why"].startswith("cannot decide: ")
            continue
        assert own["probability"] == pytest.approx([float(low(one["score"])[0]), float(high(one["score"])[1])], abs=1e-9)
        # Counted anew: damage may be tolerated, or not.
        assert own["costs"]["ship"] == pytest.approx([0, 45 * own["probability"][1]])
        if own["action"] == "ship":
            assert own["costs"]["ship"][1] < 0.7
    assert [one["disposition"]["class"] for one in told] == ["everything"] * len(told)


def test_what_people_say_decides_and_tolerated_damage_on_packaging_is_shipped(booth: Path) -> None:
    policy = booth / "inspection.yaml"
    first, second, third, fourth = [one["capture_id"] for one in units(booth) if one["decision"] == "sideline"][:4]
    ran("queue", "draw", policy, "--budget", "1000", "--seed", "s")
    small = ("--damaged", "--type", "crush", "--severity", "0.2")
    answer(policy, first, *small, "--on-packaging")
    answer(policy, second, *small, "--on-product")
    answer(policy, third, "--damaged", "--type", "tear", "--on-packaging")
    answer(policy, fourth, "--pristine")

    told = {one["capture_id"]: (one["decision"], one["disposition"]) for one in units(booth)}

    assert {told[unit][0] for unit in (first, second, third, fourth)} == {"sideline"}
    assert (told[first][1]["action"], told[first][1]["why"]) == (
        "ship",
        "all damage that it can have is tolerated of `everything`",
    )
    assert (told[second][1]["action"], told[second][1]["outlet"]) == ("sideline", "dispose")
    assert (told[third][1]["action"], told[third][1]["outlet"]) == ("sideline", "donate")
    assert told[third][1]["gain"] == {"donate": -1, "dispose": -2.5}
    assert (told[fourth][1]["action"], told[fourth][1]["why"]) == ("ship", "a person looked, and found no damage")


def answer(policy: Path, unit: str, *said: str) -> None:
    """Say the same of a unit by as many people as are asked."""
    ran("queue", "answer", policy, unit, "--by", "anna", *said)
    with suppress(UsageError):  # unless one is enough
        ran("queue", "answer", policy, unit, "--by", "ben", *said)


def test_without_labels_of_damaged_units_nothing_is_guessed(booth: Path) -> None:
    manifest = booth / "manifest.csv"
    lines = manifest.read_text(encoding="utf-8").splitlines()
    names = lines[0].split(",")
    defect, split = names.index("defect"), names.index("split")
    rows = [line.split(",") for line in lines[1:] if '"' not in line]
    rows = [row for row in rows if not (row[split] == "calibration" and row[defect] == "true")]
    manifest.write_text("\n".join([lines[0], *map(",".join, rows)]) + "\n", encoding="utf-8")
    said = ran("calibrate", booth / "inspection.yaml").stdout

    told = units(booth)

    assert "how probable" not in said
    assert {one["disposition"]["action"] for one in told} == {"look"}
    assert {one["disposition"]["probability"] for one in told} == {None}
    assert any("no labelled damaged unit was scored" in one["disposition"]["why"] for one in told if one["decision"] == "pass")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("prevalence: [0.01, 0.02]", "prevalence: [2, 3]", 3, "not within 0 and 1"),
        ("look: 0.7", "lok: 0.7", 4, "did you mean `look`?"),
        ("[crush, superficial]", "[crash]", 9, "did you mean `crush`?"),
        ("outlet: dispose", "outlet: [", 12, "not YAML"),
    ],
)
def test_a_bad_file_is_told_with_its_place(booth: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in DISPOSITION
    (booth / "disposition.yaml").write_text(DISPOSITION.replace(old, new), encoding="utf-8")

    with pytest.raises(UnreadableArtefact) as caught:
        ran("inspect", booth / "inspection.yaml")

    assert said in f"{caught.value} {caught.value.help}"
    assert caught.value.location is not None
    assert (caught.value.location.path, caught.value.location.line) == ("disposition.yaml", line)


def test_a_file_that_is_not_there_is_told_with_the_place_where_it_is_named(booth: Path) -> None:
    (booth / "disposition.yaml").unlink()

    with pytest.raises(UnreadableArtefact, match=r"`disposition\.yaml` is not there") as caught:
        ran("inspect", booth / "inspection.yaml")

    assert caught.value.location is not None
    assert (caught.value.location.path, caught.value.location.line) == ("inspection.yaml", 6)


def found(booth: Path) -> Iterator[Counterexample]:
    for one in checked(booth)["outcomes"]:
        if one["kind"] == "finding" and one["rule"] == "inspection/damaged-unit":
            told = {name: one["evidence"][name] for name in ("method", "given", "observed", "expected", "summary")}
            yield Counterexample(**told)


def test_a_check_says_the_same_and_recheck_works_it_out_again(booth: Path) -> None:
    by_unit = {one["capture_id"]: one["disposition"] for one in units(booth)}
    evidence = next(found(booth))
    policy, inputs = policy_at(booth / "inspection.yaml"), OnDisk(booth)

    assert evidence.given["disposition"] == by_unit[evidence.given["capture_id"]]
    assert "; look: " in evidence.summary
    assert recheck(policy, evidence, inputs).status == "confirmed"
    for name, value in (("action", "ship"), ("probability", [0.0, 0.5]), ("outlet", "donate")):
        other = {**evidence.given, "disposition": {**evidence.given["disposition"], name: value}}
        altered = Counterexample(
            method=evidence.method, given=other, observed=evidence.observed, expected=evidence.expected, summary=evidence.summary
        )
        assert recheck(policy, altered, inputs).status == "refuted"


def test_the_page_says_what_is_to_be_done(booth: Path) -> None:
    ran("inspect", booth / "inspection.yaml", "--html", booth / "page.html")

    page = (booth / "page.html").read_text(encoding="utf-8")
    assert "go to a person; to be done: ship " in page
    assert page.count("<p>To be done: look: ") == page.count("<section>") > 1
