"""Models without an attribute: the mean of what they said, and a proof that nobody's score depends on it."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner
from random_models import FEATURES, random_question

from probatum.cli import program
from probatum.errors import UnsupportedConstruct, UsageError
from probatum.fairness.artefacts.models import read_model
from probatum.fairness.artefacts.models.model import Linear, Missing, Network, TreeSum, splits
from probatum.fairness.artefacts.models.own import written
from probatum.fairness.model.repairs.neutralised import neutralised
from probatum.fairness.semantics.scoring import MissingValue, raw_score
from probatum.source import Source

SHARES = {(0.0, 0.0): 3.0, (1.0, 2.0): 1.0, (2.5, 3.0): 4.0}


@pytest.mark.parametrize("seed", range(25))
def test_the_new_score_is_the_mean_of_the_old_ones(seed: int) -> None:
    model = random_question(seed).model
    assert isinstance(model, TreeSum)
    new = neutralised(model, ("c", "d"), SHARES)
    assert isinstance(new, TreeSum)
    assert not any(FEATURES[split.feature] in "cd" for tree in new.trees for split in splits(tree))
    for a, b in itertools.product((0.0, 1.5, 3.0, 5.0), (0.0, 2.0, 4.0)):
        olds = [raw_score(model, (a, b, *values)) for values in SHARES]
        mean = math.fsum(share * old for share, old in zip(SHARES.values(), olds, strict=True)) / 8
        assert raw_score(new, (a, b, 9.0, 1.0)) == pytest.approx(mean, abs=1e-9)


def test_a_linear_score_keeps_the_other_weights() -> None:
    model = Linear(features=("a", "sex"), weights=(2.0, 4.0), intercept=1.0)
    assert neutralised(model, ("sex",), {(0.0,): 3.0, (1.0,): 1.0}) == Linear(
        features=("a", "sex"), weights=(2.0, 0.0), intercept=2.0, source="neutralised"
    )


@pytest.mark.parametrize("seed", range(25))
def test_what_is_written_is_read_again(seed: int) -> None:
    model = random_question(seed).model
    assert isinstance(model, TreeSum)
    new = neutralised(model, ("c",), {(0.0,): 1.0, (1.0,): 1.0})
    assert isinstance(new, TreeSum)
    if any(split.missing is Missing.ZERO_IS_MISSING for tree in new.trees for split in splits(tree)):
        with pytest.raises(UnsupportedConstruct):
            written(new)
        return
    again = read_model(Source("m.json", json.dumps(written(new)).encode()))
    for row in itertools.product((0.0, 2.5, math.nan), (0.0, 3.0), (0.0,), (1.0, 3.0)):
        try:
            expected = raw_score(new, row)
        except MissingValue:
            with pytest.raises(MissingValue):
                raw_score(again, row)
            continue
        assert raw_score(again, row) == expected


def test_a_network_is_refused() -> None:
    with pytest.raises(UnsupportedConstruct, match="network"):
        neutralised(Network(features=("a",), layers=((((1.0,),), (0.0,)),)), ("a",), {(0.0,): 1.0})


def _organisation(folder: Path) -> None:
    trees = [
        [
            {"feature": 0, "at_most": 37.5, "left": 1, "right": 2},
            -1,
            {"feature": 1, "at_most": 0.5, "left": 3, "right": 4},
            2,
            0.5,
        ]
    ]
    model = {"schema": "probatum-model/1", "kind": "trees", "features": ["age", "sex"], "link": "logistic", "trees": trees}
    (folder / "model.json").write_text(json.dumps(model))
    rows = "".join(f"{20 + n % 50},{n % 2},{n % 3 > 0:d}\n" for n in range(300))
    (folder / "loans.csv").write_text("age,sex,approved\n" + rows)
    (folder / "fairness.yaml").write_text(
        "decision: {table: loans.csv, decision: approved, score: age, threshold: 0.75}\n".replace("decision: approved, ", "")
        + "protected: {sex: sex}\nrequire:\n- {id: twins, kind: individual, model: model.json, vary: sex, at_most: 0.01}\n"
    )


def test_the_command_writes_a_model_with_its_proof_and_price(tmp_path: Path) -> None:
    _organisation(tmp_path)
    arguments = [
        "fairness",
        "neutralise",
        str(tmp_path / "fairness.yaml"),
        "--to",
        str(tmp_path / "fair.json"),
        "--format",
        "json",
    ]
    result = CliRunner().invoke(program, arguments, standalone_mode=False)
    told = json.loads(result.output)
    assert (told["proved"], told["recheck"]) == (True, "confirmed")
    losing = {group["group"]: group["lost"][0] for group in told["groups"]}
    # Of old people, men (0) had 2 and women .5: all have 1.25 now, and .75 on the scale of probabilities is 1.0986.
    assert losing == {"sex 0": 0.0, "sex 1": 0.0}
    assert {group["group"]: group["gained"][0] > 0 for group in told["groups"]} == {"sex 0": False, "sex 1": True}


def test_a_model_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    _organisation(tmp_path / "in")
    arguments = ["fairness", "neutralise", str(tmp_path / "in" / "fairness.yaml"), "--to", str(tmp_path / "fair.json")]
    with pytest.raises(UsageError, match="is not beside"):
        CliRunner().invoke(program, arguments, standalone_mode=False, catch_exceptions=False)
