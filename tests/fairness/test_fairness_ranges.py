"""Ranges: what is said of a box is seldom wrong, and what is said can be counted again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probatum.cli.fairness_boxes import boxes_of, tell
from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts import read
from probatum.fairness.model.ranges import BROKEN, CERTIFIED, UNKNOWN, judge, ranges_of
from probatum.fairness.recheck import recheck
from probatum.fairness.rules import range_violated
from probatum.fairness.semantics.ranges import Counts, count_boxes
from probatum.fairness.semantics.relation import opened
from probatum.findings import Cleared, Finding, Undecided
from probatum.source import DATA, Data, Source
from probatum.tools import Tools

POLICY = """\
decision: {table: t.csv, label: truth, decision: said}
protected: {sex: sex}
require:
  - {id: everywhere, kind: ranges, features: [age, site], error_at_most: 0.15, gap_at_most: 0.2}
"""


def policy(text: str = POLICY):
    [found] = read(Source("fairness.yaml", text.encode()), {})
    return found


def people(folder: Path, n: int = 6000, seed: int = 0, *, worse: float = 0.3, more: str = "") -> Data:
    rng = np.random.default_rng(seed)
    lines = ["sex,age,site,truth,said" + (",who" if more else "")]
    for at in range(n):
        sex, age, site = rng.choice(["f", "m"]), rng.integers(18, 80), rng.choice(["north", "south", ""])
        truth = rng.integers(0, 2)
        said = truth ^ int(rng.random() < (0.05 + worse if age < 30 else 0.05))
        lines.append(f"{sex},{age},{site},{truth},{said}" + (f",{at // 3}" if more else ""))
    place = folder / "t.csv"
    place.write_text("\n".join(lines) + "\n")
    return Data("t.csv", b"", place=str(place))


def outcomes(data: Data, text: str = POLICY):
    own = policy(text)
    return own, list(range_violated.check(own, Tools(inputs={DATA + "t.csv": data})))


@pytest.mark.slow
def test_the_box_with_the_errors_is_found_and_the_others_are_certified(tmp_path: Path):
    data, own = people(tmp_path), policy()
    with opened(data) as relation:
        found = ranges_of(own, own.requirements[0], relation)
    broken = [box for box in found.boxes if box.verdict == BROKEN]
    assert broken
    assert all(side["below"] < 35 for box in broken for side in box.sides if side["feature"] == "age")
    assert any(box.verdict == CERTIFIED for box in found.boxes)
    assert sum(box.counts.rows for box in found.boxes) == found.rows
    assert found.rows + found.outside < 6000 * 0.55


@pytest.mark.slow
@pytest.mark.parametrize(("text", "kind"), [(POLICY, Finding), (POLICY.replace("0.15", "0.5").replace("0.2}", "0.4}"), Cleared)])
def test_evidence_is_confirmed_and_no_other_is(tmp_path: Path, text: str, kind: type):
    data = people(tmp_path)
    own, [one, *_] = outcomes(data, text)
    assert isinstance(one, kind)
    inputs = {DATA + "t.csv": data}
    assert recheck(own, one.evidence, inputs).status == "confirmed"
    counts = one.evidence.counts
    first = counts["boxes"][0]
    moved = {**first, "errors": [first["errors"][0] + 1, first["errors"][1]]}
    assert (
        recheck(own, replace(one.evidence, counts={**counts, "boxes": [moved, *counts["boxes"][1:]]}), inputs).status == "refuted"
    )
    assert recheck(own, replace(one.evidence, value=one.evidence.value + 0.01), inputs).status == "refuted"
    key = "rejected" if kind is Finding else "certified"
    loose = [{**one, "level": 0.05} for one in counts[key]]
    assert len(counts["boxes"]) > 1
    assert recheck(own, replace(one.evidence, counts={**counts, key: loose}), inputs).status == "refuted"
    ends = {"low": 0.45} if kind is Finding else {"high": 0.01}
    assert recheck(own, replace(one.evidence, **ends), inputs).status == "refuted"


def test_people_who_occur_often_count_once_in_a_box(tmp_path: Path):
    data = people(tmp_path, more="who")
    own = policy(POLICY.replace("said}", "said, unit: who}"))
    box = ({"feature": "age", "from": 18.0, "to": 80.0, "missing": False},)
    with opened(data) as relation:
        [counted], outside = count_boxes([box], own, own.requirements[0], relation)
    assert 900 < counted.rows < 1100
    assert outside == 0
    assert sum(n for _, n in counted.groups["sex"].values()) == counted.rows


def test_weights_and_features_that_are_not_there_are_refused(tmp_path: Path):
    data = people(tmp_path, 100)
    with pytest.raises(UnreadableArtefact, match="no column `agee`"):
        outcomes(data, POLICY.replace("[age,", "[agee,"))
    with pytest.raises(UnreadableArtefact, match="weights"):
        outcomes(data, POLICY.replace("said}", "said, weight: age}"))
    with pytest.raises(UnreadableArtefact, match="bounds nothing"):
        policy(POLICY.replace(", error_at_most: 0.15, gap_at_most: 0.2", ""))


def test_few_rows_decide_nothing(tmp_path: Path):
    _, [one] = outcomes(people(tmp_path, 60))
    assert isinstance(one, Undecided)


@pytest.mark.slow
def test_what_is_said_of_boxes_is_seldom_wrong():
    """Boxes whose error is at its bound: neither `violated` nor, just above it, `certified` in more than alpha of samples."""
    rng = np.random.default_rng(11)
    own = policy(POLICY.replace("gap_at_most: 0.2", "gap_at_most: 1"))
    required = replace(own.requirements[0], gap_at_most=None)
    boxes = [({"feature": "age", "in": [str(n)]},) for n in range(4)]
    broken = certified = 0
    trials = 200
    for _ in range(trials):
        counted = [Counts(200, int(rng.binomial(200, 0.15)), {}, {}) for _ in boxes]
        verdicts = {box.verdict for box in judge(own, required, (), boxes, counted, 0).boxes}
        broken += BROKEN in verdicts
        certified += CERTIFIED in verdicts
        assert verdicts <= {BROKEN, CERTIFIED, UNKNOWN}
    limit = 0.05 * trials + 3 * (0.05 * 0.95 * trials) ** 0.5
    assert broken <= limit
    assert certified <= limit
    assert broken + certified > 0


@pytest.mark.slow
def test_gaps_at_their_bound_are_seldom_said_to_be_beyond():
    rng = np.random.default_rng(12)
    own = policy()
    required = replace(own.requirements[0], error_at_most=None)
    boxes = [({"feature": "age", "in": [str(n)]},) for n in range(3)]
    trials, broken = 60, 0
    for _ in range(trials):
        counted = [
            Counts(
                0, 0, {"sex": {"f": (int(rng.binomial(150, 0.2)), 150), "m": (int(rng.binomial(150, 0.4)), 150)}}, {"sex": (0, 0)}
            )
            for _ in boxes
        ]
        broken += BROKEN in {box.verdict for box in judge(own, required, (), boxes, counted, 0).boxes}
    assert broken <= 0.05 * trials + 3 * (0.05 * 0.95 * trials) ** 0.5


def test_the_verb_shows_the_boxes(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "p.yaml").write_text(POLICY.replace("[age, site]", "[age]").replace(", gap_at_most: 0.2", ""))
    lines = ["sex,age,truth,said", *(f"f,{20 + 40 * (n % 2)},1,{n % 2}" for n in range(400))]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    [found] = boxes_of(tmp_path / "p.yaml")
    assert found["verdict"] == "violated"
    assert sorted(box["verdict"] for box in found["boxes"]) == ["certified", "violated"]
    tell(found)
    assert "`age` from 20 below 60: error" in capsys.readouterr().out


@pytest.mark.slow
def test_a_story_names_the_box_and_proves_how_far_twins_can_be_apart_in_it(tmp_path: Path):
    from probatum.fairness.artefacts.models import read_model
    from probatum.fairness.semantics.scoring import linked, raw_score
    from probatum.fairness.service.certified import boxes_with, proved_gap

    rng = np.random.default_rng(4)
    rows = [(at, int(rng.integers(0, 2)), int(rng.integers(18, 80)), int(rng.integers(0, 2))) for at in range(3000)]
    lines = [f"{at},{sex},{age},{truth},{truth ^ int(age < 30 and rng.random() < 0.5)}" for at, sex, age, truth in rows]
    place = tmp_path / "t.csv"
    place.write_text("\n".join(["id,sex,age,truth,said", *lines]) + "\n")
    own = policy(POLICY.replace("[age, site]", "[age]"))
    file = b'{"schema": "probatum-model/1", "kind": "linear", "features": ["age", "sex"], "weights": [0.05, 0.4],'
    model = read_model(Source("m.json", file + b' "intercept": -2, "link": "logistic"}'))

    with opened(Data("t.csv", b"", place=str(place))) as relation:
        young, old = (next(str(at) for at, _, age, _ in rows if test(age)) for test in (lambda a: a < 25, lambda a: a > 60))
        [box] = boxes_with(own, relation, "id = $wanted", {"wanted": young})
        [other] = boxes_with(own, relation, "id = $wanted", {"wanted": old})
        found = proved_gap(own, relation, model, "0" * 64, box["sides"])

    [side] = box["sides"]
    ages = range(int(side["from"]), int(side["below"]) + 1)
    scores = [[linked(model.link, raw_score(model, (float(age), sex))) for sex in (0.0, 1.0)] for age in ages]
    most = max(two - one for one, two in scores)
    assert (box["verdict"], other["verdict"]) == (BROKEN, CERTIFIED)
    assert most - 1e-9 <= found["upper"] <= most + 1e-4
