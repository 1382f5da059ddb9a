"""`causes` and `returns`: where more is damaged, and what follows from what customers send back; or why nothing can be said."""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from probatum.errors import UnreadableArtefact, UsageError

pytest.importorskip("cv2")
pytest.importorskip("onnxruntime")
from small_booth import made, ran

from probatum.inspection.artefacts.annotations import Answer
from probatum.inspection.model.asking import Candidate, ask
from probatum.inspection.service.queue import Queue

NOW = datetime(2026, 3, 2, tzinfo=UTC)
Row = dict[str, str]


def table(folder: Path, damaged: Callable[[Row, random.Random], bool], *, count: int = 500) -> list[Row]:
    """Write a policy about units of three stations, two shifts and four vendors, of which pictures are never asked for."""
    chance = random.Random(8)
    rows = []
    for n in range(count):
        row = {"capture_id": f"u{n}", "image": f"u{n}.png", "item_identifier": "P", "station": chance.choice(["S1", "S2", "S3"])}
        row |= {"shift": chance.choice(["day", "night"]), "vendor": chance.choice("ABCD"), "defect": ""}
        row["defect"] = str(damaged(row, chance)).lower()
        rows.append(row)
    with (folder / "units.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (folder / "inspection.yaml").write_text("captures: units.csv\n", encoding="utf-8")
    return rows


def nightly(row: Row, chance: random.Random) -> bool:
    return chance.random() < (0.3 if row["shift"] == "night" else 0.06)


def told(folder: Path, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ran("causes", folder / "inspection.yaml", "--json", *more).stdout)
    return found


def test_a_shift_in_which_more_is_damaged_is_named_and_counted(tmp_path: Path) -> None:
    rows = table(tmp_path, nightly)

    found = told(tmp_path)

    assert [one["levels"] for one in found["found"]] == [{"shift": "night"}]
    [night] = found["found"]
    assert (night["units"], night["damaged"]) == (
        sum(row["shift"] == "night" for row in rows),
        sum(row["shift"] == "night" and row["defect"] == "true" for row in rows),
    )
    assert night["p"] * found["comparisons"] == pytest.approx(night["p_adjusted"])
    assert night["p_adjusted"] < 0.05
    assert 1 < night["odds_at_least"] < (0.3 / 0.7) / (0.06 / 0.94)
    assert found["source"] == "labels"
    assert "shift `night`: " in ran("causes", tmp_path / "inspection.yaml").stdout


def test_where_nothing_differs_nothing_is_named_and_nothing_is_excluded(tmp_path: Path) -> None:
    table(tmp_path, lambda _, chance: chance.random() < 0.1)

    done = ran("causes", tmp_path / "inspection.yaml", "--no-pairs")

    assert "9 comparisons" in done.stdout
    assert "no difference is too large for an accident; smaller ones may be there" in done.stdout


def test_answers_in_the_queue_count_before_labels_and_units_drawn_for_their_looks_are_left_out(tmp_path: Path) -> None:
    rows = table(tmp_path, nightly, count=800)
    chance = random.Random(2)
    scores = {row["capture_id"]: chance.gauss(2.0 * (row["defect"] == "true"), 1) for row in rows}
    drawn = ask(
        [Candidate(unit=unit, score=score, alarms=score > 2.5) for unit, score in scores.items()],
        threshold=2.5,
        budget=500,
        seed="s",
        again=0,
    )
    queue = Queue(tmp_path)
    queue.add(drawn, now=NOW)

    with pytest.raises(UsageError, match="too few of the first units in the queue are answered"):
        told(tmp_path)
    truth = {row["capture_id"]: row["defect"] == "true" for row in rows}
    for one in drawn.questions:
        assert queue.answer("anna", one.unit, Answer(defect=truth[one.unit]), now=NOW) is None
    found = told(tmp_path)

    assert (found["source"], found["part_of_queue"], found["looked"]) == ("queue", 1.0, len(drawn.questions))
    assert [one["levels"] for one in found["found"]] == [{"shift": "night"}]
    assert found["found"][0]["units"] + found["found"][0]["others"] < len(drawn.questions)
    assert "are left out, which were drawn for what they look like" in found["notes"][0]
    assert told(tmp_path, "--labels")["looked"] == 800


def test_returns_name_where_more_is_damaged_and_what_was_shipped_lately_does_not_look_sound(tmp_path: Path) -> None:
    rows = table(tmp_path, nightly, count=900)
    for n, row in enumerate(rows):  # the last vendor delivers only since a week ago: of that nothing has come back yet
        late = row["vendor"] == "D"
        row["at"] = (NOW - timedelta(days=5 if late else 40 + n % 20)).isoformat()
    with (tmp_path / "units.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    lines = ["capture_id,at,confirmed"]
    for n, row in enumerate(row for row in rows if row["defect"] == "true" and row["vendor"] != "D"):
        back = datetime.fromisoformat(row["at"]) + timedelta(days=3 + 10 * (n % 4))  # every fourth comes back after 30 days
        lines.append(f"{row['capture_id']},{back.isoformat()},{'true' if n % 5 else ''}")
    (tmp_path / "returns.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    asked = ("--returns", str(tmp_path / "returns.csv"), "--until", f"{NOW:%Y-%m-%d}")

    found = told(tmp_path, *asked)

    assert found["source"] == "returns"
    assert [one["levels"] for one in found["found"]] == [{"shift": "night"}]
    assert found["looked"] == sum(row["vendor"] != "D" for row in rows)
    assert found["damaged"] == sum(n % 4 < 3 and n % 5 > 0 for n in range(len(lines) - 1))
    assert (
        f"{sum(row['vendor'] == 'D' for row in rows)} units are left out, which were shipped less than 30 days ago"
        in found["notes"]
    )
    assert "equally often whatever the columns say" in found["assumptions"][1]
    shown = ran("causes", tmp_path / "inspection.yaml", *asked)
    assert "damaged, by what came back; " in shown.stdout
    assert "where people send back more readily, it looks as if more were damaged" in shown.stdout
    with pytest.raises(UsageError, match="exclude each other"):
        told(tmp_path, *asked, "--labels")
    (tmp_path / "returns.csv").write_text("capture_id,at,confirmed\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"no unit of \d+ came back damaged within 30 days"):
        told(tmp_path, *asked)


@pytest.mark.parametrize(
    ("damaged", "count", "more", "said"),
    [
        (lambda *_: False, 60, (), "no unit of 60 that people looked at is damaged"),
        (lambda *_: True, 60, (), "every unit of 60 that people looked at is damaged"),
        (lambda row, _: row["capture_id"] in ("u1", "u2"), 60, (), "2 damaged units of 60 are too few for 9 comparisons"),
        (nightly, 60, ("--column", "lot", "--column", "camera"), "units differ in no lot, camera"),
    ],
    ids=["no-damage", "only-damage", "too-few", "no-columns"],
)
def test_what_cannot_be_told_is_refused_with_the_reason(
    tmp_path: Path, damaged: Callable[[Row, random.Random], bool], count: int, more: tuple[str, ...], said: str
) -> None:
    table(tmp_path, damaged, count=count)

    with pytest.raises(UsageError, match=said) as caught:
        told(tmp_path, *more)

    assert caught.value.help


def test_labels_of_units_that_were_drawn_differently_are_not_compared_without_their_coins(tmp_path: Path) -> None:
    table(tmp_path, nightly)
    manifest = tmp_path / "units.csv"
    head, *lines = manifest.read_text(encoding="utf-8").splitlines()
    shares = [f"{line},{('0.5', '1')[n % 2]}" for n, line in enumerate(lines)]
    manifest.write_text("\n".join([f"{head},inclusion_probability", *shares]), encoding="utf-8")

    with pytest.raises(UsageError, match="drawn with different probabilities"):
        told(tmp_path)


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = made(tmp_path_factory.mktemp("goods") / "booth")
    assert ran("calibrate", folder / "inspection.yaml").exit_code == 0
    assert ran("inspect", folder / "inspection.yaml").exit_code == 0
    return folder


@pytest.fixture
def booth(calibrated: Path, tmp_path: Path) -> Path:
    shutil.copytree(calibrated, tmp_path / "booth")
    return tmp_path / "booth"


def decisions(booth: Path) -> dict[str, dict[str, Any]]:
    lines = (booth / "decisions.jsonl").read_text(encoding="utf-8").splitlines()[1:]
    return {one["capture_id"]: one for one in map(json.loads, lines)}


def back(booth: Path, rows: list[str]) -> Path:
    path = booth / "returns.csv"
    path.write_text("\n".join(["capture_id,at,confirmed,order", *rows]) + "\n", encoding="utf-8")
    return path


def test_returns_bound_from_below_and_raise_the_lower_end_of_the_queue(booth: Path) -> None:
    policy, decided = booth / "inspection.yaml", decisions(booth)
    passed = [unit for unit, one in decided.items() if one["decision"] != "sideline"]
    aside = next(unit for unit in decided if unit not in passed)
    late = {unit: datetime.fromisoformat(decided[unit]["at"]) + timedelta(days=9) for unit in passed}
    rows = [f"{passed[0]},{late[passed[0]].isoformat()},true,1", f"{passed[1]},{late[passed[1]].isoformat()},,2"]
    rows += [f"{aside},2030-01-01,true,3", "elsewhere,2030-01-01,true,4"]
    path, until = back(booth, rows), "2031-01-01"

    alone = json.loads(ran("returns", policy, path, "--until", until, "--json").stdout)

    assert (alone["shipped"], alone["confirmed"], alone["unconfirmed"]) == (len(passed), 1, 1)
    assert alone["share_at_least"] == pytest.approx(1 / len(passed))
    assert alone["probability_at_least"] == pytest.approx(1 - 0.95 ** (1 / len(passed)))  # of one in n, by Clopper and Pearson
    assert (alone["unknown"], alone["put_aside"], alone["shipped_damaged"]) == (["elsewhere"], [aside], None)
    assert alone["alone"] == "nothing was drawn to be looked at"
    assert alone["delays"]["days"] == [9]

    ran("queue", "draw", policy, "--budget", "1000", "--seed", "s")
    for unit in decided:
        for by in ("anna", "ben"):  # some are looked at by two
            if Queue(booth).answer(by, unit, Answer(defect=unit == aside), now=NOW) is not None:
                break
    both = json.loads(ran("returns", policy, path, "--until", until, "--json").stdout)
    # Whoever looked found nothing in what passed, and one came back: the count wins.
    assert both["shipped_damaged"] == pytest.approx([1 / len(passed)] * 2)
    assert both["reported"] == pytest.approx([1, 1])
    assert "with the queue: between" in ran("returns", policy, path, "--until", until).stdout


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{unit},2031-02-01,true,1", "came back after 2031-01-01"),
        ("{unit},2001-01-01,true,1", "came back before it was photographed"),
        ("{unit},yesterday,true,1", "write a time as"),
        ("{unit},2030-01-01,perhaps,1", "write true or false"),
        (",2030-01-01,true,1", "names no unit"),
        ("{unit},2030-01-01", "2 fields, and the header has 4"),
        ('{unit},2030-01-01,"true"x,1', "expected after"),
    ],
)
def test_a_bad_table_of_returns_is_told_with_its_line(booth: Path, row: str, said: str) -> None:
    unit = next(unit for unit, one in decisions(booth).items() if one["decision"] == "pass")
    path = back(booth, ["other,2030-01-01,false,0", row.format(unit=unit)])

    with pytest.raises(UnreadableArtefact, match=said) as caught:
        ran("returns", booth / "inspection.yaml", path, "--until", "2031-01-01")

    assert caught.value.location is not None
    assert caught.value.location.line == 3


@pytest.mark.parametrize("content", [b"", b"capture_id,at\n", b"\x00\xff" * 9, b"\x80\x04pickle"])
def test_what_is_no_table_of_returns_is_refused_in_one_line(booth: Path, content: bytes) -> None:
    path = booth / "returns.csv"
    path.write_bytes(content)

    with pytest.raises(UnreadableArtefact, match="no table of returns") as caught:
        ran("returns", booth / "inspection.yaml", path)

    assert "\n" not in caught.value.message
    assert caught.value.help
